"""The twenty figures by a plain pandas script, as an analyst would write it.

python bench/by_pandas.py FOLDER OUTPUT
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

FIRST_DAY, LAST_DAY = pd.Timestamp("2025-11-01"), pd.Timestamp("2026-10-31")
PRIOR, LAST = pd.Period("2026-09"), pd.Period("2026-10")

COUNTED = {
    "activities_done",
    "calls",
    "customer_meetings",
    "open_tasks",
    "long_calls",
    "talk_minutes",
    "accounts_touched",
    "new_leads",
    "good_leads",
    "converted_leads",
    "new_pipeline",
    "won_revenue",
}
"""What is 0 where there are no rows; the others are missing there."""


@dataclass(frozen=True)
class Tables:
    """The rows of the twelve months, each table by the date that counts, and who the owners are."""

    activities: pd.DataFrame
    created_leads: pd.DataFrame
    converted_leads: pd.DataFrame
    created_deals: pd.DataFrame
    closed_deals: pd.DataFrame
    owners: list[str]

    def since(self, month: pd.Period) -> Tables:
        """The same from a later month on."""
        return Tables(
            self.activities[self.activities["month"] >= month],
            self.created_leads[self.created_leads["month"] >= month],
            self.converted_leads[self.converted_leads["month"] >= month],
            self.created_deals[self.created_deals["month"] >= month],
            self.closed_deals[self.closed_deals["month"] >= month],
            self.owners,
        )


def within(table: pd.DataFrame, day: str) -> pd.DataFrame:
    """The rows whose date lies in the twelve months, each with its month; no owner is the empty text."""
    rows = table[table[day].between(FIRST_DAY, LAST_DAY)]
    return rows.assign(month=rows[day].dt.to_period("M"), OwnerId=rows["OwnerId"].fillna(""))


def read(folder: Path) -> Tables:
    activities = pd.read_csv(
        folder / "activities.csv",
        usecols=["Type", "Status", "OwnerId", "AccountId", "ActivityDate", "DurationMinutes"],
        parse_dates=["ActivityDate"],
    )
    leads = pd.read_csv(
        folder / "leads.csv",
        usecols=["Status", "LeadSource", "OwnerId", "CreatedDate", "IsConverted", "ConvertedDate"],
        parse_dates=["CreatedDate", "ConvertedDate"],
    )
    deals = pd.read_csv(
        folder / "opportunities.csv",
        usecols=["Amount", "OwnerId", "CreatedDate", "CloseDate", "IsClosed", "IsWon"],
        parse_dates=["CreatedDate", "CloseDate"],
    )
    return Tables(
        within(activities, "ActivityDate"),
        within(leads, "CreatedDate"),
        within(leads[leads["IsConverted"]], "ConvertedDate"),
        within(deals, "CreatedDate"),
        within(deals[deals["IsClosed"]], "CloseDate"),
        pd.read_csv(folder / "users.csv")["Id"].tolist(),
    )


def figures_of(tables: Tables, by: list[str]) -> dict[str, pd.Series]:
    """The twenty figures by month, or by month and owner."""
    acts = tables.activities
    done = acts["Status"] == "Completed"
    call, meeting = done & (acts["Type"] == "Call"), done & acts["Type"].isin(["Meeting", "Demo"])
    minutes = acts["DurationMinutes"]
    counts = (
        acts.assign(
            done=done,
            calls=call,
            meetings=meeting & acts["AccountId"].notna(),
            open_tasks=(acts["Type"] == "Task") & ~done,
            long_calls=call & (minutes >= 15),
            talk_minutes=minutes.where(call | meeting),
        )
        .groupby(by)[["done", "calls", "meetings", "open_tasks", "long_calls", "talk_minutes"]]
        .sum()
    )
    created = tables.created_leads
    good = created[created["LeadSource"].isin(["Referral", "Partner"]) & (created["Status"] != "Unqualified")]
    new_leads, converted = created.groupby(by).size(), tables.converted_leads.groupby(by).size()
    closed = tables.closed_deals
    won = closed[closed["IsWon"]]
    won = won.assign(cycle=(won["CloseDate"] - won["CreatedDate"]).dt.days)
    wins, amounts = won.groupby(by).size(), won.groupby(by)["Amount"]
    return {
        "activities_done": counts["done"],
        "calls": counts["calls"],
        "customer_meetings": counts["meetings"],
        "open_tasks": counts["open_tasks"],
        "long_calls": counts["long_calls"],
        "talk_minutes": counts["talk_minutes"],
        "call_length": acts[call].groupby(by)["DurationMinutes"].mean(),
        "accounts_touched": acts[done].groupby(by)["AccountId"].nunique(),
        "new_leads": new_leads,
        "good_leads": good.groupby(by).size(),
        "converted_leads": converted,
        "lead_conversion": converted.reindex(new_leads.index, fill_value=0) / new_leads,
        "new_pipeline": tables.created_deals.groupby(by)["Amount"].sum().round(2),
        "won_revenue": amounts.sum().round(2),
        "win_rate": closed.groupby(by)["IsWon"].mean(),
        "average_deal": amounts.mean(),
        "median_deal": amounts.median(),
        "large_deal": amounts.quantile(0.9),
        "sales_cycle": won.groupby(by)["cycle"].mean(),
        "activities_per_win": counts["done"].reindex(wins.index, fill_value=0) / wins,
    }


def figures(folder: Path) -> dict[str, Any]:
    """Each figure's value, prior, trend, and value and prior of each owner."""
    tables = read(folder)
    by_owner = figures_of(tables.since(PRIOR), ["month", "OwnerId"])
    answer = {}
    for name, by_month in figures_of(tables, ["month"]).items():

        def figure(series: pd.Series, key: object, name: str = name) -> float | None:
            value = series.get(key)
            return (0 if name in COUNTED else None) if value is None or pd.isna(value) else float(value)

        months = pd.period_range(FIRST_DAY, LAST_DAY, freq="M")
        owners = [*tables.owners, ""]
        answer[name] = {
            "value": figure(by_month, LAST),
            "prior": figure(by_month, PRIOR),
            "trend": {str(month): figure(by_month, month) for month in months},
            "groups": {o: [figure(by_owner[name], (month, o)) for month in (LAST, PRIOR)] for o in owners},
        }
    return answer


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(figures(Path(sys.argv[1]))), encoding="utf-8")
