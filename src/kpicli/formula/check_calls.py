"""What the checks of row and of KPI formulas share: the types of operators, and the arguments of functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NoReturn, Protocol
from typing import Literal as OneOf

from msgspec.structs import replace

from kpicli.errors import KpiError, did_you_mean
from kpicli.formula import misses, tree
from kpicli.formula.functions import AGGREGATES, FUNCTIONS, Function, Parameter, Takes
from kpicli.formula.typed import Literal, Type
from kpicli.periods import Duration, Grain


class DependentError(KpiError):
    """A formula that can't be typed because something else, reported on its own, is wrong."""


class Fail(Protocol):
    def __call__(self, code: str, message: str, node: tree.Node, help_: str | None = None) -> NoReturn: ...


DEEPEST: Final = 200
"""How deep typed formulas may nest: `a + b - c + d …` nests once for each change of the operator."""

_CHAINED = frozenset({"or", "and", "+", "-", "*", "/"})


def chain(node: tree.Node) -> tuple[str, list[tree.Node]]:
    """An operator node as its name and arguments; `a + b + c` is one operation of three, evaluated from the left."""
    match node:
        case tree.Binary(op=op):
            arguments = [node.right]
            left = node.left
            while op in _CHAINED and isinstance(left, tree.Binary) and left.op == op:
                arguments.append(left.right)
                left = left.left
            return op, [left, *reversed(arguments)]
        case tree.Not(item=item):
            return "not", [item]
        case tree.Negative(item=item):
            return "negate", [item]
        case tree.In() | tree.Between() | tree.Like() | tree.IsNull() if node.negated:
            return "not", [replace(node, negated=False)]
        case tree.In(item=item, options=options):
            return "in", [item, *options]
        case tree.Between(item=item, low=low, high=high):
            return "between", [item, low, high]
        case tree.Like(item=item, pattern=pattern, ignores_case=ignores_case):
            return "ilike" if ignores_case else "like", [item, pattern]
        case tree.IsNull(item=item):
            return "is_null", [item]
        case tree.Case(whens=whens, otherwise=otherwise):
            flat = [part for when in whens for part in when]
            return "case", [*flat, otherwise or tree.Null(span=node.span)]
        case _:
            raise TypeError(f"{type(node).__name__} is no operator")


def shared_type(name: str, node: tree.Node, arguments: Sequence[tree.Node], types: Sequence[Type], fail: Fail) -> Type:
    """The type that an operator gives for arguments of these types; a wrong one fails at its own span."""
    match name:
        case "or" | "and" | "not":
            _each(name, Type.BOOLEAN, arguments, types, fail)
            return Type.BOOLEAN
        case "+" | "-" | "*" | "/" | "negate":
            _each("-" if name == "negate" else name, Type.NUMBER, arguments, types, fail)
            return Type.NUMBER
        case "like" | "ilike":
            _each(name, Type.TEXT, arguments, types, fail)
            return Type.BOOLEAN
        case "is_null":
            return Type.BOOLEAN
        case "case":
            conditions, values = arguments[:-1:2], [*arguments[1::2], arguments[-1]]
            _each("when", Type.BOOLEAN, conditions, types[:-1:2], fail)
            return same_type("case", values, [*types[1::2], types[-1]], fail)
        case _:
            common = same_type(name, arguments, types, fail)
            if common is Type.BOOLEAN and name not in ("=", "!=", "in"):
                help_ = "compare with `=`, or write the condition alone"
                fail("type", f"`{name}` puts values in order, and true or false have none", node, help_)
            return Type.BOOLEAN


_WANTS = {
    Type.BOOLEAN: "conditions",
    Type.NUMBER: "numbers",
    Type.TEXT: "texts",
    Type.DATE: "dates",
}


def _each(name: str, wanted: Type, arguments: Sequence[tree.Node], types: Sequence[Type], fail: Fail) -> None:
    for argument, kind in zip(arguments, types, strict=True):
        if kind not in (wanted, Type.NULL):
            fail(
                "type",
                f"`{name}` takes {_WANTS[wanted]}, and this is a {kind.value}",
                argument,
                _cure(name, wanted, kind),
            )


def _cure(name: str, wanted: Type, kind: Type) -> str:
    match wanted, kind:
        case Type.NUMBER, Type.TEXT if name == "+":
            return "to join texts write `concat(a, b)`"
        case Type.NUMBER, Type.TEXT:
            return "if it is a column of numbers, declare it with `type: number` or `type: money`"
        case Type.NUMBER, Type.BOOLEAN:
            return "to count with it write `if(…, 1, 0)`"
        case Type.NUMBER, Type.DATE:
            return "two dates make a number of days: `close_date - created_date`"
        case Type.BOOLEAN, _:
            return "compare it with something, for example `stage = 'Closed Won'` or `amount > 0`"
        case Type.TEXT, _:
            return "`concat(…)` makes a text of it"
        case _:
            return "declare the column with `type: date`"


def same_type(name: str, arguments: Sequence[tree.Node], types: Sequence[Type], fail: Fail) -> Type:
    """The one type of all the arguments (null fits any)."""
    common = Type.NULL
    for argument, kind in zip(arguments, types, strict=True):
        if kind is Type.NULL or kind is common:
            continue
        if common is not Type.NULL:
            verb = "mixes" if name == "case" or name in FUNCTIONS else "compares"
            fail(
                "type",
                f"`{name}` {verb} a {common.value} and a {kind.value}",
                argument,
                _align(arguments, common, kind),
            )
        common = kind
    return common


def _align(arguments: Sequence[tree.Node], first: Type, second: Type) -> str:
    if {first, second} == {Type.DATE, Type.TEXT}:
        text = next((a.value for a in arguments if isinstance(a, tree.Text)), "2026-01-31")
        return f"a date is written `date '{text}'`"
    if {first, second} == {Type.NUMBER, Type.TEXT}:
        if any(isinstance(argument, tree.Text) for argument in arguments):
            return "a number is written without quotes"
        number = next((a.value for a in arguments if isinstance(a, tree.Number)), None)
        if number is not None:
            return f"a text is written in quotes: '{number}'"
        return "declare both columns with the same type"
    if Type.BOOLEAN in (first, second):
        return "true and false are written without quotes; a condition needs no comparison: write `won`, not `won = 1`"
    return "both sides need the same type"


class CallCheck:
    """The arguments of one call, held against the function's parameters."""

    def __init__(self, kind: OneOf["row", "kpi"], node: tree.Call, fail: Fail) -> None:
        self.node = node
        self.fail = fail
        self.function = self._known(kind)
        self.pairs = self._paired()

    def _known(self, kind: str) -> Function:
        name = self.node.function
        usable = [f.name for f in FUNCTIONS.values() if kind in f.kinds]
        if name in usable:
            return FUNCTIONS[name]
        if name in FUNCTIONS:
            if kind == "row":
                help_ = "write it in a KPI's formula"
                self.fail("not-in-rows", f"{name} works on the figures of a KPI, not on a row", self.node, help_)
            help_ = "make it a field of the table, and aggregate the field"
            self.fail("not-in-kpis", f"{name} works on the values of a row, not on a KPI's figures", self.node, help_)
        nearest = did_you_mean(name, [*usable, *AGGREGATES]) or "`kpi functions` lists them all"
        self.fail("unknown-function", f"there is no function '{name}'", self.node, misses.elsewhere(name) or nearest)

    def _paired(self) -> list[tuple[Parameter, tree.Node]]:
        parameters, arguments = self.function.parameters, self.node.arguments
        repeated = [p for p in parameters if p.repeated]
        least = sum(not p.optional and not p.repeated for p in parameters)
        if len(arguments) < least or (len(arguments) > len(parameters) and not repeated):
            counted = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}"
            help_ = f"write `{self.function.signature}`"
            self.fail("arguments", f"{self.function.name} can't take {counted}", self.node, help_)
        filled = list(parameters[: len(arguments)])
        filled += repeated * (len(arguments) - len(filled))
        return list(zip(filled, arguments, strict=True))

    def _special(self, takes: Takes) -> list[tree.Node]:
        return [argument for parameter, argument in self.pairs if parameter.takes is takes]

    def values(self) -> list[tree.Node]:
        """The arguments that are formulas themselves."""
        special = {Takes.WHOLE, Takes.GRAIN, Takes.DURATION, Takes.KPI}
        nodes = [argument for parameter, argument in self.pairs if parameter.takes not in special]
        for node in nodes:
            if isinstance(node, tree.Duration):
                self.fail("arguments", f"{self.function.name} takes no span of time here", node, self._written())
        return nodes

    def _written(self) -> str:
        return f"write `{self.function.signature}`"

    def result(self, types: Sequence[Type]) -> Type:
        """The type of the result, for value arguments of these types."""
        nodes = self.values()
        takes = [p.takes for p, _ in self.pairs if isinstance(p.takes, Type) or p.takes in (Takes.SAME, Takes.ANY)]
        for node, wanted, kind in zip(nodes, takes, types, strict=True):
            if isinstance(wanted, Type) and kind not in (wanted, Type.NULL):
                message = f"{self.function.name} takes a {wanted.value} here, and this is a {kind.value}"
                self.fail("type", message, node, _cure(self.function.name, wanted, kind) or self._written())
        same = [(n, k) for n, w, k in zip(nodes, takes, types, strict=True) if w is Takes.SAME]
        common = same_type(self.function.name, [n for n, _ in same], [k for _, k in same], self.fail)
        if self.function.name in ("least", "greatest") and common is Type.BOOLEAN:
            message = f"{self.function.name} puts values in order, and true or false have none"
            self.fail("type", message, self.node, "join conditions with `and` and `or`")
        return common if self.function.returns is Takes.SAME else self._returned()

    def _returned(self) -> Type:
        returned = self.function.returns
        assert isinstance(returned, Type)
        return returned

    def grain(self) -> Grain | None:
        """The unit argument; None where the function has none."""
        for node in self._special(Takes.GRAIN):
            word = node.names[0].lower() if isinstance(node, tree.Path) and len(node.names) == 1 else ""
            units = [grain.value for grain in Grain]
            if word not in units:
                help_ = did_you_mean(word, units) if word else "known: " + ", ".join(units)
                self.fail("unit", f"{self.function.name} takes a unit here", node, help_)
            return Grain(word)
        return None

    def duration(self) -> Duration | None:
        """The span-of-time argument; None where it is left out."""
        for node in self._special(Takes.DURATION):
            if not isinstance(node, tree.Duration):
                help_ = "write a number and a unit, for example `90 days` or `1 year`"
                self.fail("duration", f"{self.function.name} takes a span of time here", node, help_)
            if node.count < 1:
                help_ = "leave it out for the period before" if self.function.name != "trailing" else "write `1 day`"
                self.fail("duration", "a span of time holds at least one unit", node, help_)
            return Duration(node.count, Grain(node.unit))
        return None

    def whole_numbers(self) -> tuple[Literal, ...]:
        """The arguments that have to be written as whole numbers, such as the places of `round`."""
        return tuple(Literal(self._whole(node), Type.NUMBER) for node in self._special(Takes.WHOLE))

    def _whole(self, node: tree.Node) -> Decimal:
        match node:
            case tree.Number(value=value) if value == value.to_integral_value() and value <= 15:
                return value
            case tree.Negative(item=tree.Number(value=value)) if value == value.to_integral_value() and value <= 15:
                return -value
            case _:
                message = f"{self.function.name} takes a whole number between -15 and 15 here"
                self.fail("arguments", message, node, self._written())

    def kpi_name(self) -> tree.Path:
        """The argument of `target(k)`."""
        (node,) = self._special(Takes.KPI)
        if not isinstance(node, tree.Path) or len(node.names) != 1:
            self.fail(
                "arguments", f"{self.function.name} takes the id of a KPI", node, "for example `target(won_revenue)`"
            )
        return node
