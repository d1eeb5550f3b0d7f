"""The result of a report: plain frozen data, the same for every output format.

A figure is a number, a text or absent. Numbers are `int`, `Decimal` (exact, money and sums) or `float` (averages,
ratios); absence is `None` with a reason, never 0, NaN or infinity.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias
from unicodedata import combining, normalize

from msgspec import Struct

STALE: Final = 14
"""From so many days on a table looks like an export of another time."""

Value: TypeAlias = int | float | Decimal | str | None
Amount: TypeAlias = int | float | Decimal | None


class Status(Enum):
    """How a figure stands against its target."""

    NO_DATA = "no_data"
    NO_TARGET = "no_target"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"


class Figure(Struct, frozen=True):
    """One value with all that is measured against it; `reason` says why there is no value."""

    value: Value
    reason: str | None
    target: Amount
    attainment: Amount
    expected: Amount
    pace: Amount
    projected: Amount
    needed_per_workday: Amount
    status: Status
    prior: Value
    change: Amount
    value_label: str | None = None
    """How a text value is shown, where its dimension has labels."""
    target_reason: str | None = None
    """Why there is no target in this scope, where the KPI has one elsewhere."""
    prior_reason: str | None = None
    prior_label: str | None = None
    """How the text of the period before is shown, likewise."""


class Group(Struct, frozen=True):
    """A member's figure; `member` is None for the rows with no member, "(none)"."""

    member: str | None
    label: str
    figure: Figure

    @property
    def place(self) -> tuple[bool, str, str, str]:
        """What members are ordered by: the label as people look it up, "(none)" last; equal labels by their key."""
        return place_of(self.member, self.label)


def place_of(member: str | None, label: str) -> tuple[bool, str, str, str]:
    """What a member with this label is ordered by."""
    return member is None, _looked_up(label), label, member or ""


@lru_cache(maxsize=1 << 14)  # the same members come again with each KPI
def _looked_up(label: str) -> str:
    """The label without regard to case and accents: `Özil` as `ozil`."""
    folded = label.casefold()
    if folded.isascii():
        return folded
    return "".join(char for char in normalize("NFKD", folded) if not combining(char))


class TrendPoint(Struct, frozen=True):
    period: str
    value: Value
    reason: str | None = None


class Span(Struct, frozen=True):
    """The days that a KPI looks at, both ends included, and the share of its workdays that has elapsed."""

    start: date
    end: date
    elapsed: float


class Line(Struct, frozen=True):
    """One KPI of the scorecard: what it is, its headline figure, its trend, its members."""

    id: str
    name: str
    role: str
    stage: str | None
    goal: str | None
    unit: str
    decimals: int | None
    better: str
    window: Span
    figure: Figure
    trend: tuple[TrendPoint, ...] = ()
    groups: tuple[Group, ...] = ()
    company_target: Amount = None
    """In a narrowed report, what the whole company aims at over the same days, where the KPI contributes to a goal."""
    contribution: Amount = None
    """The headline's value as a share of it; there with `company_target` and `contributes_to`, or none of the three."""
    contributes_to: str | None = None
    """The company's goal to which it contributes, by its id; it is among the scorecard's goals."""
    tally: str | None = None
    """`count` or `sum`, where the formula is one of these over dated rows and nothing else."""
    unsplit: str | None = None
    """Why it has no members, where nothing that it reads has the dimension that the scorecard is split by."""


class ReportPeriod(Struct, frozen=True):
    label: str
    grain: str | None
    """None for a range of days and for `all`."""
    start: date
    end: date
    running: bool
    elapsed: float


class GoalLine(Struct, frozen=True):
    """A goal, and the report's KPIs that serve it themselves, in the report's order."""

    id: str
    name: str
    kpis: tuple[str, ...]
    level: str = "company"
    parent: str | None = None
    when: str | None = None
    who: str | None = None
    what: str | None = None
    where: str | None = None
    why: str | None = None
    how: str | None = None


class LeftOut(Struct, frozen=True):
    """Rows of a table that don't count, and why."""

    reason: str
    """`older-version` or `equal-copy` of a key, where the table keeps the latest; `where`: not of its condition."""
    rows: int
    condition: str | None = None
    """The condition that they don't fulfil."""


class Example(Struct, frozen=True):
    """A row that a data note is about: its number in the file as a spreadsheet shows it (the header is row 1)."""

    row: int
    value: str | None
    file: str | None = None
    """Named where the table has several files."""


class Note(Struct, frozen=True):
    """Something about the data that a reader of the figures should know."""

    code: str
    column: str | None
    rows: int
    examples: tuple[Example, ...] = ()
    parent: str | None = None
    """Of a column that lookups to several tables go by: the table in which it finds no row."""

    @property
    def matters(self) -> bool:
        """Whether something is wrong with the data, and not only left aside of the file because it is none."""
        return self.code not in {"footer", "duplicate-header"}


class TableData(Struct, frozen=True):
    """What was read of a table: rows in its files, rows that count, the newest date up to the as-of day, the oldest."""

    table: str
    files: tuple[str, ...]
    rows: int
    used: int
    newest: date | None
    notes: tuple[Note, ...] = ()
    covers: bool = False
    """Whether each row is for a whole month, as a quota is: the newest date then doesn't say how old the export is."""
    left_out: tuple[LeftOut, ...] = ()
    """Why rows don't count; `rows` is `used` and all of these."""
    oldest: date | None = None
    begins_late: bool = False
    """Days that were asked for lie before the oldest date: what is counted in them is nothing."""


class Scorecard(Struct, frozen=True):
    """A whole report."""

    book: str
    currency: str | None
    scorecard: str | None
    as_of: date
    period: ReportPeriod
    by: str | None
    only: tuple[tuple[str, tuple[str, ...]], ...]
    """Dimension and members, in the order asked for."""
    lines: tuple[Line, ...]
    goals: tuple[GoalLine, ...]
    data: tuple[TableData, ...]
    stages: tuple[str, ...] = ()
    """The pipeline's stages, from first contact to revenue."""
    title: str | None = None
    """How people call the scorecard, where its book says."""
    only_labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """`only` as people call its members."""
    passing: tuple[tuple[str, str], ...] = ()
    """Stages of the pipeline, in order, each with the KPI that counts what passes it; only KPIs of the report."""
