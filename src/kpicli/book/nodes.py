"""The nodes of a book's YAML: mappings, lists and scalars, with the stretch of the file that each takes."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

from kpicli.book.spans import Span


class Scalar(Struct):
    span: Span
    value: str
    style: str
    """The quote, `|` or `>` that it starts with; empty for a plain one."""

    @property
    def is_null(self) -> bool:
        return not self.style and self.value in ("", "~", "null")


class Sequence(Struct):
    span: Span
    items: list[Node] = field(default_factory=list)


class Mapping(Struct):
    span: Span
    flow: bool
    """Written in braces."""
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping
