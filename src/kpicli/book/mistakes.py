"""From what the file holds to the `Book`: whatever doesn't fit is reported and left out, and the rest is built.

So one mistake hides no other: the book that is left can be checked further.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from pydantic import ValidationError

from kpicli.book.calendar import CalendarSpec
from kpicli.book.compose import COMMA
from kpicli.book.dated import RateEntry, TargetEntry
from kpicli.book.declared import Declared, known_keys
from kpicli.book.goals import Goal
from kpicli.book.mail import Delivery, Each, Mail, PasswordSpec
from kpicli.book.model import (
    Book,
    Column,
    Dimension,
    Drives,
    Kpi,
    Lifespan,
    Lookup,
    Role,
    ScorecardSpec,
    SourceFile,
    Table,
    Thresholds,
)
from kpicli.book.reader import Data, Path, Places
from kpicli.book.secrets import refuse_secrets
from kpicli.book.spellings import shown
from kpicli.book.texts import CsvSpec
from kpicli.errors import KpiError, Mistakes, Place, did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Built(Struct, frozen=True):
    """The book without what was wrong with it."""

    book: Book
    errors: tuple[KpiError, ...]
    dropped: frozenset[Path]
    """What was left out, as paths in the file. Who names one of these is not at fault."""
    places: Places
    """The places of the book and of what presets bring to it."""


_NOUNS: Mapping[type[Declared], str] = {
    Book: "a book",
    CalendarSpec: "the calendar",
    Column: "a column",
    CsvSpec: "`csv`",
    Delivery: "a delivery",
    Dimension: "a dimension",
    Drives: "`drives`",
    Each: "`to`",
    Goal: "a goal",
    Kpi: "a KPI",
    Lifespan: "a lifespan",
    Lookup: "a lookup",
    Mail: "`mail`",
    PasswordSpec: "`password`",
    RateEntry: "an entry of a rate",
    ScorecardSpec: "a scorecard",
    SourceFile: "an entry of `source`",
    Table: "a table",
    TargetEntry: "an entry of a target",
    Thresholds: "`status`",
}

_EXAMPLES: Mapping[str, str] = {
    "address": "`address: users.email`, where the addresses of the members are",
    "column": "`column: owner_id`, the column that holds the parent's key",
    "each": "`each: owner`, a dimension with `members`",
    "field": "`field: owner`, a path from a row to its member",
    "formula": "`formula: sum(opportunities.amount where won)`",
    "from": "`from: created_date`",
    "kpi": "`kpi: won_revenue`, the KPI that it moves",
    "kpis": "`kpis: [win_rate, calls]`",
    "path": "`path: exports/tasks.csv`",
    "rate": "`rate: 1.08`",
    "role": "`role: leading` or `role: lagging`",
    "scorecard": "`scorecard: weekly`, one of the book's `scorecards`",
    "server": "`server: smtp.example.com`",
    "source": "`source: exports/opportunities*.csv`",
    "table": "`table: accounts`, the parent table",
    "to": "`to: [vp@example.com]`, or `to: {each: owner, address: users.email}`",
    "until": "`until: closed_on`",
    "value": "`value: 30%`",
}

_FORMS: Mapping[type[Declared], str] = {
    Delivery: "write `scorecard:` and `to:` in lines of their own, indented under it",
    Mail: "write `server: smtp.example.com` and other keys in lines of their own, indented under it",
    CalendarSpec: "write keys such as `timezone: America/New_York`, indented under it",
    Drives: "write the name of a KPI, or `{kpi: won_revenue, lag: 6 weeks}`",
    Column: "write a header, or `{header: Close Date, type: date}`",
    CsvSpec: 'write `{delimiter: ";", encoding: windows-1252}`',
    Kpi: "write `formula:` and `role:` in lines of their own, indented under it",
    Lifespan: "write `{from: created_date, until: closed_date}`",
    Lookup: "write `{table: accounts, column: account_id}`",
    RateEntry: "write `{from: 2026-01-01, rate: 1.08}`",
    SourceFile: "write a path, or `{path: exports/tasks.csv, columns: …}`",
    Table: "write `source:` and `columns:` in lines of their own, indented under it",
    TargetEntry: "write `{from: 2026-01-01, value: 30%}`",
    Thresholds: "write `{on_track: 100%, at_risk: 90%}`",
}
"""How a mapping is written, where a few words say it."""

_REQUIRED: Mapping[str, tuple[Data, str]] = {
    "version": (None, "write `version: 1`"),
    "tables": ({}, "a table is declared as `opportunities: {source: exports/opportunities.csv, columns: …}`"),
    "kpis": ({}, "a KPI is declared as `won_revenue: {role: lagging, goal: …, formula: …}`"),
}
"""What a book needs: what stands in for it while the rest is checked, and how it is written."""

_AT: Mapping[Path, type[Declared]] = {
    ("calendar",): CalendarSpec,
    ("status",): Thresholds,
    ("mail",): Mail,
    ("mail", "password"): PasswordSpec,
}
"""The models that stand at one path each."""

_PARTS_OF_A_TABLE = frozenset({"columns", "fields", "lookups", "preset", "source"})


def build(data: dict[str, Data], places: Places, name: str) -> Built:
    """The book, with `name` where it gives none."""
    refuse_secrets(data, places)
    work = _Build(data, places)
    work.require()
    work.bring_presets()
    data.setdefault("name", name)
    if data["name"] is None:
        data["name"] = name
    while True:
        try:
            book = Book.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            work.take_out(error)
        else:
            return Built(book, tuple(work.errors), frozenset(work.dropped), work.places)


class _Build:
    def __init__(self, data: dict[str, Data], places: Places) -> None:
        self._data: Any = data
        self.places = places
        self.errors: list[KpiError] = []
        self.dropped: set[Path] = set()

    def require(self) -> None:
        """Puts something in the place of what every book needs and this one lacks."""
        for key, (stand_in, help_) in _REQUIRED.items():
            if self._data.get(key) in (None, {}):
                place = self.places.place((key,))
                self.errors.append(KpiError("missing-key", f"a book needs `{key}`", place=place, help=help_))
                self._stand_in(key, stand_in)

    def _stand_in(self, key: str, stand_in: Data) -> None:
        self._data[key] = 1 if stand_in is None else stand_in
        self.dropped.add((key,))

    def bring_presets(self) -> None:
        """Puts what presets know into the tables that name one; a table whose preset isn't known is left out."""
        if not _names_presets(self._data.get("tables")):
            return
        from kpicli.book.merging import merge  # noqa: PLC0415 -- other books are loaded without

        merged = merge(self._data, self.places)
        self.errors += merged.errors
        self.dropped |= merged.dropped
        self.places = self.places.with_presets(merged.brought)

    def take_out(self, invalid: ValidationError) -> None:
        """Reports what is wrong and takes it out of the data, so that the rest can be built."""
        found = []
        for details in invalid.errors(include_url=False, include_input=True):
            path = self.places.path(details["loc"])
            if details["type"] == "missing":
                path = (*self.places.path(details["loc"][:-1]), str(details["loc"][-1]))
            found.append((details, path))
        victims = {_victim(path, details["type"]) for details, path in found}
        if victims <= self.dropped:  # what can't be taken out can't be mended either
            raise Mistakes(self.errors)
        for details, path in found:
            if details["type"] != "missing":
                self.errors.append(self._error(details, path))
                self.dropped |= _meant(details, path)
            elif path not in self.dropped:
                self.errors.append(self._missing(path))
        for victim in sorted(victims, key=len, reverse=True):
            self._drop(victim)

    def _drop(self, path: Path) -> None:
        self.dropped.add(path)
        if len(path) == 1 and path[0] in _REQUIRED:
            self._stand_in(str(path[0]), _REQUIRED[str(path[0])][0])
        elif path:
            owner = self._data
            for step in path[:-1]:
                owner = owner[step]
            if _is_role(path):
                owner[path[-1]] = Role.LEADING.value
            else:
                owner.pop(path[-1], None)

    # ---- messages

    def _missing(self, path: Path) -> KpiError:
        owner, key = path[:-1], str(path[-1])
        help_ = f"for example {_EXAMPLES[key]}"
        if self.places.has(path):
            return KpiError("missing-key", f"`{key}` is empty", place=self.places.place(path), help=help_)
        name = f"'{owner[-1]}'" if isinstance(owner[-1], str) else "this entry"
        return KpiError("missing-key", f"{name} needs `{key}`", place=self.places.place(owner), help=help_)

    def _error(self, details: ErrorDetails, path: Path) -> KpiError:
        kind = details["type"]
        if kind == "extra_forbidden":
            return self._unknown_key(details["loc"], path)
        help_ = None
        place = self._place(details, path)
        match kind:
            case "kpi-error":
                context = details["ctx"]
                return KpiError(context["code"], context["message"], place=place, help=context["help"])
            case "kpi-value":
                context = details["ctx"]
                message, help_ = context["message"], context["help"]
                if message == "is empty":
                    help_ = self._comma(path) or help_
            case "model_type" | "dict_type":
                message = "is empty" if details["input"] is None else f"takes a mapping, not {shown(details['input'])}"
                help_ = _form(details["loc"])
            case "tuple_type" | "frozen_set_type":
                message = f"takes a text or a list, not {shown(details['input'])}"
                help_ = "write a text, or several as `[one, another]`"
            case _:
                message = f"doesn't fit: {details['msg']}"
        subject = next((f"`{step}`" for step in reversed(path) if isinstance(step, str)), "the book")
        if path and isinstance(path[-1], int):
            subject = f"an entry of {subject}"
        return KpiError("value", f"{subject} {message}", place=place, help=help_)

    def _place(self, details: ErrorDetails, path: Path) -> Place:
        at = details.get("ctx", {}).get("at", ())
        if at or isinstance(details["input"], dict | list):
            return self.places.value((*path, *at))
        return self.places.place(path)

    def _unknown_key(self, loc: Path, path: Path) -> KpiError:
        key = str(path[-1])
        model = _model(loc[:-1])
        known = known_keys(model)
        nearest = did_you_mean(key, known)
        if nearest is None or not nearest.startswith("did you mean"):
            nearest = "known: " + ", ".join(known)
        help_ = self._comma(path) or nearest
        place = self.places.key(path)
        return KpiError("unknown-key", f"{_NOUNS[model]} has no key '{key}'", place=place, help=help_)

    def _comma(self, path: Path) -> str | None:
        """The help for what a comma in braces has cut off; what stood before it is then in doubt too."""
        before = self.places.cut_by_comma(path)
        if before is None:
            return None
        self.dropped.add(before)
        return COMMA


def _names_presets(tables: object) -> bool:
    """Whether a table, or an entry of its `source`, has a key `preset`."""
    owners = [table for table in (tables.values() if isinstance(tables, dict) else ()) if isinstance(table, dict)]
    sources = [table.get("source") for table in owners]
    entries = [entry for source in sources for entry in (source if isinstance(source, list) else [source])]
    return any(isinstance(owner, dict) and "preset" in owner for owner in (*owners, *entries))


def _meant(details: ErrorDetails, path: Path) -> set[Path]:
    """What is missing because of a mistake, besides what is taken out.

    The key that an unknown one was meant to be, and
    the column of a table that one of its files has.
    """
    match path:
        case ("tables", name, "source", *_, "columns", column) | ("tables", name, "source", *_, "columns", column, _):
            return {("tables", name, "columns", column)}
        case _ if details["type"] == "extra_forbidden":
            nearest = get_close_matches(str(path[-1]), known_keys(_model(details["loc"][:-1])), n=1)
            return {(*path[:-1], key) for key in nearest}
        case _:
            return set()


def _form(loc: Path) -> str:
    if loc[-1] == "columns":
        return "write a line `name: Header` for each column, indented under it"
    if loc[-1] == "rates":
        return "write a line such as `EUR: 1.08` for each currency, indented under it"
    return _FORMS.get(_model(loc), "write `key: value` lines, indented under it")


def _is_role(path: Path) -> bool:
    """Whether it is the role of a KPI, without which there would be no KPI, and which no formula reads."""
    return len(path) == 3 and path[0] == "kpis" and path[2] == "role"


def _victim(path: Path, kind: str) -> Path:
    """What is to go.

    For something missing it is what lacks it. Never an item of a list, whose neighbours would move, but the list; no
    part of a table on which all of its formulas stand, but the table; no part of a column or a target, but the whole,
    which would mean something else without it.
    """
    if kind == "missing" and not _is_role(path):
        path = path[:-1]
    while path and isinstance(path[-1], int):
        path = path[:-1]
    match path:
        case ("tables", name, str() as part) if part in _PARTS_OF_A_TABLE:
            return ("tables", name)
        case ("tables", name, "columns", column, *_):
            return ("tables", name, "columns", column)
        case ("tables", name, "source", *entry, "columns", str() as column, _):
            return ("tables", name, "source", *entry, "columns", column)
        case ("kpis", name, "target", *_):
            return ("kpis", name, "target")
        case ("rates", code, *_):
            return ("rates", code)
        case ("mail", "password", *_):
            return ("mail", "password")
        case ("deliveries", name, "to", *_):
            return ("deliveries", name, "to")
        case _:
            return path


def _model(loc: Path) -> type[Declared]:
    """The model that stands at a path of the model."""
    if loc in _AT:
        return _AT[loc]
    match loc:
        case ("rates", _, *_):
            return RateEntry
        case ("tables", _):
            return Table
        case ("tables", _, "columns", _) | ("tables", _, "source", int(), "columns", _):
            return Column
        case ("tables", _, "source", int()):
            return SourceFile
        case ("tables", _, "csv") | ("tables", _, "source", int(), "csv"):
            return CsvSpec
        case ("tables", _, "lookups", _):
            return Lookup
        case ("tables", _, "lifespan"):
            return Lifespan
        case ("dimensions", _):
            return Dimension
        case ("goals", _):
            return Goal
        case ("kpis", _):
            return Kpi
        case ("kpis", _, "drives", int()):
            return Drives
        case ("kpis", _, "target", *_):
            return TargetEntry
        case ("scorecards", _):
            return ScorecardSpec
        case ("deliveries", _, *rest):
            return Each if rest else Delivery
        case _:
            return Book
