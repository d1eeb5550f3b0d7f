"""Everything that README, CONTRIBUTING and docs show is what the program gives.

Every fenced block is of a kind that runs. In the order of the page:

| block | does |
|---|---|
| `sh` | runs each line |
| `console` | runs each line behind `$ `, and shows what it prints |
| `yaml` | a whole book, or keys that go into the example's book: it loads, and reports where its exports are there |
| `yaml mistake` | the same, with mistakes: the `text` block below it holds the messages |
| `kpi`, `row`, `wrong` | formulas with what they give |
| `python` | runs; with a file's name behind it, it is a step of CONTRIBUTING |
| `csv` | an export, saved under the name that the prose gives |
| `text` | a drawing, if no mistake stands above it |

Prose that tells the reader to do something with a file is followed to the letter: "save … as `name`", "below the line
`kpis:`", "change `this` to `that`".

After a change that is meant, `pytest tests/docs --rewrite-documentation` writes the pages anew; read the difference.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.desk import Desk
from tests.docs.formulas import evaluated
from tests.docs.pages import PAGES, ROOT, anchor, blocks, hold, page, refreshed, sections
from tests.docs.reader import KINDS, Reader


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_the_program_gives(
    name: str, desk: Desk, capsys: pytest.CaptureFixture[str], rewriting: bool
) -> None:
    reader = Reader(desk, capsys, evaluated(blocks(page(name)), desk))
    hold(name, refreshed(page(name), reader.read), rewriting=rewriting)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_of_a_kind_that_runs(name: str) -> None:
    text = page(name)
    assert text.count("\n```") == 2 * len(list(blocks(text)))
    assert {block.kind for block in blocks(text)} - KINDS == set()
    assert re.findall(r"^(?:    |\t)\S.*$", re.sub(r"(?s)```.*?\n```", "", text), flags=re.MULTILINE) == []


@pytest.mark.parametrize("name", [*PAGES, "CHANGELOG.md", "examples/README.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page(name))
    assert [target for target in targets if not re.match("[a-z]+:", target) and not leads(name, target)] == []


def leads(name: str, target: str) -> bool:
    """Whether there is a file, and a heading in it, to which a link of a page leads."""
    path, _, fragment = target.partition("#")
    found = (ROOT / name).parent / path if path else ROOT / name
    if not found.exists():
        return False
    return not fragment or fragment in {anchor(heading) for heading in sections(found.read_text(encoding="utf-8"))}


def test_every_page_is_linked_from_the_index() -> None:
    pages = {path.name for path in Path(ROOT / "docs").iterdir() if path.suffix in (".md", ".json")} - {"index.md"}
    assert pages - set(re.findall(r"\]\(([\w.]+)\)", page("docs/index.md"))) == set()
