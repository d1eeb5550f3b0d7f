"""The nodes of a plan. An engine compiles them and knows no other semantics than what stands here.

A table's columns are named as formulas name them from a row of it: `stage`, `account.industry` for what a lookup
brings, `#1` for a roll-up. Row expressions in a plan hold no `Rollup` nodes: each has become a column of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeAlias

from msgspec import Struct

from kpicli.contexts import Reach
from kpicli.formula.typed import Field, Row
from kpicli.scorecard import TableData


class Scan(Struct, frozen=True):
    """A table as it is read: the columns that the report needs, then `keep`, `where`, and the uniqueness of `key`."""

    table: str
    columns: tuple[str, ...]
    where: Row | None
    date: str | None
    """The column or field of the table's date."""
    unique: bool = True
    """Whether a key that stands twice is an error. Where it isn't, it is a note, and no lookup may lead here."""


class Derive(Struct, frozen=True):
    """Fields of a table, of which none reads another."""

    table: str
    fields: tuple[tuple[str, Row], ...]
    """Name and expression."""


class Attach(Struct, frozen=True):
    """Values of a parent, brought to each child by its lookup: null where the link is null or leads nowhere."""

    table: str
    lookup: str
    links: tuple[str, ...]
    parent: str
    key: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    """(column of the child, column of the parent)."""


class Total(Struct, frozen=True):
    """One aggregate over the children of a row, and the name of the column that it makes."""

    name: str
    function: str
    column: Field | None
    where: Row | None
    argument: Decimal | None


class Roll(Struct, frozen=True):
    """Roll-ups of a child table into its parent, grouped by the child's links first, so that no fan-out can happen."""

    table: str
    key: tuple[str, ...]
    child: str
    links: tuple[str, ...]
    totals: tuple[Total, ...]


Step: TypeAlias = Derive | Attach | Roll


class OnDate(Struct, frozen=True):
    """Rows belong to the intervals that hold this date; a null date is in none."""

    field: Field


class Replay(Struct, frozen=True):
    """Rows are alive from one date until before another (null: still)."""

    since: Field
    until: Field


class Undated(Struct, frozen=True):
    """All rows, always."""


Dating: TypeAlias = OnDate | Replay | Undated


class Ask(Struct, frozen=True):
    """One aggregate over the rows that fulfil a condition, for each of several reaches.

    `function` is count, count_distinct, sum, min, max or percentile; averages are sums and counts to an engine.
    """

    function: str
    column: Field | None
    where: Row | None
    argument: Decimal | None
    reaches: tuple[Reach, ...]


class Aggregation(Struct, frozen=True):
    """Asks over one table and one dating, grouped by the same values; `only` narrows the rows first."""

    table: str
    dating: Dating
    by: tuple[Row, ...]
    only: Row | None
    asks: tuple[Ask, ...]


class NotIn(Struct, frozen=True):
    """Only rows whose `values` no row of another table has as its `keys`; keys that are blank in part aren't keys."""

    values: tuple[Row, ...]
    table: str
    keys: tuple[Row, ...]
    where: Row | None = None
    """Which rows of the other table are looked at."""
    every: bool = False
    """Also those that its `keep` and `where` leave out; `keys` then are its key."""


class Search(Struct, frozen=True):
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


class Sieve(Struct, frozen=True):
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
    left_out: bool = False
    """Shown are those that don't count, also for the table's `keep` and `where`: so many for each reason."""


class Plan(Struct, frozen=True):
    """Everything that a report needs of its tables. Steps stand in an order in which each finds what it reads."""

    as_of: date
    scans: tuple[Scan, ...]
    steps: tuple[Step, ...]
    aggregations: tuple[Aggregation, ...]
    searches: tuple[Search, ...] = ()
    sieves: tuple[Sieve, ...] = ()


Members: TypeAlias = tuple[str | None, ...]
"""The values of `by`, as text; None is blank."""


class Cell(Struct, frozen=True):
    """An aggregate's value over a group, and how many rows it took.

    Counts are `int`, sums and extremes of numbers `Decimal`, percentiles `Fraction`: all exact. None: no value.
    """

    value: object
    rows: int


Cells: TypeAlias = Mapping[Reach, Mapping[Members, Cell]]
"""Groups without rows are left out."""


Shown: TypeAlias = tuple[str | None, ...]
"""What a row shows of itself, as texts."""


class FoundRow(Struct, frozen=True):
    """A row by its place: its number as a spreadsheet shows it, and its file where the table has several."""

    row: int
    file: str | None
    shown: Shown


class FoundValue(Struct, frozen=True):
    """How many rows show the same, and the first of them."""

    rows: int
    first: FoundRow


class Found(Struct, frozen=True):
    """What a search found: how many rows, the first of them, how many different values, and the commonest of these."""

    rows: int
    first: tuple[FoundRow, ...] = ()
    distinct: int = 0
    commonest: tuple[FoundValue, ...] = ()


class SiftedRow(Struct, frozen=True):
    """A row that an aggregate takes or leaves, by its place as in `FoundRow`, and the values that it shows.

    Numbers are `Decimal`.
    """

    row: int
    file: str | None
    values: tuple[Decimal | str | bool | date | None, ...]
    reason: str | None = None
    """Why it is left out; one that the table's `keep` or `where` leaves out has no fields, which are shown as null."""


class Sifted(Struct, frozen=True):
    """How many rows an aggregate takes, how many it leaves for each reason that fits any, and those to be shown."""

    rows: int
    left_out: tuple[tuple[str, int], ...] = ()
    shown: tuple[SiftedRow, ...] = ()


class Answer(Struct, frozen=True):
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
