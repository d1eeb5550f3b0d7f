"""Addresses of mail: `Name <address>` or an address, as far as every mail server takes it."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias
from unicodedata import category

from msgspec import Struct
from pydantic import BeforeValidator

from kpicli.book.spellings import read_text, wrong

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]")
_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254
_LONGEST_NAME: Final = 200
"""A line of a mail's head holds 998."""
_HERE: Final = "localhost"


class Address(Struct, frozen=True):
    """Where mail goes, or comes from; `name` is "" where there is none."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the `@`."""
        return self.address.rpartition("@")[2]


def why_no_address(text: str) -> str | None:
    """Why a text is no bare address that every mail server takes, as it goes on after "it"; None if it is one."""
    local, at, domain = text.rpartition("@")
    if not at:
        return "has no `@`"
    if "@" in local or re.search(r"[,;\s]", text):
        return "holds more than one address, or blanks"
    if not text.isascii():
        return "has letters other than a to z, which not every mail server takes"
    if len(local) > _LONGEST_LOCAL or len(text) > _LONGEST:
        return "is longer than an address may be"
    if _LOCAL.fullmatch(local) is None:
        return "has something before its `@` that no address has"
    if domain.lower() != _HERE and _DOMAIN.fullmatch(domain) is None:
        return "has no domain such as example.com behind its `@`"
    return None


def breaks_a_header(text: str) -> bool:
    """Whether a text holds line breaks or other control characters, which have no place in a line of a mail's head."""
    return any(category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in text)


def read_address(value: object) -> Address:
    """`Name <address>` or an address, as a book writes it."""
    if isinstance(value, Address):
        return value
    text = read_text(value).strip()
    if breaks_a_header(text):
        raise wrong("holds a line break or a control character", "write one address, on one line")
    named = _NAMED.fullmatch(text)
    name, address = (named["name"].strip(), named["address"].strip()) if named else ("", text)
    reason = why_no_address(address)
    if reason is not None:
        help_ = "list several as `[one@example.com, two@example.com]`" if "more than one" in reason else _EXAMPLE
        raise wrong(f"takes an address, and '{text}' {reason}", help_)
    if len(name) > _LONGEST_NAME:
        raise wrong(
            f"has a name of more than {_LONGEST_NAME} characters", "shorten it: mail programs show the first dozens"
        )
    quoted = len(name) > 1 and name.startswith('"') and name.endswith('"')
    return Address(name[1:-1] if quoted else name, address)


_EXAMPLE: Final = "for example `Sales KPIs <kpi@example.com>`, or `kpi@example.com`"


def read_bare_address(value: object) -> str:
    """An address without a name."""
    address = read_address(value)
    if address.name:
        raise wrong(f"takes an address without a name, not '{value}'", f"write {address.address}")
    return address.address


Sender: TypeAlias = Annotated[Address, BeforeValidator(read_address)]
