"""The contexts in which a formula is evaluated, as rows that SQL joins to.

A base is what a report wants: a span, and the company or one member. What `prior`, `trailing` and the like make of its
span is worked out here, so that SQL only ever sees pairs of days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.differential import days
from tests.differential.days import Almanac, Span
from tests.differential.sql_rows import quoted
from tests.differential.tree import NOTHING, Shift

ALL, MEMBER, NONE = range(3)
"""Whose figure a context is: of everybody in the report's scope, of one member, of the rows without a member."""


@dataclass(frozen=True)
class Base:
    """A context in which a whole formula is evaluated; `current` is whether it is the report's own period."""

    span: Span | None
    scope: int = ALL
    member: str | None = None
    current: bool = True


@dataclass
class Frame:
    """The contexts of one level, a base each or a base and a member each, with the figures worked out for them."""

    name: str
    joins: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Env:
    """Where a part of a formula stands: which contexts it is joined to, and what lies between them and it."""

    frame: Frame
    path: tuple[Shift, ...] = ()
    reduced: tuple[tuple[str, str], ...] = ()
    """Dimensions that reducers around it have split, each with the column of the member."""
    having: tuple[str, ...] = ()
    """Dimensions that a table must have, though its rows are not split by them."""
    company: bool = False
    """Inside the lower half of a share: no scope at all."""

    def after(self, step: Shift) -> Env:
        """Where the argument of a context function stands."""
        return replace(self, path=(*self.path, replace(step, item=NOTHING)))


def span_after(span: Span | None, path: Sequence[Shift], almanac: Almanac) -> Span | None:
    """The interval to which a chain of context functions leads; None where it leads nowhere."""
    for step in path:
        if span is None:
            return None
        match step.name:
            case "prior":
                span = days.prior(span, step.duration)
            case "trailing":
                span = days.trailing(span, step.duration or (0, ""))
            case "to_date":
                span = days.to_date(span, step.grain or "", almanac)
            case "whole":
                span = days.whole(span)
            case _:
                span = days.rest(span)
    return span


class Contexts:
    """The bases of a query as a table of its own, with a column for each thing that depends on a base."""

    def __init__(self, bases: Sequence[Base], almanac: Almanac) -> None:
        self.bases = bases
        self._almanac = almanac
        self._columns: dict[str, list[str]] = {}

    def sql(self) -> str:
        """The CTE, once all columns are known."""
        names = ["id", "scope", "member", *self._columns]
        lines = []
        for number, base in enumerate(self.bases):
            head = [str(number), str(base.scope), "null::varchar" if base.member is None else quoted(base.member)]
            lines.append(f"({', '.join([*head, *(values[number] for values in self._columns.values())])})")
        return f"c0 as (select * from (values {', '.join(lines)}) v({', '.join(names)}))"

    def days(self, path: tuple[Shift, ...]) -> tuple[str, str]:
        """The columns of the interval after a chain of context functions: its first day, and the day after its last."""
        spans = [span_after(base.span, path, self._almanac) for base in self.bases]
        starts = ["null::date" if span is None else f"date '{span.start}'" for span in spans]
        ends = ["null::date" if span is None else f"date '{span.cut}'" for span in spans]
        return self._column("start", starts), self._column("till", ends)

    def numbers(self, path: tuple[Shift, ...], measure: Callable[[Span], Fraction | int | None]) -> str:
        """The column of a number that is worked out from the interval."""
        spans = [span_after(base.span, path, self._almanac) for base in self.bases]
        found = [None if span is None else measure(span) for span in spans]
        return self._column(
            "number", ["null::double" if each is None else f"{float(each)!r}::double" for each in found]
        )

    def now(self) -> str:
        """The column of whether a context is in the report's own period."""
        return self._column("now", ["true" if base.current else "false" for base in self.bases])

    def _column(self, key: str, values: list[str]) -> str:
        for name, known in self._columns.items():
            if known == values:
                return f"c.{name}"
        name = f"{key}{len(self._columns)}"
        self._columns[name] = values
        return f"c.{name}"
