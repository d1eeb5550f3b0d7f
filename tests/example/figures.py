"""The figures of the example's KPIs, each by a few lines of plain Python over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from tests.example.exports import Activity, Company, Deal

HOLIDAYS = {
    date(2025, 6, 19),
    date(2026, 7, 3),
    date(2026, 9, 7),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
}
Value: TypeAlias = int | float | Decimal | str | None


# ---- periods


@dataclass(frozen=True)
class Period:
    """From `start` to `end`; `last` is its last elapsed day."""

    start: date
    last: date
    end: date

    def holds(self, when: date | None) -> bool:
        return when is not None and self.start <= when <= self.last

    def whole(self) -> Period:
        return replace(self, last=self.end)

    def days(self) -> list[date]:
        return [self.start + timedelta(days=n) for n in range((self.last - self.start).days + 1)]

    def workdays(self) -> int:
        return sum(1 for each in self.days() if each.weekday() < 5 and each not in HOLIDAYS)

    def months(self) -> Decimal:
        return sum((Decimal(1) / days_in_month(each) for each in self.days()), Decimal(0))

    def trailing_days(self, count: int) -> Period:
        return Period(self.last - timedelta(days=count - 1), self.last, self.last)

    def trailing_year(self) -> Period:
        return Period(self.last.replace(year=self.last.year - 1) + timedelta(days=1), self.last, self.last)

    def year_to_date(self) -> Period:
        return Period(date(self.last.year, 1, 1), self.last, date(self.last.year, 12, 31))

    def year_before(self) -> Period:
        """The same days of the year before; none of the periods below ends in a February."""
        return Period(*(each.replace(year=each.year - 1) for each in (self.start, self.last, self.end)))


def days_in_month(each: date) -> int:
    following = (each.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


# ---- the figures


def divided(above: float | Decimal | None, below: float | Decimal | None) -> float | None:
    return None if above is None or not below else float(above) / float(below)


def mean(values: Iterable[Decimal | int | None]) -> float | None:
    there = [Decimal(value) for value in values if value is not None]
    return divided(sum(there), len(there))


def total(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def won(company: Company, period: Period) -> list[Deal]:
    return [deal for deal in company.deals if deal.won and period.holds(deal.close)]


def new_business(deals: Iterable[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal.kind == "New Business"]


def lost(company: Company, period: Period) -> list[Deal]:
    return [deal for deal in company.deals if deal.closed and not deal.won and period.holds(deal.close)]


def alive(since: date | None, until: date | None, when: date) -> bool:
    return since is not None and since <= when and (until is None or until > when)


def open_deals(company: Company, period: Period) -> list[Deal]:
    return [deal for deal in company.deals if alive(deal.created, deal.closed_on, period.last)]


def sellers(company: Company, period: Period) -> int:
    return sum(1 for user in company.users if user.sells and alive(user.hired, user.left, period.last))


def done(company: Company, period: Period) -> list[Activity]:
    return [each for each in company.activities if each.completed and period.holds(each.day)]


def converted(company: Company, period: Period) -> int:
    return sum(1 for lead in company.leads if period.holds(lead.converted))


def qualified(company: Company, period: Period) -> int:
    return sum(1 for lead in company.leads if period.holds(lead.qualified))


def proposals(company: Company, period: Period) -> list[Deal]:
    return [deal for deal in company.deals if period.holds(deal.proposal)]


def quota(company: Company, period: Period) -> Decimal:
    """The share of each month's quotas that its days in the period have; only for periods of whole months here."""
    return total(each.amount for each in company.quotas if period.start <= each.month <= period.last)


def cost(company: Company, period: Period) -> Decimal:
    spread = Decimal(0)
    for entry in company.costs:
        inside = sum(1 for each in period.days() if each.replace(day=1) == entry.month)
        spread += entry.amount * inside / days_in_month(entry.month)
    return spread


def customers(company: Company, period: Period) -> int:
    return sum(1 for account in company.accounts if alive(account.since, account.cancelled, period.last))


def activities_per_win(company: Company, period: Period) -> float | None:
    """The mean over the sellers that are active or did something, divided by the won deals."""
    period = period.trailing_days(90)
    selling = {user.id for user in company.users if user.sells}
    listed = {user.id for user in company.users if user.sells and user.active}
    by_owner = dict.fromkeys(listed, 0)
    for activity in done(company, period):
        if activity.owner in selling:
            by_owner[activity.owner] = by_owner.get(activity.owner, 0) + 1
    return divided(mean(by_owner.values()), len(won(company, period)))


def no_shows(company: Company, period: Period) -> float | None:
    demos = [each for each in company.activities if each.kind == "Demo" and period.holds(each.day)]
    missed = sum(each.no_show for each in demos)
    return divided(missed, missed + sum(each.completed for each in demos))


def best_source(company: Company, period: Period, weigh: Callable[[Deal], Decimal]) -> str | None:
    by_source: dict[str, Decimal] = {}
    for deal in new_business(won(company, period.trailing_year())):
        if deal.source:
            by_source[deal.source] = by_source.get(deal.source, Decimal(0)) + weigh(deal)
    return max(by_source, key=lambda source: by_source[source], default=None)


def win_rate(company: Company, period: Period) -> float | None:
    wins, losses = len(won(company, period)), len(lost(company, period))
    return divided(wins, wins + losses)


def velocity(company: Company, period: Period) -> float | None:
    last = period.trailing_days(90)
    deals = won(company, last)
    rate, size, days = win_rate(company, last), mean(d.arr for d in deals), mean(d.cycle for d in deals)
    return None if rate is None or size is None else divided(len(open_deals(company, period)) * rate * size, days)


def coverage(company: Company, period: Period) -> float | None:
    due = [deal.arr for deal in company.deals if not deal.closed and period.whole().holds(deal.close)]
    missing = quota(company, period.whole()) - total(deal.arr for deal in won(company, period))
    return divided(total(due), max(missing, Decimal(0)))


def growth(company: Company, period: Period) -> float | None:
    now, before = customers(company, period), customers(company, period.year_before())
    return divided(now - before, before)


KPIS: dict[str, Callable[[Company, Period], Value]] = {
    "activities": lambda c, p: len(done(c, p)),
    "activities_per_day": lambda c, p: divided(len(done(c, p)), p.workdays()),
    "activities_per_week": lambda c, p: divided(len(done(c, p)) * 7, len(p.days())),
    "activities_per_month": lambda c, p: divided(len(done(c, p)), p.months()),
    "activities_per_lead": lambda c, p: divided(
        sum(each.with_lead for each in done(c, p.trailing_days(90))), converted(c, p.trailing_days(90))
    ),
    "activities_per_win": activities_per_win,
    "roi_assessments": lambda c, p: sum(each.kind == "ROI assessment" and each.with_executive for each in done(c, p)),
    "no_shows": no_shows,
    "new_leads": lambda c, p: sum(1 for lead in c.leads if p.holds(lead.created)),
    "qualified_leads": qualified,
    "qualified_per_month": lambda c, p: divided(qualified(c, p), p.months()),
    "lead_conversion": lambda c, p: divided(
        converted(c, p.trailing_days(90)), sum(1 for lead in c.leads if p.trailing_days(90).holds(lead.created))
    ),
    "leads_to_open_deals": lambda c, p: divided(converted(c, p.trailing_days(30)), len(open_deals(c, p))),
    "best_source_by_revenue": lambda c, p: best_source(c, p, lambda deal: deal.arr or Decimal(0)),
    "best_source_by_volume": lambda c, p: best_source(c, p, lambda _: Decimal(1)),
    "proposals_sent": lambda c, p: len(proposals(c, p)),
    "insights_share": lambda c, p: divided(
        sum(deal.insights for deal in proposals(c, p.trailing_days(90))), len(proposals(c, p.trailing_days(90)))
    ),
    "open_pipeline": lambda c, p: total(deal.arr for deal in open_deals(c, p)),
    "pipeline_coverage": coverage,
    "won_deals": lambda c, p: len(won(c, p)),
    "win_rate": lambda c, p: win_rate(c, p.trailing_days(90)),
    "won_to_lost": lambda c, p: divided(len(won(c, p.trailing_days(90))), len(lost(c, p.trailing_days(90)))),
    "sales_cycle": lambda c, p: mean(deal.cycle for deal in won(c, p.trailing_days(90))),
    "average_deal": lambda c, p: mean(deal.arr for deal in won(c, p.trailing_days(90))),
    "sales_velocity": velocity,
    "accounts_signed": lambda c, p: sum(1 for account in c.accounts if p.holds(account.since)),
    "market_share": lambda c, p: divided(customers(c, p), 2_400),
    "market_share_growth": growth,
    "cost_per_customer": lambda c, p: divided(
        cost(c, p.trailing_days(90)), len(new_business(won(c, p.trailing_days(90))))
    ),
    "new_account_fee": lambda c, p: mean(deal.fee for deal in new_business(won(c, p.trailing_days(90)))),
    "won_revenue": lambda c, p: total(deal.arr for deal in won(c, p)),
    "won_deals_year": lambda c, p: len(won(c, p.year_to_date())),
    "won_revenue_year": lambda c, p: total(deal.arr for deal in won(c, p.year_to_date())),
    "arr_per_seller": lambda c, p: divided(total(deal.arr for deal in won(c, p.trailing_year())), sellers(c, p)),
    "fee_per_seller": lambda c, p: divided(total(deal.fee for deal in won(c, p.trailing_days(90))), sellers(c, p)),
}
