"""A formula in plain words: what a colleague would say who reads it aloud and explains as they go.

Whoever reads the words needs to know no function and no symbol of the language. What stands in doubt is in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from kpicli.formula import typed
from kpicli.formula.tokens import plain
from kpicli.formula.typed import At, Field, Figure, FigureOperation, Literal, Measure, Rollup, Row, RowOperation, Type
from kpicli.periods import Duration, Grain, PerUnit

Names: TypeAlias = Mapping[str, str]
"""How people call the KPIs, by their ids."""

_Words: TypeAlias = tuple[str, int]
"""A text, and how tightly its last joint binds: what binds less than its place needs gets parentheses."""

_LOOSE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _CLOSED = range(8)

_JOINTS: Final = {
    "or": (" or ", _OR),
    "and": (" and ", _AND),
    "+": (" plus ", _SUM),
    "-": (" minus ", _SUM),
    "*": (" times ", _PRODUCT),
    "/": (" divided by ", _PRODUCT),
}
_COMPARISONS: Final = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "like": "looks like",
    "ilike": "looks, in any case, like",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
}
_DATES: Final = {"<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after"}
_OF: Final = {
    "abs": "the size of {0}",
    "floor": "{0} rounded down",
    "ceil": "{0} rounded up",
    "lower": "{0} in lower case",
    "upper": "{0} in upper case",
    "trim": "{0} without blanks around it",
    "length": "the length of {0}",
    "replace": "{0} with {1} replaced by {2}",
    "year": "the year of {0}",
    "quarter": "the quarter of {0}",
    "month": "the month of {0}",
    "day": "the day of the month of {0}",
    "weekday": "the weekday of {0}",
    "days_between": "the days from {0} to {1}",
    "add_days": "{1} days after {0}",
    "nullif": "{0} (no value where it is {1})",
    "growth": "how much {0} has grown over {1}, as a share of that",
}


def lines_of(figure: Figure, names: Names) -> tuple[str, ...]:
    """A KPI's formula in words: the parts that its outermost operator joins, a line each."""
    if isinstance(figure, FigureOperation) and figure.name in ("+", "-", "*", "/"):
        joint, binding = _JOINTS[figure.name]
        first, *others = figure.arguments
        same = isinstance(first, FigureOperation) and _JOINTS.get(first.name, ("", _CLOSED))[1] == binding
        begun = lines_of(first, names) if same else (_part(first, names, binding),)
        return (*begun, *(f"{joint.strip()} {_part(other, names, binding + 1)}" for other in others))
    return (_figure(figure, names)[0],)


def _part(figure: Figure, names: Names, least: int) -> str:
    """A part that has a line of its own: only what an operator joins needs parentheses there."""
    words = _figure(figure, names)
    return words[0] if isinstance(figure, Measure) else _within(words, least)


def figure_words(figure: Figure, names: Names) -> str:
    """A KPI expression in words, on one line."""
    return _figure(figure, names)[0]


def row_words(row: Row) -> str:
    """A condition or a value of a row in words."""
    return _row(row)[0]


def name_words(path: Sequence[str]) -> str:
    """A column by its name: `close_date` as "close date", `account.industry` as "industry of the account"."""
    return " of the ".join(name.replace("_", " ") for name in reversed(path))


def _within(words: _Words, least: int) -> str:
    text, binding = words
    return text if binding >= least else f"({text})"


# ---- KPI expressions


def _figure(figure: Figure, names: Names) -> _Words:
    match figure:
        case Literal() | typed.AsOf():
            return _constant(figure), _CLOSED
        case Measure():
            return _measure(figure)
        case typed.KpiReference(name=name):
            return names.get(name, name_words((name,))), _CLOSED
        case typed.TargetReference(name=name):
            return f"the target of {names.get(name, name_words((name,)))}", _CLOSED
        case typed.IntervalLength(unit=unit):
            return f"how many {unit.value}s there are", _CLOSED
        case typed.PerUnits(body=body, unit=unit):
            return f"{_within(_figure(body, names), _PRODUCT)} for each {_unit(unit)}", _PRODUCT
        case typed.Reduction() | typed.TopMember():
            return _reducer(figure, names), _CLOSED
        case FigureOperation(name=name, arguments=arguments):
            return _operation(name, [_figure(part, names) for part in arguments], [part.type for part in arguments])
        case _:
            return _shifted(figure, _within(_figure(figure.body, names), _CLOSED)), _CLOSED


def _measure(measure: Measure) -> _Words:
    what = _aggregate(measure.function, measure.table, measure.column, measure.argument)
    where = "" if measure.where is None else f" where {row_words(measure.where)}"
    dating = _dating(measure)
    return f"{what}{where}{dating}", _LOOSE + 1 if where or dating else _CLOSED


def _dating(measure: Measure) -> str:
    if measure.at is not None:
        return f", those alive at the {'start' if measure.at is At.START else 'end'}"
    if measure.on is None:
        return ""
    if measure.covers:
        return (
            ", of each month the share of its days" if measure.function == "sum" else ", of every month that it meets"
        )
    return f", by {name_words(measure.on.path)}"


def _aggregate(function: str, table: str, column: Field | None, argument: Decimal | None) -> str:
    rows = name_words((table,))
    if column is None:
        return f"the number of {rows}"
    value = name_words(column.path)
    match function:
        case "count":
            return f"the number of {rows} with a {value}"
        case "count_distinct":
            return f"how many different values {value} has among {rows}"
        case "percentile":
            assert argument is not None
            return f"the {value} below which {plain(argument)} of 100 {rows} lie"
        case _:
            return f"the {_SUMMARIES[function]} {value} of {rows}"


_SUMMARIES: Final = {
    "sum": "sum of the",
    "avg": "average",
    "median": "middle",
    "min": "smallest",
    "max": "largest",
}


def _reducer(figure: typed.Reduction | typed.TopMember, names: Names) -> str:
    body, dimension = _within(_figure(figure.body, names), _LOOSE), name_words((figure.dimension,))
    if isinstance(figure, typed.TopMember):
        return f"the {dimension} with the largest figure for: {body}"
    match figure.function:
        case "count":
            return f"for how many members of {dimension} there is a figure for: {body}"
        case "percentile":
            assert figure.argument is not None
            return f"the figure below which {plain(figure.argument)} of 100 members of {dimension} lie for: {body}"
        case _:
            return f"the {_SUMMARIES[figure.function].removesuffix(' of the')} over each {dimension} of: {body}"


def _shifted(figure: typed.Shifting, body: str) -> str:
    match figure:
        case typed.Prior(duration=None):
            return f"{body} in the period before"
        case typed.Prior(duration=duration):
            return f"{body} {duration} before"
        case typed.ToDate(grain=grain):
            return f"{body} since the start of the {grain.value}"
        case typed.Trailing(duration=duration):
            return f"{body} over {_last(duration)}"
        case typed.Whole():
            return f"{body} over the whole period, days to come included"
        case typed.Rest():
            return f"{body} over the days to come"
        case typed.Share():
            return f"the share that {body} has of the whole company's"


def _last(duration: Duration) -> str:
    return f"the last {duration.grain.value}" if duration.count == 1 else f"the last {duration}"


# ---- rows


def _row(row: Row) -> _Words:
    match row:
        case Field(path=path):
            return name_words(path), _CLOSED
        case Literal() | typed.AsOf():
            return _constant(row), _CLOSED
        case Rollup(function=function, table=table, column=column, where=where, argument=argument):
            rows = "" if where is None else f" where {row_words(where)}"
            return f"{_aggregate(function, table, column, argument)} that belong to it{rows}", _CLOSED
        case RowOperation(name="start_of" | "end_of" as name, arguments=(day,), unit=unit):
            return f"the {_EDGES[name]} day of the {_grain(unit)} of {_within(_row(day), _CLOSED)}", _CLOSED
        case RowOperation(name=name, arguments=arguments):
            return _operation(name, [_row(part) for part in arguments], [part.type for part in arguments])


_EDGES: Final = {"start_of": "first", "end_of": "last"}


def _grain(unit: Grain | None) -> str:
    assert unit is not None
    return unit.value


def _unit(unit: PerUnit) -> str:
    return unit.value


# ---- what both have


def _constant(node: Literal | typed.AsOf) -> str:
    if isinstance(node, typed.AsOf):
        return "the as-of day"
    match node.value:
        case None:
            return "nothing"
        case bool() as truth:
            return "true" if truth else "false"
        case Decimal() as number:
            return plain(number)
        case date() as day:
            return day.isoformat()
        case str() as text:
            return f"'{text}'"


def _operation(name: str, parts: Sequence[_Words], types: Sequence[Type]) -> _Words:
    if name in _JOINTS:
        joint, binding = _JOINTS[name]
        if name == "or":
            # Nobody hears which of `or` and `and` binds tighter.
            parts = [(f"({text})", _CLOSED) if binds == _AND else (text, binds) for text, binds in parts]
        first, *others = parts
        return joint.join((_within(first, binding), *(_within(part, binding + 1) for part in others))), binding
    if name in _SPECIAL:
        return _SPECIAL[name](parts, types)
    if name in _COMPARISONS:
        a, b = (_within(part, _SUM) for part in parts)
        verb = _DATES.get(name, _COMPARISONS[name]) if Type.DATE in types else _COMPARISONS[name]
        return f"{a} {verb} {b}", _COMPARED
    inner = [_within(part, _CLOSED) for part in parts]
    if name in _OF:
        return _OF[name].format(*inner), _CLOSED
    return f"{name.replace('_', ' ')} of {_listed(inner, 'and')}", _CLOSED


def _listed(parts: Sequence[str], joint: str) -> str:
    *first, last = parts
    return f"{', '.join(first)} {joint} {last}" if first else last


def _not(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    text, binding = parts[0]
    if binding == _COMPARED and text.endswith(_BLANK):
        return f"{text.removesuffix(_BLANK)} is not blank", _COMPARED
    return f"not {_within(parts[0], _CLOSED)}", _NOT


_BLANK: Final = " is blank"


def _in(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    item, *options = (_within(part, _SUM) for part in parts)
    return f"{item} is {_listed(options, 'or')}", _COMPARED


def _between(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    item, low, high = (_within(part, _SUM) for part in parts)
    return f"{item} is from {low} to {high}", _COMPARED


def _is_null(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    return f"{_within(parts[0], _SUM)}{_BLANK}", _COMPARED


def _negate(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    return f"minus {_within(parts[0], _CLOSED)}", _PRODUCT


def _if(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    condition, yes, no = (text for text, _ in parts)
    return f"({yes} if {condition}, otherwise {no})", _CLOSED


def _case(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    *pairs, otherwise = (text for text, _ in parts)
    told = [f"{value} if {condition}" for condition, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return f"({', '.join(told)}, otherwise {otherwise})", _CLOSED


def _coalesce(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    first, *others = (text for text, _ in parts)
    return f"({first}" + "".join(f", or {other} where that is blank" for other in others) + ")", _CLOSED


def _extreme(word: str) -> Callable[[Sequence[_Words], Sequence[Type]], _Words]:
    def words(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
        return f"the {word} of {_listed([_within(part, _CLOSED) for part in parts], 'and')}", _CLOSED

    return words


def _concat(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    return f"{_listed([_within(part, _CLOSED) for part in parts], 'and')} joined", _SUM


def _round(parts: Sequence[_Words], _: Sequence[Type]) -> _Words:
    number, *places = (_within(part, _CLOSED) for part in parts)
    return f"{number} rounded" + "".join(f" to {each} decimal places" for each in places), _SUM


_SPECIAL: Final[Mapping[str, Callable[[Sequence[_Words], Sequence[Type]], _Words]]] = {
    "not": _not,
    "in": _in,
    "between": _between,
    "is_null": _is_null,
    "negate": _negate,
    "if": _if,
    "case": _case,
    "coalesce": _coalesce,
    "least": _extreme("smallest"),
    "greatest": _extreme("largest"),
    "concat": _concat,
    "round": _round,
}
