"""Headers and the columns that mean them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tables.reading import column, read, read_table, refusal, write

from kpicli.book.model import Column, ColumnType, SourceFile, Table
from kpicli.scorecard import Example, Note
from kpicli.tables import scan

ID = {"id": column("Id")}


def test_blanks_around_a_header_and_a_mark_before_it_are_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff Id\u00a0,Name\n1,a\n", ID)["id"] == ["1"]
    assert read(tmp_path, '\ufeff"Id","Name"\n"1","a"\n', ID)["id"] == ["1"]


def test_a_header_may_differ_in_case_and_blanks_where_only_one_does(tmp_path: Path) -> None:
    assert read(tmp_path, "CLOSE  date,Name\n1,a\n", {"id": column("Close Date")})["id"] == ["1"]


def test_an_exact_header_wins_over_one_that_differs_in_case(tmp_path: Path) -> None:
    assert read(tmp_path, "ID,Id,id\n1,2,3\n", ID)["id"] == ["2"]


def test_two_columns_may_mean_one_header(tmp_path: Path) -> None:
    found = read(tmp_path, "Id\n20260301\n", {"text": column("Id"), "date": column("Id", "date", format=("%Y%m%d",))})
    assert [str(value) for value in (*found["text"], *found["date"])] == ["20260301", "2026-03-01"]


def test_duplicates_of_other_headers_are_noted(tmp_path: Path) -> None:
    found = read(tmp_path, "Company,Id,Company,,,Name, Name,Company\na,1,b,c,d,e,f,g\n", ID)
    assert found["id"] == ["1"]
    assert found.notes == (Note("duplicate-header", None, 2, (Example(1, "Company"), Example(1, "Name"))),)


def test_duplicates_are_noted_for_each_file_in_the_row_of_its_headers(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id,X,X\n1,,\n", "b.csv": "\nX,X,Id\n,,2\n", "c.csv": "Id,X\n3,\n"})
    found = read_table(tmp_path, Table(source=(SourceFile(path="?.csv"),), columns=ID))
    examples = (Example(1, "X", "a.csv"), Example(2, "X", "b.csv"))
    assert found.notes == (Note("duplicate-header", None, 2, examples),)


@pytest.mark.parametrize("header", ["*Id", "Id*", "Id *", " * ID", "\ufeffid", "I\u200bd", "\u00a0Id*\u00a0", "*Id*"])
def test_marks_of_all_kinds_beside_a_header_are_nothing(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, f"Name,{header}\na,1\n", ID)["id"] == ["1"]
    assert read(tmp_path, "Name,Id\na,1\n", {"id": column(header)})["id"] == ["1"]


def test_a_star_tells_headers_apart_where_both_are_there(tmp_path: Path) -> None:
    found = read(tmp_path, "Id*,id\n1,2\n", {"id": column("Id"), "must": column("Id*")})
    assert (found["id"], found["must"]) == (["2"], ["1"])
    assert refusal(tmp_path, "Id*,*Id\n1,2\n", ID).startswith(
        "error[duplicate-header]: 'deals.csv' has several headers like 'Id': 'Id*', '*Id' (column id of table deals)\n"
    )


def test_a_word_between_blanks_of_all_kinds_is_found(tmp_path: Path) -> None:
    assert read(tmp_path, "Close\u00a0\u202fDate,Name\n1,a\n", {"id": column("Close Date")})["id"] == ["1"]


def test_a_declared_header_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Polars calls the second one `Id_duplicated_0` and goes on."""
    assert refusal(tmp_path, "Id,Name,Id\n1,a,2\n", ID) == (
        "error[duplicate-header]: 'deals.csv' has the header 'Id' twice (column id of table deals)\n"
        "  deals.csv:1:9\n"
        "  1 | Id,Name,Id\n"
        "    |         ^^\n"
        "help: rename one of them in the export, so that it is clear which one is meant"
    )
    assert refusal(tmp_path, "Id,Id,Id\n1,a,2\n", ID).startswith(
        "error[duplicate-header]: 'deals.csv' has the header 'Id' 3 times (column id of table deals)\n"
    )


def test_headers_that_are_alike_are_refused_where_none_is_exact(tmp_path: Path) -> None:
    assert refusal(tmp_path, "ID,Name,id\n1,a,2\n", ID).startswith(
        "error[duplicate-header]: 'deals.csv' has several headers like 'Id': 'ID', 'id' (column id of table deals)\n"
    )


def test_a_missing_header_shows_the_nearest_one(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Opportunity ID,Name\n1,a\n", {"id": column("Oportunity ID")}) == (
        "error[missing-header]: 'deals.csv' has no header 'Oportunity ID' (column id of table deals)\n"
        "  deals.csv:1:1\n"
        "  1 | Opportunity ID,Name\n"
        "    | ^^^^^^^^^^^^^^^^^^^\n"
        "help: did you mean 'Opportunity ID'? "
        "Otherwise export the file with it, or declare the column under the sources that have it"
    )


def test_a_missing_header_shows_those_that_are_there_if_they_are_few(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Amount,Stage\n1,a\n", ID).splitlines()[-1] == (
        "help: export the file with it, or declare the column under the sources that have it; known: Amount, Stage"
    )
    many = ",".join(f"Header{at}" for at in range(20))
    assert refusal(tmp_path, f"{many}\n", ID).splitlines()[-1] == (
        "help: export the file with it, or declare the column under the sources that have it"
    )


def test_all_missing_headers_are_told_at_once(tmp_path: Path) -> None:
    shown = refusal(tmp_path, "Amount,Stage\n1,a\n", {"id": column("Id"), "name": column("Name")})
    assert [line for line in shown.splitlines() if line.startswith("error")] == [
        "error[missing-header]: 'deals.csv' has no header 'Id' (column id of table deals)",
        "error[missing-header]: 'deals.csv' has no header 'Name' (column name of table deals)",
    ]


def test_only_asked_columns_need_a_header(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": "Id\n1\n"})
    table = Table(source=(SourceFile(path="deals.csv"),), columns={"id": column("Id"), "gone": column("Gone")})
    assert read_table(tmp_path, table, columns=["id"])["id"] == ["1"]


# ---- several spellings, and none


def spelled(*headers: str, **declared: object) -> dict[str, Column]:
    return {"id": column("Id"), "x": Column(headers=headers, **declared)}  # type: ignore[arg-type]  # as tests say it


def test_the_first_spelling_that_a_file_has_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path, "Id,Fase,Stage\n1,a,b\n", spelled("StageName", "Stage", "Fase"))["x"] == ["b"]
    assert read(tmp_path, "Id,fase\n1,a\n", spelled("StageName", "Stage", "Fase"))["x"] == ["a"]


def test_each_file_has_its_own_spelling(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id,Stage\n1,a\n", "b.csv": "Id,Fase\n2,b\n"})
    table = Table(source=(SourceFile(path="*.csv"),), columns=spelled("Stage", "Fase"))
    assert read_table(tmp_path, table)["x"] == ["a", "b"]


def test_a_spelling_that_stands_twice_is_refused_even_before_another_that_does_not(tmp_path: Path) -> None:
    """Taking the next one would choose for the user."""
    assert refusal(tmp_path, "Id,Stage,Stage,Fase\n1,a,b,c\n", spelled("Stage", "Fase")).startswith(
        "error[duplicate-header]: 'deals.csv' has the header 'Stage' twice (column x of table deals)\n"
    )


def test_a_missing_header_names_all_of_its_spellings(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Id,Stages\n1,a\n", spelled("StageName", "Stage", "Fase")) == (
        "error[missing-header]: 'deals.csv' has no header 'StageName', 'Stage' or 'Fase' (column x of table deals)\n"
        "  deals.csv:1:1\n"
        "  1 | Id,Stages\n"
        "    | ^^^^^^^^^\n"
        "help: did you mean 'Stages'? "
        "Otherwise export the file with it, or declare under `columns` what it is called there; or replace what reads "
        "it, such as a preset's field (`fields: {won: stage = 'Won'}`) or date (`date: none`)"
    )


def test_an_optional_column_is_blank_in_a_file_without_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id,Amount\n1,5\n", "b.csv": "Id\n2\n"})
    columns = spelled("Amount", type=ColumnType.NUMBER, optional=True)
    found = read_table(tmp_path, Table(source=(SourceFile(path="*.csv"),), columns=columns))
    assert (found["x"], found.notes) == ([5, None], ())


def test_a_file_may_lack_all_that_is_asked_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, "Id\n1\n2\n", {"x": column("Flag", "boolean", optional=True)})["x"] == [False, False]


TITLED = 'Deals of 2026\n\nGenerated;by:,"Ann, Bob",x\nId,Name\n1,a\n2,b\n'


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_headers_may_stand_in_a_row_further_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str, quote: str, end: str
) -> None:
    monkeypatch.setattr(scan, "SMALL", -1)
    content = mark + TITLED.replace("2,b", f"2,{quote}b{quote}").replace("\n", end)
    found = read(tmp_path, content, {"id": column("Id"), "name": column("Name")}, header_row=4)
    assert list(zip(found.row_numbers, found["id"], found["name"], strict=True)) == [(5, "1", "a"), (6, "2", "b")]
    assert bool(found.opened.on_trust) is (quote == "" and end != "\r")


def test_rows_above_the_headers_may_be_of_several_lines_each(tmp_path: Path) -> None:
    content = '"Deals\nof 2026",\n"Id","Deal\nName"\n1,a\n,\n2,"b"\n'
    found = read(tmp_path, content, {"id": column("Id"), "name": column("Deal Name")}, header_row=2)
    assert list(zip(found.row_numbers, found["id"], found["name"], strict=True)) == [(3, "1", "a"), (5, "2", "b")]


def test_places_below_a_title_are_those_of_the_file(tmp_path: Path) -> None:
    shown = refusal(tmp_path, TITLED + "3\n", ID, header_row=4).splitlines()
    assert shown[:3] == [
        "error[short-row]: 'deals.csv': row 7 has 1 cell where the header has 2",
        "  deals.csv:7:1",
        "  7 | 3",
    ]
    shown = refusal(tmp_path, "Title\nDay,\nmañana,\n", {"day": column("Day", "date")}, header_row=2).splitlines()
    assert shown[1:3] == ["  deals.csv:3:1", "  3 | mañana,"]


def test_an_entry_of_source_may_have_its_own_header_row(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id\n1\n", "b.csv": "Title\nId\n2\n"})
    sources = (SourceFile(path="a.csv", header_row=1), SourceFile(path="b.csv"))
    found = read_table(tmp_path, Table(source=sources, columns=ID, header_row=2))
    assert (found["id"], found.row_numbers) == (["1", "2"], [2, 3])


def test_headers_in_another_row_are_told(tmp_path: Path) -> None:
    expected = (
        "error[wrong-header-row]: 'deals.csv' has its headers in row 4, not in row {}\n"
        "  deals.csv:4:1\n"
        "  4 | Id,Name\n"
        "    | ^^^^^^^\n"
        "help: declare `header_row: 4` on the table or its source"
    )
    assert refusal(tmp_path, TITLED, {"id": column("Id"), "name": column("NAME")}) == expected.format(1)
    assert refusal(tmp_path, TITLED, ID, header_row=5) == expected.format(5)


def test_one_header_of_many_is_no_header_row(tmp_path: Path) -> None:
    columns = {name: column(name) for name in ("Id", "Name", "Stage")}
    assert refusal(tmp_path, "Deal,Rep\nId,1\n", columns).startswith("error[missing-header]")


def test_a_header_row_that_is_not_there_is_refused(tmp_path: Path) -> None:
    help_ = "\nhelp: `header_row` is the row that a spreadsheet shows: set it right, or leave it out"
    assert refusal(tmp_path, "Id\n1\n", ID, header_row=4) == (
        "error[no-header-row]: the headers are declared to stand in row 4, and 'deals.csv' ends in row 2" + help_
    )
    assert refusal(tmp_path, "Id\n\n1\n", ID, header_row=2) == (
        "error[no-header-row]: the headers are declared to stand in row 2, and 'deals.csv' has nothing there" + help_
    )
    assert refusal(tmp_path, "", ID, header_row=2).startswith("error[empty-file]")
