"""Cells read by plain Python, one at a time: what typing is held against."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

from kpicli.tables.currencies import CODES, SIGNS, explain_all

_EXACT = Context(prec=10_000)
_LONGEST_FIRST = sorted({*CODES, *SIGNS}, key=len, reverse=True)


def read_number(text: str, decimal: str) -> Decimal | None:
    """A number or amount."""
    return _read(text, decimal, _LONGEST_FIRST, {"k": 3, "K": 3, "M": 6, "B": 9}, 0)


def read_percent(text: str, decimal: str) -> Decimal | None:
    """A percentage as a fraction."""
    if text.endswith("%)"):
        text = text[:-2].removesuffix(" ") + ")"
    elif text.endswith("%"):
        text = text[:-1].removesuffix(" ")
    return _read(text, decimal, [], {}, -2)


def _read(text: str, decimal: str, signs: list[str], suffixes: dict[str, int], power: int) -> Decimal | None:
    text = re.sub(r"\s", " ", text).replace("\u2019", "'").replace("\u2212", "-")
    minuses = []
    minuses.append(text[:1] if text[:1] in ("+", "-") else "")
    taken = list[str]()
    text = _without_sign(text.removeprefix(minuses[-1]).lstrip(" "), signs, taken)
    opened = text.startswith("(")
    text = _without_sign(text.removeprefix("(").lstrip(" "), signs, taken)
    minuses.append(text[:1] if text[:1] in ("+", "-") else "")
    text = text.removeprefix(minuses[-1]).lstrip(" ")
    closed = text.endswith(")")
    text = text.removesuffix(")")
    minuses.append("-" if text.endswith("-") else "")
    text = text.removesuffix("-")
    if opened != closed or sum(bool(minus) for minus in minuses) + opened > 1:
        return None
    found = re.match(r"[0-9., ']*(?:[eE][-+]?[0-9]{1,4})?", text)
    assert found is not None
    number, tail = found.group(), text[found.end() :]
    if re.search(r"[eE]", number) and tail.strip(" ") not in ("", *signs):
        return None
    tail = _blanks_of(number) + tail
    word = tail.strip(" ")
    rests = {sign: word.removesuffix(sign) for sign in ("", *signs) if word.endswith(sign)}
    apart = [(sign, rest) for sign, rest in rests.items() if not (sign[:1].isalpha() and rest[-1:].isalpha())]
    tails = [(suffixes.get(rest.rstrip(" "), 0), sign) for sign, rest in apart if rest.rstrip(" ") in ("", *suffixes)]
    if not tails or (tails[0][0] and tail.startswith("  ")):
        return None
    taken += [tails[0][1]] if tails[0][1] else []
    if len(taken) > 2 or not explain_all(taken):
        return None
    mantissa, _, exponent = number.rstrip(" ").lower().partition("e")
    digits = _ungrouped(mantissa, decimal)
    if digits is None:
        return None
    value = _EXACT.scaleb(Decimal(digits), int(exponent or 0) + tails[0][0] + power)
    if "-" in minuses or opened:
        value = value.copy_negate()  # exact, unlike unary minus
    return _rounded(value)


def _blanks_of(number: str) -> str:
    return " " * (len(number) - len(number.rstrip(" ")))


def _without_sign(text: str, signs: list[str], taken: list[str]) -> str:
    for sign in signs:
        if text.startswith(sign):
            taken.append(sign)
            return text[len(sign) :].lstrip(" ")
    return text


def _ungrouped(mantissa: str, decimal: str) -> str | None:
    """Digits with a point, where the separators stand as a formatter puts them."""
    whole, _, places = mantissa.partition(decimal)
    if not re.fullmatch("[0-9]*", places):
        return None
    separators = set(re.findall("[^0-9]", whole))
    if separators:
        if len(separators) > 1:
            return None
        separator = separators.pop()
        first, *middle, last = whole.split(separator)
        western = 1 <= len(first) <= 3 and all(len(group) == 3 for group in middle)
        indian = separator in ",." and bool(middle) and 1 <= len(first) <= 2 and all(len(each) == 2 for each in middle)
        if len(last) != 3 or first.startswith("0") or not (western or indian):
            return None
        whole = whole.replace(separator, "")
    return f"{whole or '0'}.{places or '0'}" if whole or places else None


def _rounded(value: Decimal) -> Decimal | None:
    if _cut_to_seven(value).copy_abs() >= 10**30:
        return None
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP, _EXACT)


def _cut_to_seven(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0000001"), "ROUND_DOWN", _EXACT) if value.adjusted() < 100 else value


_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?: ?(?:([Zz]|UTC|GMT)|([-+])([0-9]{2})(?::?([0-9]{2}))?))?"
)


def read_iso_date(text: str, local: str, calendar: str) -> date | None:
    """The calendar's date of an ISO date or timestamp."""
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return _in_years(date.fromisoformat(text))
        found = _TIMESTAMP.fullmatch(text)
        if found is None or int(found[3] or 0) > 59:
            return None
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        if found[4] is None and found[5] is None:
            return _in_years(in_calendar(moment, local, calendar))
        hours, minutes = int(found[6] or 0), int(found[7] or 0)
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if found[5] == "-" else 1)
        moment = (moment - offset).replace(tzinfo=UTC)
        return _in_years(moment.astimezone(ZoneInfo(calendar)).date())
    except (ValueError, OverflowError):
        return None


def in_calendar(moment: datetime, local: str, calendar: str) -> date:
    """The calendar's date of a moment on a local clock; what the clock skips comes an hour, or else a day, later."""
    if local == calendar:
        return moment.date()
    for later in (timedelta(), timedelta(hours=1), timedelta(days=1)):
        zoned = (moment + later).replace(tzinfo=ZoneInfo(local))
        if zoned.astimezone(UTC).astimezone(ZoneInfo(local)).replace(tzinfo=None) == moment + later:
            return zoned.astimezone(ZoneInfo(calendar)).date()
    raise AssertionError(moment)


def _in_years(day: date) -> date | None:
    return day if day.year >= 1000 else None
