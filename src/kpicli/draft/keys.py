"""The column that names a table's rows: the key where its values are unique, and told where they aren't."""

from __future__ import annotations

from typing import Final

from kpicli.draft.columns import quoted
from kpicli.draft.model import Export, TableDraft
from kpicli.render.numbers import write_count, write_rows
from kpicli.tables.survey import Profile


def settle_key(table: TableDraft, export: Export, name: str) -> None:
    """Makes a column the key, by the latest version of each row if need be; else says that rows may count twice."""
    column = table.column(name)
    assert column is not None
    is_unique = len(export.surveys) == 1 and export.survey.is_key(column.profile)
    if is_unique or _are_apart(export, column.profile):
        table.key = name
    elif table.has("modified_date"):
        table.key, table.keep = name, "modified_date"
    else:
        table.key_guess = (
            "that of the preset doesn't name one row each"
            if table.declared is not None and table.declared.key
            else None
        )
        table.guesses.append(_doubt(export, column.profile, name))


_SHOWN: Final = 4


def _doubt(export: Export, column: Profile, name: str) -> str:
    """Why a column isn't the key, and what follows from it."""
    found = [each.repeats(each.columns_by_at[column.at]) for each in export.surveys]
    values = sum(each.values for each in found)
    examples = list(dict.fromkeys(value for each in found for value in each.common))
    blank = sum(each.rows - each.columns_by_at[column.at].filled for each in export.surveys)
    reasons = []
    if values:
        stand = "id stands" if values == 1 else "ids stand"
        shown = ", ".join(quoted([each]) for each in examples[:_SHOWN]) + (", …" if values > _SHOWN else "")
        reasons.append(f"{write_count(values)} {stand} in more than one row ({shown}), and each of these rows counts")
    if blank:
        reasons.append(f"it is blank in {write_rows(blank)}")
    if not reasons:
        reasons.append("several files share its values, and each of these rows counts")
    return f"'{column.header}' isn't the key: {'; '.join(reasons)}: mend the export, then write `key: {name}` here"


def _are_apart(export: Export, key: Profile) -> bool:
    """Whether a column is a key in each of several files, and no two of them share a value."""
    surveys = export.surveys
    columns = [each.columns_by_at[key.at] for each in surveys]
    return all(each.is_key(column) for each, column in zip(surveys, columns, strict=True)) and not any(
        surveys[one].shared(columns[one], surveys[two], columns[two])
        for one in range(len(surveys))
        for two in range(one)
    )
