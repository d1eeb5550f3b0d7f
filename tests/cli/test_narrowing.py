"""Whose figures `kpi report` shows where the book takes a member from the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.opened import shown
from tests.desk import BOOK, Desk, opened

import kpicli

OWNER = "dimensions:\n  owner: {field: owner, variable: KPI_OWNER}\n  stage: {field: stage, variable: KPI_STAGE}\n"
ASKED = ["report", "--as-of", "2026-02-28", "--period", "2026-02", "--format", "json"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"}, base=BOOK.replace("dimensions:\n  owner: owner\n", OWNER))
    monkeypatch.chdir(tmp_path)
    for variable in ("KPI_OWNER", "KPI_STAGE"):
        monkeypatch.delenv(variable, raising=False)
    return desk


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], int, str]:
    """To whom a report is narrowed, its value, and what stands beside it."""
    code, out, err = shown([*ASKED, *arguments], capsys)
    assert code == 0, err
    result = json.loads(out)
    return result["only"], result["kpis"][0]["value"], err


NOTE = "only owner=bob, from $KPI_OWNER; --everyone shows all\n"


@pytest.mark.usefixtures("desk")
def test_a_report_is_of_the_member_that_the_variable_names_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told([], capsys) == ({}, 3, "")
    monkeypatch.setenv("KPI_OWNER", " bob ")
    assert told([], capsys) == ({"owner": ["bob"]}, 1, NOTE)


@pytest.mark.usefixtures("desk")
def test_it_is_the_report_that_only_would_have_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("terminal", "markdown", "json", "csv"):
        asked = [*ASKED[:-1], form]
        _, given, _ = shown([*asked, "--only", "owner=bob"], capsys)
        with monkeypatch.context() as set_:
            set_.setenv("KPI_OWNER", "bob")
            assert shown(asked, capsys) == (0, given, NOTE)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("arguments", "narrowed", "value", "note"),
    [
        (["--only", "owner=ann"], {"owner": ["ann"]}, 1, ""),
        (["--only", "stage=Won"], {"owner": ["bob"], "stage": ["Won"]}, 1, NOTE),
        (["--everyone"], {}, 3, ""),
        (["--everyone", "--only", "stage=Won"], {"stage": ["Won"]}, 2, ""),
    ],
    ids=["another member", "another dimension", "everyone", "everyone at a stage"],
)
def test_the_command_line_comes_first(
    arguments: list[str],
    narrowed: dict[str, list[str]],
    value: int,
    note: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KPI_OWNER", "bob")
    found, counted, err = told(arguments, capsys)
    assert (found, counted, err) == (narrowed, value, note)


@pytest.mark.usefixtures("desk")
def test_several_dimensions_may_have_one_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_OWNER", "ann")
    monkeypatch.setenv("KPI_STAGE", "Lost")
    assert told([], capsys)[:2] == ({"owner": ["ann"], "stage": ["Lost"]}, 1)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_is_no_report_on_everybody(
    empty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_OWNER", empty)
    message = (
        "error[usage]: $KPI_OWNER, which says whose figures to show, is empty\n"
        "help: set it to a member of owner, unset it, or add --everyone\n"
    )
    assert shown(ASKED, capsys) == (2, "", message)
    assert told(["--everyone"], capsys)[1] == 3
    assert told(["--only", "owner=ann"], capsys)[1] == 1


@pytest.mark.usefixtures("desk")
def test_an_unknown_member_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_OWNER", "bo\x1b")
    message = (
        "error[unknown-member]: there is no owner 'bo\\x1b'\n"
        "help: set $KPI_OWNER right, or add --everyone: did you mean 'bob'?\n"
    )
    assert shown(ASKED, capsys) == (2, "", message)


@pytest.mark.usefixtures("desk")
def test_a_member_of_the_command_line_is_not_blamed_on_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_OWNER", "bob")
    _, _, err = shown([*ASKED, "--only", "stage=Wonn"], capsys)
    assert err == "error[unknown-member]: there is no stage 'Wonn'\nhelp: did you mean 'Won'?\n"


def test_neither_a_check_nor_python_looks_at_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_OWNER", "nobody")
    assert shown(["check", "--as-of", "2026-02-28"], capsys)[0] == 0
    report = kpicli.load(desk.folder / "kpis.yaml").report(period="2026-02", as_of="2026-02-28")
    assert report.scorecard.only == ()
