"""Further ways to a wrong number: ids that melt together, rows that go missing, targets read on the wrong day."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.desk import BOOK, DEALS, Desk, opened

HEADER = "id,owner,stage,amount,created,close_date\n"
QUOTAS = """\
  quotas:
    source: quotas.csv
    date: month
    covers: month
    columns: {owner: rep, stage: stage, month: {header: month, type: date}, amount: {header: quota, type: money}}
"""
Q1 = {"period": "2026-Q1", "as_of": "2026-03-31"}


def test_ids_keep_their_zeros_their_digits_and_their_case(tmp_path: Path) -> None:
    ids = ["007", "7", "0060000000AbCdE", "0060000000abcde", "1234567890123456789", "1234567890123456780"]
    rows = "".join(f"{i},a,Won,1,2026-01-01,2026-01-02\n" for i in ids)
    desk = opened(tmp_path, HEADER + rows)
    desk.book({"ids": "count_distinct(deals.id)", "deals": "count(deals)"})
    assert desk.values(**Q1) == {"ids": 6, "deals": 6}


def test_negative_cycles_stay_in_the_mean(tmp_path: Path) -> None:
    rows = "1,a,Won,1,2026-01-11,2026-01-01\n2,a,Won,1,2026-01-01,2026-01-31\n"
    desk = opened(tmp_path, HEADER + rows)
    desk.book({"cycle": "avg(deals.cycle where won)"})
    assert desk.values(**Q1) == {"cycle": 10.0}


def test_a_sum_beyond_64_bits_is_exact_and_does_not_wrap(tmp_path: Path) -> None:
    rows = "".join(f"{n},a,Won,9223372036854.775807,2026-01-01,2026-01-02\n" for n in range(3))
    desk = opened(tmp_path, HEADER + rows)
    desk.book({"won": "sum(deals.amount)"})
    assert desk.values(**Q1) == {"won": Decimal("27670116110564.327421")}


def test_an_unknown_status_is_neither_won_nor_lost_but_still_a_deal(tmp_path: Path) -> None:
    desk = opened(tmp_path, DEALS + "6,ann,Parked,5,2026-01-01,2026-01-02\n7,ann,,5,2026-01-01,2026-01-02\n")
    desk.book({"deals": "count(deals)", "closed": "count(deals where closed)", "not_won": "count(deals where not won)"})
    # A blank stage is neither won nor not won.
    assert desk.values(**Q1) == {"deals": 7, "closed": 4, "not_won": 3}


def test_a_cell_that_does_not_fit_is_counted_and_its_row_still_counts(tmp_path: Path) -> None:
    rows = "".join(f"{n},a,Won,10,2026-01-01,2026-01-02\n" for n in range(30))
    desk = opened(tmp_path, HEADER + rows + "x,a,Won,ten,2026-01-01,2026-01-02\n")
    desk.book({"deals": "count(deals)", "won": "sum(deals.amount)", "mean": "avg(deals.amount)"})
    result = desk.report(**Q1)
    assert {line["id"]: line["value"] for line in result["kpis"]} == {"deals": 31, "won": 300, "mean": 10.0}
    assert result["data"][0]["notes"] == [
        {"code": "invalid-money", "column": "amount", "rows": 1, "examples": [{"row": 32, "value": "ten"}]}
    ]


def test_a_timestamp_belongs_to_the_day_of_the_calendars_zone(tmp_path: Path) -> None:
    rows = "1,a,Won,1,2026-01-01,2026-02-01T02:30:00Z\n2,a,Won,1,2026-01-01,2026-02-01T06:30:00Z\n"
    desk = opened(tmp_path, HEADER + rows)
    desk.book({"deals": "count(deals)"}, base=BOOK.replace("currency: USD", "calendar: {timezone: America/New_York}"))
    months = ["2026-01", "2026-02"]
    assert [desk.values(period=month, as_of="2026-03-31")["deals"] for month in months] == [1, 1]


def test_a_group_without_rows_in_the_denominator_has_no_value_and_does_not_vanish(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"rate": "count(deals where won) / count(deals where stage = 'Lost')"})
    groups = desk.lines(**Q1, by="owner")["rate"]["groups"]
    assert [(group["label"], group["value"], group["reason"]) for group in groups] == [
        ("ann", 1.0, None),
        ("bob", None, "no deals where stage = 'Lost'"),
        ("(none)", None, "no deals where stage = 'Lost'"),
    ]


def test_the_version_that_counts_is_the_newest_and_only_that(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    versions = (
        "id,stage,day,changed\n1,Open,2026-01-05,2026-01-01\n1,Won,2026-01-05,2026-02-01\n2,Won,2026-01-06,2026-01-03\n"
    )
    desk.write("versions.csv", versions + "2,Lost,2026-01-06,2026-01-09\n1,Won,2026-01-05,2026-02-01\n")
    table = (
        "  versions:\n    source: versions.csv\n    key: id\n    keep: latest by changed\n    date: day\n"
        "    columns: {id: id, stage: stage, day: {header: day, type: date}, changed: {header: changed, type: date}}\n"
        "dimensions:"
    )
    kpis = {"won": "count(versions where stage = 'Won')", "all": "count(versions)"}
    desk.book(kpis, base=BOOK.replace("dimensions:", table))
    result = desk.report(**Q1)
    assert {line["id"]: line["value"] for line in result["kpis"]} == {"won": 1, "all": 2}
    assert (result["data"][0]["rows"], result["data"][0]["used"]) == (5, 2)


def test_of_two_versions_of_one_day_the_later_counts(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    moments = [
        ("2026-03-01T09:00:00Z", "Open"),
        ("2026-03-01 09:59:11.5", "Won"),  # local to New York: the latest
        ("2026-03-01T10:30:00+02:00", "Lost"),
        ("2026-03-01", "Open"),
        ("2026-03-01 09:59", "Lost"),
    ]
    rows = "".join(f"1,{stage},2026-01-05,{moment}\n" for moment, stage in moments)
    desk.write("versions.csv", "id,stage,day,changed\n" + rows)
    table = (
        "  versions:\n    source: versions.csv\n    key: id\n    keep: latest by changed\n    date: day\n"
        "    columns: {id: id, stage: stage, day: {header: day, type: date}, changed: {header: changed, type: date}}\n"
        "dimensions:"
    )
    base = BOOK.replace("currency: USD", "calendar: {timezone: America/New_York}").replace("dimensions:", table)
    desk.book({"won": "count(versions where stage = 'Won')", "all": "count(versions)"}, base=base)
    assert desk.values(**Q1) == {"won": 1, "all": 1}


DATED = """\
formula: count(deals)
target:
  - {from: 2026-01-01, value: 31 per month}
  - {from: 2026-02-15, value: 56 per month}
"""


def test_a_dated_target_is_read_day_by_day(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": DATED})
    # 14 days at 31 a month and 14 at 56 a month of 28 days.
    line = desk.lines(period="2026-02", as_of="2026-02-20")["deals"]
    assert line["target"] == pytest.approx(14 * 31 / 28 + 14 * 56 / 28)
    # All ten workdays of the first part, 5 of the 10 of the second.
    assert line["expected"] == pytest.approx(14 * 31 / 28 + 14 * 56 / 28 * 5 / 10)


def test_a_window_that_starts_before_the_first_target_has_none(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": DATED})
    line = desk.lines(period="2025-12-31..2026-01-31", as_of="2026-03-31")["deals"]
    assert (line["target"], line["status"]) == (None, "no_target")


def test_a_level_is_the_one_in_force_on_the_last_elapsed_day(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    dated = "[{from: 2026-01-01, value: 50%}, {from: 2026-02-15, value: 60%}]"
    desk.book({"rate": f"formula: count(deals where won) / count(deals where closed)\ntarget: {dated}"})
    days = ["2026-02-14", "2026-02-15"]
    assert [desk.lines(period="2026-02", as_of=day)["rate"]["target"] for day in days] == [0.5, 0.6]


def test_a_year_to_date_is_measured_against_the_whole_years_target(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "formula: count(deals)\nwindow: to date in year\ntarget: 12 per year"})
    line = desk.lines(period="2026-02", as_of="2026-03-31")["deals"]
    assert (line["value"], line["target"], line["window"]["end"]) == (4, 12.0, "2026-12-31")


def test_a_target_of_figures_by_member_is_no_0_for_a_group_without_rows_of_it(tmp_path: Path) -> None:
    """Rows that others have gave it a target of 0, which any value meets."""
    desk = opened(tmp_path, DEALS)
    desk.write("quotas.csv", "rep,stage,month,quota\nann,Won,2026-01-01,300\nbob,Won,2026-01-01,100\n")
    desk.book(
        {"mean": "formula: avg(sum(deals.amount) by owner)\ntarget: sum(sum(quotas.amount) by owner)"},
        base=BOOK.replace("dimensions:\n", QUOTAS + "dimensions:\n  stage: stage\n"),
    )
    groups = desk.lines(**Q1, by="stage")["mean"]["groups"]
    found = [(group["member"], group["target"], group["status"]) for group in groups]
    assert found == [("Lost", None, "no_target"), ("Open", None, "no_target"), ("Won", 400.0, "behind")]


def test_lower_is_better_turns_the_ratios_round(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"cycle": "formula: avg(deals.cycle where won)\nbetter: lower\ntarget: 20"})
    line = desk.lines(**Q1)["cycle"]
    assert line["value"] == pytest.approx(67 / 3)
    assert line["attainment"] == pytest.approx(20 / (67 / 3))
    assert line["status"] == "behind"


@pytest.mark.parametrize(
    ("declared", "older", "newer"),
    [
        ('"%m/%d/%Y %H:%M"', "10/01/2026 09:00", "10/01/2026 10:30"),
        ('"%m/%d/%Y"', "10/01/2026", "10/02/2026"),
        ('"%s"', "1790000000", "1790000100"),
        ('["%Y-%m-%d %H:%M%z", "%m/%d/%Y"]', "2026-10-01 09:00+0200", "2026-10-01 08:30+0000"),
    ],
)
def test_the_latest_of_two_versions_is_told_by_their_moments(
    tmp_path: Path, declared: str, older: str, newer: str
) -> None:
    """Whatever shape the moments have, and whichever version stands first in the file."""
    base = (
        "version: 1\nname: Desk\ntables:\n  t:\n    source: t.csv\n    key: id\n    keep: latest by m\n    date: d\n"
        f"    columns:\n      id: id\n      m: {{header: m, type: date, format: {declared}}}\n"
        "      d: {header: d, type: date}\n      a: {header: a, type: number}\ngoals: {growth: {name: Growth}}\n"
    )
    desk = Desk(tmp_path)
    desk.book({"s": "sum(t.a)"}, base=base)
    for rows in (
        f"1,{older},2026-10-05,1\n1,{newer},2026-10-05,20\n",
        f"1,{newer},2026-10-05,20\n1,{older},2026-10-05,1\n",
    ):
        desk.write("t.csv", "id,m,d,a\n" + rows)
        assert desk.values(period="2026-10", as_of="2026-11-22") == {"s": 20}


@pytest.mark.parametrize(
    "formula",
    ["n >= nullif(1, 1)", "nullif(nullif('a', 'a'), s)", "s = nullif('a', 'a')", "nullif(1, 1) = n", "lower(s)"],
)
@pytest.mark.parametrize("rows", [0, 1, 40])
def test_a_field_has_a_value_for_each_row_where_all_that_it_reads_is_blank(
    tmp_path: Path, formula: str, rows: int
) -> None:
    """Polars makes one row of such a comparison, whatever the table's height."""
    base = (
        "version: 1\nname: Desk\ntables:\n  t:\n    source: t.csv\n    columns:\n      id: id\n"
        f'      n: {{header: n, type: number}}\n      s: s\n    fields:\n      f: "{formula}"\n'
        "goals: {growth: {name: Growth}}\n"
    )
    desk = Desk(tmp_path)
    desk.book({"filled": "count(t.f)", "rows": "count(t)"}, base=base)
    desk.write("t.csv", "id,n,s\n" + "".join(f"{at},,\n" for at in range(rows)))
    assert desk.values(period="2026-10", as_of="2026-11-22") == {"filled": 0, "rows": rows}


def test_a_number_of_the_formula_has_six_places_in_a_field_and_all_of_them_on_the_way(tmp_path: Path) -> None:
    desk = opened(
        tmp_path, "id,owner,stage,amount,created,close_date\n1,a,Won,200,,2026-02-01\n2,a,Won,30,,2026-02-01\n"
    )
    fields = {
        "rate": "if(won, 0.0065234, 1)",
        "plain": "0.0000005",
        "yen": "amount * if(won, 0.0065234, 1)",
        "exact": "if(rate = 0.006523 and if(won, 0.0065234, 1) = 0.0065234, 1, 0)",
    }
    written = "".join(f"      {name}: {formula}\n" for name, formula in fields.items())
    desk.book(
        {name: f"sum(deals.{name})" for name in fields}, base=BOOK.replace("      cycle:", f"{written}      cycle:")
    )
    assert desk.values(period="2026-02", as_of="2026-03-31") == {
        "rate": Decimal("0.013046"),
        "plain": Decimal("0.000002"),
        "yen": Decimal("1.500382"),
        "exact": 2,
    }


@pytest.mark.parametrize("edge", ["end_of(created, week)", "end_of(created, year)", "created + 1"])
def test_a_date_beyond_the_calendar_is_no_date(tmp_path: Path, edge: str) -> None:
    """Exports write 9999-12-31 for what has no end; the week that holds it has its end in the year 10000."""
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n1,a,Won,1,9999-12-31,2026-02-01\n")
    base = BOOK.replace("      cycle:", f"      edge: {edge}\n      cycle:")
    base = base.replace("tables:\n", "calendar: {fiscal_year_starts: february}\ntables:\n", 1)
    desk.book({"last": "max(deals.edge) - today", "none": "count(deals where edge is null)"}, base=base)
    assert desk.values(period="2026-02", as_of="2026-03-31") == {"last": None, "none": 1}
