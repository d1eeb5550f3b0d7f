"""Headers and the columns that mean them."""

from __future__ import annotations

from pathlib import Path

from tests.tables.reading import column, read, read_table, refusal, write

from kpicli.book.model import Column, ColumnType, SourceFile, Table

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


def test_duplicates_of_other_headers_are_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "Company,Id,Company,,\na,1,b,c,d\n", ID)["id"] == ["1"]


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
        "Otherwise export the file with it, or declare under `columns` what it is called there"
    )


def test_an_optional_column_is_blank_in_a_file_without_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Id,Amount\n1,5\n", "b.csv": "Id\n2\n"})
    columns = spelled("Amount", type=ColumnType.NUMBER, optional=True)
    found = read_table(tmp_path, Table(source=(SourceFile(path="*.csv"),), columns=columns))
    assert (found["x"], found.notes) == ([5, None], ())


def test_a_file_may_lack_all_that_is_asked_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, "Id\n1\n2\n", {"x": column("Flag", "boolean", optional=True)})["x"] == [False, False]
