"""`kpi cache`: what reports keep, the typed copies of exports and the answers: where it is and how large."""

from __future__ import annotations

from typing import Annotated

import typer

from kpicli.cli.commands import app
from kpicli.cli.exits import ExitCode
from kpicli.cli.options import Debug, UnusedAsOf, UnusedBook
from kpicli.cli.output import print_text
from kpicli.errors import KpiError, Trouble


@app.command()
def cache(
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Delete all of it; the next report makes it anew.")] = False,
    _book: UnusedBook = None,
    _as_of: UnusedAsOf = None,
    _debug: Debug = False,
) -> ExitCode:
    """Show what reports keep, copies of large exports and answers: where, of what, how large."""
    from kpicli.cache import user_folder
    from kpicli.engine.answers import users_answers
    from kpicli.tables.copies import users_copies

    where = ""
    try:
        folder = user_folder()
        where = f" in '{folder}'"
        copies, answers = users_copies(), users_answers()
        size, kept = copies.size(), list(copies.kept())
        answered = f"{_number(answers.number(), 'answer', 'answers')}, {_size(answers.size())}"
        if clear:
            copies.clear()
            answers.clear()
    except OSError as error:
        raise KpiError(
            "cache",
            f"what is kept{where} can't be {'deleted' if clear else 'read'}: {error.strerror or error}",
            help="look at the folder's permissions; it is always safe to delete it",
            trouble=Trouble.DATA,
        ) from error
    whole = f"{_number(len(kept), 'copy', 'copies')}, {_size(size)}; {answered}"
    lines = [] if clear else [f"  {each.source}: {each.rows:,} rows, {_size(each.size)}" for each in kept]
    print_text("\n".join([str(folder), *lines, f"deleted {whole}" if clear else whole]) + "\n")
    return ExitCode.DONE


def _number(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 50_000 else f"{count / 1e3:,.1f} kB"
