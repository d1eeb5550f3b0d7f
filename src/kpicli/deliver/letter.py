"""A finished message to one recipient."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

LONGEST_LINE: Final = 998
"""Bytes of a line, without its CRLF, that every mail server takes (RFC 5322)."""
Key: TypeAlias = tuple[str, str, str, str]
"""Delivery, period, recipient and digest."""
_LONGEST_ADDRESS: Final = 254
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_DIGEST: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, as it goes to the server; ValueError for what no server is to be given."""

    delivery: str
    period: str
    recipient: str
    """A bare address, and so is `sender`."""
    sender: str
    content: bytes = field(repr=False)
    """An RFC 5322 message: ASCII, lines of at most 998 bytes, each ended by CRLF."""
    digest: str
    """The hex SHA-256 of what the message says, which leaves out its date, its id and its boundaries."""

    def __post_init__(self) -> None:
        for name, address in (("recipient", self.recipient), ("sender", self.sender)):
            if not is_address(address):
                raise ValueError(f"{name} is no bare address")
        if _DIGEST.fullmatch(self.digest) is None:
            raise ValueError("digest is no SHA-256 in hex")
        if not self.content.isascii() or b"\0" in self.content:
            raise ValueError("content holds bytes that aren't ASCII, or NUL")
        *lines, end = self.content.split(b"\r\n")
        # A lone CR or LF ends a line for some servers and not for others: a text could pass for a second message.
        if end or not lines or any(b"\r" in line or b"\n" in line for line in lines):
            raise ValueError("content has lines that don't end in CRLF")
        if max(map(len, lines)) > LONGEST_LINE:
            raise ValueError(f"content has lines of more than {LONGEST_LINE} bytes")

    @property
    def key(self) -> Key:
        """What makes it one message; addresses that differ in capitals are one mailbox everywhere but on paper."""
        return self.delivery, self.period, self.recipient.lower(), self.digest


def is_address(text: str) -> bool:
    """Whether it is a bare address (`ann@example.com`) that every mail server understands: ASCII and without quotes."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None
