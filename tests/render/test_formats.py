"""How formats are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.render.cards import card

from kpicli.render import formats, named, names, of_ending


def test_a_file_is_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing lists the formats besides their folder, or how their files end besides themselves."""
    source = '"""Shouts."""\n\nENDINGS = ("loud",)\n\ndef render(card):\n    return card.book.upper()\n'
    (tmp_path / "shout.py").write_text(source, encoding="utf-8")
    before = names()
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    assert names() == tuple(sorted((*before, "shout")))
    assert named("shout").render(card()) == "NORTHWIND SOFTWARE"
    assert [of_ending(ending) for ending in ("shout", "loud", "csv", "pdf", "")] == [
        "shout",
        "shout",
        "csv",
        None,
        None,
    ]


def test_a_format_is_imported_only_when_it_is_used() -> None:
    code = (
        "import sys, kpicli.render as render\n"
        "render.names()\n"
        "render.named('json')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('kpicli.render.formats.') or name == 'rich'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "kpicli.render.formats.json\n"
