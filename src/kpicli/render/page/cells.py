"""A figure as the cells of a table's row. A cell that says nothing is left out; an absent figure is a sign."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from kpicli.render.cells import called
from kpicli.render.numbers import NumberStyle, split_at_point, write_share
from kpicli.render.page.graphs import arrow, bar
from kpicli.render.page.pieces import GLUE, Piece
from kpicli.render.page.table import Cell, Column, Number, Words
from kpicli.render.screen import Screen
from kpicli.scorecard import Amount, Figure, Line, Scorecard, Status, Value

FIGURE_COLUMNS = (
    Column("value", "value"),
    Column("target", "target"),
    Column("bar", "attained", leads=True),
    Column("attainment", "", gutter=1),
    Column("pace", "pace"),
    Column("status", "status", leads=True),
    Column("arrow", "", leads=True),
    Column("change", "change", gutter=1),
    Column("prior", "before"),
    Column("needed", "per workday"),
    Column("projected", "projected"),
)
TARGET = frozenset({"target"})
SHOWN_NAMES = {
    "target": "target",
    "bar": "attainment",
    "attainment": "attainment in percent",
    "pace": "pace",
    "change": "change",
    "prior": "before",
    "needed": "per workday",
    "projected": "projected",
}
"""What the columns that give way are called where the foot says that they did."""
_COLOURS = {
    Status.ON_TRACK: "green",
    Status.AT_RISK: "yellow",
    Status.BEHIND: "red",
    Status.NO_TARGET: "dim",
    Status.NO_DATA: "dim",
}
_WIDE = 120
_BAR, _WIDE_BAR, _SHORT_BAR = 8, 12, 5


class Shape(Struct, frozen=True):
    """How much room a table's parts take."""

    bar: int
    """How many cells a bar is long."""
    trend: int
    """How many periods a trend shows at most."""
    name: int
    """How much room names should have before columns are shown that others give."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """`FIGURE_COLUMNS`, where a short bar has a short heading."""
        short = {"bar": "met"} if self.bar == _SHORT_BAR else {}
        return tuple(replace(each, heading=short.get(each.name, each.heading)) for each in FIGURE_COLUMNS)


def shapes(screen: Screen) -> tuple[Shape, ...]:
    """The shapes that a screen may have, the roomiest first."""
    bar, name = _WIDE_BAR if screen.width >= _WIDE else _BAR, max(12, screen.width * 2 // 9)
    return Shape(bar, 12, name), Shape(bar, 6, name), Shape(_SHORT_BAR, 6, max(12, screen.width * 3 // 16))


NARROWED_FOR = frozenset({"bar", "pace", "change", "trend"})
"""Columns that the next shape is taken for, where they find no room in one."""


def status_sign(status: Status, screen: Screen) -> Piece:
    """A status as its sign, in its colour."""
    return screen.signs.status[status], _COLOURS[status]


def status_word(status: Status) -> str:
    """A status in words: `on track`."""
    return status.value.replace("_", " ")


def cells_of(line: Line, figure: Figure, card: Scorecard, screen: Screen, shape: Shape) -> dict[str, Cell]:
    """The cells of `FIGURE_COLUMNS` that have something to say."""
    style = NumberStyle(line.unit, line.decimals, card.currency, screen.has)
    sign, colour = status_sign(figure.status, screen)
    cells: dict[str, Cell] = {
        "value": value_cell(figure, style, screen),
        "status": Words(((f"{sign}{GLUE}{status_word(figure.status)}", colour),)),
    }
    target = _target(figure, style, screen)
    if target is not None:
        cells["target"] = target
        cells |= _against_target(line, figure, shape.bar, screen)
    cells |= _over_time(line, figure, style, screen)
    for name, amount in (("needed", figure.needed_per_workday), ("projected", figure.projected)):
        if amount is not None:
            cells[name] = number_cell(amount, style, "dim", screen)
    return cells


def value_cell(figure: Figure, style: NumberStyle, screen: Screen) -> Number:
    """The value, or the sign of its absence."""
    return _shown(called(figure.value, figure.value_label), style, "", screen)


def _shown(value: Value, style: NumberStyle, ink: str, screen: Screen) -> Number:
    if value is None:
        return Number(screen.signs.absent, axis=style.unit, style="dim")
    if isinstance(value, str):
        return Number(screen.shown(value), style=ink)
    return number_cell(value, style, ink, screen)


def number_cell(amount: Amount, style: NumberStyle, ink: str, screen: Screen) -> Number:
    """An amount that is there, in an ink."""
    assert amount is not None
    whole, rest = split_at_point(screen.shown(style.write(amount)))
    return Number(whole, rest, style.unit, ink)


def _target(figure: Figure, style: NumberStyle, screen: Screen) -> Number | None:
    if figure.target is not None:
        return number_cell(figure.target, style, "dim", screen)
    return None if figure.target_reason is None else Number(screen.signs.absent, axis=style.unit, style="dim")


def _against_target(line: Line, figure: Figure, length: int, screen: Screen) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    _, colour = status_sign(figure.status, screen)
    if figure.attainment is not None:
        cells["bar"] = Words(tuple(bar(figure, line.better, length, colour, screen.signs)))
        cells["attainment"] = share_cell(figure.attainment, "dim")
    if figure.pace is not None:
        cells["pace"] = share_cell(figure.pace, "")
    return cells


def share_cell(share: Amount, ink: str) -> Number:
    """A share that is there, in an ink."""
    assert share is not None
    return Number(*split_at_point(write_share(share)), axis="share", style=ink)


def _over_time(line: Line, figure: Figure, style: NumberStyle, screen: Screen) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    if figure.change is not None:
        written = style.write_change(figure.change)
        cells["arrow"] = Words((arrow(figure.change, line.better, written, screen.signs),))
        cells["change"] = Number(*split_at_point(screen.shown(written)), axis=style.unit)
    elif figure.value is not None and figure.prior_reason is not None:
        cells["change"] = Number(screen.signs.absent, axis=style.unit, style="dim")
    if figure.prior is not None or figure.prior_reason is not None:
        cells["prior"] = _shown(called(figure.prior, figure.prior_label), style, "dim", screen)
    return cells
