"""What is known of a book before it is written: its tables, with the reason for each thing that was guessed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Literal

from msgspec import Struct, field

from kpicli.book.model import Column, ColumnType, Table
from kpicli.tables.survey import Profile, Survey


class Kind(Enum):
    """What the rows of a table are, by the name that the table then has."""

    OPPORTUNITIES = "opportunities"
    LEADS = "leads"
    ACTIVITIES = "activities"
    USERS = "users"
    ACCOUNTS = "accounts"
    OTHER = "other"


class Export(Struct, frozen=True):
    """Files that hold rows of one kind under the same headers, written alike."""

    surveys: tuple[Survey, ...]
    known: frozenset[str] = frozenset()
    """Headers that a preset knows."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files as the book names them."""
        return tuple(each.file.name for each in self.surveys)

    @property
    def places(self) -> tuple[str, ...]:
        """The files as a message names them, with their sheets."""
        return tuple(each.place for each in self.surveys)

    @property
    def survey(self) -> Survey:
        """The largest file, from which all is concluded."""
        return max(self.surveys, key=lambda each: each.rows)

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.surveys)

    @property
    def columns(self) -> tuple[Profile, ...]:
        return self.survey.columns


class ColumnDraft(Struct, frozen=True):
    """A column as the book will declare it."""

    name: str
    profile: Profile
    type: ColumnType = ColumnType.TEXT
    format: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    guess: str | None = None
    """Why it is taken for what it is; None where nothing was guessed."""
    remark: str | None = None
    """What else a reader should know."""
    known: Column | None = None
    """What a preset declares it to be, so that only what differs is written."""

    @property
    def asks(self) -> bool:
        """Whether somebody has to say which number of its dates is the day."""
        dates = self.profile.dates
        return self.type is ColumnType.DATE and dates is not None and dates.is_open and not self.is_told

    @property
    def is_told(self) -> bool:
        """Whether the preset's own formats read its dates in one way only."""
        dates, formats = self.profile.dates, () if self.known is None else self.known.format
        return dates is not None and all(sum(each in formats for each in shape.patterns) == 1 for shape in dates.shapes)


class SourceDraft(Struct, frozen=True):
    """Files of a table that are read alike."""

    export: Export
    preset: str | None = None
    columns: tuple[ColumnDraft, ...] = ()
    """Columns that these files have under headers of their own."""


class FieldDraft(Struct, frozen=True):
    name: str
    formula: str
    guess: str | None = None
    remark: str | None = None


class LookupDraft(Struct, frozen=True):
    name: str
    table: str
    column: str
    guess: str | None = None
    is_known: bool = False
    """Whether a preset brings it."""


class TableDraft(Struct):
    """A table as the book will declare it; lookups come last, when all tables are known."""

    name: str
    kind: Kind
    sources: tuple[SourceDraft, ...]
    columns: tuple[ColumnDraft, ...] = ()
    preset: str | None = None
    key: str | None = None
    key_guess: str | None = None
    """Why another column than the preset's is the key."""
    keep: str | None = None
    date: str | None = None
    where: str | None = None
    """Which rows count, where a flag of the file says that some don't."""
    fields: tuple[FieldDraft, ...] = ()
    lookups: tuple[LookupDraft, ...] = ()
    lifespan: tuple[str, str] | None = None
    currency: str | None = None
    """The column that says in which currency a row's money is; None where all of it is in the book's."""
    declared: Table | None = None
    """What the preset says of it, so that only what differs is written."""
    brought: frozenset[str] = frozenset()
    """Fields that a preset brings, as far as the files have what they read."""
    open_stages: tuple[tuple[str, int], ...] = ()
    """Stages that count as open, with their rows, where words told which are won and lost."""
    guesses: list[str] = field(default_factory=list)
    """What was concluded of its rows as a whole, and what follows from it."""
    asks: list[str] = field(default_factory=list)
    """What only somebody who knows the company can say."""
    asides: list[str] = field(default_factory=list)
    """What could not be found, and what to do about it."""

    @property
    def rows(self) -> int:
        return sum(source.export.rows for source in self.sources)

    def all_columns(self) -> Iterator[ColumnDraft]:
        """Those of the table, and then those of each of its sources."""
        yield from self.columns
        for source in self.sources:
            yield from source.columns

    @property
    def open_guess(self) -> str | None:
        """All stages that count as open, where that was guessed."""
        if not self.open_stages:
            return None
        listed = ", ".join(f"'{value}' ({rows:,})" for value, rows in self.open_stages)
        return f"these stages count as open, with their rows: {listed}"

    def column(self, name: str) -> ColumnDraft | None:
        return next((column for column in self.all_columns() if column.name == name), None)

    def has(self, *names: str) -> bool:
        """Whether formulas can read all of these columns and fields."""
        known = {column.name for column in self.all_columns()} | {each.name for each in self.fields} | self.brought
        return known.issuperset(names)
