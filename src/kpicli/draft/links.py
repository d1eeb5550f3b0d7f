"""Lookups between tables, found by values that they share: a column of one that leads to a unique column of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Link:
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
        if parent.key is None and mine:
            weight = Counter[int]()
            for each in mine:
                weight[each.key.at] += each.rows * (2 if each.child.kind is Kind.OPPORTUNITIES else 1)
            best = max(weight, key=lambda at: (weight[at], -at))
            _set_key(parent, next(each.key for each in mine if each.key.at == best))
        elif parent.key is None:
            own = parent.column("id")
            parent.key = "id" if own is not None and _is_unique(parent, own.profile) else None
        key = parent.column(parent.key) if parent.key is not None else None
        for each in mine:
            if key is not None and each.key.at == key.profile.at:
                _add_lookup(each)


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
    known = any(likeness(column.header, role) >= _LIKE for role in ("id", "name", "account", "owner", "product"))
    if is_about_another(column, table.kind) and table.kind not in (Kind.USERS, Kind.OTHER):
        return False
    if holds_dates(column) or not (known or table.kind is not Kind.OTHER or column.at == 0):
        return False
    is_text = holds_texts(column) or _KEY_WORDS & set(words_of(column.header))
    return bool(is_text) and _is_unique(table, column)


_LIKE: Final = 0.4


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
    zeros = tuple(value for value, _ in found.misses.common if not value.strip("0"))
    declared = next((each for each in child.all_columns() if each.profile is column), None)
    if declared is None:
        name = name_of(column.header, child)
        declared = ColumnDraft(name, column, blank=(*column.nulls, *zeros))
        child.columns = (*child.columns, declared)
    elif zeros and not declared.is_known:
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
