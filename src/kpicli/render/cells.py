"""The cells of one figure as text, for every format that people read."""

from __future__ import annotations

from dataclasses import dataclass

from kpicli.render.numbers import NumberStyle, write_share
from kpicli.scorecard import Amount, Figure, Value


@dataclass(frozen=True, slots=True)
class Cells:
    """What each column shows; None where a figure is absent."""

    value: str | None
    target: str | None
    attainment: str | None
    pace: str | None
    prior: str | None
    change: str | None

    @classmethod
    def of(cls, figure: Figure, style: NumberStyle) -> Cells:
        shown = figure.value_label if isinstance(figure.value, str) and figure.value_label else figure.value
        return cls(
            value=_value(shown, style),
            target=_value(figure.target, style),
            attainment=_share(figure.attainment),
            pace=_share(figure.pace),
            prior=_value(figure.prior, style),
            change=None if figure.change is None else style.write_change(figure.change),
        )


def _value(value: Value, style: NumberStyle) -> str | None:
    return value if value is None or isinstance(value, str) else style.write(value)


def _share(value: Amount) -> str | None:
    return None if value is None else write_share(value)
