"""What a preset knows, put into the tables of a book that name one, before the book is built.

All of it is done on what the files hold, so that a column of the book which says only a part (its format, say) takes
the rest from the preset, and is then checked like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from kpicli.book.grafts import Brought, Graft, Path
from kpicli.book.presets import nearest_table, preset_names, preset_tables
from kpicli.book.reader import Data, Places
from kpicli.errors import KpiError, did_you_mean

_FOR_PRESETS = frozenset({"needs", "columns", "fields", "lookups"})
"""Keys of a preset's table that aren't simply taken over."""
_NONE = "none"
"""What a key of the book says where the preset's shall not hold."""
_SAYS_NONE_ITSELF = "footer"
"""The key for which that is a value like others."""


class Merged(Struct):
    """What presets brought, and what was wrong with how the book names them."""

    grafts: dict[Path, Graft] = field(default_factory=dict)
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[KpiError] = field(default_factory=list)
    dropped: set[Path] = field(default_factory=set)
    """Tables that were left out."""

    @property
    def brought(self) -> Brought:
        return Brought(self.grafts, self.waiting)


class _Preset(NamedTuple):
    """A preset's table, and where the book names it."""

    crm: str
    table: str
    data: Mapping[str, Data]
    path: Path

    @property
    def name(self) -> str:
        return f"{self.crm}/{self.table}"

    def part(self, name: str) -> dict[str, Data]:
        """Its columns, fields or lookups."""
        part = self.data.get(name)
        return dict(part) if isinstance(part, dict) else {}


def merge(data: dict[str, Data], places: Places) -> Merged:
    """Puts presets into `data`. A table that names one which isn't known is taken out of it, with an error."""
    merged = Merged()
    tables = data.get("tables")
    if not isinstance(tables, dict):
        return merged
    found: dict[str, _Preset] = {}
    for name, table in list(tables.items()):
        if not isinstance(table, dict):
            continue
        try:
            own = _named(table, ("tables", name), places)
            entries = [_named(entry, path, places) for path, entry in _entries(name, table)]
        except KpiError as error:
            merged.errors.append(error)
            merged.dropped.add(("tables", name))
            del tables[name]
            continue
        if own is not None:
            found[name] = own
        if own is not None or any(entries):
            _Table(name, table, own, entries, merged.grafts).merge()
    for name, preset in found.items():
        _lookups(name, preset, found, tables, merged)
    return merged


def _entries(name: str, table: Mapping[str, Data]) -> Iterator[tuple[Path, Data]]:
    source = table.get("source")
    for index, entry in enumerate(source if isinstance(source, list) else [source]):
        yield ("tables", name, "source", index), entry


def _named(owner: Data, path: Path, places: Places) -> _Preset | None:
    """The preset that a table or an entry of `source` names. Raises KpiError where there is no such preset."""
    given = owner.get("preset") if isinstance(owner, dict) else None
    if not isinstance(given, str):
        return None
    here = (*path, "preset")
    crm, _, table = (part.strip().lower() for part in given.partition("/"))
    if crm not in preset_names():
        help_ = did_you_mean(crm, preset_names()) or "`kpi presets` lists them"
        raise KpiError("unknown-preset", f"there is no preset '{crm}'", place=places.place(here), help=help_)
    tables = preset_tables(crm)
    if table not in tables:
        message = f"the preset {crm} has no table '{table}'"
        if not table:
            message = f"the preset {crm} has several tables, and this names none"
        raise KpiError("unknown-preset", message, place=places.place(here), help=nearest_table(crm, table))
    return _Preset(crm, table, tables[table], here)


class _Table:
    """One table of the book, into which its presets are put."""

    def __init__(
        self,
        name: str,
        data: dict[str, Data],
        own: _Preset | None,
        entries: list[_Preset | None],
        grafts: dict[Path, Graft],
    ) -> None:
        self.name = name
        self.data = data
        self.own = own
        self.entries = entries
        self.grafts = grafts
        columns, fields = data.get("columns"), data.get("fields")
        self.columns: dict[str, Data] = columns if isinstance(columns, dict) else {}
        self.fields: dict[str, Data] = fields if isinstance(fields, dict) else {}

    def merge(self) -> None:
        if self.own is not None:
            self._keys(self.own)
            self._fields(self.own)
        if any(self.entries):
            self._columns_by_entry()
        elif self.own is not None:
            self._put("columns", self._columns(self.own, self.columns, ("tables", self.name)))

    def _put(self, part: str, values: dict[str, Data]) -> None:
        """Sets a part of the table; one that isn't a mapping stays, to be refused."""
        if self.data.get(part) is None or isinstance(self.data[part], dict):
            self.data[part] = values

    def _graft(self, preset: _Preset, path: Path, word: str, text: str | None = None) -> None:
        name = "" if word == path[-1] else f" {path[-1]}"
        self.grafts[path] = Graft(preset.path, f"the preset's {word}{name}", text)

    def _keys(self, preset: _Preset) -> None:
        """Key, date and the like, where the table doesn't say them itself."""
        for key, value in preset.data.items():
            if key in _FOR_PRESETS:
                continue
            given = self.data.get(key)
            if given is None:
                self.data[key] = value
                text = value if key == "where" and isinstance(value, str) else None
                self._graft(preset, ("tables", self.name, key), key, text)
            elif given == _NONE and key != _SAYS_NONE_ITSELF:
                self.data[key] = None

    def _fields(self, preset: _Preset) -> None:
        fields = dict(self.fields)
        taken = self._declared()
        for name, formulas in preset.part("fields").items():
            formula = formulas[0] if isinstance(formulas, list) else formulas
            if name not in taken and isinstance(formula, str):
                fields[name] = formula
                self._graft(preset, ("tables", self.name, "fields", name), "field", formula)
        self._put("fields", fields)

    def _declared(self) -> set[str]:
        """The names that the table itself gives to columns and fields."""
        own = [entry.get("columns") for _, entry in _entries(self.name, self.data) if isinstance(entry, dict)]
        return {
            *self.columns,
            *self.fields,
            *(name for columns in own if isinstance(columns, dict) for name in columns),
        }

    def _columns(self, preset: _Preset, given: Mapping[str, Data], owner: Path) -> dict[str, Data]:
        """The columns of a preset and those `given` under `owner`, which come first and take from it what they lack."""
        columns = dict(given)
        for name, column in preset.part("columns").items():
            if name in given:
                columns[name] = _over(column, given[name], name)
            elif not self._is_taken(name):
                columns[name] = column
                self._graft(preset, (*owner, "columns", name), "column")
        return columns

    def _is_taken(self, name: str) -> bool:
        """Whether a preset's column has to go, as its name means something else in this table."""
        return name in self.fields or (name == "date" and self.data.get("date") not in (None, "date"))

    def _columns_by_entry(self) -> None:
        """Entries with presets of their own: each has the columns of its preset, the others those of the table's."""
        presets = [entry or self.own for entry in self.entries]
        whole = [self.own] if self.own is not None else [preset for preset in presets if preset is not None]
        columns = dict(self.columns)
        for name in self.columns:
            known = [preset.part("columns")[name] for preset in whole if name in preset.part("columns")]
            if known:
                columns[name] = _over(_together(known, name), self.columns[name], name)
        if self.own is not None:
            columns |= self._known_to_none(self.own, presets)
        self._put("columns", columns)
        sources = [self._entry(at, entry, preset) for (at, entry), preset in zip(self._sources(), presets, strict=True)]
        self.data["source"] = sources if isinstance(self.data.get("source"), list) else sources[0]

    def _known_to_none(self, own: _Preset, presets: Iterable[_Preset | None]) -> dict[str, Data]:
        """The columns of the table's preset that no entry's has, which fields may read all the same."""
        known = {name for preset in presets if preset is not None for name in preset.part("columns")}
        found: dict[str, Data] = {}
        for name, column in own.part("columns").items():
            if name not in known and name not in self.columns and not self._is_taken(name):
                found[name] = {**(_written(column) or {}), "optional": "true"}
                self._graft(own, ("tables", self.name, "columns", name), "column")
        return found

    def _sources(self) -> list[tuple[int, Data]]:
        return [(index, entry) for index, (_, entry) in enumerate(_entries(self.name, self.data))]

    def _entry(self, at: int, entry: Data, preset: _Preset | None) -> Data:
        if preset is None or not isinstance(entry, dict | str):
            return entry
        entry = {"path": entry} if isinstance(entry, str) else entry
        given = entry.get("columns")
        if given is not None and not isinstance(given, dict):
            return entry
        brought = self._columns(preset, given or {}, ("tables", self.name, "source", at))
        # What the table declares itself holds for all of its files.
        mine = {name: column for name, column in brought.items() if name in (given or {}) or name not in self.columns}
        for name in brought.keys() - mine.keys():
            self.grafts.pop(("tables", self.name, "source", at, "columns", name), None)
        return {**entry, "columns": mine}


def _written(column: Data) -> dict[str, Data] | None:
    """What a column says, as a mapping; None where it is none."""
    match column:
        case None:
            return {}
        case str():
            return {"header": column}
        case dict():
            return {key: value for key, value in column.items() if value is not None}
        case _:
            return None


def _over(known: Data, given: Data, name: str) -> Data:
    """A column of the book, with what it leaves out as the preset has it; of another type only the header fits."""
    own, below = _written(given), _written(known)
    if own is None or below is None:
        return given
    below.setdefault("header", name)
    kind = below.get("type", "text")
    if own.get("type", kind) != kind:
        below = {"header": below["header"]}
    return {**below, **own}


def _together(columns: list[Data], name: str) -> Data:
    """One column of several presets: as the first has it, under the headers of all."""
    written = [column for column in map(_written, columns) if column is not None]
    headers: dict[str, None] = {}
    for column in written:
        header = column.get("header", name)
        headers |= dict.fromkeys(str(each) for each in (header if isinstance(header, list) else [header]))
    return {**written[0], "header": list(headers)}


def _lookups(
    name: str, preset: _Preset, found: Mapping[str, _Preset], tables: Mapping[str, Data], merged: Merged
) -> None:
    """The preset's lookups, led to those tables of the book that have the CRM's preset and its key."""
    table = _table(tables[name])
    own = table.get("lookups")
    if own is not None and not isinstance(own, dict):
        return
    lookups = dict(own or {})
    for key, lookup in preset.part("lookups").items():
        if key in lookups or not isinstance(lookup, dict):
            continue
        target = f"{preset.crm}/{lookup['table']}"
        alike = [other for other, each in found.items() if each.name == target]
        parent = alike[0] if len(alike) == 1 else str(lookup["table"])
        if parent in alike and _key(tables[parent]) == _key(found[parent].data) != [None]:
            lookups[key] = {**lookup, "table": parent}
            merged.grafts["tables", name, "lookups", key] = Graft(preset.path, f"the preset's lookup {key}")
        else:
            merged.waiting.setdefault(name, {})[key] = target
    table["lookups"] = lookups


def _table(data: Data) -> dict[str, Data]:
    assert isinstance(data, dict)
    return data


def _key(table: Data | Mapping[str, Data]) -> list[Data]:
    key = table.get("key") if isinstance(table, Mapping) else None
    return key if isinstance(key, list) else [key]
