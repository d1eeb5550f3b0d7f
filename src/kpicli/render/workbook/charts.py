"""Charts native to the spreadsheet. Their titles are ours; whatever a book calls things is read from cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from xlsxwriter.chart import Chart
from xlsxwriter.utility import quote_sheetname, xl_range

from kpicli.render.workbook.book import Book, Look, Sheet
from kpicli.scorecard import Status

_VALUE, _TARGET = "#2F75B5", "#BFBFBF"
_INK: Final = {Status.ON_TRACK: "#548235", Status.AT_RISK: "#BF8F00", Status.BEHIND: "#C00000"}
WIDTH = 620
_HEIGHT, _BAR, _PAIR = 120, 26, 36
MOST_BARS = 50
"""More of them would be too thin to be told apart."""


class Strip(Struct, frozen=True):
    """Cells of one row or of one column of a sheet, from the first place to the last, both (row, column)."""

    sheet: Sheet
    first: tuple[int, int]
    last: tuple[int, int]

    @property
    def reference(self) -> str:
        """As a sparkline takes it."""
        return f"{quote_sheetname(self.sheet.name)}!{xl_range(*self.first, *self.last)}"

    @property
    def range(self) -> list[Any]:
        return [self.sheet.name, *self.first, *self.last]


def bars(
    book: Book,
    title: str,
    names: Strip,
    series: Sequence[tuple[tuple[int, int], Strip]],
    statuses: Sequence[Status] = (),
) -> Chart:
    """A bar for each name, the first one on top; each series with the place of its heading. With statuses, coloured."""
    axis: Look = {"num_font": {"size": 9}, "label_position": "high", "major_gridlines": _LINES, "line": {"none": True}}
    chart = book.chart("bar")
    for at, (heading, strip) in enumerate(series):
        points = {"points": [{"fill": {"color": _INK.get(status, _TARGET)}} for status in statuses]} if statuses else {}
        labels = {"data_labels": {"value": True, "font": {"size": 9}}} if not at else {}
        chart.add_series(
            {
                "name": [strip.sheet.name, *heading],
                "categories": names.range,
                "values": strip.range,
                "fill": {"color": _TARGET if at else _VALUE},
                "gap": 60,
                **points,
                **labels,
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "major_tick_mark": "none"})
    chart.set_x_axis(axis | ({"num_format": "0%"} if statuses else {}))
    chart.set_legend({"none": True} if len(series) == 1 else {"position": "bottom"})
    count = names.last[0] - names.first[0] + 1
    return _shaped(chart, title, _HEIGHT + (_BAR if len(series) == 1 else _PAIR) * count)


def trend(book: Book, periods: Strip, values: Strip, target: Strip | None) -> Chart:
    """A line through the periods, and one for the target, each named by the cell before it; gaps without a value."""
    chart = book.chart("line")
    for strip in (values, target):
        if strip is not None:
            is_target = strip is target
            line = (
                {"color": "#7F7F7F", "dash_type": "dash", "width": 1.5}
                if is_target
                else {"color": _VALUE, "width": 2.25}
            )
            marker = {"type": "none"} if is_target else {"type": "circle", "size": 5, "fill": {"color": _VALUE}}
            chart.add_series(
                {
                    "name": [strip.sheet.name, strip.first[0], strip.first[1] - 1],
                    "categories": periods.range,
                    "values": strip.range,
                    "line": line,
                    "marker": marker,
                }
            )
    chart.show_blanks_as("gap")
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"num_font": {"size": 9}, "text_axis": True})
    chart.set_y_axis({"num_font": {"size": 9}, "major_gridlines": _LINES, "line": {"none": True}})
    return _shaped(chart, "Trend", 300)


_LINES: Final = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.75}}


def _shaped(chart: Chart, title: str, height: int) -> Chart:
    chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    chart.set_size({"width": WIDTH, "height": height})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    return chart
