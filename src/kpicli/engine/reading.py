"""From files to the rows that a plan needs of each table, typed and in memory: one pass over each file.

Texts that begin as bare ones do are scanned on trust, while a thread of its own proves the whole of them. Where that
fails, the table is read again, with every line looked at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Final

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from kpicli.book.model import Book
from kpicli.engine.collecting import collected
from kpicli.engine.needed import NeededDays, columns_of, needed_days
from kpicli.engine.rows import RowCompiler
from kpicli.engine.words import told_apart
from kpicli.errors import KpiError, TableMistakes
from kpicli.formula.typed import Type
from kpicli.plan.nodes import Plan, Scan
from kpicli.scorecard import Note
from kpicli.tables.copies import Copies, Draft, scan_copy
from kpicli.tables.exchange import Exchange
from kpicli.tables.looks import CopiedLook, Counted, Look, Looked
from kpicli.tables.opening import Opened, open_table
from kpicli.tables.scan import FILE, ROW
from kpicli.tables.second_look import Kept, second_looks

LARGE_FILES: Final = 32 * 2**20
"""Tables whose files have more than so many bytes together are streamed; the others are faster read at once."""


class Narrowed(Struct, frozen=True):
    """What the rows on the needed days alone don't tell of a table."""

    used: int
    """How many rows count."""
    newest: date | None
    """The newest date up to the as-of day."""
    oldest: date | None
    keys: pl.DataFrame
    """ROW, FILE and key of the rows that count."""


class TableRows(Struct, frozen=True):
    """The rows of a table that the plan needs, and what reading saw."""

    files: tuple[str, ...]
    frame: pl.DataFrame
    """The scan's columns, ROW and FILE (ORDER too where the latest rows are kept), before the scan's `where`."""
    rows: int
    """All rows of the files."""
    notes: tuple[Note, ...]
    narrowed: Narrowed | None
    """Where `frame` holds fewer rows than the files."""


def read_tables(
    book: Book, folder: Path, plan: Plan, compiler: RowCompiler, copies: Copies | None
) -> dict[str, TableRows]:
    """The tables of a plan, in its order. Raises all that is wrong with any of them in one go.

    `copies` are read in the place of the files that they are of, and copies of other files are added to them.
    """
    scans = {scan.table: scan for scan in plan.scans}
    reader = _Reader(book, folder, plan, compiler)
    doubtful = reader.read(scans.values(), copies, on_trust=True)
    reader.read(doubtful, copies, on_trust=False)
    if reader.errors:
        raise TableMistakes(reader.errors)
    return {name: reader.tables[name] for name in scans}


class _Reader(Struct):
    book: Book
    folder: Path
    plan: Plan
    compiler: RowCompiler
    tables: dict[str, TableRows] = field(default_factory=dict)
    errors: dict[str, KpiError] = field(default_factory=dict)

    def read(self, scans: Iterable[Scan], copies: Copies | None, *, on_trust: bool) -> list[Scan]:
        """Reads tables; gives back those whose files, or copies, turned out to need a look at each line."""
        opened = [each for scan in scans if (each := self._opened(scan, copies, on_trust=on_trust)) is not None]
        try:
            return self._read(opened, copies)
        finally:
            for each in opened:
                each.discard_copies()

    def _read(self, opened: Sequence[_Opened], copies: Copies | None) -> list[Scan]:
        proof = _Proof([each.opened for each in opened])
        try:
            if copies is not None:
                for each in opened:
                    each.copy(copies)
            # Large ones one after the other, so that only one of them is on its way through memory.
            for each in opened:
                if each.opened.bytes > LARGE_FILES:
                    _collect([each], streamed=True)
            _collect([each for each in opened if each.opened.bytes <= LARGE_FILES], streamed=False)
        except (KpiError, OSError):
            # What Polars can't read may be what the other way to read says more about; or another run has replaced a
            # copy that was found.
            if not any(each.opened.on_trust or each.opened.copies for each in opened):
                raise
            return [each.scan for each in opened]
        finally:
            sound = proof.found()
        proven: list[_Opened] = []
        doubtful: list[_Opened] = []
        for each, is_sound in zip(opened, sound, strict=True):
            (proven if is_sound and each.has_rows_alone else doubtful).append(each)
        looked = iter(second_looks([kept for each in proven for kept in each.kept()]))
        for each in proven:
            self._finish(each, list(islice(looked, len(each.results))))
        return [each.scan for each in doubtful]

    def _opened(self, scan: Scan, copies: Copies | None, *, on_trust: bool) -> _Opened | None:
        table = self.book.tables[scan.table]
        calendar = self.book.calendar
        exchange = Exchange(self.book.currency, self.book.rates, self.plan.as_of)
        try:
            opened = open_table(
                scan.table, table, scan.columns, calendar, self.folder, exchange, on_trust=on_trust, copies=copies
            )
        except KpiError as error:
            self.errors[scan.table] = error
            return None
        needed = needed_days(self.plan, scan, table)
        if needed is None:
            return _Opened(scan, opened, None)
        words = {name: pl.Categorical(pl.Categories.random()) for name in told_apart(self.plan, scan, table)}
        return _Opened(scan, opened, _Narrowing(needed, scan, table.key, words, self.plan.as_of, self.compiler))

    def _finish(self, opened: _Opened, looked: Sequence[Looked]) -> None:
        try:
            self.tables[opened.scan.table] = opened.finished(looked)
        except KpiError as error:
            self.errors[opened.scan.table] = error
        else:
            opened.keep_copies()


class _Opened(Struct):
    """A table on its way from its files into memory."""

    scan: Scan
    opened: Opened
    narrowing: _Narrowing | None
    results: list[list[pl.DataFrame]] = field(default_factory=list)
    """For each look what `queries` gave."""
    drafts: list[Draft] = field(default_factory=list)
    """Copies that were begun."""
    copied: list[tuple[Draft, Counted]] = field(default_factory=list)
    """Those that are whole, each with what was counted on the way."""

    def copy(self, copies: Copies) -> None:
        """Writes copies of files that have none, and goes on with these; where that fails, with the files."""
        looks = list(self.opened.looks)
        for at, export in self.opened.uncopied.items():
            draft = export.draft(copies)
            if draft is None:
                continue
            look = looks[at]
            self.drafts.append(draft)
            try:
                queries = [draft.written(look.copied()), look.frame.select(look.totals)]
                _, totals = collected(queries, streamed=True)
            except (KpiError, OSError):
                draft.discard()
                continue
            counted = look.counted(totals)
            self.copied.append((draft, counted))
            looks[at] = CopiedLook.of(look.declared, scan_copy(draft.path), export.file, counted)
        self.opened = replace(self.opened, looks=tuple(looks))

    def keep_copies(self) -> None:
        """What was read is right: later runs may read the copies."""
        for draft, counted in self.copied:
            draft.finish(counted)

    def discard_copies(self) -> None:
        """Deletes what was begun; a copy that is kept has left its draft by now."""
        for draft in self.drafts:
            draft.discard()

    def queries(self) -> list[list[pl.LazyFrame]]:
        """For each look: its rows, its totals, and what else `narrowing` asks for."""
        if self.narrowing is not None:
            return [self.narrowing.queries(look) for look in self.opened.looks]
        return [[look.rows(look.frame), look.frame.select(look.totals)] for look in self.opened.looks]

    @property
    def has_rows_alone(self) -> bool:
        """Whether every line that was taken for a row on trust is one: a line without anything in it isn't."""
        return not (self.opened.on_trust and any(kept.counted.blank for kept in self.kept()))

    def kept(self) -> list[Kept]:
        """What was read, for the second look: of a table that is narrowed, only the rows that need one."""
        looks = zip(self.opened.looks, self.results, strict=True)
        return [Kept(look, rows, look.counted(totals)) for look, (rows, totals, *_) in looks]

    def finished(self, looked: Sequence[Looked]) -> TableRows:
        reading = self.opened.read(looked)
        frame, narrowed = reading.frame, None
        if self.narrowing is not None:
            frame, narrowed = self.narrowing.narrowed(reading.frame, self.results)
        return TableRows(self.opened.files, frame, reading.rows, reading.notes, narrowed)


class _Narrowing(Struct, frozen=True):
    """Keeps the rows on some days, and those that the first look doesn't type whole."""

    needed: NeededDays
    scan: Scan
    key: tuple[str, ...]
    words: Mapping[str, pl.Categorical]
    """The texts that are kept as numbers of words."""
    as_of: date
    compiler: RowCompiler

    def queries(self, look: Look) -> list[pl.LazyFrame]:
        whole = ~look.is_odd()
        counts = whole & self._counts()
        if self.scan.where is None:
            used = pl.len().cast(pl.Int64) - look.is_odd().sum().cast(pl.Int64)
        else:
            # A condition that reads no column has one row, whatever the frame's height: ROW gives it all of them.
            used = (counts & pl.col(ROW).is_not_null()).sum()
        clean = set() if self.scan.where is None else columns_of(self.scan.where)
        frame = look.clean(look.frame, clean)
        kept = look.clean(frame.filter(counts & self.needed.rows(self.compiler)), look.declared.asked.keys() - clean)
        queries = [
            look.rows(look.odd()),
            frame.select(*look.totals, used.alias("__used"), *self._ends(counts)),
            kept.select(ROW, FILE, *look.declared.asked).with_columns(self._in_words()),
        ]
        if self.key:
            queries.append(look.clean(frame.filter(counts).select(ROW, FILE, *self.key), set(self.key) - clean))
        return queries

    def narrowed(self, odd: pl.DataFrame, results: Sequence[Sequence[pl.DataFrame]]) -> tuple[pl.DataFrame, Narrowed]:
        """The rows that are kept, of `odd` and of the queries' results, and what is known of all rows."""
        odd = odd.filter(self._counts())
        used = sum(int(totals["__used"].item()) for _, totals, *_ in results) + odd.height
        ends = [totals.select("__newest", "__oldest") for _, totals, *_ in results]
        ends.append(odd.select(self._ends(pl.lit(value=True))))
        newest, oldest = pl.concat(ends).select(pl.col("__newest").max(), pl.col("__oldest").min()).row(0)
        own = odd.select(ROW, FILE, *self.key)
        keys = pl.concat([own, *(keys for _, _, _, *others in results for keys in others)])
        if not own.is_empty():
            # In their order again: a key that rises from row to row, as most do, needs no closer look.
            keys = keys.sort(FILE, ROW)
        rows = pl.concat([*(kept for _, _, kept, *_ in results), odd.with_columns(self._in_words())])
        return rows, Narrowed(used, newest, oldest, keys)

    def _in_words(self) -> list[pl.Expr]:
        return [pl.col(name).cast(kind) for name, kind in self.words.items()]

    def _counts(self) -> pl.Expr:
        if self.scan.where is None:
            return pl.lit(value=True)
        return self.compiler.typed(self.scan.where, Type.BOOLEAN).fill_null(value=False)

    def _ends(self, counts: pl.Expr) -> list[pl.Expr]:
        """The newest date up to the as-of day, and the oldest."""
        newest = oldest = pl.lit(None, dtype=pl.Date)
        if self.scan.date is not None:
            day = pl.col(self.scan.date)
            newest, oldest = day.filter(counts & (day <= self.as_of)).max(), day.filter(counts).min()
        return [newest.alias("__newest"), oldest.alias("__oldest")]


def _collect(tables: Sequence[_Opened], *, streamed: bool) -> None:
    """Runs the queries of texts together, so that each text is read once.

    Those of a copy run one by one: together, each would have to read the rows and columns of the others.
    """
    asked = [each for table in tables for each in zip(table.opened.looks, table.queries(), strict=True)]
    texts = [query for look, queries in asked if not isinstance(look, CopiedLook) for query in queries]
    of_texts = iter(collected(texts, streamed=streamed))
    results = [
        [collected([query], streamed=streamed)[0] if isinstance(look, CopiedLook) else next(of_texts) for query in each]
        for look, each in asked
    ]
    found = iter(results)
    for table in tables:
        table.results = [next(found) for _ in table.opened.looks]


class _Proof:
    """Proves, in a thread of its own, that texts are what they were taken for."""

    def __init__(self, tables: Sequence[Opened]) -> None:
        self._tables = tables
        self._sound: list[bool] = []
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._prove, name="proof", daemon=True)
        self._thread.start()

    def _prove(self) -> None:
        try:
            self._sound = [table.is_sound() for table in self._tables]
        except BaseException as failure:  # noqa: BLE001 -- raised again in the thread that asks
            self._failure = failure

    def found(self) -> list[bool]:
        """For each table whether it is sound, as soon as that is known."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._sound
