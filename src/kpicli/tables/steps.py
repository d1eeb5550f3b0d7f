"""Expressions that build on each other, each computed once.

Polars computes a part of an expression as often as it is written, so whatever several expressions read is kept as a
hidden column of its own.
"""

from __future__ import annotations

from typing import TypeVar

import polars as pl
from msgspec import Struct, field

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


class Steps(Struct):
    """Hidden columns in the order in which they can be computed: each level reads only those before it."""

    levels: list[dict[str, pl.Expr]] = field(default_factory=list)

    def kept(self, value: pl.Expr) -> pl.Expr:
        """The value as a hidden column."""
        name = f"step:{sum(map(len, self.levels))}"
        roots = set(value.meta.root_names())
        depth = max((at + 1 for at, level in enumerate(self.levels) if not roots.isdisjoint(level)), default=0)
        if depth == len(self.levels):
            self.levels.append({})
        self.levels[depth][name] = value
        return pl.col(name)

    def added(self, frame: Frame) -> Frame:
        """The frame with all hidden columns."""
        for level in self.levels:
            frame = frame.with_columns(**level)
        return frame
