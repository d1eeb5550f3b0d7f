"""What a page is drawn on: how wide it is, which characters it has, and whether it has colours.

Everything from a book or an export that is drawn goes through `Screen.shown`, the one place where control, format,
bidirectional and line-breaking characters become visible escapes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, TextIO, TypeAlias, cast
from unicodedata import combining, normalize

from msgspec import Struct
from rich.console import Console

from kpicli.errors import clean
from kpicli.render.page.pieces import GLUE, Piece, joined
from kpicli.scorecard import Status

Colours: TypeAlias = Literal["standard", "256", "truecolor"]

_PLAIN = {
    **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}", "-"),
    **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}", "'"),
    **dict.fromkeys("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE PRIME}", '"'),
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{BULLET}": "*",
    **dict(zip("łŁøØđĐ", "lLoOdD", strict=True)),
    **dict(zip("ßæÆœŒ", ("ss", "ae", "AE", "oe", "OE"), strict=True)),
}
"""What is typed for signs of print, and for Latin letters that no accent can be taken from."""
_NARROWEST = 40
_PAGE_WIDTH = 100
_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33}
_COLOURS = frozenset({"red", "green", "yellow"})
_NO_STYLES: frozenset[str] = frozenset()


class Signs(Struct, frozen=True):
    """The drawn characters that not every encoding has."""

    absent: str
    separator: str
    rule: str
    status: Mapping[Status, str]
    up: tuple[str, str]
    """A change upwards: for the better, for the worse."""
    down: tuple[str, str]
    flat: str
    filled: str
    """A bar's part that is reached; then the half of a cell, and the rest."""
    half: str
    unfilled: str
    due: tuple[str, str]
    """Where a bar should be by now: within the reached part, and beyond it."""
    over: str
    """The end of a bar that is more than full."""
    levels: str
    """A trend's heights, from the lowest to the highest."""
    gap: str
    """A period of a trend without a value."""

    @property
    def every(self) -> str:
        """All of them, to ask an encoding whether it has them."""
        drawn = (*self.status.values(), *self.up, *self.down, *self.due)
        line = (self.absent, self.separator, self.rule, self.flat, self.filled, self.half, self.unfilled, self.over)
        return "".join((*drawn, *line, self.levels, self.gap))


_RICH_SIGNS = Signs(
    absent="\N{EN DASH}",
    separator="·",
    rule="─",
    status={
        Status.ON_TRACK: "✓",
        Status.AT_RISK: "!",
        Status.BEHIND: "✗",
        Status.NO_TARGET: "·",
        Status.NO_DATA: "\N{EN DASH}",
    },
    up=("▲", "△"),
    down=("▼", "▽"),
    flat="→",
    filled="━",
    half="╾",
    unfilled="─",
    due=("┿", "┼"),
    over="▸",
    levels="▁▂▃▄▅▆▇",
    gap="·",
)
_ASCII_SIGNS = Signs(
    absent="-",
    separator="-",
    rule="-",
    status={Status.ON_TRACK: "+", Status.AT_RISK: "!", Status.BEHIND: "x", Status.NO_TARGET: ".", Status.NO_DATA: "-"},
    up=("^", "^!"),
    down=("v", "v!"),
    flat="=",
    filled="=",
    half="-",
    unfilled="-",
    due=("|", "|"),
    over=">",
    levels="_.-=#",
    gap=" ",
)


class Screen(Struct, frozen=True):
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
        return _signs_of(self.encoding)

    def has(self, text: str) -> bool:
        """Whether the screen's encoding has every character of a text."""
        return _has(self.encoding, text)

    def shown(self, text: str) -> str:
        """The text as it is safe and possible to draw, on one line: without accents that the encoding lacks."""
        cleaned = clean(text)
        return cleaned if self.has(cleaned) else "".join(self._possible(normalize("NFC", cleaned)))

    def _possible(self, text: str) -> Iterator[str]:
        """Each character, or what stands below its accents, or failing both its escape.

        Accents that are characters of their own, as a Mac writes them, go with the letter before them.
        """
        is_letter_drawn = False
        for char in text:
            if is_letter_drawn and combining(char) and not self.has(char):
                continue
            bare = "".join(part for part in normalize("NFD", char) if not combining(part))
            plain = _PLAIN.get(char) or (bare if bare.isalpha() else "")
            found = next((each for each in (char, plain) if each and self.has(each)), None)
            is_letter_drawn = found is not None and found.isalpha()
            yield char.encode(self.encoding, "backslashreplace").decode(self.encoding) if found is None else found

    def draw(self, lines: Iterable[Sequence[Piece]]) -> str:
        """Lines one below the other, each of pieces that are `shown` already, without blanks at their end."""
        return "".join(f"{self._painted(line)}\n" for line in lines).replace(GLUE, " ")

    def _painted(self, line: Sequence[Piece]) -> str:
        pieces = list(line)
        while pieces and not pieces[-1][0].rstrip(" "):
            pieces.pop()
        if pieces:
            text, style = pieces[-1]
            pieces[-1] = text.rstrip(" "), style
        if self.colours is None:
            return "".join(text for text, _ in pieces)
        drop = _COLOURS if self.colourless else _NO_STYLES
        return "".join(_styled(text, style, drop) if style else text for text, style in joined(pieces))


@lru_cache
def _signs_of(encoding: str) -> Signs:
    return _RICH_SIGNS if _has(encoding, _RICH_SIGNS.every) else _ASCII_SIGNS


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _styled(text: str, style: str, drop: frozenset[str]) -> str:
    codes = _codes(style, drop)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text.strip(" ") else text


@lru_cache
def _codes(style: str, drop: frozenset[str]) -> str:
    return ";".join(str(_CODES[name]) for name in style.split() if name not in drop)


def _width_of(stream: TextIO, environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return max(_NARROWEST, int(columns))
    try:
        width = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else _PAGE_WIDTH
    except (OSError, ValueError):
        width = _PAGE_WIDTH
    return max(_NARROWEST, width or _PAGE_WIDTH)
