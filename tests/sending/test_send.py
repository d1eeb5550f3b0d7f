"""`kpi send` from the command line: what it writes, what it refuses, and what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.cli.opened import shown
from tests.deliver.mailbox import Deed, Mailbox, serving
from tests.sending.company import parsed
from tests.sending.test_recipients import BOOK, desk

from kpicli.book.mail import Mail, PasswordSpec
from kpicli.deliver.credentials import Command, File, Variable
from kpicli.deliver.server import Security
from kpicli.sending.server import server_of

REPS = ("u1,Ann,ann@example.com,East,true", "u2,Bob,bob@example.com,West,true")
BOTH = (
    BOOK
    + "  heads: {scorecard: mine, to: [vp@example.com, cfo@example.com], by: owner, subject: All of it, attach: csv}\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_without_yes_the_messages_are_written_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS, book=BOTH)
    code, out, err = shown(["send", "--as-of", "2026-11-22"], capsys)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert [line[:1] + line[3:] for line in lines if len(line) > 3 and line[0].startswith("mail")] == [
        ["mail/reps-001.eml", "ann@example.com", "mine,", "November", "2026"],
        ["mail/reps-002.eml", "bob@example.com", "mine,", "November", "2026"],
        ["mail/heads-001.eml", "vp@example.com", "All", "of", "it"],
        ["mail/heads-002.eml", "cfo@example.com", "All", "of", "it"],
    ]
    assert out.endswith("nothing is sent; to send: kpi send --as-of 2026-11-22 --yes\n")
    assert {path.name for path in Path("mail").iterdir()} == {
        "reps-001.eml",
        "reps-002.eml",
        "heads-001.eml",
        "heads-002.eml",
    }
    assert Path("mail").stat().st_mode & 0o077 == 0
    heads = parsed(Path("mail/heads-001.eml").read_bytes())
    assert [each.get_filename() for each in heads.iter_attachments()] == ["mine-2026-11.csv"]


def test_deliveries_that_are_called_alike_in_plain_letters_keep_their_messages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alike = "".join(f"  {name}: {{scorecard: mine, to: {at}@example.com}}\n" for at, name in enumerate(ALIKE))
    desk(Path(), *REPS, book=BOOK + alike)
    assert shown(["send", "--as-of", "2026-11-22"], capsys)[0] == 0
    files = {parsed(path.read_bytes())["To"]: path.name for path in Path("mail").iterdir()}
    assert files == {
        "ann@example.com": "reps-001.eml",
        "bob@example.com": "reps-002.eml",
        "0@example.com": "-st-001.eml",
        "1@example.com": "-st-002.eml",
        "2@example.com": "Reps-003.eml",
    }


ALIKE = ("öst", "øst", "Reps")


def test_nothing_is_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS)
    Path("mail").mkdir()
    Path("mail/reps-001.eml").write_text("mine", encoding="utf-8")
    assert shown(["send", "--as-of", "2026-11-22"], capsys)[0] == 0
    assert Path("mail/reps-001.eml").read_text(encoding="utf-8") == "mine"
    assert parsed(Path("mail-2/reps-001.eml").read_bytes())["To"] == "ann@example.com"
    code, out, err = shown(["send", "--output", "mail"], capsys)
    assert (code, out) == (2, "")
    assert (
        err
        == """\
error[usage]: --output 'mail' isn't an empty folder
help: name a new one: nothing is written over
"""
    )


def test_options_are_in_the_command_that_sends(capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS)
    given = ["--book", "kpis.yaml", "--as-of", "2026-11-22", "--period", "last month", "--to", "bob@example.com"]
    code, out, _ = shown(["send", "reps", *given, "--output", "new/folder"], capsys)
    assert code == 0
    assert "  new/folder/reps-001.eml" in out
    assert "mine, October 2026" in out
    assert out.endswith(
        "kpi send reps --book kpis.yaml --as-of 2026-11-22 --period 'last month' --to bob@example.com --yes\n"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["send", "rep"], "error[unknown-delivery]: there is no delivery 'rep'\nhelp: did you mean 'reps'?\n"),
        (["send", "zzz"], "error[unknown-delivery]: there is no delivery 'zzz'\nhelp: known: reps\n"),
        (
            ["send", "--to", "eve@example.com"],
            (
                "error[usage]: no message goes to 'eve@example.com'\n"
                "help: without --to you see to whom messages go; the book's `deliveries` say it\n"
            ),
        ),
        (
            ["send", "--again", "all"],
            "error[usage]: --again is about what was sent, and without --yes nothing is\nhelp: add --yes",
        ),
        (
            ["send", "--yes", "--output", "x"],
            "error[usage]: --output says where messages are written, and with --yes they are sent\nhelp: leave",
        ),
        (
            ["send", "--yes", "--again", "sent"],
            "error[usage]: --again doesn't know 'sent'\nhelp: known: all, uncertain, waiting\n",
        ),
        (["send", "--to", ""], "error[usage]: the value of --to is empty"),
    ],
)
def test_what_is_refused(arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS)
    code, out, err = shown(arguments, capsys)
    assert (code, out) == (2, "")
    assert err.startswith(error)
    assert not Path("mail").exists()


def test_of_many_deliveries_some_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f"  d{at:02}: {{scorecard: mine, to: vp@example.com}}\n" for at in range(14))
    desk(Path(), *REPS, book=BOOK + many)
    code, _, err = shown(["send", "zzz"], capsys)
    names = ", ".join(f"d{at:02}" for at in range(12))
    assert (code, err) == (
        2,
        f"error[unknown-delivery]: there is no delivery 'zzz'\nhelp: known: {names} and 3 more\n",
    )


def test_a_book_without_deliveries_or_mail_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS, book=BOOK[: BOOK.index("\nmail:") + 1])
    code, _, err = shown(["send"], capsys)
    assert (code, err.splitlines()[0]) == (
        2,
        "error[no-delivery]: the book has no `deliveries`, which say what goes to whom",
    )
    without = BOOK.replace("mail: {server: localhost, security: none, from: KPIs <kpi@example.com>}\n", "")
    desk(Path(), *REPS, book=without.replace("to: {each", "from: kpi@example.com, to: {each"))
    assert shown(["send", "--as-of", "2026-11-22"], capsys)[0] == 0
    code, out, err = shown(["send", "--yes"], capsys)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "error[no-mail]: the book has no `mail`, which says how mail leaves"


def test_an_error_of_the_data_sends_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    desk(Path(), *REPS)
    Path("deals.csv").unlink()
    code, out, _ = shown(["send"], capsys)
    assert (code, out, Path("mail").exists()) == (1, "", False)


# ---- with --yes


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox(lambda address, _: Deed.NO_RECIPIENT if address.startswith("bob") else Deed.TAKE)
    with serving(box) as port:
        yield box, port


def test_with_yes_messages_are_sent_once(mailbox: tuple[Mailbox, int], capsys: pytest.CaptureFixture[str]) -> None:
    box, port = mailbox
    desk(Path(), *REPS, "u3,Cyd,,East,true", book=BOTH.replace("security: none", f"security: none, port: {port}"))
    code, out, err = shown(["send", "--as-of", "2026-11-22", "--yes"], capsys)
    assert code == 1
    assert sorted(box.recipients()) == ["ann@example.com", "cfo@example.com", "vp@example.com"]
    assert "sent  reps  ann@example.com  mine, November 2026\n" in out
    assert "refused  reps  bob@example.com: 550 5.1.1 No such user  mine, November 2026\n" in out
    assert out.endswith("no message\n  reps · Cyd: users.email is empty\n3 of 4 sent, 1 refused\n")
    assert err.startswith(
        "refused: mend the address, or ask who runs the server; the next run tries again\n"
        "error[no-address]: 1 of 5 messages can't be made\n"
    )
    box.deed = lambda _address, _time: Deed.TAKE
    code, out, _ = shown(["send", "heads", "--as-of", "2026-11-22", "--yes"], capsys)
    assert (code, out.splitlines()[-1]) == (0, "2 of 2 sent")
    assert "sent before  heads  vp@example.com" in out
    assert box.count("vp@example.com") == 1
    code, _, _ = shown(["send", "heads", "--as-of", "2026-11-22", "--yes", "--again", "all"], capsys)
    assert (code, box.count("vp@example.com")) == (0, 2)
    first, again = (content for address, content in box.stored if address == "vp@example.com")
    assert parsed(first)["Message-ID"] == parsed(again)["Message-ID"]
    assert not Path("mail").exists()


def test_what_may_have_been_sent_says_what_to_do(
    mailbox: tuple[Mailbox, int], capsys: pytest.CaptureFixture[str]
) -> None:
    box, port = mailbox
    box.deed = lambda _address, _time: Deed.DROP_STORED
    desk(Path(), REPS[0], book=BOOK.replace("security: none", f"security: none, port: {port}"))
    for _ in range(2):
        code, out, err = shown(["send", "--as-of", "2026-11-22", "--yes"], capsys)
        assert (code, out.splitlines()[-1]) == (1, "0 of 1 sent, 1 uncertain")
        assert err == (
            "uncertain: it may have arrived: ask, and if it hasn't, send it with --again uncertain,"
            " and --to for one alone\n"
        )
    assert box.count("ann@example.com") == 1


def test_a_new_day_is_another_message(mailbox: tuple[Mailbox, int], capsys: pytest.CaptureFixture[str]) -> None:
    box, port = mailbox
    desk(Path(), REPS[0], book=BOOK.replace("security: none", f"security: none, port: {port}"))
    for day in (22, 22, 23):
        shown(["send", "--as-of", date(2026, 11, day).isoformat(), "--yes"], capsys)
    assert box.count("ann@example.com") == 2


def test_the_server_of_a_book(tmp_path: Path) -> None:
    file = Mail(server="mail.example.com", user="u", password=PasswordSpec(file="secret"), ca="ours.pem")
    server = server_of(file, tmp_path)
    assert (server.host, server.port, server.security) == ("mail.example.com", 465, Security.TLS)
    assert (server.ca, server.user, server.password) == (tmp_path / "ours.pem", "u", File(tmp_path / "secret"))
    home = Mail(server="localhost", user="u", password=PasswordSpec(file="~/secret"))
    assert server_of(home, tmp_path).password == File(Path("~/secret"))
    command = Mail(server="localhost", user="u", password=PasswordSpec(command=("pass", "show")))
    assert server_of(command, tmp_path).password == Command(("pass", "show"))
    variable = Mail(server="localhost", user="u", password=PasswordSpec(variable="SECRET"))
    assert server_of(variable, tmp_path).password == Variable("SECRET")
    assert server_of(Mail(server="localhost"), tmp_path).password is None
