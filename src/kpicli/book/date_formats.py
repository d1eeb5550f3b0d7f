"""Date formats as Excel and many exports write them, for the help of an error."""

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
