"""Draws row formulas: over everything that a row can read, of every kind, over the whole grammar."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.differential.sql_rows import RowSql, TooLarge
from tests.differential.tree import (
    Agg,
    Between,
    Bin,
    Call,
    Case,
    In,
    IsNull,
    Like,
    Lit,
    Neg,
    Node,
    Not,
    Today,
)
from tests.differential.world import World

UNITS = ("day", "week", "month", "quarter", "year")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
TEXTS = ("Won", "won", "Lost", "Open", "East", "east", "a", "Ü", "x'y", "50%", "a_b", "u1", "u2", "call", "Call")
PATTERNS = ("W%", "%o%", "_on", "%", "East", "E%t", "c%ll", "", "%'%", "%ü", "u_")
WHOLE = ("0", "1", "2", "3", "7", "10", "30", "100")


class RowDraw:
    """Draws formulas that rows of one table can have; `rows` knows which would outgrow its numbers."""

    def __init__(self, dice: Random, world: World, table: str) -> None:
        self.dice = dice
        self.world = world
        self.table = table
        self.rows = RowSql(world)

    def any(self, kind: str, depth: int) -> Node:
        """A formula of a kind."""
        match kind:
            case "num":
                return self.num(depth)
            case "text":
                return self.text(depth)
            case "date":
                return self.date(depth)
            case _:
                return self.bool(depth)

    def fitting(self, draw: Callable[[], Node]) -> Node:
        """What `draw` draws, until its numbers are not too large to be exact."""
        while True:
            node = draw()
            try:
                self.rows.field(self.table, node)
            except TooLarge:
                continue
            return node

    def _pick(self, *draws: tuple[int, Callable[[], Node]]) -> Node:
        return self.dice.choices([draw for _, draw in draws], [weight for weight, _ in draws])[0]()

    def _column(self, kind: str) -> Node:
        found = self.world.paths(self.table, (kind,))
        if not found:
            return self._literal(kind)
        near = [each for each in found if len(each.path) == 1]
        return self.dice.choice(near if near and self.dice.random() < 0.6 else found)

    def _literal(self, kind: str) -> Node:
        dice = self.dice
        match kind:
            case "num":
                return number(dice)
            case "text":
                return Lit(dice.choice(TEXTS), "text")
            case "date":
                return Lit(self.day(), "date")
            case _:
                return Lit(dice.random() < 0.5, "bool")

    def day(self) -> date:
        return self.world.as_of + timedelta(days=self.dice.randrange(-420, 60))

    def _choice(self, kind: str, depth: int) -> Node:
        """`if`, `case`, `coalesce` and the like, which take any kind."""
        dice = self.dice

        def sub(settled: bool = False) -> Node:
            return self.settled(depth - 1) if settled and kind == "num" else self.any(kind, depth - 1)

        match dice.choice(["if", "case", "coalesce", "nullif", "least", "greatest"]):
            case "if":
                return Call("if", (self.bool(depth - 1), sub(), self._or_null(kind, sub)), kind)
            case "case":
                whens = tuple((self.bool(depth - 1), sub(settled=True)) for _ in range(dice.choice([1, 1, 2])))
                return Case(whens, sub(settled=True) if dice.random() < 0.6 else None, kind)
            case "coalesce":
                return Call("coalesce", tuple(sub() for _ in range(dice.choice([2, 2, 3]))), kind)
            case "nullif":
                return Call("nullif", (sub(), sub()), kind)
            case name:
                if kind == "bool":
                    return Call("coalesce", (sub(), sub()), kind)
                return Call(name, tuple(sub() for _ in range(dice.choice([2, 3]))), kind)

    def _or_null(self, kind: str, draw: Callable[[], Node]) -> Node:
        return Lit(None, kind) if self.dice.random() < 0.15 else draw()

    # ---- kinds

    def num(self, depth: int) -> Node:
        """A number as a field, a comparison or a function takes it; it may be a long quotient or product."""
        if depth > 0 and self.dice.random() < 0.3:
            return self._raw(depth)
        return self.settled(depth)

    def _raw(self, depth: int) -> Node:
        left = self._raw(depth - 1) if depth > 1 and self.dice.random() < 0.3 else self.settled(depth - 1)
        right = self._raw(depth - 1) if depth > 1 and self.dice.random() < 0.2 else self.settled(depth - 1)
        return Bin(self.dice.choice("*/*/+-"), left, right, "num")

    def settled(self, depth: int) -> Node:
        """A number of at most 6 places."""
        if depth <= 0:
            return self._pick((4, lambda: self._column("num")), (1, lambda: self._literal("num")))
        return self._pick(
            (4, lambda: self._column("num")),
            (1, lambda: self._literal("num")),
            (2, lambda: self._choice("num", depth)),
            (1, lambda: Neg(self.settled(depth - 1))),
            (3, lambda: Bin(self.dice.choice("+-"), self.settled(depth - 1), self.settled(depth - 1), "num")),
            (3, lambda: self._numeric_call(depth)),
            (2, lambda: self.whole(depth)),
        )

    def _numeric_call(self, depth: int) -> Node:
        name = self.dice.choice(["abs", "round", "round", "floor", "ceil"])
        if name != "round":
            return Call(name, (self.num(depth - 1),), "num")
        places = Lit(Decimal(self.dice.choice([0, 1, 2, 4, 6])), "num")
        return Call(name, (self.num(depth - 1), places), "num")

    def whole(self, depth: int) -> Node:
        """A number without places that no column holds: lengths, parts of dates, days between them."""
        name = self.dice.choice(["length", "year", "quarter", "month", "day", "days_between", "-", "literal"])
        match name:
            case "length":
                return Call(name, (self.text(depth - 1),), "num")
            case "days_between":
                return Call(name, (self.date(depth - 1), self.date(depth - 1)), "num")
            case "-":
                return Bin("-", self.date(depth - 1), self.date(depth - 1), "num")
            case "literal":
                return Lit(Decimal(self.dice.choice(WHOLE)), "num")
            case _:
                return Call(name, (self.date(depth - 1),), "num")

    def text(self, depth: int) -> Node:
        if depth <= 0:
            return self._pick((4, lambda: self._column("text")), (1, lambda: self._literal("text")))
        return self._pick(
            (4, lambda: self._column("text")),
            (1, lambda: self._literal("text")),
            (2, lambda: self._choice("text", depth)),
            (2, lambda: Call(self.dice.choice(["lower", "upper", "trim"]), (self.text(depth - 1),), "text")),
            (1, lambda: Call("concat", tuple(self.text(depth - 1) for _ in range(self.dice.choice([2, 3]))), "text")),
            (1, lambda: Call("weekday", (self.date(depth - 1),), "text")),
            (1, lambda: self._replace(depth)),
        )

    def _replace(self, depth: int) -> Node:
        old, new = self.dice.choice([("o", "0"), ("W", "w"), ("st", "-"), ("'", "''"), ("l", "")])
        return Call("replace", (self.text(depth - 1), Lit(old, "text"), Lit(new, "text")), "text")

    def date(self, depth: int) -> Node:
        if depth <= 0:
            return self._pick((8, lambda: self._column("date")), (1, lambda: self._literal("date")), (1, Today))
        return self._pick(
            (6, lambda: self._column("date")),
            (1, lambda: self._literal("date")),
            (1, Today),
            (2, lambda: self._choice("date", depth)),
            (
                2,
                lambda: Bin(
                    self.dice.choice("+-"), self.date(depth - 1), Lit(Decimal(self.dice.choice(WHOLE)), "num"), "date"
                ),
            ),
            (2, lambda: self._edge(depth)),
        )

    def _edge(self, depth: int) -> Node:
        return Call(self.dice.choice(["start_of", "end_of"]), (self.date(depth - 1),), "date", self.dice.choice(UNITS))

    def bool(self, depth: int) -> Node:
        kind = self.dice.choice(["num", "num", "text", "text", "date"])
        if depth <= 0:
            return self._pick((2, lambda: self._column("bool")), (3, lambda: self._compared(kind, 0)))
        return self._pick(
            (2, lambda: self._column("bool")),
            (4, lambda: self._compared(kind, depth - 1)),
            (2, lambda: self._in(kind, depth)),
            (1, lambda: self._between(depth)),
            (2, lambda: self._like(depth)),
            (2, lambda: IsNull(self.any(self.dice.choice(["num", "text", "date", "bool"]), depth - 1), self._coin())),
            (2, lambda: Not(self.bool(depth - 1))),
            (4, lambda: Bin(self.dice.choice(["and", "or"]), self.bool(depth - 1), self.bool(depth - 1), "bool")),
            (1, lambda: self._choice("bool", depth)),
        )

    def _coin(self) -> builtins.bool:
        return self.dice.random() < 0.5

    def _compared(self, kind: str, depth: int) -> Node:
        op = self.dice.choice(COMPARISONS)
        if self.dice.random() < 0.5:
            return Bin(op, self.any(kind, depth), self._literal(kind), "bool")
        return Bin(op, self.any(kind, depth), self.any(kind, depth), "bool")

    def _in(self, kind: str, depth: int) -> Node:
        options = [
            self.any(kind, 0) if self.dice.random() < 0.3 else self._literal(kind)
            for _ in range(self.dice.choice([1, 2, 3]))
        ]
        if self.dice.random() < 0.25:
            options.append(Lit(None, kind))
        return In(self.any(kind, depth - 1), tuple(options), self._coin())

    def _between(self, depth: int) -> Node:
        kind = self.dice.choice(["num", "date", "text"])
        return Between(self.any(kind, depth - 1), self.any(kind, 0), self.any(kind, 0), self._coin())

    def _like(self, depth: int) -> Node:
        if self.dice.random() < 0.6:
            return Like(self.text(depth - 1), self.dice.choice(PATTERNS), self._coin(), self._coin())
        name = self.dice.choice(["contains", "starts_with", "ends_with"])
        return Call(name, (self.text(depth - 1), self._literal("text")), "bool")

    # ---- roll-ups

    def roll_up(self) -> Node | None:
        """An aggregate over the children of a row, or None where the table has none."""
        found = self.world.children(self.table)
        if not found:
            return None
        child, lookup, ambiguous = self.dice.choice(found)
        via = lookup if ambiguous or self.dice.random() < 0.2 else None
        dice = self.dice
        inner = RowDraw(dice, self.world, child)
        where = inner.bool(1) if dice.random() < 0.6 else None
        name = dice.choice(
            ["count", "count", "sum", "sum", "min", "max", "avg", "median", "percentile", "count_distinct"]
        )
        kinds = {"count": ("num", "text", "bool", "date"), "count_distinct": ("num", "text", "date")}
        kinds |= {"min": ("num", "date"), "max": ("num", "date")}
        fields = self.world.paths(child, kinds.get(name, ("num",)), 1)
        if name == "count" and dice.random() < 0.6:
            return Agg(name, child, (), "num", via, where)
        if not fields:
            return None
        field = dice.choice(fields)
        rank = Decimal(dice.choice([10, 25, 50, 90])) if name == "percentile" else None
        kind = field.kind if name in {"min", "max"} else "num"
        return Agg(name, child, field.path, kind, via, where, rank=rank)


def number(dice: Random) -> Lit:
    """A literal number with few places."""
    text = dice.choice(["0", "1", "2", "5", "10", "100", "2.5", "0.3", "0.05", "1000", "1250.75", "0.000001", "12"])
    return Lit(Decimal(text), "num")
