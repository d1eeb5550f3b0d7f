"""The arithmetic between figures as SQL: exact numbers stay exact, floats carry a bound of their error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.differential.sql_rows import quoted
from tests.differential.tree import Between, Bin, Call, Case, Cell, In, IsNull, Neg, Node, Not


@dataclass(frozen=True)
class Figure:
    """A part of a KPI formula: SQL, its type (whole, millionths, float, text, date, bool), and SQL of its error."""

    sql: str
    type: str
    error: str = "0"

    @property
    def float(self) -> str:
        if self.type == "millionths":
            return f"(({self.sql})::double / 1e6)"
        return f"({self.sql})::double" if self.type == "whole" else self.sql

    @property
    def millionths(self) -> str:
        return f"(({self.sql})::hugeint * 1000000)" if self.type == "whole" else self.sql


NULLS = {"num": "double", "text": "varchar", "date": "date", "bool": "boolean"}


def literal(value: Cell, kind: str) -> Figure:
    match value:
        case None:
            return Figure(f"null::{NULLS[kind]}", kind if kind != "num" else "float")
        case bool():
            return Figure(str(value).lower(), "bool")
        case str():
            return Figure(quoted(value), "text")
        case Decimal() if value == int(value):
            return Figure(f"{int(value)}::hugeint", "whole")
        case Decimal():
            return Figure(f"{int(value.scaleb(6))}::hugeint", "millionths")
        case date():
            return Figure(f"date '{value.isoformat()}'", "date")


def divided(left: Figure, right: Figure) -> Figure:
    """A quotient, null over zero."""
    below = f"nullif({right.float}, 0)"
    value = f"({left.float} / {below})"
    if (left.error, right.error) == ("0", "0"):
        return Figure(value, "float")
    return Figure(value, "float", f"({left.error} + abs({value}) * ({right.error})) / abs({below})")


def alike(figures: list[Figure]) -> list[Figure]:
    """Figures that are compared or chosen from, as one type."""
    types = {figure.type for figure in figures}
    if len(types) == 1:
        return figures
    if types == {"whole", "millionths"}:
        return [Figure(figure.millionths, "millionths", figure.error) for figure in figures]
    assert types <= {"whole", "millionths", "float"}, types
    return [Figure(figure.float, "float", figure.error) for figure in figures]


def _worst(figures: list[Figure]) -> str:
    errors = sorted({figure.error for figure in figures} - {"0"})
    if not errors:
        return "0"
    return errors[0] if len(errors) == 1 else f"greatest({', '.join(errors)})"


def outer(node: Node, sub: Callable[[Node], Figure]) -> Figure:
    """The figure of a node whose parts `sub` compiles."""
    match node:
        case Neg(item):
            inner = sub(item)
            return Figure(f"(-{inner.sql})", inner.type, inner.error)
        case Not(item):
            return Figure(f"(not {sub(item).sql})", "bool")
        case IsNull(item, negated):
            return Figure(f"({sub(item).sql} is {'not ' if negated else ''}null)", "bool")
        case Between(item, low, high, negated):
            first, second, third = alike([sub(item), sub(low), sub(high)])
            return Figure(f"({first.sql} {'not ' if negated else ''}between {second.sql} and {third.sql})", "bool")
        case In(item, options, negated):
            first, *rest = alike([sub(each) for each in (item, *options)])
            return Figure(
                f"({first.sql} {'not ' if negated else ''}in ({', '.join(each.sql for each in rest)}))", "bool"
            )
        case Case(whens, otherwise, _):
            tests = [sub(test).sql for test, _ in whens]
            thens = alike([sub(then) for _, then in whens] + ([] if otherwise is None else [sub(otherwise)]))
            arms = " ".join(f"when {test} then {then.sql}" for test, then in zip(tests, thens, strict=False))
            tail = "" if otherwise is None else f" else {thens[-1].sql}"
            return Figure(f"(case {arms}{tail} end)", thens[0].type, _worst(thens))
        case Bin(op, left, right, _):
            return _binary(op, sub(left), sub(right))
        case Call(name, args, _, _):
            return _call(name, [sub(each) for each in args], args)
        case _:
            raise TypeError(node)


def _binary(op: str, left: Figure, right: Figure) -> Figure:
    if op in {"and", "or"}:
        return Figure(f"({left.sql} {op} {right.sql})", "bool")
    if op == "/":
        return divided(left, right)
    if op == "*":
        value = f"({left.float} * {right.float})"
        if (left.error, right.error) == ("0", "0"):
            return Figure(value, "float")
        return Figure(value, "float", f"abs({left.float}) * ({right.error}) + abs({right.float}) * ({left.error})")
    one, two = alike([left, right])
    if one.type == "date" and op == "-":
        return Figure(f"({one.sql} - {two.sql})", "whole")
    if op not in {"+", "-"}:
        return Figure(f"({one.sql} {op} {two.sql})", "bool")
    if one.type != "float":
        return Figure(f"({one.sql} {op} {two.sql})", one.type)
    error = f"({one.error}) + ({two.error}) + (abs({one.sql}) + abs({two.sql})) * 1e-14"
    return Figure(f"({one.sql} {op} {two.sql})", "float", error)


def _call(name: str, args: list[Figure], nodes: tuple[Node, ...]) -> Figure:
    first = args[0]
    match name:
        case "abs":
            return Figure(f"abs({first.sql})", first.type, first.error)
        case "round":
            return _rounded(first, int(args[1].sql.split("::")[0]) if len(nodes) > 1 else 0)
        case "least" | "greatest" | "coalesce":
            same = alike(args)
            return Figure(f"{name}({', '.join(each.sql for each in same)})", same[0].type, _worst(same))
        case "nullif":
            one, two = alike(args)
            return Figure(f"(case when {one.sql} <> {two.sql} then {one.sql} end)", one.type, one.error)
        case "if":
            yes, no = alike(args[1:])
            return Figure(f"(case when {first.sql} then {yes.sql} else {no.sql} end)", yes.type, _worst([yes, no]))
        case _:
            raise TypeError(name)


def _rounded(figure: Figure, places: int) -> Figure:
    """Half away from zero; a float that is next to a half may go either way."""
    if figure.type == "whole":
        return figure
    if figure.type == "millionths":
        step = f"{10 ** (6 - places)}::hugeint"
        return Figure(f"(halves_up({figure.sql}, {step}) * {step})", "millionths")
    value = f"abs({figure.sql} * 1e{places})"
    near = f"abs({value} - floor({value}) - 0.5) < 1e-6 + ({figure.error}) * 1e{places}"
    return Figure(f"round({figure.sql}, {places})", "float", f"(case when {near} then 1.01e-{places} else 1e-12 end)")
