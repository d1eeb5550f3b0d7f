"""A matrix of members: a row a member, a column a KPI, in each cell the value and the sign of its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from rich.cells import cell_len

from kpicli.render.numbers import NumberStyle
from kpicli.render.page.cells import status_sign, value_cell
from kpicli.render.page.pieces import Line as Drawn
from kpicli.render.page.pieces import flow, padded, right
from kpicli.render.page.table import LONGEST_NUMBERS, NAME, Alignment, Cell, Column, Entry, Layout, Words, rule
from kpicli.render.screen import Screen
from kpicli.scorecard import Figure, Line, Scorecard, Status

ALL = "all"
_LONGEST_NAME = 24
_WIDEST_HEADING = 14
"""A heading with longer words than this folds them."""
_GUTTER = 2
_SIGN = 2
"""A blank and the sign, to the right of a value."""
_FEWEST = 4
"""Fewer KPIs than this beside each other are not worth a matrix."""
_SHOWN = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})


class Matrix(Struct, frozen=True):
    """The KPIs of a role, in blocks of as many columns as find room beside each other."""

    role: str
    blocks: tuple[tuple[Line, ...], ...]
    widths: Mapping[str, int]

    @classmethod
    def fitting(
        cls, role: str, lines: Sequence[Line], entries: Sequence[Entry], by: str, screen: Screen
    ) -> Matrix | None:
        """The matrix, if enough KPIs find room beside each other."""
        widths = {NAME: min(_LONGEST_NAME, max(cell_len(by), *(entry[NAME].width for entry in entries)))}
        for line in lines:
            cells = [entry[line.id] for entry in entries if line.id in entry]
            if max(cell.width for cell in cells) > LONGEST_NUMBERS[0]:
                return None
            signed = any(_sign(line) in entry for entry in entries)
            widths |= {_sign(line): 1} if signed else {}
            word = max(cell_len(word) for word in screen.shown(line.name).split(" "))
            heading = min(_WIDEST_HEADING, word) - _breadth(line, {line.id: 0, **widths})
            aligned = Alignment.of(cells, LONGEST_NUMBERS[0]).width
            widths[line.id] = max(heading, aligned, *(cell.width for cell in cells))
        room = screen.width - widths[NAME]
        blocks = _even(lines, len(_greedy(lines, widths, room)))
        if any(_taken(block, widths) > room for block in blocks):
            blocks = _greedy(lines, widths, room)
        if any(_taken(block, widths) > room for block in blocks) or len(lines) / len(blocks) < min(_FEWEST, len(lines)):
            return None
        return cls(role, blocks, widths)

    def draw(self, entries: Sequence[Entry], by: str, screen: Screen) -> Iterator[Drawn]:
        """The blocks one below the other."""
        for block in self.blocks:
            more = "" if block is self.blocks[0] else ", continued"
            yield []
            yield from flow([(f"{self.role.capitalize()} KPIs by {by}{more}", "bold")], screen.width, hanging=2)
            columns = [Column(NAME, "", leads=True)]
            widths = {NAME: self.widths[NAME]}
            for line in block:
                columns.append(Column(line.id, "", gutter=_GUTTER))
                widths[line.id] = self.widths[line.id]
                if _sign(line) in self.widths:
                    columns.append(Column(_sign(line), "", gutter=_SIGN - 1, leads=True))
                    widths[_sign(line)] = self.widths[_sign(line)]
            layout = Layout(tuple(columns), widths)
            yield from self._headings(block, by, screen)
            yield rule(layout, screen)
            yield from layout.rows(entries)

    def _headings(self, block: tuple[Line, ...], by: str, screen: Screen) -> Iterator[Drawn]:
        """The names of the KPIs above their columns, and the dimension's above the members."""
        widths = [_breadth(line, self.widths) for line in block]
        headings = [list(flow([(by, "dim")], self.widths[NAME]))]
        for line, width in zip(block, widths, strict=True):
            headings.append([right(part, width) for part in flow([(screen.shown(line.name), "dim")], width)])
        height = max(map(len, headings))
        for parts in zip(*([[]] * (height - len(heading)) + heading for heading in headings), strict=True):
            drawn = padded(parts[0], self.widths[NAME])
            for part, width in zip(parts[1:], widths, strict=True):
                drawn += [(" " * _GUTTER, ""), *padded(part, width)]
            yield drawn


def matrix_entries(lines: Sequence[Line], card: Scorecard, screen: Screen) -> list[Entry]:
    """A row a member, by label and those without a member last, and one with the headlines."""
    rows: dict[tuple[bool, str, str, str], dict[str, Cell]] = {}
    for line in lines:
        for group in line.groups:
            if group.place not in rows:
                rows[group.place] = {NAME: Words(((screen.shown(group.label), ""),))}
            rows[group.place] |= _cells(line, group.figure, card, screen)
    everyone: dict[str, Cell] = {NAME: Words(((ALL, "bold"),))}
    for line in lines:
        everyone |= _cells(line, line.figure, card, screen)
    return [*(rows[place] for place in sorted(rows)), everyone]


def _cells(line: Line, figure: Figure, card: Scorecard, screen: Screen) -> dict[str, Cell]:
    style = NumberStyle(line.unit, line.decimals, card.currency, screen.has)
    cells: dict[str, Cell] = {line.id: value_cell(figure, style, screen)}
    if figure.status in _SHOWN:
        cells[_sign(line)] = Words((status_sign(figure.status, screen),))
    return cells


def _sign(line: Line) -> str:
    """The name of the column beside a KPI's."""
    return f"{line.id} status"


def _taken(block: Sequence[Line], widths: Mapping[str, int]) -> int:
    return sum(_GUTTER + _breadth(line, widths) for line in block)


def _breadth(line: Line, widths: Mapping[str, int]) -> int:
    """How wide a KPI's values are, with their signs if any has one."""
    return widths[line.id] + (_SIGN if _sign(line) in widths else 0)


def _greedy(lines: Sequence[Line], widths: Mapping[str, int], room: int) -> tuple[tuple[Line, ...], ...]:
    """Each block as long as it can be."""
    blocks: list[tuple[Line, ...]] = []
    block: tuple[Line, ...] = ()
    for line in lines:
        if block and _taken((*block, line), widths) > room:
            blocks.append(block)
            block = ()
        block = (*block, line)
    return (*blocks, block)


def _even(lines: Sequence[Line], count: int) -> tuple[tuple[Line, ...], ...]:
    """So many blocks of the same length, or nearly."""
    ends = [round(len(lines) * at / count) for at in range(count + 1)]
    return tuple(tuple(lines[start:end]) for start, end in pairwise(ends))
