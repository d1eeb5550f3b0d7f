"""Tables whose numbers are aligned on the decimal point, in as many columns as find room.

A number is never cut: columns are left out in a stated order first, then names and other words go on in the next line,
and what is still too long is folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from typing import TypeAlias

from msgspec import Struct
from rich.cells import cell_len

from kpicli.render.page.pieces import Line, Piece, flow, padded, right, width_of
from kpicli.render.screen import Screen

NAME = "name"
"""The column that takes what room there is."""
ONE_AXIS: frozenset[str] = frozenset()
LONGEST_NUMBERS = (24, 18, 14)
_LONGEST_TEXT = 16
_FOLDED = 14
_LONGEST_NARROW_NUMBERS = (14, 10)
_SHORTEST_NARROW_NAME = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A cell that begins at the left and goes on in the next line at a blank."""

    pieces: tuple[Piece, ...] = ()
    indent: int = 0
    """How many blanks begin each of its lines."""
    width: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", self.indent + width_of(self.pieces))


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that ends at the right: a number before and from its decimal point on.

    Numbers of one `axis` have their points below each other; those of different axes too, where there is room.
    Without an axis the cell just ends where the column does.
    """

    whole: str
    rest: str = ""
    axis: str = ""
    style: str = ""
    width: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", cell_len(self.whole) + cell_len(self.rest))


Cell: TypeAlias = Words | Number
Entry: TypeAlias = Mapping[str, Cell]
"""The cells of one row by the name of their column."""
NOTHING = Words()


class Column(Struct, frozen=True):
    """A column with its heading; `gutter` is how many blanks stand before it."""

    name: str
    heading: str
    gutter: int = 2
    leads: bool = False
    """It begins at the left, as words do."""


class Alignment(Struct, frozen=True):
    """How far the part before the point and the part from it on reach, by axis."""

    parts: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, cells: Iterable[Cell], longest: int) -> Alignment:
        """What the numbers need that are no longer than `longest`."""
        parts: dict[str, tuple[int, int]] = {}
        for cell in cells:
            if isinstance(cell, Number) and cell.axis and cell.width <= longest:
                whole, rest = parts.get(cell.axis, (0, 0))
                parts[cell.axis] = max(whole, len(cell.whole)), max(rest, len(cell.rest))
        return cls(parts)

    def joined(self) -> Alignment:
        """One axis for all."""
        whole = max((whole for whole, _ in self.parts.values()), default=0)
        rest = max((rest for _, rest in self.parts.values()), default=0)
        return Alignment(dict.fromkeys(self.parts, (whole, rest)))

    @property
    def width(self) -> int:
        return max((whole + rest for whole, rest in self.parts.values()), default=0)

    def fitting(self, width: int) -> Alignment:
        """The best that a column of a width has room for; of an axis that has none, numbers just end at the right."""
        joined = self.joined()
        if joined.width <= width:
            return joined
        return Alignment({axis: parts for axis, parts in self.parts.items() if sum(parts) <= width})


class Layout(Struct, frozen=True):
    """How wide each shown column is, and which found no room."""

    columns: tuple[Column, ...]
    widths: Mapping[str, int]
    hidden: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        """How many cells a line takes."""
        return _taken(self.columns, self.widths) + self.widths[NAME]

    def heading(self, headings: Mapping[str, Piece]) -> Iterator[Line]:
        """The line above the rows; `headings` has those that are not the columns' own."""
        own = {column.name: (column.heading, "dim") for column in self.columns} | {**headings}
        yield from self._row({column.name: _heading(column, own[column.name]) for column in self.columns}, {})

    def rows(self, entries: Sequence[Entry]) -> Iterator[Line]:
        """The entries, aligned with each other; a title has the whole width."""
        alignments = {
            name: Alignment.of((entry[name] for entry in entries if name in entry), width).fitting(width)
            for name, width in self.widths.items()
        }
        for entry in entries:
            if is_title(entry):
                yield from flow(_words(entry[NAME]).pieces, self.width)
            else:
                yield from self._row(entry, alignments)

    def _row(self, entry: Entry, alignments: Mapping[str, Alignment]) -> Iterator[Line]:
        cells = []
        for column in self.columns:
            cell, width = entry.get(column.name, NOTHING), self.widths[column.name]
            cells.append(_drawn(cell, width, alignments.get(column.name)))
        for parts in zip_longest(*cells):
            line: Line = []
            for at, (column, part) in enumerate(zip(self.columns, parts, strict=True)):
                if at and column.gutter:
                    line.append((" " * column.gutter, ""))
                line += part or ((" " * self.widths[column.name], ""),)
            yield line


def is_title(entry: Entry) -> bool:
    """Whether it has nothing but a name: a line above others."""
    return len(entry) == 1


def _words(cell: Cell) -> Words:
    assert isinstance(cell, Words)
    return cell


def rule(layout: Layout, screen: Screen) -> Line:
    """A line below the headings."""
    return [(screen.signs.rule * layout.width, "dim")]


def _heading(column: Column, heading: Piece) -> Cell:
    return Words((heading,)) if column.leads else Number(heading[0], style=heading[1])


def _drawn(cell: Cell, width: int, alignment: Alignment | None) -> list[Line]:
    """The lines of a cell, each as wide as the column."""
    if isinstance(cell, Words):
        if cell.width <= width:
            return [[(" " * cell.indent, ""), *cell.pieces, (" " * (width - cell.width), "")]]
        return [padded(line, width) for line in flow(cell.pieces, width, cell.indent, cell.indent)]
    if cell.width > width:
        return [right(line, width) for line in flow([(cell.whole + cell.rest, cell.style)], width)]
    parts = None if alignment is None else alignment.parts.get(cell.axis)
    after = 0 if parts is None else max(0, min(parts[1], width - cell_len(cell.whole)) - len(cell.rest))
    before = width - cell.width - after
    return [[(" " * before, ""), (cell.whole + cell.rest, cell.style), (" " * after, "")]]


class Plan(Struct, frozen=True):
    """The columns that a table may have, and in which order they give way to the names."""

    columns: tuple[Column, ...]
    gives_way: tuple[frozenset[str], ...]
    """Sets of columns, each left out together; the empty set stands for one axis for all numbers of a column."""
    gives_way_last: frozenset[str]
    """Columns that are left out only where long numbers that are folded make no room either."""
    folds: frozenset[str] = frozenset({"status"})
    """Columns of words that go on in the next line where nothing else helps, besides the names."""

    def fitting(self, entries: Sequence[Entry], width: int, shortest_name: int) -> Layout:
        """The layout with the most columns that leaves names their room, or failing that the narrowest."""
        entries = [entry for entry in entries if not is_title(entry)]
        filled = tuple(column for column in self.columns if any(column.name in entry for entry in entries))
        measures = {column.name: _Measure.of(column, entries) for column in filled}
        longest_name = measures[NAME].longest
        wanted = min(longest_name, shortest_name)

        def fitted(longest: int, gone: Sequence[frozenset[str]]) -> Layout | None:
            shown, hidden = _without(filled, gone)
            measure = _Measure.joined if ONE_AXIS not in gone else _Measure.apart
            widths = {column.name: measure(measures[column.name], longest) for column in shown}
            room = width - _taken(shown, widths)
            return Layout(shown, widths | {NAME: min(longest_name, room)}, hidden) if room >= wanted else None

        for longest, steps in self._ladder():
            layout = fitted(longest, steps)
            if layout is not None:
                gone = steps
                for part in reversed(steps[:-1]):  # what was too wide together with the last may fit without it
                    fewer = tuple(each for each in gone if each != part)
                    more = fitted(longest, fewer)
                    if more is not None:
                        layout, gone = more, fewer
                return layout
        return self._narrow(filled, measures, width)

    def _ladder(self) -> Iterator[tuple[int, tuple[frozenset[str], ...]]]:
        """How long an unfolded number may be, and which columns are left out: what suits best first."""
        steps = [self.gives_way[:count] for count in range(len(self.gives_way) + 1)]
        yield from product(LONGEST_NUMBERS, steps)
        yield from product(LONGEST_NUMBERS, [(*self.gives_way, self.gives_way_last)])

    def _narrow(self, filled: tuple[Column, ...], measures: Mapping[str, _Measure], width: int) -> Layout:
        shown, hidden = _without(filled, (*self.gives_way, self.gives_way_last))
        folded = {column.name: measures[column.name].folded for column in shown if column.name in self.folds}
        widths, room = folded, 0
        for longest in _LONGEST_NARROW_NUMBERS:
            widths = {column.name: measures[column.name].apart(longest) for column in shown} | folded
            room = width - _taken(shown, widths)
            if room >= _SHORTEST_NARROW_NAME:
                break
        return Layout(shown, widths | {NAME: max(_SHORTEST_NARROW_NAME, min(measures[NAME].longest, room))}, hidden)


def _without(columns: tuple[Column, ...], gone: Sequence[frozenset[str]]) -> tuple[tuple[Column, ...], frozenset[str]]:
    """The columns that are left, and those that aren't."""
    hidden = frozenset[str]().union(*gone) & {column.name for column in columns}
    return tuple(column for column in columns if column.name not in hidden), hidden


def _taken(columns: Sequence[Column], widths: Mapping[str, int]) -> int:
    """What everything but the names takes."""
    others = sum(widths[column.name] for column in columns if column.name != NAME)
    return others + sum(column.gutter for column in columns[1:])


class _Measure(Struct, frozen=True):
    """How wide the cells of a column are."""

    heading: int
    words: int
    word: int
    """The longest single word."""
    numbers: tuple[Number, ...]

    @classmethod
    def of(cls, column: Column, entries: Sequence[Entry]) -> _Measure:
        cells = [entry[column.name] for entry in entries if column.name in entry]
        words = [cell for cell in cells if isinstance(cell, Words)]
        parts = (part for cell in words for part in "".join(text for text, _ in cell.pieces).split(" "))
        return cls(
            cell_len(column.heading),
            max((cell.width for cell in words), default=0),
            max((cell_len(part) for part in parts), default=0),
            tuple(cell for cell in cells if isinstance(cell, Number)),
        )

    @property
    def longest(self) -> int:
        return max(self.heading, self.words)

    @property
    def folded(self) -> int:
        return max(self.heading, self.word)

    def joined(self, longest: int) -> int:
        """The width at which all numbers that are no longer than `longest` have one axis."""
        return self._width(longest, Alignment.of(self.numbers, longest).joined())

    def apart(self, longest: int) -> int:
        """The width at which each axis is one."""
        return self._width(longest, Alignment.of(self.numbers, longest))

    def _width(self, longest: int, alignment: Alignment) -> int:
        """A cell that is folded anyway takes no more room than it must."""
        widths = (
            cell.width
            if cell.width <= (longest if cell.axis else min(longest, _LONGEST_TEXT))
            else min(longest, _FOLDED)
            for cell in self.numbers
        )
        return max(self.longest, *widths, alignment.width if alignment.width <= longest else 0)
