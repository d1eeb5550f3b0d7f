"""Works the arithmetic of an explanation out again from its JSON alone, with fractions, apart from the program."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from typing import Any, TypeAlias

Value: TypeAlias = Fraction | str | bool | date | None
Tree: TypeAlias = dict[str, Any]


def read(tree: Tree) -> Value:
    """The value that a step says it has."""
    return parsed(tree["op"], tree["value"])


def parsed(op: str, value: str | bool | None) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if op in {"text", "top by"}:
        return value
    for kind in (Fraction, date.fromisoformat):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


@dataclass(frozen=True)
class Again:
    """One explanation, worked out again."""

    explained: Tree

    def value(self, tree: Tree) -> Value:
        """What a tree comes to, by its leaves. Every step on the way must say the same."""
        found = self._worked(tree)
        assert found == read(tree), (found, tree)
        assert (found is None) is (tree["reason"] is not None), tree
        return found

    def _worked(self, tree: Tree) -> Value:
        op = tree["op"]
        if "aggregate" in tree:
            return self._aggregate(tree)
        if "part" in tree:
            (part,) = [part for part in self.explained["parts"] if part["number"] == tree["part"]]
            assert part["kpi"] == tree["kpi"]
            return self.value(part["arithmetic"])
        arguments = [self.value(argument) for argument in tree.get("arguments", ())]
        if "dimension" in tree:
            return self._reduced(tree)
        if op == "target":
            return sum_of(arguments) if arguments else None
        if not arguments:
            return read(tree)
        if op == "needs rows":
            return None if read(tree) is None else arguments[0]
        found: Value = operate(op, arguments)
        return found

    def _aggregate(self, tree: Tree) -> Value:
        (aggregate,) = [each for each in self.explained["aggregates"] if each["number"] == tree["aggregate"]]
        own = read(tree)
        if not aggregate["dimensions"]:
            assert parsed("", aggregate["value"]) == own
            if aggregate["average"] is not None:
                assert Fraction(aggregate["average"]["sum"]) / aggregate["average"]["count"] == own
        elif own is not None:
            assert own in [parsed("", each["value"]) for each in aggregate["members"]]
        return own

    def _reduced(self, tree: Tree) -> Value:
        named = [(each["member"], self.value(each["arithmetic"])) for each in tree["members"]]
        values = [(name, value) for name, value in named if isinstance(value, Fraction)]
        numbers = sorted(value for _, value in values)
        match tree["op"].removesuffix(" by"):
            case "count":
                # Without the dimension a table has no members to count, which is no 0.
                return None if tree["reason"] else Fraction(len(numbers))
            case "sum":
                return None if tree["reason"] else sum(numbers, start=Fraction(0))
            case _ if not numbers:
                return None
            case "avg":
                return sum(numbers, start=Fraction(0)) / len(numbers)
            case "min":
                return numbers[0]
            case "max":
                return numbers[-1]
            case "median":
                return percentile(numbers, Fraction(50))
            case "percentile":
                return percentile(numbers, Fraction(tree["percent"]))
            case _:
                best = max(values, key=lambda each: each[1])[1]
                return None if not any(numbers) else min(name for name, value in values if value == best)


def percentile(numbers: list[Fraction], percent: Fraction) -> Fraction:
    """Of ordered numbers, between the two nearest."""
    place = (len(numbers) - 1) * percent / 100
    low = floor(place)
    return numbers[low] + (numbers[min(low + 1, len(numbers) - 1)] - numbers[low]) * (place - low)


def sum_of(values: list[Value]) -> Value:
    numbers = [value for value in values if isinstance(value, Fraction)]
    return sum(numbers, start=Fraction(0)) if len(numbers) == len(values) else None


def operate(op: str, values: list[Any]) -> Any:
    """What an operator or a function makes of values; null is None."""
    if op in NULLS:
        return NULLS[op](values)
    if None in values:
        return None
    return OF_PRESENT[op](values)


def _divided(values: list[Any]) -> Any:
    return None if 0 in values[1:] else reduce(operator.truediv, values)


def _grown(values: list[Any]) -> Any:
    now, before = values
    return (now - before) / before if before > 0 else None


def _round(values: list[Any]) -> Any:
    number, *places = values
    scale = Fraction(10) ** int(places[0] if places else 0)
    size = Fraction(floor(abs(number) * scale + Fraction(1, 2))) / scale
    return -size if number < 0 else size


def _settled(values: list[Any], decisive: bool) -> Any:
    return decisive if decisive in values else None if None in values else not decisive


def _case(values: list[Any]) -> Any:
    pairs = zip(values[:-1:2], values[1::2], strict=True)
    return next((value for condition, value in pairs if condition is True), values[-1])


def _in(values: list[Any]) -> Any:
    item, *options = values
    if item is None:
        return None
    return _settled([None if option is None else option == item for option in options], True)


def _between(values: list[Any]) -> Any:
    item, low, high = values
    above = None if item is None or low is None else item >= low
    return _settled([above, None if item is None or high is None else item <= high], False)


NULLS: dict[str, Callable[[list[Any]], Any]] = {
    "and": lambda values: _settled(values, False),
    "or": lambda values: _settled(values, True),
    "in": _in,
    "between": _between,
    "case": _case,
    "if": lambda values: values[1] if values[0] is True else values[2],
    "coalesce": lambda values: next((value for value in values if value is not None), None),
    "least": lambda values: min((value for value in values if value is not None), default=None),
    "greatest": lambda values: max((value for value in values if value is not None), default=None),
    "is_null": lambda values: values[0] is None,
}
OF_PRESENT: dict[str, Callable[[list[Any]], Any]] = {
    "+": sum,
    "-": lambda values: reduce(operator.sub, values),
    "*": lambda values: reduce(operator.mul, values),
    "/": _divided,
    "per": _divided,
    "share": _divided,
    "growth": _grown,
    "negate": lambda values: -values[0],
    "abs": lambda values: abs(values[0]),
    "round": _round,
    "floor": lambda values: Fraction(floor(values[0])),
    "ceil": lambda values: Fraction(ceil(values[0])),
    "nullif": lambda values: None if values[0] == values[1] else values[0],
    "=": lambda values: values[0] == values[1],
    "!=": lambda values: values[0] != values[1],
    "<": lambda values: values[0] < values[1],
    "<=": lambda values: values[0] <= values[1],
    ">": lambda values: values[0] > values[1],
    ">=": lambda values: values[0] >= values[1],
    "not": lambda values: not values[0],
    "days_between": lambda values: Fraction((values[1] - values[0]).days),
    "add_days": lambda values: values[0] + timedelta(days=floor(values[1])),
    **dict.fromkeys(("prior", "to_date", "trailing", "whole", "rest", "kpi"), lambda values: values[0]),
}
