"""What holds of each format's output, whatever texts stand in the book and in the exports.

`LAWS` has a law for each format: it takes what the format wrote and fails if a text got out of its place. A format
without one fails a test.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from unicodedata import category

from tests.render.pages import structure, texts
from tests.render.test_literal import FOUND_LATER
from tests.render.test_markdown import PARTS
from tests.render.workbooks import assert_inert, pages

_SGR = re.compile(r"\x1b\[[0-9;]*m")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""What nobody sees, or what acts on a terminal: controls, bidi, zero-width, line breaks, halves of pairs, nothing."""
_FORMULA = re.compile(r"""["\s\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*[=+\-@＝＋－＠]""")  # noqa: RUF001 -- the full-width forms are meant


def hidden(text: str, allowed: str = "\n") -> set[str]:
    """The characters of a text that nobody sees or that act, but for those that the format itself needs."""
    return {char for char in text if category(char) in _HIDDEN and char not in allowed}


def terminal(content: str) -> None:
    """A page has no escape sequence but for colours and weights."""
    assert hidden(_SGR.sub("", content)) == set()


def comma_separated(content: str) -> None:
    """It reads back with as many cells in each row, of which none runs, however a program separates them."""
    assert {char for char in hidden(content, "\t\r\n") if category(char) not in {"Cf", "Co", "Cn", "Zl", "Zp"}} == set()
    assert re.findall("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", content) == []
    header, *rows = csv.reader(StringIO(content, newline=""), strict=True)
    for row in rows:
        assert len(row) == len(header)
        for name, cell in zip(header, row, strict=True):
            if not (name in _NUMBERS and _is_number(cell)):
                assert _FORMULA.match(cell) is None, (name, cell)
    csv.field_size_limit(10**9)
    for delimiter in ";\t":
        cells = [cell for row in csv.reader(StringIO(content, newline=""), delimiter=delimiter) for cell in row]
        assert [cell for cell in cells if _FORMULA.match(cell)] == []
    content.encode()


_NUMBERS = frozenset(
    [
        "value",
        "target",
        "attainment",
        "expected",
        "pace",
        "projected",
        "needed_per_workday",
        "prior",
        "change",
        "company_target",
        "contribution",
    ]
)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", cell) is not None


def markdown(content: str) -> None:
    """Headings, tables and lists of plain text; nothing that a chat makes a link, a mention or a picture of."""
    assert {char for char in hidden(content) if char != "\u200b"} == set()
    assert set(structure(content)) <= PARTS
    assert [text for text in texts(content) if FOUND_LATER.search(text)] == []


def object_notation(content: str) -> None:
    """It parses, without NaN and infinity, and can be shown on a terminal."""
    assert {char for char in hidden(content) if category(char) not in {"Cn", "Co"}} == set()
    json.loads(content, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(constant)


def workbook(content: bytes) -> None:
    """Texts are texts, on one line; nothing computes, leads anywhere or runs, and each part is well-formed."""
    assert_inert(content)
    for page in pages(content):
        for cell in page.cells.values():
            if cell.number is None:
                assert hidden(cell.text) == set()
                assert (
                    cell.format in {"@", "General"}
                    or cell.text == ""
                    or cell.text[0].isdecimal()
                    or "\n" not in cell.text
                )
                assert len(cell.text.encode("utf-16-le")) <= 2 * 32_767


def web_page(content: str) -> None:
    """No script, no handler, nothing to load and nothing to follow but places of the page itself."""
    assert hidden(content, "\n\t") == set()
    for tag, attributes in _tags(content):
        assert tag not in {"script", "iframe", "object", "embed", "link", "base", "form", "img", "audio", "video"}
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "xlink:href", "action", "formaction", "srcset", "data", "background"}:
                assert (value or "").startswith("#"), (tag, name, value)
            if name == "style":
                assert re.search(r"url\(|expression|@import|javascript:", value or "", re.IGNORECASE) is None


def _tags(content: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, attrs))

    reader = Reader()
    reader.feed(content)
    reader.close()
    return found


LAWS: dict[str, Callable[[Any], None]] = {
    "csv": comma_separated,
    "html": web_page,
    "json": object_notation,
    "markdown": markdown,
    "terminal": terminal,
    "xlsx": workbook,
}


def strings(value: object) -> Iterator[str]:
    """Every text in the JSON result, in its order."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from strings(each)
        case list():
            for each in value:
                yield from strings(each)
        case _:
            pass


def html_shape(content: str) -> set[tuple[str, str]]:
    """Each element with each of its attributes."""
    return {(tag, name) for tag, attributes in _tags(content) for name in ("", *(name for name, _ in attributes))}


def numbers_of(content: bytes) -> list[tuple[int, tuple[int, int], Decimal]]:
    """Each number of a workbook by its sheet and its place."""
    return [
        (at, place, Decimal(cell.number))
        for at, page in enumerate(pages(content))
        for place, cell in page.cells.items()
        if cell.number is not None
    ]
