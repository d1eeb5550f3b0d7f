"""Standard input as an export.

It can be read once only, and a report may look at a table more than once, so what it held is kept: the one thing of
the outer world that reading remembers.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Final, TextIO

from kpicli.errors import KpiError, Trouble

NAME: Final = "standard input"
"""What it is called in notes and errors."""


def read_standard_input(table: str) -> bytes:
    """All of it, read by the first call. Raises KpiError (data) where nothing is sent to it."""
    stream = sys.stdin
    if stream is None or stream.closed or stream.isatty():
        raise KpiError(
            "no-input",
            f'table {table}: `source: "-"` reads standard input, and nothing is sent to it',
            help="send it a CSV, as in `zcat deals.csv.gz | kpi report`, or name a file as `source`",
            trouble=Trouble.DATA,
        )
    try:
        return _content(stream)
    except (OSError, ValueError) as error:
        raise KpiError(
            "unreadable-file",
            f"table {table}: standard input can't be read: {error}",
            help="send it a CSV, or name a file as `source`",
            trouble=Trouble.DATA,
        ) from error


@lru_cache(maxsize=1)
def _content(stream: TextIO) -> bytes:
    # A notebook may put a stream of texts in its place.
    return stream.buffer.read() if hasattr(stream, "buffer") else stream.read().encode()
