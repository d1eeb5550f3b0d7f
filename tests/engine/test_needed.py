"""Rows on the days that a report looks at: what is left out of memory is never missed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk import Desk

from kpicli.contexts import Days
from kpicli.engine import reading
from kpicli.engine.needed import joined
from kpicli.errors import KpiError

BOOK = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    key: id
    date: closed
    where: kind != 'Test' and not deleted
    columns:
      id: id
      kind: kind
      owner: owner
      amount: {header: amount, type: money}
      deleted: {header: deleted, type: boolean}
      created: {header: created, type: date}
      closed: {header: closed, type: date}
    fields:
      large: amount > 100
dimensions:
  owner: owner
goals:
  growth: {name: Growth}
"""
KPIS = {
    "won": "sum(deals.amount)",
    "large": "count(deals where large)",
    "created": "count(deals on created)",
    "owners": "count_distinct(deals.owner)",
    "median": "median(deals.amount)",
    "large_created": "count(deals where amount >= 100 and closed is not null on created)",
}
HEADER = "id,kind,owner,amount,deleted,created,closed\n"


def desk(folder: Path, rows: str) -> Desk:
    made = Desk(folder)
    made.book(KPIS, base=BOOK)
    made.write("deals.csv", HEADER + rows)
    return made


def report_with_all_rows(made: Desk, **asked: Any) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "needed_days", lambda *_: None)
        return made.report(**asked)


days = st.one_of(
    st.dates(date(2025, 11, 1), date(2026, 4, 1)).map(date.isoformat),
    st.sampled_from(["", "2026-02-03T23:30:00Z", " 2026-02-28 ", "2026-2-1"]),
)
cells = st.tuples(
    st.sampled_from(["Deal", " Deal", "Test", ""]),
    st.sampled_from(["ann", " bob ", ""]),
    st.sampled_from(["100", "$1200.50", "(5)", "", "-3.5"]),
    st.sampled_from(["true", "0", " no ", ""]),
    days,
    days,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(cells, max_size=30),
    st.sampled_from(["2026-02", "2026-Q1", "2026-W08"]),
    st.sampled_from([None, "owner"]),
    st.sampled_from([list(KPIS), ["large_created"], ["large_created", "won"]]),
)
def test_a_report_is_the_same_as_over_all_rows(
    tmp_path: Path, rows: list[tuple[str, ...]], period: str, by: str | None, kpis: list[str]
) -> None:
    """Figures, rows used, the newest date and every note, with cells that take a second look on any day."""
    # Enough plain rows that a few odd ones are no reason to refuse the file.
    written = [",".join((str(at), *row)) for at, row in enumerate(rows)]
    written += [f"p{at},Deal,ann,10,0,2026-01-0{at % 9 + 1},2026-02-1{at % 9}" for at in range(len(rows) * 20)]
    made = desk(tmp_path, "".join(f"{line}\n" for line in written))
    asked = {"period": period, "by": by, "as_of": "2026-03-10", "kpis": kpis}
    assert made.report(**asked) == report_with_all_rows(made, **asked)


def test_an_id_is_shortened_once_whoever_reads_it(tmp_path: Path) -> None:
    """What is left of an id may look like a long one, which is another row's."""
    made = Desk(tmp_path)
    base = BOOK.replace("id: id", "id: {header: id, id: zoho}", 1).replace("kind != 'Test'", "id != 'none'")
    made.book({"ids": "count_distinct(deals.id)"}, base=base)
    rows = [f"{each},Deal,ann,1,no,2026-01-01,2026-02-03\n" for each in ("zcrm_zcrm_7", "zcrm_7")]
    made.write("deals.csv", HEADER + "".join(rows))
    assert made.values(period="2026-02", as_of="2026-03-10") == {"ids": 2}


def test_a_key_that_stands_twice_is_found_on_any_day(tmp_path: Path) -> None:
    rows = "7,Deal,ann,1,0,2026-02-01,2026-02-02\n7,Deal,ann,1,0,2024-01-01,2024-01-02\n"
    with pytest.raises(KpiError, match=r"the key id isn't unique: 7 \(rows 2, 3\)"):
        desk(tmp_path, rows).report(period="2026-02", as_of="2026-03-10")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The ids of the deals that each report holds in memory."""
    found_ids: list[list[str]] = []
    read_tables = reading.read_tables

    def watched(*arguments: Any) -> dict[str, reading.TableRows]:
        found = read_tables(*arguments)
        found_ids.append(found["deals"].frame["id"].to_list())
        return found

    monkeypatch.setattr("kpicli.engine.polars.read_tables", watched)
    return found_ids


def test_only_rows_of_the_needed_days_are_kept(tmp_path: Path, kept: list[list[str]]) -> None:
    rows = "".join(f"{at},Deal,ann,1,0,2024-01-0{at},2026-0{at}-01\n" for at in range(1, 6))
    desk(tmp_path, rows + "6,Deal,ann,$2,0,2024-01-01,2024-01-01\n7,Deal,ann,1,0,,2024-01-01\n").report(
        period="2026-02", kpis=["won"], as_of="2026-05-10"
    )
    # February, the month before it, and the row whose amount takes a second look.
    assert kept == [["1", "2", "6"]]


def test_rows_without_a_date_are_kept_if_somebody_asks_for_them(tmp_path: Path, kept: list[list[str]]) -> None:
    made = desk(tmp_path, "1,Deal,ann,100,0,,2026-02-01\n2,Deal,ann,100,0,,\n3,Deal,ann,5,0,,2026-02-01\n")
    made.report(period="2026-02", kpis=["large_created"], as_of="2026-05-10")
    assert kept == [["1"]]
    made.report(period="2026-02", kpis=["created"], as_of="2026-05-10")
    assert kept[1:] == [["1", "2", "3"]]


def test_stretches_of_days_that_touch_are_one() -> None:
    first, second, third, fourth = (date(2026, month, 1) for month in (1, 2, 3, 4))
    assert joined([Days(third, fourth), Days(first, second)]) == (Days(first, second), Days(third, fourth))
    assert joined([Days(second, third), Days(first, second), Days(first, third)]) == (Days(first, third),)
