"""The tables of a draft: each export in the place that it fits, with its lookups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct

from kpicli.book.model import ColumnType
from kpicli.draft.columns import Orders, declared, holds_numbers, is_choice, quoted
from kpicli.draft.guessing import guess_table
from kpicli.draft.kinds import kind_of, strength
from kpicli.draft.known import Match, known_table, matches
from kpicli.draft.links import link, name_of
from kpicli.draft.model import Export, Kind, TableDraft
from kpicli.draft.names import name_for
from kpicli.tables.survey import Profile, Survey

_ORDER: Final = {kind: at for at, kind in enumerate(Kind)}


def tables_of(exports: Sequence[Export], orders: Orders) -> tuple[list[TableDraft], list[tuple[str, str]]]:
    """The tables, those that count something first; and the files that no table needs, each with the reason."""
    known = matches(exports)
    tables: list[TableDraft] = []
    left_out: list[tuple[str, str]] = []
    placed = [_Placed(export, known.get(export.places)) for export in exports]
    for each in sorted(placed, key=lambda each: (_ORDER[each.kind], not each.match, -each.strength)):
        first = next((table for table in tables if table.kind is each.kind), None)
        if each.kind in _ONE and first is not None:
            paths = ", ".join(first.sources[0].export.places)
            reason = f"it holds {each.kind.value} like {paths}, which has more of what they need"
            left_out += [(path, reason) for path in each.export.places]
        else:
            tables.append(each.drafted(_table_name(each, tables), orders))
    link(tables)
    kept = [table for table in tables if _is_reached(table, tables) or (table.kind is not Kind.OTHER and table.columns)]
    for table in tables:
        if table not in kept:
            for source in table.sources:
                headers = quoted((column.header for column in source.export.columns), 8)
                unknown = f"what its rows are isn't known by the headers {headers}"
                reason = "no other file leads to its rows" if table.preset else unknown
                left_out += [(path, reason) for path in source.export.places]
    for table in kept:
        if table.kind in (Kind.OTHER, Kind.ACCOUNTS, Kind.USERS) and table.preset is None:
            _add_labels(table, orders)
    return sorted(kept, key=lambda table: _ORDER[table.kind]), left_out


class _Placed(Struct, frozen=True, dict=True):
    """An export with what it is."""

    export: Export
    match: Match | None

    @cached_property
    def kind(self) -> Kind:
        return kind_of(self.export) if self.match is None else self.match.kind

    @property
    def strength(self) -> float:
        """How much speaks for it, among others of its kind."""
        return strength(self.export, self.kind) if self.match is None else self.match.explained[0]

    def drafted(self, name: str, orders: Orders) -> TableDraft:
        if self.match is None:
            return guess_table(self.export, self.kind, name, orders)
        return known_table(self.export, self.match, name, orders)


_ONE: Final = (Kind.OPPORTUNITIES, Kind.LEADS, Kind.USERS, Kind.ACCOUNTS)
"""Of which kinds a book has one table."""


def _table_name(placed: _Placed, tables: Sequence[TableDraft]) -> str:
    """The kind's own name or that of the preset; of the file where several tables are of one kind."""
    taken = {table.name for table in tables}
    usual = placed.match.table if placed.match is not None else str(placed.kind.value)
    is_usual = placed.match is not None or placed.kind in _ONE
    if is_usual and usual not in taken:
        return usual
    stem = _stem(placed.export.survey)
    return name_for(stem, taken | {each.value for each in Kind} - {placed.kind.value}, "exports")


def _stem(opened: Survey) -> str:
    """What a file, or a sheet of several, is called."""
    return opened.shape.sheet or Path(opened.file.name).name.partition(".")[0]


def _is_reached(table: TableDraft, tables: Sequence[TableDraft]) -> bool:
    return any(lookup.table == table.name for other in tables for lookup in other.lookups)


def _add_labels(table: TableDraft, orders: Orders) -> None:
    """A few more columns, by which figures can be split or which sum up."""
    known = {column.profile.at for column in table.columns}
    export = table.sources[0].export
    for column in export.columns:
        if column.at in known or len(table.columns) >= _LABELS:
            continue
        kind = _label_type(column)
        if kind is not None:
            name = name_of(column.header, table)
            table.columns = (*table.columns, declared(name, column, kind, orders=orders, opened=export.survey))


_LABELS: Final = 8


def _label_type(column: Profile) -> ColumnType | None:
    if holds_numbers(column) and not column.is_true_or_false:
        return ColumnType.NUMBER
    return ColumnType.TEXT if is_choice(column) and not column.is_true_or_false else None
