"""Hostile texts in every column of an export and in every name of a book, through every format that there is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.opened import shown
from tests.render.laws import LAWS

from kpicli.cli import main
from kpicli.render import names

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/C calc'!A0", "\uff1d1", "\t=1", " =1", "a;=1", '"=1"', "\u200b=1",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "' onload='x", '" href="javascript:x', "</style><b>",
    "[a](javascript:x)", "![a](//b)", "https://example.com", "@all", "#1", ":smile:", "|-|", "`a`", "<!--",
    "\x1b[2J\x1b[31mred", "\x1b]8;;//a\x07b\x1b]8;;\x07", "\x9b2J", "\x07", "\x7f", "\x85", "\u202eright", "\u2066a",
    "a\r\nBcc: b@example.com", "a\nb", "\u2028", "<r><t>x</t></r>", "_x0041_", "&lt;", "]]>", "\ufffe", "\U0001ffff",
    "{{ 1 }}", "{% x %}", "x" * 5_000, "00123", "1e5", "3/4", "TRUE", "History", "[bold]x[/bold]", "\\", "'",
]  # fmt: skip
NO_AMOUNT, NO_DATE = (9, 18), (11, 30)
BOOK = """\
version: 1
name: {name}
currency: USD
tables:
  deals:
    source: {file}
    key: id
    date: closed
    where: owner is null or owner != '[bold]x[/bold]'
    columns:
      id: ID
      owner: Owner
      source: {header}
      stage: Stage
      amount: {{header: Amount, type: money}}
      closed: {{header: Closed, type: date}}
dimensions: {{owner: owner, source: source}}
goals:
  grow: {{name: {name}, when: {name}}}
kpis:
  deals: {{name: {name}, role: leading, goal: grow, formula: count(deals), target: 4 per month}}
  revenue: {{name: {other}, role: lagging, goal: grow, formula: sum(deals.amount), unit: money, target: 100 per month}}
  best: {{role: lagging, goal: grow, formula: top(source by sum(deals.amount)), unit: text}}
  rate: {{role: lagging, goal: grow, formula: count(deals where stage = {stage}) / count(deals), unit: percent}}
scorecards:
  weekly: {{name: {other}, kpis: [deals, revenue, best, rate], trend: 3}}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book over an export of which each text is hostile; its names are hostile as far as a book may have such."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["ID", "Owner", "=Source <b>", "Stage", "Amount", "Closed"])
    for at, owner in enumerate(HOSTILE):
        source, stage = HOSTILE[at - 7], HOSTILE[at - 13]
        odd = owner if at in NO_AMOUNT else "10.25"
        writer.writerow([f"{owner} {at}", owner, source, stage, odd, source if at in NO_DATE else "2026-11-03"])
    (tmp_path / "=deals <b>.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    write_book(tmp_path, "=1+1 <b>[x](//y)", "@a;=1 </script> \u202e\x1b[31m")
    return tmp_path


def write_book(folder: Path, name: str, other: str) -> None:
    given = {"name": name, "other": other, "file": "=deals <b>.csv", "header": "=Source <b>"}
    texts = {key: json.dumps(value) for key, value in given.items()} | {"stage": "\"'=1+1'\""}
    (folder / "kpis.yaml").write_text(
        BOOK.format(**texts).replace("stage = \"'=1+1'\"", "stage = '=1+1'"), encoding="utf-8"
    )


ASKED = ["report", "weekly", "--period", "2026-11", "--as-of", "2026-11-22"]


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("options", [["--by", "owner"], ["--by", "source"], ["--only", f"owner={HOSTILE[0]}"]])
def test_no_text_of_an_export_gets_out_of_its_place(
    name: str, options: list[str], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = shown([*ASKED, *options, "--format", name, "--output", "result"], capsys)
    assert (code, err) == (0, "")
    content = (desk / "result").read_bytes()
    LAWS[name](content if name == "xlsx" else content.decode())


def test_every_member_is_there_and_counts_once(desk: Path) -> None:
    assert main([*ASKED, "--by", "owner", "--format", "json", "--output", "result.json"]) == 0
    found = json.loads((desk / "result.json").read_text(encoding="utf-8"))
    (deals,) = (kpi for kpi in found["kpis"] if kpi["id"] == "deals")
    members = {group["member"] for group in deals["groups"]}
    undated = {HOSTILE[at] for at in NO_DATE}
    blank, left_out = {"\x85", "\u2028"}, {"[bold]x[/bold]"}
    assert {owner for owner in HOSTILE if not members & {owner, owner.strip()}} == undated | blank | left_out
    assert deals["value"] == sum(group["value"] for group in deals["groups"])


@pytest.mark.parametrize("colours", ["", "1"])
def test_a_terminal_shows_them_and_does_nothing(
    colours: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.is_dir()
    monkeypatch.setenv("FORCE_COLOR", colours)
    code, out, _ = shown([*ASKED, "--by", "owner"], capsys)
    assert code == 0
    LAWS["terminal"](out)
