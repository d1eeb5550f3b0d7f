"""The KPIs that the tables at hand can compute, along the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from kpicli.draft.guessing import any_of, text_of
from kpicli.draft.model import Kind, TableDraft
from kpicli.draft.money import Money


class KpiDraft(Struct, frozen=True):
    id: str
    name: str
    role: Literal["leading", "lagging"]
    stage: str
    goal: str
    formula: str
    why: str
    unit: Literal["number", "percent", "money", "days"] = "number"
    better: Literal["higher", "lower"] = "higher"
    is_flow: bool = True
    """Whether it adds up over time, so that its target says per when it is."""
    has_target: bool = True
    """Whether the last full months tell what to aim at; those of which much is still open don't."""


STAGES: Final = {"prospect": "new_leads", "open": "new_opportunities", "close": "won_deals", "revenue": "won_revenue"}
"""The stages from first contact to revenue, each with the KPI that counts what passes it."""

GOALS: Final = {
    "revenue": "Win more than last quarter",
    "pipeline": "Keep the pipeline full",
}


def kpis_for(tables: Sequence[TableDraft], money: Money) -> list[KpiDraft]:
    """All that can be computed; money is a plain number where the currency isn't known."""
    deals = next((table for table in tables if table.kind is Kind.OPPORTUNITIES), None)
    leads = next((table for table in tables if table.kind is Kind.LEADS), None)
    activities = [table for table in tables if table.kind is Kind.ACTIVITIES and table.date is not None]
    found = [*_of_activities(activities), *_of_leads(leads)]
    if deals is not None:
        found += _of_pipeline(deals, money)
        # Without a date of closing nobody knows when a deal was won, only when it was created.
        found += _of_created(deals, money) if deals.date == "created_date" else _of_wins(deals, money)
        found += _of_effort(activities, deals)
    return found


def _unit(money: Money) -> Literal["money", "number"]:
    return "number" if money.code is None else "money"


def _in_one(money: Money) -> str:
    """What a name adds where amounts of other currencies don't count."""
    return f" in {money.code or money.written[0]}" if money.column is not None else ""


def _rows_in_one(money: Money, joined: str) -> str:
    """The condition for rows in one currency, where there are others; a blank one is taken for it."""
    if money.column is None:
        return ""
    return f"{joined} {any_of(f'coalesce({money.column}, {text_of(money.written[0])})', money.written)}"


def _of_activities(tables: Sequence[TableDraft]) -> Iterator[KpiDraft]:
    if not tables:
        return
    yield KpiDraft(
        "activities_completed",
        "Activities completed",
        "leading",
        "prospect",
        "pipeline",
        _effort(tables),
        "What sellers did is the only figure that is wholly in their own hands",
    )
    if len(tables) > 1:
        for table in tables:
            formula = f"count({table.name}{_completed(table)})"
            name = f"{table.name.replace('_', ' ').capitalize()}"
            yield KpiDraft(
                f"{table.name}_done", name, "leading", "prospect", "pipeline", formula, "One kind of activity by itself"
            )


def _effort(tables: Sequence[TableDraft]) -> str:
    return " + ".join(f"count({table.name}{_completed(table)})" for table in tables)


def _completed(table: TableDraft) -> str:
    return " where completed" if table.has("completed") else ""


def _of_leads(table: TableDraft | None) -> Iterator[KpiDraft]:
    if table is None or table.date is None:
        return
    yield KpiDraft(
        "new_leads",
        "New leads",
        "leading",
        "prospect",
        "pipeline",
        f"count({table.name})",
        "The deals of the coming months begin here",
    )
    if table.has("converted"):
        yield KpiDraft(
            "converted_leads",
            "Leads converted",
            "leading",
            "prospect",
            "pipeline",
            f"count({table.name} where converted)",
            "How many of the leads of these days became deals",
        )
        yield KpiDraft(
            "lead_conversion",
            "Lead conversion",
            "leading",
            "prospect",
            "pipeline",
            f"count({table.name} where converted) / count({table.name})",
            "Tells good sources of leads from bad ones",
            unit="percent",
            is_flow=False,
        )


def _of_pipeline(table: TableDraft, money: Money) -> Iterator[KpiDraft]:
    name = table.name
    if table.has("created_date"):
        yield KpiDraft(
            "new_opportunities",
            "New opportunities",
            "leading",
            "open",
            "pipeline",
            f"count({name})" if table.date == "created_date" else f"count({name} on created_date)",
            "What is opened now can be won a sales cycle later",
        )
    if table.lifespan is None:
        return
    yield KpiDraft(
        "open_opportunities",
        "Open opportunities",
        "leading",
        "open",
        "pipeline",
        f"count({name} at end)",
        "What can still be won",
        is_flow=False,
    )
    if table.has("amount"):
        yield KpiDraft(
            "open_pipeline",
            f"Open pipeline{_in_one(money)}",
            "leading",
            "open",
            "pipeline",
            f"sum({name}.amount{_rows_in_one(money, ' where')} at end)",
            "The money that can still be won",
            unit=_unit(money),
            is_flow=False,
        )


def _of_wins(table: TableDraft, money: Money) -> Iterator[KpiDraft]:
    name = table.name
    if not table.has("won") or table.date is None:
        return
    yield KpiDraft(
        "won_deals",
        "Deals won",
        "lagging",
        "close",
        "revenue",
        f"count({name} where won)",
        "What the work of the past months came to",
    )
    if table.has("lost"):
        yield KpiDraft(
            "lost_deals",
            "Deals lost",
            "lagging",
            "close",
            "revenue",
            f"count({name} where lost)",
            "Each has a reason that is worth asking for",
            better="lower",
            has_target=False,
        )
        yield KpiDraft(
            "win_rate",
            "Win rate",
            "lagging",
            "close",
            "revenue",
            f"count({name} where won) / count({name} where closed)",
            "A better win rate costs less than more leads",
            unit="percent",
            is_flow=False,
        )
    if table.has("amount"):
        yield KpiDraft(
            "won_revenue",
            f"Won revenue{_in_one(money)}",
            "lagging",
            "revenue",
            "revenue",
            f"sum({name}.amount where won{_rows_in_one(money, ' and')})",
            "What all the others are for",
            unit=_unit(money),
        )
        yield KpiDraft(
            "average_deal",
            f"Average deal{_in_one(money)}",
            "lagging",
            "close",
            "revenue",
            f"avg({name}.amount where won{_rows_in_one(money, ' and')})",
            "Larger deals take hardly more work than small ones",
            unit=_unit(money),
            is_flow=False,
        )
    if table.has("cycle_days"):
        yield KpiDraft(
            "sales_cycle",
            "Sales cycle",
            "lagging",
            "close",
            "revenue",
            f"avg({name}.cycle_days where won)",
            "How far ahead the pipeline has to be filled",
            unit="days",
            better="lower",
            is_flow=False,
        )


def _of_created(table: TableDraft, money: Money) -> Iterator[KpiDraft]:
    """What became of the opportunities that a period brought; there is no telling when it did."""
    if not table.has("won"):
        return
    ids = {
        "won_deals": ("won_of_new", "New opportunities won by now"),
        "lost_deals": ("lost_of_new", "New opportunities lost by now"),
        "win_rate": ("win_rate_of_new", "Win rate of new opportunities"),
        "won_revenue": ("revenue_of_new", f"Revenue of new opportunities{_in_one(money)}"),
        "average_deal": ("average_deal_of_new", f"Average deal of new opportunities{_in_one(money)}"),
    }
    for kpi in _of_wins(table, money):
        if kpi.id in ids:
            own, name = ids[kpi.id]
            yield replace(kpi, id=own, name=name, why=_OF_CREATED, has_target=False)


_OF_CREATED: Final = "Of the opportunities created in the period, whenever they closed: the exports have no close date"


def _of_effort(activities: Sequence[TableDraft], deals: TableDraft) -> Iterator[KpiDraft]:
    if activities and deals.has("won") and deals.date != "created_date":
        effort = _effort(activities)
        yield KpiDraft(
            "activities_per_win",
            "Activities per deal won",
            "lagging",
            "close",
            "revenue",
            f"({effort}) / count({deals.name} where won)",
            "How much work a deal takes",
            better="lower",
            is_flow=False,
        )
