"""Writes the exports of Tarnfield Software, a company that doesn't exist, next to this file.

    python -m examples.generate

Two years of a B2B software company that sells subscriptions to carriers and warehouses: leads worked by a development
team, deals worked by two sales teams, and the dirt that real exports hold. Everything comes from one seed and from
whole-number arithmetic, so every Python on every platform writes the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from examples.company import (
    FIRST_DAY,
    LAST_DAY,
    NOBODY,
    QUEUE,
    SELLERS,
    USERS,
    Company,
    Opportunity,
    at_work,
    month_start,
    months,
    stamp,
)
from examples.dice import Dice
from examples.names import plain

SEED = 1526

Rows = list[dict[str, str]]


def money(amount: int, number: int) -> str:
    """An amount as one of the people who touched the file wrote it."""
    match number % 9:
        case 3:
            return f"${amount:,}.00"
        case 6:
            return f"{amount}.00 "
        case _:
            return f"{amount}.00"


def iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def us(day: date | None) -> str:
    return "" if day is None else f"{day.month:02d}/{day.day:02d}/{day.year}"


def opportunity_rows(company: Company) -> Rows:
    """The deals that were alive within the exports' two years, and a few older versions of some."""
    dice, rows = Dice(SEED + 1), []
    for number, deal in enumerate(company.opportunities):
        if deal.close < FIRST_DAY:
            continue
        row = opportunity_row(dice, deal, number)
        if deal.closed and number % 53 == 20:  # an older version of the deal, from a week before it closed
            before = replace(deal, stage="Negotiation", close=deal.close + timedelta(days=20))
            older = opportunity_row(dice, replace(before, modified=deal.close - timedelta(days=7)), number)
            rows.append(older)
        rows.append(row)
        if number % 211 == 40:  # exported twice
            rows.append(row)
    return rows


def opportunity_row(dice: Dice, deal: Opportunity, number: int) -> dict[str, str]:
    created = deal.close + timedelta(days=3) if deal.closed and number % 149 == 60 else deal.created
    amount = money(deal.amount, number)
    if deal.won and number % 73 == 0:
        amount = "0.00"
    if not deal.closed and number % 17 == 4:
        amount = "N/A"
    note = 'Asked for "one more week".\nCall back, then send terms.' if number % 19 == 6 else ""
    overdue = not deal.closed and number % 13 == 5
    close = iso(LAST_DAY - timedelta(days=number % 40) if overdue else deal.close)
    if not deal.closed and number % 29 == 7:
        close = ("TBD", "31/12/2026", "Q1")[number % 3]
    return {
        "Id": deal.id,
        "IsDeleted": "1" if number % 67 == 11 else "0",
        "AccountId": "001TF0000099999" if number % 173 == 30 else deal.account.id,
        "Account Name": deal.account.name,
        "Name": f"{deal.account.name} - {deal.kind}" + (" " if number % 7 == 0 else ""),
        "StageName": deal.stage,
        "IsClosed": "1" if deal.closed else "0",
        "IsWon": "1" if deal.won else "",
        "Amount": amount,
        "Type": deal.kind,
        "LeadSource": "" if number % 61 == 8 else deal.source,
        "OwnerId": "" if number % 131 == 17 else deal.owner,
        "CreatedDate": stamp(dice, created),
        "CloseDate": close,
        "Proposal Sent": iso(deal.proposal),
        "LastModifiedDate": stamp(dice, deal.modified),
        "Next Step": note,
    }


def line_rows(company: Company) -> Rows:
    kept = {row["Id"]: row["Amount"] for row in opportunity_rows(company)}
    rows: Rows = []
    for number, line in enumerate(company.lines):
        if kept.get(line.opportunity, "0.00") == "0.00":
            continue
        rows.append(
            {
                "Line Item ID": f"00kTF{number:010d}",
                "Opportunity ID": "006TF0000099999" if number % 307 == 100 else line.opportunity,
                "Product": line.product + (" " if number % 23 == 3 else ""),
                "Billing": line.billing,
                "Quantity": str(line.quantity),
                "Total Price": money(line.quantity * line.price, number),
            }
        )
    return rows


def lead_rows(company: Company) -> Rows:
    rows: Rows = []
    for number, lead in enumerate(company.leads):
        if lead.created < FIRST_DAY.isoformat():
            continue
        owner = QUEUE if number % 89 == 7 else "" if number % 127 == 12 else lead.owner
        rows.append(
            {
                "Id": lead.id,
                "FirstName": lead.contact[0],
                "LastName": lead.contact[1],
                "Company": lead.company,
                "LeadSource": "N/A" if number % 83 == 9 else "" if number % 97 == 10 else lead.source,
                "Status": lead.status,
                "OwnerId": owner,
                "CreatedDate": "0000-00-00" if number % 701 == 300 else lead.created,
                "Qualified On": iso(lead.qualified),
                "IsConverted": "TRUE" if lead.converted else "FALSE",
                "ConvertedDate": iso(lead.converted),
                "ConvertedOpportunityId": lead.opportunity or (NOBODY if lead.converted else ""),
                "IsDeleted": "TRUE" if number % 251 == 31 else "FALSE",
            }
        )
    return rows


SUBJECTS = {"Call": ("Call", "Follow-up call"), "Email": ("Email", "Send deck"), "System": ("Opened an e-mail",)}


def task_rows(company: Company) -> Rows:
    dice, rows = Dice(SEED + 2), []
    for number, task in enumerate(sorted(company.tasks, key=lambda task: task.day)):
        if task.day < FIRST_DAY:
            continue
        note = "Left a message,\nno answer yet" if number % 67 == 5 else ""
        rows.append(
            {
                "Task ID": f"00TTF{number:010d}",
                "Subject": dice.pick(SUBJECTS[task.kind]) + (" " if number % 31 == 0 else ""),
                "Type": "" if number % 151 == 20 else task.kind,
                "Status": task.status,
                "Assigned To": "" if number % 397 == 50 else task.owner,
                "Due Date": "n/a" if number % 1_103 == 400 else us(task.day),
                "Name": task.who,
                "Related To": task.what,
                "Comments": note,
            }
        )
    return rows


def event_rows(company: Company) -> Rows:
    dice, rows = Dice(SEED + 3), []
    for number, event in enumerate(sorted(company.events, key=lambda event: event.day)):
        if event.day < FIRST_DAY:
            continue
        rows.append(
            {
                "Event ID": f"00UTF{number:010d}",
                "Event Type": event.kind,
                "Outcome": event.status,
                "Host": event.owner,
                "Start": stamp(dice, event.day).replace(".000+0000", "Z"),
                "Minutes": str(dice.pick((30, 30, 45, 60))),
                "Attendee": event.who,
                "Opportunity": event.what,
            }
        )
    return rows


def account_rows(company: Company) -> Rows:
    return [
        {
            "Account ID": account.id,
            "Account Name": account.name,
            "Segment": account.segment,
            "Country": account.country,
            "Owner ID": account.owner,
            "Customer Since": us(account.since),
            "Cancelled On": us(account.cancelled),
        }
        for account in company.accounts
    ]


def contact_rows(company: Company) -> Rows:
    return [
        {
            "Contact ID": contact.id,
            "Account ID": contact.account,
            "First Name": contact.first,
            "Last Name": contact.last,
            "Title": "" if number % 37 == 6 else contact.title,
            "Email": contact.email,
        }
        for number, contact in enumerate(company.contacts)
    ]


def user_rows() -> Rows:
    return [
        {
            "User ID": user.id,
            "Full Name": user.name,
            "Email": f"{plain(user.name)}@tarnfield.example.com",
            "Role": user.role,
            "Team": user.team,
            "Manager ID": user.manager or NOBODY,
            "Active": "1" if user.left is None else "0",
            "Hired": iso(user.hired),
            "Left": iso(user.left),
        }
        for user in USERS
    ]


QUOTA_BY_MONTH = (60, 80, 125, 70, 90, 135, 65, 75, 130, 80, 105, 185)
"""A month's share of the year in 1,200ths: quarters end strongly, the year most of all."""


def quota_rows() -> Rows:
    """Quotas by seller and month to the end of 2026; a new seller's grow with the ramp-up."""
    rows: Rows = []
    for month in months(FIRST_DAY, date(2026, 12, 31)):
        for user in SELLERS:
            capacity = user.capacity(month_start(month, 1) - timedelta(days=1))
            if capacity == 0:
                continue
            yearly = (290_000 if month.year < 2026 else 330_000) * (130 if user.strength > 120 else 100) // 100
            quota = yearly * QUOTA_BY_MONTH[month.month - 1] * capacity // 120_000 // 500 * 500
            rows.append(
                {
                    "Rep ID": user.id,
                    "Rep": user.name,
                    "Month": us(month),
                    "Quota": "N/A" if capacity == 15 else f"${quota:,} ",
                }
            )
    return rows


COSTS = {"Website": 15_500, "Webinar": 5_200, "Outbound": 3_900, "Event": 8_200, "Referral": 1_300, "Partner": 2_600}
FAIRS = (3, 9, 10)


def cost_rows() -> Rows:
    """What each channel cost by month; fairs cost more, and one invoice came back."""
    dice, rows = Dice(SEED + 4), []
    for month in months(FIRST_DAY, LAST_DAY):
        for channel, usual in COSTS.items():
            cost = usual * dice.between(85, 115) // 100 * (2 if channel == "Event" and month.month in FAIRS else 1)
            written = f"${cost / 1000:.2f}K" if cost % 10 == 0 and channel == "Event" else f"{cost:,}.00"
            rows.append({"Month": iso(month), "Channel": channel, "Item": "Campaigns", "Cost": written})
    rows.append({"Month": "2026-02-01", "Channel": "Event", "Item": "Refund of a booth", "Cost": "(1,200.00)"})
    return rows


def written(rows: Rows, headers: Sequence[str] = (), *, line_end: str = "\n") -> bytes:
    """The rows as a CSV file in UTF-8; headers may name a column twice."""
    names = list(headers) or list(rows[0])
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return text.getvalue().encode("utf-8")


def exports() -> dict[str, bytes]:
    """Every file of the example by its name."""
    company = at_work(Dice(SEED))
    opportunities = opportunity_rows(company)
    byte_order_mark = b"\xef\xbb\xbf"
    return {
        "accounts.csv": written(account_rows(company)),
        "campaign_costs.csv": written(cost_rows()),
        "contacts.csv": written(contact_rows(company)),
        "events.csv": byte_order_mark + written(event_rows(company), line_end="\r\n"),
        "leads.csv": written(lead_rows(company)),
        "line_items.csv": written(line_rows(company)),
        "opportunities.csv": written(opportunities, [*opportunities[0], "Account Name"]),
        "quotas.csv": written(quota_rows()),
        "tasks.csv": written(task_rows(company)),
        "users.csv": written(user_rows()),
    }


def write(folder: Path) -> None:
    """Write the exports into a folder."""
    for name, content in exports().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write(Path(__file__).parent)
