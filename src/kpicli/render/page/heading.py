"""The title of a page: whose scorecard it is, which period, as of which day, how fresh the data, and how it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.page.cells import status_sign, status_word
from kpicli.render.page.pieces import GLUE, Line, Piece, flow
from kpicli.render.screen import Screen
from kpicli.scorecard import Scorecard, Status

_TALLIED = (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND, Status.NO_DATA)


def draw_heading(card: Scorecard, screen: Screen) -> Iterator[Line]:
    """A few lines."""
    between = f" {screen.signs.separator}{GLUE}"
    period = card.period
    title = [(screen.shown(card.book), "bold")]
    if card.scorecard is not None:
        title += [(between, "dim"), (screen.shown(card.title or card.scorecard), "bold")]
    paragraphs = [
        title,
        [
            (screen.shown(write_period(period)), "bold"),
            (between, "dim"),
            (remarks.days(period.start, period.end), ""),
            (between, "dim"),
            (remarks.progress(card), ""),
        ],
        [(f"As of {card.as_of.isoformat()}", ""), *_freshness(card, between, screen)],
        *([("Only ", "dim"), (screen.shown(narrowing), "")] for narrowing in remarks.narrowings(card)),
        _tally(card, screen),
    ]
    for pieces in paragraphs:
        if pieces:
            yield from flow(pieces, screen.width, hanging=2)


def _freshness(card: Scorecard, between: str, screen: Screen) -> Iterator[Piece]:
    for text, warns in remarks.freshness(card):
        yield between, "dim"
        yield (f"!{GLUE}{screen.shown(text)}", "yellow") if warns else (screen.shown(text), "")


def _tally(card: Scorecard, screen: Screen) -> list[Piece]:
    """How many KPIs are on track, at risk and behind."""
    counts = Counter(line.figure.status for line in card.lines)
    pieces: list[Piece] = []
    for status in _TALLIED:
        if counts[status]:
            sign, colour = status_sign(status, screen)
            between = "   " if pieces else ""
            pieces += [
                (between, ""),
                (f"{sign}{GLUE}", colour),
                (f"{counts[status]}{GLUE}{status_word(status).replace(' ', GLUE)}", colour),
            ]
    return pieces
