"""Every formula of a book, parsed and typed: what the plan and the score work from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from kpicli.book.dated import TargetEntry
from kpicli.book.deliveries import address_field
from kpicli.book.grafts import Path
from kpicli.book.model import Book, ColumnType, Dimension, Table, Unit
from kpicli.book.targets import Aims, DatedAim, accumulates, check_aim, parse_aim, references, target_references
from kpicli.errors import KpiError, Mistakes, Source, near_or_known
from kpicli.formula.check import Checker, LookupSchema, Schema, TableSchema
from kpicli.formula.check_calls import DependentError
from kpicli.formula.replaying import reads_today
from kpicli.formula.typed import Field, Figure, Row, Type

if TYPE_CHECKING:
    from kpicli.book.reader import Places

T = TypeVar("T")


class TableFormulas(Struct, frozen=True):
    where: Row | None
    fields: Mapping[str, Row]
    date: Field | None
    lifespan: tuple[Field, Field] | None
    brought: frozenset[str] = frozenset()
    """The columns and fields that only a preset declares: they are read where something needs them."""
    brought_lookups: frozenset[str] = frozenset()


class Members(Struct, frozen=True):
    """The listed members of a dimension: rows of `table` by their key, shown by `label`."""

    table: str
    key: Field
    where: Row | None
    label: Field | None


class DimensionFormulas(Struct, frozen=True):
    """Where each table has the dimension, and its listed members."""

    fields: Mapping[str, Field]
    members: Members | None
    today: frozenset[str] = frozenset()
    """The tables whose rows change their member with the as-of day."""


class KpiFormulas(Struct, frozen=True):
    figure: Figure
    aims: Aims


class Formulas(Struct, frozen=True):
    tables: Mapping[str, TableFormulas]
    dimensions: Mapping[str, DimensionFormulas]
    kpis: Mapping[str, KpiFormulas]
    addresses: Mapping[str, Field] = field(default_factory=dict)
    """Where the addresses of members are, by delivery."""


TYPES = {  # what the cells of a column are to formulas
    ColumnType.TEXT: Type.TEXT,
    ColumnType.NUMBER: Type.NUMBER,
    ColumnType.MONEY: Type.NUMBER,
    ColumnType.PERCENT: Type.NUMBER,
    ColumnType.BOOLEAN: Type.BOOLEAN,
    ColumnType.DATE: Type.DATE,
}


def check(book: Book, places: Places) -> Formulas:
    """Types every formula of the book; raises `Mistakes` with all that is wrong."""
    work = _Check(book, places)
    tables = {name: work.table(name, table) for name, table in book.tables.items()}
    dimensions = {name: work.dimension(name, dimension) for name, dimension in book.dimensions.items()}
    kpis = work.kpis()
    addresses = work.addresses()
    if work.errors:
        raise Mistakes(work.errors)
    return Formulas(tables, dimensions, kpis, addresses)


class _Check:
    def __init__(self, book: Book, places: Places) -> None:
        self.book = book
        self.places = places
        self.errors: list[KpiError] = []
        self.checker = Checker(self._schema())

    def attempt(self, make: Callable[[], T]) -> T | None:
        """What `make` gives; its error is kept for the end, unless the formula at fault is reported on its own."""
        try:
            return make()
        except DependentError:
            return None
        except Mistakes as error:
            self.errors += error.errors
        except KpiError as error:
            self.errors.append(error)
        return None

    def _schema(self) -> Schema:
        book = self.book
        return Schema(
            tables={name: self._table_schema(name, table) for name, table in book.tables.items()},
            constants=book.constants,
            kpis={name: self.places.source(("kpis", name, "formula")) for name in book.kpis},
            dimensions=frozenset(book.dimensions),
        )

    def _table_schema(self, name: str, table: Table) -> TableSchema:
        lifespan = table.lifespan
        return TableSchema(
            name,
            columns={column: TYPES[kind] for column, kind in table.column_types().items()},
            fields={f: self.places.source(("tables", name, "fields", f)) for f in table.fields},
            lookups={key: LookupSchema(lookup.table, lookup.column) for key, lookup in table.lookups.items()},
            date=table.date,
            covers=table.covers is not None,
            lifespan=None if lifespan is None else (lifespan.from_, lifespan.until),
            waiting=self.places.brought.waiting.get(name, {}),
        )

    # ---- tables

    def table(self, name: str, table: Table) -> TableFormulas:
        fields = {}
        for each in table.fields:
            row = self.attempt(lambda each=each: self.checker.field(name, each))  # type: ignore[misc]  # mypy gives a lambda's default no type
            if row is not None:
                fields[each] = row
        where = None
        if table.where is not None:
            source = self.places.source(("tables", name, "where"))
            where = self.attempt(lambda: self.checker.columns_condition(name, source))
        date = self._dated(name, table.date, ("tables", name, "date"))
        lifespan = None
        if table.lifespan is not None:
            first = self._dated(name, table.lifespan.from_, ("tables", name, "lifespan", "from"))
            last = self._dated(name, table.lifespan.until, ("tables", name, "lifespan", "until"))
            lifespan = (first, last) if first and last else None
        for lookup in table.lookups:
            self.attempt(lambda lookup=lookup: self._lookup(name, lookup))  # type: ignore[misc]  # mypy gives a lambda's default no type
        self.attempt(lambda: self._date_name(name, table))
        return TableFormulas(where, fields, date, lifespan, *self.places.brought.names(name))

    def _date_name(self, name: str, table: Table) -> None:
        if table.date not in (None, "date") and ("date" in table.column_types() or "date" in table.fields):
            raise KpiError(
                "date-name",
                f"in {name} `date` would mean two things: the table's date '{table.date}', and a column of that name",
                place=self.places.place(("tables", name, "date")),
                help="rename the column, or make it the table's date",
            )

    def _dated(self, table: str, name: str | None, path: Path) -> Field | None:
        return None if name is None else self.attempt(lambda: self._date_field(table, name, path))

    def _date_field(self, table: str, name: str, path: Path) -> Field:
        field = self._named(table, name, path)
        if field.type is not Type.DATE:
            raise KpiError(
                "type",
                f"'{name}' is a {field.type.value}, and a date is needed here",
                place=self.places.place(path),
                help=f"declare it with `type: date` under tables.{table}.columns",
            )
        return field

    def _named(self, table: str, name: str, path: Path) -> Field:
        """A column or field of a table by its bare name."""
        schema = self.checker.schema.tables[table]
        if name in schema.columns:
            return Field((name,), schema.columns[name])
        if name in schema.fields:
            return Field((name,), self.checker.field(table, name).type)
        raise KpiError(
            "unknown-name",
            f"{table} has no column or field '{name}'",
            place=self.places.place(path),
            help=near_or_known(name, [*schema.columns, *schema.fields]),
        )

    def _lookup(self, table: str, name: str) -> None:
        lookup = self.book.tables[table].lookups[name]
        parent = self.checker.schema.tables[lookup.table]
        keys = self.book.tables[lookup.table].key
        path = ("tables", table, "lookups", name, "column")
        for column, key in zip(lookup.column, keys, strict=False):
            field = self._named(table, column, path)
            if key in parent.columns and field.type is not parent.columns[key]:
                raise KpiError(
                    "type",
                    f"'{column}' is a {field.type.value}, and the key '{key}' of {lookup.table}"
                    f" is a {parent.columns[key].value}",
                    place=self.places.place(path),
                    help="declare both with the same type; ids are text",
                )

    # ---- dimensions

    def dimension(self, name: str, dimension: Dimension) -> DimensionFormulas:
        fields: dict[str, Field] = {}
        if isinstance(dimension.field, str):
            fields = self._everywhere(name, dimension.field)
        else:
            for table in dimension.field:
                source = self.places.source(("dimensions", name, "field", table))
                field = self.attempt(lambda table=table, source=source: self._path(table, source))  # type: ignore[misc]  # mypy gives a lambda's default no type
                if field is not None:
                    fields[table] = field
        members = None if dimension.members is None else self.attempt(lambda: self._members(name, dimension))
        tables = self.checker.schema.tables
        today = frozenset(table for table, field in fields.items() if reads_today(self.checker, tables[table], field))
        return DimensionFormulas(fields, members, today)

    def _path(self, table: str, source: Source) -> Field:
        row = self.checker.path(table, source)
        if not isinstance(row, Field):
            help_ = "name a column or field, through lookups if need be (`rep.team`); put an expression under `fields`"
            raise KpiError("dimension", "a dimension is a path", place=source.locate(0, len(source.text)), help=help_)
        return row

    def _everywhere(self, name: str, path: str) -> dict[str, Field]:
        """A bare path in every table that has it; in none is an error."""
        source = self._dimension_source(name)
        fields: dict[str, Field] = {}
        misses: list[KpiError] = []
        for table in self.book.tables:
            try:
                fields[table] = self._path(table, source)
            except DependentError:
                return {}
            except KpiError as error:
                if error.code not in ("unknown-name", "unknown-lookup"):
                    self.errors.append(error)
                    return {}
                misses.append(error)
        if not fields and misses:
            nearest = next((error.help for error in misses if error.help and "did you mean" in error.help), None)
            place = source.locate(0, len(source.text))
            message = f"no table has the path '{path}'"
            self.errors.append(KpiError("unknown-name", message, place=place, help=nearest))
        return fields

    def _dimension_source(self, name: str) -> Source:
        for path in (("dimensions", name, "field"), ("dimensions", name)):
            source = self._source(path)
            if source is not None:
                return source
        raise KeyError(name)

    def _source(self, path: Path) -> Source | None:
        try:
            return self.places.source(path)
        except (KeyError, TypeError):
            return None

    def _members(self, name: str, dimension: Dimension) -> Members:
        table = dimension.members or ""
        (key,) = self.book.tables[table].key
        where = label = None
        if dimension.where is not None:
            where = self.checker.condition(table, self.places.source(("dimensions", name, "where")))
        if dimension.label is not None:
            label = self._path(table, self.places.source(("dimensions", name, "label")))
        return Members(table, self._named(table, key, ("dimensions", name, "members")), where, label)

    def addresses(self) -> dict[str, Field]:
        """Where the addresses of members are, by delivery."""
        book, places, path = self.book, self.places, self.checker.path
        found = {name: self.attempt(lambda n=name: address_field(book, places, n, path)) for name in book.deliveries}  # type: ignore[misc]  # mypy gives a lambda's default no type
        return {name: row for name, row in found.items() if row is not None}

    # ---- KPIs

    def kpis(self) -> dict[str, KpiFormulas]:
        figures: dict[str, Figure] = {}
        for name in self.book.kpis:
            figure = self.attempt(lambda name=name: self._figure(name))  # type: ignore[misc]  # mypy gives a lambda's default no type
            if figure is not None:
                figures[name] = figure
        kpis = {}
        for name in self.book.kpis:
            aims = self.attempt(lambda name=name: self._aims(name, figures))  # type: ignore[misc]  # mypy gives a lambda's default no type
            if aims is not None and name in figures:
                kpis[name] = KpiFormulas(figures[name], aims)
        if kpis.keys() == self.book.kpis.keys():
            self.attempt(lambda: self._target_cycles(kpis))
        return kpis

    def _figure(self, name: str) -> Figure:
        figure = self.checker.kpi(name)
        unit = self.book.kpis[name].unit
        if (figure.type is Type.TEXT) is not (unit is Unit.TEXT):
            source = self.places.source(("kpis", name, "formula"))
            text = figure.type is Type.TEXT
            raise KpiError(
                "unit",
                f"the formula of '{name}' gives a {figure.type.value}, and its unit is {unit.value}",
                place=source.locate(0, len(source.text)),
                help="write `unit: text`" if text else "write `unit: number` (or percent, money, days)",
            )
        return figure

    def _aims(self, name: str, figures: Mapping[str, Figure]) -> Aims:
        """A KPI's targets; texts that can't be read are reported even where the KPI's own formula is wrong."""
        target = self.book.kpis[name].target
        errors: list[KpiError] = []
        flow = False
        try:
            flow = self._accumulates(name, figures)
        except DependentError as error:
            errors.append(error)
        if target is None:
            if errors:
                raise errors[0]
            return Aims(flow, (), {})
        fits = not errors

        def dated_aims(entries: tuple[TargetEntry, ...], under: Path) -> tuple[DatedAim, ...]:
            aims = []
            for index, entry in enumerate(entries):
                source = self._entry_source(under, index, entry)
                try:
                    aim = parse_aim(source, self.book, self.checker)
                    fitting = check_aim(aim, source, name, figures[name], flow=flow) if fits else aim
                    aims.append(DatedAim(entry.from_, fitting))
                except KpiError as error:
                    errors.append(error)
            return tuple(aims)

        base: Path = ("kpis", name, "target")
        total_path = (*base, "total") if self._has((*base, "total")) else base
        total = dated_aims(target.total, total_path)
        members = {key: dated_aims(entries, (*base, key)) for key, entries in target.members.items()}
        own = [error for error in errors if not isinstance(error, DependentError)]
        if errors:
            raise Mistakes(own) if own else errors[0]
        return Aims(flow, total, members)

    def _accumulates(self, name: str, figures: Mapping[str, Figure]) -> bool:
        if name not in figures:
            raise DependentError("kpi", f"'{name}' is wrong itself")
        windowed = frozenset(key for key, kpi in self.book.kpis.items() if kpi.window is not None)
        dated = frozenset(key for key, table in self.book.tables.items() if table.date is not None)
        return accumulates(figures[name], figures, windowed, dated)

    def _has(self, path: Path) -> bool:
        try:
            return self.places.place(path) is not None
        except (KeyError, TypeError):
            return False

    def _entry_source(self, under: Path, index: int, entry: TargetEntry) -> Source:
        for path in ((*under, index, "value"), (*under, index), (*under, "value"), under):
            source = self._source(path)
            if source is not None:
                return source
        return Source.named(entry.value)

    def _target_cycles(self, kpis: Mapping[str, KpiFormulas]) -> None:
        """`target(k)` may lead to k's own target formula: a circle that no report could end."""
        done: set[str] = set()

        def walk(node: str, trail: list[str]) -> None:
            if node in trail:
                names = [*trail[trail.index(node) :], node]
                kpi = node.removeprefix("target of ")
                raise KpiError(
                    "cycle",
                    f"'{names[0]}' needs itself: {' → '.join(names)}",
                    place=self.places.place(("kpis", kpi, "target")),
                    help="break the circle: one of these formulas must not read the next",
                )
            if node in done:
                return
            kpi = node.removeprefix("target of ")
            for following in references(kpis[kpi].figure) if node == kpi else target_references(kpis[kpi].aims):
                walk(following, [*trail, node])
            done.add(node)

        for name in kpis:
            walk(name, [])
            walk(f"target of {name}", [])
