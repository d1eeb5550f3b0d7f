"""docs/commands.md and docs/results.md hold; tests/docs/test_pages.py runs their examples."""

from __future__ import annotations

import re
from datetime import date

import pytest
import typer
from tests.docs.pages import ROOT, page, sections

from kpicli.checking.catalogue import RULES
from kpicli.cli.commands import app
from kpicli.cli.exits import ExitCode
from kpicli.periods import Calendar, parse_period
from kpicli.render import names
from kpicli.render.rows import Row
from kpicli.scorecard import Status

COMMANDS = page("docs/commands.md")
RESULTS = page("docs/results.md")
PROGRAM = typer.main.get_command(app)
NAMES = sorted(command.callback.__name__ for command in app.registered_commands if command.callback is not None)


def options(command: str | None) -> set[str]:
    """Every spelling of every option that a command takes; of `kpi` itself for None."""
    context = typer.Context(PROGRAM)
    found = PROGRAM if command is None else PROGRAM.get_command(context, command)  # type: ignore[attr-defined]  # a group has it
    return {name for option in found.get_params(context) for name in option.opts if name.startswith("-")}


def headed(command: str) -> str:
    """The section of a command."""
    (text,) = (text for heading, text in sections(COMMANDS).items() if heading.startswith(f"`kpi {command}"))
    return text


def rows_of(text: str) -> set[str]:
    """The options that a section's table explains, in its first cells."""
    cells = re.findall(r"^\| ([^|]*) \|", text, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(--?[\w-]+)", cell)}


def test_every_command_has_its_section() -> None:
    assert NAMES == ["cache", "check", "explain", "functions", "init", "presets", "report", "schema", "send"]
    assert all(headed(command).strip() for command in NAMES)


@pytest.mark.parametrize("command", NAMES)
def test_every_option_of_a_command_is_documented_and_no_other(command: str) -> None:
    common = {"--book", "-b", "--as-of", "--debug", "--help", "-h"}
    assert common <= rows_of(sections(COMMANDS)["On every command"])
    assert options(command) - common == rows_of(headed(command))
    assert common - {"-h"} <= options(command)  # Typer adds the help by itself


def test_every_option_of_the_program_itself_is_documented() -> None:
    assert options(None) - rows_of(sections(COMMANDS)["On every command"]) == set()


def test_every_exit_code_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", COMMANDS, flags=re.MULTILINE) == [str(code.value) for code in ExitCode]


def test_every_format_is_documented() -> None:
    row = next(line for line in headed("report").splitlines() if line.startswith("| `--format"))
    assert [name for name in names() if f"`{name}`" not in row] == []
    assert [name for name in names() if name not in {heading.lower() for heading in sections(RESULTS)}] == []


def test_every_status_and_every_data_note_is_documented() -> None:
    assert [status.value for status in Status if f"`{status.value}`" not in RESULTS] == []
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "kpicli").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r"(?:\bNote|_noted)\(\s*\"([a-z-]+)\"", source)}
    kinds = {f"invalid-{kind}" for kind in ("date", "number", "money", "percent", "boolean")}
    assert codes
    assert {code for code in codes | kinds if f"`{code}`" not in sections(RESULTS)["Data notes"]} == set()


def test_every_finding_of_a_check_is_documented_with_what_it_needs() -> None:
    text = sections(RESULTS)["Findings"]
    rows = {
        cells[0].strip(" `"): cells[2]
        for cells in (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `"))
    }
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "kpicli" / "checking").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r"\bFinding\(\s*\"([a-z-]+)\"", source)}
    assert codes | {rule.code for rule in RULES} | {"duplicate-key"} == rows.keys()
    missing = {
        (rule.code, name)
        for rule in RULES
        for name in {*re.findall(r"[a-z]\w*", rule.formula), *rule.needs} - WORDS
        if f"`{name}`" not in rows[rule.code]
    }
    assert missing == set()


WORDS = {"and", "or", "is", "null", "today", "from", "until", "nowhere"}


def test_the_columns_of_the_csv_are_documented() -> None:
    listed = re.search(r"```text\n(kpi, .*?)```", RESULTS, flags=re.DOTALL)
    assert listed is not None
    assert re.split(r",\s+", listed[1].strip()) == list(Row.__struct_fields__)


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
