"""What a message says, and that as bytes which any mail server takes: RFC 5322 in ASCII, with short lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from email import headerregistry, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from typing import Final

from msgspec import Struct

from kpicli.book.addresses import Address
from kpicli.book.mail import Attachment
from kpicli.render import named
from kpicli.render.mail import Extent, Letterhead, bodies
from kpicli.scorecard import Scorecard

LARGEST: Final = 100_000
"""Bytes of a message without its attachments: Gmail cuts off what is longer."""

_POLICY: Final = policy.SMTP.clone(cte_type="7bit")
_TYPES: Final = {
    Attachment.HTML: ("text", "html"),
    Attachment.CSV: ("text", "csv"),
    Attachment.XLSX: ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Attached(Struct, frozen=True):
    """A file that goes with a message."""

    name: str
    kind: Attachment
    content: bytes


def attachments(card: Scorecard, kinds: Sequence[Attachment]) -> tuple[Attached, ...]:
    """The card in each format, named by scorecard and period; whose it is no name says."""
    named_by = re.sub(r"[^\w-]+", "-", f"{card.scorecard}-{card.period.label}", flags=re.ASCII).strip("-")
    return tuple(Attached(f"{named_by}.{kind.value}", kind, _rendered(card, kind)) for kind in kinds)


def _rendered(card: Scorecard, kind: Attachment) -> bytes:
    rendered = named(kind.value).render(card)
    if isinstance(rendered, bytes):
        return rendered
    # Who opens a file out of a mail does it with a click, and Excel knows UTF-8 by its mark alone.
    return rendered.encode("utf-8-sig" if kind is Attachment.CSV else "utf-8")


class Said(Struct, frozen=True):
    """All that a message says, whoever gets it and whenever it is sent."""

    sender: Address
    reply_to: Address | None
    subject: str
    text: str
    html: str
    attached: tuple[Attached, ...]

    @classmethod
    def of(  # noqa: PLR0913  # the parts of a message
        cls,
        card: Scorecard,
        *,
        sender: Address,
        reply_to: Address | None,
        subject: str,
        whose: str | None,
        attached: tuple[Attached, ...],
    ) -> Said:
        """The message about a card, with as much of it as fits."""
        head = Letterhead(whose, tuple(each.kind.value for each in attached))

        @cache  # the one that fits was made to see whether it does
        def said(extent: Extent) -> Said:
            return cls(sender, reply_to, subject, *bodies(card, head, extent), attached)

        return said(fitting(card, lambda extent: said(extent).size <= LARGEST))

    @property
    def size(self) -> int:
        """Bytes of the message without its attachments, and with room for its addresses."""
        return len(_with_bodies(EmailMessage(policy=_POLICY), self).as_bytes()) + _HEAD

    @property
    def digest(self) -> str:
        """The hex SHA-256 of all of it."""
        parts = (_shown(self.sender), "" if self.reply_to is None else _shown(self.reply_to), self.subject)
        texts = [each.encode() for each in (*parts, self.text, self.html)]
        files = [part for each in self.attached for part in (each.name.encode(), each.content)]
        return _hashed([*texts, *files])


_HEAD: Final = 1_500


def _shown(address: Address) -> str:
    return f"{address.name} <{address.address}>"


def _hashed(parts: Sequence[bytes]) -> str:
    """The hash of parts that can't be taken for others, wherever one ends."""
    known = sha256()
    for part in parts:
        known.update(f"{len(part)}:".encode())
        known.update(part)
    return known.hexdigest()


def written(said: Said, recipient: Address, moment: datetime, sent_as: tuple[str, str]) -> bytes:
    """The message to one address. `sent_as` is its delivery and period.

    Its id is made from what the outbox knows it by, so that it is the same however often it is sent.
    """
    known_by = _hashed([part.encode() for part in (*sent_as, recipient.address.lower(), said.digest)])
    message = EmailMessage(policy=_POLICY)
    _address(message, "From", said.sender)
    _address(message, "To", recipient)
    if _LOOKS_ENCODED in said.subject:
        message.set_raw("Subject", _encoded("Subject", said.subject))
    else:
        message["Subject"] = said.subject
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = f"<{known_by[:40]}@{said.sender.domain}>"
    if said.reply_to is not None:
        _address(message, "Reply-To", said.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    _with_bodies(message, said)
    for each in said.attached:
        maintype, subtype = _TYPES[each.kind]
        message.add_attachment(each.content, maintype=maintype, subtype=subtype, filename=each.name, cte="base64")
    for at, part in enumerate(each for each in message.walk() if each.is_multipart()):
        part.set_boundary(f"=_{known_by[:40]}_{at}")
    return message.as_bytes()


_LOOKS_ENCODED: Final = "=?"
"""So begins a text that a mail program decodes, and that `message["Subject"] = …` decodes too before it is written:
out of `=?utf-8?q?=0D=0ABcc:_…?=` would come a line break, and behind it a header that nobody meant."""


def _encoded(header: str, text: str) -> str:
    """A text as a header holds it that shows it as it stands, also where it looks encoded already."""
    return Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _address(message: EmailMessage, header: str, address: Address) -> None:
    if _LOOKS_ENCODED in address.name:
        # In a line of its own, because the name's last one may be full.
        message.set_raw(header, f"{_encoded(header, address.name)}\r\n <{address.address}>")
    else:
        message[header] = headerregistry.Address(display_name=address.name, addr_spec=address.address)


def _with_bodies(message: EmailMessage, said: Said) -> EmailMessage:
    message.set_content(said.text)
    message.add_alternative(said.html, subtype="html")
    return message


def fitting(card: Scorecard, fits: Callable[[Extent], bool]) -> Extent:
    """As much of a card as fits: fewer members first, and where none are left, fewer KPIs."""
    members = max((len(line.groups) for line in card.lines), default=0)
    kpis = len(card.lines)
    if fits(Extent(kpis, members)):
        return Extent(kpis, members)
    most = _most(members, lambda count: fits(Extent(kpis, count)))
    if most is not None:
        return Extent(kpis, most)
    return Extent(_most(kpis, lambda count: fits(Extent(count, 0))) or 0, 0)


def _most(above: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number below another one that fits, where smaller ones do too; None where not even 0 fits."""
    low, high = -1, above
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low if low >= 0 else None
