"""The outbox keeps what it was told, for one run at a time, and is never made anew in silence."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from tests.deliver.letters import letter

from kpicli.deliver.outbox import Entry, Outbox, State
from kpicli.errors import KpiError, Trouble

ENTRY = Entry(State.REFUSED, 2, "550 5.1.1 No such user", datetime(2026, 11, 23, 6, 0, tzinfo=UTC))


def opened(folder: Path, book: str = "kpis.yaml") -> Path:
    """The outbox's file, once it was opened."""
    with Outbox.open(folder / book, folder / "outbox") as outbox:
        return outbox.file


def refusal(folder: Path) -> KpiError:
    with pytest.raises(KpiError) as raised:
        opened(folder)
    return raised.value


def test_what_is_kept_is_found_by_the_next_run(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        assert outbox.find(letter()) is None
        outbox.keep(letter(), ENTRY)
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        assert outbox.find(letter()) == ENTRY
        assert outbox.find(letter("ANN@example.com")) is None  # another digest
        assert outbox.find(letter(period="2026-W48")) is None
        outbox.keep(letter(), Entry(State.SENT, 3, "250 OK", ENTRY.moment))
        assert outbox.find(letter()) == Entry(State.SENT, 3, "250 OK", ENTRY.moment)


def test_nothing_of_what_a_message_says_is_kept(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        outbox.keep(letter(text="canary"), ENTRY)
        assert b"canary" not in outbox.file.read_bytes()


def test_each_book_has_its_own_however_its_path_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path / "a")
    one = opened(tmp_path, "a/kpis.yaml")
    assert opened(tmp_path, "link/kpis.yaml") == opened(tmp_path, "a/../A/KPIS.yaml") == one
    with Outbox.open(Path("kpis.yaml"), tmp_path / "outbox") as outbox:
        assert outbox.file == one
    assert opened(tmp_path, "b/kpis.yaml") != one


def test_it_is_in_the_users_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Outbox.open(tmp_path / "kpis.yaml") as outbox:
        assert outbox.file.is_relative_to(tmp_path)
        assert "outbox" in outbox.file.parts


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
            outbox.keep(letter(), ENTRY)
            found = [tmp_path / "outbox", *(tmp_path / "outbox").rglob("*")]
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}
    finally:
        os.umask(before)
    assert {mode for name, mode in modes.items() if "." in name} == {0o600}
    assert {mode for name, mode in modes.items() if "." not in name} == {0o700}


def test_what_was_opened_to_others_is_closed(tmp_path: Path) -> None:
    file = opened(tmp_path)
    for path, mode in ((file, 0o666), (file.parent, 0o777), (tmp_path / "outbox", 0o777)):
        path.chmod(mode)
    opened(tmp_path)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_an_outbox_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert str(refusal(tmp_path)) == (
        f"error[outbox]: the outbox '{tmp_path / 'outbox'}' belongs to somebody else\n"
        "help: run kpi as the user who sends"
    )


def test_an_outbox_that_leads_elsewhere_is_not_used(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert refusal(tmp_path).message == f"the outbox '{file}' belongs to somebody else"


def test_a_second_run_ends_at_once(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        error = refusal(tmp_path)
        assert error.trouble is Trouble.LOCKED
        assert str(error) == (
            f"error[locked]: another run is sending from this book (it holds '{outbox.file}')\n"
            "help: nothing was sent by this one; wait until the other has ended, and run it again"
        )
        outbox.keep(letter(), ENTRY)
        assert refusal(tmp_path).trouble is Trouble.LOCKED
        opened(tmp_path, "other.yaml")
    opened(tmp_path)


# ------------------------------------------------------------------------------------------------------- what is broken

BROKEN = "is broken: what was sent before can't be known"


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\1" * 4000])
def test_a_file_that_is_no_outbox_is_an_error_and_stays(tmp_path: Path, content: bytes) -> None:
    file = opened(tmp_path)
    file.write_bytes(content)
    error = refusal(tmp_path)
    assert (error.message, error.trouble) == (f"the outbox '{file}' {BROKEN}", Trouble.DELIVERY)
    assert error.help == "put back a copy of it, or move it away: without it, all messages are sent again"
    assert file.read_bytes() == content


def test_a_page_that_went_bad_is_an_error(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        for week in range(200):
            outbox.keep(letter(period=f"w{week}"), ENTRY)
        file = outbox.file
    content = bytearray(file.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    content[-size : -size + 200] = b"\xff" * 200
    file.write_bytes(content)
    assert BROKEN in refusal(tmp_path).message
    file.write_bytes(content[: -2 * size])  # cut off
    assert BROKEN in refusal(tmp_path).message


def test_another_database_is_no_outbox(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.unlink()
    other = sqlite3.connect(file)
    other.execute("create table letters (delivery)")
    other.close()
    assert BROKEN in refusal(tmp_path).message


def test_an_outbox_of_a_later_version_is_an_error(tmp_path: Path) -> None:
    file = opened(tmp_path)
    later = sqlite3.connect(file)
    later.execute("pragma user_version = 2")
    later.close()
    assert str(refusal(tmp_path)) == (
        f"error[outbox]: the outbox '{file}' was written by a later version of kpicli\n"
        "help: update kpicli, or send from where it is up to date"
    )


def test_without_its_file_it_is_new_but_not_beside_what_is_left_of_one(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.unlink()
    opened(tmp_path)
    rmtree(file.parent)
    opened(tmp_path)
    file.unlink()
    file.with_name(file.name + "-journal").write_bytes(b"what a run that was killed left")
    assert "can't be written: Directory not empty" in refusal(tmp_path).message


def test_what_a_killed_run_began_is_taken_back_and_no_more(tmp_path: Path) -> None:
    """A journal beside the file, as it stands when the power fails in the middle of a change."""
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        outbox.keep(letter(), ENTRY)
        outbox._connection.execute("begin")
        outbox._connection.execute("pragma cache_size = 1")
        for week in range(500):  # more than stays in memory
            outbox.keep(letter(period=f"w{week}"), ENTRY)
        copytree(tmp_path / "outbox", tmp_path / "killed")
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "killed") as outbox:
        assert outbox.find(letter()) == ENTRY
        assert outbox.find(letter(period="w7")) is None


def test_a_folder_that_can_not_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    error = refusal(tmp_path)
    assert str(error) == (
        f"error[outbox]: the outbox '{tmp_path / 'outbox'}' can't be written: File exists\n"
        "help: nothing is sent that couldn't be remembered; see to its folder's permissions and the room on the disk"
    )


def test_a_full_disk_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    opened(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(KpiError) as new:
            opened(tmp_path, "other.yaml")
        with pytest.raises(KpiError) as old:
            opened(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    for raised in (old, new):
        assert "can't be written: " in raised.value.message
    opened(tmp_path)
