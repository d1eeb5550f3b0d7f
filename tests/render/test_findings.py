"""What `kpi check` shows: at any width and in any encoding all of it, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from tests.render.checks import clean, nasty, ordinary
from tests.render.test_goldens import golden

from kpicli.checked import Check
from kpicli.render.checks import check_dict
from kpicli.render.findings import draw_check
from kpicli.render.formats.json import write
from kpicli.render.screen import Screen

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "check.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
COUNTS = {"tables": 3, "KPIs": 1, "goals": 0, "scorecards": 12}
CHECKS = {"clean": clean, "ordinary": ordinary, "nasty": nasty}
SCREENS = {
    "80": Screen(80),
    "100": Screen(100),
    "100.ascii": Screen(100, "ascii"),
    "100.colours": Screen(100, colours="standard"),
}


def drawn(check: Check, screen: Screen | None = None) -> str:
    return draw_check("kpis.yaml", COUNTS, check, screen or Screen(100))


def test_all_is_well() -> None:
    assert drawn(clean()) == (
        "kpis.yaml is valid: 3 tables, 1 KPI, 0 goals, 12 scorecards\n"
        "As of 2026-11-22 · nothing is odd about the data\n"
        "\n"
        "Nothing to note: leads 3 rows to 2026-11-21; users 1 row\n"
    )


def test_a_table_tells_its_rows_and_its_findings() -> None:
    assert drawn(ordinary()) == (
        "kpis.yaml is valid: 3 tables, 1 KPI, 0 goals, 12 scorecards\n"
        "As of 2026-11-22 · ✗ 1 makes figures wrong   ! 1 worth a look\n"
        "\n"
        "deals · 1,187 of 1,204 rows to 2026-11-21\n"
        "  left out: 1 older version, 2 equal copies, 14 by `where: not deleted`\n"
        "  in no period: 3 without close_date\n"
        "  ✗ no-such-value: no row has 'Wonn', which `won` asks for in stage (kpis.yaml:17:20)\n"
        "      rows have 'Won' (1,204 rows), 'Lost' (9)\n"
        "      help: did you mean 'Won'?\n"
        "  ! overdue: 7 rows open past close_date\n"
        "      row 2 '2026-10-02'; row 3 '2026-10-03'; row 4 '2026-10-04'; row 5 '2026-10-05'; row 6\n"
        "        '2026-10-06'; and 2 more\n"
        "      help: close them\n"
        "\n"
        "Nothing to note: leads 3 rows to 2026-11-21; users 1 row\n"
    )


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_shows_the_same_page_as_ever(screen: str, pytestconfig: pytest.Config) -> None:
    content = drawn(nasty(), SCREENS[screen]).encode(SCREENS[screen].encoding)
    assert content == golden(f"{screen}.check", content, pytestconfig)


def test_json_is_the_same_as_ever(pytestconfig: pytest.Config) -> None:
    content = write(check_dict(nasty())).encode()
    assert content == golden("json.check", content, pytestconfig)


@given(st.integers(40, 200), st.sampled_from(["utf-8", "ascii", "cp1252"]), st.sampled_from(list(CHECKS)))
def test_no_line_is_wider_than_the_screen_and_nothing_acts_on_a_terminal(width: int, encoding: str, name: str) -> None:
    page = drawn(CHECKS[name](), Screen(width, encoding))
    page.encode(encoding)
    assert max(map(cell_len, page.split("\n"))) <= width
    assert {category(char) for char in page.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


@pytest.mark.parametrize("name", CHECKS)
def test_results_keep_to_the_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(write(check_dict(CHECKS[name]()))))] == []


@pytest.mark.parametrize("key", ["table", "left_out", "error", "findings", "rows"])
def test_the_schema_asks_for_every_key_and_takes_no_other(key: str) -> None:
    result = json.loads(write(check_dict(ordinary())))
    table = result["data"][0]
    value = table.pop(key)
    assert list(VALIDATOR.iter_errors(result))
    table |= {key: value, "more": 1}
    assert list(VALIDATOR.iter_errors(result))


def test_a_table_that_cannot_be_read_has_an_error() -> None:
    result = json.loads(write(check_dict(nasty())))
    result["data"][0]["error"] = None
    assert list(VALIDATOR.iter_errors(result))


def test_each_finding_is_on_the_page_with_its_count_and_its_help() -> None:
    page = " ".join(drawn(ordinary()).split())
    for table in check_dict(ordinary())["data"]:
        for finding in table["findings"]:
            assert f"{finding['code']}: {finding['message']}" in page
            assert f"help: {finding['help']}" in page
