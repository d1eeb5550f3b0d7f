"""Texts that the book's formulas compare columns with, and that no row holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from msgspec import Struct

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.book.reader import Places
from kpicli.book.targets import Computed
from kpicli.checked import Common, Finding, Severity
from kpicli.checking.near import Spellings
from kpicli.checking.questions import EXAMPLES, KNOWN, Question, cut, text
from kpicli.errors import Source
from kpicli.formula import typed
from kpicli.formula.tokens import Kind, tokenize
from kpicli.formula.typed import Field, Figure, Literal, Rollup, Row, RowOperation, Type
from kpicli.plan.nodes import Found, Search

_PARTS: Final = frozenset({"like", "ilike", "contains", "starts_with", "ends_with"})


class Comparison(Struct, frozen=True):
    """What one operator of a formula compares with texts; `texts` are several in a list."""

    table: str
    subject: Row
    texts: tuple[str, ...]
    operator: str

    def holds(self, value: str) -> Row:
        """Whether a row holds one of the texts."""
        operator = self.operator if self.operator in _PARTS else "="
        return RowOperation(operator, (self.subject, text(value)), Type.BOOLEAN)


class Formula(Struct, frozen=True):
    """A formula of the book, with what it compares."""

    path: tuple[str | int, ...]
    name: str
    comparisons: tuple[Comparison, ...]
    every: bool
    """It says which rows of a table count, so it sees the others too."""


# ---- what formulas compare


def compared(book: Book, formulas: Formulas) -> list[Formula]:
    """Every formula of the book that compares a column with texts."""
    found = []
    for name, table in formulas.tables.items():
        if table.where is not None:
            found.append(_formula(book, ("tables", name, "where"), f"{name}.where", [(name, table.where)], every=True))
        for field, row in table.fields.items():
            found.append(_formula(book, ("tables", name, "fields", field), field, [(name, row)]))
    for name, dimension in formulas.dimensions.items():
        members = dimension.members
        if members is not None and members.where is not None:
            found.append(_formula(book, ("dimensions", name, "where"), name, [(members.table, members.where)]))
    for name, kpi in formulas.kpis.items():
        found.append(_formula(book, ("kpis", name, "formula"), name, _rows(kpi.figure)))
        aims = chain(kpi.aims.total, *kpi.aims.members.values())
        figures = [dated.aim.figure for dated in aims if isinstance(dated.aim, Computed)]
        rows = [pair for figure in figures for pair in _rows(figure)]
        found.append(_formula(book, ("kpis", name, "target"), f"target of {name}", rows))
    return [formula for formula in found if formula.comparisons]


def _rows(figure: Figure) -> list[tuple[str, Row]]:
    """The conditions of its aggregates, each with its table."""
    pending, rows = [figure], []
    while pending:
        part = pending.pop(0)
        if isinstance(part, typed.Measure) and part.where is not None:
            rows.append((part.table, part.where))
        pending += typed.parts(part)
    return rows


def _formula(
    book: Book, path: tuple[str | int, ...], name: str, rows: Iterable[tuple[str, Row]], *, every: bool = False
) -> Formula:
    found = dict.fromkeys(each for table, row in rows for each in _comparisons(book, table, row))
    return Formula(path, name, tuple(found), every)


def _comparisons(book: Book, table: str, row: Row) -> Iterator[Comparison]:
    match row:
        case RowOperation(name=operator, arguments=arguments):
            first, *others = arguments
            if operator in {"=", "!="} and isinstance(first, Literal):
                first, *others = reversed(arguments)
            if operator in {"=", "!=", "in", *_PARTS} and first.type is Type.TEXT and _reads_a_column(first):
                texts = tuple(
                    each.value for each in others if isinstance(each, Literal) and isinstance(each.value, str)
                )
                if texts:
                    yield Comparison(*_home(book, table, first), texts, operator)
            for argument in arguments:
                yield from _comparisons(book, table, argument)
        case Rollup(table=child, where=where) if where is not None:
            yield from _comparisons(book, child, where)
        case _:
            pass


def _reads_a_column(row: Row) -> bool:
    match row:
        case Field():
            return True
        case RowOperation(arguments=arguments):
            return any(map(_reads_a_column, arguments))
        case _:
            return False


def _home(book: Book, table: str, subject: Row) -> tuple[str, Row]:
    """What a lookup brings, as its own table has it: any row of it may hold the text."""
    if isinstance(subject, Field):
        path = subject.path
        while len(path) > 1:
            table, path = book.tables[table].lookups[path[0]].table, path[1:]
        return table, Field(path, subject.type)
    return table, subject


# ---- texts that no row holds


def value_questions(book: Book, formulas: Formulas, places: Places) -> Iterator[Question]:
    """Which of the texts that formulas compare with stand in no row of the column."""
    told: set[tuple[str, Row, str, bool]] = set()
    for formula in compared(book, formulas):
        by_subject: dict[tuple[str, Row], list[Comparison]] = defaultdict(list)
        for comparison in formula.comparisons:
            by_subject[comparison.table, comparison.subject].append(comparison)
        for (table, subject), comparisons in by_subject.items():
            asked = tuple(dict.fromkeys((one, value) for one in comparisons for value in one.texts))
            fresh = frozenset(value for _, value in asked if (table, subject, value, formula.every) not in told)
            told |= {(table, subject, value, formula.every) for value in fresh}
            if fresh:
                yield _Values(formulas, places, formula, table, subject, asked, fresh).question()


class _Values(Struct, frozen=True):
    """The texts with which one formula compares one column."""

    formulas: Formulas
    places: Places
    formula: Formula
    table: str
    subject: Row
    asked: Sequence[tuple[Comparison, str]]
    fresh: frozenset[str]
    """Those that no formula before has asked for."""

    def question(self) -> Question:
        everything = Search(self.table, None, (self.subject,), commonest=KNOWN, every=self.formula.every)
        tests = (Search(self.table, one.holds(value), every=self.formula.every) for one, value in self.asked)
        return Question(self.table, (everything, *tests), self._told)

    def _told(self, found: Sequence[Found]) -> Iterator[Finding]:
        everything, *tests = found
        given = _given(self.formulas, self.table, self.subject)
        missing = [
            (one, value)
            for (one, value), test in zip(self.asked, tests, strict=True)
            if not test.rows and value in self.fresh and value not in given
        ]
        hits = {value for (_, value), test in zip(self.asked, tests, strict=True) if test.rows}
        if not everything.rows or not missing:
            return
        written = self.places.has(self.formula.path) or self.formula.path[-1] == "target"
        if hits and not written:
            # What a preset brings names the same thing in the languages of many exports.
            return
        values = [each.first.shown[0] or "" for each in everything.commonest]
        unnamed = Spellings([value for value in (*values, *sorted(given)) if value and value not in hits])
        alone: dict[Severity, list[str]] = {}
        for one, value in missing:
            near = None if one.operator in _PARTS else unnamed.nearest(value)
            if near is not None:
                yield self._finding([value], Severity.WRONG, f"did you mean '{near}'?", everything)
            else:
                severity = Severity.ODD if hits & set(one.texts) else Severity.WRONG
                alone.setdefault(severity, []).append(value)
        for severity, texts in alone.items():
            yield self._finding(texts, severity, "write it as the export does, or leave it out", everything)

    def _finding(self, texts: Sequence[str], severity: Severity, help_: str, everything: Found) -> Finding:
        name = str_of(self.subject)
        holds = [(each.first.shown[0], each.rows) for each in everything.commonest]
        common = tuple(Common(cut(shown) or "", rows) for shown, rows in holds if shown is not None)[:EXAMPLES]
        message = f"no row has {_one_of(texts)}, which `{self.formula.name}` asks for in {name}"
        place = place_of(self.places, self.formula.path, texts[0])
        return Finding("no-such-value", severity, name, 0, message, help_, values=common, place=place)


def _one_of(texts: Sequence[str]) -> str:
    """`'Won'`, or several with commas and an `or`."""
    quoted = [f"'{each}'" for each in texts[:EXAMPLES]]
    more = len(texts) - len(quoted)
    *others, last = quoted if not more else [*quoted, "another one" if more == 1 else f"{more} others"]
    return f"{', '.join(others)} or {last}" if others else last


def _given(formulas: Formulas, table: str, subject: Row) -> frozenset[str]:
    """The texts that a field may give by its own formula, whether or not a row of today has them."""
    if not isinstance(subject, Field) or subject.path[0] not in formulas.tables[table].fields:
        return frozenset()
    return frozenset(_texts(formulas.tables[table].fields[subject.path[0]]))


def _texts(row: Row) -> Iterator[str]:
    match row:
        case Literal(value=str() as value):
            yield value
        case RowOperation(arguments=arguments):
            for argument in arguments:
                yield from _texts(argument)
        case _:
            pass


def str_of(row: Row) -> str:
    """A column as a message names it; of an expression the columns that it reads."""
    match row:
        case Field(path=path):
            return ".".join(path)
        case RowOperation(name=name, arguments=arguments):
            return f"{name}({', '.join(str_of(each) for each in arguments if _reads_a_column(each))})"
        case _:
            return "it"


def place_of(places: Places, path: tuple[str | int, ...], value: str) -> str | None:
    """Where a text stands in a formula of the book."""
    try:
        source: Source = places.source(path)
    except (KeyError, TypeError):
        return None
    if not places.has(path):
        return None
    spans = [token.span for token in tokenize(source) if token.kind is Kind.TEXT and token.string == value]
    place = source.locate(*spans[0]) if spans else places.place(path)
    return None if place is None else f"{place.file}:{place.line}:{place.column}"
