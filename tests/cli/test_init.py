"""`kpi init` on the command line: what it writes, says, asks and refuses."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tests.cli.opened import shown
from tests.draft.test_drafting import DEALS, OPEN_DATES

from kpicli.cli.output import write_new


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with an export in `exports`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "deals.csv").write_text(DEALS, encoding="utf-8")
    return tmp_path


def test_it_writes_a_book_and_ends_with_the_command_that_runs_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = shown(["init", "--as-of", "2026-10-10"], capsys)
    assert (code, err) == (0, "")
    assert out.startswith("kpis.yaml is written: 1 table, ")
    assert "opportunities · exports/deals.csv · 60 rows" in out
    last = out.splitlines()[-1]
    assert last == "next: kpi report --as-of 2026-10-10"
    assert shown(last.removeprefix("next: kpi ").split(), capsys)[0] == 0
    assert (folder / "kpis.yaml").read_text(encoding="utf-8").startswith("# The KPI book of ")


def test_the_current_folder_is_looked_at_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "own.csv").write_text(DEALS.replace("D-", "E-"), encoding="utf-8")
    assert "· own.csv ·" in shown(["init", "--as-of", "2026-10-10"], capsys)[1]


def test_a_book_is_never_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "kpis.yaml").write_text("mine\n", encoding="utf-8")
    code, out, err = shown(["init"], capsys)
    assert (code, out) == (2, "")
    assert err == (
        "error[book-exists]: there is a file 'kpis.yaml' already, and `kpi init` never writes over one\n"
        "help: move it away, or write the new book elsewhere with --output FILE\n"
    )
    assert (folder / "kpis.yaml").read_text(encoding="utf-8") == "mine\n"


def test_a_book_is_not_written_to_stdout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["init", "-o", "-"], capsys) == (
        2,
        "",
        "error[usage]: a book is a file, and isn't written to stdout\nhelp: give --output the name of a file\n",
    )
    assert not (folder / "-").exists()


def test_a_file_that_appears_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kpis.yaml"
    assert write_new(path, b"first")
    assert not write_new(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_book_elsewhere_names_its_exports_from_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "books").mkdir()
    code, out, _ = shown(["init", "exports/deals.csv", "-o", "books/first.yaml", "--as-of", "2026-10-10"], capsys)
    assert code == 0
    assert out.splitlines()[-1] == "next: kpi report --book books/first.yaml --as-of 2026-10-10"
    assert "source: ../exports/deals.csv" in (folder / "books" / "first.yaml").read_text(encoding="utf-8").replace(
        '"', ""
    )
    assert shown(["report", "--book", "books/first.yaml", "--as-of", "2026-10-10"], capsys)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere"], "no-export"),
        (["empty"], "no-export"),
        (["--output", "exports"], "output"),
        (["--output", "missing/kpis.yaml"], "output"),
        (["--day-first", "--month-first"], "usage"),
        (["--as-of", "tomorrow"], "bad-date"),
    ],
)
def test_what_can_not_be_asked_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    (folder / "empty").mkdir()
    exit_code, out, err = shown(["init", *arguments], capsys)
    assert (exit_code, out) == (2, "")
    assert err.startswith(f"error[{code}]: ")
    assert "\nhelp: " in err
    assert not (folder / "kpis.yaml").exists()


# ---- day or month


def test_without_a_terminal_the_question_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "exports" / "deals.csv").write_text(OPEN_DATES, encoding="utf-8")
    code, _, err = shown(["init"], capsys)
    assert code == 2
    assert "'Close Date'" in err
    assert "'03/04/2026'" in err
    assert "`--day-first`" in err
    assert "`--month-first`" in err
    assert not (folder / "kpis.yaml").exists()


@pytest.mark.parametrize(("option", "pattern"), [("--day-first", "%d/%m/%Y"), ("--month-first", "%m/%d/%Y")])
def test_an_option_answers_it(folder: Path, capsys: pytest.CaptureFixture[str], option: str, pattern: str) -> None:
    (folder / "exports" / "deals.csv").write_text(OPEN_DATES, encoding="utf-8")
    assert shown(["init", option], capsys)[0] == 0
    assert pattern in (folder / "kpis.yaml").read_text(encoding="utf-8")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "pattern"), [("d\n", "%d/%m/%Y"), ("what?\nM\n", "%m/%d/%Y")])
def test_on_a_terminal_it_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str, pattern: str
) -> None:
    (folder / "exports" / "deals.csv").write_text(OPEN_DATES, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    code, _, err = shown(["init"], capsys)
    assert code == 0
    assert "does the day or the month come first in column 'Close Date'" in err
    assert pattern in (folder / "kpis.yaml").read_text(encoding="utf-8")


def test_a_terminal_that_is_closed_is_none(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "exports" / "deals.csv").write_text(OPEN_DATES, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert shown(["init"], capsys)[0] == 2


@pytest.mark.parametrize(
    ("called", "program"),
    [("python3 run.py kpi", "python3 run.py kpi"), ("rm -r x; kpi", "kpi"), ("a\nrun.py kpi", "kpi"), ("", "kpi")],
)
@pytest.mark.usefixtures("folder")
def test_the_command_to_run_next_is_called_as_init_was(
    called: str, program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_CALLED_AS", called)
    out = shown(["init", "--as-of", "2026-10-10"], capsys)[1]
    assert out.splitlines()[-1] == f"next: {program} report --as-of 2026-10-10"
    text = Path("kpis.yaml").read_text(encoding="utf-8")
    assert f"#     {program} report --as-of 2026-10-10 " in text
    assert f"#     {program} check " in text
