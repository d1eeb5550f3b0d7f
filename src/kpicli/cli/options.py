"""Options that several commands take, and what their texts mean."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from kpicli.cli import completion
from kpicli.errors import KpiError, Trouble, did_you_mean

BOOK = "kpis.yaml"
"""The name of a book, where none is given."""


def refuse_empty(param: typer.CallbackParam, value: str | Sequence[str] | None) -> str | Sequence[str] | None:
    """What was given for an option or argument, unchanged. Raises `KpiError` where it is empty.

    A scheduled job with an unset variable says `--period ""`; it must not get another report than it means.
    """
    given = (value,) if isinstance(value, str) else value or ()
    if all(text.strip() for text in given):
        return value
    name = param.opts[0] if param.param_type_name == "option" else str(param.metavar)
    way = "give one" if param.required else f"give one, or leave {name} out"
    help_ = f"{way}; in a script, a variable may be unset"
    raise KpiError("usage", f"the value of {name} is empty", help=help_, trouble=Trouble.USAGE)


Book: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--book",
        "-b",
        metavar="PATH",
        help=f"The KPI book; default $KPI_BOOK, else {BOOK} here or in a folder above.",
        callback=refuse_empty,
    ),
]
AsOf: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The last day that counts; default today in the book's time zone.",
        callback=refuse_empty,
    ),
]
PeriodText: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="2026-10, 2026-W45, FY2026-Q3, 'last month', 2026-01-01..2026-03-31, and others.",
        callback=refuse_empty,
    ),
]
Only: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="DIMENSION=MEMBER",
        help="Only this member's rows; may be repeated.",
        callback=refuse_empty,
        autocompletion=completion.narrowings,
    ),
]
Everyone: TypeAlias = Annotated[
    bool, typer.Option("--everyone", help="All members, whatever environment variable the book narrows by.")
]
Output: TypeAlias = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.", callback=refuse_empty),
]
Strict: TypeAlias = Annotated[bool, typer.Option("--strict", help="Make every data note an error.")]
NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Read every export itself, and keep nothing of it; see `kpi cache`.")
]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
UnusedBook: TypeAlias = Annotated[
    str | None, typer.Option("--book", "-b", metavar="PATH", help="Taken as everywhere; not used here.")
]
"""On commands that need no book, so that an alias of `kpi` may always give one."""
UnusedAsOf: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Taken as everywhere; not used here.")
]


def find_book(option: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The path of the book: the option's, else $KPI_BOOK's, else kpis.yaml here or in a folder above.

    A folder stands for the kpis.yaml in it. Raises `KpiError` where there is none.
    """
    if option:
        return _given(Path(option), "--book")
    named = environment.get("KPI_BOOK")
    return _given(Path(named), "$KPI_BOOK") if named else _found_above()


def _given(path: Path, origin: str) -> Path:
    book = path / BOOK if path.is_dir() else path
    if not book.exists():
        raise KpiError(
            "no-book",
            f"there is no file '{book}', which {origin} names",
            help=f"give the path of a KPI book, or of the folder with its {BOOK}",
            trouble=Trouble.USAGE,
        )
    return book


def _found_above() -> Path:
    here = Path.cwd()
    for steps, folder in enumerate((here, *here.parents)):
        if (folder / BOOK).is_file():
            return Path(*[".."] * steps, BOOK)
    raise KpiError(
        "no-book",
        f"there is no {BOOK} in '{here}' or in a folder above it",
        help="go to the folder with the book, give it with --book PATH, or name it in $KPI_BOOK",
        trouble=Trouble.USAGE,
    )


def parse_only(pairs: Iterable[str]) -> dict[str, list[str]]:
    """`DIM=VALUE` of each `--only`: the members of each dimension, in the order asked for. Raises `KpiError`."""
    only: dict[str, list[str]] = {}
    for pair in pairs:
        dimension, equals, member = (part.strip() for part in pair.partition("="))
        if dimension and equals and not member:
            raise KpiError(
                "usage",
                f"--only {dimension}= names no member",
                help=f"write `--only {dimension}=MEMBER`, or leave it out; in a script, a variable may be unset",
                trouble=Trouble.USAGE,
            )
        if not (dimension and equals):
            raise KpiError(
                "usage",
                f"--only takes DIMENSION=MEMBER, not '{pair}'",
                help="write for instance --only team=East; repeat it for further members",
                trouble=Trouble.USAGE,
            )
        only.setdefault(dimension, []).append(member)
    return only


def parse_count(option: str, given: str) -> int:
    """The whole number that an option takes. Raises `KpiError`."""
    text = given.strip()
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_COUNT):
        raise KpiError(
            "usage",
            f"{option} takes a whole number, not '{given}'",
            help=f"write for instance {option} 12",
            trouble=Trouble.USAGE,
        )
    return int(text)


_LONGEST_COUNT = 10


def choose(option: str, given: str, known: Iterable[str]) -> str:
    """One of the known words that an option takes. Raises `KpiError`."""
    words = tuple(known)
    if given not in words:
        raise KpiError(
            "usage", f"{option} doesn't know '{given}'", help=did_you_mean(given, words), trouble=Trouble.USAGE
        )
    return given
