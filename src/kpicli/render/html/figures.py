"""A figure as the page writes it: each number as text, the status and the change in signs and words."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from msgspec import Struct

from kpicli.render.cells import Cells, called
from kpicli.render.numbers import NumberStyle, exactly
from kpicli.render.page.cells import status_word
from kpicli.render.page.graphs import arrow
from kpicli.render.screen import Screen
from kpicli.scorecard import Figure, Line, Scorecard, Status, Value

SIGNS: Final = Screen().signs
ABSENT: Final = SIGNS.absent

COLUMNS: Final = (
    ("value", "Value"),
    ("target", "Target"),
    ("attainment", "Attained"),
    ("expected", "Due by now"),
    ("pace", "Pace"),
    ("status", "Status"),
    ("change", "Change"),
    ("prior", "Before"),
    ("needed_per_workday", "Per workday"),
    ("projected", "Projected"),
)
"""What the tables show of a figure, with their headings."""
_ALWAYS: Final = frozenset({"value", "status"})


class Standing(Struct, frozen=True):
    """A status as a sign, a word, and the class that colours it."""

    sign: str
    word: str
    name: str

    @classmethod
    def of(cls, status: Status) -> Standing:
        return cls(SIGNS.status[status], status_word(status), status.value)

    def __str__(self) -> str:
        return f"{self.sign} {self.word}"


_DIRECTIONS: Final = {"green": "better", "red": "worse", "dim": "same"}


class Shown(Struct, frozen=True):
    """A figure in texts, None where it lacks something."""

    value: str | None
    target: str | None
    attainment: str | None
    expected: str | None
    pace: str | None
    status: Standing
    change: str | None
    prior: str | None
    needed_per_workday: str | None
    projected: str | None
    arrow: str
    direction: str
    """Whether the change is for the `better` or `worse`, or none: `same`."""
    gap: str | None
    """How far the value is from a target that isn't met, signed."""
    reached: bool
    reason: str | None
    target_reason: str | None
    prior_reason: str | None

    @classmethod
    def of(cls, figure: Figure, line: Line, style: NumberStyle) -> Shown:
        cells = Cells.of(figure, style)
        sign, colour = "", "dim"
        if figure.change is not None and cells.change is not None:
            sign, colour = arrow(figure.change, line.better, cells.change, SIGNS)
        gap = _gap(figure, line.better)
        return cls(
            value=cells.value,
            target=cells.target,
            attainment=cells.attainment,
            expected=_written(figure.expected, style),
            pace=cells.pace,
            status=Standing.of(figure.status),
            change=cells.change,
            prior=_written(called(figure.prior, figure.prior_label), style),
            needed_per_workday=_written(figure.needed_per_workday, style),
            projected=_written(figure.projected, style),
            arrow=sign,
            direction=_DIRECTIONS[colour],
            gap=None if gap is None else style.write_change(gap),
            reached=_is_met(figure, line.better),
            reason=figure.reason,
            target_reason=figure.target_reason,
            prior_reason=figure.prior_reason,
        )

    def cell(self, column: str) -> str:
        """What a table shows in one of `COLUMNS`."""
        text = getattr(self, column)
        return ABSENT if text is None else str(text)

    @property
    def told(self) -> str:
        """What the bullet shows, for those who don't see it."""
        parts = (
            f"value {self.value or 'none'}",
            f"target {self.target}",
            f"due by now {self.expected}" if self.expected not in {None, self.target} else "",
            f"{self.attainment} attained" if self.attainment else "",
            self.status.word,
        )
        return ", ".join(part for part in parts if part)


def style_of(line: Line, card: Scorecard) -> NumberStyle:
    return NumberStyle(line.unit, line.decimals, card.currency)


def columns_of(figures: list[Shown]) -> tuple[tuple[str, str], ...]:
    """Those of `COLUMNS` in which any of the figures has something, value and status always."""
    return tuple(
        (name, heading)
        for name, heading in COLUMNS
        if name in _ALWAYS or any(getattr(figure, name) is not None for figure in figures)
    )


def _written(value: Value, style: NumberStyle) -> str | None:
    return value if value is None or isinstance(value, str) else style.write(value)


def _is_met(figure: Figure, better: str) -> bool:
    if figure.target is None or figure.value is None or isinstance(figure.value, str):
        return False
    value, target = exactly(figure.value), exactly(figure.target)
    return value <= target if better == "lower" else value >= target


def _gap(figure: Figure, better: str) -> Fraction | None:
    """Value less target, of a target that isn't met."""
    if figure.target is None or figure.value is None or isinstance(figure.value, str) or _is_met(figure, better):
        return None
    return exactly(figure.value) - exactly(figure.target)
