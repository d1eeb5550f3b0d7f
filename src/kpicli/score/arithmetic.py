"""Arithmetic over figures: exact numbers, three-valued logic, and absence with its reason.

Numbers are `int` or `Fraction` from the aggregates to the result, so that no order of steps changes a digit; only
the finished figure is turned into an exact decimal or the nearest float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

from kpicli.contexts import Absent
from kpicli.formula.functions import FUNCTIONS
from kpicli.formula.typed import FigureOperation, KpiReference, Literal, Measure

Exact: TypeAlias = int | Fraction
Value: TypeAlias = Exact | str | bool | date | Absent


def exact(value: object) -> Exact | str | bool | date | None:
    """A plain value with its number, if it is one, exact."""
    match value:
        case int() | str() | date() | None:  # a boolean is an int to Python
            return value
        case Decimal():
            return from_decimal(value)
        case Fraction():
            return simplest(value)
        case _:
            raise TypeError(f"no exact value: {value!r}")


def from_decimal(number: Decimal) -> Exact:
    return ratio(*number.as_integer_ratio())


def ratio(numerator: int, denominator: int) -> Exact:
    """One whole number by another that is not 0."""
    whole, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else whole


def simplest(number: Exact) -> Exact:
    """An `int` where the number is whole."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


def difference(number: Exact, less: Exact) -> Exact:
    """One number less another."""
    if isinstance(number, int) and isinstance(less, int):
        return number - less
    above, below = number.as_integer_ratio()
    less_above, less_below = less.as_integer_ratio()
    return ratio(above * less_below - less_above * below, below * less_below)


def quotient(number: Exact, divisor: Exact) -> Exact:
    """One number by another that is not 0."""
    above, below = number.as_integer_ratio()
    by_above, by_below = divisor.as_integer_ratio()
    return ratio(above * by_below, below * by_above)


NULL = Absent("no value")


def operate(operation: FigureOperation) -> Callable[[Sequence[Value]], Value]:
    """What an operator or function makes of the values of its arguments."""
    name = operation.name
    if name in _LENIENT:
        return _LENIENT[name]
    if name in FUNCTIONS and FUNCTIONS[name].sees_null:
        return partial(_function, operation)
    of_present = _STRICT[name] if name in _STRICT else partial(_OF_FORMULA.get(name, _function), operation)

    def of_all(values: Sequence[Value]) -> Value:
        for value in values:
            if isinstance(value, Absent):
                return Absent.among(values) or value
        return of_present(values)

    return of_all


def _function(operation: FigureOperation, values: Sequence[Value]) -> Value:
    plain = [None if isinstance(value, Absent) else value for value in values]
    result = FUNCTIONS[operation.name].apply(plain)
    if result is None:
        return Absent.among(values) or Absent(f"{operation.text} has no value")
    found = exact(result)
    assert found is not None
    return found


def _number(value: Value) -> Exact:
    assert isinstance(value, (int, Fraction))
    return value


def _quotient(operation: FigureOperation, values: Sequence[Value]) -> Value:
    result = _number(values[0])
    for divisor, expression in zip(values[1:], operation.arguments[1:], strict=True):
        if divisor == 0:
            return Absent(_zero(expression))
        result = quotient(result, _number(divisor))
    return result


def _nullif(operation: FigureOperation, values: Sequence[Value]) -> Value:
    value, unwanted = values
    if value != unwanted:
        return value
    return Absent(_zero(operation.arguments[0]) if value == 0 else f"{operation.text} has no value")


def _zero(expression: object) -> str:
    """Why an expression is zero where it may not be, in the words of its formula."""
    match expression:
        case Measure(function="count", column=None, noun=noun):
            return f"no {noun}"
        case Measure(text=text) | FigureOperation(text=text):
            return f"{text} is 0"
        case KpiReference(name=name):
            return f"{name} is 0"
        case Literal():
            return "division by 0"
        case _:
            return "the divisor is 0"


def _growth(values: Sequence[Value]) -> Value:
    now, earlier = _number(values[0]), _number(values[1])
    if earlier <= 0:
        return Absent("the earlier figure is not above 0")
    return quotient(now - earlier, earlier)


def _sum(values: Sequence[Value]) -> Value:
    return simplest(sum((_number(value) for value in values), start=0))


def _difference(values: Sequence[Value]) -> Value:
    return simplest(_number(values[0]) - _number(_sum(values[1:])))


def _product(values: Sequence[Value]) -> Value:
    product: Exact = 1
    for value in values:
        product *= _number(value)
    return simplest(product)


def _days_between(values: Sequence[Value]) -> Value:
    first, second = values
    assert isinstance(first, date)
    assert isinstance(second, date)
    return (second - first) // timedelta(days=1)


def _add_days(values: Sequence[Value]) -> Value:
    start, days = values
    assert isinstance(start, date)
    try:
        return start + timedelta(days=int(_number(days) // 1))
    except OverflowError:
        return Absent("the date is out of range")


def _like(values: Sequence[Value], flags: re.RegexFlag = re.DOTALL) -> Value:
    """Whether a text matches a pattern in which `%` is any text and `_` one character."""
    text, pattern = values
    assert isinstance(text, str)
    assert isinstance(pattern, str)
    expression = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, text, flags) is not None


_STRICT: dict[str, Callable[[Sequence[Any]], Value]] = {
    "growth": _growth,
    "+": _sum,
    "-": _difference,
    "*": _product,
    "negate": lambda values: -values[0],
    "=": lambda values: values[0] == values[1],
    "!=": lambda values: values[0] != values[1],
    "<": lambda values: values[0] < values[1],
    "<=": lambda values: values[0] <= values[1],
    ">": lambda values: values[0] > values[1],
    ">=": lambda values: values[0] >= values[1],
    "not": lambda values: not values[0],
    "like": _like,
    "ilike": lambda values: _like(values, re.DOTALL | re.IGNORECASE),
    "days_between": _days_between,
    "add_days": _add_days,
}
"""What has a value only where all its arguments have one."""

_OF_FORMULA: dict[str, Callable[[FigureOperation, Sequence[Value]], Value]] = {"/": _quotient, "nullif": _nullif}
"""Likewise, with a reason in the words of the formula; all else is a function of the language."""


def _settled(values: Sequence[Value], *, decisive: bool) -> Value:
    """`and` is false and `or` is true as soon as one side is, whatever is absent."""
    if any(value is decisive for value in values):
        return decisive
    return next((value for value in values if isinstance(value, Absent)), not decisive)


def _in(values: Sequence[Value]) -> Value:
    item, *options = values
    if isinstance(item, Absent):
        return item
    return _settled([option if isinstance(option, Absent) else option == item for option in options], decisive=True)


def _between(values: Sequence[Any]) -> Value:
    item, low, high = values
    above = next((v for v in (item, low) if isinstance(v, Absent)), None) or item >= low
    below = next((v for v in (item, high) if isinstance(v, Absent)), None) or item <= high
    return _settled([above, below], decisive=False)


def _case(values: Sequence[Value]) -> Value:
    for condition, value in zip(values[:-1:2], values[1::2], strict=True):
        if condition is True:
            return value
    return values[-1]


_LENIENT: dict[str, Callable[[Sequence[Value]], Value]] = {
    "and": lambda values: _settled(values, decisive=False),
    "or": lambda values: _settled(values, decisive=True),
    "in": _in,
    "between": _between,
    "case": _case,
    "is_null": lambda values: isinstance(values[0], Absent),
}
