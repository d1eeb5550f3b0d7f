"""What the tests ask of a world: a period in one of its spellings, a split, a scope, a trend."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.differential import days
from tests.differential.days import DAY, Almanac, Span, moved
from tests.differential.world import World

GRAINS = ("day", "week", "month", "quarter", "year")
TREND = 4
"""How many points the scorecard `trend` has."""


@dataclass(frozen=True)
class Ask:
    """One report."""

    period: str
    span: Span
    by: str | None = None
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Members by their keys."""
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same members as they are asked for: some by their labels."""
    trend: bool = False
    all: bool = False
    """Everything up to the as-of day."""

    @property
    def scorecard(self) -> str:
        return "trend" if self.trend else "plain"


def draw_ask(dice: Random, world: World, members: dict[str, list[str]]) -> Ask:
    """A report; `members` are those of each dimension that some row has."""
    if dice.random() < 0.06:
        return Ask("all", Span(date(1990, 1, 1), world.as_of + DAY, world.as_of + DAY, None), all=True)
    text, span = _period(dice, world)
    by = dice.choice([None, "owner", "team", *world.dimensions])
    only = {}
    for name in dice.sample(list(world.dimensions), dice.choice([0, 0, 0, 1, 1, 2])):
        if members[name]:
            only[name] = tuple(dice.sample(members[name], min(len(members[name]), dice.choice([1, 1, 2]))))
    named = {name: tuple(_named(dice, world, name, member) for member in chosen) for name, chosen in only.items()}
    return Ask(text, span.cut_after(world.as_of), by, only, named, dice.random() < 0.4)


def _named(dice: Random, world: World, dimension: str, member: str) -> str:
    """A member by its key, or by its label where that can't be mistaken."""
    labels = world.labels(dimension)
    label = labels.get(member)
    alone = label is not None and label not in labels and list(labels.values()).count(label) == 1
    return label if label is not None and alone and dice.random() < 0.5 else member


def _period(dice: Random, world: World) -> tuple[str, Span]:
    almanac, today = world.almanac, world.as_of
    grain = dice.choice(GRAINS)
    this = almanac.holding(grain, today)
    near = today + timedelta(days=dice.randrange(-300, 20))
    match dice.choice(["this", "this", "last", "near", "near", "range", "running", "calendar"]):
        case "this":
            return ("today" if grain == "day" else f"this {grain}"), this
        case "last":
            return ("yesterday" if grain == "day" else f"last {grain}"), days.earlier(this, 1)
        case "range":
            start, end = near, near + timedelta(days=dice.choice([0, 6, 13, 30, 89]))
            if dice.random() < 0.4:
                start, end = start.replace(day=1), moved(start.replace(day=1), dice.choice([1, 2])) - DAY
            return f"{start}..{end}", _range(start, end)
        case "running":
            start, end = (
                today - timedelta(days=dice.choice([0, 3, 27, 70])),
                today + timedelta(days=dice.choice([1, 5, 40])),
            )
            return f"{start}..{end}", _range(start, end)
        case "calendar":
            quarter = (near.month - 1) // 3
            start = date(near.year, 3 * quarter + 1, 1)
            if dice.random() < 0.3:
                return str(near.year), Span(date(near.year, 1, 1), date(near.year + 1, 1, 1), start, "year")
            return f"{near.year}-Q{quarter + 1}", Span(start, moved(start, 3), start, "quarter")
        case _:
            return _spelled(almanac, grain, near)


def _range(start: date, end: date) -> Span:
    return Span(start, end + DAY, end + DAY, None)


def _spelled(almanac: Almanac, grain: str, day: date) -> tuple[str, Span]:
    """The period of a grain that holds a day, by its own name."""
    span = almanac.holding(grain, day)
    match grain:
        case "day":
            return day.isoformat(), span
        case "week":
            year, week, _ = day.isocalendar()
            thursday = date.fromisocalendar(year, week, 4)
            return f"{year}-W{week:02}", almanac.holding("week", thursday)
        case "month":
            return f"{day:%Y-%m}", span
        case _:
            whole = almanac.holding("year", day)
            named = (whole.end - DAY).year
            if grain == "year":
                return f"FY{named}", span
            number = ((span.start.year - whole.start.year) * 12 + span.start.month - whole.start.month) // 3 + 1
            return f"FY{named}-Q{number}", span
