"""Texts that are meant to break out of their place stay in it, in every text field of a card and in every format."""

from __future__ import annotations

import json
import time
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.render.cards import CARDS, card, figure, line
from tests.render.drawn import WORDS, cards, filled
from tests.render.drawn import texts as hostile_texts
from tests.render.laws import LAWS, html_shape, numbers_of, strings

from kpicli.render import named, names
from kpicli.render.formats import terminal
from kpicli.render.screen import Screen
from kpicli.scorecard import Example, GoalLine, Group, LeftOut, Note, Scorecard, TableData, TrendPoint

SCREENS = [Screen(40), Screen(100, "ascii"), Screen(200, colours="standard"), Screen(90, "cp1252", "truecolor")]


def test_every_format_has_a_law() -> None:
    assert set(names()) - LAWS.keys() == set()


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("kind", CARDS)
def test_the_law_holds_of_cards_made_by_hand(kind: str, name: str) -> None:
    LAWS[name](named(name).render(CARDS[kind]()))


@pytest.mark.parametrize("name", names())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(plain=cards(), drawn=hostile_texts)
def test_the_law_holds_of_any_texts(name: str, plain: Scorecard, drawn: dict[str, str]) -> None:
    LAWS[name](named(name).render(filled(plain, drawn)))


@settings(max_examples=40)
@given(cards(), hostile_texts, st.sampled_from(SCREENS))
def test_no_text_acts_on_a_terminal(plain: Scorecard, drawn: dict[str, str], screen: Screen) -> None:
    page = terminal.draw(filled(plain, drawn), screen)
    LAWS["terminal"](page)
    assert screen.colours is not None or "\x1b" not in page
    page.encode(screen.encoding)


@settings(max_examples=40)
@given(cards(), hostile_texts)
def test_json_reads_back_to_the_same_texts(plain: Scorecard, drawn: dict[str, str]) -> None:
    hostile = filled(plain, drawn)
    found = json.loads(cast("str", named("json").render(hostile)))
    assert list(strings(found)) == list(strings(vars(named("json"))["to_dict"](hostile)))


@settings(max_examples=40)
@given(cards(), hostile_texts)
def test_no_text_changes_a_number_of_a_workbook_or_its_place(plain: Scorecard, drawn: dict[str, str]) -> None:
    """But for the order of members, who are looked up by their label."""
    written, other = (cast("bytes", named("xlsx").render(each)) for each in (filled(plain, drawn), plain))
    assert sorted((at, number) for at, _, number in numbers_of(written)) == sorted(
        (at, number) for at, _, number in numbers_of(other)
    )


@settings(max_examples=40)
@given(cards(), hostile_texts)
def test_no_text_adds_an_element_or_an_attribute_to_a_page(plain: Scorecard, drawn: dict[str, str]) -> None:
    for name in {"html"} & set(names()):
        written, other = (cast("str", named(name).render(each)) for each in (filled(plain, drawn), plain))
        assert html_shape(written) <= html_shape(other)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("text", ["x", "\u202e", "😀 ", ";=1\n@", "e\u0301", "www.@"])
def test_the_law_holds_of_very_long_texts(text: str, name: str) -> None:
    """Less of it for Markdown, whose reader takes its time."""
    length = 1_000 if name == "markdown" else 9_000
    LAWS[name](named(name).render(filled(everywhere(), dict.fromkeys(WORDS, text * (length // len(text))))))


@pytest.mark.parametrize("text", ["x", "\u202e", "www.@"])
def test_a_very_long_text_is_written_at_once_in_markdown(text: str) -> None:
    """It took time by the square of its length: a cell of a thousand characters kept a report for a minute."""
    begun = time.process_time()
    named("markdown").render(filled(everywhere(), dict.fromkeys(WORDS, text * (8_000 // len(text)))))
    assert time.process_time() - begun < 20


def everywhere() -> Scorecard:
    """A card with a word in each place for a text."""
    word = WORDS[0]
    of_text = figure(word, value_label=word, prior=word, prior_label=word, reason=word)
    absent = figure(None, reason=word, target_reason=word, prior_reason=word)
    trend = (TrendPoint("2026-10", None, word), TrendPoint("2026-11", 1))
    note = Note("no-date", word, 3, (Example(2, word, word),))
    common: dict[str, Any] = {"name": word, "stage": word, "goal": word}
    return card(
        line(id="a", **common, figure=of_text, unit="text", groups=(Group(word, word, of_text),)),
        line(
            id="b", **common, figure=absent, trend=trend, groups=(Group(word, word, absent), Group(None, word, absent))
        ),
        line(id="c", **common, role="lagging", figure=figure(1, target=2, attainment=0.5), trend=trend),
        book=word,
        scorecard=word,
        title=word,
        by=word,
        only=((word, (word,)),),
        only_labels=((word, (word,)),),
        goals=(GoalLine(word, word, ("a",), parent=word, when=word), GoalLine("other", word, ("b",), parent=word)),
        data=(TableData(word, (word, word), 3, 2, None, (note,), left_out=(LeftOut("where", 1, word),)),),
        stages=(word,),
    )
