"""Scorecards that hypothesis draws, and texts that are meant to break out of their place.

A card is drawn with plain words for its texts; `filled` puts other texts in their places, equal ones for equal words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace
from tests.render.cards import NOVEMBER, WINDOW, card, figure, line

from kpicli.errors import clean
from kpicli.scorecard import (
    Example,
    Figure,
    GoalLine,
    Group,
    LeftOut,
    Line,
    Note,
    Scorecard,
    Span,
    Status,
    TableData,
    TrendPoint,
)

WORDS = ("Alfa", "Bravo", "Charlie", "Delta", "Foxtrot")
"""What stands for a text; no other part of a scorecard holds one of them."""

_STAGES = ("prospect", "close", "revenue")
_PIECES = (
    *"\\`*_[]<>#~|!$&;:.@/()-+=^{}'\" \tx0",
    *("www.example.com", "https://example.com/a?b=c", "ftp://example.com", "mailto:", "me@example.com", "@jane", "#12"),
    *(":smile:", "GH-1", "&amp;", "&#42;", "<b>", "<!--", "-->", "](/url)", "![", "[^1]", "[ ] ", "[x]: /url"),
    *(
        "```",
        "~~~",
        "**",
        "__",
        "- ",
        "+ ",
        "> ",
        "1. ",
        "2) ",
        "# ",
        "---",
        "===",
        "|-|",
        "\\|",
        "    ",
        "\n\n",
        "\r\n",
    ),
    *("\u200b", "\u202e", "\u2028", "\u00a0", "\u3000", "\x1b[31m", "\ud800", "東京", "Zoë", "👩\u200d💻"),
    *("\x1b]8;;//a\x07", "\x9b2J", "\x85", "\x7f", "\u061c", "\u2066", "\ufeff", "\ufffe", "\U0001ffff", "\U000e0041"),
    *("=1+1", "@SUM(A1)", "\uff1d1", "\uff20", "=cmd|'/C x'!A0", ";=1", '"=1', "_x0041_", "<r>", "</r>", "&lt;", "]]>"),
    *(
        "<script>",
        "</style>",
        "<img src=x onerror=x>",
        "' onload='",
        '" href="',
        "javascript:x",
        "\r\nBcc: a@b",
        "{{1}}",
    ),
)
hostile = (
    (st.text(max_size=40) | st.lists(st.sampled_from(_PIECES), max_size=10).map("".join))
    .map(lambda text: text[:40])  # the examples of a data note are cut after that
    .filter(lambda text: clean(text).strip() != "")
)

_words = st.sampled_from(WORDS)
_numbers = (
    st.integers(-(10**9), 10**9)
    | st.decimals(-(10**9), 10**9, places=6)
    | st.floats(-1e9, 1e9, allow_subnormal=False)  # of decimals of 38 digits no quotient is so small
    | st.sampled_from([0, -0.0, 0.005, 1e-7, 1e300])
)
_amounts = st.none() | _numbers


@st.composite
def _figures(draw: st.DrawFn, unit: str) -> Figure:
    """Measured against all that there may be; a text only against the one before."""
    values = st.none() | (_words if unit == "text" else _numbers)
    reason, target_reason, prior_reason = draw(st.tuples(*[st.none() | _words] * 3))
    target = None if unit == "text" else draw(_amounts)
    change = None if unit == "text" else draw(_amounts)
    measured = {} if target is None else dict(zip(_AGAINST_TARGET, draw(_pair) * 3, strict=False))
    value, prior = draw(st.tuples(values, values))
    return figure(
        value,
        draw(st.sampled_from(Status)),
        target=target,
        prior=prior,
        change=change,
        value_label=draw(st.none() | _words) if isinstance(value, str) else None,
        prior_label=draw(st.none() | _words) if isinstance(prior, str) else None,
        reason=reason,
        target_reason=target_reason,
        prior_reason=prior_reason,
        **measured,
    )


_AGAINST_TARGET = ("attainment", "pace", "expected", "projected", "needed_per_workday")
_pair = st.tuples(_amounts, _amounts)


_contributions: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.fixed_dictionaries(
    {"company_target": _numbers, "contribution": _numbers, "contributes_to": st.sampled_from(["goal_0", "goal_1"])}
)


@st.composite
def _lines(draw: st.DrawFn, at: int) -> Line:
    unit = draw(st.sampled_from(["number", "percent", "money", "days", "text"]))
    members = st.builds(Group, st.none() | _words, _words, _figures(unit))
    points = st.tuples(st.none() | (_words if unit == "text" else _numbers), st.none() | _words)
    return line(
        id=f"kpi_{at}",
        name=draw(_words),
        role=draw(st.sampled_from(["leading", "lagging"])),
        stage=draw(st.sampled_from([None, *_STAGES]) | _words),
        goal=draw(st.none() | _words),
        unit=unit,
        decimals=draw(st.none() | st.integers(0, 6)),
        window=draw(st.sampled_from([WINDOW, Span(date(2026, 8, 25), date(2026, 11, 22), 1.0)])),
        figure=draw(_figures(unit)),
        trend=tuple(TrendPoint("2026-10", value, reason) for value, reason in draw(st.lists(points, max_size=3))),
        groups=tuple(draw(st.lists(members, max_size=2))),
        **draw(st.just({}) if unit == "text" else _contributions),
    )


def _goals(draw: st.DrawFn, kpis: list[str]) -> tuple[GoalLine, ...]:
    """Each below one that stands before it, or on top."""
    goals: list[GoalLine] = []
    for at in range(draw(st.integers(0, 3))):
        parent = draw(st.sampled_from([None, "gone", *(goal.id for goal in goals)]))
        serving = tuple(draw(st.lists(st.sampled_from(kpis), max_size=2)))
        goals.append(GoalLine(f"goal_{at}", draw(_words), serving, parent=parent, when=draw(st.none() | _words)))
    return tuple(goals)


_examples = st.builds(Example, st.integers(2, 10**6), st.none() | _words, st.none() | _words)
_notes = st.builds(Note, st.just("no-date"), st.none() | _words, st.integers(1, 10**6), st.tuples(_examples))
_left_out = st.builds(LeftOut, st.just("where"), st.integers(1, 10**6), st.none() | _words)
_tables = st.builds(
    TableData,
    _words,
    st.lists(_words, max_size=2).map(tuple),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.none() | st.just(date(2026, 11, 21)),
    st.lists(_notes, max_size=2).map(tuple),
    left_out=st.lists(_left_out, max_size=2).map(tuple),
)


_only = st.sampled_from([(), (("Alfa", ("Bravo", "Charlie")), ("Delta", ("Alfa",)))])


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    """A card with a word of `WORDS` for each text."""
    lines = [draw(_lines(at)) for at in range(draw(st.integers(1, 3)))]
    return card(
        *lines,
        book=draw(_words),
        scorecard=draw(st.none() | _words),
        period=replace(NOVEMBER, running=draw(st.booleans())),
        currency=draw(st.sampled_from([None, "USD", "JPY", "XYZ"])),
        by=draw(st.none() | _words),
        only=draw(_only),
        only_labels=draw(_only),
        title=draw(st.none() | _words),
        goals=_goals(draw, [each.id for each in lines]),
        data=tuple(draw(st.lists(_tables, max_size=2))),
        stages=_STAGES,
    )


texts = st.lists(hostile, min_size=len(WORDS), max_size=len(WORDS), unique=True).map(
    lambda drawn: dict(zip(WORDS, drawn, strict=True))
)
"""A hostile text for each word."""


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """The card, or a part of it, with other texts in place of words."""
    match value:
        case str():
            return words.get(value, value)
        case tuple():
            return tuple(filled(item, words) for item in value)
        case Scorecard() | Line() | Group() | Figure() | TrendPoint() | GoalLine():
            return type(value)(*(filled(getattr(value, name), words) for name in value.__struct_fields__))
        case TableData() | LeftOut() | Note() | Example():
            return type(value)(*(filled(getattr(value, name), words) for name in value.__struct_fields__))
        case _:
            return value
