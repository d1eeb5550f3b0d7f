"""A book from its file: read, built and checked whole, so that every mistake in it is reported in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct

from kpicli.book.check import check
from kpicli.book.formulas import Formulas
from kpicli.book.formulas import check as check_formulas
from kpicli.book.mistakes import build
from kpicli.book.model import Book
from kpicli.book.reader import Path, Places, read
from kpicli.errors import KpiError, Mistakes, Place
from kpicli.formula.check import deep_chains


class Loaded(Struct, frozen=True):
    """A book in which nothing is wrong."""

    book: Book
    folder: FilePath
    """Where the book is; its relative paths start here."""
    places: Places
    formulas: Formulas


def load(path: str | PathLike[str]) -> Loaded:
    """The book in a file. Raises `Mistakes` with all that is wrong in it, or `KpiError` where it can't be read."""
    with deep_chains():
        return _loaded(path)


def _loaded(path: str | PathLike[str]) -> Loaded:
    file = FilePath(fspath(path))
    data, places = read(path)
    folder = file.absolute().parent
    built = build(data, places, folder.resolve().name or file.stem)
    places = built.places
    checked = check(built.book, places, built.dropped)
    errors = [*built.errors, *checked.errors]
    try:
        formulas = check_formulas(_without(built.book, checked.unfit), places)
    except Mistakes as mistakes:
        found = _new(mistakes.errors, errors, built.dropped | checked.unfit, places)
        raise Mistakes([_with_way_out(error) for error in (*errors, *found)]) from None
    if errors:
        raise Mistakes([_with_way_out(error) for error in errors])
    return Loaded(built.book, folder, places, formulas)


def _without(book: Book, unfit: Iterable[Path]) -> Book:
    """The book without lookups and members of dimensions that lead nowhere."""
    tables: dict[str, Any] = dict(book.tables)
    dimensions: dict[str, Any] = dict(book.dimensions)
    for section, name, part, *rest in unfit:
        if section == "tables":
            lookups = {key: each for key, each in tables[str(name)].lookups.items() if key not in rest}
            tables[str(name)] = tables[str(name)].model_copy(update={"lookups": lookups})
        elif part == "field":
            field = {key: each for key, each in dimensions[str(name)].field.items() if key not in rest}
            dimensions[str(name)] = dimensions[str(name)].model_copy(update={"field": field})
        else:
            dimensions[str(name)] = dimensions[str(name)].model_copy(update={"members": None})
    return book.model_copy(update={"tables": tables, "dimensions": dimensions})


def _new(
    found: Iterable[KpiError], known: Iterable[KpiError], dropped: frozenset[Path], places: Places
) -> list[KpiError]:
    """Errors of formulas that don't follow from a mistake elsewhere in the book."""
    names = {str(path[-1]) for path in dropped} | {str(path[1]) for path in dropped if len(path) == 3}
    sections = {path[0] for path in dropped if len(path) == 1}
    taken = {error.place for error in known}
    doubtful = [places.place(path) for path in dropped if places.has(path)]

    def follows(error: KpiError) -> bool:
        if any(_within(error.place, place) for place in doubtful):
            return True
        if not error.code.startswith(("unknown-", "no-", "row-value")):
            return False
        return not sections.isdisjoint(("tables", "kpis")) or _names(error, names)

    return [error for error in found if error.place not in taken and not follows(error)]


def _with_way_out(error: KpiError) -> KpiError:
    """An error about what a preset brings also says how to do without it."""
    if error.place is None or not error.place.of:
        return error
    help_ = "what the table declares itself comes before its preset: declare it as this needs it, or declare this anew"
    if error.help is not None:
        help_ = f"{error.help}; {help_}"
    return KpiError(error.code, error.message, place=error.place, help=help_, trouble=error.trouble)


def _within(inner: Place | None, outer: Place) -> bool:
    if inner is None or inner.line != outer.line:
        return False
    return outer.column <= inner.column <= outer.column + outer.length


def _names(error: KpiError, names: set[str]) -> bool:
    """Whether an error is about one of `names`: it quotes it, or the stretch of text at which it points has it."""
    place = error.place
    text = "" if place is None else place.text[place.column - 1 : place.column - 1 + place.length]
    return not names.isdisjoint(re.findall(r"\w+", text) + re.findall(r"'(\w+)'", error.message))
