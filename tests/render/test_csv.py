"""The CSV result."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.render.cards import BIDI, ESCAPES, LINES, card, figure, line, nasty, ordinary

from kpicli.render.formats.csv import render
from kpicli.scorecard import Group, Scorecard, Status

COLUMNS = (
    "kpi,name,role,stage,goal,unit,period,by,member,label,value,value_label,reason,target,attainment,expected,pace,"
    "projected,needed_per_workday,status,prior,change,company_target,contribution,contributes_to"
)


def test_the_columns_are_those_of_the_documentation() -> None:
    documented = (Path(__file__).resolve().parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    assert ", ".join(COLUMNS.split(",")) in " ".join(documented.split())


def rows(result: Scorecard) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(render(result), newline="")))


def test_a_row_is_a_figure_and_headlines_have_no_dimension() -> None:
    assert render(ordinary()).split("\r\n")[0] == COLUMNS
    found = [(row["kpi"], row["by"], row["member"], row["label"]) for row in rows(ordinary())]
    assert found[:5] == [
        ("calls", "", "", ""),
        ("calls", "owner", "005A1", "Jane Doe"),
        ("calls", "owner", "005A2", "Bob Ray"),
        ("calls", "owner", "", "(none)"),
        ("win_rate", "", "", ""),
    ]


def test_every_row_has_every_column_and_ends_in_crlf() -> None:
    parsed = list(csv.reader(StringIO(render(nasty()), newline=""), strict=True))
    assert {len(row) for row in parsed} == {25}
    assert render(nasty()).endswith("\r\n")


def test_numbers_are_written_in_full_and_never_prefixed() -> None:
    change = Decimal("-65432.110000")
    (row,) = rows(card(line(unit="money", figure=figure(Decimal("1234567.89"), pace=1e-7, change=change))))
    assert (row["value"], row["pace"], row["change"]) == ("1234567.89", "1e-07", "-65432.11")


def test_absent_is_empty_and_its_reason_stands_beside_it() -> None:
    (row,) = rows(card(line(figure=figure(None, Status.NO_DATA, reason="no closed opportunities"))))
    assert (row["value"], row["reason"], row["status"]) == ("", "no closed opportunities", "no_data")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_text_that_a_spreadsheet_would_run_is_prefixed(start: str) -> None:
    (row,) = rows(card(line(name=f"{start}1+1", figure=figure(1))))
    assert row["name"] == f"'{start}1+1"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" =1+1", "' =1+1"),
        ('"=1+1"', """'"=1+1\""""),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\ufeff \u00a0\uff1d1", "'\ufeff \u00a0\uff1d1"),
        ("a;=1+1", "a;'=1+1"),
        ('a; "@x', "a;' \"@x"),
        ("a\t-1\r\n+2", "a\t'-1\r\n'+2"),
        ("a\u2028=1", "a\u2028'=1"),
        ("a-b = c+d @ e", "a-b = c+d @ e"),
        ("'=1", "'=1"),
        ("a;b\nc", "a;b\nc"),
    ],
)
def test_text_that_might_run_in_another_spreadsheet_is_prefixed_where_it_would(text: str, written: str) -> None:
    (row,) = rows(card(line(name=text, figure=figure(1))))
    assert row["name"] == written


def test_commands_to_a_terminal_become_visible_and_line_breaks_stay() -> None:
    first, second, third = rows(card(*(line(name=name, figure=figure(1)) for name in (ESCAPES, BIDI, LINES))))
    assert first["name"] == (
        r"\x1b[31mred\x1b[0m \x1b]8;;http://example.com\x07link\x1b]8;;\x07 \x1b]52;c;eA==\x07 \x9b2J \x7f"
    )
    assert second["name"] == "left \\u202eright\\u202c \\u2066isolated\\u2069 \u200bzero\u200d \ufeffmark"
    assert third["name"] == 'He said "yes",\r\nthen\n\tleft\u2028again\\x85end'


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_no_text_breaks_a_row_or_starts_a_formula(labels: list[str]) -> None:
    groups = tuple(Group(label, label, figure(1)) for label in labels)
    text = render(card(line(name=labels[0], groups=groups), by="owner"))
    parsed = list(csv.reader(StringIO(text, newline=""), strict=True))
    assert len(parsed) == 2 + len(labels)
    assert [cell for row in parsed for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))] == []
    text.encode()
