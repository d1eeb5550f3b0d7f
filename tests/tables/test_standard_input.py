"""`source: "-"`: a text that is sent to the program."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.tables.reading import Read, column, read_table

import kpicli
from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.scorecard import Example, Note

BOOK = """
version: 1
tables:
  deals:
    source: "-"
    key: id
    date: day
    columns: {id: Id, amount: {header: Amount, type: number}, day: {header: Day, type: date}}
goals:
  revenue: {}
kpis:
  value: {formula: sum(deals.amount), role: lagging, goal: revenue}
"""
DEALS = "Id,Amount,Day\nD-1,1.5,2026-11-02\nD-2,2,2026-11-03\n"
COLUMNS = {"id": column("Id"), "amount": column("Amount", "number")}


def send(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def read(folder: Path, **declared: Any) -> Read:
    table = Table(source=(SourceFile(path="-"),), columns=COLUMNS, **declared)
    return read_table(folder, table)


def refusal(folder: Path) -> str:
    with pytest.raises(KpiError) as raised:
        read(folder)
    return str(raised.value)


def test_what_is_sent_is_read_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(monkeypatch, DEALS.encode())
    found = read(tmp_path)
    assert (found["id"], found.opened.files) == (["D-1", "D-2"], ("standard input",))


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("Id;Amount\nŁ;1\n".encode("utf-16"), {"delimiter": ";"}),
        (gzip.compress("Id,Amount\nŁ,1\n".encode(), mtime=0), {}),
        ("Id,Amount\nŁ,1\n".encode("cp1250"), {"encoding": "cp1250"}),
        ("\ufeffId\tAmount\r\nŁ\t1\r\n".encode(), {"delimiter": "\t"}),
    ],
    ids=["utf-16", "gzip", "cp1250", "tabs"],
)
def test_the_rules_of_files_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, declared: dict[str, str]
) -> None:
    send(monkeypatch, content)
    assert read(tmp_path, **declared)["id"] == ["Ł"]


def test_it_has_its_name_in_notes_and_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(monkeypatch, ("Id,Amount\nD,?\n" + "D,1\n" * 40).encode())
    assert read(tmp_path).notes == (Note("invalid-number", "amount", 1, (Example(2, "?"),)),)
    send(monkeypatch, b"Id,Amount\nD,?\n")
    assert refusal(tmp_path).splitlines()[1:4] == ["  standard input:2:3", "  2 | D,?", "    |   ^"]
    send(monkeypatch, b"Id,Amount\nD\n")
    assert refusal(tmp_path).startswith("error[short-row]: 'standard input': row 2 has 1 cell where the header has 2")


def test_nothing_is_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(monkeypatch, b"")
    assert refusal(tmp_path) == (
        "error[empty-file]: 'standard input' is empty\nhelp: export it again: it has no header line"
    )


def test_a_workbook_is_told_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(monkeypatch, b"PK\3\4")
    assert refusal(tmp_path).startswith("error[not-text]: 'standard input' is an Excel workbook or another zip archive")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), None])
def test_a_terminal_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    """Waiting for it would look like a program that hangs."""
    monkeypatch.setattr(sys, "stdin", stream)
    assert refusal(tmp_path) == (
        'error[no-input]: table deals: `source: "-"` reads standard input, and nothing is sent to it\n'
        "help: send it a CSV, as in `zcat deals.csv.gz | kpi report`, or name a file as `source`"
    )


def test_a_stream_of_texts_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a notebook has it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(DEALS))
    assert read(tmp_path)["id"] == ["D-1", "D-2"]


def test_a_stream_that_can_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            raise OSError("not here")

    monkeypatch.setattr(sys, "stdin", Broken())
    assert refusal(tmp_path).startswith("error[unreadable-file]: table deals: standard input can't be read: not here")


def test_the_library_reads_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kpis.yaml").write_text(BOOK)
    send(monkeypatch, DEALS.encode())
    book = kpicli.load(tmp_path / "kpis.yaml")
    values = [book.report(period="2026-11", as_of="2026-11-22").scorecard.lines[0].figure.value for _ in range(2)]
    assert values == [3.5, 3.5]
    assert book.check_data(as_of="2026-11-22")[0].files == ("standard input",)


def test_the_program_reads_what_is_piped_into_it(tmp_path: Path) -> None:
    (tmp_path / "kpis.yaml").write_text(BOOK)
    command = [sys.executable, "-m", "kpicli", "report", "--kpi", "value", "--as-of", "2026-11-22", "--format", "json"]
    done = subprocess.run(command, input=DEALS.encode(), capture_output=True, check=True, cwd=tmp_path)
    report = json.loads(done.stdout)
    assert report["data"][0]["files"] == ["standard input"]
    leader, follower = os.openpty()
    refused = subprocess.run(command, stdin=follower, capture_output=True, text=True, check=False, cwd=tmp_path)
    os.close(leader)
    os.close(follower)
    assert (refused.returncode, refused.stderr.splitlines()[0].split(":")[0]) == (1, "error[no-input]")
