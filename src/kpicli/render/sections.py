"""The order in which people read a scorecard: leading KPIs, then lagging ones, each along the pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from kpicli.scorecard import Line, Scorecard

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
