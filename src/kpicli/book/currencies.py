"""The currencies of the world."""

from __future__ import annotations

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


def nearest_code(code: str) -> str:
    """The help for an unknown code: one with the same two letters of a country, or a near one."""
    same_country = sorted(known for known in ISO_4217 if known.startswith(code[:2]))
    return did_you_mean(code, same_country[:1] or ISO_4217) or "for example USD or EUR"
