"""Every format shows the same figures: each is read back and held against the JSON result, number by number."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from tests.render.cards import CARDS, WINDOW
from tests.render.drawn import cards
from tests.render.markup import Element, parsed, rows
from tests.render.pages import tables
from tests.render.workbooks import EXCEL, SPARKS, Page, pages, place

import kpicli
from kpicli.errors import clean
from kpicli.render import named
from kpicli.render.numbers import NumberStyle, write_share
from kpicli.render.page.members import ranked
from kpicli.render.screen import Screen
from kpicli.render.sections import contributions, sections
from kpicli.scorecard import Figure, Line, Scorecard

ROOT = Path(__file__).resolve().parents[2]
WIDE = Screen(400)
SIGNS = WIDE.signs
NUMBERS = ("value", "target", "attainment", "expected", "pace", "projected", "needed_per_workday", "prior", "change")
CONTRIBUTED = ("company_target", "contribution", "contributes_to")
MOST_PERIODS = 12
FOLDED_FROM = 21
"""So long texts may go on in the next line of a terminal, however wide it is."""

# ------------------------------------------------------------------------------------------------------------ the cards


@cache
def example() -> Scorecard:
    """The company of the README, seller by seller."""
    return kpicli.load(ROOT / "kpis.yaml").report(by="owner", as_of="2026-11-22").scorecard


def told_apart(card: Scorecard) -> Scorecard:
    """The card with a name of its own for each KPI and each member, and no digits beside a row's figures."""
    return replace(card, lines=tuple(_named(line, _letters(at)) for at, line in enumerate(card.lines)), by="seller")


def _named(line: Line, name: str) -> Line:
    groups = (replace(group, label=f"Seller {name} {_letters(at)}") for at, group in enumerate(line.groups))
    return replace(line, name=f"Measure {name}", groups=tuple(groups), window=WINDOW)


def _letters(number: int) -> str:
    return "abcdefghij"[number] * 3


def every_card(name: str) -> Scorecard:
    return example() if name == "example" else CARDS[name]()


# ------------------------------------------------------------------------------------------------------------- the JSON


def results(card: Scorecard) -> dict[str, dict[str, Any]]:
    """The KPIs of the JSON result by their id, numbers as they are written there."""
    text = named("json").render(card)
    return {kpi["id"]: kpi for kpi in json.loads(text, parse_int=Decimal, parse_float=Decimal)["kpis"]}


def shown(result: dict[str, Any], figure: Figure, line: Line, card: Scorecard) -> dict[str, str | None]:
    """How people should see a figure of the JSON result, which names an earlier text by its key; None for an absent."""
    style = NumberStyle(line.unit, line.decimals, card.currency)
    status = f"{SIGNS.status[next(each for each in SIGNS.status if each.value == result['status'])]} "
    texts = {name: _written(result[name], style) for name in NUMBERS}
    return texts | {
        "prior": figure.prior_label or texts["prior"],
        "value": _written(result.get("value_label") or result["value"], style),
        "attainment": None if result["attainment"] is None else write_share(result["attainment"]),
        "pace": None if result["pace"] is None else write_share(result["pace"]),
        "change": None if result["change"] is None else style.write_change(result["change"]),
        "status": status + result["status"].replace("_", " "),
    }


def _written(value: Decimal | str | None, style: NumberStyle) -> str | None:
    return value if value is None or isinstance(value, str) else style.write(value)


def draws(text: str, points: list[dict[str, Any]]) -> bool:
    """Whether each character is as high as its period's value, to half a level."""
    values = [point["value"] if isinstance(point["value"], Decimal) else None for point in points]
    known = [Fraction(value) for value in values if value is not None]
    top, span = len(SIGNS.levels) - 1, max(known) - min(known)
    if len(text) != len(values):
        return False
    for sign, value in zip(text, values, strict=True):
        if (value is None) != (sign == SIGNS.gap) or sign not in SIGNS.levels + SIGNS.gap:
            return False
        if value is None:
            continue
        height = (Fraction(value) - min(known)) / span * top if span else Fraction(top, 2)
        if abs(SIGNS.levels.index(sign) - height) > Fraction(1, 2) + Fraction(1, 10**9):
            return False
    return True


def drawn(result: dict[str, Any]) -> bool:
    """Whether there is anything to draw of a trend."""
    return any(isinstance(point["value"], Decimal) for point in result["trend"])


# -------------------------------------------------------------------------------------------------------------- the CSV


def assert_csv_agrees(card: Scorecard) -> None:
    text = named("csv").render(card)
    assert isinstance(text, str)
    rows = csv.DictReader(StringIO(text, newline=""), strict=True)
    for line, result in zip(card.lines, results(card).values(), strict=True):
        for figure in (result, *result["groups"]):
            row = next(rows)
            assert (row["kpi"], row["status"]) == (line.id, figure["status"])
            assert bool(row["by"]) == (figure is not result and bool(card.by))
            for name in (*NUMBERS, *CONTRIBUTED, "value_label", "reason"):
                assert _same(row[name], figure.get(name)), (line.id, name)
    assert list(rows) == []


def _same(cell: str, value: Decimal | str | None) -> bool:
    """Texts but for the apostrophe that keeps a spreadsheet from running them, and for what a terminal would run."""
    match value:
        case None:
            return cell == ""
        case Decimal():
            return Decimal(cell) == value
        case _:
            return clean(value) in {clean(cell), clean(cell.removeprefix("'"))}


# --------------------------------------------------------------------------------------------------------- the Markdown


def assert_markdown_agrees(card: Scorecard) -> None:
    text = named("markdown").render(card)
    assert isinstance(text, str)
    written, found = tables(text), results(card)
    for _, lines in sections(card):
        rows = next(written)
        assert len(rows) == 1 + len(lines)
        for line, row in zip(lines, rows[1:], strict=True):
            _assert_row_agrees(rows[0], row, line.name, shown(found[line.id], line.figure, line, card))
            needed = any(found[each.id]["needed_per_workday"] is not None for each in lines)
            assert ("Per workday" in rows[0]) == (card.only != () and needed)
            assert ("Trend" in rows[0]) == any(drawn(found[each.id]) for each in lines)
            if "Trend" in rows[0]:
                assert draws(row[-1], found[line.id]["trend"]) if drawn(found[line.id]) else row[-1] == SIGNS.absent
    for _, lines in sections(card):
        for line in lines:
            members = list(zip(found[line.id]["groups"], line.groups, strict=True)) if card.by is not None else []
            rows = next(written) if members else [[]]
            for (member, group), row in zip(members, rows[1:], strict=True):
                _assert_row_agrees(rows[0], row, member["label"], shown(member, group.figure, line, card))
    for _, lines in contributions(card):
        header, *rows = next(written)
        assert header == ["KPI", "Value", "Company target", "Share"]
        assert [row[0] for row in rows] == [clean(line.name).strip() for line in lines]
        assert [row[1:] for row in rows] == [
            [text or SIGNS.absent for text in _shares(line, found, card)] for line in lines
        ]
    assert list(written) == []


def _shares(line: Line, found: dict[str, dict[str, Any]], card: Scorecard) -> list[str | None]:
    """How people should see what a KPI contributes: its value, the company's target, and the share."""
    result = found[line.id]
    target = NumberStyle(line.unit, line.decimals, card.currency).write(result["company_target"])
    return [shown(result, line.figure, line, card)["value"], target, write_share(result["contribution"])]


def _assert_row_agrees(header: list[str], row: list[str], name: str, figure: dict[str, str | None]) -> None:
    assert row[0] == clean(name).strip()
    columns = [column.lower() for column in header[1:] if column != "Trend"]
    assert {"value", "target", "attainment", "pace", "status", "change"} == {*columns} - {"per workday"}
    figure = {**figure, "per workday": figure["needed_per_workday"]}
    for column, cell in zip(columns, row[1:], strict=False):
        text = figure[column]
        assert cell == (SIGNS.absent if text is None else clean(text).strip()), (name, column)


# --------------------------------------------------------------------------------------------------------- the terminal


def assert_terminal_agrees(card: Scorecard) -> None:
    """A KPI at a time, so that its members have a table; so wide a page shows every column that says something."""
    found = results(card)
    for line in card.lines:
        page = named_draw(replace(card, lines=(line,)))
        for name, result, figure in _figures(line, found[line.id], card):
            rows = list(_rows(page, name, shown(result, figure, line, card)))
            assert rows != [], (line.id, name)
            if figure is line.figure and drawn(result):
                assert any(draws(row.split()[-1], result["trend"][-MOST_PERIODS:]) for row in rows), line.id
        if any(contributions(replace(card, lines=(line,)))):
            below = page[next(at for at, row in enumerate(page) if row.startswith("Contribution ")) :]
            texts = [WIDE.shown(text) for text in _shares(line, found, card) if text is not None]
            assert any(all(_holds(row, text) for text in texts if len(text) < FOLDED_FROM) for row in below), line.id


def _figures(line: Line, result: dict[str, Any], card: Scorecard) -> Iterator[tuple[str, dict[str, Any], Figure]]:
    """The headline of a KPI and its members, each with its name."""
    yield line.name, result, line.figure
    if card.by is not None:
        for member, group in zip(result["groups"], line.groups, strict=True):
            yield member["label"], member, group.figure


def _rows(page: list[str], name: str, figure: dict[str, str | None]) -> Iterator[str]:
    """The rows of the page that begin with a name and have all that is told of its figure."""
    beginning = WIDE.shown(name)[:12].rstrip()
    texts = [figure[column] for column in (*NUMBERS, "status") if column != "expected"]
    for row in page:
        if row.lstrip().startswith(beginning):
            rest = row.replace(WIDE.shown(name), "", 1)
            if all(_holds(rest, WIDE.shown(text)) for text in texts if text is not None and len(text) < FOLDED_FROM):
                yield rest


def _holds(row: str, text: str) -> bool:
    """Whether a text stands in the row with nothing beside it that would make it another number."""
    return re.search(rf"(?<![\w.,$+-]){re.escape(text.strip())}(?![\w.,%])", row) is not None


def named_draw(card: Scorecard) -> list[str]:
    page: str = vars(named("terminal"))["draw"](card, WIDE)
    return page.splitlines()


def assert_terminal_shows_no_other_number(card: Scorecard) -> None:
    """Of a figure's row, for cards whose names and labels have no digits; what is absent has none either."""
    found = results(card)
    for line in card.lines:
        page = named_draw(replace(card, lines=(line,)))
        for name, result, figure in _figures(line, found[line.id], card):
            texts = shown(result, figure, line, card)
            told = {number for text in texts.values() if text is not None for number in DIGITS.findall(text)}
            if any(text is not None and len(text) >= FOLDED_FROM for text in texts.values()):
                continue
            (row, *_) = _rows(page, name, texts)
            assert set(DIGITS.findall(row)) <= told, (line.id, name)


DIGITS = re.compile(r"\d[\d.,]*")

# ------------------------------------------------------------------------------------------------------------- the page


HEADINGS = {
    "Value": "value",
    "Target": "target",
    "Attained": "attainment",
    "Due by now": "expected",
    "Pace": "pace",
    "Status": "status",
    "Change": "change",
    "Before": "prior",
    "Per workday": "needed_per_workday",
    "Projected": "projected",
}


def assert_page_agrees(card: Scorecard) -> None:
    """The tables hold all that is known of each figure, and the pictures' texts nothing else."""
    text = named("html").render(card)
    assert isinstance(text, str)
    page, found = parsed(text), results(card)
    for role, lines in sections(card):
        table = rows(page.one("table", id=f"figures-{role}"))
        assert len(table) == 1 + len(lines)
        for line, row in zip(lines, table[1:], strict=True):
            _assert_cells_agree(table[0], row, line.name, shown(found[line.id], line.figure, line, card))
    for at, line in enumerate(card.lines, start=1):
        figure = shown(found[line.id], line.figure, line, card)
        _assert_tile_agrees(page.one("li", id=f"kpi-{at}"), figure)
        members = list(zip(found[line.id]["groups"], line.groups, strict=True)) if card.by is not None else []
        for table in map(rows, page.every("table", id=f"members-kpi-{at}")):
            assert len(table) == 1 + len(members)
            for (member, group), row in zip(members, table[1:], strict=True):
                _assert_cells_agree(table[0], row, member["label"], shown(member, group.figure, line, card))
        assert bool(members) == any(page.every("table", id=f"members-kpi-{at}"))
    _assert_trends_agree(page, card, found)
    told = [row[:4] for table in page.every("table", id="contributed") for row in rows(table)[1:] if len(row) > 1]
    assert told == [
        [_seen(line.name), *(_seen(text or SIGNS.absent) for text in _shares(line, found, card))]
        for _, lines in contributions(card)
        for line in lines
    ]


def _assert_cells_agree(header: list[str], row: list[str], name: str, figure: dict[str, str | None]) -> None:
    assert row[0] == _seen(name)
    columns = [HEADINGS[heading] for heading in header[1:]]
    for column, cell in zip(columns, row[1:], strict=True):
        text = figure[column]
        assert cell == (SIGNS.absent if text is None else _seen(text)), (name, column)
    assert [figure[column] for column in HEADINGS.values() if column not in columns] == [None] * (10 - len(columns))


def _assert_tile_agrees(tile: Element, figure: dict[str, str | None]) -> None:
    assert tile.one("span", class_="figure").text == _seen(figure["value"] or SIGNS.absent)
    assert tile.one("span", class_="pill").text == figure["status"]
    aimed = " ".join(each.text for each in tile.every("p", class_="aimed")) + " "
    expected = figure["expected"] if figure["expected"] != figure["target"] else None
    for before, column, after in (
        ("target", "target", ""),
        ("due by now", "expected", ""),
        ("", "attainment", "attained"),
    ):
        told = expected if column == "expected" else figure[column]
        if figure["target"] is not None and told is not None:
            assert f"{before} {told} {after}".strip() in aimed
    if figure["change"] is not None:
        assert figure["change"] in [
            each.text for each in tile.one("span", class_="change").every("span", class_="number")
        ]


def _assert_trends_agree(page: Element, card: Scorecard, found: dict[str, dict[str, Any]]) -> None:
    told = [
        (row[0], list(zip(table[0][1:], row[1:], strict=True)))
        for table in map(rows, page.every("table", class_="trends"))
        for row in table[1:]
    ]
    for line in card.lines:
        if drawn(found[line.id]):
            style = NumberStyle(line.unit, line.decimals, card.currency)
            points = [(each["period"], _written(each["value"], style)) for each in found[line.id]["trend"]]
            row = (_seen(line.name), [(period, SIGNS.absent if text is None else text) for period, text in points])
            told.remove(row)
    assert told == []


def _seen(text: str) -> str:
    """A text as a browser shows it, which makes one blank of several."""
    return re.sub(" +", " ", clean(text)).strip(" ")


# --------------------------------------------------------------------------------------------------------- the workbook


TITLES = {
    "value": "Value",
    "target": "Target",
    "attainment": "Attained",
    "expected": "Expected by now",
    "pace": "Pace",
    "status": "Status",
    "change": "Change",
    "prior": "Before",
    "needed_per_workday": "Per workday",
    "projected": "Projected",
}


def assert_workbook_agrees(card: Scorecard) -> None:
    """Each number as it is stored is the JSON result's double, and as its format shows it what `NumberStyle` writes."""
    content = named("xlsx").render(card)
    assert isinstance(content, bytes)
    front, *others = pages(content)
    found, at = results(card), front.row("KPI") + 1
    members = iter(others)
    for _, lines in sections(card):
        for row, line in enumerate(lines, at + 1):
            assert front.text(row, 0) == clean(line.name)
            _assert_stored_row_agrees(front, front.row("KPI"), row, found[line.id], line.figure, line, card)
        at += 1 + len(lines)
    for line in (line for _, lines in sections(card) for line in lines if line.groups and card.by is not None):
        page, result = next(members), found[line.id]
        heading = next(row for (row, at), cell in page.cells.items() if at == 1 and cell.text == "Value")
        places = {(each["member"], each["label"]): each for each in result["groups"]}
        for row, group in enumerate(ranked(line), heading + 1):
            key = page.column("Key", heading)
            assert (page.text(row, 0), page.text(row, key)) == (clean(group.label), clean(group.member or ""))
            if list(places) == [(group.member, group.label) for group in line.groups]:
                _assert_stored_row_agrees(
                    page, heading, row, places[group.member, group.label], group.figure, line, card
                )
        row = heading + 1 + len(line.groups)
        assert page.text(row, 0) == "all"
        _assert_stored_row_agrees(page, heading, row, result, line.figure, line, card)
    assert_trends_agree(front, others, card)
    _assert_contributions_agree(next((page for page in others if page.name == "Goals"), None), card)


def _assert_contributions_agree(page: Page | None, card: Scorecard) -> None:
    found, expected = results(card), [line for _, lines in contributions(card) for line in lines]
    if page is None or not expected:
        assert page is None or all(cell.text != "Company target" for cell in page.cells.values())
        return
    heading = next(row for (row, column), cell in page.cells.items() if (column, cell.text) == (2, "Company target"))
    last = max(row for row, _ in page.cells)
    told = [row for row in range(heading + 1, last + 1) if page.text(row, 3)]
    assert [page.text(row, 0) for row in told] == [clean(line.name) for line in expected]
    for row, line in zip(told, expected, strict=True):
        assert [page.text(row, column) for column in (1, 2, 3)] == [
            clean(text or "") for text in _shares(line, found, card)
        ]


def _assert_stored_row_agrees(
    page: Page, heading: int, row: int, result: dict[str, Any], figure: Figure, line: Line, card: Scorecard
) -> None:
    style = NumberStyle(line.unit, line.decimals, card.currency)
    texts = shown(result, figure, line, card)
    texts["expected"] = _written(result["expected"], style)
    note = page.text(row, page.column("Note", heading))
    for name, title in TITLES.items():
        cell, text = page.cells.get((row, page.column(title, heading))), texts[name]
        if text is None:
            assert cell is None or (cell.number, cell.text) == (None, ""), (line.id, name)
            continue
        assert cell is not None, (line.id, name)
        told = cell.shown
        if name == "change":
            told = told.removeprefix(f"{_arrow(result['change'], text, line)} ").replace("% pts", " pp")
        assert told == clean(text), (line.id, name)
        if not isinstance(result[name], Decimal):
            assert cell.number is None
        elif cell.number is None:
            assert title.lower() in note
        else:
            assert float(cell.number) == float(result[name])
            exact = isinstance(getattr(figure, name), int | Decimal)
            assert not exact or Decimal(cell.number) == result[name], (line.id, name)
    reasons = (figure.reason if figure.value is None else None, figure.target_reason if figure.target is None else None)
    assert all(clean(reason) in note for reason in reasons if reason is not None)


def _arrow(change: Decimal, written: str, line: Line) -> str:
    if written[0] not in "+-":
        return SIGNS.flat
    worse = (change > 0) is not (line.better == "higher")
    return (SIGNS.up if change > 0 else SIGNS.down)[worse]


def assert_trends_agree(front: Page, others: list[Page], card: Scorecard) -> None:
    """Each sparkline stands in its KPI's row, and its range has the KPI's points: gaps where there is no value."""
    found, heading = results(card), front.row("KPI")
    names = {page.name: page for page in others}
    sparks = {}
    for spark in front.xml.iter(f"{SPARKS}sparkline"):
        row, column = place(spark.findtext(f"{EXCEL}sqref") or "")
        assert column == front.column("Trend", heading)
        sheet, _, span = (spark.findtext(f"{EXCEL}f") or "").partition("!")
        first, _, last = span.partition(":")
        (top, left), (bottom, right) = place(first), place(last or first)
        assert top == bottom
        sparks[row] = [names[sheet].cells.get((top, at)) for at in range(left, right + 1)]
    row = heading + 1
    for _, lines in sections(card):
        for at, line in enumerate(lines, row + 1):
            points = [point["value"] for point in found[line.id]["trend"]]
            if at in sparks:
                numbers = [None if cell is None or cell.number is None else float(cell.number) for cell in sparks[at]]
                assert numbers == [None if value is None else float(value) for value in points]
            else:
                assert (
                    not points
                    or any(isinstance(each, str) or _is_odd(each) for each in points)
                    or not any(isinstance(each, Decimal) for each in points)
                )
        row += 1 + len(lines)


def _is_odd(value: Decimal | None) -> bool:
    """Whether a spreadsheet can't hold it."""
    return value is not None and (abs(value) > 10**20 or len(value.normalize().as_tuple().digits) > 14)


# ------------------------------------------------------------------------------------------------------------ the facts


@pytest.mark.parametrize("name", [*CARDS, "example"])
def test_csv_and_json_show_the_same_figures(name: str) -> None:
    assert_csv_agrees(every_card(name))


@pytest.mark.parametrize("name", [*CARDS, "example"])
def test_markdown_and_json_show_the_same_figures(name: str) -> None:
    assert_markdown_agrees(every_card(name))


@pytest.mark.parametrize("name", [*CARDS, "example"])
def test_the_terminal_and_json_show_the_same_figures(name: str) -> None:
    assert_terminal_agrees(every_card(name))


@pytest.mark.parametrize("name", [*CARDS, "example"])
def test_the_page_and_json_show_the_same_figures(name: str) -> None:
    assert_page_agrees(every_card(name))


@pytest.mark.parametrize("name", [*CARDS, "example"])
def test_the_workbook_and_json_show_the_same_figures(name: str) -> None:
    assert_workbook_agrees(every_card(name))


@settings(max_examples=60)
@given(cards())
def test_all_formats_show_the_same_figures_of_any_card(card: Scorecard) -> None:
    assert_csv_agrees(card)
    assert_markdown_agrees(card)
    assert_page_agrees(card)
    assert_terminal_agrees(told_apart(card))
    assert_terminal_shows_no_other_number(told_apart(card))
    assert_workbook_agrees(card)


def test_the_example_has_something_to_compare() -> None:
    assert example().as_of == date(2026, 11, 22)
    assert sum(len(line.groups) for line in example().lines) > 100
    assert {line.unit for line in example().lines} == {"number", "percent", "money", "days", "text"}
