"""The figures that an engine gave back, found again by the aggregate and the context that asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kpicli.contexts import Absent, Context, Days, Reach, Scope, covered_months, looks_at
from kpicli.formula.typed import Measure
from kpicli.plan.nodes import Answer, Cell, Cells, Members
from kpicli.plan.requests import Grouping, primitives, reaches
from kpicli.score.arithmetic import Exact, Value, exact, from_decimal, ratio, simplest

_NONE: Cells = {}


class Figures(Struct, frozen=True):
    """Cells by grouping."""

    cells: Mapping[Grouping, Cells]

    @classmethod
    def of(cls, answer: Answer, places: Mapping[Grouping, tuple[int, int]]) -> Figures:
        """`places` says which ask of which aggregation holds a grouping's cells."""
        return cls({grouping: answer.cells[i][j] for grouping, (i, j) in places.items()})

    def values(self, measure: Measure, context: Context, groups: Sequence[Members]) -> list[Value]:
        """The measure's value for each group of the context's scope."""
        reach = looks_at(measure, context)
        if reach is None:
            return [_nothing(measure, "the interval holds no day")] * len(groups)
        if isinstance(reach, Absent):
            return [reach] * len(groups)
        if measure.function == "avg":
            totals, counts = (self._cells(primitive, reach, context.scope) for primitive in primitives(measure))
            nothing = _nothing(measure, None)
            return [_average(totals.get(members), counts.get(members), nothing) for members in groups]
        (primitive,) = primitives(measure)
        if measure.covers and measure.function == "sum" and isinstance(reach, Days):
            months = [
                (self._cells(primitive, month, context.scope), Fraction(inside, of))
                for month, inside, of in covered_months(reach)
            ]
            return [_pro_rated((cells.get(members), share) for cells, share in months) for members in groups]
        cells = self._cells(primitive, reach, context.scope)
        nothing, blank = _nothing(measure, None), _blank(measure)
        return [
            nothing if cell is None or cell.rows == 0 else _exact(cell.value, blank) for cell in map(cells.get, groups)
        ]

    def average(self, measure: Measure, context: Context, members: Members) -> tuple[Exact, int] | None:
        """The exact sum and the number of values of which an average is made; None where it has no value."""
        reach = looks_at(measure, context)
        if reach is None or isinstance(reach, Absent):
            return None
        total, count = (self._cells(part, reach, context.scope).get(members) for part in primitives(measure))
        if total is None or count is None or count.value == 0:
            return None
        assert isinstance(total.value, Decimal)
        assert isinstance(count.value, int)
        return from_decimal(total.value), count.value

    def groups(self, measure: Measure, context: Context, *, valued: bool = False) -> set[Members]:
        """The groups of the context's scope in which the measure takes rows; `valued`, such as have a value in it."""
        reach = looks_at(measure, context)
        if reach is None or isinstance(reach, Absent):
            return set()
        primitive = primitives(measure)[0]
        return {
            members
            for part in reaches(measure, reach)
            for members, cell in self._cells(primitive, part, context.scope).items()
            if cell.rows > 0 and not (valued and cell.value is None)
        }

    def _cells(self, primitive: Measure, reach: Reach, scope: Scope) -> Mapping[Members, Cell]:
        return self.cells.get(Grouping(primitive, scope.dimensions, scope.company), _NONE).get(reach, {})


def _average(total: Cell | None, count: Cell | None, nothing: Value) -> Value:
    if total is None or count is None or count.value == 0:
        return nothing
    assert isinstance(total.value, Decimal)
    assert isinstance(count.value, int)
    above, below = total.value.as_integer_ratio()
    return ratio(above, below * count.value)


def _pro_rated(months: Iterable[tuple[Cell | None, Fraction]]) -> Exact:
    total: Exact = 0
    for cell, share in months:
        if cell is not None and isinstance(cell.value, Decimal):
            total += from_decimal(cell.value) * share
    return simplest(total)


def _exact(value: object, blank: Value) -> Value:
    """The value of a cell that took rows; `blank` where these have none."""
    if type(value) is int:  # of most cells, and exact as it is
        return value
    found = exact(value)
    return blank if found is None else found


def _blank(measure: Measure) -> Value:
    """What an aggregate over rows without a value gives."""
    return 0 if measure.function == "sum" else Absent(f"no value among the {measure.noun}")


def _nothing(measure: Measure, reason: str | None) -> Value:
    """What an aggregate over no rows gives."""
    if measure.function in ("count", "count_distinct", "sum"):
        return 0
    return Absent(reason or f"no {measure.noun}")
