"""What a check finds, one finding at a time: how many rows, which ones, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.checking.looking import check, finding, findings, seen, values

from kpicli.checked import Severity

BOOK = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    key: id
    date: close_date
    columns:
      id: id
      owner: owner
      stage: stage
      amount: {header: amount, type: money}
      created_date: {header: created, type: date}
      close_date: {header: closed, type: date}
    fields:
      won: stage = 'Won'
      lost: stage = 'Lost'
      closed: won or lost
      open: not closed
goals:
  growth: {name: Growth}
kpis:
  won:
    role: lagging
    goal: growth
    formula: count(deals where won)
"""
HEADER = "id,owner,stage,amount,created,closed\n"
GOOD = "1,ann,Won,100,2026-10-01,2026-11-20\n2,ann,Lost,100,2026-10-01,2026-11-20\n"


def test_nothing_is_found_where_nothing_is_odd(tmp_path: Path) -> None:
    checked = check(tmp_path, BOOK, deals=HEADER + GOOD)
    assert seen(checked) == set()
    assert (checked.count(Severity.WRONG), checked.count(Severity.ODD), checked.errors) == (0, 0, ())


@pytest.mark.parametrize(
    ("row", "code", "column", "shown"),
    [
        ("3,ann,Won,,2026-10-01,2026-11-01", "won-without-amount", "amount", {"amount": None}),
        ("3,ann,Won,0.00,2026-10-01,2026-11-01", "won-without-amount", "amount", {"amount": "0"}),
        ("3,ann,Lost,5,2026-10-01,", "closed-without-date", "close_date", {"close_date": None}),
        ("3,ann,Lost,5,2026-10-01,2026-11-23", "closed-in-future", "close_date", {"close_date": "2026-11-23"}),
        ("3,ann,Talk,5,2026-11-23,2026-11-30", "created-in-future", "created_date", {"created_date": "2026-11-23"}),
        ("3,ann,Lost,5,2026-10-02,2026-10-01", "ends-before-start", "close_date", {"close_date": "2026-10-01"}),
        ("3,ann,Talk,5,2026-10-02,2026-11-21", "overdue", "close_date", {"close_date": "2026-11-21"}),
    ],
)
def test_a_rule_finds_its_row(tmp_path: Path, row: str, code: str, column: str, shown: dict[str, str | None]) -> None:
    checked = check(tmp_path, BOOK, deals=HEADER + GOOD + row + "\n")
    assert {(each.table, each.code, each.column, each.rows, each.shown) for each in seen(checked)} >= {
        ("deals", code, column, 1, (4,))
    }
    (sight,) = finding(checked, code).examples
    assert shown.items() <= dict(sight.shown).items()
    assert finding(checked, code).help


@pytest.mark.parametrize(
    "row",
    [
        "3,ann,Talk,,2026-10-01,2026-12-24",  # an open deal has no amount yet, and closes in the future
        "3,ann,Talk,5,2026-11-22,2026-11-22",  # created today, due today
        "3,ann,Lost,0,2026-11-22,2026-11-22",  # lost at nothing, on the day on which it was created
        "3,ann,Talk,5,2026-10-01,",  # open, and nobody knows until when
    ],
)
def test_a_row_that_may_be_so_is_not_found(tmp_path: Path, row: str) -> None:
    assert seen(check(tmp_path, BOOK, deals=HEADER + GOOD + row + "\n")) == set()


def test_a_rule_needs_the_names_in_its_formula_with_their_types(tmp_path: Path) -> None:
    other = BOOK.replace("won: stage = 'Won'", "won: amount\n      signed: stage = 'Won'").replace(
        "closed: won or lost", "closed: lost"
    )
    other = other.replace("open: not closed", "still: not closed").replace("count(deals where won)", "count(deals)")
    checked = check(tmp_path, other, deals=HEADER + GOOD + "3,ann,Won,0,2026-10-01,2026-10-02\n")
    assert seen(checked) == set()


def test_a_lifespan_that_ends_before_it_begins(tmp_path: Path) -> None:
    fields = "      open: not closed\n"
    lifespan = (
        "      closed_on: case when closed then close_date end\n    lifespan: {from: created_date, until: closed_on}\n"
    )
    checked = check(
        tmp_path,
        BOOK.replace(fields, fields + lifespan),
        deals=HEADER + GOOD + "3,ann,Lost,5,2026-10-02,2026-10-01\n",
    )
    found = finding(checked, "ends-before-start")
    assert found.message == "whose closed_on lies before created_date"
    assert [dict(sight.shown) for sight in found.examples] == [
        {"closed_on": "2026-10-01", "created_date": "2026-10-02"}
    ]


# ---- rows


def test_a_table_without_rows_and_one_whose_rows_are_all_left_out(tmp_path: Path) -> None:
    none = check(tmp_path, BOOK, deals=HEADER)
    assert [(each.code, each.message) for each in none.tables[0].findings] == [("no-rows", "there is no row")]
    where = BOOK.replace("    fields:", "    where: amount > 1000\n    fields:", 1)
    out = check(tmp_path, where, deals=HEADER + GOOD)
    assert ("no-rows", "no row counts") in [(each.code, each.message) for each in out.tables[0].findings]
    assert [(each.reason, each.rows, each.condition) for each in out.tables[0].left_out] == [
        ("where", 2, "amount > 1000")
    ]


CHURN = """\
version: 1
name: Desk
tables:
  subs:
    source: subs.csv
    date: start
    columns: {{start: {{type: date}}, ended: {{type: date}}}}
    lifespan: {{from: start, until: ended}}
goals: {{keep: {{name: Keep}}}}
kpis:
  churn: {{role: lagging, goal: keep, formula: {formula}}}
  new: {{role: lagging, goal: keep, formula: count(subs)}}
"""


def test_rows_in_no_period_are_counted_and_noted_where_a_kpi_asks_for_them(tmp_path: Path) -> None:
    rows = "3,ann,Won,5,2026-10-01,\n4,ann,Talk,5,2026-10-01,\n"
    (deals,) = check(tmp_path, BOOK, deals=HEADER + GOOD + rows).tables
    assert (deals.date, deals.undated) == ("close_date", 2)
    assert [(each.code, each.rows) for each in deals.findings] == [("no-date", 1), ("closed-without-date", 1)]


def test_rows_without_another_date_than_the_tables_may_not_have_come_so_far(tmp_path: Path) -> None:
    """Who has not cancelled has no day of it: nothing is wrong, and the formula can say so."""
    book = CHURN.format(formula="count(subs on ended)")
    (subs,) = check(tmp_path, book, subs="start,ended\n2026-11-15,\n2026-11-16,2026-11-20\n,2026-11-20\n").tables
    assert [(each.code, each.severity.value, each.column, each.rows) for each in subs.findings] == [
        ("no-date", "wrong", "start", 1),
        ("no-date", "odd", "ended", 1),
    ]
    assert "`where ended is not null`" in subs.findings[1].help
    book = CHURN.format(formula="count(subs where ended is not null on ended)")
    (subs,) = check(tmp_path, book, subs="start,ended\n2026-11-15,\n2026-11-16,2026-11-20\n").tables
    assert not subs.findings


def test_a_cell_that_is_no_date_is_told_once(tmp_path: Path) -> None:
    rows = "".join(f"{at},ann,Won,5,2026-10-01,2026-11-01\n" for at in range(10, 40))
    (deals,) = check(tmp_path, BOOK, deals=HEADER + GOOD + rows + "4,ann,Won,5,2026-10-01,soon\n").tables
    found = {each.code: each for each in deals.findings}
    assert list(found) == ["invalid-date", "closed-without-date"]
    assert dict(found["invalid-date"].examples[0].shown) == {"close_date": "soon"}


def test_a_table_that_ends_two_weeks_before_is_stale(tmp_path: Path) -> None:
    def old(day: str) -> list[str]:
        rows = f"1,ann,Won,100,2026-10-01,{day}\n2,ann,Lost,100,2026-10-01,{day}\n"
        return [each.message for each in findings(check(tmp_path, BOOK, deals=HEADER + rows), "stale")]

    assert old("2026-11-09") == []
    assert old("2026-11-08") == ["the newest row is of 2026-11-08, 14 days before the as-of day"]


# ---- texts that formulas compare with


@pytest.mark.parametrize(
    ("formula", "value", "help_"),
    [
        ("stage = 'Closed won'", "Closed won", "did you mean 'Won'?"),
        ("stage = 'won'", "won", "did you mean 'Won'?"),
        ("stage != 'Wonn'", "Wonn", "did you mean 'Won'?"),
        ("stage in ('Gagné')", "Gagné", "write it as the export does, or leave it out"),
        (
            "case when stage = 'Verdict' then true else false end",
            "Verdict",
            "write it as the export does, or leave it out",
        ),
        ("lower(stage) = 'Won'", "Won", "did you mean 'won'?"),
        ("stage like 'Cl%'", "Cl%", "write it as the export does, or leave it out"),
        ("starts_with(stage, 'Clo')", "Clo", "write it as the export does, or leave it out"),
    ],
)
def test_a_text_that_no_row_has(tmp_path: Path, formula: str, value: str, help_: str) -> None:
    book = BOOK.replace("      won: stage = 'Won'\n", f'      won: "{formula}"\n')
    found = findings(check(tmp_path, book, deals=HEADER + GOOD), "no-such-value")[0]
    assert (found.severity, found.rows) == (Severity.WRONG, 0)
    assert found.message.startswith(f"no row has '{value}', which `won` asks for in ")
    assert found.help == help_
    assert {(each.value.lower(), each.rows) for each in found.values} == {("won", 1), ("lost", 1)}
    line, column = map(int, str(found.place).rsplit(":", 2)[1:])
    assert book.splitlines()[line - 1][column - 1 :].startswith(f"'{value}'")


def test_texts_that_are_near_to_nothing_are_told_together(tmp_path: Path) -> None:
    texts = ", ".join(f"'{each}'" for each in ("Gagné", "Vinto", "Wygrana", "Ganha", "Vunnet", "Gewonnen", "受注"))
    book = BOOK.replace("won: stage = 'Won'", f"won: stage in ({texts})")
    found = finding(check(tmp_path, book, deals=HEADER + GOOD), "no-such-value")
    listed = "'Gagné', 'Vinto', 'Wygrana', 'Ganha', 'Vunnet' or 2 others"
    assert found.message == f"no row has {listed}, which `won` asks for in stage"


def test_texts_of_kpis_targets_dimensions_and_conditions_are_looked_for_too(tmp_path: Path) -> None:
    book = BOOK.replace("    fields:\n", "    where: stage != 'Tset'\n    fields:\n")
    book = book.replace("count(deals where won)", "count(deals where won and owner = 'anne')")
    book = book.replace("goals:", "dimensions:\n  deal: {field: id, members: deals, where: owner = 'bob'}\ngoals:")
    book += "    target: sum(deals.amount where owner = 'bbo')\n"
    found = findings(check(tmp_path, book, deals=HEADER + GOOD), "no-such-value")
    assert {each.message for each in found} == {
        "no row has 'Tset', which `deals.where` asks for in stage",
        "no row has 'bob', which `deal` asks for in owner",
        "no row has 'anne', which `won` asks for in owner",
        "no row has 'bbo', which `target of won` asks for in owner",
    }


def test_a_text_that_the_tables_condition_leaves_out_is_there(tmp_path: Path) -> None:
    book = BOOK.replace("    fields:\n", "    where: stage != 'Test'\n    fields:\n")
    assert seen(check(tmp_path, book, deals=HEADER + GOOD + "3,ann,Test,5,2026-10-01,2026-10-01\n")) == set()


def test_a_text_that_the_tables_condition_leaves_out_is_missed_by_other_formulas(tmp_path: Path) -> None:
    book = BOOK.replace("    fields:\n", "    where: stage != 'Test'\n    fields:\n").replace(
        "where won", "where stage = 'Test'"
    )
    found = finding(
        check(tmp_path, book, deals=HEADER + GOOD + "3,ann,Test,5,2026-10-01,2026-10-01\n"), "no-such-value"
    )
    assert found.message == "no row has 'Test', which `won` asks for in stage"


def test_a_text_in_a_list_beside_one_that_is_there_is_only_odd(tmp_path: Path) -> None:
    book = BOOK.replace("won: stage = 'Won'", "won: stage in ('Won', 'Gewonnen')")
    found = finding(check(tmp_path, book, deals=HEADER + GOOD), "no-such-value")
    assert (found.severity, found.message) == (Severity.ODD, "no row has 'Gewonnen', which `won` asks for in stage")


def test_a_slip_in_a_list_is_wrong(tmp_path: Path) -> None:
    book = BOOK.replace("lost: stage = 'Lost'", "lost: stage in ('Lost', 'Abandonned')")
    checked = check(tmp_path, book, deals=HEADER + GOOD + "3,ann,Abandoned,5,2026-10-01,2026-10-02\n")
    found = finding(checked, "no-such-value")
    assert (found.severity, found.help) == (Severity.WRONG, "did you mean 'Abandoned'?")


def test_a_text_that_a_field_may_give_is_none_of_the_exports(tmp_path: Path) -> None:
    book = BOOK.replace("      won:", "      size: case when amount > 1000 then 'large' else 'small' end\n      won:")
    book = book.replace("count(deals where won)", "count(deals where won and size = 'large')")
    assert seen(check(tmp_path, book, deals=HEADER + GOOD)) == set()


# ---- stages


def test_a_stage_that_sounds_ended_and_that_no_formula_names(tmp_path: Path) -> None:
    rows = "".join(
        f"{at},ann,{stage},5,2026-10-01,2026-12-01\n"
        for at, stage in enumerate(
            ["Closed: abandoned", "Ganada", "GEWONNEN", "Gagné", "Talk", "Wonder", "Ganada", ""], 3
        )
    )
    found = finding(check(tmp_path, BOOK, deals=HEADER + GOOD + rows), "unknown-stage")
    assert (found.severity, found.column, found.rows) == (Severity.WRONG, "stage", 5)
    assert values(found) == [
        ("Ganada", 2, None),
        ("Closed: abandoned", 1, None),
        ("GEWONNEN", 1, None),
        ("Gagné", 1, None),
    ]


def test_a_book_that_only_says_what_is_won_need_not_name_what_is_lost(tmp_path: Path) -> None:
    book = BOOK.replace("      lost: stage = 'Lost'\n      closed: won or lost\n      open: not closed\n", "")
    assert seen(check(tmp_path, book, deals=HEADER + GOOD)) == set()
    rows = "3,ann,Won early,5,2026-10-01,2026-11-01\n"
    assert values(finding(check(tmp_path, book, deals=HEADER + GOOD + rows), "unknown-stage")) == [
        ("Won early", 1, None)
    ]


@pytest.mark.parametrize(
    "named", ["stage = 'Abandoned'", "lower(stage) = 'abandoned'", "ilike", "contains(stage, 'band')"]
)
def test_a_stage_that_any_formula_names_is_known(tmp_path: Path, named: str) -> None:
    condition = "stage ilike 'aban%'" if named == "ilike" else named
    book = BOOK.replace("      won: ", f'      dropped: "{condition}"\n      won: ')
    assert seen(check(tmp_path, book, deals=HEADER + GOOD + "3,ann,Abandoned,5,2026-10-01,2026-12-01\n")) == set()


# ---- keys, lookups, members, quotas

PRODUCTS = """\
version: 1
name: Desk
tables:
  lines:
    source: lines.csv
    columns: {product: product, owner: owner}
    fields:
      cheap: thing.price < 10
    lookups:
      thing: {table: products, column: product}
  products:
    source: products.csv
    key: name
    columns: {name: name, price: {header: price, type: number}}
goals:
  growth: {name: Growth}
kpis:
  lines: {role: leading, goal: growth, formula: count(lines where cheap)}
"""


def test_lookups_that_miss_by_their_commonest_values_and_other_spellings(tmp_path: Path) -> None:
    lines = "product,owner\n" + "GTXPro,a\n" * 3 + "GTX Pro,a\n,a\nNew One,a\n"
    checked = check(tmp_path, PRODUCTS, lines=lines, products="name,price\nGTX Pro,5\nMG Special,6\n")
    found = finding(checked, "missing-parent")
    assert (found.severity, found.rows, values(found)) == (
        Severity.WRONG,
        4,
        [("GTXPro", 3, "GTX Pro"), ("New One", 1, None)],
    )
    assert "`case when product = 'GTXPro' then 'GTX Pro' else product end`" in found.help
    assert [sight.row for sight in found.examples] == [2, 3, 4, 7]


def test_a_column_that_leads_to_several_tables_needs_a_field_for_each(tmp_path: Path) -> None:
    book = """\
version: 1
name: Desk
tables:
  calls:
    source: calls.csv
    columns: {what: what}
    fields: {big: deal.amount > 10, branch: account.branch}
    lookups:
      deal: {table: deals, column: what}
      account: {table: accounts, column: what}
  deals: {source: deals.csv, key: id, columns: {id: id, amount: {header: amount, type: number}}}
  accounts: {source: accounts.csv, key: id, columns: {id: id, branch: branch}}
goals: {growth: {name: Growth}}
kpis:
  calls: {role: leading, goal: growth, formula: count(calls where big or branch = 'Steel')}
"""
    tables = {"deals": "id,amount\nD1,20\n", "accounts": "id,branch\nA1,Steel\n"}
    checked = check(tmp_path, book, calls="what\nD1\nA1\nA1\nX\n", **tables)
    deals, accounts = (each for each in checked.tables[0].findings if each.code == "missing-parent")
    assert [(each.message, each.rows) for each in (deals, accounts)] == [
        ("whose what leads to no row of deals", 3),
        ("whose what leads to no row of accounts", 2),
    ]
    assert deals.help == (
        "if what leads to deals or accounts, let each lookup go by a field that has its own ids alone:"
        " `case when starts_with(what, '…') then what end`;"
        " otherwise export all of deals: what these rows read of it is blank"
    )


@pytest.mark.parametrize(
    ("lines", "severity", "rows", "help_"),
    [
        (
            "C,a\nC,a\n",
            Severity.ODD,
            2,
            "nothing, if these don't count either: what they lead to is left out by `where: ",
        ),
        (
            "C,a\nD,a\nD,a\n",
            Severity.WRONG,
            3,
            "is blank; 1 of them leads to a row that `where: name != 'C'` leaves out",
        ),
        ("D,a\n", Severity.WRONG, 1, "export all of products: what these rows read of it is blank"),
    ],
)
def test_rows_that_lead_to_what_does_not_count_are_told_from_those_that_lead_nowhere(
    tmp_path: Path, lines: str, severity: Severity, rows: int, help_: str
) -> None:
    book = PRODUCTS.replace("    key: name\n", "    key: name\n    where: name != 'C'\n")
    checked = check(tmp_path, book, lines="product,owner\nA,a\n" + lines, products="name,price\nA,5\nC,6\n")
    found = finding(checked, "missing-parent")
    assert (found.severity, found.rows) == (severity, rows)
    assert help_ in found.help


def test_a_lookup_that_no_formula_reads_is_only_odd(tmp_path: Path) -> None:
    book = PRODUCTS.replace("thing.price < 10", "owner = 'a'")
    checked = check(tmp_path, book, lines="product,owner\nx,a\n", products="name,price\nGTX Pro,5\n")
    assert finding(checked, "missing-parent").severity is Severity.ODD


def test_a_lookup_that_a_target_or_the_members_of_a_dimension_read_makes_figures_wrong(tmp_path: Path) -> None:
    book = """\
version: 1
name: Desk
tables:
  quotas:
    source: quotas.csv
    date: month
    covers: month
    columns: {owner: owner, month: {type: date}, amount: {type: money}}
    lookups: {rep: {table: reps, column: owner}}
  reps:
    source: reps.csv
    key: id
    columns: {id: id, boss: boss, place: place}
    lookups: {chief: {table: bosses, column: boss}, office: {table: places, column: place}}
  bosses: {source: bosses.csv, key: id, columns: {id: id, team: team}}
  places: {source: places.csv, key: id, columns: {id: id, city: city}}
dimensions:
  member: {field: {reps: id}, members: reps, where: chief.team = 'East'}
goals: {growth: {name: Growth}}
kpis:
  q: {role: lagging, goal: growth, formula: sum(quotas.amount), target: sum(quotas.amount where rep.boss = 'x')}
"""
    tables = {
        "quotas": "owner,month,amount\nann,2026-11-01,1\nbob,2026-11-01,1\n",
        "reps": "id,boss,place\nann,x,a\ncat,y,b\n",
        "bosses": "id,team\nx,East\n",
        "places": "id,city\na,Rome\n",
    }
    found = [each for table in check(tmp_path, book, **tables).tables for each in table.findings]
    assert {each.column: each.severity for each in found if each.code == "missing-parent"} == {
        "owner": Severity.WRONG,
        "boss": Severity.WRONG,
        "place": Severity.ODD,
    }


def test_keys_that_stand_twice_stop_a_report_and_not_the_check(tmp_path: Path) -> None:
    lines = "product,owner\nnone,a\n"
    checked = check(tmp_path, PRODUCTS, lines=lines, products="name,price\nA,5\nB,6\nA,7\nA,x\n" + "C,1\n" * 30)
    found = finding(checked, "duplicate-key")
    assert (found.rows, found.severity, [sight.row for sight in found.examples]) == (
        33,
        Severity.WRONG,
        [2, 4, 5, 6, 7],
    )
    (error,) = checked.errors
    assert error.code == "duplicate-key"
    # What else there is to say of the table is said; what needs to look it up isn't asked.
    assert [each.code for each in checked.tables[1].findings] == ["duplicate-key", "invalid-number"]
    assert [(table.rows, table.used) for table in checked.tables] == [(1, 1), (34, 34)]


def test_a_table_that_cannot_be_read_leaves_the_others_to_be_checked(tmp_path: Path) -> None:
    book = PRODUCTS.replace("where cheap)", "where cheap and owner = 'b')")
    checked = check(tmp_path, book, lines="product,owner\nnone,a\n", products="name,price\nA,x\nB,y\n")
    lines, products = checked.tables
    assert (products.rows, products.error and products.error.code) == (None, "invalid-number")
    assert (lines.rows, lines.error, [each.code for each in lines.findings]) == (1, None, ["no-such-value"])
    assert checked.count(Severity.WRONG) == 2


def test_a_table_whose_date_reads_an_unread_table_is_checked_without_it(tmp_path: Path) -> None:
    book = PRODUCTS.replace("    columns: {product", "    date: since\n    columns: {product")
    book = book.replace("      cheap:", "      since: thing.launch\n      cheap:")
    book = book.replace("columns: {name: name", "columns: {launch: {header: launch, type: date}, name: name")
    checked = check(tmp_path, book, lines="product,owner\nnone,a\n", products="name,price,launch\nA,x,\n")
    assert [table.rows for table in checked.tables] == [1, None]


OWNERS = """\
version: 1
name: Desk
currency: USD
tables:
  deals:
    source: deals.csv
    date: day
    columns: {owner: owner, day: {header: day, type: date}, amount: {header: amount, type: money}}
  users:
    source: users.csv
    key: id
    columns: {id: id, name: name}
  quotas:
    source: quotas.csv
    key: [owner, month]
    date: month
    covers: month
    columns: {owner: owner, month: {header: month, type: date}, amount: {header: amount, type: money}}
dimensions:
  owner: {field: {deals: owner, users: id, quotas: owner}, members: users, label: name}
goals:
  growth: {name: Growth}
kpis:
  revenue: {role: lagging, goal: growth, formula: sum(deals.amount), target: sum(quotas.amount)}
"""
USERS = "id,name\nu1,Ann\nu2,Bob\n"
QUOTAS = "owner,month,amount\nu1,2026-11-01,10\nu2,2026-11-01,10\n"


def owners(folder: Path, deals: str, quotas: str = QUOTAS) -> set[tuple[str, str, int]]:
    checked = check(folder, OWNERS, deals="owner,day,amount\n" + deals, users=USERS, quotas=quotas)
    return {(each.table, each.code, each.rows) for each in seen(checked)}


def test_members_that_are_not_listed_and_rows_without_one(tmp_path: Path) -> None:
    deals = "u1,2026-11-20,5\n,2026-11-20,5\nann,2026-11-20,5\nqueue,2026-11-20,5\nqueue,2026-10-20,5\n"
    checked = check(tmp_path, OWNERS, deals="owner,day,amount\n" + deals, users=USERS, quotas=QUOTAS)
    unknown, none = finding(checked, "unknown-member"), finding(checked, "no-member")
    assert (unknown.column, unknown.rows, values(unknown)) == ("owner", 3, [("queue", 2, None), ("ann", 1, "Ann")])
    assert (none.column, none.rows, [sight.row for sight in none.examples]) == ("owner", 1, [3])


def test_a_lookup_to_the_members_is_told_by_its_dimension(tmp_path: Path) -> None:
    book = OWNERS.replace(
        "header: amount, type: money}}\n  users",
        "header: amount, type: money}}\n    lookups: {rep: {table: users, column: owner}}\n  users",
        1,
    )
    assert "lookups" in book
    checked = check(tmp_path, book, deals="owner,day,amount\nx,2026-11-20,5\n", users=USERS, quotas=QUOTAS)
    assert [each.code for each in checked.tables[0].findings] == ["unknown-member", "no-quota"]


def test_owners_without_a_quota_for_the_month(tmp_path: Path) -> None:
    deals = "u1,2026-11-20,5\nu2,2026-11-01,5\nu2,2026-11-30,5\nu2,2026-10-30,5\n"
    only_ann = "owner,month,amount\nu1,2026-11-01,10\nu2,2026-10-01,10\n"
    assert owners(tmp_path, deals) == set()
    checked = check(tmp_path, OWNERS, deals="owner,day,amount\n" + deals, users=USERS, quotas=only_ann)
    found = finding(checked, "no-quota")
    assert (found.rows, [sight.row for sight in found.examples]) == (2, [3, 4])
    assert [(each.value, each.label, each.rows) for each in found.values] == [("u2", "Bob", 2)]


def test_quotas_that_end_before_this_month_are_told_once(tmp_path: Path) -> None:
    ended = "owner,month,amount\nu1,2026-10-01,10\n"
    assert owners(tmp_path, "u1,2026-11-20,5\nu2,2026-11-20,5\n", ended) == {("quotas", "month-missing", 0)}


def test_a_quota_sheet_with_a_column_for_each_month_holds_for_all_of_them(tmp_path: Path) -> None:
    """Its rows have no one month: each column is read by a date of its own."""
    wide = """\
    columns: {owner: owner, oct: {header: Oct, type: money}, nov: {header: Nov, type: money}}
    fields: {in_oct: "date '2026-10-01'", in_nov: "date '2026-11-01'"}
"""
    narrow = next(line for line in OWNERS.splitlines(keepends=True) if "month: {header: month" in line)
    book = OWNERS.replace(narrow, wide).replace("[owner, month]", "owner").replace("date: month\n", "date: in_oct\n")
    book = book.replace("sum(quotas.amount)", "sum(quotas.oct on in_oct) + sum(quotas.nov on in_nov)")
    found = check(
        tmp_path,
        book,
        deals="owner,day,amount\nu1,2026-11-20,5\nu2,2026-11-20,5\n",
        users=USERS,
        quotas="owner,Oct,Nov\nu1,1,2\n",
    )
    assert {(each.code, each.rows) for table in found.tables for each in table.findings} == {("no-quota", 1)}


TASKS = """\
version: 1
name: Desk
tables:
  tasks:
    source: tasks.csv
    date: date
    columns: {status: status, lead: lead, deal: deal, owner: owner, date: {header: date, type: date}}
    fields:
      completed: status = 'Done'
    lookups:
      about_lead: {table: leads, column: lead}
      about_deal: {table: deals, column: deal}
      rep: {table: users, column: owner}
  leads: {source: leads.csv, key: id, columns: {id: id}}
  deals: {source: deals.csv, key: id, columns: {id: id}}
  users: {source: users.csv, key: id, columns: {id: id}}
dimensions:
  owner: {field: {tasks: owner, users: id}, members: users}
goals:
  growth: {name: Growth}
kpis:
  tasks: {role: leading, goal: growth, formula: count(tasks where completed)}
"""


def test_activities_that_belong_to_nothing_and_those_done_tomorrow(tmp_path: Path) -> None:
    tasks = """\
status,lead,deal,owner,date
Done,l1,,u1,2026-11-20
Done,,d1,u1,2026-11-20
Done,,,u1,2026-11-20
Open,l9,d9,u1,2026-11-23
Done,l9,d1,u1,2026-11-23
"""
    checked = check(tmp_path, TASKS, tasks=tasks, leads="id\nl1\n", deals="id\nd1\n", users="id\nu1\n")
    nothing, future = finding(checked, "belongs-to-nothing"), finding(checked, "completed-in-future")
    assert (nothing.column, nothing.rows, [sight.row for sight in nothing.examples]) == ("lead, deal", 2, [4, 5])
    assert nothing.message == "with nothing behind lead and deal"
    assert (future.rows, [sight.row for sight in future.examples]) == (1, [6])


def test_a_book_of_which_no_table_can_be_read(tmp_path: Path) -> None:
    checked = check(tmp_path, BOOK)
    (deals,) = checked.tables
    assert (deals.rows, deals.findings, [error.code for error in checked.errors]) == (None, (), ["no-file"])


def test_a_header_that_is_missing_is_an_error_of_its_table(tmp_path: Path) -> None:
    checked = check(tmp_path, PRODUCTS, lines="product,owner\nnone,a\n", products="name\nA\n")
    assert [(table.rows, table.error and table.error.code) for table in checked.tables] == [
        (1, None),
        (None, "missing-header"),
    ]


def test_what_only_a_search_would_read_is_no_error_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a preset, which declares more than a file may have: here nothing is read but what KPIs ask for."""
    monkeypatch.setattr("kpicli.plan.everything._uses", lambda *_: ())
    kept = "id,owner,stage,closed\n3,ann,Talk,2026-11-01\n4,ann,Won,2026-11-01\n"
    (deals,) = check(tmp_path, BOOK, deals=kept).tables
    assert (deals.rows, deals.error) == (2, None)
    # The amount and the day of creation are missing, and are asked for by rules alone.
    assert [each.code for each in deals.findings] == ["no-such-value", "stale", "overdue"]


def test_texts_stand_on_either_side_in_targets_roll_ups_and_behind_lookups(tmp_path: Path) -> None:
    book = PRODUCTS.replace("      cheap: thing.price < 10", "      cheap: \"'x' = owner or thing.name = 'Y'\"")
    book = book.replace("    key: name\n", "    key: name\n    fields: {lines: count(lines where owner = 'z')}\n")
    book = book.replace("where cheap)}", "where cheap), target: \"count(lines where owner = 'w')\"}")
    checked = check(tmp_path, book, lines="product,owner\nA,a\n", products="name,price\nA,5\n")
    assert {(table.table, each.message) for table in checked.tables for each in table.findings} == {
        ("lines", "no row has 'x', which `cheap` asks for in owner"),
        ("products", "no row has 'Y', which `cheap` asks for in name"),
        ("lines", "no row has 'z', which `lines` asks for in owner"),
        ("lines", "no row has 'w', which `target of lines` asks for in owner"),
    }


def test_a_lookup_by_two_columns_is_told_by_both(tmp_path: Path) -> None:
    lookup = "    lookups: {quota: {table: quotas, column: [owner, day]}}\n  users:"
    book = OWNERS.replace("  users:", lookup, 1).replace(
        "dimensions:\n  owner: {field: {deals: owner, users", "dimensions:\n  owner: {field: {users"
    )
    deals = "owner,day,amount\nu1,2026-11-01,1\nu1,2026-11-02,1\nu3,,1\n"
    found = finding(check(tmp_path, book, deals=deals, users=USERS, quotas=QUOTAS), "missing-parent")
    assert (found.column, values(found)) == ("owner, day", [("u1 / 2026-11-02", 1, None)])
