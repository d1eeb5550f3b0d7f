"""The scorecard at a terminal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.render.cards import CARDS, card, figure, line, nasty, ordinary

from kpicli.render.formats.terminal import draw, render
from kpicli.render.screen import Screen
from kpicli.scorecard import Group, ReportPeriod, Status

COLOURED = Screen(100, "utf-8", "truecolor")
ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def test_leading_kpis_stand_before_lagging_ones_each_in_the_scorecards_order() -> None:
    shown = render(card(line(name="B", role="lagging"), line(name="D"), line(name="A", role="lagging"), line(name="C")))
    assert shown == (
        "Northwind Software · weekly\n"
        "2026-11: 2026-11-01 to 2026-11-30, running, 73.7% elapsed; as of 2026-11-22\n"
        "\n"
        "Leading KPIs  value  target  attainment  pace  status       prior  change\n"
        "─────────────────────────────────────────────────────────────────────────\n"
        "D               400       –           –     –  · no target      –       –\n"
        "C               400       –           –     –  · no target      –       –\n"
        "\n"
        "Lagging KPIs  value  target  attainment  pace  status       prior  change\n"
        "─────────────────────────────────────────────────────────────────────────\n"
        "B               400       –           –     –  · no target      –       –\n"
        "A               400       –           –     –  · no target      –       –\n"
    )


def test_a_card_without_kpis_or_scorecard_is_its_heading() -> None:
    period = ReportPeriod("2026-10", "month", *(ordinary().period.start, ordinary().period.end), False, 1.0)
    assert render(card(scorecard=None, period=period)) == (
        "Northwind Software\n2026-10: 2026-11-01 to 2026-11-30, complete; as of 2026-11-22\n"
    )


def test_a_period_that_lies_ahead_has_not_begun() -> None:
    assert render(card(as_of=date(2026, 10, 31))).splitlines()[1] == (
        "2026-11: 2026-11-01 to 2026-11-30, not begun; as of 2026-10-31"
    )


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (Status.ON_TRACK, "✓ on track"),
        (Status.AT_RISK, "! at risk"),
        (Status.BEHIND, "✗ behind"),
        (Status.NO_TARGET, "· no target"),
        (Status.NO_DATA, "– no data"),
    ],
)
def test_a_status_is_a_sign_and_a_word(status: Status, shown: str) -> None:
    """Colour alone says nothing to many."""
    assert shown in render(card(line(figure=figure(1, status))))


def test_a_change_of_zero_is_shown() -> None:
    (row,) = [text for text in render(card(line(figure=figure(3, prior=3, change=0)))).splitlines() if "Calls" in text]
    assert row.split() == ["Calls", "3", "–", "–", "–", "·", "no", "target", "3", "0"]


def test_a_text_is_shown_by_its_label() -> None:
    shown = render(card(line(unit="text", figure=figure("ls_07", value_label="Trade show", prior="Web"))))
    assert "Trade show" in shown
    assert "ls_07" not in shown


def test_each_reason_is_listed_once_with_the_figures_that_lack_it() -> None:
    absent = figure(None, Status.NO_DATA, reason="no closed opportunities", prior_reason="new")
    members = (Group("a", "A", absent), Group("b", "B", figure(1)), Group("c", "C", absent))
    shown = render(card(line(name="Rate", figure=absent), line(name="Cycle", groups=members), by="owner"))
    assert shown.endswith(
        "\nNo figure (–)\n"
        "  no value for Rate, Cycle (2 of 3 by owner): no closed opportunities\n"
        "  no prior for Rate, Cycle (2 of 3 by owner): new\n"
    )


def test_a_kpi_with_other_days_than_the_periods_says_which() -> None:
    assert "\nOther days\n  Win rate: 2026-08-25 to 2026-11-22\n" in render(ordinary())


def test_the_foot_has_what_was_read_and_its_notes() -> None:
    assert render(ordinary()).endswith(
        "\nData\n"
        "  activities: 12,044 of 12,044 rows used, newest 2026-11-22\n"
        "  opportunities: 1,187 of 1,204 rows used, newest 2026-11-21\n"
        "    invalid-date in close_date: 3 rows (row 14: 'n/a'; row 1,014: '31.02.2026')\n"
        "  users: 3 of 3 rows used\n"
    )


def test_columns_that_find_no_room_are_left_out_and_named() -> None:
    """The ones that others give, first."""
    shown = draw(ordinary(), Screen(60))
    assert "Leading KPIs          value      target    pace  status\n" in shown
    assert " ".join(shown.split()).endswith(
        "Not shown on 60 columns: attainment, prior, change (a wider terminal or --format csv has them)."
    )
    assert "Not shown" not in draw(ordinary(), Screen(100))


def test_names_and_statuses_are_folded_before_a_number_is() -> None:
    result = card(
        line(name="Open pipeline", unit="money", figure=figure(1_500_000, Status.ON_TRACK, target=12_000)),
        line(name="Calls", figure=figure(4, target=Decimal("1714.29"))),
    )
    assert draw(result, Screen(40)).splitlines()[4:10] == [
        "Leading",
        "KPIs             value    target  status",
        "────────────────────────────────────────",
        "Open        $1,500,000   $12,000  ✓ on",
        "pipeline                          track",
        "Calls                4  1,714.29  · no",
    ]


def test_a_number_is_folded_and_never_cut() -> None:
    number = Decimal("1234567890123456789012.12")
    shown = draw(card(line(name="Sum", unit="money", figure=figure(number, target=-number))), Screen(60))
    assert shown.splitlines()[4:9] == [
        "Leading KPIs           value          target  status",
        "─────────────────────────────────────────────────────────",
        "Sum           $1,234,567,890  -$1,234,567,89  · no target",
        "              ,123,456,789,0  0,123,456,789,",
        "                       12.12          012.12",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160, 200])
@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_lines_fit_and_have_nothing_that_the_screen_lacks(name: str, width: int, encoding: str) -> None:
    shown = draw(CARDS[name](), Screen(width, encoding))
    assert max(map(cell_len, shown.splitlines())) <= width
    shown.encode(encoding)
    assert {char for char in shown if category(char)[0] == "C"} == {"\n"}
    assert [text for text in shown.splitlines() if text != text.rstrip()] == []


@settings(max_examples=40)
@given(st.text(max_size=80), st.integers(60, 200), st.sampled_from(["utf-8", "ascii", "cp1252", "shift_jis"]))
def test_no_text_escapes_its_cell(text: str, width: int, encoding: str) -> None:
    result = card(
        line(name=text, unit="text", figure=figure(text, prior=text), groups=(Group(text, text, figure("x")),)),
        book=text,
        by="owner",
        only=((text, (text,)),),
    )
    shown = draw(result, Screen(width, encoding))
    shown.encode(encoding)
    assert {category(char) for char in shown if char != "\n"} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert max(map(cell_len, shown.splitlines())) <= width


@pytest.mark.parametrize("name", CARDS)
def test_colours_only_add_to_what_is_there(name: str) -> None:
    coloured = ESCAPE.sub("", draw(CARDS[name](), COLOURED))
    assert [text.rstrip() for text in coloured.splitlines()] == render(CARDS[name]()).splitlines()


def test_no_colours_but_bold_under_no_color() -> None:
    shown = draw(ordinary(), Screen(100, "utf-8", "truecolor", colourless=True))
    assert set(ESCAPE.findall(shown)) == {"\x1b[1m", "\x1b[2m", "\x1b[0m"}
    assert "\x1b[31m" in draw(ordinary(), COLOURED)


def test_markup_and_emoji_codes_are_text() -> None:
    assert "[bold]bold[/bold]" in render(nasty())
    assert ":smile:" in render(nasty())
