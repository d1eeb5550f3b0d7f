"""An explanation in plain Python, as JSON has it; `docs/explain.schema.json` describes it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpicli.explained import About, Aggregate, Aim, Explanation, Part, Plain, Rows, Standing, Step, Stretch, TargetPiece
from kpicli.render.explain.numbers import exact_text
from kpicli.render.formats.json import FIGURE, SCHEMA_VERSION, left_out_dict
from kpicli.render.formats.json import to_dict as card_dict


def explain_dict(explained: Explanation) -> dict[str, Any]:
    """The whole of it: keys in their order, dates as text, numbers of an arithmetic as exact text."""
    card = card_dict(explained.card)
    (line,) = card["kpis"]
    done, of = explained.workdays
    return {
        "schema_version": SCHEMA_VERSION,
        "book": card["book"],
        "as_of": card["as_of"],
        "period": card["period"],
        "only": card["only"],
        "kpi": {
            **{key: line[key] for key in ("id", "name", "role", "stage", "unit", "better")},
            **_about(explained.about),
        },
        "window": {**line["window"], "workdays": {"passed": done, "of": of}},
        "figure": {key: line[key] for key in FIGURE if key in line},
        "words": list(explained.words),
        "arithmetic": _step(explained.step),
        "aggregates": [_aggregate(aggregate) for aggregate in explained.aggregates],
        "parts": [_part(part) for part in explained.parts],
        "fields": [{"table": each.table, "name": each.name, "formula": each.formula} for each in explained.fields],
        "target": None if explained.aim is None else _aim(explained.aim),
        "standing": _standing(explained.standing),
        "data": card["data"],
    }


def _about(about: About) -> dict[str, Any]:
    return {
        "status": about.status,
        "formula": about.formula,
        "why": about.why,
        "owner": about.owner,
        "agreed": _day(about.agreed),
        "review_by": _day(about.review_by),
        "goals": [{"name": goal.name, "level": goal.level, "when": goal.when} for goal in about.goals],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _exact(value: Plain) -> str | bool | None:
    """A number as exact text; what else there is, as it is."""
    match value:
        case bool() | str() | None:
            return value
        case date():
            return value.isoformat()
        case _:
            return exact_text(value)


def _step(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {"op": step.op, "value": _exact(step.value), "reason": step.reason}
    optional = {
        "aggregate": step.aggregate,
        "kpi": step.kpi,
        "part": step.part,
        "days": None if step.days is None else _days(step.days),
        "unit": step.unit,
        "dimension": step.dimension,
        "percent": None if step.percent is None else exact_text(step.percent),
    }
    found |= {key: value for key, value in optional.items() if value is not None}
    if step.arguments:
        found["arguments"] = [_step(argument) for argument in step.arguments]
    if step.dimension is not None:
        found["members"] = [
            {"member": each.member, "label": each.label, "arithmetic": _step(each.step)} for each in step.members
        ]
    return found


def _days(days: Stretch) -> dict[str, str]:
    return {"start": days.start.isoformat(), "end": days.end.isoformat()}


def _aggregate(aggregate: Aggregate) -> dict[str, Any]:
    average = None
    if aggregate.total is not None:
        average = {"sum": exact_text(aggregate.total), "count": aggregate.count}
    return {
        "number": aggregate.number,
        "text": aggregate.text,
        "words": aggregate.words,
        "function": aggregate.function,
        "table": aggregate.table,
        "condition": aggregate.condition,
        "date": aggregate.date,
        "until": aggregate.until,
        "days": None if aggregate.days is None else _days(aggregate.days),
        "months": [{"month": each.month, "taken": each.taken, "of": each.of} for each in aggregate.months],
        "company": aggregate.company,
        "value": _exact(aggregate.value),
        "reason": aggregate.reason,
        "average": average,
        "dimensions": list(aggregate.dimensions),
        "members": [{"label": each.label, "value": _exact(each.value)} for each in aggregate.members],
        "rows": None if aggregate.rows is None else _rows(aggregate.rows),
    }


def _rows(rows: Rows) -> dict[str, Any]:
    found: dict[str, Any] = {
        "total": rows.total,
        "counted": rows.counted,
        "left_out": [left_out_dict(each) for each in rows.left_out],
    }
    if rows.shown is not None:
        found["columns"] = [{"name": column.name, "kind": column.kind} for column in rows.columns]
        found["shown"] = [
            {
                "row": row.row,
                "file": row.file,
                **({} if row.reason is None else {"reason": row.reason}),
                "cells": [_cell(cell) for cell in row.cells],
            }
            for row in rows.shown
        ]
    return found


def _cell(value: Plain | Decimal) -> object:
    match value:
        case date():
            return value.isoformat()
        case Fraction():
            return exact_text(value)
        case _:
            return value


def _part(part: Part) -> dict[str, Any]:
    return {
        "number": part.number,
        "kpi": part.kpi,
        "name": part.name,
        "unit": part.unit,
        "of": "formula" if part.aim is None else "target",
        "formula": part.formula,
        "words": list(part.words),
        "days": _days(part.days),
        "company": part.company,
        "arithmetic": _step(part.step),
        "target": None if part.aim is None else _aim(part.aim),
    }


def _aim(aim: Aim) -> dict[str, Any]:
    return {
        "value": _exact(aim.target),
        "expected": _exact(aim.expected),
        "reason": aim.reason,
        "of": aim.whose,
        "adds_up": aim.flow,
        "pieces": [_piece(piece) for piece in aim.pieces],
    }


def _piece(piece: TargetPiece) -> dict[str, Any]:
    return {
        "text": piece.text,
        "from": _day(piece.since),
        "days": _days(piece.days),
        "arithmetic": _step(piece.step),
        "elapsed": None if piece.done is None else {"passed": piece.done, "of": piece.of, "unit": piece.unit},
    }


def _standing(standing: Standing) -> dict[str, Any]:
    steps = {
        "attainment": standing.attainment,
        "pace": standing.pace,
        "needed_per_workday": standing.needed_per_workday,
        "projected": standing.projected,
    }
    return {
        **{name: None if step is None else _step(step) for name, step in steps.items()},
        "on_track": exact_text(standing.on_track),
        "at_risk": exact_text(standing.at_risk),
        "workdays_left": standing.workdays_left,
    }
