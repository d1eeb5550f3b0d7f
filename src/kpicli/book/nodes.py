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

CUT_BY_COMMA = "in braces a comma starts the next key: put a value that holds commas in quotes"
"""The help where a key may be the rest of a value."""


def is_bare(text: str, key: Scalar, value: Node) -> bool:
    """Whether a key of the file has neither a value nor a colon, as what a comma in braces has cut off."""
    return isinstance(value, Scalar) and value.is_null and ":" not in text[key.span[1] : value.span[0]]
