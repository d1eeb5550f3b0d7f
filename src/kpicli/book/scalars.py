"""What an unquoted YAML scalar means. Only what looks like it: `NO` is a text, `1:30` is a text, `010` is a text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TypeAlias

Resolved: TypeAlias = int | Decimal | bool | date | str

_WHOLE = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_INTEGER = re.compile(rf"[-+]?{_WHOLE}")
_DECIMAL = re.compile(rf"[-+]?{_WHOLE}?\.[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_NUMBER = 40


class Written(str):
    """A scalar of the file."""

    __slots__ = ()


class Plain(Written):
    """A scalar without quotes: the text as it stands, which `resolve` may read as something else."""

    __slots__ = ()


def resolve(text: str) -> Resolved:
    """The value of a plain scalar: a number, true or false, an ISO date, or else the text itself."""
    if text in ("true", "false"):
        return text == "true"
    number = read_number(text)
    if number is not None:
        return int(number) if _INTEGER.fullmatch(text) else number
    day = read_date(text)
    return text if day is None else day


def read_number(text: str) -> Decimal | None:
    """The number that a text shows, such as `12_000` or `-0.5`; None where it is none."""
    if len(text) <= _LONGEST_NUMBER and (_INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text)):
        return Decimal(text.replace("_", ""))
    return None


def read_share(text: str) -> Decimal | None:
    """A number, or a percentage as the fraction that it stands for: `90%` is 0.9."""
    if text.endswith("%"):
        percent = read_number(text[:-1].rstrip())
        return None if percent is None else percent / 100
    return read_number(text)


def read_date(text: str) -> date | None:
    """The day of an ISO date; None where the text is none, or names a day that no calendar has."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
