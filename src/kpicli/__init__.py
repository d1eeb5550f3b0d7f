"""Leading and lagging sales KPIs from a book of formulas (`kpis.yaml`) and the tables that a CRM exports.

    import kpicli

    report = kpicli.load("kpis.yaml").report(period="2026-10", by="owner")
    report.to_dict()    # what `kpi report --format json` writes
    report.to_polars()  # a frame with one row a figure

Importing this loads neither Polars nor the engine; a report does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from os import PathLike
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpicli import cache as _cache  # noqa: F401 -- it notes when the program began
from kpicli.errors import KpiError, Trouble

if TYPE_CHECKING:
    import polars as pl

    from kpicli.book.load import Loaded
    from kpicli.checked import Check
    from kpicli.explained import Explanation
    from kpicli.scorecard import Scorecard, TableData

__all__ = ["Explained", "KpiBook", "KpiError", "Report", "__version__", "load"]

__version__ = "0.1.0"


class Report(Struct, frozen=True):
    """A finished report; `scorecard` is all of it as plain frozen data."""

    scorecard: Scorecard

    def to_dict(self) -> dict[str, Any]:
        """The JSON result as Python values; exact numbers are `Decimal`, dates are ISO texts."""
        from kpicli.render.formats.json import to_dict

        return to_dict(self.scorecard)

    def to_polars(self) -> pl.DataFrame:
        """One row a figure: the headline of each KPI (where `by` is null), then its members.

        Numbers are float64; the value of a text KPI is in `value_text`.
        """
        from msgspec.structs import asdict

        from kpicli.engine.frame import frame_of
        from kpicli.render.rows import Row, flatten

        return frame_of(Row.__struct_fields__, map(asdict, flatten(self.scorecard)))


class Explained(Struct, frozen=True):
    """Why one figure is what it is; `explanation` is all of it as plain frozen data."""

    explanation: Explanation

    def to_dict(self) -> dict[str, Any]:
        """What `kpi explain --format json` writes, as Python values; numbers of an arithmetic are exact texts."""
        from kpicli.formula.check import deep_chains
        from kpicli.render.explain.json import explain_dict

        with deep_chains():
            return explain_dict(self.explanation)


class KpiBook(Struct, frozen=True):
    """A book that has been read and checked, ready to report on its data."""

    loaded: Loaded
    cache: bool = True
    """Whether typed copies of large exports are kept for later runs."""

    def report(  # noqa: PLR0913 -- one parameter for each option of `kpi report`
        self,
        scorecard: str | None = None,
        *,
        period: str | None = None,
        by: str | None = None,
        only: Mapping[str, str | Iterable[str]] | None = None,
        kpis: Iterable[str] = (),
        as_of: date | str | None = None,
        strict: bool = False,
        trend: int | None = None,
    ) -> Report:
        """Evaluate a scorecard, or the given KPIs. Raises `KpiError` for what can't be asked or read.

        `only` maps a dimension to one member or several, by key or label; `as_of` is the last day that counts,
        today in the calendar's zone by default. `trend` is how many periods it shows, this one included.
        """
        from kpicli.reporting import Request, report

        request = Request(
            scorecard=scorecard,
            period=period,
            by=by,
            only=_pairs(only),
            kpis=tuple(_each(kpis)),
            as_of=self.day(as_of),
            strict=strict,
            trend=trend,
        )
        return Report(report(self.loaded, request, cache=self.cache))

    def explain(  # noqa: PLR0913 -- one parameter for each option of `kpi explain`
        self,
        kpi: str,
        *,
        period: str | None = None,
        only: Mapping[str, str | Iterable[str]] | None = None,
        as_of: date | str | None = None,
        strict: bool = False,
        rows: str | None = None,
        first: int | None = None,
        left_out: bool = False,
    ) -> Explained:
        """Say why a KPI's figure is what it is. Raises `KpiError` like a report.

        `rows` names an aggregate, by its number or text, whose rows are listed; `first` is how many of them, else all.
        With `left_out`, they are those that it doesn't count, each with why; `first` is how many for each reason.
        """
        from kpicli.reporting import Request, Rows, explain

        if left_out and rows is None:
            message, help_ = "whose rows are left out isn't said", 'name the aggregate, for example `rows="1"`'
            raise KpiError("usage", message, help=help_, trouble=Trouble.USAGE)
        request = Request(
            period=period,
            only=_pairs(only),
            kpis=(kpi,),
            as_of=self.day(as_of),
            strict=strict,
        )
        wanted = None if rows is None else Rows(rows, first, left_out)
        return Explained(explain(self.loaded, request, wanted, cache=self.cache))

    def check(self, *, as_of: date | str | None = None) -> Check:
        """Read every table of the book whole, and say what is odd about it, as `kpi check` does.

        A table that can't be used is in it with its error. Raises `KpiError` for what is no single table's trouble.
        """
        from kpicli.reporting import check

        return check(self.loaded, self.day(as_of), cache=self.cache)

    def check_data(self, *, as_of: date | str | None = None) -> tuple[TableData, ...]:
        """Read every table of the book whole: what a report would note. Raises `KpiError` if one can't be used."""
        from kpicli.reporting import check_data

        return check_data(self.loaded, self.day(as_of), cache=self.cache)

    def day(self, as_of: date | str | None = None) -> date:
        """The as-of day: as given, else today in the calendar's zone."""
        return today(as_of, self.loaded.book.calendar.timezone)


def today(as_of: date | str | None = None, zone: str = "UTC") -> date:
    """The day that is taken for today: as given, else that of the clock in a zone. No figure knows another clock."""
    if as_of is None:
        return datetime.now(ZoneInfo(zone)).date()
    if isinstance(as_of, str):
        return _parsed_day(as_of)
    if isinstance(as_of, datetime):
        return (as_of if as_of.tzinfo is None else as_of.astimezone(ZoneInfo(zone))).date()
    return as_of


def load(path: str | PathLike[str] = "kpis.yaml", *, cache: bool = True) -> KpiBook:
    """Read and check a book; a folder stands for the kpis.yaml in it.

    Raises `KpiError`; with several mistakes, its text shows each at its place. `cache` keeps typed copies of large
    exports in the user's cache folder, as `kpi report` does.
    """
    from pathlib import Path

    from kpicli.book.load import load as load_book

    file = Path(path)
    return KpiBook(load_book(file / "kpis.yaml" if file.is_dir() else file), cache)


def _pairs(only: Mapping[str, str | Iterable[str]] | None) -> tuple[tuple[str, str], ...]:
    """Each member with its dimension. Raises `KpiError` for no member at all, which would be a report on everybody."""
    pairs: list[tuple[str, str]] = []
    for dimension, members in (only or {}).items():
        those = [(dimension, member) for member in _each(members or ())]
        if not those:
            message, help_ = f"`only` names no member of {dimension}", "name one, or leave the dimension out"
            raise KpiError("usage", message, help=help_, trouble=Trouble.USAGE)
        pairs += those
    return tuple(pairs)


def _each(members: str | Iterable[str]) -> Iterable[str]:
    return (members,) if isinstance(members, str) else members


def _parsed_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        raise KpiError(
            "bad-date",
            f"the as-of day '{text}' is no date",
            help="write it as 2026-11-22",
            trouble=Trouble.USAGE,
        ) from None
