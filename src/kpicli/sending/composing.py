"""Deliveries as messages: each a report of its own, computed before the first of them goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from kpicli.asking import Request
from kpicli.book.addresses import Address
from kpicli.book.beyond import beyond
from kpicli.book.deliveries import sender_of
from kpicli.book.load import Loaded
from kpicli.book.mail import Delivery, Each
from kpicli.deliver.letter import Letter
from kpicli.errors import KpiError, Trouble, clean, near_or_known
from kpicli.formula.check import deep_chains
from kpicli.plan.nodes import Engine
from kpicli.render.dates import write_period
from kpicli.reporting import keeping_engine, report
from kpicli.scorecard import Scorecard
from kpicli.sending.message import Said, attachments, written
from kpicli.sending.private import private
from kpicli.sending.recipients import Member, members_of, narrowing


class Asked(Struct, frozen=True):
    """Which messages are made: of which deliveries, on which day and at what moment, for another period, to whom."""

    deliveries: tuple[str, ...]
    as_of: date
    moment: datetime
    """When they are written, with its zone."""
    period: str | None = None
    recipient: str | None = None
    """The one address to which messages are made."""


class Message(Struct, frozen=True):
    """A letter, and what a list of letters says about it."""

    letter: Letter
    subject: str


class Stopped(Struct, frozen=True):
    """A message that can't be made, for whom, and why; it names nobody else."""

    delivery: str
    member: str
    reason: str


class Mailing(Struct, frozen=True):
    """All messages in their order, and those that could not be made."""

    messages: tuple[Message, ...]
    stopped: tuple[Stopped, ...]


def compose(loaded: Loaded, asked: Asked, *, cache: bool = True) -> Mailing:
    """The messages of the deliveries. Raises KpiError for a book or data that can't be used, and for unknown names."""
    book = loaded.book
    for name in asked.deliveries:
        if name not in book.deliveries:
            help_ = near_or_known(name, book.deliveries)
            raise KpiError("unknown-delivery", f"there is no delivery '{name}'", help=help_, trouble=Trouble.USAGE)
    engine = keeping_engine(loaded, cache=cache)
    messages: list[Message] = []
    stopped: list[Stopped] = []
    with deep_chains():
        for name in asked.deliveries:
            work = _Delivery(loaded, asked, engine, name)
            for made in work.messages():
                (messages if isinstance(made, Message) else stopped).append(made)  # type: ignore[arg-type]  # each to its own
    return Mailing(tuple(messages), tuple(stopped))


class _Delivery(Struct, frozen=True):
    loaded: Loaded
    asked: Asked
    engine: Engine
    name: str

    @property
    def delivery(self) -> Delivery:
        return self.loaded.book.deliveries[self.name]

    def messages(self) -> Iterator[Message | Stopped]:
        to = self.delivery.to
        yield from self._to_each(to) if isinstance(to, Each) else self._to_addresses(to)

    def _wants(self, address: str) -> bool:
        wanted = self.asked.recipient
        return wanted is None or wanted.lower() == address.lower()

    def _to_addresses(self, addresses: tuple[str, ...]) -> Iterator[Message]:
        wanted = [address for address in addresses if self._wants(address)]
        if wanted:
            card = report(self.loaded, self._request(), self.engine)
            said = self._said(card, None)
            yield from (self._message(said, card, address) for address in wanted)

    def _to_each(self, to: Each) -> Iterator[Message | Stopped]:
        untold = beyond(self.loaded.book, self.loaded.formulas, to.each)
        for member in members_of(self.loaded, self.name, self.asked.as_of, self.engine):
            if member.stopped is not None:
                if self.asked.recipient is None:
                    yield Stopped(self.name, member.label, member.stopped)
            elif self._wants(member.address):
                request = replace(self._request(), keys=((to.each, member.key),))
                whole = report(self.loaded, request, self.engine)
                if whole.period.label == "all" and not self.delivery.share:
                    raise _begins_with_anybody(self.name)
                card = private(whole, untold, (to.each, member.label), share=self.delivery.share)
                yield self._message(self._said(card, member), card, member.address)

    def _request(self) -> Request:
        delivery = self.delivery
        period = self.asked.period if self.asked.period is not None else delivery.period
        return Request(self.asked.as_of, delivery.scorecard, period, delivery.by, narrowing(delivery))

    def _said(self, card: Scorecard, member: Member | None) -> Said:
        sender = sender_of(self.loaded.book, self.delivery)
        assert sender is not None  # the book's check has seen to it
        return Said.of(
            card,
            sender=sender,
            reply_to=self.delivery.reply_to,
            subject=self._subject(card, member),
            whose=None if member is None else member.label,
            attached=attachments(card, self.delivery.attach),
        )

    def _subject(self, card: Scorecard, member: Member | None) -> str:
        subject = self.delivery.subject.format(
            scorecard=card.title or card.scorecard,
            period=write_period(card.period),
            as_of=card.as_of.isoformat(),
            book=card.book,
            member="" if member is None else member.label,
        )
        text = clean(subject)
        return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 1]}…"

    def _message(self, said: Said, card: Scorecard, recipient: str) -> Message:
        period = card.period.label
        content = written(said, Address("", recipient), self.asked.moment, (self.name, period))
        letter = Letter(self.name, period, recipient, said.sender.address, content, said.digest)
        return Message(letter, said.subject)


def _begins_with_anybody(delivery: str) -> KpiError:
    """What a member would be told by a period that begins with the first row of all."""
    return KpiError(
        "period",
        f"'{delivery}' goes to each member, and `all` begins on the day of somebody's first row, whose ever it is",
        help="give it another `period`, such as `this year`, or allow what looks beyond a member with `share: true`",
    )


_LONGEST_SUBJECT = 200
"""Characters; a longer one is cut by every mail program."""
