"""The scorecard as Markdown, to paste into a chat, a wiki or an issue: tables as GitHub and GitLab have them, no HTML.

The raw text can be read too: columns are aligned. Every text goes through `literal`, so that it stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len

from kpicli.render import remarks
from kpicli.render.cells import Cells
from kpicli.render.dates import write_period
from kpicli.render.literal import literal
from kpicli.render.numbers import NumberStyle, Real, write_share
from kpicli.render.screen import Screen
from kpicli.render.sections import contributions, nested, sections
from kpicli.render.sparkline import sparkline
from kpicli.scorecard import Amount, Figure, GoalLine, Line, Scorecard

ENDINGS = ("md",)

_SIGNS = Screen().signs
_FIGURE = ("Value", "Target", "Attainment", "Pace", "Status", "Change")
_NEEDED = "Per workday"
_CONTRIBUTION = ("Value", "Company target", "Share")
_NUMBERS = frozenset({*_FIGURE, _NEEDED, *_CONTRIBUTION}) - {"Status"}
_WIDEST_PADDED = 40
"""A longer cell sticks out of its column, rather than blow up every row's."""


def render(card: Scorecard) -> str:
    """A heading of the second level, because the page that it is pasted into has a title of its own; then sections."""
    return "\n\n".join(_parts(card)) + "\n"


def _parts(card: Scorecard) -> Iterator[str]:
    scorecard = () if card.scorecard is None else (card.title or card.scorecard,)
    yield f"## {literal(_joined(card.book, *scorecard))}"
    yield literal(_period(card))
    yield from (literal(f"Only {narrowing}") for narrowing in remarks.narrowings(card))
    for role, lines in sections(card):
        yield from (f"### {role.capitalize()} KPIs", _headlines(card, lines))
    yield from _members(card)
    yield from _listed("Goals", _goals(card))
    yield from _contributions(card)
    yield from _listed("Other days", (_item(f"{days}: {names}") for days, names in remarks.other_days(card)))
    yield from _listed(f"No figure ({_SIGNS.absent})", (_item(text) for text in remarks.absences(card)))
    yield from _listed("Data", _data(card))


def _period(card: Scorecard) -> str:
    days = remarks.days(card.period.start, card.period.end)
    fresh = (f"! {text}" if warns else text for text, warns in remarks.freshness(card))
    as_of = f"as of {card.as_of.isoformat()}"
    return _joined(write_period(card.period), days, remarks.progress(card), as_of, *fresh)


def _joined(*parts: str) -> str:
    return f" {_SIGNS.separator} ".join(parts)


# --------------------------------------------------------------------------------------------------------------- tables


def _headlines(card: Scorecard, lines: Sequence[Line]) -> str:
    trends = [sparkline(line.trend, _SIGNS.levels, _SIGNS.gap) for line in lines]
    rows = [[line.name, *_figure(card, line, line.figure)] for line in lines]
    header = ["KPI", *_FIGURE]
    if card.only and any(line.figure.needed_per_workday is not None for line in lines):
        header.append(_NEEDED)
        rows = [[*row, _needed(card, line)] for row, line in zip(rows, lines, strict=True)]
    if any(trends):
        header.append("Trend")
        rows = [[*row, trend or _SIGNS.absent] for row, trend in zip(rows, trends, strict=True)]
    return _table(header, rows)


def _members(card: Scorecard) -> Iterator[str]:
    """A table a KPI: in a matrix there would be no room for targets, and it would be as wide as there are KPIs."""
    if card.by is None:
        return
    for _, lines in sections(card):
        for line in lines:
            if line.groups:
                yield f"### {literal(f'{line.name} by {card.by}')}"
                rows = [[group.label, *_figure(card, line, group.figure)] for group in line.groups]
                yield _table([card.by, *_FIGURE], rows)


def _contributions(card: Scorecard) -> Iterator[str]:
    """A table a goal of the company, of what is contributed to it."""
    for goal, lines in contributions(card):
        yield f"### {literal(f'Contribution to: {goal.name}')}"
        rows = []
        for line in lines:
            value = _figure(card, line, line.figure)[0]
            target = _written(line.company_target, _style(card, line).write)
            rows.append([line.name, value, target, _written(line.contribution, write_share)])
        yield _table(["KPI", *_CONTRIBUTION], rows)


def _needed(card: Scorecard, line: Line) -> str:
    return _written(line.figure.needed_per_workday, _style(card, line).write)


def _style(card: Scorecard, line: Line) -> NumberStyle:
    return NumberStyle(line.unit, line.decimals, card.currency)


def _written(amount: Amount, write: Callable[[Real], str]) -> str:
    return _SIGNS.absent if amount is None else write(amount)


def _figure(card: Scorecard, line: Line, figure: Figure) -> list[str]:
    """The cells below `_FIGURE`."""
    cells = Cells.of(figure, _style(card, line))
    status = f"{_SIGNS.status[figure.status]} {figure.status.value.replace('_', ' ')}"
    shown = (cells.value, cells.target, cells.attainment, cells.pace, status, cells.change)
    return [_SIGNS.absent if text is None else text for text in shown]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Padded so that the raw text can be read; the first column holds names, numbers are aligned to the right."""
    written = [[literal(cell) for cell in row] for row in (header, *rows)]
    columns = [
        _column(cells, to_right=at > 0 and name in _NUMBERS)
        for at, (name, *cells) in enumerate(zip(header, *written, strict=True))
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))


def _column(cells: Sequence[str], *, to_right: bool) -> list[str]:
    """The cells as wide as the widest, with the rule below the first."""
    width = max(3, *(min(_WIDEST_PADDED, cell_len(cell)) for cell in cells))
    blanks = [" " * (width - cell_len(cell)) for cell in cells]
    header, *body = [
        f"{blank}{cell}" if to_right else f"{cell}{blank}" for cell, blank in zip(cells, blanks, strict=True)
    ]
    return [header, f"{'-' * (width - 1)}{':' if to_right else '-'}", *body]


# ---------------------------------------------------------------------------------------------------------------- lists


def _listed(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = list(items)
    if lines:
        yield from (f"### {title}", "\n".join(lines))


def _item(text: str, depth: int = 0) -> str:
    return f"{'  ' * depth}- {literal(text)}"


def _goals(card: Scorecard) -> Iterator[str]:
    """Each goal below the one that it serves, with the KPIs that serve it."""
    for goal, depth in nested(card.goals):
        yield _item(_goal(card, goal), depth)


def _goal(card: Scorecard, goal: GoalLine) -> str:
    about = ", ".join(each for each in (goal.level, goal.when, remarks.on_track(goal, card)) if each is not None)
    lines = {line.id: line for line in card.lines}
    serving = (lines[kpi] for kpi in goal.kpis if kpi in lines)
    names = ", ".join(f"{_SIGNS.status[line.figure.status]} {line.name}" for line in serving)
    return f"{goal.name} ({about}): {names}" if names else f"{goal.name} ({about})"


def _data(card: Scorecard) -> Iterator[str]:
    for table in card.data:
        sign = "! " if remarks.is_stale(table, card) else ""
        yield _item(f"{sign}{table.table}: {remarks.read(table, card)}")
        yield from (_item(text, 1) for text in remarks.notes(table))
