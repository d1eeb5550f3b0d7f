"""What stands at the top of each sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.workbook.book import QUIET, TITLE, Sheet
from kpicli.scorecard import Scorecard


def title_of(card: Scorecard) -> str:
    """What the report is called: its book, and its scorecard where it has one."""
    scorecard = card.title or card.scorecard
    return card.book if scorecard is None else f"{card.book} · {scorecard}"


def about(card: Scorecard) -> Iterator[str]:
    """The lines below the title: the period, the days of the data, the part of the company."""
    period = card.period
    yield f"{write_period(period)} · {remarks.days(period.start, period.end)} · {remarks.progress(card)}"
    fresh = (f"! {text}" if warns else text for text, warns in remarks.freshness(card))
    yield " · ".join((f"As of {card.as_of.isoformat()}", *fresh))
    for narrowing in remarks.narrowings(card):
        yield f"Only {narrowing}"


def write_heading(sheet: Sheet, title: str, lines: Sequence[str]) -> int:
    """The title of a sheet and the lines below it; the row that comes after them and a blank one."""
    sheet.over(0, 0, title, TITLE)
    sheet.page.set_row(0, 24)
    for row, line in enumerate(lines, 1):
        sheet.over(row, 0, line, QUIET)
    return len(lines) + 2
