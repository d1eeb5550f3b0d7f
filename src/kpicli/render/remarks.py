"""What a scorecard says in sentences, around its figures: each a line of text that a format then makes safe to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from kpicli.render.numbers import write_count, write_share
from kpicli.scorecard import Figure, Note, Scorecard


def period(card: Scorecard) -> str:
    """The days that are reported on, how much of them has passed, and how new the data is."""
    days = _days(card.period.start, card.period.end)
    newest = max((table.newest for table in card.data if table.newest is not None), default=None)
    fresh = () if newest is None else (f"data to {newest.isoformat()}",)
    return " · ".join((card.period.label, days, _progress(card), f"as of {card.as_of.isoformat()}", *fresh))


def narrowings(card: Scorecard) -> Iterator[str]:
    """What part of the company is reported on, a line a dimension."""
    for dimension, members in card.only:
        yield f"Only {dimension}: {', '.join(members)}"


def other_days(card: Scorecard) -> Iterator[str]:
    """The days of KPIs that look at others than the period's; each days once, with the KPIs that look at them."""
    names: dict[tuple[date, date], list[str]] = defaultdict(list)
    for line in card.lines:
        names[line.window.start, line.window.end].append(line.name)
    names.pop((card.period.start, card.period.end), None)
    for days, others in names.items():
        yield f"{_days(*days)}: {', '.join(others)}"


def absences(card: Scorecard) -> Iterator[str]:
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
            places[key].append(f"{line.name} ({write_count(count)} of {write_count(len(line.groups))} by {card.by})")
    lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (what, reason), names in places.items():
        lacking[", ".join(names), reason].append(f"no {what}")
    for (those, reason), lacked in lacking.items():
        yield f"{' and '.join(lacked)} for {those}: {reason}"


def data(card: Scorecard) -> Iterator[tuple[str, list[str]]]:
    """What was read of each table, with its notes; which rows they are about is for `kpi check` to say."""
    for table in card.data:
        newest = "" if table.newest is None else f", newest {table.newest.isoformat()}"
        read = f"{table.table}: {write_count(table.used)} of {_rows(table.rows)} used{newest}"
        yield read, [_note(note) for note in table.notes]


def _note(note: Note) -> str:
    column = "" if note.column is None else f" in {note.column}"
    return f"{note.code}{column}: {_rows(note.rows)}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{write_count(count)} rows"


def _missing(figure: Figure) -> Iterator[tuple[str, str]]:
    if figure.value is None and figure.reason is not None:
        yield "value", figure.reason
    if figure.target is None and figure.target_reason is not None:
        yield "target", figure.target_reason
    if figure.prior is None and figure.prior_reason is not None:
        yield "figure before", figure.prior_reason


def _days(start: date, end: date) -> str:
    return f"{start.isoformat()} to {end.isoformat()}"


def _progress(card: Scorecard) -> str:
    if card.as_of < card.period.start:
        return "not begun"
    return f"running, {write_share(card.period.elapsed)} of its workdays gone" if card.period.running else "complete"
