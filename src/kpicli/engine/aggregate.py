"""One aggregation of a plan in Polars: lazy queries out, cells back.

Counts, sums and extremes combine, so they are grouped once by the segments that the edges of all asked intervals cut
the days into, and put together again for each interval. Distinct counts and percentiles don't combine: each set of
intervals that don't overlap is grouped on its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import polars as pl
from msgspec import Struct

from kpicli.contexts import AliveOn, Days, Ever, Reach
from kpicli.engine.marks import holds, marks
from kpicli.engine.rows import NUMBER, PLACES, RowCompiler
from kpicli.engine.stretches import apart, placed, within
from kpicli.formula.typed import Type
from kpicli.plan.nodes import Aggregation, Ask, Cell, Members, OnDate, Replay
from kpicli.tables.scan import ROW

COMBINING: Final = frozenset({"count", "sum", "min", "max"})

Groups = dict[Reach, dict[Members, Cell]]


class Query(Struct, frozen=True):
    """A lazy query, and what takes its result."""

    frame: pl.LazyFrame
    read: Callable[[pl.DataFrame], None]
    sums: bool
    """Whether it adds up; what looks at values one beside the other is never faster when it is streamed."""


class _Layer(Struct, frozen=True):
    """Reaches of which a row can be in one at most."""

    reaches: tuple[Reach, ...]
    within: pl.Expr
    """False for most rows that are in none of them."""
    number: pl.Expr
    """Of the reach that a row is in; null: none."""


class _Groups(Struct, frozen=True):
    """The rows of a result: whose each is, and which belong to each segment."""

    members: list[Members]
    places: dict[int, list[int]]


def queries(aggregation: Aggregation, frame: pl.LazyFrame, rows: RowCompiler, cells: list[Groups]) -> Iterator[Query]:
    """The queries of an aggregation; reading their results fills `cells`, one mapping an ask."""
    if aggregation.only is not None:
        frame = frame.filter(rows.compile(aggregation.only))
    by = {f"by{i}": rows.compile(row) for i, row in enumerate(aggregation.by)}
    work = _Work(aggregation, frame, by, rows, cells)
    combining = [i for i, ask in enumerate(aggregation.asks) if ask.function in COMBINING]
    if combining:
        yield from work.combined(combining)
    alike: dict[object, list[int]] = defaultdict(list)
    for index, ask in enumerate(aggregation.asks):
        if ask.function not in COMBINING:
            alike[ask.function, ask.column, ask.where, frozenset(ask.reaches)].append(index)
    for indices in alike.values():
        yield from work.separate(indices)


class _Work(Struct, frozen=True):
    aggregation: Aggregation
    frame: pl.LazyFrame
    by: dict[str, pl.Expr]
    rows: RowCompiler
    cells: list[Groups]

    def counted(self, ask: Ask) -> pl.Expr:
        """Whether a row fulfils the ask's condition."""
        if ask.where is None:
            return pl.lit(value=True)
        return self.rows.typed(ask.where, Type.BOOLEAN).fill_null(value=False)

    # ---- what combines

    def combined(self, indices: Sequence[int]) -> Iterator[Query]:
        asks = [(i, self.aggregation.asks[i]) for i in indices]
        match self.aggregation.dating:
            case OnDate():
                yield self._by_segment(asks)
            case _:
                for layer in self._layers({reach for _, ask in asks for reach in ask.reaches}):
                    yield self._by_layer([(i, a) for i, a in asks if set(a.reaches) & set(layer.reaches)], layer)

    def _by_segment(self, asks: list[tuple[int, Ask]]) -> Query:
        """Grouped by the stretches of days between all edges; each interval is the sum of its stretches."""
        intervals = {reach for _, ask in asks for reach in ask.reaches if isinstance(reach, Days)}
        edges = sorted({edge for reach in intervals for edge in (reach.start, reach.end)})
        stretches = [Days(start, end) for start, end in pairwise(edges)]
        frame = self.frame.filter(within(self._day(), stretches))
        grouped = self._grouped(frame, placed(self._day(), stretches), asks)

        def read(result: pl.DataFrame) -> None:
            groups = self._groups(result)
            for (index, ask), values, rows in _columns(result, asks):
                for reach in ask.reaches:
                    assert isinstance(reach, Days)
                    inside = range(bisect_left(edges, reach.start), bisect_left(edges, reach.end))
                    pieces = [groups.places[number] for number in inside if number in groups.places]
                    self.cells[index][reach] = _together(ask.function, pieces, groups.members, values, rows)

        return Query(grouped, read, sums=True)

    def _by_layer(self, asks: list[tuple[int, Ask]], layer: _Layer) -> Query:
        grouped = self._grouped(self.frame.filter(layer.within), layer.number, asks)

        def read(result: pl.DataFrame) -> None:
            groups = self._groups(result)
            for (index, ask), values, rows in _columns(result, asks):
                for number, places in groups.places.items():
                    reach = layer.reaches[number]
                    if reach in ask.reaches:
                        self.cells[index][reach] = _together(ask.function, [places], groups.members, values, rows)

        return Query(grouped, read, sums=True)

    def _groups(self, result: pl.DataFrame) -> _Groups:
        members = list(zip(*(result[name].to_list() for name in self.by), strict=True)) or [()] * result.height
        places: dict[int, list[int]] = defaultdict(list)
        for at, number in enumerate(result["segment"].to_list()):
            places[number].append(at)
        return _Groups(members, places)

    def _grouped(self, frame: pl.LazyFrame, segment: pl.Expr, asks: list[tuple[int, Ask]]) -> pl.LazyFrame:
        """A row a group and segment, with a value and a row count for each ask."""
        if not self.by:
            return self._ungrouped(frame, segment, asks)
        keys = {"segment": segment, **self.by}
        columns: dict[str, pl.Expr] = {}
        aggregates: dict[str, pl.Expr] = {}
        for names, ask in zip(_named(asks), (ask for _, ask in asks), strict=True):
            columns[names.where] = self.counted(ask)
            aggregates[names.rows] = pl.col(names.where).sum().cast(pl.Int64)
            if ask.column is not None:
                columns[names.value] = self.rows.compile(ask.column)
                taken = pl.when(pl.col(names.where)).then(pl.col(names.value))
                aggregates[names.result] = _AGGREGATE[ask.function](taken)
        # A select of nothing but constants has one row, whatever the frame's height: ROW keeps it.
        frame = frame.select(ROW, **keys, **columns).filter(pl.col("segment").is_not_null())
        return frame.group_by(*keys).agg(**aggregates)

    def _ungrouped(self, frame: pl.LazyFrame, segment: pl.Expr, asks: list[tuple[int, Ask]]) -> pl.LazyFrame:
        """Likewise where all rows are one group.

        First those that fulfil the same conditions are added up. There are few kinds of them, so that many asks take
        little more time than their conditions do.
        """
        named = [(names, ask) for names, (_, ask) in zip(_named(asks), asks, strict=True)]
        wheres = {names.where: self.counted(ask) for names, ask in named}
        held = {where: holds(at) for at, where in enumerate(wheres)}
        values: dict[str, pl.Expr] = {}
        taken: dict[tuple[str, str], list[str]] = defaultdict(list)
        aggregates: dict[str, pl.Expr] = {}
        for names, ask in named:
            aggregates[names.rows] = pl.col("times").filter(held[names.where]).sum()
            if ask.column is not None:
                values[names.value] = self.rows.compile(ask.column)
                taken[ask.function, names.value].append(names.where)
                part = pl.col(f"{ask.function} {names.value}").filter(held[names.where])
                aggregates[names.result] = _AGGREGATE["sum" if ask.function == "count" else ask.function](part)
        # A value that nothing is to be made of could make a sum larger than a decimal holds.
        parts = {
            f"{function} {value}": _AGGREGATE[function](pl.when(pl.any_horizontal(of)).then(pl.col(value)))
            for (function, value), of in taken.items()
        }
        frame = frame.select(ROW, segment=segment, **wheres, **values).filter(pl.col("segment").is_not_null())
        kinds = frame.group_by("segment", *marks(list(wheres))).agg(times=pl.len().cast(pl.Int64), **parts)
        return kinds.group_by("segment").agg(**aggregates)

    # ---- what doesn't

    def separate(self, indices: Sequence[int]) -> Iterator[Query]:
        """Of asks that look at the same values."""
        ask = self.aggregation.asks[indices[0]]
        assert ask.column is not None
        for layer in self._layers(set(ask.reaches)):
            frame = self.frame.filter(layer.within & self.counted(ask))
            columns = {"segment": layer.number, **self.by, "value": self.rows.compile(ask.column)}
            frame = frame.select(**columns).filter(pl.col("segment").is_not_null())
            keys = ["segment", *self.by]
            if ask.function == "count_distinct":
                yield Query(_distinct(frame, keys), self._reader(dict.fromkeys(indices, _different), layer), sums=False)
            else:
                places = {index: _place(self.aggregation.asks[index]) for index in indices}
                readers = {index: _percentile(index, place) for index, place in places.items()}
                yield Query(_neighbours(frame, keys, places), self._reader(readers, layer), sums=False)

    def _reader(
        self, found: Mapping[int, Callable[[pl.DataFrame], list[Any]]], layer: _Layer
    ) -> Callable[[pl.DataFrame], None]:
        def read(result: pl.DataFrame) -> None:
            groups = self._groups(result)
            members = groups.members
            rows = result["rows"].to_list()
            for index, values_of in found.items():
                values = values_of(result)
                for number, places in groups.places.items():
                    self.cells[index][layer.reaches[number]] = {
                        members[at]: Cell(values[at], rows[at]) for at in places
                    }

        return read

    # ---- reaches

    def _day(self) -> pl.Expr:
        assert isinstance(self.aggregation.dating, OnDate)
        return self.rows.compile(self.aggregation.dating.field)

    def _layers(self, reaches: Iterable[Reach]) -> Iterator[_Layer]:
        """The reaches in as few layers as keep those of one layer apart."""
        first = pl.lit(0, dtype=pl.Int32)
        match self.aggregation.dating:
            case OnDate():
                for layer in apart([reach for reach in reaches if isinstance(reach, Days)]):
                    yield _Layer(tuple(layer), within(self._day(), layer), placed(self._day(), layer))
            case Replay(since=since, until=until):
                start, end = self.rows.compile(since), self.rows.compile(until)
                for reach in sorted((reach for reach in reaches if isinstance(reach, AliveOn)), key=lambda r: r.day):
                    yield _Layer((reach,), (start <= reach.day) & (end.is_null() | (end > reach.day)), first)
            case _:
                yield _Layer((Ever(),), pl.lit(value=True), first)


class _Names(Struct, frozen=True):
    """The columns of one ask: asks with the same condition, field or both share them."""

    where: str
    value: str
    rows: str
    result: str
    """For a count of rows, `rows` itself."""


def _named(asks: Iterable[tuple[int, Ask]]) -> list[_Names]:
    numbers: dict[object, int] = {}

    def number(*parts: object) -> int:
        return numbers.setdefault(parts, len(numbers))

    found = []
    for _, ask in asks:
        rows = f"rows{number(ask.where)}"
        result = rows if ask.column is None else f"result{number(ask.function, ask.column, ask.where)}"
        found.append(_Names(f"where{number(ask.where)}", f"value{number('value', ask.column)}", rows, result))
    return found


_AGGREGATE: Final[dict[str, Callable[[pl.Expr], pl.Expr]]] = {
    "count": lambda value: value.count().cast(pl.Int64),
    # Of nothing but nulls it has no value: that is 0 as a figure, and no target.
    "sum": lambda value: pl.when(value.count() > 0).then(value.sum()),
    "min": lambda value: value.min(),
    "max": lambda value: value.max(),
}


def _columns(
    result: pl.DataFrame, asks: list[tuple[int, Ask]]
) -> Iterator[tuple[tuple[int, Ask], list[Any], list[int]]]:
    """For each ask its values and its numbers of rows."""
    for ask, names in zip(asks, _named(asks), strict=True):
        yield ask, result[names.result].to_list(), result[names.rows].to_list()


def _together(
    function: str, pieces: Sequence[list[int]], members: list[Members], values: list[Any], rows: list[int]
) -> dict[Members, Cell]:
    """The segments of one interval as one; `pieces` has the places of each."""
    if len(pieces) == 1:
        return {members[at]: Cell(values[at], rows[at]) for at in pieces[0] if rows[at]}
    combine = _COMBINE[function]
    together: dict[Members, tuple[Any, int]] = {}
    for at in (at for piece in pieces for at in piece if rows[at]):
        whose, value = members[at], values[at]
        known = together.get(whose)
        if known is None:
            together[whose] = (value, rows[at])
        else:
            before = known[0]
            both = value if before is None else before if value is None else combine(before, value)
            together[whose] = (both, known[1] + rows[at])
    return {whose: Cell(value, count) for whose, (value, count) in together.items()}


_EXACT: Final = Context(prec=60)


def _add(a: int | Decimal, b: int | Decimal) -> int | Decimal:
    return _EXACT.add(a, b) if isinstance(a, Decimal) else int(a + b)


_COMBINE: dict[str, Callable[[Any, Any], Any]] = {"count": _add, "sum": _add, "min": min, "max": max}


def _distinct(frame: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """Different values a group; the rows are those that fulfil the condition, with a value or not."""
    different = pl.col("value").drop_nulls().n_unique().cast(pl.Int64)
    return frame.group_by(keys).agg(different.alias("distinct"), pl.len().cast(pl.Int64).alias("rows"))


def _different(result: pl.DataFrame) -> list[Any]:
    return result["distinct"].to_list()


def _place(ask: Ask) -> Fraction:
    assert ask.argument is not None
    return Fraction(ask.argument) / 100


def _neighbours(frame: pl.LazyFrame, keys: list[str], places: Mapping[int, Fraction]) -> pl.LazyFrame:
    """The two values between which each percentile lies, and how many there are; the values are sorted once."""
    value = pl.col("value").drop_nulls()
    ordered = frame.group_by(keys).agg(
        value.sort().alias("ordered"),
        value.len().cast(pl.Int64).alias("values"),
        pl.len().cast(pl.Int64).alias("rows"),
    )
    neighbours = {}
    for index, place in places.items():
        below = ((pl.col("values") - 1) * place.numerator) // place.denominator
        neighbours[f"low{index}"] = pl.col("ordered").list.get(below, null_on_oob=True)
        neighbours[f"high{index}"] = pl.col("ordered").list.get(below + 1, null_on_oob=True)
    return ordered.select(*keys, "values", "rows", **neighbours)


def _percentile(index: int, place: Fraction) -> Callable[[pl.DataFrame], list[Any]]:
    def values(result: pl.DataFrame) -> list[Any]:
        # In units of the last place, since fractions of whole numbers are made in a fifth of the time.
        low, high = (result[f"{name}{index}"].cast(NUMBER).to_physical().to_list() for name in ("low", "high"))
        return list(map(between, low, high, result["values"].to_list()))

    def between(low: int | None, high: int | None, count: int) -> Fraction | None:
        if low is None:
            return None
        part = (count - 1) * place.numerator % place.denominator
        rise = 0 if high is None else (high - low) * part
        return Fraction(low * place.denominator + rise, place.denominator * 10**PLACES)

    return values
