"""The plan of a check: every table with all its columns, fields and lookups, what KPIs ask of them, and searches.

Tables that can't be read, and lookups to tables in which a key stands twice, are left out with all that reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.formulas import DimensionFormulas, Formulas
from kpicli.book.model import Book
from kpicli.formula.typed import Row
from kpicli.plan.build import aggregations_of, prepared
from kpicli.plan.nodes import NotIn, Plan, Search
from kpicli.plan.requests import Requests
from kpicli.plan.steps import Needs


class Unusable(Struct, frozen=True):
    """Tables that can't be read, and those that can't be looked up: a key stands twice in them."""

    unread: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    sparse: frozenset[str] = frozenset()
    """Tables that lack columns, perhaps such as only searches read: they are searched by what else is read of them."""


ALL_USABLE = Unusable()


class CheckPlan(Struct, frozen=True):
    """A plan, and which of the searches are in it, by their places in what was asked for."""

    plan: Plan
    places: tuple[int, ...]


def plan_everything(  # noqa: PLR0913, PLR0917 -- the book, its formulas, what is asked of them, and what can't be
    book: Book,
    formulas: Formulas,
    as_of: date,
    requests: Requests,
    searches: Sequence[Search] = (),
    unusable: Unusable = ALL_USABLE,
) -> CheckPlan:
    """The plan of a check."""
    work = _Work(book, formulas, unusable)
    work.leave_out_dates()
    needs = Needs(book, work.formulas)
    for use in _uses(book, formulas):
        if work.can(use):
            use(needs)
    asked, _ = aggregations_of(formulas, requests, ())
    aggregations = [one for one in asked if work.can(lambda needs, one=one: prepared(needs, one))]  # type: ignore[misc]  # mypy gives a lambda's default no type
    ready = tuple(prepared(needs, one) for one in aggregations)
    read = {table: needs.columns(table) for table in unusable.sparse}
    places = [
        at
        for at, search in enumerate(searches)
        if work.can(lambda needs, one=search: _searched(needs, one), read)  # type: ignore[misc]  # likewise
    ]
    wanted = tuple(_searched(needs, searches[at]) for at in places)
    scans = tuple(replace(scan, unique=scan.table not in unusable.ambiguous) for scan in needs.scans())
    return CheckPlan(Plan(as_of, scans, needs.steps(), ready, wanted), tuple(places))


Use = Callable[[Needs], object]


def _uses(book: Book, formulas: Formulas) -> Iterator[Use]:
    """Every column, field and lookup of the book, as what it needs, and what its dimensions read.

    What only a preset declares may be missing from a file, and is no mistake while nothing reads it.
    """
    for name, table in book.tables.items():
        own = formulas.tables[name]
        yield lambda needs, name=name: needs.table(name)  # type: ignore[misc]  # mypy gives a lambda's default no type
        for column in (*table.column_types(), *table.fields):
            if column not in own.brought:
                yield lambda needs, name=name, column=column: needs.column(name, column)  # type: ignore[misc]  # likewise
        for lookup in table.lookups:
            if lookup not in own.brought_lookups:
                yield lambda needs, name=name, lookup=lookup: needs.lookup(name, lookup)  # type: ignore[misc]  # likewise
    for name, dimension in formulas.dimensions.items():
        yield from _uses_of(dimension, each_table=not isinstance(book.dimensions[name].field, str))


def _uses_of(dimension: DimensionFormulas, *, each_table: bool) -> Iterator[Use]:
    """What a dimension reads: of its members, and of the tables for which the book names a path itself."""
    if (members := dimension.members) is not None:
        for row in (members.key, members.where, members.label):
            if row is not None:
                yield lambda needs, table=members.table, row=row: needs.row(table, row)  # type: ignore[misc]  # likewise
    for table, path in dimension.fields.items() if each_table else ():
        yield lambda needs, table=table, path=path: needs.field(table, path)  # type: ignore[misc]  # likewise


class _Work(Struct):
    book: Book
    formulas: Formulas
    unusable: Unusable

    def can(self, use: Use, read: Mapping[str, frozenset[str]] | None = None) -> bool:
        """Whether something needs no table that can't be used, and of those in `read` only these columns."""
        if self.unusable == Unusable():
            return True
        needs = Needs(self.book, self.formulas)
        use(needs)
        if needs.tables() & self.unusable.unread or needs.looked_up() & self.unusable.ambiguous:
            return False
        return all(needs.columns(table) <= columns for table, columns in (read or {}).items())

    def leave_out_dates(self) -> None:
        """Takes tables for undated whose date is a field that reads what can't be used."""
        for name, table in self.formulas.tables.items():
            if table.date is not None and not self.can(lambda needs, name=name, day=table.date: needs.field(name, day)):  # type: ignore[misc]  # mypy gives a lambda's default no type
                self.formulas = replace(self.formulas, tables={**self.formulas.tables, name: replace(table, date=None)})


def _searched(needs: Needs, search: Search) -> Search:
    """The search with its row expressions free of roll-ups, all that they read noted."""
    other = search.not_in
    needs.table(search.table)

    def ready(table: str, rows: Iterable[Row]) -> tuple[Row, ...]:
        return tuple(needs.row(table, row) for row in rows)

    return replace(
        search,
        where=None if search.where is None else needs.row(search.table, search.where),
        shows=ready(search.table, search.shows),
        not_in=None
        if other is None
        else NotIn(
            ready(search.table, other.values),
            other.table,
            ready(other.table, other.keys),
            None if other.where is None else needs.row(other.table, other.where),
            other.every,
        ),
    )
