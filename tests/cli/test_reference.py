"""Help, the version, `kpi functions` and `kpi presets`."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest
import typer
from tests.cli.opened import shown
from typer.models import CommandInfo

from kpicli import __version__
from kpicli.cli import main


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["--version"], capsys) == (0, f"kpi {__version__}\n", "")


@pytest.mark.parametrize("command", ["init", "report", "explain", "check", "send", "functions", "presets", "schema"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown([command, option], capsys)
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: kpi {command} [OPTIONS]")
    assert "..." not in out.replace("[PATH]...", "")  # nothing is cut short


def test_without_a_command_the_help_is_an_answer_to_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown([], capsys)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: kpi [OPTIONS] COMMAND [ARGS]...")
    assert shown(["--help"], capsys) == (0, err, "")


def test_help_names_every_command_and_how_to_complete(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = shown(["--help"], capsys)
    names = re.findall(r"^  ([a-z]+)  ", out, flags=re.MULTILINE)
    assert names == ["init", "report", "explain", "check", "send", "functions", "presets", "schema", "cache"]
    assert "  --install-completion " in out


def test_typer_makes_no_command_but_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would take most of the time that a small report spends on its arguments."""
    made = []
    make = typer.main.get_command_from_info

    def noted(command_info: CommandInfo, **rest: Any) -> object:
        made.append(command_info)
        return make(command_info, **rest)

    monkeypatch.setattr(typer.main, "get_command_from_info", noted)
    assert shown(["presets", "--help"], capsys)[0] == 0
    assert [each.callback.__name__ for each in made if each.callback is not None] == ["presets"]


def test_help_needs_no_stream_with_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's stdout has none."""
    stdout = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main(["--help"]) == 0
    assert stdout.getvalue().startswith("Usage: kpi ")


def test_functions_lists_every_function_with_its_signature(capsys: pytest.CaptureFixture[str]) -> None:
    from kpicli.formula.functions import AGGREGATES, FUNCTIONS

    code, out, err = shown(["functions"], capsys)
    assert (code, err) == (0, "")
    listed = [text.strip() for text in out.splitlines() if text.startswith("  ") and text[2] != " "]
    assert sorted(listed) == sorted(function.signature for function in (*FUNCTIONS.values(), *AGGREGATES.values()))


def test_functions_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    from kpicli.formula.functions import FUNCTIONS

    growth = FUNCTIONS["growth"]
    assert shown(["functions", "Growth"], capsys) == (
        0,
        f"{growth.signature}\n\n{growth.doc}\n\nIn KPI formulas.\n",
        "",
    )


def test_a_function_of_another_program_is_told_by_what_it_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown(["functions", "IFNULL"], capsys)
    assert (code, out) == (2, "")
    assert "help: write `coalesce(x, 0)`" in err


@pytest.mark.parametrize("command", ["init", "report", "explain", "check", "send", "functions", "presets", "schema"])
def test_every_command_shows_the_options_that_all_have(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = shown([command, "--help"], capsys)
    assert re.findall(r"^  (-b, --book PATH|--as-of DATE|--debug|-h, --help) ", out, flags=re.MULTILINE) == [
        "-b, --book PATH",
        "--as-of DATE",
        "--debug",
        "-h, --help",
    ]


def test_commands_that_need_no_book_take_one_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """So that an alias which always gives a book works."""
    assert shown(["functions", "abs", "--book", "none.yaml", "--as-of", "2026-01-01"], capsys)[0] == 0
    assert shown(["presets", "-b", "none.yaml", "--as-of", "2026-01-01"], capsys)[0] == 0
    assert shown(["schema", "-b", "none.yaml", "--as-of", "2026-01-01"], capsys)[0] == 0


def test_presets_lists_every_preset_with_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    from kpicli.book.presets import preset, preset_names

    code, out, err = shown(["presets"], capsys)
    assert (code, err) == (0, "")
    assert re.findall(r"^(\S+)  ", out, flags=re.MULTILINE) == list(preset_names())
    for name in preset_names():
        assert f"{name}  {preset(name).name}\n" in out
        assert f"    Tables: {', '.join(preset(name).tables)}.\n" in out


def test_presets_shows_all_of_one_or_one_table_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    from kpicli.book.presets import preset

    code, out, err = shown(["presets", "Zoho"], capsys)
    assert (code, err) == (0, "")
    assert re.findall(r"^zoho/(\S+)$", out, flags=re.MULTILINE) == list(preset("zoho").tables)
    assert shown(["presets", "zoho/users"], capsys) == (
        0,
        """\
Zoho CRM: Exports of modules, data backups and Zoho Analytics tables, deals under the older name
potentials too. Made after real files.
Dates are written in one of these ways: "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z", "%d
%b, %Y %H:%M:%S", "%d %b, %Y", "%d.%m.%Y %H:%M", "%d.%m.%Y".

zoho/users
  told by its columns id, last_name, email
  key: id
  columns
    id          text     User Id, USER_ID, Record Id
    first_name  text     First Name (may be missing)
    last_name   text     Last Name
    full_name   text     Full Name, User Name
    email       text     Email
    manager_id  text     Reporting To.id, Reporting To
    status      text     Status
  fields
    name        trim(concat(coalesce(first_name, ''), ' ', last_name))
                otherwise full_name
    active      lower(status) = 'active'
  lookups
    manager     zoho/users by manager_id
""",
        "",
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("salesfroce", "there is no preset 'salesfroce'\nhelp: did you mean 'salesforce'?"),
        ("hubspot/deals", "the preset hubspot has no table 'deals'\nhelp: did you mean 'opportunities'?"),
    ],
)
def test_a_preset_that_is_not_there_is_a_usage_error(
    name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["presets", name], capsys) == (2, "", f"error[unknown-preset]: {message}\n")
