"""The nodes of a plan. An engine compiles them and knows no other semantics than what stands here.

A table's columns are named as formulas name them from a row of it: `stage`, `account.industry` for what a lookup
brings, `#1` for a roll-up. Row expressions in a plan hold no `Rollup` nodes: each has become a column of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeAlias

from kpicli.contexts import Reach
from kpicli.formula.typed import Field, Row
from kpicli.scorecard import TableData


@dataclass(frozen=True, slots=True)
class Scan:
    """A table as it is read: the columns that the report needs, then `keep`, `where`, and the uniqueness of `key`."""

    table: str
    columns: tuple[str, ...]
    where: Row | None
    date: str | None
    """The column or field of the table's date."""
    unique: bool = True
    """Whether a key that stands twice is an error. Where it isn't, it is a note, and no lookup may lead here."""


@dataclass(frozen=True, slots=True)
class Derive:
    """Fields of a table, of which none reads another."""

    table: str
    fields: tuple[tuple[str, Row], ...]
    """Name and expression."""


@dataclass(frozen=True, slots=True)
class Attach:
    """Values of a parent, brought to each child by its lookup: null where the link is null or leads nowhere."""

    table: str
    lookup: str
    links: tuple[str, ...]
    parent: str
    key: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    """(column of the child, column of the parent)."""


@dataclass(frozen=True, slots=True)
class Total:
    """One aggregate over the children of a row, and the name of the column that it makes."""

    name: str
    function: str
    column: Field | None
    where: Row | None
    argument: Decimal | None


@dataclass(frozen=True, slots=True)
class Roll:
    """Roll-ups of a child table into its parent, grouped by the child's links first, so that no fan-out can happen."""

    table: str
    key: tuple[str, ...]
    child: str
    links: tuple[str, ...]
    totals: tuple[Total, ...]


Step: TypeAlias = Derive | Attach | Roll


@dataclass(frozen=True, slots=True)
class OnDate:
    """Rows belong to the intervals that hold this date; a null date is in none."""

    field: Field


@dataclass(frozen=True, slots=True)
class Replay:
    """Rows are alive from one date until before another (null: still)."""

    since: Field
    until: Field


@dataclass(frozen=True, slots=True)
class Undated:
    """All rows, always."""


Dating: TypeAlias = OnDate | Replay | Undated


@dataclass(frozen=True, slots=True)
class Ask:
    """One aggregate over the rows that fulfil a condition, for each of several reaches.

    `function` is count, count_distinct, sum, min, max or percentile; averages are sums and counts to an engine.
    """

    function: str
    column: Field | None
    where: Row | None
    argument: Decimal | None
    reaches: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Asks over one table and one dating, grouped by the same values; `only` narrows the rows first."""

    table: str
    dating: Dating
    by: tuple[Row, ...]
    only: Row | None
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class NotIn:
    """Only rows whose `values` no row of another table has as its `keys`; keys that are blank in part aren't keys."""

    values: tuple[Row, ...]
    table: str
    keys: tuple[Row, ...]
    where: Row | None = None
    """Which rows of the other table are looked at."""


@dataclass(frozen=True, slots=True)
class Search:
    """The rows of a table that fulfil a condition: how many, the first of them, and the commonest values in them.

    Where every row of a table is searched, the condition and what is shown read its columns alone.
    """

    table: str
    where: Row | None
    shows: tuple[Row, ...] = ()
    """Texts, which the first rows and the commonest values are told by."""
    not_in: NotIn | None = None
    first: int = 0
    """How many rows are shown, in the order of the files."""
    commonest: int = 0
    """How many of the values that rows show; equally common ones in the order of their texts."""
    every: bool = False
    """Also the rows that the table's `keep` and `where` leave out."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """Of the rows of a table that count at all, which one aggregate takes in one reach, and why it leaves the others.

    Each row is told once, under the first of these reasons that fits it: `only`, it doesn't fulfil that condition;
    `no-member`, one of `members` is blank; `before` or `after` the days, or `begins-later` or `ended` by the day of a
    replay; `condition`, it doesn't fulfil `where`, or `unknown`, that is null; `no-date`; `blank`, nothing in `column`;
    `duplicate`, where values are told apart, a row before it has the same value and members.
    """

    table: str
    dating: Dating
    reach: Reach
    where: Row | None
    column: Field | None
    only: Row | None
    members: tuple[Row, ...] = ()
    distinct: bool = False
    shows: tuple[Row, ...] = ()
    first: int | None = 0
    """How many of the rows that count are shown, by date, then in the order of the files; None: all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a report needs of its tables. Steps stand in an order in which each finds what it reads."""

    as_of: date
    scans: tuple[Scan, ...]
    steps: tuple[Step, ...]
    aggregations: tuple[Aggregation, ...]
    searches: tuple[Search, ...] = ()
    sieves: tuple[Sieve, ...] = ()


Members: TypeAlias = tuple[str | None, ...]
"""The values of `by`, as text; None is blank."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An aggregate's value over a group, and how many rows it took.

    Counts are `int`, sums and extremes of numbers `Decimal`, percentiles `Fraction`: all exact. None: no value.
    """

    value: object
    rows: int


Cells: TypeAlias = Mapping[Reach, Mapping[Members, Cell]]
"""Groups without rows are left out."""


Shown: TypeAlias = tuple[str | None, ...]
"""What a row shows of itself, as texts."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row by its place: its number as a spreadsheet shows it, and its file where the table has several."""

    row: int
    file: str | None
    shown: Shown


@dataclass(frozen=True, slots=True)
class FoundValue:
    """How many rows show the same, and the first of them."""

    rows: int
    first: FoundRow


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: how many rows, the first of them, how many different values, and the commonest of these."""

    rows: int
    first: tuple[FoundRow, ...] = ()
    distinct: int = 0
    commonest: tuple[FoundValue, ...] = ()


@dataclass(frozen=True, slots=True)
class SiftedRow:
    """A row that an aggregate takes, by its place as in `FoundRow`, and the values that it shows.

    Numbers are `Decimal`.
    """

    row: int
    file: str | None
    values: tuple[Decimal | str | bool | date | None, ...]


@dataclass(frozen=True, slots=True)
class Sifted:
    """How many rows an aggregate takes, how many it leaves for each reason that fits any, and those to be shown."""

    rows: int
    left_out: tuple[tuple[str, int], ...] = ()
    shown: tuple[SiftedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine gives back.

    For each aggregation, for each of its asks, the cells; what it saw of the data; what each search found; and what
    each sieve left.
    """

    cells: tuple[tuple[Cells, ...], ...]
    data: tuple[TableData, ...]
    found: tuple[Found, ...] = ()
    sifted: tuple[Sifted, ...] = ()


class Engine(Protocol):
    """Whatever can run a plan."""

    def run(self, plan: Plan) -> Answer:
        """The answer. Raises KpiError (data): `TableMistakes` for all tables that can't be used."""
