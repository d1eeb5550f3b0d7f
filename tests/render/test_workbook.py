"""The workbook: what it consists of, how its cells look, and what no text of an export can do to it."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from python_calamine import CalamineWorkbook
from tests.render.cards import CARDS, LONG, NOVEMBER, card, figure, line, nasty, ordinary
from tests.render.workbooks import CHART, EXCEL, MAIN, SPARKS, Page, assert_inert, displayed, listing, pages, parts

from kpicli.errors import clean
from kpicli.render.formats.xlsx import render
from kpicli.render.numbers import NumberStyle
from kpicli.render.workbook.book import Book
from kpicli.render.workbook.cells import amount_cell, change_cell, share_cell
from kpicli.scorecard import GoalLine, Group, ReportPeriod, Scorecard, Status, TrendPoint

# ----------------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize("name", CARDS)
def test_the_file_holds_no_formula_link_macro_or_way_out(name: str) -> None:
    assert_inert(render(CARDS[name]()))


def test_the_same_card_gives_the_same_bytes_and_no_clock_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    first = render(nasty())
    monkeypatch.setattr("time.time", lambda: 0.0)
    monkeypatch.setattr("time.localtime", lambda *_: (1999, 1, 1, 0, 0, 0, 4, 1, 0))
    assert render(nasty()) == first
    with ZipFile(BytesIO(first)) as file:
        assert {each.date_time for each in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-11-22T00:00:00Z"}


def test_another_program_reads_the_same_cells() -> None:
    for each in CARDS.values():
        content = render(each())
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        assert book.sheet_names == [page.name for page in pages(content)]
        for page in pages(content):
            rows = book.get_sheet_by_name(page.name).to_python(skip_empty_area=False)
            for (row, column), cell in page.cells.items():
                value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
                if cell.number is None:
                    assert value == cell.text
                elif not isinstance(value, date | datetime):
                    assert value == float(cell.number)


# ---------------------------------------------------------------------------------------------------------- the sheets


def sheet(result: Scorecard, name: str = "Scorecard") -> Page:
    return next(page for page in pages(render(result)) if page.name == name)


def named_sheets(result: Scorecard) -> list[str]:
    return [page.name for page in pages(render(result))]


def test_there_is_a_sheet_for_each_kpi_with_members_and_none_without_something_to_say() -> None:
    assert named_sheets(ordinary()) == ["Scorecard", "Calls", "Win rate", "Won revenue", "Trend", "Goals", "Data"]
    assert named_sheets(replace(ordinary(), by=None)) == ["Scorecard", "Trend", "Goals", "Data"]
    assert named_sheets(card(line())) == ["Scorecard", "Data"]


def test_the_scorecard_has_its_headings_and_names_in_sight() -> None:
    page = sheet(ordinary())
    pane = next(page.xml.iter(f"{MAIN}pane"))
    assert (pane.get("ySplit"), pane.get("xSplit"), pane.get("state")) == ("6", "1", "frozen")
    setup, fit = next(page.xml.iter(f"{MAIN}pageSetup")), next(page.xml.iter(f"{MAIN}pageSetUpPr"))
    assert (setup.get("orientation"), setup.get("paperSize"), fit.get("fitToPage")) == ("landscape", "9", "1")
    names = ET.fromstring(parts(render(ordinary()))["xl/workbook.xml"]).iter(f"{MAIN}definedName")  # noqa: S314 -- our own
    titles = {each.text for each in names if each.get("name") == "_xlnm.Print_Titles"}
    assert {"Scorecard!$6:$6", "'Win rate'!$6:$6", "Trend!$4:$4"} <= titles


def test_statuses_have_colours_and_attainment_a_bar() -> None:
    for name in ("Scorecard", "Calls", "Goals"):
        kinds = [each.get("type") for each in sheet(ordinary(), name).xml.iter(f"{MAIN}cfRule")]
        assert sorted(kinds, key=str) == ["beginsWith", "beginsWith", "beginsWith", "dataBar"]


def test_a_table_of_members_has_a_filter_that_leaves_out_the_headline() -> None:
    page = sheet(ordinary(), "Calls")
    assert next(page.xml.iter(f"{MAIN}autoFilter")).get("ref") == "A6:M9"
    assert [page.text(row, 0) for row in range(6, 10)] == ["Jane Doe", "Bob Ray", "(none)", "all"]
    assert [page.text(row, 12) for row in range(6, 10)] == ["005A1", "005A2", "", ""]


def test_charts_draw_attainment_members_with_their_target_and_the_trend_with_it() -> None:
    lines = listing(render(ordinary())).split("=== xl/charts/")
    assert ["Calls!$B$6", "Calls!$A$7:$A$9", "Calls!$B$7:$B$9", "Calls!$C$6", "Calls!$A$7:$A$9", "Calls!$C$7:$C$9"] in [
        each.split("\n")[1:-1] for each in lines
    ]
    assert "Trend!$C$5:$E$5\nTrend!$B$6\nTrend!$C$4:$E$4\nTrend!$C$6:$E$6" in "".join(lines)
    assert "Scorecard!$A$10:$A$12\nScorecard!$G$10:$G$12" in "".join(lines)


def test_a_chart_of_many_members_says_that_it_shows_the_first() -> None:
    many = tuple(Group(f"{at:03}", f"Seller {at:03}", figure(at)) for at in range(60))
    content = render(card(line(groups=many), by="owner"))
    titles = [
        text.text
        for name, part in parts(content).items()
        if name.startswith("xl/charts/")
        for text in ET.fromstring(part).iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t")  # noqa: S314 -- our own
    ]
    assert titles == ["Value of the first 50 of 60"]
    assert "Calls!$B$6:$B$55" in listing(content)


def test_what_cannot_be_drawn_has_no_chart_and_no_sparkline() -> None:
    """A spreadsheet would draw a text as 0."""
    huge = Decimal(10**30)
    points = (TrendPoint("2026-10", huge), TrendPoint("2026-11", 1))
    groups = (Group("a", "Ann", figure(huge)), Group("b", "Bob", figure(1)))
    content = render(card(line(trend=points, groups=groups), by="owner"))
    assert [name for name in parts(content) if "chart" in name] == []
    assert list(pages(content)[0].xml.iter(f"{SPARKS}sparkline")) == []


def test_a_trend_keeps_its_gaps_and_says_why() -> None:
    points = (TrendPoint("2026-09", 3), TrendPoint("2026-10", None, "no rows"), TrendPoint("2026-11", 0))
    result = card(line(trend=points, figure=figure(0, target=5)))
    page = sheet(result, "Trend")
    assert [page.text(3, at) for at in range(6)] == ["KPI", "", "2026-09", "2026-10", "2026-11", "Note"]
    assert [page.text(4, at) for at in range(6)] == ["Calls", "value", "3", "", "0", "2026-10: no rows"]
    assert [page.text(5, at) for at in range(5)] == ["Calls", "target", "5", "5", "5"]
    (spark,) = sheet(result).xml.iter(f"{SPARKS}sparkline")
    assert (spark.findtext(f"{EXCEL}f"), spark.findtext(f"{EXCEL}sqref")) == ("Trend!C5:E5", "O7")
    (group,) = sheet(result).xml.iter(f"{SPARKS}sparklineGroup")
    assert (group.get("displayEmptyCellsAs"), group.get("last")) == ("gap", "1")


def test_the_best_point_of_a_sparkline_is_green_and_the_worst_is_red() -> None:
    points = (TrendPoint("2026-10", 3), TrendPoint("2026-11", 1))
    page = sheet(
        card(line(id="up", name="Up", trend=points), line(id="down", name="Down", better="lower", trend=points))
    )
    colours = [
        [group.find(f"{SPARKS}color{which}").get("rgb") for which in ("High", "Low")]  # type: ignore[union-attr]  # both are drawn
        for group in page.xml.iter(f"{SPARKS}sparklineGroup")
    ]
    assert sorted(colours) == [["FF548235", "FFC00000"], ["FFC00000", "FF548235"]]


def test_absent_is_empty_and_its_reason_is_the_note() -> None:
    reasons = {"target_reason": "no quota", "prior_reason": "new"}
    page = sheet(card(line(figure=figure(None, Status.NO_DATA, reason="no closed deals", **reasons))))
    assert {at: cell.shown for (row, at), cell in page.cells.items() if row == 6 and cell.shown} == {
        0: "Calls",
        1: "prospect",
        2: "new_arr",
        9: "\N{EN DASH} no data",
        15: "no value: no closed deals; no target: no quota; no figure before: new",
    }


def test_goals_stand_below_what_they_serve_with_their_kpis() -> None:
    lines = (line(id="a", name="Calls", figure=figure(1, Status.AT_RISK)), line(id="b", name="Won"))
    goals = (
        GoalLine("rhythm", "Keep the rhythm", ("a",), "individual", "grow", "Every month"),
        GoalLine("grow", "Grow", ("b", "gone")),
    )
    page = sheet(card(*lines, goals=goals), "Goals")
    rows = [[page.text(row, at) for at in (0, 1, 2, 3, 4, 5, 10)] for row in range(4, 8)]
    assert rows == [
        ["Grow", "company", "", "", "", "", ""],
        ["Won", "", "", "", "", "400", "· no target"],
        ["Keep the rhythm", "individual", "Grow", "Every month", "0 of 1 on track", "", ""],
        ["Calls", "", "", "", "", "1", "! at risk"],
    ]


def test_days_are_dates_and_texts_where_spreadsheets_have_none() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(render(ordinary())))
    rows = book.get_sheet_by_name("Data").to_python()
    assert [row[1] for row in rows[4:8]] == [
        date(2026, 11, 1),
        date(2026, 11, 30),
        date(2026, 11, 22),
        date(2026, 11, 22),
    ]
    old = ReportPeriod("all", None, date(1899, 12, 31), date(1900, 3, 1), running=False, elapsed=1.0)
    page = sheet(card(line(), period=old), "Data")
    assert [(cell.number, cell.text) for cell in (page.cells[4, 1], page.cells[5, 1])] == [
        (None, "1899-12-31"),
        ("61", ""),
    ]


def test_notes_on_the_data_stand_with_their_rows() -> None:
    page = sheet(ordinary(), "Data")
    row = page.row("Notes") + 2
    assert [[page.text(row + each, at) for at in range(6)] for each in (0, 1)] == [
        ["opportunities", "3 rows whose close_date is no date", "3", "14", "close_date", "n/a"],
        ["opportunities", "", "", "1,014", "close_date", "31.02.2026"],
    ]
    row = page.row("Rows that don't count") + 2
    assert [[page.text(row + each, at) for at in range(3)] for each in (0, 1)] == [
        ["opportunities", "an older version of its key", "9"],
        ["opportunities", "not as the table's condition says: not deleted", "8"],
    ]


# ----------------------------------------------------------------------------------------------------------- the names


WIDE_CALLS = "\uff23\uff41\uff4c\uff4c\uff53"


def test_sheets_have_names_that_a_spreadsheet_takes() -> None:
    wanted = [
        "History", "Data", "Calls / [EMEA]: won?", "calls", "CALLS", "'quoted'", "", "  ", "A" * 40, "a" * 40,
        WIDE_CALLS,
        "😀" * 30, "½ 🚀 a®", "True", "R1C1", "\x1b[31m", "=1+1", "<b> & 'c'", LONG,
    ]  # fmt: skip
    lines = [line(id=f"k{at}", name=name, groups=(Group("a", "Ann", figure(1)),)) for at, name in enumerate(wanted)]
    names = named_sheets(card(*lines, by="owner"))
    assert names == [
        "Scorecard", "History (2)", "Data (2)", "Calls EMEA won", "calls", "CALLS (2)", "quoted", "KPI", "KPI (2)",
        "A" * 31, "a" * 27 + " (2)", f"{WIDE_CALLS} (3)", "KPI (3)", "a", "True (2)", "R1C1", "x1b 31m", "=1+1",
        "<b> & 'c", LONG[:31], "Data",
    ]  # fmt: skip


@given(
    st.lists(st.text(max_size=50) | st.sampled_from(["Data", "data ", "'", "a'", "A:", "a"]), min_size=1, max_size=8)
)
def test_names_of_sheets_are_legal_and_unique(wanted: list[str]) -> None:
    book = Book("x", date(2026, 11, 22))
    names = [book.sheet(name).name for name in wanted]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[^\[\]:*?/\\\x00-\x1f]+", name)
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert len(name.encode("utf-16-le")) <= 62
        assert name.casefold() not in {"history", "scorecard", "trend", "goals", "data"}
    book.content()


# ------------------------------------------------------------------------------------------------------------ the cells


@pytest.mark.parametrize(
    ("number", "style", "code", "shown"),
    [
        (1234, NumberStyle("number"), "#,##0", "1,234"),
        (0.05, NumberStyle("number"), "#,##0.0000", "0.0500"),
        (Decimal("-1234.5"), NumberStyle("money", None, "USD"), '"$"#,##0.00', "-$1,234.50"),
        (Decimal("1234.5"), NumberStyle("money", None, "CHF"), '#,##0.00" CHF"', "1,234.50 CHF"),
        (Decimal(99), NumberStyle("money", None, "JPY"), '"¥"#,##0', "¥99"),
        (0.3125, NumberStyle("percent"), "#,##0.0%", "31.3%"),
        (1.005, NumberStyle("number", 2), "#,##0.00", "1.01"),
        (51.75, NumberStyle("days"), '#,##0.0" days"', "51.8 days"),
        (1, NumberStyle("days"), '#,##0" day"', "1 day"),
        (-0.004, NumberStyle("number", 2), "#,##0.00;#,##0.00", "0.00"),
        (-0.0, NumberStyle("number"), "#,##0", "0"),
    ],
)  # fmt: skip
def test_a_number_looks_as_everywhere(number: float | Decimal, style: NumberStyle, code: str, shown: str) -> None:
    cell = amount_cell(number, style)
    assert (cell.format, cell.text, displayed(repr(cell.number), code)) == (code, shown, shown)


@pytest.mark.parametrize(
    ("number", "style", "better", "shown"),
    [
        (5, NumberStyle("number"), "higher", "▲ +5"),
        (5, NumberStyle("number"), "lower", "△ +5"),
        (-5, NumberStyle("number"), "higher", "▽ -5"),
        (Decimal(-5), NumberStyle("money", None, "USD"), "lower", "▼ -$5"),
        (-0.023, NumberStyle("percent"), "higher", "▽ -2.3% pts"),
        (-0.00001, NumberStyle("percent"), "higher", "→ 0.0% pts"),
        (0, NumberStyle("days"), "higher", "→ 0 days"),
    ],
)
def test_a_change_has_an_arrow_in_its_format(number: float, style: NumberStyle, better: str, shown: str) -> None:
    cell = change_cell(number, style, better)
    assert (cell.text, displayed(repr(cell.number), cell.format)) == (shown, shown)


@pytest.mark.parametrize(
    "number",
    [
        Decimal("12345678901234567890.12"),  # more digits than a double has
        Decimal("123456789012345.67"),  # a double has them, a spreadsheet shows 15
        2**53 + 1,
        10**400,
        1e300,  # no column is so wide
        5e-324,  # a spreadsheet takes it for 0
        123456789012344.5,  # the last digit hangs on how a spreadsheet rounds
    ],
)
def test_what_a_spreadsheet_would_change_is_a_text_and_the_note_says_so(number: float | Decimal) -> None:
    page = sheet(card(line(decimals=0 if isinstance(number, float) else 2, figure=figure(number))))
    cell = page.cells[6, 4]
    assert cell.number is None
    assert cell.text == NumberStyle("number", 0 if isinstance(number, float) else 2).write(number)
    assert page.text(6, 15) == "written as text, because a spreadsheet would change its digits: value"


@given(
    st.decimals(-(10**18), 10**18, places=6) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    st.sampled_from(["number", "percent", "money", "days"]),
    st.none() | st.integers(0, 6),
    st.sampled_from(["higher", "lower"]),
)
def test_a_number_that_is_a_number_is_the_same_and_looks_the_same(
    number: float | Decimal, unit: str, decimals: int | None, better: str
) -> None:
    style = NumberStyle(unit, decimals, "EUR")
    amount, share, change = amount_cell(number, style), share_cell(number), change_cell(number, style, better)
    for cell in (amount, share, change):
        if cell.number is not None:
            assert Fraction(repr(cell.number)) == Fraction(str(number))
            assert displayed(repr(cell.number), cell.format) == cell.text
    assert amount.text == style.write(number)
    assert change.text.partition(" ")[2].replace("% pts", " pp") == style.write_change(number)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_usual_amounts_are_numbers(number: int, places: int) -> None:
    assert amount_cell(Decimal(number).scaleb(-places), NumberStyle("money", None, "USD")).number is not None


TEXTS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "1", "1e5", "00123", "3/4", "2026-11-22", "TRUE", "#REF!",
    "https://example.com",
    "mailto:a@example.com", "internal:Data!A1", "external:a.xlsx", "file:///etc/passwd", "<r><t>x</t></r>", "<r></r>",
    "_x0041_", "_x005F_", "</t></si><f>1</f>", "&amp;", "]]>", "a\x00b", "\ufffe", "\uffff", "\ud800",
    "'=1", "\t=1", " a ",
]  # fmt: skip


def test_a_text_stays_the_text_that_it_is() -> None:
    lines = [
        line(id=f"k{at}", name=text, figure=figure("x", value_label=text), unit="text") for at, text in enumerate(TEXTS)
    ]
    content = render(card(*lines, only=((TEXTS[0], tuple(TEXTS)),)))
    assert_inert(content)
    page = pages(content)[0]
    for row, text in enumerate(TEXTS, page.row("Leading KPIs") + 1):
        for cell in (page.cells[row, 0], page.cells[row, 4]):
            assert (cell.number, cell.text, cell.format) == (None, clean(text), "@")


def test_a_text_that_is_too_long_ends_in_a_sign() -> None:
    long = "😀" * 20_000
    page = sheet(card(line(name=long), only=()))
    cell = page.cells[6, 0].text
    assert len(cell.encode("utf-16-le")) <= 2 * 32_767
    assert cell == "😀" * 16_383 + "…"
    assert len(sheet(card(line(name="a" * 32_767))).text(6, 0)) == 32_767


def test_no_cell_of_any_card_has_a_format_for_dates_but_days() -> None:
    for each in CARDS.values():
        for page in pages(render(each())):
            codes = {cell.format for cell in page.cells.values() if cell.number is not None}
            assert page.name == "Data" or "yyyy-mm-dd" not in codes


def test_a_chart_reads_texts_from_cells_and_never_as_a_reference() -> None:
    name = "=Data!$A$1"
    content = render(
        card(
            line(name=name, figure=figure(1, target=2, attainment=0.5), groups=(Group("a", name, figure(1)),)), by=name
        )
    )
    texts = [
        element.text
        for part, xml in parts(content).items()
        if part.startswith("xl/charts/")
        for element in ET.fromstring(xml).iter(f"{CHART}f")  # noqa: S314 -- our own
    ]
    assert texts
    assert [text for text in texts if text is not None and text.startswith(("=", "Data!"))] == []


def test_a_running_period_is_told() -> None:
    assert sheet(card(line(), period=replace(NOVEMBER, running=False))).text(1, 0).endswith("complete")
