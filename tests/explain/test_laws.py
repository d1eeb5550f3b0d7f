"""Random books over random tables: every explanation says what the report says, and every row is told once."""

from __future__ import annotations

from pathlib import Path
from random import Random
from unicodedata import category

import duckdb
import pytest
from tests.differential.asks import draw_ask
from tests.differential.compare import values
from tests.differential.draw_figures import draw_kpis
from tests.differential.files import write_world
from tests.differential.make import _widths, draw_world
from tests.differential.sql_rows import load
from tests.explain.holding import hold, lists

import kpicli
from kpicli.formula.words import figure_words, lines_of, row_words

SEEDS = range(1000, 1005)
KPIS = 10


def drawn(folder: Path, seed: int) -> tuple[kpicli.KpiBook, list[dict[str, object]]]:
    """A random book, and what it is asked for."""
    world = draw_world(seed)
    dice = Random(seed)  # noqa: S311 -- it draws
    draw_kpis(dice, world, _widths(world), KPIS)
    book = kpicli.load(write_world(world, folder))
    with duckdb.connect() as connection:
        load(connection, world)
        members = {
            name: sorted({member for table in dimension.paths for member in values(connection, table, name)})
            for name, dimension in world.dimensions.items()
        }
    asks = [draw_ask(dice, world, members) for _ in range(3)]
    return book, [{"period": ask.period, "only": ask.named, "as_of": world.as_of} for ask in asks]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_explanation_comes_to_the_reports_figure_and_tells_each_row_once(tmp_path: Path, seed: int) -> None:
    book, asks = drawn(tmp_path, seed)
    kpis = list(book.loaded.book.kpis)
    for at, asked in enumerate(asks):
        card = book.report(kpis=kpis, **asked).to_dict()  # type: ignore[arg-type]  # drawn
        for kpi in kpis:
            explained = hold(book, kpi, card, **asked)
            if at == 0:
                lists(book, kpi, explained, **asked)


@pytest.mark.parametrize("seed", range(20))
def test_every_formula_gets_words(tmp_path: Path, seed: int) -> None:
    world = draw_world(seed)
    dice = Random(seed)  # noqa: S311 -- it draws
    draw_kpis(dice, world, _widths(world), 30)
    loaded = kpicli.load(write_world(world, tmp_path)).loaded
    told = [text for kpi in loaded.formulas.kpis.values() for text in lines_of(kpi.figure, {})]
    told += [figure_words(kpi.figure, {"k1": "Won deals"}) for kpi in loaded.formulas.kpis.values()]
    told += [row_words(row) for table in loaded.formulas.tables.values() for row in table.fields.values()]
    for text in told:
        assert text.strip() == text != ""
        assert text.count("(") == text.count(")")
        assert {category(char) for char in text} & {"Cc"} == set()
