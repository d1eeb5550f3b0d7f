"""What figures can be split by: owners, sources, and the like, in the tables themselves or behind their lookups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from kpicli.book.model import ColumnType
from kpicli.draft.model import Kind, TableDraft
from kpicli.draft.names import singular


class DimensionDraft(Struct, frozen=True):
    name: str
    paths: Mapping[str, str]
    """For each table the way to a row's member."""
    members: str | None = None
    label: str | None = None


_COUNTED: Final = (Kind.OPPORTUNITIES, Kind.LEADS, Kind.ACTIVITIES)
_OWN: Final = ("source", "type", "product", "region", "team", "country", "industry")
_NOT_ON: Final = {"type": (Kind.LEADS,)}


def dimensions_of(tables: Sequence[TableDraft]) -> tuple[DimensionDraft, ...]:
    """The owner first, then what the tables have columns for, then what their lookups lead to."""
    counted = [table for table in tables if table.kind in _COUNTED]
    found: dict[str, DimensionDraft] = {}
    owner = _owner(counted, tables)
    if owner is not None:
        found["owner"] = owner
    for name in _OWN:
        paths = {table.name: name for table in counted if table.has(name)}
        if name == "type":
            paths = {table: path for table, path in paths.items() if table == Kind.OPPORTUNITIES.value}
        if paths:
            found[name] = DimensionDraft(name, paths)
    for name, paths in _behind_lookups(counted, tables):
        known = found.get(name)
        if known is None:
            found[name] = DimensionDraft(name, paths)
        elif known.members is None and name in _OWN:
            found[name] = DimensionDraft(name, {**paths, **known.paths})
    return tuple(found.values())


def _owner(counted: Sequence[TableDraft], tables: Sequence[TableDraft]) -> DimensionDraft | None:
    owned = [table for table in counted if table.has("owner")]
    if not owned:
        return None
    users = next((table for table in tables if table.kind is Kind.USERS and table.key is not None), None)
    linked = {} if users is None else {table.name: path for table in counted if (path := _to_users(table, users))}
    if users is None or Kind.OPPORTUNITIES.value not in linked:
        return DimensionDraft("owner", {table.name: "owner" for table in owned})
    assert users.key is not None
    label = "name" if users.has("name") and users.key != "name" else None
    return DimensionDraft("owner", {**linked, users.name: users.key}, users.name, label)


def _to_users(table: TableDraft, users: TableDraft) -> str | None:
    """The column by which a table's rows lead to their owner."""
    columns = [each.column for each in table.lookups if each.table == users.name]
    return next((column for column in columns if column.startswith("owner")), None)


def _behind_lookups(
    counted: Sequence[TableDraft], tables: Sequence[TableDraft]
) -> Iterator[tuple[str, dict[str, str]]]:
    by_name = {table.name: table for table in tables}
    paths: dict[str, dict[str, str]] = {}
    for table in counted:
        for lookup in table.lookups:
            parent = by_name[lookup.table]
            if parent.kind in _COUNTED:
                continue
            for column in parent.columns:
                name = column.name if column.name in _SPLITS else f"{singular(parent.name)}_{column.name}"
                is_other = parent.kind is Kind.OTHER and parent.preset is None and column.name != parent.key
                is_split = column.name in _SPLITS or (is_other and bool(column.profile.values))
                if is_split and column.type is ColumnType.TEXT:
                    paths.setdefault(name, {}).setdefault(table.name, f"{lookup.name}.{column.name}")
    yield from paths.items()


_SPLITS: Final = ("team", "manager", "region", "industry", "country")
