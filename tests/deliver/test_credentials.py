"""Where the password may be, and that nothing shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.deliver.mailbox import SECRET

from kpicli.deliver.credentials import Command, File, Password, Variable
from kpicli.errors import KpiError, Trouble


def refusal(password: Password) -> KpiError:
    with pytest.raises(KpiError) as raised:
        password.read()
    assert raised.value.trouble is Trouble.DELIVERY
    assert SECRET not in f"{raised.value}{raised.value.__cause__!r}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def program(code: str, patience: float = 30.0) -> Command:
    return Command((sys.executable, "-c", code), patience)


def printing(content: bytes) -> Command:
    return program(f"import sys; sys.stdout.buffer.write({content!r})")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_bytes(SECRET.encode() + b"\r\nand a note\n")
    path.chmod(0o600)
    return path


CONTENTS = [
    (SECRET.encode(), SECRET),
    (SECRET.encode() + b"\n", SECRET),
    (SECRET.encode() + b"\r\nuser: kpi\n", SECRET),
    (b"\xef\xbb\xbf" + SECRET.encode(), SECRET),
    (b"  two words  \n", "  two words  "),
]
NONE = [
    (b"", "has no password in its first line"),
    (b"\nsecret\n", "has no password in its first line"),
    (b"\xff\xfe\n", "isn't UTF-8"),
    (b"a\0b\n", "holds control characters, which no password has"),
    (b"a\x1b[31m\n", "holds control characters, which no password has"),
]


@pytest.mark.parametrize(("content", "secret"), CONTENTS)
def test_the_first_line_is_the_password(file: Path, content: bytes, secret: str) -> None:
    file.write_bytes(content)
    assert File(file).read() == printing(content).read() == secret


@pytest.mark.parametrize(("content", "reason"), NONE)
def test_a_first_line_that_is_no_password(file: Path, content: bytes, reason: str) -> None:
    file.write_bytes(content)
    assert refusal(File(file)).message == f"the file '{file}' {reason}"
    assert refusal(printing(content)).message == f"what '{sys.executable}' prints {reason}"


# -------------------------------------------------------------------------------------------------------------- command


def test_no_shell_sees_the_arguments() -> None:
    words = ("$HOME", "a b", "; rm x", '"', "*")
    assert Command((sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)).read() == str(list(words))


def test_a_program_is_told_where_home_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "secret"
    script.write_text(f"#!/bin/sh\necho '{SECRET}'\n")
    script.chmod(0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Command(("~/secret",)).read() == SECRET


def test_a_program_that_fails_is_told_without_what_it_says(capfd: pytest.CaptureFixture[str]) -> None:
    error = refusal(program(f"import sys; print('{SECRET}'); print('{SECRET}', file=sys.stderr); sys.exit(3)"))
    assert str(error) == (
        f"error[password]: the password's program '{sys.executable}' ends with exit code 3\n"
        f"help: run '{sys.executable}' yourself, with its arguments, and see that it prints the password"
    )
    assert capfd.readouterr() == ("", "")


def test_a_program_that_takes_too_long_is_ended() -> None:
    error = refusal(program(f"import time; print('{SECRET}', flush=True); time.sleep(60)", 0.5))
    assert error.message == f"the password's program '{sys.executable}' takes more than 0.5 seconds"


@pytest.mark.parametrize(
    ("name", "reason"), [("no-such-program", "No such file or directory"), ("a\0b", "its name or arguments hold NUL")]
)
def test_a_program_that_is_not_there(name: str, reason: str) -> None:
    assert refusal(Command((name,))).message == f"the password's program '{name}' can't be run: {reason}"


def test_a_command_line_in_one_text_is_told_to_be_a_list() -> None:
    error = refusal(Command((f"echo {SECRET}",)))
    assert error.message == "the password's program 'echo …' can't be run: No such file or directory"
    assert error.help == "write a program and its arguments as a list: [pass, show, smtp]"


def test_a_program_does_not_wait_for_what_nobody_types() -> None:
    assert program(f"import sys; print(sys.stdin.read() + '{SECRET}')").read() == SECRET


# ----------------------------------------------------------------------------------------------------------------- file


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_that_others_can_open_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert str(refusal(File(file))) == (
        f"error[password]: the password's file '{file}' is open to others (mode {mode:04o})\n"
        f"help: keep it from them: chmod 600 '{file}'"
    )


def test_a_file_may_be_stricter(file: Path) -> None:
    file.chmod(0o400)
    assert File(file).read() == SECRET


def test_a_file_of_somebody_else_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert refusal(File(file)).message == f"the password's file '{file}' belongs to somebody else"


def test_it_counts_where_a_link_leads(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert File(link).read() == SECRET
    file.chmod(0o644)
    assert "is open to others" in refusal(File(link)).message


def test_home_is_known_in_a_files_name(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(file.parent))
    assert File(Path("~/password")).read() == SECRET


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert refusal(File(tmp_path / "pipe")).message == f"the password's file '{tmp_path / 'pipe'}' is no file"
    assert refusal(File(tmp_path)).message == f"the password's file '{tmp_path}' is no file"
    gone = tmp_path / "gone"
    assert refusal(File(gone)).message == f"the password's file '{gone}' can't be read: No such file or directory"
    assert "can't be read" in refusal(File(tmp_path / "round")).message
    assert "can't be read" in refusal(File(Path("a\0b"))).message


# ------------------------------------------------------------------------------------------------------------- variable


def test_a_variable_holds_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_SECRET", SECRET)
    assert Variable("KPI_SECRET").read() == SECRET


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the password's variable KPI_SECRET isn't set"),
        ("a\nb", "the variable KPI_SECRET holds control characters, which no password has"),
        ("a\udcffb", "the variable KPI_SECRET isn't UTF-8"),
    ],
)
def test_a_variable_without_a_password(monkeypatch: pytest.MonkeyPatch, content: str, reason: str) -> None:
    monkeypatch.setenv("KPI_SECRET", content)
    assert refusal(Variable("KPI_SECRET")).message == reason
    monkeypatch.delenv("KPI_SECRET")
    assert refusal(Variable("KPI_SECRET")).message == "the password's variable KPI_SECRET isn't set"


def test_what_names_a_password_never_shows_one(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("KPI_SECRET", SECRET)
    for password in (Variable("KPI_SECRET"), File(file), Command(("echo", SECRET))):
        assert password.read() == SECRET
        assert SECRET not in repr(password)
