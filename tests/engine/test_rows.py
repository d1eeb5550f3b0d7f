"""Row expressions: what Polars gives for a column is what plain Python over exact numbers gives for each row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicli.contexts import Absent
from kpicli.engine.rows import NUMBER, RowCompiler
from kpicli.formula.functions import FUNCTIONS
from kpicli.formula.typed import AsOf, Field, FigureOperation, Literal, Row, RowOperation, Type
from kpicli.periods import Calendar, Grain
from kpicli.score.arithmetic import exact, operate

AS_OF = date(2026, 11, 22)
CALENDAR = Calendar(week_starts=2, fiscal_year_starts=2)
COLUMNS = {"n": Type.NUMBER, "m": Type.NUMBER, "s": Type.TEXT, "t": Type.TEXT, "b": Type.BOOLEAN, "d": Type.DATE}
SCHEMA: dict[str, Any] = {"n": NUMBER, "m": NUMBER, "s": pl.String, "t": pl.String, "b": pl.Boolean, "d": pl.Date}

numbers = st.decimals(-1000, 1000, places=3) | st.sampled_from([Decimal(0), Decimal("0.5"), Decimal("-2.5")])
texts = st.text("aAbB%_. éΣς", max_size=4)
dates = st.dates(date(2023, 12, 1), date(2027, 3, 1))
tables = st.lists(
    st.fixed_dictionaries(
        {
            name: st.none() | {"n": numbers, "m": numbers, "s": texts, "t": texts, "b": st.booleans(), "d": dates}[name]
            for name in COLUMNS
        }
    ),
    max_size=6,
)


def operation(name: str, kind: Type, *arguments: st.SearchStrategy[Row]) -> st.SearchStrategy[Row]:
    return st.tuples(*arguments).map(lambda parts: RowOperation(name, parts, kind))


def columns(kind: Type) -> st.SearchStrategy[Row]:
    return st.sampled_from([Field((name,), of) for name, of in COLUMNS.items() if of is kind])


def literals(kind: Type) -> st.SearchStrategy[Row]:
    drawn: dict[Type, st.SearchStrategy[Any]] = {
        Type.NUMBER: numbers,
        Type.TEXT: texts,
        Type.BOOLEAN: st.booleans(),
        Type.DATE: dates,
    }
    return drawn[kind].map(lambda value: Literal(value, kind)) | st.just(Literal(None, Type.NULL))


def _later(kind: Type, depth: int) -> st.SearchStrategy[Row]:
    return st.deferred(lambda: rows(kind, depth))


def rows(kind: Type, depth: int) -> st.SearchStrategy[Row]:
    leaves = columns(kind) | literals(kind)
    if kind is Type.DATE:
        leaves |= st.just(AsOf())
    if depth == 0:
        return leaves
    kinds = (Type.NUMBER, Type.TEXT, Type.BOOLEAN, Type.DATE)
    n, s, b, d = (_later(of, depth - 1) for of in kinds)
    any_ = {Type.NUMBER: n, Type.TEXT: s, Type.BOOLEAN: b, Type.DATE: d}
    own = any_[kind]
    grown = [
        operation("case", kind, b, own, b, own, own),
        operation("if", kind, b, own, own),
        operation("coalesce", kind, own, own),
        operation("nullif", kind, own, own),
    ]
    if kind is not Type.BOOLEAN:
        grown += [operation(name, kind, own, own, own) for name in ("least", "greatest")]
    if kind is Type.NUMBER:
        grown += [operation(name, kind, n, n) for name in ("+", "-")]
        # One product or quotient deep: more would leave the 18 places that a formula carries.
        grown += [operation(name, kind, columns(kind), columns(kind)) for name in ("*", "/")]
        grown += [operation(name, kind, n) for name in ("negate", "abs", "floor", "ceil")]
        grown += [
            st.tuples(n, st.integers(-2, 7)).map(
                lambda p: RowOperation("round", (p[0], Literal(Decimal(p[1]), Type.NUMBER)), Type.NUMBER)
            ),
            operation("days_between", kind, d, d),
            operation("length", kind, s),
            *(operation(name, kind, d) for name in ("year", "quarter", "month", "day")),
        ]
    if kind is Type.TEXT:
        grown += [operation(name, kind, s) for name in ("lower", "upper", "trim")]
        grown += [
            operation("concat", kind, s, n, b, d),
            operation("replace", kind, s, s, s),
            operation("weekday", kind, d),
        ]
    if kind is Type.DATE:
        whole = st.integers(-400, 400).map(lambda days: Literal(Decimal(days), Type.NUMBER))
        grown += [operation("add_days", kind, d, whole | columns(Type.NUMBER))]
        grown += [
            st.tuples(st.sampled_from(["start_of", "end_of"]), d, st.sampled_from(list(Grain)[1:])).map(
                lambda p: RowOperation(p[0], (p[1],), Type.DATE, p[2])
            )
        ]
    if kind is Type.BOOLEAN:
        pairs = [(o, o) for o in (n, s, d)]
        grown += [operation(name, kind, *pair) for name in ("=", "!=", "<", "<=", ">", ">=") for pair in pairs]
        grown += [operation(name, kind, b, b) for name in ("and", "or", "=", "!=")]
        grown += [operation("not", kind, b), operation("is_null", kind, n), operation("is_null", kind, s)]
        grown += [operation("in", kind, o, o, o) for o in (n, s, b, d)]
        grown += [operation("between", kind, o, o, o) for o in (n, s, d)]
        grown += [operation(name, kind, s, texts.map(lambda t: Literal(t, Type.TEXT))) for name in ("like", "ilike")]
        grown += [operation(name, kind, s, s) for name in ("contains", "starts_with", "ends_with")]
    return leaves | st.one_of(grown)


def by_hand(row: Row, record: dict[str, Any]) -> Any:
    """The value of a row expression over one record, in plain Python; None is null."""
    match row:
        case Field(path=(name,)):
            return exact(record[name])
        case Literal(value=value):
            return exact(value)
        case AsOf():
            return AS_OF
        case RowOperation(name="start_of" | "end_of" as name, arguments=(item,), unit=unit):
            day = by_hand(item, record)
            if day is None or unit is None:
                return None
            period = CALENDAR.period_of(unit, day)
            return period.start if name == "start_of" else date.fromordinal(period.end.toordinal() - 1)
        case RowOperation(name=name, arguments=arguments):
            values = [by_hand(argument, record) for argument in arguments]
            if name == "/" and values[1] == 0:
                return None
            absent = [Absent("null") if value is None else value for value in values]
            if name in FUNCTIONS:
                found = FUNCTIONS[name].apply(values)
            else:
                found = operate(FigureOperation(name, (Literal(None, Type.NULL),) * len(values), row.type))(absent)
                found = None if isinstance(found, Absent) else found
            return at_six_places(found)
        case _:
            raise AssertionError(row)


def at_six_places(value: Any) -> Any:
    if isinstance(value, Fraction):
        return FUNCTIONS["round"].apply([value, 6])
    return value


@settings(max_examples=100)
@given(st.data(), tables, st.sampled_from([Type.NUMBER, Type.TEXT, Type.BOOLEAN, Type.DATE]))
def test_a_column_is_what_plain_python_makes_of_each_row(
    data: st.DataObject, table: list[dict[str, Any]], kind: Type
) -> None:
    row = data.draw(rows(kind, depth=3))
    frame = pl.DataFrame(table, schema=SCHEMA).with_row_index("row")
    compiled = RowCompiler(AS_OF, CALENDAR).typed(row, kind)
    # As the engine derives a field: of what is the same in every row Polars may make one row.
    derived = pl.when(pl.col("row").is_not_null()).then(compiled)
    found = [exact(value) for value in frame.with_columns(derived.alias("result"))["result"]]
    assert found == [by_hand(row, record) for record in table]


@pytest.mark.parametrize("name", ["contains", "starts_with", "ends_with"])
def test_nothing_may_be_searched_for_something_in_a_table_without_rows(name: str) -> None:
    row = RowOperation(name, (Literal(None, Type.NULL), Field(("s",), Type.TEXT)), Type.BOOLEAN)
    compiled = RowCompiler(AS_OF, CALENDAR).typed(row, Type.BOOLEAN)
    assert pl.DataFrame(schema=SCHEMA).with_columns(result=compiled)["result"].to_list() == []


@pytest.mark.parametrize("sign", ["=", "!=", "<", "<=", ">", ">="])
def test_a_constant_may_stand_before_what_is_the_same_in_every_row(sign: str) -> None:
    """Polars' comparison of the two has one row, whatever the frame's height."""
    same = RowOperation(
        "if", (Field(("b",), Type.BOOLEAN), Field(("s",), Type.TEXT), Literal("a", Type.TEXT)), Type.TEXT
    )
    row = RowOperation(sign, (Literal("a", Type.TEXT), same), Type.BOOLEAN)
    records: list[dict[str, Any]] = [dict.fromkeys(SCHEMA), dict.fromkeys(SCHEMA)]
    frame = pl.DataFrame(records, schema=SCHEMA)
    compiled = RowCompiler(AS_OF, CALENDAR).typed(row, Type.BOOLEAN)
    assert frame.with_columns(result=compiled)["result"].to_list() == [by_hand(row, record) for record in records]
