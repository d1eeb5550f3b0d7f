"""A slow, plain reader, part two: what one cell means under a declared type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

from kpicli.book.currencies import ISO_4217

# ---- numbers. All of it is ASCII: digits of other scripts are no digits.

SIGNS = {
    **{code: {code} for code in ISO_4217},
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"},
    "US$": {"USD"},
    "€": {"EUR"},
    "£": {"GBP", "EGP"},
    "¥": {"JPY", "CNY"},
    "₹": {"INR"},
    "R$": {"BRL"},
}
"""Currency signs, and the currencies that each may mean."""

_SIGN = "|".join(map(re.escape, sorted(SIGNS, key=len, reverse=True)))
_MINUS = ("-", "\u2212")
_OPENING = ("(", "+", *_MINUS)
_SUFFIXES = {"": 0, "k": 3, "K": 3, "M": 6, "B": 9}
_SPACES = " \u00a0\u202f\u2009"
_DIGITS = 30
"""How many digits a number may have before its decimal sign."""
_EXACT = Context(prec=400)


def _grouped(mark: str) -> str:
    """Digits in groups of three."""
    return f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"


def _amount(decimal: str) -> re.Pattern[str]:
    point, mark = map(re.escape, (".", ",") if decimal == "." else (",", "."))
    lakhs = f"[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}"
    whole = "|".join((_grouped(mark), _grouped(f"[{_SPACES}]"), _grouped("['\u2019]"), lakhs, "[0-9]+"))
    return re.compile(
        f"(?P<digits>(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)"
        f"(?:[eE](?P<exponent>[-+]?[0-9]+)|[{_SPACES}]*(?P<suffix>[kKMB]))?"
    )


_AMOUNTS = {decimal: _amount(decimal) for decimal in ".,"}


@dataclass(frozen=True, slots=True)
class _Written:
    """A number taken apart."""

    minus: bool
    digits: str
    exponent: int
    suffix: str
    signs: list[str]


def _read(cell: str, decimal: str) -> _Written | None:
    """At most one way of saying that it is negative, and one currency, be it written once or twice."""
    text, minus = _without_minus(cell)
    text, signs = _without_signs(text)
    if text[:1] in _OPENING and not minus and cell[:1] not in _OPENING:
        text, minus = _without_minus(text)
    found = _AMOUNTS[decimal].fullmatch(text)
    if found is None or len(signs) > 2 or not one_currency(signs):
        return None
    digits = re.sub(f"[{_SPACES}'\u2019{',' if decimal == '.' else '.'}]", "", found["digits"]).replace(decimal, ".")
    return _Written(minus, digits, int(found["exponent"] or 0), found["suffix"] or "", signs)


def number(cell: str, decimal: str = ".") -> tuple[Decimal, str | None] | None:
    """An amount and its currency sign, of two the one that says more."""
    found = _read(cell, decimal)
    value = None if found is None else _scaled(found, _SUFFIXES[found.suffix])
    return (
        None
        if found is None or value is None
        else (value, min(found.signs, key=lambda sign: len(SIGNS[sign]), default=None))
    )


def percent(cell: str, decimal: str = ".") -> Decimal | None:
    """A percentage as a fraction, rounded once."""
    if cell.startswith("(") and cell.endswith("%)"):
        cell = cell[:-2].rstrip(_SPACES) + ")"
    else:
        cell = cell.removesuffix("%").rstrip(_SPACES)
    found = _read(cell, decimal)
    return None if found is None or found.signs or found.suffix else _scaled(found, -2)


def _scaled(found: _Written, shift: int) -> Decimal | None:
    """The number, times ten to the `shift`, at six places, halves away from zero; None where it has too many digits."""
    exact = Decimal(found.digits)
    exponent = found.exponent + shift
    if exact and exact.adjusted() + exponent >= _DIGITS:
        return None
    if not exact or exact.adjusted() + exponent < -8:
        return Decimal(0)
    value = exact.scaleb(exponent, _EXACT).quantize(Decimal("0.000001"), ROUND_HALF_UP, _EXACT)
    return value.copy_negate() if found.minus and value else value


def _without_minus(text: str) -> tuple[str, bool]:
    """The text without its parentheses, its `-` before or behind, or its `+`; and whether it is below zero."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(_SPACES), True
    if text[:1] in _MINUS and text:
        return text[1:].lstrip(_SPACES), True
    if text[-1:] in _MINUS and text:
        return text[:-1].rstrip(_SPACES), True
    return (text[1:].lstrip(_SPACES), False) if text.startswith("+") else (text, False)


def _without_signs(text: str) -> tuple[str, list[str]]:
    """The text without the currency signs before and behind it."""
    signs = []
    while found := re.match(f"({_SIGN})[{_SPACES}]*(?=.)", text):
        signs.append(found[1])
        text = text[found.end() :]
    found = re.search(f"(?<=.)(?:[{_SPACES}]+|(?<![A-Za-z])|(?=[^A-Za-z]))({_SIGN})$", text)
    if found:  # but for letters that stand right behind a suffix: 5KUSD may be 5 KUSD
        signs.append(found[1])
        text = text[: found.start()]
    return text, signs


def one_currency(signs: Sequence[str]) -> bool:
    """Whether one currency explains all of these signs."""
    meant = [SIGNS[sign] for sign in signs]
    return not meant or bool(set.intersection(*meant))


# ---- booleans

_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "n", "0", "0.0"), False),
    # In German, French, Spanish, Italian, Dutch.
    **dict.fromkeys(("wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero", "sì", "waar"), True),
    **dict.fromkeys(("falsch", "nein", "faux", "non", "falso", "onwaar", "nee"), False),
}


def boolean(cell: str) -> bool | None:
    return _WORDS.get(cell.lower())


# ---- dates

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?([Zz]|UTC|GMT|[-+]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_LONGEST_OFFSET = timedelta(hours=14)


def iso_date(cell: str, local: ZoneInfo, calendar: ZoneInfo) -> date | None:
    """An ISO date as it is, or the day that the calendar shows at an ISO timestamp."""
    found = _ISO.fullmatch(cell)
    if found is None or int(found[1]) < 1000:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # its zone comes next
    except ValueError:
        return None
    if found[4] is None:
        return moment.date()
    if found[7] is None:
        return _day(moment, local, calendar)
    offset = _offset(found[7])
    return None if offset is None else _day(moment, timezone(offset), calendar)


def _offset(text: str) -> timedelta | None:
    if text in ("Z", "z", "UTC", "GMT"):
        return timedelta(0)
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes >= 60 or offset > _LONGEST_OFFSET:
        return None
    return -offset if text[0] == "-" else offset


def _day(moment: datetime, zone: tzinfo, calendar: ZoneInfo) -> date | None:
    """The calendar's day at a moment of a zone.

    A time that the clock shows twice is the first of the two; one that it skips goes by the offset before it.
    """
    if zone == calendar:
        return moment.date()
    try:
        day = moment.replace(tzinfo=zone).astimezone(UTC).astimezone(calendar).date()
    except OverflowError:
        return None
    return day if day.year >= 1000 else None


_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d\d)",
    "m": r"(?P<m>\d\d?)",
    "d": r"(?P<d>\d\d?)",
    "H": r"(?P<H>\d\d?)",
    "I": r"(?P<I>\d\d?)",
    "M": r"(?P<M>\d\d?)",
    "S": r"(?P<S>\d\d?)",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp][Mm])",
    "b": "(?P<b>" + "|".join(month[:3] for month in _MONTHS) + ")",
    "B": "(?P<B>" + "|".join(_MONTHS) + ")",
    "s": r"(?P<s>\d{1,12})",
    "z": r"(?P<z>Z|[-+]\d\d:?\d\d)",
}
_NUMBERS = "mdHIMS"


def _regex(pattern: str) -> re.Pattern[str]:
    """A declared shape as a regular expression; numbers that stand side by side have all of their digits."""
    parts = re.findall(r"%-?[A-Za-z]|Z$|.", pattern)
    written = []
    for at, part in enumerate(parts):
        if part == "Z" and at == len(parts) - 1:
            written.append("(?P<z>Z)")
        elif not part.startswith("%") or len(part) < 2:
            written.append(re.escape(part))
        else:
            name = part[-1]
            beside = [
                other[-1] in _DIRECTIVES and other[0] == "%" and other[-1] not in "bBpz"
                for other in (*parts[max(0, at - 1) : at], *parts[at + 1 : at + 2])
            ]
            shape = _DIRECTIVES[name]
            written.append(shape.replace(r"\d\d?", r"\d\d") if name in _NUMBERS and any(beside) else shape)
    return re.compile("".join(written), re.ASCII | re.IGNORECASE)


def shaped_date(cell: str, pattern: str, local: ZoneInfo, calendar: ZoneInfo) -> date | None:
    """The day of a cell that is written exactly as the declared shape says."""
    found = _regex(pattern).fullmatch(cell)
    if found is None:
        return None
    part = found.groupdict()
    if part.get("s"):
        return _day(datetime(1970, 1, 1) + timedelta(seconds=int(part["s"])), UTC, calendar)  # noqa: DTZ001  # likewise
    try:
        moment = _moment(part)
    except ValueError:
        return None
    if moment is None:
        return None
    if part.get("z"):
        offset = _offset(part["z"].upper())
        return None if offset is None else _day(moment, timezone(offset), calendar)
    has_time = part.get("H") or part.get("I")
    return _day(moment, local, calendar) if has_time else moment.date()


def _moment(part: dict[str, str]) -> datetime | None:
    short = part.get("y")
    year = int(part["Y"]) if short is None else int(short) + (1900 if int(short) >= 70 else 2000)
    if year < 1000:
        return None
    if part.get("m"):
        month = int(part["m"])
    else:
        name = (part.get("b") or part["B"]).lower()
        month = next(at for at, full in enumerate(_MONTHS, 1) if full.startswith(name))
    hour = int(part.get("H") or 0)
    if part.get("I"):
        hour = int(part["I"])
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if part.get("p", "").lower() == "pm" else 0)
    second = int(part.get("S") or 0)
    leap = second == 60  # a second that some clocks show, of the same day
    minute = int(part.get("M") or 0)
    return datetime(year, month, int(part["d"]), hour, minute, 59 if leap else second)  # noqa: DTZ001  # a wall clock
