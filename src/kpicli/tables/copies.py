"""Typed copies of exports in the user's cache folder: a file that hasn't changed is parsed and proven sound once.

A copy is a Parquet file with what the first look at an export gave, and a label beside it: a small JSON text that says
which file it was made of, in which state, how the columns were declared, and what was counted on the way. Only what has
a whole label that fits is read. The label is written last and moved to its place in one step, so that a run which is
killed at any moment, or which meets another one, leaves nothing that could be taken for a copy. Whatever can't be kept
or found is read from the export again: a copy changes no figure, and it is always safe to delete.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import polars as pl
from msgspec import Struct
from msgspec.structs import asdict

from kpicli import cache
from kpicli.cache import State
from kpicli.tables.asides import Aside
from kpicli.tables.looks import Counted

SMALLEST: Final = 1 << 20
"""Files of fewer bytes are read as fast as a copy of them."""
_MOST_OF_ONE: Final = 4
"""So many copies of one file are kept, of different columns or declarations."""
_CHUNK: Final = 1 << 20
_NO_LABEL: Final = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What reading something else than a label of ours comes to."""


class Copy(Struct, frozen=True):
    """A typed copy of one file."""

    path: Path
    known: Counted
    aside: tuple[Aside, ...]
    """What the file holds besides its rows."""
    checksum: int

    def is_sound(self) -> bool:
        """Whether its bytes are those that were written."""
        try:
            return _checksum(self.path) == self.checksum
        except OSError:
            return False


class Draft(Struct, frozen=True):
    """A copy that is being written; it counts once it is finished."""

    path: Path
    """Where the Parquet file is to be written."""
    source: Path
    state: State
    declaration: str
    columns: Mapping[str, str]
    """How each column is declared."""
    aside: tuple[Aside, ...]

    def written(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The query that writes a frame into the copy."""
        return frame.sink_parquet(self.path, compression="lz4", lazy=True)

    def finish(self, counted: Counted) -> None:
        """Keeps what was written, unless the export has changed meanwhile or there is no room for it."""
        label = self.path.parent / f"{_name(self.source, self.declaration, self.columns)}.json"
        data = self.path.with_name(f"{label.stem}-{os.urandom(4).hex()}.parquet")
        try:
            if State.of(self.source) != self.state:
                self.discard()
                return
            content = {
                "source": str(self.source),
                "state": asdict(self.state),
                "declaration": _digest(self.declaration),
                "columns": dict(self.columns),
                "counted": asdict(counted),
                "aside": self.aside,
                "data": data.name,
                "size": self.path.stat().st_size,
                "checksum": _checksum(self.path),
            }
            self.path.replace(data)
            cache.put(label, json.dumps(content).encode())
        except OSError:
            self.discard()
            with suppress(OSError):
                data.unlink(missing_ok=True)
        else:
            with suppress(OSError):
                _tidy(self.path.parent, label)

    def discard(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


class Copies(Struct, frozen=True):
    """The copies in one folder."""

    folder: Path

    def find(self, source: Path, declaration: str, asked: Mapping[str, str]) -> Copy | None:
        """A copy of a file as it is now, with all asked columns, each declared as it is now."""
        with suppress(*_NO_LABEL):
            state = asdict(State.of(source))
            for path in self.folder.glob(f"{_digest(str(source.resolve()))}-{_digest(declaration)}-*.json"):
                with suppress(*_NO_LABEL):
                    label = _read(path)
                    data = self.folder / Path(label["data"]).name
                    fits = label["state"] == state and asked.items() <= label["columns"].items()
                    if fits and cache.is_own(data) and data.stat().st_size == label["size"]:
                        aside = tuple(Aside(*each) for each in label["aside"])
                        return Copy(data, Counted(**label["counted"]), aside, int(label["checksum"]))
        return None

    def draft(
        self, source: Path, declaration: str, columns: Mapping[str, str], aside: tuple[Aside, ...]
    ) -> Draft | None:
        """The beginning of a copy; None where none is to be kept, or none can be."""
        with suppress(OSError):
            state = State.of(source)
            if state.size < SMALLEST or not state.settled():
                return None
            cache.make_folder(self.folder)
            return Draft(cache.begin(self.folder), source.resolve(), state, declaration, columns, aside)
        return None

    def kept(self) -> Iterator[Kept]:
        """What is there, by the names of the sources."""
        labels = []
        for path in self.folder.glob("*.json"):
            with suppress(*_NO_LABEL):
                label = _read(path)
                labels.append(
                    Kept(Path(label["source"]), tuple(label["columns"]), label["counted"]["rows"], label["size"])
                )
        yield from sorted(labels, key=lambda each: (str(each.source), each.columns))

    def size(self) -> int:
        """Bytes of all files in the folder, those of unfinished copies too."""
        return sum(path.stat().st_size for path in self._files())

    def clear(self) -> None:
        """Deletes all copies. Raises OSError where they can't be deleted."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        patterns = ("*.json", "*.parquet", ".*.part")
        return [path for pattern in patterns for path in self.folder.glob(pattern) if path.is_file()]


class Kept(Struct, frozen=True):
    """One copy, as `kpi cache` shows it."""

    source: Path
    columns: tuple[str, ...]
    rows: int
    size: int


def scan_copy(path: Path) -> pl.LazyFrame:
    """The rows of a copy."""
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def users_copies() -> Copies:
    """The copies in the user's cache folder. Raises OSError where he has none."""
    return Copies(cache.user_folder() / "tables")


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def _name(source: Path, declaration: str, columns: Mapping[str, str]) -> str:
    return f"{_digest(str(source))}-{_digest(declaration)}-{_digest(repr(sorted(columns.items())))[:8]}"


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return found


def _read(path: Path) -> dict[str, Any]:
    """A label. Raises OSError or ValueError where it is none of ours."""
    label = json.loads(cache.read(path))
    if not isinstance(label, dict):
        raise ValueError(path)  # noqa: TRY004 -- a broken file is no wrong type
    return label


def _tidy(folder: Path, newest: Path) -> None:
    """Deletes what the newest copy replaces, copies of files that are gone, and what was left unfinished long ago."""
    new = _read(newest)
    others: list[tuple[int, Path, str]] = []
    used = {new["data"]}
    for path in folder.glob("*.json"):
        if path == newest:
            continue
        try:
            label = _read(path)
            same = label["source"] == new["source"]
            useless = _replaces(new, label) if same else not Path(label["source"]).exists()
            data = Path(label["data"]).name
        except _NO_LABEL:
            path.unlink(missing_ok=True)
            continue
        if useless:
            _delete(path, data)
        else:
            used.add(data)
            if same:
                others.append((path.stat().st_mtime_ns, path, data))
    for _, path, data in sorted(others, reverse=True)[_MOST_OF_ONE - 1 :]:
        _delete(path, data)
    for path in [*folder.glob("*.parquet"), *folder.glob(".*.part")]:
        abandoned = cache.is_abandoned(path)
        if path.name not in used and (abandoned or path.name.startswith(newest.name.partition("-")[0])):
            path.unlink(missing_ok=True)


def _delete(label: Path, data: str) -> None:
    label.unlink(missing_ok=True)
    (label.parent / data).unlink(missing_ok=True)


def _replaces(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether an older copy of the same file serves nobody any more."""
    if new["state"] != old["state"]:
        return True
    return bool(new["declaration"] == old["declaration"] and old["columns"].items() <= new["columns"].items())
