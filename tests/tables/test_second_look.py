"""The second look: cells of several columns and tables are typed together, each as its own column declares it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.tables.reading import NEW_YORK, column, read

from kpicli.book.model import Column
from kpicli.scorecard import Example, Note
from kpicli.tables import second_look
from kpicli.tables.cells import reading_of

COLUMNS = {
    "point": column("Point", "number"),
    "comma": column("Comma", "number", decimal=","),
    "here": column("Here", "date"),
    "there": column("There", "date", timezone="Asia/Tokyo"),
    "again": column("Again", "date"),
    "some": column("Some", "number", blank=("1,000",)),
}
TEXT = """Point,Comma,Here,There,Again,Some
"1,200","1,200",2026-03-01 20:00,2026-03-01 20:00,2026-03-02 01:00,"1,000"
5,5,2026-03-01,2026-03-01,2026-03-01,5
"2,500","1.200,5",2026-03-02 20:00,2026-03-02 02:00,soon,"2,000"
"""


@pytest.mark.parametrize("many", [second_look.MANY, 0])
def test_each_cell_is_read_as_its_own_column_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """Together or, where there are many, by themselves."""
    monkeypatch.setattr(second_look, "MANY", many)
    monkeypatch.setattr("kpicli.tables.notes.Misread.is_wrong", False)
    found = read(tmp_path, TEXT, COLUMNS, calendar=NEW_YORK)
    assert found["point"] == [1200, 5, 2500]
    assert found["comma"] == [Decimal("1.2"), 5, Decimal("1200.5")]
    assert found["here"] == [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2)]
    assert found["there"] == [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)]
    assert found["again"] == [date(2026, 3, 2), date(2026, 3, 1), None]
    assert found["some"] == [None, 5, 2000]
    assert found.notes == (Note("invalid-date", "again", 1, (Example(4, "soon", None),)),)


def test_columns_are_read_alike_if_they_differ_in_nothing_that_a_cell_means() -> None:
    """A new key of columns sets them apart, unless it is listed among those that say nothing of cells."""
    assert reading_of(column("A", "money", currency="EUR", optional=True)) == reading_of(column("B", "money"))
    assert len(reading_of(column("A"))) == len(Column.model_fields) - 4
