"""Names that formulas can use, made of headers and of names of files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from kpicli.draft.words import words_of
from kpicli.formula.tokens import RESERVED


def name_for(text: str, taken: Container[str], fallback: str = "column") -> str:
    """A name that isn't taken yet: letters, digits and `_`, and none of the language's words."""
    name = "_".join(word for word in words_of(text) if word.isascii()) or _plain(text)
    name = re.sub(r"^[^a-z]+", "", name)[:_LONGEST].rstrip("_") or fallback
    if name in RESERVED or name in _INTERVALS:
        name = f"{name}_"[:-1] + "_value"
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name}_{number}"
    return chosen


def singular(name: str) -> str:
    """One of what a table holds."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


_LONGEST = 40
_INTERVALS = ("days", "workdays", "total")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", letters.lower()))
