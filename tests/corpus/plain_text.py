"""A slow, plain reader, part one: from bytes to records of texts, character by character.

Written from docs/book.md, docs/exports.md and what the exports of CRMs look like; it shares nothing with the program.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize

BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Unicode calls white space; what merely looks like nothing, such as U+200B, is a character like any other."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_NO_TEXTS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF")
_OTHER_TEXTS = (b"<!doc", b"<html", b"<?xml", b"[{", b'{"')


class Refused(Exception):
    """A file or table that can't be read as declared; `code` is the one of the error that users see."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file, blank ones too: its number as a spreadsheet counts, and its cells as they stand."""

    row: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        return not any(cell.strip(BLANKS) for cell in self.cells)

    @property
    def filled(self) -> list[str]:
        return [cell.strip(BLANKS) for cell in self.cells if cell.strip(BLANKS)]


def text_of(content: bytes, encoding: str | None) -> str:
    """The file's text, unpacked and decoded, without a byte order mark."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise Refused("broken-gzip") from None
    for mark, marked in _MARKS.items():
        if content.startswith(mark):
            return _decoded(content.removeprefix(mark), marked).lstrip("\ufeff")
    if content.startswith(_NO_TEXTS) or content.lstrip()[:5].lower().startswith(_OTHER_TEXTS):
        raise Refused("not-text")
    return _decoded(content, encoding or "utf-8")


def _decoded(content: bytes, encoding: str) -> str:
    name = codecs.lookup(encoding).name
    if name in ("utf-16", "utf-32"):
        raise Refused("wrong-encoding")  # without a mark, it must say in which order its bytes are
    if name == "utf-8" and _has_wide_characters(content):
        raise Refused("wrong-encoding")
    try:
        return content.decode("cp1252" if name == "iso8859-1" else encoding)  # what says Latin-1 comes from Windows
    except UnicodeError:
        raise Refused("wrong-encoding") from None


def _has_wide_characters(content: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 of letters of the West."""
    even, odd = content[:2000:2], content[1:2000:2]
    return any(one.count(0) * 2 > len(one) and not other.count(0) for one, other in ((even, odd), (odd, even)))


def records(text: str, delimiter: str) -> list[Record]:
    """All rows of a text. A row ends with LF, CR or both; in quotes, delimiters and line ends are part of the cell."""
    if "\0" in text or "\x1a" in text:
        raise Refused("control-character")
    return [Record(row, tuple(cells)) for row, cells in enumerate(_rows(text, delimiter), 1)]


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    at, cells = 0, list[str]()
    while at < len(text) or cells:
        cell, at = _quoted(text, at) if text.startswith('"', at) else _bare(text, at, delimiter)
        cells.append(cell)
        if text.startswith(delimiter, at):
            at += 1
            continue
        if at < len(text) and text[at] not in "\r\n":
            raise Refused("stray-quote")
        at += 2 if text.startswith("\r\n", at) else 1
        yield cells
        cells = []


def _quoted(text: str, at: int) -> tuple[str, int]:
    """The cell whose quote opens here, and where it ends."""
    parts = []
    while True:
        end = text.find('"', at + 1)
        if end < 0:
            raise Refused("open-quote")
        parts.append(text[at + 1 : end])
        at = end + 1
        if not text.startswith('"', at):
            return '"'.join(parts), at


def _bare(text: str, at: int, delimiter: str) -> tuple[str, int]:
    """The cell that begins here and isn't quoted; a quote within it is a sign like any other."""
    found = re.compile("[\r\n" + re.escape(delimiter) + "]").search(text, at)
    end = len(text) if found is None else found.start()
    return text[at:end], end


def table_of(rows: Sequence[Record], header_row: int | None) -> tuple[Record, list[Record]]:
    """The header and what stands below it. Without a declared number, the header is the first row that isn't blank."""
    filled = [row for row in rows if not row.blank]
    if not filled:
        raise Refused("empty-file")
    header = next((row for row in filled if header_row in (None, row.row)), None)
    if header is None:
        raise Refused("no-header-row")
    return header, [row for row in rows if row.row > header.row]


def whole_rows(header: Record, rows: Sequence[Record]) -> list[Record]:
    """The rows that hold something, each as wide as the header."""
    width = len(header.cells)
    for row in rows:
        if not row.blank and len(row.cells) < width:
            raise Refused("short-row")
        if any(cell.strip(BLANKS) for cell in row.cells[width:]):
            raise Refused("long-row")
    return [Record(row.row, row.cells[:width]) for row in rows if not row.blank]


def columns_of(header: Record, columns: Sequence[Sequence[str]], rows: Sequence[Record]) -> list[int]:
    """Which cell of a row each column means, by the spellings of its header; where there is none, what is likely."""
    try:
        return [_column_of(header, spellings) for spellings in columns]
    except Refused as refusal:
        if refusal.code != "missing-header":
            raise
        told = re.fullmatch("sep=(.)", header.cells[0])  # what Excel writes for itself
        if (told and len(header.cells) == 1) or any(_would_fit(header, sign, columns) for sign in ",;\t|"):
            raise Refused("wrong-delimiter") from None
        if any(_has_all(row, columns) for row in rows):
            raise Refused("wrong-header-row") from None
        raise


def _has_all(row: Record, columns: Sequence[Sequence[str]]) -> bool:
    try:
        return bool([_column_of(row, spellings) for spellings in columns])
    except Refused:
        return False


def _would_fit(header: Record, delimiter: str, columns: Sequence[Sequence[str]]) -> bool:
    other = Record(header.row, tuple(header.cells[0].split(delimiter)))
    return len(header.cells) == 1 and len(other.cells) > 1 and _has_all(other, columns)


def _column_of(header: Record, spellings: Sequence[str]) -> int:
    """The first spelling that the file has: exactly, but for case and blanks, or but for a star and unseen marks."""
    cells = [cell.strip(BLANKS) for cell in header.cells]
    for spelling in spellings:
        exact = [at for at, cell in enumerate(cells) if cell == spelling.strip(BLANKS)]
        alike = [at for at, cell in enumerate(cells) if _folded(cell) == _folded(spelling)]
        seen = [at for at, cell in enumerate(cells) if _seen(cell) == _seen(spelling)]
        for found in (exact, alike, seen):
            if len(found) > 1:
                raise Refused("duplicate-header")
            if found:
                return found[0]
    raise Refused("missing-header")


def _folded(header: str) -> str:
    return " ".join(normalize("NFC", header).casefold().split())


def _seen(header: str) -> str:
    """What people see of a header, without the star of a form."""
    return _folded("".join(sign for sign in header if category(sign) != "Cf").strip(BLANKS).strip("*"))


def duplicates(header: Record) -> list[str]:
    """Headers that stand twice; where a column meant one of them, the file was refused before."""
    cells = [cell.strip(BLANKS) for cell in header.cells]
    return [cell for cell in dict.fromkeys(cells) if cell and cells.count(cell) > 1]
