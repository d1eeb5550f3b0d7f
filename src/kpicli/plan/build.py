"""Builds the plan: requests become aggregations, and what these read becomes scans and steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.formula.typed import Literal, Measure, Row, RowOperation, Type
from kpicli.plan.nodes import Aggregation, Ask, Dating, OnDate, Plan, Replay, Sieve, Undated
from kpicli.plan.requests import Grouping, Requests, is_in, member_value
from kpicli.plan.steps import Needs


class Planned(Struct, frozen=True):
    """A plan, and where in its answer each grouping is."""

    plan: Plan
    places: Mapping[Grouping, tuple[int, int]]


def plan_report(  # noqa: PLR0913, PLR0917 -- the book, its formulas, and what is asked of them
    book: Book,
    formulas: Formulas,
    as_of: date,
    requests: Requests,
    extra: Iterable[Aggregation] = (),
    sieves: Sequence[Sieve] = (),
) -> Planned:
    """The plan of a report. `extra` aggregations (members, first days) come first in the answer, in their order."""
    aggregations, places = aggregations_of(formulas, requests, extra)
    return Planned(_finished(Needs(book, formulas), as_of, aggregations, sieves), places)


def aggregations_of(
    formulas: Formulas, requests: Requests, extra: Iterable[Aggregation]
) -> tuple[list[Aggregation], dict[Grouping, tuple[int, int]]]:
    """The aggregations that requests come to, after the extra ones, and where each grouping is among them."""
    aggregations = list(extra)
    places: dict[Grouping, tuple[int, int]] = {}
    shared: dict[tuple[str, Dating, tuple[str, ...], bool], list[Grouping]] = defaultdict(list)
    for grouping in requests.asked:
        measure = grouping.measure
        dating = dating_of(formulas, measure)
        shared[measure.table, dating, grouping.dimensions, grouping.company].append(grouping)
    for (table, dating, dimensions, company), groupings in shared.items():
        by = tuple(member_value(formulas.dimensions[name], table) for name in dimensions)
        narrowed = None if company else narrowing(formulas, table, requests.only)
        for position, grouping in enumerate(groupings):
            places[grouping] = (len(aggregations), position)
        asks = tuple(_ask(grouping, requests) for grouping in groupings)
        aggregations.append(Aggregation(table, dating, by, narrowed, asks))
    return aggregations, places


def dating_of(formulas: Formulas, measure: Measure) -> Dating:
    """By what dates a measure takes its rows."""
    if measure.at is not None:
        lifespan = formulas.tables[measure.table].lifespan
        assert lifespan is not None
        return Replay(*lifespan)
    return Undated() if measure.on is None else OnDate(measure.on)


def narrowing(formulas: Formulas, table: str, only: Mapping[str, frozenset[str]]) -> Row | None:
    """The condition that `--only` puts on the rows of a table."""
    conditions: list[Row] = []
    for name, members in only.items():
        if is_in(formulas.dimensions[name], table):
            value = member_value(formulas.dimensions[name], table)
            options = tuple(Literal(member, Type.TEXT) for member in sorted(members))
            conditions.append(RowOperation("in", (value, *options), Type.BOOLEAN))
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else RowOperation("and", tuple(conditions), Type.BOOLEAN)


def _ask(grouping: Grouping, requests: Requests) -> Ask:
    measure = grouping.measure
    return Ask(measure.function, measure.column, measure.where, measure.argument, tuple(requests.asked[grouping]))


def finish(book: Book, formulas: Formulas, as_of: date, aggregations: Iterable[Aggregation]) -> Plan:
    """A plan of these aggregations, with the scans and steps that they need."""
    return _finished(Needs(book, formulas), as_of, aggregations)


def _finished(needs: Needs, as_of: date, aggregations: Iterable[Aggregation], sieves: Sequence[Sieve] = ()) -> Plan:
    ready = tuple(prepared(needs, aggregation) for aggregation in aggregations)
    sifting = tuple(_sieve(needs, sieve) for sieve in sieves)
    return Plan(as_of, needs.scans(), needs.steps(), ready, sieves=sifting)


def _sieve(needs: Needs, sieve: Sieve) -> Sieve:
    """The sieve with its row expressions free of roll-ups, all that they read noted."""
    table = sieve.table
    needs.table(table)
    _dated(needs, table, sieve.dating)
    if sieve.column is not None:
        needs.field(table, sieve.column)
    return replace(
        sieve,
        where=None if sieve.where is None else needs.row(table, sieve.where),
        only=None if sieve.only is None else needs.row(table, sieve.only),
        members=tuple(needs.row(table, row) for row in sieve.members),
        shows=tuple(needs.row(table, row) for row in sieve.shows),
    )


def _dated(needs: Needs, table: str, dating: Dating) -> None:
    match dating:
        case OnDate(field=field):
            needs.field(table, field)
        case Replay(since=since, until=until):
            needs.field(table, since)
            needs.field(table, until)
        case Undated():
            pass


def prepared(needs: Needs, aggregation: Aggregation) -> Aggregation:
    """The aggregation with its row expressions free of roll-ups, all that they read noted."""
    table = aggregation.table
    needs.table(table)
    _dated(needs, table, aggregation.dating)
    for ask in aggregation.asks:
        if ask.column is not None:
            needs.field(table, ask.column)
    return replace(
        aggregation,
        by=tuple(needs.row(table, row) for row in aggregation.by),
        only=None if aggregation.only is None else needs.row(table, aggregation.only),
        asks=tuple(
            replace(ask, where=None if ask.where is None else needs.row(table, ask.where)) for ask in aggregation.asks
        ),
    )
