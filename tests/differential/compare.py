"""Holds a report of the program against what DuckDB finds for the same world: every figure of every KPI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
from tests.differential import days
from tests.differential.aims import stand
from tests.differential.asks import TREND, Ask
from tests.differential.days import DAY, Span
from tests.differential.files import formula_text
from tests.differential.frames import MEMBER, NONE, Base, span_after
from tests.differential.scopes import listed
from tests.differential.sql_figures import Found, Query, window_steps, windowed
from tests.differential.sql_rows import RowSql
from tests.differential.tree import Agg, DayCount, ExpectedOf, Per, Ref, Shift, TargetOf, walk
from tests.differential.world import Kpi, World

Told = tuple[str, object, object]
"""What differs, what was expected, what came."""


def _looked_up(label: str) -> tuple[str, str]:
    """What members are ordered by; the drawn labels have no other accents."""
    return label.lower().translate(str.maketrans("çöü", "cou")), label


@dataclass(frozen=True)
class Difference:
    """One figure that differs, with all that is needed to look at it."""

    kpi: str
    formula: str
    what: str
    expected: object
    got: object
    sql: str

    def __str__(self) -> str:
        return f"{self.kpi}: {self.formula}\n  {self.what}: expected {self.expected!r}, got {self.got!r}\n  {self.sql}"


@dataclass(frozen=True)
class Expected:
    """What DuckDB found for one figure."""

    value: Found
    prior: Found
    target: Found
    due: Found


def close(found: Found, got: object) -> bool:
    """Exact values are equal, floats nearly so, absence is absence."""
    value = found.value
    if value is None or got is None or isinstance(value, str | bool) or isinstance(got, str):
        return value == got
    assert isinstance(got, int | float | Decimal)
    if isinstance(value, Fraction) and not isinstance(got, float):
        return value == Fraction(got)
    return abs(float(value) - float(got)) <= max(1e-9 * abs(float(value)), found.error * 4, 1e-13)


def near(expected: float | None, got: object, error: float = 0.0) -> bool:
    """The same for what is worked out from figures."""
    if expected is None or got is None:
        return expected is got
    assert isinstance(got, int | float | Decimal)
    return abs(expected - float(got)) <= max(1e-9 * abs(expected), error, 1e-12)


def number(found: Found) -> float | None:
    assert not isinstance(found.value, str)
    return None if found.value is None else float(found.value)


class Comparison:
    """One report of one world; `figures` counts what has been compared."""

    def __init__(self, world: World, rows: RowSql, connection: duckdb.DuckDBPyConnection, ask: Ask) -> None:
        self.world = world
        self.rows = rows
        self.connection = connection
        self.ask = ask
        self.figures = 0

    def differences(self, report: dict[str, Any]) -> Iterator[Difference]:
        """All figures of a report that differ."""
        assert [line["id"] for line in report["kpis"]] == list(self.world.kpis)
        for line in report["kpis"]:
            kpi = self.world.kpis[line["id"]]
            if self.ask.all:
                yield from self._over_all(kpi, line)
            elif self.ask.span.elapsed or _timeless(kpi):
                yield from self.kpi(kpi, line)
        for table in report["data"]:
            yield from self._data(table)

    def _over_all(self, kpi: Kpi, line: dict[str, Any]) -> Iterator[Difference]:
        """`all` begins where a KPI's data do; what doesn't depend on that day is compared."""
        if not _timeless(kpi) or any(self.world.tables[table].covers for table, _ in self.world.reads(kpi.formula)):
            return
        (found,), sql = self._query([Base(self.ask.span)]).run(self.connection, kpi.formula)
        self.figures += 1
        if not close(found, line["value"]):
            yield Difference(kpi.name, formula_text(kpi), "value", found, line["value"], sql)
        if line["prior"] is not None:
            yield Difference(kpi.name, formula_text(kpi), "prior", None, line["prior"], sql)

    def kpi(self, kpi: Kpi, line: dict[str, Any]) -> Iterator[Difference]:
        """Where one KPI's line differs."""
        span, by = self.ask.span, self.ask.by
        now = [Base(span), *self._members(span)]
        before = [replace(base, span=days.prior(span), current=False) for base in now]
        past = range(TREND - 1, 0, -1) if self.ask.trend else ()
        earlier = [Base(days.earlier(span, back), current=False) for back in past]
        found, sql = self._query([*now, *before, *earlier]).run(self.connection, windowed(kpi))
        targets, _ = self._query(now).run(self.connection, TargetOf(kpi.name))
        dues, _ = self._query(now).run(self.connection, ExpectedOf(kpi.name))
        figures = [Expected(*each) for each in zip(found, found[len(now) :], targets, dues, strict=False)]
        told = list(self._headline(kpi, figures[0], [*found[2 * len(now) :], found[0]], line))
        if by is not None:
            known = {}
            for base, each in zip(now, figures, strict=True):
                if base.scope in (MEMBER, NONE):
                    known[base.member if base.scope == MEMBER else None] = each
            told += self._groups(kpi, known, by, line["groups"])
        for what, expected, got in told:
            yield Difference(kpi.name, formula_text(kpi), what, expected, got, sql)

    def _headline(self, kpi: Kpi, figure: Expected, points: Sequence[Found], line: dict[str, Any]) -> Iterator[Told]:
        yield from self._figure(kpi, figure, line)
        window = self._window(kpi)
        shown = {"start": str(window.start), "end": str(window.end - DAY)}
        if shown != {name: line["window"][name] for name in shown}:
            yield "window", shown, line["window"]
        if not near(float(self.world.almanac.elapsed_share(window)), line["window"]["elapsed"]):
            yield "elapsed", self.world.almanac.elapsed_share(window), line["window"]["elapsed"]
        for expected, point in zip(points, line["trend"], strict=self.ask.trend):
            self.figures += 1
            if not close(expected, point["value"]):
                yield f"trend {point['period']}", expected, point["value"]

    def _groups(
        self, kpi: Kpi, known: dict[str | None, Expected], by: str, groups: list[dict[str, Any]]
    ) -> Iterator[Told]:
        expected = self.listed(by)
        here = {
            member for member, each in known.items() if member in expected or each.value.present or each.target.present
        }
        labels = self._labels(by, {member for member in here if member is not None})
        shown = sorted(((label, member) for member, label in labels.items()), key=lambda each: _looked_up(each[0]))
        order = [(member, label) for label, member in shown] + ([(None, "(none)")] if None in here else [])
        if [(each["member"], each["label"]) for each in groups] != order:
            yield "members", order, [(each["member"], each["label"]) for each in groups]
        for group in groups:
            figure = known.get(group["member"])
            if figure is not None:
                if not figure.prior.present and group["member"] not in expected:
                    figure = replace(figure, prior=Found(None, 0.0, present=False))  # new, not unchanged
                for what, should, does in self._figure(kpi, figure, group):
                    yield f"member {group['member']!r} {what}", should, does

    def _figure(self, kpi: Kpi, expected: Expected, figure: dict[str, Any]) -> Iterator[Told]:
        """Where a figure differs; what follows from something that differs is left out."""
        self.figures += 1
        value, prior, target = expected.value, expected.prior, expected.target
        if not close(value, figure["value"]):
            yield "value", value, figure["value"]
            return
        if (figure["value"] is None) != bool(figure["reason"]):
            yield "reason", value, figure["reason"]
        if not close(prior, figure["prior"]):
            yield "prior", prior, figure["prior"]
            return
        if kpi.unit == "text":
            return
        now, then = number(value), number(prior)
        change = None if now is None or then is None else now - then
        if not near(change, figure["change"], 1e-9 * (abs(now or 0) + abs(then or 0))):
            yield "change", change, figure["change"]
        if not close(target, figure["target"]):
            yield "target", target, figure["target"]
            return
        due = self._due(kpi, expected)
        if not near(due, figure["expected"], target.error):
            yield "expected", due, figure["expected"]
            return
        yield from self._standing(kpi, expected, due, figure)

    def _standing(self, kpi: Kpi, expected: Expected, due: float | None, figure: dict[str, Any]) -> Iterator[Told]:
        now = number(expected.value)
        mine = stand(self.world, kpi, self._window(kpi), now, number(expected.target), due)
        relative = expected.value.error / abs(now) if now else 0.0
        shown = {
            "attainment": mine.attainment,
            "pace": mine.pace,
            "projected": mine.projected,
            "needed_per_workday": mine.needed,
        }
        for name, amount in shown.items():
            if not near(amount, figure[name], abs(amount or 0) * relative):
                yield name, amount, figure[name]
        if mine.status != figure["status"]:
            yield "status", mine, figure["status"]

    def _due(self, kpi: Kpi, expected: Expected) -> float | None:
        target = number(expected.target)
        if target is None or kpi.aim is None or kpi.aim.formula is None:
            return None if target is None else number(expected.due)
        flow = self.world.accumulates(kpi.formula)
        return target * float(self.world.almanac.elapsed_share(self._window(kpi))) if flow else target

    def _window(self, kpi: Kpi) -> Span:
        window = span_after(self.ask.span, window_steps(kpi), self.world.almanac)
        assert window is not None
        return window

    def _query(self, bases: Sequence[Base]) -> Query:
        return Query(self.world, self.rows, bases, self.ask.by, self.ask.only)

    # ---- members

    def _members(self, span: Span) -> list[Base]:
        """A context for whoever could be a member, and one for the rows without one."""
        by = self.ask.by
        if by is None:
            return []
        named = (values(self.connection, table, by) for table in self.world.dimensions[by].paths)
        members = sorted({*self.listed(by), *(each for found in named for each in found)})
        return [*(Base(span, MEMBER, member) for member in members), Base(span, NONE)]

    def listed(self, dimension: str) -> set[str]:
        """The members that the dimension's own table lists and the report's scope leaves in."""
        table = self.world.dimensions[dimension].members
        if table is None:
            return set()
        where = self.world.dimensions[dimension].where
        tests = ["true" if where is None else self.rows.render(where, table, "t").sql]
        (key,) = self.world.tables[table].key
        for other, chosen in self.ask.only.items():
            path = (key,) if other == dimension else self.world.own_path(dimension, other)
            if path is not None:
                tests.append(f"{self.rows.path(path, 'text', table, 't').sql} in ({listed(chosen)})")
        found = self.connection.execute(f"select {key} from {table} t where {' and '.join(tests)}").fetchall()
        return {str(each) for (each,) in found}

    def _labels(self, dimension: str, members: set[str]) -> dict[str, str]:
        """How each member is shown: by its label, with the key after it where two have the same."""
        names = self.world.labels(dimension)
        plain = {member: names.get(member) or member for member in members}
        every = [*({member: name or member for member, name in names.items()} | plain).values()]
        return {member: label if every.count(label) == 1 else f"{label} ({member})" for member, label in plain.items()}

    # ---- data

    def _data(self, table: dict[str, Any]) -> Iterator[Difference]:
        """How many rows a table has and uses, the last day that any of them has by now, and the first."""
        declared = self.world.tables[table["table"]]
        newest = "null" if declared.date is None else f"max({declared.date})"
        if declared.date is not None:
            newest += f" filter (where {declared.date} <= date '{self.world.as_of}')"
        oldest = "null" if declared.date is None else f"min({declared.date})"
        sql = f"select count(*), {newest}, {oldest} from {declared.name}"
        ((used, *ends),) = self.connection.execute(sql).fetchall()
        last, first = (None if end is None else str(end) for end in ends)
        expected = {"rows": len(declared.rows), "used": used, "newest": last, "oldest": first}
        if expected != {name: table[name] for name in expected}:
            yield Difference(declared.name, "", "data", expected, table, sql)


def _timeless(kpi: Kpi) -> bool:
    """Whether a KPI only asks which rows' days are in the period, and nothing else of the period."""
    timed = any(
        isinstance(each, Shift | Ref | TargetOf | Per | DayCount) or (isinstance(each, Agg) and each.at is not None)
        for each in walk(kpi.formula)
    )
    return not timed and kpi.trailing is None and kpi.to_date is None


def values(connection: duckdb.DuckDBPyConnection, table: str, dimension: str) -> list[str]:
    """The members that the rows of a table name."""
    sql = f"select distinct dim_{dimension} from {table} where dim_{dimension} is not null"
    return sorted(str(each) for (each,) in connection.execute(sql).fetchall())
