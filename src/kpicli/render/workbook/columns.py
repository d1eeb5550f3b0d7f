"""The columns of a figure, the same on the scorecard and on each KPI's sheet of members."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from kpicli.render.cells import called
from kpicli.render.numbers import NumberStyle
from kpicli.render.screen import Screen
from kpicli.render.workbook.book import APART, COLOURS, TO_RIGHT, WRAPPED, Look, Sheet
from kpicli.render.workbook.cells import Cell, amount_cell, change_cell, share_cell, text_cell
from kpicli.scorecard import Figure, Line, Status, Value

_SIGNS = Screen().signs


class Column(Struct, frozen=True):
    name: str
    heading: str
    look: Look = field(default_factory=TO_RIGHT.copy)
    """How its cells stand."""


COLUMNS = (
    Column("value", "Value"),
    Column("target", "Target"),
    Column("attainment", "Attained"),
    Column("expected", "Expected by now"),
    Column("pace", "Pace"),
    Column("status", "Status", APART),
    Column("change", "Change"),
    Column("prior", "Before"),
    Column("needed_per_workday", "Per workday"),
    Column("projected", "Projected"),
)
"""In their order. What a figure has of them is what `figure_cells` gives."""
HEADINGS = [(each.heading, each.look) for each in COLUMNS]
NOTE = Column("note", "Note", APART | WRAPPED)
"""Stands behind all others: why a figure is absent."""


def place_of(name: str, first: int) -> int:
    """The place of a column on a sheet whose figures begin at `first`."""
    return first + [column.name for column in COLUMNS].index(name)


def figure_cells(line: Line, figure: Figure, currency: str | None) -> dict[str, Cell]:
    """The cells of `COLUMNS` that a figure has, and its `NOTE`; what is absent has none."""
    style = NumberStyle(line.unit, line.decimals, currency)
    values: dict[str, Value] = {
        "value": called(figure.value, figure.value_label),
        "target": figure.target,
        "expected": figure.expected,
        "prior": called(figure.prior, figure.prior_label),
        "needed_per_workday": figure.needed_per_workday,
        "projected": figure.projected,
    }
    cells = {
        name: text_cell(value) if isinstance(value, str) else amount_cell(value, style)
        for name, value in values.items()
        if value is not None
    }
    for name, share in (("attainment", figure.attainment), ("pace", figure.pace)):
        if share is not None:
            cells[name] = share_cell(share)
    if figure.change is not None:
        cells["change"] = change_cell(figure.change, style, line.better)
    cells["status"] = status_cell(figure.status)
    notes = "; ".join(_notes(figure, cells))
    return cells | ({"note": text_cell(notes)} if notes else {})


def write_figure(sheet: Sheet, row: int, first: int, cells: dict[str, Cell], look: Look | None = None) -> None:
    """A figure's cells in a row, from column `first` on; what is absent stays empty."""
    for column, each in enumerate(COLUMNS, first):
        if each.name in cells:
            sheet.write(row, column, cells[each.name], each.look | (look or {}))
        elif look:
            sheet.text(row, column, "", look)


def status_cell(status: Status) -> Cell:
    """A status as its sign and its word: not by colour alone."""
    return Cell(f"{_SIGNS.status[status]} {status.value.replace('_', ' ')}")


def _notes(figure: Figure, cells: dict[str, Cell]) -> Iterator[str]:
    if figure.value is None and figure.reason is not None:
        yield f"no value: {figure.reason}"
    if figure.target is None and figure.target_reason is not None:
        yield f"no target: {figure.target_reason}"
    if figure.prior is None and figure.prior_reason is not None:
        yield f"no figure before: {figure.prior_reason}"
    cut = [column.heading.lower() for column in COLUMNS if column.name in cells and cells[column.name].is_cut]
    if cut:
        yield f"written as text, because a spreadsheet would change its digits: {', '.join(cut)}"


def colour(sheet: Sheet, rows: tuple[int, int], first: int) -> None:
    """Statuses in their colour and attainment as a bar that is full at 100 %, from a row to another."""
    column = place_of("status", first)
    for status, look in COLOURS.items():
        begins = {"type": "text", "criteria": "begins with", "value": _SIGNS.status[status]}
        sheet.page.conditional_format(rows[0], column, rows[1], column, {**begins, "format": sheet.book.look(look)})
    column = place_of("attainment", first)
    bar = {"type": "data_bar", "bar_solid": True, "bar_color": "#9DC3E6", "bar_border_color": "#5B9BD5"}
    limits = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    sheet.page.conditional_format(rows[0], column, rows[1], column, {**bar, **limits})
