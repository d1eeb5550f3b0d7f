"""Messages to the server, one after the other, each outcome kept before the next one begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from kpicli.deliver.letter import Letter
from kpicli.deliver.outbox import Outbox, State
from kpicli.deliver.server import Server


class Again(Enum):
    """What is sent once more than it would be, because somebody asked for it (`--again`)."""

    NOTHING = "nothing"
    UNCERTAIN = "uncertain"
    """What may have been sent."""
    WAITING = "waiting"
    """What was given up after five tries."""
    ALL = "all"
    """All of it, what was sent too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often."""

    answer: float = 60.0
    """Seconds in which a server answers, and in which it can be reached."""
    verdict: float = 600.0
    """Seconds in which it says whether it takes a message, for which it may look through all of it."""
    letters: int = 50
    """Messages over one connection."""
    tries: int = 5
    """How often a server may say "later" to a message before it is given up."""
    pauses: tuple[float, ...] = (20.0, 90.0)
    """Seconds before what waits is tried again in the same run, which is as often as there are pauses."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message in this run."""

    letter: Letter
    state: State
    answer: str
    """What the server said, or why it wasn't asked; one printable line, which may be empty."""
    tried: bool
    """Whether this run tried to send it; if not, the state is that of an earlier run."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of all messages, in their order."""

    outcomes: tuple[Outcome, ...]

    def count(self, state: State) -> int:
        return sum(each.state is state for each in self.outcomes)

    def all_sent(self) -> bool:
        """Whether all were sent, now or before."""
        return self.count(State.SENT) == len(self.outcomes)

    def __str__(self) -> str:
        """Such as `198 of 200 sent, 1 refused, 1 uncertain`."""
        others = [(self.count(state), state.value) for state in (State.WAITING, State.REFUSED, State.UNCERTAIN)]
        parts = [f"{self.count(State.SENT)} of {len(self.outcomes)} sent"]
        return ", ".join(parts + [f"{count} {word}" for count, word in others if count])


def _pause(seconds: float, _letters: int) -> None:
    time.sleep(seconds)


def post(  # noqa: PLR0913  # what, where to, and who hears of it
    letters: Sequence[Letter],
    server: Server,
    outbox: Outbox,
    again: Again = Again.NOTHING,
    told: Callable[[Outcome], None] = lambda _: None,
    *,
    pause: Callable[[float, int], None] = _pause,
    limits: Limits = Limits(),
) -> Summary:
    """Sends what is to be sent. `told` hears of each message once, when this run is done with it.

    `pause` waits for so many seconds, because so many messages wait. Raises KpiError for what stops the whole run: the
    server's certificate or the login is refused, there is no such server, the password can't be read, or the outbox
    can't be written. SIGINT and SIGTERM end the run with KeyboardInterrupt as soon as the message on its way has its
    answer; a second one doesn't wait for it.
    """
    raise NotImplementedError
