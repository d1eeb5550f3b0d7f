"""What a file holds that no book declares yet: its headers, and what the cells of each column allow.

The file is opened as a book would open it, with every column as text, so that what is found here is what a report
will read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import mean
from typing import Any, Final

import polars as pl
from msgspec import Struct

from kpicli.book.model import Table
from kpicli.periods import Calendar
from kpicli.tables.cells import TRUE_OR_FALSE
from kpicli.tables.dates import Zones, pattern_dates, read_pattern
from kpicli.tables.files import DataFile
from kpicli.tables.opening import open_table
from kpicli.tables.shapes import Shape, find_shapes
from kpicli.tables.steps import Steps
from kpicli.tables.written_dates import DateQuestion, DayOrder, WrittenDates, shapes_of
from kpicli.tables.written_numbers import NumberQuestion, WrittenNumbers, may_hold_numbers

FEW: Final = 60
"""How many different values a column may have for all of them to be listed."""
_LONG: Final = 80
"""From so many characters on average, a column holds notes, which no KPI reads."""
NULL_WORDS: Final = (
    *("null", "NULL", "(null)", "N/A", "n/a", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "nan", "NaN", "-", "–", "—"),
    *("None", "(blank)", "\\N", "#NAME?", "#NUM!", "#NULL!", "#NV", "#WERT!", "#BEZUG!"),
)
"""Texts that mean nothing, wherever they stand alone in a cell."""
NULL_AMID_NUMBERS: Final = ("NA", "na", "n.a.", "N.A.", "--", "---", "0000-00-00", "0000-00-00 00:00:00")
"""Texts that mean nothing among numbers and dates; among texts `NA` may be North America."""


class Profile(Struct, frozen=True):
    """A column of a file, by all of its cells."""

    at: int
    header: str
    rows: int
    filled: int
    """Cells that hold something; words for nothing (`NULL_WORDS`) don't count."""
    distinct: int
    """How many different values; an estimate where they aren't listed."""
    nulls: tuple[str, ...] = ()
    """The words for nothing that it holds."""
    sample: tuple[str, ...] = ()
    """Some of its values."""
    values: tuple[tuple[str, int], ...] = ()
    """Each value with its number of rows, the commonest first, where they are few."""
    in_workbook: bool = False
    dates: WrittenDates | None = None
    numbers: WrittenNumbers | None = None

    @property
    def is_true_or_false(self) -> bool:
        return bool(self.values) and {value.lower() for value, _ in self.values} <= TRUE_OR_FALSE


class Misses(Struct, frozen=True):
    """How the values of a column lead to those of another."""

    filled: int
    rows: int
    """How many filled cells lead nowhere."""
    common: tuple[tuple[str, int], ...]
    """The commonest values among them."""


class Repeats(Struct, frozen=True):
    """The values of a column that stand in more than one row."""

    values: int
    more: int
    """How many rows there are beyond the first of each."""
    common: tuple[str, ...]
    """The commonest of them."""


@dataclass(slots=True)
class Survey:
    """One file or sheet, opened with every column as text."""

    file: DataFile
    shape: Shape
    """How it is written."""
    headers: tuple[str, ...]
    repeated: tuple[str, ...]
    """Headers that stand more than once; those columns aren't read."""
    rows: int
    columns: tuple[Profile, ...]
    _cells: pl.LazyFrame = field(repr=False)
    """Clean texts, under the names of `_name`."""
    _keys: dict[int, bool] = field(default_factory=dict, repr=False)
    _misses: dict[tuple[int, int, int], Misses] = field(default_factory=dict, repr=False)
    """Answers, so that a question is asked of a large file once."""

    @property
    def place(self) -> str:
        """The file, and the sheet where it has several."""
        return self.file.name if self.shape.sheet is None else f"{self.file.name}, sheet {self.shape.sheet}"

    @property
    def columns_by_at(self) -> dict[int, Profile]:
        """The columns by where they stand in the file."""
        return {column.at: column for column in self.columns}

    def is_key(self, column: Profile) -> bool:
        """Whether every row has a value of its own in a column."""
        if column.filled < self.rows or column.distinct * _SURE < self.rows:
            return False
        if column.at not in self._keys:
            different = self._cells.select(pl.col(_name(column.at)).n_unique()).collect(engine="streaming").item()
            self._keys[column.at] = different == self.rows
        return self._keys[column.at]

    def shared(self, column: Profile, other: Survey, other_column: Profile) -> int:
        """How many rows of this file have a value of a column that another file has too."""
        own, theirs = self._values(column), other._values(other_column)
        return int(own.join(theirs, on="value", how="semi").select(pl.col("rows").sum()).collect().item() or 0)

    def repeats(self, column: Profile) -> Repeats:
        """Which values of a column stand in more than one row."""
        several = self._values(column).filter(pl.col("rows") > 1).collect(engine="streaming")
        common = several.sort("rows", "value", descending=[True, False]).head(5)
        return Repeats(several.height, int(several["rows"].sum()) - several.height, tuple(common["value"]))

    def newest(self, column: Profile, until: date) -> date | None:
        """The newest day in a column of dates, no later than `until`; None where it has none, or none is sure."""
        dates = column.dates
        if dates is None or dates.is_open or dates.is_mixed:
            return None
        order = dates.order or DayOrder.MONTH_FIRST
        patterns = [read_pattern(shape.pattern(order)) for shape in dates.shapes]
        steps = Steps()
        day = pattern_dates(pl.col(_name(column.at)), patterns, _NOWHERE, steps)
        found = steps.added(self._cells).select(day=day).filter(pl.col("day") <= until).max()
        newest = found.collect(engine="streaming").item()
        return newest if isinstance(newest, date) else None

    def misses(self, column: Profile, parent: Survey, key: Profile) -> Misses:
        """How many rows have a value that the key of another file lacks."""
        question = (column.at, id(parent), key.at)
        if question not in self._misses:
            self._misses[question] = self._missed(column, parent, key)
        return self._misses[question]

    def _missed(self, column: Profile, parent: Survey, key: Profile) -> Misses:
        lost = self._values(column).join(parent._values(key), on="value", how="anti").collect(engine="streaming")
        common = lost.sort("rows", "value", descending=[True, False]).head(5)
        return Misses(column.filled, int(lost["rows"].sum()), tuple(common.iter_rows()))

    def _values(self, column: Profile) -> pl.LazyFrame:
        cells = self._cells.select(value=pl.col(_name(column.at))).drop_nulls()
        return cells.group_by("value").agg(rows=pl.len())


_NOWHERE: Final = Zones("UTC", "UTC")
_SURE: Final = 1.3
"""By how much an estimate of different values may be off."""


def survey(file: DataFile) -> list[Survey]:
    """Opens a file, or each sheet of a workbook, and looks at all of it.

    Raises KpiError (data) for what can't be read.
    """
    return [_survey(file, shape) for shape in find_shapes(file)]


def _survey(file: DataFile, shape: Shape) -> Survey:
    headers = shape.headers
    folded = [" ".join(header.split()).casefold() for header in headers]
    repeated = tuple(
        dict.fromkeys(header for header, key in zip(headers, folded, strict=True) if folded.count(key) > 1)
    )
    wanted = [at for at, header in enumerate(headers) if header and header not in repeated and not _is_long(shape, at)]
    cells = _cells(file, shape, wanted)
    found = _counted(cells, wanted)
    rows: int = found["rows"]
    few = [at for at in wanted if found[f"{_name(at)}:distinct"] <= FEW * _SURE]
    listed = dict(zip(few, pl.collect_all([_listed(cells, at) for at in few], engine="streaming"), strict=True))
    samples = _samples(cells, shape, wanted, found)
    dates = _asked_dates(cells, samples)
    numbers = _asked_numbers(cells, {at: sample for at, sample in samples.items() if at not in dates})
    fit = {at: each.fit for at, each in dates.items()} | {at: each.fit for at, each in numbers.items()}
    marks = _marks(cells, fit, found)
    columns = tuple(
        Profile(
            at=at,
            header=headers[at],
            rows=rows,
            filled=found[f"{_name(at)}:filled"] - sum(marks.get(at, {}).values()),
            distinct=listed[at].height if at in listed else found[f"{_name(at)}:distinct"],
            nulls=tuple(sorted((*found[f"{_name(at)}:nulls"], *marks.get(at, {})))),
            sample=tuple(samples[at]),
            values=tuple(listed[at].iter_rows()) if at in listed and listed[at].height <= FEW else (),
            in_workbook=shape.is_workbook,
            dates=dates.get(at),
            numbers=numbers.get(at),
        )
        for at in wanted
    )
    return Survey(file, shape, headers, repeated, rows, columns, cells)


def _name(at: int) -> str:
    return f"c{at}"


def _is_long(shape: Shape, at: int) -> bool:
    lengths = [len(row[at]) for row in shape.sample if at < len(row) and row[at].strip()]
    return bool(lengths) and mean(lengths) > _LONG


def _cells(file: DataFile, shape: Shape, wanted: Sequence[int]) -> pl.LazyFrame:
    """The wanted columns as clean texts, in which words for nothing are null; those under `:nulls`."""
    entry: dict[str, object] = {"path": file.path.name, "sheet": shape.sheet}
    if not shape.is_workbook:
        entry |= {"encoding": shape.encoding, "delimiter": shape.delimiter}
    if not shape.is_first:
        entry["header_row"] = shape.header_row
    declared = Table.model_validate(
        {
            "source": [entry],
            "columns": {_name(at): {"header": shape.headers[at]} for at in wanted},
        }
    )
    opened = open_table("", declared, list(declared.columns), Calendar(), file.path.parent, on_trust=False)
    (look,) = opened.looks
    frame = look.clean(look.frame)
    names = [_name(at) for at in wanted]
    nothing = {f"{name}:nulls": pl.when(pl.col(name).is_in(NULL_WORDS)).then(pl.col(name)) for name in names}
    something = {name: pl.when(~pl.col(name).is_in(NULL_WORDS)).then(pl.col(name)) for name in names}
    return frame.select(**something, **nothing)


def _counted(cells: pl.LazyFrame, wanted: Sequence[int]) -> dict[str, Any]:
    asked = [pl.len().alias("rows")]
    for at in wanted:
        cell, nulls = pl.col(_name(at)), pl.col(f"{_name(at)}:nulls")
        asked += [
            cell.count().alias(f"{_name(at)}:filled"),
            cell.approx_n_unique().alias(f"{_name(at)}:distinct"),
            nulls.drop_nulls().unique().implode().alias(f"{_name(at)}:nulls"),
        ]
    return cells.select(asked).collect(engine="streaming").row(0, named=True)


def _listed(cells: pl.LazyFrame, at: int) -> pl.LazyFrame:
    values = cells.select(value=pl.col(_name(at))).drop_nulls().group_by("value").agg(rows=pl.len())
    return values.sort("rows", "value", descending=[True, False])


_SAMPLE: Final = 200


def _samples(
    cells: pl.LazyFrame, shape: Shape, wanted: Sequence[int], found: Mapping[str, Any]
) -> dict[int, list[str]]:
    """Different values of each column: from its first rows, and from all of it where those are blank."""
    samples = {}
    for at in wanted:
        first = (row[at].strip() for row in shape.sample if at < len(row))
        samples[at] = list(dict.fromkeys(cell for cell in first if cell and cell not in NULL_WORDS))
    late = [at for at in wanted if found[f"{_name(at)}:filled"] and len(samples[at]) < 5]
    looked = [cells.select(pl.col(_name(at))).drop_nulls().head(_SAMPLE) for at in late]
    for at, column in zip(late, pl.collect_all(looked, engine="streaming"), strict=True):
        samples[at] = column.to_series().unique(maintain_order=True).to_list()
    return samples


def _asked_dates(cells: pl.LazyFrame, samples: Mapping[int, Iterable[str]]) -> dict[int, WrittenDates]:
    """What the columns allow whose sample has dates; asked anew as long as cells of a further shape turn up."""
    asked = {}
    for at, sample in samples.items():
        cells_of, shapes = list(sample), shapes_of(sample)
        if shapes and sum(map(bool, map(shapes_of, ([cell] for cell in cells_of)))) * 2 >= len(cells_of):
            asked[at] = DateQuestion(_name(at), shapes)
    answers: dict[int, WrittenDates] = {}
    while asked:
        row = _asked(cells, asked.values())
        answers |= {at: question.answer(row) for at, question in asked.items()}
        further = {at: question.further(row) for at, question in asked.items()}
        asked = {
            at: DateQuestion(_name(at), (*asked[at].shapes, shape))
            for at, shape in further.items()
            if shape is not None and len(asked[at].shapes) < _SHAPES
        }
    return answers


_SHAPES: Final = 8
"""In how many shapes the dates of one column may be written."""


def _asked_numbers(cells: pl.LazyFrame, samples: Mapping[int, Iterable[str]]) -> dict[int, WrittenNumbers]:
    asked = {}
    for at, sample in samples.items():
        cells_of = list(sample)
        if may_hold_numbers(cells_of):
            asked[at] = NumberQuestion(_name(at), has_percent=any(cell.endswith("%") for cell in cells_of))
    if not asked:
        return {}
    row = _asked(cells, asked.values())
    return {at: question.answer(row) for at, question in asked.items()}


def _marks(cells: pl.LazyFrame, fit: Mapping[int, int], found: Mapping[str, Any]) -> dict[int, dict[str, int]]:
    """What stands for nothing among the numbers and dates of each column, with its rows."""
    odd = [at for at in fit if fit[at] < found[f"{_name(at)}:filled"]]
    values = [_listed(cells.filter(pl.col(_name(at)).is_in(NULL_AMID_NUMBERS)), at) for at in odd]
    return {
        at: dict(each.iter_rows()) for at, each in zip(odd, pl.collect_all(values, engine="streaming"), strict=True)
    }


def _asked(cells: pl.LazyFrame, questions: Iterable[DateQuestion | NumberQuestion]) -> dict[str, Any]:
    steps = Steps()
    asked = dict(_each(questions, steps))
    return steps.added(cells).select(**asked).collect(engine="streaming").row(0, named=True)


def _each(questions: Iterable[DateQuestion | NumberQuestion], steps: Steps) -> Iterator[tuple[str, pl.Expr]]:
    for question in questions:
        yield from question.asked(steps).items()
