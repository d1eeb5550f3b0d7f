"""Who gets a message, who gets none, and what is said of whom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

import kpicli
from kpicli.book.addresses import Address, read_address, why_no_address
from kpicli.cli import main
from kpicli.errors import KpiError
from kpicli.sending import Asked, Mailing, compose

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
BOOK = """\
version: 1
name: Desk
tables:
  users:
    source: users.csv
    key: id
    columns: {id: id, name: name, email: email, team: team, active: {header: active, type: boolean}}
  deals:
    source: deals.csv
    date: closed
    columns: {owner: owner, closed: {header: closed, type: date}}
    lookups: {rep: {table: users, column: owner}}
dimensions:
  owner: {field: {deals: owner, users: id}, members: users, where: active, label: name}
  team: {field: {deals: rep.team, users: team}}
goals: {g: }
kpis: {won: {role: lagging, goal: g, formula: count(deals)}}
scorecards: {mine: {kpis: won}}
mail: {server: localhost, security: none, from: KPIs <kpi@example.com>}
deliveries:
  reps: {scorecard: mine, to: {each: owner, address: users.email}}
"""


def desk(folder: Path, *users: str, book: str = BOOK) -> Path:
    """A book over users, each `id,name,email` with team and whether active, and two deals of u1."""
    (folder / "users.csv").write_text(
        "id,name,email,team,active\n" + "".join(f"{user}\n" for user in users), encoding="utf-8"
    )
    (folder / "deals.csv").write_text("owner,closed\nu1,2026-11-03\nu1,2026-11-04\nu2,2026-11-05\n", encoding="utf-8")
    (folder / "kpis.yaml").write_text(book, encoding="utf-8")
    return folder / "kpis.yaml"


def mailed(book: Path, **others: str) -> Mailing:
    return compose(kpicli.load(book).loaded, Asked(("reps",), DAY, MONDAY, **others), cache=False)


def test_a_member_without_one_good_address_gets_no_message_and_the_others_get_theirs(tmp_path: Path) -> None:
    book = desk(
        tmp_path,
        "u1,Ann,ann@example.com,East,true",
        "u2,Bob,,East,true",
        "u3,Cyd,cyd at example.com,East,true",
        'u4,Dan,"dan@example.com; dan@example.org",East,true',
        "u5,Eve,shared@example.com,East,true",
        "u6,Fay,Shared@example.com,West,true",
        '"u7","Gil\nBcc: all@example.com",gil@example.com,West,true',
        "u8,Hal,hal@exämple.com,West,true",
        "u9,Ida,ida@example.com,West,false",
    )
    mailing = mailed(book)
    assert [message.letter.recipient for message in mailing.messages] == ["ann@example.com"]
    assert [(each.member, each.reason) for each in mailing.stopped] == [
        ("Bob", "users.email is empty"),
        ("Cyd", "users.email has no `@`"),
        ("Dan", "users.email holds more than one address, or blanks"),
        ("Eve", "users.email is another member's address too"),
        ("Fay", "users.email is another member's address too"),
        ("Gil\nBcc: all@example.com", "the name holds a line break or another control character"),
        ("Hal", "users.email has letters other than a to z, which not every mail server takes"),
    ]


def test_only_leaves_the_members_that_it_leaves_of_a_report(tmp_path: Path) -> None:
    users = ("u1,Ann,ann@example.com,East,true", "u2,Bob,bob@example.com,West,true", "u3,Cyd,cyd@example.com,West,true")
    west = BOOK.replace("address: users.email}}", "address: users.email}, only: {team: West}}")
    one = BOOK.replace("address: users.email}}", "address: users.email}, only: {owner: [Bob, u1]}}")
    recipients = [message.letter.recipient for message in mailed(desk(tmp_path, *users, book=west)).messages]
    assert recipients == ["bob@example.com", "cyd@example.com"]
    recipients = [message.letter.recipient for message in mailed(desk(tmp_path, *users, book=one)).messages]
    assert recipients == ["ann@example.com", "bob@example.com"]


def test_an_address_of_a_member_whom_only_leaves_out_is_ambiguous_too(tmp_path: Path) -> None:
    """Else a slip in one cell sends a rep's numbers to somebody of another team."""
    only = BOOK.replace("address: users.email}", "address: users.email}, only: {team: East}")
    users = ("u1,Ann,sam@example.com,East,true", "u2,Bob,bob@example.com,East,true", "u3,Sam,Sam@example.com,West,true")
    mailing = mailed(desk(tmp_path, *users, book=only))
    assert [message.letter.recipient for message in mailing.messages] == ["bob@example.com"]
    assert [(each.member, each.reason) for each in mailing.stopped] == [
        ("Ann", "users.email is another member's address too")
    ]


def test_a_member_is_known_by_the_key_even_where_another_is_called_so(tmp_path: Path) -> None:
    """The label of the second is the key of the first."""
    book = desk(tmp_path, "u1,Ann,ann@example.com,East,true", "u2,u1,bob@example.com,East,true")
    texts = {message.letter.recipient: message.letter.content.decode() for message in mailed(book).messages}
    assert "won: 2" in texts["ann@example.com"]
    assert "won: 1" in texts["bob@example.com"]


def test_a_delivery_to_nobody_is_an_error(tmp_path: Path) -> None:
    """An export that came empty would else look like all is well."""
    with pytest.raises(KpiError) as caught:
        mailed(desk(tmp_path, "u1,Ann,ann@example.com,East,false"))
    assert (
        str(caught.value)
        == """\
error[no-recipient]: 'reps' goes to each owner, and there is none
help: look at users and at what the book says under dimensions.owner"""
    )


def test_one_address_alone(tmp_path: Path) -> None:
    book = desk(tmp_path, "u1,Ann,ann@example.com,East,true", "u2,Bob,,East,true")
    mailing = mailed(book, recipient="ANN@example.com")
    assert ([message.letter.recipient for message in mailing.messages], mailing.stopped) == (["ann@example.com"], ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ann@example.com", None),
        ("ann.b+c@mail.example.co", None),
        ("root@localhost", None),
        ("", "has no `@`"),
        ("ann", "has no `@`"),
        ("ann@", "has no domain such as example.com behind its `@`"),
        ("ann@example", "has no domain such as example.com behind its `@`"),
        ("ann@-example.com", "has no domain such as example.com behind its `@`"),
        ("ann@example..com", "has no domain such as example.com behind its `@`"),
        ("@example.com", "has something before its `@` that no address has"),
        (".ann@example.com", "has something before its `@` that no address has"),
        ('"a"@example.com', "has something before its `@` that no address has"),
        ("<ann@example.com>", "has something before its `@` that no address has"),
        ("ann@example.com\nBcc: x", "holds more than one address, or blanks"),
        ("a@b.com,c@d.com", "holds more than one address, or blanks"),
        ("jürgen@example.com", "has letters other than a to z, which not every mail server takes"),
        ("x" * 65 + "@example.com", "is longer than an address may be"),
    ],
)
def test_what_is_an_address(text: str, reason: str | None) -> None:
    assert why_no_address(text) == reason


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("kpi@example.com", Address("", "kpi@example.com")),
        ("Sales KPIs <kpi@example.com>", Address("Sales KPIs", "kpi@example.com")),
        ('"Sales, KPIs" <kpi@example.com>', Address("Sales, KPIs", "kpi@example.com")),
        ("<kpi@example.com>", Address("", "kpi@example.com")),
        ("Umsätze <kpi@example.com>", Address("Umsätze", "kpi@example.com")),
    ],
)
def test_a_sender_may_have_a_name(text: str, read: Address) -> None:
    assert read_address(text) == read
    assert read_address(read) is read


def test_a_sender_has_a_name_that_a_line_can_hold() -> None:
    with pytest.raises(PydanticCustomError, match="has a name of more than 200 characters"):
        read_address(f"{'x' * 201} <kpi@example.com>")


def test_messages_that_cannot_be_made_are_told_and_end_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk(tmp_path, "u1,Ann,ann@example.com,East,true", "u2,\u202eBob,,East,true")
    monkeypatch.chdir(tmp_path)
    assert main(["send", "--as-of", "2026-11-22"]) == 1
    out, err = capsys.readouterr()
    assert (
        out
        == """\
reps
  mail/reps-001.eml    5 kB  ann@example.com  mine, November 2026

no message
  reps · \\u202eBob: users.email is empty

nothing is sent; to send: kpi send --as-of 2026-11-22 --yes
"""
    )
    assert (
        err
        == """\
error[no-address]: 1 of 2 messages can't be made
help: mend what is said of each above, in the export or where it comes from; the others are not concerned
"""
    )


@pytest.mark.parametrize("scorecard", ["{kpis: won, period: all}", "{kpis: won}"])
def test_a_period_that_begins_with_anybody_is_told_to_nobody(tmp_path: Path, scorecard: str) -> None:
    """The first day of `all` is that of somebody's first row."""
    book = BOOK.replace("mine: {kpis: won}", f"mine: {scorecard}")
    asked = {} if "all" in scorecard else {"period": "all"}
    with pytest.raises(KpiError, match="whose ever it is"):
        mailed(desk(tmp_path, "u1,Ann,ann@example.com,East,true", book=book), **asked)
    shared = book.replace("address: users.email}}", "address: users.email}, share: true}")
    assert len(mailed(desk(tmp_path, "u1,Ann,ann@example.com,East,true", book=shared), **asked).messages) == 1
