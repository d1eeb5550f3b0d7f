"""What becomes of messages, by what the server does with them."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.deliver.letters import letter, letters
from tests.deliver.mailbox import HASTY, Deed, Mailbox, local, serving

from kpicli.deliver.outbox import Outbox, State
from kpicli.deliver.post import Again, Outcome, Summary, post
from kpicli.deliver.server import Limits
from kpicli.errors import KpiError, Trouble


class Desk:
    """An outbox, a mailbox and a server between them."""

    def __init__(self, folder: Path, mailbox: Mailbox, port: int) -> None:
        self.folder = folder
        self.mailbox = mailbox
        self.port = port
        self.told: list[Outcome] = []
        self.pauses: list[tuple[float, int]] = []

    def post(self, *names: str, again: Again = Again.NOTHING, limits: Limits = HASTY, period: str = "w") -> Summary:
        self.told.clear()
        self.pauses.clear()
        with Outbox.open(self.folder / "kpis.yaml", self.folder / "outbox") as outbox:
            return post(
                letters(*names, period=period),
                local(self.port),
                outbox,
                again,
                self.told.append,
                pause=lambda seconds, count: self.pauses.append((seconds, count)),
                limits=limits,
            )

    def states(self, *names: str, period: str = "w") -> list[str | None]:
        with Outbox.open(self.folder / "kpis.yaml", self.folder / "outbox") as outbox:
            found = [outbox.find(each) for each in letters(*names, period=period)]
        return [None if each is None else each.state.value for each in found]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        yield Desk(tmp_path, mailbox, port)


def test_each_letter_arrives_once_and_as_it_is(desk: Desk) -> None:
    summary = desk.post("ann", "bob", "cid")
    assert str(summary) == "3 of 3 sent"
    assert summary.all_sent()
    assert desk.mailbox.stored == [(each.recipient, each.content) for each in letters("ann", "bob", "cid", period="w")]
    assert [each.answer for each in desk.told] == ["250 2.0.0 Queued"] * 3
    assert desk.mailbox.connections == 1


def test_a_second_run_sends_nothing_and_does_not_even_connect(desk: Desk) -> None:
    desk.post("ann", "bob")
    summary = desk.post("ann", "bob")
    assert (str(summary), summary.all_sent()) == ("2 of 2 sent", True)
    assert [(each.tried, each.state) for each in desk.told] == [(False, State.SENT)] * 2
    assert (len(desk.mailbox.stored), desk.mailbox.connections) == (2, 1)


def test_another_period_is_another_message(desk: Desk) -> None:
    desk.post("ann", period="w1")
    desk.post("ann", period="w2")
    assert desk.mailbox.count("ann@example.com") == 2


def test_equal_messages_go_out_once(desk: Desk) -> None:
    assert str(desk.post("ann", "ann", "Ann")) == "2 of 2 sent"  # the digest of the third is another one
    assert desk.mailbox.recipients() == ["ann@example.com", "Ann@example.com"]


def test_nothing_to_send_needs_no_server(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        assert str(post([], local(1), outbox)) == "0 of 0 sent"


@pytest.mark.parametrize(
    ("deed", "state", "answer"),
    [
        (Deed.NO_RECIPIENT, State.REFUSED, "550 5.1.1 No such user"),
        (Deed.NO_MESSAGE, State.REFUSED, "554 5.6.0 Spam"),
        (Deed.LATER_RECIPIENT, State.WAITING, "450 4.2.0 Greylisted"),
        (Deed.LATER_MESSAGE, State.WAITING, "452 4.3.1 Full"),
        (Deed.CLOSE_RECIPIENT, State.WAITING, "421 4.3.2 Closing"),
        (Deed.DROP_RECIPIENT, State.WAITING, "the connection was closed"),
        (Deed.DROP_MESSAGE, State.UNCERTAIN, "the connection was closed"),
        (Deed.DROP_STORED, State.UNCERTAIN, "the connection was closed"),
        (Deed.NONSENSE_STORED, State.UNCERTAIN, "something that is no answer"),
    ],
)
def test_one_bad_letter_does_not_stop_the_others(desk: Desk, deed: Deed, state: State, answer: str) -> None:
    desk.mailbox.deed = lambda address, _: deed if address.startswith("bob") else Deed.TAKE
    summary = desk.post("ann", "bob", "cid", "dan")
    assert str(summary) == f"3 of 4 sent, 1 {state.value}"
    assert not summary.all_sent()
    assert (summary.outcomes[1].state, summary.outcomes[1].answer) == (state, answer)
    assert desk.states("ann", "bob", "cid", "dan") == ["sent", state.value, "sent", "sent"]
    assert [name for name in desk.mailbox.recipients() if not name.startswith("bob")] == [
        "ann@example.com",
        "cid@example.com",
        "dan@example.com",
    ]


def test_what_is_put_off_is_tried_three_times_a_run_and_five_in_all(desk: Desk) -> None:
    desk.mailbox.deed = lambda *_: Deed.LATER_RECIPIENT
    limits = Limits(answer=20, verdict=20, pauses=(2.0, 7.0))
    assert str(desk.post("ann", limits=limits)) == "0 of 1 sent, 1 waiting"
    assert (desk.mailbox.asked["ann@example.com"], desk.pauses) == (3, [(2.0, 1), (7.0, 1)])
    assert [each.answer for each in desk.told] == ["450 4.2.0 Greylisted"]
    desk.post("ann", limits=limits)
    assert (desk.mailbox.asked["ann@example.com"], desk.pauses) == (5, [(2.0, 1)])
    assert [each.answer for each in desk.told] == ["given up after 5 tries: 450 4.2.0 Greylisted"]
    desk.post("ann", limits=limits)
    assert (desk.mailbox.asked["ann@example.com"], desk.told[0].tried) == (5, False)
    assert [each.answer for each in desk.told] == ["given up after 5 tries: 450 4.2.0 Greylisted"]
    assert not desk.post("ann", again=Again.UNCERTAIN).outcomes[0].tried
    desk.mailbox.deed = lambda *_: Deed.TAKE
    assert str(desk.post("ann", again=Again.WAITING)) == "1 of 1 sent"


def test_greylisting_is_waited_for(desk: Desk) -> None:
    desk.mailbox.deed = lambda _, time: Deed.LATER_RECIPIENT if time == 0 else Deed.TAKE
    assert str(desk.post("ann", "bob")) == "2 of 2 sent"
    assert desk.mailbox.connections == 2
    assert desk.mailbox.recipients() == ["ann@example.com", "bob@example.com"]


def test_what_was_refused_is_tried_again_by_the_next_run(desk: Desk) -> None:
    desk.mailbox.deed = lambda _, time: Deed.NO_RECIPIENT if time == 0 else Deed.TAKE
    assert str(desk.post("ann")) == "0 of 1 sent, 1 refused"
    assert str(desk.post("ann")) == "1 of 1 sent"


def test_what_is_uncertain_is_reported_and_sent_again_only_when_asked(desk: Desk) -> None:
    desk.mailbox.deed = lambda _, time: Deed.DROP_STORED if time == 0 else Deed.TAKE
    assert str(desk.post("ann")) == "0 of 1 sent, 1 uncertain"
    for again in (Again.NOTHING, Again.WAITING):
        summary = desk.post("ann", again=again)
        assert (str(summary), summary.outcomes[0].tried) == ("0 of 1 sent, 1 uncertain", False)
    assert desk.mailbox.count("ann@example.com") == 1
    assert str(desk.post("ann", again=Again.UNCERTAIN)) == "1 of 1 sent"
    assert desk.mailbox.count("ann@example.com") == 2
    assert not desk.post("ann", again=Again.UNCERTAIN).outcomes[0].tried


@pytest.mark.parametrize("deed", [Deed.NO_RECIPIENT, Deed.LATER_MESSAGE, Deed.DROP_RECIPIENT])
def test_that_it_may_have_been_sent_is_not_forgotten_when_it_fails_again(desk: Desk, deed: Deed) -> None:
    desk.mailbox.deed = lambda _, time: Deed.DROP_STORED if time == 0 else deed
    desk.post("ann")
    assert not desk.post("ann", again=Again.UNCERTAIN).all_sent()
    assert desk.states("ann") == ["uncertain"]
    assert not desk.post("ann").outcomes[0].tried


@pytest.mark.parametrize("deed", [Deed.NO_RECIPIENT, Deed.LATER_MESSAGE, Deed.DROP_STORED])
def test_that_it_was_sent_is_not_forgotten_when_it_fails_again(desk: Desk, deed: Deed) -> None:
    desk.mailbox.deed = lambda _, time: Deed.TAKE if time == 0 else deed
    desk.post("ann")
    assert not desk.post("ann", again=Again.ALL).all_sent()  # of what was asked
    assert desk.states("ann") == ["sent"]
    assert desk.post("ann").all_sent()


def test_all_is_sent_again_when_asked(desk: Desk) -> None:
    desk.post("ann", "bob")
    assert str(desk.post("ann", "bob", again=Again.ALL)) == "2 of 2 sent"
    assert desk.mailbox.count("ann@example.com") == desk.mailbox.count("bob@example.com") == 2


def test_a_connection_takes_so_many_letters_and_then_there_is_another(desk: Desk) -> None:
    limits = Limits(answer=20, verdict=20, letters=2)
    assert desk.post("ann", "bob", "cid", "dan", "eve", limits=limits).all_sent()
    assert desk.mailbox.connections == 3


@pytest.mark.parametrize("deed", [Deed.CLOSE_RECIPIENT, Deed.DROP_RECIPIENT])
def test_a_server_that_ends_a_used_connection_has_put_nothing_off(desk: Desk, deed: Deed) -> None:
    desk.mailbox.deed = lambda address, time: deed if address.startswith(("bob", "dan")) and time == 0 else Deed.TAKE
    assert desk.post("ann", "bob", "cid", "dan").all_sent()
    assert (desk.pauses, desk.mailbox.connections) == ([], 3)
    with Outbox.open(desk.folder / "kpis.yaml", desk.folder / "outbox") as outbox:
        entry = outbox.find(letter("bob@example.com", "w"))
    assert entry is not None
    assert (entry.state, entry.tries) == (State.SENT, 1)


def test_a_server_that_is_silent_at_the_end_leaves_a_letter_uncertain(desk: Desk) -> None:
    desk.mailbox.delay = 30.0
    summary = desk.post("ann", limits=Limits(answer=5, verdict=1.0, pauses=()))
    assert (str(summary), summary.outcomes[0].answer) == ("0 of 1 sent, 1 uncertain", "no answer in time")
    assert desk.mailbox.count("ann@example.com") == 1


def test_a_server_that_is_not_there_keeps_letters_waiting_without_counting_a_try(tmp_path: Path) -> None:
    with serving(Mailbox()) as port:
        pass
    desk = Desk(tmp_path, Mailbox(), port)
    for _ in range(3):
        assert str(desk.post("ann", "bob")) == "0 of 2 sent, 2 waiting"
    assert [each.answer for each in desk.told] == [f"127.0.0.1:{port}: Connection refused"] * 2
    with Outbox.open(tmp_path / "kpis.yaml", tmp_path / "outbox") as outbox:
        entry = outbox.find(letter("ann@example.com", "w"))
    assert entry is not None
    assert (entry.state, entry.tries) == (State.WAITING, 0)


@pytest.mark.parametrize(("answer", "state"), [("450 4.7.1 Busy", "waiting"), ("550 5.7.1 Not you", "refused")])
def test_a_sender_that_is_refused_is_told_of_each_letter(desk: Desk, answer: str, state: str) -> None:
    desk.mailbox.of_sender = answer
    assert str(desk.post("ann", "bob")) == f"0 of 2 sent, 2 {state}"
    assert [each.answer for each in desk.told] == [answer] * 2


def test_the_answers_of_a_server_are_one_printable_line(desk: Desk) -> None:
    desk.mailbox.of_sender = "550-\x1b[31mred\r\n550-\x07bell\r\n550 " + "x" * 400
    desk.post("ann")
    assert desk.told[0].answer.startswith(r"550 \x1b[31mred \x07bell xxx")
    assert desk.told[0].answer.endswith("x…")
    assert len(desk.told[0].answer) <= 304


def test_a_message_that_is_too_long_for_the_server_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with serving(mailbox, data_size_limit=50) as port:
        assert str(Desk(tmp_path, mailbox, port).post("ann")) == "0 of 1 sent, 1 refused"
    assert mailbox.asked == {}


def test_two_hundred_go_out_over_four_connections_though_some_fail(desk: Desk) -> None:
    names = [f"rep{number}" for number in range(200)]
    desk.mailbox.deed = lambda address, _: Deed.NO_RECIPIENT if address.startswith("rep17@") else Deed.TAKE
    assert str(desk.post(*names)) == "199 of 200 sent, 1 refused"
    assert [each.letter.recipient for each in desk.told] == [f"{name}@example.com" for name in names]
    assert desk.mailbox.connections == 4


@contextmanager
def full_disk() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill() -> None:
    """From now on no file can grow or be written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_what_could_not_be_remembered_is_not_sent(desk: Desk) -> None:
    with full_disk(), Outbox.open(desk.folder / "kpis.yaml", desk.folder / "outbox") as outbox:
        with pytest.raises(KpiError, match="can't be written") as raised:
            post(letters("ann", "bob", period="w"), local(desk.port), outbox, told=lambda _: fill(), limits=HASTY)
        assert raised.value.trouble is Trouble.DELIVERY
    assert desk.mailbox.recipients() == ["ann@example.com"]
    assert desk.states("ann", "bob") == ["sent", None]
    assert desk.post("ann", "bob").all_sent()
    assert desk.mailbox.recipients() == ["ann@example.com", "bob@example.com"]


def test_an_answer_that_could_not_be_remembered_leaves_a_letter_uncertain(desk: Desk) -> None:
    desk.mailbox.on_stored = fill
    with full_disk(), pytest.raises(KpiError, match="can't be written"):
        desk.post("ann", "bob")
    desk.mailbox.on_stored = lambda: None
    assert desk.states("ann", "bob") == ["uncertain", None]
    assert str(desk.post("ann", "bob")) == "1 of 2 sent, 1 uncertain"
    assert desk.mailbox.recipients() == ["ann@example.com", "bob@example.com"]
