"""What stands in a cell of a workbook: a number with a format that shows it as every other format does, or a text.

A spreadsheet keeps doubles and shows 15 digits of them. What that would change is written as text instead.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from sys import float_info
from typing import Final

from msgspec import Struct

from kpicli.errors import clean
from kpicli.render.numbers import NumberStyle, Real, exactly, rounded, write_share
from kpicli.render.screen import Screen

_DIGITS: Final = 15
_LONGEST_NUMBER: Final = 40
"""A number of more characters finds no room in a column: a spreadsheet would show `####`."""
_LONGEST_TEXT: Final = 32_767
"""So many UTF-16 units fit into a cell."""
_UP, _DOWN = (Context(_DIGITS, rounding) for rounding in (ROUND_HALF_UP, ROUND_HALF_DOWN))
_WRITTEN = re.compile(r"([+-]?)(\D*)([\d,]+)(?:\.(\d+))?(.*)", re.DOTALL)
_SIGNS = Screen().signs


class Cell(Struct, frozen=True):
    """`text` is what a reader sees; `number` is what lies below it, shown by `format`, or None for a text."""

    text: str
    number: float | None = None
    format: str = "@"

    @property
    def is_cut(self) -> bool:
        """Whether it should be a number, and can't be one in a spreadsheet."""
        return self.number is None and self.format != "@"


def text_cell(text: str) -> Cell:
    """A text on one line, with all that acts on a reader's screen as visible escapes."""
    shown = clean(text)
    units = shown.encode("utf-16-le")
    if len(units) > 2 * _LONGEST_TEXT:
        shown = units[: 2 * (_LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
    return Cell(shown)


def amount_cell(number: Real, style: NumberStyle) -> Cell:
    """A value with its unit."""
    written = style.write(number)
    return _cell(number, written, _format(number, written))


def share_cell(number: Real) -> Cell:
    """Attainment or pace in percent."""
    written = write_share(number)
    return _cell(number, written, _format(number, written))


def change_cell(number: Real, style: NumberStyle, better: str) -> Cell:
    """A difference, with an arrow that knows whether it is for the better; of percentages, in points (`% pts`)."""
    written = style.write_change(number)
    rise, fall = _SIGNS.up[better != "higher"], _SIGNS.down[better == "higher"]
    sign, before, _, part, after = _parts(written)
    plain = _code(before, part, after)
    same = _code(f"{_SIGNS.flat} {before}", part, after)
    moved = f"{_literal(f'{rise} ')}+{plain};{_literal(f'{fall} ')}-{plain};{same}"
    arrow = {"+": rise, "-": fall}.get(sign, _SIGNS.flat)
    told = f"{arrow} {written.replace(' pp', '% pts')}"
    return _cell(number, written, moved if sign else f"{same};{same};{same}", told)


def _format(number: Real, written: str) -> str:
    """One that shows the number as it is written; what rounds to zero has no sign."""
    sign, before, _, part, after = _parts(written)
    code = _code(before, part, after)
    return f"{code};{code}" if exactly(number) < 0 and not sign else code


def _cell(number: Real, written: str, form: str, told: str | None = None) -> Cell:
    text = told or written
    double = _as_double(number)
    if double is None or len(text) > _LONGEST_NUMBER or not _shows(double, written):
        return Cell(text, None, form)
    return Cell(text, double, form)


def _as_double(number: Real) -> float | None:
    """The double that reads back as the number; None where there is none, or a spreadsheet takes it for 0."""
    try:
        double = float(number) + 0.0
    except OverflowError:
        return None
    if abs(double) > float_info.max / 2 or 0 < abs(double) < float_info.min:
        return None
    return double if exactly(double) == exactly(number) else None


def _shows(double: float, written: str) -> bool:
    """Whether 15 digits of a number, however their last one is rounded, are written just so."""
    _, _, whole, part, after = _parts(written)
    digits = f"{whole}.{part}" if part else whole
    scale = 100 if after in {"%", " pp"} else 1
    kept = (Fraction(way.create_decimal(Decimal(double))) for way in (_UP, _DOWN))
    return all(rounded(abs(each) * scale, len(part)) == digits for each in kept)


def _parts(written: str) -> tuple[str, str, str, str, str]:
    """The sign of a written number, what stands before it, its digits up to the point and from it on, and its unit."""
    found = _WRITTEN.fullmatch(written)
    assert found is not None
    sign, before, whole, part, after = found.groups(default="")
    return sign, before, whole, part, after


def _code(before: str, part: str, after: str) -> str:
    digits = "#,##0" + (f".{'0' * len(part)}" if part else "")
    unit = {"%": "%", " pp": '%" pts"'}.get(after) or _literal(after)
    return f"{_literal(before)}{digits}{unit}"


def _literal(text: str) -> str:
    """A text within a number format."""
    return '"{}"'.format(clean(text).replace('"', '"\\""')) if text else ""
