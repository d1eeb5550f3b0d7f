"""Writes the exports that the benchmark reads: those of a large company that doesn't exist, in Salesforce's shape.

    python -m bench.generate [FOLDER] [--size ROWS]

`size` is the number of activities. There is one lead for every five of them, one opportunity for every ten, and 500
owners, fewer where there are less than 50,000 activities. Everything comes from one seed, block by block, so that the
same size is the same bytes.
The 33 months end with October 2026. A folder that was written with the same parameters is left as it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.book import hundred, twenty

ROOT = Path(__file__).resolve().parent.parent
FULL = 5_000_000
FIRST_DAY = date(2024, 2, 1)
LAST_DAY = date(2026, 10, 31)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
BLOCK = 500_000
"""So many rows are drawn at once."""
MOST_OWNERS = 500
ACCOUNTS_OF_AN_OWNER = 200

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How many rows each export has, and what the rows depend on besides."""

    activities: int
    leads: int
    opportunities: int
    owners: int
    seed: int = 1526
    form: int = 1
    """Raised with every change of what is written, so that older folders are written anew."""

    @classmethod
    def of(cls, activities: int) -> Size:
        owners = min(MOST_OWNERS, max(5, activities // 100))
        return cls(activities, activities // 5, activities // 10, owners)


class Dice:
    """Draws columns of so many rows."""

    def __init__(self, size: Size, table: int, block: int, rows: int) -> None:
        self.size = size
        self.rows = rows
        self._random = np.random.Generator(np.random.PCG64([size.seed, table, block]))

    def below(self, limit: int) -> Numbers:
        """Whole numbers from 0 to limit - 1."""
        return self._random.integers(0, limit, self.rows, dtype=np.int64)

    def percent(self, share: float) -> npt.NDArray[np.bool_]:
        """True in so many of a hundred rows."""
        return self._random.random(self.rows) * 100 < share

    def spread(self, mean: float, width: float) -> npt.NDArray[np.float64]:
        """Positive numbers around `mean`, with a long tail: a log-normal."""
        return mean * np.exp(width * self._random.standard_normal(self.rows))

    def text(self, weights: dict[str, int]) -> pl.Series:
        """Texts, each as often as its weight in percent."""
        codes = np.repeat(np.arange(len(weights)), list(weights.values()))[self.below(100)]
        return pl.Series(list(weights)).gather(pl.Series(codes, dtype=pl.UInt32))

    def owners(self) -> Numbers:
        """Numbers of owners; the first ones have three times the rows of the last ones."""
        share = self._random.random(self.rows)
        return np.asarray(self.size.owners * (share + share**2) / 2, dtype=np.int64)

    def days_in_order(self, first_row: int, all_rows: int, slack: int) -> Numbers:
        """Days since the first one, in the order of the rows but for some days, as a CRM numbers its rows."""
        even = (np.arange(first_row, first_row + self.rows, dtype=np.int64) * DAYS) // all_rows
        in_order: Numbers = np.clip(even + self.below(2 * slack + 1) - slack, 0, DAYS - 1)
        return in_order


def ids(prefix: str, numbers: Numbers | pl.Series) -> pl.Series:
    """Salesforce ids of 15 characters."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(15 - len(prefix))


def days(numbers: Numbers) -> pl.Series:
    """Dates, from days since the first one."""
    return pl.Series(numbers + (FIRST_DAY - date(1970, 1, 1)).days, dtype=pl.Int32).cast(pl.Date)


def blank(series: pl.Series, where: npt.NDArray[np.bool_]) -> pl.Series:
    """The series with nothing in these rows."""
    return pl.select(pl.when(pl.lit(pl.Series(~where))).then(pl.lit(series))).to_series()


def accounts(dice: Dice, owners: Numbers) -> pl.Series:
    """Mostly an account of the owner, now and then anybody's."""
    own = owners * ACCOUNTS_OF_AN_OWNER + np.minimum(dice.below(ACCOUNTS_OF_AN_OWNER), dice.below(ACCOUNTS_OF_AN_OWNER))
    anybodys = dice.below(dice.size.owners * ACCOUNTS_OF_AN_OWNER)
    return ids("0015g", np.where(dice.percent(15), anybodys, own))


def activities(dice: Dice, first: int) -> pl.DataFrame:
    owners = dice.owners()
    kind = dice.text({"Call": 38, "Email": 30, "Meeting": 12, "Task": 14, "Demo": 6})
    status = dice.text({"Completed": 70, "Open": 16, "In Progress": 7, "Deferred": 5, "Cancelled": 2})
    minutes = pl.Series(np.minimum(dice.spread(12, 0.9), 240).astype(np.int64))
    timed = kind.is_in(["Call", "Meeting", "Demo"]).to_numpy() & (status == "Completed").to_numpy()
    subject = {"Follow-up": 30, "Intro": 20, "Pricing": 15, "Renewal": 15, "Check-in": 12, "Contract review": 8}
    return pl.DataFrame(
        {
            "Id": ids("00T5g", np.arange(first, first + dice.rows)),
            "Subject": dice.text(subject),
            "Type": kind,
            "Status": status,
            "Priority": dice.text({"Normal": 85, "High": 10, "Low": 5}),
            "OwnerId": ids("0055g", owners),
            "AccountId": blank(accounts(dice, owners), dice.percent(8)),
            "ActivityDate": days(dice.days_in_order(first, dice.size.activities, 9)),
            "DurationMinutes": blank(minutes, ~timed | dice.percent(3)),
        }
    )


def leads(dice: Dice, first: int) -> pl.DataFrame:
    created = dice.days_in_order(first, dice.size.leads, 3)
    later = created + dice.spread(25, 0.8).astype(np.int64)
    converted = dice.percent(26) & (later < DAYS)
    status = dice.text({"New": 30, "Working": 35, "Nurturing": 20, "Unqualified": 15})
    source = {"Website": 34, "Webinar": 18, "Outbound": 20, "Event": 12, "Referral": 10, "Partner": 6}
    return pl.DataFrame(
        {
            "Id": ids("00Q5g", np.arange(first, first + dice.rows)),
            "Company": ids("Company ", dice.below(dice.size.leads)),
            "Status": status.scatter(np.flatnonzero(converted), "Qualified"),
            "LeadSource": blank(dice.text(source), dice.percent(4)),
            "OwnerId": blank(ids("0055g", dice.owners()), dice.percent(1)),
            "CreatedDate": days(created),
            "IsConverted": pl.Series(converted),
            "ConvertedDate": blank(days(later), ~converted),
        }
    )


def opportunities(dice: Dice, first: int) -> pl.DataFrame:
    owners = dice.owners()
    created = dice.days_in_order(first, dice.size.opportunities, 3)
    close = created + dice.spread(60, 0.6).astype(np.int64)
    closed = close < DAYS
    won = closed & dice.percent(28)
    stage = dice.text({"Prospecting": 30, "Qualification": 30, "Proposal": 25, "Negotiation": 15})
    cents = pl.Series(dice.spread(1_800_000, 0.9).astype(np.int64))
    amount = pl.select(pl.lit(cents).cast(pl.Decimal(18, 2)) / 100).to_series().cast(pl.Decimal(18, 2))
    source = {"Website": 34, "Webinar": 18, "Outbound": 20, "Event": 12, "Referral": 10, "Partner": 6}
    stage = stage.scatter(np.flatnonzero(closed), "Closed Lost").scatter(np.flatnonzero(won), "Closed Won")
    return pl.DataFrame(
        {
            "Id": ids("0065g", np.arange(first, first + dice.rows)),
            "AccountId": accounts(dice, owners),
            "StageName": stage,
            "Amount": blank(amount, dice.percent(4)),
            "OwnerId": ids("0055g", owners),
            "LeadSource": blank(dice.text(source), dice.percent(4)),
            "CreatedDate": days(created),
            "CloseDate": days(close),
            "IsClosed": pl.Series(closed),
            "IsWon": pl.Series(won),
        }
    )


def users(size: Size) -> pl.DataFrame:
    """One in twenty has left; nobody's name is another's."""
    numbers = np.arange(size.owners, dtype=np.int64)
    return pl.DataFrame(
        {
            "Id": ids("0055g", numbers),
            "Name": ids("Seller ", numbers),
            "IsActive": pl.Series(numbers % 20 != 19),
        }
    )


def blocks(size: Size, table: int, rows: int, draw: Callable[[Dice, int], pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for block, first in enumerate(range(0, rows, BLOCK)):
        yield draw(Dice(size, table, block, min(BLOCK, rows - first)), first)


def write(folder: Path, size: Size) -> None:
    """Write the four exports."""
    tables = {
        "activities": blocks(size, 1, size.activities, activities),
        "leads": blocks(size, 2, size.leads, leads),
        "opportunities": blocks(size, 3, size.opportunities, opportunities),
        "users": iter([users(size)]),
    }
    for name, frames in tables.items():
        with (folder / f"{name}.csv").open("wb") as file:
            for number, frame in enumerate(frames):
                frame.write_csv(file, include_header=number == 0, quote_style="never")


def make(folder: Path, size: int) -> Path:
    """The folder, filled with exports of this size and the two books over them."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp, wanted = folder / "made.json", json.dumps(asdict(Size.of(size)))
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        stamp.unlink(missing_ok=True)  # first of all: half a folder never passes for a whole one
        write(folder, Size.of(size))
        stamp.write_text(wanted, encoding="utf-8")
    (folder / "kpis.yaml").write_text(twenty(), encoding="utf-8")
    (folder / "hundred.yaml").write_text(hundred(), encoding="utf-8")
    return folder


def usual_folder(size: int) -> Path:
    """Where the exports of this size are kept, unless somebody says otherwise."""
    return ROOT / ".bench" / str(size)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description="Write the benchmark's exports.")
    parser.add_argument("folder", nargs="?", type=Path, help="where; .bench/SIZE in the checkout if left out")
    parser.add_argument("--size", type=int, default=FULL, help="rows of activities (%(default)s)")
    asked = parser.parse_args()
    folder = make(asked.folder or usual_folder(asked.size), asked.size)
    print(folder)


if __name__ == "__main__":
    main()
