"""What a shell completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BOOK = """
version: 1
dimensions: {owner: owner, team: rep.team}
kpis:
  calls: {formula: "this is no formula", role: leading}
  win_rate: 3
scorecards: {weekly: {kpis: [calls]}, board: {kpis: [win_rate]}}
"""


def completed(words: str, folder: Path) -> list[str]:
    """What bash would offer for the last word of a command line."""
    listed = words.split(" ")
    environment = {"_KPI_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(listed) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "kpicli"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=os.environ | environment,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("kpi re", ["report"]),
        ("kpi report ", ["weekly", "board"]),
        ("kpi report w", ["weekly"]),
        ("kpi report --kpi ", ["calls", "win_rate"]),
        ("kpi report --by ", ["owner", "team"]),
        ("kpi report --only t", ["team="]),
        ("kpi report --format t", ["terminal"]),
        ("kpi report --fail", ["--fail-on"]),
        ("kpi functions perc", ["percentile"]),
        ("kpi presets sales", ["salesforce", "salesforce-report"]),
        ("kpi presets hubspot/a", ["hubspot/activities", "hubspot/accounts"]),
        ("kpi presets nobody/a", []),
    ],
)
def test_names_of_a_book_are_completed_even_where_it_is_wrong(words: str, offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    assert completed(words, tmp_path) == offered


@pytest.mark.parametrize("content", [None, "kpis: [", "- list", "scorecards: [weekly]", "scorecards:"])
def test_without_a_readable_book_nothing_is_offered_and_nothing_said(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "kpis.yaml").write_text(content, encoding="utf-8")
    assert completed("kpi report ", tmp_path) == []


def test_the_book_that_the_command_line_names_is_asked(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(BOOK, encoding="utf-8")
    assert completed("kpi report --book other.yaml ", tmp_path) == ["weekly", "board"]
