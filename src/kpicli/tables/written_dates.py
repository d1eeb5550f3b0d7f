"""In which shapes a column's dates are written, by what every one of its values allows.

Day and month are told apart by values above 12 alone. Where none decides and the two readings differ, both are given
back, and somebody has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

import polars as pl
from msgspec import Struct

from kpicli.tables.dates import Zones, iso_dates, pattern_dates, read_pattern
from kpicli.tables.steps import Steps

_NOWHERE: Final = Zones("UTC", "UTC")


class DayOrder(Enum):
    """Which of two numbers is the day."""

    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"


class DateShape(Struct, frozen=True):
    """One way to write a date: a pattern, or two where day and month may have each other's place."""

    patterns: tuple[str, ...]
    """The month first, then the day first."""

    def pattern(self, order: DayOrder) -> str:
        return self.patterns[-1] if order is DayOrder.DAY_FIRST else self.patterns[0]


class WrittenDates(Struct, frozen=True):
    """What the cells of a column allow for dates."""

    shapes: tuple[DateShape, ...]
    """The commonest first; none where cells are no dates."""
    fit: int
    """How many cells are dates in one of the shapes."""
    iso: int
    """How many of them need no pattern."""
    only: Mapping[DayOrder, int]
    """How many cells allow one order of day and month alone."""
    differ: int
    """How many cells allow both orders, as different days."""
    examples: tuple[str, ...]
    """Some cells that allow both."""

    @property
    def order(self) -> DayOrder | None:
        """The order that the cells decide; None where they allow both or contradict each other."""
        less, more = sorted(self.only, key=lambda order: self.only[order])
        return more if self.only[more] and self.only[less] * _STRAY <= self.only[more] else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to say which number is the day."""
        return self.differ > 0 and not any(self.only.values())

    @property
    def is_mixed(self) -> bool:
        """Whether some cells have the day first and others the month."""
        return self.order is None and any(self.only.values())

    def formats(self, order: DayOrder | None) -> tuple[str, ...]:
        """What to declare as `format`; nothing for ISO dates."""
        if self.iso == self.fit:
            return ()
        return tuple(shape.pattern(order or DayOrder.MONTH_FIRST) for shape in self.shapes)


_STRAY: Final = 20
"""Where one cell in so many has the other order, it is a slip, and a note of the report will count it."""

_SEPARATED = r"(?P<first>[0-9]{1,2})(?P<sign>[./-])[0-9]{1,2}(?P=sign)"
_MONTH = r"(?P<month>[A-Za-z]{3,9})"
_DAYS: Final = (
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", ("%Y-%m-%d",)),
    (r"[0-9]{4}(?P<sign>[./])[0-9]{1,2}(?P=sign)[0-9]{1,2}", ("%Y{sign}%m{sign}%d",)),
    (rf"{_SEPARATED}[0-9]{{4}}", ("%m{sign}%d{sign}%Y", "%d{sign}%m{sign}%Y")),
    (rf"{_SEPARATED}[0-9]{{2}}", ("%m{sign}%d{sign}%y", "%d{sign}%m{sign}%y")),
    (r"(?:19|20)[0-9]{6}", ("%Y%m%d",)),
    (rf"[0-9]{{1,2}}(?P<sign>[ -]){_MONTH}(?P<comma>,? ?-?)[0-9]{{4}}", ("%d{sign}{month}{comma}%Y",)),
    (rf"[0-9]{{1,2}}(?P<sign>[ -]){_MONTH}(?P<comma>[ -])[0-9]{{2}}", ("%d{sign}{month}{comma}%y",)),
    (rf"{_MONTH} [0-9]{{1,2}}(?P<comma>,? )[0-9]{{4}}", ("{month} %d{comma}%Y",)),
)
_TIME = (
    r"(?P<gap>,? +|T)[0-9]{1,2}:[0-9]{2}(?P<seconds>:[0-9]{2})?(?P<fraction>\.[0-9]+)?"
    r"(?P<blank> ?)(?P<half>[AaPp][Mm])?(?P<offset> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_SHAPES: Final = tuple((re.compile(rf"{day}(?:{_TIME})?"), patterns) for day, patterns in _DAYS)


def shape_of(cell: str) -> DateShape | None:
    """The shape in which a cell may be a date; None where it is none that is known."""
    for known, patterns in _SHAPES:
        found = known.fullmatch(cell)
        if found is not None:
            parts = found.groupdict()
            month = "%B" if len(parts.get("month") or "") > 3 else "%b"
            signs = {"sign": parts.get("sign"), "comma": parts.get("comma"), "month": month}
            return DateShape(tuple(pattern.format(**signs) + _time(parts) for pattern in patterns))
    return None


def _time(parts: Mapping[str, str | None]) -> str:
    if not parts["gap"]:
        return ""
    clock = "%I:%M" if parts["half"] else "%H:%M"
    seconds = ":%S" if parts["seconds"] else ""
    fraction = "%.f" if parts["fraction"] else ""
    half = f"{parts['blank']}%p" if parts["half"] else ""
    offset = ("" if parts["half"] else parts["blank"] or "") + "%z" if parts["offset"] else ""
    return f"{parts['gap']}{clock}{seconds}{fraction}{half}{offset}"


def shapes_of(cells: Iterable[str]) -> tuple[DateShape, ...]:
    """The shapes of cells, each once, in the order in which they come."""
    found = (shape_of(cell) for cell in cells)
    return tuple(dict.fromkeys(shape for shape in found if shape is not None))


class DateQuestion(Struct, frozen=True):
    """What to ask of a whole column of clean texts, so that `answer` can tell how its dates are written."""

    name: str
    shapes: tuple[DateShape, ...]

    def asked(self, steps: Steps) -> dict[str, pl.Expr]:
        """Aggregations over the column, under names of their own."""
        cell = pl.col(self.name)
        asked: dict[str, pl.Expr] = {"iso": iso_dates(cell, _NOWHERE, steps).count()}
        known: list[pl.Expr] = []
        for at, shape in enumerate(self.shapes):
            days = [
                steps.kept(pattern_dates(cell, [read_pattern(pattern)], _NOWHERE, steps)) for pattern in shape.patterns
            ]
            known += days
            first, last = days[0], days[-1]
            differs = first.is_not_null() & last.is_not_null() & (first != last)
            asked |= {
                f"{at}:fit": pl.coalesce(days).count(),
                f"{at}:first": (first.is_not_null() & last.is_null()).sum(),
                f"{at}:last": (first.is_null() & last.is_not_null()).sum(),
                f"{at}:differ": differs.sum(),
                f"{at}:example": cell.filter(differs).first(),
                f"{at}:other": cell.filter(differs).last(),
            }
        asked["fit"] = pl.coalesce(known).count()
        asked["left"] = cell.filter(pl.coalesce(known).is_null()).first()
        return {f"{self.name}:{key}": value for key, value in asked.items()}

    def answer(self, row: Mapping[str, object]) -> WrittenDates:
        """From one row of what was asked."""

        def number(at: int, key: str) -> int:
            return _number(row[f"{self.name}:{at}:{key}"])

        used = sorted((at for at in range(len(self.shapes)) if number(at, "fit")), key=lambda at: -number(at, "fit"))
        examples = [row[f"{self.name}:{at}:{key}"] for at in used for key in ("example", "other")]
        return WrittenDates(
            shapes=tuple(self.shapes[at] for at in used),
            fit=_number(row[f"{self.name}:fit"]),
            iso=_number(row[f"{self.name}:iso"]),
            only={
                DayOrder.MONTH_FIRST: sum(number(at, "first") for at in used),
                DayOrder.DAY_FIRST: sum(number(at, "last") for at in used),
            },
            differ=sum(number(at, "differ") for at in used),
            examples=tuple(dict.fromkeys(example for example in examples if isinstance(example, str))),
        )

    def further(self, row: Mapping[str, object]) -> DateShape | None:
        """The shape of a cell that none of the shapes reads, where it is another one."""
        left = row[f"{self.name}:left"]
        shape = shape_of(left) if isinstance(left, str) else None
        return None if shape in self.shapes else shape


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
