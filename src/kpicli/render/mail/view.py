"""What a mail says about a scorecard, in words and lengths of bars: the same for both of its bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.errors import clean
from kpicli.render import remarks
from kpicli.render.cells import Cells, called
from kpicli.render.dates import write_period, write_span
from kpicli.render.numbers import NumberStyle, exactly, write_count, write_share
from kpicli.render.page.members import ranked
from kpicli.render.screen import Screen
from kpicli.render.sections import nested, sections
from kpicli.render.sparkline import sparkline
from kpicli.scorecard import Figure, Line, Scorecard, Status, Value

SIGNS: Final = Screen().signs
_LONGEST: Final = 160
"""Characters of a name: a longer one is cut, so that what a mail holds around the KPIs always finds room."""
_MOST_GOALS: Final = 30
_MOST_REMARKS: Final = 20
_AIMED: Final = (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND)


class Letterhead(Struct, frozen=True):
    """What a mail says besides its card: whose numbers they are, if one member's, and what is attached."""

    whose: str | None = None
    attached: tuple[str, ...] = ()


class Extent(Struct, frozen=True):
    """How much of a card a mail holds: so many KPIs, in the order in which they are read, and members of each."""

    kpis: int
    members: int


class Stretch(Struct, frozen=True):
    """A part of a bar: its share of the whole in percent, and what it is."""

    percent: int
    kind: str
    """`done`, `due` (the mark of what should be there by now) or `left`."""


class Shown(Struct, frozen=True):
    """One figure."""

    name: str
    value: str
    status: str
    """As a word; `sign` says the same, and so does the colour of `tone`."""
    sign: str
    tone: str
    target: str | None
    attained: str | None
    bar: tuple[Stretch, ...]
    done: int
    """How much of the bar is filled, in percent."""
    wanted: str | None = None
    """What each workday left must bring."""
    about: tuple[str, ...] = ()
    """What else is to say: what is due, the change, the trend; or why there is no figure."""


class Kpi(Struct, frozen=True):
    """A KPI with its members."""

    shown: Shown
    by: str | None
    members: tuple[Shown, ...]
    more: str | None
    """How many members were left out."""


class Section(Struct, frozen=True):
    """The leading or the lagging KPIs."""

    title: str
    meaning: str
    kpis: tuple[Kpi, ...]


class Goal(Struct, frozen=True):
    name: str
    about: str
    depth: int


class Letter(Struct, frozen=True):
    """All that a mail says."""

    book: str
    title: str
    whose: str | None
    period: str
    progress: str
    narrowed: tuple[str, ...]
    fresh: tuple[tuple[str, bool], ...]
    tally: tuple[tuple[str, str, str], ...]
    """Sign, words and tone of each status that a KPI has."""
    sections: tuple[Section, ...]
    goals: tuple[Goal, ...]
    remarks: tuple[tuple[str, tuple[str, ...]], ...]
    """Lists of sentences, each with its title."""
    left_out: str | None
    attached: str | None


def letter(card: Scorecard, head: Letterhead, extent: Extent) -> Letter:
    """What a mail says of a card."""
    chosen = list(_sections(card, extent))
    kept = sum(len(section.kpis) for section in chosen)
    scorecard = card.title or card.scorecard
    return Letter(
        book=_clipped(card.book),
        title=_clipped(scorecard or card.book),
        whose=None if head.whose is None else _clipped(head.whose),
        period=write_period(card.period),
        progress=remarks.progress(card),
        narrowed=() if head.whose is not None else tuple(_clipped(each) for each in remarks.narrowings(card)),
        fresh=tuple((_clipped(text), warns) for text, warns in remarks.freshness(card)),
        tally=tuple(_tally(card)),
        sections=tuple(chosen),
        goals=tuple(_goals(card))[:_MOST_GOALS],
        remarks=tuple(_remarks(card)),
        left_out=_left_out(card, kept, extent, head),
        attached=f"Attached: {', '.join(_ATTACHED.get(kind, kind) for kind in head.attached)}."
        if head.attached
        else None,
    )


_ATTACHED: Final = {"html": "the whole as a page", "csv": "the figures as CSV", "xlsx": "the figures as a workbook"}


def _clipped(text: str) -> str:
    cleaned = clean(text[: _LONGEST + 1])  # a text may be endless
    return cleaned if len(cleaned) <= _LONGEST else f"{cleaned[: _LONGEST - 1]}…"


# ---- figures


def _sections(card: Scorecard, extent: Extent) -> Iterator[Section]:
    left = extent.kpis
    for role, lines in sections(card):
        kpis = tuple(_kpi(card, line, extent.members) for line in lines[:left])
        left -= len(kpis)
        if kpis:
            yield Section(f"{role.capitalize()} KPIs", _MEANING[role], kpis)


_MEANING: Final = {"leading": "what can still be acted on", "lagging": "how it went"}


def _kpi(card: Scorecard, line: Line, members: int) -> Kpi:
    """A KPI with as many of its members."""
    style = NumberStyle(line.unit, line.decimals, card.currency)
    over = "" if _is_of_period(card, line) else f", {write_span(line.window)}"
    groups = ranked(line)[:members]
    more = len(line.groups) - len(groups)
    figure = _shown(f"{_clipped(line.name)}{over}", line, line.figure, style)
    return Kpi(
        replace(figure, wanted=_wanted(line.figure, style), about=tuple(_about(line, line.figure, style))),
        _clipped(card.by) if card.by is not None else None,
        tuple(_shown(_clipped(group.label), line, group.figure, style) for group in groups),
        f"and {write_count(more)} more" if more and groups else None,
    )


def _is_of_period(card: Scorecard, line: Line) -> bool:
    return (line.window.start, line.window.end) == (card.period.start, card.period.end)


def _shown(name: str, line: Line, figure: Figure, style: NumberStyle) -> Shown:
    cells = Cells.of(figure, style)
    return Shown(
        name=name,
        value=SIGNS.absent if cells.value is None else _clipped(cells.value),
        status=_word(figure.status),
        sign=SIGNS.status[figure.status],
        tone=figure.status.value if figure.status in _AIMED else "none",
        target=cells.target,
        attained=cells.attainment,
        bar=tuple(_bar(figure, line.better)),
        done=_done(figure),
    )


def _word(status: Status) -> str:
    return status.value.replace("_", " ")


def _done(figure: Figure) -> int:
    return 0 if figure.attainment is None else max(0, min(100, int(exactly(figure.attainment) * 100)))


def _bar(figure: Figure, better: str) -> Iterator[Stretch]:
    """How much of the target is attained, with a mark where it should be by now; lengths add up to 100."""
    if figure.attainment is None:
        return
    done = _done(figure)
    due = _due(figure, better)
    if due is None:
        yield from (each for each in (Stretch(done, "done"), Stretch(100 - done, "left")) if each.percent)
        return
    at = max(0, min(99, int(due * 100)))
    stretches = (
        Stretch(min(done, at), "done"),
        Stretch(max(0, at - done), "left"),
        Stretch(1, "due"),
        Stretch(max(0, done - at - 1), "done"),
        Stretch(99 - at - max(0, done - at - 1), "left"),
    )
    yield from (each for each in stretches if each.percent)


def _due(figure: Figure, better: str) -> Fraction | None:
    """What share of the target is expected by now, where it is a part of it."""
    if better != "higher" or figure.target is None or figure.expected is None:
        return None
    target, expected = exactly(figure.target), exactly(figure.expected)
    return expected / target if 0 < expected < target else None


def _wanted(figure: Figure, style: NumberStyle) -> str | None:
    needed = figure.needed_per_workday
    return None if needed is None or exactly(needed) <= 0 else f"{style.write(needed)} per workday still needed"


def _about(line: Line, figure: Figure, style: NumberStyle) -> Iterator[str]:
    if figure.value is None and figure.reason is not None:
        yield _clipped(f"no figure: {figure.reason}")
    if figure.target is None and figure.target_reason is not None:
        yield _clipped(f"no target: {figure.target_reason}")
    if _due(figure, line.better) is not None and figure.expected is not None and figure.pace is not None:
        yield f"{style.write(figure.expected)} due by now, {write_share(figure.pace)} of it reached"
    if line.contribution is not None and line.company_target is not None:
        yield f"{write_share(line.contribution)} of the company's target, {style.write(line.company_target)}"
    if figure.change is not None:
        yield _change(line, figure, style)
    trend = sparkline(line.trend, SIGNS.levels, SIGNS.gap)
    if trend:
        yield f"{clean(line.trend[0].period)} {trend} {clean(line.trend[-1].period)}"


def _change(line: Line, figure: Figure, style: NumberStyle) -> str:
    assert figure.change is not None
    written = style.write_change(figure.change)
    before = "" if figure.prior is None else f" ({_written(called(figure.prior, figure.prior_label), style)})"
    if not written.startswith(("+", "-")):
        return f"{SIGNS.flat} as before{before}"
    rises = figure.change > 0
    better = rises is (line.better == "higher")
    arrow = (SIGNS.up if rises else SIGNS.down)[0 if better else 1]
    return f"{arrow} {written}, {'better' if better else 'worse'} than before{before}"


def _written(value: Value, style: NumberStyle) -> str:
    return _clipped(value) if isinstance(value, str) else SIGNS.absent if value is None else style.write(value)


# ---- around the figures


def _tally(card: Scorecard) -> Iterator[tuple[str, str, str]]:
    statuses = [line.figure.status for line in card.lines]
    for status in _AIMED:
        count = statuses.count(status)
        if count:
            yield SIGNS.status[status], f"{write_count(count)} {_word(status)}", status.value


def _goals(card: Scorecard) -> Iterator[Goal]:
    for goal, depth in nested(card.goals):
        facts = (goal.level, goal.when, remarks.on_track(goal, card))
        yield Goal(_clipped(goal.name), f" {SIGNS.separator} ".join(_clipped(each) for each in facts if each), depth)


def _remarks(card: Scorecard) -> Iterator[tuple[str, tuple[str, ...]]]:
    days = [f"{names}: {span}" for span, names in remarks.other_days(card)]
    if days:
        yield "Other days", tuple(map(_clipped, days[:_MOST_REMARKS]))


def _left_out(card: Scorecard, kept: int, extent: Extent, head: Letterhead) -> str | None:
    """What found no room, in a sentence."""
    parts: list[str] = []
    lines = [line for _, those in sections(card) for line in those]
    missing = len(lines) - kept
    if missing:
        parts.append(f"{write_count(missing)} of {write_count(len(lines))} KPIs")
    if any(len(line.groups) > extent.members for line in lines[:kept]):
        most = max(len(line.groups) for line in lines[:kept])
        those = (
            "the members"
            if not extent.members
            else f"all but {write_count(extent.members)} of up to {write_count(most)} members"
        )
        parts.append(f"{those} of each KPI" if len(lines) > 1 else those)
    if not parts:
        return None
    where = " The attached files have them." if head.attached else ""
    return f"Left out, because mail programs cut long messages: {' and '.join(parts)}.{where}"


def names(parts: Sequence[str]) -> str:
    """Parts of a line with what stands between them."""
    return f" {SIGNS.separator} ".join(parts)
