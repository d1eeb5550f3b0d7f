"""The Polars engine: what must not depend on how it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpicli
from kpicli.engine import polars, reading

BOOK = Path(__file__).parents[2] / "kpis.yaml"


@pytest.mark.parametrize("by", [None, "owner"])
def test_streaming_gives_the_figures_of_work_in_memory(monkeypatch: pytest.MonkeyPatch, by: str | None) -> None:
    book = kpicli.load(BOOK)
    in_memory = book.report(period="2026-Q3", as_of="2026-11-22", by=by).to_dict()
    monkeypatch.setattr(polars, "MANY_ROWS", -1)
    monkeypatch.setattr(reading, "LARGE_FILES", -1)
    assert book.report(period="2026-Q3", as_of="2026-11-22", by=by).to_dict() == in_memory


@pytest.mark.parametrize("period", ["2026-10", "2026-Q3"])
def test_rows_outside_of_the_needed_days_change_nothing(monkeypatch: pytest.MonkeyPatch, period: str) -> None:
    """Neither figures nor what is said of the data."""
    book = kpicli.load(BOOK)
    kpis = ["new_leads", "qualified_leads", "lead_conversion", "proposals_sent", "activities", "cost_per_customer"]
    narrowed = [book.report(period=period, as_of="2026-11-22", kpis=[kpi]).to_dict() for kpi in kpis]
    monkeypatch.setattr(reading, "needed_days", lambda *_: None)
    assert [book.report(period=period, as_of="2026-11-22", kpis=[kpi]).to_dict() for kpi in kpis] == narrowed
