"""Targets as text: `400 per week`, `30%`, `$3_000_000 per year`, or else a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn, TypeAlias

from msgspec import Struct

from kpicli.book.currencies import SIGN, SIGNS
from kpicli.book.model import Book
from kpicli.book.target_hints import respelled
from kpicli.errors import KpiError, Source
from kpicli.formula import typed
from kpicli.formula.check import Checker
from kpicli.formula.check_calls import DependentError
from kpicli.formula.typed import Figure, Type
from kpicli.periods import PerUnit


class Rate(Struct, frozen=True):
    """So much per unit of time: a flow's target."""

    amount: Decimal
    per: PerUnit


class Fixed(Struct, frozen=True):
    """A level that holds for any period."""

    amount: Decimal


class Computed(Struct, frozen=True):
    """A formula, such as `sum(quotas.amount)`."""

    figure: Figure


Aim: TypeAlias = Rate | Fixed | Computed


class DatedAim(Struct, frozen=True):
    """What is aimed at from a day on; None: always."""

    start: date | None
    aim: Aim


class Aims(Struct, frozen=True):
    """The targets of one KPI. `flow`: it accumulates over the window, so that its target does too."""

    flow: bool
    total: tuple[DatedAim, ...]
    members: Mapping[str, tuple[DatedAim, ...]]


_LITERAL = re.compile(
    rf"""\s* (?P<sign>-)? \s* (?P<currency>(?-i:{SIGN}))? \s*
    (?: (?P<number>\d[\d_,]*(?:\.\d+)?|\.\d+) | (?P<name>[A-Za-z]\w*) )
    \s* (?P<percent>%)? (?: \s+ per \s+ (?P<unit>\w+) )? \s*""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_aim(source: Source, book: Book, checker: Checker, *, percent: bool) -> Aim:
    """The target that a text declares, of a percentage or not. Errors carry the place of the text."""
    match = _LITERAL.fullmatch(source.text)
    if match is not None:
        name = match["name"]
        if name is None or name in book.constants:
            return _literal(source, match, book, percent=percent)
    try:
        figure = checker.figure(source)
    except DependentError:
        raise
    except KpiError:
        meant = respelled(source.text, book.currency)
        if meant is None:
            raise
        _fail(source, "target", f"'{source.text.strip()}' is no target", f"write `{meant}`")
    if figure.type is not Type.NUMBER:
        _fail(source, "type", "a target is a number, and this formula gives a text", "name a figure that is a number")
    if isinstance(figure, typed.PerUnits):
        help_ = "without `per` the formula is evaluated over the whole window"
        _fail(source, "target", "a target formula takes no `per` around it", help_)
    return Computed(figure)


def _literal(source: Source, match: re.Match[str], book: Book, *, percent: bool) -> Rate | Fixed:
    name, sign = match["name"], match["currency"]
    if sign in SIGNS and book.currency is not None and book.currency not in SIGNS[sign]:
        message = f"the target is in '{sign}', and the book's currency is {book.currency}"
        _fail(source, "target", message, f"write it in {book.currency}; a target isn't converted")
    amount = book.constants[name] if name is not None else _number(source, match["number"])
    if match["sign"]:
        amount = -amount
    if match["percent"]:
        amount = amount / 100
    elif percent and abs(amount) > 2:
        written, *per = re.split(r"(?=\s+per\s)", source.text.strip(), maxsplit=1, flags=re.IGNORECASE)
        meant = f"write `{written}%{''.join(per)}`, or `{amount:%}{''.join(per)}` if you mean that"
        _fail(source, "target", f"the KPI is a percentage, and a target of {written} is {amount:%}", meant)
    unit = match["unit"]
    if unit is None:
        return Fixed(amount)
    try:
        return Rate(amount, PerUnit(unit.lower()))
    except ValueError:
        rate = respelled(source.text, book.currency)
        help_ = "write one of day, workday, week, month, quarter, year" if rate is None else f"write `{rate}`"
        _fail(source, "target", f"'{unit}' is no unit of time", help_)


def _number(source: Source, digits: str) -> Decimal:
    whole = digits.partition(".")[0]
    if "," in whole and re.fullmatch(r"\d{1,3}(,\d{3})+", whole) is None:
        _fail(source, "target", f"'{digits}' is no number", "write 3000000, 3_000_000 or 3,000,000")
    return Decimal(digits.replace(",", "").replace("_", ""))


def check_aim(aim: Aim, source: Source, kpi: str, figure: Figure, *, flow: bool) -> Aim:
    """The target, where it fits the KPI: a flow needs a rate or a formula, a level takes no rate."""
    match aim:
        case Fixed() if flow:
            written = source.text.strip()
            help_ = f"write `{written} per month` (or per day, workday, week, quarter, year)"
            message = f"'{kpi}' adds up over time, so its target needs a unit of time"
            _fail(source, "bare-target", message, help_)
        case Rate(amount=amount, per=per) if not flow:
            if isinstance(figure, typed.PerUnits) and figure.unit is per:
                return Fixed(amount)
            written = re.split(r"\s+per\s+", source.text.strip(), flags=re.IGNORECASE)[0]
            message = f"'{kpi}' doesn't add up over time, so its target holds for any period"
            help_ = f"write `{written}`"
            if isinstance(figure, typed.Measure) and figure.function in ("count", "sum") and _is_undated(figure):
                message = f"'{kpi}' is of all rows of {figure.table} in every period, because these have no date"
                help_ = f"add `date:` to tables.{figure.table}, or {help_}, which holds for any period"
            _fail(source, "rate-target", message, help_)
        case _:
            return aim


def accumulates(figure: Figure, kpis: Mapping[str, Figure], windowed: frozenset[str]) -> bool:
    """Whether a figure adds up over time: counts and sums joined by + and -, or scaled by numbers.

    Without a date all rows are in every period, so that nothing accumulates.
    A KPI with a window of its own is not a flow of the interval in which it is referenced.
    """
    match figure:
        case typed.Measure(function=function, at=None, covers=covers) if not _is_undated(figure):
            return function == "sum" or (function == "count" and not covers)
        case typed.KpiReference(name=name):
            if name not in kpis:
                raise DependentError("kpi", f"'{name}' is wrong itself")
            return name not in windowed and accumulates(kpis[name], kpis, windowed)
        case typed.FigureOperation(name="+" | "-" | "negate", arguments=arguments):
            return all(accumulates(part, kpis, windowed) for part in arguments)
        case typed.FigureOperation(name="*", arguments=arguments):
            flows = [part for part in arguments if not _plain(part)]
            return len(flows) == 1 and accumulates(flows[0], kpis, windowed)
        case typed.FigureOperation(name="/", arguments=(first, *divisors)):
            return accumulates(first, kpis, windowed) and all(_plain(part) for part in divisors)
        case typed.Reduction(function="sum", body=body):
            return accumulates(body, kpis, windowed)
        case _:
            return False


def _is_undated(measure: typed.Measure) -> bool:
    return measure.on is None and measure.at is None


def references(figure: Figure) -> Iterator[str]:
    """The KPIs that a formula names; `target of` before those of which it reads the target."""
    match figure:
        case typed.KpiReference(name=name):
            yield name
        case typed.TargetReference(name=name):
            yield f"{TARGET_OF}{name}"
        case _:
            for part in typed.parts(figure):
                yield from references(part)


def target_references(aims: Aims) -> Iterator[str]:
    """The same for the formulas of a KPI's targets."""
    for figure in target_figures(aims):
        yield from references(figure)


def target_figures(aims: Aims) -> Iterator[Figure]:
    """The formulas among a KPI's targets."""
    for entries in (aims.total, *aims.members.values()):
        for dated in entries:
            if isinstance(dated.aim, Computed):
                yield dated.aim.figure


TARGET_OF: Final = "target of "


def _plain(figure: Figure) -> bool:
    """Whether the figure is a number that no data changes."""
    match figure:
        case typed.Literal():
            return True
        case typed.FigureOperation(arguments=arguments):
            return all(_plain(part) for part in arguments)
        case _:
            return False


def _fail(source: Source, code: str, message: str, help_: str | None = None) -> NoReturn:
    raise KpiError(code, message, place=source.locate(0, len(source.text)), help=help_)
