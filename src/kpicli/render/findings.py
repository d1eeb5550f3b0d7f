"""What `kpi check` found, for people at a terminal: table by table, the gravest first, with rows that show it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from kpicli.checked import Check, Common, Finding, Severity, Sight, TableCheck
from kpicli.render.checks import told
from kpicli.render.numbers import write_count, write_rows
from kpicli.render.page.pieces import GLUE, Line, Piece, flow
from kpicli.render.screen import Screen
from kpicli.scorecard import LeftOut, Status

_SIGNS: Final = {Severity.WRONG: Status.BEHIND, Severity.ODD: Status.AT_RISK, Severity.INFO: Status.NO_TARGET}
_COLOURS: Final = {Severity.WRONG: "red", Severity.ODD: "yellow", Severity.INFO: "dim"}
_TALLIED: Final = {Severity.WRONG: "make figures wrong", Severity.ODD: "worth a look"}
_LEFT_OUT: Final = {"older-version": "older version", "equal-copy": "equal copy"}
_LONGEST: Final = 40
_PLAIN: Final = re.compile(r"[\w.-]+")
"""Numbers, dates and single words need no quotes beside their names."""


def draw_check(book: str, counts: Mapping[str, int], check: Check, screen: Screen) -> str:
    """That the book is valid, what it declares, and what was found in its data."""
    declared = ", ".join(f"{count} {what if count != 1 else what.removesuffix('s')}" for what, count in counts.items())
    valid = screen.shown(f"{book} is valid: {declared}")
    lines = [*flow([(valid, "bold")], screen.width, 0, 2), *flow(_verdict(check, screen), screen.width, 0, 2)]
    plain = [table for table in check.tables if _is_plain(table)]
    helped: set[str] = set()
    for table in check.tables:
        if table not in plain:
            lines += [[], *_table(table, helped, screen)]
    if plain:
        told = "; ".join(f"{table.table} {read(table)}" for table in plain)
        lines += [[], *flow([(screen.shown(f"Nothing to note: {told}"), "dim")], screen.width, 0, 2)]
    return screen.draw(lines)


def _verdict(check: Check, screen: Screen) -> list[Piece]:
    pieces: list[Piece] = [(f"As of {check.as_of.isoformat()} {screen.signs.separator}{GLUE}", "")]
    tallied = [(severity, check.count(severity)) for severity in _TALLIED if check.count(severity)]
    if not tallied:
        return [*pieces, ("nothing is odd about the data", "green")]
    for at, (severity, count) in enumerate(tallied):
        words = _TALLIED[severity].replace("make", "makes") if count == 1 else _TALLIED[severity]
        told = f"{_sign(severity, screen)}{GLUE}{write_count(count)}{GLUE}{words.replace(' ', GLUE)}"
        pieces += [("   " if at else "", ""), (told, _COLOURS[severity])]
    return pieces


def _sign(severity: Severity, screen: Screen) -> str:
    return screen.signs.status[_SIGNS[severity]]


def _is_plain(table: TableCheck) -> bool:
    return not (table.findings or table.left_out or table.undated or table.error)


def read(table: TableCheck) -> str:
    """How many rows of a table count, and how new they are: `563 of 583 rows to 2026-11-20`."""
    if table.rows is None or table.used is None:
        return "can't be read"
    rows = write_rows(table.rows)
    counted = rows if table.used == table.rows else f"{write_count(table.used)} of {rows}"
    return counted + ("" if table.newest is None else f" to {table.newest.isoformat()}")


def _table(table: TableCheck, helped: set[str], screen: Screen) -> Iterator[Line]:
    separator = f" {screen.signs.separator}{GLUE}"
    title = [(screen.shown(table.table), "bold"), (separator, "dim"), (screen.shown(read(table)), "")]
    yield from flow(title, screen.width, 0, 2)
    if table.left_out:
        told = ", ".join(map(left_out, table.left_out))
        yield from flow([(screen.shown(f"left out: {told}"), "dim")], screen.width, 2, 4)
    if table.undated:
        told = f"in no period: {write_count(table.undated)} without {table.date}"
        yield from flow([(screen.shown(told), "dim")], screen.width, 2, 4)
    if table.error is not None and table.rows is None:
        yield from _entry(Severity.WRONG, table.error.code, table.error.message, screen)
        if table.error.help is not None:
            yield from _below(f"help: {table.error.help}", screen, "dim")
    for finding in table.findings:
        yield from _finding(finding, helped, screen)


def left_out(each: LeftOut) -> str:
    """How many rows don't count for one reason, and for which."""
    count = write_count(each.rows)
    if each.condition is not None:
        return f"{count} by `{each.reason}: {each.condition}`"
    word = _LEFT_OUT.get(each.reason, each.reason)
    return f"{count} {word if each.rows == 1 else _several(word)}"


def _several(word: str) -> str:
    return f"{word.removesuffix('y')}ies" if word.endswith("py") else f"{word}s"


def _finding(finding: Finding, helped: set[str], screen: Screen) -> Iterator[Line]:
    """What was found and what shows it; what to do only where that hasn't been said yet."""
    where = "" if finding.place is None else f" ({finding.place})"
    yield from _entry(finding.severity, finding.code, told(finding) + where, screen)
    shown = [part(finding) for part, has in ((_values, finding.values), (_examples, finding.examples)) if has]
    if shown:
        yield from _below("; ".join(shown), screen)
    if finding.help not in helped:
        helped.add(finding.help)
        yield from _below(f"help: {finding.help}", screen, "dim")


def _entry(severity: Severity, code: str, text: str, screen: Screen) -> Iterator[Line]:
    style = _COLOURS[severity]
    sign = (f"{_sign(severity, screen)}{GLUE}", style)
    yield from flow([sign, (screen.shown(f"{code}: "), style), (screen.shown(text), "")], screen.width, 2, 4)


def _below(text: str, screen: Screen, style: str = "") -> Iterator[Line]:
    yield from flow([(screen.shown(text), style)], screen.width, 6, 8)


def _values(finding: Finding) -> str:
    """The commonest values; where no row is found, they are what the rows hold instead."""
    first, *others = finding.values
    listed = ", ".join(
        [_common(first, write_rows(first.rows)), *(_common(one, write_count(one.rows)) for one in others)]
    )
    return listed if finding.rows else f"rows have {listed}"


def _common(value: Common, rows: str) -> str:
    label = "" if value.label is None else f" {value.label}"
    near = "" if value.near is None else f", like '{_cut(value.near)}'"
    return f"'{_cut(value.value)}'{label} ({rows}{near})"


def _examples(finding: Finding) -> str:
    """The first rows, by file; with their values where these aren't told already."""
    silent = bool(finding.values) or not any(sight.shown for sight in finding.examples)
    parts = []
    for file, own in groupby(finding.examples, lambda sight: sight.file):
        sights = list(own)
        rows = _numbers(sights) if silent else "; ".join(_sight(sight, finding) for sight in sights)
        parts.append(rows if file is None else f"{file} {rows}")
    more = finding.rows - len(finding.examples)
    return "; ".join(parts) + (f"; and {write_count(more)} more" if more > 0 else "")


def _numbers(sights: Sequence[Sight]) -> str:
    numbers = ", ".join(str(sight.row) for sight in sights)
    return f"row {numbers}" if len(sights) == 1 else f"rows {numbers}"


def _sight(sight: Sight, finding: Finding) -> str:
    row = f"row {sight.row}"
    match sight.shown:
        case ((name, str() as value),) if name in {finding.column, None}:
            return f"{row} '{_cut(value)}'"
        case shown:
            return f"{row} ({', '.join(f'{name} {_shown(value)}' for name, value in shown)})"


def _shown(value: str | None) -> str:
    if value is None:
        return "blank"
    return _cut(value) if _PLAIN.fullmatch(value) else f"'{_cut(value)}'"


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."
