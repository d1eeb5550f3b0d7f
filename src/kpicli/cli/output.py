"""The one place that writes results: to stdout, or to a file that is whole or not there."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kpicli.errors import KpiError, Trouble

if TYPE_CHECKING:
    from kpicli.book.load import Loaded


def stdout() -> TextIO:
    """The stream for results. Raises `KpiError` where the program was started with none (`>&-`)."""
    stream: TextIO | None = sys.stdout
    if stream is None:
        raise KpiError(
            "output",
            "can't write stdout: it is closed",
            help="start it with a stdout, or write to a file with --output",
            trouble=Trouble.DATA,
        )
    return stream


def print_text(text: str) -> None:
    """Text for people on stdout, in its encoding and with its line breaks; what it lacks becomes an escape."""
    encoding = stdout().encoding
    lines = text.replace("\n", os.linesep)
    try:
        content = lines.encode(encoding)
    except UnicodeEncodeError:
        content = lines.replace("…", "...").encode(encoding, "backslashreplace")
    print_bytes(content)


def print_note(text: str) -> None:
    """A line for people on stderr, beside the result; nowhere where there is no stderr, or one that takes nothing."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """The interpreter flushes a stream once more as it ends, and would complain again: let it have somewhere to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def called_as() -> str:
    """How the program is started: by its name, unless a checkout's `run.py` says that it started it."""
    called = os.environ.get("KPI_CALLED_AS", "")
    return called if called.endswith("run.py kpi") and called.isprintable() else "kpi"


def print_bytes(content: bytes) -> None:
    """A result on stdout. A reader that has closed its end (`| head`) has what it wanted, and is no trouble."""
    stream = stdout()
    try:
        stream.flush()
        stream.buffer.write(content)
        stream.buffer.flush()
    except OSError as error:
        _give_up(stream)
        if not isinstance(error, BrokenPipeError):
            raise _unwritable("stdout", error) from error


def destination_of(output: str | None) -> Path | None:
    """The file that `--output` names; None for stdout. Raises `KpiError`, before any work, where it can't be one."""
    if output in {None, "-"}:
        stdout()
        return None
    destination = Path(str(output))
    check_destination(destination)
    return destination


def keep_apart(destination: Path | None, book: Path, loaded: Loaded) -> None:
    """Refuse to write over the book, or where a table finds its exports: the next report would read a result as data.

    Raises `KpiError`.
    """
    if destination is None:
        return
    from kpicli.tables.files import means

    if os.path.realpath(destination) == os.path.realpath(book):
        raise _read(destination, "is the book itself", "name another file: nothing that is read is written over")
    for name, table in loaded.book.tables.items():
        for source in table.source:
            if means(source.path, loaded.folder, destination):
                what = f"is where table {name} has its exports, '{source.path}'"
                raise _read(destination, what, "write it elsewhere: the next report would read it as data")


def _read(destination: Path, what: str, help_: str) -> KpiError:
    return KpiError("output", f"--output '{destination}' {what}", help=help_, trouble=Trouble.USAGE)


def put(content: bytes, destination: Path | None) -> None:
    """A result to a file, or to stdout where there is none. Raises `KpiError`."""
    if destination is None:
        print_bytes(content)
    else:
        write_file(destination, content)


def check_destination(path: Path) -> None:
    """Refuse, before any work is done, what can't become a file. Raises `KpiError`."""
    if path.is_dir():
        raise KpiError(
            "output",
            f"--output '{path}' is a folder",
            help="give the name of a file in it",
            trouble=Trouble.USAGE,
        )
    if not path.absolute().parent.is_dir():
        raise KpiError(
            "output",
            f"--output '{path}': there is no folder '{path.parent}'",
            help="make the folder first, or write elsewhere",
            trouble=Trouble.USAGE,
        )


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole: beside it first, then in its place, with the mode that it had. Raises `KpiError`."""
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a device or a pipe can't be replaced
        else:
            _replace(target, content)
    except OSError as error:
        raise _unwritable(f"'{path}'", error) from error


def write_new(path: Path, content: bytes) -> bool:
    """Write a file that isn't there yet, whole or not at all; False where one is there. Raises `KpiError`."""
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(f"'{path}'", error) from error
    return True


def _replace(target: Path, content: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
        with suppress(FileNotFoundError):
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _unwritable(place: str, error: OSError) -> KpiError:
    return KpiError(
        "output",
        f"can't write {place}: {error.strerror or error}",
        help="make room or mend its permissions, or write elsewhere with --output",
        trouble=Trouble.DATA,
    )
