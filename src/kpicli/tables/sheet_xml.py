"""What python-calamine doesn't tell of a workbook, read from its XML.

It gives values, and those fast; but an error (`#DIV/0!`) is an empty cell to it, a percentage the bare fraction, a
formula that nobody has worked out yet the 0 that stands in for it, and a cell in the last row and column of a sheet
as much memory as all cells between. Few sheets hold any of that, so a glance at the bytes says which ones do, and only
those are read cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Final
from xml.parsers import expat

import polars as pl
from msgspec import Struct, field

from kpicli.tables.unzipping import Archive, Part, broken

_KEPT: Final = 15
"""How many digits every float keeps."""
LAST_ROW: Final = 1 << 20
LAST_COLUMN: Final = 1 << 14
_LARGEST_INDEX: Final = 64 << 20
"""Bytes of a part that lists sheets or styles; real ones have a thousandth of that."""

Attributes = dict[str, str]


class Index(Struct, frozen=True):
    """What a workbook says of itself."""

    sheets: Mapping[str, Part]
    """Where each sheet is."""
    from_1904: bool
    """Whether its days are counted from 1904 on."""
    is_calculated: bool
    """Whether its formulas have the values that a spreadsheet program gave them, and not what some writer made up."""
    percents: frozenset[str]
    """The cell styles that show a fraction as a percentage."""


def read_index(archive: Archive) -> Index:
    """Raises KpiError (data) where a part is missing or broken."""
    root = _targets(archive, "", "_rels/.rels", ("/officeDocument",))
    home = next(iter(root.values()), "xl/workbook.xml")
    folder, _, file = home.rpartition("/")
    targets = _targets(archive, folder, f"{folder}/_rels/{file}.rels", ("sheet", "/styles"))
    sheets: dict[str, Part] = {}
    from_1904, is_calculated = False, True
    for parent, tag, attributes in _elements(archive, _part(archive, home), {"sheet", "workbookPr", "calcPr"}):
        if tag == "sheet" and parent == "sheets":
            sheets[attributes.get("name", "")] = _part(archive, targets.get(attributes.get("id", ""), ""))
        elif tag == "workbookPr":
            from_1904 = _is_true(attributes.get("date1904"))
        elif tag == "calcPr":
            is_calculated = not _is_true(attributes.get("fullCalcOnLoad"))
    styles = archive.parts.get(next((path for path in targets.values() if "styles" in path.lower()), "").lower())
    return Index(sheets, from_1904, is_calculated, _percents(archive, styles))


def _targets(archive: Archive, folder: str, name: str, kinds: tuple[str, ...]) -> dict[str, str]:
    """By their ids, the parts of some kinds to which the parts of a folder refer."""
    return {
        attributes.get("Id", ""): normpath(f"{folder}/{attributes.get('Target', '')}".replace("\\", "/")).lstrip("/")
        if not attributes.get("Target", "").startswith("/")
        else attributes["Target"].lstrip("/")
        for _, _, attributes in _elements(archive, _part(archive, name), {"Relationship"})
        if attributes.get("Type", "").endswith(kinds)
    }


def _part(archive: Archive, name: str) -> Part:
    part = archive.parts.get(name.lower())
    if part is None:
        raise broken(archive.name, f"it has no '{name}'" if name else "it doesn't say where its sheets are")
    return part


def _is_true(value: str | None) -> bool:
    return value in {"1", "true", "on"}


def _percents(archive: Archive, styles: Part | None) -> frozenset[str]:
    if styles is None:
        return frozenset()
    formats = {"9", "10"}
    found = set()
    index = 0
    for parent, tag, attributes in _elements(archive, styles, {"numFmt", "xf"}):
        if tag == "numFmt" and _shows_percent(attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif tag == "xf" and parent == "cellXfs":
            if attributes.get("numFmtId") in formats:
                found.add(str(index))
            index += 1
    return frozenset(found)


def _shows_percent(code: str) -> bool:
    return "%" in re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code)


def _elements(archive: Archive, part: Part, wanted: set[str]) -> list[tuple[str, str, Attributes]]:
    """Parent, name and attributes of each wanted element, all without their prefixes."""
    if part.unpacked > _LARGEST_INDEX:
        raise broken(archive.name, f"'{part.name}' is larger than any list of sheets or styles")
    found: list[tuple[str, str, Attributes]] = []
    above = [""]

    def start(name: str, attributes: Attributes) -> None:
        tag = name.rpartition(":")[2]
        if tag in wanted:
            found.append((above[-1], tag, {key.rpartition(":")[2]: value for key, value in attributes.items()}))
        above.append(tag)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: above.pop()
    _parse(archive, part, parser)
    return found


def _parse(archive: Archive, part: Part, parser: expat.XMLParserType) -> None:
    def refuse(*_: object) -> None:
        raise broken(archive.name, f"'{part.name}' declares a document type, as no workbook does")

    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in archive.chunks(part):
            parser.Parse(chunk, False)  # noqa: FBT003  # expat takes no names
        parser.Parse(b"", True)  # noqa: FBT003  # likewise
    except expat.ExpatError as error:
        raise broken(archive.name, f"'{part.name}' is no XML: {error}") from error


# ---- a glance


class Glance(Struct, frozen=True):
    """What the bytes of a sheet say of it, at next to no cost."""

    holds_values: bool
    is_plain: bool
    """Whether it holds no errors, no formulas, and nothing that only a parser of XML reads right."""
    is_small: bool
    """Whether its cells lie within 26 columns and a million rows."""


_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s/>]")
_ODD: Final = r"""=[^"]|[ \t\r\n]=|&#|t="e"|<f[ />]|:f[ />]|<c>|<c [^r]|:c[ >]"""
_FAR: Final = r'r="(?:[A-Za-z]{2,}[0-9]|[A-Za-z]?[0-9]{7})'
_OVERLAP: Final = 64


def glance(archive: Archive, part: Part) -> Glance:
    """Unpacks a whole sheet, and keeps none of it."""
    holds_values, is_plain, is_small = False, True, True
    for chunk in _overlapping(archive, part):
        holds_values = holds_values or _VALUE.search(chunk) is not None
        if is_plain or is_small:
            text = pl.Series([chunk.decode("latin-1")])
            is_plain = is_plain and not text.str.contains(_ODD).item()
            is_small = is_small and not text.str.contains(_FAR).item()
    return Glance(holds_values, is_plain, is_small)


def _overlapping(archive: Archive, part: Part) -> Iterator[bytes]:
    """Chunks without the XML declaration, each with the end of the one before it."""
    before = b""
    for at, chunk in enumerate(archive.chunks(part)):
        if at == 0:
            if b"\0" in chunk[:_OVERLAP]:
                raise broken(archive.name, f"'{part.name}' isn't written in UTF-8")
            yield re.sub(rb"^[^<]*<\?xml[^>]*\?>", b"", chunk)
        else:
            yield before + chunk
        before = chunk[-_OVERLAP:]


def far_corner(archive: Archive, part: Part) -> tuple[int, int]:
    """The last row and column of a plain sheet, blank cells included."""
    rows, letters = 0, {"A"}
    for chunk in _overlapping(archive, part):
        cells = pl.Series([chunk.decode("latin-1")]).str.extract_all(r'r="[A-Za-z]+[0-9]+').explode().drop_nulls()
        found = cells.to_frame("cell").select(
            letters=pl.col("cell").str.extract('"([A-Za-z]+)').str.to_uppercase(),
            row=pl.col("cell").str.extract("0*([0-9]+)$").str.head(12).cast(pl.Int64),
        )
        letters |= set(found["letters"].unique().to_list())
        rows = max(rows, *found.select(pl.col("row").max().fill_null(0)).row(0))
    return rows, max(map(column_number, letters))


def column_number(letters: str) -> int:
    """Which column letters name, from 1 on: `AA` is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column, from 1 on."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ---- cell by cell


class Marks(Struct):
    """What is to be known of a sheet's cells besides their values; rows and columns count from 1."""

    rows: int = 0
    columns: int = 0
    """The last row and column that hold anything."""
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    """By column and row: what an error cell shows."""
    uncalculated: dict[int, list[int]] = field(default_factory=dict)
    """By column: the rows of formulas without a value."""
    long: dict[int, dict[int, str]] = field(default_factory=dict)
    """By column and row: whole numbers of more digits than a float keeps, as they are written."""
    percents: dict[int, list[int]] = field(default_factory=dict)
    """By column: the rows of numbers that are shown as percentages."""


def read_marks(archive: Archive, index: Index, part: Part) -> Marks:
    """Reads a sheet cell by cell. Raises KpiError (data) where it is no XML."""
    cells = _Cells(archive.name, index, part)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.characters
    _parse(archive, part, parser)
    return cells.marks


_DIGITS: Final = "0123456789"


class _Cells:
    """Takes what expat tells of a sheet; it is told a lot, so what it does is kept to little."""

    def __init__(self, name: str, index: Index, part: Part) -> None:
        self.marks = Marks()
        self._misplaced = broken(name, f"'{part.name}' has a cell that no sheet has room for")
        self._percents = index.percents
        # The values of formulas that nobody has worked out: none, or the 0 of writers that leave it to Excel.
        self._made_up = ("",) if index.is_calculated else ("", "0")
        self._row = self._column = 0
        self._row_written = ""
        self._columns: dict[str, int] = {}
        self._tags: dict[str, str] = {}
        self._cell: Attributes = {}
        self._inside = self._parts = self._text = ""

    def start(self, name: str, attributes: Attributes) -> None:
        tag = self._tags.get(name) or self._tags.setdefault(name, name.rpartition(":")[2])
        if tag == "c":
            self._cell, self._text, self._parts = attributes, "", ""
            self._place(attributes.get("r"))
        elif tag in {"v", "f", "is"}:
            self._inside = tag
            self._parts += tag
        elif tag == "row":
            self._go_to_row(attributes.get("r") or str(self._row + 1))
            self._column = 0

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            if self._column > LAST_COLUMN:
                raise self._misplaced
            return
        letters = reference.rstrip(_DIGITS)
        if letters not in self._columns:
            self._columns[letters] = self._column_of(letters)
        self._column = self._columns[letters]
        row = reference[len(letters) :]
        if row != self._row_written:
            self._go_to_row(row)

    def _go_to_row(self, written: str) -> None:
        self._row = int(written) if written.isdecimal() and len(written) < 10 else 0
        self._row_written = written
        if not 0 < self._row <= LAST_ROW:
            raise self._misplaced

    def _column_of(self, letters: str) -> int:
        number = column_number(letters) if re.fullmatch("[A-Za-z]{1,3}", letters) else 0
        if not 0 < number <= LAST_COLUMN:
            raise self._misplaced
        return number

    def characters(self, text: str) -> None:
        if self._inside == "v":
            self._text += text

    def end(self, name: str) -> None:
        tag = self._tags[name]
        if tag == self._inside:
            self._inside = ""
        elif tag == "c" and self._parts:
            self._judge(self._cell.get("t", "n"))

    def _judge(self, kind: str) -> None:
        marks, row, column = self.marks, self._row, self._column
        marks.rows = max(marks.rows, row)
        marks.columns = max(marks.columns, column)
        if kind == "e":
            marks.errors.setdefault(column, {})[row] = self._text.strip() or "#ERROR!"
        elif "f" in self._parts and kind != "str" and self._text.strip() in self._made_up:
            marks.uncalculated.setdefault(column, []).append(row)
        elif kind == "n":
            if self._cell.get("s") in self._percents:
                marks.percents.setdefault(column, []).append(row)
            if len(self._text) > _KEPT and self._text.isdecimal() and self._text[0] != "0":
                marks.long.setdefault(column, {})[row] = self._text
