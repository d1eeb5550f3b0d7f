"""Targets of which a comma in braces has cut off a part: `{total: $2,200,000}` would be $2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpicli.book.reader import Data, Path, Places


def cut_targets(data: Mapping[str, Data], places: Places) -> Iterator[Path]:
    """The first key of each target that may be the rest of a value.

    Elsewhere such a key is unknown or empty. Of a target any key is a dimension, and one without a value is none.
    """
    kpis = data.get("kpis")
    for name, kpi in kpis.items() if isinstance(kpis, dict) else ():
        target = kpi.get("target") if isinstance(kpi, dict) else None
        keys = [key for key, value in target.items() if value is None] if isinstance(target, dict) else []
        paths: list[Path] = [("kpis", name, "target", key) for key in keys]
        yield from [path for path in paths if places.cut_by_comma(path) is not None][:1]
