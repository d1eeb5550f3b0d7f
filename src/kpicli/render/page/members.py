"""The members of a dimension: a table a KPI with all that is measured, or, of many KPIs, a matrix of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from kpicli.render.page.cells import NARROWED_FOR, TARGET, Shape, cells_of, shapes
from kpicli.render.page.matrix import ALL, Matrix, matrix_entries
from kpicli.render.page.pieces import Line as Drawn
from kpicli.render.page.pieces import flow
from kpicli.render.page.table import NAME, ONE_AXIS, Cell, Column, Entry, Plan, Words, rule
from kpicli.render.screen import Screen
from kpicli.render.sections import sections
from kpicli.scorecard import Group, Line, Scorecard

_GIVE_WAY = (
    frozenset({"projected"}),
    ONE_AXIS,
    frozenset({"needed"}),
    frozenset({"prior"}),
    frozenset({"attainment"}),
    frozenset({"pace"}),
    frozenset({"bar", "attainment"}),
    frozenset({"arrow", "change"}),
)
_FEW_KPIS = 3
"""Up to so many, a table for each reads better than a matrix."""


class Members(Struct, frozen=True):
    """The drawn tables, which columns found no room in them, whether they are a matrix, and one with blank cells."""

    lines: tuple[Drawn, ...] = ()
    shown: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    matrix: bool = False
    gaps: bool = False


def draw_members(card: Scorecard, screen: Screen) -> Members:
    """Nothing without members."""
    split = [(role, [line for line in lines if line.groups]) for role, lines in sections(card)]
    parts = [(role, lines) for role, lines in split if lines]
    if card.by is None or not parts:
        return Members()
    if sum(len(lines) for _, lines in parts) > _FEW_KPIS:
        matrix = _matrix(parts, card, screen)
        if matrix is not None:
            gaps = any(_has_gaps(lines) for _, lines in parts)
            return Members(tuple(matrix), matrix=True, gaps=gaps)
    return _tables([line for _, lines in parts for line in lines], card, screen)


def _has_gaps(lines: Sequence[Line]) -> bool:
    """Whether a member of one KPI isn't one of another."""
    places = [{group.place for group in line.groups} for line in lines]
    return any(each != places[0] for each in places)


def _matrix(parts: Sequence[tuple[str, Sequence[Line]]], card: Scorecard, screen: Screen) -> list[Drawn] | None:
    """A matrix for each role, if both find room."""
    by = screen.shown(card.by or "")
    drawn: list[Drawn] = []
    for role, lines in parts:
        entries = matrix_entries(lines, card, screen)
        matrix = Matrix.fitting(role, lines, entries, by, screen)
        if matrix is None:
            return None
        drawn += matrix.draw(entries, by, screen)
    return drawn


def _tables(lines: Sequence[Line], card: Scorecard, screen: Screen) -> Members:
    """A table a KPI, all in the same columns."""
    drawn = Members()
    for shape in shapes(screen):
        drawn = _drawn(lines, card, screen, shape)
        if not drawn.hidden & NARROWED_FOR:
            break
    return drawn


def _drawn(lines: Sequence[Line], card: Scorecard, screen: Screen, shape: Shape) -> Members:
    tables = [(line, list(_rows(line, card, screen, shape))) for line in lines]
    by = screen.shown(card.by or "")
    plan = Plan((Column(NAME, by, leads=True), *shape.columns), _GIVE_WAY, TARGET)
    layout = plan.fitting([entry for _, entries in tables for entry in entries], screen.width, shape.name)
    drawn: list[Drawn] = []
    for line, entries in tables:
        title = [(screen.shown(line.name), "bold"), (f" by {by}", "bold")]
        drawn += [[], *flow(title, screen.width, hanging=2), *layout.heading({NAME: (by, "dim")}), rule(layout, screen)]
        drawn += layout.rows(entries)
    return Members(tuple(drawn), frozenset(column.name for column in layout.columns), layout.hidden)


def _rows(line: Line, card: Scorecard, screen: Screen, shape: Shape) -> Iterator[Entry]:
    """The members, best first, and all of them together."""
    for group in ranked(line):
        yield {NAME: _name(group.label, "", screen), **cells_of(line, group.figure, card, screen, shape)}
    yield {NAME: _name(ALL, "bold", screen), **cells_of(line, line.figure, card, screen, shape)}


def _name(label: str, style: str, screen: Screen) -> Cell:
    return Words(((screen.shown(label), style),))


def ranked(line: Line) -> list[Group]:
    """The members of a KPI, best first; those without a value last, and "(none)" after them."""

    def place(group: Group) -> tuple[object, ...]:
        value = group.figure.value
        if value is None or isinstance(value, str):
            return group.member is None, value is None, 0, group.place
        return group.member is None, False, -value if line.better == "higher" else value, group.place

    return sorted(line.groups, key=place)
