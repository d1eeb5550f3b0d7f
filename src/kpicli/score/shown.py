"""Exact figures as they leave the program: whole, exact decimal, or the nearest float."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from kpicli.book.formulas import KpiFormulas
from kpicli.errors import KpiError, Trouble
from kpicli.formula import typed
from kpicli.formula.typed import Figure
from kpicli.score.arithmetic import Exact
from kpicli.scorecard import Amount


def exactly(figure: Figure, kpis: Mapping[str, KpiFormulas]) -> bool:
    """Whether a figure is shown as an exact number: counts, sums and extremes, joined without a division."""
    match figure:
        case typed.Literal() | typed.AsOf():
            return True
        case typed.Measure(function=function):
            return function in ("count", "count_distinct", "sum", "min", "max")
        case typed.KpiReference(name=name):
            return exactly(kpis[name].figure, kpis)
        case typed.FigureOperation(name="/" | "growth"):
            return False
        case typed.Reduction(function=function, body=body):
            return function == "count" or (function in ("sum", "min", "max") and exactly(body, kpis))
        case typed.TargetReference() | typed.IntervalLength() | typed.PerUnits() | typed.Share():
            return False
        case _:
            return all(exactly(part, kpis) for part in typed.parts(figure))


def nearest(number: Exact | None) -> float | None:
    """The float nearest to a number."""
    if number is None:
        return None
    above, below = number.as_integer_ratio()
    try:
        return above / below
    except OverflowError:
        raise KpiError(
            "overflow",
            "a figure is too large to be written as a number",
            help="check the formula's arithmetic and the amounts that it reads",
            trouble=Trouble.DATA,
        ) from None


def amount(number: Exact | None) -> Amount:
    """A number that is shown exactly: six decimal places hold it, or else (pro-rated sums) the nearest float."""
    if number is None or isinstance(number, int):
        return number
    places = _places(number.denominator)
    if places is None:
        return nearest(number)
    return Decimal(f"{number.numerator * 10**places // number.denominator}E-{places}") if places else number.numerator


@lru_cache(maxsize=1 << 10)
def _places(denominator: int) -> int | None:
    """How many decimal places hold what has this denominator; None where six don't."""
    return next((places for places in range(7) if 10**places % denominator == 0), None)
