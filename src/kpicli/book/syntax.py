"""PyYAML's syntax errors in the words of somebody who writes a book: what stands there, and what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from yaml.error import MarkedYAMLError

from kpicli.book.lines import Lines
from kpicli.book.spans import Span
from kpicli.errors import KpiError

_INDICATORS = {"*": "an alias", "&": "an anchor", "!": "a tag", "|": "a long text", ">": "a long text"}
_HERE = "this line is indented unlike those that it belongs to"
_INDENT = "keys of one mapping start in the same column, and so do the items of one list"


class _Explained(NamedTuple):
    span: Span
    message: str
    help: str


def explain(error: MarkedYAMLError, lines: Lines, opening: Span | None, last: Span | None) -> KpiError:
    """The error to show. `opening` is the innermost open collection, `last` the last scalar before the error."""
    problem = error.problem or ""
    context = error.context or ""
    at = _index(error.problem_mark, lines)
    since = at if error.context_mark is None else _index(error.context_mark, lines)
    explained = _explained(problem, context, _Spot(lines, at, since, opening, last))
    return KpiError("yaml", explained.message, place=lines.place(*explained.span), help=explained.help)


def _index(mark: object, lines: Lines) -> int:
    index = getattr(mark, "index", None)
    return index if isinstance(index, int) else len(lines.text)


class _Spot(NamedTuple):
    """Where an error was found: its offset, that of what was being read, and what came before."""

    lines: Lines
    at: int
    since: int
    opening: Span | None
    last: Span | None

    def rest(self, start: int) -> str:
        """The text from `start` to the end of its line, or of its entry in brackets, without a comment."""
        end = r"\s#|[\]},]" if self.in_brackets() else r"\s#"
        return re.split(end, self.lines.text[start : self.lines.line(start)[1]])[0].rstrip()

    def in_brackets(self) -> bool:
        return self.opening is not None and self.lines.text[self.opening[0]] in "[{"

    def span(self, start: int) -> Span:
        return start, start + max(1, len(self.rest(start)))

    def before(self) -> str:
        """The error's line up to the error."""
        return self.lines.text[self.lines.line(self.at)[0] : self.at]


def _explained(problem: str, context: str, spot: _Spot) -> _Explained:
    match problem:
        case _ if problem.startswith("found character"):
            return _no_start(spot, spot.at)
        case "mapping values are not allowed here":
            return _second_colon(spot)
        case "could not find expected ':'":
            help_ = "write `key: value`; a text of several lines stands in quotes, or indented under `|`"
            return _Explained(spot.span(spot.since), "this line has no ': '", help_)
        case "sequence entries are not allowed here":
            help_ = "start the list on the next line, or write `[a, b]`; a text that starts with `- ` needs quotes"
            return _Explained((spot.at, spot.at + 1), "a list can't start here", help_)
        case "mapping keys are not allowed here":
            return _no_start(spot, spot.at)
        case "found unexpected end of stream" | "found unexpected document separator":
            quote = spot.lines.text[spot.since]
            message = f"the text that starts here has no closing {quote}"
            return _Explained(spot.span(spot.since), message, f"write {quote} where it ends")
        case _ if problem.startswith("expected <block end>"):
            return _block_end(problem, context, spot)
        case _ if "undefined tag" in problem:
            return _no_start(spot, spot.at)
        case _ if "block scalar" in context or "alias" in context or "anchor" in context or "tag" in context:
            return _no_start(spot, spot.since)
        case _ if "directive" in context or "directive" in problem or "incompatible" in problem:
            return _Explained(spot.span(spot.at), "a book has no `%` directives", "delete the line")
        case _ if "double-quoted" in context:
            return _escape(problem, spot)
        case _ if "but got" in problem or "node content" in problem:
            return _flow(problem, spot)
        case _ if problem.startswith("expected '<document start>'"):
            return _Explained(spot.span(spot.at), _HERE, "every key on the top level starts in the first column")
        case _:
            return _Explained(spot.span(spot.at), f"this is no YAML: {problem}", "put texts in quotes")


def _no_start(spot: _Spot, start: int) -> _Explained:
    char = spot.lines.text[start]
    if char == "\t":
        return _Explained((start, start + 1), "a tab stands here, and YAML knows only spaces", "write spaces instead")
    written = spot.rest(start)
    if char in "|>" and spot.in_brackets():
        message = f"a text in brackets can't start with '{char}'"
    elif char in _INDICATORS:
        message = f"a text can't start with '{char}': YAML takes it for {_INDICATORS[char]}"
    else:
        message = f"a text can't start with '{char}'"
    return _Explained(spot.span(start), message, f"put it in quotes: {_quoted(written)}")


def _second_colon(spot: _Spot) -> _Explained:
    before = spot.before()
    found = re.match(r"\s*(?:- +)*[^\s'\"#][^:]*:\s+(?=\S)", before)
    if found is None:
        message = "this key stands inside the value above it"
        help_ = "indent it like the keys beside it; a value that goes on here and holds ': ' needs quotes"
        start = spot.at - len(before.lstrip(" -"))
        return _Explained((start, spot.at + 1), message, help_)
    start = spot.lines.line(spot.at)[0] + found.end()
    message = "a value without quotes can't hold ': '"
    return _Explained((spot.at, spot.at + 1), message, f"put the value in quotes: {_quoted(spot.rest(start))}")


def _block_end(problem: str, context: str, spot: _Spot) -> _Explained:
    text = spot.lines.text
    closing = text[: spot.at].rstrip(" ")[-1:]
    if closing in ("'", '"') and spot.last is not None and spot.last[1] <= spot.at:
        start = spot.last[0]
        message = "text goes on after the closing quote"
        if spot.lines.number(start) == spot.lines.number(spot.at):
            written = _unwrapped(spot.rest(start))
            return _Explained(spot.span(spot.at), message, f"quote the whole value: {_quoted(written)}")
        help_ = f"the quote opens in line {spot.lines.number(start)}: is it closed there?"
        return _Explained(spot.span(spot.at), message, help_)
    if closing in ("]", "}"):
        help_ = "a value that starts with a bracket and goes on after it needs quotes around the whole"
        return _Explained(spot.span(spot.at), "text goes on after the closing bracket", help_)
    if "block collection" in context and "'?'" in problem:
        return _Explained(spot.span(spot.at), "a key stands among the items of a list", _INDENT)
    if text[spot.at : spot.at + 1] == ":":
        return _Explained((spot.at, spot.at + 1), "a key is missing before the ':'", "write `key: value`")
    if "'-'" in problem:
        return _Explained(spot.span(spot.at), "an item of a list stands among keys", _INDENT)
    return _Explained(spot.span(spot.at), _HERE, _INDENT)


def _escape(problem: str, spot: _Spot) -> _Explained:
    help_ = "write the text in single quotes, where a backslash is a backslash"
    if problem.startswith("found unknown escape"):
        start = spot.at - 1
        return _Explained((start, start + 2), f"'{spot.lines.text[start : start + 2]}' is no escape", help_)
    start = spot.lines.text.rfind("\\", 0, spot.at + 1)
    digits = problem.partition("sequence of ")[2].partition(" ")[0]
    message = f"'{spot.lines.text[start : start + 2]}' needs {digits} hexadecimal digits"
    return _Explained((start, start + 2), message, help_)


def _flow(problem: str, spot: _Spot) -> _Explained:
    help_ = "part entries by commas; a text that holds , [ ] { } or ': ' needs quotes in brackets"
    if spot.opening is not None and spot.in_brackets():
        bracket = spot.lines.text[spot.opening[0]]
        if spot.lines.number(spot.opening[0]) != spot.lines.number(spot.at):
            closing = "]" if bracket == "[" else "}"
            return _Explained(spot.opening, f"this '{bracket}' has no closing '{closing}'", help_)
    if "but got" in problem:
        expected = "',' or ']'" if "']'" in problem else "',' or '}'"
        return _Explained(spot.span(spot.at), f"expected {expected} here", help_)
    return _Explained((spot.at, spot.at + 1), "a value is missing here", help_)


def _unwrapped(text: str) -> str:
    """A text without the quotes around the whole of it, where the same quotes stand within: `"stage = "Won""`."""
    quote = text[0]
    wrapped = len(text) > 2 and text.endswith(quote * 2) and quote in "'\""
    if not wrapped:
        return text
    return text[1:-1].replace('"', "'") if quote == '"' and "'" not in text else text[1:-1]


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'
