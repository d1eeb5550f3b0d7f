"""Numbers, money, percentages. What they give is also held against plain Python in test_against_plain_python."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from tests.tables.reading import column, read

from kpicli.tables.currencies import CODES, SIGNS, explain_all
from kpicli.tables.numbers import plain_amounts


def value(folder: Path, cell: str, kind: str = "money", decimal: str = ".") -> str | None:
    """The value of one cell, in a file where it is the one in a hundred that may not fit."""
    content = "".join(f'"{each}"\n' for each in (cell, *["1"] * 99))
    (found, *_) = read(folder, "x\n" + content, {"x": column("x", kind, decimal=decimal)})["x"]
    assert found is None or (isinstance(found, Decimal) and found.as_tuple().exponent == -6)
    return None if found is None else f"{found:f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *[("1200", "1200"), ("1200.50", "1200.5"), ("-3", "-3"), ("+3", "3"), (".5", "0.5"), ("5.", "5"), ("007", "7")],
        *[("1,200", "1200"), ("1,234,567.89", "1234567.89"), ("1 200 000", "1200000"), ("1\u202f200.5", "1200.5")],
        *[("1\u00a0200", "1200"), ("1'200.50", "1200.5"), ("1\u2019200", "1200"), ("12,34,567", "1234567")],
        *[("$5", "5"), ("$ 1,200.00 ", "1200"), ("€5", "5"), ("5 €", "5"), ("USD 5", "5"), ("5 USD", "5")],
        *[
            ("US$5", "5"),
            ("R$ 5", "5"),
            ("Rs. 5", "5"),
            ("Rs.500", "500"),
            ("$.50", "0.5"),
            ("5 kr", "5"),
            ("5KRW", "5"),
        ],
        *[("(1,200.00)", "-1200"), ("($5)", "-5"), ("$(5)", "-5"), ("-$5", "-5"), ("$-5", "-5"), ("5-", "-5")],
        *[("\u22125", "-5"), ("- 5", "-5"), ("5 USD-", "-5"), ("(5) ", "-5")],
        *[("5K", "5000"), ("$1,117.10K", "1117100"), ("1.2M", "1200000"), ("3B", "3000000000"), ("5k", "5000")],
        *[("$1.2 M", "1200000"), ("1.2M€", "1200000"), ("1.2M EUR", "1200000"), ("(1.5K)", "-1500")],
        *[("1e5", "100000"), ("1.18E+07", "11800000"), ("1.5e-3", "0.0015"), ("1e-9", "0")],
        *[("11760000.000000002", "11760000"), ("1.2345678901234567e+16", "12345678901234567")],
        *[("99999999999999999999999999999.999999", "99999999999999999999999999999.999999")],
    ],
)
def test_numbers_that_people_and_programs_write(tmp_path: Path, cell: str, number: str) -> None:
    assert value(tmp_path, cell) == number
    assert value(tmp_path, cell, "number") == number


@pytest.mark.parametrize(
    "cell",
    [
        *("1,20", "12,34", "1,2,3", "1,2345", "0,123", ",5", "1,", "1,200 300", "1 20", "1.200,50", "1.2.3", "1'20"),
        *(
            "$",
            "-",
            "()",
            "(5",
            "5)",
            "(-5)",
            "-(5)",
            "--5",
            "-5-",
            "1$2",
            "5 apples",
            "5m",
            "5 KR",
            "5MRUB",
            "K",
            "1e2K",
        ),
        *("NaN", "inf", "-Infinity", "n/a", "#REF!", "1e", "e5", "0x10", "1_000", "\u0665", "\uff15", "5%"),
        *("1000000000000000000000000000000", "1e30", "1e9999", "9" * 60, "9" * 26 + "M"),
    ],
)
def test_what_is_no_number_does_not_fit(tmp_path: Path, cell: str) -> None:
    assert value(tmp_path, cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *[
            ("1200,50", "1200.5"),
            ("1.200", "1200"),
            ("€ 2.900,00", "2900"),
            ("1 200,5", "1200.5"),
            ("1'200,5", "1200.5"),
        ],
        *[(",5", "0.5"), ("1.234.567,89", "1234567.89"), ("1,5K", "1500"), ("1,5e3", "1500"), ("1234", "1234")],
        *[("1.5", None), ("1,200.00", None), ("1200.50", None), ("0.123", None), ("1.20", None), ("1,2,3", None)],
    ],
)
def test_a_declared_decimal_comma_is_the_only_one(tmp_path: Path, cell: str, number: str | None) -> None:
    assert value(tmp_path, cell, decimal=",") == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *[("0.0000005", "0.000001"), ("-0.0000005", "-0.000001"), ("1.0000025", "1.000003"), ("1.0000035", "1.000004")],
        *[("0.00000049999999999999999999", "0"), ("1234567890.12345649999999", "1234567890.123456")],
        *[("1234567890.1234565", "1234567890.123457"), ("$1,234.1234565", "1234.123457")],
        *[("4999999999e-16", "0"), ("5000000000e-16", "0.000001"), ("0.0000000001234565K", "0")],
    ],
)
def test_the_sixth_place_is_rounded_half_away_from_zero(tmp_path: Path, cell: str, number: str) -> None:
    """Polars rounds half to even, and rounding twice would take 0.49999995 up."""
    assert value(tmp_path, cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *[("40%", "0.4"), ("40", "0.4"), ("12.5 %", "0.125"), ("1,200%", "12"), ("-5%", "-0.05"), ("(5%)", "-0.05")],
        *[("33.33333349%", "0.333333"), ("0.00005", "0.000001"), ("1e1%", "0.1"), ("0.5", "0.005"), ("100.0", "1")],
        *[("40%%", None), ("%40", None), ("5K%", None), ("$5", None), ("%", None), ("1,20%", None)],
    ],
)
def test_percentages_are_fractions(tmp_path: Path, cell: str, number: str | None) -> None:
    assert value(tmp_path, cell, "percent") == number


def test_percentages_with_a_decimal_comma(tmp_path: Path) -> None:
    assert value(tmp_path, "12,5 %", "percent", ",") == "0.125"
    assert value(tmp_path, "12.5%", "percent", ",") is None


def test_no_sign_ends_in_a_suffix_and_another_sign() -> None:
    """Else `5` with a suffix and a sign could be read as another sign alone."""
    signs = {*SIGNS, *CODES}
    assert [sign for sign in signs if sign[0] in "kKMB" and sign[1:] in signs] == []
    assert set().union(*SIGNS.values()) <= CODES


def test_signs_that_one_currency_explains_are_one() -> None:
    assert explain_all([]) == CODES
    assert explain_all(["$", "USD", "US$"]) == {"USD"}
    assert explain_all(["kr", "NOK"]) == {"NOK"}
    assert explain_all(["$", "C$"]) == {"CAD"}
    assert not explain_all(["$", "€"])
    assert not explain_all(["$", "USD", "CAD"])


def test_every_text_of_up_to_four_characters_is_read_as_the_long_way_reads_it() -> None:
    """The shortest are never rounded: none of them has a seventh place."""
    texts = ["".join(each) for length in range(5) for each in product("0159.,eE+-_ %", repeat=length)]
    cells = pl.DataFrame({"cell": texts})
    short = cells.select(value=plain_amounts(pl.col("cell"), ".")).to_series().to_list()
    long = cells.select(pl.col("cell").cast(pl.Decimal(38, 18), strict=False)).to_series().to_list()
    exact = [None if each is None else each.quantize(Decimal("0.000001"), ROUND_HALF_UP) for each in long]
    assert short == exact
