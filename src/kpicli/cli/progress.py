"""A line on a terminal that says that work goes on, once it has taken a second."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from threading import Event

READING = "reading the exports"
_SECOND = 1.0


@contextmanager
def working(doing: str, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Say on stderr what is done and for how long, each second; nothing of it is left. Only a terminal is told."""
    stream: TextIO | None = sys.stderr
    if stream is None or not stream.isatty() or environment.get("TERM") == "dumb":
        yield
        return
    from threading import Event, Thread

    over = Event()
    telling = Thread(target=_tell, args=(stream, doing, over), daemon=True)
    telling.start()
    try:
        yield
    finally:
        over.set()
        telling.join()


def _tell(stream: TextIO, doing: str, over: Event) -> None:
    line = ""
    seconds = 0
    with suppress(OSError, ValueError):  # a terminal that is gone has no reader either
        while not over.wait(_SECOND):
            seconds += 1
            line = f"{doing} ... {seconds} s"
            stream.write(f"\r{line}")
            stream.flush()
        # With blanks, which every terminal knows how to draw.
        stream.write(f"\r{' ' * len(line)}\r" if line else "")
        stream.flush()
