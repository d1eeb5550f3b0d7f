"""Aggregations: what Polars gives back is what a loop over the rows gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicli.contexts import Days
from kpicli.engine.aggregate import Groups, queries
from kpicli.engine.collecting import collected
from kpicli.engine.rows import NUMBER, RowCompiler
from kpicli.engine.stretches import apart, placed
from kpicli.formula.typed import Field, Literal, Row, RowOperation, Type
from kpicli.periods import Calendar
from kpicli.plan.nodes import Aggregation, Ask, Cell, OnDate
from kpicli.tables.scan import ROW

FIRST = date(2026, 1, 1)
SCHEMA: dict[str, Any] = {ROW: pl.UInt32, "day": pl.Date, "owner": pl.String, "n": NUMBER, "s": pl.String}
N, S, DAY, OWNER = Field(("n",), Type.NUMBER), Field(("s",), Type.TEXT), Field(("day",), Type.DATE), ("owner",)

days = st.integers(0, 12).map(lambda at: FIRST + timedelta(at))
tables = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.none() | days,
            "owner": st.none() | st.sampled_from("ab"),
            "n": st.none() | st.decimals(-20, 20, places=1),
            "s": st.none() | st.sampled_from("xyz"),
        }
    ),
    max_size=12,
)
reaches = st.builds(
    lambda start, length: Days(FIRST + timedelta(start), FIRST + timedelta(start + length)),
    st.integers(0, 11),
    st.integers(1, 12),
)
conditions = st.none() | st.builds(
    lambda name, number: RowOperation(name, (N, Literal(Decimal(number), Type.NUMBER)), Type.BOOLEAN),
    st.sampled_from(["<", ">=", "="]),
    st.integers(-20, 20),
)
asks = st.builds(
    lambda function, where, place, reaches: Ask(
        function,
        S if function == "count_distinct" else N,
        where,
        Decimal(place) if function == "percentile" else None,
        tuple(reaches),
    ),
    st.sampled_from(["count", "sum", "min", "max", "count_distinct", "percentile"]),
    conditions,
    st.sampled_from([0, 30, 50, 100]),
    st.lists(reaches, min_size=1, max_size=4, unique=True),
)


def run(
    aggregation: Aggregation, rows: Sequence[Mapping[str, Any]], *, streamed: bool, text: pl.DataType | None = None
) -> list[Groups]:
    frame = pl.DataFrame([{ROW: at, **row} for at, row in enumerate(rows)], schema=SCHEMA)
    if text is not None:
        frame = frame.cast({"owner": text, "s": text})
    cells: list[Groups] = [{} for _ in aggregation.asks]
    work = list(queries(aggregation, frame.lazy(), RowCompiler(FIRST, Calendar()), cells))
    for query, result in zip(work, collected([query.frame for query in work], streamed=streamed), strict=True):
        query.read(result)
    return cells


def by_loop(ask: Ask, by: tuple[Row, ...], rows: Sequence[Mapping[str, Any]]) -> Groups:
    found: Groups = {}
    for reach in ask.reaches:
        taken: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for row in rows:
            if row["day"] is not None and reach.start <= row["day"] < reach.end and _fulfils(ask.where, row):  # type: ignore[union-attr]  # all reaches here are days
                taken[(row["owner"],) if by else ()].append(row["s" if ask.function == "count_distinct" else "n"])
        if taken:
            found[reach] = {members: Cell(_value(ask, values), len(values)) for members, values in taken.items()}
    return found


def _fulfils(where: Row | None, row: Mapping[str, Any]) -> bool:
    if where is None:
        return True
    assert isinstance(where, RowOperation)
    assert isinstance(where.arguments[1], Literal)
    number: Any = where.arguments[1].value
    if row["n"] is None:
        return False
    return bool({"<": row["n"] < number, ">=": row["n"] >= number, "=": row["n"] == number}[where.name])


def _value(ask: Ask, values: Sequence[Any]) -> object:
    present = sorted(value for value in values if value is not None)
    match ask.function:
        case "count":
            return len(present)
        case "sum":
            return sum(present, Decimal(0)) if present else None
        case "min":
            return min(present, default=None)
        case "max":
            return max(present, default=None)
        case "count_distinct":
            return len(set(present))
        case _:
            if not present:
                return None
            assert ask.argument is not None
            place = (len(present) - 1) * Fraction(ask.argument) / 100
            low, high = present[int(place)], present[min(int(place) + 1, len(present) - 1)]
            return Fraction(low) + (Fraction(high) - Fraction(low)) * (place - int(place))


@pytest.mark.parametrize("text", [pl.String(), pl.Categorical(pl.Categories.random())], ids=["texts", "words"])
@pytest.mark.parametrize("streamed", [False, True])
@given(tables, st.lists(asks, min_size=1, max_size=20), st.booleans())
@settings(max_examples=60)
def test_cells_are_those_of_a_loop(
    streamed: bool,
    text: pl.DataType,
    rows: list[dict[str, Any]],
    drawn: list[Ask],
    by_owner: bool,
) -> None:
    by = (Field(OWNER, Type.TEXT),) if by_owner else ()
    aggregation = Aggregation("deals", OnDate(DAY), by, None, tuple(drawn))
    found = run(aggregation, rows, streamed=streamed, text=text)
    expected = [by_loop(ask, by, rows) for ask in drawn]
    assert [{reach: cells for reach, cells in groups.items() if cells} for groups in found] == expected


def test_many_conditions_each_take_their_own_rows() -> None:
    """More of them than one column of marks holds."""
    rows = [{"day": FIRST, "owner": "a", "n": Decimal(at), "s": "x"} for at in range(40)]
    reach = Days(FIRST, FIRST + timedelta(1))
    wheres = [RowOperation("<", (N, Literal(Decimal(at), Type.NUMBER)), Type.BOOLEAN) for at in range(40)]
    drawn = tuple(Ask("sum", N, where, None, (reach,)) for where in wheres)
    found = run(Aggregation("deals", OnDate(DAY), (), None, drawn), rows, streamed=True)
    assert [groups[reach].get(()) for groups in found] == [
        Cell(Decimal(sum(range(at))), at) if at else None for at in range(40)
    ]


def test_percentiles_of_the_same_rows_each_have_their_own_place() -> None:
    rows = [{"day": FIRST, "owner": "a", "n": Decimal(at), "s": "x"} for at in range(11)]
    reach = Days(FIRST, FIRST + timedelta(1))
    drawn = tuple(Ask("percentile", N, None, Decimal(place), (reach,)) for place in (0, 25, 90, 100))
    found = run(Aggregation("deals", OnDate(DAY), (), None, drawn), rows, streamed=False)
    assert [groups[reach][()] for groups in found] == [
        Cell(Fraction(value), 11) for value in (0, Fraction(5, 2), 9, 10)
    ]


def test_amounts_that_no_ask_takes_are_not_added_up() -> None:
    """Their sum would be more than a decimal holds."""
    huge = Decimal(8) * 10**31
    rows = [{"day": FIRST, "owner": "a", "n": n, "s": s} for n, s in [(huge, "x"), (huge, "x"), (Decimal(5), "y")]]
    reach = Days(FIRST, FIRST + timedelta(1))
    others, own = (RowOperation("=", (S, Literal(text, Type.TEXT)), Type.BOOLEAN) for text in "xy")
    drawn = (Ask("count", N, others, None, (reach,)), Ask("sum", N, own, None, (reach,)))
    found = run(Aggregation("deals", OnDate(DAY), (), None, drawn), rows, streamed=True)
    assert [groups[reach][()] for groups in found] == [Cell(2, 2), Cell(Decimal(5), 1)]


@given(st.lists(reaches, max_size=60), st.lists(st.none() | days))
def test_a_day_is_placed_in_the_stretch_that_holds_it(drawn: list[Days], asked: list[date | None]) -> None:
    for layer in apart(drawn):
        frame = pl.DataFrame({"day": asked}, schema={"day": pl.Date})
        expected = [
            next((at for at, reach in enumerate(layer) if day is not None and reach.start <= day < reach.end), None)
            for day in asked
        ]
        assert frame.select(placed(pl.col("day"), layer)).to_series().to_list() == expected


@pytest.mark.parametrize("function", ["count", "sum", "count_distinct", "percentile"])
def test_an_ask_that_stands_twice_is_answered_twice(function: str) -> None:
    rows = [{"day": FIRST, "owner": "a", "n": Decimal(at), "s": "xy"[at % 2]} for at in range(4)]
    reach = Days(FIRST, FIRST + timedelta(1))
    ask = Ask(function, S if function == "count_distinct" else N, None, Decimal(50), (reach,))
    first, second = run(Aggregation("deals", OnDate(DAY), (), None, (ask, ask)), rows, streamed=False)
    assert (
        first[reach]
        == second[reach]
        == {(): Cell(_value(ask, [row["s" if ask.column == S else "n"] for row in rows]), 4)}
    )
