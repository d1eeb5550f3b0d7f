"""The scorecard for people at a terminal: leading KPIs, lagging KPIs, members, and what to know about them.

A number is never cut: where the columns don't fit, the ones that can be derived from the others are left out, which
the foot says, and what is still too long is folded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rich.cells import cell_len
from rich.console import JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kpicli.render.notes import draw_tables
from kpicli.render.numbers import NumberStyle, write_share
from kpicli.render.screen import Screen
from kpicli.scorecard import Amount, Figure, Line, Scorecard, Status, Value

_COLUMNS = ("value", "target", "attainment", "pace", "status", "prior", "change")
_LEFT_OUT_FIRST = ("prior", "attainment", "change", "pace")
_JUSTIFIED: dict[str, JustifyMethod] = {"status": "left"}
_GUTTER = 2
_LONGEST_NUMBERS = (24, 18, 14)
_LONGEST_NARROW_NUMBERS = (14, 10)
_SHORTEST_NAME = 16
_SHORTEST_NARROW_NAME = 4
_COLOURS = {
    Status.ON_TRACK: "green",
    Status.AT_RISK: "yellow",
    Status.BEHIND: "red",
    Status.NO_TARGET: "dim",
    Status.NO_DATA: "dim",
}


def render(card: Scorecard) -> str:
    """The card on a page of 100 columns in Unicode, without colours."""
    return draw(card, Screen())


def draw(card: Scorecard, screen: Screen) -> str:
    """The card as it suits a screen."""
    headlines = [_Entry.of(line.name, line, line.figure, card, screen) for line in card.lines]
    members = [
        [_Entry.of(group.label, line, group.figure, card, screen) for group in line.groups] for line in card.lines
    ]
    everyone = [entry for entries in members for entry in entries]
    layout = _Layout.fitting(_heading_of("leading"), headlines, screen)
    member_layout = _Layout.fitting(card.by or "", everyone, screen)
    hidden = [name for name in _COLUMNS if name in layout.hidden | member_layout.hidden]
    return screen.draw(
        *_heading(card, screen),
        *_roles(card, headlines, layout, screen),
        *_blocks(card, members, member_layout, screen),
        *_windows(card, screen),
        *_absences(card, screen),
        *_data(card, screen),
        *_hint(hidden, screen),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of a table: what it is called, and its cells by column."""

    name: str
    cells: dict[str, Text]

    @classmethod
    def of(cls, name: str, line: Line, figure: Figure, card: Scorecard, screen: Screen) -> _Entry:
        style = NumberStyle(line.unit, line.decimals, card.currency, screen.has)
        shown = figure.value_label if isinstance(figure.value, str) and figure.value_label else figure.value
        status = f"{screen.signs.status[figure.status]} {figure.status.value.replace('_', ' ')}"
        change = None if figure.change is None else style.write_change(figure.change)
        texts = {
            "value": _value(shown, style),
            "target": _value(figure.target, style),
            "attainment": _share(figure.attainment),
            "pace": _share(figure.pace),
            "prior": _value(figure.prior, style),
            "change": change,
        }
        absent = screen.signs.absent
        cells = {column: screen.text(absent if text is None else text) for column, text in texts.items()}
        return cls(screen.shown(name), cells | {"status": screen.text(status, _COLOURS[figure.status])})


def _value(value: Value, style: NumberStyle) -> str | None:
    return value if value is None or isinstance(value, str) else style.write(value)


def _share(value: Amount) -> str | None:
    return None if value is None else write_share(value)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How wide the name and each shown column are, and which columns found no room."""

    name: int
    widths: dict[str, int]
    hidden: frozenset[str]

    @classmethod
    def fitting(cls, heading: str, entries: Sequence[_Entry], screen: Screen) -> _Layout:
        """The layout with the most columns that leaves names their room, or failing that the narrowest."""
        longest_name = max(cell_len(screen.shown(heading)), *(cell_len(entry.name) for entry in entries), 0)
        wanted_name = min(longest_name, _SHORTEST_NAME)
        for longest in _LONGEST_NUMBERS:
            for count in range(len(_LEFT_OUT_FIRST) + 1):
                hidden = frozenset(_LEFT_OUT_FIRST[:count])
                widths = {name: _width(name, entries, longest) for name in _COLUMNS if name not in hidden}
                room = screen.width - sum(widths.values()) - _GUTTER * len(widths)
                if room >= wanted_name:
                    return cls(min(longest_name, room), widths, hidden)
        return cls._narrow(longest_name, entries, screen)

    @classmethod
    def _narrow(cls, longest_name: int, entries: Sequence[_Entry], screen: Screen) -> _Layout:
        """Names and the status go on in the next line before a figure does."""
        hidden = frozenset(_LEFT_OUT_FIRST)
        name, widths = _SHORTEST_NARROW_NAME, dict[str, int]()
        for longest in _LONGEST_NARROW_NUMBERS:
            widths = {column: _width(column, entries, longest) for column in _COLUMNS if column not in hidden}
            widths["status"] = max(len("status"), *(_status_part(entry.cells["status"].plain) for entry in entries))
            name = screen.width - sum(widths.values()) - _GUTTER * len(widths)
            if name >= _SHORTEST_NARROW_NAME:
                break
        return cls(max(_SHORTEST_NARROW_NAME, min(longest_name, name)), widths, hidden)

    def table(self, heading: str, entries: Sequence[_Entry], screen: Screen) -> Table:
        table = Table(box=screen.signs.box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column(screen.text(heading), width=self.name, overflow="fold")
        for column, width in self.widths.items():
            table.add_column(column, width=width, justify=_JUSTIFIED.get(column, "right"), overflow="fold")
        for entry in entries:
            table.add_row(Text(entry.name, overflow="fold"), *(entry.cells[column] for column in self.widths))
        return table


def _width(column: str, entries: Sequence[_Entry], longest: int) -> int:
    needed = max((cell_len(entry.cells[column].plain) for entry in entries), default=0)
    return max(len(column), needed if column == "status" else min(longest, needed))


def _status_part(status: str) -> int:
    """How wide a status is where its words stand one below the other, the first one beside the sign."""
    sign, first, *others = status.split(" ")
    return max(cell_len(part) for part in (f"{sign} {first}", *others))


def _heading(card: Scorecard, screen: Screen) -> Iterator[Text]:
    title = card.book if card.scorecard is None else f"{card.book} {screen.signs.separator} {card.scorecard}"
    yield screen.text(title, "bold")
    period = card.period
    days = _days(period.start, period.end)
    yield screen.text(f"{period.label}: {days}, {_progress(card)}; as of {card.as_of.isoformat()}")
    for dimension, members in card.only:
        yield screen.text(f"only {dimension}: {', '.join(members)}")


def _days(start: date, end: date) -> str:
    return f"{start.isoformat()} to {end.isoformat()}"


def _progress(card: Scorecard) -> str:
    if card.as_of < card.period.start:
        return "not begun"
    return f"running, {write_share(card.period.elapsed)} elapsed" if card.period.running else "complete"


def _roles(card: Scorecard, entries: Sequence[_Entry], layout: _Layout, screen: Screen) -> Iterator[RenderableType]:
    for role in ("leading", "lagging"):
        chosen = [entry for line, entry in zip(card.lines, entries, strict=True) if line.role == role]
        if chosen:
            yield ""
            yield layout.table(_heading_of(role), chosen, screen)


def _heading_of(role: str) -> str:
    return f"{role.capitalize()} KPIs"


def _windows(card: Scorecard, screen: Screen) -> Iterator[RenderableType]:
    """The days that a KPI looks at, where they aren't the period's."""
    period = card.period.start, card.period.end
    others = [line for line in card.lines if (line.window.start, line.window.end) != period]
    if others:
        yield ""
        yield screen.text("Other days", "bold")
    for line in others:
        days = _days(line.window.start, line.window.end)
        yield Padding(screen.text(f"{line.name}: {days}"), (0, 0, 0, 2))


def _blocks(
    card: Scorecard, members: Sequence[Sequence[_Entry]], layout: _Layout, screen: Screen
) -> Iterator[RenderableType]:
    if card.by is None:
        return
    for line, entries in zip(card.lines, members, strict=True):
        if entries:
            yield ""
            yield screen.text(f"{line.name} by {card.by}", "bold")
            yield layout.table(card.by, entries, screen)


def _absences(card: Scorecard, screen: Screen) -> Iterator[RenderableType]:
    """Why there is a sign instead of a figure; each reason once, with the KPIs that it is about."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in card.lines:
        for key in _missing(line.figure):
            places[key].append(line.name)
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for group in line.groups:
            for key in _missing(group.figure):
                counts[key] += 1
        for key, count in counts.items():
            places[key].append(f"{line.name} ({count} of {len(line.groups)} by {card.by})")
    if places:
        yield ""
        yield screen.text(f"No figure ({screen.signs.absent})", "bold")
    for (what, reason), names in places.items():
        yield Padding(screen.text(f"no {what} for {', '.join(names)}: {reason}"), (0, 0, 0, 2))


def _missing(figure: Figure) -> Iterator[tuple[str, str]]:
    if figure.value is None and figure.reason is not None:
        yield "value", figure.reason
    if figure.target is None and figure.target_reason is not None:
        yield "target", figure.target_reason
    if figure.prior is None and figure.prior_reason is not None:
        yield "prior", figure.prior_reason


def _data(card: Scorecard, screen: Screen) -> Iterator[RenderableType]:
    if card.data:
        yield ""
        yield screen.text("Data", "bold")
        yield from draw_tables(card.data, screen)


def _hint(hidden: Sequence[str], screen: Screen) -> Iterator[RenderableType]:
    if hidden:
        yield ""
        told = f"Not shown on {screen.width} columns: {', '.join(hidden)} (a wider terminal or --format csv has them)."
        yield screen.text(told, "dim")
