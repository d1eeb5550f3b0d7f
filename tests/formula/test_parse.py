"""The parser: the tree of each form, exact spans, and that nothing else than a tree or an error comes of any text."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formula.trees import below, parenthesised, slips, soups, spellings, trees

from kpicli.book.reader import read
from kpicli.errors import KpiError, Place, Source
from kpicli.formula.parse import parse
from kpicli.formula.tree import (
    Aggregate,
    Between,
    Binary,
    Boolean,
    Call,
    Case,
    DateLiteral,
    Duration,
    In,
    IsNull,
    Like,
    Negative,
    Node,
    Not,
    Null,
    Number,
    Path,
    Per,
    Reducer,
    Text,
    Today,
    Top,
)

GOLDEN = FilePath(__file__).parent / "goldens" / "syntax.txt"

A, B, C = Path(("a",)), Path(("b",)), Path(("c",))
ONE, TWO = Number(Decimal(1)), Number(Decimal(2))


def parsed(text: str) -> Node:
    return parse(Source.named(text))


def tree_or_error(text: str) -> Node | KpiError:
    try:
        return parsed(text)
    except KpiError as error:
        return error


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("1_000.5", Number(Decimal("1000.5"))),
        ("30%", Number(Decimal("0.30"))),
        ("5 %", Number(Decimal("0.05"))),
        ("'it''s'", Text("it's")),
        ("''", Text("")),
        ("'a\nb'", Text("a\nb")),
        ("True", Boolean(value=True)),
        ("FALSE", Boolean(value=False)),
        ("null", Null()),
        ("Today", Today()),
        ("date '2026-01-31'", DateLiteral(date(2026, 1, 31))),
        ("date", Path(("date",))),
        ("account.owner.name", Path(("account", "owner", "name"))),
        ("t . f", Path(("t", "f"))),
        ("count", Path(("count",))),
        ("top", Path(("top",))),
        ("F(a)", Call("f", (A,))),
        ("İ(a)", Call("İ", (A,))),
        ("ß(a)", Call("ß", (A,))),
        ("days", Path(("days",))),
        ("start", Path(("start",))),
        ("-1", Negative(ONE)),
        ("--a", Negative(Negative(A))),
        ("a--b", Binary("-", A, Negative(B))),
        ("-a * b", Binary("*", Negative(A), B)),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a / b / c", Binary("/", Binary("/", A, B), C)),
        ("a or b and c", Binary("or", A, Binary("and", B, C))),
        ("a or b or c", Binary("or", Binary("or", A, B), C)),
        ("not a and b", Binary("and", Not(A), B)),
        ("not a = b", Not(Binary("=", A, B))),
        ("not not a", Not(Not(A))),
        ("a = not_b", Binary("=", A, Path(("not_b",)))),
        ("a + 1 >= b * 2", Binary(">=", Binary("+", A, ONE), Binary("*", B, TWO))),
        ("a in (1)", In(A, (ONE,))),
        ("a not in ('x', null)", In(A, (Text("x"), Null()), negated=True)),
        ("not a in (1)", Not(In(A, (ONE,)))),
        ("a between 1 and 2 and b", Binary("and", Between(A, ONE, TWO), B)),
        ("a not between 1 and 2", Between(A, ONE, TWO, negated=True)),
        ("a like 'x%'", Like(A, Text("x%"))),
        ("a not like 'x%'", Like(A, Text("x%"), negated=True)),
        ("a ilike 'x'", Like(A, Text("x"), ignores_case=True)),
        ("a not ilike 'x'", Like(A, Text("x"), ignores_case=True, negated=True)),
        ("a is null", IsNull(A)),
        ("a is not null", IsNull(A, negated=True)),
        ("case when a then 1 end", Case(((A, ONE),))),
        ("case when a then 1 when b then 2 else c end", Case(((A, ONE), (B, TWO)), C)),
        ("count(t)", Aggregate("count", Path(("t",)))),
        ("COUNT (t)", Aggregate("count", Path(("t",)))),
        ("count((t))", Aggregate("count", Path(("t",)))),
        ("sum(t.f where a on d)", Aggregate("sum", Path(("t", "f")), where=A, on="d")),
        ("sum(t.f on d where a)", Aggregate("sum", Path(("t", "f")), where=A, on="d")),
        ("count(t at START where a)", Aggregate("count", Path(("t",)), where=A, at="start")),
        ("count(t via b at end)", Aggregate("count", Path(("t",)), via="b", at="end")),
        ("percentile(t.f, 90)", Aggregate("percentile", Path(("t", "f")), argument=Decimal(90))),
        ("percentile(t.f where a, 90)", Aggregate("percentile", Path(("t", "f")), where=A, argument=Decimal(90))),
        ("count_distinct(t.f)", Aggregate("count_distinct", Path(("t", "f")))),
        ("avg(a by owner)", Reducer("avg", A, "owner")),
        ("percentile(a + b by owner, 90)", Reducer("percentile", Binary("+", A, B), "owner", Decimal(90))),
        ("max((a per week) by owner)", Reducer("max", Per(A, "week"), "owner")),
        ("sum(count(t) by owner)", Reducer("sum", Aggregate("count", Path(("t",))), "owner")),
        ("top(owner by a)", Top("owner", A)),
        ("Top(owner by a + b)", Top("owner", Binary("+", A, B))),
        ("days()", Call("days", ())),
        ("Nothing_Known(a, 'x')", Call("nothing_known", (A, Text("x")))),
        ("target(k)", Call("target", (Path(("k",)),))),
        ("to_date(a, year)", Call("to_date", (A, Path(("year",))))),
        ("trailing(a, 90 days)", Call("trailing", (A, Duration(90, "day")))),
        ("prior(a, 1 YEAR)", Call("prior", (A, Duration(1, "year")))),
        ("trailing(a, 6 week)", Call("trailing", (A, Duration(6, "week")))),
        ("round(a, 1)", Call("round", (A, ONE))),
        ("date('x')", Call("date", (Text("x"),))),
        ("if(a, b, c)", Call("if", (A, B, C))),
        ("a per workday", Per(A, "workday")),
        ("a + b PER Month", Per(Binary("+", A, B), "month")),
        ("(a per month)", Per(A, "month")),
        ("(a per month) / 2", Binary("/", Per(A, "month"), TWO)),
        ("(a per month) per week", Per(Per(A, "month"), "week")),
    ],
)
def test_a_formula_has_its_tree(text: str, node: Node) -> None:
    assert parsed(text) == node


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("  a + b * c ", Binary("*", B, C), "b * c"),
        ("  a + b * c ", Binary("+", A, Binary("*", B, C)), "a + b * c"),
        ("(a + b) * c", Binary("+", A, B), "a + b"),
        ("c * (a + b)", Binary("*", C, Binary("+", A, B)), "c * (a + b)"),
        ("((a)) is not null", IsNull(A, negated=True), "((a)) is not null"),
        ("not (a)", Not(A), "not (a)"),
        ("1 - 30 %", Number(Decimal("0.3")), "30 %"),
        ("a > DATE  '2026-01-31'", DateLiteral(date(2026, 1, 31)), "DATE  '2026-01-31'"),
        ("f(a, 90  days )", Duration(90, "day"), "90  days"),
        ("1 + count( t . f where a )", Aggregate("count", Path(("t", "f")), where=A), "count( t . f where a )"),
        ("1 + count( t . f where a )", Path(("t", "f")), "t . f"),
        ("1 + (a per month)", Per(A, "month"), "a per month"),
        ("a like 'x'", Text("x"), "'x'"),
    ],
)
def test_a_part_knows_its_stretch_of_the_text(text: str, part: Node, expected: str) -> None:
    spans = [node.span for node in below(parsed(text)) if node == part]
    assert [text[start:end] for start, end in spans] == [expected]


@settings(max_examples=150)
@given(st.data())
def test_the_stretch_of_every_part_parses_to_the_part(data: st.DataObject) -> None:
    text = data.draw(spellings(str(data.draw(trees()))))
    for part in below(parsed(text)):
        stretch = text[slice(*part.span)]
        if isinstance(part, Duration):
            assert parsed(f"f({stretch})") == Call("f", (part,))
        else:
            assert parsed(stretch) == part


@settings(max_examples=150)
@given(st.data())
def test_white_space_and_the_case_of_words_mean_nothing(data: st.DataObject) -> None:
    node = data.draw(trees())
    assert parsed(data.draw(spellings(str(node)))) == node


@settings(max_examples=150)
@given(st.data())
def test_needless_parentheses_mean_nothing(data: st.DataObject) -> None:
    node = data.draw(trees())
    assert parsed(data.draw(parenthesised(str(node)))) == node


@settings(max_examples=400)
@given(st.text(max_size=30) | soups() | slips())
def test_any_text_gives_a_tree_or_an_error_with_place_and_fix(text: str) -> None:
    found = tree_or_error(text)
    if isinstance(found, KpiError):
        assert (found.place is not None, bool(found.help)) == (True, True)
    else:
        assert parsed(str(found)) == found


# ---- limits


def test_a_chain_may_fill_the_whole_formula() -> None:
    """Its operators add no levels."""
    node = parsed("a" + "+a" * 1_999)
    links = 0
    while isinstance(node, Binary):
        node, links = node.left, links + 1
    assert links == 1_999


DEEP = [
    ("(", "a", ")"),
    ("not ", "a", ""),
    ("-", "a", ""),
    ("f(", "a", ")"),
    ("top(x by ", "a", ")"),
    ("avg(", "a", " by x)"),
    ("count(t where ", "a", ")"),
    ("case when ", "a", " then a end"),
    ("case when a then a else ", "a", " end"),
    ("a in (-", "a", ")"),
    ("a or a and a = a + a * (", "a", ")"),
]


@pytest.mark.parametrize(("opening", "middle", "closing"), DEEP)
def test_sixty_levels_are_parsed_and_written(opening: str, middle: str, closing: str) -> None:
    levels = 1 if opening.startswith("a in") else 60
    node = parsed(opening * levels + middle + closing * levels)
    assert str(parsed(str(node))) == str(node)


@pytest.mark.parametrize(("opening", "middle", "closing"), DEEP)
def test_more_levels_are_refused(opening: str, middle: str, closing: str) -> None:
    nested = "(" * 60 if opening.startswith("a in") else opening * 60
    ended = ")" * 60 if opening.startswith("a in") else closing * 60
    with pytest.raises(KpiError) as caught:
        parsed(nested + opening + middle + closing + ended)
    assert caught.value.code == "too-deep"
    assert caught.value.message == "more than 60 parentheses, calls, `case`, `not` and `-` stand within each other"
    assert caught.value.help == "give its parts names: fields of the tables, or KPIs of their own"


def test_levels_beside_each_other_dont_add_up() -> None:
    assert isinstance(parsed(" + ".join(["-f((a))"] * 300)), Binary)


def test_the_first_token_too_deep_is_the_place() -> None:
    with pytest.raises(KpiError) as caught:
        parsed("(" * 61 + "a" + ")" * 61)
    assert caught.value.place == Place("<formula>", 1, 61, "(" * 61 + "a" + ")" * 61)


def test_the_deepest_formula_leaves_a_caller_room_on_the_stack() -> None:
    """Python stops at 1,000 calls; the parser needs less than 800 of them."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 800)
    try:
        node = parsed("count(t where " * 60 + "a" + ")" * 60)
    finally:
        sys.setrecursionlimit(before)
    assert isinstance(node, Aggregate)


# ---- errors


def mistakes() -> list[tuple[str, str]]:
    """Each formula of the golden file with its message."""
    cases = GOLDEN.read_text(encoding="utf-8").split("### ")[1:]
    return [(formula, message.strip("\n")) for formula, _, message in (case.partition("\n") for case in cases)]


def message(text: str) -> str:
    """What is printed about a formula, which for a right one is its canonical text."""
    return str(tree_or_error(text))


@pytest.mark.parametrize(("formula", "expected"), mistakes(), ids=[formula for formula, _ in mistakes()])
def test_every_mistake_has_its_message_with_place_and_fix(formula: str, expected: str) -> None:
    """`python -m tests.formula.test_parse` writes the messages anew; read the difference before it is committed."""
    assert message(formula) == expected


def test_every_mistake_says_what_to_do() -> None:
    assert [formula for formula, expected in mistakes() if "\nhelp: " not in expected] == []


def test_a_mistake_on_a_later_line_is_drawn_there() -> None:
    assert message("count(t\n  where a b)\n") == (
        "error[syntax]: expected a closing parenthesis, found `b`\n"
        "  <formula>:2:11\n"
        "  2 |   where a b)\n"
        "    |           ^\n"
        "help: between two values stands an operator or a comma"
    )


def test_the_end_of_a_formula_is_behind_its_last_token() -> None:
    """Not behind the line break that a block of YAML ends with."""
    assert message("a +\n\n").splitlines()[1:4] == ["  <formula>:1:4", "  1 | a +", "    |    ^"]


def test_a_source_without_places_gives_an_error_without_one() -> None:
    with pytest.raises(KpiError) as caught:
        parse(Source("a +"))
    assert str(caught.value).splitlines()[0] == "error[syntax]: expected a value, found the end of the formula"
    assert caught.value.place is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "count(t where stage = 'A #1')",
            (
                "error[syntax]: this text has no closing quote\n"
                "  kpis.yaml:1:32\n"
                "  1 | formula: count(t where stage = 'A #1')\n"
                "    |                                ^\n"
                "help: close it with `'`; a quote inside a text is written twice: `'Bob''s'`; "
                "YAML ends a value at ` #`: if what follows belongs to it, put the whole formula in double quotes"
            ),
        ),
        (
            "count(t where a #1)",
            (
                "error[syntax]: this parenthesis is never closed\n"
                "  kpis.yaml:1:15\n"
                "  1 | formula: count(t where a #1)\n"
                "    |               ^\n"
                "help: close it with `)`; YAML ends a value at ` #`: "
                "if what follows belongs to it, put the whole formula in double quotes"
            ),
        ),
        (
            "a +   # and so on",
            (
                "error[syntax]: expected a value, found the end of the formula\n"
                "  kpis.yaml:1:13\n"
                "  1 | formula: a +   # and so on\n"
                "    |             ^\n"
                "help: a value is a number, a text in single quotes, a name, a function or a formula in parentheses; "
                "YAML ends a value at ` #`: if what follows belongs to it, put the whole formula in double quotes"
            ),
        ),
        (
            "a b   # and so on",
            (
                "error[syntax]: expected an operator or the end of the formula, found `b`\n"
                "  kpis.yaml:1:12\n"
                "  1 | formula: a b   # and so on\n"
                "    |            ^\n"
                "help: between two values stands an operator or a comma"
            ),
        ),
        (
            '"count(t"   # a comment',
            (
                "error[syntax]: this parenthesis is never closed\n"
                "  kpis.yaml:1:16\n"
                '  1 | formula: "count(t"   # a comment\n'
                "    |                ^\n"
                "help: close it with `)`"
            ),
        ),
    ],
)
def test_a_formula_that_yaml_may_have_cut_says_so(
    value: str, expected: str, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    FilePath("kpis.yaml").write_text(f"formula: {value}\n", encoding="utf-8")
    _, places = read("kpis.yaml")
    with pytest.raises(KpiError) as caught:
        parse(places.source(("formula",)))
    assert str(caught.value) == expected


if __name__ == "__main__":
    GOLDEN.write_text(
        "\n".join(f"### {formula}\n{message(formula)}\n" for formula, _ in mistakes()), encoding="utf-8", newline="\n"
    )
