"""Each listed member of a dimension, with the address that the members' table has for him, or why he has none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct

from kpicli.asking import Request, resolved_members
from kpicli.book.addresses import breaks_a_header, why_no_address
from kpicli.book.load import Loaded
from kpicli.book.mail import Delivery, Each
from kpicli.contexts import Ever
from kpicli.errors import KpiError, Trouble
from kpicli.formula.typed import Row, RowOperation, Type
from kpicli.plan.build import finish
from kpicli.plan.nodes import Aggregation, Ask, Engine, Undated
from kpicli.score.members import roster, roster_aggregation


class Member(Struct, frozen=True):
    """A listed member, who gets a message unless `stopped` says why not."""

    key: str
    label: str
    address: str
    stopped: str | None


def members_of(loaded: Loaded, name: str, as_of: date, engine: Engine) -> tuple[Member, ...]:
    """The listed members to whom a delivery goes, by label. Raises KpiError for a book or data that can't be used.

    `only` leaves those that it leaves of a report by member. What is said of one names no other.
    """
    book, formulas = loaded.book, loaded.formulas
    delivery = book.deliveries[name]
    assert isinstance(delivery.to, Each)
    to = delivery.to
    listed = formulas.dimensions[to.each].members
    assert listed is not None
    listing, others = roster_aggregation(book, formulas, to.each)
    by = tuple(map(_as_text, (listed.key, listed.label or listed.key, formulas.addresses[name])))
    ask = Ask("count", None, listed.where, None, (Ever(),))
    aggregations = [listing, Aggregation(listed.table, Undated(), by, None, (ask,))]
    cells = engine.run(finish(book, formulas, as_of, aggregations)).cells
    narrowed: Mapping[str, frozenset[str | None]] = {
        dimension: frozenset(members) for dimension, members in _only(loaded, delivery, as_of, engine).items()
    }
    counting = roster(cells[0], others).within(to.each, narrowed)
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (key, label, address), cell in cells[1][0].get(Ever(), {}).items():
        if key is not None and cell.rows:
            rows[key].append((label or key, (address or "").strip()))
    if rows.keys().isdisjoint(counting):
        message = f"'{name}' goes to each {to.each}, and there is none"
        help_ = f"look at {listed.table} and at what the book says under dimensions.{to.each}"
        raise KpiError("no-recipient", message, help=help_, trouble=Trouble.DATA)
    members = (member for member in _members(rows, to.address) if member.key in counting)
    return tuple(sorted(members, key=lambda member: (member.label.casefold(), member.key)))


def _only(loaded: Loaded, delivery: Delivery, as_of: date, engine: Engine) -> dict[str, frozenset[str]]:
    request = Request(as_of, only=narrowing(delivery))
    return resolved_members(loaded.book, loaded.formulas, request, engine)


def narrowing(delivery: Delivery) -> tuple[tuple[str, str], ...]:
    """The `only` of a delivery as a request has it."""
    return tuple((dimension, member) for dimension, members in delivery.only.items() for member in members)


def _as_text(row: Row) -> Row:
    return row if row.type is Type.TEXT else RowOperation("concat", (row,), Type.TEXT)


def _members(rows: Mapping[str, list[tuple[str, str]]], field: str) -> Iterator[Member]:
    """All listed members; those whom `only` leaves out too, because an address may be one of theirs."""
    times = Counter(address.lower() for found in rows.values() for address in {each for _, each in found})
    for key, found in rows.items():
        label, address = found[0]
        yield Member(key, label, address, _why_stopped(found, field, times))


def _why_stopped(found: list[tuple[str, str]], field: str, times: Counter[str]) -> str | None:
    label, address = found[0]
    if len(found) > 1:
        return f"stands {len(found)} times in the table, with other names or addresses"
    if not address:
        return f"{field} is empty"
    reason = why_no_address(address)
    if reason is not None:
        return f"{field} {reason}"
    if times[address.lower()] > 1:
        return f"{field} is another member's address too"
    if breaks_a_header(label):
        return "the name holds a line break or another control character"
    return None
