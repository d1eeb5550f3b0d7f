"""What every test stands on: how hypothesis draws, and a shell that can't change a result."""

from __future__ import annotations

import atexit
import os
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine's load than about the code.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", _UNTIMED)
settings.register_profile("ci", _UNTIMED, derandomize=True, database=None, print_blob=True)
settings.register_profile("thorough", _UNTIMED, max_examples=5_000, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# What a caller's shell may set and the program listens to; here rather than in a fixture, so that modules which read
# it on import, and programs which a test starts, don't see it either.
for name in ("CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "KPI_BOOK", "LINES", "NO_COLOR", "PYTHONUTF8"):
    os.environ.pop(name, None)

# Each process of a run keeps holidays in a folder of its own, and so do the programs that it starts.
os.environ["XDG_CACHE_HOME"] = mkdtemp(prefix="kpicli-")
atexit.register(rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/render --rewrite-goldens`, and `tests/sending`."""
    parser.addoption("--rewrite-goldens", action="store_true", help="write the golden files of the tests that run anew")
