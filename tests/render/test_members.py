"""Members: which come first, and when they make a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from tests.render.cards import card, figure, line, team

from kpicli.render.formats.terminal import draw, render
from kpicli.render.page.members import ranked
from kpicli.render.screen import Screen
from kpicli.scorecard import Group, Status, Value


def groups(*values: Value) -> tuple[Group, ...]:
    return tuple(Group(label, label.upper(), figure(value)) for label, value in zip("abcdef", values, strict=False))


@pytest.mark.parametrize(
    ("better", "values", "order"),
    [
        ("higher", (1, 3.5, 2), "BCA"),
        ("lower", (1, 3.5, 2), "ACB"),
        ("higher", (None, -1, None, 0), "DBAC"),
        ("lower", (None, -1, None, 0), "BDAC"),
        ("higher", (2, 2, 2), "ABC"),
        ("higher", ("x", None, "a"), "ACB"),
    ],
)
def test_the_best_member_comes_first_and_absent_figures_last(better: str, values: Sequence[Value], order: str) -> None:
    assert "".join(group.label for group in ranked(line(better=better, groups=groups(*values)))) == order


def test_rows_without_a_member_come_after_all_members() -> None:
    nobody = Group(None, "(none)", figure(99))
    split = (nobody, *groups(1, None))
    assert [group.label for group in ranked(line(groups=split))] == ["A", "B", "(none)"]


def test_a_table_ends_with_all_members_together_and_that_is_the_headline() -> None:
    """It is computed from the rows, and no sum of the members."""
    shown = render(card(line(figure=figure(4), groups=groups(3, 3)), by="owner"))
    assert shown.endswith(
        "Calls by owner\n"
        "owner  value  status\n"
        "─────────────────────────\n"
        "A          3  · no target\n"
        "B          3  · no target\n"
        "all        4  · no target\n"
    )


def test_up_to_three_kpis_have_a_table_each() -> None:
    three = [line(id=f"k{n}", name=f"K{n}", groups=groups(1, 2)) for n in range(4)]
    tables = render(card(*three[:3], by="owner"))
    matrix = render(card(*three, by="owner"))
    assert [text for text in tables.splitlines() if text.endswith(" by owner")] == [f"K{n} by owner" for n in range(3)]
    assert [text for text in matrix.splitlines() if text.endswith(" by owner")] == ["Leading KPIs by owner"]


def test_a_matrix_has_a_row_a_member_by_label_and_a_sign_beside_each_value() -> None:
    shown = render(team())
    assert shown[shown.index("Leading KPIs by owner") : shown.index("\n\n✓ on track")] == (
        "Leading KPIs by owner\n"
        "owner     Calls\n"
        "───────────────\n"
        "Bob Ray    88 !\n"
        "Bob Ray    20 ✗\n"
        "Jane Doe  104 ✓\n"
        "(none)      7\n"
        "all       219 !\n"
        "\n"
        "Lagging KPIs by owner\n"
        "           Sales cycle\n"
        "          of all deals                               Best\n"
        "owner     that are won  Win rate  Monthly fee      source\n"
        "─────────────────────────────────────────────────────────\n"
        "Bob Ray   120.5 days !    5.0% !  $3,401.25 !\n"
        "Bob Ray     –           100.0% ✗\n"
        "Jane Doe   48 days   ✓   40.0% ✓  $1,900    ✓  Trade show\n"
        "(none)                    0.0%\n"
        "all        51.8 days ✗   30.0% ✓  $2,150.50 ✓         Web"
    )


def test_blank_cells_of_a_matrix_are_explained_where_there_are_some() -> None:
    full = [line(id=f"k{n}", groups=groups(1, 2)) for n in range(4)]
    assert "✓ on track  ! at risk  ✗ behind   blank: no rows   --kpi" in render(team())
    assert "blank" not in render(card(*full, by="owner"))
    assert "blank" in render(card(*full, line(id="k4", groups=groups(1)), by="owner"))


def test_a_matrix_that_is_too_wide_goes_on_below_in_parts_of_the_same_length() -> None:
    lines = [line(id=f"k{n}", name=f"Number {n}", groups=groups(1_000_000, 2)) for n in range(8)]
    shown = draw(card(*lines, by="owner"), Screen(60)).splitlines()
    assert [text for text in shown if text.startswith("Leading KPIs by")] == (
        ["Leading KPIs by owner", "Leading KPIs by owner, continued"]
    )
    assert [text for text in shown if text.startswith("owner")] == [
        "owner   Number 0   Number 1   Number 2   Number 3",
        "owner   Number 4   Number 5   Number 6   Number 7",
    ]


def test_a_matrix_of_which_too_little_fits_is_a_table_a_kpi() -> None:
    lines = [line(id=f"k{n}", name=f"Number {n}", groups=groups(10**12, 2)) for n in range(8)]
    assert "Number 7 by owner" in draw(card(*lines, by="owner"), Screen(60))


def test_a_number_that_a_matrix_cannot_hold_makes_it_a_table_a_kpi() -> None:
    lines = [line(id=f"k{n}", name=f"Number {n}", groups=groups(10**n, 2)) for n in range(5)]
    assert "Number 4 by owner" not in render(card(*lines, by="owner"))
    huge = replace(lines[4], groups=groups(10**30, 2))
    assert "Number 4 by owner" in render(card(*lines[:4], huge, by="owner"))


def test_a_status_without_a_target_has_no_sign_in_a_matrix() -> None:
    behind = Group("a", "A", figure(3, Status.BEHIND))
    lines = [line(id=f"k{n}", groups=(behind,)) for n in range(4)]
    (row,) = [text for text in render(card(*lines, by="owner")).splitlines() if text.startswith("all ")]
    assert row.split() == ["all", "400", "400", "400", "400"]
