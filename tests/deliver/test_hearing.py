"""A server's answer has an end, whatever the server means."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from tests.deliver.letters import letters

from kpicli.deliver.outbox import State
from kpicli.deliver.server import Limits, Security, Server
from kpicli.deliver.session import Session, UnreachedError


@contextmanager
def saying(endless_at: int) -> Iterator[int]:
    """A server that answers as servers do, and from its so manieth answer on without an end: its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_talk, args=(listening, endless_at))
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def _talk(listening: socket.socket, endless_at: int) -> None:
    answers = (b"220 here", b"250 hello", b"250 sender", b"250 recipient", b"354 go on", b"250 queued")
    connection, _ = listening.accept()
    with connection, suppress(OSError):
        for at, answer in enumerate(answers):
            while at == endless_at:
                connection.sendall(answer[:3] + b"-and so on\r\n")
            connection.sendall(answer + b"\r\n")
            received = connection.recv(1 << 16)
            while at == answers.index(b"354 go on") and not received.endswith(b"\r\n.\r\n"):
                received += connection.recv(1 << 16)


@pytest.mark.parametrize(
    ("endless_at", "state"), [(2, State.WAITING), (3, State.WAITING), (4, State.WAITING), (5, State.UNCERTAIN)]
)
def test_an_answer_without_an_end_is_a_connection_that_broke(endless_at: int, state: State) -> None:
    (letter,) = letters("ann")
    with saying(endless_at) as port:
        server = Server("127.0.0.1", port, Security.NONE)
        with Session.open(server, None, Limits(answer=20, verdict=20)) as session:
            assert session.give(letter, lambda: None).state is state


@pytest.mark.parametrize("endless_at", [0, 1])
def test_a_greeting_without_an_end_is_a_server_that_was_not_reached(endless_at: int) -> None:
    with (
        saying(endless_at) as port,
        pytest.raises(UnreachedError),
        Session.open(Server("127.0.0.1", port, Security.NONE), None, Limits(answer=20, verdict=20)),
    ):
        pass
