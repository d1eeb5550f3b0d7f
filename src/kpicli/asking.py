"""What a report is asked for, resolved against the book and, for members, against the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from kpicli.book.formulas import Formulas
from kpicli.book.model import LONGEST_TREND, Book, KpiStatus, ScorecardSpec
from kpicli.contexts import Context, Ever
from kpicli.errors import KpiError, MemberError, Trouble, did_you_mean, near_or_known
from kpicli.formula.typed import Field, KpiReference, Measure, TargetReference
from kpicli.periods import Period
from kpicli.periods.days import moved_by_days
from kpicli.plan.build import finish
from kpicli.plan.nodes import Aggregation, Ask, Engine, Undated
from kpicli.plan.requests import Collector, member_value
from kpicli.score.members import Roster, roster, roster_aggregation


class Request(Struct, frozen=True):
    """What a report is asked for; what is None comes from the scorecard, or its default."""

    as_of: date
    scorecard: str | None = None
    period: str | None = None
    by: str | None = None
    only: tuple[tuple[str, str], ...] = ()
    kpis: tuple[str, ...] = ()
    strict: bool = False
    trend: int | None = None
    keys: tuple[tuple[str, str], ...] = ()
    """Dimensions narrowed to a member that is known by its key; beside `only`, which takes labels too."""


class Selection(Struct, frozen=True):
    """The KPIs of a report in their order, its period's text (None: all time), its split and its trend."""

    kpis: tuple[str, ...]
    period: str | None
    by: str | None
    trend: int


def _usage(code: str, message: str, help_: str | None) -> KpiError:
    return KpiError(code, message, help=help_, trouble=Trouble.USAGE)


def select(book: Book, request: Request) -> Selection:
    """The selection of a request; an unknown name is a usage error."""
    spec = _scorecard(book, request)
    for name in request.kpis:
        if name not in book.kpis:
            raise _usage("unknown-kpi", f"there is no KPI '{name}'", _meant_kpi(book, name))
    by = request.by if request.by is not None else (spec.by if spec is not None else None)
    if by is not None:
        _dimension(book, by)
    for name, _ in (*request.only, *request.keys):
        _dimension(book, name)
    kpis = request.kpis or (spec.kpis if spec is not None else _active(book))
    declared = spec.period if spec is not None else None
    period = request.period if request.period is not None else declared or "this month"
    whole = period.strip().lower() == "all"
    trend = _trend(request, spec)
    return Selection(tuple(dict.fromkeys(kpis)), None if whole else period, by, 0 if whole else trend)


def _trend(request: Request, spec: ScorecardSpec | None) -> int:
    if request.trend is None:
        return 0 if spec is None else spec.trend
    if not 0 <= request.trend <= LONGEST_TREND:
        message = f"a trend of {request.trend} periods can't be shown"
        raise _usage("bad-trend", message, f"give a number from 0 to {LONGEST_TREND}; this period counts as one")
    return request.trend


def _meant_kpi(book: Book, name: str) -> str | None:
    several = [part.strip() for part in name.split(",")]
    if len(several) > 1 and all(part in book.kpis for part in several):
        return "write " + " ".join(f"--kpi {part}" for part in several)
    return near_or_known(name, book.kpis, {key: kpi.name for key, kpi in book.kpis.items()})


def _scorecard(book: Book, request: Request) -> ScorecardSpec | None:
    name = request.scorecard
    if name is None:
        return None
    if name not in book.scorecards:
        raise _usage("unknown-scorecard", f"there is no scorecard '{name}'", _meant_scorecard(book, request, name))
    return book.scorecards[name]


def _meant_scorecard(book: Book, request: Request, name: str) -> str:
    """What stands in the place of a scorecard may be the rest of an option's value that had no quotes around it."""
    quotes = "quotes hold together what has blanks: write"
    if name in book.kpis:
        return f"'{name}' is a KPI: write `--kpi {name}`"
    if request.period is not None and request.period.lower() in ("this", "last", "next"):
        return f'{quotes} --period "{request.period} {name}"'
    near = near_or_known(name, book.scorecards, {key: each.name for key, each in book.scorecards.items()})
    if request.only and not (near or "").startswith("did you mean"):
        dimension, member = request.only[-1]
        return f'{quotes} --only "{dimension}={member} {name}"'
    return near or "declare it under `scorecards`, or leave it out for all active KPIs"


def _active(book: Book) -> tuple[str, ...]:
    active = tuple(name for name, kpi in book.kpis.items() if kpi.status is KpiStatus.ACTIVE)
    if not active:
        raise _usage("no-kpi", "the book has no active KPI", "give one `status: active`, or name one with --kpi")
    return active


def _dimension(book: Book, name: str) -> None:
    if name not in book.dimensions:
        help_ = near_or_known(name, book.dimensions) or "declare it under `dimensions`, for example `owner: owner`"
        raise _usage("unknown-dimension", f"there is no dimension '{name}'", help_)


# ---- members


def resolved_members(book: Book, formulas: Formulas, request: Request, engine: Engine) -> dict[str, frozenset[str]]:
    """`--only` as members by dimension: one repeated is "or". Keys and labels are both taken."""
    known_by_key = {name: frozenset({key}) for name, key in request.keys}
    wanted: dict[str, list[str]] = {}
    for name, member in request.only:
        wanted.setdefault(name, []).append(member)
    return known_by_key if not wanted else _resolved(book, formulas, request.as_of, wanted, engine) | known_by_key


def _resolved(
    book: Book, formulas: Formulas, as_of: date, wanted: dict[str, list[str]], engine: Engine
) -> dict[str, frozenset[str]]:
    aggregations, slices = _looks(book, formulas, list(wanted))
    cells = engine.run(finish(book, formulas, as_of, aggregations)).cells
    resolved = {}
    for name, members in wanted.items():
        listing, others, tables = slices[name]
        known = roster(cells[listing], others) if listing is not None else Roster(())
        seen = {key for index in tables for (key,) in cells[index][0].get(Ever(), {}) if key is not None}
        resolved[name] = frozenset(_member(name, text, known, seen) for text in members)
    return resolved


def _looks(
    book: Book, formulas: Formulas, names: Sequence[str]
) -> tuple[list[Aggregation], dict[str, tuple[int | None, tuple[str, ...], list[int]]]]:
    """What to ask for to know the members of dimensions: their rosters, and their values in each table."""
    aggregations: list[Aggregation] = []
    slices: dict[str, tuple[int | None, tuple[str, ...], list[int]]] = {}
    for name in names:
        dimension = formulas.dimensions[name]
        listing: int | None = None
        others: tuple[str, ...] = ()
        if dimension.members is not None:
            listing = len(aggregations)
            aggregation, others = roster_aggregation(book, formulas, name)
            aggregations.append(aggregation)
        first = len(aggregations)
        for table in dimension.fields:
            by = (member_value(dimension, table),)
            aggregations.append(Aggregation(table, Undated(), by, None, (Ask("count", None, None, None, (Ever(),)),)))
        slices[name] = (listing, others, list(range(first, len(aggregations))))
    return aggregations, slices


def _member(dimension: str, text: str, known: Roster, seen: set[str]) -> str:
    keys = {text} & (known.rows.keys() | seen)
    keys |= {key for key, row in known.rows.items() if text in (row.label, known.label(key), row.with_key)}
    if len(keys) == 1:
        return keys.pop()
    if keys:
        listed = ", ".join(sorted(known.rows[key].with_key if key in known.rows else key for key in keys))
        message = f"'{text}' is more than one {dimension}"
        raise MemberError(dimension, "ambiguous-member", message, f"write the key: {listed}")
    labels = [row.label for row in known.rows.values()]
    help_ = _nearest_member(dimension, text, sorted({*labels, *(seen - known.rows.keys())}))
    raise MemberError(dimension, "unknown-member", f"there is no {dimension} '{text}'", help_)


def _nearest_member(dimension: str, text: str, members: Sequence[str]) -> str:
    holding = [member for member in members if text.lower() in member.lower()]
    if len(holding) == 1:
        return f"did you mean '{holding[0]}'?"
    if 1 < len(holding) <= _SHOWN:
        return "did you mean one of: " + ", ".join(holding)
    return did_you_mean(text, members) or f"`--by {dimension}` shows them all"


_SHOWN = 12


# ---- all time


def first_days(book: Book, formulas: Formulas, as_of: date, names: Sequence[str], engine: Engine) -> dict[str, date]:
    """The first dated row of the tables that each KPI reads, by the dates that it reads them by.

    A row that holds for its whole month begins with the month.
    """
    day = moved_by_days(as_of, 1)
    context = Context(Period(as_of, day, day, None), all_time=True)
    collector = Collector(book, formulas, {})
    read: dict[str, list[tuple[str, Field]]] = {}
    for name in names:
        reference = KpiReference(name, formulas.kpis[name].figure.type)
        target = TargetReference(name)
        measures = [*collector.measures(reference, context), *collector.measures(target, context)]
        read[name] = [dated for measure, _ in measures if (dated := _dated_by(formulas, measure)) is not None]
    wanted = list(dict.fromkeys(dated for pairs in read.values() for dated in pairs))
    aggregations = [
        Aggregation(table, Undated(), (), None, (Ask("min", field, None, None, (Ever(),)),)) for table, field in wanted
    ]
    if not aggregations:
        return {}
    cells = engine.run(finish(book, formulas, as_of, aggregations)).cells
    first: dict[tuple[str, Field], date] = {}
    for pair, (found,) in zip(wanted, cells, strict=True):
        cell = found.get(Ever(), {}).get(())
        if cell is not None and isinstance(cell.value, date):
            first[pair] = cell.value if book.tables[pair[0]].covers is None else cell.value.replace(day=1)
    return {
        name: min(first[pair] for pair in pairs if pair in first)
        for name, pairs in read.items()
        if any(pair in first for pair in pairs)
    }


def _dated_by(formulas: Formulas, measure: Measure) -> tuple[str, Field] | None:
    """The table and the date by which a measure takes its rows."""
    if measure.at is not None:
        lifespan = formulas.tables[measure.table].lifespan
        assert lifespan is not None
        return measure.table, lifespan[0]
    return None if measure.on is None else (measure.table, measure.on)
