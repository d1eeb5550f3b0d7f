"""What stands below the data of an export and is none: totals, notices, rows with nothing in them.

A file is judged from its end, row by row, so that nothing of a large one is read for it. What might be data stays: the
texts between which a row is taken for a part of a footer must be known for one, and where a row has all its cells, or
a number too many, more is asked for than where no record could look like that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, Literal

from msgspec import Struct

from kpicli.tables.blanks import BLANKS
from kpicli.tables.numbers import looks_like_number

_WORD: Final = (
    "totals?|sum|sub-?totals?|summe|gesamt|insgesamt|gesamtsumme|zwischensumme|somme|suma|totale?s?|totaal|subtotaal"
)
_TOTAL: Final = re.compile(
    rf"(grand totals?|total général|total general|{_WORD})( \([0-9., ]+( records?)?\))?:?", re.IGNORECASE
)
"""In English, German, French, Spanish, Italian and Dutch."""
_NOTICE: Final = re.compile(
    r"(copyright (\(c\)|©|[0-9]{4}).*|confidential information ?[-–—] ?do not distribute\.?)",
    re.IGNORECASE,
)
_NOTHING_TO_ADD: Final = {"", "-", "–", "—"}
_UNKNOWN: Final = 10
"""A footer has no more texts than these that aren't known for one: names of the report, the company, the person."""


class KnownFooters(Struct, frozen=True):
    """Texts by which a footer is known."""

    declared: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, declared: tuple[str, ...] | Literal["none"] | None) -> KnownFooters | None:
        """What a book declares, besides what is known anyway; None where it says that no row is a footer."""
        if declared == "none":
            return None
        return cls(tuple(_pattern(text) for text in declared or ()))

    def are_declared(self, text: str) -> bool:
        return any(pattern.fullmatch(text) for pattern in self.declared)

    def are_sure(self, text: str) -> bool:
        """Whether a text of its own can be nothing but a part of a footer."""
        is_bare_total = re.fullmatch(f"({_WORD}):?", text, re.IGNORECASE)
        return self.are_declared(text) or bool(
            _NOTICE.fullmatch(text) or (_TOTAL.fullmatch(text) and not is_bare_total)
        )

    def are_total(self, text: str) -> bool:
        """Whether numbers behind the text are those of other rows together."""
        return self.are_declared(text) or _TOTAL.fullmatch(text) is not None


def _pattern(text: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in re.split(r"\*+", _plain(text))]
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)


def _plain(text: str) -> str:
    return " ".join(text.split())


class _Kind(Enum):
    NOTHING = "no cell is filled"
    NOTICE = "a text that is known for a footer, and nothing else"
    TOTAL = "a total: numbers, or too few cells for a record"
    LABEL = "the word total, and nothing else in a row that has all its cells"
    SHORT = "some other text, and too few cells for a record"
    LONE = "some other text in the first cell of a row that has all its cells"
    DATA = "anything else"


class Layout(Struct, frozen=True):
    """What records of a file look like."""

    width: int
    """How many cells they have."""
    never_in_totals: frozenset[int] = frozenset()
    """Positions of cells that tell a record from a total: dates and keys."""


def _kind(cells: Sequence[str], layout: Layout, known: KnownFooters) -> _Kind:
    filled = [at for at, cell in enumerate(cells) if cell.strip(BLANKS)]
    if not filled:
        return _Kind.NOTHING
    text = _plain(cells[0])
    is_short = len(cells) < layout.width
    if filled == [0] and known.are_sure(text):
        return _Kind.NOTICE
    if filled == [0] and known.are_total(text):
        return _Kind.TOTAL if is_short else _Kind.LABEL
    if filled == [0] and layout.width > 1:
        return _Kind.SHORT if is_short else _Kind.LONE
    # The label may stand further right, where the first columns of a total are blank.
    label = _plain(cells[filled[0]])
    if len(filled) > 1 and known.are_total(label) and _are_numbers(cells, filled, layout):
        return _Kind.TOTAL
    whole = _plain(",".join(cells).rstrip(", "))
    # A notice with a comma in it that nobody put in quotes; but a task may be about copyright, and has a date.
    is_notice = _NOTICE.fullmatch(whole) and layout.never_in_totals.isdisjoint(filled)
    if is_notice or (len(cells) != layout.width and known.are_declared(whole)):
        return _Kind.NOTICE
    return _Kind.DATA


def _are_numbers(cells: Sequence[str], filled: Sequence[int], layout: Layout) -> bool:
    """Whether all cells behind the first filled one are numbers that may be a total, or say that there is none."""
    others = [at for at in filled[1:] if cells[at].strip(BLANKS) not in _NOTHING_TO_ADD]
    return layout.never_in_totals.isdisjoint(others) and all(looks_like_number(cells[at]) for at in others)


class Tail(Struct, frozen=True):
    """The rows at the end of a file that are no data, in their order."""

    rows: Sequence[Sequence[str]]
    is_footer: bool
    """Whether anything stands in them."""


def tail(rows: Iterable[Sequence[str] | None], layout: Layout, known: KnownFooters | None) -> Tail:
    """The tail of a file, from its rows below the header, the last one first; None is a row that can't be judged."""
    run: list[Sequence[str]] = []
    kinds: list[_Kind] = []
    unknown = 0
    for cells in rows:
        kind = _Kind.DATA if cells is None else _kind(cells, layout, known or KnownFooters())
        unknown += kind in {_Kind.SHORT, _Kind.LONE}
        if cells is None or kind is _Kind.DATA or unknown > _UNKNOWN:
            break
        run.append(cells)
        kinds.append(kind)
    run.reverse()
    kinds.reverse()
    begin = len(run) if known is None else _begin(kinds)
    if begin < len(run):
        return Tail(run[begin:], is_footer=True)
    while begin and kinds[begin - 1] is _Kind.NOTHING:
        begin -= 1
    return Tail(run[begin:], is_footer=False)


def _begin(kinds: Sequence[_Kind]) -> int:
    """With which of a file's last rows, as far as they may be no data, its footer begins; their number without one."""
    sure = next((at for at, kind in enumerate(kinds) if kind in {_Kind.NOTICE, _Kind.TOTAL}), None)
    begin = len(kinds) if sure is None else sure
    while begin and _belongs_above(kinds, begin - 1, sure):
        begin -= 1
    return begin if sure is not None or _Kind.LABEL in kinds[begin:] else len(kinds)


def _belongs_above(kinds: Sequence[_Kind], at: int, sure: int | None) -> bool:
    """Whether a row is a part of the footer that begins below it, and in which `sure` is the first sure row."""
    is_notice = sure is not None and kinds[sure] is _Kind.NOTICE
    match kinds[at]:
        case _Kind.NOTHING | _Kind.LABEL:
            return True
        case _Kind.SHORT:
            return is_notice
        case _Kind.LONE:
            # The name of a report: a blank row sets it off from the data.
            return is_notice and at + 1 == sure and at > 0 and kinds[at - 1] is _Kind.NOTHING
        case _:
            return False
