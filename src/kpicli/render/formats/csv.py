"""The scorecard as CSV, one row a figure, safe to open in a spreadsheet.

As RFC 4180 says, lines end in CRLF; the text is UTF-8 without the byte order mark that `kpi report --excel` writes.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from operator import attrgetter
from unicodedata import category

from kpicli.render.numbers import digits
from kpicli.render.rows import Row, flatten
from kpicli.scorecard import Scorecard, Value

_FORMULA = frozenset(
    "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
_ENDS_CELL = re.compile("([;\t\r\n\u2028\u2029])")
"""Behind these a cell begins to a program that separates by semicolons or tabs, whatever is quoted."""
_SKIPPED = frozenset({"Cf", "Mn", "Zs"})
"""Categories of what nobody sees before a formula."""
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def render(card: Scorecard) -> str:
    """A header and one row for each headline and each member."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    columns = list(Row.__struct_fields__)
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
    if _FORMULA.isdisjoint(shown) and shown.isprintable():
        return shown
    guarded = "".join(map(_guarded, _ENDS_CELL.split(shown)))
    return f"'{guarded}" if shown.startswith(("\t", "\r", "\n")) else guarded


def _guarded(piece: str) -> str:
    """What may become a cell: with an apostrophe, where the first that is seen of it starts a formula."""
    seen = next((char for char in piece if char != '"' and category(char) not in _SKIPPED), "")
    return f"'{piece}" if seen in _FORMULA else piece


def _visible(char: str) -> str:
    if char in "\t\r\n":
        return char
    if category(char) in {"Cc", "Cs"} or char in _BIDI:
        return char.encode("ascii", "backslashreplace").decode() if ord(char) > 0x7F else f"\\x{ord(char):02x}"
    return char
