"""Signs and codes of currencies, as they stand beside amounts."""

from __future__ import annotations

from collections.abc import Iterable

from kpicli.book.currencies import CODES, SIGNS

__all__ = ["CODES", "SIGNS", "explain_all", "meanings"]


def meanings(sign: str) -> frozenset[str]:
    """The currencies for which a sign or code can stand."""
    return SIGNS.get(sign, frozenset({sign}))


def explain_all(signs: Iterable[str]) -> frozenset[str]:
    """The currencies that explain all signs: one does `$` and `USD`, none `$` and `€`, any no sign at all."""
    left = CODES
    for sign in signs:
        left &= meanings(sign)
    return left
