"""A question to the data: searches of a plan, and the findings that come of what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book, ColumnType
from kpicli.checked import Finding, Sight
from kpicli.formula.typed import Literal, Row, RowOperation, Type
from kpicli.plan.nodes import Found, FoundRow, Search

EXAMPLES: Final = 5
"""How many rows, and how many values, a finding shows."""
KNOWN: Final = 10_000
"""How many values of a column are looked through for the one that was meant."""
_LONGEST: Final = 80

Told: TypeAlias = Callable[[Sequence[Found]], Iterable[Finding]]


class Question(Struct, frozen=True):
    """What to search for, and what to say of the answers, one for each search; the findings are of one table."""

    table: str
    searches: tuple[Search, ...]
    told: Told


def sights(found: Found, names: Sequence[str]) -> tuple[Sight, ...]:
    """The first rows of a search that shows these."""
    return tuple(_sight(row, names) for row in found.first)


def _sight(row: FoundRow, names: Sequence[str]) -> Sight:
    shown = tuple((name, cut(text)) for name, text in zip(names, row.shown, strict=True))
    return Sight(row.row, shown, row.file)


def cut(text: str | None) -> str | None:
    """A text as it is shown: not longer than a line."""
    return text if text is None or len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# ---- row expressions

_TYPES: Final = {ColumnType.TEXT: Type.TEXT, ColumnType.BOOLEAN: Type.BOOLEAN, ColumnType.DATE: Type.DATE}


def types_of(book: Book, formulas: Formulas, table: str) -> dict[str, Type]:
    """The columns and fields of a table with their types."""
    columns = book.tables[table].column_types()
    fields = formulas.tables[table].fields
    return {name: _TYPES.get(kind, Type.NUMBER) for name, kind in columns.items()} | {
        name: row.type for name, row in fields.items()
    }


def as_text(row: Row) -> Row:
    """Its value as a text, which searches show."""
    return row if row.type is Type.TEXT else RowOperation("concat", (row,), Type.TEXT)


def is_null(row: Row) -> Row:
    return RowOperation("is_null", (row,), Type.BOOLEAN)


def negated(row: Row) -> Row:
    return RowOperation("not", (row,), Type.BOOLEAN)


def every(conditions: Sequence[Row]) -> Row:
    """Whether all of the conditions are true; at least one."""
    return conditions[0] if len(conditions) == 1 else RowOperation("and", tuple(conditions), Type.BOOLEAN)


def either(conditions: Sequence[Row]) -> Row:
    """Whether one of the conditions is true; at least one."""
    return conditions[0] if len(conditions) == 1 else RowOperation("or", tuple(conditions), Type.BOOLEAN)


def text(value: str) -> Literal:
    return Literal(value, Type.TEXT)
