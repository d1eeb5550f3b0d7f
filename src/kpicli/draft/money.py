"""In which currency the money of the exports is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from kpicli.book.currencies import ISO_4217
from kpicli.book.model import ColumnType
from kpicli.draft.columns import quoted
from kpicli.draft.guessing import values_of
from kpicli.draft.model import ColumnDraft, Kind, TableDraft
from kpicli.tables.currencies import explain_all

_LIKELY: Final = {"$": "USD", "£": "GBP", "¥": "JPY", "￥": "JPY"}
"""The currency that a sign of several most often stands for."""


class Money(Struct, frozen=True):
    """In which currency amounts are added, and where that comes from."""

    code: str | None
    note: str | None
    column: str | None = None
    """The column of opportunities with the currency of each row, where there are several."""
    others: tuple[str, ...] = ()
    """The other currencies, whose amounts can't be added without rates."""
    written: tuple[str, ...] = ()
    """What that column holds where an amount is added."""


def money_of(tables: Sequence[TableDraft]) -> Money:
    """The currency by codes, headers or signs; without a code where there is no telling."""
    for table in tables:
        codes = table.column("currency") or table.column("currency_code")
        spellings = {} if codes is None else _spellings(values_of(table, codes))
        if codes is None or not spellings:
            continue
        main, *others = spellings
        code = main if main in ISO_4217 else None
        if not others and code is not None:
            return Money(code, f"as {quoted([codes.profile.header])} of {table.name} says")
        if others and table.kind is Kind.OPPORTUNITIES:
            note = f"guess: most rows of {table.name} are in {main}; those in {', '.join(others)} aren't added"
            return Money(code, note, codes.name, tuple(others), tuple(spellings[main]))
    columns = [column for table in tables for column in table.all_columns() if column.type is ColumnType.MONEY]
    for column in columns:
        code = _named(column.profile.header)
        if code is not None:
            return Money(code, f"as the header {quoted([column.profile.header])} says")
    return _signed(columns)


def _spellings(values: Sequence[tuple[str, int]]) -> dict[str, list[str]]:
    """The currencies among the values of a column, the commonest first, each with all that is written for it."""
    found: dict[str, list[str]] = {}
    rows = Counter[str]()
    for value, count in values:
        name = value.upper() if value.upper() in ISO_4217 else value
        found.setdefault(name, []).append(value)
        rows[name] += count
    return {name: found[name] for name, _ in rows.most_common()}


def known_currency(table: TableDraft, money: Money) -> str | None:
    """The column that a preset reads for currencies; none where they would need rates, or the book has no currency."""
    known = None if table.declared is None else table.declared.currency
    return None if money.code is None or (money.others and table.kind is Kind.OPPORTUNITIES) else known


def _named(header: str) -> str | None:
    """The code that a header names, in capitals: `Amount (USD)`."""
    return next((word for word in re.findall(r"\b[A-Z]{3}\b", header) if word in ISO_4217), None)


def _signed(columns: Sequence[ColumnDraft]) -> Money:
    signs = sorted({sign for column in columns if column.profile.numbers for sign in column.profile.numbers.signs})
    if not signs:
        return Money(None, "no sign or code of one was found")
    left = explain_all(signs)
    if len(left) == 1:
        return Money(next(iter(left)), f"as the sign {quoted(signs)} beside amounts says")
    likely = _LIKELY.get(signs[0])
    if likely in left:
        return Money(likely, f"guess: the sign {quoted(signs)} stands beside amounts, and may be another currency's")
    may_be = f"the sign {quoted(signs)} may be that of {quoted(sorted(left))}"
    return Money(None, may_be if left else f"the signs {quoted(signs)} are those of several")
