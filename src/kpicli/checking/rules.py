"""Rules of the catalogue as questions, for each table that has the names in their formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book, Table
from kpicli.checked import Finding
from kpicli.checking.catalogue import RULES, Rule
from kpicli.checking.questions import EXAMPLES, Question, as_text, sights, types_of
from kpicli.errors import KpiError, Source
from kpicli.formula.check import Checker, LookupSchema, Schema, TableSchema
from kpicli.formula.typed import Row
from kpicli.plan.nodes import Found, Search


def rule_questions(book: Book, formulas: Formulas) -> Iterator[Question]:
    """A question for each table and each rule that applies to it."""
    checker = Checker(Schema({name: _schema(book, formulas, name, table) for name, table in book.tables.items()}))
    for name, table in book.tables.items():
        names = _names(book, formulas, name, table)
        taken: set[str] = set()
        for rule in RULES:
            question = None if rule.code in taken else _question(checker, name, rule, names)
            if question is not None:
                taken.add(rule.code)
                yield question


def _schema(book: Book, formulas: Formulas, name: str, table: Table) -> TableSchema:
    """What rules see of a table: its fields are typed already, so they are like columns."""
    lookups = {key: LookupSchema(lookup.table, lookup.column) for key, lookup in table.lookups.items()}
    return TableSchema(name, types_of(book, formulas, name), lookups=lookups, date=table.date)


def _question(checker: Checker, table: str, rule: Rule, names: Mapping[str, Sequence[str]]) -> Question | None:
    spelled = {name: _listed(each) for name, each in names.items()} | {"nowhere": " and ".join(names["nowhere"])}
    columns = [show.format_map(spelled) for show in rule.shows]
    where, *needed = _typed(checker, table, [rule.formula.format_map(spelled), *rule.needs])
    shows = _typed(checker, table, columns)
    if where is None or None in (*needed, *shows):
        return None
    subject = ", ".join(names["links"]) if rule.about_links else columns[0]
    message = rule.message.format_map(spelled)

    def told(found: Sequence[Found]) -> Iterable[Finding]:
        (rows,) = found
        if rows.rows:
            yield Finding(rule.code, rule.severity, subject, rows.rows, message, rule.help, sights(rows, columns))

    search = Search(table, where, tuple(as_text(row) for row in shows if row is not None), first=EXAMPLES)
    return Question(table, (search,), told)


def _typed(checker: Checker, table: str, formulas: Iterable[str]) -> list[Row | None]:
    """Row formulas of a table, typed; None for one that doesn't fit it."""
    rows: list[Row | None] = []
    for formula in formulas:
        try:
            rows.append(checker.row(table, Source(formula)))
        except KpiError:
            rows.append(None)
    return rows


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _names(book: Book, formulas: Formulas, name: str, table: Table) -> dict[str, tuple[str, ...]]:
    """What a rule's placeholders stand for; one that the table lacks stands for nothing, which is no formula."""
    lifespan = table.lifespan
    lookups = _lookups_to_things(formulas, name, table)
    nowhere = [f"{lookup}.{key} is null" for lookup in lookups for key in book.tables[table.lookups[lookup].table].key]
    return {
        "from": () if lifespan is None else (lifespan.from_,),
        "until": () if lifespan is None else (lifespan.until,),
        "links": tuple(dict.fromkeys(column for lookup in lookups for column in table.lookups[lookup].column)),
        "nowhere": tuple(nowhere),
    }


def _lookups_to_things(formulas: Formulas, name: str, table: Table) -> list[str]:
    """The lookups that don't lead to a dimension's members: whose a row is says not what it is about."""
    people = {dimension.members.table for dimension in formulas.dimensions.values() if dimension.members is not None}
    owners = {dimension.fields[name].path for dimension in formulas.dimensions.values() if name in dimension.fields}
    return [key for key, lookup in table.lookups.items() if lookup.table not in people and lookup.column not in owners]
