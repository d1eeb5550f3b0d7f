"""Exports that a preset knows: which one explains most of an export's headers, and what it can say of its files."""

from __future__ import annotations

import re
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
    mixes_orders,
    quoted,
)
from kpicli.draft.guessing import asides_of, guess_outcome, leave_out_deleted, read_alike, say_missing, values_of
from kpicli.draft.keys import settle_key
from kpicli.draft.model import ColumnDraft, Export, FieldDraft, Kind, TableDraft
from kpicli.draft.words import CONVERTED, means_lost, means_won, words_of
from kpicli.errors import Source
from kpicli.formula.tokens import Kind as TokenKind
from kpicli.formula.tokens import tokenize
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
    by_header = {_folded(column.header): column for column in export.columns}
    for crm in preset_names():
        for table, known in preset(crm).tables.items():
            columns = {}
            for name, column in known.columns.items():
                header = next((each for each in column.headers if _folded(each) in by_header), None)
                if header is not None:
                    columns[name] = by_header[_folded(header)]
            columns |= _converted(export, columns)
            if columns.keys() >= set(known.needs):
                yield Match(crm, table, known, columns)


def _converted(export: Export, columns: Mapping[str, Profile]) -> dict[str, Profile]:
    """Amounts that the CRM has converted, and their currency, where that is one in all rows: those can be added."""
    amount, code = columns.get("amount"), columns.get("currency_code")
    if amount is None or code is None:
        return {}
    head = f"{_folded(amount.header)} ("
    others = [each for each in export.columns if _folded(each.header).startswith(head)]
    converted = next((each for each in others if _folded(each.header).endswith(")")), None)
    if converted is None:
        return {}
    codes = next((each for each in others if _folded(each.header).startswith(f"{_folded(converted.header)} ")), None)
    if codes is None or converted.filled < amount.filled or not set(words_of(converted.header)) & CONVERTED:
        return {}
    found = {value for each in export.surveys for value, _ in each.columns_by_at[codes.at].values}
    return {"amount": converted, "currency_code": codes} if len(found) == 1 else {}


def _folded(header: str) -> str:
    return " ".join(header.split()).casefold()


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
    _fields(table, known)
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
    if _folded(profile.header) not in map(_folded, known.headers):
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


# ---- fields


def _fields(table: TableDraft, known: PresetTable) -> None:
    """The fields that can be worked out, by the first formula whose columns the files have."""
    optional = {name for name, column in known.columns.items() if column.optional}
    names = {column.name for column in table.columns} | optional
    while new := {name for name, each in known.choices.items() if name not in names and _computable(each, names)}:
        names |= new
    table.brought = frozenset(known.choices.keys() & names)
    chosen = {name: _computable(known.choices[name], names - {name}) for name in known.choices if name in names}
    own = [
        FieldDraft(name, formula, guess=f"the preset reads {_missing(known.choices[name][0], names)}, not in the file")
        for name, formula in chosen.items()
        if formula is not None and formula != known.choices[name][0]
    ]
    table.fields = tuple(own)
    table.open_stages = _open_stages(table, known)
    if table.kind is Kind.OPPORTUNITIES and _misses_stages(table, known):
        guessed = [each for each in guess_outcome(table) if each.name in ("won", "lost", "closed")]
        table.fields = (*(each for each in own if each.name not in ("won", "lost", "closed")), *guessed)
        # What nobody can tell has no KPI, though the preset has a field for it: it would be 0.
        known_now = {each.name for each in guessed}
        table.brought -= _OUTCOMES if not guessed else {"lost"} - known_now
    status = table.column("status")
    if table.kind is Kind.OPPORTUNITIES and status is not None and _says_nothing(status, table, known):
        states = quoted([value for value, _ in values_of(table, status)], 12)
        table.asks.append(f"which of {states} mean won and lost: write `won: status = '…'` and `lost: status = '…'`")
        table.brought -= _OUTCOMES


_OUTCOMES: Final = frozenset({"won", "lost", "closed", "open", "closed_on", "cycle_days"})


def _missing(formula: str, names: set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(_names_in(formula) - names))


def _computable(formulas: Sequence[str], names: set[str]) -> str | None:
    return next((formula for formula in formulas if _names_in(formula) <= names), None)


def _names_in(formula: str) -> set[str]:
    """The names that a row formula reads; a path counts as the lookup that it begins with."""
    tokens = tokenize(Source(formula))
    return {
        token.text
        for before, token, after in zip((None, *tokens), tokens, (*tokens[1:], None), strict=False)
        if token.kind is TokenKind.NAME
        and not (after is not None and after.text == "(")
        and not (before is not None and before.text == ".")
    }


def _open_stages(table: TableDraft, known: PresetTable) -> tuple[tuple[str, int], ...]:
    """The stages that count as open, where won and closed are told by texts of the stage."""
    stage, by_stage = table.column("stage"), _by_stage(table, known)
    if stage is None or not by_stage:
        return ()
    is_named = _namer(by_stage)
    return tuple((value, rows) for value, rows in values_of(table, stage) if not is_named(value))


def _namer(formulas: Sequence[str]) -> Callable[[str], bool]:
    """Whether one of the formulas names a stage, which they compare in any case."""
    texts = {text.casefold() for formula in formulas for text in re.findall(r"'([^']*)'", formula)}
    is_part = any("contains(" in formula for formula in formulas)

    def is_named(value: str) -> bool:
        folded = value.casefold()
        return any(text in folded for text in texts) if is_part else folded in texts

    return is_named


def _by_stage(table: TableDraft, known: PresetTable) -> list[str]:
    """The formulas by which won and closed are told by texts of the stage."""
    own = {each.name: each.formula for each in table.fields}
    formulas = [own.get(name, known.fields[name]) for name in ("won", "closed") if name in table.brought]
    return [formula for formula in formulas if "stage" in _names_in(formula)]


def _misses_stages(table: TableDraft, known: PresetTable) -> bool:
    """Whether won and closed would be told by texts that aren't those of the stages at hand."""
    stage = table.column("stage")
    own = {each.name: each.formula for each in table.fields}
    formulas = [own.get(name, known.fields[name]) for name in ("won", "closed") if table.has(name)]
    by_stage = [formula for formula in formulas if "stage" in _names_in(formula)]
    if stage is None or not by_stage or not stage.profile.values:
        return not formulas
    is_named = _namer(by_stage)
    values = [value for value, _ in values_of(table, stage)]
    ends = [value for value in values if means_won(value) or means_lost(value)]
    return not all(map(is_named, ends)) or not any(map(is_named, values))


def _says_nothing(status: ColumnDraft, table: TableDraft, known: PresetTable) -> bool:
    """Whether won and lost would be told by a status that has none of the texts which the preset knows."""
    texts = [known.fields[name] for name in ("won", "lost", "open") if name in table.brought]
    by_status = [formula for formula in texts if "status" in _names_in(formula)]
    values = [value for value, _ in values_of(table, status)]
    return bool(by_status) and bool(values) and not any(map(_namer(by_status), values))


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
