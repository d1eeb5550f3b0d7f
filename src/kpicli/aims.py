"""Which target holds when: the entries of a dated list, laid over a KPI's window."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from kpicli.book.targets import Aim, DatedAim
from kpicli.contexts import Absent, Context
from kpicli.periods import Period


class Piece(Struct, frozen=True):
    """A target and the context in which it is in force: for a flow its own days of the whole window."""

    aim: Aim
    context: Context


def pieces(dated: Sequence[DatedAim], context: Context, *, flow: bool) -> tuple[Piece, ...] | Absent:
    """The targets in force in the window that the context holds.

    A flow is read day by day over the whole window; a level by the entry in force on the last elapsed day.
    """
    if not dated:
        return Absent("no target")
    period = context.period
    first = dated[0].start
    if first is not None and first > period.start:
        return Absent(f"the first target holds from {first}, and the window starts on {period.start}", whoever=True)
    if not flow:
        day = max(period.last_day, period.start)
        (aim,) = [entry.aim for entry in dated if entry.start is None or entry.start <= day][-1:]
        return (Piece(aim, context),)
    whole = replace(context, period=period.whole(), past_as_of=True, unbegun=False)
    starts = [period.start, *(entry.start for entry in dated[1:] if entry.start is not None)]
    found = []
    for index, entry in enumerate(dated):
        start = max(starts[index], period.start)
        end = min(starts[index + 1], period.end) if index + 1 < len(starts) else period.end
        if start < end:
            partial = (start, end) != (period.start, period.end)
            days = Period(start, end, end, None) if partial else whole.period
            found.append(Piece(entry.aim, replace(whole, period=days)))
    return tuple(found)
