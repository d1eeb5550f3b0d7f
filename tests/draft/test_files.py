"""Files as people save them: workbooks, title lines above the headers, footers below the rows."""

from __future__ import annotations

import os
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.draft.begun import begun, lines, values
from tests.tables.workbooks import save

from kpicli.errors import KpiError

Rows: TypeAlias = list[list[Any]]

HEADERS = ["Deal ID", "Owner", "Stage", "Amount", "Created Date", "Close Date"]
ROWS: Rows = [
    [
        f"D-{at}",
        f"Rep {at % 2}",
        ("Won", "Lost", "Open")[at % 3],
        100 + at,
        date(2026, 8, 1 + at),
        date(2026, 10, 1 + at),
    ]
    for at in range(9)
]


def workbook(folder: Path, sheets: dict[str, Rows]) -> dict[str, bytes]:
    return {"deals.xlsx": save(folder / "made.xlsx", sheets).read_bytes()}


def right(found: dict[str, object]) -> bool:
    return (found["won_deals"], found["win_rate"], found["won_revenue"], found["sales_cycle"]) == (3, 0.5, 309, 61)


def test_a_workbook_is_an_export(tmp_path: Path) -> None:
    drafted = begun(tmp_path, workbook(tmp_path, {"Deals": [HEADERS, *ROWS]}))
    assert "sheet:" not in drafted.text
    assert right(values(drafted, tmp_path))


def test_each_sheet_of_a_workbook_may_be_a_table(tmp_path: Path) -> None:
    team = [
        ["Full Name", "Team", "Manager"],
        ["Rep 0", "East", "Zoe"],
        ["Rep 1", "West", "Zoe"],
        ["Rep 2", "West", "Zoe"],
    ]
    notes: Rows = [["Ask Ann before you change this."]]
    drafted = begun(tmp_path, workbook(tmp_path, {"Deals 2026": [HEADERS, *ROWS], "Team": team, "Notes": notes}))
    assert [table.name for table in drafted.draft.tables] == ["opportunities", "users"]
    assert 'sheet: "Deals 2026"' in drafted.text
    assert right(values(drafted, tmp_path))
    assert "team" in {each.name for each in drafted.draft.dimensions}


def test_headers_of_a_sheet_may_stand_below_a_title(tmp_path: Path) -> None:
    titles: Rows = [["Deals of the East"], ["as of", date(2026, 11, 1)], []]
    drafted = begun(tmp_path, workbook(tmp_path, {"Deals": [*titles, HEADERS, *ROWS]}))
    assert "header_row: 4" in drafted.text
    assert right(values(drafted, tmp_path))


def test_days_of_a_workbook_may_be_numbers(tmp_path: Path) -> None:
    start = date(1899, 12, 30)
    counted = [[(cell - start).days if isinstance(cell, date) else cell for cell in row] for row in ROWS]
    drafted = begun(tmp_path, workbook(tmp_path, {"Deals": [HEADERS, *counted]}))
    assert right(values(drafted, tmp_path))


def as_text(rows: Rows) -> list[str]:
    return [",".join(map(str, row)) for row in rows]


@pytest.mark.parametrize("above", ["Deals of the East\n", "Deals of the East\nas of,2026-11-01\n\n", "\n\n"])
def test_headers_of_a_text_may_stand_below_a_title(tmp_path: Path, above: str) -> None:
    drafted = begun(tmp_path, {"deals.csv": above + lines(*as_text([HEADERS, *ROWS]))})
    assert right(values(drafted, tmp_path))


def test_what_stands_below_the_rows_of_a_report_is_no_row(tmp_path: Path) -> None:
    footer = [
        "",
        '"Grand Totals (9 records)"',
        '"Copyright (c) 2000-2026 salesforce.com, inc."',
        '"Tarnfield Software"',
    ]
    drafted = begun(tmp_path, {"deals.csv": lines(*as_text([HEADERS, *ROWS]), *footer)})
    assert drafted.draft.tables[0].rows == 9
    assert right(values(drafted, tmp_path))


def test_headers_that_stand_twice_are_passed_over(tmp_path: Path) -> None:
    rows = [[*row, "x", "y"] for row in ROWS]
    drafted = begun(tmp_path, {"deals.csv": lines(*as_text([[*HEADERS, "Company", "Company"], *rows]))})
    assert right(values(drafted, tmp_path))


# ---- files that share rows


def snapshot(stage: str, *ids: str) -> str:
    rows = [f"{each},Ann,{stage},100,2026-09-01,2026-10-05" for each in ids]
    return lines("Deal ID,Owner,Stage,Amount,Created Date,Close Date", *rows)


def test_of_two_snapshots_the_newer_counts(tmp_path: Path) -> None:
    old, new = snapshot("Open", *"abcd"), snapshot("Won", *"abc")
    drafted = begun(tmp_path, {"deals-2026-10-01.csv": old, "deals-2026-11-01.csv": new})
    assert values(drafted, tmp_path)["won_deals"] == 3
    (said,) = [each for each in drafted.draft.left_out if "deals-2026-10-01.csv" in each.partition(":")[0]]
    assert "3 of its 4 rows have an id that exports/deals-2026-11-01.csv has too, which is newer" in said
    assert "1 of its ids is in no other file and not counted" in said


def test_the_dates_in_a_snapshot_say_how_new_it_is(tmp_path: Path) -> None:
    """Even where the names of the files say the contrary."""
    old, new = snapshot("Open", *"abcd"), snapshot("Won", *"abc") + "e,Ann,Won,100,2026-09-20,2026-10-05\n"
    drafted = begun(tmp_path, {"2026-11-01.csv": old, "2026-10-01.csv": new})
    assert values(drafted, tmp_path)["won_deals"] == 4


def test_without_any_date_the_file_that_was_saved_last_counts(tmp_path: Path) -> None:
    begun(tmp_path, {"z.csv": snapshot("Open", *"abcd"), "a.csv": snapshot("Won", *"abcd")})
    os.utime(tmp_path / "exports" / "z.csv", (1_700_000_000, 1_700_000_000))
    drafted = begun(tmp_path, {})
    assert values(drafted, tmp_path)["won_deals"] == 4


# ---- ids that stand twice


def test_ids_that_stand_twice_are_told_with_what_follows(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": snapshot("Won", *"abcdefgha")})
    assert values(drafted, tmp_path)["won_deals"] == 9
    (told,) = drafted.draft.tables[0].guesses
    assert told == (
        "'Deal ID' isn't the key: 1 id stands in more than one row ('a'), and each of these rows counts: "
        "mend the export, then write `key: id` here"
    )
    assert "# guess: 'Deal ID' isn't the key" in drafted.text


def test_of_rows_with_one_id_the_version_that_was_modified_last_counts(tmp_path: Path) -> None:
    header, *rows = snapshot("Won", *"abcdefgha").splitlines()
    dated = [f"{row},2026-10-{day:02d}" for day, row in enumerate(rows, 10)]
    drafted = begun(tmp_path, {"deals.csv": lines(f"{header},Last Modified", *dated)})
    assert "keep: latest by modified_date" in drafted.text
    assert values(drafted, tmp_path)["won_deals"] == 8


# ---- files of one table, written in two ways

WRITTEN = {
    "ISO": ("2026-03-{day}", "{many}.50", 1, 0.5),
    "times": ("2026-03-{day}T09:30:00+00:00", "${many}.50", 1, 0.5),
    "German": ("{day}.03.2026", "{many},50", 1, 0.5),
    "American": ("3/{day}/26", "${many},000.50", 1_000, 0.5),
    "American, round": ("3/{day}/2026", "{many},000", 1_000, 0),
    "words": ("{day} Mar, 2026 09:30:00", "{many},50", 1, 0.5),
}
"""How days and amounts are written, and what an amount is then: so many times this, and that."""


def in_the_manner_of(way: str, ids: str) -> str:
    day, amount, _, _ = WRITTEN[way]
    rows = [
        f'{each};Won;"{amount.format(many=at)}";{day.format(day=at)}'
        for each, at in zip(ids, range(14, 30), strict=False)
    ]
    return lines("Deal ID;Stage;Amount;Close Date", *rows)


@pytest.mark.parametrize(("many", "few"), [*pairwise([*WRITTEN, "ISO"]), *pairwise(["ISO", *reversed(WRITTEN)])])
def test_files_of_one_table_may_be_written_in_any_two_ways(tmp_path: Path, many: str, few: str) -> None:
    """What the table declares for the larger file is nothing that the smaller one has, and the other way round."""
    files = {"a.csv": in_the_manner_of(many, "abcdefghi"), "b.csv": in_the_manner_of(few, "klm")}
    found = values(begun(tmp_path, files), tmp_path, "2026-03")
    assert found["won_deals"] == 12
    (_, _, times, more), (_, _, few_times, few_more) = WRITTEN[many], WRITTEN[few]
    expected = sum(at * times + more for at in range(14, 23)) + sum(at * few_times + few_more for at in range(14, 17))
    assert found["won_revenue"] == expected


def test_a_workbook_and_a_text_are_one_table(tmp_path: Path) -> None:
    rows: Rows = [[f"Y-{at}", "Won", at, date(2026, 3, at)] for at in (14, 15)]
    book = workbook(tmp_path, {"Deals": [["Deal ID", "Stage", "Amount", "Close Date"], *rows]})
    files: dict[str, str | bytes] = {"a.csv": in_the_manner_of("German", "abcdefghi"), **book}
    assert values(begun(tmp_path, files), tmp_path, "2026-03")["won_deals"] == 11


def test_what_stands_for_nothing_in_one_file_does_in_all(tmp_path: Path) -> None:
    rows = [f"{at},Won,{at if at % 2 else '-'},2026-03-14" for at in range(1, 9)]
    others = [f"{at},Won,{at if at % 2 else 'N/A'},2026-03-14" for at in range(11, 15)]
    header = "Deal ID,Stage,Amount,Close Date"
    drafted = begun(tmp_path, {"a.csv": lines(header, *rows), "b.csv": lines(header, *others)})
    assert values(drafted, tmp_path)["won_revenue"] == 1 + 3 + 5 + 7 + 11 + 13


# ---- files beside them


def test_a_file_that_may_be_an_export_and_can_not_be_read_is_told(tmp_path: Path) -> None:
    files = {"deals.csv": snapshot("Won", *"abcd"), "leads.xls": "x", "WE_1.ZIP": "x", "readme.md": "x"}
    assert begun(tmp_path, files).draft.left_out == (
        "exports/WE_1.ZIP: it is an archive: unpack it",
        "exports/leads.xls: it is a workbook of another kind: save it as .xlsx",
    )


def test_a_folder_of_such_files_alone_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KpiError, match=r"exports/export\.zip: it is an archive: unpack it"):
        begun(tmp_path, {"export.zip": "x"})
