"""The one place where queries are run, and where what Polars says of a failure becomes an error of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl

from kpicli.errors import KpiError, Trouble


def collected(frames: Sequence[pl.LazyFrame], *, streamed: bool) -> list[pl.DataFrame]:
    """The results of queries that run together, each scan that they share once.

    Streaming is for what is large: it takes a few milliseconds to begin. Raises KpiError (data) for a sum too large to
    be exact, and for data that can't be read.
    """
    if not frames:
        return []
    with explaining():
        return pl.collect_all(frames, engine="streaming" if streamed else "in-memory")


@contextmanager
def explaining() -> Iterator[None]:
    """Raises KpiError (data) for whatever Polars can't do with the data."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _explained(error) from error


_TOO_LARGE = re.compile("overflow|doesn't fit|conversion from `decimal")


def too_large() -> KpiError:
    """The error for a number that isn't exact any more."""
    return KpiError(
        "overflow",
        "a sum or product is too large to be exact",
        help="check the amounts: a sum has up to 32 digits before the point, a product within a row up to 20",
        trouble=Trouble.DATA,
    )


def _explained(error: BaseException) -> KpiError:
    first = str(error).partition("\n")[0]
    if _TOO_LARGE.search(first):
        return too_large()
    return KpiError(
        "unreadable", f"the data can't be read: {first}", help="run again with --debug for more", trouble=Trouble.DATA
    )
