"""The sheet "Trend": the points behind the sparklines and the line charts, a row a KPI, with its target below."""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from kpicli.render.cells import called
from kpicli.render.numbers import NumberStyle
from kpicli.render.sections import sections
from kpicli.render.workbook.book import APART, BOLD, QUIET, TO_RIGHT, Book, Sheet
from kpicli.render.workbook.cells import Cell, amount_cell, text_cell
from kpicli.render.workbook.charts import Strip, trend
from kpicli.render.workbook.headings import write_heading
from kpicli.scorecard import Line, Scorecard, Value

_FIRST = 2


class Row(Struct, frozen=True):
    """Where a KPI's trend stands."""

    periods: Strip
    values: Strip
    target: Strip | None

    def show(self, book: Book, sheet: Sheet, row: int, column: int) -> int:
        """A line chart of it at a cell of another sheet; the row below it."""
        chart = trend(book, self.periods, self.values, self.target)
        return sheet.insert(row, column, chart, "Line: the trend of this KPI, as the sheet Trend says.")


def write_trends(sheet: Sheet, card: Scorecard) -> dict[str, Row]:
    """The whole sheet; where the trend of each KPI stands that can be drawn."""
    row = write_heading(sheet, "Trend", [_ABOUT])
    rows: dict[str, Row] = {}
    lines = [line for _, part in sections(card) for line in part if line.trend]
    heading = row
    for periods, block in groupby(lines, lambda line: tuple(point.period for point in line.trend)):
        sheet.headings(row, [("KPI", {}), ("", {}), *((period, TO_RIGHT) for period in periods), ("Note", APART)])
        top = row
        row += 1
        for line in block:
            found, used = _write_line(sheet, row, top, line, card.currency)
            if found is not None:
                rows[line.id] = found
            row += used
        row += 1
    sheet.finish(heading, _FIRST)
    return rows


_ABOUT = "The last period ends on the as-of day, if it still runs. The target is that of the reported period."


def _write_line(sheet: Sheet, row: int, heading: int, line: Line, currency: str | None) -> tuple[Row | None, int]:
    """A KPI's values, and its target as often; None where they can't be drawn; and how many rows that takes."""
    last = _FIRST + len(line.trend) - 1
    style = NumberStyle(line.unit, line.decimals, currency)
    cells = [_cell(point.value, style) for point in line.trend]
    sheet.text(row, 0, line.name, BOLD)
    sheet.text(row, 1, "value")
    for column, cell in enumerate(cells, _FIRST):
        if cell is not None:
            sheet.write(row, column, cell, TO_RIGHT)
    reasons = dict.fromkeys(f"{each.period}: {each.reason}" for each in line.trend if each.reason is not None)
    if reasons:
        sheet.text(row, last + 1, "; ".join(reasons), APART | QUIET)
    numbers = [cell is None or cell.number is not None for cell in cells]
    drawn = all(numbers) and any(cell is not None for cell in cells)
    target = None if line.figure.target is None or not drawn else _cell(line.figure.target, style)
    has_target = target is not None and target.number is not None
    if target is not None and has_target:
        sheet.text(row + 1, 0, line.name, QUIET)
        sheet.text(row + 1, 1, "target", QUIET)
        for column in range(_FIRST, last + 1):
            sheet.write(row + 1, column, target, QUIET)

    def strip(at: int) -> Strip:
        return Strip(sheet, (at, _FIRST), (at, last))

    found = Row(strip(heading), strip(row), strip(row + 1) if has_target else None) if drawn else None
    return found, 2 if has_target else 1


def _cell(value: Value, style: NumberStyle) -> Cell | None:
    if value is None:
        return None
    return text_cell(str(called(value, None))) if isinstance(value, str) else amount_cell(value, style)
