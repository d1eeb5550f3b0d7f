"""A page of HTML as a program reads it: a tree of elements, for which every tag must be closed in its turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})


@dataclass
class Element:
    """An element with its attributes, and what it holds: texts and elements in their order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Element | str] = field(default_factory=list)

    def every(self, tag: str | None = None, **attributes: str) -> Iterator[Element]:
        """The elements inside, in the order of the page, with a tag and attributes; `class_` is one of several."""
        for child in self.content:
            if isinstance(child, Element):
                if (tag is None or child.tag == tag) and all(child.has(*pair) for pair in attributes.items()):
                    yield child
                yield from child.every(tag, **attributes)

    def has(self, name: str, value: str) -> bool:
        if name == "class_":
            return value in self.attributes.get("class", "").split()
        return self.attributes.get(name) == value

    def one(self, tag: str | None = None, **attributes: str) -> Element:
        (found,) = self.every(tag, **attributes)
        return found

    @property
    def text(self) -> str:
        """What a reader sees of it, on one line."""
        return re.sub(r"[ \n]+", " ", "".join(self._texts())).strip(" ")

    def _texts(self) -> Iterator[str]:
        for child in self.content:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """The tags of all that it holds, each with the names of its attributes; a picture counts as one."""
        return [(each.tag, tuple(sorted(each.attributes))) for each in self.every()]


def parsed(page: str) -> Element:
    """The document's root, whose only elements are what stands outermost."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [parser.root], "something is not closed"
    return parser.root


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def rows(table: Element) -> list[list[str]]:
    """The cells of a table, its heading first."""
    return [[cell.text for cell in row.content if isinstance(cell, Element)] for row in table.every("tr")]
