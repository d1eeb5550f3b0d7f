"""Every format over an ordinary and over a nasty scorecard, byte for byte.

A format that is added under `kpicli.render.formats` is picked up by itself. After a change that is meant,
`pytest tests/render --rewrite-goldens` writes the files anew; read the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.cards import CARDS

from kpicli.render import named, names

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("format_", names())
@pytest.mark.parametrize("card", CARDS)
def test_every_format_writes_the_same_bytes_as_ever(card: str, format_: str, pytestconfig: pytest.Config) -> None:
    rendered = named(format_).render(CARDS[card]())
    content = rendered.encode() if isinstance(rendered, str) else rendered
    golden = GOLDENS / f"{card}.{format_}"
    if pytestconfig.getoption("--rewrite-goldens", default=False):
        golden.write_bytes(content)
    assert content == golden.read_bytes()


def test_there_is_no_golden_file_without_its_format() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == {f"{card}.{name}" for card in CARDS for name in names()}
