"""Texts that a plan only tells apart are kept as numbers of words: which ones they are, and that no figure knows."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk import BOOK, Desk

from kpicli.book.model import Table
from kpicli.engine import reading
from kpicli.engine.words import told_apart
from kpicli.plan.nodes import Plan, Scan

HEADER = "id,owner,stage,amount,created,close_date\n"
MANY = ", ".join(f"'{word}'" for word in ("Won", "Lost", "Open", "a", "b", "c", "d", "e", "f"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Collection[str]]:
    """The columns that each report kept as words."""
    found: list[Collection[str]] = []

    def watched(plan: Plan, scan: Scan, table: Table) -> list[str]:
        found.append(told_apart(plan, scan, table))
        return list(found[-1])

    monkeypatch.setattr(reading, "told_apart", watched)
    return found


@pytest.mark.parametrize(
    ("formula", "by", "columns"),
    [
        ("count(deals)", None, []),
        ("count(deals)", "owner", ["owner"]),
        ("count(deals where stage = 'Won')", None, ["stage"]),
        ("count(deals where 'Won' = stage)", None, ["stage"]),
        ("count(deals where not (stage != 'Won' or amount > 5))", "owner", ["owner", "stage"]),
        (f"count(deals where stage in ({MANY}))", None, ["stage"]),
        ("count(deals where stage in ('Won', null) or owner = 'ann')", None, ["owner", "stage"]),
        ("count(deals where won)", None, ["stage"]),
        ("count_distinct(deals.owner where owner != 'bob')", None, ["owner"]),
        ("count_distinct(deals.owner)", None, []),
        ("formula: max(deals.stage where stage != 'Won')\nunit: text", "owner", ["owner"]),
        ("count(deals where owner is not null)", None, []),
        ("count(deals where stage = 'Won' and stage is not null)", None, ["stage"]),
        ("count(deals where stage = owner)", "owner", []),
        ("count(deals where stage > 'Lost' or stage = 'Won')", None, []),
        ("count(deals where stage like 'W%' and stage != 'Won')", None, []),
        ("count(deals where lower(stage) = 'won')", "owner", ["owner"]),
        ("count(deals where coalesce(owner, 'nobody') = 'ann' or owner = 'bob')", None, []),
        ("count(deals where if(won, owner, 'nobody') = 'ann')", "owner", ["stage"]),
    ],
)
def test_a_text_is_a_word_where_nothing_reads_its_letters(
    tmp_path: Path, told: list[Collection[str]], formula: str, by: str | None, columns: list[str]
) -> None:
    made = Desk(tmp_path)
    made.book({"figure": formula})
    made.write("deals.csv", HEADER + "1,ann,Won,5,2026-01-02,2026-02-03\n")
    made.report(period="2026-02", as_of="2026-03-10", by=by)
    assert told[-1] == columns


cells = st.tuples(
    st.sampled_from(["ann", "bob", " bob ", "ANN", "", "Won"]),
    st.sampled_from(["Won", "Lost", " Won", "won", "", "Wón", "ann"]),
    st.sampled_from(["100", "$12.50", "", "-3.5"]),
    st.sampled_from(["2026-01-05", "2026-02-03T23:30:00Z", "", " 2026-02-28 "]),
    st.sampled_from(["2026-02-05", "2026-02-03T23:30:00Z", "", "2024-02-28", "2026-01-15"]),
)
FORMULAS = {
    "equal": "count(deals where stage = 'Won')",
    "other": "count(deals where stage != 'Won' and owner != 'nobody')",
    "missing": "sum(deals.amount where stage = 'Nowhere')",
    "unknown": "count(deals where stage not in ('Won', null))",
    "many": f"sum(deals.amount where stage in ({MANY}))",
    "owners": "count_distinct(deals.owner where owner != 'bob')",
    "blank": "count(deals where owner is null or stage = 'Lost')",
    "created": "count(deals where owner = 'ann' and stage = 'Won' on created)",
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(cells, max_size=30),
    st.lists(cells, max_size=5),
    st.sets(st.sampled_from(list(FORMULAS)), min_size=1).map(sorted),
    st.sampled_from([{}, {"by": "owner"}, {"only": {"owner": "ann"}}, {"by": "owner", "only": {"owner": "bob"}}]),
)
def test_a_report_is_the_same_with_words_and_with_texts(
    tmp_path: Path, some: list[tuple[str, ...]], others: list[tuple[str, ...]], kpis: list[str], asked: dict[str, Any]
) -> None:
    """Over two files, with cells that need a second look."""
    made = Desk(tmp_path)
    made.book(FORMULAS, base=BOOK.replace("source: deals.csv", "source: deals*.csv").replace("    key: id\n", ""))
    for name, rows in (("deals1.csv", some), ("deals2.csv", others)):
        # Everybody is there, and enough plain rows that a few odd ones are no reason to refuse the file.
        written = [f"p,{owner},Won,10,2026-01-01,2026-02-10" for owner in ("ann", "bob")] * (len(rows) * 10 + 1)
        written += [",".join(("1", *row)) for row in rows]
        made.write(name, HEADER + "".join(f"{line}\n" for line in written))
    reported = made.report(period="2026-02", as_of="2026-03-10", kpis=kpis, **asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "told_apart", lambda *_: [])
        assert made.report(period="2026-02", as_of="2026-03-10", kpis=kpis, **asked) == reported


def test_words_are_kept_as_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, reading.TableRows] = {}
    read_tables = reading.read_tables

    def watched(*arguments: Any) -> dict[str, reading.TableRows]:
        found.update(read_tables(*arguments))
        return dict(found)

    monkeypatch.setattr("kpicli.engine.polars.read_tables", watched)
    made = Desk(tmp_path)
    made.book({"won": "count(deals where won)"})
    made.write("deals.csv", HEADER + "1,ann,Won,5,2026-01-02,2026-02-03\n")
    made.report(period="2026-02", as_of="2026-03-10")
    schema = found["deals"].frame.schema
    assert isinstance(schema["stage"], pl.Categorical)
    assert schema["id"] == pl.String
