"""A table for an export that no preset knows: which columns count, and what they say about each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from msgspec.structs import replace

from kpicli.book.model import ColumnType
from kpicli.draft.columns import (
    Found,
    Orders,
    declared,
    find,
    has_one_currency,
    mixes_orders,
    quoted,
)
from kpicli.draft.keys import settle_key
from kpicli.draft.kinds import is_about_another
from kpicli.draft.model import ColumnDraft, Export, FieldDraft, Kind, SourceDraft, TableDraft
from kpicli.draft.repeats import is_nearly_key
from kpicli.draft.words import may_mean_closed, means_converted, means_done, means_lost, means_won
from kpicli.render.numbers import write_rows
from kpicli.tables.survey import Profile, Survey
from kpicli.tables.written_dates import DayOrder

_DATE, _MONEY, _FLAG, _TEXT = ColumnType.DATE, ColumnType.MONEY, ColumnType.BOOLEAN, ColumnType.TEXT

_ROLES: Final[Mapping[Kind, Mapping[str, ColumnType]]] = {
    Kind.OPPORTUNITIES: {
        "stage": _TEXT,
        "amount": _MONEY,
        "close_date": _DATE,
        "created_date": _DATE,
        "modified_date": _DATE,
        "id": _TEXT,
        "owner": _TEXT,
        "account": _TEXT,
        "source": _TEXT,
        "type": _TEXT,
        "product": _TEXT,
        "currency": _TEXT,
        "team": _TEXT,
        "region": _TEXT,
        "country": _TEXT,
        "industry": _TEXT,
        "won": _FLAG,
        "lost": _FLAG,
        "closed": _FLAG,
        "deleted": _FLAG,
    },
    Kind.LEADS: {
        "converted": _FLAG,
        "created_date": _DATE,
        "id": _TEXT,
        "status": _TEXT,
        "owner": _TEXT,
        "source": _TEXT,
        "industry": _TEXT,
        "country": _TEXT,
        "modified_date": _DATE,
        "deleted": _FLAG,
    },
    Kind.ACTIVITIES: {
        "date": _DATE,
        "owner": _TEXT,
        "type": _TEXT,
        "completed": _FLAG,
        "status": _TEXT,
        "id": _TEXT,
        "created_date": _DATE,
        "deleted": _FLAG,
    },
    Kind.USERS: {
        "name": _TEXT,
        "id": _TEXT,
        "team": _TEXT,
        "manager": _TEXT,
        "region": _TEXT,
        "active": _FLAG,
        "email": _TEXT,
    },
    Kind.ACCOUNTS: {
        "id": _TEXT,
        "account": _TEXT,
        "owner": _TEXT,
        "industry": _TEXT,
        "country": _TEXT,
        "type": _TEXT,
    },
    Kind.OTHER: {},
}
"""What is looked for in each kind of table, the most important first."""


def guess_table(export: Export, kind: Kind, name: str, orders: Orders) -> TableDraft:
    """The table of an export. Its key and its lookups come when all tables are known."""
    found = _found(export, kind)
    sources, columns = read_alike(export, lambda opened: _columns_of(opened, found, kind, orders))
    table = TableDraft(name, kind, sources, columns)
    table.asides += asides_of(export)
    leave_out_deleted(table)
    match kind:
        case Kind.OPPORTUNITIES:
            _opportunities(table)
        case Kind.LEADS:
            _leads(table)
        case Kind.ACTIVITIES:
            _activities(table)
        case _:
            pass
    say_missing(table)
    own = table.column("id")
    if own is not None and (len(export.surveys) > 1 or not export.survey.is_key(own.profile)):
        settle_key(table, export, "id")
    return table


def leave_out_deleted(table: TableDraft) -> None:
    """Rows that a CRM keeps and no longer shows don't count."""
    if table.column("deleted") is not None:
        table.where = "not coalesce(deleted, false)"


def asides_of(export: Export) -> list[str]:
    """Columns that can't be read as what they look like."""
    asides = [
        f"what stands under {quoted([header])}: several columns have this header, so none of them is read; rename them"
        for header in export.survey.repeated
    ]
    for column in export.columns:
        if not has_one_currency(column):
            signs = quoted(column.numbers.signs if column.numbers else ())
            asides.append(f"one currency in {quoted([column.header])}: beside its amounts stand {signs}")
        if mixes_orders(column):
            both = "some have the day first and others the month, which can't be told apart; both are left out"
            asides.append(f"dates in {quoted([column.header])}: {both}")
    return asides


def _found(export: Export, kind: Kind) -> dict[str, Found]:
    """The columns that are found, by role."""
    found: dict[str, Found] = {}
    for role in _ROLES[kind]:
        taken = [each.profile for each in found.values()]
        column = find(export.columns, role, taken)
        if column is not None and (role != "id" or _is_own_key(column.profile, export, kind)):
            found[role] = column
    return found


def _is_own_key(column: Profile, export: Export, kind: Kind) -> bool:
    """Whether a column is meant as an id of these rows, even if some of its values stand twice."""
    return not is_about_another(column, kind) and is_nearly_key(export.survey, column, _MEANT)


_MEANT: Final = 0.5


def _columns_of(opened: Survey, found: Mapping[str, Found], kind: Kind, orders: Orders) -> tuple[ColumnDraft, ...]:
    """The columns of one file in their roles."""
    return tuple(
        declared(
            _renamed(role),
            opened.columns_by_at[each.profile.at],
            _ROLES[kind][role],
            orders=orders,
            opened=opened,
            guess=each.reason,
        )
        for role, each in found.items()
    )


def read_alike(
    export: Export, draft_of: Callable[[Survey], tuple[ColumnDraft, ...]]
) -> tuple[tuple[SourceDraft, ...], tuple[ColumnDraft, ...]]:
    """The files of an export in groups that are read alike, and the columns as the largest file has them."""
    groups: dict[tuple[object, ...], list[Survey]] = {}
    drafts: dict[tuple[object, ...], tuple[ColumnDraft, ...]] = {}
    blanks: list[tuple[tuple[str, ...], ...]] = []
    for opened in sorted(export.surveys, key=lambda each: -each.rows):
        columns = draft_of(opened)
        shape = opened.shape
        written = (shape.encoding, shape.delimiter, shape.header_row, shape.sheet)
        key: tuple[object, ...] = (written, *((column.format, column.decimal) for column in columns))
        groups.setdefault(key, []).append(opened)
        drafts.setdefault(key, columns)
        blanks.append(tuple(column.blank for column in columns))
    # A mark of nothing is one in every file, whichever of them has it.
    marks = [tuple(dict.fromkeys(chain.from_iterable(each))) for each in zip(*blanks, strict=True)]
    main = tuple(replace(column, blank=mark) for column, mark in zip(next(iter(drafts.values())), marks, strict=True))
    sources = []
    for key, surveys in groups.items():
        surveys.sort(key=lambda each: each.place)
        part = Export(tuple(surveys), export.known)
        own = tuple(
            _apart(replace(column, blank=usual.blank), usual)
            for column, usual in zip(drafts[key], main, strict=True)
            if (column.format, column.decimal) != (usual.format, usual.decimal) and column.profile.filled
        )
        sources.append(SourceDraft(part, columns=own))
    return tuple(sources), main


def _apart(column: ColumnDraft, usual: ColumnDraft) -> ColumnDraft:
    """A column of some files as it must be declared beside the table's: ISO dates by their patterns, among others."""
    if column.format or not usual.format:
        return column
    shapes = () if column.profile.dates is None else column.profile.dates.shapes
    # Date cells of a workbook have no shape, and are dates under any format.
    return replace(column, format=tuple(shape.pattern(DayOrder.MONTH_FIRST) for shape in shapes) or usual.format)


def _renamed(role: str) -> str:
    """A flag's column leaves its name to the field that repairs it."""
    return {"won": "is_won", "lost": "is_lost", "closed": "is_closed", "completed": "is_done"}.get(role, role)


def text_of(value: str) -> str:
    """A text as a formula writes it."""
    return "'" + value.replace("'", "''") + "'"


def any_of(column: str, values: Sequence[str]) -> str:
    """The condition that a column holds one of some values."""
    if len(values) == 1:
        return f"{column} = {text_of(values[0])}"
    return f"{column} in ({', '.join(map(text_of, values))})"


# ---- opportunities


def _opportunities(table: TableDraft) -> None:
    fields = guess_outcome(table)
    has_dates = table.has("close_date")
    names = {each.name for each in fields}
    if "closed" in names:
        fields.append(FieldDraft("open", "not coalesce(closed, false)"))
    if "closed" in names and has_dates:
        fields.append(FieldDraft("closed_on", "case when closed then close_date end"))
    if "closed" in names and has_dates and table.has("created_date"):
        # A deal that was entered after it closed says nothing about speed.
        formula = "case when close_date >= created_date then close_date - created_date end"
        fields.append(FieldDraft("cycle_days", formula, remark="a deal entered after it closed tells nothing of speed"))
        table.lifespan = ("created_date", "closed_on")
    table.fields = tuple(fields)
    table.date = next((name for name in ("close_date", "created_date") if table.has(name)), None)


def guess_outcome(table: TableDraft) -> list[FieldDraft]:
    """Which opportunities are won, lost and closed: by flags, or else by the texts of the stage."""
    stage = table.column("stage")
    won, lost, closed = (table.column(name) is not None for name in ("is_won", "is_lost", "is_closed"))
    if won and closed:
        return [
            *(FieldDraft("won", "is_won"), FieldDraft("closed", "is_closed"), FieldDraft("lost", "closed and not won")),
        ]
    if won and lost:
        return [FieldDraft("won", "is_won"), FieldDraft("lost", "is_lost"), FieldDraft("closed", "won or lost")]
    fields = [] if stage is None else _by_stage(table, stage)
    if fields:
        return fields
    if won:
        table.asides.append("what tells that an opportunity is lost: there is no win rate")
        return [FieldDraft("won", "is_won"), FieldDraft("closed", "won")]
    seen = "" if stage is None else f" among the stages {quoted([value for value, _ in values_of(table, stage)], 12)}"
    table.asks.append(f"which texts mean won{seen}: write `won: stage = '…'` and `lost: stage = '…'` as fields")
    return []


def values_of(table: TableDraft, column: ColumnDraft) -> list[tuple[str, int]]:
    """The values of a column with their rows in all files of the table, the commonest first."""
    found = Counter[str]()
    for source in table.sources:
        for opened in source.export.surveys:
            for value, rows in opened.columns_by_at[column.profile.at].values:
                found[value] += rows
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _by_stage(table: TableDraft, stage: ColumnDraft) -> list[FieldDraft]:
    values = values_of(table, stage)
    won = [value for value, _ in values if means_won(value)]
    lost = [value for value, _ in values if means_lost(value)]
    if not won:
        return []
    fields = [FieldDraft("won", any_of("stage", won), guess=_counted(values, won, "won"))]
    if lost:
        fields.append(FieldDraft("lost", any_of("stage", lost), guess=_counted(values, lost, "lost")))
        fields.append(FieldDraft("closed", "won or lost"))
    else:
        table.asides.append("a stage that means lost: there is no win rate")
        fields.append(FieldDraft("closed", "won"))
    table.open_stages = tuple((value, rows) for value, rows in values if value not in {*won, *lost})
    doubtful = [value for value, _ in values if may_mean_closed(value)]
    if doubtful:
        count = sum(rows for value, rows in values if value in doubtful)
        table.asks.append(
            f"whether {quoted(doubtful)} ({write_rows(count)}) means lost: such opportunities count as open; "
            "add it to the field `lost` if it does"
        )
    return fields


def _counted(found: Iterable[tuple[str, int]], values: Sequence[str], meaning: str) -> str:
    rows = sum(count for value, count in found if value in values)
    return f"{quoted(values)} ({write_rows(rows)}) {'means' if len(values) == 1 else 'mean'} {meaning}, by the words"


# ---- leads


def _leads(table: TableDraft) -> None:
    status = table.column("status")
    if table.column("converted") is None and status is not None:
        found = values_of(table, status)
        values = [value for value, _ in found if means_converted(value)]
        if values:
            guess = _counted(found, values, "converted")
            table.fields = (FieldDraft("converted", any_of("status", values), guess=guess),)
    table.date = "created_date" if table.has("created_date") else None


# ---- activities


def _activities(table: TableDraft) -> None:
    status, done = table.column("status"), table.column("is_done")
    found = [] if status is None else values_of(table, status)
    values = [value for value, _ in found if means_done(value)]
    if done is not None:
        table.fields = (FieldDraft("completed", "is_done"),)
    elif status is not None and values:
        guess = _counted(found, values, "completed")
        table.fields = (FieldDraft("completed", any_of("status", values), guess=guess),)
    table.date = "date" if table.has("date") else None


def say_missing(table: TableDraft) -> None:
    """Notes the columns without which KPIs are missing."""
    lacks = dict(_LACKS.get(table.kind, {}))
    if table.kind is Kind.OPPORTUNITIES and not table.has("created_date"):
        lacks["close_date"] = "a close date: wins can't be put into periods"
    table.asides += [words for role, words in lacks.items() if not table.has(role)]


_LACKS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.OPPORTUNITIES: {
        "amount": "an amount: revenue, average deal and open pipeline are left out",
        "close_date": "a close date: wins count in the period in which their opportunity was created, as the KPIs say",
        "created_date": "a creation date: new and open opportunities and the sales cycle are left out",
        "owner": "an owner: there are no figures by seller",
    },
    Kind.LEADS: {
        "created_date": "a creation date: leads can't be put into periods",
        "converted": "what tells that a lead was converted: there is no lead conversion",
    },
    Kind.ACTIVITIES: {"date": "a date: activities can't be put into periods"},
}
