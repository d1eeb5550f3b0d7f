"""The tables of a draft: each export in the place that it fits, with its lookups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kpicli.book.model import ColumnType
from kpicli.draft.columns import Orders, declared, holds_numbers, is_choice
from kpicli.draft.guessing import guess_table
from kpicli.draft.kinds import kind_of, strength
from kpicli.draft.links import link, name_of
from kpicli.draft.model import ColumnDraft, Export, Kind, TableDraft
from kpicli.draft.names import name_for
from kpicli.tables.survey import Profile

_ORDER: Final = {kind: at for at, kind in enumerate(Kind)}


def tables_of(exports: Sequence[Export], orders: Orders) -> tuple[list[TableDraft], list[tuple[str, str]]]:
    """The tables, those that count something first; and the files that no table needs, each with the reason."""
    tables: list[TableDraft] = []
    left_out: list[tuple[str, str]] = []
    kinds = {export.paths: kind_of(export) for export in exports}
    for kind in Kind:
        alike = sorted(
            (export for export in exports if kinds[export.paths] is kind), key=lambda each: -strength(each, kind)
        )
        for export in alike:
            if kind in _ONE and any(table.kind is kind for table in tables):
                first = next(table for table in tables if table.kind is kind)
                paths = ", ".join(first.sources[0].export.paths)
                left_out += [(path, f"{paths} looks more like {kind.value}") for path in export.paths]
                continue
            tables.append(guess_table(export, kind, _table_name(export, kind, tables), orders))
    link(tables)
    kept = [table for table in tables if table.kind is not Kind.OTHER or _is_reached(table, tables)]
    for table in tables:
        if table not in kept:
            reason = "what its rows are isn't known, and no other file leads to it"
            left_out += [(path, reason) for source in table.sources for path in source.export.paths]
    for table in kept:
        if table.kind in (Kind.OTHER, Kind.ACCOUNTS, Kind.USERS):
            _add_labels(table, orders)
    return sorted(kept, key=lambda table: _ORDER[table.kind]), left_out


_ONE: Final = (Kind.OPPORTUNITIES, Kind.LEADS, Kind.USERS, Kind.ACCOUNTS)
"""Of which kinds a book has one table."""


def _table_name(export: Export, kind: Kind, tables: Sequence[TableDraft]) -> str:
    taken = {table.name for table in tables} | {each.value for each in Kind if each is not kind}
    alike = [table for table in tables if table.kind is kind]
    if kind is not Kind.OTHER and not alike and kind is not Kind.ACTIVITIES:
        return str(kind.value)
    stem = Path(export.paths[0]).name.partition(".")[0]
    return name_for(stem, taken, "exports")


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


def columns_of(table: TableDraft) -> list[ColumnDraft]:
    """All columns of a table, in its sources too."""
    return list(table.all_columns())
