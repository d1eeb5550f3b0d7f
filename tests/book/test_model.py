"""Every spelling of a book ends in the same shape of the model."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.book.books import book

from kpicli.book.dated import Target, TargetEntry
from kpicli.book.goals import Goal, Level
from kpicli.book.mistakes import build
from kpicli.book.model import (
    Better,
    Book,
    Column,
    Dimension,
    Drives,
    Kpi,
    KpiStatus,
    Role,
    ScorecardSpec,
    SourceFile,
    Table,
    Thresholds,
    Unit,
    Window,
)
from kpicli.book.reader import read
from kpicli.errors import Mistakes
from kpicli.periods import Calendar, Duration, Grain


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kpi(text: str) -> Kpi:
    """The KPI that one line of YAML, with what every KPI needs, declares."""
    return book(f"kpis:\n  k:\n    formula: count(t)\n    role: lagging\n    {text}\n").kpis["k"]


def test_defaults() -> None:
    assert book("") == Book(
        version=1,
        name="the folder",
        tables={"t": Table(columns={"id": Column(headers=("Id",))}, source=(SourceFile(path="t.csv"),))},
        kpis={"k": Kpi(formula="count(t)", role=Role.LAGGING)},
    )


def test_numbers_and_words_stand_as_they_are_written_where_a_text_is_expected() -> None:
    written = book(
        "name: 2026\ngoals: {g: {name: NO, who: 1.10, when: 2026-01-01, why: true, how: 1:30, what: 0x10}}\n"
    )
    assert written.name == "2026"
    assert written.goals["g"] == Goal(name="NO", who="1.10", when="2026-01-01", why="true", how="1:30", what="0x10")


@pytest.mark.parametrize("empty", ["", "null", "~"])
def test_key_without_a_value_is_as_good_as_absent(empty: str) -> None:
    text = f"name: {empty}\ngoals: {empty}\ncalendar: {empty}\nstatus: {{at_risk: {empty}}}\n"
    assert book(text) == book("")


@pytest.mark.parametrize(
    ("dimension", "declared"),
    [
        ("rep.team", Dimension(field="rep.team")),
        ("{field: rep.team}", Dimension(field="rep.team")),
        ("{field: {deals: source, leads: origin}}", Dimension(field={"deals": "source", "leads": "origin"})),
        (
            "{field: owner, members: users, where: active, label: name, variable: KPI_OWNER}",
            Dimension(field="owner", members="users", where="active", label="name", variable="KPI_OWNER"),
        ),
    ],
)
def test_dimension_is_a_path_or_a_mapping(dimension: str, declared: Dimension) -> None:
    assert book(f"dimensions: {{d: {dimension}}}\n").dimensions == {"d": declared}


@pytest.mark.parametrize(
    ("pipeline", "stages"),
    [
        ("[prospect, close]", {"prospect": None, "close": None}),
        ("{prospect: new_leads, close: }", {"prospect": "new_leads", "close": None}),
        ("[]", {}),
    ],
)
def test_pipeline_is_a_list_of_stages_or_a_mapping(pipeline: str, stages: dict[str, str | None]) -> None:
    assert book(f"pipeline: {pipeline}\n").pipeline == stages
    assert list(book(f"pipeline: {pipeline}\n").pipeline) == list(stages)


def test_goal_may_have_nothing_but_a_name() -> None:
    assert book("goals: {grow: , sell: {level: team, parent: grow}}\n").goals == {
        "grow": Goal(),
        "sell": Goal(level=Level.TEAM, parent="grow"),
    }


@pytest.mark.parametrize(
    ("target", "declared"),
    [
        ("45", Target(total=(TargetEntry(value="45"),))),
        ("30%", Target(total=(TargetEntry(value="30%"),))),
        ("1_000.50", Target(total=(TargetEntry(value="1_000.50"),))),
        ("$3,000", Target(total=(TargetEntry(value="$3,000"),))),
        ("45 per month", Target(total=(TargetEntry(value="45 per month"),))),
        ("sum(quotas.amount)", Target(total=(TargetEntry(value="sum(quotas.amount)"),))),
        ("{total: 5 per week}", Target(total=(TargetEntry(value="5 per week"),))),
        (
            "{total: 5 per week, owner: 1 per week}",
            Target(total=(TargetEntry(value="5 per week"),), members={"owner": (TargetEntry(value="1 per week"),)}),
        ),
        ("{owner: 7, total: , team: null}", Target(members={"owner": (TargetEntry(value="7"),)})),
        (
            "[{from: 2026-01-01, value: 5}, {value: 6, from: '2026-07-01'}]",
            Target(
                total=(
                    TargetEntry(value="5", from_=date(2026, 1, 1)),
                    TargetEntry(value="6", from_=date(2026, 7, 1)),
                )
            ),
        ),
        (
            "{owner: [{value: 5}, {from: 2026-07-01, value: 6}]}",
            Target(members={"owner": (TargetEntry(value="5"), TargetEntry(value="6", from_=date(2026, 7, 1)))}),
        ),
        ("", None),
    ],
)
def test_target_has_one_shape(target: str, declared: Target | None) -> None:
    assert kpi(f"target: {target}").target == declared


@pytest.mark.parametrize(
    ("window", "declared"),
    [
        ("trailing 90 days", Window(trailing=Duration(90, Grain.DAY))),
        ("trailing 1 quarter", Window(trailing=Duration(1, Grain.QUARTER))),
        ("to date in year", Window(to_date=Grain.YEAR)),
        ("to date in week", Window(to_date=Grain.WEEK)),
    ],
)
def test_window_is_a_span_or_a_grain(window: str, declared: Window) -> None:
    assert kpi(f"window: {window}").window == declared


@pytest.mark.parametrize(
    ("drives", "declared"),
    [
        ("won", (Drives(kpi="won"),)),
        ("{kpi: won}", (Drives(kpi="won"),)),
        ("{kpi: won, lag: 6 weeks}", (Drives(kpi="won", lag=Duration(6, Grain.WEEK)),)),
        ("[won, {kpi: lost}]", (Drives(kpi="won"), Drives(kpi="lost"))),
    ],
)
def test_drives_is_a_kpi_a_mapping_or_a_list_of_both(drives: str, declared: tuple[Drives, ...]) -> None:
    assert kpi(f"drives: {drives}").drives == declared


def test_rest_of_a_kpi() -> None:
    text = (
        "kpis:\n  k:\n    name: Win rate\n    role: leading\n    stage: close\n    goal: grow\n    formula: a / b\n"
        "    unit: percent\n    decimals: 1\n    better: lower\n    why: So\n    owner: 7\n    status: retired\n"
        "    agreed: 2026-09-01\n    review_by: '2027-01-15'\n"
    )
    assert book(text).kpis["k"] == Kpi(
        name="Win rate",
        role=Role.LEADING,
        stage="close",
        goal="grow",
        formula="a / b",
        unit=Unit.PERCENT,
        decimals=1,
        better=Better.LOWER,
        why="So",
        owner="7",
        status=KpiStatus.RETIRED,
        agreed=date(2026, 9, 1),
        review_by=date(2027, 1, 15),
    )


@pytest.mark.parametrize(("kpis", "declared"), [("a", ("a",)), ("[a, b]", ("a", "b"))])
def test_scorecard(kpis: str, declared: tuple[str, ...]) -> None:
    text = f"scorecards: {{w: {{kpis: {kpis}, name: Weekly, period: last week, by: owner, trend: 8}}}}\n"
    assert book(text).scorecards == {
        "w": ScorecardSpec(kpis=declared, name="Weekly", period="last week", by="owner", trend=8)
    }


@pytest.mark.parametrize(
    ("written", "number"), [("12_000", "12000"), ("0.5", "0.5"), ("-3", "-3"), ("30%", "0.3"), ('"12_000"', "12000")]
)
def test_constant_is_a_number_or_a_percentage(written: str, number: str) -> None:
    assert book(f"constants: {{c: {written}}}\n").constants == {"c": Decimal(number)}


@pytest.mark.parametrize(("written", "share"), [("100%", "1"), ("1", "1"), ("0.95", "0.95"), ("110%", "1.1")])
def test_threshold_is_a_share(written: str, share: str) -> None:
    assert book(f"status: {{on_track: {written}}}\n").status == Thresholds(on_track=Decimal(share))


def test_calendar_is_declared_by_names() -> None:
    text = (
        "calendar:\n  timezone: America/New_York\n  week_starts: sunday\n  fiscal_year_starts: february\n"
        "  workdays: [sunday, monday]\n  holidays: US-CA\n"
    )
    assert book(text).calendar == Calendar("America/New_York", 6, 2, frozenset({6, 0}), "US-CA")


@pytest.mark.parametrize(
    ("written", "holidays"),
    [("NO", "NO"), ("US", "US"), ("[2026-12-25, '2026-12-26']", (date(2026, 12, 25), date(2026, 12, 26))), ("[]", ())],
)
def test_holidays_are_a_country_or_dates(written: str, holidays: str | tuple[date, ...]) -> None:
    assert book(f"calendar: {{holidays: {written}}}\n").calendar == Calendar(holidays=holidays)


@pytest.mark.parametrize(("written", "days"), [("friday", {4}), ("[]", set()), ("[monday, monday]", {0})])
def test_workdays_are_a_day_or_a_list(written: str, days: set[int]) -> None:
    assert book(f"calendar: {{workdays: {written}}}\n").calendar == Calendar(workdays=frozenset(days))


@pytest.mark.parametrize("version", ["1", "'1'"])
def test_version_is_one(version: str) -> None:
    assert book(f"version: {version}\n").version == 1


@pytest.mark.parametrize("code", ["USD", "EUR", "XCG"])
def test_currency_is_a_code(code: str) -> None:
    assert book(f"currency: {code}\n").currency == code


def test_data_that_no_file_can_hold_is_an_error() -> None:
    """And never an endless search for what to take out."""
    tables = "tables: {t: {source: t.csv, columns: {id: Id}}}\n"
    text = "version: 1\n" + tables + "kpis: {k: {formula: count(t), role: lagging}}\n"
    Path("kpis.yaml").write_text(text, encoding="utf-8")
    data, places = read("kpis.yaml")
    odd: Any = data | {"goals": {5: {}}}
    with pytest.raises(Mistakes) as caught:
        build(odd, places, "the folder")
    assert [error.message for error in caught.value.errors] == ["the book doesn't fit: Input should be a valid string"]


def test_value_made_in_code_is_checked_too() -> None:
    with pytest.raises(ValidationError, match="takes a whole number from 0 to 10, not 11"):
        Kpi(formula="1", role=Role.LEADING, decimals=11)


def test_models_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        book("").kpis["k"].formula = "1"  # type: ignore[misc]  # it must not work


def test_models_made_in_code_take_values_of_the_model() -> None:
    """As plans and tests make them, with no file behind."""
    made = Kpi(
        formula="1",
        role=Role.LEADING,
        window=Window(to_date=Grain.YEAR),
        target=Target(total=(TargetEntry(value="1"),)),
        drives=(Drives(kpi="a", lag=Duration(1, Grain.DAY)),),
        decimals=2,
        agreed=date(2026, 1, 1),
    )
    assert Kpi.model_validate(dict(made)) == made
    assert Table(source=("a.csv",), keep="day").keep == "day"  # type: ignore[arg-type]  # a validator makes a tuple of it
    assert Thresholds(on_track=Decimal(2)).on_track == 2
    tables = {"t": Table(source=(SourceFile(path="a.csv"),))}
    assert Book(version=1, name="x", tables=tables, kpis={"k": made}, constants={"c": Decimal(1)}).constants == {"c": 1}
