"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
"""Every page whose examples run."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the words behind its opening fence, its lines, and the prose between it and the block before."""

    kind: str
    words: tuple[str, ...]
    text: str
    before: str
    span: tuple[int, int]
    """Where its text stands in the page."""

    @property
    def options(self) -> dict[str, str]:
        """The words `name=value` behind the kind."""
        return dict(word.split("=", 1) for word in self.words if "=" in word)


_BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page in their order."""
    end = 0
    for found in _BLOCK.finditer(text):
        kind, *words = found["info"].split() or [""]
        yield Block(kind, tuple(words), found["text"], text[end : found.start()], found.span("text"))
        end = found.end()


def refreshed(text: str, refresh: Callable[[Block], str]) -> str:
    """The page with each block's text as `refresh` gives it."""
    parts, end = [], 0
    for block in blocks(text):
        start, stop = block.span
        parts += [text[end:start], refresh(block)]
        end = stop
    return "".join([*parts, text[end:]])


def hold(name: str, wanted: str, *, rewriting: bool) -> None:
    """The page is as it should be; where the option says so, it is made so."""
    path = ROOT / name
    if rewriting and path.read_text(encoding="utf-8") != wanted:
        path.write_text(wanted, encoding="utf-8")
    differing = unified_diff(path.read_text(encoding="utf-8").splitlines(), wanted.splitlines(), name, "wanted", n=1)
    assert not (shown := "\n".join(differing)), shown


def tables(text: str) -> Iterator[list[list[str]]]:
    """The tables of a page: rows of cells, without the rule below the header. An escaped bar is no border."""
    for found in re.finditer(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] for line in found[0].splitlines()]
        yield [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]


def sections(text: str) -> dict[str, str]:
    """The text under each heading, up to the next heading of any level; blocks hold no headings."""
    blank = _BLOCK.sub(lambda found: re.sub(r"(?m)^#", " ", found[0]), text)
    found = list(re.finditer(r"^#+ (.+)$", blank, flags=re.MULTILINE))
    ends = [*(heading.start() for heading in found[1:]), len(text)]
    return {heading[1]: text[heading.end() : end] for heading, end in zip(found, ends, strict=True)}


def anchor(heading: str) -> str:
    """The anchor that a code host gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
