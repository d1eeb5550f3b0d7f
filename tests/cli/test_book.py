"""How the book is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.opened import Opened, opens

from kpicli.cli import main
from kpicli.cli.options import find_book
from kpicli.errors import KpiError, Trouble


def test_the_book_option_wins_over_the_environment_and_that_over_the_folder(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, third = book.with_name("other.yaml"), book.parent / "folder" / "kpis.yaml"
    third.parent.mkdir()
    for path in (other, third):
        path.write_text("version: 1\n", encoding="utf-8")
    paths = opens(monkeypatch, Opened())
    main(["report"])
    monkeypatch.setenv("KPI_BOOK", str(other))
    main(["report"])
    main(["report", "--book", str(third)])
    main(["report", "-b", "folder"])
    monkeypatch.setenv("KPI_BOOK", "")
    monkeypatch.chdir(third.parent)
    third.unlink()
    main(["report"])
    assert paths == [Path("kpis.yaml"), other, third, Path("folder/kpis.yaml"), Path("../kpis.yaml")]


@pytest.mark.parametrize(
    ("option", "environment", "message"),
    [
        (
            "no.yaml",
            {},
            (
                "error[no-book]: there is no file 'no.yaml', which --book names\n"
                "help: give the path of a KPI book, or of the folder with its kpis.yaml"
            ),
        ),
        (
            None,
            {"KPI_BOOK": "no.yaml"},
            (
                "error[no-book]: there is no file 'no.yaml', which $KPI_BOOK names\n"
                "help: give the path of a KPI book, or of the folder with its kpis.yaml"
            ),
        ),
        (
            None,
            {},
            (
                "error[no-book]: there is no kpis.yaml in '{here}' or in a folder above it\n"
                "help: go to the folder with the book, give it with --book PATH, or name it in $KPI_BOOK"
            ),
        ),
    ],
)
def test_an_error_says_where_a_book_was_looked_for(
    option: str | None,
    environment: dict[str, str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KpiError) as caught:
        find_book(option, environment)
    assert str(caught.value) == message.format(here=tmp_path)
    assert caught.value.trouble is Trouble.USAGE
