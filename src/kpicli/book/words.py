"""One of a few words: how a message lists them, and which of them was meant."""

from __future__ import annotations

from collections.abc import Iterable

from kpicli.errors import did_you_mean

_MEANT = {
    **dict.fromkeys(("currency", "amount"), "money"),
    **dict.fromkeys(("integer", "int", "float", "decimal", "double", "numeric"), "number"),
    **dict.fromkeys(("string", "str", "varchar", "id"), "text"),
    **dict.fromkeys(("checkbox", "flag"), "boolean"),
    **dict.fromkeys(("datetime", "timestamp", "time"), "date"),
    **dict.fromkeys(("up", "more"), "higher"),
    **dict.fromkeys(("down", "less"), "lower"),
    **dict.fromkeys(("yes", "on"), "true"),
    **dict.fromkeys(("no", "off"), "false"),
}
"""Words of other programs for what a book calls otherwise."""


def nearest(value: object, words: Iterable[str]) -> str:
    """The word that was meant; where none is near, all of them, or one as an example."""
    known = list(words)
    if isinstance(value, str) and value.strip():
        text = value.strip().lower()
        begun = [word for word in known if len(text) > 1 and word.startswith(text)]
        meant = begun[0] if len(begun) == 1 else _MEANT.get(text)
        help_ = f"did you mean '{meant}'?" if meant in known else did_you_mean(text, known)
        if help_ is not None and help_.startswith("did you mean"):
            return help_
    names = [f"`{word}`" for word in known]
    if len(names) > 3:
        return f"for example {names[0]}"
    if len(names) == 1:
        return f"write {names[0]}, or leave the key out"
    return "write " + " or ".join([", ".join(names[:-1]), names[-1]])


def in_words(words: Iterable[str]) -> str:
    """The words with "or" before the last; the ends of a long list."""
    names = [word if word.isalpha() else f"'{word}'" for word in words]
    if len(names) > 7:
        return f"{names[0]} to {names[-1]}"
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
