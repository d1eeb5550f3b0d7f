"""The aggregates that an explanation tells of, numbered before anything runs: each can be asked for its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from kpicli.book.formulas import TYPES
from kpicli.book.targets import Aims, DatedAim
from kpicli.contexts import DAY, Absent, Context, Days, Ever, Reach, Scope, covered_months, looks_at
from kpicli.errors import KpiError, Source, Trouble
from kpicli.explained import BESIDE_CELLS, ShownColumn
from kpicli.explaining.fields import fields_in, kind_of, read_by
from kpicli.formula.parse import parse
from kpicli.formula.typed import Field, Measure, Row
from kpicli.plan.build import dating_of, narrowing
from kpicli.plan.nodes import Dating, OnDate, Replay, Sieve, Undated
from kpicli.plan.requests import Collector, is_in, member_value
from kpicli.score.lines import Asked


class Reading(Collector):
    """Collects like a report, but of targets only those that may hold."""

    def aimed(self, aims: Aims, context: Context) -> Iterable[Sequence[DatedAim]]:
        """The members' target that holds as far as can be told before a run, else all that may, and the company's."""
        names = {*context.scope.dimensions, *(() if context.scope.company else self.only)}
        for key, dated in aims.members.items():
            if key in context.scope.dimensions or (key in names and len(self.only[key]) == 1):
                yield dated
                if names == {key}:
                    return
        yield aims.total


Key: TypeAlias = tuple[Measure, Reach | Absent, Scope]


def reach_of(measure: Measure, context: Context) -> Reach | Absent:
    """The rows that a measure takes by their dates; no day's where the interval holds none.

    A sum that is pro-rated takes the rows of all months that it meets.
    """
    reach = looks_at(measure, context)
    if reach is None:
        return Days(context.period.start, context.period.start)
    if measure.covers and isinstance(reach, Days):
        months = [month for month, _, _ in covered_months(reach)]
        return Days(months[0].start, months[-1].end)
    return reach


class Read(Struct, frozen=True):
    """An aggregate in one interval and scope; `sieve` is None where its table can't be asked."""

    number: int
    measure: Measure
    context: Context
    sieve: Sieve | None
    columns: tuple[ShownColumn, ...]


class Numbered(Struct):
    """Every aggregate that a KPI reads, in the order in which its formula names them; those of its target last."""

    collector: Collector
    left_out: bool = False
    """The rows that are asked for are those that are left out."""
    reads: dict[Key, Read] = field(default_factory=dict)

    @classmethod
    def of(cls, collector: Collector, asked: Asked, *, left_out: bool = False) -> Numbered:
        reading = Reading(collector.book, collector.formulas, collector.only)
        found = cls(collector, left_out)
        for measure, context in (
            *reading.measures(asked.reference, asked.context),
            *reading.measures(asked.target, asked.context),
        ):
            found.add(measure, context)
        return found

    def add(self, measure: Measure, context: Context) -> None:
        key = _key(measure, context)
        if key not in self.reads:
            sieve, columns = self._sieve(measure, context, reach_of(measure, context))
            self.reads[key] = Read(len(self.reads) + 1, measure, context, sieve, columns)

    def read(self, measure: Measure, context: Context) -> Read:
        """The aggregate, by what it is and where it stands; one that wasn't foreseen has a number, and no rows."""
        key = _key(measure, context)
        if key not in self.reads:
            self.reads[key] = Read(len(self.reads) + 1, measure, context, None, ())
        return self.reads[key]

    def chosen(self, which: str) -> Read:
        """The aggregate of a number or a text. Raises KpiError (usage) where it isn't exactly one that has rows."""
        text = _canonical(which)
        reads = list(self.reads.values())
        found = [read for read in reads if text in (str(read.number), read.measure.text)]
        listed = "; ".join(f"{read.number} {_told(read)}" for read in reads)
        if not reads:
            raise _usage(f"--rows {which}: the formula has no aggregate", "leave --rows out: there are no rows to list")
        if len(found) != 1:
            trouble = "there is no such aggregate" if not found else "that is more than one aggregate"
            raise _usage(f"--rows {which}: {trouble}", f"write one of these numbers: {listed}")
        if found[0].sieve is None:
            others = "; ".join(f"{read.number} {_told(read)}" for read in reads if read.sieve is not None)
            help_ = f"write another number: {others}" if others else "explain it without --rows: it says why"
            raise _usage(f"--rows {which}: this aggregate has no rows here", help_)
        return found[0]

    def _sieve(
        self, measure: Measure, context: Context, reach: Reach | Absent
    ) -> tuple[Sieve | None, tuple[ShownColumn, ...]]:
        if isinstance(reach, Absent) or not self.collector.in_scope(measure, context):
            return None, ()
        formulas = self.collector.formulas
        table = measure.table
        scope = context.scope
        shown = dict(_shown(self.collector, measure, scope, left_out=self.left_out))
        sieve = Sieve(
            table,
            dating_of(formulas, measure),
            reach,
            measure.where,
            measure.column,
            None if scope.company else narrowing(formulas, table, self.collector.only),
            tuple(member_value(formulas.dimensions[name], table) for name in scope.dimensions),
            distinct=measure.function == "count_distinct",
            shows=tuple(shown.values()),
            left_out=self.left_out,
        )
        return sieve, tuple(shown)


def _key(measure: Measure, context: Context) -> Key:
    return measure, _interval(measure, context), context.scope


def _interval(measure: Measure, context: Context) -> Reach | Absent:
    """What tells a measure from itself elsewhere: of months that are met, how much of them is another figure."""
    reach = reach_of(measure, context)
    if measure.covers and isinstance(reach, Days):
        return Days(context.period.start, context.period.cut)
    return reach


def _shown(
    collector: Collector, measure: Measure, scope: Scope, *, left_out: bool
) -> Iterator[tuple[ShownColumn, Row]]:
    """The columns that matter of the rows of an aggregate: key, date, members, condition, value.

    Of those that are left out also what tells why: what the table's `keep` and `where` read, and what fields do.
    """
    book, formulas, table = collector.book, collector.formulas, measure.table
    members = {
        name: formulas.dimensions[name].fields[table].path
        for name in dict.fromkeys((*collector.only, *scope.dimensions))
        if is_in(formulas.dimensions[name], table)
    }
    dates = dates_of(dating_of(formulas, measure))
    taken = {*members, *BESIDE_CELLS}
    # A column that members go by is shown with their labels, once; a date is shown as a date.
    told = set(members.values()) - {day.path for day in dates}

    def column(read: Field) -> Iterator[tuple[ShownColumn, Row]]:
        if read.path not in told:
            told.add(read.path)
            name = ".".join(read.path)
            yield ShownColumn(f"{table}.{name}" if name in taken else name, kind_of(book, table, read)), read

    def own(*names: str) -> Iterator[tuple[ShownColumn, Row]]:
        for name in names:
            yield from column(Field((name,), TYPES[types[name]]))

    types = book.tables[table].column_types()
    yield from own(*book.tables[table].key)
    for day in dates:
        yield from column(day)
    for name in members:
        yield ShownColumn(name, "member"), member_value(formulas.dimensions[name], table)
    for read in (*fields_in(measure.where), *fields_in(measure.column)):
        yield from column(read)
    if left_out:
        keep = book.tables[table].keep
        yield from own(*([] if keep is None else [keep]))
        behind = read_by(formulas, table, (*dates, measure.where, measure.column))
        for read in (*fields_in(formulas.tables[table].where), *behind):
            yield from column(read)


def dates_of(dating: Dating) -> tuple[Field, ...]:
    """The dates that put rows into days."""
    match dating:
        case Undated():
            return ()
        case Replay(since=since, until=until):
            return since, until
        case OnDate(field=on):
            return (on,)


def _canonical(which: str) -> str:
    """An aggregate as explanations write it, whatever blanks and capitals the formula has; a number stays one."""
    try:
        return str(parse(Source(which)))
    except KpiError:
        return which.strip()


def _told(read: Read) -> str:
    """An aggregate by its text and its days, as several may have the same text."""
    match _interval(read.measure, read.context):
        case Days(start=start, end=end) if start == end:
            return f"`{read.measure.text}` on no day"
        case Days(start=start, end=end):
            return f"`{read.measure.text}` from {start} to {end - DAY}"
        case Absent() | Ever():
            return f"`{read.measure.text}`"
        case alive:
            return f"`{read.measure.text}` on {alive.day}"


def _usage(message: str, help_: str) -> KpiError:
    return KpiError("unknown-aggregate", message, help=help_, trouble=Trouble.USAGE)
