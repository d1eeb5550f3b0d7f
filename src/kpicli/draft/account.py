"""What a draft made of the exports, told to whoever has to trust it: what it matched, guessed and could not find."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from kpicli.draft.drafting import Drafted
from kpicli.draft.model import TableDraft
from kpicli.errors import clean
from kpicli.render.numbers import write_rows


def told(drafted: Drafted, book: str, width: int) -> str:
    """The account as text for a screen of so many columns; the command to run next is its last line."""
    draft = drafted.draft
    numbers = {"table": len(draft.tables), "KPI": len(draft.kpis), "dimension": len(draft.dimensions)}
    counts = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in numbers.items())
    lines = [f"{clean(book)} is written: {counts}", ""]
    for table in draft.tables:
        lines += [*_table(table, width), ""]
    guesses = list(_guesses(drafted))
    if guesses:
        lines += ["Guessed · read these in the book, where they are marked", *_list(guesses, width), ""]
    for heading, entries in (("Asks you", draft.asks), ("Not found", draft.not_found), ("Left out", draft.left_out)):
        if entries:
            lines += [heading, *_list(entries, width), ""]
    if draft.targets:
        many = "1 KPI" if len(draft.targets) == 1 else f"{len(draft.targets)} KPIs"
        text = f"Targets are suggestions: what {many} came to in the last full months"
        lines += [*wrap(text, width), ""]
    return "\n".join([*lines, f"next: {draft.next}"]) + "\n"


def _table(table: TableDraft, width: int) -> Iterator[str]:
    paths = [path for source in table.sources for path in source.export.places]
    known = f" · preset {table.preset}" if table.preset is not None else ""
    yield from _wrapped(f"{table.name} · {', '.join(paths)} · {write_rows(table.rows)}{known}", width, "")
    pairs = dict.fromkeys(f"{column.name}: {column.profile.header}" for column in table.all_columns())
    yield from _wrapped(", ".join(pairs), width, "  ")


def _guesses(drafted: Drafted) -> Iterator[str]:
    """What is worth a second look; that a column is what its header says is told by the tables."""
    draft = drafted.draft
    if draft.currency_note is not None and draft.currency_note.startswith("guess: "):
        code = "" if draft.currency is None else f" {draft.currency}"
        yield f"currency{code}: {draft.currency_note.removeprefix('guess: ')}"
    for table in draft.tables:
        yield from (f"{table.name}: {guess}" for guess in table.guesses)
        if table.key_guess is not None and table.key is not None:
            yield f"{table.name}: the key is `{table.key}`: {table.key_guess}"
        if table.where is not None:
            yield f"{table.name}: rows that were deleted don't count: `{table.where}`"
        for column in table.all_columns():
            if column.known is not None and column.guess is not None:
                yield f"{table.name}.{column.name} is '{column.profile.header}': {column.guess}"
            if column.remark is not None:
                yield f"{table.name}.{column.name}: {column.remark.removeprefix('guess: ')}"
        for field in table.fields:
            if field.guess is not None:
                yield f"{table.name}.{field.name}: {field.guess}"
        if table.open_guess is not None:
            yield f"{table.name}: {table.open_guess}"
        for lookup in table.lookups:
            if lookup.guess is not None and lookup.guess[0].isdigit():
                yield f"{table.name}.{lookup.column} leads to {lookup.table}: {lookup.guess}"


def _list(entries: list[str] | tuple[str, ...], width: int) -> Iterator[str]:
    for entry in entries:
        first, *others = wrap(clean(entry), max(width - 4, 20)) or [""]
        yield f"  - {first}"
        yield from (f"    {line}" for line in others)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return wrap(clean(text), max(width, 20), initial_indent=indent, subsequent_indent="  ", break_on_hyphens=False)
