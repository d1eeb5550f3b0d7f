"""The fields of a table that a preset knows: those that its files allow, and what won, lost and open mean in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from kpicli.book.presets import PresetTable
from kpicli.draft.columns import quoted
from kpicli.draft.guessing import guess_outcome, values_of
from kpicli.draft.model import ColumnDraft, FieldDraft, Kind, TableDraft
from kpicli.draft.words import means_lost, means_won
from kpicli.errors import Source
from kpicli.formula.tokens import Kind as TokenKind
from kpicli.formula.tokens import tokenize


def settle_fields(table: TableDraft, known: PresetTable) -> None:
    """The fields that can be worked out, by the first formula whose columns the files have."""
    optional = {name for name, column in known.columns.items() if column.optional}
    names = {column.name for column in table.columns} | optional
    while new := {name for name, each in known.choices.items() if name not in names and _computable(each, names)}:
        names |= new
    table.brought = frozenset(known.choices.keys() & names)
    chosen = {name: _computable(known.choices[name], names - {name}) for name in known.choices if name in names}
    own = [
        FieldDraft(name, formula, guess=f"the preset reads {_missing(known.choices[name][0], names)}, not in the file")
        for name, formula in chosen.items()
        if formula is not None and formula != known.choices[name][0]
    ]
    table.fields = tuple(own)
    table.open_stages = _open_stages(table, known)
    if table.kind is Kind.OPPORTUNITIES and _misses_stages(table, known):
        _guess_stages(table)
    status = table.column("status")
    if table.kind is Kind.OPPORTUNITIES and status is not None and _says_nothing(status, table, known):
        states = quoted([value for value, _ in values_of(table, status)], 12)
        table.asks.append(f"which of {states} mean won and lost: write `won: status = '…'` and `lost: status = '…'`")
        table.brought -= _OUTCOMES


def _guess_stages(table: TableDraft) -> None:
    """What the stages mean by their words. What nobody can tell has no KPI, though the preset has a field for it."""
    guessed = [each for each in guess_outcome(table) if each.name in ("won", "lost", "closed")]
    if guessed:
        table.brought -= {"lost"} - {each.name for each in guessed}
    elif _USUALLY_OPEN & {value.casefold() for value, _ in table.open_stages}:
        table.brought -= _ENDS
        table.fields = tuple(each for each in table.fields if each.name not in _ENDS)
        return
    else:
        table.brought -= _OUTCOMES
    table.fields = (*(each for each in table.fields if each.name not in ("won", "lost", "closed")), *guessed)


_ENDS: Final = frozenset({"won", "lost", "cycle_days"})
_OUTCOMES: Final = _ENDS | {"closed", "open", "closed_on"}
_USUALLY_OPEN: Final = frozenset(
    {"prospecting", "qualification", "needs analysis", "value proposition", "perception analysis"}
    | {"id. decision makers", "identify decision makers", "proposal/price quote", "negotiation/review"}
)
"""Stages that Salesforce and Zoho begin with: where they stand alone, it is an export of the open pipeline."""


def _missing(formula: str, names: set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(_names_in(formula) - names))


def _computable(formulas: Sequence[str], names: set[str]) -> str | None:
    return next((formula for formula in formulas if _names_in(formula) <= names), None)


def _names_in(formula: str) -> set[str]:
    """The names that a row formula reads; a path counts as the lookup that it begins with."""
    tokens = tokenize(Source(formula))
    return {
        token.text
        for before, token, after in zip((None, *tokens), tokens, (*tokens[1:], None), strict=False)
        if token.kind is TokenKind.NAME
        and not (after is not None and after.text == "(")
        and not (before is not None and before.text == ".")
    }


def _open_stages(table: TableDraft, known: PresetTable) -> tuple[tuple[str, int], ...]:
    """The stages that count as open, where won and closed are told by texts of the stage."""
    stage, by_stage = table.column("stage"), _by_stage(table, known)
    if stage is None or not by_stage:
        return ()
    is_named = _namer(by_stage)
    return tuple((value, rows) for value, rows in values_of(table, stage) if not is_named(value))


def _namer(formulas: Sequence[str]) -> Callable[[str], bool]:
    """Whether one of the formulas names a stage, which they compare in any case."""
    texts = {text.casefold() for formula in formulas for text in re.findall(r"'([^']*)'", formula)}
    is_part = any("contains(" in formula for formula in formulas)

    def is_named(value: str) -> bool:
        folded = value.casefold()
        return any(text in folded for text in texts) if is_part else folded in texts

    return is_named


def _by_stage(table: TableDraft, known: PresetTable) -> list[str]:
    """The formulas by which won and closed are told by texts of the stage."""
    own = {each.name: each.formula for each in table.fields}
    formulas = [own.get(name, known.fields[name]) for name in ("won", "closed") if name in table.brought]
    return [formula for formula in formulas if "stage" in _names_in(formula)]


def _misses_stages(table: TableDraft, known: PresetTable) -> bool:
    """Whether won and closed would be told by texts that aren't those of the stages at hand."""
    stage = table.column("stage")
    own = {each.name: each.formula for each in table.fields}
    formulas = [own.get(name, known.fields[name]) for name in ("won", "closed") if table.has(name)]
    by_stage = [formula for formula in formulas if "stage" in _names_in(formula)]
    if stage is None or not by_stage or not stage.profile.values:
        return not formulas
    is_named = _namer(by_stage)
    values = [value for value, _ in values_of(table, stage)]
    ends = [value for value in values if means_won(value) or means_lost(value)]
    return not all(map(is_named, ends)) or not any(map(is_named, values))


def _says_nothing(status: ColumnDraft, table: TableDraft, known: PresetTable) -> bool:
    """Whether won and lost would be told by a status that has none of the texts which the preset knows."""
    texts = [known.fields[name] for name in ("won", "lost", "open") if name in table.brought]
    by_status = [formula for formula in texts if "status" in _names_in(formula)]
    values = [value for value, _ in values_of(table, status)]
    return bool(by_status) and bool(values) and not any(map(_namer(by_status), values))
