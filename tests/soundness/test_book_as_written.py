"""A book means what it shows: nothing in it is read as something else, or lost, without an error."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpicli.book.load import Loaded, load
from kpicli.book.model import ColumnType
from kpicli.errors import Mistakes

HEAD = "version: 1\nkpis: {k: {formula: count(t), role: lagging, status: proposed}}\n"
TABLE = "tables: {t: {source: t.csv, columns: {id: Id}}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(text: str) -> Loaded:
    Path("kpis.yaml").write_text(text, encoding="utf-8")
    return load("kpis.yaml")


def codes(text: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        loaded(text)
    return [error.code for error in caught.value.errors]


def test_second_of_two_equal_keys_does_not_win() -> None:
    assert codes(HEAD + TABLE + "constants: {market: 100, market: 200}\n") == ["duplicate-key"]


def test_holidays_of_norway_are_not_switched_off() -> None:
    assert loaded(HEAD + TABLE + "calendar: {holidays: NO}\n").book.calendar.holidays == "NO"


@pytest.mark.parametrize("written", ["1:30", "1e3", "010", "0x10", ".inf", "1,000", "5."])
def test_number_that_yaml_would_read_in_its_own_way_is_an_error(written: str) -> None:
    assert codes(HEAD + TABLE + f"constants: {{market: '{written}'}}\n") == ["value"]
    assert codes(HEAD + TABLE + f"constants:\n  market: {written}\n") == ["value"]


def test_id_marker_of_zeros_keeps_them() -> None:
    text = "tables: {t: {source: t.csv, columns: {id: {header: Id, blank: [000, 0]}}}}\n"
    assert loaded(HEAD + text).book.tables["t"].columns["id"].blank == ("000", "0")


def test_percentage_is_the_exact_fraction() -> None:
    book = loaded(HEAD + TABLE + "constants: {a: 10%, b: 0.1, c: 12_000}\n").book
    assert book.constants == {"a": Decimal("0.1"), "b": Decimal("0.1"), "c": Decimal(12000)}


def test_formula_that_a_comma_cuts_in_braces_is_an_error() -> None:
    """What comes after the comma is a key without a value, and such keys are passed over only where they are known."""
    text = "version: 1\nkpis: {k: {formula: count(t) + least(1, 2), role: lagging, status: proposed}}\n" + TABLE
    assert codes(text) == ["unknown-key"]


def test_other_header_of_a_column_in_one_file_keeps_its_type() -> None:
    """Or its money would be text there, or read with the wrong decimal sign."""
    text = (
        "tables:\n  t:\n    source: [a.csv, {path: b.csv, columns: {amount: Betrag}}]\n"
        "    columns: {amount: {header: Amount, type: money, decimal: ','}}\n"
    )
    column = loaded(HEAD + text).book.tables["t"].source[1].columns["amount"]
    assert (column.header, column.type, column.decimal) == ("Betrag", ColumnType.MONEY, ",")


def test_format_without_the_type_of_a_date_is_an_error() -> None:
    text = "tables: {t: {source: t.csv, columns: {day: {header: Day, format: '%d.%m.%Y'}}}}\n"
    assert codes(HEAD + text) == ["value"]


def test_newest_row_is_never_told_by_a_text() -> None:
    """As texts, 9/1/2026 is later than 10/1/2026."""
    text = "tables: {t: {source: t.csv, key: id, keep: latest by day, columns: {id: Id, day: Day}}}\n"
    assert codes(HEAD + text) == ["type"]


def test_threshold_of_90_is_not_ninety_times_the_pace() -> None:
    assert codes(HEAD + TABLE + "status: {on_track: 100, at_risk: 90}\n") == ["value", "value"]


def test_dated_targets_out_of_order_are_an_error() -> None:
    text = (
        "version: 1\ntables: {t: {source: t.csv, columns: {id: Id, day: {header: Day, type: date}}, date: day}}\n"
        "kpis:\n  k:\n    formula: count(t)\n    role: lagging\n    status: proposed\n"
        "    target: [{from: 2026-07-01, value: 6 per week}, {from: 2026-01-01, value: 5 per week}]\n"
    )
    assert codes(text) == ["target-order"]
