"""What a page is drawn on: how wide it is, which characters it has, and whether it has colours.

Everything from a book or an export that is drawn goes through `Screen.shown`, the one place where control, format,
bidirectional and line-breaking characters become visible escapes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Literal, TextIO, TypeAlias, cast

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console, RenderableType
from rich.text import Text

from kpicli.errors import clean
from kpicli.scorecard import Status

Colours: TypeAlias = Literal["standard", "256", "truecolor"]

_NARROWEST = 40
_PAGE_WIDTH = 100
_NEEDED = "\N{EN DASH}·✓✗─"
_ASCII_HEAD = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)


@dataclass(frozen=True, slots=True)
class Signs:
    """The drawn characters that not every encoding has."""

    absent: str
    separator: str
    status: Mapping[Status, str]
    box: Box


_RICH_SIGNS = Signs(
    "\N{EN DASH}",
    "·",
    {
        Status.ON_TRACK: "✓",
        Status.AT_RISK: "!",
        Status.BEHIND: "✗",
        Status.NO_TARGET: "·",
        Status.NO_DATA: "\N{EN DASH}",
    },
    SIMPLE_HEAD,
)
_ASCII_SIGNS = Signs(
    "-",
    "-",
    {Status.ON_TRACK: "+", Status.AT_RISK: "!", Status.BEHIND: "x", Status.NO_TARGET: ".", Status.NO_DATA: "-"},
    _ASCII_HEAD,
)


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of `width` columns in an encoding; `colours` None is plain text without any escape sequence."""

    width: int = _PAGE_WIDTH
    encoding: str = "utf-8"
    colours: Colours | None = None
    colourless: bool = False
    """NO_COLOR: bold and dim text may be drawn, colours not."""

    @classmethod
    def of(cls, stream: TextIO, environment: Mapping[str, str]) -> Screen:
        """The screen behind a stream, as NO_COLOR, FORCE_COLOR, TERM, COLUMNS and the stream itself say.

        A stream that is no terminal is 100 columns wide, without COLUMNS.
        """
        console = Console(file=stream, _environ=environment, force_jupyter=False)
        colours = console.color_system if console.color_system in {"standard", "256", "truecolor"} else None
        return cls(
            _width_of(stream, environment),
            stream.encoding or "utf-8",
            cast("Colours | None", colours),
            environment.get("NO_COLOR", "") != "",
        )

    @property
    def signs(self) -> Signs:
        return _RICH_SIGNS if self.has(_NEEDED) else _ASCII_SIGNS

    def has(self, text: str) -> bool:
        """Whether the screen's encoding has every character of a text."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def shown(self, text: str) -> str:
        """The text as it is safe and possible to draw, on one line."""
        return clean(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def text(self, text: str, style: str = "") -> Text:
        """A cell or a line: no markup, no emoji codes, folded rather than cut where it is too long."""
        return Text(self.shown(text), style=style, overflow="fold")

    def draw(self, *parts: RenderableType) -> str:
        """The parts one below the other, without blanks at the end of lines."""
        file = StringIO()
        console = Console(
            file=file,
            width=self.width,
            color_system=self.colours,
            force_terminal=self.colours is not None,
            force_jupyter=False,
            no_color=self.colourless,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            _environ={},
        )
        for part in parts:
            console.print(part)
        return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def _width_of(stream: TextIO, environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return max(_NARROWEST, int(columns))
    try:
        width = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else _PAGE_WIDTH
    except (OSError, ValueError):
        width = _PAGE_WIDTH
    return max(_NARROWEST, width or _PAGE_WIDTH)
