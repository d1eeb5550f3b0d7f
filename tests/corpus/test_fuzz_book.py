"""Whatever stands in a book, it is read or its mistakes are told, each with a way to mend it; never a traceback."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import pytest
from hypothesis import given, settings
from tests.corpus.draw_books import TREE, WHOLE, damaged, rebuilt, reworded, written

import kpicli

SECONDS = 10
"""No book that a person or a program writes takes so long."""
FEWER = settings(max_examples=max(10, settings().max_examples // 3))
"""A whole book takes some fifty milliseconds."""
MAY_LACK_HELP = {"unknown-name", "unknown-table"}
"""Until test_an_unknown_name_says_what_to_do passes."""


def load(content: bytes) -> kpicli.KpiBook:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kpis.yaml"
        path.write_bytes(content)
        return kpicli.load(path)


def hold(content: bytes) -> None:
    """Loads a book; every error says what is wrong, where, and what to do."""
    started = process_time()
    try:
        load(content)
    except kpicli.KpiError as error:
        for each in getattr(error, "errors", [error]):
            assert each.message.strip()
            assert each.code in MAY_LACK_HELP or (each.help or "").strip(), str(each)
            assert each.place is None or each.place.line >= 1
            assert len(str(each)) < 5_000
    assert process_time() - started < SECONDS


def test_the_whole_book_is_right_to_begin_with() -> None:
    found = load(written(TREE).encode())
    assert found.loaded.book == kpicli.load(WHOLE).loaded.book


@FEWER
@given(damaged())
def test_a_book_with_damaged_bytes_is_read_or_refused(content: bytes) -> None:
    hold(content)


@FEWER
@given(rebuilt())
def test_a_book_of_another_shape_is_read_or_refused(content: bytes) -> None:
    hold(content)


@FEWER
@given(reworded())
def test_a_book_of_other_formulas_is_read_or_refused(content: bytes) -> None:
    hold(content)


def test_an_unknown_name_says_what_to_do() -> None:
    book = WHOLE.read_text(encoding="utf-8").replace("sum(deals.amount where won)", "sum(deals.qqq where won)", 1)
    with pytest.raises(kpicli.KpiError) as raised:
        load(book.encode())
    assert raised.value.help is not None
    listed = raised.value.help.removeprefix("known: ").partition(" and ")
    assert len(listed[0].split(", ")) == 12
    assert listed[2].endswith(" more")
