"""Messages to the server, one after the other, each outcome kept before the next one begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from msgspec import Struct, field

from kpicli.deliver.interruption import Interruption
from kpicli.deliver.letter import Key, Letter
from kpicli.deliver.outbox import Entry, Outbox, State
from kpicli.deliver.server import Limits, Server
from kpicli.deliver.session import Answer, Session, UnreachedError


class Again(Enum):
    """What is sent once more than it would be, because somebody asked for it (`--again`)."""

    NOTHING = "nothing"
    UNCERTAIN = "uncertain"
    """What may have been sent."""
    WAITING = "waiting"
    """What was given up after five tries."""
    ALL = "all"
    """All of it, what was sent too."""


class Outcome(Struct, frozen=True):
    """What became of one message in this run."""

    letter: Letter
    state: State
    answer: str
    """What the server said, or why it wasn't asked; one printable line, which may be empty."""
    tried: bool
    """Whether this run tried to send it; if not, the state is that of an earlier run."""


class Summary(Struct, frozen=True):
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


_USUAL: Final = Limits()


def post(  # noqa: PLR0913  # what, where to, and who hears of it
    letters: Sequence[Letter],
    server: Server,
    outbox: Outbox,
    again: Again = Again.NOTHING,
    told: Callable[[Outcome], None] = lambda _: None,
    *,
    pause: Callable[[float, int], None] = _pause,
    limits: Limits = _USUAL,
) -> Summary:
    """Sends what is to be sent. `told` hears of each message once, when this run is done with it.

    `pause` waits for so many seconds, because so many messages wait. Raises KpiError for what stops the whole run: the
    server's certificate or the login is refused, there is no such server, the password can't be read, or the outbox
    can't be written. SIGINT and SIGTERM end the run with KeyboardInterrupt as soon as the message on its way has its
    answer; a second one doesn't wait for it.
    """
    run = _Run(server, outbox, again, told, limits)
    with run.interruption.watched():
        try:
            waiting = run.pass_over(list({each.key: each for each in letters}.values()))
            for seconds in (0.0, *limits.pauses):
                if waiting and seconds:
                    pause(seconds, len(waiting))
                waiting = run.round(waiting)
            run.leave(waiting)
        finally:
            run.hang_up()
    return Summary(tuple(run.outcomes[key] for key in dict.fromkeys(each.key for each in letters)))


class _Run(Struct):
    """What one run knows while it goes on."""

    server: Server
    outbox: Outbox
    again: Again
    told: Callable[[Outcome], None]
    limits: Limits
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    """The last that is known of each message."""
    interruption: Interruption = field(default_factory=Interruption)
    _tries: dict[Key, int] = field(default_factory=dict)
    """How often each was tried in a row, earlier runs included."""
    _secret: str | None = None
    _session: Session | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def pass_over(self, letters: list[Letter]) -> list[Letter]:
        """The messages that are to be sent; of the others it is told what is known."""
        left = []
        for letter in letters:
            known = self.outbox.find(letter)
            if known is None or self._is_due(known):
                goes_on = known is not None and known.state is State.WAITING and known.tries < self.limits.tries
                self._tries[letter.key] = known.tries if known is not None and goes_on else 0
                left.append(letter)
            else:
                given_up = known.state is State.WAITING
                answer = _given_up(known.tries, known.answer) if given_up else known.answer
                self._tell(Outcome(letter, known.state, answer, tried=False))
        return left

    def _is_due(self, known: Entry) -> bool:
        match known.state:
            case State.SENT:
                return self.again is Again.ALL
            case State.UNCERTAIN:
                return self.again in {Again.UNCERTAIN, Again.ALL}
            case State.WAITING:
                return known.tries < self.limits.tries or self.again in {Again.WAITING, Again.ALL}
            case State.REFUSED:
                return True

    def round(self, letters: list[Letter]) -> list[Letter]:
        """Tries each once, and gives those that wait for another try."""
        waiting = []
        for place, letter in enumerate(letters):
            try:
                session = self._connect()
                with self.interruption.unbroken():
                    outcome = self._try(letter, session)
                    if outcome.state is State.WAITING and self._tries[letter.key] < self.limits.tries:
                        self.outcomes[letter.key] = outcome
                        waiting.append(letter)
                    else:
                        self._tell(outcome)
            except UnreachedError as error:  # for one message as for all that come after it
                for each in letters[place:]:
                    self._put_off(each, str(error))
                waiting += letters[place:]
                break
        self.hang_up()
        return waiting

    def leave(self, letters: list[Letter]) -> None:
        """What still waits is left to the next run."""
        for letter in letters:
            self._tell(self.outcomes[letter.key])

    def hang_up(self) -> None:
        self._session = None
        self._open.close()

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes[outcome.letter.key] = outcome
        self.told(outcome)

    def _connect(self) -> Session:
        """A connection that takes a message. Raises UnreachedError and KpiError."""
        if self._session is not None and self._session.is_ready():
            return self._session
        self.hang_up()
        if self._secret is None and self.server.password is not None:
            self._secret = self.server.password.read()
        self._session = self._open.enter_context(Session.open(self.server, self._secret, self.limits))
        return self._session

    def _try(self, letter: Letter, session: Session) -> Outcome:
        self._tries[letter.key] += 1
        answer = self._give(letter, session)
        if answer.cut_off and session.was_used():  # which is no answer to this message
            self.hang_up()
            answer = self._give(letter, self._connect())
        tries = self._tries[letter.key]
        given_up = answer.state is State.WAITING and tries >= self.limits.tries
        text = _given_up(tries, answer.text) if given_up else answer.text
        return Outcome(letter, answer.state, text, tried=True)

    def _give(self, letter: Letter, session: Session) -> Answer:
        """One message to the server; what is known of it to the outbox, before the server can have it and after."""
        known = self.outbox.find(letter)
        answer = session.give(letter, lambda: self._keep(letter, known, State.UNCERTAIN, "no answer was heard"))
        self._keep(letter, known, answer.state, answer.text)
        return answer

    def _put_off(self, letter: Letter, reason: str) -> None:
        self._keep(letter, self.outbox.find(letter), State.WAITING, reason)
        self.outcomes[letter.key] = Outcome(letter, State.WAITING, reason, tried=True)

    def _keep(self, letter: Letter, known: Entry | None, state: State, answer: str) -> None:
        kept = state if known is None else _joined(known.state, state)
        self.outbox.keep(letter, Entry(kept, self._tries[letter.key], answer, datetime.now(UTC)))


def _given_up(tries: int, answer: str) -> str:
    return f"given up after {tries} tries: {answer}"


def _joined(before: State, now: State) -> State:
    """What is known of a message after another try: that it may have been sent before is true ever after."""
    match before:
        case State.SENT:
            return before
        case State.UNCERTAIN:
            return now if now is State.SENT else before
        case State.WAITING | State.REFUSED:
            return now
