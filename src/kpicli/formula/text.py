"""The canonical text of a tree: one space, words in lower case, no needless parentheses.

It is written with a stack of its own, so that a chain of thousands of operators needs no recursion.
"""

from __future__ import annotations

from typing import TypeAlias

from kpicli.formula import tree
from kpicli.formula.tokens import plain
from kpicli.formula.tree import Node

_PER, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _PRIMARY = range(9)
"""How tightly each rule of the grammar binds, from the loosest on."""

_FORMULA = _OR
"""What stands where the grammar says `formula`; a `per` there needs parentheses."""

_OPERATORS = {
    "or": _OR,
    "and": _AND,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
}

_Operand: TypeAlias = tuple[Node, int]
"""A node and how tightly it has to bind to stand without parentheses."""

_Piece: TypeAlias = str | _Operand


def write(node: Node) -> str:
    """The canonical text of a tree that `parse` can make."""
    written: list[str] = []
    pending: list[_Piece] = [(node, _PER)]
    while pending:
        piece = pending.pop()
        if isinstance(piece, str):
            written.append(piece)
            continue
        inner, least = piece
        pieces = _pieces(inner)
        if _binding(inner) < least:
            pieces = ["(", *pieces, ")"]
        pending.extend(reversed(pieces))
    return "".join(written)


def _binding(node: Node) -> int:
    match node:
        case tree.Per():
            return _PER
        case tree.Binary(op=op):
            return _OPERATORS.get(op, _COMPARISON)
        case tree.Not():
            return _NOT
        case tree.In() | tree.Between() | tree.Like() | tree.IsNull():
            return _COMPARISON
        case tree.Negative():
            return _UNARY
        case _:
            return _PRIMARY


def _pieces(node: Node) -> list[_Piece]:
    """What the text of a node is put together from."""
    match node:
        case tree.Binary(op=op, left=left, right=right):
            own = _binding(node)
            return [(left, _SUM if own == _COMPARISON else own), f" {op} ", (right, own + 1)]
        case tree.Per(body=body, unit=unit):
            return [(body, _FORMULA), f" per {unit}"]
        case tree.Not(item=item):
            return ["not ", (item, _NOT)]
        case tree.Negative(item=item):
            return ["-", (item, _UNARY)]
        case tree.In() | tree.Between() | tree.Like() | tree.IsNull():
            return _comparison(node)
        case tree.Case() | tree.Aggregate() | tree.Reducer() | tree.Top() | tree.Call():
            return _closed(node)
        case _:
            return [_atom(node)]


def _comparison(node: tree.In | tree.Between | tree.Like | tree.IsNull) -> list[_Piece]:
    negation = "not " if node.negated else ""
    item: _Operand = (node.item, _SUM)
    match node:
        case tree.In(options=options):
            return [item, f" {negation}in (", *_listed([(option, _SUM) for option in options]), ")"]
        case tree.Between(low=low, high=high):
            return [item, f" {negation}between ", (low, _SUM), " and ", (high, _SUM)]
        case tree.Like(pattern=pattern, ignores_case=ignores_case):
            return [item, f" {negation}{'ilike' if ignores_case else 'like'} ", (pattern, _PRIMARY)]
        case _:
            return [item, f" is {negation}null"]


def _closed(node: tree.Case | tree.Aggregate | tree.Reducer | tree.Top | tree.Call) -> list[_Piece]:
    """Nodes with an end of their own, inside which whole formulas stand."""
    match node:
        case tree.Case(whens=whens, otherwise=otherwise):
            pieces: list[_Piece] = ["case"]
            for condition, value in whens:
                pieces += [" when ", (condition, _FORMULA), " then ", (value, _FORMULA)]
            if otherwise is not None:
                pieces += [" else ", (otherwise, _FORMULA)]
            return [*pieces, " end"]
        case tree.Aggregate():
            return _aggregate(node)
        case tree.Reducer(function=function, body=body, dimension=dimension):
            return [f"{function}(", (body, _FORMULA), f" by {dimension}{_argument(node)})"]
        case tree.Top(dimension=dimension, body=body):
            return [f"top({dimension} by ", (body, _FORMULA), ")"]
        case _:
            arguments = _listed([(argument, _FORMULA) for argument in node.arguments])
            return [f"{node.function}(", *arguments, ")"]


def _aggregate(node: tree.Aggregate) -> list[_Piece]:
    pieces: list[_Piece] = [f"{node.function}(", (node.path, _PRIMARY)]
    if node.via is not None:
        pieces.append(f" via {node.via}")
    if node.where is not None:
        pieces += [" where ", (node.where, _FORMULA)]
    if node.on is not None:
        pieces.append(f" on {node.on}")
    if node.at is not None:
        pieces.append(f" at {node.at}")
    return [*pieces, f"{_argument(node)})"]


def _argument(node: tree.Aggregate | tree.Reducer) -> str:
    return "" if node.argument is None else f", {plain(node.argument)}"


def _listed(operands: list[_Operand]) -> list[_Piece]:
    pieces: list[_Piece] = []
    for operand in operands:
        pieces += [", ", operand] if pieces else [operand]
    return pieces


def _atom(node: Node) -> str:
    match node:
        case tree.Number(value=number):
            return plain(number)
        case tree.Text(value=text):
            return "'" + text.replace("'", "''") + "'"
        case tree.Boolean(value=truth):
            return "true" if truth else "false"
        case tree.Null():
            return "null"
        case tree.DateLiteral(value=day):
            return f"date '{day.isoformat()}'"
        case tree.Today():
            return "today"
        case tree.Path(names=names):
            return ".".join(names)
        case tree.Duration(count=count, unit=unit):
            return f"{count} {unit}{'' if count == 1 else 's'}"
        case _:
            raise TypeError(f"{type(node).__name__} is no part of a formula")
