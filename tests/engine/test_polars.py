"""The Polars engine: what must not depend on how it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpicli
from kpicli.engine import polars

BOOK = Path(__file__).parents[2] / "kpis.yaml"


@pytest.mark.parametrize("by", [None, "owner"])
def test_streamed_tables_give_the_figures_of_tables_in_memory(monkeypatch: pytest.MonkeyPatch, by: str | None) -> None:
    book = kpicli.load(BOOK)
    in_memory = book.report(period="2026-Q3", as_of="2026-11-22", by=by).to_dict()
    monkeypatch.setattr(polars, "IN_MEMORY", -1)
    assert book.report(period="2026-Q3", as_of="2026-11-22", by=by).to_dict() == in_memory
