"""The option that rewrites what the pages show: `pytest tests/docs --rewrite-documentation`. And the desk they use."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.desk import Desk, example


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-documentation", action="store_true", help="write what README, docs and CONTRIBUTING show anew"
    )


@pytest.fixture
def rewriting(pytestconfig: pytest.Config) -> bool:
    """Whether pages are written anew where they differ from what they should be."""
    return bool(pytestconfig.getoption("--rewrite-documentation", default=False))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of the example, which is the current folder, on the evening of 22 November 2026."""
    monkeypatch.chdir(tmp_path)
    return example(tmp_path, monkeypatch)
