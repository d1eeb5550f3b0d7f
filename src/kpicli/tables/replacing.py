"""Values put into some places of a column."""

from __future__ import annotations

import polars as pl


def put(column: pl.Expr, here: pl.Expr, values: pl.Series) -> pl.Expr:
    """The column with these values, one after the other, in the rows that are `here`: as many as there are values.

    Not by `scatter`: of texts that it has put into a column, Polars 2.1 counts equal ones of more than twelve bytes as
    different within a group.
    """
    return pl.when(~here).then(column).otherwise(pl.lit(values).gather(pl.when(here).then(here.cum_sum() - 1)))


def replaced(column: pl.Series, places: pl.Series, values: pl.Series) -> pl.Series:
    """The column with these values at these places, which rise."""
    if places.is_empty():
        return column
    here = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(places.cast(pl.UInt32).implode())
    frame = column.alias("column").to_frame().with_columns(here=here)
    return frame.select(put(pl.col("column"), pl.col("here"), values.cast(column.dtype))).to_series().alias(column.name)
