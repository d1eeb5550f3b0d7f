"""The scorecard as Markdown."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.cells import cell_len
from tests.render.cards import CARDS, NOVEMBER, card, figure, line, ordinary
from tests.render.drawn import WORDS, cards, filled
from tests.render.drawn import texts as hostile_texts
from tests.render.pages import structure, tables, texts
from tests.render.test_literal import FOUND_LATER

from kpicli.errors import clean
from kpicli.render.formats.markdown import render
from kpicli.render.literal import APART
from kpicli.scorecard import GoalLine, Group, Scorecard, Span, Status, TableData, TrendPoint


def test_leading_kpis_come_first_and_each_role_follows_the_pipeline() -> None:
    lines = (
        line(name="Won", role="lagging", stage="close"),
        line(name="Proposals", stage="propose"),
        line(name="Calls", stage="prospect"),
    )
    assert render(card(*lines, stages=("prospect", "propose", "close"))) == (
        "## Northwind Software · weekly\n"
        "\n"
        "November 2026 · 2026-11-01 to 2026-11-30 · running, 73.7% of its workdays gone · as of 2026-11-22\n"
        "\n"
        "### Leading KPIs\n"
        "\n"
        "| KPI       | Value | Target | Attainment | Pace | Status      | Change |\n"
        "| --------- | ----: | -----: | ---------: | ---: | ----------- | -----: |\n"
        "| Calls     |   400 |      – |          – |    – | · no target |      – |\n"
        "| Proposals |   400 |      – |          – |    – | · no target |      – |\n"
        "\n"
        "### Lagging KPIs\n"
        "\n"
        "| KPI | Value | Target | Attainment | Pace | Status      | Change |\n"
        "| --- | ----: | -----: | ---------: | ---: | ----------- | -----: |\n"
        "| Won |   400 |      – |          – |    – | · no target |      – |\n"
    )


def test_the_newest_data_stands_below_the_title() -> None:
    read = (TableData("a", (), 1, 1, date(2026, 11, 20)), TableData("b", (), 1, 1, date(2026, 11, 21)))
    undated = TableData("c", (), 1, 1, None)
    shown = render(card(data=(*read, undated))).splitlines()[2]
    assert shown.endswith(" · as of 2026-11-22 · data to 2026-11-21, 1 day before")


def test_a_table_that_ends_long_before_the_others_is_named() -> None:
    shown = render(
        card(
            data=(
                TableData("a", ("a.csv",), 1, 1, date(2026, 11, 22)),
                TableData("b", ("b.csv",), 1, 1, date(2026, 5, 9)),
            )
        )
    )
    assert shown.splitlines()[2].endswith(" · as of 2026-11-22 · data to 2026-11-22 · ! b only to 2026-05-09")
    assert shown.endswith("\n- a: 1 row to 2026-11-22\n- ! b: 1 row, the newest of 2026-05-09\n")


@pytest.mark.parametrize(
    ("others", "shown"),
    [
        ({"scorecard": None}, ["Northwind Software", "running, 73.7% of its workdays gone"]),
        ({"as_of": date(2026, 10, 31)}, ["Northwind Software · weekly", "not begun"]),
        ({"period": replace(NOVEMBER, running=False)}, ["Northwind Software · weekly", "complete"]),
    ],
)
def test_a_card_without_kpis_is_its_heading(others: dict[str, Any], shown: list[str]) -> None:
    title, about = texts(render(card(**others)))
    assert [title, about.split(" · ")[2]] == shown


def test_each_dimension_that_is_narrowed_has_a_line() -> None:
    only = (("team", ("East", "West")), ("source", ("Web",)))
    assert texts(render(card(only=only)))[2:] == ["Only team: East, West", "Only source: Web"]


def test_the_trend_is_a_column_where_there_is_one() -> None:
    trend = tuple(TrendPoint("2026-10", value) for value in (1, None, 3))
    shown = render(card(line(name="Calls", trend=trend), line(name="Visits"), line(role="lagging")))
    leading, lagging = tables(shown)
    assert [row[-1] for row in leading] == ["Trend", "▁·▇", "–"]
    assert lagging[0][-1] == "Change"


def test_members_have_a_table_for_each_kpi_in_the_order_of_the_headlines() -> None:
    jane = (Group("005A1", "Jane Doe", figure(3, Status.BEHIND, target=9, attainment=1 / 3, pace=0.5, change=-2)),)
    won = line(name="Won", role="lagging", groups=jane)
    shown = render(card(won, line(name="Calls", groups=jane), line(name="Visits"), by="owner"))
    assert [text for text in shown.splitlines() if text.startswith("### ")] == (
        ["### Leading KPIs", "### Lagging KPIs", "### Calls by owner", "### Won by owner", "### No figure (–)"]
    )
    assert list(tables(shown))[-1] == [
        ["owner", "Value", "Target", "Attainment", "Pace", "Status", "Change"],
        ["Jane Doe", "3", "9", "33.3%", "50.0%", "✗ behind", "-2"],
    ]


def test_a_goal_stands_below_its_parent_with_the_kpis_that_serve_it() -> None:
    lines = (line(id="a", name="Calls", figure=figure(1, Status.AT_RISK)), line(id="b", name="Won"))
    goals = (
        GoalLine("rhythm", "Keep the rhythm", ("a",), "individual", "fill", "Every month"),
        GoalLine("market", "Win the market", (), "team", "gone"),
        GoalLine("fill", "Fill the pipeline", ("a", "b"), "team", "grow"),
        GoalLine("grow", "Grow", ("b", "unknown")),
    )
    assert render(card(*lines, goals=goals)).endswith(
        "### Goals\n"
        "\n"
        "- Win the market (team)\n"
        "- Grow (company): · Won\n"
        "  - Fill the pipeline (team, 0 of 1 on track): ! Calls, · Won\n"
        "    - Keep the rhythm (individual, Every month, 0 of 1 on track): ! Calls\n"
    )


def test_days_reasons_and_data_are_lists() -> None:
    year = Span(date(2026, 1, 1), date(2026, 12, 31), 0.9)
    shown = render(card(line(name="Won", window=year), line(), line(name="Rate", window=year)))
    assert shown.endswith(
        "\n### Other days\n\n- 1 Jan to 31 Dec 2026 (365 days, 90.0% of its workdays gone): Won, Rate\n"
    )
    assert render(ordinary()).endswith(
        "### No figure (–)\n"
        "\n"
        "- no figures by owner for Best source: no row in these days has one\n"
        "- no target for Calls (1 of 3 by owner): a target for 'owner' has no '(none)'\n"
        "- no figure before for Calls (1 of 3 by owner), Won revenue (1 of 1 by owner): new\n"
        "- no value for Win rate (2 of 3 by owner): no closed opportunities\n"
        "\n"
        "### Data\n"
        "\n"
        "- activities: 12,044 rows to 2026-11-22\n"
        "- opportunities: 1,187 of 1,204 rows to 2026-11-21\n"
        "  - 3 rows whose close_date is no date\n"
        "- users: 3 rows\n"
    )


def test_columns_are_aligned_in_the_raw_text_and_a_long_name_widens_none_but_its_own_row() -> None:
    shown = render(card(line(name="株式会社"), line(name="R|D"), line(name="x" * 50)))
    short, _, wide, piped, long = (text for text in shown.splitlines() if text.startswith("|"))
    assert {cell_len(text) for text in (short, wide, piped)} == {cell_len(long) - 10}
    assert f"| {'株式会社'.ljust(36)} |" in wide


@pytest.mark.parametrize("name", CARDS)
def test_every_row_of_a_table_has_as_many_cells_as_its_header(name: str) -> None:
    page = render(CARDS[name]())
    for rows in tables(page):
        assert {len(row) for row in rows} == {len(rows[0])}
        assert f"| {rows[0][1]} |" in re.sub(" +", " ", page)
    written = [text for text in page.splitlines() if text.startswith("|")]
    assert len(written) == sum(len(rows) + 1 for rows in tables(page))


@settings(max_examples=60)
@given(cards(), hostile_texts)
def test_no_text_changes_what_the_page_consists_of(plain: Scorecard, drawn: dict[str, str]) -> None:
    """Any texts have the same headings, tables, rows, cells and items as plain words, and no more."""
    page = render(filled(plain, drawn))
    assert structure(page) == structure(render(plain))
    assert set(structure(page)) <= PARTS
    word = re.compile("|".join(WORDS))
    expected = [word.sub(lambda found: clean(drawn[found[0]]), text).strip() for text in texts(render(plain))]
    assert [text.replace(APART, "") for text in texts(page)] == expected
    assert [text for text in texts(page) if FOUND_LATER.search(text)] == []


PARTS = {"inline", "text"} | {
    f"{part}_{side}"
    for part in ("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item")
    for side in ("open", "close")
}
