"""The page as a whole: what the templates are given, and how they are filled.

Every text goes through `clean` on its way into the page, and is escaped there. Nothing is marked as safe but the style
sheet, which is ours, and whose hash is all that the page's content security policy allows.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct

from kpicli.errors import clean
from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.html import bullet, contributions, funnel, members, spread, trend
from kpicli.render.html.contributions import contributions_of
from kpicli.render.html.figures import ABSENT, Standing
from kpicli.render.html.funnel import funnel_of, is_comparable
from kpicli.render.html.kpis import goals_of, kpis_of, sections_of
from kpicli.render.html.members import panels_of
from kpicli.render.html.scale import Scale
from kpicli.render.numbers import write_count, write_share
from kpicli.scorecard import Scorecard, Status

_TALLIED: Final = (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND, Status.NO_TARGET, Status.NO_DATA)
_TALLY_WIDTH: Final = 600
_LOPSIDED: Final = 1.5
"""From so many times as many KPIs on, a side has twice the room."""


def page(card: Scorecard) -> str:
    """The whole document."""
    kpis = kpis_of(card)
    parts = tuple(sections_of(card, kpis))
    steps = funnel_of(card, kpis)
    return (
        _templates()
        .get_template("page.html")
        .render(
            card=card,
            style=style(),
            policy=policy(),
            title=_title(card),
            heading=card.title or card.scorecard if card.scorecard is not None else card.book,
            period=write_period(card.period),
            days=remarks.days(card.period.start, card.period.end),
            progress=remarks.progress(card),
            elapsed=write_share(card.period.elapsed),
            elapsed_at=Scale.over((0, 1), 0, 100).at(min(1, max(0, card.period.elapsed))),
            freshness=tuple(remarks.freshness(card)),
            narrowings=tuple(remarks.narrowings(card)),
            tallies=_tallies(card),
            tally_width=_TALLY_WIDTH,
            goals=tuple(goals_of(card, kpis)),
            contributions=tuple(contributions_of(card, kpis)),
            sections=parts,
            shape=_shape([len(part.kpis) for part in parts]),
            running=card.period.running,
            funnel=steps,
            comparable=is_comparable(steps),
            panels=tuple(panels_of(card, kpis)),
            other_days=tuple(remarks.other_days(card)),
            absences=tuple(remarks.absences(card)),
            tables_read=tuple(
                (table.table, remarks.read(table, card), remarks.is_stale(table, card), tuple(remarks.notes(table)))
                for table in card.data
            ),
            absent=ABSENT,
            sizes=_SIZES,
        )
    )


_SIZES: Final = {
    "bullet": bullet.WIDTH,
    "trend": (trend.WIDTH, trend.HEIGHT),
    "funnel": funnel.WIDTH,
    "contribution": contributions.WIDTH,
    "bar": members.WIDTH,
    "spread": (spread.WIDTH, spread.HEIGHT, spread.FLOOR),
}


def _title(card: Scorecard) -> str:
    named = () if card.scorecard is None else (card.title or card.scorecard,)
    return " · ".join((*named, card.book, write_period(card.period)))


class Tally(Struct, frozen=True):
    """How many KPIs have a status, and their part of a bar of `_TALLY_WIDTH`."""

    status: Standing
    count: str
    start: float
    length: float


def _tallies(card: Scorecard) -> tuple[Tally, ...]:
    counts = Counter(line.figure.status for line in card.lines)
    scale = Scale.over((0, max(1, len(card.lines))), 0, _TALLY_WIDTH)
    found, before = [], 0
    for status in _TALLIED:
        if counts[status]:
            start, length = scale.between(before, before + counts[status])
            found.append(Tally(Standing.of(status), write_count(counts[status]), start, length))
            before += counts[status]
    return tuple(found)


def _shape(counts: list[int]) -> str:
    """How leading and lagging KPIs share the width of a laptop."""
    if len(counts) < 2:
        return "alone"
    leading, lagging = counts
    if lagging >= leading * _LOPSIDED:
        return "few-leading"
    return "few-lagging" if leading >= lagging * _LOPSIDED else "even"


# ------------------------------------------------------------------------------------------------------------ templates


@cache
def style() -> str:
    """The style sheet."""
    return files("kpicli.render.html").joinpath("templates", "page.css").read_text(encoding="utf-8")


@cache
def policy() -> str:
    """What a browser may do with the page: apply this style sheet, and nothing else."""
    hashed = b64encode(sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("kpicli.render.html"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _visible(value: Any) -> Any:  # noqa: ANN401 -- whatever a template writes
    """Texts without control characters; what is markup already, as macros and the style sheet are, stays."""
    if type(value) is str and not (value.isascii() and value.isprintable()):
        return clean(value)
    return value
