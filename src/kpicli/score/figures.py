"""The figures that an engine gave back, found again by the aggregate and the context that asked for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpicli.contexts import Absent, Context, Days, Reach, covered_months, looks_at
from kpicli.formula.typed import Measure
from kpicli.plan.nodes import Answer, Cell, Cells, Members
from kpicli.plan.requests import Grouping, primitives, reaches
from kpicli.score.arithmetic import Exact, Value, exact, simplest

_NONE: Cells = {}


@dataclass(frozen=True, slots=True)
class Figures:
    """Cells by grouping."""

    cells: Mapping[Grouping, Cells]

    @classmethod
    def of(cls, answer: Answer, places: Mapping[Grouping, tuple[int, int]]) -> Figures:
        """`places` says which ask of which aggregation holds a grouping's cells."""
        return cls({grouping: answer.cells[i][j] for grouping, (i, j) in places.items()})

    def value(self, measure: Measure, context: Context) -> Value:
        """The measure's value in a context whose scope names one member of each dimension."""
        reach = looks_at(measure, context)
        if isinstance(reach, Absent):
            return reach
        if reach is None:
            return _nothing(measure, "the interval holds no day")
        if measure.function == "avg":
            return self._average(measure, reach, context)
        (primitive,) = primitives(measure)
        if measure.covers and measure.function == "sum" and isinstance(reach, Days):
            return self._pro_rated(primitive, reach, context)
        return _valued(measure, self._cell(primitive, reach, context))

    def _cell(self, primitive: Measure, reach: Reach, context: Context) -> Cell | None:
        scope = context.scope
        cells = self.cells.get(Grouping(primitive, scope.dimensions, scope.company), _NONE)
        return cells.get(reach, {}).get(_members(context))

    def _average(self, measure: Measure, reach: Reach, context: Context) -> Value:
        total, count = (self._cell(primitive, reach, context) for primitive in primitives(measure))
        if total is None or count is None or count.value == 0:
            return _nothing(measure, None)
        assert isinstance(total.value, Decimal)
        assert isinstance(count.value, int)
        return simplest(Fraction(total.value) / count.value)

    def _pro_rated(self, primitive: Measure, reach: Days, context: Context) -> Exact:
        total: Exact = 0
        for month, inside, of in covered_months(reach):
            cell = self._cell(primitive, month, context)
            if cell is not None and isinstance(cell.value, Decimal):
                total += Fraction(cell.value) * Fraction(inside, of)
        return simplest(total)

    def rows(self, measure: Measure, context: Context) -> int:
        """How many rows the measure takes in a context."""
        members = _members(context)
        found = [groups[members].rows for groups in self._groups(measure, context) if members in groups]
        return sum(found)

    def members(self, measure: Measure, context: Context) -> Iterator[Members]:
        """The groups with rows of the measure; the context's scope may name any member of a dimension."""
        for groups in self._groups(measure, context):
            yield from (members for members, cell in groups.items() if cell.rows > 0)

    def _groups(self, measure: Measure, context: Context) -> Iterator[Mapping[Members, Cell]]:
        reach = looks_at(measure, context)
        if reach is None or isinstance(reach, Absent):
            return
        scope = context.scope
        cells = self.cells.get(Grouping(primitives(measure)[0], scope.dimensions, scope.company), _NONE)
        for part in reaches(measure, reach):
            if part in cells:
                yield cells[part]


def _members(context: Context) -> Members:
    return tuple(member for _, member in context.scope.members if member is None or isinstance(member, str))


def _valued(measure: Measure, cell: Cell | None) -> Value:
    if cell is None or cell.rows == 0:
        return _nothing(measure, None)
    value = exact(cell.value)
    if value is None and measure.function == "sum":
        return 0
    if value is None:
        return Absent(f"no value among the {measure.noun}")
    return value


def _nothing(measure: Measure, reason: str | None) -> Value:
    """What an aggregate over no rows gives."""
    if measure.function in ("count", "count_distinct", "sum"):
        return 0
    return Absent(reason or f"no {measure.noun}")
