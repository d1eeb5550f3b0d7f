"""The JSON result."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from tests.render.cards import CARDS, card, figure, line, ordinary

from kpicli.render.formats.json import render, to_dict, write
from kpicli.scorecard import Group, Status

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

FIGURE = [
    "value",
    "reason",
    "target",
    "attainment",
    "expected",
    "pace",
    "projected",
    "needed_per_workday",
    "status",
    "prior",
    "change",
]


def mistakes(result: object) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(result)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", CARDS)
def test_results_keep_to_the_schema(name: str) -> None:
    assert mistakes(json.loads(render(CARDS[name]()))) == []


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The ordinary result with one value put in its place."""
    result: dict[str, Any] = json.loads(render(ordinary()))
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("more",), 1),
        (("schema_version",), 2),
        (("only",), None),
        (("as_of",), "22.11.2026"),
        (("period", "grain"), "fortnight"),
        (("period", "elapsed"), 1.5),
        (("kpis", 0, "more"), 1),
        (("kpis", 0, "value"), "text"),
        (("kpis", 0, "value"), None),
        (("kpis", 0, "reason"), "a value has none"),
        (("kpis", 0, "status"), "no_data"),
        (("kpis", 0, "value_label"), None),
        (("kpis", 0, "groups", 0, "more"), 1),
        (("kpis", 1, "groups", 1, "reason"), None),
        (("kpis", 3, "value"), 1),
        (("kpis", 3, "target"), 1),
        (("data", 1, "notes", 0, "code"), "Invalid Date"),
        (("data", 1, "notes", 0, "examples", 0, "row"), 0),
    ],
)
def test_the_schema_refuses_what_no_result_holds(path: tuple[str | int, ...], value: object) -> None:
    assert mistakes(changed(path, value))


def test_keys_stand_in_the_order_of_the_documentation() -> None:
    result = to_dict(ordinary())
    assert list(result) == (
        ["schema_version", "book", "scorecard", "as_of", "period", "by", "only", "kpis", "goals", "data"]
    )
    calls, *_, source = result["kpis"]
    about = ["id", "name", "role", "stage", "goal", "unit", "better", "window"]
    contributed = ["company_target", "contribution", "contributes_to"]
    assert list(calls) == [*about, *FIGURE, *contributed, "trend", "groups"]
    assert list(calls["groups"][0]) == ["member", "label", *FIGURE]
    assert list(calls["window"]) == ["start", "end", "elapsed"]
    assert list(result["period"]) == ["label", "grain", "start", "end", "running", "elapsed"]
    assert list(source) == [*about, "value", "value_label", *FIGURE[1:], *contributed, "trend", "groups"]


def test_only_is_always_there_and_by_is_null_without_groups() -> None:
    result = to_dict(card())
    assert (result["only"], result["by"], result["kpis"], result["data"]) == ({}, None, [], [])


def test_members_of_text_kpis_have_a_label_for_their_value_too() -> None:
    named = Group("005A1", "Jane Doe", figure("ls_07", value_label="Trade show"))
    result = to_dict(card(line(unit="text", figure=figure("x"), groups=(named,))))
    assert result["kpis"][0]["groups"][0]["value_label"] == "Trade show"


def test_a_number_never_passes_through_binary_floating_point() -> None:
    """Here a float would end in ...123.5."""
    exact = Decimal("12345678901234567890.123456")
    text = render(card(line(unit="money", figure=figure(exact, target=0.1, prior=10**20))))
    assert '"value": 12345678901234567890.123456,' in text
    assert '"target": 0.1,' in text
    assert '"prior": 100000000000000000000,' in text
    assert to_dict(card(line(figure=figure(exact))))["kpis"][0]["value"] is exact


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("-Infinity"), Decimal("sNaN")])
def test_no_nan_and_no_infinity_is_ever_written(number: float | Decimal) -> None:
    with pytest.raises(ValueError, match="is no figure"):
        render(card(line(figure=figure(1, Status.BEHIND, pace=number))))


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^set has no JSON form$"):
        write({"a": {1}})


def test_text_beyond_ascii_stands_as_itself_and_commands_to_a_terminal_are_escaped() -> None:
    shown = write(["Zoë 東京", "\x1b[2J", "\x9b", "\u202e", "\ud800", "\u2028", "a\nb"])
    assert shown == (
        '[\n  "Zoë 東京",\n  "\\u001b[2J",\n  "\\u009b",\n  "\\u202e",\n  "\\ud800",\n  "\\u2028",\n  "a\\nb"\n]\n'
    )


def test_empty_lists_and_objects_stay_on_their_line() -> None:
    assert write({"a": [], "b": {}, "c": [None, True, False]}) == (
        '{\n  "a": [],\n  "b": {},\n  "c": [\n    null,\n    true,\n    false\n  ]\n}\n'
    )


leaves = (
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=6) | st.text()
)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(values)
def test_what_is_written_reads_back_exactly(value: object) -> None:
    text = write(value)
    assert json.loads(text, parse_float=Decimal) == value
    assert {category(char) for char in text} & {"Cf", "Cs", "Zl", "Zp"} == set()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_written_so_that_it_reads_back(number: float) -> None:
    assert json.loads(write(number)) == number


def test_equal_cards_give_equal_bytes() -> None:
    assert render(ordinary()) == render(replace(ordinary()))
