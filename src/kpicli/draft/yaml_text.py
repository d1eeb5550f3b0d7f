"""Texts as a book's YAML holds them, whatever stands in them, and comments that stay on their line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from unicodedata import category

from kpicli.errors import clean

_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ./()+'-]*[\w./()+'])?")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "none"})
_FORMULA: Final = re.compile(r"[\w(](?:[^\n]*[^\s:])?")


def scalar(text: str) -> str:
    """A text as it may stand anywhere in a book, in braces too."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _WORDS:
        return text
    return quoted(text)


def formula(text: str) -> str:
    """A formula as it may stand behind a key on a line of its own."""
    is_safe = text.isprintable() and ": " not in text and " #" not in text and text.lower() not in _WORDS
    return text if is_safe and _FORMULA.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes, with an escape for each character that isn't seen."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char == " " or (category(char)[0] not in "CZ"):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """A comment of one line."""
    shown = clean(text)
    return f"# {shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + '…'}"


_LONGEST: Final = 160


def wrapped(text: str, indent: int, width: int = 116) -> list[str]:
    """A comment over as many lines as it takes."""
    lines, line = [], ""
    for word in clean(text).split(" "):
        if line and indent + len(line) + len(word) + 3 > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return [" " * indent + f"# {each}" for each in (*lines, line)]


def mapping(pairs: Iterable[tuple[str, str]]) -> str:
    """Keys and finished values in braces."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def sequence(values: Sequence[str]) -> str:
    """Texts: one by itself, several in brackets."""
    return scalar(values[0]) if len(values) == 1 else "[" + ", ".join(map(scalar, values)) + "]"


def aligned(lines: Sequence[tuple[str, str | None]]) -> list[str]:
    """Lines with their comments below each other."""
    width = min(max((len(line) for line, note in lines if note), default=0), _COMMENTS_AT)
    return [line if not note else f"{line.ljust(width)}    {comment(note)}" for line, note in lines]


_COMMENTS_AT: Final = 72
