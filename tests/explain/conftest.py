"""The option that rewrites the golden files: `pytest tests/explain --rewrite-explanations`."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-explanations", action="store_true", help="write the golden files of tests/explain anew")


class Goldens:
    """The golden files, and whether they are to be written anew."""

    def __init__(self, *, rewriting: bool) -> None:
        self.rewriting = rewriting

    def hold(self, name: str, text: str) -> None:
        path = GOLDENS / name
        if self.rewriting:
            path.write_bytes(text.encode())
        assert path.read_bytes().decode() == text


@pytest.fixture
def goldens(pytestconfig: pytest.Config) -> Goldens:
    return Goldens(rewriting=bool(pytestconfig.getoption("--rewrite-explanations", default=False)))
