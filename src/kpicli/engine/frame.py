"""The figures of a scorecard as a Polars frame, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

_NUMBERS = frozenset(
    {"target", "attainment", "expected", "pace", "projected", "needed_per_workday", "change"}
    | {"company_target", "contribution"}
)
_NUMBERS_OR_TEXTS = ("value", "prior")


def frame_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """One row a figure, in order, with the given columns.

    `value` and `prior` are Float64, each with a String column after it (`value_text`, `prior_text`) that holds what a
    text KPI has instead. Other numbers are Float64, everything else is String.
    """
    schema: dict[str, type[pl.DataType]] = {}
    for column in columns:
        schema[column] = pl.Float64 if column in _NUMBERS or column in _NUMBERS_OR_TEXTS else pl.String
        if column in _NUMBERS_OR_TEXTS:
            schema[f"{column}_text"] = pl.String
    return pl.DataFrame([_typed(row) for row in rows], schema=schema, orient="row")


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    cells = {column: float(cell) if column in _NUMBERS and cell is not None else cell for column, cell in row.items()}
    for column in _NUMBERS_OR_TEXTS:
        cell = row[column]
        is_text = isinstance(cell, str)
        cells[column] = None if cell is None or is_text else float(cell)
        cells[f"{column}_text"] = cell if is_text else None
    return cells
