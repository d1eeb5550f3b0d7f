"""Time: periods, the calendar that makes them, and the ways in which they shift, split and are counted.

Intervals are half-open and made of days. The clock is never read here: whoever asks says which day it is.
"""

from kpicli.periods.calendar import Calendar
from kpicli.periods.grains import Duration, Grain, PerUnit
from kpicli.periods.parse import check_period, parse_period
from kpicli.periods.period import Period

__all__ = ["Calendar", "Duration", "Grain", "PerUnit", "Period", "check_period", "parse_period"]
