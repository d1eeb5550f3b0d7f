"""From the `source` of a table to the files behind it.

A path is a path: nothing is fetched, `~` and brackets stand for themselves, and only `*` and `?` match other names.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from msgspec import Struct

from kpicli.book.standard_input import STANDARD_INPUT
from kpicli.errors import KpiError, Trouble, did_you_mean
from kpicli.tables.standard_input import NAME, read_standard_input


class DataFile(Struct, frozen=True, order=True):
    """One export: its name as the user sees it (relative to the book's folder) and where it lies."""

    name: str
    path: Path
    content: bytes | None = None
    """What it holds, where that doesn't lie in a file: what was sent to standard input."""

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.content is None else len(self.content)

    def identity(self) -> object:
        """What two paths to the same bytes have in common, links of either kind too."""
        if self.content is not None:
            return self.name
        found = self.path.stat()
        return (found.st_dev, found.st_ino) if found.st_ino else self.path.resolve()


def find_files(pattern: str, folder: Path, table: str) -> tuple[DataFile, ...]:
    """The files behind a path or glob, sorted by name.

    Raises KpiError (data) where there is none, or where one can't be read as a file.
    """
    if pattern == STANDARD_INPUT:
        return (DataFile(NAME, folder / STANDARD_INPUT, read_standard_input(table)),)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", pattern):
        raise KpiError(
            "not-a-path",
            f"table {table}: '{pattern}' is an address, not a path",
            help="nothing is fetched: export the file and name its path",
        )
    if "**" in pattern:
        raise KpiError(
            "wildcard",
            f"table {table}: '{pattern}' holds `**`, and the wildcards are `*` and `?`",
            help="`*` stays in one folder: list a path for each depth",
        )
    parts = Path(pattern).parts
    if not pattern or "\0" in pattern:
        raise _missing(table, pattern, folder, "the path holds a NUL character" if pattern else "the path is empty")
    if any(_is_glob(part) for part in parts):
        return _matches(pattern, parts, folder, table)
    file = DataFile(Path(pattern).as_posix(), folder / pattern)
    _check_readable(file, table, folder)
    return (file,)


def _is_glob(part: str) -> bool:
    return "*" in part or "?" in part


def _matches(pattern: str, parts: tuple[str, ...], folder: Path, table: str) -> tuple[DataFile, ...]:
    found = _places(parts, folder)
    files = sorted(DataFile(place.as_posix(), folder / place) for place in found if (folder / place).is_file())
    if not files:
        raise _missing(table, pattern, folder, "no file matches")
    for file in files:
        _check_readable(file, table, folder)
    return tuple(files)


def _places(parts: tuple[str, ...], folder: Path) -> list[Path]:
    """What the parts of a path lead to; what a part with a wildcard stands for is there, and the others may not be."""
    found = [Path()]
    for part in parts:
        if _is_glob(part):
            found = [place / name for place in found for name in _names(folder / place) if _fits(part, name)]
        else:
            found = [place / part for place in found]
    return found


def _fits(part: str, name: str) -> bool:
    regex = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in part)
    hidden = name.startswith(".") and not part.startswith(".")
    return not hidden and re.fullmatch(regex, name, re.DOTALL) is not None


def means(pattern: str, folder: Path, path: Path) -> bool:
    """Whether a file is among those behind a path or glob, by this or another name, or would be once it is there."""
    parts = Path(pattern).parts
    if pattern == STANDARD_INPUT or not parts or "\0" in pattern:
        return False
    target = Path(os.path.realpath(path))  # what a link leads to is what is written over
    *above, last = parts
    if _fits(last, target.name) and any(_same(folder / each, target.parent) for each in _places(tuple(above), folder)):
        return True
    return any(_same(folder / each, target) for each in _places(parts, folder))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _check_readable(file: DataFile, table: str, folder: Path) -> None:
    if not file.name.isascii() and file.name != file.name.encode("utf-8", "replace").decode("utf-8"):
        raise KpiError(
            "unreadable-file",
            f"table {table}: {file.name!a} is a name that isn't text in UTF-8",
            help="give the file another name",
            trouble=Trouble.DATA,
        )
    try:
        mode = file.path.stat().st_mode
        if S_ISREG(mode):
            with file.path.open("rb"):
                return
    except FileNotFoundError:
        raise _missing(table, file.name, folder, "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise KpiError(
            "unreadable-file",
            f"table {table}: '{file.name}' can't be read: {reason}",
            help="check the path and the file's permissions",
            trouble=Trouble.DATA,
        ) from error
    what = "a folder" if S_ISDIR(mode) else "not a regular file"
    raise KpiError(
        "not-a-file",
        f"table {table}: '{file.name}' is {what}",
        help=f"name the files in it, for example '{file.name}/*.csv'" if S_ISDIR(mode) else "name a file",
        trouble=Trouble.DATA,
    )


_SHOWN_NAMES = 8


def _missing(table: str, pattern: str, folder: Path, reason: str) -> KpiError:
    """Says where the file was looked for and what lies there."""
    looked = folder
    for part in Path(pattern).parts[:-1]:
        if _is_glob(part) or "\0" in part or not (looked / part).is_dir():
            break
        looked /= part
    names = [name for name in _names(looked) if not name.startswith(".")]
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    if names:
        there = f"{looked} holds {shown}{more}"
    else:
        there = f"{looked} is empty" if looked.is_dir() else f"there is no folder {looked}"
    wanted = Path(pattern).name
    near = did_you_mean(wanted, names) if not _is_glob(pattern) else None
    slashed = pattern.replace("\\", "/")
    if slashed != pattern and "\0" not in pattern and (folder / slashed).is_file():
        return KpiError(
            "no-file",
            f"table {table}: '{pattern}': {reason}",
            help=f"did you mean '{slashed}'? Between folders stands /",
            trouble=Trouble.DATA,
        )
    hints = [there, near if near is not None and near.startswith("did") else None, _tilde(pattern)]
    return KpiError(
        "no-file",
        f"table {table}: '{pattern}': {reason}",
        help="; ".join(hint for hint in hints if hint is not None),
        trouble=Trouble.DATA,
    )


def _tilde(pattern: str) -> str | None:
    return "`~` isn't expanded: write the whole path" if pattern.startswith("~") else None
