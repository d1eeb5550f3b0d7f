"""What `kpi presets` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from kpicli.book.model import Column
from kpicli.book.presets import Preset, PresetTable, nearest_table, preset, preset_names
from kpicli.errors import KpiError, Trouble

_EVIDENCE = {
    "files": "Made after real files.",
    "code": "Made after programs that read such files.",
    "documentation": "Made after the documentation.",
}
_WIDTH = 100


def draw_all() -> str:
    """Every preset in a few lines."""
    return "\n".join("".join(f"{line}\n" for line in _in_short(name, preset(name))) for name in preset_names())


def _in_short(name: str, shown: Preset) -> Iterator[str]:
    yield f"{name}  {shown.name}"
    yield from _wrapped("    ", [f"{shown.about}."])
    yield from _wrapped("    ", [f"Tables: {', '.join(shown.tables)}."])
    yield f"    {_EVIDENCE[shown.evidence]}"


def draw_one(name: str) -> str:
    """A preset, or one of its tables (`salesforce/opportunities`). Raises KpiError (usage) where there is none."""
    crm, _, table = (part.strip().lower() for part in name.partition("/"))
    shown = preset(crm)
    if table and table not in shown.tables:
        message = f"the preset {crm} has no table '{table}'"
        raise KpiError("unknown-preset", message, help=nearest_table(crm, table), trouble=Trouble.USAGE)
    lines = _wrapped("", [f"{shown.name}: {shown.about}. {_EVIDENCE[shown.evidence]}"])
    if shown.dates:
        dates = (f'"{pattern}"' for pattern in shown.dates)
        lines += _wrapped("", [f"Dates are written in one of these ways: {', '.join(dates)}."])
    for each, declared in shown.tables.items():
        if table in ("", each):
            lines += ["", f"{crm}/{each}", *_table(crm, declared)]
    return "".join(f"{line}\n" for line in lines)


def _table(crm: str, table: PresetTable) -> Iterator[str]:
    yield f"  told by its columns {', '.join(table.needs)}"
    said = {"key": ", ".join(table.key), "date": table.date, "currency": table.currency, "where": table.where}
    if table.lifespan is not None:
        said["lifespan"] = f"from {table.lifespan.from_} until {table.lifespan.until}"
    for key, value in said.items():
        if value:
            yield f"  {key}: {value}"
    yield "  columns"
    width = max(map(len, (*table.columns, *table.fields, *table.lookups)))
    for name, column in table.columns.items():
        yield from _wrapped(f"    {name:{width}}  {column.type.value:7}  ", _spellings(column))
    if table.fields:
        yield "  fields"
    for name, formulas in table.choices.items():
        others = (f"otherwise {formula}" for formula in formulas[1:])
        yield from _under(f"    {name:{width}}  ", [formulas[0], *others])
    if table.lookups:
        yield "  lookups"
    for name, lookup in table.lookups.items():
        yield f"    {name:{width}}  {crm}/{lookup.table} by {', '.join(lookup.column)}"


def _spellings(column: Column) -> list[str]:
    *others, last = column.headers
    return [*(f"{header}," for header in others), f"{last} (may be missing)" if column.optional else last]


def _under(before: str, lines: Iterable[str]) -> list[str]:
    """Lines behind `before`, each below the other."""
    return [(" " * len(before) if at else before) + line for at, line in enumerate(lines)]


def _wrapped(before: str, parts: Iterable[str]) -> list[str]:
    """Text behind `before`, in as many lines as it takes."""
    return _under(before, textwrap.wrap(" ".join(parts), _WIDTH - len(before), break_on_hyphens=False))
