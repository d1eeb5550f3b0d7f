"""The rules of the grammar for what stands before and inside the parentheses of a call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from decimal import Decimal
from typing import NoReturn

from msgspec.structs import replace

from kpicli.errors import KpiError, Source, did_you_mean
from kpicli.formula import misses, tree
from kpicli.formula.cursor import Cursor
from kpicli.formula.functions import FUNCTIONS
from kpicli.formula.tokens import AGGREGATES, REDUCERS, UNITS, Kind, Token, shortened
from kpicli.formula.tree import Node

LONGEST_SPAN = 999_999
"""How many units a span of time may have."""


class CallRules(Cursor, ABC):
    """Aggregates, reducers, `top` and plain calls."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._aggregate: tree.Aggregate | None = None
        """The last one that was read, for a clause that stands behind it."""

    @abstractmethod
    def formula(self) -> Node: ...

    @abstractmethod
    def path(self) -> tree.Path: ...

    def call(self) -> Node:
        """call = aggregate | reducer | top | plain ."""
        name = self.advance()
        opening = self.enter()
        # No function's name has other letters, and some of them don't come back from lower case: `İ`, `ß`.
        function = name.text.lower() if name.text.isascii() else name.text
        if function in AGGREGATES:
            return self._over_rows(function, name, opening)
        if function == "top":
            return self._top(name, opening)
        return self._plain(function, name, opening)

    def _over_rows(self, function: str, name: Token, opening: Token) -> Node:
        """An aggregate or a reducer; `by` makes the difference."""
        self._check_begun(function, name)
        body = self.formula()
        if self.take("by"):
            return self._reducer(function, body, name, opening)
        if not isinstance(body, tree.Path):
            self._refuse_body(function, body, opening)
        return self._over_table(tree.Aggregate(function, body), name, opening)

    def _over_table(self, aggregate: tree.Aggregate, name: Token, opening: Token) -> tree.Aggregate:
        """aggregate = name "(" path clauses [ "," number ] ")" ."""
        aggregate = self._clauses(aggregate)
        if self.follows("by"):
            self._refuse_by(aggregate)
        if self.follows("per"):
            self._refuse_per_inside(aggregate, opening)
        aggregate = replace(aggregate, argument=self._argument(misses.argument(aggregate.function)))
        self.close(opening, opening.end)
        self._aggregate = replace(aggregate, span=self.since(name.start))
        return self._aggregate

    def _clauses(self, aggregate: tree.Aggregate) -> tree.Aggregate:
        """clauses = [ "via" name ] { "where" formula | "on" name | "at" moment } ."""
        while word := self.take("via", "where", "on", "at"):
            self._check_clause(word, aggregate)
            match word.text:
                case "via":
                    aggregate = replace(aggregate, via=self.name("a lookup after `via`"))
                case "where":
                    aggregate = replace(aggregate, where=self.formula())
                case "on":
                    aggregate = replace(aggregate, on=self._date_name())
                case _:
                    aggregate = replace(aggregate, at=self._moment())
        return aggregate

    def _date_name(self) -> str:
        """The name behind `on`."""
        path = self._path_after("`on`")
        if len(path.names) > 1:
            dotted = ".".join(path.names)
            help_ = f"make it a field of the table, for example `{'_'.join(path.names)}: {dotted}`"
            self.refuse(path.span, f"`on` takes a date of the table itself, and `{dotted}` is behind a dot", help_)
        return path.names[0]

    def _moment(self) -> str:
        """moment = "start" | "end" ."""
        if self.take("end"):
            return "end"
        if self.next.kind is not Kind.NAME or self.next.text.lower() != "start":
            self.expected("`start` or `end` after `at`", "for example `count(opportunities at end)`")
        self.advance()
        return "start"

    def _argument(self, help_: str) -> Decimal | None:
        """[ "," number ] ."""
        if not self.take(","):
            return None
        if self.next.kind is not Kind.NUMBER:
            self.expected("a number after the comma", help_)
        number = self.advance()
        if self.follows("%"):
            self.refuse(self.next.span, "a percentile is a number from 0 to 100", f"write `{number.text}`")
        return number.number

    def _reducer(self, function: str, body: Node, name: Token, opening: Token) -> Node:
        """reducer = name "(" formula "by" name [ "," number ] ")" ."""
        if function not in REDUCERS:
            help_ = "`count(x by owner)` counts the members that have a value"
            self.refuse(self.last.span, f"{function} takes no `by`", help_)
        dimension = self._dimension()
        if self.follows("where", "on", "at", "via"):
            self._refuse_clause_behind(tree.Reducer(function, body, dimension))
        argument = self._argument("`by` takes one dimension")
        self.close(opening, opening.end)
        return tree.Reducer(function, body, dimension, argument, span=self.since(name.start))

    def _dimension(self) -> str:
        """The name behind `by`."""
        path = self._path_after("`by`")
        if len(path.names) > 1:
            dotted = ".".join(path.names)
            help_ = f"declare it under dimensions, for example `{path.names[-1]}: {dotted}`, and name that"
            self.refuse(path.span, f"`by` takes the name of a dimension, and `{dotted}` is a path", help_)
        return path.names[0]

    def _path_after(self, word: str) -> tree.Path:
        if self.next.kind is not Kind.NAME:
            self.expected(f"a name after {word}", misses.name(self.tokens, self.at))
        return self.path()

    def _top(self, name: Token, opening: Token) -> Node:
        """top = "top" "(" name "by" formula ")" ."""
        example = "write `top(source by count(opportunities where won))`"
        if self.next.kind is not Kind.NAME:
            self.expected("the name of a dimension", example)
        dimension = self.advance().text
        if not self.take("by"):
            self.expected("`by` after the dimension", example)
        body = self.formula()
        if self.follows(","):
            help_ = "leave out the comma and what follows it"
            self.refuse(self.next.span, "top takes one formula, and gives one member", help_)
        self.close(opening, body.span[0])
        return tree.Top(dimension, body, span=self.since(name.start))

    def _plain(self, function: str, name: Token, opening: Token) -> Node:
        """plain = name "(" [ argument { "," argument } ] ")" ."""
        arguments: list[Node] = []
        if not self.follows(")"):
            arguments.append(self._plain_argument())
            while self.take(","):
                arguments.append(self._plain_argument())
        start = arguments[-1].span[0] if arguments else opening.end
        if function not in FUNCTIONS and self.follows(*misses.CLAUSES):
            nearest = did_you_mean(function, AGGREGATES) or "`kpi functions` lists them all"
            self.refuse(name.span, f"there is no aggregate '{name.text}'", misses.elsewhere(function) or nearest)
        self.close(opening, start, "a comma or a closing parenthesis")
        return tree.Call(function, tuple(arguments), span=self.since(name.start))

    def _plain_argument(self) -> Node:
        """argument = formula | integer ( "day[s]" | "week[s]" | "month[s]" | "quarter[s]" | "year[s]" ) ."""
        number, unit = self.tokens[self.at : self.at + 2] if self.next.kind is Kind.NUMBER else (None, None)
        if number is None or unit is None or not misses.is_span_unit(unit):
            return self.formula()
        self.at += 2
        count = number.number
        if count != int(count) or count > LONGEST_SPAN:
            help_ = f"write a whole number from 1 to {LONGEST_SPAN}"
            self.refuse(number.span, f"a span of time can't be {number.text} {unit.text} long", help_)
        return tree.Duration(int(count), unit.text.lower().removesuffix("s"), span=self.since(number.start))

    # ---- ends

    def unit(self) -> str:
        """unit = "day" | "workday" | "week" | "month" | "quarter" | "year" ."""
        if self.next.kind is not Kind.NAME or self.next.text.lower() not in UNITS:
            self.expected("a unit of time after `per`", misses.unit(self.next))
        return self.advance().text.lower()

    def close(self, opening: Token, start: int, what: str = "a closing parenthesis") -> None:
        """Consumes the parenthesis that closes `opening`; the formula before it begins at `start`."""
        if self.ended():
            self.unclosed(opening, "this parenthesis is never closed", "close it with `)`")
        if not self.take(")"):
            self.refuse_rest(what, start)
        self.leave()

    def refuse_rest(self, what: str, start: int) -> NoReturn:
        """Refuses what follows a whole formula that began at `start`."""
        if self.follows("where", "on", "at", "via"):
            self._refuse_clause(self.next)
        if word := self.take("per"):
            self.unit()
            self.refuse_per(word, start)
        self.expected(what, misses.misplaced(self.tokens, self.at))

    def refuse_per(self, word: Token, start: int) -> NoReturn:
        """Refuses a `per` and its unit, which were just read, in the midst of a formula that began at `start`."""
        divided = self.source.text[start : self.last.end]
        help_ = f"put it in parentheses, with what it divides: `({shortened(divided, 200)})`"
        self.refuse(self.since(word.start), "`per` ends a formula, or what stands in parentheses", help_)

    # ---- near misses

    def _check_begun(self, function: str, name: Token) -> None:
        example = "count(opportunities)" if function == "count" else f"{function}(opportunities.amount)"
        if self.follows("*"):
            self.refuse(self.next.span, f"{function} reads the rows of a table that it names", f"write `{example}`")
        if self.follows(")"):
            help_ = f"name a table, for example `{example}`"
            self.refuse(self.since(name.start), f"{function} reads nothing here", help_)

    def _check_clause(self, word: Token, aggregate: tree.Aggregate) -> None:
        behind = (aggregate.where, aggregate.on, aggregate.at)
        if word.text == "via" and any(part is not None for part in behind):
            self.refuse(word.span, "`via` stands before the other clauses", "put it behind the table or column")
        given = {"where": aggregate.where, "on": aggregate.on, "at": aggregate.at, "via": aggregate.via}
        if given[word.text] is not None:
            help_ = "join the conditions with `and`" if word.text == "where" else "leave one out"
            self.refuse(word.span, f"`{word.text}` stands twice in this aggregate", help_)
        if word.text in ("on", "at") and (aggregate.on, aggregate.at) != (None, None):
            help_ = "`on` takes the rows with a date in the period, `at` those alive on one day: leave one out"
            self.refuse(word.span, "an aggregate has `on` or `at`, not both", help_)

    def _refuse_body(self, function: str, body: Node, opening: Token) -> NoReturn:
        """What an aggregate can't read."""
        if not self.follows(")", ",", "where", "on", "at", "via"):
            self.close(opening, body.span[0], "`by` or a closing parenthesis")
        if self.follows(","):
            self.refuse(body.span, f"{function} reads one column of a table", misses.argument(function))
        self.refuse(body.span, *misses.body(function, body))

    def _refuse_by(self, aggregate: tree.Aggregate) -> NoReturn:
        """The slip `sum(t.f where c by owner)`."""
        word = self.advance()
        dimension = self._dimension()
        inner = replace(aggregate, argument=self._argument("`by` takes one dimension"))
        outer = "avg" if aggregate.function in ("count", "count_distinct") else aggregate.function
        whole = tree.Reducer(outer, inner, dimension, inner.argument)
        message = "`by` reduces the figures of members, and stands outside their aggregate"
        self.refuse(word.span, message, f"write `{misses.piece(whole)}`")

    def _refuse_per_inside(self, aggregate: tree.Aggregate, opening: Token) -> NoReturn:
        """The slip `count(t where c per week)`."""
        word = self.advance()
        unit = self.unit()
        if self.follows("by"):
            self.refuse_per(word, opening.end)
        help_ = f"write `({misses.piece(aggregate)} per {unit})`"
        self.refuse(self.since(word.start), "`per` divides a figure, and stands outside its aggregate", help_)

    def _refuse_clause_behind(self, reducer: tree.Reducer) -> NoReturn:
        """The slip `sum(t.f by owner where c)`."""
        word = self.next
        body = reducer.body
        inner = tree.Aggregate(reducer.function, body) if isinstance(body, tree.Path) else body
        help_ = "move it to the left, into the aggregate that `by` reduces"
        if isinstance(inner, tree.Aggregate):
            with suppress(KpiError):
                help_ = f"write `{misses.piece(replace(reducer, body=self._with_clauses(inner)))}`"
        self.refuse(word.span, f"`{word.text}` stands inside the parentheses of an aggregate", help_)

    def _refuse_clause(self, word: Token) -> NoReturn:
        """A clause behind the parenthesis of its aggregate."""
        aggregate = self._aggregate
        help_ = f"for example `count(opportunities {misses.CLAUSES[word.text]})`"
        if aggregate is not None and aggregate.span[1] == self.last.end:
            help_ = f"move it to the left, into the parentheses of {aggregate.function}"
            with suppress(KpiError):
                help_ = f"write `{misses.piece(self._with_clauses(aggregate))}`"
        self.refuse(word.span, f"`{word.text}` stands inside the parentheses of an aggregate", help_)

    def _with_clauses(self, aggregate: tree.Aggregate) -> tree.Aggregate:
        """The aggregate with the clauses that follow, whose condition is added to its own."""
        more = self._clauses(replace(aggregate, where=None))
        if aggregate.where is None or more.where is None:
            return replace(more, where=more.where or aggregate.where)
        return replace(more, where=tree.Binary("and", aggregate.where, more.where))
