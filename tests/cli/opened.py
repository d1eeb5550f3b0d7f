"""A book as the command line opens it, and a run of the command line in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.render.cards import ordinary
from tests.render.checks import clean

from kpicli import Report
from kpicli.checked import Check
from kpicli.cli import main
from kpicli.scorecard import Scorecard


class Opened:
    """A book that was opened, with what it is asked and what it answers."""

    def __init__(self, answer: Callable[[], Scorecard] = ordinary) -> None:
        self.answer = answer
        self.checked = clean()
        self.asked: dict[str, Any] = {}
        self.cache = True
        declared = {key: {"one": SimpleNamespace(source=())} for key in ("tables", "kpis", "goals", "scorecards")}
        self.loaded = SimpleNamespace(book=SimpleNamespace(name="Northwind Software", dimensions={}, **declared))

    def report(self, scorecard: str | None, **others: object) -> Report:
        self.asked = {"scorecard": scorecard, **others}
        return Report(self.answer())

    def day(self, as_of: str | None) -> date:
        return date(2026, 11, 22) if as_of is None else date.fromisoformat(as_of)

    def check(self, *, as_of: str | None) -> Check:
        self.asked = {"as_of": as_of}
        return self.checked


def opens(monkeypatch: pytest.MonkeyPatch, opened: Opened) -> list[Path]:
    """Lets every book be this one; the paths from which it was loaded."""
    paths: list[Path] = []

    def load(path: Path, *, cache: bool) -> Opened:
        opened.cache = cache
        paths.append(path)
        return opened

    monkeypatch.setattr("kpicli.cli.report.load", load)
    monkeypatch.setattr("kpicli.cli.commands.load", load)
    return paths


def shown(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run in this process."""
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err
