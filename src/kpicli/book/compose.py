"""From a book's text to its nodes. What YAML has beyond mappings, lists and texts is refused on the way."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Protocol

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from kpicli.book.lines import Lines
from kpicli.book.nodes import Mapping, Node, Scalar, Sequence
from kpicli.book.spans import Span
from kpicli.book.syntax import explain
from kpicli.errors import KpiError, Mistakes

DEEPEST = 50
"""Collections within each other."""

_MOST_MISTAKES = 20

COMMA = "in braces a comma starts the next key: put a value that holds commas in quotes"
"""The help for what a comma has cut off."""


def compose(lines: Lines) -> Mapping:
    """The nodes of a book. Raises `Mistakes` with all that isn't a book's YAML."""
    _refuse_controls(lines)
    return compose_quickly(lines) or compose_slowly(lines)


def compose_slowly(lines: Lines) -> Mapping:
    """The same by PyYAML's parser in Python, which says what is wrong and where."""
    stream = _Stream(lines.text)
    composer = _Composer(lines, stream)
    root: Node | None = None
    try:
        root = composer.root()
    except MarkedYAMLError as error:
        composer.errors.append(explain(error, lines, stream.opening(), composer.last))
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF" that is no character
        place = lines.place(stream.index - 2, stream.index)
        help_ = "write the character itself"
        composer.errors.append(KpiError("yaml", "this escape is no character", place=place, help=help_))
    except _TooMany:
        pass
    if composer.errors:
        raise Mistakes(composer.errors)
    if isinstance(root, Mapping):
        return root
    if root is None or (isinstance(root, Scalar) and root.is_null):
        help_ = "a book starts with `version: 1`, then tables and kpis"
        raise KpiError("empty-book", f"'{lines.file}' is empty", help=help_)
    message = f"a book is a mapping, and this is a {'list' if isinstance(root, Sequence) else 'text'}"
    help_ = "start with `version: 1`; every line on the top level is a `key: value`"
    raise KpiError("not-a-mapping", message, place=lines.place(*root.span), help=help_)


def compose_quickly(lines: Lines) -> Mapping | None:
    """The same by PyYAML's parser in C, in a tenth of the time; None where the other one has to decide.

    That is wherever this one sees a mistake, and where the two are known to differ. Nothing here goes deeper than
    `DEEPEST`: it is the loader on top of this parser that crashes on deep nesting.
    """
    try:
        from yaml._yaml import CParser  # noqa: PLC0415  # PyYAML may be built without it
    except ImportError:
        return None
    if _DIFFERENT.search(lines.text) is not None:
        return None
    composer = _Composer(lines, CParser(lines.text))
    with suppress(YAMLError, ValueError, _TooMany):
        root = composer.root()
        if isinstance(root, Mapping) and not composer.errors and not _doubtful(root, lines.text):
            return root
    return None


_DIFFERENT = re.compile(r"[\t\r\x85\u2028\u2029\ufeff]|^%|^---|^\.\.\.|[|>][-+0-9]*#", re.MULTILINE)
"""Tabs, unusual line breaks, byte order marks, directives and documents, and a comment that touches a `|`."""


def _doubtful(node: Node, text: str, *, bracketed: bool = False) -> bool:
    """Whether something in brackets is what the two parsers may read or place differently.

    One finds the start of an empty value after the blanks before it; one takes a `?` for a part of a text.
    """
    if isinstance(node, Scalar):
        return bracketed and not (node.value or node.style)
    start, end = node.span
    if text[start] in "[{":
        bracketed = True
        if "?" in text[start:end]:
            return True
    inner = node.items if isinstance(node, Sequence) else [*node.keys.values(), *node.values.values()]
    return any(_doubtful(each, text, bracketed=bracketed) for each in inner)


def _refuse_controls(lines: Lines) -> None:
    found = Reader.NON_PRINTABLE.search(lines.text)
    if found is not None:
        message = f"a book can't hold the character U+{ord(found.group()):04X}"
        help_ = 'delete it, or write it as an escape in double quotes, such as "\\t"'
        raise KpiError("control-character", message, place=lines.place(*found.span()), help=help_)


class _Stream(Reader, Scanner, Parser):
    """PyYAML's parser in Python, up to events: nothing is resolved and nothing built."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def opening(self) -> Span | None:
        """Where the innermost collection that is still open began."""
        return (self.marks[-1].index, self.marks[-1].index + 1) if self.marks else None


class _Events(Protocol):
    def get_event(self) -> Event | None: ...


class _TooMany(Exception):
    pass


class _Composer:
    """Makes nodes of events, and keeps what must be refused for one error at the end."""

    def __init__(self, lines: Lines, stream: _Events) -> None:
        self._lines = lines
        self._stream = stream
        self.errors: list[KpiError] = []
        self.last: Span | None = None
        """The last scalar that was read."""

    def _next(self) -> Event:
        event = self._stream.get_event()
        assert event is not None
        return event

    def root(self) -> Node | None:
        """The file's one node; what is wrong on the way to it is in `errors`."""
        root: Node | None = None
        while not isinstance(event := self._next(), StreamEndEvent):
            match event:
                case DocumentStartEvent() if root is not None:
                    help_ = "a book is one document: delete the line `---`"
                    self._refuse("several-documents", "a second document starts here", _span(event), help_)
                    return root
                case DocumentStartEvent(version=version, tags=tags) if version or tags:
                    line = self._lines.line(_span(event)[0])
                    self._refuse("directive", "a book has no `%` directives", line, "delete the line")
                case NodeEvent():
                    root = self._node(event, 1)
                case _:
                    pass
        return root

    def _node(self, event: Event, depth: int) -> Node:
        assert isinstance(event, NodeEvent)
        start, end = _span(event)
        if isinstance(event, AliasEvent):
            help_ = "write the value out; a text that starts with `*` needs quotes"
            self._refuse("alias", "a book has no YAML aliases", (start, end), help_)
            return Scalar((start, end), "", "")
        self._refuse_properties(event, start)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, start, end)
        if depth > DEEPEST:
            message = f"more than {DEEPEST} mappings and lists stand within each other"
            self._refuse("too-deep", message, (start, start + 1), "nothing in a book is that deep: check the brackets")
            raise _TooMany
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        return self._sequence(start, depth)

    def _scalar(self, event: ScalarEvent, start: int, end: int) -> Scalar:
        scalar = Scalar((start, end), event.value, event.style or "")
        bad = re.search("[\0\ud800-\udfff]", event.value)
        if bad is not None:
            message = f"a value can't hold the character U+{ord(bad.group()):04X}"
            self._refuse("control-character", message, (start, end), "delete the escape")
        self.last = scalar.span
        return scalar

    def _refuse_properties(self, event: NodeEvent, start: int) -> None:
        if event.anchor is not None:
            help_ = "delete it; a text that starts with `&` needs quotes"
            self._refuse("anchor", "a book has no YAML anchors", self._word(start), help_)
        elif isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            help_ = "delete it; a text that starts with `!` needs quotes"
            self._refuse("tag", "a book has no YAML tags", self._word(start), help_)

    def _word(self, start: int) -> Span:
        found = re.compile(r"\S+").match(self._lines.text, start)
        return (start, start + 1) if found is None else found.span()

    def _sequence(self, start: int, depth: int) -> Sequence:
        items = []
        while not isinstance(event := self._next(), CollectionEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence((start, _span(event)[1]), items)

    def _mapping(self, start_event: MappingStartEvent, depth: int) -> Mapping:
        mapping = Mapping(_span(start_event), bool(start_event.flow_style))
        while not isinstance(event := self._next(), CollectionEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            self._add(mapping, key, value)
        mapping.span = (mapping.span[0], _span(event)[1])
        return mapping

    def _add(self, mapping: Mapping, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            help_ = "quote a text that holds brackets"
            self._refuse("key", "a key is a text, not a mapping or a list", key.span, help_)
        elif key.is_null:
            self._refuse("key", "a key is missing before the ':'", (key.span[0], key.span[0] + 1), "write `key: value`")
        elif not key.style and key.value == "<<":
            self._refuse("merge", "a book has no YAML merge keys", key.span, "write the keys out")
        elif key.value in mapping.keys:
            line = self._lines.number(mapping.keys[key.value].span[0])
            message = f"'{key.value}' stands twice in one mapping; the first is in line {line}"
            cut = mapping.flow and isinstance(value, Scalar) and self._lacks_colon(key, value)
            self._refuse("duplicate-key", message, key.span, COMMA if cut else "delete one of them, or rename it")
        else:
            mapping.keys[key.value] = key
            mapping.values[key.value] = value

    def _lacks_colon(self, key: Scalar, value: Scalar) -> bool:
        """Whether an entry in braces is a mere text, such as what a comma has cut off a formula."""
        return value.is_null and ":" not in self._lines.text[key.span[1] : value.span[0]]

    def _refuse(self, code: str, message: str, span: Span, help_: str) -> None:
        self.errors.append(KpiError(code, message, place=self._lines.place(*span), help=help_))
        if len(self.errors) >= _MOST_MISTAKES:
            raise _TooMany


def _span(event: Event) -> Span:
    assert event.start_mark is not None
    assert event.end_mark is not None
    return event.start_mark.index, event.end_mark.index
