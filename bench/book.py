"""The books of the benchmark: one of twenty KPIs, and one of a hundred that are variants of the twenty.

Every KPI is a formula with a gap, and five fillings. The first filling of each makes the book of twenty.
Only users have a key: kpicli checks that keys are unique, which nobody asks of the scripts that it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """\
# Written by bench/book.py, over the exports that bench/generate.py writes:
#
#     kpi report monthly --book FOLDER/{file} --as-of 2026-11-22

version: 1
name: A large company
currency: USD

tables:
  activities:
    source: activities.csv
    date: date
    columns:
      type: Type
      status: Status
      owner: OwnerId
      account_id: AccountId
      date: {{header: ActivityDate, type: date}}
      minutes: {{header: DurationMinutes, type: number}}
    fields:
      completed: status = 'Completed'
      call: completed and type = 'Call'

  leads:
    source: leads.csv
    date: created_date
    columns:
      status: Status
      source: LeadSource
      owner: OwnerId
      created_date: {{header: CreatedDate, type: date}}
      converted: {{header: IsConverted, type: boolean}}
      converted_date: {{header: ConvertedDate, type: date}}

  opportunities:
    source: opportunities.csv
    date: close_date
    columns:
      amount: {{header: Amount, type: money}}
      source: LeadSource
      owner: OwnerId
      created_date: {{header: CreatedDate, type: date}}
      close_date: {{header: CloseDate, type: date}}
      closed: {{header: IsClosed, type: boolean}}
      won: {{header: IsWon, type: boolean}}
    fields:
      cycle_days: close_date - created_date

  users:
    source: users.csv
    key: id
    columns:
      id: Id
      name: Name

dimensions:
  owner: {{field: owner, members: users, label: name}}

goals:
  grow:
    name: Grow new business
    why: It is what the benchmark's figures would be for

"""


@dataclass(frozen=True)
class Measure:
    """One KPI of the twenty, and by its other fillings four more of the hundred."""

    role: str
    unit: str
    formula: str
    """`{filling}` stands for the filling; `{where}` and `{and_}` for it as the whole condition, or the rest of one."""
    fillings: tuple[str, str, str, str, str]
    target: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether it is a count or a sum, and so is exact."""
        return self.formula.startswith(("count", "sum")) and "/" not in self.formula

    def filled(self, filling: str) -> str:
        """The formula with one of its fillings; an empty one leaves no condition behind."""
        where, and_ = (f" {word} {filling}" if filling else "" for word in ("where", "and"))
        return self.formula.format(filling=filling, where=where, and_=and_)


FROM_A_SOURCE = ("", "source = 'Website'", "source = 'Webinar'", "source = 'Outbound'", "source = 'Event'")
OF_SIZE = ("", "amount >= 5_000", "amount >= 10_000", "amount >= 25_000", "amount >= 50_000")

MEASURES = {
    # ---- activities
    "activities_done": Measure(
        "leading",
        "number",
        "count(activities where status = '{filling}')",
        ("Completed", "Open", "In Progress", "Deferred", "Cancelled"),
        "{total: 110_000 per month, owner: 220 per month}",
    ),
    "calls": Measure(
        "leading",
        "number",
        "count(activities where completed and type = '{filling}')",
        ("Call", "Email", "Meeting", "Task", "Demo"),
        "{total: 40_000 per month, owner: 80 per month}",
    ),
    "customer_meetings": Measure(
        "leading",
        "number",
        "count(activities where completed and type in ({filling}) and account_id is not null)",
        ("'Meeting', 'Demo'", "'Meeting', 'Call'", "'Demo', 'Call'", "'Email', 'Call'", "'Email', 'Task'"),
    ),
    "open_tasks": Measure(
        "leading",
        "number",
        "count(activities where type = '{filling}' and not completed)",
        ("Task", "Call", "Email", "Meeting", "Demo"),
    ),
    "long_calls": Measure(
        "leading", "number", "count(activities where call and minutes >= {filling})", ("15", "5", "20", "30", "45")
    ),
    "talk_minutes": Measure(
        "leading",
        "number",
        "sum(activities.minutes where completed and type in ({filling}))",
        ("'Call', 'Meeting', 'Demo'", "'Call'", "'Meeting', 'Demo'", "'Meeting'", "'Demo'"),
    ),
    "call_length": Measure(
        "leading",
        "number",
        "avg(activities.minutes where completed and {filling})",
        (
            "type = 'Call'",
            "type = 'Meeting'",
            "type = 'Demo'",
            "type = 'Call' and minutes >= 5",
            "type = 'Meeting' and minutes >= 10",
        ),
    ),
    "accounts_touched": Measure(
        "leading",
        "number",
        "count_distinct(activities.account_id where completed{and_})",
        ("", "type = 'Call'", "type = 'Email'", "type in ('Meeting', 'Demo')", "minutes >= 15"),
    ),
    # ---- leads
    "new_leads": Measure(
        "leading",
        "number",
        "count(leads{where})",
        FROM_A_SOURCE,
        "30_000 per month",
    ),
    "good_leads": Measure(
        "leading",
        "number",
        "count(leads where source in ({filling}) and status != 'Unqualified')",
        ("'Referral', 'Partner'", "'Website'", "'Webinar', 'Event'", "'Outbound'", "'Website', 'Webinar'"),
    ),
    "converted_leads": Measure(
        "leading", "number", "count(leads where converted{and_} on converted_date)", FROM_A_SOURCE
    ),
    "lead_conversion": Measure(
        "leading",
        "percent",
        "count(leads where converted{and_} on converted_date) / count(leads{where} on created_date)",
        FROM_A_SOURCE,
        "25%",
    ),
    # ---- opportunities
    "new_pipeline": Measure(
        "leading",
        "money",
        "sum(opportunities.amount{where} on created_date)",
        FROM_A_SOURCE,
    ),
    "won_revenue": Measure(
        "lagging",
        "money",
        "sum(opportunities.amount where won{and_})",
        FROM_A_SOURCE,
        "{total: 90_000_000 per month, owner: 180_000 per month}",
    ),
    "win_rate": Measure(
        "lagging",
        "percent",
        "count(opportunities where won{and_}) / count(opportunities where closed{and_})",
        FROM_A_SOURCE,
        "28%",
    ),
    "average_deal": Measure("lagging", "money", "avg(opportunities.amount where won{and_})", OF_SIZE),
    "median_deal": Measure("lagging", "money", "median(opportunities.amount where won{and_})", FROM_A_SOURCE),
    "large_deal": Measure("lagging", "money", "percentile(opportunities.amount where won{and_}, 90)", FROM_A_SOURCE),
    "sales_cycle": Measure("lagging", "days", "avg(opportunities.cycle_days where won{and_})", OF_SIZE, "60"),
    # ---- both
    "activities_per_win": Measure(
        "leading",
        "number",
        "count(activities where completed{and_}) / count(opportunities where won)",
        ("", "type = 'Call'", "type = 'Email'", "type = 'Meeting'", "minutes >= 15"),
    ),
}


def twenty() -> str:
    """The book with the first filling of each measure."""
    return _book("kpis.yaml", 1)


def hundred() -> str:
    """The book with every filling of each measure."""
    return _book("hundred.yaml", 5)


def _book(file: str, fillings: int) -> str:
    lines, names = [], []
    for measure_name, measure in MEASURES.items():
        for number, filling in enumerate(measure.fillings[:fillings]):
            name = measure_name if number == 0 else f"{measure_name}_{number + 1}"
            names.append(name)
            lines += [f"  {name}:", f"    role: {measure.role}", "    goal: grow"]
            lines += [f'    formula: "{measure.filled(filling)}"', f"    unit: {measure.unit}"]
            if measure.target is not None and number == 0:
                lines.append(f"    target: {measure.target}")
    scorecard = ["scorecards:", "  monthly:", f"    kpis: [{', '.join(names)}]"]
    scorecard += ["    period: last month", "    by: owner", "    trend: 12"]
    return HEAD.format(file=file) + "\n".join(["kpis:", *lines, "", *scorecard, ""])
