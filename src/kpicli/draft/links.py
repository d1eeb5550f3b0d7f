"""Lookups between tables, found by values that they share: a column of one that leads to a unique column of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.draft.columns import holds_dates, holds_numbers, holds_texts
from kpicli.draft.kinds import ABOUT, is_about_another
from kpicli.draft.model import ColumnDraft, Kind, LookupDraft, SourceDraft, TableDraft
from kpicli.draft.names import name_for, singular
from kpicli.draft.words import likeness, word_set, words_of
from kpicli.tables.survey import Misses, Profile

_KEY_WORDS: Final = word_set("id key name code nr no number nummer numero")
_SAME_HEADER: Final = 0.5
_OTHER_HEADER: Final = 0.8
"""Which share of a column's filled rows must lead somewhere for it to be a lookup."""


class Link(Struct, frozen=True):
    """A column of one table that holds a key of another."""

    child: TableDraft
    source: SourceDraft
    column: Profile
    parent: TableDraft
    key: Profile
    misses: Misses

    @property
    def rows(self) -> int:
        return self.misses.filled - self.misses.rows


def link(tables: Sequence[TableDraft]) -> None:
    """Gives tables their keys and lookups."""
    links = [each for parent in tables for each in _links_to(parent, tables)]
    for parent in tables:
        mine = [each for each in links if each.parent is parent]
        best = _best_key(parent, mine)
        if best is not None:
            _set_key(parent, best)
        elif parent.key is None and parent.declared is None:
            own = parent.column("id")
            parent.key = "id" if own is not None and _is_unique(parent, own.profile) else None
    _add_known(tables)
    for each in links:
        key = each.parent.column(each.parent.key) if each.parent.key is not None else None
        if key is not None and each.key.at == key.profile.at:
            _add_lookup(each)


def _best_key(parent: TableDraft, links: Sequence[Link]) -> Profile | None:
    """The column to which most rows lead; None where the key may stay what it is."""
    known = parent.column(parent.key) if parent.key is not None else None
    if parent.kind in _COUNTED and _has_own_id(parent):
        return None  # names of deals stand twice sooner or later, and nothing is split by what lies behind them
    weight = Counter[int]()
    for each in links:
        weight[each.key.at] += each.rows * (2 if each.child.kind is Kind.OPPORTUNITIES else 1)
    if not weight:
        return None
    best = max(weight, key=lambda at: (weight[at], -at))
    if known is not None and (parent.declared is None or 2 * weight[known.profile.at] >= weight[best]):
        return None
    return next(each.key for each in links if each.key.at == best)


_COUNTED: Final = (Kind.OPPORTUNITIES, Kind.LEADS, Kind.ACTIVITIES)


def _has_own_id(table: TableDraft) -> bool:
    """Whether each row has an id: the preset's key, or a column of ids."""
    if table.declared is not None:
        return table.key is not None
    own = table.column("id")
    return own is not None and _is_unique(table, own.profile)


def _add_known(tables: Sequence[TableDraft]) -> None:
    """The lookups that presets bring: to the table that has the CRM's preset and its key."""
    for child in tables:
        if child.declared is None or child.preset is None:
            continue
        crm = child.preset.partition("/")[0]
        for name, lookup in child.declared.lookups.items():
            parent = next((each for each in tables if each.preset == f"{crm}/{lookup.table}"), None)
            is_kept = parent is not None and parent.declared is not None and (parent.key,) == parent.declared.key
            if parent is not None and is_kept and child.has(*lookup.column):
                child.lookups = (*child.lookups, LookupDraft(name, parent.name, lookup.column[0], is_known=True))


def _is_unique(table: TableDraft, column: Profile) -> bool:
    exports = [source.export for source in table.sources]
    return len(exports) == 1 and len(exports[0].surveys) == 1 and exports[0].survey.is_key(column)


def _set_key(table: TableDraft, key: Profile) -> None:
    """Declares the column, where it isn't yet, and makes it the key."""
    known = next((column for column in table.columns if column.profile.at == key.at), None)
    if known is None:
        name = "id" if not table.has("id") else name_of(key.header, table)
        known = ColumnDraft(name, key, blank=key.nulls, guess="each row has a value of its own, and others lead to it")
        table.columns = (known, *table.columns)
    table.key = known.name
    if table.declared is not None:
        risk = f"'{key.header}' that stands twice in a later export is an error"
        table.key_guess = f"more rows lead to it than to the preset's key; a {risk}"


def name_of(header: str, table: TableDraft) -> str:
    """A name for a column, as formulas have it."""
    taken = {column.name for column in table.all_columns()} | {each.name for each in table.fields} | table.brought
    return name_for(header, taken)


def _links_to(parent: TableDraft, tables: Sequence[TableDraft]) -> Iterator[Link]:
    keys = [column for column in parent.sources[0].export.columns if _may_be_key(parent, column)]
    for child in tables:
        if child is parent:
            continue
        for source in child.sources:
            for column in source.export.columns:
                found = [each for key in keys for each in _link(child, source, column, parent, key)]
                if found:
                    yield max(found, key=lambda each: (each.rows, -each.key.at))


def _may_be_key(table: TableDraft, column: Profile) -> bool:
    if table.declared is not None and not _is_key_of_preset(table, column):
        return False
    roles = ("id", "name", "account", "product", *(("owner",) if table.kind in (Kind.USERS, Kind.OTHER) else ()))
    known = any(likeness(column.header, role) >= _LIKE for role in roles)
    if is_about_another(column, table.kind) and table.kind not in (Kind.USERS, Kind.OTHER):
        return False
    if holds_dates(column) or not (known or table.kind is not Kind.OTHER or column.at == 0):
        return False
    is_text = holds_texts(column) or _KEY_WORDS & set(words_of(column.header))
    return bool(is_text) and _is_unique(table, column)


_LIKE: Final = 0.4


def _is_key_of_preset(table: TableDraft, column: Profile) -> bool:
    """Whether a table of a preset may have a column for its key: the preset's, or what others call its rows by."""
    assert table.declared is not None
    names = {*table.declared.key, "name", "last_name", "full_name"}
    return any(each.name in names and each.profile.at == column.at for each in table.columns)


def _link(child: TableDraft, source: SourceDraft, column: Profile, parent: TableDraft, key: Profile) -> Iterator[Link]:
    if holds_dates(column) or column.is_true_or_false or not column.filled:
        return
    same = set(words_of(column.header)) == set(words_of(key.header))
    about = set(words_of(column.header)) & _about(parent, key)
    if not same and not about and (holds_numbers(column) or column.distinct <= _TOO_FEW):
        return
    misses = source.export.survey.misses(column, parent.sources[0].export.survey, key)
    enough = _SAME_HEADER if same else _OTHER_HEADER
    # A unique column beside a unique one is the same thing once more, unless its header says what it leads to.
    if misses.filled - misses.rows >= max(1, enough * _meant(misses)):
        yield Link(child, source, column, parent, key, misses)


_TOO_FEW: Final = 2


def _meant(misses: Misses) -> int:
    """Filled cells without those that say zero where they mean none."""
    return misses.filled - sum(rows for value, rows in misses.common if not value.strip("0"))


def _about(parent: TableDraft, key: Profile) -> set[str]:
    own = set(words_of(key.header)) - _KEY_WORDS
    return own | ABOUT.get(parent.kind, frozenset()) | {parent.name, singular(parent.name)}


def _add_lookup(found: Link) -> None:
    child, parent, column = found.child, found.parent, found.column
    if any(each.table == parent.name and each.is_known for each in child.lookups):
        return  # the preset knows better which column leads there
    zeros = tuple(value for value, _ in found.misses.common if not value.strip("0"))
    declared = next((each for each in child.all_columns() if each.profile is column), None)
    if declared is None:
        name = name_of(column.header, child)
        declared = ColumnDraft(name, column, blank=(*column.nulls, *zeros))
        child.columns = (*child.columns, declared)
    elif zeros and (declared.known is None or declared.known.id is None):
        child.columns = tuple(
            replace(each, blank=(*each.blank, *zeros)) if each is declared else each for each in child.columns
        )
    if any(each.table == parent.name and each.column == declared.name for each in child.lookups):
        return
    guess = "all of its values are there" if not found.misses.rows else _told(found.misses)
    name = _lookup_name(child, parent)
    child.lookups = (*child.lookups, LookupDraft(name, parent.name, declared.name, guess))


def _told(misses: Misses) -> str:
    shown = ", ".join(f"'{value}' ({rows:,})" for value, rows in misses.common[:2])
    return f"{misses.rows:,} of {misses.filled:,} rows lead nowhere: {shown}"


def _lookup_name(child: TableDraft, parent: TableDraft) -> str:
    """A name that no column, field or lookup of the child has."""
    one = singular(parent.name)
    known = {Kind.USERS: "rep", Kind.ACCOUNTS: "customer"}
    usual = (known.get(parent.kind, one), f"{one}_row")
    taken = {each.name for each in child.lookups} | {column.name for column in child.all_columns()} | child.brought
    names = (*usual, *(f"{one}_row_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
