"""A check from end to end: questions become searches of one plan, and its answer becomes findings by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book, KpiStatus
from kpicli.checked import Check, Finding, Severity, Sight, TableCheck
from kpicli.checking.catalogue import HELP, HELPS, NOT_YET, SEVERITIES
from kpicli.checking.comparisons import value_questions
from kpicli.checking.questions import Question, is_null
from kpicli.checking.relations import cover_questions, lookup_questions, member_questions, read_lookups
from kpicli.checking.rules import rule_questions
from kpicli.checking.stages import stage_questions
from kpicli.contexts import Context
from kpicli.errors import KpiError, Mistakes, TableMistakes
from kpicli.formula.typed import KpiReference, TargetReference
from kpicli.periods import parse_period
from kpicli.plan.everything import Unusable, plan_everything
from kpicli.plan.nodes import Answer, Engine, Found, OnDate, Search
from kpicli.plan.requests import Collector
from kpicli.scorecard import STALE, Note, TableData

if TYPE_CHECKING:
    from kpicli.book.load import Loaded


def check(loaded: Loaded, as_of: date, engine: Engine) -> Check:
    """What there is to say of each table. Raises KpiError only for what is no single table's trouble."""
    work = _Check(loaded, as_of, engine, tuple(_questions(loaded)))
    answer = work.answer()
    data = {table.table: table for table in answer.data}
    findings = work.findings(data)
    return Check(
        loaded.book.name,
        as_of,
        tuple(
            _failed(name, work.errors[name]) if name not in data else work.table(data[name], findings[name])
            for name in loaded.book.tables
        ),
    )


def _questions(loaded: Loaded) -> Iterator[Question]:
    book, formulas, places = loaded.book, loaded.formulas, loaded.places
    read = read_lookups(book, formulas)
    yield from value_questions(book, formulas, places)
    yield from stage_questions(book, formulas)
    yield from lookup_questions(book, formulas, read)
    yield from member_questions(book, formulas, read)
    yield from rule_questions(book, formulas)
    yield from cover_questions(book, formulas)


def everything_asked(book: Book, formulas: Formulas, as_of: date) -> Collector:
    """What KPIs ask for this month, so that all is noted that a report would note."""
    collector = Collector(book, formulas, {})
    month = Context(parse_period("this month", book.calendar, as_of))
    for name, kpi in book.kpis.items():
        if kpi.status is not KpiStatus.RETIRED:
            collector.collect(KpiReference(name, formulas.kpis[name].figure.type), month)
            collector.collect(TargetReference(name), month)
    for card in book.scorecards.values():
        for name in card.kpis if card.by is not None else ():
            collector.collect(KpiReference(name, formulas.kpis[name].figure.type), month.by(str(card.by)))
            collector.collect(TargetReference(name), month.by(str(card.by)))
    return collector


class _Check(Struct):
    loaded: Loaded
    as_of: date
    engine: Engine
    questions: tuple[Question, ...]
    errors: dict[str, KpiError] = field(default_factory=dict)
    """Why no report can use a table."""
    found: dict[Search, Found] = field(default_factory=dict)
    dated: frozenset[str] = frozenset()
    """Tables whose rows KPIs count by a date: how old the others are matters to no figure."""

    def answer(self) -> Answer:
        """What the engine says, without the tables that it can't use; what they are in the way of isn't asked."""
        book, formulas = self.loaded.book, self.loaded.formulas
        requests = everything_asked(book, formulas, self.as_of).requests
        searches = self._searches()
        unusable = Unusable()
        while True:
            planned = plan_everything(book, formulas, self.as_of, requests, searches, unusable)
            try:
                answer = self.engine.run(planned.plan)
            except TableMistakes as mistakes:
                sparse = frozenset(name for name, error in mistakes.tables.items() if _lacks_columns(error))
                failed = {
                    name: error for name, error in mistakes.tables.items() if name not in sparse - unusable.sparse
                }
                self.errors |= failed
                unusable = replace(_more_unusable(unusable, failed), sparse=unusable.sparse | sparse)
            else:
                by_date = (one.table for one in planned.plan.aggregations if isinstance(one.dating, OnDate))
                self.dated = frozenset(by_date)
                self.found = {searches[at]: found for at, found in zip(planned.places, answer.found, strict=True)}
                return answer

    def _searches(self) -> list[Search]:
        asked = dict.fromkeys(search for question in self.questions for search in question.searches)
        asked.update(dict.fromkeys(self._undated().values()))
        return list(asked)

    def _undated(self) -> Mapping[str, Search]:
        """For each table with a date the search for rows without it."""
        tables = self.loaded.formulas.tables.items()
        return {name: Search(name, is_null(table.date)) for name, table in tables if table.date is not None}

    def findings(self, data: Mapping[str, TableData]) -> Mapping[str, list[Finding]]:
        """By table."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for name, table in data.items():
            notes = _notes(table, self._needed(name))
            found[name] += chain(notes, _counts(table, self.as_of if name in self.dated else None))
        for question in self.questions:
            answers = [self.found[search] for search in question.searches if search in self.found]
            if question.table in data and len(answers) == len(question.searches):
                found[question.table] += question.told(answers)
        return found

    def _needed(self, name: str) -> set[str]:
        """The dates without which a row of a table is in no period, or never alive."""
        table = self.loaded.formulas.tables[name]
        dates = (table.date, None if table.lifespan is None else table.lifespan[0])
        return {".".join(date.path) for date in dates if date is not None}

    def table(self, data: TableData, findings: Sequence[Finding]) -> TableCheck:
        """One table; of several findings about one thing the first stays."""
        date_field = self.loaded.formulas.tables[data.table].date
        undated = self.found.get(self._undated()[data.table]) if date_field is not None else None
        gravest = sorted(_told_once(findings), key=_gravity)
        return TableCheck(
            data.table,
            data.files,
            data.rows,
            data.used,
            data.left_out,
            None if date_field is None else ".".join(date_field.path),
            0 if undated is None else undated.rows,
            data.newest,
            tuple(gravest),
            self.errors.get(data.table),
        )


def _more_unusable(known: Unusable, failed: Mapping[str, KpiError]) -> Unusable:
    """A key that stands twice leaves a table's own rows as they are; any other error leaves none."""
    ambiguous = {name for name, error in failed.items() if error.code == "duplicate-key"}
    return replace(known, unread=known.unread | (failed.keys() - ambiguous), ambiguous=known.ambiguous | ambiguous)


def _lacks_columns(error: KpiError) -> bool:
    """Whether nothing is wrong with a table but headers that its files don't have: perhaps only searches read them."""
    errors = error.errors if isinstance(error, Mistakes) else (error,)
    return all(each.code == "missing-header" for each in errors)


def _failed(name: str, error: KpiError) -> TableCheck:
    return TableCheck(name, error=error)


_ORDER = list(Severity)


def _gravity(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _told_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Cells that are no dates aren't told again as rows without a date, nor are findings that two dimensions make."""
    told: set[tuple[str, str | None, int, str]] = set()
    misread = {(each.column, each.rows) for each in findings if each.code == "invalid-date"}
    for each in findings:
        key = (each.code, each.column, each.rows, each.message)
        if key in told or (each.code == "no-date" and (each.column, each.rows) in misread):
            continue
        told.add(key)
        yield each


# ---- what reading notes and counts


def _notes(data: TableData, needed: Collection[str]) -> Iterator[Finding]:
    """The notes of reading; lookups that miss are searched for, which tells more.

    Each row has the dates that are `needed`; what another one tells that a formula counts by may not have happened.
    """
    for note in data.notes:
        if note.code != "missing-parent":
            severity = SEVERITIES.get(note.code, Severity.WRONG)
            help_ = HELPS.get(note.code, HELP)
            if note.code == "no-date" and note.column not in needed:
                severity, help_ = Severity.ODD, NOT_YET.format(date=note.column)
            examples = tuple(_sight(note, at) for at in range(len(note.examples)))
            if note.code == "duplicate-key":  # in a report it is an error, and no note
                message = f"whose {note.column} other rows have too"
                yield Finding(note.code, severity, note.column, note.rows, message, help_, examples)
            else:
                yield Finding(note.code, severity, note.column, note.rows, "", help_, examples, note=note)


def _sight(note: Note, at: int) -> Sight:
    example = note.examples[at]
    shown = () if example.value is None else ((note.column, example.value),)
    return Sight(example.row, shown, example.file)


def _counts(data: TableData, as_of: date | None) -> Iterator[Finding]:
    """A table without rows, and one that ends long ago; None is for one whose age doesn't matter."""
    if not data.used:
        message = "no row counts" if data.rows else "there is no row"
        help_ = "look at what leaves them out" if data.rows else "export it again"
        yield Finding("no-rows", Severity.WRONG, None, 0, message, help_)
    age = 0 if data.newest is None or as_of is None else (as_of - data.newest).days
    if age >= STALE and not data.covers:
        message = f"the newest row is of {data.newest}, {age} days before the as-of day"
        help_ = "export it again, or report with --as-of as of a day that it reaches"
        yield Finding("stale", Severity.ODD, None, 0, message, help_)
