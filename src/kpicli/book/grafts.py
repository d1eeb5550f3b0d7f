"""What presets bring to a book: things that stand in no line of it, and yet are read as if they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

Path: TypeAlias = tuple[str | int, ...]


class Graft(Struct, frozen=True):
    """One thing that a preset brings to a table or to an entry of its `source`."""

    preset: Path
    """Where the book names the preset."""
    name: str
    """What a message calls it, such as "the preset's field won"."""
    text: str | None = None
    """Its formula."""


class Brought(Struct, frozen=True):
    """All that presets bring to a book."""

    grafts: Mapping[Path, Graft] = field(default_factory=dict)
    """By the path that each would have in the book."""
    waiting: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By table the lookups that aren't there for want of a table with this preset."""

    def at(self, path: Path) -> Graft | None:
        """What `path` leads to or into, where a preset brings it."""
        found = (self.grafts.get(path[:length]) for length in range(len(path), 2, -1))
        return next((graft for graft in found if graft is not None), None) if self.grafts else None

    def names(self, table: str) -> tuple[frozenset[str], frozenset[str]]:
        """The columns and fields of a table that presets bring, and its lookups that they bring."""
        found, lookups = set(), set()
        for path in self.grafts:
            match path:
                case ("tables", name, "lookups", str() as key) if name == table:
                    lookups.add(key)
                case ("tables", name, *_, "columns" | "fields", str() as key) if name == table:
                    found.add(key)
                case _:
                    pass
        return frozenset(found), frozenset(lookups)
