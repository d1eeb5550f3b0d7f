"""Text in Markdown that stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.render.drawn import hostile
from tests.render.pages import structure, texts

from kpicli.errors import clean
from kpicli.render.literal import APART, literal

FOUND_LATER = re.compile(r"@[^\s\u200b]|#\w|://|www\.|mailto:\w|\bgh-\d|:[\w+-]*[a-z][\w+-]*:", re.IGNORECASE)
"""What chats and code forges make links, mentions and emoji of, in the finished text."""


@pytest.mark.parametrize(
    "text",
    [
        "won_revenue",
        "Sign $2.6M of new ARR, or $3M",
        "-$65,432.11",
        "+2.3 pp",
        "-2+3",
        "R&D",
        "row 1,014: '31.02.2026'",
        "10:30:00",
        "exports/tasks.csv",
        "(a - b) / c = 12%",
        "exports\\tasks",
        "1.5",
        "Zoë & 東京",
    ],
)
def test_what_markdown_takes_for_text_stands_as_it_is(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", r"a\|b"),
        (r"a\|b", r"a\\\|b"),
        ("C:\\", r"C:\\"),
        ("*a* `b` ~c~", r"\*a\* \`b\` \~c\~"),
        ("_a_ __b", r"\_a\_ \_\_b"),
        ("![a](/b) [ ]", r"!\[a\](/b) \[ \]"),
        ("<b>", r"\<b>"),
        ("> a > b", r"\> a > b"),
        ("# a #", r"\# a \#"),
        ("- a - b", r"\- a - b"),
        ("---", r"\---"),
        ("+ a", r"\+ a"),
        ("1. a 2. b", r"1\. a 2. b"),
        ("12)", r"12\)"),
        ("&lt; &#60;", f"\\&lt; &#{APART}60;"),
        ("$x$", r"\$x\$"),
        ("  a  ", "a"),
        ("a\nb\tc\u200bd\x1b[0m", r"a\x0ab\x09c\u200bd\x1b\[0m"),
    ],
)
def test_what_markdown_acts_on_gets_a_backslash(text: str, written: str) -> None:
    assert literal(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("@jane", "@|jane"),
        ("#12, #sales", "#|12, #|sales"),
        ("!12 GH-12", "!|12 GH-|12"),
        (":smile: at 10:30:00", ":|smile: at 10:30:00"),
        ("https://example.com.", r"https:|//example\.com\."),
        ("see WWW.Example.com now.", r"see WWW|\.Example\.com now."),
        ("mailto:me@example.com", r"mailto:|me@|example\.com"),
    ],
)
def test_what_is_looked_for_in_the_finished_text_is_taken_apart(text: str, written: str) -> None:
    assert literal(text) == written.replace("|", APART)


@given(hostile)
def test_a_reader_sees_the_text_and_nothing_happens_in_it(text: str) -> None:
    written = literal(text)
    assert structure(PAGE.format(written)) == structure(PAGE.format("a"))
    shown = texts(PAGE.format(written))
    assert [seen.replace(APART, "") for seen in shown] == [clean(text).strip()] * 6
    assert FOUND_LATER.findall(shown[0]) == []


PAGE = "## {0}\n\n{0}\n\n| {0} |\n| --- |\n| {0} |\n\n- {0}\n  - {0}\n"


@given(st.text())
def test_writing_never_hides_a_character(text: str) -> None:
    assert literal(text).replace(APART, "").replace("\\", "") == clean(text).strip().replace("\\", "")
