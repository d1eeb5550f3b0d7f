"""A formula's text cut into tokens, and the errors of what can't be one.

White space separates tokens and means nothing else. Offsets count characters from the start of the formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import NoReturn

from msgspec import Struct

from kpicli.errors import KpiError, Source
from kpicli.formula.tree import Span

LONGEST = 4_000
"""How many characters a formula may have."""

DIGITS = 15
"""How many digits a number may have on either side of its point: what any engine can hold exactly."""

RESERVED = frozenset(
    (
        *("and", "or", "not", "in", "between", "like", "ilike", "is", "null", "true", "false"),
        *("case", "when", "then", "else", "end", "where", "on", "at", "by", "per", "via", "today"),
    )
)
"""Words of the language that can't be names."""

AGGREGATES = frozenset(("count", "count_distinct", "sum", "avg", "median", "min", "max", "percentile"))
"""What reads the rows of a table; before a parenthesis only."""

REDUCERS = AGGREGATES - {"count_distinct"}
"""What reduces the members of a dimension, with `by`."""

SPANS = ("day", "week", "month", "quarter", "year")
"""Units of a span of time such as `90 days`."""

UNITS = ("day", "workday", "week", "month", "quarter", "year")
"""What a figure can be `per`."""


class Kind(Enum):
    NAME = "name"
    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    SYMBOL = "symbol"
    END = "end"


class Token(Struct, frozen=True):
    """`text` is what stands in the formula, but a reserved word is in lower case."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def number(self) -> Decimal:
        """The exact value of a NUMBER, in one form for each value."""
        return _exact(self.text.replace("_", ""))

    @property
    def percent(self) -> Decimal:
        """The exact value of a NUMBER that a `%` follows."""
        return _exact(self.text.replace("_", "") + "E-2")

    @property
    def string(self) -> str:
        """The value of a TEXT."""
        return self.text[1:-1].replace("''", "'")

    def __str__(self) -> str:
        """The token as a message names it."""
        match self.kind:
            case Kind.END:
                return "the end of the formula"
            case Kind.NUMBER:
                return f"the number {self.text}"
            case Kind.TEXT:
                return f"the text {shortened(self.text)}"
            case _:
                return _SYMBOL_NAMES.get(self.text, f"`{shortened(self.text)}`")


_SYMBOL_NAMES = {"(": "an opening parenthesis", ")": "a closing parenthesis", ",": "a comma", ".": "a dot"}

_DATE_HELP = "a date is written `date '2026-01-31'`: year, month and day in single quotes"
NAME_HELP = "a name is a letter, then letters, digits and `_`"
_TEXT_HELP = "a quote inside a text is written twice: `'Bob''s'`"
_CHARACTER_HELP = "leave it out, unless it belongs in a text, which stands in single quotes"
_CURRENCY_HELP = "a number is written without a currency sign"

_CURLY_SINGLE = "‘’‚‛′´"  # noqa: RUF001  # they are what is looked for
_CURLY_DOUBLE = "“”„‟″«»"

_REFUSED_OPERATORS = {
    "==": "write `=`",
    "<>": "write `!=`",
    "=>": "write `>=`",
    "=<": "write `<=`",
    "=~": "write `like` or `contains(text, part)`",
    "&&": "write `and`",
    "||": "write `or` between conditions, and `concat(a, b)` to join texts",
    "&": "write `and` between conditions, and `concat(a, b)` to join texts",
    "|": "write `or`",
    "!": "write `not`",
    "**": "there are no powers: multiply",
    "^": "there are no powers: multiply",
    "?": "write `if(condition, a, b)`",
    "≠": "write `!=`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "×": "write `*`",  # noqa: RUF001  # it is what is looked for
    "·": "write `*`",
    "÷": "write `/`",
    "−": "write `-`",  # noqa: RUF001  # it is what is looked for
    "–": "write `-`",
    "—": "write `-`",
}

_HELP_FOR_CHARACTER = {
    "`": "names stand without quotes, and texts in single quotes: `'Closed Won'`",
    "[": "write the name that the book gives the column, without brackets",
    "]": "write the name that the book gives the column, without brackets",
    "{": "write the name alone, without braces",
    "}": "write the name alone, without braces",
    ";": "arguments are separated by commas",
    "#": "a formula holds no comments; YAML's stand after the whole value",
    "$": _CURRENCY_HELP,
    "€": _CURRENCY_HELP,
    "£": _CURRENCY_HELP,
    "¥": _CURRENCY_HELP,
    "_": NAME_HELP,
}

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w.])|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}(?![\w.]))
    |(?P<thousands>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?!\w))
    |(?P<number>\.?[0-9][\w.]*)
    |(?P<name>[^\W\d_]\w*)
    |(?P<text>'(?:[^']|'')*')
    |(?P<open>')
    |(?P<double>"[^"]*"?)
    |(?P<refused>==|<>|=>|=<|=~|&&?|\|\|?|!(?!=)|\*\*|[\^?≠≤≥×·÷−–—])
    |(?P<symbol><=|>=|!=|[-+*/%=<>(),.])
    |(?P<other>.)""",  # noqa: RUF001  # the operators that are refused
    re.VERBOSE | re.DOTALL,
)

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_NUMBER = re.compile(rf"(?P<whole>{_DIGITS})?(?:\.(?P<part>{_DIGITS}))?")


def tokenize(source: Source) -> tuple[Token, ...]:
    """The tokens of a formula, the last of which is its END. Raises KpiError for what can't be a token."""
    if len(source.text) > LONGEST:
        message = f"a formula has at most {LONGEST:,} characters, and this one has {len(source.text):,}"
        help_ = "give its parts names: fields of the tables, or KPIs of their own"
        raise KpiError("too-long", message, place=source.locate(0, len(source.text)), help=help_)
    return (*_tokens(source), _end(source))


def _end(source: Source) -> Token:
    last = len(source.text.rstrip())
    return Token(Kind.END, "", last, last)


def _tokens(source: Source) -> Iterator[Token]:
    for found in _TOKEN.finditer(source.text):
        text = found.group()
        start, end = found.span()
        match found.lastgroup:
            case "space":
                continue
            case "number":
                _check_number(source, text, start)
                yield Token(Kind.NUMBER, text, start, end)
            case "name" if text.lower() in RESERVED:
                yield Token(Kind.WORD, text.lower(), start, end)
            case "name":
                yield Token(Kind.NAME, text, start, end)
            case "text":
                yield Token(Kind.TEXT, text, start, end)
            case "symbol":
                yield Token(Kind.SYMBOL, text, start, end)
            case kind:
                _refuse(source, kind or "", found)


def plain(value: Decimal) -> str:
    """A number's digits, without an exponent and without needless zeros."""
    digits = format(value, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _exact(text: str) -> Decimal:
    return Decimal(plain(Decimal(text)))


def shortened(text: str, longest: int = 60) -> str:
    """A part of a formula, short enough for a message."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def refuse(source: Source, span: Span, message: str, help_: str) -> NoReturn:
    """Raises the error for the given part of the formula."""
    raise KpiError("syntax", message, place=source.locate(*span), help=help_)


def refuse_unfinished(source: Source, span: Span, message: str, help_: str) -> NoReturn:
    """Raises the error of a formula that stops too soon, which YAML may have cut."""
    end = _end(source).end
    place = source.locate(end, end)
    after = "" if place is None else place.text[place.column - 1 :]
    if re.match(r"\s+#", after):
        cut = "YAML ends a value at ` #`: if what follows belongs to it, put the whole formula in double quotes"
        help_ = f"{help_}; {cut}"
    refuse(source, span, message, help_)


def _refuse(source: Source, kind: str, found: re.Match[str]) -> NoReturn:
    text = found.group()
    match kind:
        case "date":
            refuse(source, found.span(), f"{text} is a calculation with three numbers, not a date", _DATE_HELP)
        case "thousands":
            one, several = text.replace(",", "_"), text.replace(",", ", ")
            help_ = f"write `{one}` for one number, and `{several}` for several"
            refuse(source, found.span(), f"{text} may be one number or several", help_)
        case "open":
            help_ = f"close it with `'`; {_TEXT_HELP}"
            refuse_unfinished(source, (found.start(), found.start() + 1), "this text has no closing quote", help_)
        case "double":
            inside = text.strip('"').replace("'", "''")
            help_ = f"write `'{shortened(inside)}'`"
            refuse(source, found.span(), "a text stands in single quotes", help_)
        case "refused":
            refuse(source, found.span(), f"there is no operator `{text}`", _REFUSED_OPERATORS[text])
        case _:
            _refuse_character(source, text, found.span())


def _refuse_character(source: Source, char: str, span: Span) -> NoReturn:
    if char in _CURLY_SINGLE or char in _CURLY_DOUBLE:
        help_ = "write `'`, the straight single quote; word processors bend it"
        refuse(source, span, f"{char} is a curly quote", help_)
    shown = f"`{char}`" if char.isprintable() else f"the invisible character U+{ord(char):04X}"
    shown = "a backtick" if char == "`" else shown
    refuse(source, span, f"{shown} means nothing in a formula", _HELP_FOR_CHARACTER.get(char, _CHARACTER_HELP))


def _check_number(source: Source, text: str, start: int) -> None:
    span = (start, start + len(text))
    if text.startswith(".") and re.search(r"\w\Z", source.text[:start]):
        refuse(source, (start + 1, start + len(text)), f"{shortened(text[1:])} is no name", NAME_HELP)
    found = _NUMBER.fullmatch(text)
    if found is None:
        refuse(source, span, f"{shortened(text)} is no number", _number_help(text))
    longest = max(len((part or "").replace("_", "")) for part in found.groups())
    if longest > DIGITS:
        help_ = "an id is a text, and stands in single quotes; round what was calculated"
        refuse(source, span, f"a number has at most {DIGITS} digits on either side of its point", help_)


def _number_help(text: str) -> str:
    span = re.fullmatch(r"([0-9]+)([a-z]+)", text.lower())
    if span is not None and span[2].removesuffix("s") in SPANS:
        return f"write `{span[1]} {span[2]}`"
    if re.fullmatch(r"[0-9_.]*[0-9]\.", text):
        return f"write `{text[:-1]}`"
    if re.fullmatch(r"[0-9.]+e[0-9]*", text.lower()):
        return "write it in full, without an exponent: `100_000`"
    return "write it in full: digits, with `_` between them if you like, and one point, for example `1_000.50`"
