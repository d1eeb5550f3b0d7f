"""A slow, plain reader, part four: from the files and the declaration of a table to typed rows, notes, or an error.

Written apart from the program, from docs/book.md and docs/exports.md, for the corpus and the fuzz target to be held
against. It reads the declaration as YAML's plainest loader gives it: mappings, lists and texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tests.corpus.plain_cells import boolean, iso_date, number, one_currency, percent, shaped_date
from tests.corpus.plain_footers import Footers, pattern
from tests.corpus.plain_text import (
    BLANKS,
    Record,
    Refused,
    columns_of,
    duplicates,
    records,
    table_of,
    text_of,
    whole_rows,
)

Cell: TypeAlias = str | Decimal | bool | date | None
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One odd cell or row, by its file and its row as a spreadsheet counts."""

    file: str
    row: int
    value: str | None


@dataclass(slots=True)
class Read:
    """What reading a table gives."""

    rows: list[tuple[str, int, Row]]
    """File, row number and cells, in the order of the declared columns."""
    notes: dict[tuple[str, str | None], list[Found]]
    """What is odd, by code and column."""
    files: list[str]
    signs: dict[str, list[Found]]
    """The currency signs beside amounts, by column."""


def read(files: Mapping[str, bytes], table: Mapping[str, Any], calendar: str = "UTC", currency: str = "USD") -> Read:
    """Reads a table from the files of a folder. Raises Refused where it must not be read."""
    columns = _columns(table.get("columns"), {})
    read = Read([], {}, [], {})
    for entry in _entries(table["source"]):
        own = {**columns, **_columns(entry.get("columns"), columns)}
        _read_entry(read, files, {**table, **entry, "columns": own}, ZoneInfo(calendar))
    _check_currencies(read, currency)
    _check_key(read, list(columns), _listed(table.get("key")))
    return read


def _check_currencies(read: Read, currency: str) -> None:
    """Amounts of several currencies would be added; those of another than the book's are noted."""
    for column, found in read.signs.items():
        signs = [each.value or "" for each in found]
        if not one_currency(signs):
            raise Refused("mixed-currencies")
        if not one_currency([*signs, currency]):
            read.notes.setdefault(("other-currency", column), []).extend(found)


def _check_key(read: Read, columns: Sequence[str], key: Sequence[str]) -> None:
    """Rows without a key are noted; a key that stands twice is an error."""
    seen = set()
    for file, row, cells in read.rows if key else ():
        values = tuple(cells[columns.index(name)] for name in key)
        if None in values:
            read.notes.setdefault(("blank-key", key[0]), []).append(Found(file, row, None))
        elif values in seen:
            raise Refused("duplicate-key")
        seen.add(values)


def _entries(source: Any) -> list[Mapping[str, Any]]:
    listed = source if isinstance(source, list) else [source]
    return [{"path": entry} if isinstance(entry, str) else entry for entry in listed]


def _columns(declared: Any, own: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    spelled = {}
    for name, column in (declared or {}).items():
        given = {"header": column} if isinstance(column, str) else column
        spelled[name] = {"header": name, "type": "text", **own.get(name, {}), **given}
    return spelled


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


# ---- files


def _read_entry(read: Read, files: Mapping[str, bytes], entry: Mapping[str, Any], calendar: ZoneInfo) -> None:
    """Reads what is behind one entry of `source`; its cells are judged together."""
    seen = {name: Seen() for name in entry["columns"]}
    for name in _matching(files, entry["path"]):
        read.files.append(name)
        for row, cells in _cells(read, name, files[name], entry):
            values = []
            for (column, declared), cell in zip(entry["columns"].items(), cells, strict=True):
                value, sign = _typed(cell, declared, calendar)
                values.append(value)
                seen[column].note(Found(name, row, cell.strip(BLANKS)), declared, value, sign)
            read.rows.append((name, row, tuple(values)))
    too_many = [
        (each.misfits[0].row, f"invalid-{entry['columns'][name]['type']}")
        for name, each in seen.items()
        if len(each.misfits) * 20 > each.filled
    ]
    if too_many:
        raise Refused(min(too_many, key=itemgetter(0))[1])  # all are told, the uppermost first
    for column, all_seen in seen.items():
        if all_seen.signs:
            read.signs.setdefault(column, []).extend(all_seen.signs)
        for code, found in all_seen.notes(entry["columns"][column]["type"]):
            read.notes.setdefault((code, column), []).extend(found)


@dataclass(slots=True)
class Seen:
    """What was seen of a column's cells."""

    filled: int = 0
    misfits: list[Found] = field(default_factory=list)
    several: list[Found] = field(default_factory=list)
    signs: list[Found] = field(default_factory=list)

    def note(self, found: Found, declared: Mapping[str, Any], value: Cell, sign: str | None) -> None:
        cell = found.value or ""
        meaning = _meaning(cell, declared)
        self.filled += meaning is not None
        if meaning is not None and value is None:
            self.misfits.append(replace(found, value=meaning))
        if sign is not None:
            self.signs.append(replace(found, value=sign))
        if "separator" in declared and len(set(_values(cell, declared["separator"]))) > 1:
            self.several.append(found)

    def notes(self, kind: str) -> Iterator[tuple[str, list[Found]]]:
        """Codes, and the rows that they are about."""
        if self.misfits:
            yield f"invalid-{kind}", self.misfits
        if self.several:
            yield "several-values", self.several


def _matching(files: Mapping[str, bytes], path: str) -> list[str]:
    """The files that a path or a pattern with `*` and `?` names, in the order of their names."""
    if "*" not in path and "?" not in path:
        if path not in files:
            raise Refused("no-file")
        return [path]
    pattern = "".join("[^/]*" if sign == "*" else "[^/]" if sign == "?" else re.escape(sign) for sign in path)
    found = sorted(name for name in files if re.fullmatch(pattern, name))
    if not found:
        raise Refused("no-file")
    return found


def _cells(read: Read, name: str, content: bytes, entry: Mapping[str, Any]) -> list[tuple[int, list[str]]]:
    """The declared columns of each row of a file, as texts."""
    csv = {**entry.get("csv", {}), **{key: entry[key] for key in ("delimiter", "encoding") if key in entry}}
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    if "delimiter" not in csv and ending not in ("csv", "tsv", "tab"):
        raise Refused("unknown-format")
    delimiter = csv.get("delimiter", "tab" if ending in ("tsv", "tab") else ",")
    delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
    text = text_of(content, csv.get("encoding"))
    rows = records(text, delimiter)
    header_row = entry.get("header_row")
    header, below = table_of(rows, None if header_row is None else int(header_row))
    at = columns_of(header, [_listed(column["header"]) for column in entry["columns"].values()], rows)
    for twice in duplicates(header):
        read.notes.setdefault(("duplicate-header", None), []).append(Found(name, header.row, twice))
    left_out: Sequence[Record] = ()
    if entry.get("footer") != "none":
        own = tuple(map(pattern, _listed(entry.get("footer"))))
        key = _listed(entry.get("key"))
        apart = zip(at, entry["columns"].items(), strict=True)
        never = frozenset(place for place, (name, column) in apart if column["type"] == "date" or name in key)
        left_out = [row for row in Footers(len(header.cells), never, own).of(below) if not row.blank]
    rows = whole_rows(header, [row for row in below if row not in left_out])
    if left_out:
        read.notes.setdefault(("footer", None), []).extend(
            Found(name, row.row, " ".join(row.filled)) for row in left_out
        )
    return [(row.row, [row.cells[each] for each in at]) for row in rows]


# ---- cells


def _meaning(cell: str, column: Mapping[str, Any]) -> str | None:
    """What the cell says, the first value where it holds several; None where it says nothing."""
    separator = column.get("separator")
    values = [cell.strip(BLANKS)] if separator is None else _values(cell, separator)
    text = _short(values[0], column) if values else ""
    nothing = {"", *(_short(blank.strip(BLANKS), column) for blank in _listed(column.get("blank")))}
    nothing |= {"salesforce": {"0" * 15}, "zoho": {"0"}}.get(column.get("id", ""), set())
    return None if text in nothing else text


def _values(cell: str, separator: str) -> list[str]:
    return [value for part in cell.split(separator) if (value := part.strip(BLANKS))]


_ID_OF_18 = re.compile("[0-9A-Za-z]{15}[0-9A-Z]{3}")


def _short(text: str, column: Mapping[str, Any]) -> str:
    """An id in the one form that all of its spellings share."""
    kind = column.get("id")
    if kind == "salesforce" and _ID_OF_18.fullmatch(text):
        return text[:15]
    return text.removeprefix("zcrm_") if kind == "zoho" else text


def _typed(cell: str, column: Mapping[str, Any], calendar: ZoneInfo) -> tuple[Cell, str | None]:
    """The cell's value, and its currency sign where it has one."""
    text = _meaning(cell, column)
    kind = column["type"]
    decimal = column.get("decimal", ".")
    if text is None:
        empty = {"true": True, "unknown": None}.get(column.get("empty", "false"), False)
        return (empty if kind == "boolean" else None), None
    match kind:
        case "number" | "money":
            return number(text, decimal) or (None, None)
        case "percent":
            return percent(text, decimal), None
        case "boolean":
            return boolean(text), None
        case "date":
            return _date(text, column, calendar), None
        case _:
            return text, None


def _date(text: str, column: Mapping[str, Any], calendar: ZoneInfo) -> date | None:
    local = ZoneInfo(column["timezone"]) if "timezone" in column else calendar
    patterns = _listed(column.get("format"))
    if not patterns:
        return iso_date(text, local, calendar)
    days = (shaped_date(text, pattern, local, calendar) for pattern in patterns)
    return next((day for day in days if day is not None), None)
