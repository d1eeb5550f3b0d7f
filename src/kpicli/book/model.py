"""The KPI book as declared: frozen pydantic models, one class for each thing that kpis.yaml can name.

The models normalise what the file may write in several ways, so that everything after them sees one shape. Formulas
stay text; `kpicli.book.formulas` parses and types them. The docstrings are also the descriptions of the JSON Schema.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from kpicli.book.calendar import DeclaredCalendar, Zone
from kpicli.book.dated import Rates, Target, read_target
from kpicli.book.declared import Declared
from kpicli.book.goals import Goal
from kpicli.book.mail import Delivery, Mail
from kpicli.book.sheets import Sheet
from kpicli.book.spellings import (
    BlankTexts,
    Constant,
    Currency,
    DateFormats,
    Day,
    EmptyCell,
    OneOf,
    Path,
    Text,
    TextOr,
    Texts,
    Threshold,
    Variable,
    WholeNumber,
    read_duration,
    read_keep,
    read_pipeline,
    read_text,
    read_version,
    read_window,
    spell_columns,
    spell_source,
)
from kpicli.book.texts import Csv, Delimiter, Encoding, Footer, HeaderRow, Separator
from kpicli.periods import Calendar, Duration, Grain

LONGEST_TREND: Final = 60


class ColumnType(Enum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    BOOLEAN = "boolean"
    DATE = "date"


class IdKind(Enum):
    SALESFORCE = "salesforce"
    ZOHO = "zoho"


class Column(Declared):
    """One column of an export, under its canonical name."""

    headers: Texts = Field(alias="header")
    """The header in the file, or a list of its spellings: the first that a file has is taken."""
    type: Annotated[ColumnType, OneOf.enum(ColumnType)] = ColumnType.TEXT
    """What its cells hold: text, number, money, percent, boolean or date."""
    format: DateFormats = ()
    """strptime patterns of a date, tried in order; without one, dates are ISO."""
    blank: BlankTexts = ()
    """Further texts that mean nothing, besides the empty cell."""
    empty: EmptyCell = False
    """What an empty boolean cell is: true, false or unknown."""
    decimal: Annotated[Literal[".", ","], BeforeValidator(OneOf({".": ".", ",": ","}))] = "."
    """The decimal sign of numbers."""
    timezone: Zone | None = None
    """Zone of timestamps without an offset; the calendar's where it is left out."""
    currency: Text | None = None
    """The column with the ISO code of each amount's currency, or one code for all; as the table says where left out."""
    id: Annotated[IdKind | None, OneOf.enum(IdKind)] = None
    """Whose ids a text holds, salesforce or zoho, which write one and the same in several ways."""
    separator: Separator | None = None
    """What stands between several values in one cell of a text; the first one counts."""
    optional: Annotated[bool, BeforeValidator(OneOf({"true": True, "false": False}))] = False
    """true: a file may lack the header, and has nothing in this column then."""

    @property
    def header(self) -> str:
        """The first spelling."""
        return self.headers[0]

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        return data  # `empty` may be None here; what the file leaves empty is gone by now


class SourceFile(Declared):
    """One entry of `source`: a path or glob relative to the book, with what differs from the table's own columns."""

    path: Path
    """A path or glob, relative to the book's folder."""
    preset: Text | None = None
    """The CRM and table whose headers these files have, such as salesforce/tasks; the table's preset if left out."""
    columns: dict[str, Column] = Field(default_factory=dict)
    """Columns that this file has under other headers; what an entry leaves out is as the table declares it."""
    encoding: Encoding | None = None
    """The encoding of this file."""
    delimiter: Delimiter | None = None
    """The character between two cells of this file."""
    csv: Csv = None
    """How the text of this file is written."""
    header_row: HeaderRow | None = None
    """The row of this file in which its headers stand."""
    footer: Footer | None = None
    """Texts of rows below the data of this file."""
    sheet: Sheet | None = None
    """The sheet of this workbook, by name or number."""


class Lookup(Declared):
    """Child to parent, many to one: a row of this table reads the parent row whose key its column holds."""

    table: Text
    """The parent table."""
    column: Texts
    """The column or field of this table that holds the parent's key; a list where the key is one."""


class Lifespan(Declared):
    """From when until when a row is alive, for `at start` and `at end`."""

    from_: Text = Field(alias="from")
    """The date from which it is alive."""
    until: Text
    """The date from which it no longer is; blank while it lives."""


class Table(Declared):
    """One table: the files that hold it, its columns, and what formulas add to each row."""

    preset: Text | None = None
    """The CRM and table of which it is the export, such as salesforce/opportunities; `kpi presets` lists them."""
    columns: dict[str, Column] = Field(default_factory=dict)
    """The columns that formulas can use, each under its canonical name."""
    source: tuple[SourceFile, ...]
    """Path or glob of the exports, relative to the book; or a list, where several files make one table."""
    key: Texts = ()
    """The column, or columns, that tell one row from another."""
    keep: Annotated[str | None, BeforeValidator(read_keep)] = None
    """`latest by` a column: which row counts where a key has several versions."""
    date: Text | None = None
    """The date that puts a row into a period, unless a formula says `on` another."""
    covers: Annotated[Literal["month"] | None, BeforeValidator(OneOf({"month": "month"}))] = None
    """`month`: a row holds for the whole month of its date, as quotas do."""
    where: Text | None = None
    """Which rows count at all: a condition over the columns."""
    fields: dict[str, Text] = Field(default_factory=dict)
    """Row formulas, by name."""
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    """Ways to the rows of other tables, by name."""
    lifespan: Lifespan | None = None
    """From when until when a row is alive."""
    encoding: Encoding | None = None
    """The encoding of the files; UTF-8, or what their byte order mark says, where it is left out."""
    delimiter: Delimiter | None = None
    """The character between two cells."""
    csv: Csv = None
    """How the text of the files is written: delimiter and encoding in one mapping."""
    header_row: HeaderRow | None = None
    """The row in which the headers stand, as a spreadsheet counts; what is above isn't read."""
    footer: Footer | None = None
    """Further texts of rows below the data, in which `*` stands for any text; or none, where every row is data."""
    currency: Text | None = None
    """The column with the ISO code of each row's currency, or one code for all of its money."""
    sheet: Sheet | None = None
    """The sheet of a workbook, by name, or by number from 1 on; the only one that holds anything where left out."""

    def column_types(self) -> dict[str, ColumnType]:
        """Every canonical column of the table, whichever source declares it."""
        types = {name: column.type for name, column in self.columns.items()}
        for entry in self.source:
            types |= {name: column.type for name, column in entry.columns.items()}
        return types

    @field_validator("columns", mode="before")
    @classmethod
    def _spell_columns(cls, value: object) -> object:
        return spell_columns(value, {})

    @field_validator("source", mode="before")
    @classmethod
    def _spell_source(cls, value: object, info: ValidationInfo) -> object:
        return spell_source(value, info.data.get("columns", {}))


class Dimension(Declared):
    """What `--by` and `--only` can name: a path that leads from a row to its member."""

    field: Annotated[str | dict[str, str], TextOr(read_text, dict[str, Text])]
    """One path for every table that has it, or a path for each table."""
    members: Text | None = None
    """The table that lists the members; a member is its key."""
    where: Text | None = None
    """Which rows of that table are members."""
    label: Text | None = None
    """The path that shows a member to people."""
    variable: Variable | None = None
    """The environment variable with the member to whom `kpi report` narrows where --only names none."""

    @model_validator(mode="before")
    @classmethod
    def _spell(cls, data: object) -> object:
        return {"field": data} if isinstance(data, str) else data


class Role(Enum):
    LEADING = "leading"
    LAGGING = "lagging"


class Unit(Enum):
    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DAYS = "days"
    TEXT = "text"


class Better(Enum):
    HIGHER = "higher"
    LOWER = "lower"


class KpiStatus(Enum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


class Window(Declared):
    """`trailing 90 days` (a duration) or `to date in year` (a grain); exactly one of the two."""

    trailing: Duration | None = None
    to_date: Grain | None = None


def _read_window(value: object) -> Window:
    if isinstance(value, Window):
        return value
    span = read_window(value)
    return Window(trailing=span) if isinstance(span, Duration) else Window(to_date=span)


class Drives(Declared):
    """A KPI that this one moves, and how much later."""

    kpi: Text
    """The KPI that it moves."""
    lag: Annotated[Duration, BeforeValidator(read_duration)] | None = None
    """How much later, such as `6 weeks`."""


class Kpi(Declared):
    """One figure: its formula, the goal that it serves, and what is aimed at."""

    formula: Text
    """Aggregates over tables, other KPIs, constants and functions; `kpi functions` lists them."""
    role: Annotated[Role, OneOf.enum(Role)]
    """leading or lagging."""
    name: Text | None = None
    """How people call it."""
    stage: Text | None = None
    """The stage of the pipeline that it mirrors."""
    goal: Text | None = None
    """The goal that it serves; every active KPI has one."""
    unit: Annotated[Unit, OneOf.enum(Unit)] = Unit.NUMBER
    """number, percent, money, days or text."""
    decimals: Annotated[int, BeforeValidator(WholeNumber(0, 10))] | None = None
    """How many decimal places are shown."""
    better: Annotated[Better, OneOf.enum(Better)] = Better.HIGHER
    """Which way is better: higher or lower."""
    window: Annotated[Window | None, BeforeValidator(_read_window)] = None
    """The days that it looks at: `trailing 90 days` or `to date in year`; the report's period where it is left out."""
    target: Annotated[Target | None, BeforeValidator(read_target)] = None
    """A number, a rate such as `400 per week`, a formula, dated entries, or one of these for each dimension."""
    drives: tuple[Drives, ...] = ()
    """The KPIs that this one moves."""
    why: Text | None = None
    """Why it is measured."""
    owner: Text | None = None
    """Who answers for it."""
    status: Annotated[KpiStatus, OneOf.enum(KpiStatus)] = KpiStatus.ACTIVE
    """proposed, active or retired."""
    agreed: Day | None = None
    """The day on which it was agreed."""
    review_by: Day | None = None
    """The day by which it is looked at again."""

    @field_validator("drives", mode="before")
    @classmethod
    def _spell_drives(cls, value: object) -> object:
        entries = value if isinstance(value, list | tuple) else [value]
        return tuple({"kpi": entry} if isinstance(entry, str) else entry for entry in entries)


class ScorecardSpec(Declared):
    """KPIs that are reported together."""

    kpis: Texts
    """The KPIs, in the order in which they are shown."""
    name: Text | None = None
    """How people call it."""
    period: Text | None = None
    """The period that it reports, such as `last week`; this month where it is left out."""
    by: Text | None = None
    """The dimension by which each figure is split."""
    trend: Annotated[int, BeforeValidator(WholeNumber(0, LONGEST_TREND))] = 0
    """How many periods the trend shows, this one included."""


class Thresholds(Declared):
    """The pace that a status needs, as fractions."""

    on_track: Threshold = Decimal(1)
    """From this pace on a KPI is on track."""
    at_risk: Threshold = Decimal("0.9")
    """From this pace on it is at risk, below it is behind."""


class Book(Declared):
    """The whole of kpis.yaml."""

    version: Annotated[Literal[1], BeforeValidator(read_version)]
    """The version of the book's form: 1."""
    name: Text
    """Whose KPIs these are; the folder's name where it is left out."""
    currency: Currency | None = None
    """The ISO 4217 code of money figures."""
    rates: dict[str, Rates] = Field(default_factory=dict)
    """What one unit of another currency is worth in the book's: a number, or entries with the day from which it is."""
    calendar: DeclaredCalendar = Calendar()
    """How days make weeks, fiscal years and work."""
    constants: dict[str, Constant] = Field(default_factory=dict)
    """Numbers that KPI formulas can name."""
    tables: dict[str, Table]
    """The tables that formulas read, by name."""
    dimensions: dict[str, Dimension] = Field(default_factory=dict)
    """What `--by` and `--only` can name."""
    pipeline: Annotated[dict[str, Text | None], BeforeValidator(read_pipeline)] = Field(default_factory=dict)
    """The stages that KPIs mirror, in order, each with the KPI that counts what passes it; or a list of stages."""
    goals: dict[str, Goal] = Field(default_factory=dict)
    """What KPIs serve, by name."""
    kpis: dict[str, Kpi]
    """The KPIs, by name."""
    scorecards: dict[str, ScorecardSpec] = Field(default_factory=dict)
    """KPIs that are reported together, by name."""
    mail: Mail | None = None
    """How mail leaves."""
    deliveries: dict[str, Delivery] = Field(default_factory=dict)
    """Which scorecard goes to whom by mail, by name."""
    status: Thresholds = Thresholds()
    """The pace that a status needs."""
