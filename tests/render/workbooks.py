"""A workbook as it stands in its file, read by zipfile and XML alone, and what a spreadsheet shows of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SPARKS = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
EXCEL = "{http://schemas.microsoft.com/office/excel/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN = {"0": "General", "3": "#,##0", "4": "#,##0.00", "10": "0.00%", "49": "@"}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Stored:
    """A cell: its number as the file has it, or its text, and the format of numbers."""

    number: str | None
    text: str
    format: str

    @property
    def shown(self) -> str:
        return self.text if self.number is None else displayed(self.number, self.format)


@dataclass(frozen=True)
class Page:
    """A sheet: its cells by row and column, both from 0."""

    name: str
    xml: ET.Element
    cells: dict[tuple[int, int], Stored]

    def text(self, row: int, column: int) -> str:
        """What is shown there; "" of an empty cell."""
        cell = self.cells.get((row, column))
        return "" if cell is None else cell.shown

    def column(self, heading: str, row: int) -> int:
        """The column of a table whose headings stand in a row."""
        return next(at for (line, at), cell in self.cells.items() if line == row and cell.text == heading)

    def row(self, text: str) -> int:
        """The first row that begins with a text."""
        return min(line for (line, at), cell in self.cells.items() if not at and cell.text == text)


def parts(content: bytes) -> dict[str, bytes]:
    """What the file consists of; each is well-formed XML."""
    with ZipFile(BytesIO(content)) as file:
        found = {name: file.read(name) for name in file.namelist()}
    for part in found.values():
        ET.fromstring(part)  # noqa: S314 -- our own file
    return found


def assert_inert(content: bytes) -> None:
    """Nothing in the file computes, leads anywhere or runs."""
    found = parts(content)
    sheets = [part for part in found if part.startswith("xl/worksheets/")]
    for name, part in found.items():
        assert re.search(r"vba|macro|externalLink|connections|embeddings|calcChain|comments|vml", name) is None
        assert b"TargetMode" not in part, name
    tags = {element.tag for name in sheets for element in ET.fromstring(found[name]).iter()}  # noqa: S314 -- our own
    acts = ("f", "hyperlinks", "hyperlink", "dataValidation", "oleObjects")
    assert tags & {f"{MAIN}{each}" for each in acts} == set()
    names = [each.text or "" for each in ET.fromstring(found["xl/workbook.xml"]).iter(f"{MAIN}definedName")]  # noqa: S314 -- our own
    assert [each for each in names if re.fullmatch(r"('([^']|'')+'|[\w.]+)!\$[\w$:]+", each) is None] == []


def pages(content: bytes) -> list[Page]:
    """The sheets, in their order."""
    files = {name: ET.fromstring(part) for name, part in parts(content).items()}  # noqa: S314 -- our own file
    leads = {each.get("Id"): each.get("Target") for each in files["xl/_rels/workbook.xml.rels"]}
    texts = [_text(each) for each in files["xl/sharedStrings.xml"]] if "xl/sharedStrings.xml" in files else []
    formats = _formats(files["xl/styles.xml"])
    found = []
    for sheet in files["xl/workbook.xml"].iter(f"{MAIN}sheet"):
        xml = files[f"xl/{leads[sheet.get(_RELATION)]}"]
        cells = {place(cell.get("r", "")): _stored(cell, texts, formats) for cell in xml.iter(f"{MAIN}c")}
        found.append(Page(sheet.get("name", ""), xml, cells))
    return found


def place(name: str) -> tuple[int, int]:
    """`B3` as row and column, both from 0."""
    letters = name.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(name.removeprefix(letters)) - 1, column - 1


def _formats(styles: ET.Element) -> list[str]:
    codes = _BUILT_IN | {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iter(f"{MAIN}numFmt")}
    ways = styles.find(f"{MAIN}cellXfs")
    assert ways is not None
    return [codes[each.get("numFmtId", "")] for each in ways]


def _text(element: ET.Element) -> str:
    joined = "".join(each.text or "" for each in element.iter(f"{MAIN}t"))
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), joined)


def _stored(cell: ET.Element, texts: list[str], formats: list[str]) -> Stored:
    value = cell.findtext(f"{MAIN}v")
    form = formats[int(cell.get("s", "0"))]
    if cell.get("t") == "s":
        return Stored(None, texts[int(value or "")], form)
    assert cell.get("t") is None
    return Stored(value, "", form)


_TOKENS = re.compile(r'"([^"]*)"|\\(.)|(#,##0(?:\.(0+))?)|(.)', re.DOTALL)


def displayed(number: str, code: str) -> str:
    """What a spreadsheet shows of a number: 15 digits of the double, rounded half away from zero as the format says."""
    if code == "yyyy-mm-dd":
        return number
    value = Fraction(Context(15, ROUND_HALF_UP).create_decimal(Decimal(float(number))))
    sections = re.findall(r'((?:"[^"]*"|\\.|[^;"\\])+)', code)
    at = 0 if value > 0 or len(sections) == 1 else 1 if value < 0 else min(2, len(sections) - 1) % 3
    if value == 0 and len(sections) == 2:
        at = 0
    signed = "-" if value < 0 and len(sections) == 1 else ""
    percent = "%" in re.sub(r'"[^"]*"', "", sections[at])
    shown = [
        quoted or escaped or (_digits(abs(value) * (100 if percent else 1), len(places)) if digits else other)
        for quoted, escaped, digits, places, other in _TOKENS.findall(sections[at])
    ]
    return signed + "".join(shown)


def _digits(value: Fraction, places: int) -> str:
    whole, part = divmod(int(value * 10**places + Fraction(1, 2)), 10**places)
    return f"{whole:,}" + (f".{part:0{places}}" if places else "")


def listing(content: bytes) -> str:
    """All that stands in a workbook, a line a cell: for people to read and compare."""
    return "".join(f"{line}\n" for line in _listed(content))


def _listed(content: bytes) -> Iterator[str]:
    for page in pages(content):
        yield f"=== {page.name}"
        for (row, column), cell in sorted(page.cells.items()):
            if cell.number is not None:
                yield f"R{row + 1}C{column + 1} {cell.number} | {cell.format} | {cell.shown}"
            elif cell.text:
                yield f"R{row + 1}C{column + 1} {cell.text}"
        for rule in page.xml.iter(f"{MAIN}conditionalFormatting"):
            yield f"coloured {rule.get('sqref')}: {', '.join(str(each.get('type')) for each in rule)}"
        for spark in page.xml.iter(f"{SPARKS}sparkline"):
            yield f"sparkline {spark.findtext(f'{EXCEL}sqref')}: {spark.findtext(f'{EXCEL}f')}"
    for name, part in sorted(parts(content).items()):
        if name.startswith("xl/charts/"):
            yield f"=== {name}"
            chart = ET.fromstring(part)  # noqa: S314 -- our own file
            yield from (each.text or "" for each in chart.iter(f"{CHART}f"))
