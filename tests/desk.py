"""A desk for tests: a book and its exports in a folder, and reports over them through the public face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import kpicli

DEALS = """\
id,owner,stage,amount,created,close_date
1,ann,Won,100,2026-01-05,2026-01-20
2,ann,Lost,50,2026-01-10,2026-02-03
3,bob,Won,200,2026-01-15,2026-02-10
4,bob,Open,400,2026-02-01,2026-03-15
5,,Won,30,2026-02-02,2026-02-28
"""

BOOK = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    key: id
    date: close_date
    columns:
      id: id
      owner: owner
      stage: stage
      amount: {header: amount, type: money}
      created: {header: created, type: date}
      close_date: {header: close_date, type: date}
    fields:
      won: stage = 'Won'
      closed: stage in ('Won', 'Lost')
      closed_on: case when closed then close_date end
      cycle: close_date - created
    lifespan: {from: created, until: closed_on}
dimensions:
  owner: owner
goals:
  growth: {name: Growth}
"""


@dataclass(frozen=True)
class Desk:
    """A folder with a book and exports."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def book(self, kpis: dict[str, str], *, base: str = BOOK, extra: str = "") -> None:
        """The base book with KPIs: a formula each, or the KPI's whole mapping as YAML."""
        lines = ["kpis:"]
        for name, text in kpis.items():
            keys = text if text.startswith("formula:") else f"formula: {quoted(text)}"
            lines += [f"  {name}:", "    role: lagging", "    goal: growth", indent(dedent(keys).strip(), "    ")]
        self.write("kpis.yaml", base + extra + "\n".join(lines) + "\n")

    def report(self, **asked: Any) -> dict[str, Any]:
        """The JSON result as Python data."""
        return kpicli.load(self.folder / "kpis.yaml").report(**asked).to_dict()

    def lines(self, **asked: Any) -> dict[str, dict[str, Any]]:
        """The report's KPIs by id."""
        return {line["id"]: line for line in self.report(**asked)["kpis"]}

    def values(self, **asked: Any) -> dict[str, Any]:
        """The report's headline values by id."""
        return {name: line["value"] for name, line in self.lines(**asked).items()}


def quoted(formula: str) -> str:
    """A formula as a YAML scalar."""
    return '"' + formula.replace("\\", "\\\\").replace('"', '\\"') + '"'


def opened(folder: Path, deals: str = DEALS) -> Desk:
    """A desk with the deals on it."""
    desk = Desk(folder)
    desk.write("deals.csv", deals)
    return desk
