"""The scorecard as JSON, schema_version 1; `docs/report.schema.json` describes it.

Numbers are written in full and never pass through binary floating point on their way: an exact decimal as its digits.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from unicodedata import category

from kpicli.render.numbers import digits
from kpicli.scorecard import Example, Figure, Group, LeftOut, Line, Note, ReportPeriod, Scorecard, Span, TableData

SCHEMA_VERSION = 1


def render(card: Scorecard) -> str:
    """The JSON text, indented by two spaces, with a line break at its end."""
    return write(to_dict(card))


def to_dict(card: Scorecard) -> dict[str, Any]:
    """The same as `render` in plain Python: keys in their order, dates as text, exact numbers as Decimal."""
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
        **_figure(line.figure, line.unit),
        "company_target": line.company_target,
        "contribution": line.contribution,
        "contributes_to": line.contributes_to,
        "trend": [{"period": point.period, "value": point.value} for point in line.trend],
        "groups": [_group(group, line.unit) for group in line.groups],
    }


def _group(group: Group, unit: str) -> dict[str, Any]:
    return {"member": group.member, "label": group.label, **_figure(group.figure, unit)}


def _figure(figure: Figure, unit: str) -> dict[str, Any]:
    label = {"value_label": figure.value_label} if unit == "text" else {}
    return {
        "value": figure.value,
        **label,
        "reason": figure.reason,
        "target": figure.target,
        "attainment": figure.attainment,
        "expected": figure.expected,
        "pace": figure.pace,
        "projected": figure.projected,
        "needed_per_workday": figure.needed_per_workday,
        "status": figure.status.value,
        "prior": figure.prior,
        "change": figure.change,
    }


def left_out_dict(each: LeftOut) -> dict[str, Any]:
    """Why rows don't count, and how many."""
    condition = {} if each.condition is None else {"condition": each.condition}
    return {"reason": each.reason, "rows": each.rows, **condition}


def _note(note: Note) -> dict[str, Any]:
    return {
        "code": note.code,
        "column": note.column,
        "rows": note.rows,
        "examples": [_example(example) for example in note.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    file = {} if example.file is None else {"file": example.file}
    return {"row": example.row, "value": example.value, **file}


def write(value: object) -> str:
    """JSON text of dicts with text keys, lists, texts, numbers, booleans and None; ValueError for NaN and infinity."""
    return _written(value, "\n") + "\n"


def _written(value: object, line: str) -> str:
    """A value's text; `line` begins a line as deep as the value stands."""
    match value:
        case None:
            return "null"
        case str():
            return _quoted(value)
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return digits(value)
        case dict():
            inner = line + "  "
            return _enclosed("{}", [_key(key) + _written(item, inner) for key, item in value.items()], line)
        case list():
            inner = line + "  "
            return _enclosed("[]", [_written(item, inner) for item in value], line)
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")


def _enclosed(brackets: str, items: list[str], line: str) -> str:
    return f"{brackets[0]}{line}  {f',{line}  '.join(items)}{line}{brackets[1]}" if items else brackets


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
