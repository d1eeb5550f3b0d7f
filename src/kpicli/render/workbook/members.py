"""A sheet a KPI: its members, the best first, with all that is measured, and charts of them and of the trend."""

from __future__ import annotations

from typing import Final

from kpicli.render.page.members import ranked
from kpicli.render.workbook.book import APART, QUIET, TOTAL, WRAPPED, Book, Sheet
from kpicli.render.workbook.cells import Cell
from kpicli.render.workbook.charts import MOST_BARS, WIDTH, Strip, bars
from kpicli.render.workbook.columns import COLUMNS, HEADINGS, NOTE, colour, figure_cells, place_of, write_figure
from kpicli.render.workbook.headings import about, write_heading
from kpicli.render.workbook.trends import Row
from kpicli.scorecard import Line, Scorecard

_FIRST: Final = 1
_NOTE: Final = _FIRST + len(COLUMNS)
_KEY: Final = _NOTE + 1
_ALL: Final = "all"


def write_members(book: Book, sheet: Sheet, line: Line, card: Scorecard, found: Row | None) -> None:
    """The whole sheet: members between the headings and the last row, which is the headline and not their sum."""
    heading = write_heading(sheet, f"{line.name} by {card.by}", list(about(card)))
    sheet.headings(heading, [(card.by or "", {}), *HEADINGS, (NOTE.heading, NOTE.look), ("Key", APART)])
    groups, first = ranked(line), heading + 1
    rows: list[dict[str, Cell]] = []
    for row, group in enumerate(groups, first):
        cells = figure_cells(line, group.figure, card.currency)
        rows.append(cells)
        sheet.text(row, 0, group.label, WRAPPED)
        sheet.text(row, _KEY, group.member or "", APART | QUIET)
        write_figure(sheet, row, _FIRST, cells)
        if "note" in cells:
            sheet.write(row, _NOTE, cells["note"], NOTE.look)
    last = first + len(groups)
    headline = figure_cells(line, line.figure, card.currency)
    sheet.text(last, 0, _ALL, TOTAL)
    write_figure(sheet, last, _FIRST, headline, TOTAL)
    for column, cell in ((_NOTE, headline.get("note", Cell(""))), (_KEY, Cell(""))):
        sheet.write(last, column, cell, NOTE.look | TOTAL)
    sheet.page.autofilter(heading, 0, last - 1, _KEY)
    colour(sheet, (first, last), _FIRST)
    has_bars = _write_bars(book, sheet, (heading, first, last), rows)
    if found is not None:
        found.show(book, sheet, last + 2, sheet.column_beyond(WIDTH + 20) if has_bars else 0)
    sheet.finish(heading)


def _write_bars(book: Book, sheet: Sheet, places: tuple[int, int, int], rows: list[dict[str, Cell]]) -> bool:
    """Each member's value beside its target, as far as all of them are numbers; whether there is something to draw."""
    heading, first, last = places
    shown = rows[:MOST_BARS]
    drawn = [name for name in ("value", "target") if _are_numbers(name, shown)]
    if "value" not in drawn:
        return False
    end = first + len(shown) - 1
    strips = [
        ((heading, column), Strip(sheet, (first, column), (end, column)))
        for column in (place_of(name, _FIRST) for name in drawn)
    ]
    title = "Value and target" if len(drawn) > 1 else "Value"
    if len(rows) > len(shown):
        title += f" of the first {len(shown)} of {len(rows)}"
    chart = bars(book, title, Strip(sheet, (first, 0), (end, 0)), strips)
    sheet.insert(last + 2, 0, chart, f"Bars: {title.lower()} of each member, as the table above says.")
    return True


def _are_numbers(name: str, rows: list[dict[str, Cell]]) -> bool:
    """Whether a column can be drawn: a spreadsheet draws a text as 0."""
    cells = [cells[name] for cells in rows if name in cells]
    return bool(cells) and all(cell.number is not None for cell in cells)
