"""Compression, encodings, byte order marks."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.tables.reading import column, read, read_table, refusal, write

from kpicli.book.model import SourceFile, Table
from kpicli.book.texts import CsvSpec
from kpicli.errors import KpiError
from kpicli.tables.files import DataFile
from kpicli.tables.text import open_text

NAMES = {"id": column("Id"), "name": column("Name")}
TEXT = "Id,Name\n1,Zoë\n2,Łódź\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_or_without_a_mark_is_read_undeclared(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, TEXT.encode(encoding), NAMES)["name"] == ["Zoë", "Łódź"]


def test_a_big_endian_mark_is_understood(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be"), NAMES)["name"] == ["Zoë", "Łódź"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_unless_declared(tmp_path: Path, encoding: str) -> None:
    content = TEXT.encode(encoding)
    assert refusal(tmp_path, content) == (
        "error[wrong-encoding]: 'deals.csv' isn't UTF-8: it looks like UTF-16 without a byte order mark\n"
        f"help: declare `encoding: {encoding}` on the table or its source, or export the file as UTF-8"
    )
    assert read(tmp_path, content, NAMES, encoding=encoding)["name"] == ["Zoë", "Łódź"]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "iso-8859-1"])
def test_a_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "Id,Name\n1,Zoë\n".encode("latin-1"), NAMES, encoding=encoding)["name"] == ["Zoë"]


def test_latin_1_holds_what_windows_puts_into_it(tmp_path: Path) -> None:
    content = "Id,Name\n1,O\u2019Brien €\n".encode("cp1252")
    assert read(tmp_path, content, NAMES, encoding="latin-1")["name"] == ["O\u2019Brien €"]


def test_a_mark_is_stronger_than_a_declaration(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT.encode("utf-8-sig"), NAMES, encoding="latin-1")["name"] == ["Zoë", "Łódź"]


def test_bytes_that_are_not_utf_8_are_shown_with_the_likely_encoding(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Name\n1,ok\n2,Zoë\n".encode("latin-1")) == (
        "error[wrong-encoding]: 'deals.csv' isn't UTF-8: byte 0xeb in line 3\n"
        "  deals.csv:3:5\n"
        "  3 | 2,Zo\ufffd\n"
        "    |     ^\n"
        "help: declare `encoding: latin-1` on the table or its source, or export the file as UTF-8"
    )
    assert "`encoding: windows-1252`" in refusal(tmp_path, "Id,Name\n1,5 €\n".encode("cp1252"))


def test_a_broken_byte_in_the_header_is_found_as_well(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"Id,Name,Gr\xf6\xdfe\n1,a,b\n").splitlines()[1] == "  deals.csv:1:11"


def test_bytes_that_a_declared_encoding_does_not_know_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"Id,Name\n1,a\n2,\x81\n", encoding="cp1252") == (
        "error[wrong-encoding]: 'deals.csv' isn't cp1252 in line 3: byte 0x81 stands for nothing there\n"
        "help: declare the `encoding` in which the file was saved, or export it as UTF-8"
    )


def test_utf_16_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, TEXT.encode("utf-16")[:-1]) == (
        "error[wrong-encoding]: 'deals.csv' isn't utf-16 in line 3: byte 0x0a stands for nothing there\n"
        "help: declare the `encoding` in which the file was saved (without a byte order mark: utf-16-le or utf-16-be), "
        "or export it as UTF-8"
    )


def test_utf_16_without_a_mark_must_say_in_which_order(tmp_path: Path) -> None:
    assert refusal(tmp_path, TEXT.encode("utf-16-be"), encoding="utf-16") == (
        "error[wrong-encoding]: 'deals.csv' isn't utf-16: UTF-16 stream does not start with BOM\n"
        "help: declare the `encoding` in which the file was saved (without a byte order mark: utf-16-le or utf-16-be), "
        "or export it as UTF-8"
    )


def test_gzip_is_unpacked_by_its_content(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT.encode(), mtime=0)
    assert read(tmp_path, packed, NAMES, name="deals.csv.gz")["name"] == ["Zoë", "Łódź"]
    assert read(tmp_path, packed, NAMES)["name"] == ["Zoë", "Łódź"]
    assert read(tmp_path, TEXT, NAMES, name="plain.csv.gz")["name"] == ["Zoë", "Łódź"]
    tabs = gzip.compress(TEXT.replace(",", "\t").encode("utf-16"))
    assert read(tmp_path, tabs, NAMES, name="deals.TSV.GZ")["name"] == ["Zoë", "Łódź"]


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT.encode(), mtime=0)
    assert refusal(tmp_path, packed[:-4]) == (
        "error[broken-gzip]: 'deals.csv' is a damaged gzip archive: "
        "Compressed file ended before the end-of-stream marker was reached\n"
        "help: export or copy the file again"
    )
    broken = bytearray(packed)
    broken[-6] ^= 0xFF
    assert refusal(tmp_path, bytes(broken)).startswith("error[broken-gzip]: 'deals.csv' is a damaged gzip archive: CRC")


def test_an_encoding_with_other_troubles_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Name\n1,a\n", encoding="punycode").startswith(
        "error[wrong-encoding]: 'deals.csv' isn't punycode: Invalid extended code point"
    )


def test_a_file_that_goes_away_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KpiError) as raised:
        open_text(DataFile("deals.csv", tmp_path / "deals.csv"), None)
    assert str(raised.value) == (
        "error[unreadable-file]: 'deals.csv' can't be read: No such file or directory\n"
        "help: check the path and the file's permissions"
    )


@pytest.mark.parametrize(
    ("content", "kind", "fix"),
    [
        (
            b"PK\x03\x04\x14",
            "an Excel workbook or another zip archive",
            "name a workbook '.xlsx'; unpack others",
        ),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "open it in Excel and save it as .xlsx"),
        (b"PAR1", "a Parquet file", "name it '.parquet'"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a PDF document", "export the data as CSV"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, kind: str, fix: str) -> None:
    assert refusal(tmp_path, content) == f"error[not-text]: 'deals.csv' is {kind}, not text\nhelp: {fix}"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\r\n\n", b",,\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == (
        "error[empty-file]: 'deals.csv' is empty\nhelp: export it again: it has no header line"
    )


def test_encoding_and_delimiter_may_stand_in_csv(tmp_path: Path) -> None:
    columns = {"name": column("Händler")}
    content = "Nr\tHändler\n1\tKühn\n".encode("cp1252")
    assert read(tmp_path, content, columns, csv=CsvSpec(delimiter="\t", encoding="cp1252"))["name"] == ["Kühn"]
    assert read(tmp_path, content, columns, csv=CsvSpec(encoding="cp1252"), delimiter="\t")["name"] == ["Kühn"]


def test_what_an_entry_says_of_its_text_comes_before_what_the_table_says(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Nr;Händler\n1;Kühn\n".encode("cp1252")})
    sources = (SourceFile(path="a.csv", delimiter=";", csv=CsvSpec(encoding="cp1252")),)
    columns = {"name": column("Händler")}
    table = Table(source=sources, columns=columns, csv=CsvSpec(delimiter="|"), encoding="utf-16")
    assert read_table(tmp_path, table)["name"] == ["Kühn"]
