"""docs/book.md, exports.md and deliveries.md name every key of a book; tests/docs/test_pages.py runs their examples."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.docs.pages import page, sections, tables

from kpicli.book.schema import book_schema

SECTIONS = {
    "": "The keys of a book",
    "rateentry": "rates",
    "calendar": "calendar",
    "table": "tables",
    "sourcefile": "source",
    "column": "columns",
    "csv": "csv",
    "lookup": "lookups",
    "lifespan": "lifespan",
    "dimension": "dimensions",
    "goal": "goals",
    "kpi": "kpis",
    "targetentry": "target",
    "drives": "drives",
    "scorecard": "scorecards",
    "thresholds": "status",
    "mail": "mail",
    "password": "password",
    "delivery": "deliveries",
    "each": "To each member",
}
"""Where each object of the schema is explained; "" is the whole book."""


def objects() -> dict[str, dict[str, Any]]:
    """Every object of the book's schema that has keys of its own."""
    schema = book_schema()
    return {"": schema} | {name: each for name, each in schema["$defs"].items() if "properties" in each}


def text_of(section: str) -> str:
    """The text of a section; what is about exports, and about mail, has a page of its own."""
    pages = (page(f"docs/{name}.md") for name in ("exports", "deliveries", "book"))
    return {heading: text for each in pages for heading, text in sections(each).items()}[section]


def explained(section: str) -> dict[str, str]:
    """The keys that a section's table explains, each with what holds without it."""
    (table,) = (table for table in tables(text_of(section)) if table[0][0] == "key")
    return {key: row[2] for row in table[1:] for key in re.findall(r"`(\w+)`", row[0])}


def test_every_object_of_a_book_has_its_section() -> None:
    assert set(objects()) == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_explains_the_keys_of_its_object_and_says_which_are_needed(name: str) -> None:
    keys = explained(SECTIONS[name])
    assert keys.keys() == objects()[name]["properties"].keys()
    assert {key for key, without in keys.items() if without == "needed"} == set(objects()[name].get("required", ()))


@pytest.mark.parametrize("name", SECTIONS)
def test_every_word_that_a_key_takes_is_named(name: str) -> None:
    """Of those that a schema lists; weekdays, months and currencies are known without."""
    if name in ("", "calendar"):
        return
    text = text_of(SECTIONS[name])
    for key, shape in objects()[name]["properties"].items():
        for choice in [shape, *shape.get("anyOf", ())]:
            words = [str(word).lower() for word in choice.get("enum", ()) if word not in (None, ".", ",")]
            assert [word for word in words if f"`{word}`" not in text] == [], key
