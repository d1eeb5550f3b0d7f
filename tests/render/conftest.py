"""The option that rewrites the golden files: `pytest tests/render --rewrite-goldens`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-goldens", action="store_true", help="write the golden files of tests/render anew")
