"""What a part of the company contributes to the company's goals: its value against the company's target.

It needs no figure of anybody else: the company's own value isn't computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.formulas import Formulas
from kpicli.book.goals import Level
from kpicli.book.model import Better, Book
from kpicli.contexts import Context, Scope
from kpicli.score.arithmetic import Exact, quotient
from kpicli.score.evaluate import Aimed, Evaluation


class Contribution(Struct, frozen=True):
    """A KPI's share in what the company aims at for one of its goals; `goal` is that goal's key."""

    goal: str
    company_target: Exact
    share: Exact


def of_company(context: Context) -> Context:
    """The same days, for the company as a whole."""
    return replace(context, scope=Scope(company=True))


def company_goal(book: Book, formulas: Formulas, name: str) -> str | None:
    """The goal of the company that a KPI's values add up to; None where they don't, or nothing is aimed at.

    A KPI whose value should stay low uses up what the company allows itself, and contributes nothing.
    """
    kpi, aims = book.kpis[name], formulas.kpis[name].aims
    if not (aims.flow and aims.total) or kpi.better is Better.LOWER:
        return None
    highest = list(upwards(book, kpi.goal))[-1:]
    return next((goal for goal in highest if book.goals[goal].level is Level.COMPANY), None)


def upwards(book: Book, goal: str | None) -> Iterator[str]:
    """A goal and those that it serves, up to the highest; each parent stands on a higher level than its child."""
    while goal is not None:
        yield goal
        goal = book.goals[goal].parent


def contribution(work: Evaluation, name: str, goal: str, context: Context) -> Contribution | None:
    """What a KPI's headline contributes to a goal; None without a value, or without a target above 0."""
    (value,) = work.kpi(name, context)
    (aimed,) = work.targets(name, of_company(context))
    if not isinstance(value, int | Fraction) or not isinstance(aimed, Aimed) or aimed.target <= 0:
        return None
    return Contribution(goal, aimed.target, quotient(value, aimed.target))
