"""What an aggregate is in SQL: which rows are in its interval, and what it makes of them."""

from __future__ import annotations

from tests.differential.tree import Agg, Reduce, Top
from tests.differential.world import Table

LEAP = 28 * 29 * 15 * 31
"""A number that all lengths of months divide."""


def in_time(node: Agg, table: Table, start: str, end: str) -> list[str]:
    """The conditions that put a row `t` into an interval of days, or make it alive at its end."""
    if node.at is not None:
        assert table.lifespan is not None
        born, dead = (f"t.{each}" for each in table.lifespan)
        day = f"({end if node.at == 'end' else start} - 1)"
        return [f"{born} <= {day}", f"({dead} is null or {dead} > {day})"]
    if table.covers:
        return [f"{_overlap(f't.{table.date}', start, end)} > 0"]
    when = node.on or table.date
    return [] if when is None else [f"t.{when} >= {start}", f"t.{when} < {end}"]


def _overlap(day: str, start: str, end: str) -> str:
    """How many days of a row's month lie in the interval."""
    first = f"date_trunc('month', {day})::date"
    after = f"(date_trunc('month', {day}) + to_months(1))::date"
    return f"greatest(0, least({end}, {after}) - greatest({start}, {first}))"


def taken(node: Agg, table: Table, start: str, end: str) -> tuple[str, str, str]:
    """The SQL of an aggregate over `t.operand`, its type, and SQL of its error."""
    operand = "t.operand"
    match node.name:
        case "count":
            return f"count({operand})", "whole", "0"
        case "count_distinct":
            return f"count(distinct {operand})", "whole", "0"
        case "sum" if not table.covers:
            return f"coalesce(sum({operand}), 0::hugeint)", "millionths", "0"
        case "sum":
            share = f"{_overlap(f't.{table.date}', start, end)} * ({LEAP} // day(last_day(t.{table.date})))"
            error = f"1e-20 * coalesce(sum(abs({operand}))::double, 0)"
            return f"(coalesce(sum({operand} * {share}), 0::hugeint)::double / {LEAP}e6)", "float", error
        case "min" | "max":
            return f"{node.name}({operand})", "millionths" if node.kind == "num" else node.kind, "0"
        case "avg":
            return f"(sum({operand})::double / 1e6 / count({operand}))", "float", f"abs(avg({operand}::double)) * 1e-20"
        case _:
            rank = 0.5 if node.rank is None else float(node.rank) / 100
            return f"quantile_cont({operand}::double / 1e6, {rank})", "float", f"max(abs({operand}))::double * 1e-19"


def reduced(node: Reduce | Top, type_: str) -> tuple[str, str, str]:
    """The same for what a reducer makes of its members' figures `q.v`, which are off by `q.e`."""
    if isinstance(node, Top):
        best = "first(q.m order by q.v desc, q.m) filter (where q.v is not null)"
        return f"(case when bool_or(q.v <> 0) then {best} end)", "text", "0"
    over = "q.v::double / 1e6" if type_ == "millionths" else "q.v::double"
    match node.name:
        case "count":
            return "count(q.v)", "whole", "0"
        case "sum" if type_ == "float":
            return "coalesce(sum(q.v), 0.0)", "float", "sum(q.e + abs(q.v) * 1e-13)"
        case "sum":
            return "coalesce(sum(q.v), 0::hugeint)", type_, "0"
        case "min" | "max":
            return f"{node.name}(q.v)", type_, "max(q.e)"
        case "avg":
            return f"avg({over})", "float", f"max(q.e) + max(abs({over})) * 1e-13"
        case _:
            share = 0.5 if node.name == "median" else float(node.rank or 0) / 100
            return f"quantile_cont({over}, {share})", "float", f"max(q.e) + max(abs({over})) * 1e-13"
