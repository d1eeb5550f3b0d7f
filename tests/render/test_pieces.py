"""Styled text, folded by a terminal's cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kpicli.render.page.pieces import GLUE, Line, flow, joined, padded, right, together, width_of
from kpicli.render.screen import Screen


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_lines_break_at_blanks_and_keep_their_styles() -> None:
    assert list(flow([("one two ", ""), ("three", "bold")], 9, indent=1, hanging=3)) == [
        [(" ", ""), ("one ", ""), ("two", "")],
        [("   ", ""), ("three", "bold")],
    ]


def test_a_word_that_is_longer_than_a_line_is_folded() -> None:
    assert texts(list(flow([("a abcdefghij k", "")], 4))) == ["a", "abcd", "efgh", "ij k"]


def test_a_word_of_several_pieces_stays_together() -> None:
    assert texts(list(flow([("one ", ""), (f"✓{GLUE}", "green"), ("two", "")], 8))) == ["one", f"✓{GLUE}two"]


def test_no_words_are_an_empty_line() -> None:
    assert texts(list(flow([], 8))) == [""]


def test_text_is_kept_together_only_where_a_line_holds_it() -> None:
    assert (together("a b", 3), together("a b", 2)) == (f"a{GLUE}b", "a b")


def test_lines_are_padded_by_their_cells() -> None:
    assert width_of(padded([("株", "")], 5)) == 5
    assert right([("ab ", "dim")], 5) == [("   ", ""), ("ab", "dim")]
    assert right([], 2) == [("  ", "")]


@given(st.lists(st.text(max_size=30), max_size=4), st.integers(4, 30), st.integers(0, 2), st.integers(0, 2))
def test_no_line_is_longer_and_no_character_is_lost(parts: list[str], width: int, indent: int, hanging: int) -> None:
    pieces = [(Screen().shown(part), "") for part in parts]
    lines = texts(list(flow(pieces, width, indent, hanging)))
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == "".join(text for text, _ in pieces).replace(" ", "")


def test_neighbours_of_one_style_are_one_piece() -> None:
    assert joined([("a ", "dim"), ("b", "dim"), ("c", ""), ("d", "dim")]) == [("a b", "dim"), ("c", ""), ("d", "dim")]
    assert joined([]) == []


def test_a_style_is_switched_on_once_for_all_its_words() -> None:
    screen = Screen(colours="standard")
    assert screen.draw(flow([("two words", "dim")], 20)) == "\x1b[2mtwo words\x1b[0m\n"
