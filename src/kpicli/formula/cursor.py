"""The way of a parser through the tokens of a formula: what it reads next, how deep it is, and how it refuses."""

from __future__ import annotations

from typing import NoReturn

from kpicli.errors import KpiError, Source
from kpicli.formula import misses
from kpicli.formula.tokens import Kind, Token, refuse, refuse_unfinished, tokenize
from kpicli.formula.tree import Span

DEEPEST = 60
"""How many levels may stand within each other: parentheses, calls, `case`, `not` and `-`."""


class Cursor:
    """The tokens of one formula; `at` is the index of the next one."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def last(self) -> Token:
        """The token that was consumed last."""
        return self.tokens[self.at - 1]

    def follows(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        token = self.tokens[self.at]
        return token.text in texts and token.kind in (Kind.WORD, Kind.SYMBOL)

    def take(self, *texts: str) -> Token | None:
        """Consumes the next token if it is one of these words or symbols."""
        return self.advance() if self.follows(*texts) else None

    def advance(self) -> Token:
        """Consumes the next token, whatever it is but the END."""
        token = self.next
        self.at += 1
        return token

    def name(self, what: str) -> str:
        """name ."""
        if self.next.kind is not Kind.NAME:
            self.expected(what, misses.name(self.tokens, self.at))
        return self.advance().text

    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.next.kind is Kind.END

    def since(self, start: int) -> Span:
        """The span of what was consumed from `start` on."""
        return start, self.last.end

    # ---- levels

    def enter(self) -> Token:
        """Consumes the token that leads one level deeper."""
        token = self.advance()
        self._depth += 1
        if self._depth > DEEPEST:
            message = f"more than {DEEPEST} parentheses, calls, `case`, `not` and `-` stand within each other"
            help_ = "give its parts names: fields of the tables, or KPIs of their own"
            raise KpiError("too-deep", message, place=self.source.locate(*token.span), help=help_)
        return token

    def leave(self) -> None:
        """One level up again."""
        self._depth -= 1

    # ---- errors

    def refuse(self, span: Span, message: str, help_: str) -> NoReturn:
        refuse(self.source, span, message, help_)

    def expected(self, what: str, help_: str) -> NoReturn:
        """Refuses the next token."""
        message = f"expected {what}, found {self.next}"
        if self.ended():
            refuse_unfinished(self.source, self.next.span, message, help_)
        self.refuse(self.next.span, message, help_)

    def unclosed(self, opening: Token, message: str, help_: str) -> NoReturn:
        """Refuses the end of the formula inside what `opening` opened."""
        refuse_unfinished(self.source, opening.span, message, help_)
