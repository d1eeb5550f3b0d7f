"""The foot of a page: how to read its signs, KPIs that look at other days, absent figures, and the data's notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kpicli.render.dates import write_count_of_days, write_days
from kpicli.render.numbers import write_count, write_share
from kpicli.render.page.cells import FIGURE_COLUMNS, SHOWN_NAMES, status_word
from kpicli.render.page.headlines import Headlines
from kpicli.render.page.members import Members
from kpicli.render.page.pieces import GLUE, Line, flow, together
from kpicli.render.screen import Screen
from kpicli.scorecard import Figure, Note, Scorecard, Span, Status, TableData


def draw_legend(card: Scorecard, headlines: Headlines, members: Members, screen: Screen) -> Iterator[Line]:
    """What the signs above mean, as far as they are there."""
    sentences = list(_sentences(card, headlines, members, screen))
    if sentences:
        yield []
        told = "   ".join(together(sentence, screen.width) for sentence in sentences)
        yield from flow([(told, "dim")], screen.width)


def _sentences(card: Scorecard, headlines: Headlines, members: Members, screen: Screen) -> Iterator[str]:
    signs, shown = screen.signs, headlines.shown | members.shown
    if members.matrix:
        parts = (
            f"{signs.status[each]}{GLUE}{status_word(each)}"
            for each in (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND)
        )
        yield "  ".join(parts)
        yield "--kpi ID shows targets and changes"
    if "bar" in shown and any(_is_due(line.figure) and line.better == "higher" for line in card.lines):
        yield f"{signs.due[1]} due by now"
    if "arrow" in shown:
        alike = ", over as many days" if card.period.running else ""
        better, worse = f"{signs.up[0]} {signs.down[0]}", f"{signs.up[1]} {signs.down[1]}"
        yield f"{better} better, {worse} worse" + f" than the period before{alike}"
    trend = next((line.trend[-headlines.trend :] for line in card.lines if line.trend), ())
    if "trend" in shown and trend:
        running = ", which still runs" if card.period.running else ""
        yield f"trend: {screen.shown(trend[0].period)} to {screen.shown(trend[-1].period)}{running}"
    if "needed" in shown:
        yield "per workday: what each one left must bring to meet the target"


def _is_due(figure: Figure) -> bool:
    return None not in (figure.attainment, figure.expected, figure.target) and figure.expected != figure.target


def draw_windows(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """The KPIs that look at other days than the period's, by these days."""
    period = card.period.start, card.period.end
    names: dict[Span, list[str]] = defaultdict(list)
    for line in card.lines:
        if (line.window.start, line.window.end) != period:
            names[line.window].append(screen.shown(line.name))
    if names:
        yield []
        yield [("Other days", "bold")]
    for span, those in names.items():
        count = write_count_of_days(span)
        share = f", {write_share(span.elapsed)} of its workdays gone" if span.elapsed < 1 else ""
        days = f"{write_days(span.start, span.end)} ({count}{share}): "
        yield from flow([(days, ""), (", ".join(those), "dim")], screen.width, 2, 4)


def draw_absences(card: Scorecard, screen: Screen) -> Iterator[Line]:
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
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (what, reason), names in places.items():
        told[", ".join(names), reason].append(f"no {what}")
    if told:
        yield []
        yield [(f"No figure ({screen.signs.absent})", "bold")]
    for (those, reason), lacked in told.items():
        text = f"{' and '.join(lacked)} for {those}: {reason}"
        yield from flow([(screen.shown(text), "")], screen.width, 2, 4)


def _missing(figure: Figure) -> Iterator[tuple[str, str]]:
    if figure.value is None and figure.reason is not None:
        yield "value", figure.reason
    if figure.target is None and figure.target_reason is not None:
        yield "target", figure.target_reason
    if figure.prior is None and figure.prior_reason is not None:
        yield "figure before", figure.prior_reason


def draw_data(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """A line a table with notes, and one for all others."""
    if not card.data:
        return
    noted = [table for table in card.data if table.notes]
    clean = [table for table in card.data if not table.notes]
    hint = [(f" {screen.signs.separator} kpi check names the rows", "dim")] if noted else []
    yield []
    yield [("Data", "bold"), *hint]
    for table in noted:
        notes = ", ".join(_written(note) for note in table.notes)
        pieces = [
            (f"!{GLUE}", "yellow"),
            (screen.shown(table.table), ""),
            (screen.shown(f": {_read(table)}; "), "dim"),
            (screen.shown(notes), ""),
        ]
        yield from flow(pieces, screen.width, 2, 4)
    if clean:
        told = "; ".join(f"{table.table} {_read(table)}" for table in clean)
        before = "nothing to note: "
        yield from flow([(screen.shown(before + told), "dim")], screen.width, 2, 4)


def _read(table: TableData) -> str:
    rows = _rows(table.rows) if table.used == table.rows else f"{write_count(table.used)} of {_rows(table.rows)}"
    newest = "" if table.newest is None else f" to {table.newest.isoformat()}"
    return rows + newest


_WORDS = {
    "invalid-date": "is no date",
    "invalid-number": "is no number",
    "invalid-money": "is no amount",
    "invalid-percent": "is no percentage",
    "invalid-boolean": "is neither true nor false",
    "mixed-currencies": "is in another currency",
    "missing-parent": "leads nowhere",
}
_LACKS = frozenset({"no-date", "blank-key"})


def _written(note: Note) -> str:
    """`4 rows whose close_date is no date`; the code where there are no words for it."""
    rows = _rows(note.rows)
    if note.column is not None and note.code in _WORDS:
        return f"{rows} whose {note.column} {_WORDS[note.code]}"
    if note.column is not None and note.code in _LACKS:
        return f"{rows} without {note.column}"
    return f"{rows} with {note.code}" + ("" if note.column is None else f" in {note.column}")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{write_count(count)} rows"


def draw_hint(hidden: frozenset[str], screen: Screen) -> Iterator[Line]:
    """The columns that found no room."""
    names = dict.fromkeys(
        SHOWN_NAMES[column.name] for column in FIGURE_COLUMNS if column.name in hidden & SHOWN_NAMES.keys()
    )
    if "bar" in hidden:
        names.pop(SHOWN_NAMES["attainment"], None)
    if "trend" in hidden:
        names["trend"] = None
    if names:
        told = f"Not shown on {screen.width} columns: {', '.join(names)} (a wider terminal or --format csv has them)."
        yield []
        yield from flow([(told, "dim")], screen.width)
