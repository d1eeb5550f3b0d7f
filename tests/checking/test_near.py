"""Other spellings of a known value."""

from __future__ import annotations

import pytest

from kpicli.checking.near import Spellings, plain, words

KNOWN = Spellings(["GTX Pro", "MG Special", "Zürich AG", "Closed Won", "Closed Lost", "006TF0000000079", "Talk"])


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("GTXPro", "GTX Pro"),
        ("gtx-pro", "GTX Pro"),
        ("zurich ag", "Zürich AG"),
        ("Closed wonn", "Closed Won"),
        ("Won", "Closed Won"),
        ("Talk first", "Talk"),
        ("Closed", None),  # it may be either
        ("006TF0000000078", None),  # another id
        ("tf-0060000000079", None),
        ("---", None),
        ("", None),
        ("Something else", None),
    ],
)
def test_the_nearest_spelling(value: str, near: str | None) -> None:
    assert KNOWN.nearest(value) == near


def test_a_value_without_its_case_accents_and_signs() -> None:
    assert plain("Gagné: 2 (déjà)") == "gagne2deja"
    assert words("Closed: Gagné/perdu") == {"closed", "gagne", "perdu"}
