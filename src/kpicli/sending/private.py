"""What a member may be told of a scorecard: the one place that decides it, field by field.

A field of the scorecard that isn't named here can't be told: the run ends with an error, and a test says which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kpicli.scorecard import (
    Figure,
    GoalLine,
    Line,
    ReportPeriod,
    Scorecard,
    Span,
    Status,
    TableData,
    TrendPoint,
)

T = TypeVar("T")

TOLD: Final[Mapping[type, frozenset[str]]] = {
    kind: frozenset(names.split())
    for kind, names in {
        Scorecard: "book currency scorecard as_of period only lines goals data stages passing title only_labels",
        ReportPeriod: "label grain start end running elapsed",
        Line: "id name role stage goal unit decimals better window figure trend tally",
        Span: "start end elapsed",
        Figure: "value value_label reason target target_reason attainment expected pace projected needed_per_workday"
        " status prior prior_label prior_reason change",
        TrendPoint: "period value reason",
        GoalLine: "id name kpis level parent when who what where why how",
        TableData: "table oldest newest covers begins_late",
    }.items()
}
"""What is the member's own, or stands in the book for everybody to know."""

WITHHELD: Final[Mapping[type, Mapping[str, object]]] = {
    Scorecard: {"by": None},
    Line: {"groups": (), "unsplit": None},
    TableData: {"files": (), "rows": 0, "used": 0, "notes": (), "left_out": ()},
}
"""What is of others, or of all together, and what stands in its place."""

COMPARES: Final[Mapping[type, Mapping[str, object]]] = {
    Line: {"company_target": None, "contribution": None, "contributes_to": None},
}
"""What compares the member with the company, and what stands in its place unless the delivery says `share: true`."""

BEYOND: Final = "looks beyond these rows, which a message to each member doesn't"
"""The reason of a figure that isn't told."""


def private(card: Scorecard, beyond: frozenset[str], member: tuple[str, str], *, share: bool) -> Scorecard:
    """The card as a member may be told it, of a dimension and by the label there.

    `beyond` are the KPIs that tell of more than the member's rows; with `share` these may be told too.
    """
    dimension, label = member
    told = _told(card, WITHHELD if share else _joined(WITHHELD, COMPARES))
    lines = told.lines if share else tuple(_untold(line) if line.id in beyond else line for line in told.lines)
    # Whoever has a namesake is otherwise shown with his key, which tells that there is one.
    shown = dict(told.only_labels).get(dimension, ())
    return replace(
        told,
        lines=tuple(replace(line, figure=_called(line.figure, shown, label)) for line in lines),
        data=tuple(table for table in told.data if table.newest is not None),
        only_labels=tuple((name, (label,) if name == dimension else those) for name, those in told.only_labels),
    )


def _called(figure: Figure, shown: tuple[str, ...], label: str) -> Figure:
    """The figure with the member called by the label alone, where it names the member."""
    return replace(
        figure,
        value_label=label if figure.value_label in shown else figure.value_label,
        prior_label=label if figure.prior_label in shown else figure.prior_label,
    )


def _joined(
    one: Mapping[type, Mapping[str, object]], other: Mapping[type, Mapping[str, object]]
) -> Mapping[type, Mapping[str, object]]:
    return {kind: {**one.get(kind, {}), **other.get(kind, {})} for kind in {*one, *other}}


def _told(part: T, withheld: Mapping[type, Mapping[str, object]]) -> T:
    """A part of the card without what is withheld."""
    if isinstance(part, tuple):
        return type(part)(_told(each, withheld) for each in part)
    if not isinstance(part, Struct):
        return part
    kind = type(part)
    instead = withheld.get(kind, {})
    allowed = TOLD[kind] | COMPARES.get(kind, {}).keys()
    values: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        if name in instead:
            values[name] = instead[name]
        elif name in allowed:
            values[name] = _told(getattr(part, name), withheld)
        else:
            raise LookupError(f"{kind.__name__}.{name}: nobody said whether a member may be told it")
    return kind(**values)


def _untold(line: Line) -> Line:
    """A line without any figure, and why."""
    nothing = dict.fromkeys(Figure.__struct_fields__)
    figure = Figure(**(nothing | {"status": Status.NO_DATA, "reason": BEYOND}))  # type: ignore[arg-type]  # None fits all others
    return replace(line, figure=figure, trend=())
