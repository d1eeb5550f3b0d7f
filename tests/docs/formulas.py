"""Blocks of formulas, one a line with what it gives behind an arrow, evaluated over the example.

A block opens with one of

- "kpi period=2026-10 only=team=East": formulas as they would stand in a KPI, in a period (October 2026 by default)
- "row opportunities 006TF0000000563": formulas as they would stand in a field of a table, for the row with this key
- "wrong": KPI formulas that can't be, each with its message below it
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.docs.desk import AS_OF, Desk, messages
from tests.docs.pages import Block

import kpicli
from kpicli.errors import Mistakes
from kpicli.render.numbers import NumberStyle, Real
from kpicli.scorecard import Figure

_LINE = re.compile(r"(?P<formula>[^\s#].*?)(?P<gap> +)→ (?P<shown>.*)")
_NUMBER = re.compile(r"-?(?P<money>\$)?[\d,]+(?:\.(?P<places>\d+))?(?P<mark>%| days?)?")
"""How a result is shown. A `?` stands for digits that aren't known yet: `$?`, `?.0%`; `?text` is a text."""


@dataclass(frozen=True)
class Shown:
    """A line of a block: a formula, and how its result is shown."""

    formula: str
    gap: str
    result: str

    @property
    def is_text(self) -> bool:
        return self._style is None and not self.result.startswith("no value")

    @property
    def _style(self) -> re.Match[str] | None:
        return _NUMBER.fullmatch(self.result.replace("?", "0"))

    def with_result(self, result: str) -> str:
        return f"{self.formula}{self.gap}→ {result}"

    def write(self, value: Real | str | None, reason: str | None) -> str:
        """A result in the unit and with the decimals in which the line shows it."""
        if value is None:
            return f"no value: {reason}"
        if isinstance(value, str):
            return value
        style = self._style
        if style is None or self.result == "?":
            return NumberStyle("number").write(value)
        unit = "money" if style["money"] else {"%": "percent", None: "number"}.get(style["mark"], "days")
        return NumberStyle(unit, len(style["places"] or ""), "USD").write(value)


def shown_lines(block: Block) -> list[Shown]:
    """The lines of a block that show a result."""
    return [line for line in map(_shown, block.text.splitlines()) if line is not None]


def _shown(text: str) -> Shown | None:
    line = _LINE.fullmatch(text)
    return None if line is None else Shown(line["formula"], line["gap"], line["shown"])


def evaluated(blocks: Iterable[Block], desk: Desk) -> dict[Block, str]:
    """The blocks of formulas with the results that they have over the example; all of them in one book."""
    chosen = list(blocks)
    right = [block for block in chosen if block.kind in ("kpi", "row")]
    wrong = [block for block in chosen if block.kind == "wrong"]
    return (_results(right, desk) if right else {}) | (_refusals(wrong, desk) if wrong else {})


def quoted(formula: str) -> str:
    """A formula as a YAML scalar."""
    return '"' + formula.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---- formulas that are right


@dataclass(frozen=True)
class Asked:
    """A formula as a KPI of its own, and how it is reported."""

    name: str
    formula: str
    unit: str
    period: str
    only: str
    fields: tuple[str, str] | None = None
    """A table and the field that the KPI shows, for a row formula."""


def _asked(name: str, block: Block, line: Shown) -> Asked:
    if block.kind == "kpi":
        unit = "text" if line.is_text else "number"
        only = block.options.get("only", "")
        return Asked(name, line.formula, unit, block.options.get("period", "2026-10"), only)
    # A row formula as a field: as text, and the largest text of one row is that row's.
    table, key = block.words
    field = f"{name}: {quoted(f'concat({line.formula})')}"
    return Asked(name, f"max({table}.{name} where id = '{key}')", "text", "all", "", (table, field))


def _results(blocks: list[Block], desk: Desk) -> dict[Block, str]:
    lines = [(block, line) for block in blocks for line in shown_lines(block)]
    asked = [_asked(f"shown_{at}", block, line) for at, (block, line) in enumerate(lines)]
    figures = _figures(asked, desk.load(desk.with_pieces(_pieces(asked))))
    results = iter(
        line.with_result(line.write(figure.value_label or figure.value, figure.reason))
        if block.kind == "kpi"
        else line.with_result("null" if figure.value is None else str(figure.value))
        for (block, line), figure in zip(lines, figures, strict=True)
    )
    return {
        block: "".join(f"{text if _shown(text) is None else next(results)}\n" for text in block.text.splitlines())
        for block in blocks
    }


def _pieces(asked: list[Asked]) -> str:
    """Keys of a book that declare the formulas."""
    tables: dict[str, list[str]] = {}
    for one in asked:
        if one.fields is not None:
            tables.setdefault(one.fields[0], []).append(f"      {one.fields[1]}\n")
    kpis = "".join(
        f"  {one.name}: {{formula: {quoted(one.formula)}, role: lagging, status: proposed, unit: {one.unit}}}\n"
        for one in asked
    )
    declared = "".join(f"  {table}:\n    fields:\n{''.join(fields)}" for table, fields in tables.items())
    return (f"tables:\n{declared}" if declared else "") + f"kpis:\n{kpis}"


def _figures(asked: list[Asked], book: kpicli.KpiBook) -> list[Figure]:
    """The figure of each, reported together with those of the same period and part of the company."""
    found: dict[str, Figure] = {}
    for period, only in dict.fromkeys((one.period, one.only) for one in asked):
        dimension, _, member = only.partition("=")
        names = [one.name for one in asked if (one.period, one.only) == (period, only)]
        narrowed = {dimension: member} if only else {}
        report = book.report(kpis=names, period=period, only=narrowed, as_of=AS_OF)
        found |= {line.id: line.figure for line in report.scorecard.lines}
    return [found[one.name] for one in asked]


# ---- formulas that are wrong


def _refusals(blocks: list[Block], desk: Desk) -> dict[Block, str]:
    """Each formula with its messages below it."""
    formulas = [line for block in blocks for line in block.text.splitlines() if line and not line.startswith(" ")]
    kpis = [
        f"  shown_{at}: {{formula: {quoted(formula)}, role: lagging, status: proposed}}\n"
        for at, formula in enumerate(formulas)
    ]
    text = desk.with_pieces(f"kpis:\n{''.join(kpis)}")
    try:
        desk.load(text)
    except kpicli.KpiError as error:
        errors = error.errors if isinstance(error, Mistakes) else (error,)
    else:
        raise AssertionError("formulas are shown as mistakes, and are none")
    told: dict[str, list[str]] = {formula: [] for formula in formulas}
    for mistake in errors:
        assert mistake.place is not None
        line = text.splitlines()[mistake.place.line - 1]
        (at,) = (at for at in range(len(formulas)) if line.startswith(f"  shown_{at}:"))
        told[formulas[at]] += messages(mistake).splitlines()
    assert [formula for formula, lines in told.items() if not lines] == []
    return {
        block: "\n".join(
            "".join(f"{line}\n" for line in (formula, *(f"  {message}" for message in told[formula])))
            for formula in block.text.splitlines()
            if formula in told
        )
        for block in blocks
    }
