"""The scorecard as JSON, schema_version 1; `docs/report.schema.json` describes it.

Numbers are written in full and never pass through binary floating point on their way: an exact decimal as its digits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, Final, NoReturn
from unicodedata import category

from msgspec import Struct
from msgspec.structs import astuple

from kpicli.render.numbers import DIGITS
from kpicli.scorecard import Example, Figure, Group, LeftOut, Line, Note, ReportPeriod, Scorecard, Span, TableData

SCHEMA_VERSION = 1


def render(card: Scorecard) -> str:
    """The JSON text, indented by two spaces, with a line break at its end."""
    return write(_card(card))


def to_dict(card: Scorecard) -> dict[str, Any]:
    """The same as `render` in plain Python: keys in their order, dates as text, exact numbers as Decimal."""
    result = _card(card)
    for kpi in result["kpis"]:
        kpi["groups"] = kpi["groups"].dicts()
    return result


class _Objects(Struct, frozen=True):
    """A list of objects with the same keys, as a column of texts, numbers and None for each key.

    Nearly all of a large report are its members, which are written a column at a time.
    """

    columns: dict[str, Sequence[Any]]

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self.columns.values(), strict=True)]


def _card(card: Scorecard) -> dict[str, Any]:
    """The result, with the members of each KPI as `_Objects`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "book": card.book,
        "scorecard": card.scorecard,
        "as_of": card.as_of.isoformat(),
        "period": _period(card.period),
        "by": card.by,
        "only": {dimension: list(members) for dimension, members in card.only},
        "kpis": [_line(line) for line in card.lines],
        "goals": [{"id": goal.id, "name": goal.name, "kpis": list(goal.kpis)} for goal in card.goals],
        "data": [table_dict(table) for table in card.data],
    }


def table_dict(table: TableData) -> dict[str, Any]:
    """One entry of `data`: what was read of a table, and its notes."""
    return {
        "table": table.table,
        "files": list(table.files),
        "rows": table.rows,
        "used": table.used,
        "left_out": [left_out_dict(each) for each in table.left_out],
        "oldest": None if table.oldest is None else table.oldest.isoformat(),
        "newest": None if table.newest is None else table.newest.isoformat(),
        "notes": [_note(note) for note in table.notes],
    }


def _period(period: ReportPeriod) -> dict[str, Any]:
    return {
        "label": period.label,
        "grain": period.grain,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "running": period.running,
        "elapsed": period.elapsed,
    }


def _window(window: Span) -> dict[str, Any]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat(), "elapsed": window.elapsed}


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "role": line.role,
        "stage": line.stage,
        "goal": line.goal,
        "unit": line.unit,
        "better": line.better,
        "window": _window(line.window),
        **{key: value for key, (value,) in _figures([line.figure], line.unit).items()},
        "company_target": line.company_target,
        "contribution": line.contribution,
        "contributes_to": line.contributes_to,
        "trend": [{"period": point.period, "value": point.value} for point in line.trend],
        "groups": _groups(line.groups, line.unit),
    }


def _groups(groups: Sequence[Group], unit: str) -> _Objects:
    if not groups:
        return _Objects({})
    members, labels = [group.member for group in groups], [group.label for group in groups]
    return _Objects({"member": members, "label": labels, **_figures([group.figure for group in groups], unit)})


FIGURE: Final = (
    "value",
    "value_label",
    "reason",
    "target",
    "attainment",
    "expected",
    "pace",
    "projected",
    "needed_per_workday",
    "status",
    "prior",
    "change",
)
"""The keys of a figure, in their order."""

_VALUE: Final = attrgetter("_value_")
"""An enum's value, a tenth of the time that its property `value` takes."""


def _figures(figures: Sequence[Figure], unit: str) -> dict[str, Sequence[Any]]:
    """What is written of some figures, by its key; only texts have labels."""
    columns = dict(zip(Figure.__struct_fields__, zip(*map(astuple, figures), strict=True), strict=True))
    columns["status"] = tuple(map(_VALUE, columns["status"]))
    return {key: columns[key] for key in FIGURE if key != "value_label" or unit == "text"}


def left_out_dict(each: LeftOut) -> dict[str, Any]:
    """Why rows don't count, and how many."""
    condition = {} if each.condition is None else {"condition": each.condition}
    return {"reason": each.reason, "rows": each.rows, **condition}


def _note(note: Note) -> dict[str, Any]:
    return {
        "code": note.code,
        "column": note.column,
        **({} if note.parent is None else {"parent": note.parent}),
        "rows": note.rows,
        "examples": [_example(example) for example in note.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    file = {} if example.file is None else {"file": example.file}
    return {"row": example.row, "value": example.value, **file}


def write(value: object) -> str:
    """JSON text of dicts with text keys, lists, texts, numbers, booleans and None; ValueError for NaN and infinity."""
    return "".join([*_pieces(value, "\n"), "\n"])


def _pieces(value: object, line: str) -> Iterator[str]:
    """A value's text in pieces; `line` begins a line as deep as the value stands."""
    inner = line + "  "
    match value:
        case dict():
            yield from _enclosed("{}", ([_key(key), *_pieces(item, inner)] for key, item in value.items()), line)
        case list():
            yield from _enclosed("[]", (_pieces(item, inner) for item in value), line)
        case _Objects(columns=columns):
            objects = _objects(columns, inner)
            yield from _enclosed("[]", [[f",{inner}".join(objects)]] if objects else [], line)
        case _:
            yield _SCALARS[type(value)](value)


def _enclosed(brackets: str, items: Iterable[Iterable[str]], line: str) -> Iterator[str]:
    before = f"{brackets[0]}{line}  "
    end = brackets
    for item in items:
        yield before
        yield from item
        before = f",{line}  "
        end = f"{line}{brackets[1]}"
    yield end


def _objects(columns: dict[str, Sequence[Any]], line: str) -> list[str]:
    """The text of each object."""
    written = {key: _texts(column) for key, column in columns.items()}
    items = ([_key(key), "null" if texts is None else "%s"] for key, texts in written.items())
    template = "".join(_enclosed("{}", items, line))
    there = [texts for texts in written.values() if texts is not None]
    return [template % row for row in zip(*there, strict=True)]


def _texts(column: Sequence[Any]) -> Iterable[str] | None:
    """The texts of values that are mostly of one type; None where there are no values."""
    types = {*map(type, column)}
    if len(types) > 1:
        return [_SCALARS[type(value)](value) for value in column]
    (one,) = types
    return None if one is NoneType else map(_SCALARS[one], column)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


@lru_cache(maxsize=256)
def _key(key: str) -> str:
    return f"{_quoted(key)}: "


@lru_cache(maxsize=1 << 12)  # a report of many KPIs names each of its members again and again
def _quoted(text: str) -> str:
    """A JSON string; characters that a terminal would act on are escaped, which is the same string to a program."""
    quoted = _ENCODER.encode(text)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(char: str) -> str:
    return json.dumps(char)[1:-1] if category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char


class _Scalars(dict[type, Callable[[Any], str]]):
    """How a value is written that holds no others, by its type."""

    def __missing__(self, kind: type) -> NoReturn:
        raise TypeError(f"{kind.__name__} has no JSON form")


_SCALARS: Final = _Scalars(
    {
        NoneType: lambda _: "null",
        bool: lambda value: "true" if value else "false",
        str: _quoted,
        **DIGITS,
    }
)
