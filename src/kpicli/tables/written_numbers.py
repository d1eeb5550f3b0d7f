"""How a column's numbers are written, by what every one of its values allows: the decimal sign, the currency signs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import polars as pl
from msgspec import Struct

from kpicli.tables.numbers import DecimalSign, amounts, percents
from kpicli.tables.steps import Steps

_MAYBE: Final = re.compile(r"\W{0,2}[A-Za-z]{0,3}\W{0,4}[0-9][0-9.,'\u2019\s]*(?:[eE][-+]?[0-9]+)?\s?\D{0,5}")


def may_hold_numbers(cells: Sequence[str]) -> bool:
    """Whether half of some cells are numbers, so that it is worth asking about the whole column."""
    alike = [cell for cell in cells if _MAYBE.fullmatch(cell)]
    if not alike or len(alike) * 2 < len(cells):
        return False
    steps = Steps()
    cell = pl.col("cell").str.strip_suffix("%")
    value = pl.coalesce(amounts(cell, ".", steps).value, amounts(cell, ",", steps).value)
    frame = pl.DataFrame({"cell": alike}, schema={"cell": pl.String})
    return int(steps.added(frame).select(value.count()).item()) * 2 >= len(cells)


class WrittenNumbers(Struct, frozen=True):
    """What the cells of a column allow for numbers."""

    decimal: DecimalSign
    """The sign that more cells allow."""
    fit: int
    """How many cells are numbers with that decimal sign."""
    is_open: bool
    """Whether every cell also allows the other sign, and some are then another number: `1.250`."""
    example: str | None
    """A cell that allows both."""
    signs: tuple[str, ...]
    """Signs and codes of currencies beside the numbers."""
    shares: int
    """How many cells are numbers, perhaps with a percent sign behind them."""
    has_percent: bool
    least: Decimal | None
    most: Decimal | None


class NumberQuestion(Struct, frozen=True):
    """What to ask of a whole column of clean texts, so that `answer` can tell how its numbers are written."""

    name: str
    has_percent: bool
    """Whether a percent sign may stand behind its numbers."""

    def asked(self, steps: Steps) -> dict[str, pl.Expr]:
        """Aggregations over the column, under names of their own."""
        cell = pl.col(self.name)
        point, comma = amounts(cell, ".", steps), amounts(cell, ",", steps)
        by_point, by_comma = steps.kept(point.value), steps.kept(comma.value)
        differs = by_point.is_not_null() & by_comma.is_not_null() & (by_point != by_comma)
        sign = pl.coalesce(point.currency, comma.currency)
        asked = {
            "point": by_point.count(),
            "comma": by_comma.count(),
            "only_point": (by_point.is_not_null() & by_comma.is_null()).sum(),
            "only_comma": (by_point.is_null() & by_comma.is_not_null()).sum(),
            "differ": differs.sum(),
            "dots": (differs & cell.str.contains(".", literal=True)).sum(),
            "example": cell.filter(differs).first(),
            "signs": sign.drop_nulls().unique().implode(),
            "shares": percents(cell, ".", steps).count() if self.has_percent else by_point.count(),
            "shares_comma": percents(cell, ",", steps).count() if self.has_percent else by_comma.count(),
            "least": by_point.min(),
            "most": by_point.max(),
        }
        return {f"{self.name}:{key}": value for key, value in asked.items()}

    def answer(self, row: Mapping[str, object]) -> WrittenNumbers:
        """From one row of what was asked."""

        def number(key: str) -> int:
            value = row[f"{self.name}:{key}"]
            return value if isinstance(value, int) else 0

        least, most = row[f"{self.name}:least"], row[f"{self.name}:most"]
        example, signs = row[f"{self.name}:example"], row[f"{self.name}:signs"]
        only_point, only_comma, differ = number("only_point"), number("only_comma"), number("differ")
        # Three digits behind a sign, in every cell, are thousands rather than thousandths.
        has_comma = only_comma > only_point or (only_comma == only_point and number("dots") * 2 > differ)
        return WrittenNumbers(
            decimal="," if has_comma else ".",
            fit=number("comma" if has_comma else "point"),
            is_open=differ > 0 and not only_point and not only_comma,
            example=example if isinstance(example, str) else None,
            signs=tuple(sorted(str(sign) for sign in signs)) if isinstance(signs, list) else (),
            shares=number("shares_comma" if has_comma else "shares"),
            has_percent=self.has_percent,
            least=least if isinstance(least, Decimal) else None,
            most=most if isinstance(most, Decimal) else None,
        )
