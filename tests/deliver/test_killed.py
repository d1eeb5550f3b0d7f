"""A run that is killed at any moment leaves nothing half known, and two runs at once send nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deliver.conftest import quick_folder
from tests.deliver.letters import letters
from tests.deliver.mailbox import Deed, Mailbox, serving

from kpicli.deliver.outbox import Outbox

NAMES = ["ann", "bob", "cid"]
ROOT = Path(__file__).parents[2]


class Sender:
    """A process that sends, run by run."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.deliver.sender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            # Its coverage isn't measured: who is killed leaves half a file of it.
            env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
            | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            text=True,
        )
        assert self.heard() == "ready\n"

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def child(self) -> int:
        """The process of the run that goes on."""
        return int(self.heard())

    def begin(self, period: str, **asked: Any) -> None:
        line = {"port": self.port, "folder": str(self.folder), "names": NAMES, "period": period, **asked}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def run(self, period: str, **asked: Any) -> dict[str, Any] | None:
        """What a run gave back; None if it was killed."""
        self.begin(period, **asked)
        self.child()
        found: dict[str, Any] | None = json.loads(self.heard())
        return found

    def states(self, period: str, names: list[str] = NAMES) -> list[str | None]:
        """What the outbox knows."""
        with Outbox.open(self.folder / "kpis.yaml", self.folder / "outbox") as outbox:
            found = [outbox.find(each) for each in letters(*names, period=period)]
        return [None if each is None else each.state.value for each in found]


@contextmanager
def sending(port: int, folder: Path) -> Iterator[Sender]:
    sender = Sender(port, folder)
    try:
        yield sender
    finally:
        sender.process.communicate(timeout=60)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def sender(mailbox: Mailbox) -> Iterator[Sender]:
    with quick_folder() as folder, serving(mailbox) as port, sending(port, folder) as found:
        yield found


def arrived(mailbox: Mailbox, period: str, names: list[str] = NAMES) -> list[int]:
    """How often each letter of a period was stored."""
    counts = Counter(mailbox.stored)
    return [counts[each.recipient, each.content] for each in letters(*names, period=period)]


@pytest.mark.parametrize("part", range(4))
def test_a_run_that_is_killed_before_any_of_its_steps_is_ended_by_the_next(
    mailbox: Mailbox, sender: Sender, part: int
) -> None:
    names = ["ann", "bob"]
    whole = sender.run("whole", names=names)
    assert whole is not None
    assert (whole["states"], whole["steps"].count("data")) == (["sent"] * 2, 2)
    for step in range(part, len(whole["steps"]), 4):
        period, folder = f"step {step}", sender.folder / str(step)  # each makes an outbox, too
        folder.mkdir()
        assert sender.run(period, names=names, kill=step, folder=str(folder)) is None
        ended = sender.run(period, names=names, folder=str(folder))
        assert ended is not None
        counts = arrived(mailbox, period, names)
        for state, count in zip(ended["states"], counts, strict=True):
            assert count == 1 if state == "sent" else (state == "uncertain" and count <= 1), (step, ended, counts)
        assert ended["states"].count("uncertain") == is_on_its_way(whole["steps"], step), step
        again = sender.run(period, names=names, again="uncertain", folder=str(folder))
        assert again is not None
        assert again["states"] == ["sent"] * 2
        assert [after - before for before, after in zip(counts, arrived(mailbox, period, names), strict=True)] == [
            state == "uncertain" for state in ended["states"]
        ]


def is_on_its_way(steps: list[str], step: int) -> bool:
    """Whether a step comes after the commit before DATA, and not after the commit after the answer."""
    begun = max((place for place in range(step + 1) if steps[place] == "data"), default=None)
    return begun is not None and step <= steps.index("sql", begun)


@settings(max_examples=15)
@given(
    kills=st.lists(st.integers(0, 120), min_size=1, max_size=5),
    deeds=st.lists(st.sampled_from([Deed.TAKE, Deed.LATER_RECIPIENT, Deed.DROP_RECIPIENT]), max_size=3),
)
def test_a_run_that_is_killed_again_and_again_sends_each_letter_once(
    kept: tuple[Mailbox, Sender, list[int]], kills: list[int], deeds: list[Deed]
) -> None:
    mailbox, sender, drawn = kept
    drawn.append(0)
    period = f"drawn {len(drawn)}"
    mailbox.asked.clear()
    mailbox.deed = lambda _, time: deeds[time] if time < len(deeds) else Deed.TAKE
    killed = sum(sender.run(period, kill=step) is None for step in kills)
    mailbox.deed = lambda *_: Deed.TAKE
    ended = sender.run(period)
    assert ended is not None
    for state, count in zip(ended["states"], arrived(mailbox, period), strict=True):
        # Five kills can use up the five tries; what then waits wasn't sent.
        assert {"sent": count == 1, "uncertain": count <= 1, "waiting": count == 0}[state]
    assert ended["states"].count("uncertain") <= killed


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[Mailbox, Sender, list[int]]]:
    """One server and one process for all examples."""
    mailbox = Mailbox()
    with quick_folder() as folder, serving(mailbox) as port, sending(port, folder) as sender:
        yield mailbox, sender, []


def test_a_kill_from_outside_is_no_different(mailbox: Mailbox, sender: Sender) -> None:
    """At a moment that nobody chose, with no step watched."""
    names = [f"rep{number}" for number in range(12)]
    for after in (1, 7):
        period = f"after {after}"
        mailbox.stored.clear()
        with sending(sender.port, sender.folder) as other:
            other.begin(period, names=names)
            while len(mailbox.stored) < after:
                time.sleep(0.001)
            os.kill(other.child(), signal.SIGKILL)
            assert other.heard() == "null\n"
        ended = sender.run(period, names=names)
        assert ended is not None
        for state, count in zip(ended["states"], arrived(mailbox, period, names), strict=True):
            assert count == 1 if state == "sent" else count <= 1
        assert ended["states"].count("uncertain") <= 1


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_that_is_told_to_end_hears_the_answer_first(mailbox: Mailbox, sender: Sender, signal_: int) -> None:
    mailbox.delay = 60
    sender.begin("told")
    assert mailbox.waiting.wait(20)
    child = sender.child()
    os.kill(child, signal_)
    time.sleep(0.2)
    mailbox.delay = 0
    ended = json.loads(sender.heard())
    assert (ended["error"], ended["told"]) == ("interrupted", ["sent"])
    assert sender.states("told") == ["sent", None, None]
    ended = sender.run("told")
    assert ended is not None
    assert (ended["states"], arrived(mailbox, "told")) == (["sent"] * 3, [1] * 3)


def test_a_second_word_to_end_does_not_wait(mailbox: Mailbox, sender: Sender) -> None:
    mailbox.delay = 60
    sender.begin("told twice")
    assert mailbox.waiting.wait(20)
    child = sender.child()
    for _ in range(2):
        os.kill(child, signal.SIGTERM)
        time.sleep(0.2)
    assert json.loads(sender.heard())["error"] == "interrupted"
    assert sender.states("told twice") == ["uncertain", None, None]


def test_of_two_runs_at_once_one_sends(mailbox: Mailbox, sender: Sender) -> None:
    mailbox.delay = 60
    with sending(sender.port, sender.folder) as other:
        sender.begin("twice")
        sender.child()
        assert mailbox.waiting.wait(20)
        refused = other.run("twice")
        assert refused is not None
        assert refused["error"] == "locked"
        mailbox.delay = 0
        assert json.loads(sender.heard())["states"] == ["sent"] * 3
        assert arrived(mailbox, "twice") == [1] * 3


def test_two_runs_that_begin_together_send_once(mailbox: Mailbox, sender: Sender) -> None:
    """Each time over an outbox that neither finds, so that both make it."""
    with sending(sender.port, sender.folder) as other:
        for time_ in range(5):
            period, folder = f"together {time_}", sender.folder / f"new{time_}"
            folder.mkdir()
            for each in (sender, other):
                each.begin(period, folder=str(folder))
            for each in (sender, other):
                each.child()
            found = [json.loads(each.heard()) for each in (sender, other)]
            assert [each for each in found if "error" in each and each["error"] != "locked"] == []
            assert ["sent"] * 3 in [each.get("states") for each in found]
            assert arrived(mailbox, period) == [1] * 3
