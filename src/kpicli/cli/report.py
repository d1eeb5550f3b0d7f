"""`kpi report`: a scorecard on a screen or in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpicli import load
from kpicli.cli import completion
from kpicli.cli.exits import ExitCode
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
    parse_count,
    parse_only,
    refuse_empty,
)
from kpicli.cli.output import destination_of, keep_apart, print_note, print_text, put, stdout
from kpicli.cli.progress import READING, working
from kpicli.errors import KpiError, Trouble

if TYPE_CHECKING:
    from kpicli.scorecard import Scorecard


def report(
    scorecard: Annotated[
        str | None,
        typer.Argument(
            metavar="SCORECARD",
            help="A scorecard of the book; without one, every active KPI.",
            callback=refuse_empty,
            autocompletion=completion.scorecards,
        ),
    ] = None,
    *,
    book: Book = None,
    as_of: AsOf = None,
    period: PeriodText = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="DIMENSION",
            help="A figure for each member of it, too.",
            callback=refuse_empty,
            autocompletion=completion.dimensions,
        ),
    ] = None,
    only: Only = None,
    everyone: Everyone = False,
    kpi: Annotated[
        list[str] | None,
        typer.Option(
            "--kpi",
            metavar="ID",
            help="Only this KPI; may be repeated.",
            callback=refuse_empty,
            autocompletion=completion.kpis,
        ),
    ] = None,
    trend: Annotated[
        str | None,
        typer.Option(
            "--trend",
            metavar="N",
            help="The last N periods of each KPI, this one included; at most 60.",
            callback=refuse_empty,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"{', '.join(completion.formats(''))}; default what --output's name ends in, else terminal.",
            callback=refuse_empty,
            autocompletion=completion.formats,
        ),
    ] = None,
    output: Output = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin a CSV file with the mark by which Excel knows UTF-8.")
    ] = False,
    strict: Strict = False,
    no_cache: NoCache = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="STATUS",
            help="Exit with 1 when a KPI is `behind`, or is `at-risk` or behind.",
            callback=refuse_empty,
        ),
    ] = None,
    _debug: Debug = False,
) -> ExitCode:
    """Print a scorecard: each KPI's figure, target, pace and change."""
    destination = destination_of(output)
    chosen = _chosen_format(format_, destination)
    encoding = _chosen_encoding(chosen, excel=excel)
    failing = () if fail_on is None else _FAILING[choose("--fail-on", fail_on, _FAILING)]
    members = parse_only(only or ())
    periods = None if trend is None else parse_count("--trend", trend)
    found = find_book(book)
    opened = load(found, cache=not no_cache)
    keep_apart(destination, found, opened.loaded)
    with narrowed(opened.loaded.book, members, everyone=everyone) as those, working(READING):
        result = opened.report(
            scorecard, period=period, by=by, only=those, kpis=kpi or (), as_of=as_of, strict=strict, trend=periods
        )
    _deliver(result.scorecard, chosen, encoding, destination)
    met = [line.id for line in result.scorecard.lines if line.figure.status.value in failing]
    if met:
        print_note(f"--fail-on {fail_on} is met by {', '.join(met)}")
    return ExitCode.TROUBLE if met else ExitCode.DONE


_FAILING = {"behind": ("behind",), "at-risk": ("at_risk", "behind")}


def _chosen_format(given: str | None, destination: Path | None) -> str:
    from kpicli.render import of_ending

    known = completion.formats("")
    if given is not None:
        return choose("--format", given, known)
    ending = "" if destination is None else destination.suffix.removeprefix(".").lower()
    if ending in _TEXT_ENDINGS:
        return "terminal"
    if found := of_ending(ending):
        return found
    raise KpiError(
        "output",
        f"--output '{destination}': there is no format '{ending}'",
        help=f"known: {', '.join(known)}; the name's ending says which, or --format (.txt is terminal)",
        trouble=Trouble.USAGE,
    )


_TEXT_ENDINGS = ("", "txt")


def _chosen_encoding(chosen: str, *, excel: bool) -> str:
    if excel and chosen != "csv":
        raise KpiError(
            "usage",
            f"--excel is for csv, and this is {chosen}",
            help="add --format csv; --format xlsx writes a workbook, and needs no --excel",
            trouble=Trouble.USAGE,
        )
    return "utf-8-sig" if excel else "utf-8"


def _deliver(card: Scorecard, chosen: str, encoding: str, destination: Path | None) -> None:
    from kpicli.render import named

    form = named(chosen)
    draw = getattr(form, "draw", None)
    if destination is None and draw is not None:
        from kpicli.render.screen import Screen

        print_text(draw(card, Screen.of(stdout(), os.environ)))
        return
    rendered = form.render(card)
    content = rendered.encode(encoding) if isinstance(rendered, str) else rendered
    if destination is None and isinstance(rendered, bytes) and stdout().isatty():
        raise KpiError(
            "output",
            f"{chosen} is no text that a terminal could show",
            help=f"write it to a file: --output scorecard.{chosen}",
            trouble=Trouble.USAGE,
        )
    put(content, destination)
