"""Where each key, value and character of a book stands in its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpicli.book.reader import Data, Places, read
from kpicli.book.spans import spans
from kpicli.errors import Place


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def book(text: str) -> tuple[dict[str, Data], Places]:
    Path("kpis.yaml").write_bytes(text.encode())
    return read("kpis.yaml")


def stretch(place: Place | None) -> str:
    """The text that a place spans."""
    assert place is not None
    return place.text[place.column - 1 : place.column - 1 + place.length]


def part(text: str, start: int, end: int) -> tuple[int, str]:
    """The line, and the text of the file, of a part of the value of `a` in a book."""
    place = book(text)[1].source(("a",)).locate(start, end)
    assert place is not None
    return place.line, stretch(place)


BOOK = """\
version: 1
kpis:
  win_rate:
    formula: count(a) / count(b)
    target: {total: 30%, "owner": 'x'}
    drives:
      - {kpi: a}
      - kpi: b
        lag: 6 weeks
    why:
scorecards: {weekly: {kpis: [a, b]}}
pipeline: [new, won]
"""


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        ((), 1, "version"),
        (("version",), 1, "1"),
        (("kpis",), 2, "kpis"),
        (("kpis", "win_rate"), 3, "win_rate"),
        (("kpis", "win_rate", "formula"), 4, "count(a) / count(b)"),
        (("kpis", "win_rate", "target", "owner"), 5, "'x'"),
        (("kpis", "win_rate", "drives", 0), 7, "{kpi: a}"),
        (("kpis", "win_rate", "drives", 1), 8, "kpi"),
        (("kpis", "win_rate", "drives", 1, "lag"), 9, "6 weeks"),
        (("kpis", "win_rate", "why"), 10, "why"),
        (("scorecards", "weekly", "kpis", 1), 11, "b"),
        (("scorecards", "weekly", "kpis"), 11, "kpis"),
    ],
)
def test_place_is_that_of_the_value_or_of_the_key_of_a_collection(
    path: tuple[str | int, ...], line: int, text: str
) -> None:
    place = book(BOOK)[1].place(path)
    assert (place.line, stretch(place)) == (line, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("kpis", "win_rate", "formula"), "formula"),
        (("kpis", "win_rate", "target", "owner"), '"owner"'),
        (("kpis", "win_rate", "drives", 1), "drives"),
        (("pipeline", "won"), "pipeline"),
    ],
)
def test_key_is_the_last_one_on_the_path(path: tuple[str | int, ...], text: str) -> None:
    assert stretch(book(BOOK)[1].key(path)) == text


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("kpis", "win_rate", "target", "members", "owner", 0, "value"), ("kpis", "win_rate", "target", "owner")),
        (("kpis", "win_rate", "target", "total", 0, "value"), ("kpis", "win_rate", "target", "total")),
        (("pipeline", "won"), ("pipeline", 1)),
        (("kpis", "win_rate", "goal"), ("kpis", "win_rate")),
        (("goals",), ()),
    ],
)
def test_path_of_the_model_leads_to_what_the_file_writes_for_it(
    path: tuple[str | int, ...], found: tuple[str | int, ...]
) -> None:
    _, places = book(BOOK)
    assert places.path(path) == found
    assert not places.has(path)
    assert places.has(found)


@pytest.mark.parametrize(
    ("path", "text"),
    [(("a",), "[1, {b: c}]"), (("a", 1), "{b: c}"), (("a", 0), "1"), (("d",), "d"), (("e",), "e"), (("f",), "[1,")],
)
def test_value_is_a_collection_in_brackets_too(path: tuple[str | int, ...], text: str) -> None:
    _, places = book("a: [1, {b: c}]\nd:\n  - 1\ne:\nf: [1,\n  2]\n")
    assert stretch(places.value(path)) == text


def test_source_of_a_collection_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        book(BOOK)[1].source(("kpis",))


def test_word_is_found_in_a_scalar_and_else_the_scalar_stands_for_it() -> None:
    _, places = book("a: latest by day\nb: latest\n")
    assert stretch(places.word(("a",), "day")) == "day"
    assert stretch(places.word(("b",), "day")) == "latest"


# ---- characters of a value


@pytest.mark.parametrize(
    "written",
    [
        "one two",
        "'one two'",
        '"one two"',
        "one\n  two",
        "'one\n  two'",
        '"one\n  two"',
        '"one \\\n  two"',
        ">\n  one\n  two\n",
        "|\n  one\n  two\n",
        ">-  # a comment\n  one\n  two\n",
        "|2+\n  one\n  two\n",
    ],
)
def test_words_of_a_value_are_found_however_it_is_written(written: str) -> None:
    text = f"a: {written}"
    assert part(text, 0, 3) == (1 + text.count("\n", 0, text.index("one")), "one")
    assert part(text, 4, 7) == (1 + text.count("\n", 0, text.index("two")), "two")


@pytest.mark.parametrize(
    ("written", "start", "end", "text"),
    [
        ("'it''s'", 2, 3, "''"),
        ("'it''s'", 3, 4, "s"),
        (r'"a\tb"', 1, 2, r"\t"),
        (r'"a\tb"', 2, 3, "b"),
        (r'"\x41\u0042\U00000043d"', 1, 2, r"\u0042"),
        (r'"\x41\u0042\U00000043d"', 3, 4, "d"),
        (r'"\"x\" y"', 1, 2, "x"),
        ("'a\n\n\n  b'", 3, 4, "b"),
        ('"a\n\n\n  b"', 3, 4, "b"),
        ('"a  \\\n\n  b"', 4, 5, "b"),
        ("a\n\n\n  b", 3, 4, "b"),
        (">\n  a\n\n  b\n   c\n  d\n", 2, 3, "b"),
        (">\n  a\n\n  b\n   c\n  d\n", 5, 6, "c"),
        (">\n  a\n\n  b\n   c\n  d\n", 7, 8, "d"),
        ("|\n  a\n\n   b\n", 4, 5, "b"),
        ("x  # rest", 0, 1, "x"),
    ],
)
def test_characters_after_a_fold_or_an_escape_are_found(written: str, start: int, end: int, text: str) -> None:
    assert part(f"a: {written}", start, end)[1] == text


def test_line_of_a_value_that_yaml_cuts_shows_what_is_cut() -> None:
    place = book("a: count(leads #1)\n")[1].source(("a",)).locate(5, 11)
    assert place == Place("kpis.yaml", 1, 9, "a: count(leads #1)", 6)


@pytest.mark.parametrize("written", ["count(", "'count('", ">\n  count(\n\n", "|+\n  count(\n\n"])
def test_end_of_a_value_is_just_after_its_last_visible_character(written: str) -> None:
    _, places = book(f"a: {written}\nb: 1\n")
    source = places.source(("a",))
    place = source.locate(len(source.text), len(source.text))
    assert place is not None
    assert place.text[: place.column - 1].endswith("count(")
    assert place.length == 1


def test_a_span_over_two_lines_is_shown_on_the_first() -> None:
    assert part("a: one\n  two\n", 0, 7) == (1, "one")


def test_value_of_blanks_alone_is_placed_whole() -> None:
    assert part("a: '  '\n", 0, 2) == (1, "'  '")


def test_folding_that_is_not_foreseen_gives_the_place_of_the_whole_value() -> None:
    """Line separators in quotes are all kept, unlike line feeds, of which one is lost."""
    assert part('a: "x\u2028\u2028y"\n', 0, 1)[1] == '"x\u2028\u2028y"'


def test_value_that_the_text_does_not_hold_is_placed_whole() -> None:
    assert list(spans("a: one", 3, 6, "", "two")) == [(3, 6)] * 3


def test_offsets_outside_a_value_are_brought_inside() -> None:
    assert part("a: one\n", -5, 99) == (1, "one")


WORDS = st.lists(st.text("abcxyz0(),'=_", min_size=1, max_size=6), min_size=1, max_size=6)


def folded(words: list[str]) -> st.SearchStrategy[str]:
    """The words joined by a space, or by a line break and indentation."""
    gaps = st.lists(st.sampled_from([" ", "\n  ", "\n     "]), min_size=len(words), max_size=len(words))
    return gaps.map(lambda found: "".join(w + g for w, g in zip(words, found, strict=True)).rstrip())


@given(data=st.data(), words=WORDS, style=st.sampled_from(["'", '"', ">", "|"]))
def test_every_word_of_a_value_is_found(data: st.DataObject, words: list[str], style: str) -> None:
    body = data.draw(folded(words))
    match style:
        case "'":
            text = "a: '" + body.replace("'", "''") + "'"
        case '"':
            text = 'a: "' + body + '"'
        case _:
            text = f"a: {style}\n  " + body.replace("\n     ", "\n  ")
    value, places = book(text + "\n")
    assert isinstance(value["a"], str)
    source = places.source(("a",))
    assert source.text == value["a"]
    at = 0
    for word in words:
        at = source.text.index(word, at)
        shown = stretch(source.locate(at, at + len(word)))
        assert shown == (word.replace("'", "''") if style == "'" else word)
        at += len(word)
