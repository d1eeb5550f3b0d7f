"""docs/language.md says all that the formula language has; tests/docs/test_pages.py holds what its examples give."""

from __future__ import annotations

import re

import pytest
from tests.docs.formulas import shown_lines
from tests.docs.pages import blocks, page, tables

from kpicli.errors import Source
from kpicli.formula.functions import AGGREGATES, FUNCTIONS, REDUCERS
from kpicli.formula.parse import parse
from kpicli.formula.tokens import RESERVED

LANGUAGE = page("docs/language.md")
SHOWN = [line.formula for block in blocks(LANGUAGE) if block.kind in ("kpi", "row") for line in shown_lines(block)]


def words(texts: list[str]) -> set[str]:
    """The words of formulas, without their texts."""
    return {word for text in texts for word in re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", text))}


@pytest.mark.parametrize("name", sorted(AGGREGATES | FUNCTIONS))
def test_every_function_is_explained_and_shown_with_a_result(name: str) -> None:
    rows = [row[0] for table in tables(LANGUAGE) for row in table if table[0][0] == "function"]
    assert any(re.search(rf"`{name}(\(|`)", cell) for cell in rows)
    assert name in words(SHOWN)


def test_every_reducer_is_shown_with_a_result() -> None:
    reduced = [formula for formula in SHOWN if " by " in formula]
    assert {name for name in REDUCERS if not any(formula.startswith(f"{name}(") for formula in reduced)} == set()


def test_every_word_of_the_language_is_shown_with_a_result() -> None:
    assert RESERVED - words(SHOWN) == set()


def test_the_reserved_words_are_those_of_the_language() -> None:
    listed = re.search(r"Reserved are `([^`]+)`", LANGUAGE)
    assert listed is not None
    assert set(listed[1].split()) == RESERVED


def test_formulas_in_tables_are_formulas() -> None:
    written = [row[1] for table in tables(LANGUAGE) if table[0][1] == "formula" for row in table[1:]]
    formulas = [formula for cell in written for formula in re.findall(r"`([^`]+)`", cell) if formula != "account"]
    assert len(formulas) > 15
    for formula in formulas:
        assert parse(Source.named(formula)) is not None
