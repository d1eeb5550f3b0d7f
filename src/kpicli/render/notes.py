"""What was read of each table, with every note about its data and the rows that show it: `kpi check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kpicli.render.numbers import write_count, write_rows
from kpicli.render.page.pieces import Line, flow
from kpicli.render.screen import Screen
from kpicli.scorecard import Example, Note, TableData


def draw_check(book: str, counts: Mapping[str, int], tables: Sequence[TableData], screen: Screen) -> str:
    """What `kpi check` found: that the book is valid, what it declares, and the notes about its data."""
    declared = ", ".join(f"{count} {what if count != 1 else what.removesuffix('s')}" for what, count in counts.items())
    noted = sum(1 for table in tables if table.notes)
    verdict = f"notes on {noted} of {len(tables)} tables" if noted else "nothing to note about the data"
    found = screen.shown(f"{book} is valid: {declared}; {verdict}")
    return screen.draw([*flow([(found, "bold")], screen.width), [], *_tables(tables, screen)])


def _tables(tables: Sequence[TableData], screen: Screen) -> Iterator[Line]:
    """A line a table, with a line below it for each of its notes."""
    for table in tables:
        newest = "" if table.newest is None else f", newest {table.newest.isoformat()}"
        counted = f"{write_count(table.used)} of {write_rows(table.rows)} used{newest}"
        yield from flow([(screen.shown(f"{table.table}: {counted}"), "")], screen.width, 2, 2)
        for note in table.notes:
            yield from flow([(screen.shown(_written(note)), "yellow")], screen.width, 4, 4)


def _written(note: Note) -> str:
    column = "" if note.column is None else f" in {note.column}"
    examples = "; ".join(_example(example) for example in note.examples)
    count = write_count(note.rows) if note.code == "duplicate-header" else write_rows(note.rows)
    return f"{note.code}{column}: {count}" + (f" ({examples})" if examples else "")


def _example(example: Example) -> str:
    file = "" if example.file is None else f"{example.file} "
    value = "" if example.value is None else f": {_quoted(example.value)}"
    return f"{file}row {write_count(example.row)}{value}"


def _quoted(value: str) -> str:
    longest = 40
    return f"'{value}'" if len(value) <= longest else f"'{value[: longest - 3]}...'"
