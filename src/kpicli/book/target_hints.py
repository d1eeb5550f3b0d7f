"""Other ways in which people write a target, each with the one that is read: for the help of an error only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from kpicli.book.currencies import ISO_4217, SIGN

_LIKE_A_TARGET: Final = rf"""\s*
    (?P<minus>-\s*)? (?P<sign>(?-i:{SIGN}))? \s* (?-i:(?P<code>[A-Z]{{3}})\b)? \s*
    (?P<number>\d[\d_]*(?:\.\d+)? | \d{{1,3}}(?:,\d{{3}})+(?:\.\d+)? | \d{{1,3}}(?:\.\d{{3}}){{2,}}) \s*
    (?:(?P<size>k|thousand|m|mm|mn|mio|million|bn|billion)(?![a-z]))? \s*
    (?-i:(?P<after>[A-Z]{{3}})\b|(?P<behind>{SIGN}))? \s* (?P<percent>%|pct|percent)? \s*
    (?:(?:/|\bper\b|\ba\b|\ban\b|\beach\b|\bevery\b|\bin\sa\b)? \s* (?P<unit>[a-z]+))? \s*"""
_SIZES: Final = {
    **dict.fromkeys(("k", "thousand"), 1_000),
    **dict.fromkeys(("m", "mm", "mn", "mio", "million"), 1_000_000),
    **dict.fromkeys(("bn", "billion"), 1_000_000_000),
}
_UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("d", "day", "days", "daily"), "day"),
    **dict.fromkeys(("workday", "workdays"), "workday"),
    **dict.fromkeys(("w", "wk", "week", "weeks", "weekly"), "week"),
    **dict.fromkeys(("m", "mo", "mth", "month", "months", "monthly"), "month"),
    **dict.fromkeys(("q", "qtr", "quarter", "quarters", "quarterly"), "quarter"),
    **dict.fromkeys(("y", "yr", "year", "years", "yearly", "annum", "annually"), "year"),
}


def respelled(text: str, currency: str | None) -> str | None:
    """What may have been meant by a text that is no target: `12/month` is `12 per month`, `$2.5M` is `$2_500_000`."""
    found = re.fullmatch(_LIKE_A_TARGET, text, re.VERBOSE | re.IGNORECASE)
    if found is None:
        return None
    codes = {code for code in (found["code"], found["after"]) if code is not None}
    unit = _UNITS.get((found["unit"] or "").lower())
    if codes - {currency} or codes - ISO_4217 or (found["unit"] is not None and unit is None):
        return None
    if found["size"] == "m" and not (found["sign"] or found["behind"] or codes):
        return None  # of deals it may be a month
    sign = found["sign"] or found["behind"] or ""
    blank = " " if sign[-1:].isalpha() else ""
    amount = f"{_minus(found)}{sign}{blank}{_amount(found)}{'%' if found['percent'] else ''}"
    return amount if unit is None else f"{amount} per {unit}"


def _minus(found: re.Match[str]) -> str:
    return "-" if found["minus"] else ""


def _amount(found: re.Match[str]) -> str:
    digits = found["number"].replace(",", "").replace("_", "")
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    amount = Decimal(digits) * _SIZES.get((found["size"] or "").lower(), 1)
    whole, point, rest = f"{amount:f}".partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole):_}{point if rest else ''}{rest}"
