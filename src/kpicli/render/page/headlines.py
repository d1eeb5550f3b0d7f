"""The sections of leading and of lagging KPIs: a row a KPI, along the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct

from kpicli.render.dates import write_span
from kpicli.render.page.cells import NARROWED_FOR, TARGET, Shape, cells_of, shapes
from kpicli.render.page.pieces import Line as Drawn
from kpicli.render.page.table import NAME, ONE_AXIS, Cell, Column, Entry, Number, Plan, Words, rule
from kpicli.render.screen import Screen
from kpicli.render.sections import sections
from kpicli.render.sparkline import sparkline
from kpicli.scorecard import Line, Scorecard

_STAGE = Column("stage", "stage", leads=True)
_BEFORE = Column(NAME, "Leading KPIs", leads=True), Column("window", "over")
_TREND = Column("trend", "trend")
_GIVE_WAY = (
    frozenset({"projected"}),
    ONE_AXIS,
    frozenset({"window"}),
    frozenset({"needed"}),
    frozenset({"prior"}),
    frozenset({"stage"}),
    frozenset({"attainment"}),
    frozenset({"pace"}),
    frozenset({"trend"}),
    frozenset({"bar", "attainment"}),
    frozenset({"arrow", "change"}),
)
_NEEDED = frozenset({"needed"})
_NO_STAGE = "no stage"


class Headlines(Struct, frozen=True):
    """The drawn sections, and which columns found room in them."""

    lines: tuple[Drawn, ...] = ()
    shown: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    trend: int = 0
    """How many periods a trend shows at most."""


def draw_headlines(card: Scorecard, screen: Screen) -> Headlines:
    """Both sections, in the same columns; the stages in a column of their own, else each above its KPIs."""
    parts = dict(sections(card))
    if not parts:
        return Headlines()
    drawn = Headlines()
    for shape in shapes(screen):
        drawn = _drawn(parts, card, screen, shape)
        if not drawn.hidden & NARROWED_FOR:
            break
    return drawn


def _drawn(parts: Mapping[str, Sequence[Line]], card: Scorecard, screen: Screen, shape: Shape) -> Headlines:
    rows = {role: list(_rows(lines, card, screen, shape)) for role, lines in parts.items()}
    columns = (*_BEFORE, *shape.columns, _TREND)
    layout = Plan((_STAGE, *columns), _gives_way(card), TARGET).fitting(_all(rows), screen.width, shape.name)
    if "stage" in layout.hidden:
        rows = {role: list(_under_stages(entries)) for role, entries in rows.items()}
        layout = Plan(columns, _gives_way(card), TARGET).fitting(_all(rows), screen.width, shape.name)
    drawn: list[Drawn] = []
    for role, entries in rows.items():
        drawn += [[], *layout.heading({NAME: (f"{role.capitalize()} KPIs", "bold")}), rule(layout, screen)]
        drawn += layout.rows(entries)
    shown = frozenset(column.name for column in layout.columns)
    return Headlines(tuple(drawn), shown, layout.hidden - {"stage"}, shape.trend)


def _gives_way(card: Scorecard) -> tuple[frozenset[str], ...]:
    """In a narrowed report, whose reader works for its figures, what each workday must bring stays for longest."""
    if not card.only:
        return _GIVE_WAY
    return (*(columns for columns in _GIVE_WAY if columns != _NEEDED), _NEEDED)


def _all(rows: dict[str, list[Entry]]) -> list[Entry]:
    return [entry for entries in rows.values() for entry in entries]


def _rows(lines: Sequence[Line], card: Scorecard, screen: Screen, shape: Shape) -> Iterator[Entry]:
    """The cells of each KPI; its stage where another one begins, if the card has several."""
    staged = len({line.stage for line in card.lines}) > 1
    before: object = lines
    for line in lines:
        cells: dict[str, Cell] = {NAME: Words(((screen.shown(line.name), ""),))}
        if staged and line.stage != before:
            cells["stage"] = Words(((screen.shown(line.stage or _NO_STAGE), "dim"),))
        before = line.stage
        if (line.window.start, line.window.end) != (card.period.start, card.period.end):
            cells["window"] = Number(write_span(line.window), style="dim")
        cells |= cells_of(line, line.figure, card, screen, shape)
        trend = sparkline(line.trend[-shape.trend :], screen.signs.levels, screen.signs.gap)
        if trend:
            cells["trend"] = Number(trend, style="dim")
        yield cells


def _under_stages(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The same with a line for a stage above its KPIs, which are indented below it."""
    for entry in entries:
        if "stage" in entry:
            yield {NAME: entry["stage"]}
        name = entry[NAME]
        assert isinstance(name, Words)
        yield {**{key: cell for key, cell in entry.items() if key != "stage"}, NAME: replace(name, indent=2)}
