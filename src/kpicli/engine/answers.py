"""Answers that an earlier run had of the same tables: the same report over files that haven't changed reads nothing.

An answer is kept under a name made of all that it depends on: the plan, the declaration of its tables, the code, and
the state of each file, by which a copy of an export is known too. Whatever of it changes makes another name, so that an
answer which is found is right; one that is broken, or that somebody else could have written, is as good as none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct, msgpack

from kpicli import cache
from kpicli.book.model import Book
from kpicli.cache import State
from kpicli.contexts import Reach
from kpicli.errors import KpiError
from kpicli.plan.nodes import Answer, Ask, Cell, Cells, Engine, Members, Plan
from kpicli.scorecard import TableData
from kpicli.tables.files import DataFile, find_files

_MOST: Final = 100
"""So many answers are kept; the oldest make room."""
_MOST_BYTES: Final = 1 << 24
_MOST_BYTES_OF_ALL: Final = 1 << 27
_SMALL: Final = 1 << 20
"""Files of up to so many bytes are read in a moment."""
_ENDING: Final = ".answer"
_CHECK: Final = 16
"""Bytes before an answer that tell whether it is whole, and the one of its name."""
_NO_ANSWER: Final = (OSError, ValueError, ArithmeticError, LookupError, TypeError, DecodeError)
"""What reading something else than an answer of ours comes to."""


class Answers(Struct, frozen=True):
    """The answers in one folder."""

    folder: Path

    def find(self, name: str, plan: Plan) -> Answer | None:
        """The answer of that name, which is one to this plan."""
        with suppress(*_NO_ANSWER):
            content = cache.read(self.folder / name, _MOST_BYTES)
            if _check(name, content[_CHECK:]) == content[:_CHECK]:
                return _DECODER.decode(content[_CHECK:]).answer(plan)
        return None

    def keep(self, name: str, plan: Plan, answer: Answer) -> None:
        """Keeps an answer to the plan, where that can be done."""
        with suppress(OSError, ValueError, OverflowError):
            content = msgpack.encode(_Kept.of(plan, answer))
            if len(content) + _CHECK <= _MOST_BYTES:
                cache.make_folder(self.folder)
                cache.put(self.folder / name, _check(name, content) + content)
                self._make_room()

    def number(self) -> int:
        """How many there are. Raises OSError."""
        return sum(path.suffix == _ENDING for path, _ in self._files())

    def size(self) -> int:
        """Bytes of all files in the folder. Raises OSError."""
        return sum(found.st_size for _, found in self._files())

    def clear(self) -> None:
        """Deletes all answers. Raises OSError where they can't be deleted."""
        for path, _ in self._files():
            path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Deletes the oldest answers, as far as there are too many or too large ones, and what was left unfinished."""
        room = _MOST_BYTES_OF_ALL
        by_age = sorted(self._files(), key=lambda each: each[1].st_mtime_ns, reverse=True)
        kept = [(path, found) for path, found in by_age if path.suffix == _ENDING]
        for at, (path, found) in enumerate(kept):
            room -= found.st_size
            if at >= _MOST or room < 0:
                path.unlink(missing_ok=True)
        for path, _ in by_age:
            if path.suffix != _ENDING and cache.is_abandoned(path):
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Answers and unfinished ones; other runs may delete them meanwhile."""
        for path in [*self.folder.glob(f"*{_ENDING}"), *self.folder.glob(".*.part")]:
            with suppress(FileNotFoundError):
                found = path.lstat()
                if not stat.S_ISDIR(found.st_mode):
                    yield path, found


def users_answers() -> Answers:
    """The answers in the user's cache folder. Raises OSError where he has none."""
    return Answers(cache.user_folder() / "answers")


class RememberingEngine:
    """An engine that answers from what it remembers; another one, made only then, answers what it doesn't."""

    def __init__(self, book: Book, folder: Path, answers: Answers, make: Callable[[], Engine]) -> None:
        self._book = book
        self._folder = folder
        self._answers = answers
        self._make = make
        self._engine: Engine | None = None

    def run(self, plan: Plan) -> Answer:
        """As every engine."""
        version, files = cache.installed(), self._files(plan)
        if version is None or files is None:
            return self._asked(plan)
        name = self._name(plan, version, files)
        known = self._answers.find(name, plan)
        if known is not None:
            return known
        is_settled = all(is_settled for _, is_settled in files)
        answer = self._asked(plan)
        # What changed on the way may have been read as it was before, or after.
        if is_settled and self._files(plan) == files:
            self._answers.keep(name, plan, answer)
        return answer

    def _asked(self, plan: Plan) -> Answer:
        if self._engine is None:
            self._engine = self._make()
        return self._engine.run(plan)

    def _files(self, plan: Plan) -> list[tuple[str, bool]] | None:
        """Each file that the plan reads, in words, and whether a change from now on would show in them.

        None where the answer isn't one to be kept.
        """
        if plan.searches or plan.sieves:  # they show rows, and are asked by somebody who looks at the data
            return None
        try:
            return [
                _told((scan.table, at), file)
                for scan in plan.scans
                for at, entry in enumerate(self._book.tables[scan.table].source)
                for file in find_files(entry.path, self._folder, scan.table)
            ]
        except (KpiError, OSError):  # whoever reads the table says what is wrong
            return None

    def _name(self, plan: Plan, version: str, files: Sequence[tuple[str, bool]]) -> str:
        """What an answer is kept under: a digest of all that it depends on."""
        book = self._book
        calendar = book.calendar
        parts = [
            version,
            str(self._folder.absolute()),
            repr(plan),
            *(told for told, _ in files),
            *(book.tables[scan.table].model_dump_json() for scan in plan.scans),
            repr((calendar.timezone, calendar.week_starts, calendar.fiscal_year_starts, sorted(calendar.workdays))),
            repr(calendar.holidays),
            repr((book.currency, book.rates)),
        ]
        digest = blake2b(digest_size=20)
        for part in parts:
            content = part.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "big") + content)
        return f"{digest.hexdigest()}{_ENDING}"


def _told(place: tuple[str, int], file: DataFile) -> tuple[str, bool]:
    """A file in words that change whenever it does, and whether they do so from now on.

    A small one is told by its content, a large one by its times. Raises OSError.
    """
    if file.content is not None:
        raise OSError("what was sent to standard input isn't sent again")
    state = State.of(file.path)
    where = (*place, file.name, str(file.path.resolve()))
    if state.size <= _SMALL:
        return repr((*where, blake2b(file.path.read_bytes(), digest_size=20).hexdigest())), True
    return repr((*where, state)), state.settled()


# ---- an answer as bytes


class _Group(Struct, frozen=True, array_like=True):
    """The cells of one ask in one reach, as columns."""

    reach: int
    """Its place among those of the ask."""
    members: list[int]
    """The places of each cell's members among all that the answer names."""
    kind: str
    values: list[int | str | None]
    rows: list[int]


class _Kept(Struct, frozen=True, array_like=True):
    """An answer, in which members and reaches are numbers."""

    members: list[tuple[str | None, ...]]
    cells: list[list[list[_Group]]]
    data: tuple[TableData, ...]

    @classmethod
    def of(cls, plan: Plan, answer: Answer) -> _Kept:
        places: dict[Members, int] = {}
        cells = [
            [list(_groups(ask, found, places)) for ask, found in zip(aggregation.asks, asked, strict=True)]
            for aggregation, asked in zip(plan.aggregations, answer.cells, strict=True)
        ]
        return cls(list(places), cells, answer.data)

    def answer(self, plan: Plan) -> Answer:
        """Raises one of `_NO_ANSWER` where it is none to the plan."""
        if [table.table for table in self.data] != [scan.table for scan in plan.scans]:
            raise ValueError("these are other tables")
        cells = tuple(
            tuple(
                _cells(ask, groups, self.members, len(aggregation.by))
                for ask, groups in zip(aggregation.asks, asked, strict=True)
            )
            for aggregation, asked in zip(plan.aggregations, self.cells, strict=True)
        )
        return Answer(cells, self.data)


_DECODER: Final = msgpack.Decoder(_Kept)


def _groups(ask: Ask, found: Cells, places: dict[Members, int]) -> Iterator[_Group]:
    for at, reach in enumerate(ask.reaches):
        if reach in found:
            cells = found[reach]
            kind, values = _written([cell.value for cell in cells.values()])
            members = [places.setdefault(each, len(places)) for each in cells]
            yield _Group(at, members, kind, values, [cell.rows for cell in cells.values()])


def _cells(
    ask: Ask, groups: Sequence[_Group], members: Sequence[Members], width: int
) -> dict[Reach, dict[Members, Cell]]:
    found = {}
    for group in groups:
        if min([group.reach, *group.members]) < 0 or any(len(members[place]) != width for place in group.members):
            raise ValueError("these are other members")
        found[ask.reaches[group.reach]] = {
            members[place]: Cell(value, rows)
            for place, value, rows in zip(group.members, _read(group), group.rows, strict=True)
        }
    return found


_KINDS: Final[Mapping[str, tuple[type, Callable[[str], object]]]] = {
    "decimal": (Decimal, Decimal),
    "fraction": (Fraction, Fraction),
    "date": (date, date.fromisoformat),
    "text": (str, str),
}
"""What values may be besides whole numbers, and how their texts are read."""


def _written(values: Sequence[object]) -> tuple[str, list[int | str | None]]:
    """The kind of the values, which are all of one, and themselves. Raises ValueError for any other value."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int}:
        return "int", [value if isinstance(value, int) else None for value in values]
    for name, (kind, _) in _KINDS.items():
        if kinds == {kind}:
            return name, [None if value is None else str(value) for value in values]
    raise ValueError(f"an answer holds no {kinds}")


def _read(group: _Group) -> Sequence[object]:
    if group.kind == "int":
        if any(isinstance(value, str) for value in group.values):
            raise ValueError("these are no whole numbers")
        return group.values
    _, read = _KINDS[group.kind]
    return [None if value is None else read(str(value)) for value in group.values]


def _check(name: str, content: bytes) -> bytes:
    return blake2b(name.encode() + content, digest_size=_CHECK).digest()
