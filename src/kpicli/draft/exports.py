"""The files that a draft starts from: found, opened, and those of one kind put together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from kpicli.draft.model import Export
from kpicli.draft.repeats import unshared
from kpicli.errors import KpiError, Trouble
from kpicli.tables.files import DataFile
from kpicli.tables.survey import Survey, survey

ENDINGS: Final = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm")
USUAL_FOLDER: Final = "exports"
_OTHERS: Final = {
    (".xls", ".xlsb", ".ods", ".numbers"): "it is a workbook of another kind: save it as .xlsx",
    (".zip", ".7z", ".rar"): "it is an archive: unpack it",
    (".parquet",): "`kpi init` doesn't read files of its kind: export CSV or Excel",
}
"""Endings of files that may well hold an export, and what to do with them; other files are passed over."""


class Exports(Struct, frozen=True):
    """What was found: exports by their headers, and files that can't be used."""

    found: tuple[Export, ...]
    left_out: tuple[tuple[str, str], ...]
    """The name of each file that isn't used, and why."""


def find_exports(paths: Sequence[Path], folder: Path) -> Exports:
    """Opens the files behind paths, or those of the current folder; `folder` is where the book will be.

    Raises KpiError where a path leads nowhere or no file can be read.
    """
    gathered = _Gathered()
    for path, reason in _unlike(_files(paths), folder):
        name = _name(path, folder)
        if reason is not None:
            gathered.left_out.append((name, reason))
            continue
        try:
            for opened in survey(DataFile(name, path.absolute())):
                gathered.add(opened)
        except KpiError as error:
            gathered.left_out.append((name, _reason(name, error)))
        except OSError as error:
            gathered.left_out.append((name, f"it can't be read: {error.strerror or error}"))
    if not gathered.groups:
        said = "; ".join(f"{name}: {reason}" for name, reason in gathered.left_out)
        raise KpiError("no-export", f"no export can be read: {said}", help=_HELP, trouble=Trouble.DATA)
    return Exports(tuple(gathered.exports()), tuple(gathered.left_out))


def _reason(file: str, error: KpiError) -> str:
    """What is wrong with a file, to be read after its name."""
    shown = f"'{Path(file).name}'"
    said = error.message.removeprefix(f"{shown}: ")
    if said.startswith(f"{shown} "):
        said = f"it {said.removeprefix(f'{shown} ')}"
    return f"{said}; {error.help}" if error.help else said


_HELP: Final = "save what your CRM exports as CSV or Excel in one folder, and name it: `kpi init FOLDER`"


def _files(paths: Sequence[Path]) -> list[Path]:
    if paths:
        return [file for path in paths for file in _behind(path)]
    here = Path()
    folder = here if _in_folder(here) else here / USUAL_FOLDER
    found = [*_in_folder(folder), *_unread(folder)]
    if not found:
        where = f"'{here.absolute()}'"
        raise KpiError("no-export", f"there is no export in {where}", help=_HELP, trouble=Trouble.USAGE)
    return found


def _behind(path: Path) -> list[Path]:
    if path.is_dir():
        found = [*_in_folder(path), *_unread(path)]
        if not found:
            known = ", ".join(ENDINGS)
            message = f"there is no export in the folder '{path}'"
            raise KpiError("no-export", message, help=f"it looks for files ending in {known}", trouble=Trouble.USAGE)
        return found
    if not path.is_file():
        raise KpiError("no-export", f"there is no file or folder '{path}'", help=_HELP, trouble=Trouble.USAGE)
    return [path]


def _in_folder(folder: Path) -> list[Path]:
    return _ending(folder, ENDINGS)


def _unread(folder: Path) -> list[Path]:
    """Files beside the exports that may be some too, so that whoever put them there is told."""
    return _ending(folder, tuple(chain.from_iterable(_OTHERS)))


def _ending(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file()
        and path.name.lower().removesuffix(".gz").endswith(endings)
        and not path.name.startswith((".", "~$"))
    ]


def _unlike_an_export(path: Path) -> str | None:
    """What to do with a file that can't be read for its kind."""
    name = path.name.lower().removesuffix(".gz")
    return next((reason for endings, reason in _OTHERS.items() if name.endswith(endings)), None)


def _name(path: Path, folder: Path) -> str:
    """The file as the book names it."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:  # another drive
        return path.absolute().as_posix()


def _unlike(files: Sequence[Path], folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Each file once; with a reason where it can't be named, or is a copy of one before it."""
    seen: dict[tuple[int, str], Path] = {}
    sizes = [path.stat().st_size for path in files]
    known: set[Path] = set()
    for path, size in zip(files, sizes, strict=True):
        if path.resolve() in known:
            continue
        known.add(path.resolve())
        if (reason := _unlike_an_export(path)) is not None:
            yield path, reason
            continue
        if not set("*?").isdisjoint(_name(path, folder)):
            yield path, "a `*` or `?` in its name would stand for other names in a book: rename it"
            continue
        if sizes.count(size) == 1:
            yield path, None
            continue
        with path.open("rb") as stream:
            digest = sha256(stream.read()).hexdigest()
        first = seen.setdefault((size, digest), path)
        yield path, None if first == path else f"it is the same as {_name(first, folder)}"


class _Gathered(Struct):
    groups: dict[tuple[str, ...], list[Survey]] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, opened: Survey) -> None:
        if not opened.rows:
            self.left_out.append((opened.place, "it has headers and no rows"))
            return
        key = tuple(" ".join(header.split()).casefold() for header in opened.headers)
        self.groups.setdefault(key, []).append(opened)

    def exports(self) -> Iterator[Export]:
        for surveys in self.groups.values():
            kept, left_out = unshared(surveys) if len(surveys) > 1 else (surveys, [])
            self.left_out += left_out
            yield Export(tuple(kept))
