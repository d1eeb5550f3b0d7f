"""What tables say of each other: lookups that miss, members that aren't listed, and months without a quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from kpicli.book.formulas import DimensionFormulas, Formulas
from kpicli.book.model import Book, Lookup
from kpicli.book.targets import Aims, Computed
from kpicli.checked import Common, Finding, Severity
from kpicli.checking.near import Spellings
from kpicli.checking.questions import (
    EXAMPLES,
    KNOWN,
    Question,
    as_text,
    cut,
    either,
    every,
    is_null,
    negated,
    sights,
    types_of,
)
from kpicli.formula import typed
from kpicli.formula.typed import AsOf, Field, Figure, Rollup, Row, RowOperation, Type
from kpicli.periods import Grain
from kpicli.plan.nodes import Found, NotIn, Search
from kpicli.plan.requests import member_value

# ---- lookups


def read_lookups(book: Book, formulas: Formulas) -> frozenset[tuple[str, str]]:
    """The lookups, each with its table, that formulas, targets and dimensions read through."""
    return frozenset(_through(book, formulas))


def _through(book: Book, formulas: Formulas) -> Iterator[tuple[str, str]]:
    rows: list[tuple[str, Row]] = []
    for name, table in formulas.tables.items():
        rows += [(name, row) for row in table.fields.values()]
    for dimension in formulas.dimensions.values():
        rows += dimension.fields.items()
        if (members := dimension.members) is not None:
            rows += [(members.table, row) for row in (members.where, members.label) if row is not None]
    for kpi in formulas.kpis.values():
        pending: list[Figure] = [kpi.figure, *_computed(kpi.aims)]
        while pending:
            part = pending.pop()
            if isinstance(part, typed.Measure):
                rows += [(part.table, row) for row in (part.column, part.where, part.on) if row is not None]
            pending += typed.parts(part)
    while rows:
        name, row = rows.pop()
        match row:
            case Field(path=path) if len(path) > 1:
                yield name, path[0]
                rows.append((book.tables[name].lookups[path[0]].table, Field(path[1:], row.type)))
            case Rollup(table=child, via=via, column=column, where=where):
                yield child, via
                rows += [(child, each) for each in (column, where) if each is not None]
            case RowOperation(arguments=arguments):
                rows += [(name, each) for each in arguments]
            case _:
                pass


def lookup_questions(book: Book, formulas: Formulas, read: frozenset[tuple[str, str]]) -> Iterator[Question]:
    """Which rows have a value that leads to no row of the parent; those of people are told by their dimension."""
    for name, table in book.tables.items():
        for key, lookup in table.lookups.items():
            told_as_members = any(
                _leads_to_members(dimension, name, lookup) for dimension in formulas.dimensions.values()
            )
            if not told_as_members:
                yield _lookup_question(book, formulas, name, lookup, read=(name, key) in read)


def _leads_to_members(dimension: DimensionFormulas, table: str, lookup: Lookup) -> bool:
    own = dimension.fields.get(table)
    members = dimension.members
    return members is not None and own is not None and members.table == lookup.table and own.path == lookup.column


def _lookup_question(book: Book, formulas: Formulas, table: str, lookup: Lookup, *, read: bool) -> Question:
    links = [_named(book, formulas, table, column) for column in lookup.column]
    keys = [_named(book, formulas, lookup.table, column) for column in book.tables[lookup.table].key]
    column = ", ".join(lookup.column)
    shown = as_text(links[0]) if len(links) == 1 else _together(links)
    siblings = (each.table for each in book.tables[table].lookups.values() if each.column == lookup.column)
    parents = list(dict.fromkeys(siblings)) if len(links) == 1 else []
    filled = every([negated(is_null(link)) for link in links])
    other = NotIn(tuple(links), lookup.table, tuple(keys))
    where = book.tables[lookup.table].where
    anywhere = other if where is None else replace(other, every=True)
    searches = [
        Search(table, filled, (shown,), other, first=EXAMPLES, commonest=EXAMPLES),
        Search(table, filled, (), anywhere),
    ]
    if len(keys) == 1:
        searches.append(Search(lookup.table, None, (as_text(keys[0]),), commonest=KNOWN))

    def told(found: Sequence[Found]) -> Iterator[Finding]:
        missing, absent, *known = found
        if missing.rows:
            values = _common(missing, Spellings(_values(known[0])) if known else Spellings(()))
            message = f"whose {column} leads to no row of {lookup.table}"
            severity = Severity.WRONG if read and absent.rows else Severity.ODD
            examples = sights(missing, [column])
            passed_over = missing.rows - absent.rows, missing.rows, where
            help_ = _help_for_misses(values, column, lookup.table, passed_over)
            if len(parents) > 1 and all(value.near is None for value in values):
                help_ = (
                    f"if {column} leads to {' or '.join(parents)}, let each lookup go by a field that has its own ids"
                    f" alone: `case when starts_with({column}, '…') then {column} end`; otherwise {help_}"
                )
            yield Finding("missing-parent", severity, column, missing.rows, message, help_, examples, values)

    return Question(table, tuple(searches), told)


def _help_for_misses(
    values: Sequence[Common], column: str, parent: str, passed_over: tuple[int, int, str | None]
) -> str:
    """What to do; `passed_over` are how many of the rows lead to one that the parent's `where` leaves out, and that."""
    near = next((value for value in values if value.near is not None), None)
    if near is not None:
        repair = f"case when {column} = '{near.value}' then '{near.near}' else {column} end"
        return f"mend the spelling in the CRM, or in a field that the lookup reads: `{repair}`"
    count, of, where = passed_over
    if count == of:
        return f"nothing, if these don't count either: what they lead to is left out by `where: {where}`"
    lead = "leads to a row" if count == 1 else "lead to rows"
    left_out = f"; {count:,} of them {lead} that `where: {where}` leaves out" if count else ""
    return f"export all of {parent}: what these rows read of it is blank{left_out}"


def _named(book: Book, formulas: Formulas, table: str, name: str) -> Field:
    """A column or field of a table, typed."""
    return Field((name,), types_of(book, formulas, table)[name])


def _together(rows: Sequence[Row]) -> Row:
    parts: list[Row] = [rows[0]]
    for row in rows[1:]:
        parts += [typed.Literal(" / ", Type.TEXT), row]
    return RowOperation("concat", tuple(parts), Type.TEXT)


def _values(found: Found) -> list[str]:
    return [shown for each in found.commonest if (shown := each.first.shown[0]) is not None]


def _common(found: Found, known: Spellings, labels: Mapping[str, str] | None = None) -> tuple[Common, ...]:
    values = []
    for each in found.commonest[:EXAMPLES]:
        shown = each.first.shown[0] or ""
        label = None if labels is None else labels.get(shown)
        values.append(Common(cut(shown) or "", each.rows, label, known.nearest(shown)))
    return tuple(values)


# ---- members


def member_questions(book: Book, formulas: Formulas, read: frozenset[tuple[str, str]]) -> Iterator[Question]:
    """Which rows have a member that the dimension's table doesn't list, and which have none."""
    for name, dimension in formulas.dimensions.items():
        members = dimension.members
        if members is None:
            continue
        for table, field in dimension.fields.items():
            if table != members.table:
                lookups = {key for key, each in book.tables[table].lookups.items() if each.column == field.path}
                yield _unknown(dimension, table, field, read=any((table, key) in read for key in lookups))
                if book.tables[table].covers is None:
                    yield _without(name, table, field)


def _unknown(dimension: DimensionFormulas, table: str, field: Field, *, read: bool) -> Question:
    members = dimension.members
    assert members is not None
    value, column = member_value(dimension, table), ".".join(field.path)
    other = NotIn((value,), members.table, (as_text(members.key),))
    search = Search(table, negated(is_null(field)), (value,), other, first=EXAMPLES, commonest=EXAMPLES)
    labels = tuple(dict.fromkeys((as_text(members.key), as_text(members.label or members.key))))
    listed = Search(members.table, None, labels, commonest=KNOWN)

    def told(found: Sequence[Found]) -> Iterator[Finding]:
        missing, known = found
        if missing.rows:
            spellings = Spellings(text for each in known.commonest for text in each.first.shown if text is not None)
            values, examples = _common(missing, spellings), sights(missing, [column])
            message = f"whose {column} isn't among {members.table}"
            help_ = f"export all of {members.table}: what these rows read of it is blank, such as whose team they are"
            if any(each.near is not None for each in values):
                help_ = (
                    f"the members of {members.table} are told by {'.'.join(members.key.path)}: write it the same way"
                )
            yield Finding(
                "unknown-member",
                Severity.WRONG if read else Severity.ODD,
                column,
                missing.rows,
                message,
                help_,
                examples,
                values,
            )

    return Question(table, (search, listed), told)


def _without(dimension: str, table: str, field: Field) -> Question:
    column = ".".join(field.path)
    search = Search(table, is_null(field), first=EXAMPLES)

    def told(found: Sequence[Found]) -> Iterator[Finding]:
        (blank,) = found
        if blank.rows:
            help_ = f"assign them in the CRM: by {dimension} they stand under (none)"
            examples = sights(blank, ())
            yield Finding("no-member", Severity.ODD, column, blank.rows, f"without {column}", help_, examples)

    return Question(table, (search,), told)


# ---- months that quotas cover


def cover_questions(book: Book, formulas: Formulas) -> Iterator[Question]:
    """Tables that hold for whole months and have none for this one; and members whose rows need one and have none."""
    for name, table in book.tables.items():
        if table.covers is not None and (months := _months(formulas, name)):
            yield _month(name, months)
    seen = set()
    for kpi in formulas.kpis.values():
        for covering in _covering(kpi.aims):
            for measure in _measures(kpi.figure):
                for key, dimension in formulas.dimensions.items():
                    asked = (covering, measure.table, measure.on, key)
                    if asked not in seen and measure.on is not None and not measure.covers:
                        seen.add(asked)
                        yield from _uncovered(formulas, dimension, covering, measure.table, measure.on)


def _in_month(date: Row) -> Row:
    """Whether a date lies in the as-of day's month."""
    edges = [RowOperation(edge, (AsOf(),), Type.DATE, Grain.MONTH) for edge in ("start_of", "end_of")]
    return RowOperation("between", (date, *edges), Type.BOOLEAN)


def _months(formulas: Formulas, table: str) -> list[Field]:
    """The dates that say for which months a table's rows hold: with a column for each month there is one for each."""
    figures = [figure for kpi in formulas.kpis.values() for figure in (kpi.figure, *_computed(kpi.aims))]
    read = [one.on for figure in figures for one in _measures(figure) if one.table == table and one.on is not None]
    own = formulas.tables[table].date
    return list(dict.fromkeys(read)) or ([] if own is None else [own])


def _month(table: str, months: Sequence[Field]) -> Question:
    def told(found: Sequence[Found]) -> Iterator[Finding]:
        month, everything = found
        if not month.rows and everything.rows:
            message, help_ = "no row holds for the month of the as-of day", "export it again, with this month"
            yield Finding("month-missing", Severity.WRONG, ".".join(months[0].path), 0, message, help_)

    return Question(table, (Search(table, _in_any(months)), Search(table, None)), told)


def _in_any(months: Sequence[Field]) -> Row:
    return either([_in_month(month) for month in months])


def _uncovered(
    formulas: Formulas, dimension: DimensionFormulas, covering: str, table: str, date: Field
) -> Iterator[Question]:
    members, months = dimension.members, _months(formulas, covering)
    if members is None or not months or not {covering, table} <= dimension.fields.keys():
        return
    value = member_value(dimension, table)
    where = every([negated(is_null(dimension.fields[table])), _in_month(date)])
    other = NotIn((value,), covering, (member_value(dimension, covering),), _in_any(months))
    search = Search(table, where, (value,), other, first=EXAMPLES, commonest=EXAMPLES)
    labels = (as_text(members.key), as_text(members.label or members.key))
    listed = Search(members.table, None, labels, commonest=KNOWN)
    column = ".".join(dimension.fields[table].path)

    def told(found: Sequence[Found]) -> Iterator[Finding]:
        uncovered, known, covered = found
        if uncovered.rows and covered.rows:
            names = {
                key: label
                for each in known.commonest
                if (key := each.first.shown[0]) and (label := each.first.shown[1])
            }
            message = f"of this month whose {column} has no row in {covering}"
            help_ = f"add them to {covering}, or what they bring counts against nobody's target"
            values, examples = _common(uncovered, Spellings(()), names), sights(uncovered, [column])
            yield Finding("no-quota", Severity.ODD, column, uncovered.rows, message, help_, examples, values)

    yield Question(table, (search, listed, Search(covering, _in_any(months))), told)


def _covering(aims: Aims) -> list[str]:
    """The tables that hold for whole months and that target formulas read."""
    return list(dict.fromkeys(one.table for figure in _computed(aims) for one in _measures(figure) if one.covers))


def _computed(aims: Aims) -> list[Figure]:
    """The formulas of targets."""
    dated = chain(aims.total, *aims.members.values())
    return [each.aim.figure for each in dated if isinstance(each.aim, Computed)]


def _measures(figure: Figure) -> Iterator[typed.Measure]:
    if isinstance(figure, typed.Measure):
        yield figure
    for part in typed.parts(figure):
        yield from _measures(part)
