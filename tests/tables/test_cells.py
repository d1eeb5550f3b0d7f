"""Text, booleans, and what counts as empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.tables.reading import column, read


def cells(folder: Path, content: list[str], kind: str, **declared: Any) -> list[Any]:
    quoted = "".join(f'{at},"{cell}"\n' for at, cell in enumerate(content))
    return read(folder, f"n,x\n{quoted}", {"x": column("x", kind, **declared)})["x"]


def test_text_is_kept_as_it_is(tmp_path: Path) -> None:
    """Ids above all: leading zeros, 19 digits, upper and lower case."""
    kept = [
        "00123",
        "1234567890123456789",
        "0015g00000ABCdeAAA",
        "0015g00000abcdEAAA",
        "1e5",
        "TRUE",
        "2026-03-01",
        "NaN",
    ]
    assert cells(tmp_path, kept, "text") == kept


def test_blanks_of_any_kind_are_trimmed(tmp_path: Path) -> None:
    padded = [" a b ", "\u00a0a\u00a0", "\ta\u2003", "a\r\n", "\u202fa\u3000"]
    assert cells(tmp_path, padded, "text") == ["a b", "a", "a", "a", "a"]


def test_an_empty_cell_is_null(tmp_path: Path) -> None:
    for kind in ("text", "number", "money", "percent", "date"):
        assert cells(tmp_path, ["", " ", "\u00a0"], kind) == [None, None, None]


def test_texts_that_mean_nothing_are_null(tmp_path: Path) -> None:
    blank = ("N/A", " 000000000000000AAA ", "0")
    assert cells(tmp_path, ["N/A", " 000000000000000AAA", "n/a", "0", "00"], "text", blank=blank) == [
        *(None, None, "n/a", None, "00"),
    ]
    assert cells(tmp_path, ["N/A", "0", "0.0"], "number", blank=blank) == [None, None, 0]
    assert cells(tmp_path, ["N/A", "0", "false"], "boolean", blank=blank, empty=None) == [None, None, False]


@pytest.mark.parametrize(
    "word",
    [
        "true",
        "TRUE",
        "True",
        "tRUE",
        " true ",
        "yes",
        "Y",
        "1",
        "1.0",
        "WAHR",
        "Ja",
        "VRAI",
        "Oui",
        "VERDADERO",
        "Sí",
        "SI",
        "VERO",
        "WAAR",
    ],
)
def test_words_for_true(tmp_path: Path, word: str) -> None:
    assert cells(tmp_path, [word], "boolean") == [True]


@pytest.mark.parametrize(
    "word",
    ["false", "FALSE", "False", "fALSE", "no", "N", "0", "0.0", "FALSCH", "Nein", "FAUX", "Non", "FALSO", "ONWAAR"],
)
def test_words_for_false(tmp_path: Path, word: str) -> None:
    assert cells(tmp_path, [word], "boolean", empty=True) == [False]


@pytest.mark.parametrize("empty", [True, False, None])
def test_an_empty_boolean_is_what_is_declared(tmp_path: Path, empty: bool | None) -> None:
    assert cells(tmp_path, ["", "N/A", "1", "0"], "boolean", empty=empty, blank=("N/A",)) == [empty, empty, True, False]


def test_a_boolean_that_does_not_fit_is_unknown(tmp_path: Path) -> None:
    """It is neither what an empty cell is nor false."""
    found = cells(tmp_path, ["maybe", *["1"] * 99], "boolean", empty=True)
    assert found[:2] == [None, True]
