"""Exports that a preset knows: which one explains most of an export's headers, and what it can say of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.model import Column, ColumnType
from kpicli.book.presets import PresetTable, preset, preset_names
from kpicli.draft.columns import (
    FIT,
    Found,
    Orders,
    declared,
    find,
    has_one_currency,
    holds_dates,
    holds_numbers,
    is_among,
    mixes_orders,
    quoted,
)
from kpicli.draft.guessing import asides_of, leave_out_deleted, read_alike, say_missing
from kpicli.draft.keys import settle_key
from kpicli.draft.model import ColumnDraft, Export, Kind, TableDraft
from kpicli.draft.outcomes import settle_fields
from kpicli.draft.words import CONVERTED, words_of
from kpicli.tables.headers import folded, starless
from kpicli.tables.survey import Profile, Survey

_KINDS: Final = {
    "opportunities": Kind.OPPORTUNITIES,
    "leads": Kind.LEADS,
    **dict.fromkeys(("activities", "tasks", "events", "calls"), Kind.ACTIVITIES),
    "users": Kind.USERS,
    "accounts": Kind.ACCOUNTS,
}


class Match(Struct, frozen=True):
    """A preset's table, and the columns of an export that it knows."""

    crm: str
    table: str
    declared: PresetTable
    columns: Mapping[str, Profile]

    @property
    def name(self) -> str:
        return f"{self.crm}/{self.table}"

    @property
    def kind(self) -> Kind:
        return _KINDS.get(self.table, Kind.OTHER)

    @property
    def is_one_export(self) -> bool:
        """Whether it isn't several exports put together."""
        return self.table != "activities"

    @property
    def explained(self) -> tuple[int, float]:
        """How many headers it explains, and which share of what it knows is there."""
        return len(self.columns), len(self.columns) / len(self.declared.columns)


def matches(exports: Sequence[Export]) -> dict[tuple[str, ...], Match]:
    """The preset of each export that one knows; of two that fit as well, that of the CRM which explains more files."""
    found = {export.places: list(_fitting(export)) for export in exports}
    best = {paths: max(each, key=lambda match: match.explained) for paths, each in found.items() if each}
    weight = Counter[str]()
    for match in best.values():
        weight[match.crm] += match.explained[0]
    return {
        paths: max(
            each, key=lambda match: (match.explained[0], weight[match.crm], match.is_one_export, match.explained[1])
        )
        for paths, each in found.items()
        if each
    }


def _fitting(export: Export) -> Iterator[Match]:
    find_column = _finder(export)
    for crm in preset_names():
        for table, known in preset(crm).tables.items():
            columns = {}
            for name, column in known.columns.items():
                found = next(filter(None, map(find_column, column.headers)), None)
                if found is not None:
                    columns[name] = found
            columns |= _converted(export, columns)
            if columns.keys() >= set(known.needs):
                yield Match(crm, table, known, columns)


def _finder(export: Export) -> Callable[[str], Profile | None]:
    """Finds the column of a header as a report does: whatever its case, and else with a `*` beside it."""
    alike = {folded(column.header): column for column in export.columns}
    bare = Counter(starless(column.header) for column in export.columns)
    starred = {starless(column.header): column for column in export.columns if bare[starless(column.header)] == 1}
    return lambda header: alike.get(folded(header)) or starred.get(starless(header))


def _converted(export: Export, columns: Mapping[str, Profile]) -> dict[str, Profile]:
    """Amounts that the CRM has converted, and their currency, where that is one in all rows: those can be added."""
    amount, code = columns.get("amount"), columns.get("currency_code")
    if amount is None or code is None:
        return {}
    head = f"{folded(amount.header)} ("
    others = [each for each in export.columns if folded(each.header).startswith(head)]
    converted = next((each for each in others if folded(each.header).endswith(")")), None)
    if converted is None:
        return {}
    codes = next((each for each in others if folded(each.header).startswith(f"{folded(converted.header)} ")), None)
    if codes is None or converted.filled < amount.filled or not set(words_of(converted.header)) & CONVERTED:
        return {}
    found = {value for each in export.surveys for value, _ in each.columns_by_at[codes.at].values}
    return {"amount": converted, "currency_code": codes} if len(found) == 1 else {}


def known_table(export: Export, match: Match, name: str, orders: Orders) -> TableDraft:
    """The table of an export that a preset knows."""
    known = match.declared
    fitting = {column: profile for column, profile in match.columns.items() if _fits(profile, known.columns[column])}
    blank = [column for column in fitting if _is_blank(column, fitting[column], match.kind, export)]
    for column in blank:
        del fitting[column]
    guessed = _guessed(export, match, blank)

    def draft_of(opened: Survey) -> tuple[ColumnDraft, ...]:
        own = (
            declared(role, opened.columns_by_at[each.profile.at], kind, orders=orders, opened=opened, guess=each.reason)
            for role, (each, kind) in guessed.items()
        )
        return (
            *(
                _column(column, opened.columns_by_at[profile.at], known.columns[column], orders, opened)
                for column, profile in fitting.items()
            ),
            *own,
        )

    headers = frozenset(profile.header for profile in match.columns.values())
    sources, columns = read_alike(replace(export, known=headers), draft_of)
    table = TableDraft(name, match.kind, sources, columns, preset=match.name, declared=known)
    table.asides += [
        _misfit(column, profile, known.columns[column].type)
        for column, profile in match.columns.items()
        if column not in fitting and column in _TELLING and column not in blank
    ]
    table.asides += [f"{column}: '{match.columns[column].header}' is blank in every row" for column in blank]
    table.asides += asides_of(export)
    if known.where is None:
        leave_out_deleted(table)
    settle_fields(table, known)
    _keys(table, known, export)
    say_missing(table)
    return table


def _misfit(name: str, profile: Profile, kind: ColumnType) -> str:
    """What is to be mended of a column that isn't what the preset says."""
    said = f"{name}: what stands under '{profile.header}' is no {kind.value}, such as {quoted(profile.sample[:2])}"
    if kind is not ColumnType.DATE or mixes_orders(profile):
        return said
    return f"{said}: write dates as 2026-12-31, as most CRMs do if they are told to"


def _guessed(export: Export, match: Match, blank: Container[str]) -> dict[str, tuple[Found, ColumnType]]:
    """Columns that KPIs want and the preset doesn't find, under headers of other exports."""
    found: dict[str, tuple[Found, ColumnType]] = {}
    for role, kind in _WANTED.get(match.kind, {}).items():
        if (role not in match.columns or role in blank) and role not in match.declared.fields:
            taken = [*match.columns.values(), *(each.profile for each, _ in found.values())]
            column = find(export.columns, role, taken)
            if column is not None:
                found[role] = (column, kind)
    return found


_WANTED: Final[Mapping[Kind, Mapping[str, ColumnType]]] = {
    Kind.OPPORTUNITIES: {
        "owner": ColumnType.TEXT,
        "amount": ColumnType.MONEY,
        "close_date": ColumnType.DATE,
        "created_date": ColumnType.DATE,
        "source": ColumnType.TEXT,
        "deleted": ColumnType.BOOLEAN,
    },
    Kind.LEADS: {
        "owner": ColumnType.TEXT,
        "created_date": ColumnType.DATE,
        "source": ColumnType.TEXT,
        "deleted": ColumnType.BOOLEAN,
    },
    Kind.ACTIVITIES: {
        "owner": ColumnType.TEXT,
        "date": ColumnType.DATE,
        "created_date": ColumnType.DATE,
        "deleted": ColumnType.BOOLEAN,
    },
}
_TELLING: Final = ("close_date", "created_date", "date", "amount", "is_won", "is_closed", "is_converted", "done")
"""Columns without which KPIs are missing."""


def _is_blank(name: str, profile: Profile, kind: Kind, export: Export) -> bool:
    """Whether a column that KPIs stand on holds nothing, so that they would be 0 where they aren't known.

    What is done has often no other mark than `1` beside blanks: there all may be blank, and nothing done yet.
    """
    stands_on = _STAND_ON.get(kind, frozenset())
    return name in stands_on and not any(opened.columns_by_at[profile.at].filled for opened in export.surveys)


_STAND_ON: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.OPPORTUNITIES: frozenset(
        {"amount", "stage", "status", "is_won", "is_closed", "created_date", "owner"}
        | {"close_date", "closed_date", "won_date", "lost_date", "expected_close_date"}
        | {"actual_close_date", "estimated_close_date", "actual_revenue", "estimated_revenue"}
    ),
    Kind.LEADS: frozenset({"created_date", "owner"}),
    Kind.ACTIVITIES: frozenset({"date", "owner"}),
}


def _fits(profile: Profile, known: Column) -> bool:
    if not profile.filled:
        return True
    match known.type:
        case ColumnType.DATE:
            return holds_dates(profile)
        case ColumnType.NUMBER | ColumnType.MONEY:
            return holds_numbers(profile) and has_one_currency(profile)
        case ColumnType.PERCENT:
            numbers = profile.numbers
            return numbers is not None and numbers.shares >= FIT * profile.filled
        case ColumnType.BOOLEAN:
            return profile.is_true_or_false
        case _:
            return True


def _column(name: str, profile: Profile, known: Column, orders: Orders, opened: Survey) -> ColumnDraft:
    """A column of the preset, with what its cells make it differ in."""
    column = replace(declared(name, profile, known.type, orders=orders, opened=opened), known=known)
    blank = tuple(dict.fromkeys((*known.blank, *profile.nulls)))
    column = replace(column, blank=blank)
    if not is_among(profile.header, known.headers):
        column = replace(column, guess="all of it is in one currency")
    dates = profile.dates
    if known.type is ColumnType.DATE and (dates is None or not profile.filled):
        return replace(column, format=known.format)
    if known.type is not ColumnType.DATE or dates is None:
        is_plain = profile.numbers is None or not (profile.numbers.is_open or profile.numbers.decimal == ",")
        return replace(column, decimal=known.decimal) if is_plain else column
    if column.is_told and dates.order is None:
        return replace(column, format=known.format, remark=None)
    wanted = tuple(column.format) or tuple(shape.patterns[0] for shape in dates.shapes)
    if (not known.format and dates.iso == dates.fit) or set(wanted) <= set(known.format):
        return replace(column, format=known.format)
    return replace(column, format=wanted)


# ---- key, date and the like


def _keys(table: TableDraft, known: PresetTable, export: Export) -> None:
    """What the preset says of the table as a whole, as far as the files have it."""
    key = known.key[0] if len(known.key) == 1 else None
    column = table.column(key) if key is not None else None
    if column is not None and key is not None:
        settle_key(table, export, key)
    elif known.key:
        table.key_guess = "what the preset has for a key isn't in the file"
        table.guesses.append("there is no key, since the file has no ids: a row that stands twice counts twice")
    own = table.column("id")
    if not known.key and own is not None and not export.survey.is_key(own.profile):
        settle_key(table, export, "id")  # the preset's reports have no key, and rows must not count twice in silence
    dates = [name for name in (known.date, "close_date", "date", "created_date") if name is not None]
    table.date = next((name for name in dates if table.has(name)), None)
    if known.lifespan is not None and table.has(known.lifespan.from_, known.lifespan.until):
        table.lifespan = (known.lifespan.from_, known.lifespan.until)
