"""Searches of a plan in Polars: how many rows fulfil a condition, the first of them, and the commonest of their values.

The conditions of a table are worked out together in one pass; only the rows of searches that found any are looked at
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from msgspec import Struct

from kpicli.engine.rows import RowCompiler
from kpicli.formula.typed import Type
from kpicli.plan.nodes import Found, FoundRow, FoundValue, NotIn, Search
from kpicli.tables.scan import FILE, ROW


class Searcher(Struct, frozen=True):
    """Searches the rows of one table."""

    frame: pl.DataFrame
    files: tuple[str, ...]
    rows: RowCompiler

    def found(
        self, searches: Sequence[Search], frames: Mapping[str, pl.DataFrame], keys: Mapping[str, pl.DataFrame]
    ) -> list[Found]:
        """What each search found; `frames` and `keys` have the other tables that `not_in` names: their rows, or all."""
        conditions = {
            # Of a condition that reads no column Polars may make one row; ROW has all of them.
            f"{at}": self._condition(search) & pl.col(ROW).is_not_null()
            for at, search in enumerate(searches)
        }
        masks = self.frame.select(**conditions)
        return [
            self._one(search, masks[f"{at}"], keys if search.not_in is not None and search.not_in.every else frames)
            for at, search in enumerate(searches)
        ]

    def _condition(self, search: Search) -> pl.Expr:
        if search.where is None:
            return pl.lit(value=True)
        return self.rows.typed(search.where, Type.BOOLEAN).fill_null(value=False)

    def _one(self, search: Search, mask: pl.Series, frames: Mapping[str, pl.DataFrame]) -> Found:
        count = int(mask.sum())
        if count == 0 or (search.not_in is None and not (search.first or search.commonest)):
            return Found(count)
        names = [f"shown{at}" for at in range(len(search.shows))]
        shown = {name: self.rows.typed(row, Type.TEXT) for name, row in zip(names, search.shows, strict=True)}
        other = search.not_in
        values = {} if other is None else {f"value{at}": self.rows.compile(row) for at, row in enumerate(other.values)}
        kept = self.frame.filter(mask).select(FILE, ROW, **shown, **values)
        if other is not None:
            kept = kept.join(self._keys(other, frames[other.table]), on=list(values), how="anti")
        first = kept.bottom_k(search.first, by=[FILE, ROW]).sort(FILE, ROW).select(FILE, ROW, *names)
        distinct, commonest = self._commonest(kept, names, search.commonest)
        return Found(kept.height, tuple(self._row(*row) for row in first.iter_rows()), distinct, commonest)

    def _keys(self, other: NotIn, frame: pl.DataFrame) -> pl.DataFrame:
        if other.where is not None:
            frame = frame.filter(self.rows.typed(other.where, Type.BOOLEAN).fill_null(value=False))
        return frame.select(**{f"value{at}": self.rows.compile(row) for at, row in enumerate(other.keys)}).drop_nulls()

    def _commonest(self, kept: pl.DataFrame, names: list[str], most: int) -> tuple[int, tuple[FoundValue, ...]]:
        if not (most and names):
            return 0, ()
        place = pl.col(FILE).cast(pl.UInt64) * 2**32 + pl.col(ROW).cast(pl.UInt64)
        counted = kept.group_by(names).agg(pl.len().alias("__rows"), place.min().alias("__place"))
        # By text where equally common, so that the order of rows doesn't matter.
        order = ["__rows", *names]
        top = counted.sort(order, descending=[True, *(False for _ in names)]).head(most)
        found = [
            FoundValue(rows, self._row(at >> 32, at & 0xFFFFFFFF, *shown))
            for rows, at, *shown in top.select("__rows", "__place", *names).iter_rows()
        ]
        return counted.height, tuple(found)

    def _row(self, file: int, row: int, *shown: str | None) -> FoundRow:
        return FoundRow(row, self.files[file] if len(self.files) > 1 else None, shown)
