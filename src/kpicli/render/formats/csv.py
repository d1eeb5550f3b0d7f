"""The scorecard as CSV, one row a figure, safe to open in a spreadsheet.

As RFC 4180 says, lines end in CRLF; the text is UTF-8 without a byte order mark.
"""

from __future__ import annotations

import csv
from dataclasses import fields
from io import StringIO
from operator import attrgetter
from unicodedata import category

from kpicli.render.numbers import digits
from kpicli.render.rows import Row, flatten
from kpicli.scorecard import Scorecard, Value

_FULL_WIDTH = ("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_FULL_WIDTH, "\N{FULLWIDTH COMMERCIAL AT}")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def render(card: Scorecard) -> str:
    """A header and one row for each headline and each member."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    columns = [field.name for field in fields(Row)]
    writer.writerow(columns)
    cells = attrgetter(*columns)
    writer.writerows(map(_cell, cells(row)) for row in flatten(card))
    return text.getvalue()


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case _:
            return digits(value)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and no terminal for a command."""
    shown = text if text.isprintable() else "".join(map(_visible, text))
    return f"'{shown}" if shown.startswith(_STARTS_FORMULA) else shown


def _visible(char: str) -> str:
    if char in "\t\r\n":
        return char
    if category(char) in {"Cc", "Cs"} or char in _BIDI:
        return char.encode("ascii", "backslashreplace").decode() if ord(char) > 0x7F else f"\\x{ord(char):02x}"
    return char
