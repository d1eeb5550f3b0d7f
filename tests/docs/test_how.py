"""The numbers in the prose of docs/how.md, counted by plain Python; tests/docs/test_pages.py runs its blocks."""

from __future__ import annotations

import re
from datetime import date, timedelta

from tests.docs.pages import page
from tests.example.exports import company, rows
from tests.example.figures import KPIS, Period, quota

HOW = re.sub(r"\s+", " ", page("docs/how.md"))
AS_OF = date(2026, 11, 22)
NOVEMBER = Period(date(2026, 11, 1), AS_OF, date(2026, 11, 30))


def closed(until: date) -> tuple[int, int]:
    """Won and closed deals in the 90 days up to a day."""
    since = until - timedelta(days=89)
    deals = [deal for deal in company().deals if deal.closed and deal.close and since <= deal.close <= until]
    return sum(deal.won for deal in deals), len(deals)


def test_the_rows_that_count() -> None:
    exported = rows("opportunities.csv")
    newest = {row["Id"]: row for row in sorted(exported, key=lambda row: row["LastModifiedDate"])}
    kept = [row for row in newest.values() if row["IsDeleted"] == "0"]
    unread = sum(1 for deal in company().deals if deal.close is None)
    assert f"has {len(exported)} rows. {len(exported) - len(newest)} of them are older versions" in HOW
    assert f"{len(newest) - len(kept)} deals are deleted, and {len(kept)} count. In {unread} of these" in HOW


def test_the_windows() -> None:
    assert f"the 90 days from {AS_OF - timedelta(days=89)} to {AS_OF}" in HOW


def test_the_win_rate_and_what_it_is_compared_with() -> None:
    (won, lost_or_won), (won_before, closed_before) = closed(AS_OF), closed(date(2026, 10, 22))
    rate, before = won / lost_or_won, won_before / closed_before
    assert f"{won} / {lost_or_won} is {rate:.2%}".replace("%", " %") in HOW
    assert f"{100 * rate:.2f} / 33, which is {rate / 0.33:.1%}".replace("%", " %") in HOW
    assert (
        f"{won_before} / {closed_before}, so the win rate fell by {100 * (before - rate):.1f} percentage points" in HOW
    )


def test_the_quota_and_what_is_expected_of_it() -> None:
    target = quota(company(), NOVEMBER.whole())
    passed, days = NOVEMBER.workdays(), NOVEMBER.whole().workdays()
    expected = target * passed / days
    won = KPIS["won_revenue"](company(), NOVEMBER)
    assert won is not None
    assert not isinstance(won, str)
    assert f"quota of ${target:,.0f}, {passed} of {days} workdays have passed, so ${expected:,.0f} are expected" in HOW
    assert f"${won:,.0f} that are won are {float(won) / float(expected):.1%}".replace("%", " %") in HOW
