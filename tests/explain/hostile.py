"""A book and an export with hostile texts wherever one can stand."""

from __future__ import annotations

import json
from pathlib import Path

from tests.desk import Desk

import kpicli

TEXTS = (
    "\x1b[2J\x1b]8;;http://evil.example\x07link",
    "\u202eevil\u2066",
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "\uff1dcmd",
    "<script>alert(1)</script>",
    "**bold** [x](http://evil.example) `code` | cell",
    "# heading",
    "[/] [red]rich[/red] :smile:",
    "東京\uff57\uff49\uff44\uff45",
    "a" * 90,
    "line\nbreak\ttab",
    "O'Hara",
)
"""Each is trouble for some format."""


def book(folder: Path, texts: tuple[str, ...] = TEXTS) -> kpicli.KpiBook:
    """Deals whose owner, stage and id are hostile, and a KPI whose every word is."""
    desk = Desk(folder)
    lines = ["id,owner,stage,amount,closed"]
    for at, text in enumerate(texts):
        cell = '"' + text.replace('"', '""') + '"'
        closed = "" if at % 4 == 3 else f"2026-02-{at + 1:02}"
        lines.append(f"{at},{cell},{cell},{at * 10}.5,{closed}")
    desk.write("deals.csv", "\n".join(lines) + "\n")
    first, second = json.dumps(texts[0]), json.dumps(texts[-1])
    quoted = texts[7 % len(texts)].replace("'", "''")
    desk.write(
        "kpis.yaml",
        f"""\
version: 1
name: {json.dumps(texts[6 % len(texts)])}
currency: USD
tables:
  deals:
    source: deals.csv
    key: id
    date: closed
    columns:
      id: id
      owner: owner
      stage: stage
      amount: {{header: amount, type: money}}
      closed: {{header: closed, type: date}}
    fields:
      fine: {json.dumps(f"stage != '{quoted}'")}
dimensions:
  owner: owner
goals:
  g: {{name: {first}, when: {second}}}
kpis:
  mean:
    name: {first}
    role: leading
    goal: g
    why: {json.dumps(texts[5 % len(texts)])}
    owner: {second}
    formula: {json.dumps(f"avg(sum(deals.amount where fine and owner != '{quoted}') by owner) / count(deals)")}
    target: 3
  best:
    role: lagging
    goal: g
    unit: text
    formula: top(owner by count(deals where fine))
""",
    )
    return kpicli.load(folder / "kpis.yaml")
