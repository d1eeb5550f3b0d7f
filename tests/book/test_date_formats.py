"""What is suggested where a date format is written as in Excel."""

from __future__ import annotations

from datetime import datetime

import pytest

from kpicli.book.date_formats import from_excel


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
