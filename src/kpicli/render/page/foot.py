"""The foot of a page: how to read its signs, KPIs that look at other days, absent figures, and the data's notes."""

from __future__ import annotations

from collections.abc import Iterator

from kpicli.render import remarks
from kpicli.render.page.cells import FIGURE_COLUMNS, SHOWN_NAMES, status_word
from kpicli.render.page.headlines import Headlines
from kpicli.render.page.members import Members
from kpicli.render.page.pieces import GLUE, Line, flow, together
from kpicli.render.screen import Screen
from kpicli.scorecard import Figure, Scorecard, Status


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
        if members.gaps:
            yield "blank: no rows"
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
    told = list(remarks.other_days(card))
    if told:
        yield []
        yield [("Other days", "bold")]
    for days, names in told:
        yield from flow([(f"{days}: ", ""), (screen.shown(names), "dim")], screen.width, 2, 4)


def draw_absences(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """Why there is a sign instead of a figure."""
    told = list(remarks.absences(card))
    if told:
        yield []
        yield [(f"No figure ({screen.signs.absent})", "bold")]
    for text in told:
        yield from flow([(screen.shown(text), "")], screen.width, 2, 4)


def draw_data(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """A line a table with notes or old rows, and one for all others."""
    if not card.data:
        return
    odd = [table for table in card.data if table.notes or remarks.is_stale(table, card)]
    clean = [table for table in card.data if table not in odd]
    noted = any(table.notes for table in odd)
    hint = [(f" {screen.signs.separator} kpi check names the rows", "dim")] if noted else []
    yield []
    yield [("Data", "bold"), *hint]
    for table in odd:
        notes = ", ".join(remarks.notes(table))
        pieces = [
            (f"!{GLUE}", "yellow"),
            (screen.shown(table.table), ""),
            (screen.shown(f": {remarks.read(table, card)}{'; ' if notes else ''}"), "dim"),
            (screen.shown(notes), ""),
        ]
        yield from flow(pieces, screen.width, 2, 4)
    if clean:
        told = "; ".join(f"{table.table} {remarks.read(table, card)}" for table in clean)
        before = "nothing to note: "
        yield from flow([(screen.shown(before + told), "dim")], screen.width, 2, 4)


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
