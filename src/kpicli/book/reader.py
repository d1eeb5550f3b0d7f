"""The YAML of a book: read whole, refused where it is more than plain mappings, lists and texts, and with places.

What YAML adds to that (aliases, anchors, tags, merges, directives, several documents) is refused while the file is
parsed, before anything is built from it: `kpicli.book.compose` makes the nodes.
"""

from __future__ import annotations

import re
from os import PathLike, fspath
from typing import TypeAlias

from msgspec.structs import replace

from kpicli.book.compose import compose
from kpicli.book.grafts import Brought, Graft
from kpicli.book.lines import Lines
from kpicli.book.nodes import Mapping, Node, Scalar, Sequence, is_bare
from kpicli.book.scalars import Plain, Written
from kpicli.book.spans import Span, spans
from kpicli.errors import KpiError, Place, Source, Trouble

LARGEST = 1024 * 1024
"""Bytes of a book."""

Path: TypeAlias = tuple[str | int, ...]
Data: TypeAlias = "dict[str, Data] | list[Data] | str | None"
"""What a file holds: `Written` texts, `Plain` where one has no quotes, and None for `null`, `~` and nothing at all."""


class Places:
    """Where each key and value of a file stands.

    A path of the model serves as well as one of the file: a step that the file doesn't have, because it writes a thing
    in a shorter way (`columns.id.header` where it says `id: Opportunity ID`), is passed over. What a preset brings
    stands where the book names the preset.
    """

    def __init__(self, lines: Lines, root: Mapping, brought: Brought | None = None) -> None:
        self._lines = lines
        self._root = root
        self.brought = brought or Brought()

    def with_presets(self, brought: Brought) -> Places:
        """The places of a book to which presets bring something."""
        return Places(self._lines, self._root, brought)

    def path(self, path: Path) -> Path:
        """The path in the file of what `path` leads to, or of the nearest thing around it."""
        return self._walk(path)[0]

    def place(self, path: Path) -> Place:
        """The place of a scalar; of its key where it is empty or a collection."""
        if graft := self.brought.at(path):
            return self._grafted(graft)
        found, node = self._walk(path)
        return self._lines.place(*self._span(found, node))

    def value(self, path: Path) -> Place:
        """The place of a scalar or a collection in brackets; of its key where it is empty or fills lines of its own."""
        if graft := self.brought.at(path):
            return self._grafted(graft)
        found, node = self._walk(path)
        in_brackets = not isinstance(node, Scalar) and self._lines.text[node.span[0]] in "[{"
        return self._lines.place(*(node.span if found and in_brackets else self._span(found, node)))

    def key(self, path: Path) -> Place:
        """The place of the last key on the path."""
        if graft := self.brought.at(path):
            return self._grafted(graft)
        found, _ = self._walk(path)
        while found and isinstance(found[-1], int):
            found = found[:-1]
        return self._lines.place(*self._key_span(found))

    def word(self, path: Path, word: str) -> Place:
        """The place of a word in a scalar; of the whole scalar where it doesn't hold the word."""
        source = self.source(path)
        found = re.search(rf"\b{re.escape(word)}\b", source.text)
        return self.place(path) if found is None else source.locate(*found.span()) or self.place(path)

    def has(self, path: Path) -> bool:
        """Whether the file has exactly this path."""
        return self._walk(path)[0] == path

    def cut_by_comma(self, path: Path) -> Path | None:
        """The entry before an empty one in braces, whose comma may have been meant to stand in a text."""
        owner, node = self._walk(path[:-1])[1], self._walk(path)[1]
        key = str(path[-1])
        if not (isinstance(owner, Mapping) and owner.flow and is_bare(self._lines.text, owner.keys[key], node)):
            return None
        keys = list(owner.keys)
        index = keys.index(key)
        return (*path[:-1], keys[index - 1]) if index else None

    def source(self, path: Path) -> Source:
        """The text of a scalar, with the way from its characters back to the file. KeyError where it is none."""
        if (graft := self.brought.at(path)) and graft.text is not None:
            return Source(graft.text, lambda _start, _end: self._grafted(graft))
        node = self._walk(path)[1]
        if not isinstance(node, Scalar):
            raise KeyError(path)
        return Source(node.value, _Locator(self._lines, node))

    def _grafted(self, graft: Graft) -> Place:
        text = "" if graft.text is None else f": {graft.text}"
        return replace(self.place(graft.preset), of=graft.name + text)

    def _walk(self, path: Path) -> tuple[Path, Node]:
        node: Node = self._root
        found: list[str | int] = []
        for step in path:
            match node:
                case Mapping(values=values) if isinstance(step, str) and step in values:
                    node = values[step]
                    found.append(step)
                case Sequence(items=items) if isinstance(step, int) and step < len(items):
                    node = items[step]
                    found.append(step)
                case Sequence(items=items) if isinstance(step, str):
                    index = next((i for i, item in enumerate(items) if _is(item, step)), None)
                    if index is not None:
                        node = items[index]
                        found.append(index)
                case _:
                    pass
        return tuple(found), node

    def _span(self, path: Path, node: Node) -> Span:
        match node:
            case Scalar(style="|" | ">") if node.value.strip():
                text = spans(self._lines.text, *node.span, node.style, node.value)
                first = len(node.value) - len(node.value.lstrip())
                return text[first][0], text[len(node.value.rstrip()) - 1][1]
            case Scalar() if not node.is_null:
                return node.span
            case Mapping(keys=keys, flow=False) if path and isinstance(path[-1], int):
                return next(iter(keys.values())).span
            case _ if path and isinstance(path[-1], int):
                return node.span
            case _:
                return self._key_span(path)

    def _key_span(self, path: Path) -> Span:
        if not path:
            return next((key.span for key in self._root.keys.values()), (0, 1))
        owner = self._walk(path[:-1])[1]
        assert isinstance(owner, Mapping)
        return owner.keys[str(path[-1])].span


def _is(item: Node, text: str) -> bool:
    return isinstance(item, Scalar) and item.value == text


class _Locator:
    """From the characters of one scalar's value to their places; the way is laid out on the first question."""

    def __init__(self, lines: Lines, node: Scalar) -> None:
        self._lines = lines
        self._node = node
        self._spans: list[Span] | None = None

    def __call__(self, start: int, end: int) -> Place:
        node = self._node
        if self._spans is None:
            self._spans = list(spans(self._lines.text, *node.span, node.style, node.value))
        visible = len(node.value.rstrip())
        if not visible:
            return self._lines.place(*node.span)
        if start >= visible:
            after = self._spans[visible - 1][1]
            return self._lines.place(after, after)
        start = max(start, 0)
        last = max(start, min(end, visible) - 1)
        return self._lines.place(self._spans[start][0], self._spans[last][1])


def read(path: str | PathLike[str]) -> tuple[dict[str, Data], Places]:
    """The data of a book, and where each part of it stands. Raises `Mistakes` with all that isn't a book's YAML."""
    file = fspath(path)
    return parse(file, _decode(_bytes(file), file))


def parse(file: str, text: str) -> tuple[dict[str, Data], Places]:
    """The same for the text of a file, which messages call `file`."""
    lines = Lines(file, text)
    root = compose(lines)
    return _data_of_mapping(root), Places(lines, root)


def _bytes(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123  # the path stays as the caller wrote it, for messages
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        help_ = "`--book PATH` names it, or the folder that it is in"
        raise KpiError("no-book", f"there is no file '{file}'", help=help_, trouble=Trouble.USAGE) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        help_ = "check the path and the file's permissions"
        raise KpiError("no-book", f"'{file}' can't be read: {reason}", help=help_, trouble=Trouble.USAGE) from None
    if len(content) > LARGEST:
        help_ = "a book holds declarations; data belongs in the files that its tables name"
        raise KpiError("book-size", f"'{file}' is larger than 1 MiB", help=help_)
    return content


def _decode(content: bytes, file: str) -> str:
    help_ = "save the file as UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise KpiError("encoding", f"'{file}' is UTF-16, and a book is UTF-8", help=help_)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        content = error.object  # without its byte order mark, as is `start`
        before = content[: error.start].decode("utf-8")
        lines = Lines(file, before + content[error.start :].decode("utf-8", errors="replace"))
        place = lines.place(len(before), len(before) + 1)
        byte = f"byte 0x{content[error.start]:02x}"
        raise KpiError("encoding", f"a book is UTF-8, and {byte} doesn't fit", place=place, help=help_) from None


def _data_of(node: Node) -> Data:
    if isinstance(node, Mapping):
        return _data_of_mapping(node)
    if isinstance(node, Sequence):
        return [_data_of(item) for item in node.items]
    if node.is_null:
        return None
    return Written(node.value) if node.style else Plain(node.value)


def _data_of_mapping(node: Mapping) -> dict[str, Data]:
    return {key: _data_of(value) for key, value in node.values.items()}
