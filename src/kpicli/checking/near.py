"""Other spellings: which known value somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import combining, normalize

_CLOSE = 0.75


class Spellings:
    """Known values, to be found by other spellings of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        for value in known:
            self._known.setdefault(plain(value), value)

    def nearest(self, value: str) -> str | None:
        """The known value that differs in case, accents, blanks and signs only.

        Else the only one that has all of its words, or all of whose words it has, as `Closed won` has `Won`; else one
        with nearly the same letters. Ids that differ in a digit are different ids, so a value with digits has neither.
        """
        form = plain(value)
        if form and form in self._known:
            return self._known[form]
        if not form or any(char.isdigit() for char in form):
            return None
        own = words(value)
        within = [known for known in self._known.values() if (their := words(known)) and (their <= own or own <= their)]
        if within:
            return within[0] if len(within) == 1 else None
        close = get_close_matches(form, self._known, n=1, cutoff=_CLOSE)
        return self._known[close[0]] if close else None


def plain(value: str) -> str:
    """Its letters and digits alone, without case and accents: `gtxpro` of `GTX Pro`."""
    folded = normalize("NFKD", value.casefold())
    return "".join(char for char in folded if char.isalnum() and not combining(char))


def words(value: str) -> frozenset[str]:
    """Its words without case and accents."""
    folded = "".join(char for char in normalize("NFKD", value.casefold()) if not combining(char))
    return frozenset("".join(char if char.isalnum() else " " for char in folded).split())
