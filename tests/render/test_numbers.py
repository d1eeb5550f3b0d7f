"""The one number formatter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpicli.render.numbers import NumberStyle, Real, digits, exactly, rounded, write_count, write_share

decimals_ = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=6)
floats_ = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("unit", "decimals", "number", "written"),
    [
        ("number", None, 0, "0"),
        ("number", None, 1204, "1,204"),
        ("number", None, -1234567, "-1,234,567"),
        ("number", None, Decimal("1204.000000"), "1,204"),
        ("number", None, 3.0, "3"),
        ("number", None, 3.4166666, "3.42"),
        ("number", None, 0.045, "0.0450"),
        ("number", None, 1e-9, "0.0000"),
        ("number", 0, 0.5, "1"),
        ("number", 0, -0.5, "-1"),
        ("number", 0, -0.4, "0"),
        ("number", 2, 1.005, "1.01"),
        ("number", 2, Decimal("2.675"), "2.68"),
        ("number", 2, -0.001, "0.00"),
        ("number", 3, 2, "2.000"),
        ("number", None, -0.0, "0"),
        ("percent", None, 0.3125, "31.3%"),
        ("percent", None, Decimal("0.30"), "30.0%"),
        ("percent", 0, 0.005, "1%"),
        ("percent", None, -1, "-100.0%"),
        ("days", None, 51.78, "51.8 days"),
        ("days", None, 1, "1 day"),
        ("days", None, -1, "-1 day"),
        ("days", None, 0, "0 days"),
        ("days", 2, 51.78, "51.78 days"),
    ],
)
def test_a_unit_says_how_a_number_is_shown(unit: str, decimals: int | None, number: Real, written: str) -> None:
    """Half is rounded away from zero, and what rounds to zero has no sign."""
    assert NumberStyle(unit, decimals).write(number) == written


@pytest.mark.parametrize(
    ("currency", "number", "written"),
    [
        ("USD", 1234, "$1,234"),
        ("USD", Decimal("-1234.5"), "-$1,234.50"),
        ("USD", Decimal("0.005"), "$0.01"),
        ("EUR", Decimal("2900.00"), "€2,900"),
        ("GBP", 0.1, "£0.10"),
        ("JPY", 1234.5, "¥1,235"),
        ("CLP", 1234.5, "1,235 CLP"),
        ("KWD", 1234.5, "1,234.500 KWD"),
        ("CHF", 1234, "1,234 CHF"),
        ("XYZ", 1234, "1,234 XYZ"),
        (None, 1234.5, "1,234.50"),
    ],
)
def test_money_has_its_currencys_sign_and_decimals(currency: str | None, number: Real, written: str) -> None:
    assert NumberStyle("money", None, currency).write(number) == written


def test_decimals_of_the_kpi_win_over_the_currencys() -> None:
    assert NumberStyle("money", 0, "USD").write(Decimal("1234.50")) == "$1,235"
    assert NumberStyle("money", 1, "JPY").write(1234) == "¥1,234.0"


def test_a_currency_whose_sign_the_screen_lacks_is_written_with_its_code() -> None:
    assert NumberStyle("money", None, "EUR", str.isascii).write(5) == "5 EUR"
    assert NumberStyle("money", None, "USD", str.isascii).write(5) == "$5"


@pytest.mark.parametrize(
    ("unit", "number", "written"),
    [
        ("number", 31, "+31"),
        ("number", -31, "-31"),
        ("number", 0, "0"),
        ("number", 0.0, "0"),
        ("percent", 0.0225, "+2.3 pp"),
        ("percent", -0.0225, "-2.3 pp"),
        ("percent", 0.0, "0.0 pp"),
        ("money", Decimal("-65432.11"), "-$65,432.11"),
        ("money", 5, "+$5"),
        ("days", 1.25, "+1.3 days"),
    ],
)
def test_a_change_is_signed_and_that_of_a_percentage_is_in_points(unit: str, number: Real, written: str) -> None:
    assert NumberStyle(unit, None, "USD").write_change(number) == written


def test_a_text_figure_is_no_number() -> None:
    with pytest.raises(ValueError, match=r"^a text figure is no number$"):
        NumberStyle("text").write(1)


def test_shares_have_one_decimal_and_counts_none() -> None:
    assert write_share(1.0416666) == "104.2%"
    assert write_count(12044) == "12,044"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_finite_number_is_refused(number: float | Decimal) -> None:
    for write in (digits, write_share, exactly):
        with pytest.raises(ValueError, match=r" is no figure$"):
            write(number)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0"),
        (-3, "-3"),
        (0.1, "0.1"),
        (-0.0, "0.0"),
        (1e16, "1e+16"),
        (5e-324, "5e-324"),
        (Decimal(0), "0"),
        (Decimal("-0.000"), "0"),
        (Decimal("100.00"), "100"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-1E+400"), "-1" + "0" * 400),
        (Decimal("1200.500000"), "1200.5"),
        (Decimal("12345678901234567890123456789012.345678"), "12345678901234567890123456789012.345678"),
    ],
)
def test_programs_get_every_digit_and_no_more(number: Real, written: str) -> None:
    assert digits(number) == written


@given(decimals_)
def test_an_exact_decimal_reads_back_as_itself(number: Decimal) -> None:
    written = digits(number)
    assert Decimal(written) == number
    assert "e" not in written.lower()


@given(floats_)
def test_a_float_reads_back_as_itself(number: float) -> None:
    assert float(digits(number)) == number


@given(decimals_, st.integers(0, 8))
def test_rounding_is_half_away_from_zero(number: Decimal, places: int) -> None:
    """As decimal arithmetic with enough digits rounds."""
    expected = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=80))
    written = NumberStyle("number", places).write(number)
    assert written == (f"{expected:,f}" if expected else rounded(exactly(0), places))


@given(floats_)
def test_a_float_stands_for_its_shortest_form(number: float) -> None:
    """So 1.005 rounds up, though its binary value is a little less."""
    assert NumberStyle("number", 2).write(number) == NumberStyle("number", 2).write(Decimal(repr(number)))
