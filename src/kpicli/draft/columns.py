"""Which column of an export plays which role, by its header and by all that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from kpicli.book.model import ColumnType
from kpicli.draft.model import ColumnDraft
from kpicli.draft.words import likeness, means_lost, means_won
from kpicli.tables.currencies import explain_all
from kpicli.tables.headers import starless
from kpicli.tables.survey import Profile, Survey
from kpicli.tables.written_dates import DayOrder, WrittenDates

FIT: Final = 0.95
"""Which share of a column's cells must fit a type. A report refuses a column of which less does."""
_LIKE: Final = 0.5
"""From which likeness on a header alone says what a column is."""


def holds_dates(column: Profile) -> bool:
    return (_looks_dated(column) and not mixes_orders(column)) or _counts_days(column)


def _counts_days(column: Profile) -> bool:
    """Whether it holds days of a workbook that aren't formatted as such: numbers under a header of dates."""
    numbers = column.numbers
    if not column.in_workbook or numbers is None or numbers.fit < column.filled or numbers.least is None:
        return False
    is_called_so = any(likeness(column.header, role) >= _LIKE for role in _DATES)
    return is_called_so and numbers.least >= _FIRST_DAY and numbers.most is not None and numbers.most <= _LAST_DAY


_DATES: Final = ("close_date", "created_date", "modified_date", "date")
_FIRST_DAY, _LAST_DAY = 20_000, 80_000
"""Days as Excel counts them, of 1954 and of 2119."""


def _looks_dated(column: Profile) -> bool:
    return column.dates is not None and column.filled > 0 and column.dates.fit >= FIT * column.filled


def mixes_orders(column: Profile) -> bool:
    """Whether it holds dates of which some have the day first and others the month."""
    return _looks_dated(column) and column.dates is not None and column.dates.is_mixed


def holds_numbers(column: Profile) -> bool:
    return column.numbers is not None and column.filled > 0 and column.numbers.fit >= FIT * column.filled


def has_one_currency(column: Profile) -> bool:
    """Whether the signs beside its numbers may be those of one currency."""
    return column.numbers is None or bool(explain_all(column.numbers.signs))


def holds_shares(column: Profile) -> bool:
    """Whether it holds percentages, with their sign."""
    numbers = column.numbers
    return numbers is not None and numbers.has_percent and numbers.shares >= FIT * column.filled > 0


def holds_texts(column: Profile) -> bool:
    return column.filled > 0 and not holds_dates(column) and not holds_numbers(column) and not holds_shares(column)


def is_choice(column: Profile) -> bool:
    """Whether it holds one of a few texts."""
    return 0 < len(column.values) <= _CHOICES and not holds_dates(column)


_CHOICES: Final = 40


def tells_won(column: Profile) -> bool:
    """Whether some of its few values speak of winning or losing."""
    return is_choice(column) and any(means_won(value) or means_lost(value) for value, _ in column.values)


def _names_people(column: Profile) -> bool:
    return (holds_texts(column) and column.distinct <= max(2, column.filled * 0.7)) or _counts_few(column)


def _counts_few(column: Profile) -> bool:
    """Numbers of which there are few: ids of people, of accounts."""
    return holds_numbers(column) and column.distinct * 3 <= column.filled


def _is_flag(column: Profile) -> bool:
    return column.is_true_or_false


def _is_label(column: Profile) -> bool:
    """Texts that stand for many rows each."""
    return holds_texts(column) and not column.is_true_or_false and column.distinct <= max(2, column.filled * 0.9)


def _is_anything(column: Profile) -> bool:
    return column.filled > 0 and not holds_dates(column)


_SUITS: Final[Mapping[str, Callable[[Profile], bool]]] = {
    "id": _is_anything,
    "owner": _names_people,
    "stage": is_choice,
    "amount": lambda column: holds_numbers(column) and not column.is_true_or_false and has_one_currency(column),
    "created_date": holds_dates,
    "close_date": holds_dates,
    "modified_date": holds_dates,
    "date": holds_dates,
    "status": is_choice,
    "type": lambda column: is_choice(column) and not column.is_true_or_false,
    "name": holds_texts,
    "account": _is_anything,
    "won": _is_flag,
    "lost": _is_flag,
    "closed": _is_flag,
    "converted": _is_flag,
    "completed": _is_flag,
    "active": _is_flag,
    "deleted": _is_flag,
    "currency": is_choice,
    "email": holds_texts,
}
"""What a column must hold for each role; texts for all others."""


class Found(Struct, frozen=True):
    """A column in a role."""

    profile: Profile
    reason: str


def find(columns: Iterable[Profile], role: str, taken: Iterable[Profile] = ()) -> Found | None:
    """The column that fits a role best; None where none does."""
    used = {column.at for column in taken}
    suits = _SUITS.get(role, _is_label)
    fitting = [column for column in columns if column.at not in used and suits(column)]
    if not fitting:
        return None
    best = max(fitting, key=lambda column: (_fitness(column, role), -column.at))
    like = likeness(best.header, role)
    if role == "stage" and tells_won(best):
        won = [value for value, _ in best.values if means_won(value) or means_lost(value)]
        return Found(best, f"it holds {quoted(won)}")
    if like < _LIKE:
        return None
    return Found(best, "by its header")


def _fitness(column: Profile, role: str) -> float:
    value = likeness(column.header, role)
    if role == "stage" and tells_won(column):
        value += 1
    if role in _WELL_FILLED and column.rows:
        value += 0.2 * column.filled / column.rows
    return value


_WELL_FILLED: Final = frozenset({"owner", "amount", "created_date", "account", "source", "date"})


def is_among(header: str, spellings: Iterable[str]) -> bool:
    """Whether a report finds a column by one of these spellings."""
    return starless(header) in map(starless, spellings)


def quoted(values: Iterable[str], most: int = 4) -> str:
    """Values as a reader sees them in a remark."""
    listed = list(values)
    shown = [f"'{value}'" for value in listed[:most]]
    if len(listed) > most:
        return f"{', '.join(shown)} and {len(listed) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


class Orders(Struct, frozen=True):
    """Which of two numbers is the day, for the columns whose cells don't tell."""

    by_file: Mapping[str, tuple[DayOrder, str]] = field(default_factory=dict)
    """For each file the order, and why."""

    def of(self, file: str, dates: WrittenDates) -> tuple[DayOrder | None, str | None]:
        """The order of a column, and the reason where its own cells don't tell."""
        return self.by_file.get(file, (None, None)) if dates.is_open else (dates.order, None)


def declared(  # noqa: PLR0913 -- what is said of a column, and all that it depends on
    name: str, column: Profile, kind: ColumnType, *, orders: Orders, opened: Survey, guess: str | None = None
) -> ColumnDraft:
    """A column as the book declares it, of the given type."""
    plain = ColumnDraft(name, column, kind, blank=column.nulls, guess=guess)
    if kind is ColumnType.DATE and column.dates is not None:
        order, why = orders.of(opened.place, column.dates)
        remark = _remark(why, column.filled - column.dates.fit, "dates")
        return replace(plain, format=column.dates.formats(order), remark=remark)
    if kind in _NUMBERS and column.numbers is not None:
        numbers = column.numbers
        sign = "." if numbers.decimal == "," else ","
        why = f"guess: the {sign} in '{numbers.example}' stands before thousands" if numbers.is_open else None
        fit = numbers.shares if kind is ColumnType.PERCENT else numbers.fit
        return replace(plain, decimal=numbers.decimal, remark=_remark(why, column.filled - fit, "numbers"))
    return plain


_NUMBERS: Final = (ColumnType.NUMBER, ColumnType.MONEY, ColumnType.PERCENT)


def _remark(why: str | None, odd: int, kind: str) -> str | None:
    parts = [why] if why else []
    if odd:
        parts.append(f"1 cell is no {kind.removesuffix('s')}" if odd == 1 else f"{odd:,} cells are no {kind}")
    return "; ".join(parts) or None
