"""Checks for tests: one in which nothing is odd, and a nasty one."""

from __future__ import annotations

from datetime import date

from tests.render.cards import BIDI, ESCAPES, LINES, LONG, MARKUP, WIDE

from kpicli.checked import Check, Common, Finding, Severity, Sight, TableCheck
from kpicli.errors import KpiError, Place, Trouble
from kpicli.scorecard import LeftOut

AS_OF = date(2026, 11, 22)


def clean() -> Check:
    """Nothing is odd."""
    leads = TableCheck("leads", ("leads.csv",), 3, 3, newest=date(2026, 11, 21), date="created")
    return Check("Northwind Software", AS_OF, (leads, TableCheck("users", ("users.csv",), 1, 1)))


def ordinary() -> Check:
    """What a page of the documentation would show."""
    overdue = Finding(
        "overdue",
        Severity.ODD,
        "close_date",
        7,
        "open past close_date",
        "close them",
        tuple(Sight(at, (("close_date", f"2026-10-0{at}"),)) for at in range(2, 7)),
    )
    slip = Finding(
        "no-such-value",
        Severity.WRONG,
        "stage",
        0,
        "no row has 'Wonn', which `won` asks for in stage",
        "did you mean 'Won'?",
        values=(Common("Won", 1_204), Common("Lost", 9)),
        place="kpis.yaml:17:20",
    )
    reasons = (LeftOut("older-version", 1), LeftOut("equal-copy", 2), LeftOut("where", 14, "not deleted"))
    deals = TableCheck(
        "deals", ("deals.csv",), 1_204, 1_187, reasons, "close_date", 3, date(2026, 11, 21), (slip, overdue)
    )
    return Check("Northwind Software", AS_OF, (deals, *clean().tables))


def nasty() -> Check:
    """Hostile texts in every place, and everything that there can be."""
    place = Place("exports/leads.csv", 2, 3, "1,x", 1)
    unread = KpiError("invalid-date", f"table leads: {ESCAPES}", place=place, help=MARKUP, trouble=Trouble.DATA)
    twice = KpiError("duplicate-key", LINES, trouble=Trouble.DATA)
    finding = Finding(
        "missing-parent",
        Severity.WRONG,
        WIDE,
        1_234_567,
        f"whose {WIDE} leads to no row of {MARKUP}",
        ESCAPES,
        (
            Sight(2, ((WIDE, LONG),), "a.csv"),
            Sight(1_000_003, ((WIDE, None),), "a.csv"),
            Sight(5, ((WIDE, BIDI),), "b.csv"),
        ),
        (Common(LONG, 1_000_000, LINES, BIDI), Common(ESCAPES, 1, near="=1+1")),
    )
    rows = Finding("no-member", Severity.ODD, None, 1, "without owner", "assign it", (Sight(9),))
    shown = Finding(
        "won-without-amount",
        Severity.ODD,
        "amount",
        2,
        "won at no amount",
        LONG,
        (Sight(14, (("amount", None), (WIDE, "two words"))), Sight(15, (("amount", "0"), (WIDE, ESCAPES)))),
    )
    footer = Finding("footer", Severity.INFO, None, 3, "with footer", "nothing")
    return Check(
        ESCAPES,
        AS_OF,
        (
            TableCheck("leads", error=unread),
            TableCheck(
                ESCAPES,
                ("a.csv", "b.csv"),
                2_000_000,
                1_999_999,
                (LeftOut("where", 1, f"{BIDI} != '{LINES}'"),),
                WIDE,
                1,
                None,
                (finding, rows, shown, footer),
                twice,
            ),
            TableCheck(MARKUP, ("m.csv",), 1, 1, newest=date(2026, 1, 1)),
        ),
    )
