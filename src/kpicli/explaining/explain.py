"""An explanation put together: what the book says, what was evaluated, and what the engine says of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Better, Book
from kpicli.contexts import Absent, AliveOn, Context, Days, covered_months
from kpicli.explained import (
    About,
    Aggregate,
    Aim,
    Explanation,
    GoalStep,
    MemberValue,
    MonthShare,
    Part,
    Plain,
    Rows,
    ShownColumn,
    ShownRow,
    Standing,
    Step,
    Stretch,
)
from kpicli.explaining.aggregates import Numbered, Read, dates_of, reach_of
from kpicli.explaining.fields import texts_of
from kpicli.explaining.tracing import Tracer, elapsed, plain, stretch
from kpicli.formula.typed import Row
from kpicli.formula.words import Names, figure_words, lines_of, row_words
from kpicli.plan.build import dating_of
from kpicli.plan.nodes import Members, Sieve, Sifted, SiftedRow
from kpicli.score.arithmetic import Exact, Value, from_decimal
from kpicli.score.evaluate import Aimed, Evaluation
from kpicli.score.lines import Asked, course_of, is_aimed
from kpicli.scorecard import LeftOut, Scorecard, TableData


class Looking(Struct, frozen=True):
    """What an explanation asks the engine for besides the figures: a sieve an aggregate, of one of them its rows."""

    numbered: Numbered
    listed: Read | None
    first: int | None

    @property
    def sieves(self) -> tuple[Sieve, ...]:
        return tuple(self._asked(read) for read in self.numbered.reads.values() if read.sieve is not None)

    def _asked(self, read: Read) -> Sieve:
        assert read.sieve is not None
        if read is self.listed:
            return replace(read.sieve, first=self.first)
        return replace(read.sieve, shows=(), left_out=False)

    def sifted(self, answered: Sequence[Sifted]) -> dict[int, Sifted]:
        """What the engine says of each aggregate, by its number."""
        asked = (read.number for read in self.numbered.reads.values() if read.sieve is not None)
        return dict(zip(asked, answered, strict=True))


def explanation(
    card: Scorecard, work: Evaluation, asked: Asked, looking: Looking, answered: Sequence[Sifted]
) -> Explanation:
    """All about the one figure that a report was asked for."""
    return _Work(card, work, asked, looking, looking.sifted(answered), Tracer(work, looking.numbered)).explanation()


_WITHOUT_FIELDS: Final = {"older-version", "equal-copy", "where"}
"""Rows that count for nothing: no field of theirs is worked out, and no lookup."""


class _Work(Struct, frozen=True):
    card: Scorecard
    work: Evaluation
    asked: Asked
    looking: Looking
    sifted: Mapping[int, Sifted]
    tracer: Tracer

    @property
    def book(self) -> Book:
        return self.work.book

    @property
    def names(self) -> Names:
        return {name: kpi.name or name for name, kpi in self.book.kpis.items()}

    def explanation(self) -> Explanation:
        name, context = self.asked.name, self.asked.context
        (step,) = self.tracer.kpi(name, context)
        aim = self.tracer.aim(name, context) if is_aimed(self.book.kpis[name]) else None
        parts = tuple(self._parts())
        reads = [read for read in self.looking.numbered.reads.values() if read.number in self.tracer.met]
        done, of, _ = elapsed(self.work, self.tracer.window(name, context).period)
        return Explanation(
            self.card,
            self._about(name),
            (done, of),
            lines_of(self.work.formulas.kpis[name].figure, self.names),
            step,
            tuple(map(self._aggregate, reads)),
            parts,
            texts_of(self.book, self.work.formulas, [pair for read in reads for pair in self._read(read)]),
            aim,
            self._standing(step, aim),
            None if self.looking.listed is None else self.looking.listed.number,
        )

    def _about(self, name: str) -> About:
        kpi = self.book.kpis[name]
        goals: list[GoalStep] = []
        above, seen = kpi.goal, set[str]()
        while above is not None and above not in seen:
            seen.add(above)
            goal = self.book.goals[above]
            goals.append(GoalStep(goal.name or above, goal.level.value, goal.when))
            above = goal.parent
        return About(kpi.status.value, kpi.why, kpi.owner, kpi.agreed, kpi.review_by, tuple(goals), kpi.formula)

    # ---- the KPIs that formulas name

    def _parts(self) -> Iterator[Part]:
        """Those that were met so far, and those that these meet."""
        told = 0
        while told < len(self.tracer.parts):
            (name, target, context), number = list(self.tracer.parts.items())[told]
            told += 1
            yield self._target(name, context, number) if target else self._kpi(name, context, number)

    def _kpi(self, name: str, context: Context, number: int) -> Part:
        (step,) = self.tracer.kpi(name, context)
        words = lines_of(self.work.formulas.kpis[name].figure, self.names)
        return replace(self._part(name, context, number, step), words=words)

    def _target(self, name: str, context: Context, number: int) -> Part:
        aim = self.tracer.aim(name, context)
        step = Step("target", aim.target, aim.reason, tuple(piece.step for piece in aim.pieces), kpi=name)
        return replace(self._part(name, context, number, step), aim=aim)

    def _part(self, name: str, context: Context, number: int, step: Step) -> Part:
        kpi = self.book.kpis[name]
        days = stretch(self.tracer.window(name, context).period)
        called = kpi.name or name
        company = context.scope.company and bool(self.work.only)
        return Part(number, name, called, kpi.unit.value, kpi.decimals, kpi.formula, (), days, step, company)

    # ---- aggregates

    def _aggregate(self, read: Read) -> Aggregate:
        measure, context = read.measure, read.context
        values = self.tracer.met[read.number]
        dates = [".".join(field.path) for field in dates_of(dating_of(self.work.formulas, measure))]
        value = values.get(())
        average = self.work.figures.average(measure, context, ()) if measure.function == "avg" else None
        split = context.scope.dimensions
        reasons = {each.reason for each in values.values() if isinstance(each, Absent)}
        return Aggregate(
            read.number,
            measure.text,
            figure_words(measure, self.names),
            measure.function,
            measure.table,
            None if measure.where is None else row_words(measure.where),
            dates[0] if dates else None,
            dates[1] if len(dates) > 1 else None,
            _days_of(read),
            measure.covers,
            context.scope.company and bool(self.work.only),
            None if value is None else plain(value),
            min(reasons, default=None) if not split or len(reasons) == 1 else None,
            None if average is None or split else average[0],
            None if average is None or split else average[1],
            _months(read),
            split,
            self._members(split, values),
            self._rows(read),
        )

    def _members(self, split: Sequence[str], values: Mapping[Members, Value]) -> tuple[MemberValue, ...]:
        """What it comes to for each member, by label."""
        if not split:
            return ()
        found = [MemberValue(self._label(split, members), plain(value)) for members, value in values.items()]
        return tuple(sorted(found, key=lambda each: (each.label.casefold(), each.label)))

    def _label(self, dimensions: Sequence[str], members: Members) -> str:
        return ", ".join(map(self._called, dimensions, members))

    def _called(self, dimension: str, member: str | None) -> str:
        roster = self.work.rosters.get(dimension)
        return "(none)" if member is None else member if roster is None else roster.label(member)

    def _read(self, read: Read) -> Iterator[tuple[str, Row]]:
        """The row expressions of an aggregate, with their table."""
        measure = read.measure
        dates = dates_of(dating_of(self.work.formulas, measure))
        for row in (measure.where, measure.column, *dates):
            if row is not None:
                yield measure.table, row

    def _rows(self, read: Read) -> Rows | None:
        sifted = self.sifted.get(read.number)
        if sifted is None:
            return None
        data = next(table for table in self.card.data if table.table == read.measure.table)
        only = ", ".join(name for name in self.work.only if name in self._dimensions_of(data))
        details = {"only": only, "condition": None, "no-member": ", ".join(read.context.scope.dimensions)}
        left_out = (*data.left_out, *(LeftOut(code, rows, details.get(code)) for code, rows in sifted.left_out))
        if read is not self.looking.listed:
            return Rows(data.rows, sifted.rows, left_out)
        columns, shows_left_out = read.columns, self.looking.numbered.left_out
        if _months(read) and not shows_left_out:
            columns += (ShownColumn("days_counted", "number"), ShownColumn("days_of_month", "number"))
        shown = tuple(self._shown(read, row) for row in sifted.shown)
        return Rows(data.rows, sifted.rows, left_out, columns, shown, shows_left_out)

    def _dimensions_of(self, data: TableData) -> set[str]:
        dimensions = self.work.formulas.dimensions
        return {name for name in self.work.only if data.table in dimensions[name].fields}

    def _shown(self, read: Read, row: SiftedRow) -> ShownRow:
        # Of a row without fields, a member that isn't there was never looked up.
        unknown = None if row.reason in _WITHOUT_FIELDS else "(none)"
        cells: list[Plain | Decimal] = [
            value if column.kind != "member" else unknown if value is None else self._called(column.name, str(value))
            for column, value in zip(read.columns, row.values, strict=True)
        ]
        months = {each.month: each for each in _months(read)}
        if months and row.reason is None:
            assert read.measure.on is not None
            name = ".".join(read.measure.on.path)
            names = {name, f"{read.measure.table}.{name}"}
            day = next(at for at, each in enumerate(read.columns) if each.kind == "date" and each.name in names)
            share = months[str(row.values[day])[:7]]
            cells += (share.taken, share.of)
        return ShownRow(row.row, row.file, tuple(cells), row.reason)

    # ---- how it stands

    def _standing(self, step: Step, aim: Aim | None) -> Standing:
        course = course_of(self.work, self.asked)
        period = self.tracer.window(self.asked.name, self.asked.context).period
        done, of, _ = elapsed(self.work, period)
        value = step.value
        thresholds = from_decimal(self.book.status.on_track), from_decimal(self.book.status.at_risk)
        if not isinstance(value, int | Fraction):
            return Standing(None, None, None, None, *thresholds, course.workdays_left)
        (figure,) = self.work.kpi(self.asked.name, self.asked.context)
        assert isinstance(figure, int | Fraction)
        projected = course.projected(figure)
        share = Step("/", Fraction(done, of) if of else 1, None, (_number(done), _number(of)))
        ending = None if projected is None else Step("/", projected, None, (_number(figure), share))
        (aimed,) = self.work.targets(self.asked.name, self.asked.context) if aim is not None else (None,)
        if aim is None or aim.target is None or aim.expected is None or not isinstance(aimed, Aimed):
            return Standing(None, None, None, ending, *thresholds, course.workdays_left)
        stands = course.stand(figure, aimed)
        lower = course.better is Better.LOWER

        def against(result: Exact | None, wanted: Exact) -> Step | None:
            pair = (_number(wanted), _number(figure)) if lower else (_number(figure), _number(wanted))
            return None if result is None else Step("/", result, None, pair)

        needed = None
        if stands.needed_per_workday is not None and course.workdays_left is not None:
            missing = Step("-", aim.target - figure, None, (_number(aim.target), _number(figure)))
            needed = Step("/", stands.needed_per_workday, None, (missing, _number(course.workdays_left)))
        return Standing(
            against(stands.attainment, aim.target),
            against(stands.pace, aim.expected),
            needed,
            ending,
            *thresholds,
            course.workdays_left,
        )


def _number(value: Exact) -> Step:
    return Step("number", value)


def _days_of(read: Read) -> Stretch | None:
    match reach_of(read.measure, read.context):
        case AliveOn(day=day):
            return Stretch(day, day)
        case Days():
            return stretch(read.context.period)
        case _:
            return None


def _months(read: Read) -> tuple[MonthShare, ...]:
    """Of a sum that takes months by the share of their days: which days of which."""
    measure, period = read.measure, read.context.period
    if not (measure.covers and measure.function == "sum") or period.start >= period.cut:
        return ()
    months = covered_months(Days(period.start, period.cut))
    return tuple(MonthShare(month.start.isoformat()[:7], inside, of) for month, inside, of in months)
