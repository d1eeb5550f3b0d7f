"""`kpi explain`: why a figure is what it is, and the rows that it counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpicli import load
from kpicli.cli import completion
from kpicli.cli.narrowing import narrowed
from kpicli.cli.options import (
    AsOf,
    Book,
    Debug,
    Everyone,
    NoCache,
    Only,
    Output,
    PeriodText,
    Strict,
    choose,
    find_book,
    parse_only,
    refuse_empty,
)
from kpicli.cli.output import destination_of, keep_apart, print_text, put, stdout
from kpicli.cli.progress import READING, working
from kpicli.errors import KpiError, Trouble

if TYPE_CHECKING:
    from kpicli.explained import Explanation

FIRST = 20
"""How many rows are listed where somebody looks at them."""
FIRST_LEFT_OUT = 5
"""Likewise of those that are left out, for each reason."""


def explain(
    kpi: Annotated[
        str,
        typer.Argument(
            metavar="KPI",
            help="A KPI of the book, by its id.",
            callback=refuse_empty,
            autocompletion=completion.kpis,
        ),
    ],
    *,
    book: Book = None,
    as_of: AsOf = None,
    period: PeriodText = None,
    only: Only = None,
    everyone: Everyone = False,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="AGGREGATE",
            help="The rows that an aggregate counts: its number in the explanation, or its text.",
            callback=refuse_empty,
        ),
    ] = None,
    left_out: Annotated[
        bool,
        typer.Option("--left-out", help="With --rows: the rows that it doesn't count instead, each with why."),
    ] = False,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="terminal, markdown, json, with --rows also csv; default what --output's name ends in.",
            callback=refuse_empty,
        ),
    ] = None,
    output: Output = None,
    strict: Strict = False,
    no_cache: NoCache = False,
    _debug: Debug = False,
) -> None:
    """Explain a figure: its formula in words, its rows, its arithmetic, its target."""
    if left_out and rows is None:
        message, help_ = "--left-out: of which aggregate isn't said", "name it too, for example `--rows 1 --left-out`"
        raise KpiError("usage", message, help=help_, trouble=Trouble.USAGE)
    destination = destination_of(output)
    chosen = _chosen_format(format_, destination, rows)
    first = FIRST_LEFT_OUT if left_out else FIRST
    shown = first if destination is None and chosen in {"terminal", "markdown"} else None
    members = parse_only(only or ())
    found = find_book(book)
    opened = load(found, cache=not no_cache)
    keep_apart(destination, found, opened.loaded)
    with narrowed(opened.loaded.book, members, everyone=everyone) as those, working(READING):
        explained = opened.explain(
            kpi, period=period, only=those, as_of=as_of, strict=strict, rows=rows, first=shown, left_out=left_out
        )
    _deliver(explained.explanation, chosen, destination)


_ENDINGS = {"": "terminal", "txt": "terminal", "md": "markdown", "json": "json", "csv": "csv"}


def _chosen_format(given: str | None, destination: Path | None, rows: str | None) -> str:
    from kpicli.render.explain import FORMATS

    known = FORMATS if rows is None else (*FORMATS, "csv")
    if given is not None:
        chosen = choose("--format", given, (*FORMATS, "csv"))
    else:
        ending = "" if destination is None else destination.suffix.removeprefix(".").lower()
        chosen = _ENDINGS.get(ending, ending)
    if chosen in known:
        return chosen
    if chosen == "csv":
        message = "csv has the rows of one aggregate, not an explanation"
        help_ = "name the aggregate, for example `--rows 1`, or write .md, .json or .txt"
    else:
        message = f"--output '{destination}': there is no format '{chosen}'"
        help_ = f"known: {', '.join(known)}; the name's ending says which, or --format (.txt is terminal)"
    raise KpiError("output", message, help=help_, trouble=Trouble.USAGE)


def _deliver(explained: Explanation, chosen: str, destination: Path | None) -> None:
    from kpicli.formula.check import deep_chains

    with deep_chains():
        _written(explained, chosen, destination)


def _written(explained: Explanation, chosen: str, destination: Path | None) -> None:
    from kpicli.render.screen import Screen

    if chosen == "terminal" and destination is None:
        from kpicli.render.explain.terminal import draw_explanation

        print_text(draw_explanation(explained, Screen.of(stdout(), os.environ)))
        return
    put(_rendered(explained, chosen).encode(), destination)


def _rendered(explained: Explanation, chosen: str) -> str:
    match chosen:
        case "markdown":
            from kpicli.render.explain.markdown import explain_markdown

            return explain_markdown(explained)
        case "json":
            from kpicli.render.explain.json import explain_dict
            from kpicli.render.formats.json import write

            return write(explain_dict(explained))
        case "csv":
            from kpicli.render.explain.rows import rows_csv

            return rows_csv(explained)
        case _:
            from kpicli.render.explain.terminal import draw_explanation
            from kpicli.render.screen import Screen

            return draw_explanation(explained, Screen())
