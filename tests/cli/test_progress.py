"""What a terminal is told while work takes its time."""

from __future__ import annotations

import sys
from io import StringIO
from time import sleep
from typing import Any

import pytest
from tests.cli.opened import Opened

from kpicli.cli import main
from kpicli.cli.progress import working
from kpicli.errors import KpiError, Trouble
from kpicli.scorecard import Scorecard

KNOWN = {"TERM": "xterm"}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch, second: float = 0.01) -> Terminal:
    """A terminal as stderr, at which a second is over soon."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("kpicli.cli.progress._SECOND", second)
    return stream


def seen(terminal: Terminal) -> str:
    """What stands in the line at the end: each return begins it anew, over what was there."""
    line = ""
    for piece in terminal.getvalue().split("\r"):
        line = piece + line[len(piece) :]
    return line.rstrip()


def wait_until_told(terminal: Terminal) -> None:
    for _ in range(1000):
        if "2 s" in terminal.getvalue():
            return
        sleep(0.01)
    pytest.fail("nothing was told")


def test_long_work_is_told_each_second_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("counting", KNOWN):
        wait_until_told(terminal)
    assert terminal.getvalue().startswith("\rcounting ... 1 s\rcounting ... 2 s")
    assert seen(terminal) == ""


def test_short_work_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch, 60)
    with working("counting", KNOWN):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("stream", "environment"), [(StringIO(), KNOWN), (Terminal(), {"TERM": "dumb"}), (None, KNOWN)]
)
def test_nobody_but_a_terminal_is_told(
    stream: Any, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("kpicli.cli.progress._SECOND", 0.001)
    with working("counting", environment):
        sleep(0.05)
    assert stream is None or stream.getvalue() == ""


def test_a_terminal_that_is_gone_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("counting", KNOWN):
        terminal.close()
        sleep(0.05)


def test_an_error_stands_in_a_line_of_its_own(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setenv("TERM", "xterm")

    def fail() -> Scorecard:
        wait_until_told(terminal)
        raise KpiError("some-code", "it's wrong", trouble=Trouble.DATA)

    opened.answer = fail
    assert main(["report"]) == 1
    assert "reading the exports ... 1 s" in terminal.getvalue()
    assert seen(terminal) == "error[some-code]: it's wrong"
