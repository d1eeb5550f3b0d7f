"""What is wrong between deliveries, the mail that they leave by, and the rest of a book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kpicli.book.addresses import Address
from kpicli.book.mail import LOOPBACK, Delivery, Each, Mail, MailSecurity, placeholders
from kpicli.book.model import Book
from kpicli.book.reader import Path, Places
from kpicli.errors import KpiError, Source, did_you_mean
from kpicli.formula.typed import Field, Row, Type


class _Work(Protocol):
    """What the check of a book keeps errors with."""

    book: Book

    def fail(self, code: str, message: str, path: Path, help_: str | None = None) -> None: ...
    def fail_key(self, code: str, message: str, path: Path, help_: str | None = None) -> None: ...
    def gone(self, *path: str) -> bool: ...
    def declared(self, section: str) -> list[str]: ...
    def refer(self, section: str, name: str, path: Path) -> bool: ...
    def period(self, text: str, path: Path) -> None: ...


def check_deliveries(work: _Work) -> None:
    """Keeps what is wrong with `mail` and with each delivery; paths to addresses are `address_fields`' part."""
    if work.book.mail is not None:
        _check_mail(work, work.book.mail)
    for name, delivery in work.book.deliveries.items():
        _check_delivery(work, ("deliveries", name), delivery)


def _check_mail(work: _Work, mail: Mail) -> None:
    if mail.security is MailSecurity.NONE:
        if mail.server not in LOOPBACK:
            message = f"mail to {mail.server} would leave this machine unencrypted"
            work.fail("security", message, ("mail", "security"), "write `security: tls`, or `starttls`")
        elif mail.ca is not None:
            message = "`ca` is about certificates, and without encryption there are none"
            work.fail("value", message, ("mail", "ca"), "leave it out")
    if mail.user is None and mail.password is not None and not work.gone("mail", "user"):
        work.fail_key("missing-key", "a password needs `user`", ("mail", "password"), "add the name to log in with")
    if mail.user is not None and mail.password is None and not work.gone("mail", "password"):
        help_ = "add `password: {file: PATH}`, or leave `user` out where nobody logs in"
        work.fail_key("missing-key", "a user needs `password`", ("mail", "user"), help_)


def _check_delivery(work: _Work, path: Path, delivery: Delivery) -> None:
    work.refer("scorecards", delivery.scorecard, (*path, "scorecard"))
    if delivery.period is not None and delivery.period != "all":
        work.period(delivery.period, (*path, "period"))
    if delivery.by is not None:
        work.refer("dimensions", delivery.by, (*path, "by"))
    for name in delivery.only:
        if name not in work.book.dimensions and not work.gone("dimensions", name):
            help_ = did_you_mean(name, work.declared("dimensions")) or "declare it under `dimensions`"
            work.fail_key("unknown-dimension", f"there is no dimension '{name}'", (*path, "only", name), help_)
    if sender_of(work.book, delivery) is None and not (work.gone("mail", "from") or work.gone(*map(str, path), "from")):
        help_ = "add `from: Sales KPIs <kpi@example.com>` to it, or to `mail`"
        work.fail_key("missing-key", f"'{path[-1]}' has no sender", path, help_)
    if isinstance(delivery.to, Each):
        _check_each(work, path, delivery, delivery.to)
    else:
        _check_list(work, path, delivery)


def _check_each(work: _Work, path: Path, delivery: Delivery, to: Each) -> None:
    here = (*path, "to", "each")
    if not work.refer("dimensions", to.each, here):
        return
    if work.book.dimensions[to.each].members is None and not work.gone("dimensions", to.each, "members"):
        help_ = f"add `members:` to dimensions.{to.each}, with the table that lists them"
        work.fail("no-members", f"'{to.each}' lists no members, of whom each could get a message", here, help_)
    if delivery.by is not None:
        message = "a message to each member is about that member alone, and has no `by`"
        work.fail_key("value", message, (*path, "by"), "leave it out")


def _check_list(work: _Work, path: Path, delivery: Delivery) -> None:
    if "member" in placeholders(delivery.subject):
        message = "`{member}` is whose message it is, and this delivery goes to addresses"
        work.fail("value", message, (*path, "subject"), "leave it out, or write `to: {each: …, address: …}`")
    if delivery.share:
        message = "`share` is about messages to each member, and this delivery goes to addresses"
        work.fail_key("value", message, (*path, "share"), "leave it out: whoever gets the whole may see all of it")


def sender_of(book: Book, delivery: Delivery) -> Address | None:
    """Who sends a delivery: its own `from`, or that of `mail`."""
    return delivery.from_ or (None if book.mail is None else book.mail.from_)


# ---- where the addresses of members are


def address_field(book: Book, places: Places, name: str, path_of: Callable[[str, Source], Row]) -> Field | None:
    """The field with the addresses of a delivery to each member, typed by `path_of` from a table and a path.

    None where there is none, or what it stands on is wrong itself. Raises KpiError.
    """
    to = book.deliveries[name].to
    dimension = book.dimensions.get(to.each) if isinstance(to, Each) else None
    if not isinstance(to, Each) or dimension is None or dimension.members is None:
        return None
    source = places.source(("deliveries", name, "to", "address"))
    table, _, path = source.text.strip().partition(".")
    whole = source.locate(0, len(source.text))
    if table != dimension.members or not path:
        message = f"the members of '{to.each}' are rows of {dimension.members}, and their addresses are read there"
        help_ = f"write `{dimension.members}.` and the column or field, for example `{dimension.members}.email`"
        raise KpiError("address", message, place=whole, help=help_)
    skipped = source.text.index(".") + 1
    row = path_of(table, Source(source.text[skipped:], lambda a, b: source.locate(a + skipped, b + skipped)))
    if not isinstance(row, Field):
        help_ = "name a column or field; put an expression under `fields`"
        raise KpiError("address", "addresses are read by a path", place=whole, help=help_)
    if row.type is not Type.TEXT:
        message = f"'{source.text}' is a {row.type.value}, and an address is a text"
        raise KpiError("type", message, place=whole, help="name the column with the addresses")
    return row
