"""The mail server that a book declares."""

from __future__ import annotations

from pathlib import Path

from kpicli.book.mail import Mail, PasswordSpec
from kpicli.deliver.credentials import Command, File, Password, Variable
from kpicli.deliver.server import Security, Server


def server_of(mail: Mail, folder: Path) -> Server:
    """The server, with paths that start at the book's folder; nothing is read or asked yet."""
    return Server(
        host=mail.server,
        port=mail.at_port,
        security=Security(mail.security.value),
        ca=None if mail.ca is None else _path(mail.ca, folder),
        user=mail.user,
        password=None if mail.password is None else _password(mail.password, folder),
    )


def _password(spec: PasswordSpec, folder: Path) -> Password:
    if spec.command is not None:
        return Command(spec.command)
    if spec.file is not None:
        return File(_path(spec.file, folder))
    assert spec.variable is not None
    return Variable(spec.variable)


def _path(text: str, folder: Path) -> Path:
    path = Path(text)
    return path if text.startswith("~") else folder / path
