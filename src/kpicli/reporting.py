"""A report from end to end: what is asked, the plan, the engine's answer, the scorecard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpicli.asking import Request, Selection, first_days, resolved_members, select
from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.contexts import NOTHING_BEFORE, Context
from kpicli.errors import KpiError, Mistakes, Trouble
from kpicli.formula.check import deep_chains
from kpicli.formula.typed import KpiReference, TargetReference
from kpicli.periods import Period, parse_period
from kpicli.periods.days import moved_by_days
from kpicli.plan.build import plan_report
from kpicli.plan.nodes import Answer, Engine, Sieve
from kpicli.plan.requests import Collector
from kpicli.score.contributions import company_goal, of_company, upwards
from kpicli.score.evaluate import Evaluation
from kpicli.score.figures import Figures
from kpicli.score.lines import Asked, last_of, line
from kpicli.score.members import Roster, roster, roster_aggregation
from kpicli.scorecard import GoalLine, Line, ReportPeriod, Scorecard, TableData

if TYPE_CHECKING:
    from kpicli.book.load import Loaded
    from kpicli.checked import Check
    from kpicli.explained import Explanation

__all__ = ["Request", "Rows", "check", "check_data", "explain", "keeping_engine", "report"]


def report(loaded: Loaded, request: Request, engine: Engine | None = None, *, cache: bool = True) -> Scorecard:
    """The scorecard that is asked for. Raises KpiError for a request, a book or data that can't be reported on.

    `cache` keeps answers and typed copies of large exports for later runs.
    """
    with deep_chains():
        return _reported(loaded, request, engine or (_remembering(loaded) if cache else _polars(loaded, cache=False)))


def explain(
    loaded: Loaded, request: Request, rows: Rows | None = None, engine: Engine | None = None, *, cache: bool = True
) -> Explanation:
    """Why the figure of the one KPI that is asked for is what it is: the report with it alone, watched at its work.

    Raises KpiError like a report, and for rows of an aggregate that isn't there.
    """
    from kpicli.explaining.aggregates import Numbered  # noqa: PLC0415 -- a report does without
    from kpicli.explaining.explain import Looking, explanation  # noqa: PLC0415 -- likewise

    with deep_chains():
        engine = engine or _polars(loaded, cache=cache)
        collected = _collected(loaded, request, engine)
        (asked,) = collected.asked
        numbered = Numbered.of(collected.collector, asked, left_out=rows is not None and rows.left_out)
        listed = None if rows is None else numbered.chosen(rows.which)
        looking = Looking(numbered, listed, None if rows is None else rows.first)
        evaluated = _evaluated(loaded, request, collected, engine, looking.sieves)
        card = _scorecard(loaded.book, request, evaluated)
        return explanation(card, evaluated.work, asked, looking, evaluated.answer.sifted)


class Rows(Struct, frozen=True):
    """Which aggregate's rows are asked for, by its number or its text, and how many of them; None: all.

    `left_out` asks for those that it doesn't count; `first` then is how many for each reason.
    """

    which: str
    first: int | None = None
    left_out: bool = False


class _Collected(Struct, frozen=True):
    """A report before any figure is there: what is asked, of whom, and all that it reads."""

    selection: Selection
    only: Mapping[str, frozenset[str]]
    asked: tuple[Asked, ...]
    collector: Collector


class _Evaluated(Struct, frozen=True):
    """A report up to its arithmetic: what is asked, what the engine said, and what works figures out of it."""

    collected: _Collected
    answer: Answer
    known: Mapping[str, Roster]
    work: Evaluation


def _reported(loaded: Loaded, request: Request, engine: Engine) -> Scorecard:
    collected = _collected(loaded, request, engine)
    return _scorecard(loaded.book, request, _evaluated(loaded, request, collected, engine))


def _collected(loaded: Loaded, request: Request, engine: Engine) -> _Collected:
    book, formulas = loaded.book, loaded.formulas
    selection = select(book, request)
    only = resolved_members(book, formulas, request, engine)
    asked = _asked(book, formulas, request, selection, engine)
    if only:
        asked = tuple(replace(one, contributes_to=company_goal(book, formulas, one.name)) for one in asked)
    collector = Collector(book, formulas, only)
    for one in asked:
        _collect(collector, one, selection.by)
    return _Collected(selection, only, asked, collector)


def _evaluated(
    loaded: Loaded, request: Request, collected: _Collected, engine: Engine, sieves: Sequence[Sieve] = ()
) -> _Evaluated:
    """`sieves` are what else the engine is asked, in the same run."""
    book, formulas = loaded.book, loaded.formulas
    by, collector = collected.selection.by, collected.collector
    named = dict.fromkeys([*collected.only, *([by] if by else []), *collector.reduced])
    listed = [name for name in named if formulas.dimensions[name].members is not None]
    rosters = [roster_aggregation(book, formulas, name) for name in listed]
    extra = [aggregation for aggregation, _ in rosters]
    planned = plan_report(book, formulas, request.as_of, collector.requests, extra, sieves)
    answer = engine.run(planned.plan)
    if request.strict:
        _refuse_notes(answer.data)
    figures = Figures.of(answer, planned.places)
    known = _rosters(listed, [others for _, others in rosters], answer)
    return _Evaluated(collected, answer, known, Evaluation(collector, request.as_of, figures, known))


def _scorecard(book: Book, request: Request, evaluated: _Evaluated) -> Scorecard:
    collected, known = evaluated.collected, evaluated.known
    selection, only = collected.selection, collected.only
    lines = tuple(line(evaluated.work, one, selection.by) for one in collected.asked)
    return Scorecard(
        book=book.name,
        currency=book.currency,
        scorecard=request.scorecard,
        as_of=request.as_of,
        period=_report_period(book, selection, collected.asked),
        by=selection.by,
        only=tuple((name, tuple(sorted(members))) for name, members in only.items()),
        lines=lines,
        goals=tuple(_goals(book, lines)),
        data=tuple(_as_told(table, narrowed=bool(only)) for table in evaluated.answer.data),
        stages=tuple(book.pipeline),
        only_labels=tuple((name, _labels(members, known.get(name))) for name, members in only.items()),
        title=book.scorecards[request.scorecard].name if request.scorecard is not None else None,
        passing=tuple(
            (stage, kpi) for stage, kpi in book.pipeline.items() if kpi is not None and kpi in selection.kpis
        ),
    )


def check(loaded: Loaded, as_of: date, engine: Engine | None = None, *, cache: bool = True) -> Check:
    """Reads every table of the book whole, and says what is odd about the data, table by table.

    Raises KpiError only for what is no single table's trouble.
    """
    from kpicli.checking.check import check as check_everything  # noqa: PLC0415 -- a report needs none of it

    with deep_chains():
        return check_everything(loaded, as_of, engine or _polars(loaded, cache=cache))


def check_data(
    loaded: Loaded, as_of: date, engine: Engine | None = None, *, cache: bool = True
) -> tuple[TableData, ...]:
    """What a report would note about each table of the book, read whole; raises what is wrong with any of them."""
    from kpicli.checking.check import everything_asked  # noqa: PLC0415 -- a report needs none of it
    from kpicli.plan.everything import plan_everything  # noqa: PLC0415 -- likewise

    book, formulas = loaded.book, loaded.formulas
    with deep_chains():
        planned = plan_everything(book, formulas, as_of, everything_asked(book, formulas, as_of).requests)
        return (engine or _polars(loaded, cache=cache)).run(planned.plan).data


def keeping_engine(loaded: Loaded, *, cache: bool = True) -> Engine:
    """An engine for many reports of one run: it reads once what those need that differ only in whom they are about."""
    from kpicli.engine.polars import KeepingEngine  # noqa: PLC0415 -- loaded only where something runs

    engine = KeepingEngine.with_copies if cache else KeepingEngine
    return engine(loaded.book, loaded.folder)


def _polars(loaded: Loaded, *, cache: bool) -> Engine:
    from kpicli.engine.polars import PolarsEngine  # noqa: PLC0415 -- loaded only where something runs

    engine = PolarsEngine.with_copies if cache else PolarsEngine
    return engine(loaded.book, loaded.folder)


def _remembering(loaded: Loaded) -> Engine:
    from kpicli.engine.answers import RememberingEngine, users_answers  # noqa: PLC0415 -- likewise

    try:
        answers = users_answers()
    except OSError:
        return _polars(loaded, cache=False)
    return RememberingEngine(loaded.book, loaded.folder, answers, lambda: _polars(loaded, cache=True))


def _asked(book: Book, formulas: Formulas, request: Request, selection: Selection, engine: Engine) -> tuple[Asked, ...]:
    """Each KPI with the contexts in which it is reported."""
    if selection.period is None:
        return _asked_all_time(book, formulas, request, selection, engine)
    period = parse_period(selection.period, book.calendar, request.as_of)
    now, before = Context(period), Context(period.previous(), shifted=True)
    trend: list[Context] = []
    if selection.trend:
        trend = [Context(period.earlier(n), shifted=True) for n in range(selection.trend - 1, 0, -1)]
        trend.append(now)
    return tuple(Asked(*_references(formulas, name), now, before, tuple(trend)) for name in selection.kpis)


def _asked_all_time(
    book: Book, formulas: Formulas, request: Request, selection: Selection, engine: Engine
) -> tuple[Asked, ...]:
    """Each KPI from the first dated row of the tables that it reads to the as-of day."""
    starts = first_days(book, formulas, request.as_of, selection.kpis, engine)
    asked = []
    for name in selection.kpis:
        end = moved_by_days(request.as_of, 1)
        period = Period(min(starts.get(name, request.as_of), request.as_of), end, end, None)
        asked.append(Asked(*_references(formulas, name), Context(period, all_time=True), NOTHING_BEFORE, ()))
    return tuple(asked)


def _references(formulas: Formulas, name: str) -> tuple[KpiReference, TargetReference]:
    return KpiReference(name, formulas.kpis[name].figure.type), TargetReference(name)


def _collect(collector: Collector, asked: Asked, by: str | None) -> None:
    """Notes everything that a KPI's line reads."""
    prior = [asked.prior] if isinstance(asked.prior, Context) else []
    for context in (asked.context, *asked.trend, *prior):
        collector.collect(asked.reference, context)
    collector.collect(asked.target, asked.context)
    if asked.contributes_to is not None:
        collector.collect(asked.target, of_company(asked.context))
    if by is not None:
        for context in (asked.context, *prior):
            collector.collect(asked.reference, context.by(by))
        collector.collect(asked.target, asked.context.by(by))


def _rosters(names: Sequence[str], others: Sequence[tuple[str, ...]], answer: Answer) -> Mapping[str, Roster]:
    """The rosters from the first aggregations of the answer."""
    return {
        name: roster(answer.cells[index], belongs)
        for index, (name, belongs) in enumerate(zip(names, others, strict=True))
    }


def _labels(members: frozenset[str], known: Roster | None) -> tuple[str, ...]:
    return tuple(sorted(members if known is None else map(known.label, members)))


def _report_period(book: Book, selection: Selection, asked: Sequence[Asked]) -> ReportPeriod:
    periods = [one.context.period for one in asked]
    period = replace(periods[0], start=min(period.start for period in periods))
    return ReportPeriod(
        label="all" if selection.period is None else period.label(book.calendar),
        grain=period.grain.value if period.grain is not None else None,
        start=period.start,
        end=last_of(period),
        running=period.running,
        elapsed=float(period.elapsed_share(book.calendar)),
    )


def _goals(book: Book, lines: Sequence[Line]) -> Iterator[GoalLine]:
    """The goals that the report's KPIs serve, and those by way of which they contribute, in the book's order."""
    contributing = {goal for line in lines if line.contributes_to is not None for goal in upwards(book, line.goal)}
    for key, goal in book.goals.items():
        serving = tuple(line.id for line in lines if line.goal == key)
        if serving or key in contributing:
            yield GoalLine(
                key,
                goal.name or key,
                serving,
                goal.level.value,
                goal.parent,
                when=goal.when,
                who=goal.who,
                what=goal.what,
                where=goal.where,
                why=goal.why,
                how=goal.how,
            )


def _as_told(table: TableData, *, narrowed: bool) -> TableData:
    """A table without the notes that only `kpi check` has: they say nothing about a figure.

    Tables are read whole, so that the cells of a note may be anybody's: a narrowed report doesn't show them.
    """
    told = [note for note in table.notes if note.code != "duplicate-header"]
    if narrowed:
        told = [replace(note, examples=tuple(replace(each, value=None) for each in note.examples)) for note in told]
    return replace(table, notes=tuple(told))


def _refuse_notes(data: Sequence[TableData]) -> None:
    """`--strict`: every note about something wrong is an error."""
    errors = []
    for table in data:
        for note in (each for each in table.notes if each.matters):
            column = f".{note.column}" if note.column else ""
            shown = "; ".join(
                f"row {example.row}" + (f": {example.value}" if example.value is not None else "")
                for example in note.examples
            )
            rows = "row" if note.rows == 1 else "rows"
            lead = "" if note.parent is None else f" without a row of {note.parent}"
            errors.append(
                KpiError(
                    note.code,
                    f"{table.table}{column}: {note.rows} {rows}{lead}" + (f" ({shown})" if shown else ""),
                    help="mend the export or the declaration, or run without --strict",
                    trouble=Trouble.DATA,
                )
            )
    if errors:
        raise Mistakes(errors)
