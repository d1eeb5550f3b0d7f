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
from typing import Any, TypeAlias

from kpicli.contexts import Absent
from kpicli.formula.functions import FUNCTIONS
from kpicli.formula.typed import FigureOperation, KpiReference, Literal, Measure

Exact: TypeAlias = int | Fraction
Value: TypeAlias = Exact | str | bool | date | Absent


def exact(value: object) -> Exact | str | bool | date | None:
    """A plain value with its number, if it is one, exact."""
    match value:
        case None | str() | bool() | date() | int():
            return value
        case Decimal():
            return simplest(Fraction(value))
        case Fraction():
            return simplest(value)
        case _:
            raise TypeError(f"no exact value: {value!r}")


def simplest(number: Exact) -> Exact:
    """An `int` where the number is whole."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


NULL = Absent("no value")


def operate(operation: FigureOperation, values: Sequence[Value]) -> Value:
    """The value of an operator or function over figures."""
    name = operation.name
    if name in _LENIENT:
        return _LENIENT[name](values)
    absent = next((value for value in values if isinstance(value, Absent)), None)
    if name in FUNCTIONS and FUNCTIONS[name].sees_null:
        return _function(operation, values, absent)
    if absent is not None:
        return absent
    if name == "/":
        return _quotient(operation, values)
    if name == "growth":
        return _growth(values)
    if name in _STRICT:
        return _STRICT[name](values)
    return _function(operation, values, None)


def _function(operation: FigureOperation, values: Sequence[Value], absent: Absent | None) -> Value:
    plain = [None if isinstance(value, Absent) else value for value in values]
    result = FUNCTIONS[operation.name].apply(plain)
    if result is None:
        return absent or Absent(f"{operation.text} has no value")
    found = exact(result)
    assert found is not None
    return found


def _number(value: Value) -> Exact:
    assert isinstance(value, int | Fraction)
    return value


def _quotient(operation: FigureOperation, values: Sequence[Value]) -> Value:
    quotient = Fraction(_number(values[0]))
    for divisor, expression in zip(values[1:], operation.arguments[1:], strict=True):
        if divisor == 0:
            return Absent(_zero(expression))
        quotient /= _number(divisor)
    return simplest(quotient)


def _zero(expression: object) -> str:
    """Why a divisor is zero, in the words of its formula."""
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
    return simplest(Fraction(now - earlier) / earlier)


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


def percentile_of(values: Sequence[Exact], percent: Fraction) -> Exact:
    """The percentile of at least one number, interpolated linearly between the two nearest."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = place.numerator // place.denominator
    high = min(low + 1, len(ordered) - 1)
    return simplest(ordered[low] + (ordered[high] - ordered[low]) * (place - low))
