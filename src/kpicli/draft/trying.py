"""A draft tried out before it is handed over: it loads, each KPI has a figure, and targets come from these figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec.structs import replace

from kpicli.asking import Request
from kpicli.book.load import Loaded, load
from kpicli.draft.kpis import KpiDraft
from kpicli.draft.model import Kind, TableDraft
from kpicli.draft.words import word_set, words_of
from kpicli.draft.writing import BookDraft, written
from kpicli.errors import KpiError
from kpicli.reporting import report
from kpicli.scorecard import Line, Scorecard

_OLD: Final = timedelta(days=31)
"""From this age on, a report of today would show an empty month."""
_MONTHS: Final = 3


def loaded(text: str, folder: Path) -> Loaded:
    """A book from its text, as if it lay in the folder. Raises KpiError for what is wrong in it."""
    with TemporaryDirectory() as name:
        path = Path(name) / "kpis.yaml"
        path.write_text(text, encoding="utf-8")
        return replace(load(path), folder=folder.absolute())


# ---- the day up to which the exports go


def day_of(draft: BookDraft, folder: Path, today: date) -> date:
    """The as-of day that shows something: today, or the newest day of exports that are older than a month."""
    try:
        days = list(_newest(draft, folder, today))
    except KpiError:  # what is wrong is told where the KPIs are tried
        return today
    newest = max(days, default=today)
    return newest if today - newest > _OLD else today


def _newest(draft: BookDraft, folder: Path, today: date) -> Iterator[date]:
    """The newest days on which something happened; where none is known, those on which something was due."""
    found = []
    for names in (("closed_on", "created_date", "date"), ("created_date",)):
        found += _newest_by(draft, folder, today, names, lambda table, name: not _is_due(table, name))
    return iter(found or _newest_by(draft, folder, today, ("date", "close_date"), lambda _table, _name: True))


def _newest_by(
    draft: BookDraft,
    folder: Path,
    today: date,
    names: Sequence[str],
    counts: Callable[[TableDraft, str], bool],
) -> list[date]:
    """The newest day of each table by the first of its dates that counts."""
    probed = []
    for table in draft.tables:
        name = next((name for name in names if table.has(name) and counts(table, name)), None)
        if table.kind in _HAPPEN and name is not None:
            columns = tuple(column for column in table.columns if column.name != "date" or name == "date")
            probed.append(replace(table, columns=columns, date=name, lookups=(), lifespan=None))
    if not probed:
        return []
    probes = tuple(_probe(table) for table in probed)
    card = _loaded_report(replace(draft, tables=tuple(probed), dimensions=(), kpis=probes), folder, today)
    return [table.newest for table in card.data if table.newest is not None]


_HAPPEN: Final = (Kind.OPPORTUNITIES, Kind.LEADS, Kind.ACTIVITIES)
_DUE: Final = word_set("due fallig falligkeitsdatum echeance vencimiento vervaldatum expected est")


def _is_due(table: TableDraft, name: str) -> bool:
    column = table.column(name)
    return column is not None and bool(_DUE & set(words_of(column.profile.header)))


def _probe(table: TableDraft) -> KpiDraft:
    return KpiDraft(f"{table.name}_rows", table.name, "leading", "prospect", "pipeline", f"count({table.name})", "-")


def _loaded_report(draft: BookDraft, folder: Path, as_of: date) -> Scorecard:
    return report(loaded(written(draft), folder), Request(as_of=as_of))


# ---- the KPIs that have a figure, and what to aim at


def tried(draft: BookDraft, folder: Path, as_of: date) -> tuple[BookDraft, list[str]]:
    """The draft with the KPIs that its exports can compute, each with a target; and why others can't be had."""
    lines, lost = _lines(draft, folder, as_of)
    empty = {name for name in _OPEN if name in lines and not lines[name].figure.value}
    if "open_opportunities" in empty:
        lost.append("open opportunities: there are none, so the pipeline has no KPI")
        empty |= {"open_pipeline"}
    elif "open_pipeline" in empty:
        lost.append("amounts of open opportunities: there are none, so the pipeline is counted and not summed")
    kept = tuple(kpi for kpi in draft.kpis if kpi.id in lines and kpi.id not in empty)
    targets = {kpi.id: found for kpi in kept if (found := _target(kpi, lines[kpi.id], as_of)) is not None}
    return replace(draft, kpis=kept, targets=targets), lost


_OPEN: Final = ("open_opportunities", "open_pipeline")


def _lines(draft: BookDraft, folder: Path, as_of: date) -> tuple[dict[str, Line], list[str]]:
    """The line of each KPI; those that can't be computed are lost, with the reason."""
    book = loaded(written(draft), folder)
    try:
        card = report(book, Request(as_of=as_of, trend=_MONTHS + 1))
    except KpiError:
        pass
    else:
        return {line.id: line for line in card.lines}, []
    lines, lost = {}, []
    for kpi in draft.kpis:
        try:
            (line,) = report(book, Request(as_of=as_of, trend=_MONTHS + 1, kpis=(kpi.id,))).lines
            lines[kpi.id] = line
        except KpiError as error:
            lost.append(f"{kpi.name}: {error.message}")
    return lines, lost


def _target(kpi: KpiDraft, line: Line, as_of: date) -> tuple[str, str] | None:
    """A round number near the mean of the last full months, and where it comes from."""
    is_full = (as_of + timedelta(days=1)).month != as_of.month
    points = line.trend[1:] if is_full else line.trend[:-1]
    values = [Decimal(str(point.value)) for point in points if isinstance(point.value, int | float | Decimal)]
    while values and not values[0]:
        values.pop(0)  # months before the exports begin
    if not values or not kpi.has_target:
        return None
    mean = sum(values, Decimal()) / len(values)
    shown = (
        _round(mean * 100, whole=True) + "%"
        if kpi.unit == "percent"
        else _round(mean, whole=kpi.is_flow or kpi.id in _COUNTED)
    )
    if not mean or shown in ("0", "0%"):
        return None
    months = "the last full month" if len(values) == 1 else f"the last {len(values)} full months"
    return f"{shown} per month" if kpi.is_flow else shown, f"the mean of {months}"


_COUNTED: Final = ("open_opportunities",)


def _round(value: Decimal, *, whole: bool) -> str:
    """Two digits, as a book writes them; whole where a part of one means nothing."""
    if not value:
        return "0"
    places = 1 - value.adjusted()
    if whole or value >= 10:
        places = min(places, 0)
    rounded = round(value, places)
    return f"{int(rounded):_}" if places <= 0 else f"{rounded.normalize():f}"
