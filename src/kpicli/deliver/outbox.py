"""The outbox: what became of each message, in a SQLite file in the user's state folder, one for each book.

It knows a message by its delivery, period, recipient and digest, and holds nothing of what it says. Every change is on
the disk before the next step is taken. While one run has it open no other can, and when that run ends, however it
does, the system lets go of it. It is never made anew where it can't be used, because that would send everything twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final, Self

from kpicli.deliver.letter import Letter

_APPLICATION: Final = 0x6B706F62
"""In the header of each outbox, so that no other SQLite file is taken for one."""
_VERSION: Final = 1
_FILE: Final = "outbox.sqlite3"
_SCHEMA: Final = f"""
    create table book (path text not null, opened text not null);
    create table letters (
        delivery text not null, period text not null, recipient text not null, digest text not null,
        state text not null check (state in ('sent', 'waiting', 'refused', 'uncertain')),
        tries integer not null, answer text not null, moment text not null,
        primary key (delivery, period, recipient, digest)
    ) without rowid;
    pragma application_id = {_APPLICATION};
    pragma user_version = {_VERSION};
"""


class State(Enum):
    """What is known of a message."""

    SENT = "sent"
    """A server took it."""
    WAITING = "waiting"
    """It wasn't sent: the server said "later", or wasn't reached."""
    REFUSED = "refused"
    """It wasn't sent: the server said "no"."""
    UNCERTAIN = "uncertain"
    """It was on its way, and no answer came: it may have been sent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the outbox holds of one message."""

    state: State
    tries: int
    """How often a server was asked to take it, in a row."""
    answer: str
    """What the server said last, or why it wasn't reached; one printable line."""
    moment: datetime
    """When that was, in UTC."""


class Outbox:
    """An outbox that is held by this run; `Outbox.open` gives one."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.file = file
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, book: Path, folder: Path | None = None) -> Iterator[Self]:
        """Holds the outbox of a book, in the user's state folder or another one, until the block ends.

        Raises KpiError: of `Trouble.LOCKED` at once where another run holds it, else where it can't be written, is
        broken, or was written by a later version.
        """
        raise NotImplementedError

    def find(self, letter: Letter) -> Entry | None:
        """What is known of a message; None for a new one."""
        raise NotImplementedError

    def keep(self, letter: Letter, entry: Entry) -> None:
        """Puts down what is known of a message, on the disk when this returns. Raises KpiError where it can't."""
        raise NotImplementedError
