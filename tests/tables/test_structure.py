"""Records: what is read right, and what is refused with its place."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tables.reading import UTC, column, read, refusal, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.tables import scan
from kpicli.tables.files import DataFile
from kpicli.tables.opening import open_table
from kpicli.tables.records import open_delimited
from kpicli.tables.text import open_text

NAMES = {"id": column("Id"), "name": column("Name")}


@pytest.fixture
def are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All texts are large ones."""
    monkeypatch.setattr(scan, "SMALL", -1)


@pytest.fixture(params=["small", "large"], autouse=True)
def size(request: pytest.FixtureRequest) -> None:
    """Texts are looked at in two ways, by their size."""
    if request.param == "large":
        request.getfixturevalue("are_large")


def names(folder: Path, content: str | bytes, delimiter: str | None = None) -> list[tuple[int, str | None, str | None]]:
    """Row number, id and name of each row."""
    found = read(folder, content, NAMES, delimiter=delimiter)
    assert found.rows == found.frame.height
    return list(zip(found.row_numbers, found["id"], found["name"], strict=True))


def test_the_first_record_below_the_header_is_row_2(tmp_path: Path) -> None:
    assert names(tmp_path, "Id,Name\n1,a\n2,b\n") == [(2, "1", "a"), (3, "2", "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str, last: str) -> None:
    """Polars reads a file with lone carriage returns as a header of many columns and no rows."""
    content = end.join(["Id,Name", "1,a", "2,b"]) + (end if last else "")
    assert names(tmp_path, content) == [(2, "1", "a"), (3, "2", "b")]


def test_a_lone_carriage_return_ends_a_record(tmp_path: Path) -> None:
    assert names(tmp_path, "Id,Name\n1,a\r2,b\n3,c\n") == [(2, "1", "a"), (3, "2", "b"), (4, "3", "c")]


@pytest.mark.parametrize("width", [1, 40, 3000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_that_are_cut_or_longer_than_what_polars_reads_at_once_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, end: str
) -> None:
    monkeypatch.setenv("POLARS_CSV_CHUNK_SIZE", "64")
    rows = [(at, str(at), "é" * (at * 7 % width + 1)) for at in range(2, 102)]
    assert names(tmp_path, "Id,Name" + end + "".join(f"{number},{name}{end}" for _, number, name in rows)) == rows


def test_a_header_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    assert names(tmp_path, "Id,Name\n") == []
    assert names(tmp_path, "Id,Name") == []
    assert names(tmp_path, '"Id","Name"\r\n') == []


def test_blank_rows_are_no_rows_but_keep_their_numbers(tmp_path: Path) -> None:
    content = 'Id,Name\n\n1,a\n,\n"",""\n2,b\n\n,\n'
    assert names(tmp_path, content) == [(3, "1", "a"), (6, "2", "b")]


@pytest.mark.parametrize("kind", ["boolean", "number", "money", "percent", "date"])
def test_blank_rows_are_no_rows_whatever_an_empty_cell_means(tmp_path: Path, kind: str) -> None:
    """An empty cell of a boolean column is false, which is a value."""
    filled = "2026-01-01" if kind == "date" else "1"
    content = f"Id,Value\n1,{filled}\n,\n ,\n2,{filled}\n,{filled}\n"
    found = read(tmp_path, content, {"id": column("Id"), "value": column("Value", kind)})
    assert found.row_numbers == [2, 5, 6]


def test_a_row_that_is_blank_only_where_it_is_asked_for_is_a_row(tmp_path: Path) -> None:
    assert read(tmp_path, "Id,Name\n,a\n1,b\n", {"id": column("Id")})["id"] == [None, "1"]


def test_a_blank_line_in_a_file_of_one_column_is_no_row(tmp_path: Path) -> None:
    found = read(tmp_path, 'Id\n1\n\n""\n2\n', {"id": column("Id")})
    assert list(zip(found.row_numbers, found["id"], strict=True)) == [(2, "1"), (5, "2")]


def test_blank_lines_above_the_header_are_skipped_and_counted(tmp_path: Path) -> None:
    assert names(tmp_path, "\n\nId,Name\n1,a\n") == [(4, "1", "a")]


def test_cells_over_several_lines_are_one_record_and_one_row(tmp_path: Path) -> None:
    content = 'Id,Name\r\n1,"first\r\nsecond"\r\n2,b\r\n'
    assert names(tmp_path, content) == [(2, "1", "first\r\nsecond"), (3, "2", "b")]


def test_a_header_over_several_lines_is_one_row(tmp_path: Path) -> None:
    found = read(tmp_path, '"Deal\nName",Id\na,1\n', {"id": column("Id"), "name": column("Deal Name")})
    assert (found["name"], found.row_numbers) == (["a"], [2])


def test_quotes_that_are_written_twice_are_one(tmp_path: Path) -> None:
    content = 'Id,Name\n1,"5"" pipe"\n2,""""\n3,"a,b"\n'
    assert names(tmp_path, content) == [(2, "1", '5" pipe'), (3, "2", '"'), (4, "3", "a,b")]


def test_a_quote_within_a_bare_cell_is_a_sign_like_any_other(tmp_path: Path) -> None:
    """Polars takes everything between the two quotes for one cell."""
    content = 'Id,Name\n1,5" pipe\n2,b\n3,6" pipe\n4, "x"\n'
    assert names(tmp_path, content) == [(2, "1", '5" pipe'), (3, "2", "b"), (4, "3", '6" pipe'), (5, "4", '"x"')]


def test_empty_cells_beyond_the_header_are_nothing(tmp_path: Path) -> None:
    assert names(tmp_path, "Id,Name\n1,a,\n2,b,,\n3,c\n") == [(2, "1", "a"), (3, "2", "b"), (4, "3", "c")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "^", "]", "\\", "-", ".", "<", "#"])
def test_any_sign_can_separate_cells(tmp_path: Path, delimiter: str) -> None:
    content = f'Id{delimiter}Name\n1{delimiter}a\n2{delimiter}"b{delimiter}c"\n'
    assert names(tmp_path, content, delimiter) == [(2, "1", "a"), (3, "2", f"b{delimiter}c")]


def test_a_cell_may_be_longer_than_the_csv_module_takes(tmp_path: Path) -> None:
    long = "x" * 200_000
    limit = csv.field_size_limit()
    assert names(tmp_path, f'Id,Name\n1,"{long}\n"\n') == [(2, "1", long)]
    assert csv.field_size_limit() == limit


def test_the_careful_reader_works_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpicli.tables.records._BATCH", 2)
    content = 'Id,Name\n1,"a\n"\n' + "".join(f"{at},b\n" for at in range(2, 6))
    assert [row for row, _, _ in names(tmp_path, content)] == [2, 3, 4, 5, 6]


def test_a_short_row_is_refused(tmp_path: Path) -> None:
    """Polars fills it up with blanks."""
    assert refusal(tmp_path, "Id,Name\n1,a\nTotal\n2,b\n") == (
        "error[short-row]: 'deals.csv': row 3 has 1 cell where the header has 2\n"
        "  deals.csv:3:1\n"
        "  3 | Total\n"
        "    | ^^^^^\n"
        "help: delete it if it is a footer, since rows stand below it; "
        "otherwise the file is damaged or cut off: export it again"
    )


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Name\n1,a\n2") == (
        "error[short-row]: 'deals.csv': row 3 has 1 cell where the header has 2\n"
        "  deals.csv:3:1\n"
        "  3 | 2\n"
        "    | ^\n"
        "help: if it is a footer, list its text under `footer`; "
        "otherwise the file is damaged or cut off: export it again"
    )


def test_a_long_row_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'Id,Name\n1,"Smith, J",Jane\n') == (
        "error[long-row]: 'deals.csv': row 2 has 3 cells where the header has 2\n"
        "  deals.csv:2:14\n"
        '  2 | 1,"Smith, J",Jane\n'
        "    |              ^^^^\n"
        "help: a cell that holds ',' must stand in quotes: export the file again"
    )


def test_the_place_of_a_ragged_row_is_its_line_and_its_row_what_a_spreadsheet_shows(tmp_path: Path) -> None:
    shown = refusal(tmp_path, 'Id\tName\n1\t"a\nb"\n2\n3\tc\n', delimiter="\t")
    assert shown.splitlines()[:3] == [
        "error[short-row]: 'deals.csv': row 3 has 1 cell where the header has 2",
        "  deals.csv:4:1",
        "  4 | 2",
    ]


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'Id,Name\n1,a\n2,"b\n3,c\n') == (
        "error[open-quote]: 'deals.csv': the quote that opens in line 3 is never closed\n"
        "  deals.csv:3:3\n"
        '  3 | 2,"b\n'
        "    |   ^\n"
        "help: the file may be cut off: export it again; a quote inside a quoted cell is written twice"
    )


def test_the_open_quote_is_the_last_one(tmp_path: Path) -> None:
    """Those before it are closed, be it lines below."""
    shown = refusal(tmp_path, 'Id,Name\n"1\r\n2","a\n').splitlines()
    assert shown[1:4] == ["  deals.csv:3:4", '  3 | 2","a', "    |    ^"]


def test_a_quote_that_swallows_the_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpicli.tables.records._LONGEST_CELL", 10)
    shown = refusal(tmp_path, 'Id,Name\n1,"a\n2,bbbbbbbbbbbbbbb\n3,"\n')
    assert shown.startswith("error[open-quote]: 'deals.csv': the quote that opens in line 2 is never closed\n")


def test_a_cell_beyond_all_reason_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpicli.tables.records._LONGEST_CELL", 10)
    shown = refusal(tmp_path, 'Id,Name\n1,"a\nb"\n2,bbbbbbbbbbbbbbb\n')
    assert shown.splitlines()[1:3] == ["  deals.csv:4:1", "  4 | 2,bbbbbbbbbbbbbbb"]


def test_text_behind_a_closed_quote_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'Id,Name\n1,"a" b\n') == (
        "error[stray-quote]: 'deals.csv': text follows a closed quote in line 2\n"
        "  deals.csv:2:1\n"
        '  2 | 1,"a" b\n'
        "    | ^^^^^^^\n"
        "help: a quote inside a quoted cell is written twice: export the file again"
    )


@pytest.mark.parametrize(
    ("sign", "what"), [("\0", "a NUL character"), ("\x1a", "^Z, an old end-of-file sign")], ids=["NUL", "^Z"]
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_control_characters_of_damaged_files_are_refused(tmp_path: Path, sign: str, what: str, quote: str) -> None:
    content = f"Id,Name\n1,a\n2,{quote}b{sign}{quote}\n"
    shown = f"2,{quote}b\\x{ord(sign):02x}{quote}"
    assert refusal(tmp_path, content) == (
        f"error[control-character]: 'deals.csv': line 3 holds {what}\n"
        f"  deals.csv:3:{4 + len(quote)}\n"
        f"  3 | {shown}\n"
        f"    | {' ' * (3 + len(quote))}^^^^\n"
        "help: the file is damaged or no text: export it again"
    )


def test_a_file_with_another_separator_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id;Name\n1;a\n") == (
        "error[wrong-delimiter]: 'deals.csv' is separated by ';', not by ','\n"
        "  deals.csv:1:1\n"
        "  1 | Id;Name\n"
        "    | ^^^^^^^\n"
        'help: declare `delimiter: ";"` on the table or its source'
    )
    assert refusal(tmp_path, "Id\tName\n1\ta\n").splitlines()[::4] == [
        "error[wrong-delimiter]: 'deals.csv' is separated by a tab, not by ','",
        "help: declare `delimiter: tab` on the table or its source",
    ]
    assert refusal(tmp_path, "Id,Name\n1,a\n", delimiter="\t").splitlines()[0] == (
        "error[wrong-delimiter]: 'deals.csv' is separated by ',', not by a tab"
    )


def test_a_separator_that_can_not_be_one_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Name\n", delimiter="¦") == (
        "error[bad-delimiter]: table deals: '¦' can't separate cells\n"
        'help: one character of ASCII, such as ";" in quotes, or the word tab'
    )


def test_tabs_separate_the_cells_of_a_tsv_file(tmp_path: Path) -> None:
    assert read(tmp_path, "Id\tName\n1\ta,b\n", NAMES, name="deals.tsv")["name"] == ["a,b"]


def test_a_file_is_read_by_its_ending_unless_a_separator_is_declared(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Name\n1,a\n", name="deals.dat") == (
        "error[unknown-format]: table deals: 'deals.dat' is no CSV, TSV, Parquet or XLSX file by its name\n"
        "help: rename it, or declare its `delimiter` if it is text"
    )
    assert refusal(tmp_path, "", name="deals.xls").endswith("\nhelp: open it in Excel and save it as .xlsx")
    assert read(tmp_path, "Id,Name\n1,a\n", NAMES, name="deals.dat", delimiter=",")["name"] == ["a"]


def test_a_file_that_is_mended_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The careful reader finds nothing wrong where the quick one did."""
    write(tmp_path, {"deals.csv": "Id,Name\n"})
    header = open_delimited(open_text(DataFile("deals.csv", tmp_path / "deals.csv"), None), ",").header
    monkeypatch.setattr("kpicli.tables.records.records", lambda *_: iter([header]))
    assert refusal(tmp_path, 'Id,Name\n1,"a" b\n') == (
        "error[broken-file]: 'deals.csv' changed while it was read\nhelp: run again"
    )


@pytest.mark.usefixtures("are_large")
def test_a_file_that_can_not_be_read_to_its_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of all lines fails where no line is wrong: the file changed, or the disk did."""

    def fail(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError("gone")

    write(tmp_path, {"deals.csv": "Id,Name\n1,a\n"})
    monkeypatch.setattr("kpicli.tables.scan.pl.collect_all", fail)
    table = Table(source=(SourceFile(path="deals.csv"),), columns=NAMES)
    with pytest.raises(KpiError) as raised:
        open_table("deals", table, ["id"], UTC, tmp_path, on_trust=False)
    assert str(raised.value) == "error[broken-file]: 'deals.csv' changed while it was read\nhelp: run again"


BARE = "Id,Name\n" + "1,a\n" * 70_000


@pytest.mark.usefixtures("are_large")
@pytest.mark.parametrize(
    ("content", "is_plain"),
    [
        (BARE, True),
        (BARE.removesuffix("\n"), True),
        (BARE.replace("\n", "\r\n"), True),
        (BARE + "2,ż\n", True),
        (BARE + "2", False),
        (BARE + "2,", True),
        (BARE + "2,\r", False),
        (BARE + "2,b\r\n", False),
        (BARE + "2,b,c\n", False),
        (BARE + "2\n", False),
        (BARE + "\n", True),
        (BARE + "\n2,b\n", False),
        (BARE + '2,"b"\n', False),
        (BARE + "2,b\0\n", False),
        (BARE + "2,b\x1a\n", False),
        (BARE.encode() + b"2,\xff\n", False),
        (BARE.encode() + b"2,\xc5", False),
    ],
    ids=lambda value: repr(value[-6:]) if isinstance(value, str | bytes) else str(value),
)
def test_a_text_that_is_taken_on_trust_is_proven_to_its_end(
    tmp_path: Path, content: str | bytes, is_plain: object
) -> None:
    """Its beginning, which all of these share, is more than a first glance looks at."""
    write(tmp_path, {"deals.csv": content})
    table = Table(source=(SourceFile(path="deals.csv"),), columns=NAMES)
    opened = open_table("deals", table, ["id"], UTC, tmp_path)
    assert len(opened.on_trust) == 1
    assert opened.is_sound() is is_plain


@pytest.mark.usefixtures("are_large")
def test_a_text_that_is_gone_when_it_is_to_be_proven_is_not_sound(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": BARE})
    opened = open_table("deals", Table(source=(SourceFile(path="deals.csv"),), columns=NAMES), ["id"], UTC, tmp_path)
    (tmp_path / "deals.csv").unlink()
    assert opened.is_sound() is False


TEXTS = st.text(st.sampled_from('a",\n\r \xa0é\0'), max_size=24) | st.lists(
    st.sampled_from(['a,"b"', '"a",', '"a,""b"', '"","\xa0"', '"a"', ' ,""', 'é,"\r"', '"\n",a', 'a"b,c', "1,2,3"]),
    max_size=4,
).map("\n".join)


@given(TEXTS, st.sampled_from(["\n", "\r\n"]))
def test_a_small_text_is_read_as_a_large_one_is(text: str, end: str) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        content = f"Id,Name{end}" + text.replace("\n", end)
        small = outcome(Path(folder), content)
        patch.setattr(scan, "SMALL", -1)
        assert small == outcome(Path(folder), content)


def outcome(folder: Path, content: str) -> object:
    """The rows of a text, or the error."""
    try:
        return names(folder, content)
    except KpiError as error:
        return str(error)
