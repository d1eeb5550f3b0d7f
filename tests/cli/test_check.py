"""`kpi check`."""

from __future__ import annotations

import json
from datetime import date

import pytest
from tests.cli.opened import Opened, shown
from tests.render.checks import clean, nasty, ordinary

from kpicli.render.checks import check_dict
from kpicli.render.findings import draw_check
from kpicli.render.screen import Screen

COUNTS = {"tables": 1, "KPIs": 1, "goals": 1, "scorecards": 1}


def test_check_says_what_it_checked(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    opened.checked = clean()
    assert shown(["check", "--as-of", "2026-11-01", "--strict"], capsys) == (
        0,
        draw_check("kpis.yaml", COUNTS, clean(), Screen()),
        "",
    )
    assert opened.asked == {"as_of": "2026-11-01"}


def test_strict_makes_findings_an_error_and_ignore_passes_over_some(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    opened.checked = ordinary()
    page = draw_check("kpis.yaml", COUNTS, ordinary(), Screen())
    assert shown(["check"], capsys) == (0, page, "")
    assert shown(["check", "--strict"], capsys) == (
        1,
        page,
        (
            "error[findings]: the data has no-such-value, overdue, and --strict allows none of them\n"
            "help: do what each of them says, or pass over one with --ignore and its name\n"
        ),
    )
    code, out, err = shown(["check", "--strict", "--ignore", "overdue"], capsys)
    assert (code, "overdue" in out + err) == (1, False)
    code, out, err = shown(["check", "--strict", "--ignore", "overdue", "--ignore", "no-such-value"], capsys)
    assert (code, err) == (0, "")
    assert "left out: 1 older version" in out


def test_a_table_that_cannot_be_used_is_an_error_beside_the_findings(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    opened.checked = nasty()
    code, out, err = shown(["check"], capsys)
    assert code == 1
    assert out == draw_check("kpis.yaml", COUNTS, nasty(), Screen())
    assert "error[invalid-date]: table leads: " in err
    assert "exports/leads.csv:2:3" in err
    assert "error[duplicate-key]: " in err


def test_check_writes_json(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    opened.checked = ordinary()
    code, out, err = shown(["check", "--format", "json"], capsys)
    assert (code, err) == (0, "")
    assert json.loads(out) == check_dict(ordinary())
    assert date.fromisoformat(json.loads(out)["as_of"]) == ordinary().as_of
