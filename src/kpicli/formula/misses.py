"""Near misses: for a token that can't stand where it does, what its author probably wants to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kpicli.errors import did_you_mean
from kpicli.formula import tree
from kpicli.formula.tokens import AGGREGATES, NAME_HELP, SPANS, UNITS, Kind, Token, shortened
from kpicli.formula.tree import Node

CLAUSES = {"where": "where won", "on": "on close_date", "at": "at end", "via": "via account"}
"""An example of each clause of an aggregate."""

_CASE = "`case when condition then value else value end`"

_EMPTY = frozenset(("blank", "empty", "missing", "nan", "nil", "none", "nothing", "na", "unknown"))
"""What people write for null."""

_OTHER_SPANS = frozenset(("hour", "minute", "second", "workday", "fortnight"))

_BETWEEN = "between two values stands an operator or a comma"

_PARENTHESES = "put the part to which it belongs in parentheses"

_INFIX = frozenset(("and", "or", "is", "in", "between", "like", "ilike", "per", "by"))
"""Words that stand behind a value."""

_SEVERAL = {
    "max": "for the largest of several values write `greatest(a, b)`",
    "min": "for the smallest of several values write `least(a, b)`",
    "sum": "to add several values write `a + b`",
    "avg": "for the mean of two values write `(a + b) / 2`",
    "percentile": "write a number from 0 to 100, for example `percentile(opportunities.amount, 90)`",
    "count": "a condition follows `where`: `count(opportunities where won)`",
}


_ELSEWHERE = {
    "write `avg(opportunities.amount where won)`": "average averageif averageifs mean",
    "write `count(opportunities where won)`": "countif countifs counta countrows",
    "write `sum(opportunities.amount where won)`": "sumif sumifs sumx",
    "write `count_distinct(opportunities.owner)`": "distinct distinctcount countunique unique",
    "write `x is null`": "isblank isnull isempty isnullvalue",
    "write `coalesce(x, 0)`": "blankvalue nullvalue ifnull nvl iferror ifna",
    "write `stage = 'Closed Won'`": "ispickval",
    "write `stage in ('Closed Won', 'Closed Lost')`": "includes",
    "write `case when condition then value else value end`": "switch ifs decode",
    "write `days_between(a, b)`, or `b - a`": "datediff datedif days360 timestampdiff",
    "write `close_date + 30`": "dateadd date_add adddays edate addmonths",
    "write `end_of(d, month)`": "eomonth last_day",
    "write `start_of(d, month)`": "date_trunc datetrunc trunc",
    "write `today`": "now getdate sysdate current_date",
    "write `date '2026-01-31'`": "date datevalue",
    "write `to_date(x, year)`, or month, or quarter": "ytd qtd mtd totalytd",
    "write `growth(x, 1 year)`": "yoy",
    "write `trailing(x, 90 days)`": "rolling moving_average",
    "write `prior(x)`": "previous lag prevgroupval",
    "write `share(x)`": "parentgroupval percent_of_total",
}
"""Functions that other programs have, by what stands for them here: the nearest name could mean something else."""


def elsewhere(function: str) -> str | None:
    """For a function that other programs have and this language hasn't."""
    return next((help_ for help_, names in _ELSEWHERE.items() if function in names.split()), None)


def piece(node: Node) -> str:
    """A part of a formula, as a message shows it."""
    return shortened(str(node), 200)


def is_span_unit(token: Token) -> bool:
    """Whether the token can end a span of time such as `90 days`."""
    return token.kind is Kind.NAME and token.text.lower().removesuffix("s") in SPANS


def argument(function: str) -> str:
    """For something else than a number behind the comma of an aggregate."""
    return _SEVERAL.get(function, "an aggregate reads one column of one table")


def unit(token: Token) -> str:
    """For a word that is no unit of time."""
    return did_you_mean(token.text, UNITS) or f"write one of {', '.join(UNITS)}"


def name(tokens: Sequence[Token], at: int) -> str:
    """For a token where a name is expected."""
    match tokens[at].kind:
        case Kind.WORD:
            return _word(tokens, at)
        case Kind.TEXT:
            return "names stand without quotes"
        case _:
            return NAME_HELP


def value(tokens: Sequence[Token], at: int) -> str:
    """For a token where a value is expected."""
    token, before = tokens[at], tokens[at - 1].text if at else ""
    if token.kind is Kind.WORD:
        return _word(tokens, at)
    match before:
        case "where" | "when":
            return f"a condition follows `{before}`, for example `{before} won`"
        case "," if token.text == ")":
            return "leave out the comma before it"
        case _:
            return "a value is a number, a text in single quotes, a name, a function or a formula in parentheses"


def _word(tokens: Sequence[Token], at: int) -> str:
    """For a word of the language where a value or a name is expected."""
    token, following = tokens[at], tokens[at + 1]
    before = tokens[at - 1].text if at else ""
    match token.text:
        case "and" | "or" if following.text == "(":
            return f"it stands between two conditions: `a {token.text} b`"
        case "when" if before == "else":
            return "leave out `else` before `when`"
        case "not":
            return "put it in parentheses, with what it turns around: `(not a)`"
        case "where" | "on" | "at" | "via" if before == "(":
            return f"name the table first: `count(opportunities {CLAUSES[token.text]})`"
        case "when" | "then" | "else":
            return f"it belongs to {_CASE}"
        case text if text in _INFIX and before != ".":
            return f"a value is missing before `{text}`"
        case text:
            return f"`{text}` is a word of the formula language, and can't be a name"


def misplaced(tokens: Sequence[Token], at: int) -> str:
    """For a token behind a formula that is whole without it."""
    token, before = tokens[at], tokens[at - 1]
    match token.kind:
        case Kind.SYMBOL:
            return _symbol(token, before)
        case Kind.WORD:
            return _behind(token)
        case _ if before.text == "%":
            return "`%` makes a percentage of the number before it; there is no modulo"
        case Kind.NAME if before.kind is Kind.NUMBER and is_span_unit(token):
            return (
                "to a date add a plain number: `close_date + 30`; a span is an argument alone: `trailing(x, 30 days)`"
            )
        case Kind.NAME if before.kind is Kind.NUMBER and token.text.lower().removesuffix("s") in _OTHER_SPANS:
            return "a span of time is in days, weeks, months, quarters or years"
        case Kind.NUMBER if before.text.lower() == "date":
            return "a date is written `date '2026-01-31'`"
        case Kind.NAME if token.text.lower() == "distinct" and before.text.lower() == "count":
            return "how many different values a column has is `count_distinct(opportunities.owner)`"
        case Kind.NAME if before.text.lower() == "distinct":
            return f"write `count_distinct({_dotted(tokens, at)})`"
        case Kind.NAME if before.text.lower() in AGGREGATES:
            return f"write `{before.text}({_dotted(tokens, at)})`"
        case Kind.NAME if before.kind is Kind.NAME and tokens[at - 2].text in {"=", "!="}:
            return f"a text is written in quotes: `'{before.text} {token.text}'`"
        case _:
            return _BETWEEN


def _dotted(tokens: Sequence[Token], at: int) -> str:
    """The path that begins at a token."""
    names = [tokens[at].text]
    while tokens[at + 1].text == "." and tokens[at + 2].kind is Kind.NAME:
        at += 2
        names.append(tokens[at].text)
    return shortened(".".join(names))


def _symbol(token: Token, before: Token) -> str:
    match token.text:
        case "%":
            return "`%` makes a percentage of a number: `30%`; there is no modulo"
        case "(" if before.kind is Kind.NAME:
            return "a function is one name, without dots"
        case "(":
            return _BETWEEN
        case ",":
            return "commas separate the arguments of a function and the values of `in`"
        case ".":
            return "a dot stands between two names"
        case _:
            return _PARENTHESES


def _behind(token: Token) -> str:
    match token.text:
        case "by":
            return "it stands in `avg(x by owner)` and `top(owner by x)`; for every member's figure report `--by owner`"
        case "when" | "then" | "else" | "end":
            return f"it belongs to {_CASE}"
        case "null":
            return "write `is null`"
        case "true" | "false" | "today" | "case":
            return _BETWEEN
        case _:
            return _PARENTHESES


def not_null(token: Token, item: Node) -> str:
    """For what follows `x not`."""
    match token.kind:
        case Kind.WORD if token.text == "null":
            return f"write `{piece(tree.IsNull(item, negated=True))}`"
        case Kind.SYMBOL if token.text == "=":
            return "write `!=`"
        case _:
            return f"for example `{piece(item)} not in ('a', 'b')`"


def not_is(token: Token, item: Node, *, negated: bool) -> str:
    """For what follows `x is` or `x is not`."""
    shown = piece(item)
    match token.kind:
        case Kind.NAME if token.text.lower() in _EMPTY:
            return f"write `{piece(tree.IsNull(item, negated))}`"
        case Kind.WORD if token.text in ("true", "false"):
            true = (token.text == "true") is not negated
            return f"a condition stands alone: write `{shown if true else piece(tree.Not(item))}`"
        case Kind.WORD | Kind.SYMBOL:
            return "`is` goes with `null` only: leave it out"
        case Kind.END:
            return f"write `{piece(tree.IsNull(item, negated))}`"
        case _:
            return f"write `{shown} {'!=' if negated else '='} {shortened(token.text)}`"


def body(function: str, node: Node) -> tuple[str, str]:
    """Message and help for an aggregate over something that is no column."""
    example = f"for example `{function}(opportunities.amount)`"
    parts = list(_parts(node))
    if any(isinstance(part, tree.Aggregate | tree.Reducer) for part in parts):
        outer = "avg" if function == "count_distinct" else function
        help_ = f"to reduce over the members of a dimension write `{outer}({piece(node)} by owner)`"
        return "an aggregate inside an aggregate", help_
    table = next((part.names[0] for part in parts if isinstance(part, tree.Path) and len(part.names) > 1), None)
    message = f"{function} reads one column, and this is an expression"
    if table is None:
        return message, f"name a column of a table, {example}"
    inside = shortened(re.sub(rf"\b{table}\.", "", str(node)))
    named = f"declare `value: {inside}` there, and write `{function}({table}.value)`"
    return message, f"expressions over a row belong in `fields`: {named}"


def _parts(node: Node) -> Iterator[Node]:
    """The node and all that it is made of, in the order of the text."""
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        pending.extend(reversed(_inside(part)))


def _inside(node: Node) -> list[Node]:
    match node:
        case tree.Binary(left=left, right=right):
            return [left, right]
        case tree.Not(item=item) | tree.Negative(item=item) | tree.Like(item=item) | tree.IsNull(item=item):
            return [item]
        case tree.In(item=item, options=options):
            return [item, *options]
        case tree.Between(item=item, low=low, high=high):
            return [item, low, high]
        case tree.Case(whens=whens, otherwise=otherwise):
            values = [part for when in whens for part in when]
            return values if otherwise is None else [*values, otherwise]
        case tree.Call(arguments=arguments):
            return list(arguments)
        case _:
            return []
