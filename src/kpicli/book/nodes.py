"""The nodes of a book's YAML: mappings, lists and scalars, with the stretch of the file that each takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from kpicli.book.spans import Span


@dataclass(slots=True)
class Scalar:
    span: Span
    value: str
    style: str
    """The quote, `|` or `>` that it starts with; empty for a plain one."""

    @property
    def is_null(self) -> bool:
        return not self.style and self.value in ("", "~", "null")


@dataclass(slots=True)
class Sequence:
    span: Span
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    span: Span
    flow: bool
    """Written in braces."""
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping
