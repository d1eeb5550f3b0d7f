"""Texts that stand for rows: ids that a CRM writes in several ways, and cells that hold several of them."""

from __future__ import annotations

import re
from typing import Final, assert_never

import polars as pl

from kpicli.book.model import IdKind

NO_ID: Final = {IdKind.SALESFORCE: "0" * 15, IdKind.ZOHO: "0"}
"""What stands in a cell that leads to no row, in its short form."""

_LONG: Final = "^[0-9A-Za-z]{15}[A-Z0-5]{3}$"
"""An id of Salesforce with the three characters behind it that only say which of its letters are capitals."""
_PREFIX: Final = "zcrm_"


def short_id(cell: pl.Expr, kind: IdKind) -> pl.Expr:
    """A trimmed cell with its id in the form that all spellings of the id share."""
    match kind:
        case IdKind.SALESFORCE:
            long = pl.when(cell.str.len_bytes() == 18).then(cell)
            return pl.when(long.str.contains(_LONG)).then(long.str.slice(0, 15)).otherwise(cell)
        case IdKind.ZOHO:
            return cell.str.strip_prefix(_PREFIX)
        case _:
            assert_never(kind)


def short_text(text: str, kind: IdKind) -> str:
    """The same of one text."""
    match kind:
        case IdKind.SALESFORCE:
            return text[:15] if re.match(_LONG, text) else text
        case IdKind.ZOHO:
            return text.removeprefix(_PREFIX)
        case _:
            assert_never(kind)


def first_value(cell: pl.Expr, separator: str) -> pl.Expr:
    """The first of several values in a cell, trimmed; empty where there is none."""
    sign = re.escape(separator)
    return cell.str.extract(rf"(?s)^(?:\s*{sign})*\s*(.*?)\s*(?:{sign}|$)", 1)


def has_several(cell: pl.Expr, separator: str) -> pl.Expr:
    """Whether a cell holds several values that differ. What is empty between two separators is no value."""
    values = cell.str.split(separator).list.eval(pl.element().str.strip_chars().replace("", None).drop_nulls())
    return values.list.n_unique() > 1
