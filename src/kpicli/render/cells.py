"""The cells of one figure as text, for every format that people read."""

from __future__ import annotations

from msgspec import Struct

from kpicli.render.numbers import NumberStyle, write_share
from kpicli.scorecard import Amount, Figure, Value


class Cells(Struct, frozen=True):
    """What each column shows; None where a figure is absent."""

    value: str | None
    target: str | None
    attainment: str | None
    pace: str | None
    change: str | None

    @classmethod
    def of(cls, figure: Figure, style: NumberStyle) -> Cells:
        return cls(
            value=_value(called(figure.value, figure.value_label), style),
            target=_value(figure.target, style),
            attainment=_share(figure.attainment),
            pace=_share(figure.pace),
            change=None if figure.change is None else style.write_change(figure.change),
        )


def called(value: Value, label: str | None) -> Value:
    """A value as people call it: a text by its label, where it has one."""
    return label if isinstance(value, str) and label else value


def _value(value: Value, style: NumberStyle) -> str | None:
    return value if value is None or isinstance(value, str) else style.write(value)


def _share(value: Amount) -> str | None:
    return None if value is None else write_share(value)
