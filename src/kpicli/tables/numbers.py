"""Numbers from text: exact decimals with six places, rounded half away from zero.

Plain decimals are cast as they are; what is written for people (separators, currencies, brackets, suffixes) is taken
apart by one pattern. A grouping that no formatter writes (`1,20`, `0,123`) doesn't fit, since it may be a decimal
sign of another country. Numbers of 10^30 and more don't fit.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import polars as pl
from msgspec import Struct

from kpicli.tables.currencies import CODES, SIGNS, meanings
from kpicli.tables.steps import Steps

NUMBER: Final = pl.Decimal(38, 6)

DecimalSign = Literal[".", ","]
_DECIMAL_SIGNS: Final[tuple[DecimalSign, ...]] = (".", ",")


class Amounts(Struct, frozen=True):
    """Numbers, and the currency sign or code that stands beside each."""

    value: pl.Expr
    currency: pl.Expr


def plain_amounts(cell: pl.Expr, decimal: DecimalSign) -> pl.Expr:
    """Plain decimals, such as `1200` and `-1.5`; null for all else, which `amounts` reads."""
    return _plain(_pointed(cell, decimal), power=0)


def plain_percents(cell: pl.Expr, decimal: DecimalSign) -> pl.Expr:
    """`40` and `40%`; null for all else, which `percents` reads."""
    return _plain(_pointed(cell, decimal).str.strip_suffix("%"), power=-2)


def amounts(cell: pl.Expr, decimal: DecimalSign, steps: Steps) -> Amounts:
    """`1200`, `1,200.00`, `$ 1.2M`, `(1,200.00)`, `1200-`, `1.2e3` under the given decimal sign.

    One currency must explain the signs on both sides: `$7 CAD` are Canadian dollars, and `$7 EUR` doesn't fit.
    """
    plain = steps.kept(plain_amounts(cell, decimal))
    left = steps.kept(_left(cell, plain))
    fitting = steps.kept(pl.when(left.str.contains(_amount_pattern(decimal))).then(left))
    bare = fitting.str.replace_many(_SIGNS, [""] * len(_SIGNS), leftmost=True).str.strip_chars(" ")
    written = _written(steps.kept(bare), decimal, 0, steps)
    signs = pl.when(written.is_not_null()).then(fitting).str.extract_many(_SIGNS, leftmost=True).list.join("\n")
    meant = steps.kept(signs.replace_strict(_MEANT, default=None, return_dtype=pl.String))
    value = pl.coalesce(plain, pl.when(meant.is_not_null()).then(written))
    return Amounts(value, pl.when(meant != "").then(meant))


def percents(cell: pl.Expr, decimal: DecimalSign, steps: Steps) -> pl.Expr:
    """`40%` and `40` as 0.4."""
    plain = steps.kept(plain_percents(cell, decimal))
    left = _left(cell, plain).str.replace(r" ?%(\)?)$", "$1")
    bare = steps.kept(pl.when(~left.str.contains("[kKMB]")).then(left))
    return pl.coalesce(plain, _written(bare, decimal, -2, steps))


def looks_like_number(text: str) -> bool:
    """Whether a text is a number or amount under either decimal sign, and neither an id nor part of one."""
    plain = re.sub(r"\s", " ", text.strip()).replace("\u2019", "'").replace("\u2212", "-").removesuffix("%").rstrip()
    if not re.search("[0-9]", plain) or re.search("(?<![0-9.,'])0[0-9]|[0-9]{16}", plain):
        return False
    return any(re.fullmatch(_amount_pattern(sign).strip("^$"), plain) for sign in _DECIMAL_SIGNS)


def rounded(number: pl.Expr) -> pl.Expr:
    """A decimal with more places to six, half away from zero; below 10^30, where that can't overflow."""
    return number.round(6, mode="half_away_from_zero").cast(NUMBER, strict=False)


def within(number: pl.Expr) -> pl.Expr:
    """Numbers below 10^30; null for larger ones, which don't fit."""
    return pl.when(number.abs() < pl.lit(10**30).cast(NUMBER)).then(number)


def _pointed(cell: pl.Expr, decimal: DecimalSign) -> pl.Expr:
    """The cell with a decimal point; null where it has one that isn't the decimal sign."""
    if decimal == ".":
        return cell
    return pl.when(~cell.str.contains(".", literal=True)).then(cell).str.replace(",", ".", literal=True)


def _plain(cell: pl.Expr, power: int) -> pl.Expr:
    """Plain decimals of up to 13 characters: 18 places hold them exactly, as far as they don't round to zero.

    Of up to three characters none has a seventh place, not even with an exponent: to round these, which are most cells
    of durations and quantities, would cost twice the reading.
    """
    length = cell.str.len_bytes()
    if power:
        text = pl.concat_str(pl.when(length <= 13).then(cell), pl.lit(f"e{power}"))
        return rounded(text.cast(pl.Decimal(38, 18), strict=False))
    few = pl.when(length <= 3).then(cell).cast(NUMBER, strict=False)
    more = pl.when((length > 3) & (length <= 13)).then(cell).cast(pl.Decimal(38, 18), strict=False)
    return pl.coalesce(few, rounded(more))


def _left(cell: pl.Expr, found: pl.Expr) -> pl.Expr:
    """The cells that aren't plain decimals, with one kind of blank, apostrophe and minus."""
    rest = pl.when(found.is_null()).then(cell)
    return rest.str.replace_all(r"\s", " ").str.replace_many(["\u2019", "\u2212"], ["'", "-"])


_SIGNS: Final = sorted({*SIGNS, *CODES}, key=lambda sign: (-len(sign), sign))
_SIGN: Final = "|".join(re.escape(sign) for sign in _SIGNS)
_ALIKE: Final = [[code, *(sign for sign in SIGNS if code in SIGNS[sign])] for code in sorted(CODES)]
_MEANT: Final = {
    "": "",
    **{sign: sign for sign in _SIGNS},
    **{
        f"{one}\n{other}": min(one, other, key=lambda sign: len(meanings(sign)))
        for signs in _ALIKE
        for one in signs
        for other in signs
    },
}
"""The sign that says the most, by those that stand beside a number in their order; without what contradicts itself."""
_SYMBOL: Final = "|".join(re.escape(sign) for sign in _SIGNS if not sign[0].isalpha())


def _amount_pattern(decimal: DecimalSign) -> str:
    """A number as people write it, with a currency before, behind, or inside the bracket.

    Between a suffix and letters stands a blank: `5MRUB` may be millions of roubles or billions of ouguiya.
    """
    tail = rf" *(?:{_SIGN})| ?[kKMB](?: *(?:{_SYMBOL})| +(?:{_SIGN})|)|"
    return (
        rf"^[-+]? *(?:{_SIGN}|) *\(? *(?:{_SIGN}|) *[-+]? *(?:{_grouped(decimal)}|[0-9]*)"
        rf"(?:{_point(decimal)}[0-9]*|)(?:[eE][-+]?[0-9]{{1,4}}|)(?:{tail}) *-?\)?$"
    )


def _bare_pattern(decimal: DecimalSign) -> str:
    """The same without a currency. Every group is there where the pattern fits, so null says that it doesn't."""
    return (
        rf"^(?P<lead>[-+]|) *(?P<open>\(|) *(?P<inner>[-+]|) *(?P<whole>{_grouped(decimal)}|[0-9]*)"
        rf"(?P<places>{_point(decimal)}[0-9]*|)(?P<exponent>[eE][-+]?[0-9]{{1,4}}|) ?(?P<suffix>[kKMB]|)"
        r" *(?P<trail>-|)(?P<close>\)|)$"
    )


def _point(decimal: DecimalSign) -> str:
    return r"\." if decimal == "." else ","


def _comma(decimal: DecimalSign) -> str:
    return "," if decimal == "." else r"\."


def _grouped(decimal: DecimalSign) -> str:
    """Digits in groups, all by one separator; in lakhs and crores too."""
    comma = _comma(decimal)
    thousands = [rf"[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+" for sign in (comma, " ", "'")]
    return "|".join([*thousands, rf"[1-9][0-9]?(?:{comma}[0-9]{{2}})+{comma}[0-9]{{3}}"])


def _written(bare: pl.Expr, decimal: DecimalSign, power: int, steps: Steps) -> pl.Expr:
    """Numbers without a currency sign: short ones by a cast once their separators are gone, the others in full."""
    is_simple = bare.str.contains(rf"^-?(?:{_grouped(decimal)}|[0-9]+)(?:{_point(decimal)}[0-9]*)?$")
    separators = [" ", "'", "," if decimal == "." else "."]
    joined = pl.when(is_simple).then(bare).str.replace_many(separators, [""] * len(separators))
    short = steps.kept(_plain(joined.str.replace(",", ".", literal=True), power))
    parts = pl.when(short.is_null()).then(bare).str.extract_groups(_bare_pattern(decimal))
    return pl.coalesce(short, _number(steps.kept(parts), power, steps))


def _number(parts: pl.Expr, power: int, steps: Steps) -> pl.Expr:
    """The value of a number taken apart, times ten to `power`; null where its parts contradict each other.

    Only digits down to the seventh place decide about the sixth, so the rest is cut off as text, and the cast is exact.
    """
    part = parts.struct.field
    whole = steps.kept(part("whole").str.replace_all("[^0-9]", ""))
    places = steps.kept(part("places").str.slice(1))
    digits = steps.kept(pl.concat_str(whole, places))
    written = part("exponent").str.slice(1).cast(pl.Int32, strict=False).fill_null(0)
    suffix = part("suffix")
    scale = pl.when(suffix == "").then(0).when(suffix == "M").then(6).when(suffix == "B").then(9).otherwise(3)
    shift = steps.kept(pl.when(digits.is_not_null()).then(written + scale + power))
    kept = steps.kept(digits.str.head((_length(whole) + shift + 7).clip(lower_bound=0)))
    exponent = shift - _length(places) + _length(digits) - _length(kept)
    signs = [part(name) != "" for name in ("lead", "inner", "trail", "open")]
    fits = (
        (_length(digits) > 0)
        & (pl.sum_horizontal(sign.cast(pl.Int8) for sign in signs) <= 1)
        & ((part("open") == "") == (part("close") == ""))
        & ((part("exponent") == "") | (suffix == ""))
    )
    minus = pl.any_horizontal(part("open") == "(", *(part(name) == "-" for name in ("lead", "inner", "trail")))
    sign = pl.when(minus).then(pl.lit("-0")).otherwise(pl.lit("0"))
    text = pl.concat_str(sign, kept, pl.lit("e"), exponent.cast(pl.String))
    value = steps.kept(pl.when(fits).then(text).cast(pl.Decimal(38, 7), strict=False))
    return rounded(pl.when(value.abs() < _LIMIT).then(value))


_LIMIT: Final = pl.lit(10**30).cast(pl.Decimal(38, 7))


def _length(text: pl.Expr) -> pl.Expr:
    return text.str.len_bytes().cast(pl.Int32)
