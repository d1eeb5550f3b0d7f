"""docs/recipes.md has a recipe for every KPI: the book's own formula, what it reads, and its figures.

tests/docs/test_pages.py loads and reports each of them.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from tests.docs.desk import AS_OF, Desk
from tests.docs.pages import ROOT, blocks, hold, page, sections
from tests.docs.reader import Reader
from tests.docs.reads import reads

import kpicli
from kpicli.render.numbers import NumberStyle
from kpicli.scorecard import Line

NAME = "docs/recipes.md"
RECIPES = {
    heading: text for heading, text in sections(page(NAME)).items() if any(b.kind == "yaml" for b in blocks(text))
}
PERIODS = {"2026-10": "in October 2026", "2026-11": "in November up to the 22nd"}


def kpis_of(text: str) -> dict[str, dict[str, Any]]:
    """The KPIs of a recipe, as they are written."""
    found = [yaml.load(block.text, Loader=yaml.BaseLoader) for block in blocks(text) if block.kind == "yaml"]  # noqa: S506 -- it makes texts only
    return {name: kpi for part in found for name, kpi in part["kpis"].items()}


BOOK: dict[str, dict[str, Any]] = yaml.load((ROOT / "kpis.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)[  # noqa: S506 -- likewise
    "kpis"
]


def test_every_kpi_of_the_book_has_a_recipe() -> None:
    assert set(BOOK) - {name for text in RECIPES.values() for name in kpis_of(text)} == set()


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_is_what_the_book_says(heading: str) -> None:
    """All that changes the figure is there: a recipe can be put into another book."""
    for name, kpi in kpis_of(RECIPES[heading]).items():
        own = BOOK.get(name, kpi)
        kept = ("role", "goal", "formula", "unit", "better", "window")
        assert {key: own[key] for key in kept if key in own} == kpi, name


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_says_when_to_use_it_and_what_nothing_means(heading: str) -> None:
    text = RECIPES[heading]
    assert re.search(r"^- \*\*Use( it)?\*\*", text, flags=re.MULTILINE)
    assert re.search(r"^- \*\*Window:\*\*", text, flags=re.MULTILINE)
    divides = any(re.search(r" / |\b(?:per|top|avg|growth)\b", kpi["formula"]) for kpi in kpis_of(text).values())
    assert divides is ("- **Nothing to divide by:**" in text)


def test_a_recipe_shows_what_it_reads_and_its_figures(
    desk: Desk, capsys: pytest.CaptureFixture[str], rewriting: bool
) -> None:
    text = page(NAME)
    reader = Reader(desk, capsys)
    book = desk.book.read_text(encoding="utf-8")
    for block in blocks(text):
        if block.kind == "csv":
            reader.read(block)
        elif block.kind == "yaml":
            desk.book.write_text(desk.with_pieces(block.text), encoding="utf-8")
    loaded = kpicli.load(desk.book)
    desk.book.write_text(book, encoding="utf-8")
    names = [name for recipe in RECIPES.values() for name in kpis_of(recipe)]
    found = {
        period: {line.id: line for line in loaded.report(period=period, kpis=names, as_of=AS_OF).scorecard.lines}
        for period in PERIODS
    }
    for recipe in RECIPES.values():
        text = text.replace(recipe, with_figures(recipe, loaded, found))
    hold(NAME, text, rewriting=rewriting)


def with_figures(recipe: str, loaded: kpicli.KpiBook, found: dict[str, dict[str, Line]]) -> str:
    """The recipe with what it reads, and below the last bullet a line a KPI with its figures."""
    names = list(kpis_of(recipe))
    bare = re.sub(r"^- `\w+`: .* up to the 22nd\n", "", recipe, flags=re.MULTILINE)
    bare = re.sub(r"^- \*\*Reads\*\*.*$", f"- **Reads** {reads(loaded.loaded, names)}", bare, flags=re.MULTILINE)
    shown = [
        f"- `{name}`: " + ", ".join(f"{written(found[period][name])} {when}" for period, when in PERIODS.items())
        for name in names
    ]
    end = len(bare.rstrip("\n"))
    return f"{bare[:end]}\n" + "".join(f"{line}\n" for line in shown) + bare[end + 1 :]


def written(line: Line) -> str:
    """A figure as people see it."""
    value = line.figure.value
    assert value is not None, (line.id, line.figure.reason)
    if isinstance(value, str):
        return line.figure.value_label or value
    return NumberStyle(line.unit, line.decimals, "USD").write(value)
