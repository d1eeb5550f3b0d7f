"""Errors that show the place and name the fix.

Every trouble that a user can mend is a `KpiError`. It holds what is wrong, where, and what to do, and draws itself as

    error[unknown-name]: opportunities has no field 'wonn'
      kpis.yaml:14:20
      14 |     formula: count(opportunities where wonn)
         |                                        ^^^^
    help: did you mean 'won'?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import Final
from unicodedata import category, east_asian_width

from msgspec import Struct


class Trouble(Enum):
    """Whose trouble an error is; the command line turns it into an exit code."""

    USAGE = "usage"
    BOOK = "book"
    DATA = "data"
    DELIVERY = "delivery"
    LOCKED = "locked"
    """Another run is at the same work."""


class Place(Struct, frozen=True):
    """A stretch of one line of a file: 1-based line and column, and how many characters it spans."""

    file: str
    line: int
    column: int
    text: str
    """The whole line, without its line break."""
    length: int = 1
    of: str = ""
    """What is meant of all that stands there for more than the line shows, such as one field of a preset."""
    cell: str | None = None
    """In a workbook, where a place is no line and column: its sheet and cell, such as `sheet Pipeline, cell D7`."""


def _nowhere(_start: int, _end: int) -> Place | None:
    return None


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the way from its offsets back to the file in which it stands.

    `locate(start, end)` gives the place of the characters `start` to `end` (end exclusive); a formula that stands in
    a YAML scalar gets a locator that knows where in the file each of its characters is.
    """

    text: str
    locate: Callable[[int, int], Place | None] = field(default=_nowhere, compare=False, repr=False)

    @classmethod
    def named(cls, text: str, file: str = "<formula>") -> Source:
        """A text that is a file of its own (tests, `--kpi` arguments)."""

        def locate(start: int, end: int) -> Place:
            line_start = text.rfind("\n", 0, start) + 1
            line_end = text.find("\n", line_start)
            line = text[line_start : len(text) if line_end < 0 else line_end]
            column = start - line_start
            return Place(
                file, text.count("\n", 0, start) + 1, column + 1, line, max(1, min(end, line_start + len(line)) - start)
            )

        return cls(text, locate)


class KpiError(Exception):
    """One thing that is wrong: what, where, and what to do about it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        place: Place | None = None,
        help: str | None = None,
        trouble: Trouble = Trouble.BOOK,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place
        self.help = help
        self.trouble = trouble

    def __str__(self) -> str:
        """The error as a person reads it: message, place, the line with its caret, the fix."""
        lines = [f"error[{self.code}]: {clean(self.message)}"]
        if self.place is not None:
            lines += _drawn(self.place)
        if self.help is not None:
            lines.append(f"help: {clean(self.help)}")
        return "\n".join(lines)


class MemberError(KpiError):
    """A member that a dimension doesn't have, or that it has more than once."""

    def __init__(self, dimension: str, code: str, message: str, help_: str) -> None:
        super().__init__(code, message, help=help_, trouble=Trouble.USAGE)
        self.dimension = dimension


class Mistakes(KpiError):
    """Several errors reported in one go, in the order of their places."""

    def __init__(self, errors: Sequence[KpiError]) -> None:
        if not errors:
            raise ValueError("Mistakes needs at least one error")
        self.errors = tuple(sorted(errors, key=_order))
        first = self.errors[0]
        super().__init__(first.code, first.message, place=first.place, help=first.help, trouble=first.trouble)

    @classmethod
    def of(cls, errors: Iterable[KpiError]) -> Mistakes:
        """Errors of several parts as one, those that are several themselves taken apart."""
        return cls([part for error in errors for part in (error.errors if isinstance(error, cls) else (error,))])

    def __str__(self) -> str:
        count = len(self.errors)
        drawn = "\n\n".join(str(error) for error in self.errors)
        return drawn if count == 1 else f"{drawn}\n\n{count} mistakes"


class TableMistakes(Mistakes):
    """What makes tables unusable, by table."""

    def __init__(self, tables: Mapping[str, KpiError]) -> None:
        super().__init__(Mistakes.of(tables.values()).errors)
        self.tables = tables


_NOTHING: Final[Mapping[str, str | None]] = {}


def did_you_mean(word: str, known: Iterable[str], called: Mapping[str, str | None] = _NOTHING) -> str | None:
    """The help line for an unknown word: the nearest known one, or the list where it is short.

    `called` has what reports call some of them: who reads `New ARR` there may ask for it by that.
    """
    names = sorted(set(known))
    titles = {title.lower(): name for name, title in called.items() if title is not None}
    folded = {name.lower(): name for name in names}
    for meant, cutoff in ((titles, 1.0), (folded, 0.6), (titles, 0.6)):
        close = get_close_matches(word.lower(), meant, n=1, cutoff=cutoff)
        if close:
            return f"did you mean '{meant[close[0]]}'?"
    if not names:
        return None
    if len(names) <= _LISTED:
        return "known: " + ", ".join(names)
    return None


_LISTED: Final = 12


def near_or_known(word: str, known: Iterable[str], called: Mapping[str, str | None] = _NOTHING) -> str | None:
    """Likewise, but of a long list the beginning: for what has no other place where all of it stands."""
    names = sorted(set(known))
    listed = f"known: {', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"
    return did_you_mean(word, names, called) or (listed if names else None)


def clean(text: str) -> str:
    """Text safe to print on one terminal line: control, format and line-breaking characters become visible escapes."""
    if text.isprintable():
        return text
    return "".join(c if c == " " or category(c)[0] not in "CZ" or c == "\u3000" else _escape(c) for c in text)


def _escape(char: str) -> str:
    if category(char) == "Zs":
        return " "
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 0 if category(c) == "Mn" else 1 for c in text)


_LONGEST_LINE = 160


def _at(place: Place) -> str:
    if place.cell is not None:
        return f" {clean(place.cell)}"
    return f"{place.line}:{place.column}" + (f", {clean(place.of)}" if place.of else "")


def _drawn(place: Place) -> list[str]:
    before, spanned, after = _cut(place)
    number = str(place.line)
    bar = " " * len(number)
    caret = "^" * max(1, _width(spanned))
    return [
        f"  {clean(place.file)}:" + _at(place),
        f"  {number} | {before}{spanned}{after}".rstrip(),
        f"  {bar} | {' ' * _width(before)}{caret}",
    ]


def _cut(place: Place) -> tuple[str, str, str]:
    """The line in three: before, under and after the caret, cut around it where the line is long."""
    start = place.column - 1
    end = start + place.length
    text = place.text.replace("\t", " ")
    before, spanned, after = (clean(part) for part in (text[:start], text[start:end], text[end:]))
    if len(before) + len(spanned) + len(after) > _LONGEST_LINE:
        if len(before) > 60:
            before = "…" + before[-59:]
        spanned = spanned if len(spanned) <= 80 else spanned[:79] + "…"
        room = max(0, _LONGEST_LINE - len(before) - len(spanned))
        after = after if len(after) <= room else after[:room] + "…"
    return before, spanned, after


def _order(error: KpiError) -> tuple[str, int, int]:
    place = error.place
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)
