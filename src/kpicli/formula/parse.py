"""A formula's text to its tree, by recursive descent: each method is a rule of the grammar, which its docstring shows.

Errors carry their place in the formula, and help with the nearest text that would be right.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import NoReturn

from kpicli.errors import KpiError, Source
from kpicli.formula import misses, tree
from kpicli.formula.calls import CallRules
from kpicli.formula.tokens import Kind, Token, refuse_unfinished, shortened
from kpicli.formula.tree import Node

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def parse(source: Source) -> Node:
    """The tree of a formula. Raises KpiError, with its place, for what isn't one."""
    return _Rules(source).start()


class _Rules(CallRules):
    """The rules of whole formulas, operators and values."""

    def start(self) -> Node:
        """start = divided ."""
        if self.ended():
            refuse_unfinished(
                self.source,
                (0, len(self.source.text)),
                "the formula is empty",
                "write one, for example `count(opportunities)`",
            )
        if self.follows("="):
            self.refuse(self.next.span, "a formula starts without `=`", "leave it out")
        node = self._divided()
        if self.follows(")"):
            self.refuse(self.next.span, "this parenthesis was never opened", "leave it out, or open it with `(`")
        if not self.ended():
            self.refuse_rest("an operator or the end of the formula", self.tokens[0].start)
        return node

    def _divided(self) -> Node:
        """divided = formula [ "per" unit ] ."""
        start = self.next.start
        body = self.formula()
        word = self.take("per")
        if word is None:
            return body
        unit = self.unit()
        if not self.ended() and not self.follows(")"):
            self.refuse_per(word, start)
        return tree.Per(body, unit, span=self.since(start))

    def formula(self) -> Node:
        """formula = and { "or" and } ."""
        start = self.next.start
        node = self._and()
        while self.take("or"):
            right = self._and()
            node = tree.Binary("or", node, right, span=self.since(start))
        return node

    def _and(self) -> Node:
        """and = not { "and" not } ."""
        start = self.next.start
        node = self._not()
        while self.take("and"):
            right = self._not()
            node = tree.Binary("and", node, right, span=self.since(start))
        return node

    def _not(self) -> Node:
        """not = "not" not | comparison ."""
        if not self.follows("not"):
            return self._comparison()
        word = self.enter()
        item = self._not()
        self.leave()
        return tree.Not(item, span=self.since(word.start))

    # ---- comparisons

    def _comparison(self) -> Node:
        """comparison = sum [ ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) sum | test ] ."""
        start = self.next.start
        item = self._sum()
        operator = self.take(*_COMPARISONS)
        if operator is not None:
            right = self._sum()
            node: Node = tree.Binary(operator.text, item, right, span=self.since(start))
        elif self.follows("is", "not", "in", "between", "like", "ilike"):
            node = self._test(item, start)
        else:
            return item
        self._check_comparison(node)
        return node

    def _test(self, item: Node, start: int) -> Node:
        """test = "is" [ "not" ] "null" | [ "not" ] ( "in" options | "between" ends | ( "like" | "ilike" ) string ) ."""
        if self.take("is"):
            negated = self.take("not") is not None
            if not self.take("null"):
                self.expected("`null` after `is`", misses.not_is(self.next, item, negated=negated))
            return tree.IsNull(item, negated, span=self.since(start))
        negated = self.take("not") is not None
        if self.take("in"):
            options = self._options()
            return tree.In(item, options, negated, span=self.since(start))
        if self.take("between"):
            low, high = self._ends()
            return tree.Between(item, low, high, negated, span=self.since(start))
        word = self.take("like", "ilike")
        if word is None:
            self.expected("`in`, `between`, `like` or `ilike` after `not`", misses.not_null(self.next, item))
        pattern = self._pattern(word)
        return tree.Like(item, pattern, word.text == "ilike", negated, span=self.since(start))

    def _options(self) -> tuple[Node, ...]:
        """options = "(" sum { "," sum } ")" ."""
        if not self.follows("("):
            self.expected("an opening parenthesis after `in`", "list the values: `in ('a', 'b')`")
        opening = self.enter()
        options = [self._sum()]
        while self.take(","):
            options.append(self._sum())
        self.close(opening, options[-1].span[0], "a comma or a closing parenthesis")
        return tuple(options)

    def _ends(self) -> tuple[Node, Node]:
        """ends = sum "and" sum ."""
        low = self._sum()
        if not self.take("and"):
            self.expected("`and` between the ends of `between`", "for example `between 1 and 10`")
        return low, self._sum()

    def _pattern(self, word: Token) -> tree.Text:
        """pattern = string ."""
        if self.next.kind is not Kind.TEXT:
            self.expected(f"a text after `{word.text}`", f"for example `{word.text} 'A%'`")
        token = self.advance()
        return tree.Text(token.string, span=token.span)

    def _check_comparison(self, node: Node) -> None:
        """Refuses a comparison with null, which is never true, and a comparison of a comparison."""
        match node:
            case tree.Binary(op=op, left=tree.Null(), right=item) | tree.Binary(op=op, left=item, right=tree.Null()):
                is_null = misses.piece(tree.IsNull(item, negated=op == "!="))
                self.refuse(node.span, "a comparison with null is never true", f"write `{is_null}`")
            case _:
                if self.follows(*_COMPARISONS, "is", "in", "between", "like", "ilike", "not"):
                    self._refuse_chain(node)

    def _refuse_chain(self, node: Node) -> NoReturn:
        """The slip `a < b < c`."""
        operator = self.next
        help_ = "join two comparisons with `and`, or put one in parentheses"
        if isinstance(node, tree.Binary) and self.take(*_COMPARISONS):
            with suppress(KpiError):
                second = tree.Binary(operator.text, node.right, self._sum())
                help_ = f"write `{misses.piece(tree.Binary('and', node, second))}`"
        self.refuse(operator.span, "comparisons don't chain", help_)

    # ---- arithmetic

    def _sum(self) -> Node:
        """sum = product { ( "+" | "-" ) product } ."""
        start = self.next.start
        node = self._product()
        while operator := self.take("+", "-"):
            right = self._product()
            node = tree.Binary(operator.text, node, right, span=self.since(start))
        return node

    def _product(self) -> Node:
        """product = unary { ( "*" | "/" ) unary } ."""
        start = self.next.start
        node = self._unary()
        while operator := self.take("*", "/"):
            right = self._unary()
            node = tree.Binary(operator.text, node, right, span=self.since(start))
        return node

    def _unary(self) -> Node:
        """unary = { "-" } primary ."""
        if not self.follows("-"):
            return self._primary()
        minus = self.enter()
        item = self._unary()
        self.leave()
        return tree.Negative(item, span=self.since(minus.start))

    # ---- values

    def _primary(self) -> Node:
        """primary = number [ "%" ] | string | date | constant | case | call | path | parenthesis ."""
        token = self.next
        following = self.tokens[self.at + 1] if token.kind is Kind.NAME else token
        match token.kind:
            case Kind.NUMBER:
                self.advance()
                value = token.percent if self.take("%") else token.number
                return tree.Number(value, span=self.since(token.start))
            case Kind.TEXT:
                self.advance()
                return tree.Text(token.string, span=token.span)
            case Kind.NAME if following.kind is Kind.SYMBOL and following.text == "(":
                return self.call()
            case Kind.NAME if token.text.lower() == "date" and following.kind is Kind.TEXT:
                return self._date()
            case Kind.NAME:
                return self.path()
            case Kind.WORD if token.text == "case":
                return self._case()
            case Kind.WORD:
                return self._constant()
            case Kind.SYMBOL if token.text == "(":
                return self._parenthesis()
            case _:
                self.expected("a value", misses.value(self.tokens, self.at))

    def _constant(self) -> Node:
        """constant = "true" | "false" | "null" | "today" ."""
        word = self.next
        if word.text not in ("true", "false", "null", "today"):
            self.expected("a value", misses.value(self.tokens, self.at))
        self.advance()
        if self.follows("("):
            self.refuse(word.span, f"`{word.text}` is no function", f"write `{word.text}` without parentheses")
        match word.text:
            case "null":
                return tree.Null(span=word.span)
            case "today":
                return tree.Today(span=word.span)
            case truth:
                return tree.Boolean(truth == "true", span=word.span)

    def _date(self) -> Node:
        """date = "date" string ."""
        word, text = self.advance(), self.advance()
        try:
            day = date.fromisoformat(text.string)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text.string:
            help_ = "write the year with four digits, month and day with two: `date '2026-01-31'`"
            self.refuse(text.span, f"{shortened(text.text)} is no date", help_)
        return tree.DateLiteral(day, span=self.since(word.start))

    def path(self) -> tree.Path:
        """path = name { "." name } ."""
        start = self.next.start
        names = [self.name("a name")]
        while self.take("."):
            names.append(self.name("a name after the dot"))
        return tree.Path(tuple(names), span=self.since(start))

    def _parenthesis(self) -> Node:
        """parenthesis = "(" divided ")" ."""
        opening = self.enter()
        start = self.next.start
        node = self._divided()
        self.close(opening, start)
        return node

    def _case(self) -> Node:
        """case = "case" { "when" formula "then" formula } [ "else" formula ] "end" ."""
        opening = self.enter()
        if not self.follows("when"):
            self.expected("`when` after `case`", "write `case when condition then value else value end`")
        whens = []
        start = opening.end
        while self.take("when"):
            start = self.next.start
            condition = self.formula()
            if not self.take("then"):
                self.refuse_rest("`then` after the condition of `when`", start)
            start = self.next.start
            whens.append((condition, self.formula()))
        otherwise = None
        if self.take("else"):
            start = self.next.start
            otherwise = self.formula()
        self._end_of_case(opening, start)
        return tree.Case(tuple(whens), otherwise, span=self.since(opening.start))

    def _end_of_case(self, opening: Token, start: int) -> None:
        """Consumes the `end` of a `case`, whose last formula began at `start`."""
        if self.ended():
            self.unclosed(opening, "this `case` has no `end`", "close it with `end`")
        if self.follows("when", "else"):
            self.expected("`end`", "a `case` has one `else`, after every `when`")
        if not self.take("end"):
            self.refuse_rest("`end`", start)
        self.leave()
