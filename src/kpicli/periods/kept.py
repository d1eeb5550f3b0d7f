"""Holidays that an earlier run worked out, kept in the user's cache folder: one small file a country or subdivision.

    kpicli 1 US 5d41e2a9 8c3f00b7
    2026 2026-01-01 2026-01-19 …

The first line names the entity, the installed files of the library that worked the holidays out, and the lines below
by their checksum; each of those has a year and its holidays in order. A file that isn't exactly so, or that somebody
else could have written, is as good as none, and where none can be written all is worked out each time. It is always
safe to delete.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path

from kpicli import cache

_MOST_YEARS = 200
_MOST_BYTES = 1 << 18


def read(entity: str) -> dict[int, frozenset[date]]:
    """The years that are kept of an entity, each with its holidays."""
    with suppress(OSError, ValueError):
        path = _path(entity)
        content = cache.read(path, _MOST_BYTES).decode("ascii")
        head, _, body = content.partition("\n")
        if head == _head(entity, body):
            return dict(map(_year, body.splitlines()))
    return {}


def write(entity: str, years: Mapping[int, frozenset[date]]) -> None:
    """Keep the years in the place of those that were kept, where that can be done."""
    if len(years) > _MOST_YEARS:
        return
    body = "".join(" ".join([f"{year:04}", *map(str, sorted(days))]) + "\n" for year, days in sorted(years.items()))
    with suppress(OSError, ValueError):
        path = _path(entity)
        cache.make_folder(path.parent)
        cache.put(path, f"{_head(entity, body)}\n{body}".encode("ascii"))


def _path(entity: str) -> Path:
    """The file of an entity. ValueError for what can't be a part of a file's name, or where nothing can be kept."""
    if re.fullmatch("[A-Z]{2,3}(-[A-Za-z0-9]{1,40})?", entity) is None or not _library():
        raise ValueError(entity)
    return cache.user_folder() / f"holidays-{entity}.txt"


@lru_cache(maxsize=1)
def _library() -> str:
    """The library as installed: a checksum over its files' names and hashes; empty where they aren't known."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415  # not every book has holidays

    try:
        record = distribution("holidays").read_text("RECORD")
    except PackageNotFoundError:
        return ""
    # Of the package alone: its scripts are different files in each environment.
    own = [line for line in (record or "").splitlines() if line.startswith("holidays/")]
    return f"{zlib.crc32(chr(10).join(own).encode()):08x}" if own else ""


def _head(entity: str, body: str) -> str:
    return f"kpicli 1 {entity} {_library()} {zlib.crc32(body.encode()):08x}"


def _year(line: str) -> tuple[int, frozenset[date]]:
    """A year and its holidays. ValueError where the line is anything else."""
    year, *texts = line.split(" ")
    days = frozenset(map(date.fromisoformat, texts))
    if texts != sorted(map(str, days)) or any(day.year != int(year) for day in days):
        raise ValueError(line)
    return int(year), days
