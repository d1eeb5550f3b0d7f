"""An arithmetic as people write it: the formula with the numbers in the places of what they are of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct, field

from kpicli.explained import Step
from kpicli.render.explain.numbers import write_plain

_Written: TypeAlias = tuple[str, int]
"""A text, and how tightly its last operator binds."""

_LOOSE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _CLOSED = range(8)
_INFIX: Final = {
    "or": _OR,
    "and": _AND,
    "=": _COMPARED,
    "!=": _COMPARED,
    "<": _COMPARED,
    "<=": _COMPARED,
    ">": _COMPARED,
    ">=": _COMPARED,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
}
_ONE_OF_SEVERAL: Final = 5
"""How many members are named."""


class Writer(Struct, frozen=True):
    """Writes arithmetics: an aggregate, a KPI and a constant each as its value."""

    absent: str = "no value"
    ellipsis: str = "…"

    def value(self, step: Step) -> str:
        """What comes of it: a number, a text, or why there is nothing."""
        if step.value is None:
            return self.absent if step.reason is None else f"{self.absent}: {step.reason}"
        return self._plain(step)

    def worked(self, step: Step) -> str:
        """The formula with numbers put in; a single number as it is."""
        return self._written(step)[0]

    def _plain(self, step: Step) -> str:
        """A text in quotes; a member that is the answer by its label."""
        if not isinstance(step.value, str):
            return write_plain(step.value, self.absent, self.ellipsis)
        label = next((each.label for each in step.members if each.member == step.value), step.value)
        return f"'{label}'"

    def _leaf(self, step: Step) -> _Written:
        text = self._plain(step)
        return text, _PRODUCT if text.startswith("-") else _CLOSED

    def _written(self, step: Step) -> _Written:
        if step.members:
            return self._members(step), _CLOSED
        if not step.arguments or step.op in _LEAVES:
            return self._leaf(step)
        if step.op in _INFIX:
            binding = _INFIX[step.op]
            first, *others = step.arguments
            parts = [self._within(first, binding), *(self._within(part, binding + 1) for part in others)]
            return f" {step.op} ".join(parts), binding
        if step.op in _FORMS:
            return _FORMS[step.op](self, step.arguments)
        return f"{step.op}({', '.join(self._written(part)[0] for part in step.arguments)})", _CLOSED

    def _within(self, step: Step, least: int) -> str:
        text, binding = self._written(step)
        return text if binding >= least else f"({text})"

    def _members(self, step: Step) -> str:
        shown = [f"{member.label} {self._leaf(member.step)[0]}" for member in step.members[:_ONE_OF_SEVERAL]]
        more = len(step.members) - len(shown)
        listed = ", ".join(shown) + (f" and {more:,} more" if more else "")
        return f"{step.op.removesuffix(' by')}({listed})"

    def negated(self, arguments: Sequence[Step]) -> _Written:
        return f"-{self._within(arguments[0], _CLOSED)}", _PRODUCT

    def inside(self, arguments: Sequence[Step]) -> _Written:
        """What only looks at other days, or needs rows, has its argument's arithmetic."""
        return self._written(arguments[0])

    def divided(self, arguments: Sequence[Step]) -> _Written:
        first, second = arguments
        return f"{self._within(first, _PRODUCT)} / {self._within(second, _CLOSED)}", _PRODUCT

    def grown(self, arguments: Sequence[Step]) -> _Written:
        now, before = (self._within(part, _CLOSED) for part in arguments)
        return f"({now} - {before}) / {before}", _PRODUCT

    def cases(self, arguments: Sequence[Step]) -> _Written:
        *pairs, otherwise = (self._written(part)[0] for part in arguments)
        whens = "".join(f" when {a} then {b}" for a, b in zip(pairs[::2], pairs[1::2], strict=True))
        return f"case{whens} else {otherwise} end", _CLOSED

    def among(self, arguments: Sequence[Step]) -> _Written:
        item, *options = (self._within(part, _SUM) for part in arguments)
        return f"{item} in ({', '.join(options)})", _COMPARED

    def between(self, arguments: Sequence[Step]) -> _Written:
        item, low, high = (self._within(part, _SUM) for part in arguments)
        return f"{item} between {low} and {high}", _COMPARED

    def nothing(self, arguments: Sequence[Step]) -> _Written:
        return f"{self._within(arguments[0], _SUM)} is null", _COMPARED

    def denied(self, arguments: Sequence[Step]) -> _Written:
        return f"not {self._within(arguments[0], _NOT)}", _NOT


class Symbols(Writer, frozen=True):
    """Writes arithmetics with an aggregate as its number in brackets, and a KPI as people call it."""

    names: Mapping[str, str] = field(default_factory=dict)

    def _leaf(self, step: Step) -> _Written:
        if step.aggregate is not None:
            return f"[{step.aggregate}]", _CLOSED
        if step.kpi is not None:
            name = self.names.get(step.kpi, step.kpi)
            return name if step.op == "kpi" else f"target of {name}", _CLOSED
        return Writer._leaf(self, step)  # noqa: SLF001 -- `super` doesn't know a class with slots that is made anew

    def _written(self, step: Step) -> _Written:
        if step.op in _SHIFTS:
            inside = ", ".join(self.worked(part) for part in step.arguments)
            return f"{step.op}({inside or self.ellipsis})", _CLOSED
        return Writer._written(self, step)  # noqa: SLF001 -- likewise

    def _members(self, step: Step) -> str:
        return f"{step.op.removesuffix(' by')}({self.worked(step.members[0].step)} by {step.dimension})"


_SHIFTS: Final = ("prior", "to_date", "trailing", "whole", "rest")
"""They only look at other days."""

_LEAVES: Final = frozenset({"kpi", "target"})
"""They have an arithmetic of their own, told elsewhere."""

_FORMS: Final[dict[str, Callable[[Writer, Sequence[Step]], _Written]]] = {
    "negate": Writer.negated,
    "not": Writer.denied,
    "is_null": Writer.nothing,
    "in": Writer.among,
    "between": Writer.between,
    "case": Writer.cases,
    "growth": Writer.grown,
    "per": Writer.divided,
    "share": Writer.divided,
    **dict.fromkeys((*_SHIFTS, "needs rows"), Writer.inside),
}
