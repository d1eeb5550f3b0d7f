"""Amounts of other currencies, converted to the book's at the rate of each row's day.

Whoever reads a table sees amounts of one currency only. What can't be told is refused: a code that is none, a currency
without a rate, a sign that contradicts the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl
from msgspec import Struct, field

from kpicli.book.currencies import ISO_4217, nearest_code
from kpicli.book.dated import RATE_PLACES, RateEntry
from kpicli.errors import KpiError, Mistakes
from kpicli.scorecard import Note
from kpicli.tables.currencies import meanings
from kpicli.tables.looks import Looked
from kpicli.tables.notes import EXAMPLES, example
from kpicli.tables.numbers import NUMBER, rounded
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.text import data_error

_EXACT: Final = pl.Decimal(38, NUMBER.scale + RATE_PLACES)
"""Holds the product of an amount and a rate as it is, up to 20 digits before its point."""
_ALWAYS: Final = date.min
_SHOWN: Final = 10
"""How many texts an error lists."""


class Exchange(Struct, frozen=True):
    """The book's currency, and what one unit of others is worth in it."""

    currency: str | None
    rates: Mapping[str, tuple[RateEntry, ...]]
    today: date
    """The day whose rates hold for rows of tables without a date."""

    @property
    def undated(self) -> list[str]:
        """The currencies with the same rate on every day."""
        return [code for code, (first, *others) in self.rates.items() if first.from_ is None and not others]

    def frame(self) -> pl.DataFrame:
        """A row a rate: `code`, `from` and `rate`, by day."""
        rows = [(code, entry.from_ or _ALWAYS, entry.rate) for code, entries in self.rates.items() for entry in entries]
        schema: dict[str, pl.DataType] = {"code": pl.String(), "from": pl.Date(), "rate": pl.Decimal(38, RATE_PLACES)}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("from")


NOTHING: Final = Exchange(None, {}, date.max)
"""Of a book without a currency."""


class Amounts(Struct, frozen=True):
    """What was read of consecutive files, and which of its amounts needn't be in the book's currency."""

    looked: Looked
    currencies: Mapping[str, str]
    """For each such column: the column that says in which currency a row is, or the code of all of it."""
    dated_by: str | None
    """The column with the day of each row."""


def converted(
    table: str, files: Sequence[str], parts: Sequence[Amounts], exchange: Exchange
) -> tuple[list[pl.DataFrame], tuple[Note, ...]]:
    """The rows of each part with all amounts in the book's currency, and a note about those that have no rate.

    Raises KpiError (data) for codes that are none, currencies without a rate, and signs that contradict a code.
    """
    frames = []
    work = _Work(table, files, exchange)
    for part in parts:
        frame = part.looked.frame
        for name, currency in part.currencies.items():
            frame = work.convert(frame, name, currency, part)
        frames.append(frame)
    errors = [*work.unknown_codes(), *work.contradictions()]
    if errors:
        raise Mistakes.of(errors)
    return frames, tuple(work.notes())


class _Work(Struct):
    table: str
    files: Sequence[str]
    exchange: Exchange
    unknown: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    """By column of codes the rows (FILE, ROW, `code`, `written`) without a rate on any day."""
    unpriced: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    """By column of amounts the rows (FILE, ROW, `amount`, `code`) without a rate on their day."""
    contrary: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    """By column of amounts the rows (FILE, ROW, `sign`, `code`) whose sign is of another currency."""

    def convert(self, frame: pl.DataFrame, name: str, currency: str, part: Amounts) -> pl.DataFrame:
        """The frame with a column of amounts in the book's currency."""
        written = pl.col(currency) if currency in frame.columns else pl.lit(currency)
        amounts = frame.select(FILE, ROW, amount=name, written=written, code=written.str.to_uppercase())
        self._hold_against_signs(amounts, name, part.looked)
        day = pl.lit(self.exchange.today) if part.dated_by is None else frame[part.dated_by]
        places = pl.int_range(pl.len(), dtype=pl.UInt32)
        foreign = amounts.with_columns(day=day, place=places).filter(
            pl.col("amount").is_not_null() & (pl.col("code") != self.exchange.currency)
        )
        if foreign.is_empty():
            return frame
        has_rate = pl.col("code").is_in(list(self.exchange.rates))
        self.unknown.setdefault(currency, []).append(foreign.filter(~has_rate).select(FILE, ROW, "code", "written"))
        priced = self._priced(foreign.filter(has_rate))
        self.unpriced.setdefault(name, []).append(
            priced.filter(pl.col("rate").is_null()).select(FILE, ROW, "amount", "code")
        )
        value = rounded(pl.col("amount").cast(_EXACT) * pl.col("rate").cast(_EXACT))
        values = priced.select("place", value=value)
        return frame.with_columns(frame[name].scatter(values["place"], values["value"]))

    def _priced(self, foreign: pl.DataFrame) -> pl.DataFrame:
        """Each row with the `rate` in force on its day; null where there is none."""
        always = pl.col("code").is_in(self.exchange.undated)
        days = foreign.with_columns(day=pl.when(always).then(pl.lit(_ALWAYS)).otherwise(pl.col("day")))
        # Both are sorted; within one currency Polars can't see that by itself.
        rates = self.exchange.frame()
        return days.sort("day").join_asof(rates, left_on="day", right_on="from", by="code", check_sortedness=False)

    def _hold_against_signs(self, amounts: pl.DataFrame, name: str, looked: Looked) -> None:
        odd = looked.columns[name].odd
        if odd is None:
            return
        signed = odd.filter(pl.col("currency").is_not_null())
        codes = amounts["code"].gather(signed["place"]).fill_null(self.exchange.currency)
        signed = signed.select(FILE, ROW, sign="currency", code=codes)
        contrary = [
            (pl.col("sign") == sign) & (pl.col("code") == code)
            for sign, code in signed.select("sign", "code").unique().iter_rows()
            if code in ISO_4217 and code not in meanings(sign)
        ]
        if contrary:
            self.contrary.setdefault(name, []).append(signed.filter(pl.any_horizontal(contrary)))

    # ---- what is said about it

    def unknown_codes(self) -> Iterator[KpiError]:
        """Codes that are none, and currencies without a rate."""
        own = self.exchange.currency
        for currency, frames in self.unknown.items():
            rows = pl.concat(frames).unique([FILE, ROW]).sort(FILE, ROW)
            is_code = pl.col("code").is_in(ISO_4217)
            unpriced, others = rows.filter(is_code), rows.filter(~is_code)
            if not unpriced.is_empty():
                codes = dict.fromkeys(unpriced["code"])
                shown = self._listed(unpriced, "code")
                yield data_error(
                    "missing-rate",
                    f"table {self.table}: {currency} has currencies without a rate: {shown}",
                    help=f"add under `rates` what one unit is worth in {own}: " + ", ".join(f"`{c}: …`" for c in codes),
                )
            if not others.is_empty():
                shown = self._listed(others.with_columns(quoted=pl.format("'{}'", "written")), "quoted")
                yield data_error(
                    "unknown-currency",
                    f"table {self.table}: {currency} holds what is no ISO 4217 code: {shown}",
                    help=f"mend them in the export, or list those that stand for {own} under `blank` of {currency}, "
                    f"since a blank currency is the book's; {nearest_code(others['code'][0])}",
                )

    def contradictions(self) -> Iterator[KpiError]:
        """Signs of other currencies than the one that is declared for a row."""
        for name, frames in self.contrary.items():
            pair = pl.format("'{}' in amounts of {}", "sign", "code")
            shown = self._listed(pl.concat(frames).sort(FILE, ROW).with_columns(pair=pair), "pair")
            yield data_error(
                "currency-sign",
                f"table {self.table}: {name} has signs of other currencies than `currency` says: {shown}",
                help=f"mend the sign or the currency in the export; a blank currency is {self.exchange.currency}",
            )

    def notes(self) -> Iterator[Note]:
        """Amounts without a rate on their day."""
        for name, frames in self.unpriced.items():
            rows = pl.concat(frames).sort(FILE, ROW)
            shown = [(file, row, f"{_plain(amount)} {code}") for file, row, amount, code in rows.head(EXAMPLES).rows()]
            if shown:
                yield Note("no-rate", name, rows.height, tuple(example(self.files, *each) for each in shown))

    def _listed(self, rows: pl.DataFrame, by: str) -> str:
        """`EUR (rows 4, 7 and 12 more), SEK (row 9)`: the rows of each text of a column."""
        firsts = (pl.col(FILE, ROW).head(EXAMPLES), pl.len().alias("count"))
        groups = rows.group_by(by, maintain_order=True).agg(*firsts).select(by, FILE, ROW, "count").rows()
        shown = [f"{text} ({self._rows(*found)})" for text, *found in groups[:_SHOWN]]
        return ", ".join(shown) + (f" and {len(groups) - _SHOWN:,} others" if len(groups) > _SHOWN else "")

    def _rows(self, in_files: Sequence[int], rows: Sequence[int], count: int) -> str:
        several = len(self.files) > 1
        places = zip(in_files, rows, strict=True)
        named = [f"{self.files[file]} row {row}" if several else f"{row}" for file, row in places]
        word = "" if several else "row " if count == 1 else "rows "
        return word + ", ".join(named) + (f" and {count - len(rows):,} more" if count > len(rows) else "")


def _plain(amount: Decimal) -> str:
    return f"{amount:f}".rstrip("0").removesuffix(".")
