"""What holds from a day on: entries of a target, and what a unit of another currency is worth."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from kpicli.book.declared import Declared
from kpicli.book.scalars import read_number
from kpicli.book.spellings import Day, Text, ungrouped, unlike, wrong


class TargetEntry(Declared):
    """A target, and the day from which it is in force (None: always)."""

    value: Text
    """A number, a rate such as `400 per week`, or a formula."""
    from_: Day | None = Field(default=None, alias="from")
    """The day from which it is in force."""


_NO_TARGET = "write a target such as `400 per week`, or leave the key out"
_A_DATED_ENTRY = "write `- {from: 2026-01-01, value: 30%}`"
_EACH_THEIR_OWN = (
    "write one, such as `400 per week`; each member has their own by a formula over a table with a row for each, "
    "such as `sum(quotas.amount)`"
)


def _read_entries(value: object) -> object:
    if isinstance(value, str):
        return ({"value": value},)
    if not isinstance(value, list | tuple):
        help_ = "for example `400 per week`"
        if isinstance(value, dict):
            help_ = _A_DATED_ENTRY if "value" in value else _EACH_THEIR_OWN
        raise unlike(value, "a number, a rate, a formula or a list of dated entries", help_)
    if not value:
        raise wrong("is an empty list", _NO_TARGET)
    return value


Entries = Annotated[tuple[TargetEntry, ...], BeforeValidator(_read_entries)]


class Target(Declared):
    """`total` is the company's; `members` has one for each member of the dimensions that it names."""

    total: Entries = ()
    members: dict[str, Entries] = Field(default_factory=dict)


def read_target(value: object) -> object:
    """The company's target and those of members, however they are written."""
    if isinstance(value, Target):
        return value
    if not isinstance(value, dict):
        return {"total": _read_entries(value)}
    if not value:
        raise wrong("is an empty mapping", _NO_TARGET)
    if "value" in value:
        raise wrong("takes dated entries in a list", _A_DATED_ENTRY)
    members = {name: entries for name, entries in value.items() if name != "total" and entries is not None}
    return {"total": value.get("total"), "members": members}


RATE_PLACES: Final = 12
"""Decimal places of a rate, and digits before them: its product with an amount is exact then."""


def _read_rate(value: object) -> Decimal:
    """What one unit of a currency is worth: more than nothing."""
    number = read_number(value) if isinstance(value, str) else value
    if not isinstance(number, Decimal):
        pointed = value.replace(",", ".") if isinstance(value, str) else ""
        help_ = f"write {pointed}" if re.fullmatch(r"[0-9]+[.][0-9]+", pointed) else ungrouped(value)
        raise unlike(value, "a number such as 1.08", help_)
    worth = "write what one unit is worth in the book's currency"
    if number <= 0:
        raise unlike(value, "a number above 0", worth)
    if not 10 ** Decimal(-RATE_PLACES) <= number < 10**RATE_PLACES:
        raise unlike(
            value, f"a number with up to {RATE_PLACES} digits before its point and {RATE_PLACES} places", worth
        )
    if round(number, RATE_PLACES) != number:
        help_ = f"write {round(number, RATE_PLACES).normalize():f}"
        raise unlike(value, f"a number with up to {RATE_PLACES} decimal places", help_)
    return number


class RateEntry(Declared):
    """What one unit of a currency is worth, and the day from which it is (None: always)."""

    rate: Annotated[Decimal, BeforeValidator(_read_rate)]
    """What one unit is worth in the book's currency."""
    from_: Day | None = Field(default=None, alias="from")
    """The day from which it is."""


def _read_rates(value: object) -> object:
    if isinstance(value, str):
        return ({"rate": value},)
    if isinstance(value, dict) and "rate" in value:
        raise wrong("takes dated entries in a list", "write `- {from: 2026-01-01, rate: 1.08}`")
    if not isinstance(value, list | tuple):
        raise unlike(value, "a number or a list of dated entries", "for example `EUR: 1.08`")
    if not value:
        raise wrong("is an empty list", "write a rate such as `EUR: 1.08`, or leave the key out")
    return value


Rates = Annotated[tuple[RateEntry, ...], BeforeValidator(_read_rates)]
