"""Cells typed by declaration: text stays text, everything else is read by its type, and what doesn't fit is null."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, assert_never

import polars as pl
from msgspec import Struct, field

from kpicli.book.model import Column, ColumnType
from kpicli.tables.dates import Zones, iso_dates, pattern_dates, plain_dates, read_pattern
from kpicli.tables.ids import NO_ID, first_value, short_id, short_text
from kpicli.tables.numbers import NUMBER, amounts, percents, plain_amounts, plain_percents
from kpicli.tables.steps import Steps

DTYPES: Final = {
    ColumnType.TEXT: pl.String(),
    ColumnType.NUMBER: NUMBER,
    ColumnType.MONEY: NUMBER,
    ColumnType.PERCENT: NUMBER,
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
}
"""What each column type is in a table's frame."""

_TRUE = ("true", "yes", "y", "1", "1.0", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero", "sì", "waar")
_FALSE = ("false", "no", "n", "0", "0.0", "falsch", "nein", "faux", "non", "falso", "onwaar", "nee")
"""What Excel and CRMs write, in English, German, French, Spanish, Italian and Dutch."""
TRUE_OR_FALSE: Final = frozenset((*_TRUE, *_FALSE))
"""In small letters, what a boolean may be."""


def trimmed(cell: pl.Expr) -> pl.Expr:
    """Without blanks of any kind at both ends."""
    return cell.str.strip_chars()


def filled(cell: pl.Expr, column: Column) -> pl.Expr:
    """A trimmed cell, or null where it is empty or one of the texts that mean nothing."""
    return _unless(cell, [text.strip() for text in column.blank])


def text_value(cell: pl.Expr, column: Column) -> pl.Expr:
    """What a trimmed cell of a text column holds: an id in its short form, null where it means nothing."""
    if column.id is None:
        return filled(cell, column)
    nothing = [short_text(text.strip(), column.id) for text in column.blank]
    return _unless(short_id(cell, column.id), [*nothing, NO_ID[column.id]])


def _unless(cell: pl.Expr, nothing: Sequence[str]) -> pl.Expr:
    something = cell != ""
    if nothing:
        something &= ~cell.is_in(nothing)
    return pl.when(something).then(cell)


class Typed(Struct, frozen=True):
    """The value of a cell, and the currency sign beside it where the column can have one."""

    value: pl.Expr
    currency: pl.Expr = field(default_factory=lambda: pl.lit(None, dtype=pl.String))


_OF_NO_CELL: Final = frozenset({"headers", "optional", "timezone", "currency"})
"""What a column declares besides what its cells hold; its zones, with the calendar's, are given to `typed`."""


def reading_of(column: Column) -> tuple[object, ...]:
    """All that `filled` and `typed` look at in a column: where it is the same, cells are read alike."""
    return tuple(value for name, value in column if name not in _OF_NO_CELL)


def typed(cell: pl.Expr, column: Column, zones: Zones, steps: Steps) -> Typed:
    """What a filled cell holds."""
    match column.type:
        case ColumnType.TEXT:
            return Typed(text_value(cell if column.separator is None else first_value(cell, column.separator), column))
        case ColumnType.NUMBER | ColumnType.MONEY:
            found = amounts(cell, column.decimal, steps)
            return Typed(found.value, found.currency)
        case ColumnType.PERCENT:
            return Typed(percents(cell, column.decimal, steps))
        case ColumnType.BOOLEAN:
            return Typed(with_empty(booleans(cell, steps), cell, column))
        case ColumnType.DATE if column.format:
            return Typed(pattern_dates(cell, [read_pattern(text) for text in column.format], zones, steps))
        case ColumnType.DATE:
            return Typed(iso_dates(cell, zones, steps))
        case _:
            assert_never(column.type)


def plain(cell: pl.Expr, column: Column, zones: Zones, steps: Steps) -> pl.Expr:
    """The values of cells that are written plainly: where it isn't null, it is what `typed` gives of the trimmed cell.

    A boolean column has its value for an empty cell already.
    """
    match column.type:
        case ColumnType.TEXT:
            return text_value(trimmed(cell), column)
        case ColumnType.NUMBER | ColumnType.MONEY:
            return plain_amounts(cell, column.decimal)
        case ColumnType.PERCENT:
            return plain_percents(cell, column.decimal)
        case ColumnType.BOOLEAN:
            return with_empty(_truth(cell, _IN_USUAL_CASE), cell, column)
        case ColumnType.DATE if column.format:
            patterns = [read_pattern(text) for text in column.format]
            return pattern_dates(steps.kept(trimmed(cell)), patterns, zones, steps)
        case ColumnType.DATE:
            return plain_dates(cell, steps)
        case _:
            assert_never(column.type)


def booleans(cell: pl.Expr, steps: Steps) -> pl.Expr:
    """`true`, `yes`, `y`, `1`, `1.0` and their opposites, in any case and in the languages of spreadsheets."""
    return _truth(steps.kept(cell.str.to_lowercase()), (_TRUE, _FALSE))


def _truth(cell: pl.Expr, words: tuple[Collection[str], Collection[str]]) -> pl.Expr:
    yes, no = words
    return pl.when(cell.is_in(yes)).then(statement=True).when(cell.is_in(no)).then(statement=False)


def _in_usual_case(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each for word in words for each in (word, word.upper(), word.title())))


_IN_USUAL_CASE: Final = (_in_usual_case(_TRUE), _in_usual_case(_FALSE))
"""Looking these up costs a third of turning every cell into small letters."""


def with_empty(value: pl.Expr, cell: pl.Expr, column: Column) -> pl.Expr:
    """A boolean, with what the column declares an empty cell to be."""
    return pl.when(cell.is_null()).then(pl.lit(column.empty, dtype=pl.Boolean)).otherwise(value)
