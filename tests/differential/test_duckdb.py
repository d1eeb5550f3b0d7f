"""Random books over random tables: every figure of the engine against SQL on DuckDB that was written apart from it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import pytest
from tests.differential.asks import draw_ask
from tests.differential.compare import Comparison, values
from tests.differential.draw_figures import draw_kpis
from tests.differential.files import write_world
from tests.differential.make import _widths, draw_world
from tests.differential.sql_rows import load

import kpicli

BATCHES = 12
WORLDS = 3
KPIS = 16
REPORTS = 4
CASES = BATCHES * WORLDS * KPIS * REPORTS
"""How many (formula, report) pairs a run compares; each pair is a headline, its prior, trend, groups and targets."""


def test_a_run_compares_at_least_two_thousand_cases() -> None:
    assert CASES >= 2_000


@pytest.mark.parametrize("batch", range(BATCHES))
def test_duckdb_finds_the_same_figures(tmp_path: Path, batch: int) -> None:
    """A difference prints the seed, the report, the formula, the SQL and both values."""
    figures = 0
    for seed in range(batch * WORLDS, (batch + 1) * WORLDS):
        figures += _compare(tmp_path / str(seed), seed)
    print(f"batch {batch}: {WORLDS * KPIS * REPORTS} cases, {figures} figures, none different")


def _compare(folder: Path, seed: int) -> int:
    """How many figures of one world were compared."""
    world = draw_world(seed)
    dice = Random(seed + 1)
    draw_kpis(dice, world, _widths(world), KPIS)
    folder.mkdir()
    book = kpicli.load(write_world(world, folder))
    figures = 0
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        rows = load(connection, world)
        members = {
            name: sorted({member for table in dimension.paths for member in values(connection, table, name)})
            for name, dimension in world.dimensions.items()
        }
        for _ in range(REPORTS):
            ask = draw_ask(dice, world, members)
            report = book.report(ask.scorecard, period=ask.period, by=ask.by, only=ask.named, as_of=world.as_of)
            comparison = Comparison(world, rows, connection, ask)
            found = "\n".join(map(str, comparison.differences(report.to_dict())))
            assert not found, f"seed {seed}, {ask}, as of {world.as_of}\n{found}"
            figures += comparison.figures
    return figures
