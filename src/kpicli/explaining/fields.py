"""The columns and fields that aggregates read, and what the book says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.explained import FieldText
from kpicli.formula.typed import Field, Rollup, Row, RowOperation, Type

_KINDS = {Type.NUMBER: "number", Type.TEXT: "text", Type.BOOLEAN: "boolean", Type.DATE: "date", Type.NULL: "text"}


def fields_in(row: Row | None) -> Iterator[Field]:
    """The columns and fields that a row expression names, in its order."""
    match row:
        case Field():
            yield row
        case RowOperation(arguments=arguments):
            for argument in arguments:
                yield from fields_in(argument)
        case _:
            pass


def read_by(formulas: Formulas, table: str, rows: Iterable[Row | None]) -> Iterator[Field]:
    """What the fields of a table read that row expressions name: columns, fields and what lookups bring."""
    for row in rows:
        for field in fields_in(row):
            formula = formulas.tables[table].fields.get(".".join(field.path))
            if formula is not None:
                yield from fields_in(formula)
                yield from read_by(formulas, table, (formula,))


def kind_of(book: Book, table: str, field: Field) -> str:
    """What the cells of a column hold, by its declaration; of a field, by its type."""
    owner, name = _owner(book, table, field)
    declared = book.tables[owner].column_types().get(name)
    return _KINDS[field.type] if declared is None else declared.value


def _owner(book: Book, table: str, field: Field) -> tuple[str, str]:
    """The table that a path through lookups ends at, and the name there."""
    *lookups, name = field.path
    for lookup in lookups:
        table = book.tables[table].lookups[lookup].table
    return table, name


def texts_of(book: Book, formulas: Formulas, read: Iterable[tuple[str, Row]]) -> tuple[FieldText, ...]:
    """The formulas of all fields that row expressions of tables read, and of those that these read, each once."""
    found: dict[tuple[str, str], FieldText] = {}

    def walk(table: str, row: Row) -> None:
        match row:
            case Field():
                owner, name = _owner(book, table, row)
                formula = formulas.tables[owner].fields.get(name)
                if formula is not None and (owner, name) not in found:
                    found[owner, name] = FieldText(owner, name, book.tables[owner].fields[name])
                    walk(owner, formula)
            case RowOperation(arguments=arguments):
                for argument in arguments:
                    walk(table, argument)
            case Rollup(table=child, column=column, where=where):
                for part in (column, where):
                    if part is not None:
                        walk(child, part)
            case _:
                pass

    for table, row in read:
        walk(table, row)
    return tuple(found.values())
