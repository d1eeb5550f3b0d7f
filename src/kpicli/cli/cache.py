"""`kpi cache`: the typed copies of exports that reports keep, where they are and how large."""

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
    clear: Annotated[bool, typer.Option("--clear", help="Delete all copies; the next report makes new ones.")] = False,
    _book: UnusedBook = None,
    _as_of: UnusedAsOf = None,
    _debug: Debug = False,
) -> ExitCode:
    """Show the copies of large exports that reports keep: where, of what, how large."""
    from kpicli.tables.copies import users_copies

    copies = users_copies()
    try:
        size = copies.size()
        kept = list(copies.kept())
        if clear:
            copies.clear()
    except OSError as error:
        raise KpiError(
            "cache",
            f"the copies in '{copies.folder}' can't be {'deleted' if clear else 'read'}: {error.strerror or error}",
            help="look at the folder's permissions; it is always safe to delete it",
            trouble=Trouble.DATA,
        ) from error
    number = "1 copy" if len(kept) == 1 else f"{len(kept)} copies"
    done = f"deleted {number}, {_size(size)}" if clear else f"{number}, {_size(size)}"
    lines = [] if clear else [f"  {each.source}: {each.rows:,} rows, {_size(each.size)}" for each in kept]
    print_text("\n".join([str(copies.folder), *lines, done]) + "\n")
    return ExitCode.DONE


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 50_000 else f"{count / 1e3:,.1f} kB"
