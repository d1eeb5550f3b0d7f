"""The user's cache folder: what is kept there is private, is whole or absent, and is always safe to delete.

What somebody else could have written there is as good as absent.
"""

from __future__ import annotations

import os
import stat
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec import Struct

_LOADED: Final = time.time()
"""When this program began: `kpicli` imports this module first."""
_UNSETTLED: Final = 2.0
"""Seconds in which a file may change again without a trace in its times, as those of some file systems are."""
_ABANDONED: Final = 24 * 3600.0
"""Seconds after which nobody is still at work on an unfinished file."""


def user_folder() -> Path:
    """Where everything lies that is kept of this user. Raises OSError where he has no folder."""
    from platformdirs import user_cache_path  # noqa: PLC0415 -- most of what is imported keeps nothing

    try:
        return user_cache_path("kpicli", appauthor=False)
    except RuntimeError as error:
        raise FileNotFoundError("there is no home folder") from error


class State(Struct, frozen=True):
    """What changes whenever a file does."""

    size: int
    modified: int
    """In nanoseconds, like `changed`: when its bytes were written, and when anything of it was set."""
    changed: int
    inode: int
    device: int

    @classmethod
    def of(cls, path: Path) -> State:
        """Raises OSError where there is no such file."""
        return cls.told(path.stat())

    @classmethod
    def told(cls, found: os.stat_result) -> State:
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)

    def settled(self) -> bool:
        """Whether a change from now on would show; to be asked before the file is read."""
        return time.time() - max(self.modified, self.changed) / 1e9 > _UNSETTLED


def is_own(path: Path) -> bool:
    """Whether nobody else could have written there. Raises OSError where there is nothing."""
    return _is_own(path.lstat())


def _is_own(found: os.stat_result) -> bool:
    if stat.S_ISLNK(found.st_mode):
        return False
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)


def read(path: Path, most: int | None = None) -> bytes:
    """What a kept file holds. Raises OSError where there is none, ValueError where it is none of ours.

    None of ours has more than `most` bytes, or lies where others could have put it.
    """
    if not is_own(path.parent):
        raise ValueError(path)
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:  # noqa: PTH123 -- its mode
        found = os.fstat(file.fileno())
        if not (stat.S_ISREG(found.st_mode) and _is_own(found)) or (most is not None and found.st_size > most):
            raise ValueError(path)
        return file.read()


def make_folder(folder: Path) -> None:
    """A private folder, where there is none yet. Raises OSError, also where others could write into it."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(folder)


def begin(folder: Path) -> Path:
    """A new empty file in `folder`, private, under a name that nothing is looked for by. Raises OSError."""
    path = folder / f".{os.urandom(8).hex()}.part"
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


def is_abandoned(path: Path) -> bool:
    """Whether nobody is still at work on a file. Raises OSError where it is gone."""
    return time.time() - path.lstat().st_mtime > _ABANDONED


@lru_cache(maxsize=1)
def installed() -> str | None:
    """Names the code that runs, ours and the libraries': what another version has kept may mean something else.

    None where it isn't known: some of it can't be looked at, or was changed since this program began.
    """
    from hashlib import blake2b  # noqa: PLC0415 -- most of what is imported keeps nothing
    from importlib.util import find_spec  # noqa: PLC0415 -- likewise

    found: list[tuple[str, State]] = []
    polars = find_spec("polars")
    try:
        if polars is not None and polars.origin is not None:
            # Whatever is installed beside Polars, or renewed, leaves its trace in the folder of them all.
            libraries = Path(polars.origin).parent.parent
            found.append((str(libraries), State.of(libraries)))
        for folder, _, names in os.walk(Path(__file__).parent):
            own = [name for name in names if name.endswith((".py", ".yaml")) and not name.startswith(".")]
            found += [(name, State.told(os.stat(f"{folder}/{name}"))) for name in own]  # noqa: PTH116 -- a third of the time that hundreds of paths take
    except OSError:
        return None
    if any(max(state.modified, state.changed) / 1e9 > _LOADED for _, state in found):
        return None
    return blake2b(repr(sorted(found, key=repr)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
