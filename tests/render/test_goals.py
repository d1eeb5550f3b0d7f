"""Goals and the KPIs that serve them."""

from __future__ import annotations

from tests.render.cards import card, figure, line

from kpicli.render.formats.terminal import render
from kpicli.scorecard import GoalLine, Scorecard, Status

CALLS = line(id="calls", name="Calls", figure=figure(1, Status.ON_TRACK))
RATE = line(id="rate", name="Win rate", figure=figure(1, Status.BEHIND))
BEST = line(id="best", name="Best source")


def goals(*given: GoalLine) -> str:
    shown: Scorecard = card(CALLS, RATE, BEST, goals=given)
    return render(shown).partition("\nGoals\n")[2]


def test_a_goal_stands_with_its_level_its_time_and_its_kpis() -> None:
    assert goals(GoalLine("arr", "Reach $3M", ("rate", "calls", "best"), "company", when="In 2026")) == (
        "  Reach $3M · company · In 2026 · 1 of 2 on track\n    ✗ Win rate   ✓ Calls   · Best source\n"
    )


def test_a_goal_stands_below_the_goal_that_it_serves_where_that_is_on_the_card() -> None:
    shown = goals(
        GoalLine("mine", "Call more", ("calls",), "individual", "team"),
        GoalLine("other", "Learn", ("best",), "team", "elsewhere"),
        GoalLine("team", "Win more", ("rate",), "team"),
    )
    assert shown == (
        "  Learn · team\n"
        "    · Best source\n"
        "  Win more · team · 0 of 1 on track\n"
        "    ✗ Win rate\n"
        "    Call more · individual · 1 of 1 on track\n"
        "      ✓ Calls\n"
    )


def test_goals_in_a_ring_are_all_shown() -> None:
    shown = goals(GoalLine("a", "A", ("calls",), parent="b"), GoalLine("b", "B", ("rate",), parent="a"))
    assert [text.split()[0] for text in shown.splitlines() if "company" in text] == ["A", "B"]
