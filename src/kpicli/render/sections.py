"""The order in which people read a scorecard: leading KPIs before lagging ones along the pipeline, goals as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpicli.scorecard import GoalLine, Line, Scorecard

ROLES = ("leading", "lagging")


def sections(card: Scorecard) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Each role that the card has KPIs of, with its lines by stage of the pipeline.

    Within a stage lines keep the card's order; those without a stage come last.
    """
    places = {stage: at for at, stage in enumerate(card.stages)}
    for role in ROLES:
        lines = sorted(
            (line for line in card.lines if line.role == role),
            key=lambda line: places.get(line.stage or "", len(places)),
        )
        if lines:
            yield role, tuple(lines)


def contributions(card: Scorecard) -> Iterator[tuple[GoalLine, tuple[Line, ...]]]:
    """Each goal of the company to which KPIs of the card contribute, with these in the order of the sections."""
    ordered = [line for _, lines in sections(card) for line in lines if line.contribution is not None]
    for goal in card.goals:
        lines = tuple(line for line in ordered if line.contributes_to == goal.id)
        if lines:
            yield goal, lines


def nested(goals: Sequence[GoalLine]) -> Iterator[tuple[GoalLine, int]]:
    """Each goal once, below its parent where that is on the card too, with how deep it lies."""
    known = {goal.id for goal in goals}
    seen: set[str] = set()

    def below(goal: GoalLine, depth: int) -> Iterator[tuple[GoalLine, int]]:
        if goal.id not in seen:
            seen.add(goal.id)
            yield goal, depth
            for child in goals:
                if child.parent == goal.id:
                    yield from below(child, depth + 1)

    for goal in goals:
        if goal.parent not in known:
            yield from below(goal, 0)
    for goal in goals:  # goals that are each other's parents hang from none
        yield from below(goal, 0)
