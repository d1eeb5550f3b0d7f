"""How people are called, from an export to the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.desk import BOOK, opened

import kpicli
from kpicli.render.formats.terminal import draw
from kpicli.render.screen import Screen
from kpicli.scorecard import Scorecard

_USERS = """\
  users: {source: users.csv, key: id, columns: {id: id, name: name}}
dimensions:
  owner: {field: owner, members: users, label: name}
"""


def scorecard(folder: Path, users: str, kpis: dict[str, str], **asked: Any) -> Scorecard:
    desk = opened(folder)
    desk.write("users.csv", f"id,name\n{users}")
    desk.book(kpis, base=BOOK.replace("dimensions:\n  owner: owner\n", _USERS))
    return kpicli.load(folder / "kpis.yaml").report(**asked, as_of="2026-03-31").scorecard


def test_members_stand_as_people_look_them_up_whatever_their_case_and_accents(tmp_path: Path) -> None:
    names = "ann,Özil\nbob,adam\nd,Adam\ne,Zoe\nf,Eve\ng,Ødegaard\nh,É. Bo\n"
    card = scorecard(tmp_path, names, {f"k{n}": "count(deals)" for n in range(4)}, period="2026-Q1", by="owner")
    order = ["Adam", "adam", "É. Bo", "Eve", "Özil", "Zoe", "Ødegaard", "(none)"]
    assert [group.label for group in card.lines[0].groups] == order
    page = draw(card, Screen())
    assert "Lagging KPIs by owner" in page
    rows = page.partition("Lagging KPIs by owner")[2].splitlines()[3:]
    assert [row.partition("  ")[0] for row in rows[: len(order)]] == order


def test_a_text_and_the_one_before_it_have_the_label_of_their_member(tmp_path: Path) -> None:
    best = "formula: top(owner by sum(deals.amount where won))\nunit: text"
    card = scorecard(tmp_path, "ann,Ann Arbor\nbob,Bob Ray\n", {"best": best}, period="2026-02")
    (line,) = card.lines
    figure = line.figure
    assert (figure.value, figure.value_label, figure.prior, figure.prior_label) == (
        "bob",
        "Bob Ray",
        "ann",
        "Ann Arbor",
    )
    assert "Ann Arbor" in draw(card, Screen())
