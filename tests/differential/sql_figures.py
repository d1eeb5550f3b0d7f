"""KPI formulas as DuckDB SQL.

One formula becomes one query over all the contexts in which a report needs it. A context is a row: its scope, and a
pair of days for each chain of `prior`, `trailing` … that the formula puts it through. Each aggregate is a CTE that
joins the contexts to its table and groups; a reducer is a CTE over contexts times members. No program code is involved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import duckdb
from tests.differential.aims import Entries, Measure, amount_over, expected_over
from tests.differential.days import Span
from tests.differential.frames import Base, Contexts, Env, Frame
from tests.differential.scopes import Scopes
from tests.differential.sql_aggregates import in_time, reduced, taken
from tests.differential.sql_outer import Figure, divided, literal, outer
from tests.differential.sql_rows import RowSql
from tests.differential.tree import (
    NOTHING,
    Agg,
    Bin,
    Case,
    Const,
    DayCount,
    ExpectedOf,
    Lit,
    Node,
    Per,
    Reduce,
    Ref,
    Share,
    Shift,
    TargetOf,
    Today,
    Top,
    children,
)
from tests.differential.world import Kpi, World


@dataclass(frozen=True)
class Found:
    """What DuckDB gave in one context: the value, how far off a float may be, whether any row was in it."""

    value: Fraction | float | str | bool | None
    error: float
    present: bool


@dataclass(frozen=True)
class _Joined:
    """An aggregate joined to a frame: its CTE, when it has a value, its type, and whether that is exact."""

    name: str
    guard: str
    type: str
    exact: bool


class Query:
    """One formula of a world over the contexts of one report."""

    def __init__(
        self,
        world: World,
        rows: RowSql,
        bases: Sequence[Base],
        by: str | None,
        only: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.world = world
        self.rows = rows
        self.contexts = Contexts(bases, world.almanac)
        self.scopes = Scopes(world, rows, by, only)
        self._ctes: list[str] = []
        self._joined: dict[object, _Joined] = {}
        self._names = 0

    def run(self, connection: duckdb.DuckDBPyConnection, node: Node) -> tuple[list[Found], str]:
        """What each context gives, and the SQL that gave it."""
        env = Env(Frame("c0"))
        figure, present = self.figure(node, env), self.present(node, env)
        columns = [
            *env.frame.columns,
            f"{figure.sql} as value",
            f"({figure.error})::double as error",
            f"({present}) as present",
        ]
        body = f"select c.id as id, {', '.join(columns)} from c0 c {' '.join(env.frame.joins)}"
        ctes = ", ".join([self.contexts.sql(), *self._ctes])
        sql = f"with {ctes} select value, error, present from ({body}) order by id"
        found = connection.execute(sql).fetchall()
        return [Found(_exact(value, figure.type), float(error or 0), bool(there)) for value, error, there in found], sql

    # ---- formulas

    def figure(self, node: Node, env: Env) -> Figure:
        """A formula in a context."""

        def sub(each: Node) -> Figure:
            return self.figure(each, env)

        match node:
            case Agg():
                return self._aggregate(node, env)
            case Lit(value, kind):
                return literal(value, kind)
            case Today():
                return literal(self.world.as_of, "date")
            case Const(name):
                return literal(self.world.constants[name], "num")
            case Ref(kpi):
                return self.figure(windowed(self.world.kpis[kpi]), env)
            case Shift(name="change" | "growth"):
                return self.figure(_spelled_out(node), env)
            case Shift(item=item):
                within = env.after(node)
                there, _ = self.contexts.days(within.path)
                figure = self.figure(item, within)
                return replace(figure, sql=f"(case when {there} is not null then {figure.sql} end)")
            case Share(item):
                return self._bound(env, divided(sub(item), self.figure(item, replace(env, company=True, reduced=()))))
            case TargetOf(kpi):
                return self._target(self.world.kpis[kpi], env, amount_over)
            case ExpectedOf(kpi):
                return self._target(self.world.kpis[kpi], env, expected_over)
            case DayCount(name):
                return Figure(self.contexts.numbers(env.path, lambda span: self._day_count(name, span)), "float")
            case Per(item, unit):
                almanac = self.world.almanac
                units = self.contexts.numbers(env.path, lambda span: almanac.units_in(unit, span.start, span.cut))
                return self._bound(env, divided(sub(item), Figure(units, "float", f"abs({units}) * 1e-14")))
            case Reduce() | Top():
                return self._reducer(node, env)
            case _:
                return self._bound(env, outer(node, sub))

    def present(self, node: Node, env: Env, *, valued: bool = False) -> str:
        """SQL of whether any aggregate of a formula has a row in the scope, whatever reducers then make of it.

        `valued`: one with a value, which a target needs.
        """
        match node:
            case Agg():
                joined = self._join(node, env)
                return (
                    "false"
                    if joined is None
                    else f"coalesce({joined.guard} and {joined.name}.{_rows(node, valued)} > 0, false)"
                )
            case Ref(kpi):
                return self.present(windowed(self.world.kpis[kpi]), env, valued=valued)
            case Shift(name="change" | "growth"):
                return self.present(_spelled_out(node), env, valued=valued)
            case Shift(item=item):
                return self.present(item, env.after(node), valued=valued)
            case TargetOf(kpi):
                formula = self._aimed(self.world.kpis[kpi], env)
                return "false" if formula is None else self.present(*formula, valued=valued)
            case Reduce() | Top():
                return self.present(node.item, replace(env, having=(*env.having, node.dimension)), valued=valued)
            case _:
                found = sorted({self.present(each, env, valued=valued) for each in children(node)} - {"false"})
                return f"({' or '.join(found)})" if found else "false"

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def _bound(self, env: Env, figure: Figure) -> Figure:
        """The figure as a column of its frame, so that what reads it twice doesn't spell it twice."""
        value, error = self._name("val"), "0"
        env.frame.columns.append(f"{figure.sql} as {value}")
        if figure.error != "0":
            error = self._name("err")
            env.frame.columns.append(f"({figure.error}) as {error}")
        return Figure(value, figure.type, error)

    def _added(self, env: Env, letter: str, select: str) -> str:
        """A CTE over a frame's contexts, joined to it; `select` gives a row for each `c.id`."""
        name = self._name(letter)
        self._ctes.append(f"{name} as ({select})")
        env.frame.joins.append(f"left join {name} on {name}.id = c.id")
        return name

    def _day_count(self, name: str, span: Span) -> int:
        return span.elapsed if name == "days" else self.world.almanac.workdays_in(span.start, span.cut)

    # ---- aggregates

    def _aggregate(self, node: Agg, env: Env) -> Figure:
        joined = self._join(node, env)
        if joined is None:
            return literal(None, node.kind)
        value = f"(case when {joined.guard} then {joined.name}.v end)"
        return self._bound(env, Figure(value, joined.type, "0" if joined.exact else f"{joined.name}.e"))

    def _join(self, node: Agg, env: Env) -> _Joined | None:
        table = self.world.tables[node.table]
        tests = self.scopes.rows_in(env, node.table)
        frozen = node.at is not None and self._reads_today(node)
        if tests is None or (frozen and any(step.name == "prior" for step in env.path)):
            return None
        key = (env.frame.name, node, env.path, env.reduced, env.company)
        if key in self._joined:
            return self._joined[key]
        start, end = self.contexts.days(env.path)
        value = self.rows.path(node.field, node.kind, node.table, "t").sql if node.field else "1"
        counts = "true" if node.where is None else self.rows.render(node.where, node.table, "t").sql
        rows = f"(select t.*, {value} as operand, {counts} as counts from {node.table} t)"
        result, type_, error = taken(node, table, start, end)
        joined = " and ".join([*tests, *in_time(node, table, start, end), "t.counts"])
        name = self._added(
            env,
            "a",
            f"select c.id, count(t.row_id) as n, count(t.operand) as k, {result} as v, {error} as e"
            f" from {env.frame.name} c left join {rows} t on ({joined}) group by c.id",
        )
        guards = [f"{start} is not null"]
        if frozen:
            guards.append(self.contexts.now())
        if self.scopes.lacks(env, node.table):
            guards.append("c.scope = 0")
        self._joined[key] = _Joined(name, " and ".join(guards), type_, error == "0")
        return self._joined[key]

    def _reads_today(self, node: Agg) -> bool:
        world = self.world
        lifespan = world.tables[node.table].lifespan or ()
        return (
            (node.where is not None and world.reads_today(node.table, node.where))
            or (bool(node.field) and world.field_reads_today(*world.resolve(node.table, node.field)))
            or any(world.field_reads_today(node.table, each) for each in lifespan)
        )

    # ---- reducers

    def _reducer(self, node: Reduce | Top, env: Env) -> Figure:
        dimension, scopes = node.dimension, self.scopes
        inner, column = Frame(self._name("c")), self._name("m")
        listed = f"m.listed and {scopes.belongs(env, dimension, 'm.m', 'true')}"
        tests = " and ".join(scopes.reachable(env, dimension)) or "true"
        self._ctes.append(
            f"{inner.name} as (select c.* exclude (id), c.id as up_{column},"
            f" row_number() over () as id, m.m as {column},"
            f" {listed} as listed_{column} from {env.frame.name} c"
            f" cross join {scopes.candidates(dimension)} m where {tests})"
        )
        split = (*(each for each in env.reduced if each[0] != dimension), (dimension, column))
        within = replace(env, frame=inner, reduced=split)
        figure, present = self.figure(node.item, within), self.present(node.item, within)
        columns = [*inner.columns, f"{figure.sql} as v", f"({figure.error})::double as e", f"({present}) as present"]
        columns += [f"c.up_{column} as up", f"c.{column} as m", f"c.listed_{column} as listed"]
        source = f"(select {', '.join(columns)} from {inner.name} c {' '.join(inner.joins)})"
        result, type_, error = reduced(node, figure.type)
        name = self._added(
            env,
            "r",
            f"select c.id, {result} as v, ({error})::double as e"
            f" from {env.frame.name} c left join {source} q on q.up = c.id and (q.listed or q.present) group by c.id",
        )
        value = f"(case when {scopes.reducible(node.item, within)} then {name}.v end)"
        return self._bound(env, Figure(value, type_, f"{name}.e"))

    # ---- targets

    def _aimed(self, kpi: Kpi, env: Env) -> tuple[Node, Env] | None:
        """The formula of a target, and where it is evaluated: a flow's over the whole window."""
        if kpi.aim is None or kpi.aim.formula is None:
            return None
        whole = (Shift("whole", NOTHING),) if self.world.accumulates(kpi.formula) else ()
        return kpi.aim.formula, replace(env, path=(*env.path, *window_steps(kpi), *whole))

    def _target(self, kpi: Kpi, env: Env, measure: Measure) -> Figure:
        """What is aimed at: by rates, worked out here for each context, or by a formula."""
        if kpi.aim is None:
            return literal(None, "num")
        formula = self._aimed(kpi, env)
        if formula is not None:
            figure, present = self.figure(*formula), self.present(*formula, valued=True)
            return self._bound(env, replace(figure, sql=f"(case when {present} then {figure.sql} end)"))
        arms = []
        for dimension, entries in kpi.aim.members.items():
            member = self.scopes.single(env, dimension)
            if member is not None:
                whose = f"{member} is not null and {self.scopes.belongs(env, dimension, member, 'false')}"
                arms.append(f"when {whose} then {self._goal(kpi, env, entries, measure)}")
        if kpi.aim.total:
            anyones = self.scopes.unscoped(env) if self.world.accumulates(kpi.formula) else "true"
            arms.append(f"when {anyones} then {self._goal(kpi, env, kpi.aim.total, measure)}")
        value = f"(case {' '.join(arms)} end)" if arms else "null::double"
        name = self._added(env, "t", f"select c.id, {value} as v from {env.frame.name} c")
        return self._bound(env, Figure(f"{name}.v", "float", f"abs({name}.v) * 1e-14"))

    def _goal(self, kpi: Kpi, env: Env, entries: Entries, measure: Measure) -> str:
        flow = self.world.accumulates(kpi.formula)
        path = (*env.path, *window_steps(kpi))
        return self.contexts.numbers(path, lambda span: measure(self.world, entries, span, flow))


def _rows(node: Agg, valued: bool) -> str:
    """How many rows an aggregate takes; with a value in them, where it is made of values. A count of none is 0."""
    return "k" if valued and node.name not in {"count", "count_distinct"} else "n"


def windowed(kpi: Kpi) -> Node:
    """A KPI's formula in its window."""
    return _in_window(kpi, kpi.formula)


def window_steps(kpi: Kpi) -> tuple[Shift, ...]:
    """The context functions that a KPI's window stands for."""
    wrapped = _in_window(kpi, NOTHING)
    return (wrapped,) if isinstance(wrapped, Shift) else ()


def _in_window(kpi: Kpi, node: Node) -> Node:
    if kpi.trailing is not None:
        return Shift("trailing", node, kpi.trailing)
    return node if kpi.to_date is None else Shift("to_date", node, grain=kpi.to_date)


def _spelled_out(node: Shift) -> Node:
    """`change` and `growth` by what they mean."""
    before = Shift("prior", node.item, node.duration)
    change = Bin("-", node.item, before, "num")
    if node.name == "change":
        return change
    positive = Case(((Bin(">", before, Lit(Decimal(0), "num"), "bool"), before),), None, "num")
    return Bin("/", change, positive, "num")


def _exact(value: object, type_: str) -> Fraction | float | str | bool | None:
    match value:
        case None | bool() | str() | float():
            return value
        case int():
            return Fraction(value, 10**6 if type_ == "millionths" else 1)
        case _:
            raise TypeError(value)
