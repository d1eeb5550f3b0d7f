"""Workbooks that are damaged, protected, or larger than they look."""

from __future__ import annotations

import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from tests.tables.reading import column
from tests.tables.workbooks import cell, parts, read, refusal, rows, save, text, zipped

BROKEN = "error[broken-file]: 'deals.xlsx' is no workbook that can be read: "
MEND = "help: open it in Excel, save it again as .xlsx, or export it again; if it is text, name it '.csv'"
SHEET = "xl/worksheets/sheet1.xml"
TINY = parts({"Deals": rows((1, [text("A1", "Id")]), (2, [text("A2", "D-1")]))})


def zipped_with(path: Path, name: str, packed: bytes, claimed: int, checksum: int = 0) -> Path:
    """A workbook in which a part's packed bytes are what they are, and its header claims that they unpack to a size."""
    zipped(path, TINY)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        others = {each: archive.read(each) for each in archive.namelist() if each != name}
    assert content
    zipped(path, others)
    start = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        directory = archive.start_dir
        count = len(archive.infolist())
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, checksum, len(packed), claimed, len(name), 0)
    entry = header + name.encode() + packed
    central = struct.pack(
        "<4s6H3L5H2L",
        b"PK\1\2",
        20,
        20,
        0,
        8,
        0,
        33,
        checksum,
        len(packed),
        claimed,
        len(name),
        0,
        0,
        0,
        0,
        0,
        directory,
    )
    listed = start[directory : start.rindex(b"PK\5\6")] + central + name.encode()
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count + 1, count + 1, len(listed), directory + len(entry), 0)
    path.write_bytes(start[:directory] + entry + listed + end)
    assert info.filename == name
    return path


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def quick_refusal(folder: Path) -> str:
    """The first line of the refusal, which takes well under a second."""
    begun = time.process_time()
    message = refusal(folder)
    assert time.process_time() - begun < 1
    return message.splitlines()[0]


def test_what_says_that_it_is_too_large_is_not_unpacked(tmp_path: Path) -> None:
    zipped_with(tmp_path / "deals.xlsx", SHEET, deflated(b" " * 1000), 3 << 30)
    assert quick_refusal(tmp_path) == (
        "error[too-large]: 'deals.xlsx' unpacks to 3.0 GiB, and more than 2 GiB are not read"
    )


def test_parts_that_are_too_large_together_are_not_unpacked(tmp_path: Path) -> None:
    zipped(tmp_path / "deals.xlsx", {**TINY, **{f"xl/media/{at}": b"\0" * (8 << 20) for at in range(5)}})
    content = bytearray((tmp_path / "deals.xlsx").read_bytes())
    at = content.rfind(b"PK\1\2")
    content[at + 24 : at + 28] = struct.pack("<L", (2 << 30) - (16 << 20))
    (tmp_path / "deals.xlsx").write_bytes(content)
    assert quick_refusal(tmp_path).startswith("error[too-large]: 'deals.xlsx' unpacks to 2.0 GiB")


def test_what_unpacks_to_more_than_it_says_is_refused_where_it_does(tmp_path: Path) -> None:
    """XML that goes on behind the size that its header gives."""
    bomb = deflated(TINY[SHEET].encode() + b" " * (96 << 20))
    zipped_with(tmp_path / "deals.xlsx", SHEET, bomb, len(TINY[SHEET]), zlib.crc32(TINY[SHEET].encode()))
    assert quick_refusal(tmp_path) == (
        f"error[broken-file]: 'deals.xlsx' is no workbook that can be read: '{SHEET}' unpacks to more than it says"
    )


def test_what_is_packed_harder_than_any_sheet_is_not_unpacked(tmp_path: Path) -> None:
    zipped(tmp_path / "deals.xlsx", {**TINY, SHEET: TINY[SHEET] + " " * (64 << 20)})
    assert quick_refusal(tmp_path) == "error[too-large]: 'deals.xlsx' unpacks to 64 MiB, more than any sheet does"


def test_the_most_monotonous_sheet_is_read(tmp_path: Path) -> None:
    content = rows((1, [text("A1", "Id")]), *((at, [cell(f"A{at}", 0)]) for at in range(2, 60_000)))
    zipped(tmp_path / "deals.xlsx", parts({"Deals": content}))
    with zipfile.ZipFile(tmp_path / "deals.xlsx") as archive:
        info = archive.getinfo(SHEET)
    assert info.file_size < 100 * info.compress_size
    assert read(tmp_path, {"id": column("Id")}).rows == 59_998


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "deals.xlsx", {**TINY, "xl/a": b"a" * 100, "xl/b": b"a" * 100})
    content = bytearray((tmp_path / "deals.xlsx").read_bytes())
    with zipfile.ZipFile(tmp_path / "deals.xlsx") as archive:
        first = archive.getinfo("xl/a").header_offset
    at = content.rfind(b"PK\1\2")
    content[at + 42 : at + 46] = struct.pack("<L", first)
    (tmp_path / "deals.xlsx").write_bytes(content)
    assert quick_refusal(tmp_path).endswith("lies over another part")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_parts_with_one_name_neither_is_taken(tmp_path: Path) -> None:
    zipped(tmp_path / "deals.xlsx", TINY)
    with zipfile.ZipFile(tmp_path / "deals.xlsx", "a") as archive:
        archive.writestr(SHEET.upper(), TINY[SHEET])
    assert quick_refusal(tmp_path).endswith("two of its parts have the same name")


def test_no_part_lies_outside(tmp_path: Path) -> None:
    zipped(tmp_path / "deals.xlsx", {**TINY, "xl/worksheets/../sheet1.xml": TINY[SHEET]})
    assert quick_refusal(tmp_path).endswith("one of its parts lies outside of it")


@pytest.mark.parametrize(
    "corner",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    ],
)
def test_a_sheet_that_reaches_too_far_is_refused(tmp_path: Path, corner: str) -> None:
    """Memory would be taken for all seventeen billion cells."""
    zipped(tmp_path / "deals.xlsx", parts({"Deals": rows((1, [text("A1", "Id")])) + corner}))
    assert refusal(tmp_path) == (
        "error[too-large]: 'deals.xlsx': sheet Deals reaches to cell XFD1048576, further than can be read\n"
        "help: delete the rows and columns beyond the table, and save it again"
    )


def test_blank_cells_far_away_are_no_hindrance(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    zipped(tmp_path / "deals.xlsx", parts({"Deals": rows((1, [text("A1", "Id")]), (2, [text("A2", "a")])) + far}))
    assert read(tmp_path, {"id": column("Id")})["id"] == ["a"]


def test_wide_sheets_are_read(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [[f"h{at}" for at in range(800)], list(range(800))]})
    assert read(tmp_path, {"x": column("h799")})["x"] == ["799"]


@pytest.mark.parametrize(
    "odd",
    [
        '<row r="1"><c r="A4000000000"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r = "ZZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="&#90;ZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="A4&#48;00000000"><v>1</v></c></row>',
        '<row r="1"><c s="0" r="ZZZZZZZ1"><v>1</v></c></row>',
        '<row r="1">' + "<c><v>1</v></c>" * 16_385 + "</row>",
        '<row r="99999999"><c><v>1</v></c></row>',
    ],
)
def test_a_cell_that_no_sheet_has_room_for_is_refused(tmp_path: Path, odd: str) -> None:
    zipped(tmp_path / "deals.xlsx", parts({"Deals": odd}))
    assert refusal(tmp_path).splitlines()[0].endswith("no sheet has room for")


def test_every_damage_is_an_error(tmp_path: Path) -> None:
    """Whatever byte of a small workbook is wrong, it is read as it was, or refused."""
    path = save(tmp_path / "whole.xlsx", {"Deals": [["Id"], ["D-1"], ["D-2"]]})
    content = path.read_bytes()
    outcomes: set[object] = set()
    for at in range(0, len(content), 37):
        damaged = bytearray(content)
        damaged[at] ^= 0x5A
        (tmp_path / "deals.xlsx").write_bytes(damaged)
        try:
            outcomes.add(tuple(read(tmp_path, {"id": column("Id")})["id"]))
        except Exception as error:  # noqa: BLE001  # which kind it is, is the question
            outcomes.add(type(error).__name__)
    assert outcomes <= {("D-1", "D-2"), "KpiError"}


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    content = save(tmp_path / "whole.xlsx", {"Deals": [["Id"], ["D-1"]]}).read_bytes()
    (tmp_path / "deals.xlsx").write_bytes(content[: int(len(content) * kept)])
    assert refusal(tmp_path).startswith("error[broken-file]: 'deals.xlsx' is no workbook that can be read: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "error[empty-file]: 'deals.xlsx' is empty\nhelp: export it again: it isn't even a workbook"),
        (
            b"Id,Name\n1,a\n",
            f"{BROKEN}it is no zip archive, as XLSX workbooks are\n{MEND}",
        ),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600,
            f"{BROKEN}it is an old .xls workbook\n{MEND}",
        ),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "error[password]: 'deals.xlsx' is protected with a password\nhelp: save a copy of it without one",
        ),
    ],
)
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "deals.xlsx").write_bytes(content)
    assert refusal(tmp_path) == message


@pytest.mark.parametrize(
    ("name", "part", "reason"),
    [
        ("xl/workbook.xml", None, "it has no 'xl/workbook.xml'"),
        ("_rels/.rels", None, "it has no '_rels/.rels'"),
        (SHEET, None, f"it has no '{SHEET}'"),
        ("xl/workbook.xml", "<workbook", "'xl/workbook.xml' is no XML: unclosed token: line 1, column 0"),
        (SHEET, "<worksheet><sheetData><row><c r='A1'><v>1</v>", None),
        (SHEET, '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>', None),
        (SHEET, TINY[SHEET].encode("utf-16"), f"'{SHEET}' isn't written in UTF-8"),
    ],
)
def test_a_missing_or_broken_part_is_told(
    tmp_path: Path, name: str, part: str | bytes | None, reason: str | None
) -> None:
    content = {key: value for key, value in {**TINY, name: part}.items() if value is not None}
    zipped(tmp_path / "deals.xlsx", content)
    message = refusal(tmp_path).splitlines()[0]
    if reason is not None:
        assert message == f"error[broken-file]: 'deals.xlsx' is no workbook that can be read: {reason}"


def test_a_workbook_without_anything_is_told(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [], "T": []})
    empty = "error[empty-file]: 'deals.xlsx' is empty: no sheet of it holds anything\nhelp: export it again"
    assert refusal(tmp_path) == empty
    assert refusal(tmp_path, sheet="T") == (
        "error[empty-file]: sheet T of 'deals.xlsx' is empty\nhelp: export it again: it has no header row"
    )


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    save(tmp_path / "deals.xlsx", {"S": [["Id", "Amount"]]})
    found = read(tmp_path, {"id": column("Id"), "amount": column("Amount", "money")})
    assert (found.rows, found["id"], found.notes) == (0, [], ())


def test_a_panic_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its class can't be imported, and is no Exception."""
    import python_calamine

    class PanicException(BaseException):
        pass

    def panic(_: object) -> None:
        raise PanicException("index out of bounds")

    save(tmp_path / "deals.xlsx", {"S": [["Id"]]})
    monkeypatch.setattr(python_calamine, "load_workbook", panic)
    assert refusal(tmp_path).splitlines()[0].endswith("is no workbook that can be read: index out of bounds")
