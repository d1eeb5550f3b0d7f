"""Strategies that draw formulas: as trees that `parse` can make, and as text, right and wrong.

Each strategy is made once, because making one takes longer than drawing from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise

from hypothesis import strategies as st

from kpicli.errors import Source
from kpicli.formula import tree
from kpicli.formula.parse import parse
from kpicli.formula.tokens import AGGREGATES, REDUCERS, RESERVED, SPANS, UNITS, Kind, tokenize
from kpicli.formula.tree import Node

_DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


@cache
def names() -> st.SearchStrategy[str]:
    """Names, among them words that mean something elsewhere in the language."""
    telling = st.sampled_from(
        ["amount", "stage", "date", "count", "start", "top", "days", "year", "Ende", "été", "x_1"]
    )
    random = st.from_regex(r"[A-Za-zßя][A-Za-z0-9_ßя]{0,6}", fullmatch=True)
    return telling | random.filter(lambda name: name.lower() not in RESERVED)


@cache
def functions() -> st.SearchStrategy[str]:
    """Names of plain functions."""
    known = st.sampled_from(["if", "round", "prior", "trailing", "coalesce", "date", "start_of"])
    own = names().map(str.lower).filter(lambda name: name not in {*AGGREGATES, *RESERVED, "top"})
    return known | own


@cache
def numbers() -> st.SearchStrategy[Decimal]:
    """Numbers as a formula can hold them: without a sign, at most 15 digits on either side of the point."""
    whole = st.integers(0, 10**15 - 1).map(Decimal)
    parts = st.decimals(0, 1000, places=6) | st.decimals(0, 1, places=15)
    return st.sampled_from([Decimal(0), Decimal(1), Decimal("0.3")]) | whole | parts


@cache
def paths() -> st.SearchStrategy[tree.Path]:
    return st.lists(names(), min_size=1, max_size=3).map(lambda found: tree.Path(tuple(found)))


@cache
def texts() -> st.SearchStrategy[tree.Text]:
    return st.text(max_size=6).map(tree.Text)


def _leaves() -> st.SearchStrategy[Node]:
    return st.one_of(
        numbers().map(tree.Number),
        texts(),
        st.booleans().map(tree.Boolean),
        st.just(tree.Null()),
        st.just(tree.Today()),
        _DAYS.map(tree.DateLiteral),
        paths(),
    )


def _durations() -> st.SearchStrategy[Node]:
    return st.builds(tree.Duration, st.integers(0, 999_999), st.sampled_from(SPANS))


@st.composite
def _aggregates(draw: st.DrawFn, inner: st.SearchStrategy[Node]) -> Node:
    dated = draw(st.sampled_from(["on", "at", "neither"]))
    return tree.Aggregate(
        draw(st.sampled_from(sorted(AGGREGATES))),
        draw(paths()),
        via=draw(st.none() | names()),
        where=draw(st.none() | inner),
        on=draw(names()) if dated == "on" else None,
        at=draw(st.sampled_from(["start", "end"])) if dated == "at" else None,
        argument=draw(st.none() | numbers()),
    )


def _bigger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Trees one level above the given ones."""
    valued = inner.filter(lambda node: not isinstance(node, tree.Null))
    whens = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    arguments = st.lists(inner | _durations(), max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.Binary, st.sampled_from(["or", "and", "+", "-", "*", "/"]), inner, inner),
        st.builds(tree.Binary, st.sampled_from(_COMPARISONS), valued, valued),
        st.builds(tree.Not, inner),
        st.builds(tree.Negative, inner),
        st.builds(tree.In, inner, st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()),
        st.builds(tree.Between, inner, inner, inner, st.booleans()),
        st.builds(tree.Like, inner, texts(), st.booleans(), st.booleans()),
        st.builds(tree.IsNull, inner, st.booleans()),
        st.builds(tree.Case, whens, st.none() | inner),
        _aggregates(inner),
        st.builds(tree.Reducer, st.sampled_from(sorted(REDUCERS)), inner, names(), st.none() | numbers()),
        st.builds(tree.Top, names(), inner),
        st.builds(tree.Call, functions(), arguments),
        st.builds(tree.Per, inner, st.sampled_from(UNITS)),
    )


@cache
def trees() -> st.SearchStrategy[Node]:
    """Any tree that a formula of moderate size can have; whether its types fit is left to chance."""
    return st.recursive(_leaves(), _bigger, max_leaves=12)


def below(node: Node) -> Iterator[Node]:
    """The node and every node inside it."""
    pending: list[object] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, tuple):
            pending.extend(part)
        if isinstance(part, Node):
            yield part
            pending.extend(getattr(part, name) for name in part.__struct_fields__ if name != "span")


_SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\r\n", " \n  ", "\u00a0"])


@st.composite
def spellings(draw: st.DrawFn, text: str) -> str:
    """The same formula with other white space, and words in upper and lower case at random."""
    tokens = tokenize(Source.named(text))
    written = [draw(st.just("") | _SPACES)]
    for token, following in pairwise(tokens):
        part = text[token.start : token.end]
        is_function = token.kind is Kind.NAME and following.text == "(" and following.kind is Kind.SYMBOL
        # No function's name has other letters; `ß` in upper case would be two of them, and another name.
        if token.kind is Kind.WORD or (is_function and part.isascii()):
            part = draw(st.sampled_from([part.lower(), part.upper(), part.title()]))
        needs_space = following.start > token.end
        written += [part, draw(_SPACES if needs_space else st.just("") | _SPACES)]
    return "".join(written)


@st.composite
def parenthesised(draw: st.DrawFn, text: str) -> str:
    """The same formula with needless parentheses around some of its parts."""
    parts = [part for part in below(parse(Source.named(text))) if not isinstance(part, tree.Duration)]
    patterns = {id(part.pattern) for part in parts if isinstance(part, tree.Like)}
    free = [part.span for part in parts if id(part) not in patterns]
    inserted = sorted(
        (at, bracket)
        for start, end in draw(st.lists(st.sampled_from(free), max_size=5))
        for at, bracket in ((start, "("), (end, ")"))
    )
    for at, bracket in reversed(inserted):
        text = text[:at] + bracket + text[at:]
    return text


_PIECES = (
    *sorted(RESERVED),
    *("count", "sum", "avg", "top", "percentile", "round", "prior", "date", "start", "days", "t", "t.f", "owner", "x"),
    *("1", "90", "0.5", "30%", "1_000", ".5", "1.", "1,000", "2026-01-31", "'Won'", "''", "'", '"Won"', "“", "`"),
    *(
        "(",
        ")",
        ",",
        ".",
        "+",
        "-",
        "*",
        "/",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "<>",
        "==",
        "&&",
        "!",
        "%",
        "#",
        "$",
        "_",
    ),
)


@cache
def soups() -> st.SearchStrategy[str]:
    """Pieces of formulas in any order: hardly ever a formula."""
    piece = st.sampled_from(_PIECES)
    joint = st.sampled_from([" ", " ", ""])
    return st.lists(st.tuples(piece, joint), max_size=25).map(lambda pairs: "".join(a + b for a, b in pairs))


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A right formula in which a few characters are left out, doubled or put elsewhere."""
    text = str(draw(trees()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *_PIECES])) + text[at + draw(st.integers(0, 3)) :]
    return text
