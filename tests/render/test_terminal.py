"""The scorecard at a terminal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from time import process_time
from typing import Any
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from tests.render.cards import CARDS, card, figure, line, narrowed, nasty, ordinary

from kpicli.render.formats import markdown
from kpicli.render.formats.terminal import draw, render
from kpicli.render.numbers import NumberStyle
from kpicli.render.screen import Screen
from kpicli.scorecard import (
    Example,
    Figure,
    Group,
    Line,
    Note,
    ReportPeriod,
    Scorecard,
    Span,
    Status,
    TableData,
    TrendPoint,
)

COLOURED = Screen(100, "utf-8", "truecolor")
ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def test_leading_kpis_stand_before_lagging_ones_each_along_the_pipeline() -> None:
    lines = (
        line(name="B", role="lagging", stage="close"),
        line(name="D", stage="close"),
        line(name="A", role="lagging", stage=None),
        line(name="C", stage="prospect"),
        line(name="E", stage="close"),
    )
    assert render(card(*lines, stages=("prospect", "close"))) == (
        "Northwind Software · weekly\n"
        "November 2026 · 2026-11-01 to 2026-11-30 · running, 73.7% of its workdays gone\n"
        "As of 2026-11-22\n"
        "\n"
        "stage     Leading KPIs  value  status\n"
        "──────────────────────────────────────────\n"
        "prospect  C               400  · no target\n"
        "close     D               400  · no target\n"
        "          E               400  · no target\n"
        "\n"
        "stage     Lagging KPIs  value  status\n"
        "──────────────────────────────────────────\n"
        "close     B               400  · no target\n"
        "no stage  A               400  · no target\n"
    )


def test_stages_stand_above_their_kpis_where_they_have_no_room_beside_them() -> None:
    shown = draw(card(line(name="A", stage="prospect"), line(name="B", stage="close")), Screen(40))
    assert shown.splitlines()[4:] == [
        "",
        "Leading KPIs  value  status",
        "────────────────────────────────",
        "prospect",
        "  A             400  · no target",
        "close",
        "  B             400  · no target",
    ]


def test_stages_are_left_out_where_there_is_only_one() -> None:
    assert "prospect" not in render(card(line(), line(name="Mails")))


def test_a_card_without_kpis_or_scorecard_is_its_heading() -> None:
    period = ReportPeriod("2026-10", "month", date(2026, 10, 1), date(2026, 10, 31), running=False, elapsed=1.0)
    assert render(card(scorecard=None, period=period)) == (
        "Northwind Software\nOctober 2026 · 2026-10-01 to 2026-10-31 · complete\nAs of 2026-11-22\n"
    )


def test_a_scorecard_is_called_by_its_name_where_it_has_one() -> None:
    assert render(card(title="How the company does")).splitlines()[0] == "Northwind Software · How the company does"


def test_a_period_that_lies_ahead_has_not_begun() -> None:
    assert render(card(as_of=date(2026, 10, 31))).splitlines()[1:3] == [
        "November 2026 · 2026-11-01 to 2026-11-30 · not begun",
        "As of 2026-10-31",
    ]


@pytest.mark.parametrize(
    ("newest", "shown"),
    [
        (date(2026, 11, 22), "As of 2026-11-22 · data to 2026-11-22"),
        (date(2026, 11, 21), "As of 2026-11-22 · data to 2026-11-21, 1 day before"),
        (date(2026, 11, 19), "As of 2026-11-22 · data to 2026-11-19, 3 days before"),
        (date(2026, 11, 18), "As of 2026-11-22 · ! data to 2026-11-18, 4 days before"),
        (date(2023, 1, 1), "As of 2026-11-22 · ! data to 2023-01-01, 1,421 days before"),
        (None, "As of 2026-11-22"),
    ],
)
def test_the_title_says_how_fresh_the_data_is_and_warns_of_old_data(newest: date | None, shown: str) -> None:
    tables = (TableData("users", ("u.csv",), 3, 3, None), TableData("deals", ("d.csv",), 3, 3, newest))
    assert render(card(data=tables)).splitlines()[2] == shown


def table(name: str, newest: date | None, **others: Any) -> TableData:
    return TableData(name, (f"{name}.csv",), 3, 3, newest, **others)


def test_a_table_that_ends_two_weeks_before_the_others_is_named_in_the_title_and_below() -> None:
    tables = table("calls", date(2026, 11, 22)), table("deals", date(2026, 11, 8)), table("leads", date(2026, 11, 9))
    shown = render(card(data=tables))
    assert shown.splitlines()[2] == "As of 2026-11-22 · data to 2026-11-22 · ! deals only to 2026-11-08"
    assert shown.endswith(
        "\nData\n"
        "  ! deals: 3 rows, the newest of 2026-11-08\n"
        "  nothing to note: calls 3 rows to 2026-11-22; leads 3 rows to 2026-11-09\n"
    )


def test_a_table_is_only_as_old_as_the_period_needs_it() -> None:
    october = ReportPeriod("2026-10", "month", date(2026, 10, 1), date(2026, 10, 31), running=False, elapsed=1.0)
    tables = table("calls", date(2026, 11, 22)), table("deals", date(2026, 10, 18)), table("leads", date(2026, 10, 17))
    shown = render(card(data=tables, period=october))
    assert shown.splitlines()[2] == "As of 2026-11-22 · data to 2026-11-22 · ! leads only to 2026-10-17"


def test_rows_for_a_whole_month_say_nothing_about_how_fresh_the_data_is() -> None:
    quotas = table("quotas", date(2026, 11, 22), covers=True), table("plans", date(2025, 12, 1), covers=True)
    shown = render(card(data=(*quotas, table("deals", date(2026, 5, 9)))))
    assert shown.splitlines()[2] == "As of 2026-11-22 · ! data to 2026-05-09, 197 days before"
    assert "  nothing to note: quotas 3 rows to 2026-11-22; plans 3 rows to 2025-12-01\n" in shown
    assert render(card(data=quotas)).splitlines()[2] == "As of 2026-11-22"


def test_the_title_counts_kpis_by_status() -> None:
    statuses = (Status.BEHIND, Status.ON_TRACK, Status.NO_TARGET, Status.ON_TRACK, Status.NO_DATA, Status.AT_RISK)
    shown = render(card(*(line(figure=figure(1, status)) for status in statuses)))
    assert shown.splitlines()[3] == "✓ 2 on track   ! 1 at risk   ✗ 1 behind   – 1 no data"


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
    assert row.split() == ["Calls", "3", "·", "no", "target", "→", "0", "3"]


@pytest.mark.parametrize(
    ("better", "change", "unicode", "ascii_"),
    [
        ("higher", 2, "▲ +2", "^ +2"),
        ("higher", -2, "▽ -2", "v! -2"),
        ("lower", 2, "△ +2", "^! +2"),
        ("lower", -2, "▼ -2", "v -2"),
        ("lower", Decimal("0.00"), "→ 0", "= 0"),
    ],
)
def test_an_arrow_knows_which_way_is_better(better: str, change: Decimal | int, unicode: str, ascii_: str) -> None:
    """Without colour, too: for the better it is filled, and in ASCII it has a mark for the worse."""
    lines = line(better=better, figure=figure(7, change=change)), line(figure=figure(7, change=-53333))
    assert unicode.replace(" ", "") in "".join(draw(card(*lines), Screen()).splitlines()[6].split())
    assert ascii_.split() == draw(card(*lines), Screen(100, "ascii")).splitlines()[6].split()[-2:]


def test_a_text_is_shown_by_its_label() -> None:
    shown = render(card(line(unit="text", figure=figure("ls_07", value_label="Trade show", prior="Web"))))
    assert "Trade show" in shown
    assert "ls_07" not in shown


def test_the_text_of_the_period_before_is_shown_by_its_label_too() -> None:
    before = figure("005A1", value_label="Jane Doe", prior="005A2", prior_label="Bob Ray")
    (row,) = [text for text in render(card(line(unit="text", figure=before))).splitlines() if "Calls" in text]
    assert row.split() == ["Calls", "Jane", "Doe", "·", "no", "target", "Bob", "Ray"]


def test_each_reason_is_listed_once_with_the_figures_that_lack_it() -> None:
    absent = figure(None, Status.NO_DATA, reason="no closed opportunities", prior_reason="new")
    members = (Group("a", "A", absent), Group("b", "B", figure(1)), Group("c", "C", absent))
    shown = render(card(line(name="Rate", figure=absent), line(name="Cycle", groups=members), by="owner"))
    assert shown.endswith(
        "\nNo figure (–)\n"
        "  no figures by owner for Rate: no row in these days has one\n"
        "  no value for Rate, Cycle (2 of 3 by owner): no closed opportunities\n"
        "  no figure before for Rate, Cycle (2 of 3 by owner): new\n"
    )


def test_a_split_of_which_nobody_has_a_row_says_so() -> None:
    """Where the days lie before the export begins, or `--by` names what none of the tables has."""
    shown = render(card(line(name="Rate", figure=figure(0)), line(name="Cycle", figure=figure(0)), by="owner"))
    assert shown.endswith("\nNo figure (–)\n  no figures by owner: no row in these days has one\n")


def test_a_figure_without_a_target_or_a_figure_before_says_nothing_of_them() -> None:
    shown = render(
        card(line(), line(figure=figure(5, Status.BEHIND, target=9, target_reason=None, prior_reason="new")))
    )
    assert shown.splitlines()[5:9] == [
        "Leading KPIs  value  target  status      change  before",
        "───────────────────────────────────────────────────────",
        "Calls           400          · no target",
        "Calls             5       9  ✗ behind         –       –",
    ]


def test_kpis_with_other_days_than_the_periods_are_listed_by_these_days() -> None:
    ninety = Span(date(2025, 12, 25), date(2026, 3, 24), 1.0)
    year = Span(date(2026, 1, 1), date(2026, 12, 31), 0.892)
    lines = (line(name="A", window=ninety), line(name="B", window=year), line(name="C"), line(name="D", window=ninety))
    assert render(card(*lines)).endswith(
        "\nOther days\n"
        "  25 Dec 2025 to 24 Mar 2026 (90 days): A, D\n"
        "  1 Jan to 31 Dec 2026 (365 days, 89.2% of its workdays gone): B\n"
    )


def test_the_foot_has_a_line_for_each_table_with_notes_and_one_for_the_others() -> None:
    """With the rows that show it, `kpi check` prints the same."""
    notes = (
        Note("invalid-date", "close_date", 3, (Example(14, "n/a"),)),
        Note("no-date", "close_date", 4),
        Note("missing-parent", "account", 1_200),
        Note("something-new", "amount", 2),
        Note("something-new", None, 2),
    )
    tables = (
        TableData("activities", ("a.csv",), 12_044, 12_044, date(2026, 11, 22)),
        TableData("deals", ("d.csv",), 1_204, 1_187, date(2026, 11, 21), notes),
        TableData("users", ("u.csv",), 1, 1, None),
    )
    assert render(card(data=tables)).endswith(
        "\nData · kpi check names the rows\n"
        "  ! deals: 1,187 of 1,204 rows to 2026-11-21; 3 rows whose close_date is no date, 4 rows without\n"
        "    close_date, 1,200 rows whose account leads nowhere, 2 rows with something-new in amount, 2 rows\n"
        "    with something-new\n"
        "  nothing to note: activities 12,044 rows to 2026-11-22; users 1 row\n"
    )


def test_the_foot_says_in_words_what_is_odd_about_amounts() -> None:
    notes = Note("no-rate", "fee", 1), Note("other-currency", "amount", 2)
    shown = render(card(data=(TableData("deals", ("d.csv",), 9, 9, date(2026, 11, 22), notes),)))
    assert shown.endswith(
        "; 1 row whose fee has no exchange rate on its day, 2 rows whose\n    amount is in another currency\n"
    )


def test_cells_that_are_no_dates_are_told_once() -> None:
    """The rows without the date are the same, where there are as many; in another column they are others."""
    notes = Note("invalid-date", "closed", 4), Note("no-date", "closed", 4), Note("no-date", "created", 4)
    shown = card(data=(TableData("deals", ("d.csv",), 9, 9, date(2026, 11, 22), notes),))
    assert render(shown).splitlines()[-1] == (
        "  ! deals: 9 rows to 2026-11-22; 4 rows whose closed is no date, 4 rows without created"
    )
    assert markdown.render(shown).splitlines()[-2:] == (
        ["  - 4 rows whose closed is no date", "  - 4 rows without created"]
    )


def test_what_was_left_out_of_a_file_is_told() -> None:
    notes = Note("footer", None, 2, (Example(8, "Total"),)), Note("several-values", "deal_id", 1)
    shown = card(data=(TableData("deals", ("d.csv",), 9, 9, date(2026, 11, 22), notes),))
    assert render(shown).endswith(
        "  ! deals: 9 rows to 2026-11-22; 2 rows below the data left out as a footer, 1 row whose deal_id\n"
        "    holds several values, of which the first counts\n"
    )


def left_out(shown: Scorecard, width: int) -> str:
    """What the last line of a page says of its columns."""
    told = " ".join(draw(shown, Screen(width)).split()).partition("Not shown on ")[2]
    return told.partition(" (a wider terminal or --format csv has them).")[0]


def test_columns_that_find_no_room_are_left_out_and_named() -> None:
    """The ones that others give, first; a narrow one stays where a wider one has gone."""

    def hidden(width: int) -> str:
        return left_out(replace(ordinary(), only=()), width)

    assert hidden(160) == "160 columns: projected"
    assert hidden(180) == ""
    assert hidden(120) == "120 columns: before, per workday, projected"
    assert hidden(100) == "100 columns: before, per workday, projected"
    assert hidden(90) == "90 columns: attainment in percent, before, per workday, projected"
    assert hidden(80) == "80 columns: attainment in percent, pace, before, per workday, projected, trend"
    assert hidden(70) == "70 columns: attainment, pace, before, per workday, projected, trend"
    assert hidden(40) == "40 columns: target, attainment, pace, change, before, per workday, projected, trend"


def test_in_a_narrowed_report_what_a_workday_must_bring_stays_for_longest() -> None:
    """Whoever reads his own figures wants to know what to do about them today."""
    assert left_out(narrowed(), 100) == "100 columns: attainment in percent, pace, before, projected"
    assert left_out(narrowed(), 70) == "70 columns: attainment, pace, change, before, projected, trend"
    assert "  per workday" in draw(narrowed(), Screen(70))


def test_contributions_stand_below_their_goal_and_their_value_gives_way() -> None:
    """It stands in the tables above too."""

    def table(width: int) -> list[str]:
        shown = draw(narrowed(), Screen(width)).partition("\nContribution")
        return ("Contribution" + shown[2].partition("\n\n")[0]).splitlines()

    assert table(80) == [
        "Contribution                   value  company target  share",
        "───────────────────────────────────────────────────────────",
        "Reach $26M new ARR",
        "  Won revenue          $1,234,567.89     $26,000,000   4.7%",
        "Keep the customers that we have",
        "  Calls                       219              3,200   6.8%",
        "  Upsell to customers    $130,000         $2,600,000   5.0%",
    ]
    assert table(36)[:4] == [
        "Contribution   company target  share",
        "────────────────────────────────────",
        "Reach $26M new ARR",
        "  Won revenue     $26,000,000   4.7%",
    ]


def test_the_percentage_of_attainment_stands_beside_its_bar_only() -> None:
    """Without the bar nothing would say what it is."""
    for width in range(40, 200):
        shown = draw(ordinary(), Screen(width))
        bars = "━━━──┼──", "━━━━╾───┼───", "━━─┼─"
        assert ("41.2%" in shown) <= any(bar in shown for bar in bars)


@pytest.mark.parametrize(("width", "bar"), [(80, "━━━┿─"), (90, "━━━━━┿╾─"), (100, "━━━━━┿╾─"), (160, "━━━━━━━━┿╾──")])
def test_bar_change_and_trend_stand_beside_long_money(width: int, bar: str) -> None:
    """A bar and a trend are cut before a column is left out, and the pace goes before them."""
    money = {"target": Decimal(2_200_000), "expected": Decimal(1_600_000), "prior": Decimal(2_367_825)}
    shares = {"attainment": 0.82, "pace": 1.12, "change": Decimal(-128_277)}
    pipeline = figure(Decimal(1_804_000), Status.ON_TRACK, **money, **shares)
    points = tuple(TrendPoint(f"2026-{month:02d}", month) for month in range(1, 13))
    shown = draw(card(line(name="Open pipeline", unit="money", figure=pipeline, trend=points)), Screen(width))
    (row,) = [text for text in shown.splitlines() if text.startswith("Open pipeline")]
    assert {"$1,804,000", "$2,200,000", bar, "✓", "-$128,277"} <= set(row.split())
    assert row.endswith("▁▂▃▅▆▇" if width < 100 else "▁▂▂▃▃▄▄▅▅▆▆▇")
    assert ("112.0%" in row) == (width > 80)


def test_names_and_statuses_are_folded_before_a_number_is() -> None:
    result = card(
        line(name="Open pipeline of all teams", unit="money", figure=figure(1_500_000_000, Status.ON_TRACK, target=12)),
        line(name="Calls", figure=figure(4, target=Decimal("1714.29"))),
    )
    assert draw(result, Screen(40)).splitlines()[5:] == [
        "",
        "Leading KPIs               value  status",
        "────────────────────────────────────────",
        "Open pipeline of  $1,500,000,000  ✓ on",
        "all teams                         track",
        "Calls                          4  · no",
        "                                  target",
        "",
        "Not shown on 40 columns: target (a wider",
        "terminal or --format csv has them).",
    ]


def test_a_number_is_folded_and_never_cut() -> None:
    number = Decimal("1234567890123456789012.12")
    shown = draw(card(line(name="Sum", unit="money", figure=figure(number, target=-number))), Screen(60))
    assert shown.splitlines()[5:] == [
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


AMOUNTS = st.none() | st.integers(-(10**9), 10**9) | st.decimals(-(10**8), 10**8, places=3)


@st.composite
def lines(draw_: st.DrawFn) -> Line:
    """A KPI with anything that its figure may lack or have."""
    unit = draw_(st.sampled_from(["number", "percent", "money", "days", "text"]))
    value = draw_(st.text(max_size=40) if unit == "text" else AMOUNTS)

    def measured() -> Figure:
        amount = st.none() if unit == "text" else AMOUNTS
        names = ("target", "expected", "projected", "needed_per_workday", "prior", "change")
        amounts = {name: draw_(amount) for name in names}
        shares = {name: draw_(st.none() | st.floats(-3, 99)) for name in ("attainment", "pace")}
        reasons = {
            name: draw_(st.none() | st.text(max_size=60)) for name in ("reason", "target_reason", "prior_reason")
        }
        return figure(value, draw_(st.sampled_from(Status)), **amounts, **shares, **reasons)

    trend = draw_(st.lists(AMOUNTS, max_size=15))
    return line(
        id=f"kpi_{draw_(st.integers(0, 10**6))}",
        name=draw_(st.text(max_size=60)),
        role=draw_(st.sampled_from(["leading", "lagging"])),
        stage=draw_(st.none() | st.sampled_from(["prospect", "close", "a stage with a longer name"])),
        unit=unit,
        better=draw_(st.sampled_from(["higher", "lower"])),
        figure=measured(),
        trend=tuple(TrendPoint(f"2026-{n:02d}", point) for n, point in enumerate(trend)),
        groups=tuple(Group(f"m{n}", draw_(st.text(max_size=20)), measured()) for n in range(draw_(st.integers(0, 3)))),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(lines(), min_size=1, max_size=6, unique_by=lambda each: each.id),
    st.integers(40, 200),
    st.sampled_from(["utf-8", "ascii"]),
)
def test_no_line_is_wider_than_the_screen_and_no_value_is_cut(kpis: list[Line], width: int, encoding: str) -> None:
    screen = Screen(width, encoding)
    shown = draw(card(*kpis, by="owner", stages=("prospect", "close")), screen)
    assert max(map(cell_len, shown.splitlines())) <= width
    for each in kpis:
        value = each.figure.value
        if isinstance(value, int | Decimal):
            style = NumberStyle(each.unit, None, "USD", screen.has)
            written = style.write(value)
            assert written in shown or len(written) > 14


def test_a_page_of_many_members_is_drawn_at_once() -> None:
    many = tuple(Group(f"m{n}", f"Member {n}", ordinary().lines[0].groups[0].figure) for n in range(500))
    kpis = [line(id=f"k{n}", name=f"Number {n}", groups=many) for n in range(3)]
    started = process_time()
    shown = draw(card(*kpis, by="owner"), COLOURED)
    assert len(shown.splitlines()) > 1500
    assert process_time() - started < 2  # seconds of work; it takes a tenth of them


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
