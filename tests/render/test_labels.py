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
