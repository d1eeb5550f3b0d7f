"""The mail server: where it is, how the way to it is secured, and who logs in."""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final

from msgspec import Struct

from kpicli.deliver.credentials import Password


class Security(Enum):
    """How the connection is encrypted."""

    TLS = "tls"
    """From the first byte."""
    STARTTLS = "starttls"
    """Before anything is said; a server that doesn't offer it is given nothing."""
    NONE = "none"
    """Not at all, which only a server on this machine may be."""


PORTS: Final = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
"""The port of each, where none is said."""


class Server(Struct, frozen=True):
    """A mail server. ValueError where one of `user` and `password` is without the other."""

    host: str
    port: int
    security: Security = Security.TLS
    ca: Path | None = None
    """A file of certificate authorities that are trusted besides those of this machine."""
    user: str | None = None
    password: Password | None = None

    def __post_init__(self) -> None:
        if (self.user is None) != (self.password is None):
            raise ValueError("a user needs a password, and a password a user")


class Limits(Struct, frozen=True):
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


def is_local(host: str) -> bool:
    """Whether a host names this machine: `localhost`, or an address of its loopback."""
    return host.lower() == "localhost" or is_loopback(host)


def is_loopback(address: str) -> bool:
    """Whether it is an IP address of the loopback."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback
