"""A file's text, and the place of any stretch of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from kpicli.errors import Place

_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """The text of the file named `file`, cut into lines as an editor numbers them."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def _bounds(self) -> list[tuple[int, int]]:
        """Start and end of each line, without its line break."""
        bounds = []
        start = 0
        for found in _LINE_END.finditer(self.text):
            bounds.append((start, found.start()))
            start = found.end()
        return [*bounds, (start, len(self.text))]

    def number(self, offset: int) -> int:
        """The number of the line that holds the character at `offset`; the first line is 1."""
        return bisect_right(self._bounds, offset, key=lambda bounds: bounds[0])

    def line(self, offset: int) -> tuple[int, int]:
        """Start and end of the line that holds the character at `offset`."""
        return self._bounds[self.number(offset) - 1]

    def place(self, start: int, end: int) -> Place:
        """The place of the characters `start` to `end`, as far as they stand on the first one's line."""
        first, last = self.line(start)
        spanned = self.text[start : min(end, last)].rstrip()
        return Place(self.file, self.number(start), start - first + 1, self.text[first:last], max(1, len(spanned)))
