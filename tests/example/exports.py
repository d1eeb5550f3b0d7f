"""The exports of the example, read by plain Python: the csv module, Decimal, nothing of the program."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

EXAMPLES = Path(__file__).parents[2] / "examples"
NEW_YORK = ZoneInfo("America/New_York")

T = TypeVar("T")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an export by header, each cell without blanks at its ends."""
    with (EXAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return [{header: cell.strip() for header, cell in row.items()} for row in csv.DictReader(file)]


def day(text: str, shape: str = "%Y-%m-%d") -> date | None:
    """The day of a date or a timestamp; timestamps have an offset and are brought to New York."""
    try:
        if "T" in text and text[:4].isdigit():
            return datetime.fromisoformat(text).astimezone(NEW_YORK).date()
        return datetime.strptime(text, shape).date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None


def us_day(text: str) -> date | None:
    return day(text, "%m/%d/%Y")


def money(text: str) -> Decimal | None:
    if text in ("", "N/A"):
        return None
    sign = -1 if text.startswith("(") else 1
    digits = text.strip("($)").replace(",", "")
    return sign * (Decimal(digits[:-1]) * 1000 if digits.endswith("K") else Decimal(digits))


def found(value: T | None) -> T:
    assert value is not None
    return value


@dataclass(frozen=True)
class Deal:
    id: str
    account: str
    kind: str
    source: str
    owner: str
    closed: bool
    won: bool
    created: date
    close: date | None
    proposal: date | None
    arr: Decimal | None
    insights: bool

    @property
    def closed_on(self) -> date | None:
        return self.close if self.closed else None

    @property
    def fee(self) -> Decimal | None:
        """The month's share, as exact as a row's result is: six places."""
        return None if self.arr is None else (self.arr / 12).quantize(Decimal("0.000001"), ROUND_HALF_UP)

    @property
    def cycle(self) -> int | None:
        return (self.close - self.created).days if self.close and self.close >= self.created else None


@dataclass(frozen=True)
class Activity:
    kind: str
    owner: str
    day: date | None
    completed: bool
    no_show: bool
    with_lead: bool
    with_executive: bool


@dataclass(frozen=True)
class Lead:
    owner: str
    source: str
    created: date | None
    qualified: date | None
    converted: date | None


@dataclass(frozen=True)
class Account:
    owner: str
    since: date | None
    cancelled: date | None


@dataclass(frozen=True)
class User:
    id: str
    name: str
    sells: bool
    active: bool
    team: str
    hired: date
    left: date | None


@dataclass(frozen=True)
class Quota:
    owner: str
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Cost:
    source: str
    month: date
    amount: Decimal


@dataclass(frozen=True)
class Company:
    deals: list[Deal]
    activities: list[Activity]
    leads: list[Lead]
    accounts: list[Account]
    users: list[User]
    quotas: list[Quota]
    costs: list[Cost]

    def of(self, owner: str) -> Company:
        """What belongs to one owner; an empty one stands for the rows without."""
        return Company(
            [deal for deal in self.deals if deal.owner == owner],
            [activity for activity in self.activities if activity.owner == owner],
            [lead for lead in self.leads if lead.owner == owner],
            [account for account in self.accounts if account.owner == owner],
            [user for user in self.users if user.id == owner],
            [quota for quota in self.quotas if quota.owner == owner],
            [],
        )

    def from_source(self, source: str) -> Company:
        """What belongs to one lead source; an empty one stands for the rows without."""
        return Company(
            [deal for deal in self.deals if deal.source == source],
            [],
            [lead for lead in self.leads if lead.source == source],
            [],
            [],
            [],
            [cost for cost in self.costs if cost.source == source],
        )


def read_deals() -> list[Deal]:
    lines: dict[str, list[dict[str, str]]] = {}
    for line in rows("line_items.csv"):
        lines.setdefault(line["Opportunity ID"], []).append(line)
    newest: dict[str, dict[str, str]] = {}
    for row in rows("opportunities.csv"):
        other = newest.get(row["Id"])
        if other is None or found(day(other["LastModifiedDate"])) < found(day(row["LastModifiedDate"])):
            newest[row["Id"]] = row
    deals = []
    for row in newest.values():
        if row["IsDeleted"] == "1":
            continue
        own = lines.get(row["Id"], [])
        recurring = [found(money(line["Total Price"])) for line in own if line["Billing"] == "Recurring"]
        deals.append(
            Deal(
                row["Id"],
                row["AccountId"],
                row["Type"],
                row["LeadSource"],
                row["OwnerId"],
                row["IsClosed"] == "1",
                row["IsWon"] == "1",
                found(day(row["CreatedDate"])),
                day(row["CloseDate"]),
                day(row["Proposal Sent"]),
                sum(recurring, Decimal(0)) if own else money(row["Amount"]),
                any(line["Product"] == "Insights" for line in own),
            )
        )
    return deals


def read_activities() -> list[Activity]:
    titles = {row["Contact ID"]: row["Title"] for row in rows("contacts.csv")}

    def activity(kind: str, owner: str, when: date | None, status: str, who: str) -> Activity:
        title = titles.get(who, "")
        executive = title in ("CEO", "CFO", "COO") or title.startswith("VP ")
        done = status in ("Completed", "Held")
        return Activity(kind, owner, when, done, status == "No show", who.startswith("00Q"), executive)

    tasks = [
        activity(row["Type"], row["Assigned To"], us_day(row["Due Date"]), row["Status"], row["Name"])
        for row in rows("tasks.csv")
        if row["Type"] != "System"
    ]
    events = [
        activity(row["Event Type"], row["Host"], day(row["Start"]), row["Outcome"], row["Attendee"])
        for row in rows("events.csv")
    ]
    return tasks + events


def read_accounts(deals: Iterable[Deal]) -> list[Account]:
    first_won: dict[str, date] = {}
    for deal in deals:
        if deal.won and deal.closed_on:
            first_won[deal.account] = min(deal.closed_on, first_won.get(deal.account, deal.closed_on))
    return [
        Account(
            row["Owner ID"],
            us_day(row["Customer Since"]) or first_won.get(row["Account ID"]),
            us_day(row["Cancelled On"]),
        )
        for row in rows("accounts.csv")
    ]


@cache
def company() -> Company:
    deals = read_deals()
    return Company(
        deals,
        read_activities(),
        [
            Lead(
                row["OwnerId"],
                row["LeadSource"].replace("N/A", ""),
                day(row["CreatedDate"]),
                day(row["Qualified On"]),
                day(row["ConvertedDate"]),
            )
            for row in rows("leads.csv")
            if row["IsDeleted"] != "TRUE"
        ],
        read_accounts(deals),
        [
            User(
                row["User ID"],
                row["Full Name"],
                row["Role"] == "Account Executive",
                row["Active"] == "1",
                row["Team"],
                found(day(row["Hired"])),
                day(row["Left"]),
            )
            for row in rows("users.csv")
        ],
        [
            Quota(row["Rep ID"], found(us_day(row["Month"])), amount)
            for row in rows("quotas.csv")
            if (amount := money(row["Quota"])) is not None
        ],
        [
            Cost(row["Channel"], found(day(row["Month"])), found(money(row["Cost"])))
            for row in rows("campaign_costs.csv")
        ],
    )
