"""What is told of a date format that is no strptime pattern, and suggested where it is one of Excel."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from tests.desk import BOOK, opened

from kpicli.book.date_formats import from_excel, wrong_in
from kpicli.errors import KpiError
from kpicli.tables.dates import read_pattern

CREATED = '{header: created, type: date, format: ["%m/%d/%Y", "%m/%d/%Y %Q"]}'


@pytest.mark.parametrize(
    ("excel", "pattern"),
    [
        ("MM/DD/YYYY", "%m/%d/%Y"),
        ("m/d/yyyy", "%m/%d/%Y"),
        ("dd-mmm-yy", "%d-%b-%y"),
        ("d mmmm yyyy", "%d %B %Y"),
        ("dd mmm, yyyy hh:mm:ss", "%d %b, %Y %H:%M:%S"),
        ("yyyy-MM-ddTHH:mm", "%Y-%m-%dT%H:%M"),
        ("m/d/yy h:mm AM/PM", "%m/%d/%y %I:%M %p"),
        ("mm:ss", "%M:%S"),
        ("dddd, d mmmm", None),
        ("US", None),
        ("", None),
    ],
)
def test_a_format_of_excel_becomes_a_pattern(excel: str, pattern: str | None) -> None:
    assert from_excel(excel) == pattern


def test_a_suggested_pattern_reads_what_it_writes() -> None:
    pattern = from_excel("dd mmm, yyyy hh:mm:ss")
    assert pattern is not None
    moment = datetime(2026, 11, 22, 13, 5, 7)  # noqa: DTZ001  # a moment on a wall clock
    assert datetime.strptime(moment.strftime(pattern), pattern) == moment  # noqa: DTZ007  # likewise


@pytest.mark.parametrize(
    ("pattern", "what_to_do"),
    [
        ("%Y-%m-%d %Q", "`%Q` stands for nothing; `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` are the usual ones"),
        ("%Y-%m-%d %", "`%` stands for nothing; `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` are the usual ones"),
        ("%Ey-%Om-%d", "`%Ey` stands for nothing; `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` are the usual ones"),
        ("%d.%m.%Y %H:%M %Z", "%Z is a zone's name, which says no offset: write it out and use `timezone`"),
        ("%m/%d/%Y %I:%M", "`%I` goes with `%p`, for AM or PM; 24 hours are `%H`"),
        ("%m/%d/%Y %H:%M %p", "`%I` goes with `%p`, for AM or PM; 24 hours are `%H`"),
        ("%m/%d/%Y %H", "an hour goes with its minutes: `%H:%M`"),
        ("%m/%d/%Y %M", "an hour goes with its minutes: `%H:%M`"),
        ("%m/%d/%Y %z", "seconds and an offset go with an hour and its minutes: `%H:%M:%S`"),
        ("%d.%m.%Y", None),
        ("%-m/%_d/%y %I:%M:%S %p", None),
        ("%Y-%m-%dT%H:%M:%S.%f%:z", None),
        ("%a %b %e %T %Y", None),
        ("%G-W%V-%u", None),
        ("100 %% %F", None),
        ("%s", None),
    ],
)
def test_directives_that_are_none_or_do_not_go_together_are_told(pattern: str, what_to_do: str | None) -> None:
    assert wrong_in(pattern) == what_to_do
    if what_to_do is not None:
        with pytest.raises(KpiError):
            read_pattern(pattern)


def test_a_pattern_that_reads_nothing_is_a_mistake_of_the_book(tmp_path: Path) -> None:
    """Also where no figure needs its column: a book is checked as a whole."""
    desk = opened(tmp_path)
    desk.book({"a": "count(deals)"}, base=BOOK.replace("{header: created, type: date}", CREATED))
    with pytest.raises(KpiError) as raised:
        desk.report()
    assert raised.value.place is not None
    assert str(raised.value).startswith(
        "error[value]: an entry of `format` takes a strptime pattern, not '%m/%d/%Y %Q'"
    )
