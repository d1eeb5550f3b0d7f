"""Why rows don't count: by reasons that add up, whatever the order of rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk import Desk

BOOK = """\
version: 1
name: Desk
tables:
  deals:
    source: deals.csv
    key: id
    keep: latest by version
    where: stage != 'Test'
    date: closed
    columns:
      id: id
      stage: stage
      version: {header: version, type: date}
      closed: {header: closed, type: date}
goals:
  growth: {name: Growth}
"""
HEADER = "id,stage,version,closed\n"

Row = tuple[str, str, str]
rows = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", ""]), st.sampled_from(["Won", "Test", ""]), st.integers(1, 3).map(str)),
    max_size=12,
)


def told(folder: Path, written: list[Row]) -> dict[str, Any]:
    desk = Desk(folder)
    desk.book({"deals": "count(deals)"}, base=BOOK)
    # One stage a version, so that versions of a key never tie and differ.
    lines = [f"{key},{stage},2026-01-0{version},2026-02-01\n" for key, stage, version in written]
    desk.write("deals.csv", HEADER + "".join(lines))
    (table,) = desk.report(period="2026-02", as_of="2026-03-01")["data"]
    return {"rows": table["rows"], "used": table["used"], **{e["reason"]: e["rows"] for e in table["left_out"]}}


def by_hand(written: list[Row]) -> dict[str, int]:
    newest: dict[str, str] = {}
    for key, _, version in written:
        newest[key] = max(version, newest.get(key, ""))
    latest = [row for row in written if not row[0] or row[2] == newest[row[0]]]
    kept = [row for row in latest if not row[0]] + list({row: row for row in latest if row[0]})
    used = [row for row in kept if row[1] not in ("Test", "")]
    reasons = Counter(
        {
            "older-version": len(written) - len(latest),
            "equal-copy": len(latest) - len(kept),
            "where": len(kept) - len(used),
        }
    )
    return {"rows": len(written), "used": len(used), **+reasons}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.randoms(use_true_random=False))
def test_reasons_are_those_of_plain_python_and_add_up(tmp_path: Path, drawn: list[Row], random: Any) -> None:
    stages: dict[tuple[str, str], str] = {}
    written = [
        (key, stages.setdefault((key, version), stage) if key else stage, version) for key, stage, version in drawn
    ]
    found = told(tmp_path, written)
    assert found == by_hand(written)
    assert found["rows"] == sum(count for name, count in found.items() if name != "rows")
    random.shuffle(written)
    assert told(tmp_path, written) == found


def test_a_condition_is_told_as_the_book_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.book({"deals": "count(deals)"}, base=BOOK)
    desk.write("deals.csv", HEADER + "1,Test,2026-01-01,2026-02-01\n2,Won,2026-01-01,2026-02-01\n")
    (table,) = desk.report(period="2026-02", as_of="2026-03-01")["data"]
    assert table["left_out"] == [{"reason": "where", "rows": 1, "condition": "stage != 'Test'"}]


def test_rows_that_are_not_kept_in_memory_are_told_too(tmp_path: Path) -> None:
    """Only February is read, and a row of January is left out by the table's condition all the same."""
    desk = Desk(tmp_path)
    desk.book({"deals": "count(deals)"}, base=BOOK.replace("    keep: latest by version\n", ""))
    desk.write("deals.csv", HEADER + "1,Test,2026-01-01,2026-01-01\n2,Won,2026-01-01,2026-02-01\n")
    (table,) = desk.report(period="2026-02", as_of="2026-03-01")["data"]
    assert (table["rows"], table["used"]) == (2, 1)
    assert table["left_out"] == [{"reason": "where", "rows": 1, "condition": "stage != 'Test'"}]
