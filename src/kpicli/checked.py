"""What a check found of a book's data: plain frozen data, the same for every output format."""

from __future__ import annotations

import datetime as dt
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from kpicli.errors import KpiError
from kpicli.scorecard import LeftOut, Note


class Severity(Enum):
    """How much a finding matters, the gravest first."""

    WRONG = "wrong"
    """Figures miss rows, or count others than their formulas mean."""
    ODD = "odd"
    """Worth a look: in the CRM, or in what the book says of it."""
    INFO = "info"
    """Nothing to be done; `--strict` passes over it."""


class Sight(Struct, frozen=True):
    """A row that a finding is about: its number in the file as a spreadsheet shows it, and its telling values."""

    row: int
    shown: tuple[tuple[str | None, str | None], ...] = ()
    """Name and value; without a name, what stands in the row."""
    file: str | None = None
    """Named where the table has several files."""


class Common(Struct, frozen=True):
    """A value that rows of a finding have."""

    value: str
    rows: int
    label: str | None = None
    """How people call it, where a dimension has labels."""
    near: str | None = None
    """A value that it may be another spelling of."""


class Finding(Struct, frozen=True):
    """One thing that was found in a table.

    `message` goes on after the number of rows ("7 rows" "open past close_date"); where there are none, it is a sentence
    of its own. What is noted of cells as they are read is told by its `note`, as reports tell it.
    """

    code: str
    severity: Severity
    column: str | None
    rows: int
    message: str
    help: str
    examples: tuple[Sight, ...] = ()
    """The first rows."""
    values: tuple[Common, ...] = ()
    """The commonest values."""
    place: str | None = None
    """Where in the book: file:line:column."""
    note: Note | None = None

    @property
    def matters(self) -> bool:
        """Whether there is something to be done."""
        return self.severity is not Severity.INFO


class TableCheck(Struct, frozen=True):
    """One table: its rows, why some don't count, and what was found.

    `rows` and `used` are None where the table can't be read; `error` then says why.
    """

    table: str
    files: tuple[str, ...] = ()
    rows: int | None = None
    used: int | None = None
    left_out: tuple[LeftOut, ...] = ()
    date: str | None = None
    """The column or field that puts rows into periods."""
    undated: int = 0
    """How many rows count and have no such date, so that they are in no period."""
    newest: dt.date | None = None
    findings: tuple[Finding, ...] = ()
    """The gravest first."""
    error: KpiError | None = None
    """Why no report can use the table."""

    def without(self, codes: frozenset[str]) -> TableCheck:
        """The table without findings of these codes."""
        return replace(self, findings=tuple(each for each in self.findings if each.code not in codes))


class Check(Struct, frozen=True):
    """All of a book's data."""

    book: str
    as_of: dt.date
    tables: tuple[TableCheck, ...]

    def without(self, codes: frozenset[str]) -> Check:
        """The check without findings of these codes."""
        if not codes:
            return self
        return replace(self, tables=tuple(table.without(codes) for table in self.tables))

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are, and of the gravest the tables that can't be used too."""
        errors = sum(table.error is not None and table.rows is None for table in self.tables)
        own = sum(finding.severity is severity for table in self.tables for finding in table.findings)
        return own + errors if severity is Severity.WRONG else own

    @property
    def errors(self) -> tuple[KpiError, ...]:
        """What no report gets past."""
        return tuple(table.error for table in self.tables if table.error is not None)
