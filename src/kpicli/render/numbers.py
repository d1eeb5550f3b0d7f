"""How every number is written, for people and for programs; the process's locale never matters.

Numbers are exact before they are rounded: a float stands for its shortest decimal form. Rounding is half away from
zero, and what rounds to zero has no sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, Final, TypeAlias

from msgspec import Struct

Real: TypeAlias = int | float | Decimal | Fraction

_SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}
"""Signs that name one currency; every other is written with its code."""

_UNUSUAL_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
"""How many decimals the amounts of a currency have (ISO 4217), where that isn't two."""

_MINOR_DIGITS = {code: digits for digits, codes in _UNUSUAL_DIGITS.items() for code in codes.split()}


def _has_every_sign(_: str) -> bool:
    return True


class NumberStyle(Struct, frozen=True):
    """How the numbers of one KPI are shown.

    `decimals` None lets the unit decide: a percentage and days have one, money has its currency's, a number has two
    (four below a tenth); an amount, a number or days that are whole have none.
    """

    unit: str
    decimals: int | None = None
    currency: str | None = None
    can_show: Callable[[str], bool] = _has_every_sign
    """Whether the reader's screen has a currency's sign; its code is written where it hasn't."""

    def write(self, number: Real) -> str:
        """A value with its unit: `$1,234`, `31.3%`, `51.8 days`, `1,204`."""
        return self._signed(number, "")

    def write_change(self, number: Real) -> str:
        """A difference of two values, signed both ways; of percentages, in points: `+2.3 pp`."""
        return self._signed(number, "+")

    def _signed(self, number: Real, plus: str) -> str:
        exact = exactly(number)
        match self.unit:
            case "percent":
                digits = rounded(abs(exact) * 100, 1 if self.decimals is None else self.decimals)
                before, after = "", " pp" if plus else "%"
            case "money":
                digits = rounded(abs(exact), self._places(exact, _MINOR_DIGITS.get(self.currency or "", 2)))
                before, after = self._currency_marks()
            case "days":
                digits = rounded(abs(exact), self._places(exact, 1))
                before, after = "", " day" if digits == "1" else " days"
            case "number":
                digits = rounded(abs(exact), self._places(exact, 4 if abs(exact) < Fraction(1, 10) else 2))
                before, after = "", ""
            case _:
                raise ValueError(f"a {self.unit} figure is no number")
        sign = "" if not digits.strip("0.,") else "-" if exact < 0 else plus
        return f"{sign}{before}{digits}{after}"

    def _places(self, exact: Fraction, usual: int) -> int:
        if self.decimals is not None:
            return self.decimals
        return 0 if exact.denominator == 1 else usual

    def _currency_marks(self) -> tuple[str, str]:
        if self.currency is None:
            return "", ""
        sign = _SIGNS.get(self.currency)
        if sign is not None and self.can_show(sign):
            return sign, ""
        return "", f" {self.currency}"


_AT_POINT = re.compile(r"[^0-9]*[0-9][0-9,]*")


def split_at_point(written: str) -> tuple[str, str]:
    """A written number before and from its decimal point on, by which a column is aligned: `31` and `.3%`."""
    whole = _AT_POINT.match(written)
    return (written, "") if whole is None else (whole[0], written[whole.end() :])


def write_share(number: Real) -> str:
    """Attainment, pace or an elapsed share as a percentage with one decimal: `104.2%`."""
    return NumberStyle("percent", 1).write(number)


def write_count(number: int) -> str:
    """How many: `1,204`."""
    return f"{number:,}"


def write_rows(number: int) -> str:
    """How many rows: `1 row`, `1,204 rows`."""
    return "1 row" if number == 1 else f"{write_count(number)} rows"


def exactly(number: Real) -> Fraction:
    """The number itself; a float as the shortest decimal that reads back as it. Raises ValueError without a value."""
    if isinstance(number, float):
        if not isfinite(number):
            raise ValueError(f"{number} is no figure")
        return Fraction(repr(number))
    if isinstance(number, Decimal) and not number.is_finite():
        raise ValueError(f"{number} is no figure")
    return Fraction(number)


def rounded(number: Fraction, decimals: int) -> str:
    """A number of 0 or more with so many decimals and commas between thousands, half rounded up."""
    scale = 10**decimals
    whole, part = divmod((2 * number.numerator * scale + number.denominator) // (2 * number.denominator), scale)
    return f"{whole:,}.{part:0{decimals}}" if decimals else f"{whole:,}"


def digits(number: Real) -> str:
    """The number in full for programs: an int or a Decimal as plain decimal digits, a float in its shortest form.

    Raises ValueError for what is no finite number.
    """
    return DIGITS[type(number)](number)


def _digits_of_float(number: float) -> str:
    if not isfinite(number):
        raise ValueError(f"{number} is no figure")
    return repr(number) if number else "0.0"


def _digits_of_decimal(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"{number} is no figure")
    text = format(number, "f") if number else "0"
    return text.rstrip("0").removesuffix(".") if "." in text else text


DIGITS: Final[Mapping[type, Callable[[Any], str]]] = {int: str, float: _digits_of_float, Decimal: _digits_of_decimal}
"""What `digits` makes of a number, by its type."""
