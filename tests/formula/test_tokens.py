"""Tokens: what a formula is cut into, and the exact value of its numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formula.trees import numbers

from kpicli.errors import KpiError, Source
from kpicli.formula import functions
from kpicli.formula.tokens import AGGREGATES, REDUCERS, RESERVED, SPANS, UNITS, Kind, plain, shortened, tokenize
from kpicli.periods import Grain, PerUnit


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text) for token in tokenize(Source.named(text))]


def test_a_formula_is_cut_into_words_names_numbers_texts_and_symbols() -> None:
    assert kinds("SUM(t.f WHERE a>=1_0.5%and b='x''y')") == [
        ("name", "SUM"),
        ("symbol", "("),
        ("name", "t"),
        ("symbol", "."),
        ("name", "f"),
        ("word", "where"),
        ("name", "a"),
        ("symbol", ">="),
        ("number", "1_0.5"),
        ("symbol", "%"),
        ("word", "and"),
        ("name", "b"),
        ("symbol", "="),
        ("text", "'x''y'"),
        ("symbol", ")"),
        ("end", ""),
    ]


def test_offsets_count_from_the_start_and_the_end_stands_behind_the_last_token() -> None:
    tokens = tokenize(Source.named("\n a  + 'b'\n\n"))
    assert [token.span for token in tokens] == [(2, 3), (5, 6), (7, 10), (10, 10)]


def test_an_empty_formula_is_its_end() -> None:
    assert kinds(" \n") == [("end", "")]


@pytest.mark.parametrize("name", ["a", "Ä1", "été_2", "x__", "Ендо", "名前", "ends", "is_null", "notes"])
def test_a_name_is_a_letter_then_letters_digits_and_underscores(name: str) -> None:
    assert kinds(name) == [("name", name), ("end", "")]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_one_in_any_case(word: str) -> None:
    assert kinds(f"{word} {word.upper()}") == [("word", word), ("word", word), ("end", "")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1_000", "1000"),
        ("1_0_0.2_5", "100.25"),
        (".5", "0.5"),
        ("0.50", "0.5"),
        ("000", "0"),
        ("999999999999999.999999999999999", "999999999999999.999999999999999"),
    ],
)
def test_a_number_has_its_exact_value_in_one_form(text: str, value: str) -> None:
    number = tokenize(Source.named(text))[0].number
    assert number.as_tuple() == Decimal(value).as_tuple()


@given(numbers())
def test_the_digits_of_a_number_are_read_as_its_value(number: Decimal) -> None:
    assert tokenize(Source.named(plain(number)))[0].number == number


@pytest.mark.parametrize(
    ("text", "percent"),
    [("30", "0.3"), ("100", "1"), ("123456789012345.123456789012345", "1234567890123.45123456789012345")],
)
def test_a_percentage_is_exactly_a_hundredth(text: str, percent: str) -> None:
    """Also where a division in 28 digits would round."""
    assert tokenize(Source.named(text))[0].percent.as_tuple() == Decimal(percent).as_tuple()


@given(st.text())
def test_a_text_holds_any_characters_and_its_quotes_twice(value: str) -> None:
    text, end = tokenize(Source.named("'" + value.replace("'", "''") + "'"))
    assert (text.kind, text.string, end.kind) == (Kind.TEXT, value, Kind.END)


def test_a_message_shows_at_most_sixty_characters_of_a_token() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"


def test_a_formula_may_have_four_thousand_characters() -> None:
    assert len(tokenize(Source.named("x" * 4_000))) == 2


def test_a_longer_formula_is_refused_before_anything_else() -> None:
    with pytest.raises(KpiError) as caught:
        tokenize(Source.named("?" * 4_001))
    assert str(caught.value) == (
        "error[too-long]: a formula has at most 4,000 characters, and this one has 4,001\n"
        "  <formula>:1:1\n"
        f"  1 | {'?' * 79}…\n"
        f"    | {'^' * 80}\n"
        "help: give its parts names: fields of the tables, or KPIs of their own"
    )


def test_the_language_has_the_aggregates_that_are_defined() -> None:
    assert set(functions.AGGREGATES) == AGGREGATES
    assert set(functions.REDUCERS) == REDUCERS


def test_units_of_the_language_are_the_units_of_periods() -> None:
    assert [grain.value for grain in Grain] == list(SPANS)
    assert [unit.value for unit in PerUnit] == list(UNITS)
