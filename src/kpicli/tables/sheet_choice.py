"""Which sheet of a workbook is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from kpicli.errors import KpiError, did_you_mean
from kpicli.tables.text import data_error

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


def chosen_sheet(name: str, workbook: CalamineWorkbook, sheet: str | int | None, filled: Collection[str]) -> str:
    """The name of the sheet that the book means; `filled` are those that hold anything.

    Numbers count the tabs that people see. Raises KpiError (data) where there is no such sheet, or several could be
    meant.
    """
    from python_calamine import SheetVisibleEnum  # noqa: PLC0415 -- loaded only where a workbook is read

    names = workbook.sheet_names
    tabs = [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    if sheet is None:
        found = [each for each in tabs if each in filled]
        if len(found) == 1:
            return found[0]
        raise _several(name, found) if found else _empty(name, [each for each in names if each in filled])
    if isinstance(sheet, int):
        if sheet <= len(tabs):
            return tabs[sheet - 1]
        raise _unknown(name, f"no sheet {sheet}", tabs)
    alike = [each for each in names if each == sheet] or [each for each in names if _folded(each) == _folded(sheet)]
    if len(alike) == 1:
        return alike[0]
    raise _unknown(name, f"no sheet '{sheet}'", names)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _several(name: str, sheets: Sequence[str]) -> KpiError:
    return data_error(
        "several-sheets",
        f"'{name}' has several sheets that hold something: {', '.join(sheets)}",
        help=f"say on the table or its source which one is meant, for example `sheet: {_spelled(sheets[0])}`",
    )


def _empty(name: str, hidden: Sequence[str]) -> KpiError:
    if not hidden:
        return data_error("empty-file", f"'{name}' is empty: no sheet of it holds anything", help="export it again")
    return data_error(
        "empty-file",
        f"'{name}' holds something only in hidden sheets: {', '.join(hidden)}",
        help=f"if one of them is meant, name it: `sheet: {_spelled(hidden[0])}`",
    )


def _unknown(name: str, what: str, sheets: Sequence[str]) -> KpiError:
    listed = ", ".join(_spelled(sheet) for sheet in sheets)
    near = did_you_mean(what.removeprefix("no sheet ").strip("'"), sheets)
    fix = f"{near} " if near is not None and near.startswith("did") else ""
    return data_error("unknown-sheet", f"'{name}' has {what}", help=f"{fix}Its sheets are: {listed}".strip())


def _spelled(sheet: str) -> str:
    """A sheet's name as the book writes it."""
    return sheet if re.fullmatch(r"[^\W\d][\w .-]*", sheet) else json.dumps(sheet, ensure_ascii=False)
