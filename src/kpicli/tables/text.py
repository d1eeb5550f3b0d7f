"""The text of an export: compression, encoding and byte order mark resolved, everything after sees UTF-8."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from kpicli.errors import KpiError, Place, Trouble
from kpicli.tables.files import DataFile

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8"),
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", "name a workbook '.xlsx'; unpack others"),
    (b"PK\x05\x06", "an Excel workbook or another zip archive", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "open it in Excel and save it as .xlsx"),
    (b"%PDF", "a PDF document", "export the data as CSV"),
    (b"PAR1", "a Parquet file", "name it '.parquet'"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
)
_OTHER_TEXTS = (
    ((b"<!doc", b"<html"), "a web page", "export it again: whoever saved it may have been signed out"),
    ((b"[{", b'{"'), "JSON", "export the data as CSV"),
)
"""Texts that are no tables, by what they begin with in small letters."""
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_LAST_CHUNK = 1 << 14
_LONGEST_LAST_LINE = 1 << 16


class TextFile(Struct, frozen=True):
    """An export as UTF-8: the file itself where it is UTF-8 already, else its text in memory."""

    name: str
    content: Path | bytes

    def stream(self) -> BinaryIO:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    @property
    def mark(self) -> int:
        """How many bytes of a byte order mark the text begins with."""
        with self.stream() as stream:
            return len(codecs.BOM_UTF8) if stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0

    def lines(self) -> Iterator[str]:
        """Each line with its end: LF, CR LF or a lone CR. Raises KpiError for bytes that aren't UTF-8."""
        with io.TextIOWrapper(self.stream(), encoding="utf-8-sig", newline="") as text:
            try:
                yield from text
            except UnicodeDecodeError as error:
                raise self.not_utf8() from error

    def up_to(self, end: int) -> TextFile:
        """The text before this byte, in memory."""
        with self.stream() as stream:
            return TextFile(self.name, stream.read(end))

    def last_lines(self, begin: int) -> Iterator[tuple[int, bytes]]:
        """Where each line begins and what it holds, its end included: the last one first, up to the byte `begin`.

        Ends before a line that is longer than any below the data.
        """
        with self.stream() as stream:
            at = stream.seek(0, io.SEEK_END)
            rest = b""
            while at > begin and len(rest) < _LONGEST_LAST_LINE:
                size = min(_LAST_CHUNK, at - begin)
                at = stream.seek(at - size)
                lines = (stream.read(size) + rest).splitlines(keepends=True)
                # The first one may have begun earlier, or be no more than the second half of a line's end.
                rest = b"" if at == begin else lines.pop(0)
                place = at + len(rest) + sum(map(len, lines))
                for line in reversed(lines):
                    place -= len(line)
                    yield place, line

    def not_utf8(self) -> KpiError:
        """The error for the first bytes that aren't UTF-8."""
        with self.stream() as stream:
            for number, line in enumerate(stream, 1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    return _undecodable(self.name, number, line, error)
        return changed(self.name)


def data_error(code: str, message: str, *, place: Place | None = None, help: str) -> KpiError:
    """An error that the data is to blame for."""
    return KpiError(code, message, place=place, help=help, trouble=Trouble.DATA)


def changed(name: str) -> KpiError:
    """The error for a file in which a second look doesn't find what the first one stopped at."""
    return data_error("broken-file", f"'{name}' changed while it was read", help="run again")


def open_text(file: DataFile, encoding: str | None) -> TextFile:
    """The text of a file in `encoding`, or in what its byte order mark says, or in UTF-8.

    Raises KpiError (data) for an empty file, a file that is no text, and bytes that the encoding doesn't know.
    """
    try:
        text = TextFile(file.name, file.path if file.content is None else file.content)
        head = _head(text)
        if head.startswith(_GZIP):
            text = TextFile(file.name, _unpacked(text))
            head = _head(text)
        for magic, kind, fix in _OTHER_KINDS:
            if head.startswith(magic):
                raise data_error("not-text", f"'{file.name}' is {kind}, not text", help=fix)
        for begins, kind, fix in _OTHER_TEXTS:
            if head.lower().startswith(begins):
                raise data_error("not-text", f"'{file.name}' is {kind}, not text", help=fix)
        spoken = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _codec(encoding)
        if spoken == "utf-8":
            _refuse_bare_utf16(text)
            return text
        return TextFile(file.name, _transcoded(text, spoken, encoding))
    except OSError as error:
        raise data_error(
            "unreadable-file",
            f"'{file.name}' can't be read: {error.strerror or error}",
            help="check the path and the file's permissions",
        ) from error


def _head(text: TextFile) -> bytes:
    with text.stream() as stream:
        return stream.read(8)


def _unpacked(file: TextFile) -> bytes:
    try:
        with file.stream() as packed, gzip.open(packed, "rb") as stream:
            return stream.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise data_error(
            "broken-gzip", f"'{file.name}' is a damaged gzip archive: {error}", help="export or copy the file again"
        ) from error


def _codec(encoding: str | None) -> str:
    """The codec to read with; `latin-1` is read as windows-1252, which only adds the signs that it really holds."""
    name = "utf-8" if encoding is None else codecs.lookup(encoding).name
    return {"iso8859-1": "cp1252", "utf-8-sig": "utf-8", "ascii": "utf-8"}.get(name, name)


def _transcoded(text: TextFile, encoding: str, declared: str | None) -> bytes:
    out = io.BytesIO()
    try:
        with io.TextIOWrapper(text.stream(), encoding=encoding, newline="") as source:
            while chunk := source.read(_CHUNK):
                out.write(chunk.encode("utf-8"))
    except UnicodeError as error:
        raise _untranscodable(text, encoding, declared, error) from error
    return out.getvalue()


def _untranscodable(text: TextFile, encoding: str, declared: str | None, error: UnicodeError) -> KpiError:
    """Reading in chunks doesn't know the line, so the whole is tried once more."""
    with text.stream() as stream:
        data = stream.read()
    where, detail = "", str(error)
    try:
        data.decode(encoding)
    except UnicodeError as whole:
        if isinstance(whole, UnicodeDecodeError):
            line = 1 + data[: whole.start].decode(encoding, "replace").count("\n")
            where, detail = f" in line {line}", f"byte 0x{data[whole.start]:02x} stands for nothing there"
    # Latin-1 is read as windows-1252, which nobody declared then.
    is_latin = declared is not None and encoding == "cp1252" and codecs.lookup(declared).name == "iso8859-1"
    spoken = declared if is_latin else encoding
    without_mark = " (without a byte order mark: utf-16-le or utf-16-be)" if encoding == "utf-16" else ""
    return data_error(
        "wrong-encoding",
        f"'{text.name}' isn't {spoken}{where}: {detail}",
        help=f"declare the `encoding` in which the file was saved{without_mark}, or export it as UTF-8",
    )


def _undecodable(name: str, number: int, line: bytes, error: UnicodeDecodeError) -> KpiError:
    shown = line.decode("utf-8", "replace").rstrip("\r\n")
    column = len(line[: error.start].decode("utf-8")) + 1
    if error.end == len(line) and error.reason == "unexpected end of data":
        return data_error(
            "wrong-encoding",
            f"'{name}' ends in the middle of a character: byte 0x{line[error.start]:02x} in line {number}",
            place=Place(name, number, column, shown),
            help="the file may be cut off: export it again",
        )
    windows = any(0x80 <= byte <= 0x9F for byte in line[error.start : error.start + 1])
    guess = "windows-1252" if windows else "latin-1"
    return data_error(
        "wrong-encoding",
        f"'{name}' isn't UTF-8: byte 0x{line[error.start]:02x} in line {number}",
        place=Place(name, number, column, shown),
        help=f"declare `encoding: {guess}` on the table or its source, or export the file as UTF-8",
    )


def _refuse_bare_utf16(text: TextFile) -> None:
    guess = _bare_utf16(text)
    if guess is not None:
        raise data_error(
            "wrong-encoding",
            f"'{text.name}' isn't UTF-8: it looks like UTF-16 without a byte order mark",
            help=f"declare `encoding: {guess}` on the table or its source, or export the file as UTF-8",
        )


def _bare_utf16(text: TextFile) -> str | None:
    """UTF-16 without a byte order mark shows as a NUL in every other byte."""
    with text.stream() as stream:
        head = stream.read(256)
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 8 <= len(head) or min(even, odd) * 4 > max(even, odd):  # padding shows in both halves
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def find_encoding(file: DataFile) -> str | None:
    """What a book must declare as a file's `encoding`; None where it need not: for UTF-8, and behind a byte order mark.

    What is neither that nor UTF-16 is windows-1252, in which nearly every byte stands for something. Reads the whole
    file. Raises KpiError (data) for a damaged archive, and OSError.
    """
    text = TextFile(file.name, file.path)
    head = _head(text)
    if head.startswith(_GZIP):
        text = TextFile(file.name, _unpacked(text))
        head = _head(text)
    if any(head.startswith(sign) for sign in (*(mark for mark, _ in _MARKS), *(magic for magic, _, _ in _OTHER_KINDS))):
        return None
    return _bare_utf16(text) or (None if _is_utf8(text) else "windows-1252")


def _is_utf8(text: TextFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with text.stream() as stream:
        try:
            while chunk := stream.read(_CHUNK):
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
