"""Draws KPI formulas: aggregates, arithmetic, and every function that moves its argument to another context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from tests.differential.draw_rows import COMPARISONS, RowDraw, number
from tests.differential.sql_rows import TooLarge
from tests.differential.tree import (
    Agg,
    Between,
    Bin,
    Call,
    Case,
    Const,
    DayCount,
    In,
    IsNull,
    Lit,
    Neg,
    Node,
    Not,
    Per,
    Reduce,
    Ref,
    Share,
    Shift,
    TargetOf,
    Today,
    Top,
    kind_of,
    walk,
)
from tests.differential.world import Aim, Kpi, Rate, Table, World

DURATIONS = (
    (1, "year"),
    (1, "year"),
    (3, "month"),
    (1, "month"),
    (2, "quarter"),
    (52, "week"),
    (4, "week"),
    (28, "day"),
    (2, "year"),
)
SPANS = (
    (90, "day"),
    (30, "day"),
    (1, "day"),
    (2, "week"),
    (3, "month"),
    (1, "month"),
    (1, "quarter"),
    (12, "month"),
    (1, "year"),
)
PER_UNITS = ("day", "workday", "week", "month", "quarter", "year")
GRAINS = ("month", "quarter", "year")


class FigureDraw:
    """Draws KPI formulas of one world."""

    def __init__(self, dice: Random, world: World, widths: dict[tuple[str, str], int]) -> None:
        self.dice = dice
        self.world = world
        self.widths = widths

    def formula(self) -> Node:
        """A KPI formula that reads some table."""
        while True:
            node = self._outermost()
            if any(isinstance(each, Agg) for each in walk(node)):
                return node

    def _outermost(self) -> Node:
        roll = self.dice.random()
        if roll < 0.12:
            return self.additive(2)
        if roll < 0.2:
            return self.aggregate()
        if roll < 0.27:
            return Top(self._dimension(), self.figure(1))
        if roll < 0.31:
            return Case(((self.test(1), Lit("up", "text")),), self.text(), "text")
        if roll < 0.33:
            return self.text()
        if roll < 0.39:
            return Per(self.figure(2), self.dice.choice(PER_UNITS))
        return self.figure(3)

    def additive(self, depth: int) -> Node:
        """Something that accumulates."""
        if depth <= 0:
            return self.aggregate(additive=True)
        match self.dice.choice(["leaf", "leaf", "+", "-", "*", "/", "neg"]):
            case "leaf":
                return self.aggregate(additive=True)
            case "neg":
                return Neg(self.additive(depth - 1))
            case "*":
                return Bin("*", self.additive(depth - 1), self._scale(), "num")
            case "/":
                return Bin("/", self.additive(depth - 1), self._scale(), "num")
            case op:
                return Bin(op, self.additive(depth - 1), self.additive(depth - 1), "num")

    def _scale(self) -> Lit:
        return Lit(self.dice.choice([Decimal(2), Decimal(100), Decimal("0.5"), Decimal("0.25"), Decimal(3)]), "num")

    def figure(self, depth: int) -> Node:
        """A number."""
        dice = self.dice
        if depth <= 0:
            return self._leaf()
        draws: list[tuple[int, Callable[[], Node]]] = [
            (3, self._leaf),
            (6, lambda: Bin(dice.choice("+-*//"), self.figure(depth - 1), self.figure(depth - 1), "num")),
            (6, lambda: self._shifted(depth)),
            (3, lambda: self._reduced(depth)),
            (1, lambda: Share(self.figure(depth - 1))),
            (1, lambda: Per(self.figure(depth - 1), dice.choice(PER_UNITS))),
            (2, lambda: self._chosen(depth)),
            (2, lambda: self._called(depth)),
            (1, lambda: Neg(self.figure(depth - 1))),
        ]
        return dice.choices([draw for _, draw in draws], [weight for weight, _ in draws])[0]()

    def text(self) -> Node:
        """A text: one of the rows, or one that is given."""
        found = self.edge("text")
        if self.dice.random() < 0.3:
            return Call("coalesce", (found, Lit("nothing", "text")), "text")
        return found

    def edge(self, kind: str) -> Node:
        """The first or last of the dates or texts of some rows."""
        while True:
            node = self.aggregate()
            if isinstance(node, Agg):
                found = self.world.paths(node.table, (kind,), 1)
                if found:
                    name = self.dice.choice(["min", "max"])
                    return replace(node, name=name, field=self.dice.choice(found).path, kind=kind, rank=None)

    def _leaf(self) -> Node:
        roll = self.dice.random()
        if roll < 0.03:
            return Bin("-", self.edge("date"), Today() if self.dice.random() < 0.5 else self.edge("date"), "num")
        if roll < 0.78 or not self.world.kpis:
            return self.aggregate()
        if roll < 0.84:
            return number(self.dice)
        if roll < 0.87:
            return Const(self.dice.choice(list(self.world.constants)))
        if roll < 0.91:
            return DayCount(self.dice.choice(["days", "workdays"]))
        aimed = [kpi.name for kpi in self.world.kpis.values() if kpi.aim is not None]
        if roll < 0.94 and aimed:
            return TargetOf(self.dice.choice(aimed))
        numeric = [kpi.name for kpi in self.world.kpis.values() if kpi.unit != "text"]
        return Ref(self.dice.choice(numeric)) if numeric else self.aggregate()

    # ---- aggregates

    def aggregate(self, additive: bool = False) -> Node:
        """An aggregate of some table."""
        dice = self.dice
        while True:
            table = self.world.tables[dice.choice(["opportunities"] * 4 + ["activities"] * 3 + list(self.world.tables))]
            if additive and table.date is None:
                continue
            node = self._aggregate_of(table, additive)
            if node is not None:
                return node

    def _aggregate_of(self, table: Table, additive: bool) -> Node | None:
        dice = self.dice
        names = ["count", "count", "count", "sum", "sum"]
        if not additive:
            names += ["avg", "avg", "median", "min", "max", "percentile", "count_distinct", "count_distinct"]
        name = dice.choice(names)
        field: tuple[str, ...] = ()
        if name in {"count_distinct", "sum", "avg", "median", "min", "max", "percentile"} or dice.random() < 0.2:
            kinds = (
                ("num", "text", "bool", "date")
                if name == "count"
                else ("text", "num", "date")
                if name == "count_distinct"
                else ("num",)
            )
            found = self.world.paths(table.name, kinds, dice.choice([0, 0, 0, 1, 2]))
            if not found:
                return None
            field = dice.choice(found).path
        where = self._where(table) if dice.random() < 0.5 else None
        rank = (
            Decimal(dice.choice(["10", "25", "50", "90", "99", "12.5", "0", "100"])) if name == "percentile" else None
        )
        on = at = None
        if not table.covers and dice.random() < 0.35:
            days = [each for each, kind in table.kinds.items() if kind == "date"]
            if table.lifespan is not None and not additive and dice.random() < 0.5:
                at = dice.choice(["start", "end", "end"])
            elif days and table.date is not None:
                on = dice.choice(days)
        return Agg(name, table.name, field, "num", None, where, on, at, rank)

    def _where(self, table: Table) -> Node:
        draw = RowDraw(self.dice, self.world, table.name)
        draw.rows.wide = self.widths
        while True:
            where = draw.bool(self.dice.choice([0, 1, 1, 2]))
            try:
                draw.rows.render(where, table.name, "t")
            except TooLarge:
                continue
            return where

    # ---- contexts

    def _shifted(self, depth: int) -> Node:
        dice = self.dice
        item = self.figure(depth - 1)
        match dice.choice(
            ["prior", "prior", "change", "growth", "to_date", "to_date", "trailing", "trailing", "whole", "rest"]
        ):
            case "to_date":
                return Shift("to_date", item, grain=dice.choice(GRAINS))
            case "trailing":
                return Shift("trailing", item, dice.choice(SPANS))
            case "whole":
                return Shift("whole", item)
            case "rest":
                return Shift("rest", self.additive(depth - 1))
            case name:
                return Shift(name, item, dice.choice(DURATIONS) if dice.random() < 0.4 else None)

    def _dimension(self) -> str:
        return self.dice.choice(["owner", "owner", "team", "source", "industry", "head"])

    def _reduced(self, depth: int) -> Node:
        name = self.dice.choice(["avg", "avg", "sum", "median", "min", "max", "count", "percentile"])
        rank = Decimal(self.dice.choice(["10", "50", "90"])) if name == "percentile" else None
        while True:
            item = self.figure(depth - 1)
            if any(isinstance(each, Agg) for each in walk(item)) and (
                name not in {"sum", "count"} or self._known(item)
            ):
                return Reduce(name, item, self._dimension(), rank)

    def _known(self, item: Node) -> bool:
        """Whether a figure is known at any time and of everybody; otherwise a sum over members is unknown, not 0."""
        apart = Shift | Per | Share | TargetOf | Ref | Reduce
        return not any(
            isinstance(each, apart)
            or (isinstance(each, Agg) and (each.at is not None or not self._everywhere(each.table)))
            for each in walk(item)
        )

    def _everywhere(self, table: str) -> bool:
        return all(table in dimension.paths for dimension in self.world.dimensions.values())

    # ---- choices

    def _called(self, depth: int) -> Node:
        dice = self.dice
        match dice.choice(["abs", "round", "least", "greatest", "coalesce", "nullif"]):
            case "abs":
                return Call("abs", (self.figure(depth - 1),), "num")
            case "round":
                return Call("round", (self.figure(depth - 1), Lit(Decimal(dice.choice([0, 1, 2, 4])), "num")), "num")
            case "nullif":
                return Call("nullif", (self.figure(depth - 1), Lit(Decimal(0), "num")), "num")
            case "coalesce":
                return Call("coalesce", (self.figure(depth - 1), number(dice)), "num")
            case name:
                return Call(name, tuple(self.figure(depth - 1) for _ in range(dice.choice([2, 2, 3]))), "num")

    def _chosen(self, depth: int) -> Node:
        if self.dice.random() < 0.5:
            return Call("if", (self.test(depth - 1), self.figure(depth - 1), self.figure(0)), "num")
        otherwise = self.figure(0) if self.dice.random() < 0.6 else None
        return Case(((self.test(depth - 1), self.figure(depth - 1)),), otherwise, "num")

    def test(self, depth: int) -> Node:
        """A condition between figures; none that a float's last digit could decide."""
        dice = self.dice
        roll = dice.random()
        if roll < 0.5:
            return Bin(dice.choice(COMPARISONS), self.figure(depth), number(dice), "bool")
        if roll < 0.6:
            return Between(self.figure(depth), number(dice), number(dice), dice.random() < 0.3)
        if roll < 0.7:
            return In(self.figure(0), (number(dice), number(dice)), dice.random() < 0.3)
        if roll < 0.73:
            return Bin(dice.choice(COMPARISONS), self.edge("date"), Lit(self.world.as_of, "date"), "bool")
        if roll < 0.76:
            return Bin(
                dice.choice(["=", "!=", "<"]), self.text(), Lit(dice.choice(["Won", "web", "u1"]), "text"), "bool"
            )
        if roll < 0.8:
            return IsNull(self.figure(depth), dice.random() < 0.5)
        if roll < 0.9:
            return Not(self.test(depth - 1)) if depth > 0 else self.test(0)
        return Bin(dice.choice(["and", "or"]), self.test(0), self.test(0), "bool")


def draw_kpis(dice: Random, world: World, widths: dict[tuple[str, str], int], count: int) -> None:
    """Give a world its KPIs; the first ones accumulate and have targets, so that others can name those."""
    draw = FigureDraw(dice, world, widths)
    for index in range(count):
        formula = draw.additive(1) if index < 3 else draw.formula()
        kpi = Kpi(f"k{index}", formula, lower=dice.random() < 0.2)
        kpi.unit = (
            "text" if kind_of(formula) == "text" else dice.choice(["number", "number", "percent", "money", "days"])
        )
        if dice.random() < 0.25:
            if dice.random() < 0.5:
                kpi.trailing = dice.choice(SPANS)
            else:
                kpi.to_date = dice.choice(GRAINS)
        if kpi.unit != "text" and dice.random() < (0.9 if index < 3 else 0.5):
            kpi.aim = _aim(dice, world, world.accumulates(formula), draw)
        world.kpis[kpi.name] = kpi


def _aim(dice: Random, world: World, flow: bool, draw: FigureDraw) -> Aim:
    def rate() -> Rate:
        unit = dice.choice(PER_UNITS) if flow else None
        if dice.random() < 0.15:
            return Rate(Decimal(0), dice.choice(list(world.constants)), unit=unit)
        amount = Decimal(dice.choice(["10", "2.5", "400", "0.75", "30", "0", "1_000".replace("_", "")]))
        return Rate(amount, percent=not flow and dice.random() < 0.3, unit=unit)

    def entries() -> tuple[tuple[date | None, Rate | Node], ...]:
        if dice.random() < 0.6:
            return ((None, rate()),)
        first = world.as_of.replace(day=1)
        days = sorted(
            {first.replace(year=first.year - 3), world.as_of, first.replace(year=first.year - 1), first.replace(day=11)}
        )
        chosen = days[dice.choice([0, 0, 0, 1]) :]
        return tuple((day, rate()) for day in chosen)

    if dice.random() < 0.3:
        quota = Agg("sum", "quotas", ("amount",), "num")
        return Aim(((None, quota if dice.random() < 0.6 else draw.additive(1)),))
    if dice.random() < 0.5:
        return Aim(entries())
    return Aim(entries(), {dice.choice(["owner", "team"]): entries()})
