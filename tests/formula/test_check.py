"""The check of formulas: what each is typed as, and the whole message of each mistake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpicli.errors import KpiError, Source
from kpicli.formula import typed
from kpicli.formula.check import Checker, LookupSchema, Schema, TableSchema
from kpicli.formula.typed import Field, Literal, Measure, RowOperation, Type

GOLDEN = Path(__file__).parent / "goldens" / "check.txt"


def sources(**formulas: str) -> dict[str, Source]:
    return {name: Source.named(text, f"<{name}>") for name, text in formulas.items()}


def schema(**kpis: str) -> Schema:
    """A small sales company: opportunities of accounts and reps, activities of opportunities, quotas."""
    text, number, date, boolean = Type.TEXT, Type.NUMBER, Type.DATE, Type.BOOLEAN
    opportunities = TableSchema(
        "opportunities",
        {
            "id": text,
            "amount": number,
            "stage": text,
            "owner": text,
            "close_date": date,
            "created": date,
            "hot": boolean,
        },
        sources(
            won="stage = 'Won'",
            closed="won or stage = 'Lost'",
            closed_on="case when closed then close_date end",
            age="today - created",
            touches="count(activities where done)",
            first="a_cycle + 1",
            a_cycle="first - 1",
        ),
        {"account": LookupSchema("accounts", ("id",)), "rep": LookupSchema("users", ("owner",))},
        date="close_date",
        lifespan=("created", "closed_on"),
    )
    activities = TableSchema(
        "activities",
        {"id": text, "opportunity_id": text, "other_id": text, "date": date, "done": boolean, "minutes": number},
        lookups={
            "opportunity": LookupSchema("opportunities", ("opportunity_id",)),
            "other": LookupSchema("opportunities", ("other_id",)),
        },
        date="date",
    )
    calls = TableSchema(
        "calls", {"id": text, "account_id": text}, lookups={"account": LookupSchema("accounts", ("account_id",))}
    )
    accounts = TableSchema("accounts", {"id": text, "industry": text}, sources(size="count(calls)"))
    users = TableSchema(
        "users", {"id": text, "name": text, "boss": text}, lookups={"manager": LookupSchema("users", ("boss",))}
    )
    quotas = TableSchema("quotas", {"owner": text, "month": date, "amount": number}, date="month", covers=True)
    tables = {t.name: t for t in (opportunities, activities, calls, accounts, users, quotas)}
    known = sources(won_revenue="sum(opportunities.amount where won)", best="top(owner by won_revenue)", **kpis)
    return Schema(tables, {"market_size": Decimal(12_000)}, known, frozenset({"owner", "source"}))


def row(text: str, table: str = "opportunities") -> typed.Row:
    return Checker(schema()).row(table, Source.named(text))


def figure(text: str) -> typed.Figure:
    return Checker(schema()).figure(Source.named(text))


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("stage", Type.TEXT),
        ("amount * 2 + 1", Type.NUMBER),
        ("-amount", Type.NUMBER),
        ("close_date - created", Type.NUMBER),
        ("close_date + 30", Type.DATE),
        ("30 + close_date", Type.DATE),
        ("close_date - 30", Type.DATE),
        ("today", Type.DATE),
        ("date '2026-01-31'", Type.DATE),
        ("won and not closed", Type.BOOLEAN),
        ("amount between 1 and 2", Type.BOOLEAN),
        ("stage in ('a', null)", Type.BOOLEAN),
        ("stage is null", Type.BOOLEAN),
        ("stage ilike 'a%'", Type.BOOLEAN),
        ("case when hot then 1 else null end", Type.NUMBER),
        ("if(hot, stage, 'cold')", Type.TEXT),
        ("coalesce(null, close_date)", Type.DATE),
        ("account.industry", Type.TEXT),
        ("rep.manager.name", Type.TEXT),
        ("touches", Type.NUMBER),
        ("max(activities.date via opportunity)", Type.DATE),
        ("start_of(close_date, month)", Type.DATE),
        ("start_of(close_date, Month)", Type.DATE),
        ("weekday(close_date)", Type.TEXT),
        ("length(stage) + year(close_date)", Type.NUMBER),
        ("concat(stage, ' ', amount, close_date, hot)", Type.TEXT),
        ("date", Type.DATE),
    ],
)
def test_a_row_formula_has_the_type_of_its_values(formula: str, kind: Type) -> None:
    if formula == "touches":
        with pytest.raises(KpiError, match="several lookups"):
            row(formula)
        formula = "count(activities via other)"
    assert row(formula).type is kind


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("count(opportunities where won) / count(opportunities where closed)", Type.NUMBER),
        ("best", Type.TEXT),
        ("won_revenue / market_size * 100", Type.NUMBER),
        ("count(activities) per workday", Type.NUMBER),
        ("growth(won_revenue, 1 year)", Type.NUMBER),
        ("to_date(trailing(won_revenue, 90 days), year)", Type.NUMBER),
        ("whole(won_revenue) - rest(won_revenue)", Type.NUMBER),
        ("share(won_revenue) * workdays / days()", Type.NUMBER),
        ("SHARE(won_revenue) * WorkDays / DAYS()", Type.NUMBER),
        ("to_date(won_revenue, YEAR)", Type.NUMBER),
        ("won_revenue / target(won_revenue)", Type.NUMBER),
        ("today - max(activities.date)", Type.NUMBER),
        ("today - max(activities.date) - 5 + 1", Type.NUMBER),
        ("today + 3 - min(activities.date) - 1", Type.NUMBER),
        ("percentile(opportunities.amount where hot on created, 90)", Type.NUMBER),
        ("percentile(won_revenue by owner, 25)", Type.NUMBER),
        ("if(best = 'Jane', 1, 0)", Type.NUMBER),
        ("count_distinct(opportunities.rep.manager.name)", Type.NUMBER),
        ("sum(opportunities.amount at end)", Type.NUMBER),
        ("round(won_revenue, -3)", Type.NUMBER),
        ("max(opportunities.stage)", Type.TEXT),
    ],
)
def test_a_kpi_formula_has_the_type_of_its_figure(formula: str, kind: Type) -> None:
    assert figure(formula).type is kind


def test_a_chain_of_one_operator_is_one_operation_of_many_arguments() -> None:
    fields = tuple(Field((name,), Type.NUMBER) for name in ("amount", "amount", "amount"))
    assert row("amount + amount + amount") == RowOperation("+", fields, Type.NUMBER)


def test_a_chain_as_long_as_a_formula_may_be_is_typed() -> None:
    assert len(typed.parts(figure("+".join(["days"] * 790)))) == 790


def test_a_chain_of_changing_operators_has_a_limit_with_a_fix() -> None:
    assert figure("1" + "+2-3" * 90).type is Type.NUMBER
    with pytest.raises(KpiError) as caught:
        figure("1" + "+2-3" * 400)
    assert (caught.value.code, caught.value.help) == (
        "too-deep",
        "give a part of it a name of its own, as a field or a KPI",
    )


def test_two_aggregates_that_mean_the_same_are_equal() -> None:
    assert figure("COUNT( opportunities where  won )") == figure("count(opportunities where won)")


def test_an_aggregate_reads_the_tables_date_unless_told_otherwise() -> None:
    default, other = figure("count(opportunities)"), figure("count(opportunities on created)")
    assert isinstance(default, Measure)
    assert isinstance(other, Measure)
    assert default.on == Field(("close_date",), Type.DATE)
    assert other.on == Field(("created",), Type.DATE)


def test_date_is_the_tables_date_whatever_its_column_is_called() -> None:
    assert row("date") == Field(("close_date",), Type.DATE)


def test_an_aggregate_at_a_day_that_reads_today_through_a_field_knows_it() -> None:
    old, plain = figure("count(opportunities where age > 30 at end)"), figure("count(opportunities where hot at end)")
    assert isinstance(old, Measure)
    assert isinstance(plain, Measure)
    assert (old.reads_today, plain.reads_today) == (True, False)


def test_a_constant_is_its_number() -> None:
    assert figure("market_size") == Literal(Decimal(12_000), Type.NUMBER)


ROW_MISTAKES = [
    "stag = 'Won'",
    "stage = 3",
    "stage = won",
    "close_date > '2026-01-01'",
    "amount + stage",
    "stage + stage",
    "close_date + close_date",
    "close_date * 2",
    "close_date + stage",
    "amount and hot",
    "not stage",
    "hot > hot",
    "-stage",
    "amount like 'a%'",
    "case when amount then 1 end",
    "case when hot then 1 else 'x' end",
    "stage in ('a', 1)",
    "account",
    "acount.industry",
    "accounts.industry",
    "opportunities.amount",
    "account.sector",
    "market_size + 1",
    "count(activities)",
    "count(activities via opportunities)",
    "count(users)",
    "count(amount)",
    "count(nothing)",
    "sum(activities.done via other)",
    "count(activities via other where count(calls) > 1)",
    "count(activities via other on date)",
    "count(activities via other at end)",
    "avg(won by owner)",
    "top(owner by won)",
    "(amount per month)",
    "prior(amount)",
    "lenght(stage)",
    "length(amount)",
    "length()",
    "round(amount, 1, 2)",
    "round(amount, amount)",
    "round(amount, 1.5)",
    "start_of(close_date, 3)",
    "start_of(close_date, weeks)",
    "start_of(close_date, workday)",
    "if(stage, 1, 2)",
    "if(hot, 1, 'x')",
    "greatest(hot, won)",
    "coalesce(1, 'x')",
    "stage = Won",
    "stage not in ('Won', Lost)",
    "stage = ownr",
    "isblank(stage)",
    "first",
    "touches",
]

FIGURE_MISTAKES = [
    "opportunities",
    "opportunities.amount",
    "amount",
    "hot",
    "nothing",
    "won_revenu",
    "nothing.at_all",
    "sum(opportunities)",
    "sum(amount)",
    "count(won_revenue)",
    "max(won_revenue, 0)",
    "sum(opportunity.amount)",
    "sum(opportunities.stage)",
    "sum(opportunities.hot)",
    "avg(opportunities.close_date)",
    "max(opportunities.hot)",
    "sum(opportunities.amuont)",
    "percentile(opportunities.amount)",
    "percentile(opportunities.amount, 101)",
    "sum(opportunities.amount, 5)",
    "count(opportunities where stage)",
    "count(opportunities where count(activities) > 1)",
    "count(opportunities on stage)",
    "count(opportunities on closing)",
    "count(activities at end)",
    "count(activities via opportunity)",
    "avg(won_revenue by region)",
    "avg(best by owner)",
    "percentile(won_revenue by owner)",
    "percentile(won_revenue by owner, 200)",
    "avg(won_revenue by owner, 5)",
    "top(owner by best)",
    "lower('x')",
    "prior()",
    "prior(won_revenue, 3)",
    "prior(won_revenue, month)",
    "prior(won_revenue, 0 days)",
    "trailing(won_revenue)",
    "to_date(won_revenue, day)",
    "to_date(won_revenue, 3 days)",
    "target(nothing)",
    "target(won_revenue + 1)",
    "share(best)",
    "best + 1",
    "today + max(activities.date)",
    "1 - today",
    "best per month",
    "won_revenue > 3",
    "today",
    "null",
    "best = 3",
    "growht(won_revenue)",
    "average(opportunities.amount)",
    "mean(opportunities.amount)",
    "ifnull(won_revenue, 0)",
    "won",
    "opportunities.won",
    "opportunities.amuont",
    "touches",
    "count(won)",
    "percentile(amount where won, 90)",
    "sum(opportunities.amount by owner)",
    "percentile(amount by owner, 90)",
    "count(opportunities by owner)",
    "avg(opportunities.hot by owner)",
    "top(won_revenue by owner)",
]


def drawn(check: str, formula: str) -> str:
    with pytest.raises(KpiError) as caught:
        row(formula) if check == "row" else figure(formula)
    return f"### {check}: {formula}\n{caught.value}\n"


def all_messages() -> str:
    rows = [drawn("row", formula) for formula in ROW_MISTAKES]
    figures = [drawn("kpi", formula) for formula in FIGURE_MISTAKES]
    return "\n".join([*rows, *figures])


def test_every_mistake_has_its_message_with_place_and_fix() -> None:
    """`python -m tests.formula.test_check` rewrites the golden; read the difference."""
    assert all_messages() == GOLDEN.read_text(encoding="utf-8")


def test_every_mistake_says_what_to_do() -> None:
    messages = GOLDEN.read_text(encoding="utf-8").split("### ")[1:]
    assert [message for message in messages if "\nhelp: " not in message] == []


def test_a_kpi_that_needs_itself_prints_the_trail() -> None:
    checker = Checker(schema(a="b + 1", b="c", c="a * 2"))
    with pytest.raises(KpiError) as caught:
        checker.kpi("a")
    assert caught.value.message == "'a' needs itself: a → b → c → a"


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(all_messages(), encoding="utf-8")
