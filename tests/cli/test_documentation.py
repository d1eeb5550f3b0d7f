"""docs/commands.md holds."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from tests.cli.opened import Opened, shown

from kpicli.cli.exits import ExitCode
from kpicli.periods import Calendar, parse_period
from kpicli.render import names

ROOT = Path(__file__).resolve().parents[2]


COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
EXAMPLES = [shlex.split(text, comments=True) for text in re.findall(r"^    kpi (.*)$", COMMANDS, flags=re.MULTILINE)]


@pytest.mark.parametrize("arguments", EXAMPLES, ids=" ".join)
def test_commands_of_the_documentation_run(
    arguments: list[str], opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments[: arguments.index(">")] if ">" in arguments else arguments
    code, _, err = shown(command, capsys)
    assert (code, err, bool(opened.asked)) == (0, "", command[0] in {"report", "check"})


@pytest.mark.parametrize("command", ["report", "check"])
def test_every_option_is_documented(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = shown([command, "--help"], capsys)
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", out, flags=re.MULTILINE)
    assert len(options) >= 5
    assert [option for option in options if f"`{option}" not in COMMANDS] == []


def test_every_format_is_documented() -> None:
    """In the row of `--format`, and with a section of its own among the results."""
    results = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    (row,) = [line for line in COMMANDS.splitlines() if line.startswith("| `--format FORMAT` |")]
    assert [name for name in names() if f"`{name}`" not in row] == []
    assert [name for name in names() if f"\n## {name}\n" not in results.lower()] == []


def test_every_exit_code_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", COMMANDS, flags=re.MULTILINE) == [str(code.value) for code in ExitCode]


def test_periods_of_the_documentation_are_periods() -> None:
    rows = re.search(r"\| period \| is \|\n(.*?)\n\n", COMMANDS, flags=re.DOTALL)
    assert rows is not None
    periods = re.findall(r"`([^`]+)`", "\n".join(row.split("|")[1] for row in rows[1].splitlines()))
    labels = [parse_period(text, Calendar(), date(2026, 11, 22)).whole().label(Calendar()) for text in periods[:-1]]
    assert labels == [
        "2026-10-31",
        "2026-11-22",
        "2026-11-21",
        "2026-W45",
        "2026-10",
        "FY2026-Q3",
        "FY2026",
        "2026-Q3",
        "2026",
        "2026-W47",
        "2026-Q3",
        "2026-12",
        "2026-01-01..2026-03-31",
    ]
    assert periods[-1] == "all"
