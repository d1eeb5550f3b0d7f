"""Where results are written."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from tests.cli.opened import Opened, shown

from kpicli.cli import main
from kpicli.render import named, names


def test_the_result_goes_to_stdout_as_the_format_renders_it(
    opened: Opened, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in names():
        rendered = named(name).render(opened.answer())
        content = rendered.encode() if isinstance(rendered, str) else rendered
        assert main(["report", "--format", name]) == 0
        assert capfdbinary.readouterr() == (content, b"")


def test_output_writes_the_file_and_nothing_to_stdout(
    opened: Opened, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = shown(["report", "--format", "json", "--output", "result.txt"], capsys)
    assert (code, out, err) == (0, "", "")
    assert (book.parent / "result.txt").read_text(encoding="utf-8") == named("json").render(opened.answer())
    assert sorted(path.name for path in book.parent.iterdir()) == ["kpis.yaml", "result.txt"]


@pytest.mark.parametrize(
    ("file", "format_"),
    [("a.json", "json"), ("a.CSV", "csv"), ("a.md", "markdown"), ("a.txt", "terminal"), ("a", "terminal")],
)
def test_the_files_ending_says_the_format_where_no_option_does(
    file: str, format_: str, opened: Opened, book: Path
) -> None:
    assert main(["report", "-o", file]) == 0
    rendered = named(format_).render(opened.answer())
    assert isinstance(rendered, str)
    assert (book.parent / file).read_bytes() == rendered.encode()


@pytest.mark.parametrize(("file", "ending"), [("a.pptx", "pptx"), ("weekly.2026-11", "2026-11"), ("a.json.GZ", "gz")])
def test_an_ending_that_is_no_format_is_refused_before_any_work(
    file: str, ending: str, opened: Opened, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["report", "-o", file], capsys) == (
        2,
        "",
        (
            f"error[output]: --output '{file}': there is no format '{ending}'\n"
            f"help: known: {', '.join(names())}; the name's ending says which, or --format (.txt is terminal)\n"
        ),
    )
    assert (opened.asked, [path.name for path in book.parent.iterdir()]) == ({}, ["kpis.yaml"])


def test_with_a_format_the_file_may_have_any_name(opened: Opened, book: Path) -> None:
    assert main(["report", "--format", "json", "-o", "weekly.2026-11"]) == 0
    assert (book.parent / "weekly.2026-11").read_text(encoding="utf-8") == named("json").render(opened.answer())


@pytest.mark.parametrize("arguments", [["report"], ["report", "--format", "json"], ["check"], ["functions"]])
def test_without_a_stdout_nothing_can_be_written_to_it(
    arguments: list[str], opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a shell's `>&-` or a daemon starts a program."""
    monkeypatch.setattr(sys, "stdout", None)
    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        "error[output]: can't write stdout: it is closed\n"
        "help: start it with a stdout, or write to a file with --output\n"
    )
    assert opened.asked == {}


def test_without_stdout_and_stderr_a_file_can_be_written(
    opened: Opened, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["report", "--output", "a.json"]) == 0
    assert (book.parent / "a.json").read_text(encoding="utf-8") == named("json").render(opened.answer())


def test_without_a_stderr_an_error_does_not_go_to_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["report", "--zzz"]) == 2
    assert capsys.readouterr().out == ""


def test_output_to_a_dash_is_stdout(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["report", "--output", "-"], capsys) == (0, named("terminal").render(opened.answer()), "")


def test_output_keeps_the_mode_of_the_file_and_goes_through_links(opened: Opened, book: Path) -> None:
    real, link = book.parent / "real.json", book.parent / "link.json"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    assert main(["report", "--output", str(link)]) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text(encoding="utf-8") == named("json").render(opened.answer())


def test_output_has_the_mode_of_any_new_file(opened: Opened, book: Path) -> None:
    before = os.umask(0o027)
    try:
        assert main(["report", "--output", "new.json"]) == 0
    finally:
        os.umask(before)
    assert opened.asked
    assert stat.S_IMODE((book.parent / "new.json").stat().st_mode) == 0o640


def test_output_to_a_device_writes_into_it(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["report", "--output", os.devnull], capsys) == (0, "", "")
    assert opened.asked
    assert not Path(os.devnull).is_file()


def test_a_file_that_cannot_be_written_is_left_as_it_was(
    opened: Opened, book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = book.parent / "result.json"
    target.write_text("old", encoding="utf-8")

    def refuse(_: Path, __: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert shown(["report", "--output", "result.json"], capsys) == (
        1,
        "",
        (
            "error[output]: can't write 'result.json': Permission denied\n"
            "help: make room or mend its permissions, or write elsewhere with --output\n"
        ),
    )
    assert opened.asked
    assert sorted(path.name for path in book.parent.iterdir()) == ["kpis.yaml", "result.json"]
    assert target.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (".", "error[output]: --output '.' is a folder\nhelp: give the name of a file in it\n"),
        (
            "no/where.json",
            (
                "error[output]: --output 'no/where.json': there is no folder 'no'\n"
                "help: make the folder first, or write elsewhere\n"
            ),
        ),
    ],
)
def test_what_cannot_become_a_file_is_refused_before_any_work(
    output: str, message: str, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["report", "--output", output], capsys) == (2, "", message)
    assert opened.asked == {}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a book of one table, whose source is said by each test."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "deals-1.csv").write_text("id\n1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _over(source: str) -> None:
    Path("kpis.yaml").write_text(
        f"version: 1\ntables: {{deals: {{source: '{source}', columns: {{id: id}}}}}}\ngoals: {{g: }}\n"
        "kpis: {all: {role: lagging, goal: g, formula: count(deals)}}\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("exports/deals-1.csv", "exports/deals-1.csv"),
        ("exports/deals-1.csv", "link.csv"),
        ("link.csv", "exports/deals-1.csv"),
        ("exports/*.csv", "exports/report.csv"),
        ("e*/deals-?.csv", "exports/../exports/deals-2.csv"),
    ],
)
@pytest.mark.parametrize("command", [["report"], ["explain", "all", "--rows", "1"]], ids=["report", "explain"])
def test_no_result_is_written_where_a_table_has_its_exports(
    command: list[str], source: str, output: str, read: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be lost, or the next report would count a result's rows as data."""
    _over(source)
    (read / "link.csv").symlink_to("exports/deals-1.csv")
    before = {path: path.read_bytes() for path in read.rglob("*.*")}
    assert shown([*command, "-o", output], capsys) == (
        2,
        "",
        (
            f"error[output]: --output '{Path(output)}' is where table deals has its exports, '{source}'\n"
            "help: write it elsewhere: the next report would read it as data\n"
        ),
    )
    assert {path: path.read_bytes() for path in read.rglob("*.*")} == before


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("exports/*.csv", "report.csv"),
        ("exports/*.csv", "exports/report.md"),
        ("exports/*.csv", "exports/.report.csv"),
        ("exports/deals-1.csv", "exports/deals-2.csv"),
    ],
)
@pytest.mark.usefixtures("read")
def test_beside_exports_a_result_may_stand(source: str, output: str) -> None:
    _over(source)
    assert main(["report", "--format", "csv", "-o", output]) == 0
    assert Path(output).is_file()


@pytest.mark.usefixtures("read")
def test_no_result_is_written_over_the_book(capsys: pytest.CaptureFixture[str]) -> None:
    _over("exports/deals-1.csv")
    before = Path("kpis.yaml").read_bytes()
    assert shown(["report", "--format", "csv", "-o", "exports/../kpis.yaml"], capsys) == (
        2,
        "",
        (
            "error[output]: --output 'exports/../kpis.yaml' is the book itself\n"
            "help: name another file: nothing that is read is written over\n"
        ),
    )
    assert Path("kpis.yaml").read_bytes() == before
