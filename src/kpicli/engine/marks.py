"""Conditions that rows fulfil, marked in few columns, so that rows that are alike in all of them can be grouped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Final

import polars as pl

_BITS: Final = 8
"""Conditions that are marked in one column: to group by a few narrow columns takes half the time of many."""


def _bit(at: int) -> pl.Expr:
    return pl.lit(1 << at, dtype=pl.UInt8)


def marks(wheres: Sequence[str]) -> list[pl.Expr]:
    """Columns that tell which conditions a row fulfils."""
    none = pl.lit(0, dtype=pl.UInt8)
    bits = [pl.when(pl.col(where)).then(_bit(at % _BITS)).otherwise(none) for at, where in enumerate(wheres)]
    return [reduce(or_, bits[at : at + _BITS]).alias(f"marks{at // _BITS}") for at in range(0, len(bits), _BITS)]


def holds(at: int) -> pl.Expr:
    """Whether the condition of that number is marked."""
    return (pl.col(f"marks{at // _BITS}") & _bit(at % _BITS)) != 0
