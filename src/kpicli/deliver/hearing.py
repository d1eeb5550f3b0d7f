"""smtplib's connections, which hear a server's answer out, but not an endless one."""

from __future__ import annotations

import smtplib
import time
from typing import Final, Protocol

MOST_LINES: Final = 100
"""Of one answer; servers say a dozen."""


class _File(Protocol):
    def readline(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class _Answer:
    """What a server says, read line by line, with a limit to the lines and the time of one answer."""

    def __init__(self, file: _File, seconds: float | None) -> None:
        self._file = file
        self._lines = MOST_LINES
        self._until = None if seconds is None else time.monotonic() + seconds

    def readline(self, size: int) -> bytes:
        """The next line. Raises OSError, of which smtplib makes a connection that is closed."""
        self._lines -= 1
        if self._lines < 0 or (self._until is not None and time.monotonic() > self._until):
            raise TimeoutError("an answer without an end")
        return self._file.readline(size)

    def close(self) -> None:
        self._file.close()


class Connection(smtplib.SMTP):
    """A connection that is not encrypted, or not yet."""

    def getreply(self) -> tuple[int, bytes]:
        """The server's answer. Raises SMTPServerDisconnected where it has no end."""
        assert self.sock is not None
        if self.file is None:
            self.file = self.sock.makefile("rb")
        whole = self.file
        self.file = _Answer(whole, self.sock.gettimeout())
        try:
            return super().getreply()
        finally:
            if self.file is not None:
                self.file = whole


class EncryptedConnection(Connection, smtplib.SMTP_SSL):
    """A connection that is encrypted from the first byte."""
