"""`kpi check`."""

from __future__ import annotations

import json
from datetime import date

import pytest
from tests.cli.opened import Opened, shown
from tests.render.cards import ordinary

from kpicli.scorecard import Example, Note, TableData


def test_check_says_what_it_checked(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    opened.tables = (TableData("leads", ("leads.csv",), 3, 2, date(2026, 11, 21)),)
    assert shown(["check", "--as-of", "2026-11-01"], capsys) == (
        0,
        (
            "kpis.yaml is valid: 1 table, 1 KPI, 1 goal, 1 scorecard; nothing to note about the data\n"
            "\n"
            "  leads: 2 of 3 rows used, newest 2026-11-21\n"
        ),
        "",
    )
    assert opened.asked == {"as_of": date(2026, 11, 1)}


def test_check_shows_the_data_notes_and_strict_makes_them_an_error(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    opened.tables = ordinary().data
    out = (
        "kpis.yaml is valid: 1 table, 1 KPI, 1 goal, 1 scorecard; notes on 1 of 3 tables\n"
        "\n"
        "  activities: 12,044 of 12,044 rows used, newest 2026-11-22\n"
        "  opportunities: 1,187 of 1,204 rows used, newest 2026-11-21\n"
        "    invalid-date in close_date: 3 rows (row 14: 'n/a'; row 1,014: '31.02.2026')\n"
        "  users: 3 of 3 rows used\n"
    )
    assert shown(["check"], capsys) == (0, out, "")
    assert shown(["check", "--strict"], capsys) == (
        1,
        out,
        (
            "error[data-notes]: the data of opportunities has notes, and --strict allows none\n"
            "help: mend the exports, or declare what their cells mean (`format`, `blank`, `empty`)\n"
        ),
    )


def test_check_writes_json(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    opened.tables = (TableData("leads", ("leads.csv",), 3, 2, None),)
    code, out, err = shown(["check", "--strict", "--format", "json"], capsys)
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "schema_version": 1,
        "book": "Northwind Software",
        "as_of": "2026-11-22",
        "data": [{"table": "leads", "files": ["leads.csv"], "rows": 3, "used": 2, "newest": None, "notes": []}],
    }


def test_what_was_left_aside_is_shown_and_passes_strict(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    notes = Note("duplicate-header", None, 1, (Example(1, "Company"),)), Note("footer", None, 1, (Example(4, "Total"),))
    opened.tables = (TableData("leads", ("leads.csv",), 3, 2, None, notes),)
    code, out, err = shown(["check", "--strict"], capsys)
    assert (code, out.splitlines()[2:], err) == (
        0,
        [
            "  leads: 2 of 3 rows used",
            "    duplicate-header: 1 (row 1: 'Company')",
            "    footer: 1 row (row 4: 'Total')",
        ],
        "",
    )
