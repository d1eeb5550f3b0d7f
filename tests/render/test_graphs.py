"""Bars and arrows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.render.cards import figure

from kpicli.render.page.graphs import bar
from kpicli.render.screen import Screen
from kpicli.scorecard import Amount

UNICODE, ASCII = Screen().signs, Screen(encoding="ascii").signs


def drawn(attainment: float | None, *, better: str = "higher", target: Amount = None, expected: Amount = None) -> str:
    measured = figure(1, attainment=attainment, target=target, expected=expected)
    return "".join(text for text, _ in bar(measured, better, 8, "green", UNICODE))


@pytest.mark.parametrize(
    ("attainment", "shown"),
    [
        (0, "────────"),
        (-0.5, "────────"),
        (0.06, "────────"),
        (0.07, "╾───────"),
        (0.5, "━━━━────"),
        (0.9999, "━━━━━━━╾"),
        (1.0, "━━━━━━━━"),
        (1.0001, "━━━━━━━▸"),
        (1e9, "━━━━━━━▸"),
    ],
)
def test_a_bar_is_full_only_where_the_target_is_met(attainment: float, shown: str) -> None:
    assert drawn(attainment) == shown


def test_a_figure_without_attainment_has_no_bar() -> None:
    assert drawn(None) == ""


@pytest.mark.parametrize(
    ("attainment", "expected", "shown"),
    [
        (0.25, 60, "━━──┼───"),
        (0.55, 60, "━━━━┼───"),
        (0.60, 60, "━━━━┿───"),
        (0.75, 60, "━━━━┿━──"),
        (1.2, 60, "━━━━┿━━▸"),
        (0.5, 100, "━━━━────"),
        (0.0, 0, "────────"),
        (0.9, Decimal("99.9"), "━━━━━━━┼"),
    ],
)
def test_a_bar_marks_what_is_due_by_now(attainment: float, expected: float, shown: str) -> None:
    assert drawn(attainment, target=100, expected=expected) == shown


def test_nothing_is_due_where_lower_is_better() -> None:
    """More than is expected would be worse, not better."""
    assert drawn(0.5, better="lower", target=100, expected=60) == "━━━━────"


def test_bars_are_drawn_in_ascii() -> None:
    half = figure(1, attainment=0.5, target=100, expected=80)
    assert "".join(text for text, _ in bar(half, "higher", 8, "", ASCII)) == "====--|-"


@given(st.floats(-2, 5), st.floats(0, 2))
def test_a_bar_is_as_long_as_any_other(attainment: float, expected: float) -> None:
    shown = drawn(attainment, target=1, expected=expected)
    assert len(shown) == 8
    assert ("┿" in shown) <= (attainment >= expected)
