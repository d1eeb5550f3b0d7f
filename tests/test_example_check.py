"""What `kpi check` finds in the example, against plain Python over the CSV files: every finding, row by row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from tests.example.exports import day, money, rows, us_day

import kpicli
from kpicli.checked import Check, Finding

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 11, 22)

Row = dict[str, str]
Numbered = list[tuple[int, Row]]


@cache
def checked() -> Check:
    return kpicli.load(ROOT / "kpis.yaml").check(as_of=AS_OF)


def numbered(name: str) -> Numbered:
    """The rows of an export with the numbers that a spreadsheet gives them."""
    return list(enumerate(rows(name), 2))


# ---- the rows that count


def deals() -> Numbered:
    newest: dict[str, tuple[int, Row]] = {}
    for at, row in numbered("opportunities.csv"):
        other = newest.get(row["Id"])
        if other is None or (day(other[1]["LastModifiedDate"]) or AS_OF) < (day(row["LastModifiedDate"]) or AS_OF):
            newest[row["Id"]] = at, row
    return sorted((at, row) for at, row in newest.values() if row["IsDeleted"] != "1")


def leads() -> Numbered:
    return [(at, row) for at, row in numbered("leads.csv") if row["IsDeleted"] != "TRUE"]


def activities() -> list[tuple[str, int, dict[str, str | date | None]]]:
    """File, number and values of each activity, the files in the order of their names."""
    found: list[tuple[str, int, dict[str, str | date | None]]] = []
    for at, row in numbered("events.csv"):
        values = {"who": row["Attendee"], "what": row["Opportunity"], "owner": row["Host"], "date": day(row["Start"])}
        found.append(("examples/events.csv", at, values | {"written": row["Start"], "status": row["Outcome"]}))
    for at, row in numbered("tasks.csv"):
        if row["Type"] != "System":
            what = "" if row["Related To"] == "000000000000000AAA" else row["Related To"]
            values = {"who": row["Name"], "what": what, "owner": row["Assigned To"], "date": us_day(row["Due Date"])}
            found.append(("examples/tasks.csv", at, values | {"written": row["Due Date"], "status": row["Status"]}))
    return found


# ---- what is odd about them


def closed(row: Row) -> bool:
    return row["IsClosed"] == "1"


def ends_before_start(row: Row) -> bool:
    created, close = day(row["CreatedDate"]), day(row["CloseDate"])
    return closed(row) and created is not None and close is not None and close < created


def overdue(row: Row) -> bool:
    close = day(row["CloseDate"])
    return not closed(row) and close is not None and close < AS_OF


def of(kept: Numbered, condition: Callable[[Row], bool]) -> list[int]:
    return [at for at, row in kept if condition(row)]


def doubled_headers(name: str) -> int:
    """How many headers stand more than once, where the book reads none of them."""
    with (ROOT / "examples" / name).open(encoding="utf-8-sig", newline="") as file:
        headers = Counter(next(csv.reader(file)))
    return sum(times > 1 for times in headers.values())


def expected() -> dict[tuple[str, str, str | None], list[int]]:
    """The row numbers of each finding by table, code and column; those of activities are told apart below."""
    users = {row["User ID"] for row in rows("users.csv")}
    accounts = {row["Account ID"] for row in rows("accounts.csv")}
    known = {row["Id"] for _, row in deals()}
    empty = "000000000000000AAA"
    found: dict[tuple[str, str, str | None], list[int]] = {
        ("opportunities", "invalid-date", "close_date"): of(deals(), lambda row: not day(row["CloseDate"])),
        ("opportunities", "missing-parent", "account_id"): of(
            deals(), lambda row: row["AccountId"] not in {"", *accounts}
        ),
        ("opportunities", "no-member", "owner"): of(deals(), lambda row: not row["OwnerId"]),
        ("opportunities", "unknown-member", "owner"): of(deals(), lambda row: row["OwnerId"] not in {"", *users}),
        ("opportunities", "won-without-amount", "amount"): of(
            deals(), lambda row: row["IsWon"] == "1" and not money(row["Amount"])
        ),
        ("opportunities", "ends-before-start", "closed_on"): of(deals(), ends_before_start),
        ("opportunities", "overdue", "close_date"): of(deals(), overdue),
        ("opportunities", "closed-without-date", "close_date"): of(
            deals(), lambda row: closed(row) and not day(row["CloseDate"])
        ),
        ("line_items", "missing-parent", "opportunity_id"): of(
            numbered("line_items.csv"), lambda row: row["Opportunity ID"] not in {"", *known}
        ),
        ("contacts", "missing-parent", "account_id"): of(
            numbered("contacts.csv"), lambda row: row["Account ID"] not in {"", *accounts}
        ),
        ("leads", "invalid-date", "created_date"): of(leads(), lambda row: not day(row["CreatedDate"])),
        ("leads", "missing-parent", "opportunity_id"): of(
            leads(), lambda row: row["ConvertedOpportunityId"] not in {"", empty, *known}
        ),
        ("leads", "no-member", "owner"): of(leads(), lambda row: not row["OwnerId"]),
        ("leads", "unknown-member", "owner"): of(leads(), lambda row: row["OwnerId"] not in {"", *users}),
        ("leads", "ends-before-start", "converted_date"): of(
            leads(), lambda row: (day(row["ConvertedDate"]) or date.max) < (day(row["CreatedDate"]) or date.min)
        ),
        ("accounts", "no-member", "owner"): of(numbered("accounts.csv"), lambda row: not row["Owner ID"]),
        ("accounts", "unknown-member", "owner"): of(
            numbered("accounts.csv"), lambda row: row["Owner ID"] not in {"", *users}
        ),
    }
    found["opportunities", "duplicate-header", None] = [1] * doubled_headers("opportunities.csv")
    return {key: at for key, at in found.items() if at}


def of_activities() -> dict[tuple[str, str, str], list[tuple[str, int]]]:
    known = {"00Q": {row["Id"] for _, row in leads()}, "003": {row["Contact ID"] for row in rows("contacts.csv")}}
    opportunities = {row["Id"] for _, row in deals()}
    users = {row["User ID"] for row in rows("users.csv")}

    def leads_to(values: dict[str, str | date | None]) -> bool:
        who = str(values["who"])
        return who in known.get(who[:3], set()) or values["what"] in opportunities

    conditions: dict[tuple[str, str, str], Callable[[dict[str, str | date | None]], bool]] = {
        ("activities", "invalid-date", "date"): lambda row: bool(row["written"]) and row["date"] is None,
        ("activities", "missing-parent", "lead_id"): lambda row: (
            str(row["who"]).startswith("00Q") and row["who"] not in known["00Q"]
        ),
        ("activities", "missing-parent", "contact_id"): lambda row: (
            str(row["who"]).startswith("003") and row["who"] not in known["003"]
        ),
        ("activities", "missing-parent", "opportunity_id"): lambda row: (
            str(row["what"]).startswith("006") and row["what"] not in opportunities
        ),
        ("activities", "no-member", "owner"): lambda row: not row["owner"],
        ("activities", "unknown-member", "owner"): lambda row: row["owner"] not in {"", *users},
        ("activities", "belongs-to-nothing", "lead_id, contact_id, opportunity_id"): lambda row: not leads_to(row),
        ("activities", "completed-in-future", "date"): lambda row: (
            row["status"] in ("Completed", "Held") and isinstance(row["date"], date) and row["date"] > AS_OF
        ),
    }
    found = {
        key: [(file, at) for file, at, values in activities() if condition(values)]
        for key, condition in conditions.items()
    }
    return {key: places for key, places in found.items() if places}


def findings() -> dict[tuple[str, str, str | None], Finding]:
    return {(table.table, each.code, each.column): each for table in checked().tables for each in table.findings}


def test_every_finding_is_that_of_plain_python() -> None:
    wanted: dict[tuple[str, str, str | None], int] = {key: len(at) for key, at in expected().items()}
    wanted.update({key: len(at) for key, at in of_activities().items()})
    assert {key: each.rows for key, each in findings().items()} == wanted
    assert len(wanted) == 17


def test_the_first_rows_are_those_of_plain_python() -> None:
    shown = {key: [sight.row for sight in each.examples] for key, each in findings().items() if key[0] != "activities"}
    assert shown == {key: at[:5] for key, at in expected().items()}
    places = {
        key: [(sight.file, sight.row) for sight in each.examples]
        for key, each in findings().items()
        if key[0] == "activities"
    }
    assert places == {key: at[:5] for key, at in of_activities().items()}


@pytest.mark.parametrize(
    ("key", "header", "export"),
    [
        (("line_items", "missing-parent", "opportunity_id"), "Opportunity ID", "line_items.csv"),
        (("leads", "unknown-member", "owner"), "OwnerId", "leads.csv"),
    ],
)
def test_the_commonest_values_are_those_of_plain_python(key: tuple[str, str, str], header: str, export: str) -> None:
    of_row = dict(numbered(export))
    counted = Counter(of_row[at][header] for at in expected()[key])
    commonest = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:5]
    assert [(each.value, each.rows) for each in findings()[key].values] == commonest


def test_rows_that_do_not_count_are_told_by_reason() -> None:
    all_deals, all_tasks = numbered("opportunities.csv"), rows("tasks.csv")
    moments: dict[str, str] = {}
    for _, row in all_deals:
        moments[row["Id"]] = max(row["LastModifiedDate"], moments.get(row["Id"], ""))
    latest = [row for _, row in all_deals if row["LastModifiedDate"] == moments[row["Id"]]]
    once = {tuple(sorted(row.items())) for row in latest}
    told = {table.table: {each.reason: each.rows for each in table.left_out} for table in checked().tables}
    assert told.pop("opportunities") == {
        "older-version": len(all_deals) - len(latest),
        "equal-copy": len(latest) - len(once),
        "where": len(once) - len(deals()),
    }
    assert told.pop("leads") == {"where": len(rows("leads.csv")) - len(leads())}
    assert told.pop("activities") == {"where": sum(row["Type"] == "System" for row in all_tasks)}
    assert set(map(bool, told.values())) == {False}


def test_rows_in_no_period() -> None:
    undated = {table.table: table.undated for table in checked().tables if table.undated}
    won_on: Iterable[str] = {row["AccountId"] for _, row in deals() if row["IsWon"] == "1" and day(row["CloseDate"])}
    assert undated == {
        "opportunities": sum(not day(row["CloseDate"]) for _, row in deals()),
        "leads": sum(not day(row["CreatedDate"]) for _, row in leads()),
        "activities": sum(values["date"] is None for _, _, values in activities()),
        "accounts": sum(
            not us_day(row["Customer Since"]) and row["Account ID"] not in won_on for row in rows("accounts.csv")
        ),
    }
