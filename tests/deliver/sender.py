"""A process that sends: one run for each line of JSON on its input, each in a child that may be killed on the way.

A line says `port`, `folder`, `names`, `period`, `again` and `kill`: the step before which the child kills itself, as
`kill -9` does. The answer is a line with the child's id, and then a line: what became of the letters, the code of an
error, or `null` for a child that was killed; and the steps it took, which are all calls of SQLite and all that goes
over the line, either way.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sqlite3
import sys
from pathlib import Path
from typing import Any

from tests.deliver.letters import letters

from kpicli.deliver.outbox import Outbox
from kpicli.deliver.post import Again, post
from kpicli.deliver.server import Limits, Security, Server
from kpicli.errors import KpiError


class Steps:
    """Counts the steps of this process, and ends it before one of them."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.taken: list[str] = []

    def step(self, what: str) -> None:
        if len(self.taken) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken.append(what)

    def watch(self) -> None:
        """Has SQLite and smtplib say when they take one."""
        steps = self

        class Connection(sqlite3.Connection):
            def execute(self, *arguments: Any) -> sqlite3.Cursor:
                steps.step("sql")
                return super().execute(*arguments)

            def executescript(self, *arguments: Any) -> sqlite3.Cursor:
                steps.step("sql")
                return super().executescript(*arguments)

        connect, send, reply = sqlite3.connect, smtplib.SMTP.send, smtplib.SMTP.getreply

        def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
            steps.step("sql")
            found: sqlite3.Connection = connect(*arguments, **options, factory=Connection)
            return found

        def sent(smtp: smtplib.SMTP, content: Any) -> None:
            steps.step("data" if content == "DATA\r\n" else "send")
            send(smtp, content)

        def heard(smtp: smtplib.SMTP) -> tuple[int, bytes]:
            steps.step("hear")  # what was sent is on its way
            found = reply(smtp)
            steps.step("heard")  # the answer was read, and nobody was told
            return found

        sqlite3.connect = connected  # type: ignore[assignment]  # with fewer arguments
        smtplib.SMTP.send = sent  # type: ignore[assignment, method-assign]  # likewise
        smtplib.SMTP.getreply = heard  # type: ignore[assignment, method-assign]  # likewise


def run(asked: dict[str, Any]) -> dict[str, Any]:
    steps = Steps(asked.get("kill"))
    steps.watch()
    folder = Path(asked["folder"])
    server = Server("127.0.0.1", asked["port"], Security.NONE)
    limits = Limits(answer=20, verdict=20, pauses=(0.0, 0.0))
    found: dict[str, Any] = {"told": []}
    try:
        with Outbox.open(folder / "kpis.yaml", folder / "outbox") as outbox:
            sent = post(
                letters(*asked["names"], period=asked["period"]),
                server,
                outbox,
                Again(asked.get("again", "nothing")),
                lambda outcome: found["told"].append(outcome.state.value),
                limits=limits,
            )
        found["states"] = [each.state.value for each in sent.outcomes]
    except KpiError as error:
        found["error"] = error.code
    except KeyboardInterrupt:
        found["error"] = "interrupted"
    steps.step("end")
    return {**found, "steps": steps.taken}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    # `nohup` and background jobs start a program with these ignored, and it then leaves them so.
    for each, handler in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        signal.signal(each, handler)
    say("ready")
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.write(writing, json.dumps(run(json.loads(line))).encode())
            os._exit(0)
        say(str(child))
        os.close(writing)
        with open(reading, "rb") as answer:  # noqa: PTH123  # a pipe
            content = answer.read()
        os.waitpid(child, 0)
        say(content.decode() or "null")


if __name__ == "__main__":
    main()
