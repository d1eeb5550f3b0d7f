"""A workbook that is being made: its sheets, and each way that cells look, made once.

Every text is written as a text: xlsxwriter's `write`, which makes formulas, links and numbers of texts that look like
them, is never called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final, TypeAlias
from unicodedata import category, normalize

from msgspec import Struct, field
from rich.cells import cell_len
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kpicli.errors import clean
from kpicli.render.workbook.cells import Cell, text_cell
from kpicli.scorecard import Status

Look: TypeAlias = dict[str, Any]
"""Properties of a cell's format, as xlsxwriter calls them."""

OWN: Final = ("Scorecard", "Trend", "Goals", "Data")
"""What our own sheets are called, and so no KPI's; Excel keeps "History" for itself."""
TITLE: Final[Look] = {"bold": True, "font_size": 16}
BOLD: Final[Look] = {"bold": True}
QUIET: Final[Look] = {"font_color": "#595959"}
HEADING: Final[Look] = {"bold": True, "bottom": 1, "bg_color": "#E7E6E6", "text_wrap": True}
TO_RIGHT: Final[Look] = {"align": "right"}
APART: Final[Look] = {"align": "left", "indent": 1}
"""A text to the right of numbers."""
TOTAL: Final[Look] = {"bold": True, "top": 1}
WRAPPED: Final[Look] = {"text_wrap": True}
COLOURS: Final[dict[Status, Look]] = {
    Status.ON_TRACK: {"font_color": "#006100", "bg_color": "#C6EFCE"},
    Status.AT_RISK: {"font_color": "#7F4F00", "bg_color": "#FFEB9C"},
    Status.BEHIND: {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
}
"""Ink and ground of a status: those that spreadsheets have for good, neutral and bad."""
_FIRST_DAY = date(1900, 3, 1)
"""Before it, spreadsheets count days differently."""
_NARROWEST, _USUAL, _WIDEST = 6, 8, 44
_MOST_LINES = 27
_ONE_PAGE = 60
"""A sheet of fewer rows is printed on one page."""
_NO_NAME = re.compile(r"[\[\]:*?/\\]+")
_NO_NAMES = frozenset({"No", "Sk", "So"})
"""Fractions, pictures and marks: whether a reference to a sheet of such a name needs quotes is not agreed."""
_LONGEST_NAME = 31


class _Kept(float):
    """A number that is written with all of its digits: xlsxwriter rounds to 16, and a double may have 17."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return repr(float(self)).removesuffix(".0")


class Book:
    """The workbook. The same calls give the same bytes: no clock is read."""

    def __init__(self, title: str, day: date) -> None:
        self._content = BytesIO()
        plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._file = Workbook(self._content, {**plain, "strings_to_numbers": False})
        self._file.set_properties({"title": clean(title), "created": datetime.combine(day, time())})
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._names = {"history", "true", "false", *(name.lower() for name in OWN)}

    def own_sheet(self, name: str) -> Sheet:
        """The sheet of one of `OWN`."""
        return Sheet(self, self._file.add_worksheet(name))

    def sheet(self, name: str) -> Sheet:
        """A new sheet, called so as far as a sheet may be."""
        return Sheet(self, self._file.add_worksheet(self._free(name)))

    def look(self, look: Look) -> Format:
        """The workbook's format of these properties."""
        key = tuple(sorted(look.items()))
        if key not in self._looks:
            self._looks[key] = self._file.add_format({"valign": "top"} | look)
        return self._looks[key]

    def chart(self, kind: str) -> Chart:
        """A new chart, that a sheet then shows."""
        return self._file.add_chart({"type": kind})

    def content(self) -> bytes:
        """The finished file."""
        self._file.close()
        return self._content.getvalue()

    def _free(self, wanted: str) -> str:
        """A name that no other sheet has, whatever its case and width, without what a sheet's name can't hold."""
        kept = "".join(" " if category(char) in _NO_NAMES else char for char in _NO_NAME.sub(" ", clean(wanted)))
        name = " ".join(kept.strip(" '").split()) or "KPI"
        tail, number = "", 1
        while True:
            free = _cut(name, _LONGEST_NAME - len(tail)).strip(" '") + tail
            key = normalize("NFKC", free.lower()).casefold()
            if key not in self._names:
                self._names.add(key)
                return free
            number += 1
            tail = f" ({number})"


class Sheet(Struct):
    """A sheet of it: rows and columns count from 0."""

    book: Book
    page: Worksheet
    _widths: dict[int, int] = field(default_factory=dict)
    _lines: dict[int, int] = field(default_factory=dict)
    """How many lines the rows have that have more than one."""
    _bottom: int = 0

    @property
    def name(self) -> str:
        return str(self.page.name)

    def write(self, row: int, column: int, cell: Cell, look: Look | None = None) -> None:
        """A number or a text; a number that is written as text stands to the right like any other."""
        self._bottom = max(self._bottom, row)
        if cell.number is None:
            shown = text_cell(cell.text)
            aside = TO_RIGHT if cell.is_cut else {}
            self._write_text(row, column, shown.text, self.book.look({"num_format": "@", **aside, **(look or {})}))
            if look and look.get("text_wrap"):
                lines = -(-cell_len(shown.text) // (_WIDEST - 2))
                self._lines[row] = min(_MOST_LINES, max(lines, self._lines.get(row, 1)))
        else:
            shown = cell
            form = self.book.look({"num_format": cell.format, **(look or {})})
            self.page.write_number(row, column, _Kept(cell.number), form)
        self._widen(column, shown.text)

    def text(self, row: int, column: int, text: str, look: Look | None = None) -> None:
        self.write(row, column, text_cell(text), look)

    def over(self, row: int, column: int, text: str, look: Look | None = None) -> None:
        """A text that reaches over the columns to its right, and widens none."""
        self._bottom = max(self._bottom, row)
        self._write_text(row, column, text_cell(text).text, self.book.look({"num_format": "@", **(look or {})}))

    def day(self, row: int, column: int, day: date, look: Look | None = None) -> None:
        """A day as a date; as a text where spreadsheets have no such date."""
        if day < _FIRST_DAY:
            self.text(row, column, day.isoformat(), look)
            return
        self._bottom = max(self._bottom, row)
        form = self.book.look({"num_format": "yyyy-mm-dd", "align": "left", **(look or {})})
        self.page.write_datetime(row, column, datetime.combine(day, time()), form)
        self._widen(column, day.isoformat())

    def headings(self, row: int, headings: Iterable[tuple[str, Look]]) -> None:
        """A table's headings, each as the cells below it stand: `TO_RIGHT`, `APART` or `{}`."""
        for column, (heading, look) in enumerate(headings):
            self.over(row, column, heading, {**HEADING, **look})
            half = "x" * -(-len(heading) // 2)
            self._widen(column, max(half, *heading.split(" "), key=cell_len))
        self._lines[row] = 2

    def wide(self, column: int, width: int) -> None:
        """A column at least so wide."""
        self._widths[column] = max(width, self._widths.get(column, 0))

    def column_beyond(self, pixels: int) -> int:
        """The first column that begins so far from the left, once all cells are written."""
        column = left = 0
        while left < pixels:
            left += 7 * self._widths.get(column, _USUAL) + 5
            column += 1
        return column

    def insert(self, row: int, column: int, chart: Chart, told: str) -> int:
        """A chart at a cell, with what it shows for those who can't see it; the row below it and a blank one."""
        self.page.insert_chart(row, column, chart, {"description": told, "object_position": 2})
        below = row - (-int(chart.height) // 20) + 1
        self._bottom = max(self._bottom, below)
        return below

    def finish(self, heading: int | None = None, frozen: int = 1) -> None:
        """Columns as wide as their cells; the row of headings and the first columns stay in sight."""
        for column, width in self._widths.items():
            self.page.set_column(column, column, width)
        for row, lines in self._lines.items():
            if lines > 1:
                self.page.set_row(row, 15 * lines)
        if heading is not None:
            self.page.freeze_panes(heading + 1, frozen)
            self.page.repeat_rows(heading)
        self.page.hide_gridlines(2)
        self.page.set_landscape()
        self.page.set_paper(9)
        self.page.fit_to_pages(1, 1 if self._bottom < _ONE_PAGE else 0)
        self.page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.page.set_footer("&L&A&R&P / &N")
        self.page.ignore_errors({"number_stored_as_text": f"A1:XFD{self._bottom + 1}"})

    def _write_text(self, row: int, column: int, text: str, form: Format) -> None:
        if text.startswith("<r>") and text.endswith("</r>"):  # which xlsxwriter takes for a text's own XML
            self.page.write_rich_string(row, column, "<", self.book.look({}), text[1:], form)
        elif text:
            self.page.write_string(row, column, text, form)
        else:
            self.page.write_blank(row, column, None, form)

    def _widen(self, column: int, text: str) -> None:
        self._widths[column] = max(self._widths.get(column, _NARROWEST), min(_WIDEST, cell_len(text) + 2))


def _cut(text: str, units: int) -> str:
    """The beginning of a text, of at most so many UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")
