"""What a file holds besides the rows and columns that are read: nothing is wrong with it, but somebody should know."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Aside(NamedTuple):
    """A row of a footer, or a header that stands more than once: its row as a spreadsheet shows it, and its text."""

    code: Literal["footer", "duplicate-header"]
    row: int
    text: str
