"""Where pictures put numbers: in order, within the picture, and in proportion, however odd the numbers are."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from statistics import quantiles

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.render.cards import figure

from kpicli.render.html.bullet import WIDTH, Bullet
from kpicli.render.html.scale import Scale
from kpicli.render.html.spread import FLOOR, Spread, quantile
from kpicli.render.html.trend import HEIGHT, Trend
from kpicli.render.numbers import NumberStyle, exactly
from kpicli.scorecard import TrendPoint

STYLE = NumberStyle("number")
numbers = (
    st.integers(-(10**9), 10**9)
    | st.decimals(-(10**9), 10**9, places=6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -0.0, 1e-300, 1.7976931348623157e308])
)
many = st.lists(numbers, min_size=1, max_size=60)


@given(many)
def test_places_are_in_the_order_of_the_numbers_and_within_the_picture(given: list[float]) -> None:
    scale = Scale.over(given, 5, 95)
    places = [scale.at(number) for number in sorted(given, key=exactly)]
    assert all(5 <= place <= 95 for place in places)
    assert all(before <= after for before, after in pairwise(places))
    if len({exactly(number) for number in given}) > 1:
        assert (places[0], places[-1]) == (5, 95)


@given(st.none() | numbers, numbers, st.none() | numbers, st.sampled_from(["higher", "lower"]))
def test_a_bullet_holds_value_target_and_what_is_due(
    value: float | None, target: float, expected: float | None, better: str
) -> None:
    bullet = Bullet.of(figure(value, target=target, expected=expected), better)
    assert bullet is not None
    stretches = [bullet.good, *([] if bullet.value is None else [bullet.value])]
    assert all(0 <= start <= start + length <= WIDTH + 0.1 for start, length in stretches)
    assert 0 < bullet.target < WIDTH
    assert bullet.good[1] > 0 or better == "lower"
    start, end = bullet.good[0], bullet.good[0] + bullet.good[1]
    assert bullet.target == pytest.approx(end if better == "lower" else start, abs=0.11)
    if value is not None and bullet.value is not None:
        zero = bullet.zero if bullet.zero is not None else 2
        end = bullet.value[0] if exactly(value) < 0 else sum(bullet.value)
        assert (end >= bullet.target - 0.11) if exactly(value) >= exactly(target) else (end <= bullet.target + 0.11)
        assert zero == pytest.approx(sum(bullet.value) if exactly(value) < 0 else bullet.value[0], abs=0.11)


def test_a_bullet_without_a_target_or_of_a_text_is_none() -> None:
    assert Bullet.of(figure(3), "higher") is None
    assert Bullet.of(figure("Web", target=3), "higher") is None


def test_a_bullet_has_no_mark_for_what_is_due_where_that_is_the_target() -> None:
    level = Bullet.of(figure(3, target=4, expected=4), "higher")
    flow = Bullet.of(figure(3, target=4, expected=2), "higher")
    assert level is not None
    assert flow is not None
    assert level.expected is None
    assert flow.expected is not None
    assert flow.expected < flow.target


@given(st.lists(st.none() | numbers, max_size=60), st.none() | numbers)
def test_a_trend_has_a_point_for_each_value_in_its_order(values: list[float | None], target: float | None) -> None:
    trend = Trend.of([TrendPoint("2026-01", value) for value in values], target, STYLE)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        assert trend is None
        return
    assert trend is not None
    assert [point.shown for point in trend.points] == [STYLE.write(value) for value in known]
    assert all(0 < point.x < 300 and 0 < point.y < HEIGHT for point in trend.points)
    assert all(before.x < after.x for before, after in pairwise(trend.points))
    for one, other in pairwise(zip(known, trend.points, strict=True)):
        rises = exactly(other[0]) >= exactly(one[0])
        assert other[1].y <= one[1].y if rises else other[1].y >= one[1].y
    if target is not None and trend.target is not None:
        assert all(
            (point.y <= trend.target) == (exactly(value) >= exactly(target)) or point.y == trend.target
            for value, point in zip(known, trend.points, strict=True)
        )


@given(st.lists(st.integers(-(10**6), 10**6) | st.decimals(-(10**6), 10**6, places=3), min_size=2, max_size=50))
def test_quartiles_are_those_of_the_standard_library(given: list[int]) -> None:
    exact = sorted(map(exactly, given))
    found = [quantile(exact, Fraction(part, 4)) for part in (1, 2, 3)]
    assert found == quantiles(exact, n=4, method="inclusive")


@given(st.lists(numbers, min_size=4, max_size=300), st.none() | numbers)
def test_the_spread_draws_each_member_once_or_counts_it_in_a_bar(given: list[float], target: float | None) -> None:
    spread = Spread.of(given, target, STYLE)
    assert spread is not None
    assert bool(spread.dots) != bool(spread.bars)
    marks = spread.dots or spread.bars
    assert all(0 <= mark.x <= 300 and 0 <= mark.y <= FLOOR for mark in marks)
    if spread.dots:
        assert len(spread.dots) == len(given)
        places = sorted((mark.y, mark.x) for mark in spread.dots)
        assert all(after[0] != before[0] or after[1] - before[1] >= 7.9 for before, after in pairwise(places))
    assume(target is None)
    assert sum(mark.core for mark in marks) > 0


def test_fewer_than_four_members_have_no_middle_half() -> None:
    assert Spread.of([1, 2, 3], None, STYLE) is None
    assert Spread.of([1, 2, 3, 4], None, STYLE) is not None
