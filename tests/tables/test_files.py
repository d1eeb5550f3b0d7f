"""From `source` to files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.tables.reading import column, read_table, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.tables.files import find_files

ONE = "Id,Name\n1,a\n"


def found(folder: Path, pattern: str) -> list[str]:
    return [file.name for file in find_files(pattern, folder, "deals")]


def refused(folder: Path, pattern: str) -> str:
    with pytest.raises(KpiError) as raised:
        find_files(pattern, folder, "deals")
    return str(raised.value).replace(str(folder), "BOOK")


def test_a_path_is_relative_to_the_book(tmp_path: Path) -> None:
    write(tmp_path, {"exports/deals.csv": ONE})
    assert found(tmp_path, "exports/deals.csv") == ["exports/deals.csv"]
    assert found(tmp_path, "./exports//deals.csv") == ["exports/deals.csv"]
    assert found(tmp_path / "exports", "../exports/deals.csv") == ["../exports/deals.csv"]


def test_an_absolute_path_stands_for_itself(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": ONE})
    (file,) = find_files(str(tmp_path / "deals.csv"), Path("elsewhere"), "deals")
    assert file.path == tmp_path / "deals.csv"


def test_a_glob_gives_files_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("b.csv", "a2.csv", "a10.csv", "c.txt", ".hidden.csv", "deep/d.csv"), ONE))
    (tmp_path / "folder.csv").mkdir()
    assert found(tmp_path, "*.csv") == ["a10.csv", "a2.csv", "b.csv"]
    assert found(tmp_path, "a?.csv") == ["a2.csv"]
    assert found(tmp_path, "*/?.csv") == ["deep/d.csv"]
    assert found(tmp_path, ".*.csv") == [".hidden.csv"]


@pytest.mark.parametrize("pattern", ["**/deals.csv", "a/**", "a**b.csv"])
def test_two_stars_are_no_wildcard(tmp_path: Path, pattern: str) -> None:
    """Read as one star they would leave deeper files out, and nobody would know."""
    write(tmp_path, {"a/b/deals.csv": ONE, "a/deals.csv": ONE})
    assert refused(tmp_path, pattern) == (
        f"error[wildcard]: table deals: '{pattern}' holds `**`, and the wildcards are `*` and `?`\n"
        "help: `*` stays in one folder: list a path for each depth"
    )


def test_brackets_stand_for_themselves(tmp_path: Path) -> None:
    """Polars would read a1.csv instead."""
    write(tmp_path, {"a[1].csv": "Id\nright\n", "a1.csv": "Id\nwrong\n", "b[1].csv": "Id\nright\n"})
    table = Table(source=(SourceFile(path="a[1].csv"), SourceFile(path="b[*.csv")), columns={"id": column("Id")})
    assert read_table(tmp_path, table)["id"] == ["right", "right"]


def test_a_star_in_a_file_name_is_not_expanded_again(tmp_path: Path) -> None:
    write(tmp_path, {"x*.csv": "Id\n*\n", "x1.csv": "Id\n1\n"})
    table = Table(source=(SourceFile(path="x*.csv"),), columns={"id": column("Id")})
    read = read_table(tmp_path, table)
    assert (read.opened.files, read["id"]) == (("x*.csv", "x1.csv"), ["*", "1"])


@pytest.mark.parametrize("address", ["https://example.com/deals.csv", "s3://bucket/deals.csv", "file:///deals.csv"])
def test_an_address_is_no_path(tmp_path: Path, address: str) -> None:
    assert refused(tmp_path, address) == (
        f"error[not-a-path]: table deals: '{address}' is an address, not a path\n"
        "help: nothing is fetched: export the file and name its path"
    )


def test_a_missing_file_shows_where_it_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    write(tmp_path, {"exports/deal.csv": ONE, "exports/leads.csv": ONE})
    assert refused(tmp_path, "exports/deals.csv") == (
        "error[no-file]: table deals: 'exports/deals.csv': there is no such file\n"
        "help: BOOK/exports holds 'deal.csv', 'leads.csv'; did you mean 'deal.csv'?"
    )


def test_a_missing_folder_shows_the_last_one_that_is_there(tmp_path: Path) -> None:
    write(tmp_path, {"exports/deals.csv": ONE})
    assert refused(tmp_path, "export/2026/deals.csv") == (
        "error[no-file]: table deals: 'export/2026/deals.csv': there is no such file\nhelp: BOOK holds 'exports'"
    )


def test_a_glob_without_a_match_shows_what_is_there(tmp_path: Path) -> None:
    write(tmp_path, {f"{at}.txt": ONE for at in range(10)})
    assert refused(tmp_path, "*.csv") == (
        "error[no-file]: table deals: '*.csv': no file matches\n"
        "help: BOOK holds '0.txt', '1.txt', '2.txt', '3.txt', '4.txt', '5.txt', '6.txt', '7.txt' and 2 more"
    )


def test_an_empty_or_missing_folder_is_said_to_be_so(tmp_path: Path) -> None:
    assert refused(tmp_path, "*.csv").endswith("\nhelp: BOOK is empty")
    assert refused(tmp_path / "gone", "*.csv").endswith("\nhelp: there is no folder BOOK")


def test_a_tilde_is_not_expanded(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": ONE})
    assert refused(tmp_path, "~/x.csv") == (
        "error[no-file]: table deals: '~/x.csv': there is no such file\n"
        "help: BOOK holds 'deals.csv'; `~` isn't expanded: write the whole path"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, {"exports/deals.csv": ONE})
    assert refused(tmp_path, "exports") == (
        "error[not-a-file]: table deals: 'exports' is a folder\nhelp: name the files in it, for example 'exports/*.csv'"
    )


def test_the_folder_of_the_book_is_no_file(tmp_path: Path) -> None:
    for pattern in (".", "./"):
        assert refused(tmp_path, pattern) == (
            "error[not-a-file]: table deals: '.' is a folder\nhelp: name the files in it, for example './*.csv'"
        )


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deals.csv")
    assert refused(tmp_path, "deals.csv") == (
        "error[not-a-file]: table deals: 'deals.csv' is not a regular file\nhelp: name a file"
    )


def test_a_file_in_a_file_can_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"deals.csv": ONE})
    assert refused(tmp_path, "deals.csv/x.csv") == (
        "error[unreadable-file]: table deals: 'deals.csv/x.csv' can't be read: Not a directory\n"
        "help: check the path and the file's permissions"
    )


def test_an_impossible_path_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "a\0b") == (
        "error[no-file]: table deals: 'a\\x00b': the path holds a NUL character\nhelp: BOOK is empty"
    )
    assert refused(tmp_path, "").startswith("error[no-file]: table deals: '': the path is empty\n")
