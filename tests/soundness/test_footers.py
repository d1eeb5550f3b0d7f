"""Ways in which a footer could be counted as data, or data be taken for a footer."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import BOOK, Desk

from kpicli import load
from kpicli.errors import KpiError

HEADER = "id,owner,stage,amount,created,close_date\n"
ROWS = "1,ann,Won,100,2026-01-05,2026-01-20\n2,bob,Won,50,2026-01-10,2026-02-03\n"
BOOK_OF_SUMS = BOOK.replace("    date: close_date\n", "").replace("    key: id\n", "")
"""No date and no key, which would tell a row of a footer from others."""
Q1 = {"period": "2026-Q1", "as_of": "2026-03-31"}


def desk(folder: Path, rows: str) -> Desk:
    made = Desk(folder)
    made.write("deals.csv", HEADER + rows)
    kpis = {"deals": "count(deals)", "won": "sum(deals.amount)", "owners": "count_distinct(deals.owner)"}
    made.book(kpis, base=BOOK_OF_SUMS)
    return made


@pytest.mark.parametrize(
    "tail",
    [
        "Total,,,150,,\n",
        "\n\nTotal,,,150,,\n\n",
        '"Total","","","150","",""\n',
        "Grand Totals (2 records),,,150,,\n,,,,,\nAcme Inc.,,,,,\nConfidential Information - Do Not Distribute,,,,,\n",
        ",,,,,\nDeals,,,,,\nCopyright (c) 2000-2026 salesforce.com,,,,,\nAcme Inc.,,,,,\n",
    ],
)
def test_a_total_is_not_added_to_what_it_is_the_total_of(tmp_path: Path, tail: str) -> None:
    made = desk(tmp_path, ROWS + tail)
    assert made.values(**Q1) == {"deals": 2, "won": 150, "owners": 2}
    assert [note["code"] for note in made.report(**Q1)["data"][0]["notes"]] == ["footer"]


@pytest.mark.parametrize(
    "row",
    [
        "Total,ann,Won,150,2026-01-05,2026-01-20\n",
        "Total,,Won,150,,\n",
        "Total,,,150,2026-01-05,\n",
        "Total,0001,,150,,\n",
        "Total Energies,,,150,,\n",
        '3,ann,Won,150,,"2026-01-20"\n',
    ],
)
def test_a_deal_that_looks_like_a_footer_counts(tmp_path: Path, row: str) -> None:
    made = desk(tmp_path, ROWS + row)
    assert (made.values(**Q1)["deals"], made.values(**Q1)["won"]) == (3, 300)
    assert made.report(**Q1)["data"][0]["notes"] == []


@pytest.mark.parametrize("above", ["3,,,,,\n", "3,,,,,\n4,,,,,\n", "\n3,,,,,\n4,,,,,\n"])
@pytest.mark.parametrize("footer", ["Total,,,150,,\n", "Confidential Information - Do Not Distribute\n"])
def test_deals_with_nothing_but_an_id_are_no_part_of_the_footer_below_them(
    tmp_path: Path, above: str, footer: str
) -> None:
    assert desk(tmp_path, ROWS + above + footer).values(**Q1)["deals"] == 2 + above.count(",,,,,")


def test_a_note_of_several_lines_that_looks_like_a_footer_is_one_cell(tmp_path: Path) -> None:
    rows = '3,ann,Won,7,2026-01-05,"\n\nTotal,,,150,,\nCopyright (c) 2026\n"\n'
    made = desk(tmp_path, ROWS * 20 + rows)
    assert made.values(**Q1)["deals"] == 41


def test_rows_of_a_footer_amid_the_data_do_not_pass_in_silence(tmp_path: Path) -> None:
    """Two exports in one file."""
    with pytest.raises(KpiError, match=r"row 4 has 1 cell where the header has 6"):
        desk(tmp_path, f"{ROWS}Total\n{ROWS}Total\n").report(**Q1)


def test_a_row_that_was_cut_off_is_no_footer(tmp_path: Path) -> None:
    for cut in ("3", "3,ann,Won,1", "3\nTotal\n", "3,ann,Won\nTotal,,,150,,\n"):
        with pytest.raises(KpiError, match="row 4 has"):
            desk(tmp_path, ROWS + cut).report(**Q1)


def test_strict_allows_a_footer_and_nothing_else(tmp_path: Path) -> None:
    assert desk(tmp_path, ROWS + "Total,,,150,,\n").report(**Q1, strict=True)["kpis"][1]["value"] == 150
    with pytest.raises(KpiError, match="invalid-money"):
        desk(tmp_path, ROWS * 20 + "3,,,x,,\nTotal,,,150,,\n").report(**Q1, strict=True)


def test_headers_that_stand_twice_are_for_the_check_to_say(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    made.write("deals.csv", HEADER.replace("\n", ",Company,Company\n") + ROWS.replace("\n", ",a,b\n"))
    made.book({"deals": "count(deals)"})
    report = made.report(**Q1, strict=True)
    assert (report["kpis"][0]["value"], report["data"][0]["notes"]) == (2, [])
    (table,) = load(tmp_path / "kpis.yaml").check_data(as_of="2026-03-31")
    assert [(note.code, note.rows, note.matters) for note in table.notes] == [("duplicate-header", 1, False)]


@pytest.mark.parametrize(
    "row", ["Summe,,11", "Gesamt,,11", ",Total,11", "Total général,,11", "Total (2),,11", ",Sum,11"]
)
def test_a_total_is_known_in_other_languages_and_further_right(tmp_path: Path, row: str) -> None:
    (tmp_path / "deals.csv").write_text(f"Id,Name,Amount\na,x,5\nb,y,6\n{row}\n", encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(
        """
version: 1
tables: {deals: {source: deals.csv, columns: {id: Id, amount: {header: Amount, type: number}}}}
goals: {g: {}}
kpis: {all: {role: lagging, goal: g, formula: sum(deals.amount)}}
""",
        encoding="utf-8",
    )
    found = load(tmp_path / "kpis.yaml").report(period="all", as_of="2026-11-22").to_dict()
    assert [kpi["value"] for kpi in found["kpis"]] == [11]
    assert [note["code"] for note in found["data"][0]["notes"]] == ["footer"]


@pytest.mark.parametrize("blank", [",,", " , ,", "\t,\u00a0, "])
def test_rows_of_blanks_at_the_end_are_no_rows(tmp_path: Path, blank: str) -> None:
    (tmp_path / "deals.csv").write_text("Id,Name,Amount\na,x,5\nb,y,6\n" + f"{blank}\n" * 300, encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(
        """
version: 1
tables: {deals: {source: deals.csv, columns: {id: Id, amount: {header: Amount, type: number}}}}
goals: {g: {}}
kpis: {all: {role: lagging, goal: g, formula: count(deals)}}
""",
        encoding="utf-8",
    )
    found = load(tmp_path / "kpis.yaml").report(period="all", as_of="2026-11-22").to_dict()
    assert [kpi["value"] for kpi in found["kpis"]] == [2]
