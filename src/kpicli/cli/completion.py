"""Words that a shell may complete. Nothing here ever fails or prints: no book, no words."""

from __future__ import annotations

from collections.abc import Callable

import typer

Completion = Callable[[typer.Context, str], list[str]]


def _names_under(section: str, end: str = "") -> Completion:
    """The keys of a section of the book, as it stands in the file: it may be wrong elsewhere."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            from kpicli.book.reader import read
            from kpicli.cli.options import find_book

            data, _ = read(find_book(ctx.params.get("book")))
            names = data.get(section)
        except Exception:  # noqa: BLE001 -- a shell that completes a word has no place for an error
            return []
        words = (f"{name}{end}" for name in names) if isinstance(names, dict) else ()
        return [word for word in words if word.startswith(incomplete)]

    return complete


scorecards = _names_under("scorecards")
deliveries = _names_under("deliveries")
kpis = _names_under("kpis")
dimensions = _names_under("dimensions")
narrowings = _names_under("dimensions", "=")
"""`DIMENSION=` of `--only`."""


def formats(incomplete: str) -> list[str]:
    """The names of the formats."""
    from kpicli.render import names

    return [name for name in names() if name.startswith(incomplete)]


def functions(incomplete: str) -> list[str]:
    """The names of the functions of the language."""
    from kpicli.formula.functions import AGGREGATES, FUNCTIONS

    return [name for name in sorted(AGGREGATES | FUNCTIONS) if name.startswith(incomplete)]


def presets(incomplete: str) -> list[str]:
    """The names of the presets; with `/` those of one preset's tables."""
    from kpicli.book.presets import preset_names, preset_tables

    crm, slash, _ = incomplete.partition("/")
    names = preset_names()
    if slash:
        names = tuple(f"{crm}/{table}" for table in preset_tables(crm)) if crm in names else ()
    return [name for name in names if name.startswith(incomplete)]
