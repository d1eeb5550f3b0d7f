"""What a scorecard says in sentences, around its figures: each a line of text that a format then makes safe to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from kpicli.render.dates import write_count_of_days, write_days
from kpicli.render.numbers import write_count, write_rows, write_share
from kpicli.scorecard import STALE, Figure, GoalLine, Note, Scorecard, Span, Status, TableData

_AIMED = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})
_OLD = 4
"""From so many days on a sign warns that the data ends before the as-of day: over a weekend it always does."""


def progress(card: Scorecard) -> str:
    """How much of the period has passed."""
    if card.as_of < card.period.start:
        return "not begun"
    return f"running, {write_share(card.period.elapsed)} of its workdays gone" if card.period.running else "complete"


def freshness(card: Scorecard) -> Iterator[tuple[str, bool]]:
    """Up to which day the data goes, and each table that ends long before or begins late; each with whether to warn."""
    ends = [table.newest for table in card.data if table.newest is not None and not table.covers]
    if not ends:
        return
    newest = max(ends)
    age = (card.as_of - newest).days
    behind = "" if age <= 0 else ", 1 day before" if age == 1 else f", {write_count(age)} days before"
    yield f"data to {newest.isoformat()}{behind}", _lacks(card, newest) >= _OLD
    for table in card.data:
        if table.newest is not None and table.newest != newest and is_stale(table, card):
            yield f"{table.table} only to {table.newest.isoformat()}", True
        if table.oldest is not None and table.begins_late and not table.covers:
            yield f"{table.table} only from {table.oldest.isoformat()}", True


def is_stale(table: TableData, card: Scorecard) -> bool:
    """Whether a table ends so long before the days reported on that it looks like an export of another time."""
    return table.newest is not None and not table.covers and _lacks(card, table.newest) >= STALE


def _lacks(card: Scorecard, newest: date) -> int:
    """How many days are missing up to the as-of day, or to the period's end, if that is earlier."""
    return (min(card.as_of, card.period.end) - newest).days


def narrowings(card: Scorecard) -> Iterator[str]:
    """What part of the company is reported on: a text for each dimension that narrows it."""
    for dimension, members in card.only_labels or card.only:
        yield f"{dimension}: {', '.join(members)}"


def other_days(card: Scorecard) -> Iterator[tuple[str, str]]:
    """The days of KPIs that look at others than the period's; each days once, with the KPIs that look at them."""
    names: dict[Span, list[str]] = defaultdict(list)
    for line in card.lines:
        if (line.window.start, line.window.end) != (card.period.start, card.period.end):
            names[line.window].append(line.name)
    for span, others in names.items():
        share = f", {write_share(span.elapsed)} of its workdays gone" if span.elapsed < 1 else ""
        yield f"{write_days(span.start, span.end)} ({write_count_of_days(span)}{share})", ", ".join(others)


def on_track(goal: GoalLine, card: Scorecard) -> str | None:
    """How many of a goal's KPIs are on track, of those that have a target and a value; None without any."""
    statuses = [line.figure.status for line in card.lines if line.id in goal.kpis]
    aimed = sum(status in _AIMED for status in statuses)
    return f"{statuses.count(Status.ON_TRACK)} of {aimed} on track" if aimed else None


def absences(card: Scorecard) -> Iterator[str]:
    """Why there is a sign instead of a figure, or no members; each reason once, with the KPIs that it is about."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    if card.by is not None:
        for line in card.lines:
            if not line.groups:
                places[f"figures by {card.by}", line.unsplit or "no row in these days has one"].append(line.name)
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
    everything = ", ".join(line.name for line in card.lines)
    for (those, reason), lacked in lacking.items():
        whose = "" if those == everything and len(card.lines) > 1 else f" for {those}"
        yield f"{' and '.join(lacked)}{whose}: {reason}"


def read(table: TableData, card: Scorecard) -> str:
    """How many rows of a table count, and how new they are; the latter alone where its files aren't told."""
    if table.newest is not None and not table.files:
        return f"to {table.newest.isoformat()}"
    rows = write_rows(table.rows)
    if table.used != table.rows:
        rows = f"{write_count(table.used)} of {rows}"
    if table.newest is None:
        return rows
    return rows + (", the newest of " if is_stale(table, card) else " to ") + table.newest.isoformat()


_WORDS = {
    "invalid-date": "is no date",
    "invalid-number": "is no number",
    "invalid-money": "is no amount",
    "invalid-percent": "is no percentage",
    "invalid-boolean": "is neither true nor false",
    "other-currency": "is in another currency",
    "no-rate": "has no exchange rate on its day",
    "invalid-text": "is an error of the spreadsheet",
    "lost-digits": "may have lost its last digits",
    "missing-parent": "leads nowhere",
    "several-values": "holds several values, of which the first counts",
}
_LACKS = frozenset({"no-date", "blank-key"})


def notes(table: TableData) -> Iterator[str]:
    """Each note of a table in words; cells that are no dates are not told again as rows without a date."""
    told = {(each.column, each.rows) for each in table.notes if each.code == "invalid-date"}
    for each in table.notes:
        if each.code != "no-date" or (each.column, each.rows) not in told:
            yield note_in_words(each)


def note_in_words(about: Note) -> str:
    """`4 rows whose close_date is no date`; the code where there are no words for it.

    Which rows they are is for `kpi check` to say.
    """
    rows = write_rows(about.rows)
    if about.code == "footer":
        return f"{rows} below the data left out as a footer"
    if about.code == "duplicate-header":
        headers = "1 header that stands" if about.rows == 1 else f"{write_count(about.rows)} headers that stand"
        return f"{headers} twice"
    if about.column is not None and about.parent is not None:
        return f"{rows} whose {about.column} leads to no row of {about.parent}"
    if about.column is not None and about.code in _WORDS:
        return f"{rows} whose {about.column} {_WORDS[about.code]}"
    if about.column is not None and about.code in _LACKS:
        return f"{rows} without {about.column}"
    return f"{rows} with {about.code}" + ("" if about.column is None else f" in {about.column}")


def _missing(figure: Figure) -> Iterator[tuple[str, str]]:
    if figure.value is None and figure.reason is not None:
        yield "value", figure.reason
    if figure.target is None and figure.target_reason is not None:
        yield "target", figure.target_reason
    if figure.prior is None and figure.prior_reason is not None:
        yield "figure before", figure.prior_reason


def days(start: date, end: date) -> str:
    """Both days and what lies between, as a program would write them."""
    return f"{start.isoformat()} to {end.isoformat()}"
