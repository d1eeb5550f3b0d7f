"""A check over a small book, and its findings in short."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tests.desk import Desk

import kpicli
from kpicli.checked import Check, Finding

AS_OF = "2026-11-22"


class Seen(NamedTuple):
    """A finding in short: how many rows it is about, and the numbers of the first of them."""

    table: str
    code: str
    column: str | None
    rows: int
    shown: tuple[int, ...]


def check(folder: Path, book: str, **exports: str) -> Check:
    """A check of a book over its exports, which have the names of its tables."""
    desk = Desk(folder)
    for name, text in exports.items():
        desk.write(f"{name}.csv", text)
    desk.write("kpis.yaml", book)
    return kpicli.load(folder / "kpis.yaml").check(as_of=AS_OF)


def findings(checked: Check, code: str) -> list[Finding]:
    """All findings of one code, in the order of the tables."""
    return [each for table in checked.tables for each in table.findings if each.code == code]


def finding(checked: Check, code: str) -> Finding:
    """The one finding of a code."""
    (found,) = findings(checked, code)
    return found


def seen(checked: Check) -> set[Seen]:
    """All findings in short."""
    return {
        Seen(table.table, each.code, each.column, each.rows, tuple(sight.row for sight in each.examples))
        for table in checked.tables
        for each in table.findings
    }


def values(found: Finding) -> list[tuple[Any, ...]]:
    """The commonest values, their rows, and what they are near to."""
    return [(each.value, each.rows, each.near) for each in found.values]
