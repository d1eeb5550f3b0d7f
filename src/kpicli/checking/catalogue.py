"""Findings that are one row formula each, and what to do about the notes of reading.

A rule applies to every table whose columns and fields have the names in its formula, with the types that it needs;
`docs/commands.md` lists them. `{from}` and `{until}` are the dates of the table's lifespan, `{nowhere}` is true of a
row whose lookups, but for those to people, are all blank or lead nowhere, and `{links}` are the columns they go by.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from kpicli.checked import Severity


class Rule(Struct, frozen=True):
    """One finding: rows that fulfil a formula."""

    code: str
    severity: Severity
    formula: str
    shows: tuple[str, ...]
    """The columns that tell what is odd about a row."""
    message: str
    help: str
    about_links: bool = False
    """The finding is about the columns of lookups, and not about the first of those that it shows."""
    needs: tuple[str, ...] = ()
    """Names that the table must have besides those in the formula."""


_MEND_DATE = "mend the date in the CRM; if many rows are here, look at the order of day and month under `format`"

RULES: Final = (
    Rule(
        "closed-without-date",
        Severity.WRONG,
        "closed and close_date is null",
        ("close_date",),
        "closed without close_date",
        "enter the day in the CRM: without it they are in no period",
    ),
    Rule(
        "won-without-amount",
        Severity.ODD,
        "won and (amount is null or amount = 0)",
        ("amount", "close_date"),
        "won at no amount",
        "enter what was sold; until then they count as deals and bring no revenue",
    ),
    Rule(
        "created-in-future",
        Severity.ODD,
        "created_date > today",
        ("created_date",),
        "created after the as-of day",
        _MEND_DATE,
    ),
    Rule(
        "closed-in-future",
        Severity.ODD,
        "closed and close_date > today",
        ("close_date",),
        "closed after the as-of day",
        "set close_date to the day on which they closed: they count on that day only",
    ),
    Rule(
        "completed-in-future",
        Severity.ODD,
        "completed and date > today",
        ("date",),
        "completed after the as-of day",
        "mend the date, or let `date` be the day on which they were done, if it is the day on which they are due",
    ),
    Rule(
        "ends-before-start",
        Severity.ODD,
        "{until} < {from}",
        ("{until}", "{from}"),
        "whose {until} lies before {from}",
        "mend one of the two dates: `at start` and `at end` never count such a row",
    ),
    Rule(
        "ends-before-start",
        Severity.ODD,
        "closed and close_date < created_date",
        ("close_date", "created_date"),
        "closed before created_date",
        "mend one of the two dates, or leave such rows out of the sales cycle",
    ),
    Rule(
        "ends-before-start",
        Severity.ODD,
        "converted_date < created_date",
        ("converted_date", "created_date"),
        "converted before created_date",
        "mend one of the two dates",
    ),
    Rule(
        "overdue",
        Severity.ODD,
        "open and close_date < today",
        ("close_date",),
        "open past close_date",
        "close them in the CRM, or give them a new date: no pipeline of a period to come has them",
    ),
    Rule(
        "belongs-to-nothing",
        Severity.ODD,
        "{nowhere}",
        (),
        "with nothing behind {links}",
        "relate them in the CRM; roll-ups over other tables miss them",
        about_links=True,
        needs=("completed",),
    ),
)
"""Where several rules have one code, the first that applies to a table is taken."""

_DATE_HELP = (
    "mend the cells, or declare what they mean: `format` for another shape, `blank` for texts that mean nothing"
)
_CELL_HELP = "mend the cells, or list texts that mean nothing under `blank`"

SEVERITIES: Final = {
    "blank-key": Severity.ODD,
    "duplicate-header": Severity.INFO,
    "footer": Severity.INFO,
    "several-values": Severity.ODD,
}
"""Of the notes that reading makes; the others are of rows that figures miss."""

HELPS: Final = {
    "invalid-date": _DATE_HELP,
    "invalid-number": _CELL_HELP,
    "invalid-money": _CELL_HELP,
    "invalid-percent": _CELL_HELP,
    "invalid-boolean": _CELL_HELP,
    "other-currency": "declare their `currency`, and `rates` for it: until then they count as if in the book's",
    "no-rate": "add a rate from an earlier day on, or the row's date: until then they have no amount",
    "invalid-text": "mend the formulas behind these cells, or list the errors under `blank`",
    "lost-digits": "export again with these as texts: ids that are told apart by their last digits may be one now",
    "several-values": "nothing, if the first one is meant; otherwise export one row for each",
    "no-date": "enter the date in the CRM: without it they are in no period",
    "blank-key": "export them with their key: nothing can look them up",
    "duplicate-key": "for versions of one row write `keep: latest by` and a date column; otherwise mend the key",
    "footer": "nothing: what stands below the data isn't data",
    "duplicate-header": "nothing, unless the book should read this column: then rename one of the headers",
}
NOT_YET: Final = (
    "nothing, where this hasn't happened: `where {date} is not null` says so in the formula; "
    "otherwise enter the date in the CRM"
)
"""For rows without a date by which a formula counts that isn't the table's own."""

HELP: Final = "mend the export, or declare what its cells mean"
"""For any other note."""
