"""In which currency the amounts of a table are, as the book declares it, and what can't be right about that."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Protocol

from kpicli.book.currencies import ISO_4217, nearest_code
from kpicli.book.dated import RateEntry
from kpicli.book.model import Book, Column, ColumnType, Table
from kpicli.book.reader import Path
from kpicli.errors import did_you_mean


def currency_of(table: Table, column: Column) -> str | None:
    """The column that holds the currency of each amount, or the code of all of them; None: they are in the book's."""
    return (column.currency or table.currency) if column.type is ColumnType.MONEY else None


def currencies_of(table: Table, names: Collection[str]) -> set[str]:
    """What `currency_of` says of the named columns, whichever source declares them."""
    declared = [table.columns, *(entry.columns for entry in table.source)]
    found = {currency_of(table, column) for columns in declared for name, column in columns.items() if name in names}
    return {currency for currency in found if currency is not None}


class _Work(Protocol):
    """What the check of a book keeps errors with."""

    book: Book

    def fail(self, code: str, message: str, path: Path, help_: str | None = None) -> None: ...
    def fail_key(self, code: str, message: str, path: Path, help_: str | None = None) -> None: ...
    def gone(self, *path: str) -> bool: ...


def check_currencies(work: _Work) -> None:
    """Keeps what is wrong with the rates of a book and the currencies of its tables."""
    book = work.book
    declared: list[Path] = [("rates",)] if book.rates else []
    declared += [path for name, table in book.tables.items() for path, _ in _declared(name, table)]
    if declared and book.currency is None:
        if not work.gone("currency"):
            message = "amounts of other currencies are converted to the book's, and the book has none"
            help_ = "add `currency: USD` (or another ISO 4217 code) to the top of the book"
            work.fail_key("no-currency", message, declared[0], help_)
        return
    for code, entries in book.rates.items():
        _check_rates(work, code, entries)
    for name, table in book.tables.items():
        for path, currency in _declared(name, table):
            _check_currency(work, name, path, currency)
        if table.currency is not None and ColumnType.MONEY not in table.column_types().values():
            message = f"`currency` is about amounts of money, and {name} has no column of `type: money`"
            help_ = "declare the amounts with `type: money`, or leave `currency` out"
            work.fail_key("value", message, ("tables", name, "currency"), help_)


def _declared(name: str, table: Table) -> Iterator[tuple[Path, str]]:
    """Each currency that a table declares; an entry of `source` inherits those of the table's columns."""
    under: Path = ("tables", name)
    if table.currency is not None:
        yield (*under, "currency"), table.currency
    for key, column in table.columns.items():
        if column.currency is not None:
            yield (*under, "columns", key, "currency"), column.currency
    for index, entry in enumerate(table.source):
        for key, column in entry.columns.items():
            inherited = table.columns[key].currency if key in table.columns else None
            if column.currency is not None and column.currency != inherited:
                yield (*under, "source", index, "columns", key, "currency"), column.currency


def _check_rates(work: _Work, code: str, entries: tuple[RateEntry, ...]) -> None:
    path = ("rates", code)
    if code not in ISO_4217:
        upper = code.strip().upper()
        help_ = f"write {upper}" if upper in ISO_4217 else nearest_code(code)
        work.fail_key("unknown-currency", f"'{code}' is no ISO 4217 code", path, help_)
    elif code == work.book.currency and any(entry.rate != 1 for entry in entries):
        message = f"{code} is the book's currency, in which one {code} is worth 1"
        work.fail_key("value", message, path, f"give rates of other currencies: what one unit is worth in {code}")
    seen = set()
    for index, entry in enumerate(entries):
        if entry.from_ in seen and entry.from_ is None:
            work.fail("missing-key", "this entry needs `from`", (*path, index), "only one entry may hold from always")
        elif entry.from_ in seen:
            message = f"{code} has two rates from {entry.from_}"
            work.fail("value", message, (*path, index, "from"), "delete one of them")
        seen.add(entry.from_)


def _check_currency(work: _Work, name: str, path: Path, currency: str) -> None:
    """Whether it is a column of texts, or a code that has a rate."""
    book = work.book
    table = book.tables[name]
    types = table.column_types()
    if currency in types:
        kind = types[currency]
        if kind is not ColumnType.TEXT:
            message = f"'{currency}' is a {kind.value}, and the code of a currency is a text"
            work.fail("type", message, path, "name the column that holds codes such as USD")
    elif currency in ISO_4217:
        if currency != book.currency and currency not in book.rates and not work.gone("rates", currency):
            message = f"there is no rate for {currency}"
            help_ = f"add under `rates` what one {currency} is worth in {book.currency}: `{currency}: …`"
            work.fail("missing-rate", message, path, help_)
    elif not work.gone("tables", name, "columns", currency):
        message = f"{name} has no column '{currency}', and it is no ISO 4217 code"
        work.fail("unknown-name", message, path, _meant(table, currency))


def _meant(table: Table, currency: str) -> str | None:
    if currency in table.fields:
        return f"a currency is told by a column, and '{currency}' is a field"
    upper = currency.strip().upper()
    if upper in ISO_4217:
        return f"write {upper}"
    texts = [name for name, kind in table.column_types().items() if kind is ColumnType.TEXT]
    return nearest_code(currency) if re.fullmatch("[A-Z]{3}", currency) else did_you_mean(currency, texts)
