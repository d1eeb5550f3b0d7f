"""The sections of leading and of lagging KPIs: a row a KPI, along the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpicli.render.dates import write_span
from kpicli.render.page.cells import FIGURE_COLUMNS, TARGET, cells_of
from kpicli.render.page.pieces import Line as Drawn
from kpicli.render.page.table import NAME, ONE_AXIS, Cell, Column, Entry, Number, Plan, Words, rule
from kpicli.render.screen import Screen
from kpicli.render.sections import sections
from kpicli.render.sparkline import sparkline
from kpicli.scorecard import Line, Scorecard

_STAGE = Column("stage", "stage", leads=True)
_COLUMNS = (
    Column(NAME, "Leading KPIs", leads=True),
    Column("window", "over"),
    *FIGURE_COLUMNS,
    Column("trend", "trend"),
)
_GIVE_WAY = (
    frozenset({"projected"}),
    ONE_AXIS,
    frozenset({"window"}),
    frozenset({"needed"}),
    frozenset({"prior"}),
    frozenset({"stage"}),
    frozenset({"attainment"}),
    frozenset({"trend"}),
    frozenset({"bar", "attainment"}),
    frozenset({"arrow", "change"}),
    frozenset({"pace"}),
)
_TRENDS = (12, 6)
"""How many periods a trend shows: fewer, before it is left out."""
_NO_STAGE = "no stage"


@dataclass(frozen=True, slots=True)
class Headlines:
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
    drawn = _drawn(parts, card, screen, _TRENDS[0])
    for longest in _TRENDS[1:]:
        if "trend" in drawn.hidden:
            drawn = _drawn(parts, card, screen, longest)
    return drawn


def _drawn(parts: Mapping[str, Sequence[Line]], card: Scorecard, screen: Screen, longest_trend: int) -> Headlines:
    rows = {role: list(_rows(lines, card, screen, longest_trend)) for role, lines in parts.items()}
    shortest = shortest_name(screen)
    layout = Plan((_STAGE, *_COLUMNS), _GIVE_WAY, TARGET).fitting(_all(rows), screen.width, shortest)
    if "stage" in layout.hidden:
        rows = {role: list(_under_stages(entries)) for role, entries in rows.items()}
        layout = Plan(_COLUMNS, _GIVE_WAY, TARGET).fitting(_all(rows), screen.width, shortest)
    drawn: list[Drawn] = []
    for role, entries in rows.items():
        drawn += [[], *layout.heading({NAME: (f"{role.capitalize()} KPIs", "bold")}), rule(layout, screen)]
        drawn += layout.rows(entries)
    shown = frozenset(column.name for column in layout.columns)
    return Headlines(tuple(drawn), shown, layout.hidden - {"stage"}, longest_trend)


def shortest_name(screen: Screen) -> int:
    """How much room names should have before columns are shown that others give."""
    return max(12, screen.width * 2 // 9)


def _all(rows: dict[str, list[Entry]]) -> list[Entry]:
    return [entry for entries in rows.values() for entry in entries]


def _rows(lines: Sequence[Line], card: Scorecard, screen: Screen, longest_trend: int) -> Iterator[Entry]:
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
        cells |= cells_of(line, line.figure, card, screen)
        trend = sparkline(line.trend[-longest_trend:], screen.signs.levels, screen.signs.gap)
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
