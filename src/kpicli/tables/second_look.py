"""The second look: the cells that the first one left over, of all tables together.

Whatever it reads, a query for cells written in many ways takes Polars milliseconds to plan. So cells that are read
alike are typed in one query, in whichever columns they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from kpicli.tables.cells import DTYPES, Typed, filled, reading_of, trimmed, typed
from kpicli.tables.instants import ORDER, instants
from kpicli.tables.looks import ColumnRead, Counted, Look, Looked, left_name, moment_name
from kpicli.tables.replacing import put
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.steps import Steps

MANY: Final = 50_000
"""A column with more cells left over is read alone: together they would only take more memory."""


class Kept(NamedTuple):
    """A first look, the rows that were kept of it, and what it counted."""

    look: Look
    rows: pl.DataFrame
    counted: Counted


def second_looks(first: Sequence[Kept]) -> list[Looked]:
    """The second look at the rows that were kept of each first one."""
    odd = _odd([left for at, kept in enumerate(first) for left in _left(at, kept)], first)
    return [_looked(kept, odd.get(at, {})) for at, kept in enumerate(first)]


class _Left(NamedTuple):
    """The cells of one column that the first look left over."""

    look: int
    """The place of that look."""
    name: str
    cells: pl.Series
    places: pl.DataFrame
    """Where each cell stands: FILE, ROW, `place` in the rows."""


def _left(at: int, kept: Kept) -> Iterator[_Left]:
    for name in kept.look.declared.typed:
        cells = kept.rows.get_column(left_name(name), default=None)
        if cells is not None and cells.null_count() < cells.len():
            places = cells.is_not_null().arg_true().alias("place")
            where = pl.DataFrame([kept.rows[FILE].gather(places), kept.rows[ROW].gather(places), places])
            yield _Left(at, name, cells.gather(places).alias("cell"), where)


def _odd(left: Sequence[_Left], first: Sequence[Kept]) -> dict[int, dict[str, pl.DataFrame]]:
    """By the place of each look and by column: the cells that are left over, typed."""
    alike: dict[object, list[_Left]] = defaultdict(list)
    for at, each in enumerate(left):
        look = first[each.look].look
        alone = at if each.cells.len() > MANY else None
        how = (look.kinds[each.name] == pl.String, reading_of(look.declared.columns[each.name]))
        alike[how, look.declared.zones(each.name), alone].append(each)
    found: dict[int, dict[str, pl.DataFrame]] = defaultdict(dict)
    for together in alike.values():
        cells = _typed([each.cells for each in together], first[together[0].look].look, together[0].name)
        begin = 0
        for each in together:
            found[each.look][each.name] = each.places.hstack(cells.slice(begin, each.cells.len()))
            begin += each.cells.len()
    return found


def _typed(cells: Sequence[pl.Series], look: Look, name: str) -> pl.DataFrame:
    """`cell`, `value` and `currency` of cells that are read like this column."""
    column = look.declared.columns[name]
    frame = pl.concat(cells).to_frame("cell").lazy()
    steps = Steps()
    found = Typed(pl.lit(None, dtype=DTYPES[column.type]))
    if look.kinds[name] == pl.String:
        frame = frame.with_columns(trimmed(pl.col("cell"))).with_columns(filled(pl.col("cell"), column))
        found = typed(pl.col("cell"), column, look.declared.zones(name), steps)
    looked = steps.added(frame).select("cell", value=found.value, currency=found.currency)
    return looked.collect(engine="in-memory")


def _looked(kept: Kept, odd: Mapping[str, pl.DataFrame]) -> Looked:
    look, rows, counted = kept
    if odd:
        rows = rows.with_columns(
            put(pl.col(name), pl.col(left_name(name)).is_not_null(), cells["value"]) for name, cells in odd.items()
        )
    rows = _ordered(look, rows).drop(map(left_name, look.declared.typed), strict=False)
    columns = {name: ColumnRead(counted.plain[name], odd.get(name)) for name in look.declared.typed}
    return Looked(look, rows, counted.rows, columns)


def _ordered(look: Look, rows: pl.DataFrame) -> pl.DataFrame:
    keep = look.declared.keep
    if keep is None:
        return rows
    if keep not in look.declared.columns:
        return rows.with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias(ORDER))
    column, zones, steps = look.declared.columns[keep], look.declared.zones(keep), Steps()
    moment = instants(pl.col(moment_name(keep)), look.kinds[keep], column, zones, steps)
    cells = steps.added(rows.lazy().select(keep, moment_name(keep)))
    order = cells.select(pl.when(pl.col(keep).is_not_null()).then(moment).alias(ORDER)).collect(engine="in-memory")
    return rows.hstack(order).drop(moment_name(keep))
