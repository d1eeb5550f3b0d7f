"""What holds from a day on: entries of a target."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from kpicli.book.declared import Declared
from kpicli.book.spellings import Day, Text, unlike, wrong


class TargetEntry(Declared):
    """A target, and the day from which it is in force (None: always)."""

    value: Text
    """A number, a rate such as `400 per week`, or a formula."""
    from_: Day | None = Field(default=None, alias="from")
    """The day from which it is in force."""


_NO_TARGET = "write a target such as `400 per week`, or leave the key out"


def _read_entries(value: object) -> object:
    if isinstance(value, str):
        return ({"value": value},)
    if not isinstance(value, list | tuple):
        raise unlike(value, "a number, a rate, a formula or a list of dated entries", "for example `400 per week`")
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
        raise wrong("takes dated entries in a list", "write `- {from: 2026-01-01, value: 30%}`")
    members = {name: entries for name, entries in value.items() if name != "total" and entries is not None}
    return {"total": value.get("total"), "members": members}
