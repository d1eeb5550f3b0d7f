"""What a KPI reads, in words: tables with their columns, dates and lifespans, other KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kpicli.book.load import Loaded
from kpicli.formula import typed


@dataclass
class Reading:
    """What is read of one table: names in conditions and aggregates, dates, and whether its lifespan is replayed."""

    names: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    replayed: bool = False


def reads(loaded: Loaded, names: list[str]) -> str:
    """What the formulas of some KPIs name, as a sentence."""
    tables: dict[str, Reading] = {}
    kpis: dict[str, None] = {}
    for name in names:
        for figure in figures(loaded.formulas.kpis[name].figure):
            match figure:
                case typed.Measure():
                    _measure(tables.setdefault(figure.table, Reading()), figure)
                case typed.KpiReference(name=other) | typed.TargetReference(name=other) if other not in names:
                    kpis[other] = None
                case _:
                    pass
    parts = [_in_words(loaded, table, reading) for table, reading in tables.items()]
    if kpis:
        parts.append(f"the KPI{'s' if len(kpis) > 1 else ''} {_listed(kpis)}")
    return "; ".join(parts)


def figures(figure: typed.Figure) -> Iterator[typed.Figure]:
    """The expression and all within it."""
    yield figure
    for part in typed.parts(figure):
        yield from figures(part)


def _measure(reading: Reading, measure: typed.Measure) -> None:
    for row in (measure.column, measure.where):
        reading.names |= set(_fields(row))
    if measure.at is not None:
        reading.replayed = True
    elif measure.on is not None:
        reading.dates |= set(_fields(measure.on))


def _fields(row: typed.Row | None) -> Iterator[str]:
    match row:
        case typed.Field(path=path):
            yield ".".join(path)
        case typed.RowOperation(arguments=arguments):
            for argument in arguments:
                yield from _fields(argument)
        case _:
            return


def _in_words(loaded: Loaded, table: str, reading: Reading) -> str:
    own = [_listed(sorted(reading.names))] if reading.names else []
    if reading.dates:
        own.append(f"by {_listed(sorted(reading.dates))}")
    lifespan = loaded.book.tables[table].lifespan
    if reading.replayed and lifespan is not None:
        own.append(f"alive from `{lifespan.from_}` until `{lifespan.until}`")
    return f"`{table}` ({', '.join(own)})" if own else f"`{table}`"


def _listed(names: object) -> str:
    assert isinstance(names, list | dict)
    return ", ".join(f"`{name}`" for name in names)
