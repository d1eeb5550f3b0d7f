"""Row expressions in Polars: three-valued logic, exact decimals.

Numbers are Decimal(38, 6) as columns and as results. Within one formula products and quotients are carried to 18
places and rounded to 6, halves away from zero, where their value is compared, passed to a function, or kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

import polars as pl
from msgspec import Struct

from kpicli.formula.functions import FUNCTIONS, Takes
from kpicli.formula.typed import AsOf, Field, Literal, Row, RowOperation, Type
from kpicli.periods import Calendar, Grain

PLACES: Final = 6
_CARRIED: Final = 18
NUMBER: Final = pl.Decimal(38, PLACES)
DTYPES: Final[dict[Type, pl.DataType]] = {
    Type.NUMBER: NUMBER,
    Type.TEXT: pl.String(),
    Type.BOOLEAN: pl.Boolean(),
    Type.DATE: pl.Date(),
    Type.NULL: pl.Null(),
}
_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "negate"})
_CHOOSING: Final = frozenset({"if", "case", "coalesce", "nullif", "least", "greatest"})
_COMPARED_ONE_BY_ONE: Final = 8
"""A column is compared with so many texts one after the other in less time than it is looked up in a set of them."""
_NULL: Final = Literal(None, Type.NULL)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def rounded(expression: pl.Expr, places: int = PLACES) -> pl.Expr:
    """A decimal rounded half away from zero, as Decimal(38, 6)."""
    return expression.round(places, mode="half_away_from_zero").cast(NUMBER)


class RowCompiler(Struct, frozen=True):
    """Compiles row expressions of one report."""

    as_of: date
    calendar: Calendar

    def compile(self, row: Row) -> pl.Expr:
        """The expression, of the type that the row has."""
        match row:
            case Field(path=path):
                return pl.col(".".join(path))
            case AsOf():
                return pl.lit(self.as_of, dtype=pl.Date)
            case Literal(value=Decimal() as number):
                return _number(number)
            case Literal(value=value, type=kind):
                return pl.lit(value, dtype=DTYPES[kind])
            case RowOperation(name=name) if name in _ARITHMETIC:
                return rounded(self._carried(row))
            case RowOperation():
                return self._operation(row)
            case _:
                raise TypeError(f"a plan holds no {type(row).__name__}")

    def kept(self, row: Row) -> pl.Expr:
        """The value of a field: a number of the formula that is chosen as it stands may have more places."""
        return rounded(self.compile(row)) if _places(row) > PLACES else self.compile(row)

    def _carried(self, row: Row) -> pl.Expr:
        """A number with all its places within one formula."""
        match row:
            case RowOperation(name="negate", arguments=(item,)):
                return -self._carried(item)
            case RowOperation(name="+" | "-" | "*" | "/" as name, arguments=arguments):
                parts = [self._carried(argument) for argument in arguments]
                return reduce(_CARRY[name], parts)
            case Literal(value=Decimal() as number):
                return _number(number, _CARRIED)
            case _:
                return self.typed(row, Type.NUMBER).cast(pl.Decimal(38, _CARRIED))

    def typed(self, row: Row, kind: Type) -> pl.Expr:
        """The expression as this type, where it may be a bare null."""
        if row == _NULL:
            return pl.lit(None, dtype=DTYPES[kind])
        expression = self.compile(row)
        return expression.cast(DTYPES[kind]) if row.type is Type.NULL else expression

    def _operation(self, row: RowOperation) -> pl.Expr:
        kind = next((a.type for a in row.arguments if a.type is not Type.NULL), _type_of_nulls(row))
        match row.name:
            case "case":
                return self._case(row)
            case "if":
                condition, yes, no = row.arguments
                chosen = pl.when(self.typed(condition, Type.BOOLEAN)).then(self.typed(yes, row.type))
                return chosen.otherwise(self.typed(no, row.type))
            case "in":
                return self._in(row, kind)
            case "start_of" | "end_of":
                assert row.unit is not None
                return self._edge(row.name, self.typed(row.arguments[0], Type.DATE), row.unit)
            case "concat":
                return pl.concat_str(
                    [written(self.typed(a, Type.TEXT), a.type) for a in row.arguments], ignore_nulls=False
                )
            case "round":
                item, *places = row.arguments
                return _round(self.typed(item, Type.NUMBER), int(_whole(places[0])) if places else 0)
            case "like" | "ilike":
                return self._like(row)
            case _:
                kinds = _argument_types(row.name, kind, len(row.arguments))
                arguments = [self.typed(argument, of) for argument, of in zip(row.arguments, kinds, strict=True)]
                return _OPERATIONS[row.name](arguments)

    def _case(self, row: RowOperation) -> pl.Expr:
        *pairs, otherwise = row.arguments
        result = self.typed(otherwise, row.type)
        for condition, value in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
            result = pl.when(self.typed(condition, Type.BOOLEAN)).then(self.typed(value, row.type)).otherwise(result)
        return result

    def _in(self, row: RowOperation, kind: Type) -> pl.Expr:
        item, *options = row.arguments
        subject = self.typed(item, kind)
        texts = [option.value for option in options if isinstance(option, Literal) and isinstance(option.value, str)]
        many = len(options) > _COMPARED_ONE_BY_ONE or not isinstance(item, Field)
        if kind is Type.TEXT and len(texts) == len(options) and many:
            return subject.is_in(texts)
        # One by one, so that a null among the options gives null and not false.
        return reduce(lambda a, b: a | b, (_compared(eq, subject, self.typed(option, kind)) for option in options))

    def _like(self, row: RowOperation) -> pl.Expr:
        item, pattern = row.arguments
        assert isinstance(pattern, Literal)
        flags = "(?is)" if row.name == "ilike" else "(?s)"
        expression = flags + "^" + "".join(map(_pattern_part, str(pattern.value))) + "$"
        return self.typed(item, Type.TEXT).str.contains(expression)

    def _edge(self, name: str, day: pl.Expr, unit: Grain) -> pl.Expr:
        """The first or last day of the unit that holds a day; null where it leaves the calendar."""
        if unit is Grain.WEEK:
            since = (day.dt.weekday().cast(pl.Int32) - 1 - self.calendar.week_starts) % 7
            return _moved(day, -since if name == "start_of" else 6 - since)
        months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[unit]
        number = day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32) - 1
        first = number - (number - (self.calendar.fiscal_year_starts - 1)) % months
        if name == "start_of":
            return _moved(_first_of(first), pl.lit(0, dtype=pl.Int32))
        return _moved(_first_of(first + months), pl.lit(-1, dtype=pl.Int32))


def _type_of_nulls(row: RowOperation) -> Type:
    """What the arguments are where all of them are bare nulls."""
    same = row.name in FUNCTIONS and FUNCTIONS[row.name].returns is Takes.SAME
    return row.type if same and row.type is not Type.NULL else Type.TEXT


def _argument_types(name: str, kind: Type, count: int) -> Sequence[Type]:
    """What the arguments are where they are bare nulls; `kind` is the type of those that aren't."""
    if name in FUNCTIONS:
        takes = FUNCTIONS[name].parameters[0].takes
        return [takes if isinstance(takes, Type) else kind] * count
    match name:
        case "and" | "or" | "not":
            return [Type.BOOLEAN] * count
        case "add_days":
            return [Type.DATE, Type.NUMBER]
        case _:
            return [kind] * count


def _pattern_part(char: str) -> str:
    return ".*" if char == "%" else "." if char == "_" else pl.escape_regex(char)


def _first_of(month: pl.Expr) -> pl.Expr:
    return pl.date(month // 12, month % 12 + 1, 1)


def _moved(day: pl.Expr, days: pl.Expr) -> pl.Expr:
    """A date so many days later; null where that leaves the calendar: exports write 9999-12-31 for what has no end."""
    moved = day.cast(pl.Int32) + days
    lowest, highest = ((edge - date(1970, 1, 1)).days for edge in (date.min, date.max))
    return pl.when(moved.is_between(lowest, highest)).then(moved).cast(pl.Date)


def _places(row: Row) -> int:
    """How many decimal places a number of the formula has that may become the value as it stands."""
    match row:
        case Literal(value=Decimal() as number):
            exponent = number.as_tuple().exponent
            return -exponent if isinstance(exponent, int) and exponent < 0 else 0
        case RowOperation(name=name, arguments=arguments) if name in _CHOOSING:
            return max(map(_places, arguments))
        case _:
            return 0


def _number(number: Decimal, places: int = PLACES) -> pl.Expr:
    own = _places(Literal(number, Type.NUMBER))
    return pl.lit(number, dtype=pl.Decimal(38, max(places, min(own, 30))))


def _whole(row: Row) -> Decimal:
    assert isinstance(row, Literal)
    assert isinstance(row.value, Decimal)
    return row.value


def _round(number: pl.Expr, places: int) -> pl.Expr:
    if places >= 0:
        return rounded(number, min(places, PLACES))
    scale = Decimal(10) ** -places
    shrunk = number.cast(pl.Decimal(38, _CARRIED)) / pl.lit(scale, dtype=pl.Decimal(38, 0))
    return (
        shrunk.round(0, mode="half_away_from_zero").cast(pl.Decimal(38, 0)) * pl.lit(scale, dtype=pl.Decimal(38, 0))
    ).cast(NUMBER)


def written(expression: pl.Expr, kind: Type) -> pl.Expr:
    """A value as text: numbers without needless zeros."""
    if kind is Type.NUMBER:
        return expression.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return expression.cast(pl.String)


def _quotient(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return a / pl.when(b != 0).then(b)


_CARRY: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
}


_MIRRORED: dict[Callable[[Any, Any], Any], Callable[[Any, Any], Any]] = {eq: eq, ne: ne, lt: gt, le: ge, gt: lt, ge: le}


def _compared(sign: Callable[[Any, Any], Any], a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """A comparison, with a constant on its right.

    On the left, Polars makes one row of it where the other side turns out to be the same in every row.
    """
    if not a.meta.root_names():
        sign, a, b = _MIRRORED[sign], b, a
    compared: pl.Expr = sign(a, b)
    return compared


def _days(a: list[pl.Expr]) -> pl.Expr:
    return (a[1].cast(pl.Int32) - a[0].cast(pl.Int32)).cast(NUMBER)


def _add_days(a: list[pl.Expr]) -> pl.Expr:
    """A date so many whole days later; null where it leaves the calendar."""
    far = a[1].abs() > 4_000_000
    return _moved(a[0], pl.when(~far).then(a[1].floor()).cast(pl.Int32))


def _part(name: str) -> Callable[[list[pl.Expr]], pl.Expr]:
    def part(a: list[pl.Expr]) -> pl.Expr:
        found: pl.Expr = getattr(a[0].dt, name)()
        return found.cast(NUMBER)

    return part


def _lower_pair(a: list[pl.Expr]) -> tuple[pl.Expr, pl.Expr]:
    # A text of the formula is made as long as the column: a null has one row beside a column that has none.
    text = pl.when(a[1].is_not_null()).then(a[0])
    return _folded(text), _folded(a[1])


def _folded(text: pl.Expr) -> pl.Expr:
    """As `functions.folded`."""
    return text.str.to_lowercase().str.replace_all("ς", "σ", literal=True)  # noqa: RUF001  # they are what is meant


def _contains(a: list[pl.Expr]) -> pl.Expr:
    text, part = _lower_pair(a)
    return text.str.contains(part, literal=True)


def _starts(a: list[pl.Expr]) -> pl.Expr:
    text, part = _lower_pair(a)
    return text.str.starts_with(part)


def _ends(a: list[pl.Expr]) -> pl.Expr:
    text, part = _lower_pair(a)
    return text.str.ends_with(part)


def _replace(a: list[pl.Expr]) -> pl.Expr:
    """Split and joined, since Polars replaces by a pattern of one fixed text only."""
    text, old, new = a
    # A text of the formula is made as long as the column: `join` stretches no list, and takes the first row's `new`.
    kept = pl.when(new.is_not_null()).then(text)
    return pl.when(old == "").then(kept).otherwise(kept.str.split(old).list.join(new))


_OPERATIONS: dict[str, Callable[[list[pl.Expr]], pl.Expr]] = {
    "and": lambda a: reduce(lambda x, y: x & y, a),
    "or": lambda a: reduce(lambda x, y: x | y, a),
    "not": lambda a: ~a[0],
    "=": lambda a: _compared(eq, *a),
    "!=": lambda a: _compared(ne, *a),
    "<": lambda a: _compared(lt, *a),
    "<=": lambda a: _compared(le, *a),
    ">": lambda a: _compared(gt, *a),
    ">=": lambda a: _compared(ge, *a),
    "between": lambda a: _compared(ge, a[0], a[1]) & _compared(le, a[0], a[2]),
    "is_null": lambda a: a[0].is_null(),
    "add_days": _add_days,
    "days_between": _days,
    "abs": lambda a: a[0].abs(),
    "floor": lambda a: a[0].floor(),
    "ceil": lambda a: a[0].ceil(),
    "least": pl.min_horizontal,
    "greatest": pl.max_horizontal,
    "coalesce": pl.coalesce,
    "nullif": lambda a: pl.when(_compared(ne, *a)).then(a[0]),
    "lower": lambda a: a[0].str.to_lowercase(),
    "upper": lambda a: a[0].str.to_uppercase(),
    "trim": lambda a: a[0].str.strip_chars(),
    "length": lambda a: a[0].str.len_chars().cast(NUMBER),
    "contains": _contains,
    "starts_with": _starts,
    "ends_with": _ends,
    "replace": _replace,
    "year": _part("year"),
    "quarter": _part("quarter"),
    "month": _part("month"),
    "day": _part("day"),
    "weekday": lambda a: a[0].dt.weekday().replace_strict(list(range(1, 8)), list(_WEEKDAYS), return_dtype=pl.String),
}
