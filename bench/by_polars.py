"""What the exports take at the least: Polars parses the columns that the figures need, as text, and no figure is made.

    python bench/by_polars.py FOLDER [COPIES]

Nothing is proven of the lines, typed or added up. With a folder for copies the columns are written there as Parquet,
which is the least that a run does that a later one is to profit from.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["POLARS_CSV_CHUNK_SIZE"] = str(2 << 20)  # as the command sets it for itself

import polars as pl

NEEDED = {
    "activities": ["Type", "Status", "OwnerId", "AccountId", "ActivityDate", "DurationMinutes"],
    "leads": ["Status", "LeadSource", "OwnerId", "CreatedDate", "IsConverted", "ConvertedDate"],
    "opportunities": ["Amount", "OwnerId", "CreatedDate", "CloseDate", "IsClosed", "IsWon"],
    "users": ["Id", "Name"],
}


def parse(folder: Path, copies: Path | None) -> None:
    for table, columns in NEEDED.items():
        export = folder / f"{table}.csv"
        cells = pl.scan_csv(export, infer_schema=False, quote_char=None, glob=False).select(columns)
        if copies is None:
            cells.select(pl.all().null_count()).collect(engine="streaming")
        else:
            cells.sink_parquet(copies / f"{table}.parquet")


if __name__ == "__main__":
    parse(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
