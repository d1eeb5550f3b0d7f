"""Why rows count or don't: each reason on rows made for it, in its place in the order; and against SQL."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb
import pytest
from tests.desk import Desk, opened
from tests.explain.test_example_explained import ROOT, book

import kpicli
from kpicli.render.explain.rows import rows_csv

BOOK = """\
version: 1
name: Desk
tables:
  deals:
    source: deals.csv
    key: id
    keep: latest by changed
    where: not deleted
    date: closed
    columns:
      id: id
      owner: owner
      stage: stage
      amount: {header: amount, type: money}
      closed: {header: closed, type: date}
      deleted: {header: deleted, type: boolean}
      begun: {header: begun, type: date}
      changed: {header: changed, type: date}
    lifespan: {from: begun, until: closed}
dimensions:
  owner: owner
goals: {growth: {name: Growth}}
"""
ROWS = """\
id,owner,stage,amount,closed,deleted,begun,changed
old,ann,Won,1,2026-02-01,false,2026-01-01,2026-01-01
old,ann,Won,2,2026-02-01,false,2026-01-01,2026-01-02
twice,ann,Won,4,2026-02-02,false,2026-01-01,2026-01-01
twice,ann,Won,4,2026-02-02,false,2026-01-01,2026-01-01
deleted,ann,Won,8,2026-02-03,true,2026-01-01,2026-01-01
others,bob,Won,16,2026-01-03,false,2026-01-01,2026-01-01
early,ann,Lost,32,2026-01-31,false,2026-01-01,2026-01-01
late,ann,,64,2026-03-01,false,2026-02-20,2026-01-01
lost,ann,Lost,128,2026-02-04,false,2026-01-01,2026-01-01
unsure,ann,,256,2026-02-05,false,2026-01-01,2026-01-01
undated,ann,Won,512,,false,,2026-01-01
undated and lost,ann,Lost,512,,false,2026-03-01,2026-01-01
blank,ann,Won,,2026-02-06,false,2026-01-01,2026-01-01
same,ann,Won,4,2026-02-07,false,2026-01-01,2026-01-01
"""


def desk(folder: Path) -> Desk:
    found = Desk(folder)
    found.write("deals.csv", ROWS)
    return found


def told(folder: Path, formula: str, **asked: Any) -> dict[str, int]:
    """The reasons of a formula's one aggregate, and how many rows count."""
    here = desk(folder)
    here.book({"k": formula}, base=BOOK)
    found = kpicli.load(folder / "kpis.yaml").explain("k", as_of="2026-02-28", period="2026-02", **asked).to_dict()
    (aggregate,) = found["aggregates"]
    rows = aggregate["rows"]
    assert rows["total"] == 14
    return {each["reason"]: each["rows"] for each in rows["left_out"]} | {"counted": rows["counted"]}


LEFT = {"older-version": 1, "equal-copy": 1, "where": 1}


def test_each_row_is_told_under_the_first_reason_that_fits_it(tmp_path: Path) -> None:
    only = {"only": {"owner": "ann"}}
    assert told(tmp_path, "sum(deals.amount where stage = 'Won')", **only) == LEFT | {
        "only": 1,
        "before": 1,
        "after": 1,
        "condition": 2,
        "unknown": 1,
        "no-date": 1,
        "blank": 1,
        "counted": 3,
    }


def test_a_value_that_another_row_has_already_is_a_duplicate(tmp_path: Path) -> None:
    found = told(tmp_path, "count_distinct(deals.amount where stage = 'Won')")
    assert (found["duplicate"], found["counted"], found["before"]) == (1, 2, 2)


def test_of_equal_values_the_first_row_of_the_file_counts(tmp_path: Path) -> None:
    here = desk(tmp_path)
    here.book({"k": "count_distinct(deals.owner where stage = 'Won')"}, base=BOOK)
    opened = kpicli.load(tmp_path / "kpis.yaml")
    found = opened.explain("k", as_of="2026-02-28", period="2026-02", rows="1").to_dict()
    (row,) = found["aggregates"][0]["rows"]["shown"]
    assert (row["row"], row["cells"][0]) == (3, "old")


def test_a_share_looks_at_the_whole_company_whatever_is_asked_for(tmp_path: Path) -> None:
    here = opened(tmp_path)
    here.book({"k": "share(sum(deals.amount))"})
    asked: dict[str, Any] = {"as_of": "2026-02-28", "period": "2026-02", "only": {"owner": "bob"}}
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", **asked).to_dict()
    own, all_ = found["aggregates"]
    assert [(each["company"], each["value"], each["rows"]["counted"]) for each in (own, all_)] == [
        (False, "200", 1),
        (True, "280", 3),
    ]
    assert [each["reason"] for each in own["rows"]["left_out"]] == ["only", "after"]
    assert [each["reason"] for each in all_["rows"]["left_out"]] == ["before", "after"]
    assert found["arithmetic"]["value"] == "5/7"


def test_within_a_reducer_each_member_has_values_of_its_own(tmp_path: Path) -> None:
    """Ann and Bob have two stages each, and share one of them."""
    here = opened(tmp_path)
    here.book({"k": "sum(count_distinct(deals.stage) by owner)"})
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", as_of="2026-03-31", period="2026-Q1").to_dict()
    (aggregate,) = found["aggregates"]
    assert aggregate["members"] == [{"label": "ann", "value": "2"}, {"label": "bob", "value": "2"}]
    assert aggregate["rows"]["counted"] == 4
    assert [each["reason"] for each in aggregate["rows"]["left_out"]] == ["no-member"]


def test_a_replay_tells_who_is_not_yet_or_no_longer_alive(tmp_path: Path) -> None:
    assert told(tmp_path, "count(deals where stage = 'Won' at start)") == LEFT | {
        "begins-later": 2,
        "ended": 2,
        "condition": 1,
        "unknown": 1,
        "no-date": 1,
        "counted": 4,
    }


def test_who_has_ended_is_not_told_as_if_a_day_were_missing(tmp_path: Path) -> None:
    here = Desk(tmp_path)
    here.write(
        "deals.csv",
        "id,owner,stage,amount,closed,deleted,begun,changed\n"
        "ended,ann,Won,1,2026-01-31,false,,2026-01-01\n"
        "alive,ann,Won,1,2026-03-31,false,,2026-01-01\n"
        "open,ann,Won,1,,false,,2026-01-01\n",
    )
    here.book({"k": "count(deals at end)"}, base=BOOK)
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", as_of="2026-02-28", period="2026-02").to_dict()
    rows = found["aggregates"][0]["rows"]
    assert {each["reason"]: each["rows"] for each in rows["left_out"]} == {"ended": 1, "no-date": 2}


def test_a_reducer_leaves_out_who_has_no_member(tmp_path: Path) -> None:
    here = opened(tmp_path)
    here.book({"k": "avg(count(deals) by owner)"})
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", as_of="2026-02-28", period="2026-02").to_dict()
    rows = found["aggregates"][0]["rows"]
    left_out = {(each["reason"], each.get("condition")): each["rows"] for each in rows["left_out"]}
    assert left_out == {("no-member", "owner"): 1, ("before", None): 1, ("after", None): 1}
    assert rows["counted"] == 2


def test_a_month_that_is_met_in_part_counts_by_the_share_of_its_days(tmp_path: Path) -> None:
    here = Desk(tmp_path)
    here.write("quotas.csv", "rep,month,quota\nann,2026-01-01,3100\nann,2026-02-10,2800\nbob,2026-03-01,100\n")
    base = dedent("""\
        version: 1
        name: Quotas
        tables:
          quotas:
            source: quotas.csv
            date: month
            covers: month
            columns: {rep: rep, month: {header: month, type: date}, amount: {header: quota, type: money}}
        goals: {growth: {name: Growth}}
        """)
    here.book({"k": "sum(quotas.amount)", "n": "count(quotas)"}, base=base)
    opened = kpicli.load(tmp_path / "kpis.yaml")
    asked: dict[str, Any] = {"period": "2026-01-22..2026-02-07", "as_of": "2026-03-31"}
    found = opened.explain("k", rows="1", **asked).to_dict()
    (aggregate,) = found["aggregates"]
    assert aggregate["value"] == "1700"
    assert aggregate["months"] == [
        {"month": "2026-01", "taken": 10, "of": 31},
        {"month": "2026-02", "taken": 7, "of": 28},
    ]
    assert [row["cells"] for row in aggregate["rows"]["shown"]] == [
        ["2026-01-01", 3100, 10, 31],
        ["2026-02-10", 2800, 7, 28],
    ]
    assert [each["reason"] for each in aggregate["rows"]["left_out"]] == ["after"]
    assert opened.explain("n", **asked).to_dict()["aggregates"][0]["rows"]["counted"] == 2


def test_rows_stand_by_date_and_then_by_file_and_row(tmp_path: Path) -> None:
    here = Desk(tmp_path)
    header = "id,owner,stage,amount,created,close_date\n"
    here.write("deals-a.csv", f"{header}1,a,Won,1,2026-01-01,2026-02-09\n2,a,Won,2,2026-01-01,2026-02-01\n")
    here.write("deals-b.csv", f"{header}3,a,Won,3,2026-01-01,2026-02-01\n4,a,Won,4,2026-01-01,2026-02-01\n")
    here.book({"k": "sum(deals.amount)"})
    text = (tmp_path / "kpis.yaml").read_text(encoding="utf-8").replace("deals.csv", "deals-*.csv")
    here.write("kpis.yaml", text)
    opened = kpicli.load(tmp_path / "kpis.yaml")
    found = opened.explain("k", rows="1", as_of="2026-02-28", period="2026-02").to_dict()
    shown = found["aggregates"][0]["rows"]["shown"]
    assert [(row["file"], row["row"]) for row in shown] == [
        ("deals-a.csv", 3),
        ("deals-b.csv", 2),
        ("deals-b.csv", 3),
        ("deals-a.csv", 2),
    ]
    first = opened.explain("k", rows="1", first=2, as_of="2026-02-28", period="2026-02").to_dict()
    assert first["aggregates"][0]["rows"]["shown"] == shown[:2]


def test_no_two_columns_of_rows_have_one_name(tmp_path: Path) -> None:
    """The dimension's own column is shown by label; one that only has its name is told apart."""
    here = Desk(tmp_path)
    here.write("deals.csv", "owner,rep,month,amount\nann,r1,2026-02-01,28\n")
    base = dedent("""\
        version: 1
        name: Desk
        tables:
          deals:
            source: deals.csv
            key: [owner, month]
            date: month
            covers: month
            columns: {owner: owner, rep: rep, month: {type: date}, amount: {type: money}}
        dimensions: {owner: owner, month: rep}
        goals: {growth: {name: Growth}}
        """)
    here.book({"k": "sum(deals.amount where owner = 'ann')"}, base=base)
    opened = kpicli.load(tmp_path / "kpis.yaml")
    only = {"owner": "ann", "month": "r1"}
    found = opened.explain("k", period="2026-02", as_of="2026-02-28", only=only, rows="1").to_dict()
    rows = found["aggregates"][0]["rows"]
    assert [column["name"] for column in rows["columns"]] == [
        *("deals.month", "owner", "month", "amount", "days_counted", "days_of_month"),
    ]
    assert rows["shown"][0]["cells"] == ["2026-02-01", "ann", "r1", 28, 28, 28]


# ---- the rows that are left out


def left(folder: Path, formula: str, **asked: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns of the rows that a formula's one aggregate leaves out; and these: why, and what they show."""
    here = desk(folder)
    here.book({"k": formula}, base=BOOK)
    rows: dict[str, Any] = {"rows": "1", "left_out": True}
    opened = kpicli.load(folder / "kpis.yaml")
    found = opened.explain("k", as_of="2026-02-28", period="2026-02", **rows, **asked).to_dict()["aggregates"][0][
        "rows"
    ]
    names = [column["name"] for column in found["columns"]]
    return names, [(row["row"], row["reason"], *row["cells"]) for row in found["shown"]]


def test_rows_that_are_left_out_stand_by_reason_then_by_date_with_what_tells_why(tmp_path: Path) -> None:
    only = {"only": {"owner": "ann"}}
    columns, rows = left(tmp_path, "sum(deals.amount where stage = 'Won')", **only)
    assert columns == ["id", "closed", "owner", "stage", "amount", "changed", "deleted"]
    assert [row[:3] for row in rows] == [
        (2, "older-version", "old"),
        (5, "equal-copy", "twice"),
        (6, "where", "deleted"),
        (7, "only", "others"),
        (8, "before", "early"),
        (9, "after", "late"),
        (13, "condition", "undated and lost"),
        (10, "condition", "lost"),
        (11, "unknown", "unsure"),
        (12, "no-date", "undated"),
        (14, "blank", "blank"),
    ]
    assert rows[0][3:] == ("2026-02-01", "ann", "Won", 1, "2026-01-01", False)
    assert rows[2][3:] == ("2026-02-03", "ann", "Won", 8, "2026-01-01", True)


def test_of_rows_that_are_left_out_the_first_of_each_reason_can_be_had(tmp_path: Path) -> None:
    rows = left(tmp_path, "sum(deals.amount where stage = 'Won')", first=1)[1]
    assert [(row[0], row[1]) for row in rows] == [
        *((2, "older-version"), (5, "equal-copy"), (6, "where"), (7, "before"), (9, "after"), (13, "condition")),
        *((11, "unknown"), (12, "no-date"), (14, "blank")),
    ]


def test_rows_that_are_left_out_show_what_fields_read_and_fields_where_there_are_any(tmp_path: Path) -> None:
    """An older version has no fields: none is worked out for it."""
    here = desk(tmp_path)
    base = BOOK.replace("    lifespan:", "    fields: {won: stage = 'Won', big: won and amount > 100}\n    lifespan:")
    here.book({"k": "count(deals where big)"}, base=base)
    asked: dict[str, Any] = {"as_of": "2026-02-28", "period": "2026-02", "rows": "1", "left_out": True}
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", **asked).to_dict()["aggregates"][0]["rows"]
    assert [column["name"] for column in found["columns"]] == [
        *("id", "closed", "big", "changed", "deleted", "won", "amount", "stage"),
    ]
    cells = {row["row"]: row["cells"] for row in found["shown"]}
    assert cells[2] == ["old", "2026-02-01", None, "2026-01-01", False, None, 1, "Won"]
    assert cells[10] == ["lost", "2026-02-04", False, "2026-01-01", False, False, 128, "Lost"]


def test_a_replay_lists_who_is_not_alive(tmp_path: Path) -> None:
    columns, rows = left(tmp_path, "count(deals where stage = 'Won' at start)")
    assert columns[:4] == ["id", "begun", "closed", "stage"]
    assert [(row[0], row[1]) for row in rows if row[1] in {"begins-later", "ended"}] == [
        *((9, "begins-later"), (13, "begins-later"), (7, "ended"), (8, "ended")),
    ]


def test_a_value_that_another_row_has_already_is_listed(tmp_path: Path) -> None:
    rows = left(tmp_path, "count_distinct(deals.amount where stage = 'Won')")[1]
    assert [row[:3] for row in rows if row[1] == "duplicate"] == [(15, "duplicate", "same")]


def test_rows_of_months_that_are_left_out_have_no_share_of_their_days(tmp_path: Path) -> None:
    here = Desk(tmp_path)
    here.write("quotas.csv", "rep,month,quota\nann,2026-01-01,3100\nann,2026-02-10,2800\nbob,2026-03-01,100\n")
    base = """\
version: 1
name: Quotas
tables:
  quotas:
    source: quotas.csv
    date: month
    covers: month
    columns: {rep: rep, month: {header: month, type: date}, amount: {header: quota, type: money}}
goals: {growth: {name: Growth}}
"""
    here.book({"k": "sum(quotas.amount)"}, base=base)
    asked: dict[str, Any] = {"period": "2026-02", "as_of": "2026-02-07", "rows": "1", "left_out": True}
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", **asked).to_dict()["aggregates"][0]["rows"]
    assert [column["name"] for column in found["columns"]] == ["month", "amount"]
    assert [(row["reason"], row["cells"]) for row in found["shown"]] == [
        ("before", ["2026-01-01", 3100]),
        ("after", ["2026-03-01", 100]),
    ]


def test_left_out_needs_an_aggregate(tmp_path: Path) -> None:
    here = desk(tmp_path)
    here.book({"k": "count(deals)"}, base=BOOK)
    with pytest.raises(kpicli.KpiError, match="whose rows are left out"):
        kpicli.load(tmp_path / "kpis.yaml").explain("k", left_out=True)


def test_no_column_of_rows_has_the_name_of_what_stands_beside_them(tmp_path: Path) -> None:
    here = Desk(tmp_path)
    here.write("deals.csv", "row,left_out,day\n7,x,2026-02-01\n")
    base = """\
version: 1
name: Desk
tables:
  deals:
    source: deals.csv
    key: row
    date: day
    columns: {row: row, left_out: left_out, day: {type: date}}
goals: {growth: {name: Growth}}
"""
    here.book({"k": "count(deals where left_out = 'x')"}, base=base)
    asked: dict[str, Any] = {"period": "2026-02", "as_of": "2026-02-28", "rows": "1"}
    found = kpicli.load(tmp_path / "kpis.yaml").explain("k", **asked).explanation
    assert rows_csv(found).split("\r\n")[0] == "row,deals.row,day,deals.left_out"


OPPORTUNITIES = """
with read as (
    select *, row_number() over (partition by Id order by LastModifiedDate desc) as version,
        try_cast(CloseDate as date) as closed_on
    from read_csv('{folder}/opportunities.csv', all_varchar = true)
), counted as (select * from read where version = 1 and coalesce(IsDeleted, '0') <> '1')
select
    count(*) filter (closed_on < date '2026-08-25') as before,
    count(*) filter (closed_on > date '2026-11-22') as after,
    count(*) filter (closed_on is null or closed_on between date '2026-08-25' and date '2026-11-22') - count(*) filter
        ((closed_on is null or closed_on between date '2026-08-25' and date '2026-11-22') and IsWon = '1'),
    count(*) filter (closed_on between date '2026-08-25' and date '2026-11-22' and IsWon = '1') as won
from counted
"""


def test_sql_finds_as_many_rows_for_each_reason() -> None:
    found = book().explain("win_rate", period="2026-11", as_of="2026-11-22").to_dict()
    rows = found["aggregates"][0]["rows"]
    left_out = {each["reason"]: each["rows"] for each in rows["left_out"]}
    with duckdb.connect() as connection:
        counted = connection.execute(OPPORTUNITIES.format(folder=ROOT / "examples")).fetchone()
    assert counted == (left_out["before"], left_out["after"], left_out["condition"], rows["counted"])


# ---- which aggregate


@pytest.fixture
def two(tmp_path: Path) -> kpicli.KpiBook:
    here = opened(tmp_path)
    here.book(
        {
            "rate": "count(deals where won) / count(deals where closed)",
            "grown": "growth(count(deals))",
            "fixed": "1 + 1",
            "days_of": "days",
        }
    )
    return kpicli.load(tmp_path / "kpis.yaml")


def refused(two: kpicli.KpiBook, kpi: str, rows: str, **asked: Any) -> str:
    with pytest.raises(kpicli.KpiError) as error:
        two.explain(kpi, rows=rows, as_of="2026-02-28", period="2026-02", **asked)
    return str(error.value)


def test_an_aggregate_is_chosen_by_its_number_or_by_its_text(two: kpicli.KpiBook) -> None:
    for rows in ("2", "count(deals where closed)", "  count(deals   where closed) "):
        found = two.explain("rate", rows=rows, as_of="2026-02-28", period="2026-02").explanation
        assert found.listed == 2


@pytest.mark.parametrize("rows", ["3", "0", "count(deals)", "x"])
def test_an_unknown_aggregate_is_an_error_that_lists_them(two: kpicli.KpiBook, rows: str) -> None:
    assert refused(two, "rate", rows) == (
        f"error[unknown-aggregate]: --rows {rows}: there is no such aggregate\n"
        "help: write one of these numbers: 1 `count(deals where won)` from 2026-02-01 to 2026-02-28;"
        " 2 `count(deals where closed)` from 2026-02-01 to 2026-02-28"
    )


def test_a_text_that_is_several_aggregates_is_an_error_that_tells_them_apart(two: kpicli.KpiBook) -> None:
    assert refused(two, "grown", "count(deals)") == (
        "error[unknown-aggregate]: --rows count(deals): that is more than one aggregate\n"
        "help: write one of these numbers: 1 `count(deals)` from 2026-02-01 to 2026-02-28;"
        " 2 `count(deals)` from 2026-01-01 to 2026-01-31"
    )


def test_a_formula_without_aggregates_has_no_rows(two: kpicli.KpiBook) -> None:
    assert refused(two, "fixed", "1") == (
        "error[unknown-aggregate]: --rows 1: the formula has no aggregate\n"
        "help: leave --rows out: there are no rows to list"
    )


def test_an_unknown_kpi_is_an_error_with_the_nearest(two: kpicli.KpiBook) -> None:
    with pytest.raises(kpicli.KpiError) as error:
        two.explain("rat")
    assert str(error.value) == "error[unknown-kpi]: there is no KPI 'rat'\nhelp: did you mean 'rate'?"
