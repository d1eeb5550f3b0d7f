"""Every function of the language, each in one decorated definition.

The signature and the docstring of a definition are what `kpi functions` prints, what the check holds arguments
against, and what the "did you mean" list is made of. A function over values has its meaning as its body, in plain
Python over exact numbers: the score uses it for figures, and it is the reference for what an engine does with rows.
A function without a body of its own (`prior`, `sum`) changes the context or reads rows; the score and the engine
give it its meaning.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from math import ceil as ceiling_of
from math import floor as floor_of
from typing import Annotated, Any, NoReturn, TypeAlias, get_args, get_origin, get_type_hints

from msgspec import Struct

from kpicli.formula.typed import Type


class Takes(Enum):
    """What a parameter takes that isn't a value of one type."""

    ANY = "any"
    SAME = "value"
    """Any type, the same for all such parameters; a return of it is of that type."""
    WHOLE = "whole number"
    GRAIN = "unit"
    DURATION = "duration"
    KPI = "KPI"
    ROWS = "rows"
    MEMBERS = "figure by dimension"


Exact: TypeAlias = int | Fraction
Number: TypeAlias = Annotated[Exact, Type.NUMBER]
Text: TypeAlias = Annotated[str, Type.TEXT]
Boolean: TypeAlias = Annotated[bool, Type.BOOLEAN]
Date: TypeAlias = Annotated[date, Type.DATE]
Anything: TypeAlias = Annotated[object, Takes.ANY]
Same: TypeAlias = Annotated[Any, Takes.SAME]
WholeNumber: TypeAlias = Annotated[int, Takes.WHOLE]
Unit: TypeAlias = Annotated[str, Takes.GRAIN]
Span: TypeAlias = Annotated[str, Takes.DURATION]
KpiName: TypeAlias = Annotated[str, Takes.KPI]
Rows: TypeAlias = Annotated[object, Takes.ROWS]
Members: TypeAlias = Annotated[object, Takes.MEMBERS]


class Parameter(Struct, frozen=True):
    name: str
    takes: Type | Takes
    optional: bool = False
    repeated: bool = False


class Function(Struct, frozen=True):
    """A function of the language. `kinds` says where it may stand: in `row` formulas, in `kpi` formulas, or both."""

    name: str
    kinds: frozenset[str]
    parameters: tuple[Parameter, ...]
    returns: Type | Takes
    doc: str
    form: str | None
    """How it is written, where that isn't the plain list of its parameters."""
    body: Callable[..., Any]
    sees_null: bool
    """Whether the body is called with nulls; otherwise a null argument gives null."""

    @property
    def signature(self) -> str:
        """`round(x, n)` with what each takes: `round(x: number, [n: whole number]) -> number`."""
        shown = []
        for parameter in self.parameters:
            text = f"{parameter.name}: {parameter.takes.value}"
            text = f"{text}, …" if parameter.repeated else text
            shown.append(f"[{text}]" if parameter.optional else text)
        written = self.form or f"{self.name}({', '.join(shown)})"
        return f"{written} -> {self.returns.value}"

    def apply(self, arguments: list[Any]) -> object:
        """The value for plain arguments, None for null. Numbers are `int` or `Fraction`."""
        if not self.sees_null and any(argument is None for argument in arguments):
            return None
        return self.body(*arguments)


FUNCTIONS: dict[str, Function] = {}
"""Functions of values and of time, by name."""

AGGREGATES: dict[str, Function] = {}
"""Functions over rows, by name; most also reduce the members of a dimension."""

REDUCERS = ("avg", "sum", "median", "min", "max", "count", "percentile")


def _declare(
    into: dict[str, Function], kinds: str, *, form: str | None = None, sees_null: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(body: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(body, include_extras=True)
        parameters = []
        for name, parameter in inspect.signature(body).parameters.items():
            repeated = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            optional = parameter.default is not inspect.Parameter.empty
            parameters.append(Parameter(name, _takes(hints[name]), optional, repeated))
        name = body.__name__.rstrip("_")
        doc = inspect.getdoc(body) or ""
        into[name] = Function(
            name, frozenset(kinds.split()), tuple(parameters), _takes(hints["return"]), doc, form, body, sees_null
        )
        return body

    return decorate


def _takes(hint: object) -> Type | Takes:
    if get_origin(hint) is not Annotated:
        hint = next(option for option in get_args(hint) if get_origin(option) is Annotated)
    taken = get_args(hint)[1]
    assert isinstance(taken, Type | Takes)
    return taken


def _function(
    kinds: str, *, form: str | None = None, sees_null: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return _declare(FUNCTIONS, kinds, form=form, sees_null=sees_null)


def _aggregate(form: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return _declare(AGGREGATES, "row kpi", form=form)


# ---- numbers


@_function("row kpi")
def abs_(x: Number) -> Number:
    """The number without its sign."""
    return x if x >= 0 else -x


@_function("row kpi")
def round_(x: Number, n: WholeNumber = 0) -> Number:
    """The number at n decimal places (none if left out), halves away from zero."""
    scale = Fraction(f"1e{n}")
    scaled = (-x if x < 0 else x) * scale + Fraction(1, 2)
    rounded = Fraction(scaled.numerator // scaled.denominator) / scale
    return -rounded if x < 0 else rounded


@_function("row")
def floor(x: Number) -> Number:
    """The next whole number down."""
    return floor_of(x)


@_function("row")
def ceil(x: Number) -> Number:
    """The next whole number up."""
    return ceiling_of(x)


@_function("row kpi", sees_null=True)
def least(first: Same, *more: Same) -> Same:
    """The smallest of the values; nulls are skipped."""
    return min((value for value in (first, *more) if value is not None), default=None)


@_function("row kpi", sees_null=True)
def greatest(first: Same, *more: Same) -> Same:
    """The largest of the values; nulls are skipped."""
    return max((value for value in (first, *more) if value is not None), default=None)


@_function("row kpi", sees_null=True)
def coalesce(first: Same, *more: Same) -> Same:
    """The first value that is there; `coalesce(x, 0)` says that a missing figure is zero."""
    return next((value for value in (first, *more) if value is not None), None)


@_function("row kpi")
def nullif(a: Same, b: Same) -> Same:
    """Null where a equals b, otherwise a."""
    return None if a == b else a


@_function("row kpi", form="if(condition: boolean, a: value, b: value)", sees_null=True)
def if_(condition: Boolean, a: Same, b: Same) -> Same:
    """a where the condition is true, otherwise (false or null) b."""
    return a if condition else b


# ---- text


@_function("row")
def lower(text: Text) -> Text:
    """The text in lower case."""
    return text.lower()


@_function("row")
def upper(text: Text) -> Text:
    """The text in upper case."""
    return text.upper()


@_function("row")
def trim(text: Text) -> Text:
    """The text without white space at its ends."""
    return text.strip()


@_function("row")
def length(text: Text) -> Number:
    """How many characters the text has."""
    return len(text)


@_function("row")
def concat(first: Anything, *more: Anything) -> Text:
    """The values one after the other, as text; dates as 2026-01-31."""
    return "".join(map(_written, (first, *more)))


def _written(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Fraction():
            return _decimal_text(value)
        case _:
            return str(value)


def _decimal_text(value: Fraction) -> str:
    millionths = round_(value * 1_000_000)
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(int(millionths)), 1_000_000)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".")


def folded(text: str) -> str:
    """The text as it is compared in any case: Greek has two small forms of one letter, by its place in the word."""
    return text.lower().replace("ς", "σ")  # noqa: RUF001  # they are what is meant


@_function("row")
def contains(text: Text, part: Text) -> Boolean:
    """Whether the part occurs in the text, in any case."""
    return folded(part) in folded(text)


@_function("row")
def starts_with(text: Text, part: Text) -> Boolean:
    """Whether the text starts with the part, in any case."""
    return folded(text).startswith(folded(part))


@_function("row")
def ends_with(text: Text, part: Text) -> Boolean:
    """Whether the text ends with the part, in any case."""
    return folded(text).endswith(folded(part))


@_function("row")
def replace(text: Text, old: Text, new: Text) -> Text:
    """The text with every `old` replaced by `new`; case counts."""
    return text.replace(old, new) if old else text


# ---- dates


@_function("row")
def year(d: Date) -> Number:
    """The calendar year."""
    return d.year


@_function("row")
def quarter(d: Date) -> Number:
    """The calendar quarter, 1 to 4."""
    return (d.month + 2) // 3


@_function("row")
def month(d: Date) -> Number:
    """The month, 1 to 12."""
    return d.month


@_function("row")
def day(d: Date) -> Number:
    """The day of the month, 1 to 31."""
    return d.day


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@_function("row")
def weekday(d: Date) -> Text:
    """The day of the week as text: 'monday' to 'sunday'."""
    return _WEEKDAYS[d.weekday()]


@_function("row")
def days_between(a: Date, b: Date) -> Number:
    """Calendar days from a to b: `b - a`."""
    return (b - a) // timedelta(days=1)


def _needs_context(name: str) -> NoReturn:
    raise TypeError(f"{name} has no meaning outside a report")


@_function("row")
def start_of(d: Date, unit: Unit) -> Date:
    """The first day of the day's week, month, (fiscal) quarter or (fiscal) year."""
    _needs_context("start_of")


@_function("row")
def end_of(d: Date, unit: Unit) -> Date:
    """The last day of the day's week, month, (fiscal) quarter or (fiscal) year."""
    _needs_context("end_of")


# ---- figures in time


@_function("kpi")
def prior(x: Same, span: Span = "") -> Same:
    """x in the period before, or in the period shifted back by the span; a running period against as many days."""
    _needs_context("prior")


@_function("kpi")
def change(x: Number, span: Span = "") -> Number:
    """x - prior(x)."""
    _needs_context("change")


@_function("kpi")
def growth(x: Number, span: Span = "") -> Number:
    """(x - prior(x)) / prior(x); no value from a prior of zero or below."""
    _needs_context("growth")


@_function("kpi")
def to_date(x: Same, unit: Unit) -> Same:
    """x from the start of the (fiscal) year, quarter, month or week that holds the interval's last day, to that day."""
    _needs_context("to_date")


@_function("kpi")
def trailing(x: Same, span: Span) -> Same:
    """x over the given span up to and including the interval's last day."""
    _needs_context("trailing")


@_function("kpi")
def whole(x: Same) -> Same:
    """x over the whole period, past the as-of day too."""
    _needs_context("whole")


@_function("kpi")
def rest(x: Same) -> Same:
    """x from the day after the as-of day to the period's end."""
    _needs_context("rest")


@_function("kpi")
def share(x: Number) -> Number:
    """x in scope divided by x for the whole company."""
    _needs_context("share")


@_function("kpi")
def target(k: KpiName) -> Number:
    """The target of KPI k in this context."""
    _needs_context("target")


@_function("kpi", form="days")
def days() -> Number:
    """How many days the interval holds."""
    _needs_context("days")


@_function("kpi", form="workdays")
def workdays() -> Number:
    """How many workdays the interval holds."""
    _needs_context("workdays")


@_function("kpi", form="top(dimension by x)")
def top(x: Members) -> Text:
    """The member with the largest x, as text; ties by code point, never "(none)"."""
    _needs_context("top")


# ---- aggregates


@_aggregate("count(t) or count(t.f where c on d); count(x by dimension)")
def count(rows: Rows) -> Number:
    """How many rows, or how many of them have a value in the column; by a dimension: how many members have a value."""
    _needs_context("count")


@_aggregate("count_distinct(t.f where c on d)")
def count_distinct(rows: Rows) -> Number:
    """How many different values the column has, blanks not counted."""
    _needs_context("count_distinct")


@_aggregate("sum(t.f where c on d); sum(x by dimension)")
def sum_(rows: Rows) -> Number:
    """The exact sum of the column; 0 over no rows. By a dimension: over the members with a value."""
    _needs_context("sum")


@_aggregate("avg(t.f where c on d); avg(x by dimension)")
def avg(rows: Rows) -> Number:
    """The exact sum divided by how many rows have a value. By a dimension: the mean over the members."""
    _needs_context("avg")


@_aggregate("median(t.f where c on d); median(x by dimension)")
def median(rows: Rows) -> Number:
    """The middle value, or the mean of the two middle ones."""
    _needs_context("median")


@_aggregate("min(t.f where c on d); min(x by dimension)")
def min_(rows: Rows) -> Same:
    """The smallest value: a number, a date or a text."""
    _needs_context("min")


@_aggregate("max(t.f where c on d); max(x by dimension)")
def max_(rows: Rows) -> Same:
    """The largest value: a number, a date or a text."""
    _needs_context("max")


@_aggregate("percentile(t.f where c on d, p); percentile(x by dimension, p)")
def percentile(rows: Rows, p: WholeNumber) -> Number:
    """The value below which p of 100 parts lie, interpolated linearly between the two nearest rows."""
    _needs_context("percentile")
