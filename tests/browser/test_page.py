"""The page of `--format html` in a real browser: nothing leaves, nothing runs, nothing sticks out or is covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.browser.chromium import ABSENT, PROGRAMS, Browser, browser
from tests.render.cards import CARDS, card, figure, line
from tests.render.test_html import ATTACKS

import kpicli
from kpicli.errors import clean
from kpicli.render.formats.html import render
from kpicli.scorecard import GoalLine, Group, Note, Scorecard, Status, TableData, TrendPoint

pytestmark = pytest.mark.skipif(None in PROGRAMS, reason=ABSENT)

BOOK = Path(__file__).parents[2] / "kpis.yaml"
WIDTHS = (390, 800, 1280)


@cache
def executive() -> Scorecard:
    return kpicli.load(BOOK).report("executive", as_of="2026-11-22").scorecard


@cache
def manager() -> Scorecard:
    return kpicli.load(BOOK).report("manager", as_of="2026-11-22").scorecard


@cache
def attacked() -> Scorecard:
    """Every text there is, each an attack."""

    def of(at: int) -> str:
        return ATTACKS[at % len(ATTACKS)]

    lines = tuple(
        line(
            id=f"k{at}",
            name=of(at),
            stage=of(at + 1),
            unit="text" if at % 3 == 0 else "number",
            trend=() if at % 3 == 0 else (TrendPoint(of(at + 2), 1), TrendPoint(of(at + 3), 2)),
            figure=figure(of(at + 4), prior=of(at + 5), prior_label=of(at + 6))
            if at % 3 == 0
            else figure(None, Status.NO_DATA, reason=of(at), target_reason=of(at + 1), prior_reason=of(at + 2))
            if at % 3 == 1
            else figure(3, Status.BEHIND, target=4, attainment=0.75),
            groups=()
            if at % 3 == 0
            else tuple(Group(each, each, figure(number)) for number, each in enumerate(ATTACKS)),
            tally="count",
        )
        for at in range(len(ATTACKS))
    )
    goals = tuple(
        GoalLine(
            f"g{at}",
            of(at),
            (f"k{at}",),
            of(at + 1),
            when=of(at + 2),
            who=of(at + 3),
            what=of(at + 4),
            where=of(at + 5),
            why=of(at + 6),
            how=of(at + 7),
        )
        for at in range(len(ATTACKS))
    )
    data = tuple(TableData(each, (each,), 3, 3, None, (Note(each, each, 1),)) for each in ATTACKS)
    made = card(*lines, book=of(0), scorecard=of(1), title=of(2), by=of(3), goals=goals, data=data)
    only = tuple((each, (each,)) for each in ATTACKS)
    return replace(made, only=only, passing=tuple((each.stage or "", each.id) for each in lines))


PAGES: dict[str, Callable[[], Scorecard]] = {"executive": executive, "manager": manager, "attacked": attacked, **CARDS}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name, made_card in PAGES.items():
        (made / f"{name}.html").write_text(render(made_card()), encoding="utf-8")
    return made


@pytest.mark.parametrize("name", PAGES)
def test_nothing_leaves_the_page_and_the_console_has_nothing_to_say(name: str, tab: Browser, folder: Path) -> None:
    page = folder / f"{name}.html"
    tab.open(page)
    tab.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert tab.requested() == [page.as_uri()]
    assert tab.troubles() == []


def test_a_page_that_fetched_or_ran_something_would_be_found_out(tab: Browser, tmp_path: Path) -> None:
    """The policy holds, and these tests see what breaks it."""
    evil = '<script>document.title = "ran"</script><img src="other.png"><p style="color: red">text</p></body>'
    page = tmp_path / "evil.html"
    page.write_text(render(CARDS["ordinary"]()).replace("</body>", evil), encoding="utf-8")
    tab.open(page)
    assert tab.run("return document.title") != "ran"
    assert len(tab.troubles()) == 3


def test_attacks_stay_text(tab: Browser, folder: Path) -> None:
    tab.open(folder / "attacked.html")
    alien = (
        "return [...document.querySelectorAll('script, img, iframe, object, embed, link, form, base, [style]')].length"
    )
    assert tab.run(alien) == 0
    handlers = (
        "return [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert tab.run(handlers) == []
    assert tab.run("return [...document.links].filter(a => !a.getAttribute('href').startsWith('#')).length") == 0
    names = tab.run("return [...document.querySelectorAll('.card h4')].map(e => e.textContent)")
    assert sorted(names) == sorted(map(clean, ATTACKS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_as_light_or_dark_as_the_system(scheme: str, tab: Browser, folder: Path) -> None:
    tab.open(folder / "executive.html", scheme=scheme)
    colours = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
    found = tab.run(colours)
    grounds = [sum(map(int, each.removeprefix("rgb(").removesuffix(")").split(","))) for each in found]
    assert (grounds[0] > grounds[1]) == (scheme == "light")


STICKING_OUT = """
const out = [], wide = document.documentElement.clientWidth;
for (const each of document.querySelectorAll('body *')) {
  if (each.closest('.scrolled') || each.classList.contains('skip')) continue;
  const box = each.getBoundingClientRect();
  if (box.width && (box.right > wide + 0.5 || box.left < -0.5)) out.push(each.tagName + '.' + each.className);
}
return [document.documentElement.scrollWidth - wide, out];
"""


COVERED = """
const found = [];
const shrunk = b => ({left: b.left, right: b.right, top: b.top + b.height / 5, bottom: b.bottom - b.height / 5});
for (const frame of document.querySelectorAll('header, .goal, .card, .panel, .step, .legend, footer section')) {
  const boxes = [];
  const walk = document.createTreeWalker(frame, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest('svg, details')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1) boxes.push([node.data.trim(), shrunk(box)]);
  }
  for (const svg of frame.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    if (box.width) boxes.push(['(' + (svg.getAttribute('class') || 'sign') + ')', box]);
  }
  const outer = frame.getBoundingClientRect();
  boxes.forEach(([text, a], at) => {
    if (a.left < outer.left - 1 || a.right > outer.right + 1 || a.top < outer.top - 1 || a.bottom > outer.bottom + 1)
      found.push(['outside', text]);
    for (const [other, b] of boxes.slice(at + 1))
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5) found.push([text, other]);
  });
}
return found;
"""


OUT_OF_PICTURE = """
const found = [];
for (const svg of document.querySelectorAll('svg')) {
  const outer = svg.getBoundingClientRect();
  if (!outer.width) continue;
  for (const mark of svg.querySelectorAll('rect, circle, polyline, line, path')) {
    const box = mark.getBoundingClientRect(), slack = outer.width / 100;
    if (box.left < outer.left - slack || box.right > outer.right + slack
        || box.top < outer.top - slack || box.bottom > outer.bottom + slack)
      found.push([svg.getAttribute('class'), mark.getAttribute('class')]);
  }
}
return [found, document.querySelectorAll('svg text').length];
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_is_cut_off_or_covers_another(name: str, width: int, tab: Browser, folder: Path) -> None:
    """Pictures have no letters inside, so that none can be too small on a phone; a wide table scrolls in its frame."""
    tab.open(folder / f"{name}.html", width)
    assert tab.run("return document.documentElement.clientWidth") == width
    assert tab.run(COVERED) == []
    assert tab.run(OUT_OF_PICTURE) == [[], 0]
    assert tab.run(STICKING_OUT) == [0, []]
    tab.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert tab.run(STICKING_OUT) == [0, []]


@pytest.mark.parametrize(
    ("spoil", "script"),
    [
        ("document.querySelector('.card .aimed').style.marginTop = '-1.2em'", COVERED),
        ("document.querySelector('.card h4').style.marginLeft = '-2em'", COVERED),
        ("document.querySelector('.bullet .target').setAttribute('x', '400')", OUT_OF_PICTURE),
        ("document.querySelector('h1').style.width = '2000px'", STICKING_OUT),
    ],
)
def test_what_is_amiss_on_a_page_would_be_found_out(spoil: str, script: str, tab: Browser, folder: Path) -> None:
    tab.open(folder / "executive.html")
    before = tab.run(script)
    tab.run(spoil)
    assert tab.run(script) != before


FOCUSED = """
const e = document.activeElement, s = getComputedStyle(e);
const all = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')];
return [all.indexOf(e), s.outlineStyle, e.getBoundingClientRect().width];
"""


def test_the_keyboard_goes_through_the_page_in_its_order_and_shows_where_it_is(tab: Browser, folder: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    tab.open(folder / "manager.html")
    count = tab.run("return document.querySelectorAll('a[href], summary').length")
    places = []
    for _ in range(count):
        ActionChains(tab.driver).send_keys(Keys.TAB).perform()
        place, outline, width = tab.run(FOCUSED)
        assert outline == "solid"
        assert width > 0
        places.append(place)
    assert places == sorted(set(places))
    assert places[0] == 0
    assert len(places) == count


@pytest.mark.parametrize("name", PAGES)
def test_the_page_can_be_printed(name: str, tab: Browser, folder: Path) -> None:
    tab.open(folder / f"{name}.html", width=720, scheme="dark", medium="print")
    assert tab.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run(STICKING_OUT) == [0, []]
    assert tab.run(COVERED) == []
    assert tab.printed().startswith(b"%PDF")
