"""Lines of styled text, measured in a terminal's cells: a wide character takes two, a combining one none.

A piece is a text with its style: names of `Screen`'s styles, or "". A no-break space keeps two words together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from rich.cells import cell_len, chop_cells

Piece: TypeAlias = tuple[str, str]
Line: TypeAlias = list[Piece]

GLUE = "\N{NO-BREAK SPACE}"
_WORD = re.compile("[^ ]+ *| +")


def width_of(line: Sequence[Piece]) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def joined(line: Sequence[Piece]) -> Line:
    """The line with neighbours of one style as one piece."""
    return [("".join(text for text, _ in pieces), style) for style, pieces in groupby(line, itemgetter(1))]


def padded(line: Sequence[Piece], width: int) -> Line:
    """The line with blanks at its end, as wide as that."""
    return [*line, (" " * (width - width_of(line)), "")]


def together(text: str, width: int) -> str:
    """The text as one word, where it is no longer than a line."""
    return text.replace(" ", GLUE) if cell_len(text) <= width else text


def right(line: Sequence[Piece], width: int) -> Line:
    """The line without the blanks at its end and with blanks before it, as wide as that."""
    if not line:
        return [(" " * width, "")]
    *others, (text, style) = line
    inked = [*others, (text.rstrip(" "), style)]
    return [(" " * (width - width_of(inked)), ""), *inked]


def flow(pieces: Sequence[Piece], width: int, indent: int = 0, hanging: int = 0) -> Iterator[Line]:
    """The pieces in lines of at most `width` cells, broken at blanks; a word that is longer than a line is folded.

    The first line begins after `indent` blanks, each other one after `hanging`.
    """
    line: Line = [(" " * indent, "")] if indent else []
    used = begun = indent
    for word in _words(pieces):
        if used > begun and used + _inked(word) > width:
            yield _closed(line)
            line, used, begun = [(" " * hanging, "")], hanging, hanging
        for text, style in word:
            rest = text
            if used + cell_len(rest.rstrip(" ")) > width:
                head, rest = _head(rest, width - used, whole=used == begun)
                yield [*line, (head, style)]
                *full, rest = _folded(rest, width - hanging)
                yield from ([(" " * hanging, ""), (part, style)] for part in full)
                line, used, begun = [(" " * hanging, "")], hanging, hanging
            line.append((rest, style))
            used += cell_len(rest)
    yield _closed(line)


def _head(text: str, room: int, *, whole: bool) -> tuple[str, str]:
    """What of a word still fits on a line, and the rest; at least a character where the line is `whole`."""
    head = ""
    if room > 0:
        most = 4 * room
        while len(parts := chop_cells(text[:most], room)) < 2 and most < len(text):
            most *= 2  # of characters that take no room there may be many
        head = parts[0] if parts else text
    head = head or (text[0] if whole else "")
    return head, text[len(head) :]


def _folded(text: str, room: int) -> list[str]:
    """The rest of a word in lines, the last one with the blanks at its end, and with what takes no room."""
    lines = [line for line in chop_cells(text.rstrip(" "), max(1, room)) if line] or [""]
    return [*lines[:-1], text[sum(map(len, lines[:-1])) :]]


def _closed(line: Line) -> Line:
    """The line without the blank after its last word."""
    *others, (text, style) = line or [("", "")]
    return [*others, (text.rstrip(" "), style)]


def _words(pieces: Sequence[Piece]) -> Iterator[Line]:
    """What stays on one line if it can: up to a blank, which may come some pieces later."""
    word: Line = []
    for text, style in pieces:
        for part in _WORD.findall(text):
            word.append((part, style))
            if part.endswith(" "):
                yield word
                word = []
    if word:
        yield word


def _inked(word: Line) -> int:
    return width_of(word[:-1]) + cell_len(word[-1][0].rstrip(" "))
