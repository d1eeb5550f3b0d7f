"""Every format over ordinary and nasty scorecards, byte for byte, and the terminal's page on several screens.

Of a workbook the golden file is a list of what stands in it: its bytes are those of a library and of a compression.

A format that is added under `kpicli.render.formats` is picked up by itself. After a change that is meant,
`pytest tests/render --rewrite-goldens` writes the files anew; read the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.cards import CARDS
from tests.render.workbooks import listing

from kpicli.render import named, names
from kpicli.render.formats import terminal
from kpicli.render.screen import Screen

GOLDENS = Path(__file__).parent / "goldens"
LISTED = {"xlsx": listing}
"""How the content of a format that is no text is listed."""
SCREENS = {
    "80": Screen(80),
    "80.ascii": Screen(80, "ascii"),
    "100": Screen(100),
    "100.ascii": Screen(100, "ascii"),
    "100.colours": Screen(100, colours="standard"),
    "160": Screen(160),
    "160.ascii": Screen(160, "ascii"),
}


@pytest.mark.parametrize("format_", names())
@pytest.mark.parametrize("card", CARDS)
def test_every_format_writes_the_same_bytes_as_ever(card: str, format_: str, pytestconfig: pytest.Config) -> None:
    rendered = named(format_).render(CARDS[card]())
    content = rendered if isinstance(rendered, str) else LISTED[format_](rendered)
    assert content.encode() == golden(f"{card}.{format_}", content.encode(), pytestconfig)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_shows_the_same_page_as_ever(screen: str, pytestconfig: pytest.Config) -> None:
    content = terminal.draw(CARDS["nasty"](), SCREENS[screen]).encode()
    assert content == golden(f"nasty.{screen}.terminal", content, pytestconfig)


def golden(name: str, content: bytes, pytestconfig: pytest.Config) -> bytes:
    """What a golden file holds; `content`, where it is to be written anew."""
    path = GOLDENS / name
    if pytestconfig.getoption("--rewrite-goldens", default=False):
        path.write_bytes(content)
    return path.read_bytes()


def test_there_is_no_golden_file_without_its_format() -> None:
    expected = {f"{card}.{name}" for card in CARDS for name in names()}
    expected |= {f"nasty.{screen}.terminal" for screen in SCREENS}
    expected |= {f"{name}.check" for name in ("80", "100", "100.ascii", "100.colours", "json")}
    assert {path.name for path in GOLDENS.iterdir()} == expected
