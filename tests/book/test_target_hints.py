"""What an error says to write where a target is written as people write it."""

from __future__ import annotations

import pytest

from kpicli.book.target_hints import respelled

MEANT = {
    "12/month": "12 per month",
    "12 a month": "12 per month",
    "12 monthly": "12 per month",
    "12 month": "12 per month",
    "12 per months": "12 per month",
    "1,200/wk": "1_200 per week",
    "12 k/q": "12_000 per quarter",
    "$250k per month": "$250_000 per month",
    "$2.2M": "$2_200_000",
    "$2.2m": "$2_200_000",
    "3M per year": "3_000_000 per year",
    "$3 million a year": "$3_000_000 per year",
    "-$1.5bn": "-$1_500_000_000",
    "$1,500.50 per mo": "$1_500.5 per month",
    "2200000 USD": "2_200_000",
    "USD 2,200,000": "2_200_000",
    "2.200.000": "2_200_000",
    "33 percent": "33%",
    "5,000 $": "$5_000",
    "5000kr/week": "kr 5_000 per week",
    "kr. 5K": "kr.5_000",
}
"""Every one of them in a book in US dollars."""


@pytest.mark.parametrize("text", MEANT)
def test_target_as_people_write_it_has_the_one_that_is_read(text: str) -> None:
    assert respelled(text, "USD") == MEANT[text]


@pytest.mark.parametrize("text", ["12m", "12 per person", "50 calls a week", "5 EUR", "12/won", "1.2 * won", "twelve"])
def test_what_may_mean_something_else_has_none(text: str) -> None:
    assert respelled(text, "USD") is None
