"""What is special about the page: it is safe, it can be read in any way, and its pictures are where the numbers say."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.render.cards import CARDS, card, figure, line
from tests.render.drawn import WORDS, cards, filled, hostile, texts
from tests.render.markup import Element, parsed
from tests.render.test_agreement import every_card

from kpicli.errors import clean
from kpicli.render.formats.html import render
from kpicli.scorecard import GoalLine, Group, Scorecard, Span, Status, TrendPoint

NAMES = [*CARDS, "example"]


def page_of(name: str) -> Element:
    return parsed(render(every_card(name)))


# --------------------------------------------------------------------------------------------------------------- safety


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_allows_the_style_sheet_of_the_page_and_nothing_else(name: str) -> None:
    page = page_of(name)
    style = page.one("style").content[0]
    assert isinstance(style, str)
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy == f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    assert re.search(r"url\(|@import|</", style) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_nothing_that_runs_or_fetches_and_links_only_to_itself(name: str) -> None:
    page = page_of(name)
    tags = {each.tag for each in page.every()}
    assert (
        tags & {"script", "img", "image", "iframe", "object", "embed", "link", "form", "base", "use", "a:href"} == set()
    )
    names = {attribute for each in page.every() for attribute in each.attributes}
    assert {name for name in names if name.startswith("on")} | names & {"style", "src", "srcset", "xlink:href"} == set()
    anchors = {each.attributes["id"] for each in page.every() if "id" in each.attributes}
    assert {each.attributes["href"] for each in page.every("a")} <= {f"#{anchor}" for anchor in anchors}


@settings(max_examples=80)
@given(cards(), texts)
def test_no_text_changes_what_the_page_consists_of(card: Scorecard, words: dict[str, str]) -> None:
    plain, changed = parsed(render(card)), parsed(render(filled(card, words)))
    assert changed.structure() == plain.structure()


@settings(max_examples=80)
@given(hostile, hostile, hostile)
def test_every_text_is_there_as_text(name: str, label: str, reason: str) -> None:
    absent = figure(None, Status.NO_DATA, reason=reason)
    one = line(id="x", name=name, figure=absent, groups=(Group("k", label, figure(3)),), goal=None, stage=label)
    text = render(card(one, by=label, goals=(GoalLine("g", name, ("x",), why=reason, how=label, who=name),)))
    whole = parsed(text).text
    assert all(re.sub(" +", " ", clean(each)).strip(" ") in whole for each in (name, label, reason))


ATTACKS = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "\u202egnp.exe",
    "\x00\x1b[31m",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_shown_as_they_are_written(attack: str) -> None:
    words = {**dict.fromkeys(("Calls", "Jane Doe", "weekly"), attack), "Northwind Software": f"{attack} too"}
    attacked = filled(CARDS["ordinary"](), words)
    page = parsed(render(attacked))
    assert page.one("h1").text == clean(attack)
    assert clean(attack) in page.one("head").one("title").text
    assert clean(attack) in [each.text for each in page.every("h4")]
    assert page.structure() == page_of("ordinary").structure()


@pytest.mark.parametrize("name", NAMES)
def test_every_text_of_book_and_exports_is_isolated_from_the_direction_of_its_neighbours(name: str) -> None:
    """A name in Hebrew or Arabic turns nothing around it."""
    told = every_card(name)
    named = {clean(each.name).strip() for each in told.lines}
    named |= {clean(each.name).strip() for each in told.goals}
    named |= {clean(group.label).strip() for each in told.lines for group in each.groups}
    alone = {each.text for each in parsed(render(told)).every("bdi")}
    assert {re.sub(" +", " ", each) for each in named} <= alone


# --------------------------------------------------------------------------------------------------------- readability


@pytest.mark.parametrize("name", NAMES)
def test_headings_go_down_one_level_at_a_time(name: str) -> None:
    levels = [int(each.tag[1]) for each in page_of(name).every() if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_landmarks_a_language_and_a_way_past_the_heading(name: str) -> None:
    page = page_of(name)
    assert page.one("html").attributes["lang"] == "en"
    assert [each.tag for each in page.one("body").content if isinstance(each, Element)] == [
        "a",
        "header",
        "main",
        "footer",
    ]
    assert page.one("a", class_="skip").attributes["href"] == f"#{page.one('main').attributes['id']}"
    named = {each.attributes["aria-labelledby"] for each in page.every() if "aria-labelledby" in each.attributes}
    ids = [each.attributes["id"] for each in page.every() if "id" in each.attributes]
    assert named <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_says_what_it_shows_or_stands_beside_a_text_that_does(name: str) -> None:
    for picture in page_of(name).every("svg"):
        attributes = picture.attributes
        assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_a_caption_and_every_cell_its_headings(name: str) -> None:
    for table in page_of(name).every("table"):
        assert table.one("caption").text
        assert all("scope" in each.attributes for each in table.every("th"))


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    style = page_of("ordinary").one("style").text
    light, dark = re.findall(r":root \{(.*?)\}", style)[:2]
    assert style.index("prefers-color-scheme: dark") < style.index(dark)
    found = {"light": dict(re.findall(r"--([\w-]+): (#\w{6});", light))}
    return found | {"dark": found["light"] | dict(re.findall(r"--([\w-]+): (#\w{6});", dark))}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_pictures_have_the_contrast_that_wcag_asks_for(scheme: str) -> None:
    colours = palettes()[scheme]
    statuses = ("on-track", "at-risk", "behind", "plain")
    texts = [
        *product(("ink", "quiet", *statuses), ("ground", "surface")),
        *((each, f"{each}-ground") for each in statuses),
    ]
    drawn = [
        *product(("accent", "ink", "quiet", *(f"{each}-fill" for each in statuses)), ("surface", "track")),
        *product(("accent", "ink", "quiet"), ("middle",)),
        ("ink", "good"),  # on a bar, a mark has a rim of the surface's colour
        ("accent", "ground"),
    ]
    assert [pair for pair in texts if contrast(*map(colours.__getitem__, pair)) < 4.5] == []
    assert [pair for pair in drawn if contrast(*map(colours.__getitem__, pair)) < 3] == []


def test_the_dark_palette_names_every_colour_anew() -> None:
    light, dark = palettes().values()
    assert [name for name in light if light[name] == dark[name]] == []


# ------------------------------------------------------------------------------------------------------------ the parts


def test_a_goal_says_what_is_needed_by_when() -> None:
    needs = figure(10, Status.BEHIND, target=40, attainment=0.25, expected=30.0, pace=0.3, needed_per_workday=5.0)
    lines = (
        line(id="flow", name="Flow", figure=needs),
        line(id="met", name="Met", figure=figure(7, Status.ON_TRACK, target=5, attainment=1.4)),
        line(id="low", name="Low", better="lower", figure=figure(3, Status.ON_TRACK, target=5)),
        line(id="slow", name="Slow", unit="days", better="lower", figure=figure(59, Status.AT_RISK, target=57)),
        line(id="rate", name="Rate", unit="percent", figure=figure(0.3, Status.AT_RISK, target=0.35)),
        line(id="none", name="None", figure=figure(None, Status.NO_DATA, reason="no leads", target=5)),
        line(id="open", name="Open", figure=figure(3, target_reason="no row")),
        line(id="free", name="Free", figure=figure(3)),
    )
    goal = GoalLine("g", "Grow", tuple(each.id for each in lines), when="In 2026", why="It pays")
    about = parsed(render(card(*lines, goals=(goal,)))).one("section", class_="goal")
    assert about.one("p", class_="facts").text == "company when: In 2026 2 of 5 on track"
    assert about.one("p", class_="why").text == "It pays"
    assert [each.text for each in about.every("p", class_="needed")] == [
        "5 a workday until 30 Nov 2026",
        "target reached",
        "within target",
        "+2 days from target",
        "-5.0 pp from target",
        "no leads",
        "no row",
        "no target",
    ]


def funnel(*lines: tuple[object, ...], stages: tuple[str, ...] = ("prospect", "close", "revenue")) -> list[str]:
    """The rows of the funnel, of lines with a value, a tally, a unit and perhaps a window."""
    made = []
    for at, (value, tally, unit, *window) in enumerate(lines):
        span = window[0] if window else line().window
        made.append(line(id=f"k{at}", name=f"K{at}", unit=unit, tally=tally, window=span, figure=figure(value)))  # type: ignore[arg-type]  # the value is one of a figure's
    passing = tuple((stage, each.id) for stage, each in zip(stages, made, strict=False))
    page = parsed(render(card(*made, passing=passing)))
    return [each.text for each in page.every("li", class_="rate")]


YEAR = Span(line().window.start.replace(month=1, day=1), line().window.end.replace(month=12, day=31), 0.9)


@pytest.mark.parametrize(
    ("lines", "rates"),
    [
        ([(40, "count", "number"), (10, "count", "number"), (50_000, "sum", "money")], ["↓ 25.0%", "↓ $5,000 each"]),
        ([(10, "count", "number"), (40, "count", "number")], ["↓ 400.0%"]),
        ([(3, "count", "number"), (0, "count", "number"), (5, "sum", "money")], ["↓ 0.0%"]),
        ([(0, "count", "number"), (3, "count", "number")], []),
        ([(None, "count", "number"), (3, "count", "number")], []),
        ([(40, None, "number"), (10, "count", "number")], []),
        ([(40, "count", "number"), (10, None, "number")], []),
        ([(40, "count", "number"), (10, "sum", "number")], []),
        ([(40, "count", "number"), (10, "count", "number", YEAR)], []),
        ([(40, "sum", "money"), (10, "count", "number")], []),
    ],
)
def test_a_rate_stands_only_between_what_is_comparable(lines: list[tuple[object, ...]], rates: list[str]) -> None:
    assert funnel(*lines) == rates


def test_the_funnel_says_which_stage_looks_at_other_days() -> None:
    """Its bar is on the same scale as the others, and counts more days."""
    other = line(id="leads", name="Leads", tally="count", window=YEAR, figure=figure(900))
    won = line(id="won", name="Won", tally="count", figure=figure(9))
    page = parsed(render(card(other, won, passing=(("prospect", "leads"), ("close", "won")))))
    drawn = page.one("section", class_="funnel")
    assert [each.text for each in drawn.every("span", class_="passed")] == [f"Leads over {YEAR.start.year}", "Won"]
    assert [each.text for each in drawn.one("table").every("th", scope="row")][1::2] == [
        f"Leads over {YEAR.start.year}",
        "Won",
    ]


def test_a_funnel_of_one_stage_is_none() -> None:
    counted = line(id="one", tally="count")
    assert list(parsed(render(card(counted, passing=(("prospect", "one"),)))).every("section", class_="funnel")) == []


def test_a_trend_says_each_period_and_breaks_where_there_is_no_value() -> None:
    values = (4, 6, None, 5, None, None, 8, 9)
    points = tuple(TrendPoint(f"2026-{at:02}", value) for at, value in enumerate(values, start=4))
    page = parsed(render(card(line(trend=points, figure=figure(9, target=10)))))
    drawn = page.one("svg", class_="trend")
    assert drawn.attributes["aria-label"] == (
        "2026-04: 4, 2026-05: 6, 2026-06: –, 2026-07: 5, 2026-08: –, 2026-09: –, 2026-10: 8, 2026-11: 9; target 10"
    )
    assert [len(each.attributes["points"].split()) for each in drawn.every("polyline")] == [2, 2]
    assert [each.text for each in drawn.every("title")] == [f"{p.period}: {p.value}" for p in points if p.value]


@pytest.mark.parametrize(("last", "dots"), [(9, ["then", "then", "now running"]), (None, ["then", "then"])])
def test_the_hollow_dot_is_the_period_that_runs_and_no_earlier_one(last: int | None, dots: list[str]) -> None:
    points = tuple(TrendPoint(f"2026-{at}", value) for at, value in enumerate((4, 6, last), start=9))
    result = card(line(trend=points, figure=figure(last)))
    assert result.period.running
    drawn = parsed(render(result)).one("svg", class_="trend")
    assert [each.attributes["class"] for each in drawn.every("circle")] == dots


def test_a_text_has_no_track_of_a_bar_that_would_read_as_nothing() -> None:
    groups = (Group("a", "Ann", figure("Partner")), Group("b", "Bob", figure(None, Status.NO_DATA)))
    panel = parsed(render(card(line(unit="text", figure=figure("Web"), groups=groups), by="owner"))).one(
        "section", class_="panel"
    )
    assert list(panel.every("svg")) == []
    assert [each.text for each in panel.one("ul").every("span")] == ["Ann", "Partner", "·", "Bob", "–", "–"]


@pytest.mark.parametrize("count", [24, 25])
def test_of_more_than_24_members_only_the_spread_is_drawn_and_the_table_has_all(count: int) -> None:
    groups = tuple(Group(f"{at}", f"Member {at}", figure(at)) for at in range(count))
    page = parsed(render(card(line(groups=groups), by="owner")))
    bars = [each for each in page.every("ul", class_="bars") for _ in each.every("li")]
    assert len(bars) == (24 if count == 24 else 0)
    assert len(list(page.one("table", class_="members").every("tr"))) == 1 + count
    assert len(list(page.every("svg", class_="spread"))) == 1


def test_the_spread_says_what_most_members_do() -> None:
    groups = tuple(Group(f"{at}", f"M{at}", figure(at * at, target=20)) for at in range(1, 6))
    nobody = Group(None, "(none)", figure(10_000))
    page = parsed(render(card(line(groups=(*groups, nobody)), by="owner")))
    assert page.one("p", class_="half").text == "Middle half 4 to 16, median 9, target 20"
    assert page.one("svg", class_="spread").attributes["aria-label"] == (
        "Calls by owner: from 1 to 25, the middle half from 4 to 16, median 9, target 20"
    )


def test_a_large_team_makes_a_page_of_a_few_megabytes_in_a_few_seconds() -> None:
    measured = figure(
        12_345.67,
        Status.AT_RISK,
        target=20_000,
        attainment=0.617,
        expected=15_000.5,
        pace=0.82,
        projected=16_000.25,
        needed_per_workday=1_234.5,
        prior=11_111.11,
        change=1_234.56,
    )
    groups = tuple(Group(f"{at}", f"Member {at}", replace(measured, value=at * 37 % 1009)) for at in range(500))
    lines = [line(id=f"k{at}", name=f"KPI {at}", unit="money", figure=measured, groups=groups) for at in range(20)]
    start = time.process_time()
    page = render(card(*lines, by="owner"))
    assert time.process_time() - start < 15  # about 2 on a machine at rest
    assert len(page.encode()) < 3_000_000


@given(st.sampled_from(WORDS))
def test_the_page_of_a_card_is_always_the_same(word: str) -> None:
    one = CARDS["ordinary"]()
    assert render(replace(one, book=word)) == render(replace(one, book=word))
