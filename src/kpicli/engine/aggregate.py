"""One aggregation of a plan in Polars: lazy queries out, cells back.

Counts, sums and extremes combine, so they are grouped once by the segments that the edges of all asked intervals cut
the days into, and put together again for each interval. Distinct counts and percentiles don't combine: each set of
intervals that don't overlap is grouped on its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl
from msgspec import Struct

from kpicli.contexts import AliveOn, Days, Ever, Reach
from kpicli.engine.rows import RowCompiler
from kpicli.formula.typed import Type
from kpicli.plan.nodes import Aggregation, Ask, Cell, Members, OnDate, Replay
from kpicli.tables.scan import ROW

COMBINING: Final = frozenset({"count", "sum", "min", "max"})

Groups = dict[Reach, dict[Members, Cell]]


class Query(Struct, frozen=True):
    """A lazy query, and what takes its result."""

    frame: pl.LazyFrame
    read: Callable[[pl.DataFrame], None]


class _Layer(Struct, frozen=True):
    """Reaches of which a row can be in one at most, and the number of that one (null: none)."""

    reaches: tuple[Reach, ...]
    number: pl.Expr


def queries(aggregation: Aggregation, frame: pl.LazyFrame, rows: RowCompiler, cells: list[Groups]) -> Iterator[Query]:
    """The queries of an aggregation; reading their results fills `cells`, one mapping an ask."""
    if aggregation.only is not None:
        frame = frame.filter(rows.compile(aggregation.only))
    by = {f"by{i}": rows.compile(row) for i, row in enumerate(aggregation.by)}
    work = _Work(aggregation, frame, by, rows, cells)
    combining = [i for i, ask in enumerate(aggregation.asks) if ask.function in COMBINING]
    if combining:
        yield from work.combined(combining)
    for index, ask in enumerate(aggregation.asks):
        if ask.function not in COMBINING:
            yield from work.separate(index, ask)


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
        day = self._day()
        segment = pl.sum_horizontal([(day >= edge).cast(pl.Int32) for edge in edges[1:]]) if edges[1:] else pl.lit(0)
        frame = self.frame.filter((day >= edges[0]) & (day < edges[-1]))
        grouped = self._grouped(frame, segment.alias("segment"), asks)

        def read(result: pl.DataFrame) -> None:
            partial: dict[int, dict[int, dict[Members, tuple[Any, int]]]] = defaultdict(lambda: defaultdict(dict))
            for number, members, values in self._decoded(result, asks, "segment"):
                for (index, _), value in zip(asks, values, strict=True):
                    if value[1]:
                        partial[index][number][members] = value
            for index, ask in asks:
                for reach in ask.reaches:
                    assert isinstance(reach, Days)
                    inside = range(bisect_left(edges, reach.start), bisect_left(edges, reach.end))
                    pieces = (partial[index][number] for number in inside if number in partial[index])
                    self.cells[index][reach] = _together(ask.function, pieces)

        return Query(grouped, read)

    def _by_layer(self, asks: list[tuple[int, Ask]], layer: _Layer) -> Query:
        grouped = self._grouped(self.frame, layer.number.alias("segment"), asks)

        def read(result: pl.DataFrame) -> None:
            for number, members, values in self._decoded(result, asks, "segment"):
                for (index, ask), (value, count) in zip(asks, values, strict=True):
                    reach = layer.reaches[number]
                    if count and reach in ask.reaches:
                        self.cells[index].setdefault(reach, {})[members] = Cell(value, count)

        return Query(grouped, read)

    def _grouped(self, frame: pl.LazyFrame, segment: pl.Expr, asks: list[tuple[int, Ask]]) -> pl.LazyFrame:
        """A row a group and segment, with a value and a row count for each ask."""
        keys = {"segment": segment, **self.by}
        columns: dict[str, pl.Expr] = {}
        aggregates: dict[str, pl.Expr] = {}
        for names, ask in zip(_named(asks), (ask for _, ask in asks), strict=True):
            columns[names.where] = self.counted(ask)
            aggregates[names.rows] = pl.col(names.where).sum().cast(pl.Int64)
            if ask.column is not None:
                columns[names.value] = self.rows.compile(ask.column)
                aggregates[names.result] = _aggregate(names, ask)
        # A select of nothing but constants has one row, whatever the frame's height: ROW keeps it.
        frame = frame.select(ROW, **keys, **columns).filter(pl.col("segment").is_not_null())
        return frame.group_by(*keys).agg(**aggregates)

    def _decoded(
        self, result: pl.DataFrame, asks: list[tuple[int, Ask]], segment: str
    ) -> Iterator[tuple[int, Members, list[tuple[Any, int]]]]:
        """Segment and members of each group, and for each ask its value and its rows."""
        places = {name: at for at, name in enumerate(result.columns)}
        pairs = [(places[names.result], places[names.rows]) for names in _named(asks)]
        by = [places[name] for name in self.by]
        for row in result.iter_rows():
            yield row[places[segment]], tuple(row[at] for at in by), [(row[at], row[rows]) for at, rows in pairs]

    # ---- what doesn't

    def separate(self, index: int, ask: Ask) -> Iterator[Query]:
        assert ask.column is not None
        for layer in self._layers(set(ask.reaches)):
            columns = {"segment": layer.number, **self.by, "value": self.rows.compile(ask.column)}
            frame = self.frame.filter(self.counted(ask)).select(**columns).filter(pl.col("segment").is_not_null())
            keys = ["segment", *self.by]
            if ask.function == "count_distinct":
                yield Query(_distinct(frame, keys), self._reader(index, layer, _count))
            else:
                assert ask.argument is not None
                place = Fraction(ask.argument) / 100
                yield Query(_neighbours(frame, keys, place), self._reader(index, layer, _interpolation(place)))

    def _reader(
        self, index: int, layer: _Layer, value: Callable[[dict[str, Any]], object]
    ) -> Callable[[pl.DataFrame], None]:
        def read(result: pl.DataFrame) -> None:
            for row in result.iter_rows(named=True):
                members = tuple(row[name] for name in self.by)
                reach = layer.reaches[row["segment"]]
                self.cells[index].setdefault(reach, {})[members] = Cell(value(row), row["rows"])

        return read

    # ---- reaches

    def _day(self) -> pl.Expr:
        assert isinstance(self.aggregation.dating, OnDate)
        return self.rows.compile(self.aggregation.dating.field)

    def _layers(self, reaches: Iterable[Reach]) -> Iterator[_Layer]:
        """The reaches in as few layers as keep those of one layer apart."""
        match self.aggregation.dating:
            case OnDate():
                for apart in _apart([reach for reach in reaches if isinstance(reach, Days)]):
                    yield _Layer(tuple(apart), _numbered([_within(self._day(), reach) for reach in apart]))
            case Replay(since=since, until=until):
                start, end = self.rows.compile(since), self.rows.compile(until)
                for reach in sorted((reach for reach in reaches if isinstance(reach, AliveOn)), key=lambda r: r.day):
                    alive = (start <= reach.day) & (end.is_null() | (end > reach.day))
                    yield _Layer((reach,), _numbered([alive]))
            case _:
                yield _Layer((Ever(),), pl.lit(0, dtype=pl.Int32))


def _within(day: pl.Expr, reach: Days) -> pl.Expr:
    return (day >= reach.start) & (day < reach.end)


def _numbered(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """The number of the condition that holds; null where none does."""
    number = pl.lit(None, dtype=pl.Int32)
    for index, condition in enumerate(conditions):
        number = pl.when(condition).then(pl.lit(index, dtype=pl.Int32)).otherwise(number)
    return number


def _apart(reaches: Iterable[Days]) -> list[list[Days]]:
    layers: list[list[Days]] = []
    for reach in sorted(reaches, key=lambda r: (r.start, r.end)):
        for layer in layers:
            if layer[-1].end <= reach.start:
                layer.append(reach)
                break
        else:
            layers.append([reach])
    return layers


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


def _aggregate(names: _Names, ask: Ask) -> pl.Expr:
    where, value = pl.col(names.where), pl.col(names.value)
    match ask.function:
        case "count":
            return (where & value.is_not_null()).sum().cast(pl.Int64)
        case "sum":
            return value.filter(where).sum()
        case "min":
            return value.filter(where).min()
        case _:
            return value.filter(where).max()


def _together(function: str, pieces: Iterable[dict[Members, tuple[Any, int]]]) -> dict[Members, Cell]:
    """The segments of one interval as one."""
    combine = _COMBINE[function]
    together: dict[Members, tuple[Any, int]] = {}
    for piece in pieces:
        for members, (value, rows) in piece.items():
            known = together.get(members)
            if known is None:
                together[members] = (value, rows)
            else:
                before = known[0]
                both = value if before is None else before if value is None else combine(before, value)
                together[members] = (both, known[1] + rows)
    return {members: Cell(value, rows) for members, (value, rows) in together.items()}


_EXACT: Final = Context(prec=60)


def _add(a: int | Decimal, b: int | Decimal) -> int | Decimal:
    return _EXACT.add(a, b) if isinstance(a, Decimal) else int(a + b)


_COMBINE: dict[str, Callable[[Any, Any], Any]] = {"count": _add, "sum": _add, "min": min, "max": max}


def _distinct(frame: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    """Different values a group; the rows are those that fulfil the condition, with a value or not."""
    different = pl.col("value").drop_nulls().n_unique().cast(pl.Int64)
    return frame.group_by(keys).agg(different.alias("distinct"), pl.len().cast(pl.Int64).alias("rows"))


def _count(row: dict[str, Any]) -> object:
    return row["distinct"]


def _neighbours(frame: pl.LazyFrame, keys: list[str], place: Fraction) -> pl.LazyFrame:
    """The two values between which a percentile lies, and how many there are."""
    value = pl.col("value").drop_nulls()
    below = ((value.len().cast(pl.Int64) - 1) * place.numerator) // place.denominator
    ordered = value.sort()
    return frame.group_by(keys).agg(
        ordered.get(below, null_on_oob=True).alias("low"),
        ordered.get(below + 1, null_on_oob=True).alias("high"),
        value.len().cast(pl.Int64).alias("values"),
        pl.len().cast(pl.Int64).alias("rows"),
    )


def _interpolation(place: Fraction) -> Callable[[dict[str, Any]], object]:
    def value(row: dict[str, Any]) -> object:
        count = row["values"]
        if count == 0:
            return None
        exact = (count - 1) * place
        low = Fraction(row["low"])
        high = Fraction(row["high"]) if row["high"] is not None else low
        return low + (high - low) * (exact - exact.numerator // exact.denominator)

    return value
