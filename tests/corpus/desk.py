"""What the program and the plain reader make of the same files, in one shape that can be compared."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml
from tests.corpus import plain
from tests.corpus.plain_text import Refused

import kpicli
from kpicli.errors import Trouble

BOOK = """\
version: 1
name: Corpus
currency: USD
calendar: {{timezone: {zone}}}
tables:
  deals:
{table}
    fields:
      whole_row: {whole}
dimensions: {{whole_row: whole_row}}
goals: {{right: {{name: Read right}}}}
kpis:
{kpis}
"""
AS_OF = date(2026, 11, 22)
NOTHING = "~"
"""How a cell without a value is written."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader made of a table: its rows and notes, or the error with which it refused them."""

    rows: tuple[str, ...] = ()
    """Each row's cells, in one text; in no order."""
    notes: tuple[str, ...] = ()
    error: str | None = None
    """The code of the first error."""
    message: str | None = None
    """All that the user sees of it."""
    exit_code: int = 0

    @property
    def gist(self) -> tuple[object, ...]:
        """What two readers must agree on where it isn't said how."""
        return (self.error is None, self.rows, self.notes)


def declared(table: str) -> dict[str, Any]:
    """A table's declaration as YAML's plainest loader reads it."""
    found: dict[str, Any] = yaml.load(table, yaml.CBaseLoader)  # noqa: S506  # it makes texts of everything
    return found


def write(folder: Path, files: Mapping[str, bytes], table: str, zone: str = "UTC", figures: Sequence[str] = ()) -> Path:
    """Writes the files and a book over them; the book's path."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    formulas = {"all_rows": "count(deals)", **{f"figure_{at}": formula for at, formula in enumerate(figures)}}
    kpis = "".join(
        f"  {name}: {{role: lagging, goal: right, formula: {json.dumps(formula)}}}\n"
        for name, formula in formulas.items()
    )
    names = list(_columns(declared(table)))
    parts = [f"case when {name} is null then '{NOTHING}' else concat('=', {name}) end" for name in names]
    whole = json.dumps("concat(" + ", ' | ', ".join(parts) + ", '')")
    path = folder / "kpis.yaml"
    path.write_text(
        BOOK.format(zone=zone, table=indent(table.strip(), "    "), whole=whole, kpis=kpis), encoding="utf-8"
    )
    return path


def _columns(table: Mapping[str, Any]) -> dict[str, Any]:
    source = table["source"] if isinstance(table["source"], list) else [table["source"]]
    own = [entry["columns"] for entry in source if isinstance(entry, dict) and "columns" in entry]
    return {name: column for columns in (table.get("columns", {}), *own) for name, column in columns.items()}


# ---- the program


def by_program(book: Path) -> Outcome:
    """What `kpi report` makes of the table."""
    try:
        report = kpicli.load(book).report(by="whole_row", kpis=["all_rows"], as_of=AS_OF).to_dict()
    except kpicli.KpiError as error:
        return refused(error, book.parent)
    (line,), (data,) = report["kpis"], report["data"]
    rows = [row for group in line["groups"] for row in [group["member"]] * group["value"]]
    assert line["value"] == len(rows) == data["used"] == data["rows"]
    return Outcome(tuple(sorted(rows)), noted(data["notes"]))


def noted(notes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Notes as JSON has them, in one line each."""
    return tuple(
        sorted(
            note_text(
                note["code"],
                note["column"],
                note["rows"],
                [(each.get("file"), each["row"], each["value"]) for each in note["examples"]],
            )
            for note in notes
        )
    )


def refused(error: kpicli.KpiError, folder: Path) -> Outcome:
    """An error as an outcome; each one says what to do."""
    for each in getattr(error, "errors", [error]):
        assert each.message.strip()
        assert each.help.strip()
    message = str(error).replace(f"{folder}{os.sep}", "").replace(str(folder), "FOLDER")
    return Outcome(error=error.code, message=message, exit_code=1 if error.trouble is Trouble.DATA else 2)


def figures_of(book: Path) -> list[str]:
    """The figures that a case asks for, as JSON writes them."""
    report = kpicli.load(book).report(as_of=AS_OF).to_dict()
    return [str(line["value"]) for line in report["kpis"] if line["id"].startswith("figure_")]


def note_text(code: str, column: str | None, rows: int, examples: Iterable[tuple[str | None, int, str | None]]) -> str:
    """A note in one line, with the first rows that it is about."""
    shown = [
        (f"{file} " if file else "") + f"row {row}" + ("" if value is None else f": {value!r}")
        for file, row, value in examples
    ]
    about = f" in {column}" if column else ""
    return f"{code}{about}: {rows}" + (f" ({'; '.join(shown)})" if shown else "")


# ---- the plain reader


def by_hand(files: Mapping[str, bytes], table: str, zone: str = "UTC") -> Outcome:
    """What the plain reader makes of the same."""
    try:
        read = plain.read(files, declared(table), zone)
    except Refused as refusal:
        return Outcome(error=refusal.code)
    rows = [" | ".join(map(_shown, cells)) for *_, cells in read.rows]
    several = len(read.files) > 1
    notes = []
    for (code, column), found in read.notes.items():
        if code == "duplicate-header":
            continue  # that is for `kpi check` to say
        examples = [
            each
            for at, each in enumerate(found)
            if code != "other-currency" or each.value not in [other.value for other in found[:at]]
        ]
        shown = [(each.file if several else None, each.row, _cut(each.value)) for each in examples[:5]]
        notes.append(note_text(code, column, len(found), shown))
    return Outcome(tuple(sorted(rows)), tuple(sorted(notes)))


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= 80 else value[:79] + "…"


def _shown(cell: plain.Cell) -> str:
    match cell:
        case None:
            return NOTHING
        case bool():
            return f"={str(cell).lower()}"
        case Decimal():
            text = f"{cell:f}"
            return "=" + (text.rstrip("0").rstrip(".") if "." in text else text)
        case _:
            return f"={cell}"
