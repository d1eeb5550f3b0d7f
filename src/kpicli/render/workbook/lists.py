"""The sheets "Goals" and "Data": what the KPIs are for, and what was read to work them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, TypeAlias

from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.numbers import NumberStyle
from kpicli.render.sections import contributions, nested
from kpicli.render.workbook.book import APART, BOLD, QUIET, TO_RIGHT, WRAPPED, Look, Sheet
from kpicli.render.workbook.cells import Cell, amount_cell, share_cell
from kpicli.render.workbook.columns import HEADINGS, colour, figure_cells, write_figure
from kpicli.render.workbook.headings import title_of, write_heading
from kpicli.scorecard import Example, LeftOut, Note, Scorecard, TableData

Headings: TypeAlias = tuple[tuple[str, Look], ...]

Cells: TypeAlias = tuple[str | int | date | None, ...]

_GOAL: Final = ("Goal, and its KPIs", "Level", "Serves", "When", "On track")
_MEASURED: Final = len(_GOAL)
_DEEPEST: Final = 6


def write_goals(sheet: Sheet, card: Scorecard) -> None:
    """Each goal below the one that it serves, and below it the KPIs that serve it."""
    heading = write_heading(sheet, "Goals", [title_of(card)])
    sheet.headings(heading, [*((name, {}) for name in _GOAL), *HEADINGS])
    names = {goal.id: goal.name for goal in card.goals}
    lines = {line.id: line for line in card.lines}
    row = heading + 1
    for goal, depth in nested(card.goals):
        indent: Look = {"indent": 2 * min(depth, _DEEPEST)}
        serves = names.get(goal.parent, goal.parent) if goal.parent is not None else ""
        sheet.text(row, 0, goal.name, BOLD | WRAPPED | indent)
        for column, text in enumerate((goal.level, serves, goal.when or "", remarks.on_track(goal, card) or ""), 1):
            sheet.text(row, column, text, WRAPPED)
        row += 1
        for line in (lines[kpi] for kpi in goal.kpis if kpi in lines):
            sheet.text(row, 0, line.name, WRAPPED | {"indent": 2 + indent["indent"]})
            write_figure(sheet, row, _MEASURED, figure_cells(line, line.figure, card.currency))
            row += 1
    colour(sheet, (heading + 1, row), _MEASURED)
    _write_contributions(sheet, row + 1, card)
    sheet.finish(heading)


_CONTRIBUTION: Final[Headings] = (
    ("Contribution", {}),
    ("Value", TO_RIGHT),
    ("Company target", TO_RIGHT),
    ("Share", TO_RIGHT),
)


def _write_contributions(sheet: Sheet, row: int, card: Scorecard) -> None:
    """What a part of the company contributes to each of its goals; nothing where the report is of the whole."""
    found = list(contributions(card))
    if found:
        sheet.headings(row, _CONTRIBUTION)
    for goal, lines in found:
        row += 1
        sheet.text(row, 0, goal.name, BOLD | WRAPPED)
        for line in lines:
            row += 1
            style = NumberStyle(line.unit, line.decimals, card.currency)
            sheet.text(row, 0, line.name, WRAPPED | {"indent": 2})
            for column, amount in ((1, line.figure.value), (2, line.company_target)):
                if amount is not None and not isinstance(amount, str):
                    sheet.write(row, column, amount_cell(amount, style), TO_RIGHT)
            if line.contribution is not None:
                sheet.write(row, 3, share_cell(line.contribution), TO_RIGHT)


def write_data(sheet: Sheet, card: Scorecard) -> None:
    """The days of the report as dates, then the tables, the rows of them that don't count, and what is odd."""
    row = _write_days(sheet, write_heading(sheet, "Data", [title_of(card)]), card)
    for title, headings, cells in (
        ("Tables", _TABLES, [each for table in card.data for each in _table(table)]),
        (
            "Rows that don't count",
            _LEFT_OUT,
            [_left_out(table, each) for table in card.data for each in table.left_out],
        ),
        ("Notes", _NOTES, [each for table in card.data for each in _notes(table)]),
    ):
        if cells:
            sheet.over(row, 0, title, BOLD)
            sheet.headings(row + 1, headings)
            for at, each in enumerate(cells, row + 2):
                _write_row(sheet, at, each, headings)
            row += len(cells) + 3
    sheet.finish()


_TABLES: Final[Headings] = (
    ("Table", {}),
    ("File", {}),
    ("Rows", TO_RIGHT),
    ("Rows that count", TO_RIGHT),
    ("Newest", APART),
)
_LEFT_OUT: Final[Headings] = (("Table", {}), ("Why", {}), ("Rows", TO_RIGHT))
_NOTES: Final[Headings] = (
    ("Table", {}),
    ("Note", {}),
    ("Rows", TO_RIGHT),
    ("Row", TO_RIGHT),
    ("Column", APART),
    ("Value", APART),
    ("File", {}),
)
_WHY: Final = {
    "older-version": "an older version of its key",
    "equal-copy": "an equal copy of its key",
    "where": "not as the table's condition says",
}


def _write_days(sheet: Sheet, row: int, card: Scorecard) -> int:
    """What the report is about; the row below it and a blank one."""
    newest = [table.newest for table in card.data if table.newest is not None and not table.covers]
    facts: list[tuple[str, str | date]] = [
        ("Period", write_period(card.period)),
        ("From", card.period.start),
        ("To", card.period.end),
        ("As of", card.as_of),
    ]
    facts += [("Data to", max(newest))] if newest else []
    facts += [("Only", text) for text in remarks.narrowings(card)]
    facts += [("Other days", f"{days}: {names}") for days, names in remarks.other_days(card)]
    for at, (name, fact) in enumerate(facts, row):
        sheet.text(at, 0, name, QUIET)
        if isinstance(fact, date):
            sheet.day(at, 1, fact)
        else:
            sheet.over(at, 1, fact)
    return row + len(facts) + 1


def _write_row(sheet: Sheet, row: int, cells: Cells, looks: Headings) -> None:
    for column, each in enumerate(cells):
        match each:
            case None:
                pass
            case int():
                sheet.write(row, column, Cell(f"{each:,}", each, "#,##0"))
            case date():
                sheet.day(row, column, each, APART)
            case str():
                sheet.text(row, column, each, WRAPPED | looks[column][1])


def _table(table: TableData) -> Iterator[Cells]:
    """A row for the table with its first file, and one for each further file."""
    first, *others = table.files or ("",)
    yield table.table, first, table.rows, table.used, table.newest
    for file in others:
        yield table.table, file


def _left_out(table: TableData, each: LeftOut) -> Cells:
    why = _WHY.get(each.reason, each.reason)
    return table.table, why if each.condition is None else f"{why}: {each.condition}", each.rows


def _notes(table: TableData) -> Iterator[Cells]:
    """A row for each note, with the first row that it is about, and one for each further example."""
    for note in table.notes:
        first, *others = note.examples or (None,)
        yield table.table, remarks.note_in_words(note), note.rows, *_example(note, first)
        for further in others:
            yield table.table, None, None, *_example(note, further)


def _example(note: Note, example: Example | None) -> Cells:
    if example is None:
        return None, note.column
    return example.row, note.column, example.value, example.file
