"""What an explanation looks like: at any width, as Markdown, as JSON, its rows as CSV; and that texts stay texts."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.desk import opened
from tests.explain import hostile
from tests.explain.conftest import GOLDENS, Goldens
from tests.explain.holding import VALIDATOR
from tests.explain.test_example_explained import book
from tests.render.pages import structure, tables

import kpicli
from kpicli.explained import Explanation
from kpicli.formula.words import lines_of
from kpicli.render.explain.markdown import explain_markdown
from kpicli.render.explain.rows import rows_csv
from kpicli.render.explain.terminal import draw_explanation
from kpicli.render.formats.json import write
from kpicli.render.screen import Screen

AS_OF = "2026-11-22"
SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "coverage": ("pipeline_coverage", {"period": "2026-11"}),
    "per_win": ("activities_per_win", {"period": "2026-10", "only": {"team": "East"}}),
    "leads": ("new_leads", {"period": "2025-12-15..2026-01-14"}),
    "cost": ("cost_per_customer", {"rows": "1", "period": "2026-10"}),
    "left": ("win_rate", {"rows": "1", "left_out": True, "first": 2, "period": "2026-10", "only": {"team": "East"}}),
}
SCREENS = {
    "80": Screen(80),
    "100": Screen(100),
    "160": Screen(160),
    "80.ascii": Screen(80, "ascii"),
    "100.colours": Screen(100, colours="standard"),
}
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def explained(name: str) -> kpicli.Explained:
    kpi, asked = SHOWN[name]
    return book().explain(kpi, as_of=AS_OF, **asked)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", SHOWN)
def test_every_screen_shows_the_same_page_as_ever(name: str, screen: str, goldens: Goldens) -> None:
    goldens.hold(f"{name}.{screen}.terminal", draw_explanation(explained(name).explanation, SCREENS[screen]))


@pytest.mark.parametrize("name", SHOWN)
def test_markdown_and_json_are_the_same_as_ever(name: str, goldens: Goldens) -> None:
    goldens.hold(f"{name}.md", explain_markdown(explained(name).explanation))
    goldens.hold(f"{name}.json", write(explained(name).to_dict()))


def test_rows_as_csv_are_the_same_as_ever(goldens: Goldens) -> None:
    goldens.hold("cost.csv", rows_csv(explained("cost").explanation))
    goldens.hold("left.csv", rows_csv(explained("left").explanation))


def test_the_formulas_of_the_example_read_well(goldens: Goldens) -> None:
    loaded = book().loaded
    names = {name: kpi.name or name for name, kpi in loaded.book.kpis.items()}
    told = []
    for name, kpi in loaded.book.kpis.items():
        lines = lines_of(loaded.formulas.kpis[name].figure, names)
        told += [f"{kpi.name}: {kpi.formula}", *(f"    {line}" for line in lines)]
    goldens.hold("words.txt", "\n".join(told) + "\n")


def test_there_is_no_golden_file_without_its_test() -> None:
    expected = {f"{name}.{screen}.terminal" for name in SHOWN for screen in SCREENS}
    expected |= {f"{name}.{ending}" for name in SHOWN for ending in ("md", "json")} | {
        "cost.csv",
        "left.csv",
        "words.txt",
    }
    expected |= {f"hostile.{ending}" for ending in ("terminal", "md", "json", "csv")}
    assert {path.name for path in GOLDENS.iterdir()} == expected


# ---- hostile texts


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> kpicli.KpiBook:
    return hostile.book(tmp_path_factory.mktemp("hostile"))


def asked(opened: kpicli.KpiBook, kpi: str, rows: str | None = None) -> Explanation:
    found = opened.explain(kpi, period="2026-02", as_of="2026-02-28", rows=rows)
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(write(found.to_dict())))] == []
    return found.explanation


def test_hostile_texts_look_as_ever(nasty: kpicli.KpiBook, goldens: Goldens) -> None:
    goldens.hold("hostile.terminal", draw_explanation(asked(nasty, "mean"), Screen(100)))
    goldens.hold("hostile.md", explain_markdown(asked(nasty, "mean")))
    goldens.hold("hostile.csv", rows_csv(asked(nasty, "mean", "1")))
    goldens.hold("hostile.json", write(nasty.explain("best", period="2026-02", as_of="2026-02-28").to_dict()))


@pytest.mark.parametrize("rows", [None, "1"])
@pytest.mark.parametrize("kpi", ["mean", "best"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
@pytest.mark.parametrize("width", [40, 57, 80, 200])
def test_nothing_acts_on_a_terminal_and_no_line_is_too_wide(
    nasty: kpicli.KpiBook, kpi: str, rows: str | None, encoding: str, width: int
) -> None:
    harmless_on_a_terminal(draw_explanation(asked(nasty, kpi, rows), Screen(width, encoding)), width, encoding)


def harmless_on_a_terminal(page: str, width: int, encoding: str = "utf-8") -> None:
    page.encode(encoding)
    assert max(map(cell_len, page.split("\n"))) <= width
    assert {category(char) for char in page.replace("\n", "")} & ACTING == set()


@pytest.mark.parametrize("kpi", ["mean", "best"])
def test_texts_stay_texts_in_markdown(nasty: kpicli.KpiBook, kpi: str) -> None:
    page = explain_markdown(asked(nasty, kpi))
    assert set(structure(page)) & {"link_open", "html_inline", "html_block", "code_inline", "image", "em_open"} == set()
    assert {category(char) for char in page.replace("\n", "").replace("\u200b", "")} & ACTING == set()


texts = st.lists(
    st.text(st.characters(exclude_characters='"\0\x1a', exclude_categories=["Cs"]), min_size=1, max_size=12)
    | st.sampled_from(hostile.TEXTS),
    min_size=8,
    max_size=14,
).map(tuple)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(texts, st.integers(40, 120))
def test_any_texts_are_harmless_everywhere(
    tmp_path_factory: pytest.TempPathFactory, cells: tuple[str, ...], width: int
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    desk = opened(folder, cells_of(cells))
    desk.book({"mean": "avg(count(deals where stage != 'x') by owner)"})
    found = kpicli.load(folder / "kpis.yaml").explain("mean", period="2026-02", as_of="2026-02-28", rows="1")
    harmless_on_a_terminal(draw_explanation(found.explanation, Screen(width)), width)
    page = explain_markdown(found.explanation)
    assert {category(char) for char in page.replace("\n", "").replace("\u200b", "")} & ACTING == set()
    rows = found.explanation.aggregates[0].rows
    assert rows is not None
    assert rows.shown is not None
    if rows.shown:
        ((_, *body),) = tables(page)
        assert len(body) == len(rows.shown)
    (_, *listed) = csv.reader(StringIO(rows_csv(found.explanation)))
    assert len(listed) == len(rows.shown)
    starts = ("=", "+", "-", "@", "\t", "\r", "\n")
    assert [cell for row in listed for cell in row if cell.startswith(starts)] == []
    assert {char for row in listed for cell in row for char in cell if category(char) == "Cc"} <= set("\t\r\n")
    assert json.loads(write(found.to_dict()))


def cells_of(texts: tuple[str, ...]) -> str:
    lines = ["id,owner,stage,amount,created,close_date"]
    lines += [f'{at},"{text}","{text}",1,2026-01-01,2026-02-{at + 1:02}' for at, text in enumerate(texts)]
    return "\n".join(lines) + "\n"


# ---- what stays out of the way


def test_a_formula_with_many_operators_is_explained_too(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"deep": "count(deals)" + " + 1 - 1" * 95, "each": "avg(deep - deep by owner)"})
    for kpi in ("deep", "each"):
        found = kpicli.load(tmp_path / "kpis.yaml").explain(kpi, period="2026-02", as_of="2026-02-28")
        assert found.to_dict()["arithmetic"]["value"] == {"deep": "3", "each": "0"}[kpi]


def test_a_proposed_kpi_says_that_it_is(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    desk.book({"idea": "formula: count(deals)\nstatus: proposed", "old": "formula: count(deals)\nstatus: retired"})
    for kpi, status in (("idea", "proposed"), ("old", "retired")):
        found = kpicli.load(tmp_path / "kpis.yaml").explain(kpi, period="2026-02", as_of="2026-02-28")
        assert found.to_dict()["kpi"]["status"] == status
        assert f"This KPI is {status}" in draw_explanation(found.explanation, Screen())
