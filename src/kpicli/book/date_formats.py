"""What is wrong with a strptime pattern, and which a date format of Excel is meant for: for the help of an error."""

from __future__ import annotations

import re

_EXCEL = re.compile(r"AM/PM|y+|m+|d+|h+|s+", re.IGNORECASE)
_EXCEL_WORDS = {
    "yyyy": "%Y",
    "yy": "%y",
    "mmmm": "%B",
    "mmm": "%b",
    "mm": "%m",
    "m": "%m",
    "dd": "%d",
    "d": "%d",
    "hh": "%H",
    "h": "%H",
    "ss": "%S",
    "s": "%S",
    "am/pm": "%p",
}


def from_excel(text: str) -> str | None:
    """The strptime pattern for a date format as Excel writes it; None where it is no such format.

    `m` is a minute behind an hour and before a second, else a month.
    """
    words = [word.group().lower() for word in _EXCEL.finditer(text)]
    if not set(words) <= _EXCEL_WORDS.keys() or re.search("[A-Za-z]", _EXCEL.sub("", text).replace("T", "")):
        return None
    found = [_EXCEL_WORDS[word] for word in words]
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if word in ("m", "mm") and (before.startswith("h") or after.startswith("s")):
            found[at] = "%M"
        if word in ("h", "hh") and "am/pm" in words:
            found[at] = "%I"
    replacements = iter(found)
    return _EXCEL.sub(lambda _: next(replacements), text) if found else None


_DIRECTIVE = re.compile(
    r"%(?P<letter>[%DxFvRTXrc+Z]|[-_0]?[YCyqmbBhdeaAwuUWGgVjHkIlPpMSsnt])|%(?P<part>\.?[369]?f|[:#]?z)|%(?P<none>.{0,2})",
    re.DOTALL,
)
_WITH_TIME = frozenset("RTXrcs+")
"""Directives that are a time of day by themselves."""


def wrong_in(text: str) -> str | None:
    """What to do about a pattern with directives that are none, or that don't go together."""
    found = list(_DIRECTIVE.finditer(text))
    for directive in found:
        if directive["none"] is not None:
            return (
                f"`%{directive['none']}` stands for nothing; `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` are the usual ones"
            )
    letters = {each["letter"][-1] if each["letter"] else each["part"][-1] for each in found}
    if "Z" in letters:
        return "%Z is a zone's name, which says no offset: write it out and use `timezone`"
    if letters & _WITH_TIME:
        return None
    if letters.isdisjoint("Il") is not letters.isdisjoint("pP"):
        return "`%I` goes with `%p`, for AM or PM; 24 hours are `%H`"
    hours = not letters.isdisjoint("HkIl")
    if hours is not ("M" in letters):
        return "an hour goes with its minutes: `%H:%M`"
    if not hours and letters & {"S", "z"}:
        return "seconds and an offset go with an hour and its minutes: `%H:%M:%S`"
    return None
