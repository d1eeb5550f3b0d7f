"""Exact numbers as they stand in an arithmetic: in full, or with an ellipsis where they go on for ever."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from kpicli.explained import Exact, Plain
from kpicli.render.numbers import exactly, rounded

_PLACES: Final = 6
_SHOWN: Final = 6
"""How many digits of a number without end are shown behind its leading zeros."""


def write_exact(number: Exact | Decimal, ellipsis: str = "…") -> str:
    """`15`, `167,268.5`, `0.384615…`: cut, not rounded, where there is no end within six places."""
    exact = exactly(number)
    sign, size = ("-" if exact < 0 else ""), abs(exact)
    for places in range(_PLACES + 1):
        if 10**places % size.denominator == 0:
            return sign + rounded(size, places)
    places = _SHOWN
    while size * 10**places < 10 ** (_SHOWN - 1) and places < 40:
        places += 1
    whole, part = divmod(size.numerator * 10**places // size.denominator, 10**places)
    return f"{sign}{whole:,}.{part:0{places}}{ellipsis}"


def exact_text(number: Exact | Decimal) -> str:
    """The number as programs read it: `15`, `33.5`, or `5/13` where no decimal is the same."""
    exact = Fraction(number)
    places = 0
    while 10**places % exact.denominator and places < 40:
        places += 1
    if 10**places % exact.denominator:
        return f"{exact.numerator}/{exact.denominator}"
    scaled = abs(exact.numerator) * 10**places // exact.denominator
    whole, part = divmod(scaled, 10**places)
    sign = "-" if exact < 0 else ""
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def write_plain(value: Plain | Decimal, absent: str, ellipsis: str = "…") -> str:
    """Any value in an arithmetic or in a cell; texts as they are."""
    match value:
        case None:
            return absent
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case date():
            return value.isoformat()
        case _:
            return write_exact(value, ellipsis)
