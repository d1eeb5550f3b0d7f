"""The result of `kpi check` in plain Python, as JSON has it; `docs/check.schema.json` describes it."""

from __future__ import annotations

from typing import Any

from kpicli.checked import Check, Common, Finding, Sight, TableCheck
from kpicli.errors import KpiError
from kpicli.render.formats.json import SCHEMA_VERSION, left_out_dict
from kpicli.render.numbers import write_rows
from kpicli.render.remarks import note_in_words


def check_dict(check: Check) -> dict[str, Any]:
    """The whole of it: keys in their order, dates as text."""
    return {
        "schema_version": SCHEMA_VERSION,
        "book": check.book,
        "as_of": check.as_of.isoformat(),
        "data": [_checked(table) for table in check.tables],
    }


def _checked(table: TableCheck) -> dict[str, Any]:
    return {
        "table": table.table,
        "files": list(table.files),
        "rows": table.rows,
        "used": table.used,
        "left_out": [left_out_dict(each) for each in table.left_out],
        "date": table.date,
        "undated": table.undated,
        "newest": None if table.newest is None else table.newest.isoformat(),
        "error": None if table.error is None else _error(table.error),
        "findings": [_finding(finding) for finding in table.findings],
    }


def _error(error: KpiError) -> dict[str, Any]:
    place = None if error.place is None else f"{error.place.file}:{error.place.line}:{error.place.column}"
    return {"code": error.code, "message": error.message, "place": place, "help": error.help}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "column": finding.column,
        "rows": finding.rows,
        "message": told(finding),
        "place": finding.place,
        "help": finding.help,
        "values": [_common(value) for value in finding.values],
        "examples": [_sight(sight) for sight in finding.examples],
    }


def _common(value: Common) -> dict[str, Any]:
    label = {} if value.label is None else {"label": value.label}
    near = {} if value.near is None else {"near": value.near}
    return {"value": value.value, "rows": value.rows, **label, **near}


def _sight(sight: Sight) -> dict[str, Any]:
    file = {} if sight.file is None else {"file": sight.file}
    return {"row": sight.row, "values": {name or "text": value for name, value in sight.shown}, **file}


def told(finding: Finding) -> str:
    """What was found, with how many rows."""
    if finding.note is not None:
        return note_in_words(finding.note)
    return f"{write_rows(finding.rows)} {finding.message}" if finding.rows else finding.message
