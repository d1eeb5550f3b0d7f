"""The JSON Schema of kpis.yaml, for editors: every spelling that a book may use, described by the models' docstrings.

It knows nothing of references between parts (that a goal exists, say) and of formulas: those only `kpi check` sees.
What it refuses, loading refuses too.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from typing import Any, TypeAlias

from kpicli.book import calendar, dated, goals, mail, model, texts
from kpicli.book.calendar import DAYS, MONTHS, CalendarSpec
from kpicli.book.currencies import ISO_4217
from kpicli.book.dated import RateEntry, TargetEntry
from kpicli.book.declared import Declared
from kpicli.book.goals import Goal
from kpicli.book.mail import Delivery, Each, Mail, PasswordSpec
from kpicli.book.model import (
    Book,
    Column,
    Dimension,
    Drives,
    Kpi,
    Lifespan,
    Lookup,
    ScorecardSpec,
    SourceFile,
    Table,
    Thresholds,
)
from kpicli.book.spellings import VARIABLE
from kpicli.book.texts import CsvSpec

Schema: TypeAlias = dict[str, Any]


def book_schema() -> Schema:
    """JSON Schema, draft 2020-12, of a whole book."""
    descriptions = _descriptions()
    definitions = {
        _definition(declared): _object(declared, shapes, descriptions)
        for declared, shapes in _SHAPES.items()
        if declared is not Book
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "KPI book",
        **_object(Book, _SHAPES[Book], descriptions),
        "$defs": {**_COMMON, **definitions},
    }


def _definition(declared: type[Declared]) -> str:
    return declared.__name__.removesuffix("Spec").lower()


def _object(declared: type[Declared], shapes: Mapping[str, Schema], descriptions: Mapping[str, str]) -> Schema:
    properties = {}
    required = []
    for name, field in declared.model_fields.items():
        key = field.alias or name
        is_required = field.is_required() and (declared, key) not in _FILLED_IN
        if is_required:
            required.append(key)
        described = descriptions.get(f"{declared.__name__}.{name}")
        shape = shapes[key] if is_required else _or_null(shapes[key])
        properties[key] = shape if described is None else {"description": described, **shape}
    schema: Schema = {
        "description": descriptions[declared.__name__],
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": required} if required else schema


def _or_null(shape: Schema) -> Schema:
    """An optional key may stand without a value."""
    return {"anyOf": [shape, {"type": "null"}]}


def _descriptions() -> dict[str, str]:
    """The docstrings of the models, by class and by "class.field"; on one line each."""
    found = {}
    modules = (model, calendar, dated, texts, mail, goals)
    for node in (each for module in modules for each in ast.parse(inspect.getsource(module)).body):
        if not isinstance(node, ast.ClassDef):
            continue
        found[node.name] = ast.get_docstring(node) or ""
        for declaration, docstring in zip(node.body, node.body[1:], strict=False):
            match declaration, docstring:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[f"{node.name}.{name}"] = text
                case _:
                    pass
    return {name: " ".join(text.split()) for name, text in found.items()}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _of(declared: type[Declared]) -> Schema:
    return _ref(_definition(declared))


def _any(*shapes: Schema) -> Schema:
    return {"anyOf": list(shapes)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _named(values: Schema) -> Schema:
    """A mapping whose keys are names that formulas use."""
    return {"type": "object", "propertyNames": _ref("name"), "additionalProperties": values}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _enum(*values: object) -> Schema:
    return {"enum": list(values)}


_TEXT = _ref("text")
_TEXTS = _any(_TEXT, _list(_TEXT))
_ANY_TEXT = {"type": ["string", "number", "boolean"]}
_CSV: Mapping[str, Schema] = {"delimiter": {"type": "string", "minLength": 1, "maxLength": 3}, "encoding": _TEXT}
_SHEET = _any({"type": "integer", "minimum": 1}, _TEXT)
_ROWS: Mapping[str, Schema] = {
    "csv": _of(CsvSpec),
    "header_row": _whole(1, 1_048_576),
    "footer": _TEXTS,
    "sheet": _SHEET,
}
_DAY = _ref("day")
_ADDRESS = {"type": "string", "pattern": "@"}
_FORMATS = _enum(*(each.value for each in mail.Attachment))
_COLUMNS = _named(_any(_of(Column), _TEXT, {"type": "null"}))
_TARGET_VALUE = _any(_TEXT, _list(_of(TargetEntry)))
_NAME = r"^[^\x00-@\[-`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*$"
"""A letter, then letters, digits and `_`, as far as a pattern for editors can say it."""

_SPAN = r"[0-9]{1,6}\s+[A-Za-z]+"

_COMMON: Mapping[str, Schema] = {
    "text": {
        "description": "A text; numbers and true or false without quotes are read as they are written.",
        "type": ["string", "number", "boolean"],
        "pattern": r"\S",
    },
    "name": {"description": "A name of the formula language.", "type": "string", "pattern": _NAME},
    "day": {"description": "A day, as 2026-01-31.", "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "constant": {
        "description": "A number such as 12_000 or 0.5, or a percentage.",
        "type": ["number", "string"],
        "pattern": r"^[-+]?[0-9][0-9_]*(\.[0-9]+)?\s*%?$|^[-+]?\.[0-9]+\s*%?$",
    },
    "threshold": {
        "description": "A percentage of the pace needed, or that as a fraction.",
        "type": ["number", "string"],
        "exclusiveMinimum": 0,
        "maximum": 2,
        "pattern": r"^[+]?[0-9]*(\.[0-9]+)?\s*%?$",
    },
    "rate": {
        "description": "What one unit of a currency is worth, as 1.08.",
        "type": ["number", "string"],
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 10**12,
        "pattern": r"^[+]?[0-9][0-9_]*(\.[0-9]+)?$|^[+]?\.[0-9]+$",
    },
    "duration": {"description": "A span of time such as `6 weeks`.", "type": "string", "pattern": rf"^\s*{_SPAN}\s*$"},
}

_FILLED_IN = {(Book, "name"), (Column, "header")}
"""What the models need and the file may leave out."""

_SHAPES: Mapping[type[Declared], Mapping[str, Schema]] = {
    Book: {
        "version": _enum(1, "1"),
        "name": _TEXT,
        "currency": _enum(*sorted(ISO_4217)),
        "rates": {
            "type": "object",
            "propertyNames": {"enum": sorted(ISO_4217)},
            "additionalProperties": _any(_ref("rate"), _list(_of(RateEntry))),
        },
        "calendar": _of(CalendarSpec),
        "constants": _named(_ref("constant")),
        "tables": {**_named(_of(Table)), "minProperties": 1},
        "dimensions": _named(_any(_of(Dimension), _TEXT)),
        "pipeline": _any(
            {"type": "object", "additionalProperties": _any(_TEXT, {"type": "null"})},
            {"type": "array", "items": _TEXT},
        ),
        "goals": {"type": "object", "additionalProperties": _any(_of(Goal), {"type": "null"})},
        "kpis": {**_named(_of(Kpi)), "minProperties": 1},
        "scorecards": {"type": "object", "additionalProperties": _of(ScorecardSpec)},
        "status": _of(Thresholds),
        "mail": _of(Mail),
        "deliveries": {"type": "object", "additionalProperties": _of(Delivery)},
    },
    CalendarSpec: {
        "timezone": _TEXT,
        "week_starts": _enum(*DAYS),
        "fiscal_year_starts": _enum(*MONTHS),
        "workdays": _any(_enum(*DAYS), {"type": "array", "items": _enum(*DAYS)}),
        "holidays": _any(_TEXT, {"type": "array", "items": _DAY}),
    },
    Column: {
        "header": _TEXTS,
        "type": _enum(*(kind.value for kind in model.ColumnType)),
        "format": _TEXTS,
        "blank": _any(_ANY_TEXT, {"type": "array", "items": _ANY_TEXT}),
        "empty": {"enum": [True, False, "unknown"]},
        "decimal": _enum(".", ","),
        "timezone": _TEXT,
        "currency": _TEXT,
        "id": _enum(*(kind.value for kind in model.IdKind)),
        "separator": {**_ANY_TEXT, "minLength": 1},
        "optional": {"enum": [True, False, "true", "false"]},
    },
    CsvSpec: _CSV,
    SourceFile: {"path": _TEXT, "preset": _TEXT, "columns": _COLUMNS, **_CSV, **_ROWS},
    Lookup: {"table": _TEXT, "column": _TEXTS},
    Lifespan: {"from": _TEXT, "until": _TEXT},
    Table: {
        "preset": _TEXT,
        "columns": _COLUMNS,
        "source": _any(_TEXT, _of(SourceFile), _list(_any(_TEXT, _of(SourceFile)))),
        "key": _TEXTS,
        "keep": {"type": "string", "pattern": r"^\s*latest\s+by\s+\S+\s*$"},
        "date": _TEXT,
        "covers": {"const": "month"},
        "where": _TEXT,
        "fields": _named(_TEXT),
        "lookups": _named(_of(Lookup)),
        "lifespan": _of(Lifespan),
        **_CSV,
        **_ROWS,
        "currency": _TEXT,
    },
    Dimension: {
        "field": _any(_TEXT, {**_named(_TEXT), "minProperties": 1}),
        "members": _TEXT,
        "where": _TEXT,
        "label": _TEXT,
        "variable": {"type": ["string", "boolean"], "pattern": f"^{VARIABLE}$"},
    },
    Goal: {
        "level": _enum(*(level.value for level in goals.Level)),
        **dict.fromkeys(("name", "parent", "who", "what", "where", "when", "why", "how"), _TEXT),
    },
    TargetEntry: {"value": _TEXT, "from": _DAY},
    RateEntry: {"rate": _ref("rate"), "from": _DAY},
    Drives: {"kpi": _TEXT, "lag": _ref("duration")},
    Kpi: {
        "formula": _TEXT,
        "role": _enum(*(role.value for role in model.Role)),
        "name": _TEXT,
        "stage": _TEXT,
        "goal": _TEXT,
        "unit": _enum(*(unit.value for unit in model.Unit)),
        "decimals": _whole(0, 10),
        "better": _enum(*(better.value for better in model.Better)),
        "window": {
            "type": "string",
            "pattern": rf"^\s*(trailing\s+{_SPAN}|to\s+date\s+in\s+(week|month|quarter|year))\s*$",
        },
        "target": _any(
            _TARGET_VALUE,
            {
                "type": "object",
                "additionalProperties": _or_null(_TARGET_VALUE),
                "minProperties": 1,
                "not": {"required": ["value"]},
            },
        ),
        "drives": _any(_TEXT, _of(Drives), {"type": "array", "items": _any(_TEXT, _of(Drives))}),
        "why": _TEXT,
        "owner": _TEXT,
        "status": _enum(*(status.value for status in model.KpiStatus)),
        "agreed": _DAY,
        "review_by": _DAY,
    },
    ScorecardSpec: {
        "kpis": _TEXTS,
        "name": _TEXT,
        "period": _TEXT,
        "by": _TEXT,
        "trend": _whole(0, 60),
    },
    PasswordSpec: {
        "command": _TEXTS,
        "file": _TEXT,
        "variable": {"type": ["string", "boolean"], "pattern": r"^[A-Za-z_]\w*$"},
    },
    Mail: {
        "server": _TEXT,
        "security": _enum(*(security.value for security in mail.MailSecurity)),
        "port": _whole(1, 65_535),
        "ca": _TEXT,
        "user": _TEXT,
        "password": {**_of(PasswordSpec), "minProperties": 1},
        "from": _ADDRESS,
    },
    Each: {"each": _TEXT, "address": _TEXT},
    Delivery: {
        "scorecard": _TEXT,
        "to": _any(_ADDRESS, _list(_ADDRESS), _of(Each)),
        **dict.fromkeys(("period", "by", "subject"), _TEXT),
        "only": {"type": "object", "additionalProperties": _TEXTS},
        "from": _ADDRESS,
        "reply_to": _ADDRESS,
        "attach": _any(_FORMATS, {"type": "array", "items": _FORMATS, "uniqueItems": True}),
        "share": {"enum": [True, False, "true", "false"]},
    },
    Thresholds: {"on_track": _ref("threshold"), "at_risk": _ref("threshold")},
}
"""What each key of each model takes, as the file writes it."""
