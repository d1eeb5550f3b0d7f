"""A drawn formula as text in the language of the book: with the brackets that it needs, and now and then more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from tests.differential.tree import (
    Agg,
    Between,
    Bin,
    Call,
    Case,
    Cell,
    Col,
    Const,
    DayCount,
    In,
    IsNull,
    Like,
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
)

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, PRIMARY = range(1, 9)
_LEVELS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}
PER = 0
"""`x per day` stands only outermost or in brackets."""


class Writer:
    """Writes formulas; its dice decide on spare brackets, the case of keywords and spellings of numbers."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def write(self, node: Node, least: int = PER) -> str:
        """The text of a node where the grammar wants something that binds at least as tightly as `least`."""
        level, text = self._leveled(node)
        if level < least or (level != PER and self._dice.random() < 0.04):
            return f"({text})"
        return text

    def _leveled(self, node: Node) -> tuple[int, str]:
        write = self.write
        match node:
            case Bin(op, left, right, _):
                level = _LEVELS.get(op, COMPARISON)
                before, after = (SUM, SUM) if level == COMPARISON else (level, level + 1)
                return level, f"{write(left, before)} {self._word(op)} {write(right, after)}"
            case Not(item):
                return NOT, f"{self._word('not')} {write(item, NOT)}"
            case In(item, options, negated):
                listed = ", ".join(write(each, SUM) for each in options)
                return COMPARISON, f"{write(item, SUM)}{self._not(negated)} {self._word('in')} ({listed})"
            case Between(item, low, high, negated):
                ends = f"{write(low, SUM)} {self._word('and')} {write(high, SUM)}"
                return COMPARISON, f"{write(item, SUM)}{self._not(negated)} {self._word('between')} {ends}"
            case Like(item, pattern, blind, negated):
                word = self._word("ilike" if blind else "like")
                return COMPARISON, f"{write(item, SUM)}{self._not(negated)} {word} {_quoted(pattern)}"
            case IsNull(item, negated):
                return COMPARISON, f"{write(item, SUM)} {self._word('is')}{self._not(negated)} {self._word('null')}"
            case Neg(item):
                return UNARY, f"-{write(item, UNARY)}"
            case Per(item, unit):
                return PER, f"{write(item, OR)} {self._word('per')} {unit}"
            case _:
                return PRIMARY, self._primary(node)

    def _primary(self, node: Node) -> str:
        match node:
            case Lit(value, _):
                return self._literal(value)
            case Today():
                return self._word("today")
            case Col(path, _):
                return ".".join(path)
            case Const(name) | Ref(name) | DayCount(name):
                return name
            case TargetOf(kpi):
                return f"target({kpi})"
            case Case(whens, otherwise, _):
                return self._case(whens, otherwise)
            case Agg():
                return self._aggregate(node)
            case Reduce(name, item, dimension, rank):
                tail = "" if rank is None else f", {rank}"
                return f"{name}({self.write(item, OR)} {self._word('by')} {dimension}{tail})"
            case Top(dimension, item):
                return f"top({dimension} {self._word('by')} {self.write(item, OR)})"
            case Call(name, args, _, word):
                written = [self.write(each, OR) for each in args] + ([word] if word else [])
                return f"{self._word(name)}({', '.join(written)})"
            case Share(item):
                return f"share({self.write(item, OR)})"
            case Shift(name, item, duration, grain):
                tail = "" if duration is None else f", {spelled(duration)}"
                return f"{name}({self.write(item, OR)}{tail}{'' if grain is None else f', {grain}'})"
            case _:
                raise TypeError(node)

    def _aggregate(self, node: Agg) -> str:
        text = ".".join((node.table, *node.field))
        if node.via is not None:
            text += f" via {node.via}"
        clauses = []
        if node.where is not None:
            clauses.append(f" {self._word('where')} {self.write(node.where, OR)}")
        if node.on is not None:
            clauses.append(f" on {node.on}")
        if node.at is not None:
            clauses.append(f" at {node.at}")
        if self._dice.random() < 0.2:
            clauses.reverse()
        tail = "" if node.rank is None else f", {node.rank}"
        return f"{self._word(node.name)}({text}{''.join(clauses)}{tail})"

    def _case(self, whens: tuple[tuple[Node, Node], ...], otherwise: Node | None) -> str:
        arms = " ".join(f"when {self.write(when, OR)} then {self.write(then, OR)}" for when, then in whens)
        return f"case {arms} {'' if otherwise is None else f'else {self.write(otherwise, OR)} '}end"

    def _literal(self, value: Cell) -> str:
        match value:
            case None | bool():
                return self._word({None: "null", True: "true", False: "false"}[value])
            case str():
                return _quoted(value)
            case date():
                return f"{self._word('date')} '{value.isoformat()}'"
            case Decimal():
                if value and value == value.quantize(Decimal("0.01")) and value < 1 and self._dice.random() < 0.5:
                    return f"{(value * 100).normalize():f}%"
                return f"{value:,f}".replace(",", "_") if value >= 1000 and self._dice.random() < 0.5 else f"{value:f}"

    def _not(self, negated: bool) -> str:
        return f" {self._word('not')}" if negated else ""

    def _word(self, word: str) -> str:
        return word.upper() if self._dice.random() < 0.05 else word


def spelled(duration: tuple[int, str]) -> str:
    count, unit = duration
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
