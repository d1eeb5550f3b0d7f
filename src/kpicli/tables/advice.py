"""The likely fix for a column whose cells don't fit its declaration."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import Final

import polars as pl

from kpicli.book.model import Column, ColumnType
from kpicli.tables.cells import booleans
from kpicli.tables.dates import Zones, iso_dates, pattern_dates, read_pattern
from kpicli.tables.numbers import DecimalSign, amounts, percents
from kpicli.tables.steps import Steps

_DAYS: Final = (
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y"),
    *("%m-%d-%y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%d %b, %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%m.%d.%Y", "%Y-%m-%d"),
)
_TIMES: Final = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p")
_NOWHERE: Final = Zones("UTC", "UTC")


def advice(column: Column, misfits: Sequence[str], *, others_fit: bool) -> str:
    """What to declare so that the misfits fit; `others_fit` says whether there are cells that fit as declared."""
    cells = pl.DataFrame({"cell": misfits}, schema={"cell": pl.String})
    match column.type:
        case ColumnType.TEXT:  # nothing but errors of a spreadsheet doesn't fit
            return (
                f"mend the formulas in the workbook; {_blank(misfits) or 'list those that mean nothing under `blank`'}"
            )
        case ColumnType.DATE:
            return _date_advice(column, cells, others_fit=others_fit)
        case ColumnType.BOOLEAN:
            known = "true, yes, y, 1 and false, no, n, 0 are known, and what Excel writes in other languages"
            otherwise = "keep the column as text and compare it in a field, as in `status = 'Done'`"
            return f"{known}; {_mended(misfits) if others_fit else _nothing(misfits, otherwise)}"
        case _:
            return _number_advice(column, cells, others_fit=others_fit)


def _fit(cells: pl.DataFrame, read: Callable[[pl.Expr, Steps], pl.Expr]) -> bool:
    steps = Steps()
    value = read(pl.col("cell"), steps)
    return bool(steps.added(cells).select(value.is_not_null().all()).item())


def _fit_iso(cells: pl.DataFrame) -> bool:
    return _fit(cells, lambda cell, steps: iso_dates(cell, _NOWHERE, steps))


def _fit_pattern(cells: pl.DataFrame, pattern: str) -> bool:
    return _fit(cells, lambda cell, steps: pattern_dates(cell, [read_pattern(pattern)], _NOWHERE, steps))


def _fit_percents(cells: pl.DataFrame, decimal: DecimalSign) -> bool:
    return _fit(cells, lambda cell, steps: percents(cell, decimal, steps))


def _fit_amounts(cells: pl.DataFrame, decimal: DecimalSign) -> bool:
    return _fit(cells, lambda cell, steps: amounts(cell, decimal, steps).value)


def _number_advice(column: Column, cells: pl.DataFrame, *, others_fit: bool) -> str:
    misfits = cells["cell"].to_list()
    other: DecimalSign = "," if column.decimal == "." else "."
    fit = _fit_percents if column.type is ColumnType.PERCENT else _fit_amounts
    if fit(cells, other):
        return f'declare `decimal: "{other}"`'
    if all("%" in misfit for misfit in misfits) and _fit_percents(cells, column.decimal):
        return "declare `type: percent`"
    if _fit(cells, booleans):
        return "declare `type: boolean`"
    if _fit_iso(cells):
        return "declare `type: date`"
    if all(re.fullmatch(r"[-+]?[0-9]{31,}([.,][0-9]*)?…?", misfit) for misfit in misfits):
        return "a number has up to 30 digits before its decimal sign; if these are ids, declare `type: text`"
    if not others_fit:
        return _nothing(misfits, "declare `type: text`")
    return _mended(misfits) + ("; if the column holds texts, declare `type: text`" if _blank(misfits) is None else "")


def _date_advice(column: Column, cells: pl.DataFrame, *, others_fit: bool) -> str:
    misfits = cells["cell"].to_list()
    if all(re.fullmatch(r"[3-5][0-9]{4}(\.[0-9]+)?", misfit) for misfit in misfits):
        return "these look like Excel's day numbers: format the column as a date in the workbook and save it again"
    if all(re.fullmatch(r"1[0-9]{9}", misfit) for misfit in misfits):
        return 'these look like seconds since 1970: declare `format: "%s"`'
    fitting = [
        pattern for pattern in (day + time for time, day in product(_TIMES, _DAYS)) if _fit_pattern(cells, pattern)
    ]
    if column.format and not others_fit and _fit_iso(cells):
        return "these are ISO dates: leave `format` out"
    if not fitting and others_fit:
        return f"{_mended(misfits)}; a further shape of dates is declared as a strptime pattern in `format`"
    if not fitting:
        return _nothing(misfits, "declare the shape of the dates as a strptime pattern in `format`")
    if len(fitting) > 1 and {"%m", "%d"} <= set(re.findall(r"%[a-zA-Z]", fitting[0])):
        either = " or ".join(f'"{pattern}"' for pattern in fitting)
        return f"every one of them fits {either}: find out which is meant and declare it as `format`"
    declared = column.format or ["%Y-%m-%d"]
    if others_fit and _swapped(fitting[0]) in declared:
        # Both tried in order would take the month of half of the cells for their day.
        return (
            f'if all cells of the column are meant like these, declare `format: "{fitting[0]}"`; a column that mixes '
            "both orders of day and month can't be told apart and must be mended"
        )
    known = dict.fromkeys([*declared, fitting[0]] if others_fit else fitting[:1])
    shown = ", ".join(f'"{pattern}"' for pattern in known)
    return f"declare `format: {shown if len(known) == 1 else f'[{shown}]'}`"


def _swapped(pattern: str) -> str:
    """The pattern with day and month in each other's place."""
    return pattern.replace("%d", "%%").replace("%m", "%d").replace("%%", "%m")


def _nothing(misfits: Sequence[str], otherwise: str) -> str:
    """For a column of which no cell fits."""
    blank = _blank(misfits)
    return otherwise if blank is None else f"{blank}; otherwise {otherwise}"


def _mended(misfits: Sequence[str]) -> str:
    """For a column of which other cells fit: its declaration is right, and the misfits are what is wrong."""
    cells = "the cell" if len(misfits) == 1 else "these cells"
    return f"mend {cells} in the export, or {_blank(misfits) or 'list those that mean nothing under `blank`'}"


def _blank(misfits: Sequence[str]) -> str | None:
    texts = sorted(set(misfits))
    if len(texts) > 3:
        return None
    shown = ", ".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    they = "they mean" if len(texts) > 1 else "it means"
    return f"if {they} nothing, declare `blank: [{shown}]`"
