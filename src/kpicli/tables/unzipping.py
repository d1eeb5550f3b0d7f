"""The parts of a workbook, which is a zip archive, unpacked under watch.

A few kilobytes can unpack to more than any memory holds, and what an archive says of its own size may be a lie. So an
archive is judged by what it says first, which costs nothing, and then by what really comes out of each part.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from kpicli.errors import KpiError
from kpicli.tables.text import data_error

LARGEST: Final = 2 << 30
"""Bytes to which an archive may unpack."""
_RATIO: Final = 300
"""No sheet becomes so many times smaller by packing: the most monotonous ones come to a sixtieth."""
_WORTH_A_LOOK: Final = 32 << 20
"""Bytes of a part below which its ratio doesn't matter."""
_CHUNK: Final = 1 << 20
_LOCAL_HEADER: Final = 30


class Part(Struct, frozen=True):
    """One file in the archive."""

    name: str
    start: int
    """Where its packed bytes begin."""
    packed: int
    unpacked: int
    """How large it says that it is."""
    is_stored: bool
    """Whether it is in there as it is."""


class Archive(Struct, frozen=True):
    """An archive whose parts lie apart from each other and say that they fit into memory together."""

    name: str
    path: Path
    parts: Mapping[str, Part]
    """By their names in lower case, with `/` between folders."""

    def chunks(self, part: Part) -> Iterator[bytes]:
        """The bytes of a part. Raises KpiError (data) as soon as they are more than it says, or broken."""
        with self.path.open("rb") as stream:
            stream.seek(part.start)
            left, total = part.packed, 0
            unpacker = None if part.is_stored else zlib.decompressobj(-zlib.MAX_WBITS)
            while left:
                packed = stream.read(min(left, _CHUNK))
                if not packed:
                    raise broken(self.name, f"'{part.name}' ends too early")
                left -= len(packed)
                for chunk in self._unpacked(part, packed, unpacker):
                    total += len(chunk)
                    if total > part.unpacked:
                        raise broken(self.name, f"'{part.name}' unpacks to more than it says")
                    yield chunk
        if total != part.unpacked or (unpacker is not None and not unpacker.eof):
            raise broken(self.name, f"'{part.name}' unpacks to less than it says")

    def _unpacked(self, part: Part, packed: bytes, unpacker: zlib._Decompress | None) -> Iterator[bytes]:
        if unpacker is None:
            yield packed
            return
        try:
            while packed and not unpacker.eof:
                yield unpacker.decompress(packed, _CHUNK)
                packed = unpacker.unconsumed_tail
        except zlib.error as error:
            raise broken(self.name, f"'{part.name}' can't be unpacked") from error


def open_archive(name: str, path: Path) -> Archive:
    """The table of contents. Raises KpiError (data) for what is no archive, is damaged, or unpacks to too much."""
    _refuse_other_kinds(name, path)
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            listed = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_large(name, listed)
            parts = [_part(name, info, stream.seek(info.header_offset), stream.read(_LOCAL_HEADER)) for info in listed]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise broken(name, str(error)) from error
    _refuse_overlaps(name, listed, parts)
    return Archive(name, path, {_folded(part.name): part for part in parts})


_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def _refuse_other_kinds(name: str, path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(8)
        is_encrypted = head.startswith(_OLE) and _ENCRYPTED in stream.read()
    if not head:
        raise data_error("empty-file", f"'{name}' is empty", help="export it again: it isn't even a workbook")
    if is_encrypted:
        raise data_error("password", f"'{name}' is protected with a password", help="save a copy of it without one")
    if head.startswith(_OLE):
        raise broken(name, "it is an old .xls workbook")
    if not head.startswith(b"PK"):
        raise broken(name, "it is no zip archive, as XLSX workbooks are")


def _folded(name: str) -> str:
    return name.replace("\\", "/").lower()


def _part(name: str, info: zipfile.ZipInfo, start: int, header: bytes) -> Part:
    if info.flag_bits & 1:
        raise data_error(
            "password", f"'{name}' is protected with a password", help="save it without one: kpicli asks for none"
        )
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\3\4":
        raise broken(name, f"'{info.filename}' isn't where it should be")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise broken(name, f"'{info.filename}' is packed in a way that no workbook is")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start += _LOCAL_HEADER + name_length + extra_length
    is_stored = info.compress_type == zipfile.ZIP_STORED
    return Part(info.filename, start, info.compress_size, info.file_size, is_stored)


def _refuse_large(name: str, listed: list[zipfile.ZipInfo]) -> None:
    size = sum(info.file_size for info in listed)
    packed_hard = any(
        info.file_size > max(_WORTH_A_LOOK, _RATIO * info.compress_size)
        for info in listed
        if info.compress_type == zipfile.ZIP_DEFLATED
    )
    if size > LARGEST or packed_hard:
        reason = f"and more than {LARGEST >> 30} GiB are not read" if size > LARGEST else "more than any sheet does"
        raise data_error(
            "too-large",
            f"'{name}' unpacks to {_written(size)}, {reason}",
            help="delete what isn't needed in it, or save the sheet as CSV (UTF-8), which may be of any size",
        )


def _written(size: int) -> str:
    return f"{size / (1 << 30):,.1f} GiB" if size >= 1 << 30 else f"{size / (1 << 20):,.0f} MiB"


def _refuse_overlaps(name: str, listed: list[zipfile.ZipInfo], parts: list[Part]) -> None:
    """Parts that share their bytes unpack to more than such a file could, and of two with one name either may count."""
    if any(".." in _folded(part.name).split("/") for part in parts):
        raise broken(name, "one of its parts lies outside of it")
    if len({_folded(part.name) for part in parts}) < len(parts):
        raise broken(name, "two of its parts have the same name")
    end = 0
    for info, part in sorted(zip(listed, parts, strict=True), key=lambda each: each[0].header_offset):
        if info.header_offset < end:
            raise broken(name, f"'{part.name}' lies over another part")
        end = part.start + part.packed


def broken(name: str, reason: str) -> KpiError:
    """The error for a workbook that is damaged."""
    return data_error(
        "broken-file",
        f"'{name}' is no workbook that can be read: {reason}",
        help="open it in Excel, save it again as .xlsx, or export it again; if it is text, name it '.csv'",
    )
