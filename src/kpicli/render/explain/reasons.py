"""Why rows of a table don't count for an aggregate, in words."""

from __future__ import annotations

from kpicli.explained import Aggregate
from kpicli.scorecard import LeftOut


def why_left_out(each: LeftOut, aggregate: Aggregate) -> str:
    """Why rows don't count, in words that go on after their number."""
    one = each.rows == 1
    match each.reason:
        case "older-version":
            return "older version of a row" if one else "older versions of a row"
        case "equal-copy":
            return "second copy of a row" if one else "second copies of a row"
        case "where":
            return f"by the table's `where: {each.condition}`"
        case "only":
            return f"of others, by {each.condition}"
        case "no-member":
            return f"without {each.condition}"
        case "before" | "after" as side:
            return f"{side} these days"
        case "begins-later":
            return f"not yet alive: {aggregate.date} is later"
        case "ended":
            return f"no longer alive: {aggregate.until} had come"
        case "condition":
            return f"not where {aggregate.condition}"
        case "unknown":
            return f"where a blank leaves open whether {aggregate.condition}"
        case "no-date":
            return f"without {aggregate.date}"
        case "blank":
            return "with nothing in the value"
        case "duplicate":
            return "with a value that another row has already"
        case other:
            return other
