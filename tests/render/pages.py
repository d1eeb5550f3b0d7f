"""A page of Markdown as a program reads it that knows GitHub's tables, task lists, alerts, footnotes and raw HTML."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kpicli.render.literal import APART

_PARSER = MarkdownIt("gfm-like2", {"linkify": False})  # addresses are looked for by the tests themselves


def blocks(page: str) -> list[Token]:
    """Headings, tables, lists and so on; those of the kind `inline` hold the text."""
    return _PARSER.parse(page)


def structure(page: str) -> list[str]:
    """The kinds of all that the page consists of, without the texts."""
    return [kind for token in blocks(page) for kind in (token.type, *{child.type for child in token.children or ()})]


def texts(page: str) -> list[str]:
    """What a reader sees of each heading, paragraph, item and cell, zero-width spaces included."""
    return [_text(token) for token in blocks(page) if token.type == "inline"]


def tables(page: str) -> Iterator[list[list[str]]]:
    """The cells of each table, row by row, the header first."""
    rows: list[list[str]] = []
    tokens = blocks(page)
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield rows
            rows = []
        elif before.type in {"th_open", "td_open"}:
            rows[-1].append(_text(token).replace(APART, ""))


def _text(token: Token) -> str:
    return "".join(child.content for child in token.children or ())
