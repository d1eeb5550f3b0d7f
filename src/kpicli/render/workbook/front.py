"""The sheet "Scorecard": leading KPIs, lagging KPIs, each with all that is measured, and how much of it is attained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from kpicli.render.dates import write_days
from kpicli.render.sections import sections
from kpicli.render.workbook.book import APART, BOLD, QUIET, WRAPPED, Book, Look, Sheet
from kpicli.render.workbook.charts import MOST_BARS, WIDTH, Strip, bars
from kpicli.render.workbook.columns import COLUMNS, HEADINGS, NOTE, colour, figure_cells, place_of, write_figure
from kpicli.render.workbook.headings import about, title_of, write_heading
from kpicli.render.workbook.trends import Row
from kpicli.scorecard import Line, Scorecard

_NAMES: Final = ("KPI", "Stage", "Goal", "Days")
_FIRST: Final = len(_NAMES)
_TREND: Final = _FIRST + len(COLUMNS)
_NOTE: Final = _TREND + 1
_SECTION: Final[Look] = {"bold": True, "bg_color": "#DDEBF7"}
_SPARKS: Final = {
    "type": "line",
    "last_point": True,
    "high_point": True,
    "low_point": True,
    "empty_cells": "gap",
    "weight": 1.5,
}
_INKS: Final = {"series_color": "#2F75B5", "last_color": "#1F3864"}
_BEST, _WORST = "#548235", "#C00000"


def write_front(book: Book, sheet: Sheet, card: Scorecard, trends: dict[str, Row]) -> None:
    """The whole sheet; `trends` says where the points of each KPI's trend stand."""
    heading = write_heading(sheet, title_of(card), list(about(card)))
    sheet.headings(heading, [*((name, {}) for name in _NAMES), *HEADINGS, ("Trend", APART), (NOTE.heading, NOTE.look)])
    sheet.wide(_TREND, 18)
    row, parts = heading + 1, []
    for role, lines in sections(card):
        sheet.text(row, 0, f"{role.capitalize()} KPIs", _SECTION)
        for column in range(1, _NOTE + 1):
            sheet.text(row, column, "", _SECTION)
        parts.append(_Part(f"{role.capitalize()} KPIs: attained", row + 1, lines))
        for at, line in enumerate(lines, row + 1):
            _write_line(sheet, at, line, card, trends.get(line.id))
        row += len(lines) + 1
    if parts:
        colour(sheet, (heading + 1, row - 1), _FIRST)
    _write_charts(book, sheet, row + 1, heading, parts)
    sheet.finish(heading)


def _write_line(sheet: Sheet, row: int, line: Line, card: Scorecard, trend: Row | None) -> None:
    window = line.window
    same = (window.start, window.end) == (card.period.start, card.period.end)
    goal = next((goal.name for goal in card.goals if goal.id == line.goal), line.goal)
    sheet.text(row, 0, line.name, BOLD | WRAPPED)
    for column, text in enumerate((line.stage, goal, None if same else write_days(window.start, window.end)), 1):
        sheet.text(row, column, text or "", QUIET | WRAPPED)
    cells = figure_cells(line, line.figure, card.currency)
    write_figure(sheet, row, _FIRST, cells)
    if "note" in cells:
        sheet.write(row, _NOTE, cells["note"], NOTE.look)
    if trend is not None:
        high, low = (_WORST, _BEST) if line.better == "lower" else (_BEST, _WORST)
        inks = {**_INKS, "high_color": high, "low_color": low}
        sheet.page.add_sparkline(row, _TREND, {**_SPARKS, **inks, "range": trend.values.reference})


class _Part(Struct, frozen=True):
    """The KPIs of a role, and the row of the first."""

    title: str
    row: int
    lines: Sequence[Line]


def _write_charts(book: Book, sheet: Sheet, row: int, heading: int, parts: Sequence[_Part]) -> None:
    """Below the table, side by side: how much of its target each KPI has attained."""
    column = place_of("attainment", _FIRST)
    place = 0
    for part in parts:
        if all(line.figure.attainment is None for line in part.lines) or len(part.lines) > MOST_BARS:
            continue
        last = part.row + len(part.lines) - 1
        names, values = (Strip(sheet, (part.row, each), (last, each)) for each in (0, column))
        chart = bars(
            book, part.title, names, [((heading, column), values)], [each.figure.status for each in part.lines]
        )
        told = f"Bars: how much of its target each of {len(part.lines)} KPIs has attained, as the table above says."
        sheet.insert(row, place, chart, told)
        place = sheet.column_beyond(WIDTH + 20)
