"""What holds for any export: counts are those of plain Python, and no order of rows changes them or a figure."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.checking.looking import AS_OF, check, seen

import kpicli

BOOK = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    date: close_date
    where: kind != 'Test'
    columns:
      kind: kind
      owner: owner
      stage: stage
      account: account
      amount: {header: amount, type: money}
      created_date: {header: created, type: date}
      close_date: {header: closed, type: date}
    fields:
      won: stage = 'Won'
      closed: stage in ('Won', 'Lost')
      open: not closed
      large: customer.size = 'Large'
    lookups:
      customer: {table: accounts, column: account}
  accounts:
    source: accounts.csv
    key: name
    columns: {name: name, size: size}
  users:
    source: users.csv
    key: id
    columns: {id: id}
dimensions:
  owner: {field: {deals: owner, users: id}, members: users}
goals:
  growth: {name: Growth}
kpis:
  won: {role: lagging, goal: growth, formula: count(deals where won)}
  large: {role: lagging, goal: growth, formula: sum(deals.amount where large)}
"""
HEADER = "kind,owner,stage,account,amount,created,closed\n"
ACCOUNTS = "name,size\nAcme,Large\nBeta,Small\n"
USERS = "id\nann\nbob\n"

days = st.sampled_from(["", "2026-11-01", "2026-11-21", "2026-11-22", "2026-11-23", "2026-12-31"])
rows = st.lists(
    st.tuples(
        st.sampled_from(["Deal", "Test", ""]),
        st.sampled_from(["ann", "bob", "cat", ""]),
        st.sampled_from(["Won", "Lost", "Talk", "Perdida", ""]),
        st.sampled_from(["Acme", "Beta", "acme", "Gone", ""]),
        st.sampled_from(["100", "0", ""]),
        days,
        days,
    ),
    max_size=14,
)
Row = tuple[str, ...]


def by_hand(written: list[Row]) -> Counter[tuple[str, str]]:
    """Code and column of each finding of the deals, with the number of rows."""
    counted = [row for row in written if row[0] not in ("Test", "")]
    found: Counter[tuple[str, str]] = Counter()
    for _, owner, stage, account, amount, created, close in counted:
        ended = stage in ("Won", "Lost")
        found["no-date", "close_date"] += not close and (stage == "Won" or account == "Acme")
        found["closed-without-date", "close_date"] += ended and not close
        found["won-without-amount", "amount"] += stage == "Won" and amount in ("", "0")
        found["created-in-future", "created_date"] += created > AS_OF
        found["closed-in-future", "close_date"] += ended and close > AS_OF
        found["ends-before-start", "close_date"] += ended and "" not in (close, created) and close < created
        # An unknown stage is neither: it is not closed, and nothing says that it is open.
        found["overdue", "close_date"] += stage in ("Talk", "Perdida") and "" < close < AS_OF
        found["unknown-stage", "stage"] += stage == "Perdida"
        found["missing-parent", "account"] += account in ("acme", "Gone")
        found["unknown-member", "owner"] += owner == "cat"
        found["no-member", "owner"] += not owner
    return +found


def looked(folder: Path, written: list[Row]) -> kpicli.checked.Check:
    return check(
        folder, BOOK, deals=HEADER + "".join(f"{','.join(row)}\n" for row in written), accounts=ACCOUNTS, users=USERS
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.randoms(use_true_random=False))
def test_counts_are_those_of_plain_python_in_any_order(tmp_path: Path, written: list[Row], random: Any) -> None:
    checked = looked(tmp_path, written)
    counted = {(each.code, each.column): each.rows for each in seen(checked) if each.table == "deals" and each.rows}
    assert counted == by_hand(written)
    deals = checked.tables[0]
    assert deals.rows == len(written) == (deals.used or 0) + sum(each.rows for each in deals.left_out)
    random.shuffle(written)
    again = looked(tmp_path, written)
    assert [[told(each) for each in table.findings] for table in again.tables] == [
        [told(each) for each in table.findings] for table in checked.tables
    ]


def told(finding: kpicli.checked.Finding) -> tuple[object, ...]:
    """All that doesn't name a row."""
    return finding.code, finding.severity, finding.column, finding.rows, finding.message, finding.help, finding.values


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_a_check_sees_every_note_of_a_report_and_changes_no_figure(tmp_path: Path, written: list[Row]) -> None:
    checked = looked(tmp_path, written)
    book = kpicli.load(tmp_path / "kpis.yaml")
    before = book.report(period="2026-11", as_of=AS_OF)
    assert book.check(as_of=AS_OF) == checked
    assert book.report(period="2026-11", as_of=AS_OF) == before
    members = {("unknown-member", "owner")}
    found = {(each.code, each.column, each.rows) for each in seen(checked)}
    notes = {(note.code, note.column, note.rows) for table in before.scorecard.data for note in table.notes}
    assert {each for each in notes if each[:2] not in members} <= found
    for table in before.scorecard.data:
        (own,) = (each for each in checked.tables if each.table == table.table)
        assert (own.rows, own.used, own.left_out, own.newest) == (table.rows, table.used, table.left_out, table.newest)
