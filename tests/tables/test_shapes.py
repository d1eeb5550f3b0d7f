"""How a text that no book declares is written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kpicli.errors import KpiError
from kpicli.tables.files import DataFile
from kpicli.tables.shapes import Shape, find_shape

DEALS = [["Deal", "Händler", "Wert"], ["D-1", "Kühn, Anna", "1.200,50"], ["D-2", "Ott; Bo", "80,00"]]


def shape_of(folder: Path, content: bytes, name: str = "deals.csv") -> Shape:
    path = folder / name
    path.write_bytes(content)
    return find_shape(DataFile(name, path))


def joined(delimiter: str) -> str:
    rows = [delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in DEALS]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("windows-1252", "windows-1252"),
        ("latin-1", "windows-1252"),
    ],
)
def test_delimiter_and_encoding_are_found_in_the_text(
    tmp_path: Path, delimiter: str, encoding: str, declared: str | None
) -> None:
    shape = shape_of(tmp_path, joined(delimiter).encode(encoding), "deals.txt")
    assert (shape.delimiter, shape.encoding) == (delimiter, declared)
    assert shape.headers == ("Deal", "Händler", "Wert")
    assert shape.sample == (("D-1", "Kühn, Anna", "1.200,50"), ("D-2", "Ott; Bo", "80,00"))


def test_a_byte_far_down_tells_that_a_text_is_no_utf_8(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 500_000 + "é,x\n".encode("windows-1252")
    assert shape_of(tmp_path, content).encoding == "windows-1252"


def test_a_packed_text_is_looked_into(tmp_path: Path) -> None:
    content = gzip.compress(joined(";").encode("windows-1252"))
    shape = shape_of(tmp_path, content, "deals.csv.gz")
    assert (shape.delimiter, shape.encoding, shape.headers[1]) == (";", "windows-1252", "Händler")


def test_a_single_column_has_the_delimiter_of_its_ending(tmp_path: Path) -> None:
    assert shape_of(tmp_path, b"Owner\nAnn\nBob\n").delimiter == ","
    assert shape_of(tmp_path, b"Owner\nAnn\nBob\n", "owners.tsv").delimiter == "\t"


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("", 1),
        ("\n\n", 3),
        ("Deals of the East\n", 2),
        ("Deals of the East,,\nas of,11/22/2026,\n,,\n", 4),
        ("Report,Deals\nFiltered by,\n\n", 4),
    ],
)
def test_headers_may_stand_below_a_title(tmp_path: Path, above: str, row: int) -> None:
    shape = shape_of(tmp_path, (above + joined(",")).encode())
    assert (shape.header_row, shape.headers) == (row, ("Deal", "Händler", "Wert"))
    assert shape.is_first is (not above.strip(",\n"))


@pytest.mark.parametrize("rows", ["Ann,\nBob,Won\n", "\nAnn,Won\n", "Ann,Won\n\n,Lost\n"])
def test_the_first_row_is_no_title_because_of_blanks_below_it(tmp_path: Path, rows: str) -> None:
    assert shape_of(tmp_path, f"Owner,Stage\n{rows}".encode()).headers == ("Owner", "Stage")


def test_headers_may_name_a_year(tmp_path: Path) -> None:
    assert shape_of(tmp_path, b"Rep,Team,Quota,2026\nAnn,East,5,6\n").header_row == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\n,,\n", "empty-file"),
        (b"D-1,2026-10-01,1200\nD-2,2026-10-02,80\n", "no-headers"),
        (b"These are the exports of May.\nAsk Ann, or Bob, for more.\nThe rest is elsewhere\n", "no-table"),
        (b"Exports of May, June\nOne line\nanother line\na third, with a comma\n", "no-table"),
        (b"%PDF-1.7\n", "not-text"),
        (b"PK\x03\x04....", "not-text"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(KpiError) as caught:
        shape_of(tmp_path, content)
    assert caught.value.code == code
    assert caught.value.help
