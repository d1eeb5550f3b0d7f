"""The order of a scorecard's sections."""

from __future__ import annotations

from tests.render.cards import card, line

from kpicli.render.sections import sections


def test_leading_kpis_come_first_and_each_role_follows_the_pipeline() -> None:
    lines = (
        line(id="revenue", role="lagging", stage="revenue"),
        line(id="staged_nowhere", role="leading", stage=None),
        line(id="second", role="leading", stage="close"),
        line(id="first", role="leading", stage="prospect"),
        line(id="also_second", role="leading", stage="close"),
    )
    found = sections(card(*lines, stages=("prospect", "close", "revenue")))
    assert [(role, [each.id for each in section]) for role, section in found] == [
        ("leading", ["first", "second", "also_second", "staged_nowhere"]),
        ("lagging", ["revenue"]),
    ]


def test_a_role_without_kpis_has_no_section() -> None:
    assert [role for role, _ in sections(card(line(role="lagging")))] == ["lagging"]
