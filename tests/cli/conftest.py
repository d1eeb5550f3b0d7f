"""A folder with a book in it, and the book as it opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.opened import Opened, opens


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a kpis.yaml, which is the current one."""
    path = tmp_path / "kpis.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def opened(book: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    assert book.is_file()
    opened = Opened()
    opens(monkeypatch, opened)
    return opened
