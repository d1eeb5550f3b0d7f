"""Workbooks that tests write: by XlsxWriter, or part by part where it would write them too well."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from tests.tables.reading import UTC, Read, column, read_table

from kpicli.book.model import Column, SourceFile, Table
from kpicli.errors import KpiError
from kpicli.periods import Calendar

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

STYLES = (0, 14, 22, 9, 46, 20)
"""Number formats of the styles of a workbook by hand: General, day, day and time, percentage, hours, time."""


def save(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], **options: Any) -> Path:
    """A workbook of rows of values, written by XlsxWriter; formats of dates are ISO."""
    settings = {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": False, **options}
    with xlsxwriter.Workbook(path, settings) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def cell(reference: str, value: object, style: int = 0, kind: str = "n", formula: str | None = None) -> str:
    """A cell as XML."""
    written = "" if formula is None else f"<f>{escape(formula)}</f>"
    return f'<c r="{reference}" s="{style}" t="{kind}">{written}<v>{escape(str(value))}</v></c>'


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def rows(*numbered: tuple[int, Iterable[str]]) -> str:
    return "".join(f'<row r="{number}">{"".join(cells)}</row>' for number, cells in numbered)


def parts(
    sheets: Mapping[str, str], *, workbook: str = "", after: str = "", states: Mapping[str, str] = {}
) -> dict[str, str]:
    """The parts of a workbook of sheets by name, each the XML of its rows."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" {states.get(name, "")} r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    targets = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in enumerate(names, 1)
    )
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in STYLES)
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{workbook}<sheets>{listed}</sheets>{after}'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{targets}<Relationship Id="rId99" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{styles}</cellXfs></styleSheet>',
        **{
            f"xl/worksheets/sheet{at}.xml": f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{content}'
            "</sheetData></worksheet>"
            for at, content in enumerate(sheets.values(), 1)
        },
    }


def zipped(path: Path, content: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def by_hand(path: Path, content: str, **options: Any) -> Path:
    """A workbook of one sheet, whose rows are given as XML."""
    return zipped(path, parts({"Deals": content}, **options))


def read(
    folder: Path,
    columns: Mapping[str, Column],
    *,
    sheet: str | int | None = None,
    calendar: Calendar = UTC,
    name: str = "deals.xlsx",
    **declared: Any,
) -> Read:
    """A workbook in this folder, read whole."""
    table = Table(source=(SourceFile(path=name),), columns=dict(columns), sheet=sheet, **declared)
    return read_table(folder, table, calendar)


def read_cells(
    folder: Path, cells: Sequence[str], kind: str = "text", calendar: Calendar = UTC, **declared: Any
) -> Read:
    """Cells as XML, without their references, below the header x in a sheet by hand; and 40 cells that fit beside them.

    Those are blank, but for a column n beside them, so that few misfits don't raise.
    """
    workbook = declared.pop("workbook", "")
    content = [(1, [text("A1", "x"), text("B1", "n")])]
    content += [
        (at, [each.replace("<c ", f'<c r="A{at}" ', 1), cell(f"B{at}", at)]) for at, each in enumerate(cells, 2)
    ]
    by_hand(folder / "deals.xlsx", rows(*content), workbook=workbook)
    return read(folder, {"x": column("x", kind, **declared)}, calendar=calendar)


def refusal(folder: Path, columns: Mapping[str, Column] | None = None, **options: Any) -> str:
    """The whole error with which the workbook is refused, as the user sees it."""
    with pytest.raises(KpiError) as raised:
        read(folder, columns or {"id": column("Id")}, **options)
    return str(raised.value)


def typed(content: str) -> list[list[Any]]:
    """The rows of a CSV text, with the numbers and dates that a spreadsheet would make of its cells."""
    return [[_value(each) for each in row] for row in csv.reader(content.splitlines())]


def _value(cell: str) -> object:
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]*[1-9])?", cell):
        return float(cell)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        with suppress(ValueError):
            return date.fromisoformat(cell)
    return cell or None
