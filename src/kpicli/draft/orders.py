"""Whether the day or the month comes first, for the columns whose values allow both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from kpicli.draft.columns import Orders, quoted
from kpicli.draft.model import TableDraft
from kpicli.errors import KpiError, Trouble
from kpicli.tables.survey import Survey
from kpicli.tables.written_dates import DayOrder

__all__ = ["Ask", "DayOrder", "Question", "decide", "refuse"]


class Question(Struct, frozen=True):
    """What has to be asked about the dates of one file."""

    file: str
    headers: tuple[str, ...]
    examples: tuple[str, ...]

    @property
    def text(self) -> str:
        columns = "column" if len(self.headers) == 1 else "columns"
        asked = f"does the day or the month come first in {columns} {quoted(self.headers)}"
        return f"{self.file}: {asked}, as in {quoted(self.examples)}?"


Ask = Callable[[Question], DayOrder]


def refuse(question: Question) -> DayOrder:
    """The answer where nobody can be asked."""
    raise KpiError("day-or-month", question.text, help=HELP, trouble=Trouble.USAGE)


HELP = "say so: `--day-first` for 31/12/2026, `--month-first` for 12/31/2026"


def decide(tables: Sequence[TableDraft], ask: Ask, given: DayOrder | None) -> Orders:
    """The orders of all files: as given, as another column of the file tells, or as the answer to a question says."""
    found: dict[str, tuple[DayOrder, str]] = {}
    for opened, headers, examples in _open(tables):
        name = opened.place
        if given is not None:
            found[name] = (given, f"{_word(given)}, as `kpi init` was told")
            continue
        told = _told(opened)
        if told is not None:
            found[name] = told
            continue
        answer = ask(Question(name, headers, examples))
        found[name] = (answer, f"{_word(answer)}, as `kpi init` was told")
    return Orders(found)


def _word(order: DayOrder) -> str:
    return "day before month" if order is DayOrder.DAY_FIRST else "month before day"


def _open(tables: Sequence[TableDraft]) -> Iterator[tuple[Survey, tuple[str, ...], tuple[str, ...]]]:
    """Files with columns that the draft reads and whose order is open."""
    for table in tables:
        for source in table.sources:
            used = {column.profile.header for column in table.all_columns() if column.asks}
            for opened in source.export.surveys:
                columns = [
                    column
                    for column in opened.columns
                    if column.header in used and column.dates is not None and column.dates.is_open
                ]
                examples = [each for column in columns if column.dates is not None for each in column.dates.examples]
                if columns:
                    headers = tuple(column.header for column in columns)
                    yield opened, headers, tuple(dict.fromkeys(examples))[:3]


def _told(opened: Survey) -> tuple[DayOrder, str] | None:
    """What another column of the file tells: an export writes all of its dates alike."""
    telling = [column for column in opened.columns if column.dates is not None and column.dates.order is not None]
    orders = {column.dates.order for column in telling if column.dates is not None}
    if len(orders) != 1:
        return None
    (order,) = orders
    assert order is not None
    headers = [column.header for column in telling]
    return order, f"guess: {_word(order)}, as the values of {quoted(headers, 1)} tell"
