"""Why a figure is what it is: plain frozen data, the same for every output format.

Numbers are exact here, `int` or `Fraction`: whoever works an arithmetic out again gets the figure of the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from msgspec import Struct

from kpicli.scorecard import LeftOut, Line, Scorecard

Exact: TypeAlias = int | Fraction
Plain: TypeAlias = Exact | str | bool | date | None


class Stretch(Struct, frozen=True):
    """Days, both included; `start` is after `end` where it holds none."""

    start: date
    end: date


class Step(Struct, frozen=True):
    """One operation with what it works on and what comes of it; `reason` says why there is no value.

    `docs/explain.md` says which operations there are.
    """

    op: str
    value: Plain
    reason: str | None = None
    arguments: tuple[Step, ...] = ()
    aggregate: int | None = None
    """The number of the aggregate that it reads."""
    kpi: str | None = None
    """The KPI that it names, or whose target it is."""
    part: int | None = None
    """The number of the part that works it out; members of a reducer have it as their argument."""
    days: Stretch | None = None
    """Where it looks at other days: these."""
    unit: str | None = None
    """The unit of `per`."""
    dimension: str | None = None
    """By which a reducer splits."""
    percent: Decimal | None = None
    """The place of a percentile, of 100."""
    members: tuple[MemberStep, ...] = ()


class MemberStep(Struct, frozen=True):
    """A member that a reducer takes, with its own figure."""

    member: str
    label: str
    step: Step


class MemberValue(Struct, frozen=True):
    """What an aggregate comes to for one member, or one of each of several dimensions."""

    label: str
    value: Plain


class ShownRow(Struct, frozen=True):
    """A row: its number as a spreadsheet shows it, its file where the table has several, its cells."""

    row: int
    file: str | None
    cells: tuple[Plain | Decimal, ...]
    reason: str | None = None
    """Why it is left out; None where it counts."""


BESIDE_CELLS: Final = ("file", "row", "left_out", "days_counted", "days_of_month")
"""What stands beside the cells of a row under these names: no column of theirs has one."""


class ShownColumn(Struct, frozen=True):
    name: str
    kind: str
    """What its cells hold: text, number, money, percent, boolean or date."""


class Rows(Struct, frozen=True):
    """Each row of a table's files once: it counts, or is left out for the first reason that fits it."""

    total: int
    counted: int
    left_out: tuple[LeftOut, ...]
    columns: tuple[ShownColumn, ...] = ()
    shown: tuple[ShownRow, ...] | None = None
    """The rows that count, by date, or the first of them, where they were asked for."""
    shows_left_out: bool = False
    """`shown` are those that are left out instead, by reason, or the first of each."""


class MonthShare(Struct, frozen=True):
    """How many days of a month are taken, and how many it has."""

    month: str
    """As 2026-11."""
    taken: int
    of: int


class Aggregate(Struct, frozen=True):
    """One aggregate of a formula over one stretch of days."""

    number: int
    text: str
    """As the formula has it."""
    words: str
    function: str
    table: str
    condition: str | None
    """In words."""
    date: str | None
    """The column or field that puts rows into the days; of a replay, since when a row is alive."""
    until: str | None
    """Of a replay, from when a row is no longer alive."""
    days: Stretch | None
    """None: all rows, always. Of a replay one day."""
    covers: bool
    company: bool
    """Of the whole company, whatever `--only` says."""
    value: Plain
    reason: str | None
    total: Exact | None = None
    """Of an average: the sum, and of how many values."""
    count: int | None = None
    months: tuple[MonthShare, ...] = ()
    """Of a sum that takes months by the share of their days: these."""
    dimensions: tuple[str, ...] = ()
    """By which reducers split it; `value` then is None, and `members` has a value for each."""
    members: tuple[MemberValue, ...] = ()
    rows: Rows | None = None
    """None where the table can't be asked: `reason` says why."""


class FieldText(Struct, frozen=True):
    """A field that aggregates read, with its formula."""

    table: str
    name: str
    formula: str


class TargetPiece(Struct, frozen=True):
    """A target, or one of its dated entries, over the days on which it is in force."""

    text: str
    """As the book has it."""
    since: date | None
    days: Stretch
    step: Step
    done: int | None
    """How many of its workdays have passed; None for a level, of which all is expected at any time."""
    of: int | None
    unit: str
    """What is counted: workdays, or days where no day is worked."""


class Aim(Struct, frozen=True):
    """Where a target comes from."""

    target: Exact | None
    expected: Exact | None
    reason: str | None
    whose: str | None
    """None: the company's; else a dimension, whose member's it is."""
    flow: bool
    pieces: tuple[TargetPiece, ...]


class Part(Struct, frozen=True):
    """A KPI that a formula names, or its target, in one interval."""

    number: int
    kpi: str
    name: str
    unit: str
    decimals: int | None
    formula: str
    words: tuple[str, ...]
    days: Stretch
    step: Step
    company: bool = False
    aim: Aim | None = None
    """Where it is the KPI's target: where that comes from."""


class Standing(Struct, frozen=True):
    """How the figure stands against its target, each with its arithmetic where there is any."""

    attainment: Step | None
    pace: Step | None
    needed_per_workday: Step | None
    projected: Step | None
    on_track: Exact
    at_risk: Exact
    workdays_left: int | None


class GoalStep(Struct, frozen=True):
    """A goal, and then the one that it serves."""

    name: str
    level: str
    when: str | None


class About(Struct, frozen=True):
    """What the book says about a KPI."""

    status: str
    why: str | None
    owner: str | None
    agreed: date | None
    review_by: date | None
    goals: tuple[GoalStep, ...]
    formula: str


class Explanation(Struct, frozen=True):
    """All about one figure; `card` is the report that it is in, with this KPI alone."""

    card: Scorecard
    about: About
    workdays: tuple[int, int]
    """How many workdays of the KPI's days have passed, and of how many."""
    words: tuple[str, ...]
    step: Step
    aggregates: tuple[Aggregate, ...]
    parts: tuple[Part, ...]
    fields: tuple[FieldText, ...]
    aim: Aim | None
    standing: Standing
    listed: int | None = None
    """The number of the aggregate whose rows are asked for."""

    @property
    def line(self) -> Line:
        return self.card.lines[0]

    @property
    def steps(self) -> Iterator[Step]:
        """Every arithmetic in it."""
        yield self.step
        yield from (part.step for part in self.parts)
        yield from (piece.step for piece in (() if self.aim is None else self.aim.pieces))
