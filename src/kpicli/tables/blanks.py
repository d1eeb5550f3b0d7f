"""What passes for nothing in a cell: the white space of Unicode, as Polars trims it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BLANKS: Final = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Python's own `strip` takes the old separator signs U+001C to U+001F away too."""


def hold_something(cells: Iterable[str]) -> bool:
    """Whether any cell holds more than blanks."""
    return any(cell.strip(BLANKS) for cell in cells)
