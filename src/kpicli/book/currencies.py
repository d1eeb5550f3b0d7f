"""The currencies of the world: their codes, and the signs that stand for them."""

from __future__ import annotations

import re
from typing import Final

from kpicli.errors import did_you_mean

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST
XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

ISO_4217: Final = frozenset(_CODES.split())
"""Codes of money that people pay with, those of late withdrawn among them; no metals and no test codes."""

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

SIGN: Final = "|".join(
    re.escape(sign) + (r"(?![^\W\d_])" if sign[-1].isalpha() else "") for sign in sorted(SIGNS, key=len, reverse=True)
)
"""A pattern for a sign; no letter comes behind one that ends in a letter."""


def nearest_code(code: str) -> str:
    """The help for an unknown code: one with the same two letters of a country, or a near one."""
    same_country = sorted(known for known in ISO_4217 if known.startswith(code[:2]))
    return did_you_mean(code, same_country[:1] or ISO_4217) or "for example USD or EUR"
