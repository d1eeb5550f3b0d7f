"""The canonical text of trees: what it looks like, and that it parses to the same tree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from tests.formula.trees import trees

from kpicli.errors import Source
from kpicli.formula import tree
from kpicli.formula.parse import parse
from kpicli.formula.tree import Node


def canonical(text: str) -> str:
    return str(parse(Source.named(text)))


@settings(max_examples=400)
@given(trees())
def test_the_text_of_a_tree_parses_to_an_equal_tree(node: Node) -> None:
    assert parse(Source.named(str(node))) == node


@settings(max_examples=100)
@given(trees())
def test_canonical_text_is_the_canonical_text_of_itself(node: Node) -> None:
    assert canonical(str(node)) == str(node)


@pytest.mark.parametrize(
    "text",
    [
        "sum(opportunities.amount where won on close_date)",
        "count(activities via opportunity where type = 'Call' and completed)",
        "sum(opportunities.amount at end)",
        "percentile(opportunities.amount where won on close_date, 90)",
        "percentile(count(activities) by owner, 12.5)",
        "case when a then b else c end",
        "case when a then 1 when b then 2 end",
        "(x per month) / 2",
        "count(activities) per workday",
        "((x per month) per week) + 1",
        "whole(sum(t.f where open on close_date)) / target(won_revenue)",
        "top(source by sum(t.f where won))",
        "trailing(x, 90 days) - prior(x, 1 year)",
        "to_date(x, year)",
        "days() + days",
        "stage in ('a', 'b') or stage not in (null, c.d)",
        "a between 1 and 2 and b not between c + 1 and -d",
        "a like 'A%' or a not ilike '%_''s'",
        "a is null and b is not null",
        "close_date >= date '2026-01-31' and close_date <= today",
        "not a and not (b or c)",
        "not a = b",
        "(not a) = b",
        "a or b and c",
        "(a or b) and c",
        "a or (b or c)",
        "a - (b - c) - d",
        "a / (b * c) * d",
        "-(a + b) * --c",
        "-1",
        "(a = b) = (c < d)",
        "(a in (1, 2)) = true",
        "(a is null) is not null",
        "a in (b + 1, (c or d))",
        "0.3 + 1000 + 0.000001",
    ],
)
def test_a_canonical_text_stays_as_it_is(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SUM( t.f  WHERE Won ON close_date )", "sum(t.f where Won on close_date)"),
        ("count(t on d where a)", "count(t where a on d)"),
        ("Round (x,1)", "round(x, 1)"),
        ("((a + b)) + c", "a + b + c"),
        ("a + (b * c)", "a + b * c"),
        ("(a and b) or c", "a and b or c"),
        ("not (a = b)", "not a = b"),
        ("not (not a)", "not not a"),
        ("(a) is NULL", "a is null"),
        ("(count(t) per MONTH)", "count(t) per month"),
        ("count((t))", "count(t)"),
        ("30%", "0.3"),
        ("100 %", "1"),
        ("1_000.50", "1000.5"),
        (".5", "0.5"),
        ("007", "7"),
        ("0.000000000000001%", "0.00000000000000001"),
        ("trailing(x, 1 DAY)", "trailing(x, 1 day)"),
        ("trailing(x, 1_000 week)", "trailing(x, 1000 weeks)"),
        ("trailing(x, 007 days)", "trailing(x, 7 days)"),
        ("DATE '2026-01-31'", "date '2026-01-31'"),
        ("count(t AT Start)", "count(t at start)"),
        ("\n  a\n  +\tb\n", "a + b"),
    ],
)
def test_another_spelling_has_the_same_canonical_text(text: str, written: str) -> None:
    assert canonical(text) == written


@pytest.mark.parametrize("number", ["1E+3", "1000.00", "1000"])
def test_a_number_is_written_in_plain_digits(number: str) -> None:
    assert str(tree.Number(Decimal(number))) == "1000"


@pytest.mark.parametrize("operator", [" + ", " - ", " * ", " / ", " and ", " or "])
def test_a_chain_of_1900_operators_is_parsed_and_written(operator: str) -> None:
    """Neither needs a level of recursion for each link."""
    short = "+" if operator == " + " else operator.strip()
    links = 1900 if len(short) == 1 else 600
    joint = short if len(short) == 1 else operator
    text = joint.join(["x"] * (links + 1))
    node = parse(Source.named(text))
    assert str(node) == operator.join(["x"] * (links + 1))


def test_a_chain_of_alternating_operators_is_parsed_and_written() -> None:
    assert canonical("x" + "+1-x" * 990) == "x" + " + 1 - x" * 990


def test_only_nodes_of_a_formula_have_a_text() -> None:
    with pytest.raises(TypeError, match=r"^Node is no part of a formula$"):
        str(Node())
