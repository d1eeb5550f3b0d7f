"""Ways in which reading an export could give a wrong number without an error.

Each was seen in real files or in what Polars does with them by itself; here each is read right, noted, or refused.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.tables.reading import NEW_YORK, column, read, read_table, refusal, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.scorecard import Example, Note
from kpicli.tables.instants import ORDER

AMOUNT = {"amount": column("Amount", "money")}
CLOSED = {"closed": column("Closed", "date")}


def code(shown: str) -> str:
    return shown.partition("]")[0].removeprefix("error[")


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ("Id,Amount\n1,5\n2\n3,7\n", "short-row"),
        ("Id,Amount\n1,5\n2,6", None),
        ("Id,Amount\n1,5\n2", "short-row"),
        ("Id,Amount\n1,1,000\n", "long-row"),
        ('Id,Amount\n1,5\n"2,6\n', "open-quote"),
        ("Id,Amount\n1,5\n\0\0,6\n", "control-character"),
        ("Id,Amount\n1,5\n\x1a2,6\n", "control-character"),
        ("Id,Amount,Amount\n1,5,6\n", "duplicate-header"),
        ("Id;Amount\n1;5\n", "wrong-delimiter"),
        ("Id,Amount\nGrand Totals (3 records)\n1,5\n", "short-row"),
        ("Id,Amount\n1,5\nAcme Inc.\n", "short-row"),
        ("Id,Amount\n1,5\n".encode("utf-16-le"), "wrong-encoding"),
        ("Id,Amount\n1,€5\n".encode("cp1252"), "wrong-encoding"),
        (b"", "empty-file"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: str | bytes, trouble: str | None) -> None:
    """Polars fills short rows, takes control characters, renames headers, reads UTF-16 as signs of all kinds."""
    if trouble is None:
        assert read(tmp_path, content, AMOUNT)["amount"] == [5, 6]
    else:
        assert code(refusal(tmp_path, content, AMOUNT)) == trouble


@pytest.mark.parametrize(
    "content",
    [
        'Id,Amount\n1,5\n2" pipe,6\n3,7\n4" pipe,8\n',
        "Id,Amount\r1,5\r2,6\r3,7\r4,8",
        'Id,Amount\n1,5\n\n2,6\n,\n"3\n\n",7\n4,8\n\n',
        "Id,Amount\n1,5\n2,6\n3,7\n4,8\n".encode("utf-16"),
    ],
    ids=["quotes in bare cells", "lone carriage returns", "blank lines", "UTF-16"],
)
def test_no_record_is_lost_or_made_up(tmp_path: Path, content: str | bytes) -> None:
    found = read(tmp_path, content, AMOUNT)
    assert (found["amount"], found.rows) == ([5, 6, 7, 8], 4)


def test_every_row_is_checked_however_far_down(tmp_path: Path) -> None:
    """A wrong line in the last of many chunks that are read in parallel."""
    content = "Id,Amount\n" + f"{'x' * 500},5\n" * 20_000 + "2\n3,4\n"
    shown = refusal(tmp_path, content, AMOUNT)
    assert shown.startswith("error[short-row]: 'deals.csv': row 20002 has 1 cell where the header has 2\n")


def test_ids_stay_what_they_are(tmp_path: Path) -> None:
    """Inference makes 00123 a number, and two ids of 19 digits one float."""
    ids = ["00123", "0123", "5000000000262376123", "5000000000262376124", "1E5", "100000", "TRUE"]
    assert read(tmp_path, "Id\n" + "\n".join(ids) + "\n", {"id": column("Id")})["id"] == ids


def test_ids_that_were_saved_as_floats_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"Id": [5000000000262376123.0]}).write_parquet(tmp_path / "deals.parquet")
    table = Table(source=(SourceFile(path="deals.parquet"),), columns={"id": column("Id")})
    with pytest.raises(KpiError, match="stores 'Id' as Float64, which is no text"):
        read_table(tmp_path, table)


def test_a_day_is_never_taken_for_a_month(tmp_path: Path) -> None:
    shown = refusal(tmp_path, "Closed,\n01/02/2024,\n", CLOSED)
    assert code(shown) == "invalid-date"
    assert shown.endswith('fits "%m/%d/%Y" or "%d/%m/%Y": find out which is meant and declare it as `format`')


@pytest.mark.parametrize(
    ("shape", "cell"),
    [("%m/%d/%Y", "02/24/26"), ("%Y%m%d", "2026111"), ("%d%m%Y", "1112026"), ("%d/%m/%Y", "01/02/2026 10:00")],
)
def test_a_date_that_only_nearly_fits_does_not_fit(tmp_path: Path, shape: str, cell: str) -> None:
    """The year 26, a day of one digit, a time that would be cut off."""
    declared = {"closed": column("Closed", "date", format=(shape,))}
    assert code(refusal(tmp_path, f"Closed,\n{cell},\n", declared)) == "invalid-date"


def test_a_mixture_of_shapes_is_noted_cell_by_cell(tmp_path: Path) -> None:
    content = "Closed,\n" + "2026-03-01,\n" * 98 + "03/04/2026,\n15.06.2026,\n"
    found = read(tmp_path, content, CLOSED)
    examples = (Example(100, "03/04/2026"), Example(101, "15.06.2026"))
    assert found.notes == (Note("invalid-date", "closed", 2, examples),)
    assert found["closed"].count(None) == 2


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-01T02:00:00Z", date(2026, 2, 28)),
        ("2026-03-01T02:00:00+0000", date(2026, 2, 28)),
        ("2026-03-01T22:00:00-08:00", date(2026, 3, 2)),
        ("2026-03-01 23:59:59", date(2026, 3, 1)),
        ("2026-03-01", date(2026, 3, 1)),
    ],
)
def test_a_moment_falls_on_the_day_that_the_calendar_shows(tmp_path: Path, cell: str, day: date) -> None:
    """A cast of a zoned timestamp to a date gives the day in UTC."""
    assert read(tmp_path, f"Closed,\n{cell},\n", CLOSED, calendar=NEW_YORK)["closed"] == [day]


def test_a_literal_z_in_a_pattern_is_an_offset(tmp_path: Path) -> None:
    declared = {"closed": column("Closed", "date", format=("%Y-%m-%dT%H:%M:%SZ",))}
    assert read(tmp_path, "Closed,\n2026-03-01T02:00:00Z,\n", declared, calendar=NEW_YORK)["closed"] == [
        date(2026, 2, 28)
    ]


@pytest.mark.parametrize("cell", ["2026-03-08 02:30:00", "2026-03-08T02:30"])
def test_an_hour_that_no_clock_showed_keeps_its_day(tmp_path: Path, cell: str) -> None:
    declared = {"closed": column("Closed", "date", timezone="America/New_York")}
    assert read(tmp_path, f"Closed,\n{cell},\n", declared)["closed"] == [date(2026, 3, 8)]


@pytest.mark.parametrize("cell", ["1,20", "0,123", "1.200,50", "1,2,3", "5MRUB", "5 kg", "12%", "NaN", "inf", "1e40"])
def test_an_amount_is_never_guessed(tmp_path: Path, cell: str) -> None:
    assert code(refusal(tmp_path, f'Id,Amount\n1,"{cell}"\n', AMOUNT)) == "invalid-money"


def test_amounts_are_exact(tmp_path: Path) -> None:
    """A thousand times 0.1 is 100; 2.5e-6 rounds up, as Excel rounds, and only once."""
    cells = ["0.1"] * 1000
    assert sum(read(tmp_path, "Id,Amount\n" + "".join(f"1,{cell}\n" for cell in cells), AMOUNT)["amount"]) == 100
    cells = ["0.0000025", "-0.0000025", "0.00000249999999999999999", "9007199254740993.01"]
    found = read(tmp_path, "Id,Amount\n" + "".join(f"1,{cell}\n" for cell in cells), AMOUNT)["amount"]
    assert found == [Decimal("0.000003"), Decimal("-0.000003"), Decimal("0.000002"), Decimal("9007199254740993.01")]


def test_amounts_of_several_currencies_do_not_pass_in_silence(tmp_path: Path) -> None:
    assert code(refusal(tmp_path, "Id,Amount\n1,$5\n2,€5\n", AMOUNT)) == "mixed-currencies"
    found = read(tmp_path, "Id,Amount\n1,€5\n2,6\n", AMOUNT)
    assert [note.code for note in found.notes] == ["other-currency"]


def test_a_flag_that_can_not_be_read_is_not_false(tmp_path: Path) -> None:
    content = "Won,Id\n" + "1,a\n" * 30 + ",b\n?,c\n"
    found = read(tmp_path, content, {"won": column("Won", "boolean")})
    assert (found["won"][-2:], [note.rows for note in found.notes]) == ([False, None], [1])


def test_markers_of_nothing_are_not_values(tmp_path: Path) -> None:
    declared = {"account": column("AccountId", blank=("000000000000000AAA", "-"))}
    assert read(tmp_path, "AccountId,\n000000000000000AAA,\n-,\n\u00a0,b\na,\n", declared)["account"] == [
        *(None, None, None, "a"),
    ]


def test_blank_tail_rows_of_a_spreadsheet_are_not_counted(tmp_path: Path) -> None:
    assert read(tmp_path, "Id,Amount\n1,5\n" + ",\n" * 300, AMOUNT).rows == 1


def test_a_path_is_read_and_nothing_like_it(tmp_path: Path) -> None:
    write(tmp_path, {"a[1].csv": "Amount,\n5,\n", "a1.csv": "Amount,\n6,\n"})
    assert read_table(tmp_path, Table(source=(SourceFile(path="a[1].csv"),), columns=AMOUNT))["amount"] == [5]


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_no_file_counts_twice(tmp_path: Path, link: str) -> None:
    content = "Amount,\n5,\n"
    write(tmp_path, {"deals.csv": content})
    getattr(tmp_path / "link.csv", link)(tmp_path / "deals.csv")
    table = Table(source=(SourceFile(path="deals.csv"), SourceFile(path="l*.csv")), columns=AMOUNT)
    with pytest.raises(KpiError, match="its rows would count twice"):
        read_table(tmp_path, table)


def test_a_source_that_does_not_fit_can_not_hide_behind_another(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "Closed,\n" + "2026-03-01,\n" * 1000, "b.csv": "Closed,\n01.03.2026,\n"})
    table = Table(source=(SourceFile(path="a.csv"), SourceFile(path="b.csv")), columns=CLOSED)
    with pytest.raises(KpiError, match="1 of 1 filled cells of closed"):
        read_table(tmp_path, table)


def test_the_latest_of_two_versions_is_told_by_the_pattern_that_gave_its_day(tmp_path: Path) -> None:
    """`%Y-%m-%d` takes 05-03-26 for a day in the year 5, which no column has."""
    declared = {"id": column("Id"), "changed": column("Changed", "date", format=("%Y-%m-%d", "%d-%m-%y"))}
    write(tmp_path, {"a.csv": "Id,Changed\n1,2026-03-01\n1,05-03-26\n"})
    found = read_table(
        tmp_path, Table(source=(SourceFile(path="a.csv"),), columns=declared, key=("id",), keep="changed")
    )
    assert [moment.date() for moment in found[ORDER]] == found["changed"] == [date(2026, 3, 1), date(2026, 3, 5)]
