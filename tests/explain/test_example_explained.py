"""Every KPI of the example explained: it says what the report says, and its parts come to that."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.explain.holding import hold, lists

import kpicli

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-22"
ASKED: dict[str, dict[str, Any]] = {
    "this month": {"period": "this month"},
    "last quarter": {"period": "last quarter"},
    "a week": {"period": "2026-W46"},
    "all time": {"period": "all"},
    "a month to come": {"period": "2027-02"},
    "a team": {"period": "this month", "only": {"team": "East"}},
    "a seller": {"period": "last quarter", "only": {"owner": "Priya Valmontagne"}},
    "two sources": {"period": "2026-10", "only": {"source": ["Webinar", "Event"]}},
    "a seller of a team": {"period": "2026-10", "only": {"team": "West", "owner": "Priya Valmontagne"}},
}


@cache
def book() -> kpicli.KpiBook:
    return kpicli.load(ROOT / "kpis.yaml")


@pytest.mark.parametrize("asked", ASKED)
def test_the_parts_of_every_kpi_come_to_the_reports_figure(asked: str) -> None:
    kpis = list(book().loaded.book.kpis)
    card = book().report(kpis=kpis, as_of=AS_OF, **ASKED[asked]).to_dict()
    for kpi in kpis:
        hold(book(), kpi, card, as_of=AS_OF, **ASKED[asked])


@pytest.mark.parametrize("asked", ["a team"])
def test_the_rows_of_every_aggregate_make_its_number(asked: str) -> None:
    looked = 0
    for kpi in list(book().loaded.book.kpis)[::2]:  # to list the rows of all would take a minute
        explained = book().explain(kpi, as_of=AS_OF, **ASKED[asked]).to_dict()
        looked += lists(book(), kpi, explained, as_of=AS_OF, **ASKED[asked])
    assert looked > 25
