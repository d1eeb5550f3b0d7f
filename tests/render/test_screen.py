"""What a stream and the environment say about the page."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from kpicli.render.screen import Screen


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal, of unknown size."""

    def isatty(self) -> bool:
        return True


def terminal(encoding: str = "utf-8") -> TextIO:
    return Terminal(io.BytesIO(), encoding=encoding)


def pipe(encoding: str = "utf-8") -> TextIO:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("environment", "width"),
    [({}, 100), ({"COLUMNS": "72"}, 72), ({"COLUMNS": "0"}, 100), ({"COLUMNS": "wide"}, 100), ({"COLUMNS": "5"}, 40)],
)
def test_a_pipe_is_100_columns_wide_without_columns(environment: dict[str, str], width: int) -> None:
    assert Screen.of(pipe(), environment) == Screen(width)


@pytest.fixture
def sized_terminal() -> Iterator[TextIO]:
    """A real terminal of 132 columns."""
    controller, terminal_ = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal_, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 132, 0, 0))
    with os.fdopen(terminal_, "w", encoding="utf-8") as stream:
        yield stream
    os.close(controller)


def test_a_terminal_is_as_wide_as_it_is(sized_terminal: TextIO) -> None:
    assert Screen.of(sized_terminal, {"TERM": "xterm"}).width == 132
    assert Screen.of(sized_terminal, {"TERM": "xterm", "COLUMNS": "90"}).width == 90


def test_a_terminal_of_unknown_size_counts_as_100_columns() -> None:
    assert Screen.of(terminal(), {"TERM": "xterm"}).width == 100


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "dumb"}, None),
    ],
)
def test_term_says_which_colours_a_terminal_has(environment: dict[str, str], colours: str | None) -> None:
    assert Screen.of(terminal(), environment).colours == colours


def test_a_pipe_has_colours_only_under_force_color() -> None:
    assert Screen.of(pipe(), {"TERM": "xterm"}).colours is None
    assert Screen.of(pipe(), {"TERM": "xterm", "FORCE_COLOR": "1"}).colours == "standard"


def test_no_color_takes_the_colours() -> None:
    assert Screen.of(terminal(), {"TERM": "xterm", "NO_COLOR": "1"}).colourless
    assert not Screen.of(terminal(), {"TERM": "xterm", "NO_COLOR": ""}).colourless


def test_what_an_encoding_lacks_is_escaped() -> None:
    screen = Screen.of(pipe("latin-1"), {})
    assert screen.shown("Zoë 東\x1b") == "Zoë \\u6771\\x1b"
    assert screen.signs.absent == "-"
    assert screen.has("ë")
    assert not screen.has("東")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë Żurawik", "Zoe Zurawik"),
        ("Ærø, Łódź, Großstraße", "AEro, Lodz, Grossstrasse"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Neil \N{EN DASH} “North”…", 'O\'Neil - "North"...'),
        ("Zoe\u0308 Z\u030cu\u031b\u0323 x\u0304\u0301", "Zoe Zu x"),
        ("\u05e9\u05b8 1\u0301 \u0301", "\\u05e9\\u05b8 1\\u0301 \\u0301"),
        ("won ≠ lost", "won \\u2260 lost"),
        ("株式", "\\u682a\\u5f0f"),
        ("5½", "5\\xbd"),
        ("ann", "ann"),
    ],
)
def test_names_without_the_characters_for_them_are_written_as_people_type_them(text: str, shown: str) -> None:
    """What nobody would know how to type is written as an escape, so that nothing is lost."""
    assert Screen(encoding="ascii").shown(text) == shown
    assert Screen().shown(text) == text
