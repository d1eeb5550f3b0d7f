"""Whose figures a command shows: the members of `--only`, and those that the book takes from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kpicli.cli.output import print_note
from kpicli.errors import KpiError, MemberError, Trouble, clean

if TYPE_CHECKING:
    from kpicli.book.model import Book


@contextmanager
def narrowed(
    book: Book, only: Mapping[str, list[str]], *, everyone: bool, environment: Mapping[str, str] = os.environ
) -> Iterator[dict[str, list[str]]]:
    """The members by dimension: those of `--only`, and of each other dimension whose `variable` is set, that one's.

    What is asked within says on stderr whose figures it shows because of a variable. Raises `KpiError` for a variable
    that is set and empty; an error about a member that one names names the variable too.
    """
    named = {} if everyone else _named(book, only, environment)
    try:
        yield {**only, **{dimension: [member] for dimension, (_, member) in named.items()}}
    except MemberError as error:
        if error.dimension in named:
            variable, _ = named[error.dimension]
            error.help = f"set ${variable} right, or add --everyone: {error.help}"
        raise
    for dimension, (variable, member) in named.items():
        print_note(f"only {dimension}={clean(member)}, from ${variable}; --everyone shows all")


def _named(book: Book, only: Mapping[str, list[str]], environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The variable and the member that it holds, for each dimension that has one."""
    named = {}
    for dimension, declared in book.dimensions.items():
        variable = declared.variable
        if variable is None or dimension in only or variable not in environment:
            continue
        member = environment[variable].strip()
        if not member:
            raise KpiError(
                "usage",
                f"${variable}, which says whose figures to show, is empty",
                help=f"set it to a member of {dimension}, unset it, or add --everyone",
                trouble=Trouble.USAGE,
            )
        named[dimension] = variable, member
    return named
