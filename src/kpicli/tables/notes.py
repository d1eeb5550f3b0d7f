"""What reading sees: rows, and the cells that don't fit their type, counted and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from kpicli.book.model import Column, ColumnType
from kpicli.errors import KpiError, Mistakes, Place
from kpicli.scorecard import Example, Note
from kpicli.tables.advice import advice
from kpicli.tables.currencies import are_one
from kpicli.tables.records import Delimited, cell_place, record_at
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.text import data_error

EXAMPLES: Final = 5
SAMPLE: Final = 100
"""How many misfits are looked at for the likely fix."""
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows in a table's files, and the notes about its cells."""

    rows: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column as one entry of `source` declares it, and the files in which it stands."""

    entry: int
    name: str
    column: Column
    places: dict[int, tuple[Delimited, int]]
    """By index of the file: its text, and the column's position in it."""

    @property
    def label(self) -> str:
        return f"{self.entry}:{self.name}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that makes the collected `stats` of a table speak."""

    table: str
    files: tuple[str, ...]
    entries: int
    columns: tuple[SeenColumn, ...]


def filled_name(column: str) -> str:
    """The hidden column that says which cells of a column are filled."""
    return f"{column}:filled"


def misfit_name(column: str) -> str:
    """The hidden column that holds the cells of a column that don't fit, as text."""
    return f"{column}:misfit"


def currency_name(column: str) -> str:
    """The hidden column that holds the currency signs beside a column's amounts."""
    return f"{column}:currency"


def watch(cell: pl.Expr, value: pl.Expr, column: str) -> Iterator[pl.Expr]:
    """The hidden columns of one typed column."""
    yield cell.is_not_null().alias(filled_name(column))
    misfit = pl.when(value.is_null()).then(cell).cast(pl.String).str.head(_LONGEST_VALUE + 1)
    yield misfit.alias(misfit_name(column))


def stats(frames: Sequence[pl.LazyFrame], columns: Sequence[SeenColumn]) -> pl.LazyFrame:
    """One row about the typed frames of a table, one frame an entry."""
    parts = []
    for entry, frame in enumerate(frames):
        own = [seen for seen in columns if seen.entry == entry]
        parts.append(frame.select(pl.len().alias(f"{entry}:rows"), *(count for seen in own for count in _counts(seen))))
        parts += [_misfits(frame, seen) for seen in own]
        parts += [_currencies(frame, seen) for seen in own if is_amount(seen.column)]
    return pl.concat(parts, how="horizontal")


def is_amount(column: Column) -> bool:
    return column.type in (ColumnType.NUMBER, ColumnType.MONEY)


def _counts(seen: SeenColumn) -> Iterator[pl.Expr]:
    yield pl.col(filled_name(seen.name)).sum().alias(f"{seen.label}:filled")
    yield pl.col(misfit_name(seen.name)).is_not_null().sum().alias(f"{seen.label}:misfits")


def _misfits(frame: pl.LazyFrame, seen: SeenColumn) -> pl.LazyFrame:
    misfit = pl.col(misfit_name(seen.name))
    first = frame.filter(misfit.is_not_null()).head(SAMPLE)
    return first.select(pl.struct(FILE, ROW, misfit.alias("value")).implode().alias(f"{seen.label}:examples"))


def _currencies(frame: pl.LazyFrame, seen: SeenColumn) -> pl.LazyFrame:
    sign = pl.col(currency_name(seen.name))
    place = pl.col(FILE).cast(pl.UInt64) * 2**32 + pl.col(ROW)
    groups = (
        frame.filter(sign.is_not_null())
        .group_by(sign.alias("sign"))
        .agg(pl.len().alias("rows"), place.min().alias("at"))
    )
    return groups.select(pl.struct("sign", "rows", "at").implode().alias(f"{seen.label}:currencies"))


def read_stats(seen: Seen, collected: pl.DataFrame) -> Reading:
    """Rows and notes; raises KpiError (data) where more than 5 % of a column's filled cells don't fit."""
    (found,) = collected.iter_rows(named=True)
    errors = []
    for column in seen.columns:
        filled, misfits = found[f"{column.label}:filled"], found[f"{column.label}:misfits"]
        if misfits * 20 > filled:
            errors.append(_refusal(seen, column, filled, misfits, found[f"{column.label}:examples"]))
    if errors:
        raise errors[0] if len(errors) == 1 else Mistakes(errors)
    rows = sum(found[f"{entry}:rows"] for entry in range(seen.entries))
    names = dict.fromkeys(column.name for column in seen.columns)
    notes = [note for name in names for note in _notes(seen, name, found)]
    return Reading(rows, tuple(notes))


def _notes(seen: Seen, name: str, found: Mapping[str, Any]) -> Iterator[Note]:
    columns = [column for column in seen.columns if column.name == name]
    misfits = sum(found[f"{column.label}:misfits"] for column in columns)
    if misfits:
        examples = sorted(
            (example[FILE], example[ROW], example["value"])
            for column in columns
            for example in found[f"{column.label}:examples"]
        )
        shown = tuple(_example(seen, file, row, value) for file, row, value in examples[:EXAMPLES])
        yield Note(f"invalid-{columns[0].column.type.value}", name, misfits, shown)
    signs = sorted(
        (group["at"], group["sign"], group["rows"])
        for column in columns
        for group in found.get(f"{column.label}:currencies") or ()
    )
    if not are_one(sign for _, sign, _ in signs):
        first = {sign: at for at, sign, _ in reversed(signs)}
        shown = tuple(
            _example(seen, at >> 32, at & 0xFFFFFFFF, sign) for sign, at in sorted(first.items(), key=_second)
        )
        yield Note("mixed-currencies", name, sum(rows for _, _, rows in signs), shown[:EXAMPLES])


def _second(pair: tuple[str, int]) -> int:
    return pair[1]


def _example(seen: Seen, file: int, row: int, value: str) -> Example:
    return Example(row, _cut(value), seen.files[file] if len(seen.files) > 1 else None)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"


def _refusal(
    seen: Seen, column: SeenColumn, filled: int, misfits: int, examples: Sequence[Mapping[str, Any]]
) -> KpiError:
    """The error for a declaration that is wrong more often than the data can be."""
    ordered = sorted(examples, key=lambda example: (example[FILE], example[ROW]))
    first = ordered[0]
    named = f"'{seen.files[first[FILE]]}'" + ("" if ordered[-1][FILE] == first[FILE] else " and other files")
    same_file = [example for example in ordered if example[FILE] == first[FILE]]
    shown = ", ".join(f"'{_cut(example['value'])}' in row {example[ROW]}" for example in same_file[:EXAMPLES])
    header, kind = column.column.header, column.column.type.value
    return data_error(
        f"invalid-{kind}",
        f"table {seen.table}: {misfits} of {filled} filled cells of {column.name} ('{header}' in {named}) "
        f"{'does' if misfits == 1 else 'do'}n't fit `type: {kind}`: {shown}",
        place=_place(column, first),
        help=advice(column.column, [example["value"] for example in ordered], others_fit=misfits < filled),
    )


def _place(column: SeenColumn, example: Mapping[str, Any]) -> Place | None:
    if example[FILE] not in column.places:
        return None
    source, at = column.places[example[FILE]]
    record = record_at(source, example[ROW])
    return None if record is None else cell_place(source.name, record, source.delimiter, at)
