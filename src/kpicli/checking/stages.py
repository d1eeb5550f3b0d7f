"""Stages that sound as if it were over with a row, and that no formula of the book names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.checked import Common, Finding, Severity
from kpicli.checking.comparisons import compared
from kpicli.checking.near import words
from kpicli.checking.questions import EXAMPLES, KNOWN, Question, either, every, is_null, negated
from kpicli.formula.typed import Field, Row, RowOperation, Type
from kpicli.plan.nodes import Found, Search

_OUTCOMES: Final = ("won", "closed", "lost", "open")
"""Fields that say how it went with a row."""

WON: Final = frozenset(
    word
    for language in (
        "won",
        "ganada ganado",
        "gewonnen",
        "gagne gagnee",
        "vinta vinto",
        "ganha ganho",
        "vunnen vunnet",
        "wygrana wygrane",
        "受注 成約",
        "赢单",
    )
    for word in language.split()
)
"""Words of stages at which something is won, without case and accents."""
ENDED: Final = frozenset(
    word
    for language in (
        "lost closed abandoned cancelled canceled dead disqualified",
        "perdida perdido cerrada cerrado abandonada abandonado cancelada cancelado",
        "verloren geschlossen abgeschlossen abgebrochen storniert",
        "perdu perdue clos cloture cloturee ferme fermee abandonne abandonnee annule annulee",
        "persa perso chiusa chiuso annullata annullato",
        "fechada fechado",
        "gesloten geannuleerd",
        "forlorad tabt stangd lukket",
        "przegrana przegrane zamkniete",
        "失注",
        "输单 已关闭",
    )
    for word in language.split()
)
"""Words of stages at which something is over otherwise, likewise."""


def sounds_of(value: str, words_asked_for: frozenset[str]) -> bool:
    """Whether a stage has one of these words in it."""
    return not words_asked_for.isdisjoint(words(value))


def stage_questions(book: Book, formulas: Formulas) -> Iterator[Question]:
    """Which values of the columns that won, closed, lost and open compare are named by no formula."""
    by_column: dict[tuple[str, Field], list[Row]] = defaultdict(list)
    stages: dict[tuple[str, Field], None] = {}
    for formula in compared(book, formulas):
        outcome = formula.path[0] == "tables" and formula.path[-1] in _OUTCOMES and formula.path[-2:-1] == ("fields",)
        for one in formula.comparisons:
            for column in _columns(one.subject):
                by_column[one.table, column] += [one.holds(value) for value in one.texts]
                if outcome and one.table == formula.path[1]:
                    stages[one.table, column] = None
    for table, column in stages:
        # Where a book only says what is won, it has no need to say what is lost.
        ends = formulas.tables[table].fields.keys() & set(_OUTCOMES) != {"won"}
        yield _stage_question(table, column, by_column[table, column], WON | ENDED if ends else WON)


def _columns(row: Row) -> Iterator[Field]:
    match row:
        case Field(path=(_,), type=Type.TEXT):
            yield row
        case RowOperation(arguments=arguments):
            for argument in arguments:
                yield from _columns(argument)
        case _:
            pass


def _stage_question(table: str, column: Field, named: Sequence[Row], sounds: frozenset[str]) -> Question:
    known = every([negated(is_null(column)), negated(either(tuple(dict.fromkeys(named))))])

    def told(found: Sequence[Found]) -> Iterator[Finding]:
        (others,) = found
        ended = [each for each in others.commonest if sounds_of(each.first.shown[0] or "", sounds)]
        if ended:
            values = tuple(Common(each.first.shown[0] or "", each.rows) for each in ended)
            yield Finding(
                "unknown-stage",
                Severity.WRONG,
                column.path[0],
                sum(each.rows for each in ended),
                f"at a {column.path[0]} that sounds won, lost or closed, and that no formula names",
                f"name it in the field of {table} that it belongs to: `won`, `lost` or `closed`",
                values=values[:EXAMPLES],
            )

    return Question(table, (Search(table, known, (column,), commonest=KNOWN),), told)
