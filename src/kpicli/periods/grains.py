"""The units of time: grains of periods, units of `per`, and spans such as `90 days`."""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct

from kpicli.errors import KpiError


class Grain(Enum):
    """The sizes of periods. Quarters and years follow the fiscal calendar unless they are asked for without FY."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def days(self) -> int:
        """Its fixed length in days; 0 where it is made of months."""
        return {Grain.DAY: 1, Grain.WEEK: 7}.get(self, 0)

    @property
    def months(self) -> int:
        """Its length in months; 0 where it is made of days."""
        return {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}.get(self, 0)

    @property
    def weeks(self) -> int:
        """Its length for those who count in weeks: a quarter is 13, a year 52; 0 for a day and a month."""
        return {Grain.WEEK: 1, Grain.QUARTER: 13, Grain.YEAR: 52}.get(self, 0)


class PerUnit(Enum):
    """What a figure can be `per`."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Duration(Struct, frozen=True):
    """A span of time: so many (at least 1) of a grain."""

    count: int
    grain: Grain

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a duration holds at least one unit")

    def __str__(self) -> str:
        """The span as `parse` reads it: "90 days", "1 year"."""
        return f"{self.count} {self.grain.value}{'' if self.count == 1 else 's'}"

    @classmethod
    def parse(cls, text: str) -> Duration:
        """The span that a text such as "90 days" or "1 year" names. Raises KpiError where it names none."""
        found = _SPAN.fullmatch(text)
        if found is None or int(found[1]) == 0:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            raise KpiError(
                "duration",
                f"'{shown}' is no span of time",
                help="write a whole number from 1 to 999999 and days, weeks, months, quarters or years: `90 days`",
            )
        return cls(int(found[1]), Grain(found[2].lower()))


_SPAN = re.compile(r"\s*([0-9]{1,6})\s+(day|week|month|quarter|year)s?\s*", re.IGNORECASE)
