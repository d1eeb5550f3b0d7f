"""Each test pins a way to get a wrong number without an error."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.desk import BOOK, DEALS, Desk, opened

import kpicli
from kpicli.errors import KpiError
from kpicli.render.remarks import absences

Q1 = {"period": "2026-Q1", "as_of": "2026-03-31"}


def test_a_ratio_is_the_ratio_of_sums_never_the_mean_of_ratios(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book(
        {
            "pooled": "count(deals where won) / count(deals where closed)",
            "mean_of_means": "avg(count(deals where won) / count(deals where closed) by owner)",
        }
    )
    assert desk.values(**Q1) == {"pooled": Decimal("0.75"), "mean_of_means": Decimal("0.75")}
    desk.write("deals.csv", DEALS + "6,ann,Lost,1,2026-01-01,2026-01-02\n")
    # ann 1 of 3, bob 1 of 1, nobody 1 of 1: pooled 3 of 5; the mean over the members ann and bob is 2/3.
    values = desk.values(**Q1)
    assert values["pooled"] == 0.6
    assert values["mean_of_means"] == pytest.approx(2 / 3)


def test_a_zero_denominator_is_no_value_with_a_reason_and_never_zero_or_infinite(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"rate": "count(deals where won) / count(deals where closed)", "one": "1 / 0", "sum": "rate + 1"})
    lines = desk.lines(period="2025-01", as_of="2026-03-31")
    assert [(line["value"], line["reason"]) for line in lines.values()] == [
        (None, "no closed deals"),
        (None, "division by 0"),
        (None, "no closed deals"),
    ]
    assert {line["status"] for line in lines.values()} == {"no_data"}


def test_a_sum_of_nothing_is_zero_and_a_mean_of_nothing_is_no_value(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    functions = ("sum", "avg", "median", "min", "max")
    desk.book({name: f"{name}(deals.amount)" for name in functions} | {"count": "count(deals)"})
    values = desk.values(period="2025-01", as_of="2026-03-31")
    assert values == {"sum": 0, "avg": None, "median": None, "min": None, "max": None, "count": 0}


def test_a_missing_figure_is_zero_only_where_the_formula_says_so(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"said": "coalesce(avg(deals.amount), 0) + 1", "unsaid": "avg(deals.amount) + 1"})
    assert desk.values(period="2025-01", as_of="2026-03-31") == {"said": 1, "unsaid": None}


def test_not_in_a_list_with_null_is_null_and_not_true(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book(
        {"odd": "count(deals where stage not in ('Won', null))", "plain": "count(deals where stage not in ('Won'))"}
    )
    assert desk.values(**Q1) == {"odd": 0, "plain": 2}


def test_a_condition_that_is_null_does_not_count_a_row(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book(
        {
            "not_ann": "count(deals where owner != 'ann')",
            "or_blank": "count(deals where owner != 'ann' or owner is null)",
        }
    )
    assert desk.values(**Q1) == {"not_ann": 2, "or_blank": 3}


def test_the_period_before_march_is_all_of_february_and_no_day_is_dropped(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"})
    line = desk.lines(period="2026-03", as_of="2026-03-31")["deals"]
    assert (line["value"], line["prior"], line["change"]) == (1, 3, -2)


def test_a_running_period_is_compared_with_as_many_days_of_the_one_before(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"})
    line = desk.lines(period="2026-03", as_of="2026-03-15")["deals"]
    # 1 to 15 February, not all of it: the deal of the 28th doesn't count.
    assert (line["value"], line["prior"]) == (1, 2)


def test_a_change_of_nothing_is_zero_and_not_absent(tmp_path: Path) -> None:
    desk = opened(
        tmp_path,
        "id,owner,stage,amount,created,close_date\n1,a,Won,1,2026-01-01,2026-01-05\n2,a,Won,1,2026-01-01,2026-02-05\n",
    )
    desk.book({"deals": "count(deals)"})
    line = desk.lines(period="2026-02", as_of="2026-02-28")["deals"]
    assert (line["change"], line["prior"]) == (0, 1)


def test_a_member_without_a_prior_is_new_and_not_unchanged(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"})
    groups = desk.lines(period="2026-02", as_of="2026-02-28", by="owner")["deals"]["groups"]
    assert [(g["label"], g["value"], g["prior"], g["change"]) for g in groups] == [
        ("ann", 1, 1, 0),
        ("bob", 1, None, None),
        ("(none)", 1, None, None),
    ]


def test_a_deal_closed_before_it_was_created_is_never_open(tmp_path: Path) -> None:
    """Counting openings less closings alone would give -1 between the two dates."""
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n1,a,Won,1,2026-02-10,2026-01-05\n")
    desk.book({"open": "count(deals at end)", "at_start": "count(deals at start)"})
    days = ["2026-01-04", "2026-01-20", "2026-02-10", "2026-02-20"]
    assert [desk.values(period=day, as_of=day) for day in days] == [{"open": 0, "at_start": 0}] * 4


def test_the_open_pipeline_is_replayed_to_the_day(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"open": "sum(deals.amount at end)", "opening": "sum(deals.amount at start)"})
    # On 31 January: 2 (50, lost in February) and 3 (200, won in February); on 28 February: 4 (400).
    assert desk.values(period="2026-02", as_of="2026-03-31") == {"open": 400, "opening": 250}


def test_an_aggregate_at_a_day_that_reads_today_has_no_prior_and_no_trend(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    base = BOOK.replace("      cycle:", "      age: today - created\n      cycle:")
    scorecard = "scorecards:\n  monthly: {kpis: [old], period: 2026-02, trend: 3}\n"
    desk.book({"old": "count(deals where age > 10 at end)"}, base=base, extra=scorecard)
    line = desk.lines(scorecard="monthly", as_of="2026-02-20")["old"]
    assert line["value"] == 2
    assert line["prior"] is None
    assert [point["value"] for point in line["trend"]] == [None, None, 2]


AGED = BOOK.replace("      cycle:", "      age: today - created\n      band: if(age > 10, 'old', 'new')\n      cycle:")
AGED = AGED.replace("dimensions:\n", "dimensions:\n  band: band\n")
TREND = "scorecards:\n  monthly: {kpis: [old], period: 2026-02, trend: 3}\n"


@pytest.mark.parametrize("name", ["sum", "count"])
def test_a_sum_over_members_of_what_nobody_knows_is_unknown_and_not_zero(tmp_path: Path, name: str) -> None:
    desk = opened(tmp_path)
    desk.book({"old": f"{name}(count(deals where age > 10 at end) by owner)"}, base=AGED, extra=TREND)
    line = desk.lines(scorecard="monthly", as_of="2026-02-20")["old"]
    assert (line["value"], line["prior"], line["change"]) == (1, None, None)
    assert [point["value"] for point in line["trend"]] == [None, None, 1]
    desk.book(
        {
            "open": f"{name}(count(deals at end) by owner)",
            "before": f"{name}(prior(count(deals), 3 days) by owner)",
            "means": f"{name}(avg(deals.amount where stage = 'Nowhere') by owner)",
        }
    )
    lines = desk.lines(period="next month", as_of="2026-02-28")
    assert {key: (line["value"], line["reason"]) for key, line in lines.items()} == {
        "open": (None, "the period has not begun"),
        "before": (None, "a month can't be shifted by 3 days: that is no whole number of months"),
        "means": (0, None),
    }


def test_a_sum_over_members_whose_table_has_no_member_is_unknown_and_not_zero(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.write("calls.csv", "id\n1\n")
    base = BOOK.replace("tables:\n", "tables:\n  calls: {source: calls.csv, key: id, columns: {id: id}}\n", 1)
    base = base.replace("dimensions:\n  owner: owner\n", "dimensions:\n  owner: {field: {deals: owner}}\n")
    desk.book({"both": "sum(count(deals) + count(calls) by owner)"}, base=base)
    line = desk.lines(**Q1)["both"]
    assert (line["value"], line["reason"]) == (None, "calls has no owner")


@pytest.mark.parametrize(
    "asked",
    [{"formula": "count(deals at end)", "only": {"band": "old"}}, {"formula": "max(count(deals at end) by band)"}],
)
def test_members_that_change_with_the_as_of_day_have_no_figure_at_an_earlier_day(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    """On 31 January, deals were not yet as old as they are on 20 February."""
    desk = opened(tmp_path)
    desk.book({"old": asked.pop("formula")}, base=AGED, extra=TREND)
    line = desk.lines(scorecard="monthly", as_of="2026-02-20", **asked)["old"]
    assert line["value"] == 2
    assert line["prior"] is None
    assert [point["value"] for point in line["trend"]] == [None, None, 2]


def test_a_group_of_members_that_change_with_the_as_of_day_has_no_prior(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"open": "count(deals at end)", "closing": "count(deals)"}, base=AGED)
    lines = desk.lines(period="2026-02", as_of="2026-02-20", by="band")
    assert [(group["member"], group["value"], group["prior"]) for group in lines["open"]["groups"]] == [
        ("old", 2, None)
    ]
    assert lines["open"]["prior"] == 2


def test_a_parent_without_children_counts_none_and_one_with_many_counts_once(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.write("calls.csv", "id,deal,day\n1,1,2026-01-06\n2,1,2026-01-07\n3,1,2026-01-08\n4,9,2026-01-09\n")
    base = BOOK.replace("      cycle:", "      calls: count(calls)\n      cycle:").replace(
        "dimensions:",
        "  calls:\n    source: calls.csv\n    key: id\n    date: day\n"
        "    columns: {id: id, deal: deal, day: {header: day, type: date}}\n"
        "    lookups: {deal_of: {table: deals, column: deal}}\ndimensions:",
    )
    desk.book(
        {
            "without": "count(deals where calls = 0)",
            "calls": "sum(deals.calls)",
            "amount": "sum(deals.amount where calls > 0)",
            "won_calls": "count(calls where deal_of.won)",
        },
        base=base,
    )
    assert desk.values(**Q1) == {"without": 4, "calls": 3, "amount": 100, "won_calls": 3}
    notes = {table["table"]: table["notes"] for table in desk.report(**Q1)["data"]}
    assert notes["calls"] == [
        {"code": "missing-parent", "column": "deal", "rows": 1, "examples": [{"row": 5, "value": "9"}]}
    ]


def test_each_table_that_one_column_leads_to_has_its_own_note(tmp_path: Path) -> None:
    """One note for the column would tell of the one row that has no seller, and not of the two without a quota."""
    desk = opened(tmp_path)
    desk.write("sellers.csv", "id,team\nann,East\n")
    desk.write("ranks.csv", "id,rank\n")
    base = BOOK.replace(
        "dimensions:",
        "    lookups: {rep: {table: sellers, column: owner}, rank: {table: ranks, column: owner}}\n"
        "  sellers: {source: sellers.csv, key: id, columns: {id: id, team: team}}\n"
        "  ranks: {source: ranks.csv, key: id, columns: {id: id, rank: rank}}\ndimensions:",
    )
    desk.book(
        {"east": "count(deals where rep.team = 'East')", "first": "count(deals where rank.rank = '1')"}, base=base
    )
    notes = {table["table"]: table["notes"] for table in desk.report(**Q1)["data"]}["deals"]
    owners = [row.split(",")[1] for row in DEALS.splitlines()[1:]]
    misses = [(each["parent"], each["rows"]) for each in notes if each["code"] == "missing-parent"]
    assert misses == [
        ("ranks", sum(owner != "" for owner in owners)),
        ("sellers", sum(owner not in {"", "ann"} for owner in owners)),
    ]
    with pytest.raises(KpiError, match=r"deals\.owner: \d+ rows? without a row of ranks"):
        desk.report(strict=True, **Q1)


@pytest.mark.parametrize("key", ["id", "{header: id, type: number}"])
def test_a_key_that_stands_twice_is_an_error_and_not_a_second_deal(tmp_path: Path, key: str) -> None:
    desk = opened(tmp_path, DEALS + "1,ann,Won,100,2026-01-05,2026-01-20\n")
    desk.book({"won": "count(deals where won)"}, base=BOOK.replace("id: id\n", f"id: {key}\n"))
    with pytest.raises(KpiError) as caught:
        desk.values(**Q1)
    assert str(caught.value) == (
        "error[duplicate-key]: deals: the key id isn't unique: 1 (rows 2, 7)\n"
        "help: if these are versions of one row write `keep: latest by` and a date column; otherwise mend the key"
    )


def test_a_row_without_a_date_is_in_no_period_and_is_noted(tmp_path: Path) -> None:
    desk = opened(tmp_path, DEALS + "6,ann,Won,1000,2026-01-05,\n7,ann,Open,1,2026-01-05,\n")
    desk.book({"won": "sum(deals.amount where won)"})
    result = desk.report(**Q1)
    assert result["kpis"][0]["value"] == 330
    assert result["data"][0]["notes"] == [
        {"code": "no-date", "column": "close_date", "rows": 1, "examples": [{"row": 7, "value": None}]}
    ]


def test_a_sum_too_large_to_be_exact_is_an_error(tmp_path: Path) -> None:
    rows = "".join(f"{i},a,Won,{'9' * 16},2026-01-01,2026-01-02\n" for i in range(3))
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n" + rows)
    base = BOOK.replace("      cycle:", "      square: amount * amount\n      cycle:")
    desk.book({"won": "sum(deals.square)"}, base=base)
    with pytest.raises(KpiError) as caught:
        desk.values(**Q1)
    assert caught.value.code == "overflow"


def test_a_sum_of_cents_is_exact(tmp_path: Path) -> None:
    rows = "".join(f"{i},a,Won,0.10,2026-01-01,2026-01-02\n" for i in range(1000))
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n" + rows)
    desk.book({"won": "sum(deals.amount)", "mean": "avg(deals.amount)"})
    assert desk.values(**Q1) == {"won": 100, "mean": 0.1}


def test_what_is_put_into_a_text_of_the_formula_is_each_rows_own(tmp_path: Path) -> None:
    """Polars would put the first row's into all of them."""
    desk = opened(tmp_path)
    written = "replace('the deal of NAME', 'NAME', owner)"
    desk.book(
        {
            "own": f"count(deals where {written} = concat('the deal of ', owner))",
            "of_nobody": f"count(deals where {written} is null)",
        }
    )
    assert desk.values(**Q1) == {"own": 4, "of_nobody": 1}


def test_a_quotient_of_a_row_is_not_cut_to_the_places_of_money(tmp_path: Path) -> None:
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n1,a,Won,100,2026-01-01,2026-01-04\n")
    base = BOOK.replace("      cycle:", "      back: amount / cycle * cycle\n      daily: amount / cycle\n      cycle:")
    desk.book({"back": "sum(deals.back)", "daily": "sum(deals.daily)"}, base=base)
    assert desk.values(**Q1) == {"back": 100, "daily": Decimal("33.333333")}


QUOTAS = """\
rep,month,quota
ann,2026-01-01,310
ann,2026-02-01,280
bob,2026-01-01,62
"""

QUOTA_TABLE = """\
  quotas:
    source: quotas.csv
    key: [owner, month]
    date: month
    covers: month
    columns: {owner: rep, month: {header: month, type: date}, amount: {header: quota, type: money}}
dimensions:"""


def quota_desk(folder: Path) -> Desk:
    desk = opened(folder)
    desk.write("quotas.csv", QUOTAS)
    desk.book(
        {
            "won": "formula: sum(deals.amount where won)\nunit: money\ntarget: sum(quotas.amount)",
            "quota": "sum(quotas.amount)",
            "rows": "count(quotas)",
        },
        base=BOOK.replace("dimensions:", QUOTA_TABLE),
    )
    return desk


def test_a_quota_is_spread_over_the_days_of_its_month(tmp_path: Path) -> None:
    desk = quota_desk(tmp_path)
    assert desk.values(period="2026-01-01..2026-01-10", as_of="2026-03-31")["quota"] == 120
    assert desk.values(period="2026-01-22..2026-02-14", as_of="2026-03-31")["quota"] == 120 + 140
    assert desk.values(period="2026-01-22..2026-02-14", as_of="2026-03-31")["rows"] == 3


def test_a_running_month_has_the_whole_months_target(tmp_path: Path) -> None:
    line = quota_desk(tmp_path).lines(period="2026-01", as_of="2026-01-10")["won"]
    assert (line["target"], line["value"]) == (372, 0)
    assert line["expected"] == pytest.approx(372 * 7 / 22)


def test_a_month_for_which_no_quota_was_exported_has_no_target(tmp_path: Path) -> None:
    """A sum of no rows is 0, and a target of 0 would be met by anything."""
    line = quota_desk(tmp_path).lines(period="2026-03", as_of="2026-03-31")["won"]
    assert (line["target"], line["status"]) == (None, "no_target")


def test_a_member_without_a_quota_has_no_target_and_is_not_on_track(tmp_path: Path) -> None:
    desk = quota_desk(tmp_path)
    groups = desk.lines(period="2026-02", as_of="2026-02-28", by="owner")["won"]["groups"]
    assert [(g["label"], g["value"], g["target"], g["status"]) for g in groups] == [
        ("ann", 0, 280, "behind"),
        ("bob", 200, None, "no_target"),
        ("(none)", 30, None, "no_target"),
    ]


def test_a_blank_quota_is_no_quota_and_not_one_of_0(tmp_path: Path) -> None:
    """A file in which some have another kind of quota, or none this month, has rows for them with nothing in it."""
    desk = quota_desk(tmp_path)
    desk.write("quotas.csv", QUOTAS + "bob,2026-02-01,\n")
    line = desk.lines(period="2026-02", as_of="2026-02-28", by="owner")["won"]
    assert [(g["label"], g["target"], g["status"]) for g in line["groups"]] == [
        ("ann", 280, "behind"),
        ("bob", None, "no_target"),
        ("(none)", None, "no_target"),
    ]
    assert line["target"] == 280
    assert desk.lines(period="2026-02", as_of="2026-02-28", only={"owner": ["bob"]})["won"]["target"] is None


def test_a_quota_of_0_is_one(tmp_path: Path) -> None:
    desk = quota_desk(tmp_path)
    desk.write("quotas.csv", QUOTAS + "bob,2026-02-01,0\n")
    groups = desk.lines(period="2026-02", as_of="2026-02-28", by="owner")["won"]["groups"]
    assert [(g["label"], g["target"], g["status"]) for g in groups][1] == ("bob", 0, "on_track")


def test_a_companys_target_is_never_split_in_silence(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "formula: count(deals)\ntarget: 10 per month"})
    line = desk.lines(period="2026-02", as_of="2026-02-28", by="owner")["deals"]
    assert line["target"] == 10
    assert {(group["target"], group["status"]) for group in line["groups"]} == {(None, "no_target")}
    only = desk.lines(period="2026-02", as_of="2026-02-28", only={"owner": "ann"})["deals"]
    assert (only["value"], only["target"], only["status"]) == (1, None, "no_target")


def test_the_headline_counts_the_rows_that_belong_to_nobody(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"won": "sum(deals.amount where won)"})
    line = desk.lines(**Q1, by="owner")["won"]
    assert line["value"] == 330
    assert [(g["member"], g["value"]) for g in line["groups"]] == [("ann", 100), ("bob", 200), (None, 30)]


def test_a_group_is_what_only_its_member_would_give(tmp_path: Path) -> None:
    """A reducer by the dimension of the group has no member where its own aggregates have no row."""
    desk = opened(tmp_path)
    desk.book({"odd": "avg(count(deals where stage = 'Lost') by owner) + 0 * count(deals)"})
    groups = desk.lines(**Q1, by="owner")["odd"]["groups"]
    assert [(group["member"], group["value"], group["reason"]) for group in groups] == [
        ("ann", 1.0, None),
        ("bob", None, "no owner has a value"),
        (None, None, "no owner has a value"),
    ]
    only = desk.lines(**Q1, only={"owner": "bob"})["odd"]
    assert (only["value"], only["reason"]) == (None, "no owner has a value")


def test_only_narrows_the_rows_before_anything_is_computed(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book(
        {"rate": "count(deals where won) / count(deals where closed)", "share": "share(sum(deals.amount where won))"}
    )
    assert desk.values(**Q1, only={"owner": "ann"}) == {"rate": Decimal("0.5"), "share": pytest.approx(100 / 330)}
    assert desk.values(**Q1, only={"owner": ["ann", "bob"]})["share"] == pytest.approx(300 / 330)


def test_a_kpi_over_a_table_without_the_dimension_has_no_value_there(tmp_path: Path) -> None:
    desk = quota_desk(tmp_path)
    desk.write("costs.csv", "day,cost\n2026-01-05,10\n")
    costs = (
        "  costs:\n    source: costs.csv\n    date: day\n"
        "    columns: {day: {header: day, type: date}, cost: {header: cost, type: money}}\ndimensions:"
    )
    desk.book({"cost": "sum(costs.cost) / count(deals where won)"}, base=BOOK.replace("dimensions:", costs))
    line = desk.lines(**Q1, by="owner")["cost"]
    assert line["value"] == pytest.approx(10 / 3)
    assert {(g["value"], g["reason"]) for g in line["groups"]} == {(None, "costs has no owner")}
    only = desk.lines(**Q1, only={"owner": "ann"})["cost"]
    assert (only["value"], only["reason"]) == (None, "costs has no owner")


def test_a_kpi_that_nobody_can_have_a_part_of_says_why_it_is_not_split(tmp_path: Path) -> None:
    """Left out in silence it looks as if nobody had anything."""
    desk = opened(tmp_path)
    desk.write("costs.csv", "day,cost\n2026-01-05,10\n")
    costs = "  costs:\n    source: costs.csv\n    date: day\n    columns: {day: {header: day, type: date}}\ndimensions:"
    desk.book({"costs": "count(costs)", "late": "count(deals)"}, base=BOOK.replace("dimensions:", costs))
    scorecard = kpicli.load(tmp_path / "kpis.yaml").report(period="2026-01", as_of="2026-12-31", by="owner").scorecard
    assert [(line.groups == (), line.unsplit) for line in scorecard.lines] == [
        (True, "costs has no owner"),
        (False, None),
    ]
    assert "no figures by owner for costs: costs has no owner" in absences(scorecard)


def test_days_after_the_as_of_day_do_not_count_unless_asked_for(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"so_far": "count(deals)", "whole": "whole(count(deals))", "rest": "rest(count(deals))"})
    assert desk.values(period="2026-Q1", as_of="2026-02-10") == {"so_far": 3, "whole": 5, "rest": 2}


def test_rows_of_an_undated_table_are_all_counted(tmp_path: Path) -> None:
    """A select of constants alone has one row in Polars."""
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"}, base=BOOK.replace("    date: close_date\n", ""))
    assert desk.values(**Q1) == {"deals": 5}


def test_a_kpi_does_not_change_with_what_else_is_asked(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    kpis = {
        "median": "median(deals.amount)",
        "distinct": "count_distinct(deals.owner)",
        "recent": "formula: sum(deals.amount)\nwindow: trailing 20 days",
        "year": "formula: count(deals)\nwindow: to date in year",
        "per_day": "count(deals) per day",
        "best": "formula: top(owner by sum(deals.amount))\nunit: text",
    }
    desk.book(kpis)
    together = desk.lines(period="all", as_of="2026-03-31")
    alone = {name: desk.lines(period="all", as_of="2026-03-31", kpis=[name])[name] for name in kpis}
    assert together == alone


def test_all_time_starts_at_the_first_row_that_a_kpi_reads(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"closed": "days", "deals": "count(deals)", "created": "count(deals on created) + 0 * days"})
    lines = desk.lines(period="all", as_of="2026-03-31")
    assert [(line["value"], line["window"]["start"], line["prior"]) for line in lines.values()] == [
        (1, "2026-03-31", None),
        (5, "2026-01-20", None),
        (5, "2026-01-05", None),
    ]


def test_all_time_has_the_whole_of_the_first_month_that_a_row_covers(tmp_path: Path) -> None:
    """Whichever day the export writes for the month."""
    desk = quota_desk(tmp_path)
    desk.write("quotas.csv", (tmp_path / "quotas.csv").read_text(encoding="utf-8").replace("-01,", "-15,"))
    desk.book({"quota": "sum(quotas.amount)"}, base=BOOK.replace("dimensions:", QUOTA_TABLE))
    line = desk.lines(period="all", as_of="2026-01-31")["quota"]
    assert (line["value"], line["window"]["start"]) == (
        desk.values(period="2026-01", as_of="2026-01-31")["quota"],
        "2026-01-01",
    )


def test_on_the_first_day_of_a_period_without_workdays_nothing_is_behind_yet(tmp_path: Path) -> None:
    """2026-02-01 is a Sunday: nothing is expected by then."""
    desk = opened(tmp_path)
    desk.book({"deals": "formula: count(deals)\ntarget: 10 per month"})
    line = desk.lines(period="2026-02", as_of="2026-02-01")["deals"]
    assert (line["value"], line["expected"], line["pace"], line["status"]) == (0, 0, None, "on_track")


@pytest.mark.parametrize(("target", "status"), [("10 per month", "on_track"), ("1 per month", "behind")])
def test_what_should_stay_low_is_on_track_within_its_target_before_anything_is_due(
    tmp_path: Path, target: str, status: str
) -> None:
    """2026-02-01 is a Sunday: two of the ten that February may have are no reason to be behind."""
    desk = opened(tmp_path, DEALS + "6,ann,Won,1,2026-02-01,2026-02-01\n7,bob,Won,1,2026-02-01,2026-02-01\n")
    desk.book({"deals": f"formula: count(deals)\nbetter: lower\ntarget: {target}"})
    line = desk.lines(period="2026-02", as_of="2026-02-01")["deals"]
    assert (line["value"], line["expected"], line["pace"], line["status"]) == (2, 0, None, status)


def test_an_average_over_covered_months_is_of_whole_rows(tmp_path: Path) -> None:
    """Only sums take the share of a month's days."""
    desk = quota_desk(tmp_path)
    functions = ("avg", "median", "min", "max")
    desk.book({name: f"{name}(quotas.amount)" for name in functions}, base=BOOK.replace("dimensions:", QUOTA_TABLE))
    values = desk.values(period="2026-01-05..2026-01-06", as_of="2026-03-31")
    assert values == {"avg": 186, "median": 186, "min": 62, "max": 310}


MEMBERS = """\
  users:
    source: users.csv
    key: id
    columns: {id: id, name: name, team: team, active: {header: active, type: boolean}}
dimensions:
  owner: {field: owner, members: users, where: active, label: name}
  team: rep.team
"""


def staffed_desk(folder: Path) -> Desk:
    desk = opened(folder)
    desk.write(
        "users.csv",
        "id,name,team,active\nann,Ann,East,yes\nbob,Bob,West,yes\neve,Eve,,yes\ncat,Cat,East,yes\ndan,Dan,East,no\n",
    )
    lookup = "    lookups: {rep: {table: users, column: owner}}\n    lifespan:"
    base = BOOK.replace("dimensions:\n  owner: owner\n", MEMBERS).replace("    lifespan:", lookup)
    desk.book({"deals": "count(deals)", "mean": "avg(count(deals) by owner)"}, base=base)
    return desk


def test_listed_members_are_those_in_scope(tmp_path: Path) -> None:
    desk = staffed_desk(tmp_path)

    def groups(**only: str) -> list[tuple[str, int]]:
        line = desk.lines(**Q1, by="owner", only=only)["deals"]
        return [(group["label"], group["value"]) for group in line["groups"]]

    assert groups() == [("Ann", 2), ("Bob", 2), ("Cat", 0), ("Eve", 0), ("(none)", 1)]
    assert groups(owner="Ann") == [("Ann", 2)]
    assert groups(team="East") == [("Ann", 2), ("Cat", 0)]
    assert desk.values(**Q1)["mean"] == 1.0
    teams = desk.lines(**Q1, by="team")["mean"]["groups"]
    assert [(group["label"], group["value"]) for group in teams] == [("East", 1.0), ("West", 2.0), ("(none)", 0.0)]
    assert desk.values(**Q1, only={"team": "East"})["mean"] == 1


def test_a_reducer_over_a_table_without_the_scopes_dimension_has_no_value(tmp_path: Path) -> None:
    """Over no member a count is 0; here there is nothing to count."""
    desk = staffed_desk(tmp_path)
    desk.write("plans.csv", "rep,day\nann,2026-01-05\n")
    plans = "  plans: {source: plans.csv, date: day, columns: {owner: rep, day: {header: day, type: date}}}\n  users:"
    base = (desk.folder / "kpis.yaml").read_text(encoding="utf-8").partition("kpis:")[0].replace("  users:", plans)
    desk.book({"planning": "count(count(plans) by owner)"}, base=base)
    line = desk.lines(**Q1)["planning"]
    assert line["value"] == 4
    only = desk.lines(**Q1, only={"team": "East"})["planning"]
    assert (only["value"], only["reason"]) == (None, "plans has no team")


def test_share_makes_nobody_a_member_of_the_group(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"share": "share(max(count(deals) by owner))"})
    groups = desk.lines(**Q1, by="owner", only={"owner": "ann"})["share"]["groups"]
    assert [(group["member"], group["value"]) for group in groups] == [("ann", 1.0)]


def test_a_figure_that_nullif_takes_away_says_what_was_zero(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"left": "1 / nullif(greatest(sum(deals.amount) - 1000, 0), 0)", "same": "nullif(count(deals), 5)"})
    lines = desk.lines(period="2026-01-01..2026-04-30", as_of="2026-04-30")
    assert {name: (line["value"], line["reason"]) for name, line in lines.items()} == {
        "left": (None, "greatest(sum(deals.amount) - 1000, 0) is 0"),
        "same": (None, "nullif(count(deals), 5) has no value"),
    }
