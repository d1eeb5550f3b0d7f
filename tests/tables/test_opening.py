"""Several files and several sources as one table, lazily."""

from __future__ import annotations

import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.tables.reading import NEW_YORK, UTC, column, read_table, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.tables.opening import open_table
from kpicli.tables.scan import FILE, ROW


def refused(folder: Path, table: Table) -> str:
    with pytest.raises(KpiError) as raised:
        read_table(folder, table)
    return str(raised.value)


def test_the_frame_has_the_asked_columns_with_their_types(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": "a,b,c,d,e,f\nx,1,2,3%,yes,2026-03-01\n"})
    kinds = {"a": "text", "b": "number", "c": "money", "d": "percent", "e": "boolean", "f": "date"}
    declared = {name: column(name, kind) for name, kind in kinds.items()}
    table = Table(source=(SourceFile(path="deals.csv"),), columns=declared)
    frame = read_table(tmp_path, table, columns=["f", "e", "d", "c", "b", "a"]).frame
    number = pl.Decimal(38, 6)
    types = {"a": pl.String(), "b": number, "c": number, "d": number, "e": pl.Boolean(), "f": pl.Date()}
    assert frame.schema == pl.Schema({ROW: pl.UInt32(), FILE: pl.UInt32(), **types})
    assert frame.row(0) == (2, 0, "x", Decimal(1), Decimal(2), Decimal("0.03"), True, date(2026, 3, 1))


def test_rows_can_be_counted_without_any_column(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": "a\n1\n2\n"})
    table = Table(source=(SourceFile(path="deals.csv"),), columns={"a": column("a")})
    found = read_table(tmp_path, table, columns=[])
    assert found.frame.rows() == [(2, 0), (3, 0)]
    assert (found.rows, found.notes) == (2, ())


def test_a_column_that_no_source_declares_can_not_be_asked_for(tmp_path: Path) -> None:
    table = Table(source=(SourceFile(path="deals.csv"),), columns={"a": column("a")})
    with pytest.raises(ValueError, match=r"^table deals declares no b, c$"):
        open_table("deals", table, ["c", "a", "b"], UTC, tmp_path)


def test_the_files_of_a_glob_are_one_table(tmp_path: Path) -> None:
    write(tmp_path, {"x/b.csv": "Id,Name\n3,c\n", "x/a.csv": "Name,Id\na,1\nb,2\n", "x/c.csv": "Id,Name\n"})
    table = Table(source=(SourceFile(path="x/*.csv"),), columns={"id": column("Id"), "name": column("Name")})
    found = read_table(tmp_path, table)
    assert found.opened.files == ("x/a.csv", "x/b.csv", "x/c.csv")
    assert found.frame.rows() == [(2, 0, "1", "a"), (3, 0, "2", "b"), (2, 1, "3", "c")]
    assert found.rows == 3


def test_a_file_of_a_glob_that_lacks_a_header_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id,Amount\n1,2\n", "b.csv": "Id,Betrag\n1,2\n"})
    table = Table(source=(SourceFile(path="?.csv"),), columns={"amount": column("Amount", "money")})
    assert refused(tmp_path, table).splitlines()[:2] == [
        "error[missing-header]: 'b.csv' has no header 'Amount' (column amount of table deals)",
        "  b.csv:1:1",
    ]


@pytest.mark.parametrize("lacks", ["a.csv", "b.csv"])
def test_a_file_of_a_glob_may_lack_an_optional_column_wherever_it_is_declared(tmp_path: Path, lacks: str) -> None:
    write(tmp_path, {each: "Id\n1\n" if each == lacks else "Id,Flag\n1,yes\n" for each in ("a.csv", "b.csv")})
    columns = {"flag": column("Flag", "boolean", optional=True), "id": column("Id")}
    found = read_table(tmp_path, Table(source=(SourceFile(path="?.csv"),), columns=columns))
    assert (found["flag"], found["id"]) == ([lacks == "b.csv", lacks == "a.csv"], ["1", "1"])


def test_sources_with_other_headers_are_one_table(tmp_path: Path) -> None:
    """What a source doesn't declare is null there; what it declares overrides the table."""
    write(
        tmp_path,
        {
            "tasks.csv": "Task ID,Assigned,Due Date,Status\nT1,Jane,2026-03-01,Done\n",
            "events.csv": "Event ID;Host;Start\nE1;Łukasz;01.03.2026 23:30\n",
            "calls.tsv": "Id\tWho\tWhen\tMinutes\nC1\tJohn\t2026-03-02\t5\n",
        },
    )
    table = Table(
        source=(
            SourceFile(
                path="tasks.csv",
                columns={
                    "id": column("Task ID"),
                    "owner": column("Assigned"),
                    "date": column("Due Date", "date"),
                    "done": column("Status", "boolean", blank=("Done",), empty=True),
                },
            ),
            SourceFile(
                path="events.csv",
                columns={
                    "id": column("Event ID"),
                    "owner": column("Host"),
                    "date": column("Start", "date", format=("%d.%m.%Y %H:%M",), timezone="America/Los_Angeles"),
                },
                delimiter=";",
                encoding="utf-16",
            ),
            SourceFile(path="calls.tsv", columns={"minutes": column("Minutes", "number")}),
        ),
        columns={"id": column("Id"), "owner": column("Who"), "date": column("When", "date")},
        encoding="utf-8",
    )
    events = tmp_path / "events.csv"
    events.write_bytes(events.read_text().encode("utf-16"))
    found = read_table(tmp_path, table, NEW_YORK)
    assert found.opened.files == ("calls.tsv", "events.csv", "tasks.csv")
    assert found.frame.select("id", "owner", "date", "done", "minutes", FILE).rows() == [
        ("C1", "John", date(2026, 3, 2), None, Decimal(5), 0),
        ("E1", "Łukasz", date(2026, 3, 2), None, None, 1),
        ("T1", "Jane", date(2026, 3, 1), True, None, 2),
    ]
    assert found.rows == 3


def test_sources_whose_files_take_turns_stay_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, {"1a.csv": "x\n1\n?\n", "2b.csv": "y\n2\n", "3a.csv": "x\n3\n" + "3\n" * 40})
    sources = (
        SourceFile(path="?a.csv", columns={"x": column("x", "number")}),
        SourceFile(path="?b.csv", columns={"x": column("y", "number")}),
    )
    found = read_table(tmp_path, Table(source=sources))
    assert found.file_numbers[:4] == [0, 0, 1, 2]
    assert [note.rows for note in found.notes] == [1]


def test_text_and_parquet_can_be_one_table(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1.5], "d": [date(2026, 3, 1)]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": [2], "d": ["2026-03-02"]}).write_parquet(tmp_path / "b.parquet")
    write(tmp_path, {"c.csv": 'x,d\n"3,000",2026-03-03\n'})
    table = Table(source=(SourceFile(path="*"),), columns={"x": column("x", "number"), "d": column("d", "date")})
    found = read_table(tmp_path, table)
    assert found["x"] == [Decimal("1.5"), Decimal(2), Decimal(3000)]
    assert found["d"] == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert found.row_numbers == [2, 2, 2]


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_a_file_under_two_names_is_refused(tmp_path: Path, link: str) -> None:
    write(tmp_path, {"a.csv": "x,y\n1,2\n"})
    getattr(tmp_path / "b.csv", link)(tmp_path / "a.csv")
    for sources in ((SourceFile(path="?.csv"),), (SourceFile(path="a.csv"), SourceFile(path="b.csv"))):
        assert refused(tmp_path, Table(source=sources, columns={"x": column("x")})).startswith(
            "error[repeated-file]: table deals: 'b.csv' stands behind two entries of `source`; "
        )


@pytest.mark.skipif(sys.platform != "linux", reason="names are text here")
def test_a_file_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/deals\xff.csv")).write_text("x\n1\n")
    assert refused(tmp_path, Table(source=(SourceFile(path="*.csv"),), columns={"x": column("x")})) == (
        "error[unreadable-file]: table deals: 'deals\\udcff.csv' is a name that isn't text in UTF-8\n"
        "help: give the file another name"
    )


def test_a_file_behind_two_sources_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x,y\n1,2\n", "b.csv": "x,y\n3,4\n"})
    sources = (SourceFile(path="a.csv"), SourceFile(path="?.csv"))
    assert refused(tmp_path, Table(source=sources, columns={"x": column("x")})) == (
        "error[repeated-file]: table deals: 'a.csv' stands behind two entries of `source`; its rows would count twice\n"
        "help: name each file once"
    )


def test_a_file_may_be_read_twice_for_different_columns(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x,y\n1,2\n"})
    sources = (
        SourceFile(path="a.csv", columns={"owner": column("x")}),
        SourceFile(path="a.csv", columns={"owner": column("y")}),
    )
    found = read_table(tmp_path, Table(source=sources))
    assert (found["owner"], found.opened.files, found.rows) == (["1", "2"], ("a.csv",), 2)


def test_a_column_has_one_type(tmp_path: Path) -> None:
    sources = (
        SourceFile(path="a.csv", columns={"x": column("x", "number")}),
        SourceFile(path="b.csv", columns={"x": column("x")}),
    )
    assert refused(tmp_path, Table(source=sources)) == (
        "error[types-differ]: table deals: column x is number in one source, text in another\n"
        "help: declare one type; headers, formats and the like may differ"
    )


def test_all_that_is_asked_of_a_look_shares_one_scan_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x,y,z\n1,2026-03-01,a\n", "b.csv": "x,y,z\n1,2026-03-01,b\n"})
    declared = {"x": column("x", "money"), "y": column("y", "date"), "z": column("z")}
    table = Table(source=(SourceFile(path="?.csv"),), columns=declared)
    (look,) = open_table("deals", table, ["x", "y", "z"], UTC, tmp_path).looks
    in_march = look.rows(look.frame.filter(pl.col("y").dt.month() == 3))
    assert pl.explain_all([in_march, look.frame.select(look.totals)]).count("Csv SCAN") == 2


def test_only_asked_columns_are_parsed(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x,y,z\n1,2026-03-01,a\n"})
    declared = {"x": column("x", "money"), "y": column("y", "date"), "z": column("z")}
    table = Table(source=(SourceFile(path="a.csv"),), columns=declared)
    (look,) = open_table("deals", table, ["x", "z"], UTC, tmp_path).looks
    assert "PROJECT 2/3 COLUMNS" in look.rows(look.frame).explain()


def test_a_look_leaves_over_what_is_not_written_plainly(tmp_path: Path) -> None:
    """And both looks together leave nothing over that can be read."""
    content = "x,y\n1,2026-03-01\n$2,2026-03-01T08:00\n 3 , 2026-03-04\n?,\n,\n" + "4,2026-03-05\n" * 40
    declared = {"x": column("x", "money"), "y": column("y", "date")}
    write(tmp_path, {"a.csv": content})
    table = Table(source=(SourceFile(path="a.csv"),), columns=declared)
    (look,) = open_table("deals", table, ["x", "y"], UTC, tmp_path).looks
    assert look.odd().collect()[ROW].to_list() == [3, 4, 5]
    found = read_table(tmp_path, table)
    assert found["x"][:5] == [Decimal(1), Decimal(2), Decimal(3), None, Decimal(4)]
    assert found["y"][:4] == [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 4), None]
    assert found.row_numbers[:5] == [2, 3, 4, 5, 7]
    assert [(note.code, note.rows) for note in found.notes] == [("invalid-money", 1)]
