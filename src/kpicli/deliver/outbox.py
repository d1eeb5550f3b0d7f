"""The outbox: what became of each message, in a SQLite file in the user's state folder, one for each book.

It knows a message by its delivery, period, recipient and digest, and holds nothing of what it says. Every change is on
the disk before the next step is taken. While one run has it open no other can, and when that run ends, however it
does, the system lets go of it. It is never made anew where it can't be used, because that would send everything twice.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Final, Self

from msgspec import Struct

from kpicli.deliver.letter import Letter
from kpicli.errors import KpiError, Trouble

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


class Entry(Struct, frozen=True):
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
        resolved = book.resolve()
        try:
            file = _found(resolved, folder or _users_folder())
        except OSError as error:
            raise _unwritable(error.filename or folder, error.strerror or str(error)) from None
        with _told(file), closing(_connect(file)) as connection:
            # Exclusive as long as the connection lives, or the process: the lock and what it guards are one file.
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            _prove(connection, file)
            connection.execute("update book set opened = ?", [datetime.now(UTC).isoformat()])  # and it can be written
            connection.execute("commit")
            yield cls(file, connection)

    def find(self, letter: Letter) -> Entry | None:
        """What is known of a message; None for a new one. Raises KpiError where the outbox is broken."""
        with _told(self.file):
            row = self._connection.execute(
                "select state, tries, answer, moment from letters"
                " where (delivery, period, recipient, digest) = (?, ?, ?, ?)",
                letter.key,
            ).fetchone()
            if row is None:
                return None
            state, tries, answer, moment = row
            return Entry(State(state), tries, answer, datetime.fromisoformat(moment))

    def keep(self, letter: Letter, entry: Entry) -> None:
        """Puts down what is known of a message, on the disk when this returns. Raises KpiError where it can't."""
        with _told(self.file):
            self._connection.execute(
                "insert into letters values (?, ?, ?, ?, ?, ?, ?, ?)"
                " on conflict do update set state = excluded.state, tries = excluded.tries,"
                " answer = excluded.answer, moment = excluded.moment",
                (*letter.key, entry.state.value, entry.tries, entry.answer, entry.moment.isoformat()),
            )


def _connect(file: Path) -> sqlite3.Connection:
    """A connection that never waits for another one, makes no file, and commits each statement to the disk itself."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    connection.execute("pragma synchronous = extra")
    connection.execute("pragma fullfsync = on")
    return connection


def _users_folder() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415  # tests name a folder

    return user_state_path("kpicli", appauthor=False) / "outbox"


def _found(book: Path, folder: Path) -> Path:
    """The outbox's file, made if the book has none yet. Raises OSError, and KpiError where others could write there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = folder.resolve()
    _keep_private(folder, 0o700)
    # However the path is typed on a system for which capitals and composed letters are alike.
    name = sha256(unicodedata.normalize("NFC", str(book)).casefold().encode("utf-8", "surrogatepass")).hexdigest()[:32]
    home = folder / name
    file = home / _FILE
    if not file.exists():
        _make(book, home)
    _keep_private(home, 0o700)
    _keep_private(file, 0o600)
    return file


def _make(book: Path, home: Path) -> None:
    """A new outbox, whole when it gets its name: one that stands there half is never taken for a new one."""
    beside = home.with_name(f".{home.name}-{secrets.token_hex(4)}.part")
    try:
        beside.mkdir(mode=0o700)
        os.close(os.open(beside / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with _told(beside / _FILE), closing(_connect(beside / _FILE)) as connection:
            connection.executescript(f"begin; {_SCHEMA} commit;")
            shown = str(book).encode("utf-8", "replace").decode()
            connection.execute("insert into book values (?, ?)", [shown, datetime.now(UTC).isoformat()])
        with suppress(OSError):
            home.rmdir()  # somebody deleted the file alone; a folder that holds anything stays
        try:
            beside.rename(home)
        except OSError:
            if not (home / _FILE).exists():  # else another run was faster, and its outbox is as good
                raise
        _settle(home.parent)
    finally:
        rmtree(beside, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Has the disk keep the names in a folder and its parent, where the system has that."""
    for each in (folder, folder.parent):
        with suppress(OSError):
            opened = os.open(each, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)


def _keep_private(path: Path, mode: int) -> None:
    """Sees to it that nobody else reads or writes there. Raises OSError, and KpiError where it isn't ours."""
    if not hasattr(os, "geteuid"):
        return  # Windows keeps a user's own folder from other users
    found = path.lstat()
    if found.st_uid != os.geteuid() or stat.S_ISLNK(found.st_mode):
        message = f"the outbox '{path}' belongs to somebody else"
        raise KpiError("outbox", message, help="run kpi as the user who sends", trouble=Trouble.DELIVERY)
    if found.st_mode & 0o077:
        path.chmod(mode)


def _prove(connection: sqlite3.Connection, file: Path) -> None:
    """Raises KpiError for anything but a whole outbox that this version understands."""
    (application,) = connection.execute("pragma application_id").fetchone()
    (version,) = connection.execute("pragma user_version").fetchone()
    if application != _APPLICATION:
        raise _broken(file)
    if version > _VERSION:
        raise KpiError(
            "outbox",
            f"the outbox '{file}' was written by a later version of kpicli",
            help="update kpicli, or send from where it is up to date",
            trouble=Trouble.DELIVERY,
        )
    found = connection.execute("pragma integrity_check").fetchone()
    if version != _VERSION or found != ("ok",):
        raise _broken(file)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Says what SQLite has to complain in the user's words."""
    try:
        yield
    except sqlite3.Error as error:
        match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise _held(file) from None
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR:
                raise _unwritable(file, str(error)) from None
            case _:
                raise _broken(file) from error


def _held(file: Path) -> KpiError:
    return KpiError(
        "locked",
        f"another run is sending from this book (it holds '{file}')",
        help="nothing was sent by this one; wait until the other has ended, and run it again",
        trouble=Trouble.LOCKED,
    )


def _unwritable(file: object, reason: str) -> KpiError:
    return KpiError(
        "outbox",
        f"the outbox '{file}' can't be written: {reason}",
        help="nothing is sent that couldn't be remembered; see to its folder's permissions and the room on the disk",
        trouble=Trouble.DELIVERY,
    )


def _broken(file: Path) -> KpiError:
    return KpiError(
        "outbox",
        f"the outbox '{file}' is broken: what was sent before can't be known",
        help="put back a copy of it, or move it away: without it, all messages are sent again",
        trouble=Trouble.DELIVERY,
    )
