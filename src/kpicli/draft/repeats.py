"""Files of one kind that hold the same rows: the newest of them is read, since rows of two would count twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from kpicli.draft.columns import holds_dates
from kpicli.draft.words import likeness
from kpicli.render.numbers import write_count
from kpicli.tables.survey import Profile, Survey

_LIKE: Final = 0.5
_NEARLY: Final = 0.9
"""Which share of a column's rows must have values of their own for it to be meant as an id."""


def unshared(surveys: Sequence[Survey]) -> tuple[list[Survey], list[tuple[str, str]]]:
    """The files that may be read beside each other; and those that are left out, each with the reason."""
    kept: list[Survey] = []
    left_out = []
    for opened in sorted(surveys, key=_newness, reverse=True):
        reason = _shares(opened, kept)
        if reason is None:
            kept.append(opened)
        else:
            left_out.append((opened.place, reason))
    return sorted(kept, key=lambda each: each.place), left_out


def is_nearly_key(opened: Survey, column: Profile, share: float = _NEARLY) -> bool:
    """Whether at least such a share of the rows has a value in a column that no row before has."""
    return opened.is_key(column) or column.filled - opened.repeats(column).more >= share * opened.rows


def _shares(opened: Survey, kept: Sequence[Survey]) -> str | None:
    ids = [each for each in opened.columns if likeness(each.header, "id") >= _LIKE and is_nearly_key(opened, each)]
    has_versions = any(likeness(each.header, "modified_date") >= _LIKE and holds_dates(each) for each in opened.columns)
    if not ids or has_versions:
        return None
    own = max(ids, key=lambda column: likeness(column.header, "id"))
    shared = {
        other.place: opened.shared(own, other, theirs)
        for other in kept
        if (theirs := other.columns_by_at.get(own.at)) is not None
    }
    also = [place for place, rows in shared.items() if rows]
    if not also:
        return None
    rows, only = sum(shared.values()), opened.rows - sum(shared.values())
    reason = f"{write_count(rows)} of its {write_count(opened.rows)} rows have an id that {also[0]} has too"
    reason += ", which is newer"
    if only > 0:
        reason += (
            f"; {write_count(only)} of its ids {'is' if only == 1 else 'are'} in no other file and not counted: "
            "export them anew into a file without the others"
        )
    return reason


# ---- which is the newest

_DAY: Final = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?([0-2]\d|3[01])(?!\d)")


def _newness(opened: Survey) -> tuple[date, date, date, str, float, int, str]:
    """What tells how new a file is, the surest first: its own dates, the day in its name, when it was saved."""
    saved = opened.file.path.stat().st_mtime
    # A later close date is only expected, and an old export may expect more than a new one.
    closed = _newest(opened, "close_date", datetime.fromtimestamp(saved, UTC).date())
    named = _DAY.search(opened.place)
    return (
        _newest(opened, "modified_date"),
        _newest(opened, "created_date"),
        closed,
        "".join(named.groups()) if named else "",
        saved,
        opened.rows,
        opened.place,
    )


def _newest(opened: Survey, role: str, until: date = date.max) -> date:
    """The newest day in the column of a role; the oldest that there is where no column has it."""
    columns = [each for each in opened.columns if likeness(each.header, role) >= _LIKE and holds_dates(each)]
    if not columns:
        return date.min
    best = max(columns, key=lambda column: likeness(column.header, role))
    return opened.newest(best, until) or date.min
