"""The listed members of a dimension, as the members' table has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.contexts import Ever
from kpicli.formula.typed import Field, Row, RowOperation, Type
from kpicli.plan.nodes import Aggregation, Ask, Cells, Undated


class Listed(Struct, frozen=True):
    """One row of a members' table. `counts`: it fulfils the dimension's `where`."""

    key: str
    label: str
    counts: bool
    belongs: Mapping[str, str | None]
    """The other dimensions that the member itself has, such as a rep's team."""

    @property
    def with_key(self) -> str:
        """The label and the key, which no other member has together."""
        return f"{self.label} ({self.key})"


class Roster:
    """Every row of a dimension's members' table, by key."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.rows = {row.key: row for row in listed}
        times = Counter(row.label for row in self.rows.values())
        self._labels = {key: row.label if times[row.label] == 1 else row.with_key for key, row in self.rows.items()}

    def label(self, key: str) -> str:
        """How a member is shown: its label, with the key where others have the same label."""
        return self._labels.get(key, key)

    def within(self, dimension: str, narrowed: Mapping[str, frozenset[str | None]]) -> frozenset[str]:
        """The members that count and that the narrowed dimensions leave; one that a member lacks leaves it.

        `dimension` is the one whose members these are: narrowed itself, it leaves those it names.
        """
        named = self.rows.keys() & narrowed.get(dimension, self.rows.keys())
        return frozenset(key for key in named if self.rows[key].counts and _fits(self.rows[key], narrowed))

    def settles(self, key: str, dimension: str, members: frozenset[str]) -> bool:
        """Whether the member belongs to one of these members of another dimension."""
        row = self.rows.get(key)
        return row is not None and row.belongs.get(dimension) in members


def _fits(row: Listed, narrowed: Mapping[str, frozenset[str | None]]) -> bool:
    return all(row.belongs[name] in members for name, members in narrowed.items() if name in row.belongs)


def belongings(book: Book, formulas: Formulas, name: str) -> dict[str, Field]:
    """The other dimensions that the members' own table has, and where.

    A dimension that a table reaches through its lookup to the members (`rep.team`) is one of theirs (`team`).
    """
    members = formulas.dimensions[name].members
    assert members is not None
    found: dict[str, Field] = {}
    for other, dimension in formulas.dimensions.items():
        if other == name:
            continue
        if members.table in dimension.fields:
            found[other] = dimension.fields[members.table]
            continue
        for table, field in dimension.fields.items():
            lookup = book.tables[table].lookups.get(field.path[0]) if len(field.path) > 1 else None
            own = formulas.dimensions[name].fields.get(table)
            if lookup is not None and lookup.table == members.table and own is not None and lookup.column == own.path:
                found[other] = Field(field.path[1:], field.type)
                break
    return found


def roster_aggregation(book: Book, formulas: Formulas, name: str) -> tuple[Aggregation, tuple[str, ...]]:
    """What to ask of the members' table: its rows by key, label and belongings; and the belongings' dimensions."""
    members = formulas.dimensions[name].members
    assert members is not None
    others = belongings(book, formulas, name)
    label = members.label or members.key
    by = (members.key, label, *others.values())
    asks = (Ask("count", None, members.where, None, (Ever(),)), Ask("count", None, None, None, (Ever(),)))
    return Aggregation(members.table, Undated(), tuple(map(_as_text, by)), None, asks), tuple(others)


def _as_text(row: Row) -> Row:
    return row if row.type is Type.TEXT else RowOperation("concat", (row,), Type.TEXT)


def roster(cells: Sequence[Cells], others: tuple[str, ...]) -> Roster:
    """The roster from what the engine gave back for `roster_aggregation`."""
    counting, every = cells
    counted = {members for members, cell in counting.get(Ever(), {}).items() if cell.rows > 0}
    listed = []
    for members in every.get(Ever(), {}):
        key, label, *rest = members
        if key is not None:
            belongs = dict(zip(others, rest, strict=True))
            listed.append(Listed(key, label if label is not None else key, members in counted, belongs))
    return Roster(listed)
