"""Signs and codes of currencies, as they stand beside amounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kpicli.book.currencies import ISO_4217

_DOLLAR_CODES = """
AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD USD XCD ARS CLP COP CUP DOP MXN UYU
"""

CODES: Final = ISO_4217 | {"CNH"}
"""ISO 4217, and what banks call the renminbi outside China."""

_DOLLARS = frozenset(_DOLLAR_CODES.split())
_CROWNS = frozenset({"DKK", "ISK", "NOK", "SEK"})
_RUPEES = frozenset({"INR", "LKR", "MUR", "NPR", "PKR", "SCR"})

SIGNS: Final = {
    "$": _DOLLARS,
    "US$": frozenset({"USD"}),
    "U$S": frozenset({"USD"}),
    "A$": frozenset({"AUD"}),
    "AU$": frozenset({"AUD"}),
    "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}),
    "CAD$": frozenset({"CAD"}),
    "NZ$": frozenset({"NZD"}),
    "HK$": frozenset({"HKD"}),
    "S$": frozenset({"SGD"}),
    "NT$": frozenset({"TWD"}),
    "MX$": frozenset({"MXN"}),
    "R$": frozenset({"BRL"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "GIP", "FKP", "SHP", "LBP", "SYP"}),
    "¥": frozenset({"JPY", "CNY", "CNH"}),
    "￥": frozenset({"JPY", "CNY", "CNH"}),
    "CN¥": frozenset({"CNY", "CNH"}),
    "JP¥": frozenset({"JPY"}),
    "元": frozenset({"CNY", "CNH"}),
    "円": frozenset({"JPY"}),
    "₹": frozenset({"INR"}),
    "Rs": _RUPEES,
    "Rs.": _RUPEES,
    "₩": frozenset({"KRW"}),
    "₽": frozenset({"RUB"}),
    "руб.": frozenset({"RUB"}),  # noqa: RUF001  # it is Cyrillic
    "₺": frozenset({"TRY"}),
    "₴": frozenset({"UAH"}),
    "₦": frozenset({"NGN"}),
    "₱": frozenset({"PHP"}),
    "₫": frozenset({"VND"}),
    "₪": frozenset({"ILS"}),
    "฿": frozenset({"THB"}),
    "₡": frozenset({"CRC"}),
    "₲": frozenset({"PYG"}),
    "₵": frozenset({"GHS"}),
    "₸": frozenset({"KZT"}),
    "kr": _CROWNS,
    "kr.": _CROWNS,
    "Kr": _CROWNS,
    "Kr.": _CROWNS,
    "zł": frozenset({"PLN"}),
    "Kč": frozenset({"CZK"}),
    "Ft": frozenset({"HUF"}),
    "lei": frozenset({"RON"}),
    "Rp": frozenset({"IDR"}),
    "RM": frozenset({"MYR"}),
    "S/": frozenset({"PEN"}),
    "Fr.": frozenset({"CHF"}),
    "SFr.": frozenset({"CHF"}),
}
"""What each sign can stand for."""


def meanings(sign: str) -> frozenset[str]:
    """The currencies for which a sign or code can stand."""
    return SIGNS.get(sign, frozenset({sign}))


def explain_all(signs: Iterable[str]) -> frozenset[str]:
    """The currencies that explain all signs: one does `$` and `USD`, none `$` and `€`, any no sign at all."""
    left = CODES
    for sign in signs:
        left &= meanings(sign)
    return left
