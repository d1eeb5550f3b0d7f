"""The sheets of a workbook that no book declares yet, and their first rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from kpicli.errors import KpiError
from kpicli.tables.files import DataFile
from kpicli.tables.workbook import open_workbook, texts_of

WORKBOOKS: Final = (".xlsx", ".xlsm")


class Sheet(Struct, frozen=True):
    """A tab of a workbook that holds something."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    """Its first rows as texts, from the first row of the spreadsheet on."""


def sheets_of(file: DataFile, count: int) -> Iterator[Sheet]:
    """The tabs that people see and that hold something, each with so many of its rows.

    Raises KpiError (data) for what is no workbook, is protected, damaged or too large.
    """
    for name in _tabs(file):
        try:
            open_workbook(file, name)
        except KpiError as error:
            if error.code == "empty-file":
                continue
            raise
        yield Sheet(name, _first_rows(file, name, count))


def _tabs(file: DataFile) -> list[str]:
    try:
        return [open_workbook(file, None).source.sheet]
    except KpiError as error:
        if error.code != "several-sheets":
            raise
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 -- loaded only for workbooks

    workbook = CalamineWorkbook.from_path(file.path)
    return [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]


def _first_rows(file: DataFile, sheet: str, count: int) -> tuple[tuple[str, ...], ...]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- loaded only for workbooks

    rows = CalamineWorkbook.from_path(file.path).get_sheet_by_name(sheet).iter_rows()
    return tuple(tuple(texts_of(cells)) for cells in islice(rows, count))
