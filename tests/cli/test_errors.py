"""Errors and exit codes."""

from __future__ import annotations

import pytest
from tests.cli.opened import Opened, shown

from kpicli.errors import KpiError, Trouble
from kpicli.scorecard import Scorecard


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reprot"], "error[usage]: no such command 'reprot'\nhelp: did you mean 'report'?\n"),
        (["xyz"], "error[usage]: no such command 'xyz'\nhelp: `kpi --help` shows what it takes\n"),
        (["report", "--formt", "csv"], "error[usage]: no such option: --formt\nhelp: did you mean --format?\n"),
        (["report", "--zzz"], "error[usage]: no such option: --zzz\nhelp: `kpi report --help` shows what it takes\n"),
        *(
            (
                [option, "x", *command],
                (
                    f"error[usage]: {option} stands before the command\n"
                    f"help: write it behind: `kpi {meant} {option} ...`\n"
                ),
            )
            for option, command, meant in (
                ("--book", ["check"], "check"),
                ("-b", [], "report"),
                ("--by", ["check"], "report"),
                ("--to", ["send"], "send"),
            )
        ),
        (["--zzz", "report"], "error[usage]: no such option: --zzz\nhelp: `kpi report --help` shows what it takes\n"),
        (
            ["report", "--by"],
            "error[usage]: option '--by' requires an argument\nhelp: `kpi report --help` shows what it takes\n",
        ),
        (
            ["report", "a", "b"],
            "error[usage]: got unexpected extra argument(s) (b)\nhelp: `kpi report --help` shows what it takes\n",
        ),
        (["report", "--format", "jsn"], "error[usage]: --format doesn't know 'jsn'\nhelp: did you mean 'json'?\n"),
        (["check", "--format", "x"], "error[usage]: --format doesn't know 'x'\nhelp: known: json, terminal\n"),
        (["report", "--fail-on", "red"], "error[usage]: --fail-on doesn't know 'red'\nhelp: known: at-risk, behind\n"),
        (
            ["report", "--only", "team"],
            (
                "error[usage]: --only takes DIMENSION=MEMBER, not 'team'\n"
                "help: write for instance --only team=East; repeat it for further members\n"
            ),
        ),
        (
            ["report", "--only", "team="],
            (
                "error[usage]: --only team= names no member\n"
                "help: write `--only team=MEMBER`, or leave it out; in a script, a variable may be unset\n"
            ),
        ),
        (
            ["report", "--only", "=East"],
            (
                "error[usage]: --only takes DIMENSION=MEMBER, not '=East'\n"
                "help: write for instance --only team=East; repeat it for further members\n"
            ),
        ),
        (
            ["functions", "lenght"],
            "error[unknown-function]: there is no function 'lenght'\nhelp: did you mean 'length'?\n",
        ),
        (
            ["functions", "xyzzy"],
            "error[unknown-function]: there is no function 'xyzzy'\nhelp: `kpi functions` lists them\n",
        ),
    ],
)
def test_a_usage_error_names_the_fix(
    arguments: list[str], message: str, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(arguments, capsys) == (2, "", message)
    assert opened.asked == {}


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize(
    ("command", "name"),
    [
        *(
            ("report", name)
            for name in (
                *("SCORECARD", "--book", "--as-of", "--period", "--by", "--only", "--kpi"),
                *("--format", "--output", "--fail-on"),
            )
        ),
        *(("check", name) for name in ("--book", "--as-of", "--format")),
        ("functions", "NAME"),
    ],
)
def test_an_empty_value_is_not_taken_as_none(
    command: str, name: str, empty: str, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a scheduled job with an unset variable gives."""
    arguments = [command, name, empty] if name.startswith("--") else [command, empty]
    assert shown(arguments, capsys) == (
        2,
        "",
        (
            f"error[usage]: the value of {name} is empty\n"
            f"help: give one, or leave {name} out; in a script, a variable may be unset\n"
        ),
    )
    assert opened.asked == {}


def test_an_empty_value_of_what_is_needed_cannot_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    message = "error[usage]: the value of KPI is empty\nhelp: give one; in a script, a variable may be unset\n"
    assert shown(["explain", " "], capsys) == (2, "", message)


def test_one_empty_value_among_several_is_an_error(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["report", "--kpi", "calls", "--kpi", ""], capsys)[0] == 2
    assert opened.asked == {}


@pytest.mark.parametrize("arguments", [["report", "--zzz"], ["report", "--only", "team"]])
def test_debug_adds_nothing_to_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert shown([*arguments, "--debug"], capsys) == shown(arguments, capsys)


@pytest.mark.parametrize(("trouble", "code"), [(Trouble.USAGE, 2), (Trouble.BOOK, 2), (Trouble.DATA, 1)])
def test_whose_trouble_it_is_says_the_exit_code(
    trouble: Trouble, code: int, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Scorecard:
        raise KpiError("some-code", "it's wrong", help="mend it", trouble=trouble)

    opened.answer = fail
    assert shown(["report"], capsys) == (code, "", "error[some-code]: it's wrong\nhelp: mend it\n")


def test_an_unexpected_error_is_a_message_and_debug_shows_its_traceback(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Scorecard:
        raise RuntimeError("this can't be\x1b[2J")

    opened.answer = fail
    message = (
        "error[internal]: RuntimeError: this can't be\\x1b[2J\n"
        "help: run it again with --debug and report what it prints\n"
    )
    assert shown(["report"], capsys) == (1, "", message)
    code, out, err = shown(["report", "--debug"], capsys)
    assert (code, out) == (1, "")
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.endswith(message)


def test_an_interrupt_ends_with_130_and_without_a_word(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> Scorecard:
        raise KeyboardInterrupt

    opened.answer = fail
    assert shown(["report"], capsys) == (130, "", "")
