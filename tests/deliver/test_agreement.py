"""Whatever a server does with which message in which run: what the outbox says agrees with what the server has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deliver.conftest import quick_folder
from tests.deliver.letters import letters
from tests.deliver.mailbox import HASTY, Deed, Mailbox, local, serving

from kpicli.deliver.outbox import Outbox, State
from kpicli.deliver.post import Again, post

NAMES = ("ann", "bob", "cid")
DEEDS = st.lists(st.sampled_from(Deed), min_size=1, max_size=8)
RUNS = st.lists(st.sampled_from([Again.NOTHING, Again.NOTHING, *Again]), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        yield mailbox, port


@settings(max_examples=40)
@given(deeds=st.fixed_dictionaries(dict.fromkeys(NAMES, DEEDS)), runs=RUNS)
def test_the_outbox_agrees_with_the_server(
    served: tuple[Mailbox, int], deeds: dict[str, list[Deed]], runs: list[Again]
) -> None:
    mailbox, port = served
    mailbox.stored.clear()
    mailbox.asked.clear()
    mailbox.deed = lambda address, time: (
        deeds[name][time] if time < len(deeds[name := address.partition("@")[0]]) else Deed.TAKE
    )
    sent = letters(*NAMES)
    may_repeat: dict[str, int] = defaultdict(lambda: 1)
    """How often each may arrive at most: once, and once for each time that somebody asked for it."""
    with quick_folder() as folder:
        for again in runs:
            before = known(folder)
            for recipient, state in before.items():
                asked = {State.SENT: again is Again.ALL, State.UNCERTAIN: again in {Again.UNCERTAIN, Again.ALL}}
                may_repeat[recipient] += asked.get(state, False)
            with Outbox.open(folder / "kpis.yaml", folder / "outbox") as outbox:
                summary = post(sent, local(port), outbox, again, limits=HASTY)
            check(before, known(folder), Counter(mailbox.recipients()), may_repeat)
            assert sum(map(summary.count, State)) == len(NAMES)


def known(folder: Path) -> dict[str, State]:
    """What the outbox says."""
    with Outbox.open(folder / "kpis.yaml", folder / "outbox") as outbox:
        found = {each.recipient: outbox.find(each) for each in letters(*NAMES)}
    return {recipient: entry.state for recipient, entry in found.items() if entry is not None}


def check(before: dict[str, State], after: dict[str, State], stored: Counter[str], may_repeat: dict[str, int]) -> None:
    for recipient, state in after.items():
        match state:
            case State.SENT:
                assert stored[recipient] >= 1
            case State.WAITING | State.REFUSED:
                assert stored[recipient] == 0
            case State.UNCERTAIN:
                pass  # either
        assert stored[recipient] <= may_repeat[recipient]
        # What may have been sent is never thought unsent.
        if before.get(recipient) in {State.SENT, State.UNCERTAIN}:
            assert state in {State.SENT, State.UNCERTAIN}
    assert len(after) == len(NAMES)
