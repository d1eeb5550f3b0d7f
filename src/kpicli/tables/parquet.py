"""Parquet exports: native values where the declared type has the same, text where it must be read like a CSV cell."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from kpicli.book.model import Column, ColumnType
from kpicli.tables.cells import with_empty
from kpicli.tables.dates import Zones, in_years, local_dates, moment_dates
from kpicli.tables.files import DataFile
from kpicli.tables.numbers import NUMBER, within
from kpicli.tables.scan import ROW
from kpicli.tables.steps import Steps
from kpicli.tables.text import data_error


class ParquetFile(Struct, frozen=True):
    """A Parquet file and its columns."""

    name: str
    frame: pl.LazyFrame
    schema: pl.Schema

    @property
    def headers(self) -> list[str]:
        return self.schema.names()


def open_parquet(file: DataFile) -> ParquetFile:
    """Reads the schema. Raises KpiError (data) for what isn't a Parquet file."""
    try:
        frame = pl.scan_parquet(
            file.path.absolute(), glob=False, hive_partitioning=False, row_index_name=ROW, row_index_offset=2
        )
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise data_error(
            "broken-file",
            f"'{file.name}' is no Parquet file that can be read: {str(error).partition(chr(10))[0]}",
            help="export it again, or name it '.csv' if it is text",
        ) from error
    return ParquetFile(file.name, frame, pl.Schema({name: kind for name, kind in schema.items() if name != ROW}))


def scan_parquet(
    source: ParquetFile, wanted: Mapping[str, tuple[int, Column]]
) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    """ROW and the wanted columns, each as text or as a value of the declared type, and which of the two it is.

    Raises KpiError (data) for a column whose stored type can't be what is declared.
    """
    cells = {name: _cell(source, source.headers[at], name, column) for name, (at, column) in wanted.items()}
    frame = source.frame.select(ROW, **cells)
    schema = frame.collect_schema()
    return frame, {name: schema[name] for name in wanted}


def _cell(source: ParquetFile, header: str, name: str, column: Column) -> pl.Expr:
    """What typing starts from: a native value that the declared type takes as it is, else the value's text."""
    kind = source.schema[header]
    cell = pl.col(header)
    if kind in (pl.String, pl.Null) or isinstance(kind, pl.Categorical | pl.Enum):
        return cell.cast(pl.String)
    match column.type:
        case ColumnType.TEXT if kind.is_integer() or kind.is_decimal() or kind in (pl.Boolean, pl.Date, pl.Datetime):
            return cell.cast(pl.String)
        case ColumnType.DATE if kind in (pl.Date, pl.Datetime):
            return cell
        case ColumnType.BOOLEAN if kind == pl.Boolean:
            return cell
        case ColumnType.NUMBER | ColumnType.MONEY if _is_exact(kind) and not column.blank:
            return cell
        case ColumnType.NUMBER | ColumnType.MONEY | ColumnType.PERCENT | ColumnType.BOOLEAN if kind.is_numeric():
            return cell.cast(pl.String)
        case _:
            raise data_error(
                "wrong-type",
                f"'{source.name}' stores '{header}' as {kind}, which is no {column.type.value} (column {name})",
                help=_fix(kind, column),
            )


def _is_exact(kind: pl.DataType) -> bool:
    """Whether a cast is all that the values need."""
    return kind.is_integer() or (isinstance(kind, pl.Decimal) and kind.scale <= NUMBER.scale)


def _fix(kind: pl.DataType, column: Column) -> str:
    if kind.is_float() and column.type is ColumnType.TEXT:
        return "declare `type: number`; if it is an id, write it as text or integer, since floats lose digits"
    return "declare the type that the column has, or write it as text"


def adopted(cell: pl.Expr, kind: pl.DataType, column: Column, zones: Zones, steps: Steps) -> pl.Expr:
    """The value of a native cell under the declared type; null where it doesn't fit."""
    if kind == pl.Date:
        return in_years(cell, steps)
    if isinstance(kind, pl.Datetime):
        return in_years(moment_dates(cell, zones) if kind.time_zone else local_dates(cell, zones, steps), steps)
    if kind == pl.Boolean:
        return with_empty(cell, cell, column)
    return within(cell.cast(NUMBER, strict=False))
