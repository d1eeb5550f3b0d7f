"""A rep's message tells of that rep alone: 200 reps, each with texts and amounts that no other may hold."""

from __future__ import annotations

import re
import typing
from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.render.cards import CARDS
from tests.sending.company import AS_OF, DEALS, REPS, amount, amounts_in, canary, parsed, reps_in, told, write

import kpicli
from kpicli.asking import Request
from kpicli.book.beyond import beyond
from kpicli.book.mail import Attachment
from kpicli.cli import main
from kpicli.render import named, names
from kpicli.reporting import report
from kpicli.scorecard import Figure, Group, Scorecard
from kpicli.sending import Asked, Mailing, compose
from kpicli.sending.private import BEYOND, COMPARES, TOLD, WITHHELD, private

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
FORMATS = ", ".join(each.value for each in Attachment if each.value in names())
DAY = date.fromisoformat(AS_OF)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("company"), FORMATS)


@pytest.fixture(scope="module")
def mailing(book: Path) -> Mailing:
    return compose(kpicli.load(book).loaded, Asked(("reps",), DAY, MONDAY), cache=False)


def test_each_rep_gets_a_message_in_which_nothing_is_of_another(mailing: Mailing) -> None:
    assert mailing.stopped == ()
    assert [message.letter.recipient for message in mailing.messages] == [
        f"{canary(rep)}@example.com" for rep in range(REPS)
    ]
    everyones = {amount(rep, deal): rep for rep in range(REPS) for deal in (*range(DEALS), *range(50, 50 + DEALS), 99)}
    for rep, message in enumerate(mailing.messages):
        text = told(message.letter.content) + message.subject
        assert reps_in(text) == {rep}
        assert {everyones[found] for found in amounts_in(text) & everyones.keys()} <= {rep}
        assert f"{amount(rep, 0) + amount(rep, 2):,}" in text  # what is won in November: it is the rep's own message


def test_the_company_as_a_whole_is_told_to_nobody(mailing: Mailing) -> None:
    """Sums over all reps, counts of rows and names of files would tell of the others too."""
    whole = {
        sum(amount(rep, deal) for rep in range(REPS) for deal in deals)
        for deals in [(0,), (0, 2), (0, 1, 2), range(DEALS), range(50, 50 + DEALS), (99,)]
    }
    for message in mailing.messages:
        text = told(message.letter.content)
        assert amounts_in(text) & whole == set()
        assert re.search(rf"\b{REPS * DEALS} rows|of {REPS * DEALS}\b", text) is None
        assert not any(word in text for word in ("deals.csv", "users.csv", "of the company's target"))


def test_names_of_files_and_lines_of_the_list_tell_of_one_rep_each(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["send", "--book", str(book), "--as-of", AS_OF]) == 0
    out, err = capsys.readouterr()
    lines = [line for line in out.splitlines() if reps_in(line)]
    assert (len(lines), err) == (REPS, "")
    assert all(len(reps_in(line)) == 1 for line in lines)
    files = sorted(path.name for path in (tmp_path / "mail").iterdir())
    assert files == [f"reps-{number:03}.eml" for number in range(1, REPS + 1)]
    assert (tmp_path / "mail" / files[6]).stat().st_mode & 0o077 == 0
    assert all(
        reps_in(part.get_filename() or "") == set()
        for part in parsed((tmp_path / "mail" / files[6]).read_bytes()).walk()
    )


def test_the_figures_are_those_of_a_report_of_the_rep(book: Path, mailing: Mailing) -> None:
    """`kpi report mine --only owner=KEY`, but for what compares with others."""
    loaded = kpicli.load(book).loaded
    untold = beyond(loaded.book, loaded.formulas, "owner")
    for rep in (0, 7, 199):
        card = kpicli.load(book).report("mine", only={"owner": f"u{canary(rep)}"}, as_of=AS_OF).scorecard
        (attached,) = (
            part
            for part in parsed(mailing.messages[rep].letter.content).walk()
            if (part.get_filename() or "").endswith(".csv")
        )
        kept = tuple(
            replace(line, groups=(), company_target=None, contribution=None, contributes_to=None) for line in card.lines
        )
        mine = replace(card, by=None, lines=tuple(line for line in kept if line.id not in untold))
        rendered = named("csv").render(mine)
        content = rendered if isinstance(rendered, bytes) else rendered.encode()
        payload = attached.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert [
            line for line in payload.removeprefix(BOM_UTF8).splitlines() if line.split(b",")[0].decode() not in untold
        ] == content.splitlines()


def test_what_looks_beyond_the_reps_rows_has_no_figure_and_says_why(book: Path) -> None:
    loaded = kpicli.load(book).loaded
    untold = beyond(loaded.book, loaded.formulas, "owner")
    assert untold == {"part", "twice", "beside", "best_keeper", "aimed", "product_keeper", "best_helper", "sold"}
    key = f"u{canary(3)}"
    whole = report(loaded, Request(DAY, "mine", keys=(("owner", key),)), cache=False)
    card = private(whole, untold, ("owner", "Rep"), share=False)
    for line in card.lines:
        assert (line.figure.reason == BEYOND) is (line.id in untold)
        assert line.groups == ()
    nothing = next(line.figure for line in card.lines if line.id == "part")
    assert {name: getattr(nothing, name) for name in Figure.__struct_fields__ if getattr(nothing, name)} == {
        "reason": BEYOND,
        "status": nothing.status,
    }


def test_a_delivery_may_say_that_it_shares(book: Path) -> None:
    loaded = kpicli.load(book).loaded
    key = f"u{canary(3)}"
    whole = report(loaded, Request(DAY, "mine", keys=(("owner", key),)), cache=False)
    card = private(whole, frozenset({"part"}), ("owner", f"Rep {canary(3)}"), share=True)
    assert [line.figure for line in card.lines] == [line.figure for line in whole.lines]
    assert [line.contribution for line in card.lines] == [line.contribution for line in whole.lines]
    assert any(line.contribution is not None for line in card.lines)
    assert card.by is None
    assert {table.rows for table in card.data} == {0}


def test_namesakes_are_not_told_of_each_other(tmp_path: Path) -> None:
    book = write(tmp_path, "csv", 3)
    users = (tmp_path / "users.csv").read_text(encoding="utf-8")
    (tmp_path / "users.csv").write_text(users.replace(f"Rep {canary(1)}", f"Rep {canary(0)}"), encoding="utf-8")
    mailing = compose(kpicli.load(book).loaded, Asked(("reps",), DAY, MONDAY), cache=False)
    assert [message.subject for message in mailing.messages][:2] == [
        f"Rep {canary(0)}, your numbers for November 2026"
    ] * 2
    assert "Rep zq000zq (" not in "".join(told(message.letter.content) for message in mailing.messages)


# ---- field by field


def parts_of(kind: type[Struct]) -> Iterator[type[Struct]]:
    """The records of which a record is made, itself included."""
    yield kind
    for hint in typing.get_type_hints(kind).values():
        for inner in (
            hint,
            *typing.get_args(hint),
            *(deep for each in typing.get_args(hint) for deep in typing.get_args(each)),
        ):
            if isinstance(inner, type) and issubclass(inner, Struct):
                yield from parts_of(inner)


def test_of_every_field_of_a_scorecard_it_is_said_whether_a_member_may_be_told_it() -> None:
    unsaid = []
    for kind in set(parts_of(Scorecard)):
        if kind.__name__ in {"Group", "Note", "LeftOut", "Example"}:
            continue  # never told: the fields that hold them are withheld
        said = [*TOLD[kind], *WITHHELD.get(kind, ()), *COMPARES.get(kind, ())]
        assert len(said) == len(set(said)), f"{kind.__name__} says two things of a field"
        unsaid += [f"{kind.__name__}.{name}" for name in kind.__struct_fields__ if name not in said]
    assert unsaid == []


def test_a_part_of_which_nothing_is_said_stops_the_run() -> None:
    later: Any = (Group("k", "l", CARDS["nasty"]().lines[0].figure),)
    with pytest.raises(LookupError):
        private(replace(CARDS["nasty"](), stages=later), frozenset(), ("owner", "x"), share=False)


@pytest.mark.parametrize("card", CARDS)
def test_members_and_notes_are_told_of_no_card(card: str) -> None:
    private_card = private(CARDS[card](), frozenset(), ("owner", "x"), share=False)
    assert all(line.groups == () and line.contribution is None for line in private_card.lines)
    assert all(
        (table.files, table.rows, table.used, table.notes, table.left_out) == ((), 0, 0, (), ())
        for table in private_card.data
    )
    assert all(table.newest is not None for table in private_card.data)
