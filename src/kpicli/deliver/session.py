"""One connection to a mail server: reached, encrypted, logged in, and a message given over it step by step.

smtplib speaks; each step is taken here, so that of every failure it is known whether the server can have the message.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from msgspec import Struct

from kpicli.deliver.hearing import Connection, EncryptedConnection
from kpicli.deliver.letter import Letter
from kpicli.deliver.outbox import State
from kpicli.deliver.server import Limits, Security, Server, is_local, is_loopback
from kpicli.errors import KpiError, Trouble, clean

_LONGEST_ANSWER: Final = 300
_FAREWELL: Final = 5.0
"""Seconds in which a server says goodbye, which nobody needs."""
_BROKEN: Final = (smtplib.SMTPException, OSError)
"""What a connection that can't be used any more raises."""


class UnreachedError(Exception):
    """The server wasn't reached, or is busy: nothing was given to it. The text says why."""


class Answer(Struct, frozen=True):
    """What became of one message."""

    state: State
    text: str
    cut_off: bool = False
    """Whether the connection ended before the message was given, as servers end one that was used enough."""


class Session:
    """A connection that takes messages."""

    def __init__(self, smtp: smtplib.SMTP, limits: Limits, hidden: tuple[str, ...]) -> None:
        self._smtp = smtp
        self._limits = limits
        self._hidden = hidden
        self._given = 0
        self._amid = False
        """Whether it is in the middle of a message, where a goodbye would be taken for a part of it."""

    @classmethod
    @contextmanager
    def open(cls, server: Server, secret: str | None, limits: Limits) -> Iterator[Session]:
        """A connection, logged in with the secret where the server has a user.

        Raises UnreachedError for what may be better soon, and KpiError for what won't.
        """
        hidden = _forms(server.user, secret)
        smtp = _reached(server, secret, limits, hidden)
        try:
            session = cls(smtp, limits, hidden)
            yield session
            if smtp.sock is not None and not session._amid:
                with suppress(*_BROKEN):
                    smtp.sock.settimeout(_FAREWELL)
                    smtp.quit()
        finally:
            smtp.close()

    def was_used(self) -> bool:
        """Whether more than one message was given over it."""
        return self._given > 1

    def is_ready(self) -> bool:
        """Whether it takes another message."""
        if self._given == 0:
            return True
        if self._smtp.sock is None or self._given >= self._limits.letters:
            return False
        try:
            return _is_good(self._smtp.rset()[0])
        except _BROKEN:
            return False

    def give(self, letter: Letter, before: Callable[[], None]) -> Answer:
        """Gives a message to the server. `before` is called when from then on the server may have it.

        It was certainly not sent if the answer is `waiting` or `refused`. Raises KpiError where the server takes
        nothing at all without a login, and what `before` raises.
        """
        self._given += 1
        self._amid = True
        answer = self._steps(letter, before)
        self._amid = False
        return answer

    def _steps(self, letter: Letter, before: Callable[[], None]) -> Answer:
        size = f" SIZE={len(letter.content)}" if self._smtp.has_extn("size") else ""
        try:
            for command in (f"MAIL FROM:<{letter.sender}>{size}", f"RCPT TO:<{letter.recipient}>"):
                code, text = self._smtp.docmd(command)
                if code in {530, 538}:
                    message = f"the mail server takes no message like this: {_said(code, text, self._hidden)}"
                    raise _trouble("login", message, "the book's mail needs a user and a password, or another security")
                if not _is_good(code):
                    return self._declined(code, text)
            before()
            code, text = self._smtp.docmd("DATA")
            if code != 354:
                return self._declined(code, text)
            # The end of the message is sent for itself: before it, no server has a message to take.
            self._smtp.send(re.sub(rb"(?m)^\.", b"..", letter.content))
        except _BROKEN as error:
            self._smtp.close()
            return Answer(State.WAITING, _reason(error), cut_off=True)
        return self._verdict()

    def _verdict(self) -> Answer:
        """Ends the message and hears what the server says of it."""
        connection = self._smtp.sock
        assert connection is not None
        try:
            connection.settimeout(self._limits.verdict)
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
        except _BROKEN as error:
            self._smtp.close()
            return Answer(State.UNCERTAIN, _reason(error))
        with suppress(OSError):  # the answer is there, whatever becomes of the connection
            connection.settimeout(self._limits.answer)
        said = _said(code, text, self._hidden)
        match code // 100:
            case 2:
                return Answer(State.SENT, said)
            case 4:
                return Answer(State.WAITING, said)
            case 5:
                return Answer(State.REFUSED, said)
            case _:
                self._smtp.close()
                return Answer(State.UNCERTAIN, said)

    def _declined(self, code: int, text: bytes) -> Answer:
        """What it means that the server didn't go on with a message."""
        said = _said(code, text, self._hidden)
        match code // 100:
            case 5:
                return Answer(State.REFUSED, said)
            case 4 if code != 421:
                return Answer(State.WAITING, said)
            case _:  # it ends the connection, or the two don't understand each other
                self._smtp.close()
                return Answer(State.WAITING, said, cut_off=True)


def _reached(server: Server, secret: str | None, limits: Limits, hidden: tuple[str, ...]) -> smtplib.SMTP:
    """A connection over which messages can be given. Raises UnreachedError and KpiError."""
    if server.security is Security.NONE and not is_local(server.host):
        raise _open_way(server)
    context = None if server.security is Security.NONE else _context(server)
    smtp = None
    try:
        smtp = _connected(server, context, limits.answer)
        _secure(smtp, server, context)
        if server.user is not None and secret is not None:
            _log_in(smtp, server.user, secret, hidden)
    except BaseException as error:
        if smtp is not None:
            smtp.close()
        if isinstance(error, (*_BROKEN, UnicodeError)):
            raise _explained(error, server, hidden) from None
        raise
    return smtp


def _explained(error: Exception, server: Server, hidden: tuple[str, ...]) -> Exception:
    """What it means that no connection came about: UnreachedError for what may be better soon, else KpiError."""
    where = f"{server.host}:{server.port}"
    match error:
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return _insecure(error, where)
        case socket.gaierror() if error.errno == socket.EAI_AGAIN:
            return UnreachedError(f"{where}: {clean(str(error.strerror))}")
        case socket.gaierror() | UnicodeError():
            message = f"there is no mail server '{server.host}'"
            return _trouble("no-server", message, "see to the server's name in the book's mail")
        case smtplib.SMTPResponseException():
            said = _said(error.smtp_code, error.smtp_error, hidden)
            if error.smtp_code // 100 != 5:
                return UnreachedError(f"{where}: {said}")
            help_ = "ask who runs it; it may not know this machine, or expect another port"
            return _trouble("server", f"the mail server {where} turns kpi away: {said}", help_)
        case _:
            return UnreachedError(f"{where}: {_reason(error)}")


def _connected(server: Server, context: ssl.SSLContext | None, timeout: float) -> smtplib.SMTP:
    # The name with which to greet is said below; smtplib would ask the network for it, and wait as long as that takes.
    if server.security is Security.TLS:
        return EncryptedConnection(server.host, server.port, "localhost", timeout=timeout, context=context)
    return Connection(server.host, server.port, "localhost", timeout=timeout)


def _secure(smtp: smtplib.SMTP, server: Server, context: ssl.SSLContext | None) -> None:
    """Greets the server, and encrypts what isn't yet. Nothing that it said before is believed after."""
    assert smtp.sock is not None
    if server.security is Security.NONE and not is_loopback(smtp.sock.getpeername()[0]):
        raise _open_way(server)
    # Without waiting for the server to confirm a message before its end is sent.
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    own = str(smtp.sock.getsockname()[0]).partition("%")[0]
    smtp.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"
    smtp.ehlo_or_helo_if_needed()
    if server.security is Security.STARTTLS:
        try:
            smtp.starttls(context=context)
        except smtplib.SMTPNotSupportedError:
            message = f"the mail server {server.host}:{server.port} doesn't offer STARTTLS: nothing was said to it"
            help_ = "see to the port; servers that encrypt from the first byte (port 465) have security: tls"
            raise _trouble("starttls", message, help_) from None
        smtp.ehlo_or_helo_if_needed()


def _log_in(smtp: smtplib.SMTP, user: str, secret: str, hidden: tuple[str, ...]) -> None:
    """Logs in by PLAIN or LOGIN, in UTF-8, for which smtplib has only ASCII."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, text = smtp.docmd("AUTH", f"PLAIN {_plain(user, secret)}")
        if code == 334:
            code, text = smtp.docmd(_plain(user, secret))
    elif "LOGIN" in offered:
        code, text = smtp.docmd("AUTH", "LOGIN")
        for word in (user, secret):
            if code == 334:
                code, text = smtp.docmd(_base64(word))
    else:
        message = "the mail server offers no login by name and password"
        message += f" (but {clean(' '.join(offered))})" if offered else ""
        raise _trouble(
            "login", message, "see to the port and the security of the book's mail; without user nobody logs in"
        )
    said = _said(code, text, hidden)
    if code // 100 == 4:
        raise UnreachedError(f"the login was put off: {said}")
    if not _is_good(code):
        help_ = "see to the user and the password; many providers want a password made for programs (app password)"
        raise _trouble("login", f"the mail server refuses the login of '{user}': {said}", help_)


def _context(server: Server) -> ssl.SSLContext:
    """Verifies the server's certificate and name. Raises KpiError where `ca` can't be used."""
    context = ssl.create_default_context()
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    if server.ca is not None:
        try:
            context.load_verify_locations(cafile=server.ca)
        except OSError as error:  # ssl.SSLError is one
            reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
            message = f"the certificate authority '{server.ca}' can't be used: {reason}"
            raise _trouble("certificate", message, "ca names a file of certificates in PEM") from None
    return context


def _insecure(error: ssl.SSLError, where: str) -> KpiError:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"the certificate of {where} can't be trusted: {error.verify_message.rstrip('.')}"
        help_ = "see to the server's name; a server with an authority of your own needs `ca`. Nothing was said to it"
        return _trouble("certificate", message, help_)
    reason = (error.reason or "TLS failed").replace("_", " ").lower()
    help_ = "see to port and security: 465 has tls, 587 starttls; TLS 1.2 is the oldest that is spoken"
    return _trouble("tls", f"{where} and kpi can't agree on TLS: {reason}", help_)


def _open_way(server: Server) -> KpiError:
    return KpiError(
        "plaintext",
        f"security: none would send to '{server.host}' in the open",
        help="use tls or starttls; none is for a server on this machine (localhost, 127.0.0.1, ::1)",
    )


def _trouble(code: str, message: str, help_: str) -> KpiError:
    return KpiError(code, message, help=help_, trouble=Trouble.DELIVERY)


def _is_good(code: int) -> bool:
    return code // 100 == 2


def _reason(error: Exception) -> str:
    """Why a connection can't be used, in a few words."""
    inner = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    if isinstance(inner, OSError) and inner.strerror and not isinstance(inner, ssl.SSLError):
        return clean(inner.strerror)
    return "the connection was closed"


def _said(code: int, text: bytes | str, hidden: tuple[str, ...]) -> str:
    """A server's answer in one printable line, without what it may not repeat."""
    words = text if isinstance(text, str) else text.decode("utf-8", "replace")
    for each in hidden:
        words = words.replace(each, "…")
    line = clean(" ".join(words.split()))
    line = line if len(line) <= _LONGEST_ANSWER else line[: _LONGEST_ANSWER - 1] + "…"
    return f"{code} {line}".rstrip() if code > 0 else "something that is no answer"


def _forms(user: str | None, secret: str | None) -> tuple[str, ...]:
    """The secret as it is and as it goes over the line, the longest first."""
    if user is None or secret is None:
        return ()
    return _plain(user, secret), _base64(secret), secret


def _plain(user: str, secret: str) -> str:
    return _base64(f"\0{user}\0{secret}")


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")
