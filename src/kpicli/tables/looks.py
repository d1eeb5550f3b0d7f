"""Typing in two looks: what is written plainly is typed while the files are scanned, the few other cells afterwards.

Nearly every cell of an export is a plain number, an ISO date or a known word. The scan types those, at next to no cost,
and leaves the other cells as text; whatever it takes to read them is then only a matter of the rows that hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import Column, ColumnType
from kpicli.tables.cells import DTYPES, filled, plain, text_value, trimmed
from kpicli.tables.dates import Zones
from kpicli.tables.parquet import adopted
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.steps import Steps

_ROWS: Final = "__rows"
_BLANK: Final = "__blank"


def cell_name(column: str) -> str:
    """The hidden column that holds a column's cells as the file has them."""
    return f"{column}:cell"


def left_name(column: str) -> str:
    """The hidden column that holds, as text, the cells of a column that the first look leaves over."""
    return f"{column}:left"


def moment_name(column: str) -> str:
    """The hidden column that holds the cells by whose moments the latest rows are kept."""
    return f"{column}:moment"


def is_plain_text(column: Column) -> bool:
    """Whether a cell is a text that needs no second look."""
    return column.type is ColumnType.TEXT and column.separator is None


class Declared(Struct, frozen=True):
    """What the book says of the files of one entry of `source`."""

    entry: int
    """Its place in `source`."""
    columns: Mapping[str, Column]
    """The asked columns that these files have."""
    asked: Mapping[str, ColumnType]
    """All asked columns of the table."""
    calendar: str
    """The calendar's time zone."""
    keep: str | None
    """The date column by whose moments the latest rows are kept."""

    @property
    def typed(self) -> list[str]:
        """The columns that aren't plain texts."""
        return [name for name, column in self.columns.items() if not is_plain_text(column)]

    def zones(self, name: str) -> Zones:
        return Zones(self.columns[name].timezone or self.calendar, self.calendar)


class Counted(Struct, frozen=True):
    """What the first look has to know of all rows, those that nobody keeps too."""

    rows: int
    blank: int
    """How many rows hold nothing in any asked column."""
    plain: Mapping[str, int]
    """Of each column that isn't text, how many cells are typed."""
    left: Mapping[str, int]
    """Likewise how many are left for the second look."""


class Look(Struct, frozen=True):
    """The first look at consecutive files of a table that are read alike."""

    declared: Declared
    kinds: Mapping[str, pl.DataType]
    """What the cells of each of its columns are: text, or native values."""
    frame: pl.LazyFrame
    """Every row: ROW, FILE, the asked columns as far as they are typed, and what the other methods read beside them.

    Texts are as the file has them.
    """

    @property
    def totals(self) -> list[pl.Expr]:
        """What `counted` is made of."""
        plain = [
            (pl.col(name).is_not_null() & pl.col(cell_name(name)).is_not_null()).sum().alias(name)
            for name in self.declared.typed
        ]
        left = [self.is_left(name).sum().alias(left_name(name)) for name in self.declared.typed]
        return [pl.len().alias(_ROWS), pl.col(_BLANK).sum(), *plain, *left]

    def counted(self, totals: pl.DataFrame) -> Counted:
        """What the collected `totals` say."""
        found = totals.row(0, named=True)
        plain = {name: found[name] for name in self.declared.typed}
        left = {name: found[left_name(name)] for name in self.declared.typed}
        return Counted(found[_ROWS], found[_BLANK], plain, left)

    def is_odd(self) -> pl.Expr:
        """Whether a row has cells for the second look."""
        return pl.any_horizontal(pl.lit(value=False), *(self.is_left(name) for name in self.declared.typed))

    def odd(self) -> pl.LazyFrame:
        """The rows that have cells for the second look."""
        return self.frame.filter(self.is_odd())

    def is_left(self, name: str) -> pl.Expr:
        """Whether a column's cell is for the second look."""
        return pl.col(name).is_null() & pl.col(cell_name(name)).is_not_null()

    def clean(self, frame: pl.LazyFrame, names: Iterable[str] | None = None) -> pl.LazyFrame:
        """Rows of `frame` with their texts trimmed, and blank ones null: those named, or all."""
        columns = self.declared.columns
        texts = [name for name in columns if name not in self.declared.typed and (names is None or name in names)]
        return frame.with_columns(trimmed(pl.col(name)) for name in texts).with_columns(
            text_value(pl.col(name), columns[name]) for name in texts
        )

    def rows(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """What the second look takes of `frame`: the asked columns as far as they are typed, and what is left over."""
        hidden = {
            left_name(name): pl.when(self.is_left(name)).then(pl.col(cell_name(name))).cast(pl.String)
            for name in self.declared.typed
        }
        keep = self.declared.keep
        if keep is not None and keep in self.declared.columns:
            cell = pl.col(cell_name(keep))
            is_text = self.kinds[keep] == pl.String
            hidden[moment_name(keep)] = filled(trimmed(cell), self.declared.columns[keep]) if is_text else cell
        return self.clean(frame).select(ROW, FILE, *self.declared.asked, **hidden)

    def copied(self) -> pl.LazyFrame:
        """What a copy of one file holds: all that `rows` gives, of every row."""
        return self.rows(self.frame).drop(FILE)


class CopiedLook(Look, frozen=True):
    """A first look that an earlier run took: its frame is a copy of the rows, typed and clean."""

    known: Counted

    @classmethod
    def of(cls, declared: Declared, copy: pl.LazyFrame, file: int, known: Counted) -> CopiedLook:
        """From a copy of one file, and what was counted when it was made."""
        kinds = dict.fromkeys(declared.columns, pl.String())
        return cls(declared, kinds, copy.with_columns(pl.lit(file, dtype=pl.UInt32).alias(FILE)), known)

    @property
    def totals(self) -> list[pl.Expr]:
        return [pl.lit(self.known.rows).alias(_ROWS)]

    def counted(self, totals: pl.DataFrame) -> Counted:  # noqa: ARG002 -- as of any look
        return self.known

    def is_left(self, name: str) -> pl.Expr:
        return pl.col(left_name(name)).is_not_null() if self.known.left[name] else pl.lit(value=False)

    def odd(self) -> pl.LazyFrame:
        return super().odd() if any(self.known.left.values()) else self.frame.head(0)

    def clean(self, frame: pl.LazyFrame, names: Iterable[str] | None = None) -> pl.LazyFrame:  # noqa: ARG002 -- as of any look
        return frame

    def rows(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        hidden = [left_name(name) for name in self.declared.typed if self.known.left[name]]
        if self.declared.keep in self.declared.columns:
            hidden.append(moment_name(str(self.declared.keep)))
        return frame.select(ROW, FILE, *self.declared.asked, *hidden)


class ColumnRead(Struct, frozen=True):
    """A column that isn't text: how many of its cells the first look typed, and the others one by one."""

    plain: int
    odd: pl.DataFrame | None
    """FILE, ROW, `place` in the rows, `cell` as text, `value` and `currency`; the last three null where nothing is."""


class Looked(Struct, frozen=True):
    """What both looks gave: rows typed whole, with ORDER where the latest rows are kept."""

    look: Look
    frame: pl.DataFrame
    rows: int
    """All rows, kept or not."""
    columns: Mapping[str, ColumnRead]


def first_look(declared: Declared, cells: Sequence[pl.LazyFrame], kinds: Mapping[str, pl.DataType]) -> Look:
    """The first look at frames of ROW, FILE, and the cells of each declared column under `cell_name`.

    Asked columns that the files don't have are null.
    """
    steps = Steps()
    columns = declared.columns
    values: dict[str, pl.Expr] = {}
    for name, kind in declared.asked.items():
        cell = pl.col(cell_name(name))
        if name not in columns:
            values[name] = pl.lit(None, dtype=DTYPES[kind])
        elif is_plain_text(columns[name]):
            values[name] = cell
        else:
            values[cell_name(name)], values[name] = _at_once(
                cell, columns[name], kinds[name], declared.zones(name), steps
            )
    blank = _blank({name: values[name] for name in columns}, declared, kinds, steps)
    frame = steps.added(together(cells)).select(ROW, FILE, blank.alias(_BLANK), **values)
    return Look(declared, kinds, frame)


def _blank(
    values: Mapping[str, pl.Expr], declared: Declared, kinds: Mapping[str, pl.DataType], steps: Steps
) -> pl.Expr:
    """Whether no asked cell of a row holds more than blanks; texts are only looked at where no typed cell tells."""
    left: pl.Expr = pl.lit(value=True)
    # A boolean has its value for an empty cell, so that a value tells nothing.
    if telling := [name for name in declared.typed if declared.columns[name].type is not ColumnType.BOOLEAN]:
        left = steps.kept(pl.all_horizontal(values[name].is_null() for name in telling))
    for name in (*declared.typed, *(name for name in values if name not in declared.typed)):
        cell = pl.col(cell_name(name))
        empty = cell.is_null()
        if kinds[name] == pl.String:
            empty |= pl.when(left).then(cell).str.contains(r"^\s*$")
        left = steps.kept(left & empty)
    return left


def _at_once(cell: pl.Expr, column: Column, kind: pl.DataType, zones: Zones, steps: Steps) -> tuple[pl.Expr, pl.Expr]:
    """A cell as the first look takes it, and its value there."""
    if kind != pl.String:
        return cell, steps.kept(adopted(cell, kind, column, zones, steps))
    if column.separator is not None:
        one = steps.kept(~cell.str.contains(column.separator, literal=True))
        value = steps.kept(pl.when(one).then(plain(cell, column, zones, steps)))
        return pl.when(~one | value.is_not_null()).then(cell), value
    if column.blank:
        cell = steps.kept(filled(steps.kept(trimmed(cell)), column))
    return cell, steps.kept(plain(cell, column, zones, steps))


def together(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """The frames one below the other."""
    return frames[0] if len(frames) == 1 else pl.concat(frames)
