"""Standard input as a `source`: it can be read once, so one table may name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kpicli.book.model import Book
from kpicli.book.reader import Places
from kpicli.errors import KpiError

STANDARD_INPUT: Final = "-"
"""What it is called as a `source`."""


def read_twice(book: Book, places: Places) -> Iterator[KpiError]:
    """An error for each further source that names it."""
    named = (
        (name, index)
        for name, table in book.tables.items()
        for index, entry in enumerate(table.source)
        if entry.path == STANDARD_INPUT
    )
    first = next(named, None)
    for name, index in named:
        assert first is not None
        yield KpiError(
            "standard-input",
            f"standard input is read by {first[0]} already",
            place=places.place(("tables", name, "source", index, "path")),
            help="it can be read once: name a file",
        )
