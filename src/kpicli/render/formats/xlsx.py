"""The scorecard as an Excel workbook: numbers to compute with, and charts and sparklines of the spreadsheet's own.

No cell holds a formula or a link, and nothing leads out of the file.
"""

from __future__ import annotations

from kpicli.render.sections import sections
from kpicli.render.workbook.book import OWN, Book
from kpicli.render.workbook.front import write_front
from kpicli.render.workbook.headings import title_of
from kpicli.render.workbook.lists import write_data, write_goals
from kpicli.render.workbook.members import write_members
from kpicli.render.workbook.trends import write_trends
from kpicli.scorecard import Scorecard


def render(card: Scorecard) -> bytes:
    """The workbook: the scorecard, a sheet for each KPI that has members, the trend, the goals, the data."""
    scorecard, trend, goals, data = OWN
    book = Book(title_of(card), card.as_of)
    front = book.own_sheet(scorecard)
    split = [line for _, lines in sections(card) for line in lines if card.by is not None and line.groups]
    members = [(line, book.sheet(line.name)) for line in split]
    rows = {}
    if any(line.trend for line in card.lines):
        rows = write_trends(book.own_sheet(trend), card)
    write_front(book, front, card, rows)
    for line, sheet in members:
        write_members(book, sheet, line, card, rows.get(line.id))
    if card.goals:
        write_goals(book.own_sheet(goals), card)
    write_data(book.own_sheet(data), card)
    return book.content()
