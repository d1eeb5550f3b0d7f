"""Ways in which a report is silently wrong that only a look at the data can tell: `kpi check` tells them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import BOOK, opened

import kpicli


def test_a_stage_that_no_row_has_gives_nothing_and_the_check_says_so(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"wins": "count(deals where stage = 'Closed won')"})
    assert desk.values(period="2026-02", as_of="2026-03-31") == {"wins": 0}
    (deals,) = kpicli.load(tmp_path / "kpis.yaml").check(as_of="2026-03-31").tables
    assert [(each.code, each.severity.value, each.help) for each in deals.findings if each.code == "no-such-value"] == [
        ("no-such-value", "wrong", "did you mean 'Won'?")
    ]


def test_every_table_that_cannot_be_used_is_told_in_one_go(tmp_path: Path) -> None:
    """A key that stands twice in one table no longer hides that another's does."""
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n1,a,Won,1,,2026-02-01\n1,a,Won,2,,2026-02-01\n")
    desk.write("others.csv", "id\nx\nx\n")
    others = "tables:\n  others: {source: others.csv, key: id, columns: {id: id}}\n"
    desk.book({"all": "count(deals) + count(others)"}, base=BOOK.replace("tables:\n", others, 1))
    with pytest.raises(kpicli.KpiError) as caught:
        desk.report(period="2026-02", as_of="2026-03-31")
    assert str(caught.value).count("error[duplicate-key]") == 2


def test_a_greek_name_ends_with_its_last_letter_in_capitals_too(tmp_path: Path) -> None:
    """In small letters sigma has another form at the end of a word than anywhere else."""
    desk = opened(tmp_path, "id,owner,stage,amount,created,close_date\n1,ΟΔΟΣ,Won,1,,2026-02-01\n")
    parts = [
        "ends_with(owner, 'Σ')",
        "contains(owner, 'Σ')",
        "starts_with(owner, 'οδος')",
        "starts_with(owner, 'οδοσ')",
    ]
    desk.book({f"k{at}": f"count(deals where {part})" for at, part in enumerate(parts)})
    assert set(desk.values(period="2026-02", as_of="2026-03-31").values()) == {1}
