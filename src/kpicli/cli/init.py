"""`kpi init`: a first book over the exports in a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpicli.cli.options import BOOK, Debug, UnusedBook, refuse_empty
from kpicli.cli.output import called_as, check_destination, print_note, print_text, stdout, write_new
from kpicli.errors import KpiError, Trouble

if TYPE_CHECKING:
    from kpicli.draft.orders import Ask, DayOrder, Question


def init(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Exports, or a folder with them; without one, this folder or its `exports`.",
            callback=refuse_empty,
        ),
    ] = None,
    *,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write the book.", callback=refuse_empty),
    ] = BOOK,
    day_first: Annotated[
        bool, typer.Option("--day-first", help="Dates that allow both are 31/12/2026: the day comes first.")
    ] = False,
    month_first: Annotated[
        bool, typer.Option("--month-first", help="Dates that allow both are 12/31/2026: the month comes first.")
    ] = False,
    _book: UnusedBook = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", help="The day that is taken for today; default today.", callback=refuse_empty
        ),
    ] = None,
    _debug: Debug = False,
) -> None:
    """Write a first book over the exports in a folder."""
    if output == "-":
        message, help_ = "a book is a file, and isn't written to stdout", "give --output the name of a file"
        raise KpiError("usage", message, help=help_, trouble=Trouble.USAGE)
    book = Path(output)
    check_destination(book)
    if book.exists():
        raise _exists(book)
    stdout()
    from kpicli import today
    from kpicli.draft.account import told
    from kpicli.draft.drafting import Asked, draft
    from kpicli.render.screen import Screen

    asked = Asked(
        tuple(map(Path, paths or ())),
        book,
        today(as_of),
        is_told=as_of is not None,
        order=_order(day_first, month_first),
        program=called_as(),
    )
    drafted = draft(asked, _ask())
    if not write_new(book, drafted.text.encode()):
        raise _exists(book)
    print_text(told(drafted, str(book), Screen.of(stdout(), os.environ).width))


def _exists(book: Path) -> KpiError:
    return KpiError(
        "book-exists",
        f"there is a file '{book}' already, and `kpi init` never writes over one",
        help="move it away, or write the new book elsewhere with --output FILE",
        trouble=Trouble.USAGE,
    )


def _order(day_first: bool, month_first: bool) -> DayOrder | None:
    from kpicli.draft.orders import DayOrder

    if day_first and month_first:
        raise KpiError(
            "usage",
            "--day-first and --month-first contradict each other",
            help="a column whose own dates tell needs neither; give one for those that don't",
            trouble=Trouble.USAGE,
        )
    if day_first:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if month_first else None


def _ask() -> Ask:
    """Asks on a terminal; where there is none, the question is an error."""
    from kpicli.draft.orders import DayOrder, refuse

    if not (sys.stdin is not None and sys.stdin.isatty()):
        return refuse

    def ask(question: Question) -> DayOrder:
        print_note(question.text)
        answers = {"d": DayOrder.DAY_FIRST, "m": DayOrder.MONTH_FIRST}
        while True:
            print_note("Type d for the day or m for the month:")
            line = sys.stdin.readline()
            if not line:
                return refuse(question)
            if (answer := line.strip().lower()[:1]) in answers:
                return answers[answer]

    return ask
