"""Books for tests: one that uses every key, and ways to take one apart and write it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kpicli.book.mistakes import build
from kpicli.book.model import Book
from kpicli.book.reader import Data, read
from kpicli.book.scalars import Plain

WHOLE = Path(__file__).resolve().parent / "whole.yaml"
"""A book that uses every key, and most ways to write one."""


def paths(data: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything in the data."""
    match data:
        case dict():
            for key, value in data.items():
                yield (*at, key)
                yield from paths(value, (*at, key))
        case list():
            for index, value in enumerate(data):
                yield (*at, index)
                yield from paths(value, (*at, index))
        case _:
            pass


def plain(value: object) -> str:
    """The data as YAML in brackets, each text in double quotes unless it is plain."""
    match value:
        case None:
            return "null"
        case dict():
            return "{" + ", ".join(f"{quoted(key)}: {plain(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(plain(each) for each in value) + "]"
        case Plain() if not re.search(r"[\[\]{},#]|: ", value):
            return value or '""'
        case _:
            return quoted(str(value))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def book(text: str) -> Book:
    """The book in a text that lacks nothing but what every book needs."""
    Path("kpis.yaml").write_text(text + "scorecards:\n" * ("scorecards" not in text), encoding="utf-8")
    data, places = read("kpis.yaml")
    tables: Data = {"t": {"source": "t.csv", "columns": {"id": "Id"}}}
    kpis: Data = {"k": {"formula": "count(t)", "role": "lagging"}}
    needed: dict[str, Data] = {"version": "1", "tables": tables, "kpis": kpis}
    data = needed | data
    built = build(data, places, "the folder")
    assert [str(error) for error in built.errors] == []
    return built.book
