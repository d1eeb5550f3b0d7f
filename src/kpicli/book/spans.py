"""Where in a file each character of a YAML scalar's value stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""Start and end (exclusive) in the file's text."""

_BREAKS = "\n\r\x85\u2028\u2029"
_SPACES = " \t" + _BREAKS
_BREAK = r"(?:\r\n|[\n\r\x85\u2028\u2029])"

_DOUBLE_QUOTED = re.compile(
    rf"(?P<fold>[ \t]*{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*)"
    rf"|(?P<joined>\\{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*)"
    r"|(?P<escape>\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.))"
    r"|(?P<run>[ \t]+)|(?P<other>.)",
    re.DOTALL,
)
_SINGLE_QUOTED = re.compile(
    rf"(?P<fold>[ \t]*{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*)|(?P<run>[ \t]+)|(?P<quote>'')|(?P<other>.)", re.DOTALL
)


def spans(text: str, start: int, end: int, style: str, value: str) -> Sequence[Span]:
    """The span of each character of `value`, which the scalar at `start` to `end` of `text` holds.

    `style` is the scalar's first character where that is a quote, `|` or `>`, and empty for a plain one. A character
    that folding or an escape made gets the span of what it was made from.
    """
    match style:
        case "'":
            found = list(_quoted(_SINGLE_QUOTED, text, start + 1, end - 1))
        case '"':
            found = list(_quoted(_DOUBLE_QUOTED, text, start + 1, end - 1))
        case "|" | ">":
            found = _aligned(text, _next_line(text, start, end), end, value)
        case _:
            found = _aligned(text, start, end, value)
    # A way of folding that is not foreseen here must not shift a caret: then the whole scalar stands for each part.
    return found if len(found) == len(value) else [(start, end)] * len(value)


def _next_line(text: str, start: int, end: int) -> int:
    """The start of the line after the indicator of a block scalar."""
    found = re.compile(_BREAK).search(text, start, end)
    return end if found is None else found.end()


def _quoted(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    for part in pattern.finditer(text, start, end):
        match part.lastgroup:
            case "fold":
                breaks = len(re.findall(_BREAK, part.group()))
                yield from [part.span()] * max(1, breaks - 1)
            case "joined":
                breaks = len(re.findall(_BREAK, part.group()))
                yield from [part.span()] * (breaks - 1)
            case "run":
                yield from ((at, at + 1) for at in range(*part.span()))
            case _:
                yield part.span()


def _aligned(text: str, start: int, end: int, value: str) -> list[Span]:
    """Spans where the value has the same visible characters as the text, in order, and only its white space differs."""
    found: list[Span] = []
    at = start
    for run in re.finditer(rf"[{_SPACES}]+|[^{_SPACES}]+", value):
        gap = at
        while at < end and text[at] in _SPACES:
            at += 1
        length = run.end() - run.start()
        if run.group()[0] in _SPACES:
            last = max(gap, at - 1)
            found += [(min(gap + i, last), min(gap + i, last) + 1) for i in range(length)]
        elif text.startswith(run.group(), at):
            found += [(at + i, at + i + 1) for i in range(length)]
            at += length
        else:
            return []
    return found
