"""The user's cache folder: what is kept there is private, is whole or absent, and is always safe to delete.

What somebody else could have written there is as good as absent.
"""

from __future__ import annotations

import os
import secrets
import stat
import time
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from msgspec import Struct

_UNSETTLED: Final = 2.0
"""Seconds in which a file may change again without a trace in its times, as those of some file systems are."""


def user_folder() -> Path:
    """Where everything lies that is kept of this user."""
    from platformdirs import user_cache_path  # noqa: PLC0415 -- most of what is imported keeps nothing

    return user_cache_path("kpicli", appauthor=False)


class State(Struct, frozen=True):
    """What changes whenever a file does."""

    size: int
    modified: int
    """In nanoseconds, like `changed`: when its bytes were written, and when anything of it was set."""
    changed: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> State:
        """Raises OSError where there is no such file."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)

    def settled(self) -> bool:
        """Whether a change from now on would show."""
        return time.time() - max(self.modified, self.changed) / 1e9 > _UNSETTLED


def is_own(path: Path) -> bool:
    """Whether nobody else could have written there. Raises OSError where there is nothing."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return False
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)


def read(path: Path, most: int | None = None) -> bytes:
    """What a kept file holds. Raises OSError where there is none, ValueError where it is none of ours.

    None of ours has more than `most` bytes.
    """
    found = path.lstat()
    if not (stat.S_ISREG(found.st_mode) and is_own(path)) or (most is not None and found.st_size > most):
        raise ValueError(path)
    return path.read_bytes()


def make_folder(folder: Path) -> None:
    """A private folder, where there is none yet. Raises OSError, also where others could write into it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(folder)


def begin(folder: Path) -> Path:
    """A new empty file in `folder`, private, under a name that nothing is looked for by. Raises OSError."""
    path = folder / f".{secrets.token_hex(8)}.part"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def put(path: Path, content: bytes) -> None:
    """Keeps a file in the place of an older one, in one step. Raises OSError."""
    beside = begin(path.parent)
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@lru_cache(maxsize=1)
def installed() -> str:
    """Names the code as it is installed, ours and Polars': what another version has kept may mean something else."""
    states: list[object] = []
    for folder, _, names in os.walk(Path(__file__).parent):
        for name in names:
            if name.endswith((".py", ".yaml")):
                found = os.stat(f"{folder}/{name}")  # noqa: PTH116 -- a third of the time that hundreds of paths take
                states.append((folder, name, found.st_size, found.st_mtime_ns))
    polars = find_spec("polars")
    if polars is not None and polars.origin is not None:
        states.append(State.of(Path(polars.origin)))
    return blake2b(repr(sorted(states, key=repr)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
