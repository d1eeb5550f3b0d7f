"""What a book's parts say about each other: names that must exist, keys that must fit, orders that must hold.

Types and formulas are `kpicli.book.formulas`' part; here are all that need none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from msgspec import Struct, field

from kpicli.book.dated import Target, TargetEntry
from kpicli.book.deliveries import check_deliveries
from kpicli.book.goals import Goal, Level
from kpicli.book.model import Book, Column, ColumnType, Dimension, Kpi, KpiStatus, Lookup, Table, Unit
from kpicli.book.money import check_currencies
from kpicli.book.reader import Path, Places
from kpicli.book.standard_input import read_twice
from kpicli.errors import KpiError, Place, did_you_mean, near_or_known
from kpicli.formula.tokens import RESERVED
from kpicli.periods import check_period

_INTERVALS = ("days", "workdays")
_NAME = re.compile(r"[^\W\d_]\w*")
_NUMBERS = (ColumnType.NUMBER, ColumnType.MONEY, ColumnType.PERCENT)


class Checked(Struct):
    """What was found wrong, and what formulas can't be typed with."""

    errors: list[KpiError] = field(default_factory=list)
    unfit: set[Path] = field(default_factory=set)
    """Lookups and dimensions, as paths in the model, that lead nowhere."""


def check(book: Book, places: Places, dropped: frozenset[Path]) -> Checked:
    """Everything that is wrong between the parts of a book. `dropped` is what is missing for a reason of its own."""
    work = _Check(book, places, dropped)
    work.names()
    check_currencies(work)
    for name, table in book.tables.items():
        work.table(name, table)
    work.found.errors.extend(read_twice(book, places))
    for name, dimension in book.dimensions.items():
        work.dimension(name, dimension)
    for stage, passed in book.pipeline.items():
        if passed is not None:
            work.refer("kpis", passed, ("pipeline", stage))
    for name, goal in book.goals.items():
        work.goal(name, goal)
    for name, kpi in book.kpis.items():
        work.kpi(name, kpi)
    work.scorecards()
    check_deliveries(work)
    work.thresholds()
    return work.found


_SECTIONS = ("tables", "kpis", "goals", "pipeline", "dimensions", "scorecards")
_WORDS = {name: name.removesuffix("s") for name in _SECTIONS} | {"kpis": "KPI", "pipeline": "stage"}


class _Check:
    def __init__(self, book: Book, places: Places, dropped: frozenset[Path]) -> None:
        self.book = book
        self.places = places
        self.dropped = dropped
        self.found = Checked()
        self._keyless: set[str] = set()

    def fail(self, code: str, message: str, path: Path, help_: str | None = None) -> None:
        """Keeps an error about the value at `path`."""
        self.add(code, message, self.places.place(path), help_)

    def fail_key(self, code: str, message: str, path: Path, help_: str | None = None) -> None:
        """Keeps an error about the key at the end of `path`."""
        self.add(code, message, self.places.key(path), help_)

    def add(self, code: str, message: str, place: Place, help_: str | None) -> None:
        self.found.errors.append(KpiError(code, message, place=place, help=help_))

    def gone(self, *path: str) -> bool:
        """Whether something was left out of the book, itself or with what holds it."""
        return any(path[: length + 1] in self.dropped for length in range(len(path)))

    def declared(self, section: str) -> list[str]:
        """The names that a section has in the file."""
        left_out = [str(path[1]) for path in self.dropped if len(path) == 2 and path[0] == section]
        return [*getattr(self.book, section), *left_out]

    def refer(self, section: str, name: str, path: Path) -> bool:
        """Whether `name` is declared in a section; where not, that is an error at `path`."""
        if name in getattr(self.book, section):
            return True
        if not self.gone(section, name):
            word = _WORDS[section]
            called = {key: getattr(each, "name", None) for key, each in getattr(self.book, section).items()}
            help_ = did_you_mean(name, self.declared(section), called) or f"declare it under `{section}`"
            self.fail(f"unknown-{word.lower()}", f"there is no {word} '{name}'", path, help_)
        return False

    def no_key(self, table: str, message: str, path: Path, help_: str) -> None:
        """Keeps an error about a table that lacks a key; one for each table, however many need it."""
        if table not in self._keyless and not self.gone("tables", table, "key"):
            self._keyless.add(table)
            self.fail("no-key", message, path, help_)

    # ---- names

    def names(self) -> None:
        """Names that formulas use are names of their language, and stand for one thing."""
        book = self.book
        for section in ("constants", "tables", "dimensions", "kpis"):
            self._named(section[:-1] if section != "kpis" else "KPI", getattr(book, section), (section,))
        for name, table in book.tables.items():
            for part in ("columns", "fields", "lookups"):
                self._named(part[:-1], getattr(table, part), ("tables", name, part))
            for index, entry in enumerate(table.source):
                new = [column for column in entry.columns if column not in table.columns]
                self._named("column", new, ("tables", name, "source", index, "columns"))
        for section, word in (("kpis", "KPI"), ("constants", "constant")):
            for name in _INTERVALS:
                if name in getattr(book, section):
                    message = f"a {word} can't be named '{name}', which formulas take for the length of the period"
                    self.fail_key("bad-name", message, (section, name), "rename it")
        for name in book.constants.keys() & book.kpis.keys():
            message = f"'{name}' is both a KPI and a constant"
            self.fail_key("name-clash", message, ("kpis", name), "rename one of them")
        if "total" in book.dimensions:
            message = "a dimension can't be named 'total', which in a target is the whole company"
            self.fail_key("bad-name", message, ("dimensions", "total"), "rename it")

    def _named(self, word: str, names: Iterable[str], under: Path) -> None:
        for name in names:
            if _NAME.fullmatch(name) is None:
                plain = re.sub(r"\W+", "_", name.strip()).strip("_").lower()
                help_ = "a name is a letter, then letters, digits and _"
                if _NAME.fullmatch(plain):
                    help_ += f": for example {plain}" + (f": {name}" if word == "column" else "")
                self.fail_key("bad-name", f"'{name}' can't be the name of a {word}", (*under, name), help_)
            elif name.lower() in RESERVED:
                message = f"'{name}' can't be the name of a {word}: it is a word of the formula language"
                self.fail_key("bad-name", message, (*under, name), "rename it")

    # ---- tables

    def table(self, name: str, table: Table) -> None:
        under = ("tables", name)
        types = table.column_types()
        if not types and not any(path[:2] == under for path in self.dropped):
            message = f"{name} has no columns, and formulas see only columns that are declared"
            help_ = "add `columns:` with a line `name: Header` for each column that a formula needs"
            self.fail_key("no-columns", message, under, help_)
        for column in table.fields:
            if column in types:
                message = f"'{column}' is both a column and a field of {name}"
                self.fail_key("name-clash", message, (*under, "fields", column), "rename one of them")
        self._columns(name, table)
        if types:
            self._key(name, table)
        if table.covers is not None and table.date is None and not self.gone(*under, "date"):
            help_ = "add `date:` with the column that holds a day of the month"
            self.fail("no-date", f"{name} covers months, and has no date", (*under, "covers"), help_)
        for key, lookup in table.lookups.items():
            self._lookup((*under, "lookups", key), lookup)

    def _key(self, name: str, table: Table) -> None:
        path = ("tables", name, "key")
        for index, column in enumerate(table.key):
            self._column(name, column, self.places.place((*path, index)), "a key is made of columns")
        if len(set(table.key)) < len(table.key):
            self.fail("value", "`key` names a column twice", path, "name each column once")
        if table.keep is not None:
            self._keep(name, table, table.keep)

    def _column(self, name: str, column: str, place: Place, reason: str) -> bool:
        table = self.book.tables[name]
        types = table.column_types()
        if column in types:
            return True
        if not self.gone("tables", name, "columns", column):
            help_ = f"{reason}, and '{column}' is a field" if column in table.fields else near_or_known(column, types)
            self.add("unknown-name", f"{name} has no column '{column}'", place, help_)
        return False

    def _keep(self, name: str, table: Table, column: str) -> None:
        path = ("tables", name, "keep")
        if not table.key:
            message = f"`keep` chooses one row of each key, and {name} has no key"
            self.no_key(name, message, path, "add `key:` with the column that tells one row from another")
        place = self.places.word(path, column)
        if self._column(name, column, place, "the newest row is told by a column"):
            kind = table.column_types()[column]
            if kind is not ColumnType.DATE and kind not in _NUMBERS:
                message = f"'{column}' is a {kind.value}, which has no latest"
                help_ = f"declare it with `type: date` (or number) under tables.{name}.columns"
                self.add("type", message, place, help_)

    def _columns(self, name: str, table: Table) -> None:
        types: dict[str, ColumnType] = {}
        for column, path in _declarations(name, table):
            key = str(path[-1])
            known = types.setdefault(key, column.type)
            if known is not column.type:
                message = f"'{key}' is a {column.type.value} here, and a {known.value} elsewhere in {name}"
                self.fail("type", message, path, "declare one type for all files of the table")
            for option, fits in _OPTIONS.items():
                is_given = option in column.model_fields_set and self.places.has((*path, option))
                if is_given and column.type not in fits and known is column.type:
                    kind = "number" if fits is _NUMBERS else fits[0].value
                    about = kind if kind == "money" else f"a {kind}"
                    message = f"`{option}` is about {about}, and '{key}' is a {column.type.value}"
                    self.fail("value", message, (*path, option), f"add `type: {kind}`, or leave `{option}` out")

    def _lookup(self, path: Path, lookup: Lookup) -> None:
        if not self.refer("tables", lookup.table, (*path, "table")):
            self.found.unfit.add(path)
            return
        key = self.book.tables[lookup.table].key
        if len(key) == len(lookup.column) or self.gone("tables", lookup.table, "key"):
            return
        self.found.unfit.add(path)
        if not key:
            message = f"{lookup.table} has no key, so nothing can look up its rows"
            help_ = f"add `key:` to tables.{lookup.table}"
            self.no_key(lookup.table, message, (*path, "table"), help_)
            return
        message = f"the key of {lookup.table} is {_counted(key)}, and `column` names {len(lookup.column)}"
        help_ = "name one column for each: " + ", ".join(key)
        self.fail("key", message, (*path, "column"), help_)

    # ---- dimensions

    def dimension(self, name: str, dimension: Dimension) -> None:
        path = ("dimensions", name)
        if not isinstance(dimension.field, str):
            if not dimension.field:
                self.fail("value", "`field` is an empty mapping", (*path, "field"), "write one path, or one a table")
            for table in dimension.field:
                if table not in self.book.tables:
                    self.found.unfit.add((*path, "field", table))
                    if not self.gone("tables", table):
                        help_ = near_or_known(table, self.declared("tables"))
                        message = f"there is no table '{table}'"
                        self.fail_key("unknown-table", message, (*path, "field", table), help_)
        if dimension.members is not None:
            self._members(path, dimension.members)
            return
        for part in ("where", "label"):
            if getattr(dimension, part) is not None and not self.gone(*path, "members"):
                message = f"`{part}` is about the table of members, and this dimension has none"
                self.fail_key("value", message, (*path, part), "add `members:` with the table that lists them")

    def _members(self, path: Path, table: str) -> None:
        here = (*path, "members")
        if not self.refer("tables", table, here):
            self.found.unfit.add(here)
            return
        key = self.book.tables[table].key
        if len(key) == 1:
            return
        self.found.unfit.add(here)
        help_ = f"give tables.{table} a `key:` of one column"
        if not key:
            self.no_key(table, f"a member is the key of its table, and {table} has no key", here, help_)
        elif not self.gone("tables", table, "key"):
            message = f"a member is the key of its table, and {table} has a key of {_counted(key)}"
            self.fail("key", message, here, help_)

    # ---- goals and KPIs

    def goal(self, name: str, goal: Goal) -> None:
        path = ("goals", name, "parent")
        if goal.parent is None or not self.refer("goals", goal.parent, path):
            return
        parent = self.book.goals[goal.parent]
        if _HEIGHT[parent.level] <= _HEIGHT[goal.level]:
            message = f"'{goal.parent}' is a goal of the {parent.level.value}, and '{name}' of the {goal.level.value}"
            if parent.level is goal.level:
                message = f"'{goal.parent}' and '{name}' are both goals of the {goal.level.value}"
            help_ = "a goal's parent stands on a higher level: individual, then team, then company"
            self.fail("goal-level", message, path, help_)

    def kpi(self, name: str, kpi: Kpi) -> None:
        path = ("kpis", name)
        self._goal(name, kpi)
        if kpi.stage is not None:
            self.refer("pipeline", kpi.stage, (*path, "stage"))
        if kpi.unit is Unit.MONEY and self.book.currency is None and not self.gone("currency"):
            help_ = "add `currency: USD` (or another ISO 4217 code) to the top of the book"
            self.fail("no-currency", f"'{name}' is money, and the book has no currency", (*path, "unit"), help_)
        for index, driven in enumerate(kpi.drives):
            here = (*path, "drives", index, "kpi")
            if self.refer("kpis", driven.kpi, here) and driven.kpi == name:
                self.fail("value", f"'{name}' can't drive itself", here, "name the KPI that it moves")
        if kpi.target is not None:
            self._target(path, kpi, kpi.target)

    def _goal(self, name: str, kpi: Kpi) -> None:
        path = ("kpis", name, "goal")
        if kpi.goal is not None:
            self.refer("goals", kpi.goal, path)
        elif kpi.status is KpiStatus.ACTIVE and not (self.gone(*path) or self.gone("kpis", name, "status")):
            goals = ", ".join(sorted(self.declared("goals")))
            named = f"`goal:` with one of {goals}" if goals else "a goal under `goals`, and `goal:` with its name"
            help_ = f"add {named}; or `status: proposed` while there is none"
            self.fail_key("no-goal", f"'{name}' is active, and every active KPI serves a goal", path[:2], help_)

    def _target(self, path: Path, kpi: Kpi, target: Target) -> None:
        here = (*path, "target")
        if kpi.unit is Unit.TEXT:
            self.fail_key("text-target", "a text has no target", here, "leave `target` out")
            return
        self._dated((*here, "total"), target.total)
        for dimension, entries in target.members.items():
            if dimension in self.book.dimensions:
                self._dated((*here, "members", dimension), entries)
            elif not self.gone("dimensions", dimension):
                message = f"there is no dimension '{dimension}'"
                help_ = (
                    did_you_mean(dimension, ["total", *self.declared("dimensions")]) or "declare it under `dimensions`"
                )
                self.fail_key("unknown-dimension", message, (*here, dimension), help_)

    def _dated(self, path: Path, entries: tuple[TargetEntry, ...]) -> None:
        for index, (before, entry) in enumerate(pairwise(entries), 1):
            here = (*path, index)
            if entry.from_ is None:
                help_ = "only the first entry may hold from always"
                self.fail("missing-key", "this entry needs `from`", here, help_)
            elif before.from_ is not None and entry.from_ <= before.from_:
                message = f"this entry is from {entry.from_}, and the one before it from {before.from_}"
                self.fail("target-order", message, (*here, "from"), "sort the entries by `from`, each day once")

    # ---- reports

    def scorecards(self) -> None:
        for name, card in self.book.scorecards.items():
            path = ("scorecards", name)
            for index, kpi in enumerate(card.kpis):
                here = (*path, "kpis", index)
                if self.refer("kpis", kpi, here) and kpi in card.kpis[:index]:
                    self.fail("value", f"'{kpi}' stands twice in this scorecard", here, "delete one")
            if card.by is not None:
                self.refer("dimensions", card.by, (*path, "by"))
            if card.period is not None:
                self.period(card.period, (*path, "period"))

    def period(self, text: str, path: Path) -> None:
        """Keeps an error about the text of a period that can't be read."""
        try:
            check_period(text, self.book.calendar)
        except KpiError as error:
            self.fail(error.code, error.message, path, error.help)

    def thresholds(self) -> None:
        status = self.book.status
        if status.at_risk > status.on_track:
            message = f"`at_risk` is {status.at_risk:%}, above `on_track`, which is {status.on_track:%}"
            key = "at_risk" if self.places.has(("status", "at_risk")) else "on_track"
            self.fail("value", message, ("status", key), "a KPI is at risk below on_track, and behind below at_risk")


_HEIGHT = {Level.INDIVIDUAL: 0, Level.TEAM: 1, Level.COMPANY: 2}

_OPTIONS: Mapping[str, tuple[ColumnType, ...]] = {
    "format": (ColumnType.DATE,),
    "timezone": (ColumnType.DATE,),
    "empty": (ColumnType.BOOLEAN,),
    "decimal": _NUMBERS,
    "currency": (ColumnType.MONEY,),
    "id": (ColumnType.TEXT,),
    "separator": (ColumnType.TEXT,),
}
"""Which types an option of a column is for."""


def _declarations(name: str, table: Table) -> Iterator[tuple[Column, Path]]:
    for key, column in table.columns.items():
        yield column, ("tables", name, "columns", key)
    for index, entry in enumerate(table.source):
        for key, column in entry.columns.items():
            yield column, ("tables", name, "source", index, "columns", key)


def _counted(key: tuple[str, ...]) -> str:
    return f"{len(key)} columns ({', '.join(key)})" if len(key) != 1 else f"one column ({key[0]})"
