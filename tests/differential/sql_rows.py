"""Row formulas as DuckDB SQL, and the typed tables in DuckDB that they read.

Numbers of rows are whole millionths in HUGEINT, so nothing here is rounded by a type. Inside a formula a number has a
static scale, 0 to 18; it is rounded to 6 places, half away from zero, where the spec says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
from tests.differential.tree import (
    Agg,
    Between,
    Bin,
    Call,
    Case,
    Cell,
    Col,
    In,
    IsNull,
    Like,
    Lit,
    Neg,
    Node,
    Not,
    Today,
    kind_of,
)
from tests.differential.world import Table, World

MACROS = """
create macro halves_up(a, b) as
    case when (a < 0) = (b < 0) then 1 else -1 end * ((2 * abs(a) + abs(b)) // nullif(2 * abs(b), 0));
create macro floor_to(a, p) as a // p - case when a % p < 0 then 1 else 0 end;
"""
"""`halves_up(a, b)` is a / b rounded half away from zero, null for b = 0; `floor_to` is a / p rounded down."""

TYPES = {"num": "HUGEINT", "text": "VARCHAR", "bool": "BOOLEAN", "date": "DATE"}
SETTLED = 6
CARRIED = 18


class TooLarge(ValueError):
    """A formula whose intermediate numbers could outgrow 38 digits, or what the program carries."""


@dataclass(frozen=True)
class Piece:
    """SQL of one row value; a number is `sql / 10 ** scale`, below `10 ** wide` in size."""

    sql: str
    kind: str
    scale: int = 0
    wide: int = 0

    def at_scale(self, scale: int) -> Piece:
        if scale == self.scale:
            return self
        if scale < self.scale:
            return Piece(f"halves_up({self.sql}, {_power(self.scale - scale)})", self.kind, scale, self.wide)
        return Piece(
            _fitting(f"({self.sql} * {_power(scale - self.scale)})", scale + self.wide), self.kind, scale, self.wide
        )

    def settled(self) -> Piece:
        """As a comparison, a function or a result sees it: at most 6 places."""
        return self.at_scale(SETTLED) if self.kind == "num" and self.scale > SETTLED else self


def _power(places: int) -> str:
    return f"{10**places}::hugeint"


def _fitting(sql: str, digits: int) -> str:
    if digits > 36:
        raise TooLarge
    return sql


class RowSql:
    """Renders row formulas of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wide: dict[tuple[str, str], int] = {
            (table.name, name): column.wide for table in world.tables.values() for name, column in table.columns.items()
        }

    def field(self, table: str, node: Node) -> Piece:
        """A field's formula, as the row of alias `t` has it."""
        piece = self.render(node, table, "t").settled()
        if piece.kind != "num":
            return piece
        if piece.wide > 13:
            raise TooLarge
        return piece.at_scale(SETTLED)

    def render(self, node: Node, table: str, alias: str) -> Piece:
        def sub(each: Node) -> Piece:
            return self.render(each, table, alias)

        match node:
            case Lit(value, kind):
                return literal(value, kind)
            case Today():
                return literal(self.world.as_of, "date")
            case Col(path, kind):
                return self.path(path, kind, table, alias)
            case Neg(item):
                inner = sub(item)
                return Piece(f"(-{inner.sql})", "num", inner.scale, inner.wide)
            case Not(item):
                return Piece(f"(not {sub(item).sql})", "bool")
            case IsNull(item, negated):
                return Piece(f"({sub(item).sql} is {'not ' if negated else ''}null)", "bool")
            case Like(item, pattern, blind, negated):
                word = f"{'not ' if negated else ''}{'ilike' if blind else 'like'}"
                return Piece(f"({sub(item).sql} {word} {quoted(pattern)})", "bool")
            case In(item, options, negated):
                first, *rest = _aligned([sub(each) for each in (item, *options)])
                # Spelled out: DuckDB takes a list of one scalar subquery for a table, and an empty table for no match.
                listed = " or ".join(f"{first.sql} = {each.sql}" for each in rest)
                return Piece(f"({'not ' if negated else ''}({listed}))", "bool")
            case Between(item, low, high, negated):
                first, second, third = _aligned([sub(each) for each in (item, low, high)])
                words = f"{'not ' if negated else ''}between"
                return Piece(f"({first.sql} {words} {second.sql} and {third.sql})", "bool")
            case Case(whens, otherwise, kind):
                return self._case(whens, otherwise, kind, table, alias)
            case Bin():
                return self._binary(node, sub(node.left), sub(node.right))
            case Call(name, args, kind, word):
                return self._call(name, [sub(each).settled() for each in args], kind, word)
            case Agg():
                return self._roll_up(node, table, alias)
            case _:
                raise TypeError(node)

    def path(self, path: tuple[str, ...], kind: str, table: str, alias: str) -> Piece:
        """A column, or what a chain of lookups leads to, as nested scalar subqueries."""
        if len(path) == 1:
            wide = self.wide.get((table, path[0]), 0)
            return Piece(f"{alias}.{path[0]}", kind, SETTLED if kind == "num" else 0, wide)
        lookup = self.world.tables[table].lookups[path[0]]
        inner = f"{alias}{len(path)}"
        there = self.path(path[1:], kind, lookup.table, inner)
        key = self.world.tables[lookup.table].key
        joined = " and ".join(f"{inner}.{k} = {alias}.{c}" for k, c in zip(key, lookup.column, strict=True))
        return Piece(f"(select {there.sql} from {lookup.table} {inner} where {joined})", kind, there.scale, there.wide)

    def _case(
        self, whens: tuple[tuple[Node, Node], ...], otherwise: Node | None, kind: str, table: str, alias: str
    ) -> Piece:
        thens = [then for _, then in whens] + ([] if otherwise is None else [otherwise])
        arms = _aligned([self.render(each, table, alias) for each in thens])
        when = " ".join(
            f"when {self.render(test, table, alias).sql} then {arm.sql}"
            for (test, _), arm in zip(whens, arms, strict=False)
        )
        tail = "" if otherwise is None else f" else {arms[-1].sql}"
        return Piece(f"(case {when}{tail} end)", kind, arms[0].scale, max(each.wide for each in arms))

    def _binary(self, node: Bin, left: Piece, right: Piece) -> Piece:
        op = node.op
        if op in {"and", "or"}:
            return Piece(f"({left.sql} {op} {right.sql})", "bool")
        if op not in {"+", "-", "*", "/"}:
            left, right = _aligned([left.settled(), right.settled()])
            return Piece(f"({left.sql} {op} {right.sql})", "bool")
        if "date" in {left.kind, right.kind}:
            return _dated(op, left, right)
        if op in {"+", "-"}:
            left, right = _aligned([left, right])
            return Piece(f"({left.sql} {op} {right.sql})", "num", left.scale, _carried(max(left.wide, right.wide) + 1))
        if op == "*":
            scale, wide = left.scale + right.scale, _carried(left.wide + right.wide)
            product = Piece(_fitting(f"({left.sql} * {right.sql})", scale + wide), "num", scale, wide)
            return product.at_scale(CARRIED) if scale > CARRIED else product
        if left.scale > 12 or right.scale > 12:
            raise TooLarge
        wide = _carried(left.wide + right.scale)
        over = left.at_scale(CARRIED + right.scale)
        return Piece(f"halves_up({over.sql}, {right.sql})", "num", CARRIED, wide)

    def _call(self, name: str, args: list[Piece], kind: str, word: str | None) -> Piece:
        first = args[0]
        match name:
            case "abs":
                return Piece(f"abs({first.sql})", "num", first.scale, first.wide)
            case "round":
                places = int(args[1].sql.split("::")[0].strip("()")) if len(args) > 1 else 0
                return first.at_scale(min(places, first.scale))
            case "floor":
                return Piece(f"floor_to({first.sql}, {_power(first.scale)})", "num", 0, first.wide + 1)
            case "ceil":
                return Piece(f"(-floor_to(-({first.sql}), {_power(first.scale)}))", "num", 0, first.wide + 1)
            case "least" | "greatest" | "coalesce":
                aligned = _aligned(args)
                wide = max(each.wide for each in args)
                return Piece(f"{name}({', '.join(each.sql for each in aligned)})", kind, aligned[0].scale, wide)
            case "nullif":
                one, two = _aligned(args)
                return Piece(f"(case when {one.sql} <> {two.sql} then {one.sql} end)", kind, one.scale, one.wide)
            case "if":
                yes, no = _aligned(args[1:])
                return Piece(
                    f"(case when {first.sql} then {yes.sql} else {no.sql} end)", kind, yes.scale, max(yes.wide, no.wide)
                )
            case _:
                return _text_or_date(self.world, name, args, kind, word)

    def _roll_up(self, node: Agg, table: str, alias: str) -> Piece:
        world, child = self.world, node.table
        names = [name for kid, name, _ in world.children(table) if kid == child and node.via in {None, name}]
        lookup, inner = world.tables[child].lookups[names[0]], f"{alias}c"
        tests = [f"{inner}.{c} = {alias}.{k}" for k, c in zip(world.tables[table].key, lookup.column, strict=True)]
        if node.where is not None:
            tests.append(self.render(node.where, child, inner).sql)
        value = self.path(node.field, "num", child, inner) if node.field else Piece("*", "num")
        taken, scale, wide = _reduced(node, value)
        return Piece(f"(select {taken} from {child} {inner} where {' and '.join(tests)})", node.kind, scale, wide)


def _reduced(node: Agg, value: Piece) -> tuple[str, int, int]:
    """The SQL aggregate of a roll-up, its scale and width."""
    over = value.sql
    match node.name:
        case "count":
            return f"count({over})", 0, 3
        case "count_distinct":
            return f"count(distinct {over})", 0, 3
        case "sum":
            return f"coalesce(sum({over}), 0::hugeint)", SETTLED, value.wide + 2
        case "min" | "max":
            return f"{node.name}({over})", SETTLED if node.kind == "num" else 0, value.wide
        case "avg":
            return f"halves_up(sum({over}), count({over})::hugeint)", SETTLED, value.wide
        case _:
            share = 0.5 if node.rank is None else float(node.rank) / 100
            return f"round(quantile_cont(({over})::double, {share}))::hugeint", SETTLED, value.wide


def _carried(wide: int) -> int:
    if wide > 16:
        raise TooLarge
    return wide


def _aligned(pieces: list[Piece]) -> list[Piece]:
    """Pieces that compare or mix: numbers at one scale."""
    if all(piece.kind != "num" for piece in pieces):
        return pieces
    scale = max(piece.scale for piece in pieces)
    return [piece.at_scale(scale) for piece in pieces]


def _dated(op: str, left: Piece, right: Piece) -> Piece:
    if left.kind == right.kind:
        return Piece(f"({left.sql} - {right.sql})", "num", 0, 6)
    if left.kind == "num":
        left, right = right, left
    return Piece(f"({left.sql} {op} ({right.sql})::integer)", "date")


def _text_or_date(world: World, name: str, args: list[Piece], kind: str, word: str | None) -> Piece:
    first = args[0].sql
    match name:
        case "lower" | "upper" | "trim":
            return Piece(f"{name}({first})", kind)
        case "length":
            return Piece(f"length({first})", kind, 0, 3)
        case "concat":
            return Piece(f"({' || '.join(each.sql for each in args)})", kind)
        case "contains" | "starts_with" | "ends_with":
            function = "suffix" if name == "ends_with" else name
            return Piece(f"{function}(lower({first}), lower({args[1].sql}))", kind)
        case "replace":
            return Piece(f"replace({', '.join(each.sql for each in args)})", kind)
        case "year" | "quarter" | "month" | "day":
            return Piece(f"{name}({first})", kind, 0, 4)
        case "weekday":
            return Piece(f"lower(dayname({first}))", kind)
        case "days_between":
            return Piece(f"({args[1].sql} - {first})", kind, 0, 6)
        case "start_of":
            return Piece(_start_of(world, first, word or ""), kind)
        case "end_of":
            return Piece(_end_of(world, first, word or ""), kind)
        case _:
            raise TypeError(name)


def _start_of(world: World, day: str, unit: str) -> str:
    match unit:
        case "day":
            return day
        case "week":
            return f"({day} - ((isodow({day}) + 6 - {world.almanac.week_starts}) % 7)::integer)"
        case "month":
            return f"date_trunc('month', {day})::date"
        case _:
            months = 3 if unit == "quarter" else 12
            back = f"((month({day}) + 12 - {world.almanac.fiscal_starts}) % {months})::integer"
            return f"(date_trunc('month', {day}) - to_months({back}))::date"


def _end_of(world: World, day: str, unit: str) -> str:
    start = _start_of(world, day, unit)
    if unit in {"day", "week"}:
        return f"({start} + {0 if unit == 'day' else 6})"
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    return f"(({start} + to_months({months}))::date - 1)"


def literal(value: Cell, kind: str) -> Piece:
    """A value as SQL; a number takes as few places as it has."""
    match value:
        case None:
            return Piece(f"null::{TYPES[kind]}", kind, 0, 0)
        case bool():
            return Piece(str(value).lower(), kind)
        case str():
            return Piece(quoted(value), kind)
        case date():
            return Piece(f"date '{value.isoformat()}'", kind)
        case Decimal():
            exponent = value.normalize().as_tuple().exponent
            assert isinstance(exponent, int)
            scale = max(0, -exponent)
            return Piece(f"{int(value.scaleb(scale))}::hugeint", kind, scale, max(0, value.adjusted() + 1))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def stored(value: Cell, kind: str) -> str:
    """A cell as it stands in DuckDB: numbers in millionths."""
    if isinstance(value, Decimal):
        return f"{int(value.scaleb(SETTLED))}::hugeint"
    return literal(value, kind).sql


def load(connection: duckdb.DuckDBPyConnection, world: World) -> RowSql:
    """Make the world's tables in DuckDB: columns, rows that count, then the fields in their order."""
    connection.execute(MACROS)
    rows = RowSql(world)
    for table in world.tables.values():
        connection.execute(_creation(table))
        if table.rows:
            connection.execute(_insertion(table))
        if table.where is not None:
            kept = rows.render(table.where, table.name, "t").sql
            connection.execute(f"create or replace table {table.name} as select * from {table.name} t where {kept}")
    for name, field in world.steps:
        piece = rows.field(name, world.tables[name].fields[field])
        rows.wide[name, field] = piece.wide
        typed = f"({piece.sql})::{TYPES[piece.kind]}"
        connection.execute(f"create or replace table {name} as select t.*, {typed} as {field} from {name} t")
    for name, table in world.tables.items():
        having = {each.name: each.paths[name] for each in world.dimensions.values() if name in each.paths}
        added = "".join(f", {rows.path(path, 'text', name, 't').sql} as dim_{each}" for each, path in having.items())
        connection.execute(f"create or replace table {name} as select t.*{added}, rowid as row_id from {name} t")
        assert table.name == name
    return rows


def _creation(table: Table) -> str:
    return (
        f"create table {table.name} ({', '.join(f'{name} {TYPES[each.kind]}' for name, each in table.columns.items())})"
    )


def _insertion(table: Table) -> str:
    lines = (", ".join(stored(row[name], column.kind) for name, column in table.columns.items()) for row in table.rows)
    return f"insert into {table.name} values {', '.join(f'({line})' for line in lines)}"


__all__ = ["Piece", "RowSql", "TooLarge", "kind_of", "literal", "load", "quoted", "stored"]
