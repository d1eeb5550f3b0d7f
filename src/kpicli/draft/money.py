"""In which currency the money of the exports is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kpicli.book.currencies import ISO_4217
from kpicli.book.model import ColumnType
from kpicli.draft.columns import quoted
from kpicli.draft.model import ColumnDraft, TableDraft
from kpicli.draft.words import words_of
from kpicli.tables.currencies import SIGNS

_LIKELY: Final = {"$": "USD", "£": "GBP", "¥": "JPY", "￥": "JPY"}
"""The currency that a sign of several most often stands for."""


def currency_of(tables: Sequence[TableDraft]) -> tuple[str | None, str | None]:
    """The code of the currency, and a word on where it comes from; None where there is no telling."""
    for table in tables:
        codes = table.column("currency")
        if codes is not None and codes.profile.values and _are_codes(codes):
            most = codes.profile.values[0][0].upper()
            several = len(codes.profile.values) > 1
            return most, f"guess: most rows of {table.name} are in it" if several else f"as {table.name} says"
    money = [column for table in tables for column in table.all_columns() if column.type is ColumnType.MONEY]
    for column in money:
        for word in words_of(column.profile.header):
            if word.upper() in ISO_4217 and re.search(rf"\b{word.upper()}\b", column.profile.header):
                return word.upper(), f"as the header {quoted([column.profile.header])} says"
    signs = sorted({sign for column in money if column.profile.numbers for sign in column.profile.numbers.signs})
    if not signs:
        return None, "no sign or code of one was found; with it, amounts are money"
    meant = [SIGNS.get(sign, frozenset({sign})) for sign in signs]
    left = frozenset.intersection(*meant)
    if len(left) == 1:
        return next(iter(left)), f"as the sign {quoted(signs)} beside amounts says"
    likely = _LIKELY.get(signs[0])
    if likely in left:
        return likely, f"guess: the sign {quoted(signs)} stands beside amounts, and may be another currency's"
    return None, f"the sign {quoted(signs)} may be that of {quoted(sorted(left))}" if left else None


def _are_codes(column: ColumnDraft) -> bool:
    return all(value.upper() in ISO_4217 for value, _ in column.profile.values)
