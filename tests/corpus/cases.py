"""The cases of the corpus: broken and odd files, how a book declares them, and what exactly must come of it.

Each is one YAML file in `cases/`, whose name says what is odd:

    about     one sentence
    files     name and content: a text, or a list of texts, {repeat, times} and {bytes: hexadecimal}; or a mapping of
              such a `text` with `encoding`, `gzip` and `cut` (how many bytes are missing at the end)
    table     what the book says under `tables`, as it stands there
    zone      the calendar's time zone, UTC without it
    rows      the rows, cells joined by ` | `; a value has `=` before it, and `~` is none. Left out where they are many
    notes     the data notes, each in one line
    checked   those that only `kpi check` has
    figures   KPI formulas over the table, which is called deals, and what they give
    error     in place of all these: what the user sees
    exit      its exit code, where that isn't 1
    wrong     why the program doesn't do so yet; the outcome is the right one all the same
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One file of `cases/`."""

    name: str
    about: str
    files: dict[str, bytes]
    table: str
    zone: str
    rows: tuple[str, ...] | None
    """None where there are too many to write down; `figures` then hold them."""
    notes: tuple[str, ...]
    checked: tuple[str, ...]
    """Notes that only `kpi check` has."""
    figures: dict[str, str]
    error: str | None
    exit_code: int
    wrong: str | None
    """Why the program does something else, as long as it does."""


@cache
def cases() -> tuple[Case, ...]:
    return tuple(map(_case, sorted(FOLDER.glob("*.yaml"))))


def _case(path: Path) -> Case:
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)  # noqa: S506  # likewise
    unknown = found.keys() - {
        "about",
        "files",
        "table",
        "zone",
        "rows",
        "notes",
        "checked",
        "figures",
        "error",
        "exit",
        "wrong",
    }
    assert not unknown, f"{path.name}: unknown keys {unknown}"
    error = found.get("error")
    return Case(
        name=path.stem,
        about=found["about"],
        files={name: content_of(content) for name, content in found["files"].items()},
        table=found["table"],
        zone=found.get("zone", "UTC"),
        rows=tuple(sorted(found["rows"])) if "rows" in found else None,
        notes=tuple(sorted(found.get("notes", ()))),
        checked=tuple(found.get("checked", ())),
        figures=found.get("figures", {}),
        error=None if error is None else error.strip(),
        exit_code=int(found.get("exit", "0" if error is None else "1")),
        wrong=found.get("wrong"),
    )


def content_of(declared: Any) -> bytes:
    """A file's bytes: a text, or a mapping that says how it is written."""
    if not isinstance(declared, dict):
        declared = {"text": declared}
    content = b"".join(_pieces(declared["text"], declared.get("encoding", "utf-8")))
    if "gzip" in declared:
        content = gzip.compress(content, mtime=0)
    return content[: -int(declared["cut"])] if "cut" in declared else content


def _pieces(text: Any, encoding: str) -> Iterator[bytes]:
    for piece in text if isinstance(text, list) else [text]:
        match piece:
            case str():
                yield piece.encode(encoding)
            case {"bytes": digits}:
                yield bytes.fromhex(digits)
            case {"repeat": repeated, "times": times}:
                yield repeated.encode(encoding) * int(times)
            case _:
                raise AssertionError(f"no piece of a file: {piece}")
