"""How mail leaves, and which scorecard goes to whom: `mail` and `deliveries` of a book."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from string import Formatter
from typing import Annotated, Final, TypeAlias

from msgspec import Struct
from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from kpicli.book.addresses import Sender, breaks_a_header, read_bare_address
from kpicli.book.declared import Declared
from kpicli.book.spellings import OneOf, Text, Texts, WholeNumber, listed, read_text, shown, unlike, wrong
from kpicli.errors import did_you_mean


class MailSecurity(Enum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS: Final[Mapping[MailSecurity, int]] = {MailSecurity.TLS: 465, MailSecurity.STARTTLS: 587, MailSecurity.NONE: 25}
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The hosts of this machine, to which alone mail may go unencrypted."""

WHERE_IT_IS: Final = "write where it is: `{command: [pass, show, smtp]}`, `{file: PATH}` or `{variable: NAME}`"


def _one_way(value: object) -> object:
    """A mapping with one of the three ways to a password; what else stands there was refused before, unseen."""
    given = [key for key, each in value.items() if each is not None] if isinstance(value, dict) else [""]
    if len(given) != 1:
        raise wrong("takes one of `command`, `file` and `variable`", WHERE_IT_IS)
    return value


def _read_variable(value: object) -> str:
    text = read_text(value)
    if re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) is None:
        raise wrong("takes the name of an environment variable", "for example `variable: KPI_MAIL_PASSWORD`")
    return text


class PasswordSpec(Declared):
    """Where a password is; exactly one of the three."""

    command: Texts | None = None
    """A program and its arguments, of whose output the first line is the password."""
    file: Text | None = None
    """A file that nobody but its owner may read, relative to the book or from `~`."""
    variable: Annotated[str | None, BeforeValidator(_read_variable)] = None
    """The name of an environment variable."""


def _read_server(value: object) -> str:
    """The name or the IP address of a host."""
    text = read_text(value).strip()
    port = re.fullmatch(r"([^:/\[\]]+):([0-9]{1,5})", text)
    if port is not None:
        raise wrong(f"takes a host, not {shown(text)}", f"write `server: {port[1]}` and `port: {port[2]}`")
    if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+:[0-9A-Fa-f:]*", text) is None:
        raise wrong(f"takes a host, not {shown(text)}", "for example smtp.example.com")
    return text


class Mail(Declared):
    """How mail leaves."""

    server: Annotated[str, BeforeValidator(_read_server)]
    """The host of the SMTP server."""
    security: Annotated[MailSecurity, OneOf.enum(MailSecurity)] = MailSecurity.TLS
    """tls, starttls, or none to a server on this machine."""
    port: Annotated[int, BeforeValidator(WholeNumber(1, 65_535))] | None = None
    """The port of the server; 465, 587 or 25 by its security where it is left out."""
    ca: Text | None = None
    """A file with the certificate authority of a server of one's own, relative to the book."""
    user: Text | None = None
    """The name to log in with; nobody logs in without it."""
    password: Annotated[PasswordSpec | None, BeforeValidator(_one_way)] = None
    """Where the password is: a command, a file or an environment variable. The book can't hold it."""
    from_: Sender | None = Field(default=None, alias="from")
    """The sender, `Name <address>` or an address."""

    @property
    def at_port(self) -> int:
        """The port, also where the book leaves it out."""
        return self.port if self.port is not None else PORTS[self.security]


class Each(Declared):
    """Each listed member of a dimension, with a message of his own."""

    each: Text
    """The dimension, which has `members`."""
    address: Text
    """Where the addresses of the members are, such as `users.email`."""


class _AddressesOrEach(Struct, frozen=True):
    """A field that takes addresses, or else what `Each` takes."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object, validate_each: core_schema.ValidatorFunctionWrapHandler) -> object:
            return validate_each(value) if isinstance(value, dict | Each) else _read_addresses(value)

        return core_schema.no_info_wrap_validator_function(validate, handler.generate_schema(Each))


def _read_addresses(value: object) -> tuple[str, ...]:
    addresses = listed(value)
    if not isinstance(addresses, list | tuple):
        raise unlike(value, "addresses, or `{each: owner, address: users.email}`", "for example `vp@example.com`")
    if not addresses:
        raise wrong("is an empty list", "name at least one address")
    read: list[str] = []
    for index, each in enumerate(addresses):
        try:
            address = read_bare_address(each)
        except PydanticCustomError as error:
            context = error.context or {}
            raise wrong(str(context.get("message")), str(context.get("help")), at=(index,)) from None
        if address.lower() in map(str.lower, read):
            raise wrong(f"names {address} twice", "delete one of them", at=(index,))
        read.append(address)
    return tuple(read)


To: TypeAlias = Annotated[tuple[str, ...] | Each, _AddressesOrEach()]


PLACEHOLDERS: Final = ("scorecard", "period", "as_of", "book", "member")
"""What a subject may stand for in braces."""


def placeholders(subject: str) -> Iterator[str]:
    """The names in braces, in their order. Raises ValueError for braces that are open or hold more than a name."""
    for _, name, form, conversion in Formatter().parse(subject):
        if name is not None:
            if form or conversion:
                raise ValueError(name)
            yield name


def _read_subject(value: object) -> str:
    text = read_text(value).strip()
    if breaks_a_header(text):
        raise wrong("is longer than a line", "write it on one line")
    try:
        names = list(placeholders(text))
    except ValueError:
        raise wrong("has braces that hold no name", f"known: {_KNOWN}; a brace itself is written `{{{{`") from None
    for name in names:
        if name not in PLACEHOLDERS:
            help_ = did_you_mean(name, PLACEHOLDERS) or f"known: {_KNOWN}"
            raise wrong(f"doesn't know `{{{name}}}`", help_)
    return text


_KNOWN: Final = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


class Attachment(Enum):
    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"


def _each_once(value: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    if len(set(value)) < len(value):
        raise wrong("names a format twice", "name each once")
    return value


Attachments: TypeAlias = Annotated[
    tuple[Annotated[Attachment, OneOf.enum(Attachment)], ...], BeforeValidator(listed), AfterValidator(_each_once)
]


def _read_only(value: object) -> object:
    if not isinstance(value, dict):
        raise unlike(value, "a member or several of a dimension", "for example `{team: East}`")
    return value


class Delivery(Declared):
    """Which scorecard goes to whom by mail."""

    scorecard: Text
    """The scorecard of the book."""
    to: To
    """Addresses, or `each` with a dimension and `address` with where its members' addresses are."""
    period: Text | None = None
    """The period, as on `kpi report`; the scorecard's where it is left out."""
    by: Text | None = None
    """The dimension by which each figure is split; the scorecard's where it is left out."""
    only: Annotated[dict[str, Texts], BeforeValidator(_read_only)] = Field(default_factory=dict)
    """The part of the company that is reported on: a dimension with a member or several."""
    subject: Annotated[str, BeforeValidator(_read_subject)] = "{scorecard}, {period}"
    """The subject, in which `{period}` and other names stand for the report's."""
    from_: Sender | None = Field(default=None, alias="from")
    """The sender, where it is not that of `mail`."""
    reply_to: Sender | None = None
    """Where answers go."""
    attach: Attachments = ()
    """What is attached: html the page, csv, xlsx; several as a list."""
    share: Annotated[bool, BeforeValidator(OneOf({"true": True, "false": False}))] = False
    """true: a member's message may compare him with the company."""
