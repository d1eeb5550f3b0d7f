"""From the files of a CRM to a book: opened, recognised, written, tried, and told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kpicli.draft.columns import Orders
from kpicli.draft.dimensions import dimensions_of
from kpicli.draft.exports import find_exports
from kpicli.draft.kpis import kpis_for
from kpicli.draft.money import known_currency, money_of
from kpicli.draft.orders import Ask, decide
from kpicli.draft.tables import tables_of
from kpicli.draft.trying import day_of, loaded, tried
from kpicli.draft.writing import BookDraft, written
from kpicli.errors import KpiError, Trouble
from kpicli.tables.written_dates import DayOrder


class Drafted(Struct, frozen=True):
    """A book that is ready to be written, and what there is to say about it."""

    text: str
    draft: BookDraft
    as_of: date | None
    """The day that a report should be of, where today would show nothing."""


class Asked(Struct, frozen=True):
    """What a draft is asked for."""

    paths: tuple[Path, ...]
    book: Path
    """Where the book will be."""
    today: date
    is_told: bool = False
    """Whether `today` was given, so that reports need to be told too."""
    order: DayOrder | None = None
    """Which number is the day, where the values of a column allow both."""
    program: str = "kpi"
    """How the program is started, in the commands that a reader is to run."""


def draft(asked: Asked, ask: Ask) -> Drafted:
    """A book over the exports. Raises KpiError where nothing can be reported on, or where a question has no answer."""
    folder = asked.book.absolute().parent
    exports = find_exports(asked.paths, folder)
    tables, _ = tables_of(exports.found, Orders())
    orders = decide(tables, ask, asked.order)
    tables, unused = tables_of(exports.found, orders)
    money = money_of(tables)
    for table in tables:
        table.currency = known_currency(table, money)
    left_out = [f"{name}: {reason}" for name, reason in (*exports.left_out, *unused)]
    asks = [f"{table.name}: {question}" for table in tables for question in table.asks]
    not_found = [f"{table.name}: {aside}" for table in tables for aside in table.asides]
    book = BookDraft(
        name=_name(asked.paths, folder),
        tables=tuple(tables),
        dimensions=dimensions_of(tables),
        kpis=tuple(kpis_for(tables, money)),
        currency=money.code,
        currency_note=money.note,
        currency_column=money.column,
        other_currencies=money.others,
    )
    if not book.kpis:
        raise _nothing([*asks, *not_found, *left_out])
    as_of = day_of(book, folder, asked.today)
    book, lost = tried(book, folder, as_of)
    if not book.kpis:
        raise _nothing([*asks, *not_found, *left_out, *lost])
    is_old = as_of != asked.today
    command = _command(asked, "report") + (f" --as-of {as_of}" if is_old or asked.is_told else "")
    not_found += [*lost, *_no_currency(book)]
    book = replace(book, left_out=tuple(left_out), asks=tuple(asks), not_found=tuple(not_found))
    book = replace(book, next=command, check=_command(asked, "check"))
    text = written(book)
    loaded(text, folder)
    return Drafted(text, book, as_of if is_old else None)


def _no_currency(book: BookDraft) -> list[str]:
    if book.currency is not None or not book.amounts:
        return []
    return ["the currency: amounts are plain numbers; the book says under `currency` how to make them money"]


def _name(paths: Sequence[Path], folder: Path) -> str:
    """What the company is called: the folder of the exports, unless that says nothing."""
    places = [folder, *(path if path.is_dir() else path.parent for path in paths[:1])]
    names = [place.absolute().resolve().name for place in reversed(places)]
    telling = [name for name in names if name and name.lower() not in _TELLS_NOTHING]
    return (telling or names or ["My company"])[0] or "My company"


_TELLS_NOTHING = frozenset({"exports", "export", "data", "downloads", "csv", "files", "tmp", "crm"})


def _command(asked: Asked, name: str) -> str:
    place = "" if asked.book == Path("kpis.yaml") else f" --book {_shell(asked.book)}"
    return f"{asked.program} {name}{place}"


def _shell(path: Path) -> str:
    text = str(path)
    return text if all(char.isalnum() or char in "._/\\:-" for char in text) else f'"{text}"'


def _nothing(left_out: Sequence[str]) -> KpiError:
    said = "; ".join(left_out) or "the files hold no opportunities, leads or activities"
    return KpiError(
        "nothing-to-report",
        f"no KPI can be computed from these files: {said}",
        help="mend what is named, or name other exports of opportunities (deals), leads or activities; their columns "
        "are known by headers such as Stage, Amount, Owner, Created Date and Close Date: docs/exports.md says more",
        trouble=Trouble.DATA,
    )
