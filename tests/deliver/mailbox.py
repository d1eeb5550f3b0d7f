"""A mail server in this process: aiosmtpd, which keeps what it takes, and does on the way what it is told to do."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from socket import create_server
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from kpicli.deliver.server import Limits, Security, Server

USER = "kpi@example.com"
SECRET = "correct-hörse-battery"  # noqa: S105  # made up

HASTY = Limits(answer=20.0, verdict=20.0, pauses=(0.0, 0.0))
"""Limits without waiting."""


class Deed(Enum):
    """What the server does with a message."""

    TAKE = "take"
    LATER_RECIPIENT = "450 at RCPT"
    NO_RECIPIENT = "550 at RCPT"
    LATER_MESSAGE = "452 after the message"
    NO_MESSAGE = "554 after the message"
    CLOSE_RECIPIENT = "421 at RCPT"
    DROP_RECIPIENT = "the connection ends at RCPT"
    DROP_MESSAGE = "the connection ends after the message, which is thrown away"
    DROP_STORED = "the connection ends after the message, which is stored"
    NONSENSE_STORED = "an answer that is none, to a message that is stored"


REPLIES = {
    Deed.LATER_RECIPIENT: "450 4.2.0 Greylisted",
    Deed.NO_RECIPIENT: "550 5.1.1 No such user",
    Deed.LATER_MESSAGE: "452 4.3.1 Full",
    Deed.NO_MESSAGE: "554 5.6.0 Spam",
}


class Mailbox:
    """What a server took, message by message, and what it is to do next."""

    def __init__(self, deed: Callable[[str, int], Deed] = lambda _address, _time: Deed.TAKE) -> None:
        self.deed = deed
        self.stored: list[tuple[str, bytes]] = []
        """Recipient and content of each message."""
        self.asked: dict[str, int] = {}
        """How often each recipient's message was begun."""
        self.connections = 0
        self.logins: list[str] = []
        self.of_sender: str | None = None
        """What it answers to MAIL, if not that all is well."""
        self.delay = 0.0
        """Seconds before it answers to a message, which it has stored; it answers at once when this becomes 0."""
        self.on_stored: Callable[[], None] = lambda: None
        self.waiting = threading.Event()
        """Whether it has stored a message and delays its answer."""

    def count(self, address: str) -> int:
        return sum(recipient == address for recipient, _ in self.stored)

    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.stored]

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(kind)
        right = (data.login.decode(), data.password.decode()) == (USER, SECRET)
        return AuthResult(success=right, handled=False)

    # ------------------------------------------------------------------------------------------ what aiosmtpd asks it

    async def handle_EHLO(  # noqa: N802  # its name
        self, _server: SMTP, session: Session, _envelope: Envelope, host: str, replies: list[str]
    ) -> list[str]:
        session.host_name = host
        return replies

    async def handle_MAIL(  # noqa: N802  # its name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.of_sender is not None:
            return self.of_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # its name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        time = self.asked.get(address, 0)
        self.asked[address] = time + 1
        envelope.deed = deed = self.deed(address, time)  # type: ignore[attr-defined]  # for handle_DATA
        if deed is Deed.DROP_RECIPIENT:
            _abort(server)
        if deed is Deed.CLOSE_RECIPIENT:
            asyncio.get_running_loop().call_later(0.01, _abort, server)
            return "421 4.3.2 Closing"
        if deed in {Deed.LATER_RECIPIENT, Deed.NO_RECIPIENT}:
            return REPLIES[deed]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        deed: Deed = envelope.deed  # type: ignore[attr-defined]  # from handle_RCPT
        if deed is Deed.DROP_MESSAGE:
            _abort(server)
        if deed in {Deed.LATER_MESSAGE, Deed.NO_MESSAGE}:
            return REPLIES[deed]
        if deed is not Deed.DROP_MESSAGE:
            assert isinstance(envelope.content, bytes)
            self.stored += [(address, envelope.content) for address in envelope.rcpt_tos]
            self.on_stored()
        if deed is Deed.DROP_STORED:
            _abort(server)
        if self.delay:
            self.waiting.set()
            until = time.monotonic() + self.delay
            while self.delay and time.monotonic() < until:  # noqa: ASYNC110  # the test, which ends the wait, is in another thread
                await asyncio.sleep(0.02)
        return "Yes, why not" if deed is Deed.NONSENSE_STORED else "250 2.0.0 Queued"


def _abort(server: SMTP) -> None:
    transport: Any = server.transport
    if transport is not None:
        transport.abort()


@contextmanager
def serving(mailbox: Mailbox, *, encrypted: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """The server, as long as the block lasts: its port on 127.0.0.1. `encrypted` from the first byte."""
    listening = create_server(("127.0.0.1", 0))
    started, loop, done = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    def protocol() -> SMTP:
        mailbox.connections += 1
        return SMTP(mailbox, hostname="mail.example.com", authenticator=mailbox.authenticate, loop=loop, **options)

    async def serve() -> None:
        server = await loop.create_server(protocol, sock=listening, ssl=encrypted)
        started.set()
        await done.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()


def local(port: int) -> Server:
    """A server on this machine, without encryption."""
    return Server("127.0.0.1", port, Security.NONE)


def trusting(port: int, ca: Path, security: Security = Security.TLS, host: str = "localhost", **login: Any) -> Server:
    return Server(host, port, security, ca, **login)
