"""Drafts for tests: made-up exports in a folder, the book that is begun over them, and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import kpicli
from kpicli.draft.drafting import Asked, Drafted, draft
from kpicli.draft.orders import Ask, DayOrder, refuse

TODAY = date(2026, 11, 22)


def begun(
    folder: Path, files: Mapping[str, str | bytes], *, order: DayOrder | None = None, ask: Ask = refuse
) -> Drafted:
    """The draft over files, which lie in `exports` beside the book."""
    exports = folder / "exports"
    exports.mkdir(exist_ok=True)
    for name, content in files.items():
        (exports / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return draft(Asked((exports,), folder / "kpis.yaml", TODAY, order=order), ask)


def values(drafted: Drafted, folder: Path, period: str = "all") -> dict[str, Any]:
    """The value of each KPI of a draft, once it is written."""
    path = folder / "kpis.yaml"
    path.write_text(drafted.text, encoding="utf-8")
    report = kpicli.load(path).report(period=period, as_of=drafted.as_of or TODAY)
    return {line.id: line.figure.value for line in report.scorecard.lines}


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"
