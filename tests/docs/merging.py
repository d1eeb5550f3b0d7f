"""A piece of a book put into a whole one, as its reader would: each key at its place, in place of its namesake."""

from __future__ import annotations

import re

_KEY = re.compile(r"( *)([\w\"'-]+):(?:\s|$)")


def merged(book: str, piece: str) -> str:
    """The book with the piece's keys. Both are indented by two spaces; a mapping goes into the mapping of its name."""
    return "\n".join(_merged(book.splitlines(), piece.splitlines())) + "\n"


def _merged(book: list[str], piece: list[str]) -> list[str]:
    before, entries = _entries(book)
    _, added = _entries(piece)
    for name, lines in added.items():
        own = entries.get(name)
        if own is not None and _nests(own) and _nests(lines):
            entries[name] = [own[0], *_merged(own[1:], lines[1:])]
        else:
            entries[name] = lines
    return [*before, *(line for lines in entries.values() for line in lines)]


def _entries(lines: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The lines before the first key, and those of each key of the outermost mapping."""
    before: list[str] = []
    entries: dict[str, list[str]] = {}
    depth, current = None, before
    for line in lines:
        key = _KEY.match(line)
        if key is not None and depth in (None, len(key[1])):
            depth = len(key[1])
            current = entries.setdefault(key[2], [])
            assert not current, f"'{key[2]}' stands twice"
        current.append(line)
    return before, entries


def _nests(lines: list[str]) -> bool:
    """Whether a key holds a mapping in lines of its own."""
    below = [line for line in lines[1:] if line.strip() and not line.lstrip().startswith("#")]
    return re.fullmatch(r"\s*[\w\"'-]+:\s*(#.*)?", lines[0]) is not None and bool(below and _KEY.match(below[0]))
