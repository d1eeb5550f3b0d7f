"""The order of a scorecard's sections."""

from __future__ import annotations

from tests.render.cards import card, line

from kpicli.render.sections import contributions, sections
from kpicli.scorecard import GoalLine, Line


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


def test_what_is_contributed_stands_below_its_goal_in_the_order_of_the_sections() -> None:
    def share(key: str, goal: str, role: str) -> Line:
        return line(id=key, role=role, company_target=10, contribution=0.1, contributes_to=goal)

    lines = share("b", "x", "lagging"), share("c", "y", "leading"), share("a", "x", "leading"), line(id="none")
    goals = (GoalLine("y", "Y", ()), GoalLine("empty", "E", ()), GoalLine("x", "X", ()))
    found = contributions(card(*lines, goals=goals))
    assert [(goal.id, [each.id for each in those]) for goal, those in found] == [("y", ["c"]), ("x", ["a", "b"])]
