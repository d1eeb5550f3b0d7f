"""Answers that an earlier run had of the same tables: the same report over files that haven't changed reads nothing.

An answer is kept under a name made of all that it depends on: the plan, the declaration of its tables, the code, and
the state of each file, by which a copy of an export is known too. Whatever of it changes makes another name, so that an
answer which is found is right; one that is broken, or that somebody else could have written, is as good as none.
"""

from __future__ import annotations

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
from kpicli.book.standard_input import STANDARD_INPUT
from kpicli.cache import State
from kpicli.contexts import Reach
from kpicli.errors import KpiError
from kpicli.plan.nodes import Answer, Ask, Cell, Cells, Engine, Members, Plan
from kpicli.scorecard import TableData
from kpicli.tables.files import find_files

_MOST: Final = 100
"""So many answers are kept; the oldest make room."""
_MOST_BYTES: Final = 1 << 24
_CHECK: Final = 16
"""Bytes before an answer that tell whether it is whole."""


class Answers(Struct, frozen=True):
    """The answers in one folder."""

    folder: Path

    def find(self, name: str, plan: Plan) -> Answer | None:
        """The answer of that name, which is one to this plan."""
        with suppress(OSError, ValueError, DecodeError):
            content = cache.read(self.folder / name, _MOST_BYTES)
            if _check(content[_CHECK:]) == content[:_CHECK]:
                return _DECODER.decode(content[_CHECK:]).answer(plan)
        return None

    def keep(self, name: str, plan: Plan, answer: Answer) -> None:
        """Keeps an answer to the plan, where that can be done."""
        with suppress(OSError, ValueError):
            content = msgpack.encode(_Kept.of(plan, answer))
            if len(content) + _CHECK <= _MOST_BYTES:
                cache.make_folder(self.folder)
                cache.put(self.folder / name, _check(content) + content)
                for old in self._by_age()[_MOST:]:
                    old.unlink(missing_ok=True)

    def number(self) -> int:
        """How many there are."""
        return len(self._by_age())

    def size(self) -> int:
        """Bytes of all files in the folder. Raises OSError."""
        return sum(path.stat().st_size for path in self._files())

    def clear(self) -> None:
        """Deletes all answers. Raises OSError where they can't be deleted."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _by_age(self) -> list[Path]:
        """The newest first."""
        return sorted(self.folder.glob("*.answer"), key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _files(self) -> list[Path]:
        return [*self.folder.glob("*.answer"), *self.folder.glob(".*.part")]


def users_answers() -> Answers:
    """The answers in the user's cache folder."""
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
        before = self._states(plan)
        if before is None:
            return self._asked(plan)
        name = self._name(plan, before)
        known = self._answers.find(name, plan)
        if known is not None:
            return known
        answer = self._asked(plan)
        # What changed on the way may have been read as it was before, or after.
        if all(state.settled() for state in before.values()) and self._states(plan) == before:
            self._answers.keep(name, plan, answer)
        return answer

    def _asked(self, plan: Plan) -> Answer:
        if self._engine is None:
            self._engine = self._make()
        return self._engine.run(plan)

    def _states(self, plan: Plan) -> dict[tuple[str, int, str], State] | None:
        """By table, entry of its source and name, how each file is; None where the answer isn't one to be kept."""
        if plan.searches or plan.sieves:  # they show rows, and are asked by somebody who looks at the data
            return None
        states = {}
        try:
            for scan in plan.scans:
                for at, entry in enumerate(self._book.tables[scan.table].source):
                    if entry.path == STANDARD_INPUT:
                        return None
                    for file in find_files(entry.path, self._folder, scan.table):
                        states[scan.table, at, file.name] = State.of(file.path)
        except (KpiError, OSError):  # whoever reads the table says what is wrong
            return None
        return states

    def _name(self, plan: Plan, states: Mapping[tuple[str, int, str], State]) -> str:
        """What an answer is kept under: a digest of all that it depends on."""
        book = self._book
        calendar = book.calendar
        parts = [
            cache.installed(),
            str(self._folder.absolute()),
            repr(plan),
            repr(states),
            *(book.tables[scan.table].model_dump_json() for scan in plan.scans),
            repr((calendar.timezone, calendar.week_starts, calendar.fiscal_year_starts, sorted(calendar.workdays))),
            repr(calendar.holidays),
            repr((book.currency, book.rates)),
        ]
        digest = blake2b(digest_size=20)
        for part in parts:
            content = part.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "big") + content)
        return f"{digest.hexdigest()}.answer"


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
        """Raises ValueError where it is none to the plan."""
        cells = tuple(
            tuple(_cells(ask, groups, self.members) for ask, groups in zip(aggregation.asks, asked, strict=True))
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


def _cells(ask: Ask, groups: Sequence[_Group], members: Sequence[Members]) -> dict[Reach, dict[Members, Cell]]:
    return {
        ask.reaches[group.reach]: {
            members[place]: Cell(value, rows)
            for place, value, rows in zip(group.members, _read(group), group.rows, strict=True)
        }
        for group in groups
    }


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
        return group.values
    _, read = _KINDS[group.kind]
    return [None if value is None else read(str(value)) for value in group.values]


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK).digest()
