"""Two parsers make a book's nodes; what the quick one says, the slow one says too."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicli.book.compose import DEEPEST, compose, compose_quickly, compose_slowly
from kpicli.book.lines import Lines
from kpicli.errors import KpiError, Mistakes

ROOT = Path(__file__).resolve().parents[2]
BOOKS = [ROOT / "kpis.yaml", *sorted((ROOT / "tests/real_data").glob("*.yaml"))]
MISTAKEN = [
    written.partition("\n>>>")[0] + "\n"
    for golden in sorted((ROOT / "tests/book/mistakes").glob("*.txt"))
    for written in re.split(r"^=== .*\n", golden.read_text(encoding="utf-8"), flags=re.MULTILINE)
]
PIECES = (
    *(
        "a",
        "b ",
        "1",
        "null",
        "~",
        "é",
        "😀",
        "count(a) / 2",
        "'it''s'",
        '"\\n\\x41"',
        '"a: b"',
        "''",
        "<<",
        "=",
        "(",
        ")",
    ),
    *(": ", ":", "- ", "-", ", ", ",", "[", "]", "{", "}", "'", '"', "\\", "|", "|-\n  ", ">\n ", "|+2\n  ", ">-", "?"),
    *("\n", "\n  ", "\n    ", "\n\n", " ", "  ", "# ", " # c", "\t", "\r\n", "\u2028", "\u0085", "\ufeff", "\u00a0"),
    *("&x ", "*x", "!t ", "!!str ", "%", "%YAML 1.1\n", "---\n", "...\n", "@", "`"),
)


def both_agree(text: str) -> bool:
    """Whether the quick parser had a say, in which the slow one joined."""
    lines = Lines("kpis.yaml", text)
    quick = compose_quickly(lines)
    if quick is not None:
        assert quick == compose_slowly(lines), text
    return quick is not None


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.name)
def test_a_book_without_mistakes_is_read_quickly_and_the_same(book: Path) -> None:
    assert both_agree(book.read_text(encoding="utf-8"))


def test_a_book_with_empty_values_in_brackets_is_left_to_the_slow_parser() -> None:
    text = (ROOT / "tests" / "book" / "whole.yaml").read_text(encoding="utf-8")
    assert not both_agree(text)
    assert both_agree(text.replace("{id: , ", "{id: id, "))


def test_a_book_with_mistakes_is_read_the_same() -> None:
    """In most of these YAML sees none; their mistakes come later."""
    assert sum(map(both_agree, MISTAKEN)) > 40


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_pieces_of_yaml_are_read_the_same(text: str) -> None:
    both_agree(text)
    both_agree(f"a: {text}")


@settings(max_examples=200)
@given(
    st.sampled_from([text for text in MISTAKEN if len(text) < 400]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from(PIECES)), min_size=1, max_size=3),
)
def test_a_book_with_a_slip_of_the_keyboard_is_read_the_same(text: str, slips: list[tuple[int, int, str]]) -> None:
    for at, lost, typed in slips:
        text = text[:at] + typed + text[at + lost :]
    both_agree(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: b\t# c\n",
        "\ufeffa: b\n",
        "\n\ufeff# c\na: 1\n",
        "a: b\r\nc: d\r\n",
        "a: b\u2028c: d\n",
        "%YAML 1.1\n---\na: b\n",
        "---\na: b\n",
        "a: b\n...\n",
        "a: |#\n  b\n",
        "{a? : b}",
        "a: [b? ]\n",
        "a: {b?<< > 1}\n",
        "a: {b: , c: }\n",
        "a: {b: c, d}\n",
        "a: !t b\n",
        "a: &x b\n",
        "a: *x\n",
        'a: "\\ud83d"\n',
        'a: "\\UFFFFFFFF"\n',
        "a: 1\na: 2\n",
        "- a\n",
        "a: [\n",
        "",
    ],
)
def test_where_the_parsers_differ_or_see_a_mistake_the_slow_one_decides(text: str) -> None:
    assert compose_quickly(Lines("kpis.yaml", text)) is None


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "[{a: "])
def test_deep_nesting_is_an_error_and_no_crash(piece: str) -> None:
    lines = Lines("kpis.yaml", "a: " * (piece[0] != "-") + piece * 200_000)
    assert compose_quickly(lines) is None
    with pytest.raises(Mistakes) as caught:
        compose(lines)
    assert f"more than {DEEPEST} mappings and lists stand within each other" in str(caught.value)


def test_without_the_c_parser_a_book_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Lines("kpis.yaml", "a: [b, c]\n")
    quick = compose(lines)
    monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    assert compose_quickly(lines) is None
    assert compose(lines) == quick


def test_an_escape_that_is_no_character_is_the_last_of_many_mistakes() -> None:
    """Twenty are enough; one more never hides them."""
    text = "".join(f"a{n}: *x\n" for n in range(19)) + 'b: "\\UFFFFFFFF"\n'
    with pytest.raises(KpiError) as caught:
        compose(Lines("kpis.yaml", text))
    assert str(caught.value).count("error[") == 20


@pytest.mark.parametrize(
    "text", ["k: [a b, c: ]\n", "k: [{a: b}, c: ]\n", "k: {a: [b: , c]}\n", "k: [ ]\n", "k: [a: b]\n"]
)
def test_what_stands_in_brackets_has_the_same_places(text: str) -> None:
    """An empty value in a pair of a list ends where each parser likes."""
    both_agree(text)
