"""Typed copies of exports: with or without them, whatever happens to them, the figures are the same."""

from __future__ import annotations

import errno
import gzip
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from tests import killed

import kpicli
from kpicli import cache
from kpicli.cli import main
from kpicli.engine.answers import RememberingEngine
from kpicli.tables import copies as module
from kpicli.tables import parts
from kpicli.tables.copies import Copies, users_copies

BOOK = """\
version: 1
currency: USD
calendar: {timezone: America/New_York}
tables:
  deals:
    source: deals*.csv
    date: closed_on
    columns:
      id: Id
      owner: {header: Owner, blank: N/A}
      amount: {header: Amount, type: money}
      won: {header: Won, type: boolean}
      closed_on: {header: Closed, type: date}
      modified: {header: Modified, type: date}
    where: owner != 'Nobody'
goals: {sell: {}}
dimensions: {owner: owner}
kpis:
  deals: {role: leading, goal: sell, formula: count(deals)}
  won: {role: lagging, goal: sell, formula: sum(deals.amount where won), unit: money}
"""
HEAD = "Id,Owner,Amount,Won,Closed,Modified\n"
ROWS = """\
1, Ada ,100.50,true,2026-10-01,2026-10-02T10:00:00Z
2,Bo,"$1,200.00",yes,2026-10-31T23:30:00-04:00,2026-10-02T11:00:00Z
3,N/A,$ 7,,2026-10-15,2026-10-03
2,Bo,(20.00),no,2026-09-30,2026-10-04
4,Nobody,1K,1,2026-10-16,2026-10-04
5,Ada,12.345678,0,2026-10-17,
6,Ada,,TRUE,,2026-10-05 00:00:00
"""


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of small and fresh files too, in a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for place in (module, parts):
        monkeypatch.setattr(place, "SMALLEST", 1)
    monkeypatch.setattr(cache, "_UNSETTLED", -1.0)
    monkeypatch.setattr(RememberingEngine, "_files", lambda *_: None)  # it would ask for no copy


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text(HEAD + ROWS * 3, encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path / "kpis.yaml"


def report(book: Path, *, cache: bool = True, **asked: Any) -> dict[str, Any]:
    return kpicli.load(book, cache=cache).report(as_of="2026-11-22", **({"period": "2026-10"} | asked)).to_dict()


def kept() -> list[str]:
    return [each.source.name for each in users_copies().kept()]


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on no export can be opened."""

    def refuse(*_: object) -> None:
        raise AssertionError("an export was opened")

    def none_from_now_on() -> None:
        for name in ("open_text", "open_workbook"):
            monkeypatch.setattr(parts, name, refuse)

    return none_from_now_on


# ---- what they are for


def test_a_second_run_opens_no_export_and_gives_the_same(book: Path, unread: Callable[[], None]) -> None:
    plain = report(book, cache=False, by="owner")
    assert kept() == []
    assert report(book, by="owner") == plain
    assert kept() == ["deals.csv"]
    unread()
    assert report(book, by="owner") == plain
    assert report(book, period="2026-09") != plain


@pytest.mark.parametrize(
    "change", ["key: id\n    keep: latest by modified", "lifespan: {from: modified, until: closed_on}"]
)
def test_a_copy_knows_the_moments_by_which_the_latest_is_kept(
    book: Path, change: str, unread: Callable[[], None]
) -> None:
    book.write_text(BOOK.replace("date: closed_on\n", f"date: closed_on\n    {change}\n", 1), encoding="utf-8")
    if "keep" in change:
        (book.parent / "deals.csv").write_text(HEAD + ROWS, encoding="utf-8")
    plain = report(book, cache=False)
    assert report(book) == plain
    unread()
    assert report(book) == plain


def test_a_copy_holds_a_column_that_the_file_lacks(book: Path, unread: Callable[[], None]) -> None:
    plain = report(book, cache=False)["kpis"]
    optional = "      void: {header: Void, type: boolean, optional: true}\n    where: not void and"
    book.write_text(BOOK.replace("    where:", optional), encoding="utf-8")
    assert report(book)["kpis"] == plain
    unread()
    assert report(book)["kpis"] == plain


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_copy_of_any_text(book: Path, encoding: str, unread: Callable[[], None]) -> None:
    source = book.parent / "deals.csv"
    source.write_bytes(gzip.compress(source.read_text(encoding="utf-8").encode(encoding)))
    plain = report(book, cache=False)
    assert report(book) == plain
    unread()
    assert report(book) == plain


def sheet(book: Path, *deals: tuple[object, ...]) -> None:
    """Turns the book to a workbook with these deals."""
    book.write_text(BOOK.replace("source: deals*.csv", "source: deals.xlsx"), encoding="utf-8")
    with xlsxwriter.Workbook(str(book.parent / "deals.xlsx")) as written:
        for at, row in enumerate([HEAD.strip().split(","), *deals]):
            written.add_worksheet() if at == 0 else None
            written.worksheets()[0].write_row(at, 0, row)


def test_a_workbook_has_a_copy(book: Path, unread: Callable[[], None]) -> None:
    sheet(book, ("1", "Ada", 100.5, True, 46296, 46300), ("2", "Bo", "$1,200.00", "yes", "2026-10-31", ""))
    plain = report(book, cache=False)
    assert [kpi["value"] for kpi in plain["kpis"]] == [2, Decimal("1300.5")]
    assert report(book) == plain
    assert kept() == ["deals.xlsx"]
    unread()
    assert report(book) == plain


def test_a_workbook_whose_texts_are_odd_is_read_each_time(book: Path) -> None:
    """What is odd about them isn't in a copy."""
    sheet(book, ("1", "Ada", 1, True, 46296, ""), (12345678901234567890, "Bo", 2, True, 46296, ""))
    book.write_text(
        book.read_text(encoding="utf-8").replace("where: owner", "where: id is not null and owner"), encoding="utf-8"
    )
    plain = report(book, cache=False)
    assert [note["code"] for note in plain["data"][0]["notes"]] == ["lost-digits"]
    assert report(book) == plain == report(book)
    assert kept() == []


def test_a_copy_knows_what_was_left_aside_of_the_file(book: Path, unread: Callable[[], None]) -> None:
    """Rows of a footer, headers that stand twice; and cells with several values."""
    head = HEAD.replace("\n", ",Team,Team\n")
    rows = "".join(f"{row},,\n" for row in (ROWS.replace(",Ada,", ",Ada; Bo,") * 3).splitlines())
    (book.parent / "deals.csv").write_text(head + rows + "\nTotal,,1,,,,,\nTarnfield\n", encoding="utf-8")
    book.write_text(BOOK.replace("blank: N/A", "blank: N/A, separator: ';', id: zoho"), encoding="utf-8")
    plain, checked = report(book, cache=False), kpicli.load(book, cache=False).check_data(as_of="2026-11-22")
    notes = {note["code"]: note["rows"] for note in plain["data"][0]["notes"]}
    assert (notes["footer"], notes["several-values"]) == (2, 6)
    assert report(book) == plain
    assert kpicli.load(book).check_data(as_of="2026-11-22") == checked
    unread()
    assert report(book) == plain
    assert kpicli.load(book).check_data(as_of="2026-11-22") == checked


@pytest.mark.parametrize("change", ["footer: none", "footer: [Sum]", "header_row: 2", "csv: {encoding: cp1252}"])
def test_a_copy_is_of_a_file_as_the_book_takes_it_apart(book: Path, change: str) -> None:
    (book.parent / "deals.csv").write_text(HEAD + HEAD + ROWS * 30 + "Total,,1000,,,\n", encoding="utf-8")
    before = report(book)
    assert report(book) == before
    declared = BOOK.replace("    source: deals*.csv\n", f"    source: deals*.csv\n    {change}\n")
    book.write_text(declared, encoding="utf-8")
    plain = report(book, cache=False)
    assert report(book) == plain
    assert report(book) == plain
    assert (plain == before) is (change in {"footer: [Sum]", "csv: {encoding: cp1252}"})


def test_each_file_behind_a_pattern_has_a_copy(book: Path) -> None:
    (book.parent / "deals-2.csv").write_text(HEAD + ROWS, encoding="utf-8")
    plain = report(book, cache=False)
    assert report(book) == plain
    assert kept() == ["deals-2.csv", "deals.csv"]
    (book.parent / "deals-2.csv").write_text(HEAD + ROWS * 2, encoding="utf-8")
    plain = report(book, cache=False)
    assert report(book) == plain == report(book)


def test_a_copy_of_more_columns_serves_a_report_of_fewer(book: Path, unread: Callable[[], None]) -> None:
    plain = report(book, cache=False, kpis=["deals"])
    report(book)
    unread()
    assert report(book, kpis=["deals"]) == plain


def test_a_copy_of_more_columns_takes_the_place_of_one_of_fewer(book: Path) -> None:
    report(book, kpis=["deals"])
    report(book)
    assert len(kept()) == 1
    assert {path.suffix for path in users_copies().folder.iterdir()} == {".json", ".parquet"}


def test_small_files_and_those_that_have_just_been_written_have_none(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_UNSETTLED", 60.0)
    report(book)
    assert kept() == []
    monkeypatch.setattr(cache, "_UNSETTLED", -1.0)
    monkeypatch.setattr(parts, "SMALLEST", 1 << 20)
    report(book)
    assert kept() == []


def test_files_are_for_the_user_alone(book: Path) -> None:
    os.umask(os.umask(0o022))
    report(book)
    folder = users_copies().folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


cells = st.sampled_from(
    [
        "",
        " ",
        "x",
        "1",
        "-1.5",
        "$1,200.00",
        "$ 3",
        "1K",
        "true",
        "no",
        "2026-10-05",
        "2026-10-05T23:59:59-05:00",
        '"q, r"',
    ]
)


@given(rows=st.lists(st.tuples(*[cells] * 6), max_size=25), end=st.sampled_from(["\n", "\r\n"]))
def test_with_copies_or_without(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], end: str
) -> None:
    folder = tmp_path_factory.mktemp("world")
    text = "".join(",".join(row) + "\n" for row in rows)
    (folder / "deals.csv").write_bytes((HEAD + text).replace("\n", end).encode())
    (folder / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    found = []
    for kept in (False, True, True):
        try:
            found.append(json.dumps(report(folder / "kpis.yaml", cache=kept, by="owner"), default=str))
        except kpicli.KpiError as error:
            found.append(str(error).partition("\n")[0])
    assert found[0] == found[1] == found[2]


# ---- what may not count any more


def test_a_changed_file_is_read_again_even_where_its_times_lie(book: Path) -> None:
    source = book.parent / "deals.csv"
    before = report(book)
    times = source.stat()
    source.write_text(source.read_text(encoding="utf-8").replace("100.50", "900.50"), encoding="utf-8")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert source.stat().st_size == times.st_size
    after = report(book)
    assert after != before
    assert after == report(book, cache=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("blank: N/A", "blank: [N/A, Ada]"),
        ("timezone: America/New_York", "timezone: Asia/Tokyo"),
        ("Won, type: boolean}", "Won, type: boolean, empty: true}"),
        ("{header: Amount, type: money}", "{header: Amount, type: money, decimal: ','}"),
        ("owner: {header: Owner", "owner: {header: Id"),
        ("where: owner != 'Nobody'", "where: owner != 'Ada'"),
    ],
)
def test_another_declaration_reads_again(book: Path, old: str, new: str) -> None:
    report(book)
    assert old in BOOK
    book.write_text(BOOK.replace(old, new), encoding="utf-8")

    def found(*, cache: bool) -> object:
        try:
            return report(book, cache=cache)
        except kpicli.KpiError as error:
            return str(error)

    assert found(cache=True) == found(cache=False)


def test_a_file_that_is_no_more_has_no_figures(book: Path) -> None:
    report(book)
    (book.parent / "deals.csv").unlink()
    with pytest.raises(kpicli.KpiError, match="no file"):
        report(book)


def damage(folder: Path) -> Iterator[str]:
    """Damages what is kept, each time in another way."""
    data, label = sorted(folder.iterdir(), key=lambda path: path.suffix, reverse=True)
    whole, text = data.read_bytes(), label.read_text(encoding="utf-8")
    for at in range(0, len(whole), max(1, len(whole) // 25)):
        data.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        yield f"byte {at} flipped"
    data.write_bytes(whole[: len(whole) // 2])
    yield "data cut off"
    data.write_bytes(bytes(len(whole)))
    yield "data blank"
    data.unlink()
    yield "no data"
    data.write_bytes(whole)
    for broken in ("", "[]", "{}", text[:-9], text.replace('"rows"', '"row"'), text.replace(data.name, "../x.parquet")):
        label.write_text(broken, encoding="utf-8")
        yield f"label {broken[:20]}"
    label.write_text(text, encoding="utf-8")
    label.chmod(0o666)
    yield "a label that anybody could have written"


def test_a_damaged_copy_is_read_again(book: Path) -> None:
    plain = report(book, cache=False)
    report(book)
    folder = users_copies().folder
    aside = {path: path.read_bytes() for path in folder.iterdir()}
    for how in damage(folder):
        assert report(book) == plain, how
        for path in folder.iterdir():
            if path not in aside:
                path.unlink()
        for path, content in aside.items():
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            if "label" in how or path.suffix == ".json":
                path.write_bytes(content)


def test_a_copy_is_left_out_of_a_report_that_fails(book: Path) -> None:
    (book.parent / "deals.csv").write_text(HEAD + "1,Ada,much,true,2026-10-01,\n" * 20, encoding="utf-8")
    with pytest.raises(kpicli.KpiError, match="type: money"):
        report(book)
    assert kept() == []
    assert list(users_copies().folder.iterdir()) == []


def test_copies_of_files_that_are_gone_and_unfinished_ones_are_deleted(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(book)
    old = book.parent / "deals.csv"
    old.rename(book.parent / "deals-3.csv")
    (users_copies().folder / ".0123456789abcdef.part").write_bytes(b"unfinished")
    report(book)
    assert kept() == ["deals-3.csv"]
    assert len(list(users_copies().folder.iterdir())) == 3  # its label, its data, and the unfinished one
    monkeypatch.setattr(cache, "_ABANDONED", -1.0)
    (book.parent / "deals-3.csv").touch()
    report(book)
    assert len(list(users_copies().folder.iterdir())) == 2


# ---- where nothing can be kept


def test_where_there_is_no_folder_to_be_everything_is_read(book: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    assert report(book) == report(book, cache=False)


@pytest.mark.parametrize("refusal", [PermissionError, FileNotFoundError, OSError(errno.EROFS, "read-only file system")])
def test_a_read_only_folder(book: Path, monkeypatch: pytest.MonkeyPatch, refusal: type[OSError] | OSError) -> None:
    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(os, "open", refuse)
    assert report(book) == report(book, cache=False)
    assert kept() == []


def test_a_folder_that_others_may_write_to_is_not_trusted(book: Path) -> None:
    folder = users_copies().folder
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert report(book) == report(book, cache=False)
    assert list(folder.iterdir()) == []


COPIES_ALONE = """\
from kpicli.engine.answers import RememberingEngine
from kpicli.tables import copies, parts
copies.SMALLEST = parts.SMALLEST = 1
RememberingEngine._files = lambda *_: None
"""


def run(book: Path, die_at: int, **options: Any) -> subprocess.Popen[bytes]:
    return killed.run(book, die_at, before=COPIES_ALONE, **options)


def in_json(book: Path) -> bytes:
    process = run(book, 0)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_at_any_step(book: Path) -> None:
    expected = json.dumps(report(book, cache=False), default=float)
    for step in range(1, 100):
        process = run(book, step)
        process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        assert json.dumps(report(book), default=float) == expected, f"killed at step {step}"
        for path in users_copies().folder.iterdir():
            path.unlink()
    assert step > 5


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_at_any_moment(book: Path) -> None:
    (book.parent / "deals.csv").write_text(HEAD + ROWS * 20_000, encoding="utf-8")
    expected = report(book, cache=False)
    draw = random.Random(7)  # noqa: S311 -- any moment will do
    for _ in range(5):
        process = run(book, 0)
        time.sleep(draw.uniform(0.2, 1.5))
        process.kill()
        process.communicate()
    assert report(book) == expected == report(book)


def test_several_runs_at_once(book: Path) -> None:
    (book.parent / "deals.csv").write_text(HEAD + ROWS * 2_000, encoding="utf-8")
    expected = in_json(book)
    for _ in range(2):
        Copies.clear(users_copies())
        processes = [run(book, 0) for _ in range(4)]
        assert [process.communicate() for process in processes] == [(expected, b"")] * 4
        assert in_json(book) == expected
    assert kept() == ["deals.csv"]


def test_a_full_disk(book: Path) -> None:
    resource = pytest.importorskip("resource")
    (book.parent / "deals.csv").write_text(HEAD + ROWS * 2_000, encoding="utf-8")
    expected = in_json(book)
    folder = users_copies().folder
    for room in (0, 100, 1_000, sum(path.stat().st_size for path in folder.glob("*.parquet")) - 1):
        users_copies().clear()

        def fill(room: int = room) -> None:
            # A file that grows beyond this fails as it does on a full disk.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        process = run(book, 0, preexec_fn=fill)
        out, err = process.communicate()
        assert (process.returncode, out) == (0, expected), err
        assert list(folder.iterdir()) == []
        assert in_json(book) == expected


# ---- the command


def test_the_command_shows_and_clears(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache"]) == 0
    folder = users_copies().folder
    assert capsys.readouterr().out == f"{folder.parent}\n0 copies, 0.0 kB; 0 answers, 0.0 kB\n"
    report(book)
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert main(["cache"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{folder.parent}\n  {book.parent / 'deals.csv'}: 21 rows, ")
    assert out.endswith(f"1 copy, {size / 1e3:.1f} kB; 0 answers, 0.0 kB\n")
    assert main(["cache", "--clear"]) == 0
    assert capsys.readouterr().out.endswith(f"deleted 1 copy, {size / 1e3:.1f} kB; 0 answers, 0.0 kB\n")
    assert list(folder.iterdir()) == []


def test_no_cache_neither_reads_nor_writes(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["report", "--book", str(book), "--as-of", "2026-11-22", "--format", "json"]
    assert main([*asked, "--no-cache"]) == 0
    plain = capsys.readouterr().out
    assert not users_copies().folder.exists()
    assert main(asked) == 0
    assert kept() == ["deals.csv"]
    assert capsys.readouterr().out == plain
    assert main(["check", "--book", str(book), "--as-of", "2026-11-22", "--no-cache"]) == 0
    assert len(kept()) == 1
