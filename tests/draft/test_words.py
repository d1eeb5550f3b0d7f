"""The words by which headers and stages are known."""

from __future__ import annotations

import pytest

from kpicli.draft.names import name_for, singular
from kpicli.draft.words import likeness, may_mean_closed, means_done, means_lost, means_won, words_of
from kpicli.formula.tokens import RESERVED


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("CloseDate", ("close", "date")),
        ("close_date", ("close", "date")),
        ("Close Date", ("close", "date")),
        ("LEADID", ("lead", "id")),
        ("ACCOUNTID", ("account", "id")),
        ("USER_ID", ("user", "id")),
        ("Est. close date", ("est", "close", "date")),
        ("Händler", ("handler",)),
        ("Clôturée le", ("cloturee", "le")),
        ("paid", ("paid",)),
        ("", ()),
    ],
)
def test_headers_are_cut_into_words(header: str, words: tuple[str, ...]) -> None:
    assert words_of(header) == words


@pytest.mark.parametrize(
    "text",
    [
        *("Won", "Closed Won", "closed-won", "7. WON", "Gewonnen", "Abgeschlossen (gewonnen)", "Gagné"),
        *("Fermée gagnée", "Ganada", "Cerrada ganada", "Gesloten gewonnen", "Chiusa vinta", "Fechada e ganha", "受注"),
    ],
)
def test_won_in_eight_languages(text: str) -> None:
    assert means_won(text)
    assert not means_lost(text)
    assert not may_mean_closed(text)


@pytest.mark.parametrize(
    "text", ["Lost", "Closed Lost", "Verloren", "Perdu", "Fermée perdue", "Perdida", "Loss", "Persa", "失注"]
)
def test_lost_in_eight_languages(text: str) -> None:
    assert means_lost(text)
    assert not means_won(text)


@pytest.mark.parametrize(
    "text",
    ["Won/Lost", "Not won", "Nicht gewonnen", "Negotiation", "Wonderful", "To be signed", "Win back", "Paid", ""],
)
def test_what_says_both_or_the_contrary_means_neither(text: str) -> None:
    assert not means_won(text)
    assert not means_lost(text)


@pytest.mark.parametrize("text", ["Closed: abandoned", "Cancelled", "Abgelehnt", "Won/Lost", "Not won"])
def test_other_ends_of_a_sale_are_a_question(text: str) -> None:
    assert may_mean_closed(text)


def test_done_is_said_in_many_ways() -> None:
    assert all(map(means_done, ["Completed", "Held", "Erledigt", "Terminée", "Hecho", "Voltooid"]))
    assert not any(map(means_done, ["Not done", "Open", "Nicht erledigt", "Planned"]))


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Betrag", "amount"),
        ("Deal Value", "amount"),
        ("Importe", "amount"),
        ("Abschlussdatum", "close_date"),
        ("Fecha de cierre", "close_date"),
        ("Date de clôture", "close_date"),
        ("Sluitingsdatum", "close_date"),
        ("Angelegt am", "created_date"),
        ("engage_date", "created_date"),
        ("Propriétaire", "owner"),
        ("sales_agent", "owner"),
        ("Eigenaar", "owner"),
        ("Verkaufsphase", "stage"),
        ("deal_stage", "stage"),
        ("Etapa", "stage"),
        ("Schlusstermin", "close_date"),
        ("Date de fermeture", "close_date"),
        ("Data chiusura", "close_date"),
        ("完了予定日", "close_date"),
        ("Data de criação", "created_date"),
        ("Titolare opportunità", "owner"),
        ("商談 所有者", "owner"),
        ("金額", "amount"),
        ("Herkunft", "source"),
        ("Lead Source", "source"),
    ],
)
def test_a_header_is_most_like_its_role(header: str, role: str) -> None:
    others = ("amount", "close_date", "created_date", "owner", "stage", "source", "account", "product")
    assert max(others, key=lambda each: likeness(header, each)) == role
    assert likeness(header, role) > 0.9


@pytest.mark.parametrize(
    ("role", "better", "worse"),
    [
        ("close_date", "Deal - Deal closed on", "Deal - Expected close date"),
        ("close_date", "Actual Close Date", "Est. Close Date"),
        ("close_date", "Trato - Trato cerrado el", "Trato - Fecha prevista de cierre"),
        ("amount", "Deal - Wert", "Deal - Total activities"),
    ],
)
def test_what_is_expected_or_counted_is_less_like(role: str, better: str, worse: str) -> None:
    assert likeness(better, role) > likeness(worse, role)


def test_a_number_of_things_is_no_amount() -> None:
    assert likeness("Deal - Total activities", "amount") == 0


def test_names_are_names_of_formulas() -> None:
    assert name_for("Close Date", ()) == "close_date"
    assert name_for("Close Date", {"close_date", "close_date_2"}) == "close_date_3"
    assert name_for("2nd contact", ()) == "nd_contact"
    assert name_for("日付", ()) == "column"
    assert name_for("Where", ()) == "where_value"
    assert all(name_for(word, ()) not in RESERVED for word in RESERVED)


def test_one_of_many() -> None:
    assert [singular(word) for word in ("leads", "opportunities", "news_items", "staff")] == [
        "lead",
        "opportunity",
        "news_item",
        "staff",
    ]


def test_a_decision_maker_is_no_end_of_a_sale() -> None:
    assert not may_mean_closed("Decision maker bought-In")
    assert may_mean_closed("Dead")
