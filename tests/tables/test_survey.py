"""What a file holds that no book declares: by all of its cells, not by a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpicli.errors import KpiError
from kpicli.tables.files import DataFile
from kpicli.tables.survey import Profile, Survey, survey
from kpicli.tables.written_dates import DayOrder


def surveyed(folder: Path, text: str, name: str = "deals.csv") -> Survey:
    (folder / name).write_text(text, encoding="utf-8")
    (found,) = survey(DataFile(name, folder / name))
    return found


def column(found: Survey, header: str) -> Profile:
    return next(each for each in found.columns if each.header == header)


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def test_a_profile_counts_what_is_filled_and_lists_few_values(tmp_path: Path) -> None:
    found = surveyed(tmp_path, lines("Id,Stage", "1,Won", "2,Lost", "3,Won", "4,", "5,null"))
    stage = column(found, "Stage")
    assert (stage.rows, stage.filled, stage.distinct) == (5, 3, 2)
    assert stage.values == (("Won", 2), ("Lost", 1))
    assert stage.nulls == ("null",)
    assert found.is_key(column(found, "Id"))
    assert not found.is_key(stage)


def test_marks_of_nothing_amid_numbers_and_dates_are_texts_elsewhere(tmp_path: Path) -> None:
    rows = ["1,NA,NA,NA", "2,EMEA,5,2026-10-09", "3,NA,n.a.,0000-00-00", "4,EMEA,7,2026-10-10"]
    found = surveyed(tmp_path, lines("Id,Region,Amount,Closed", *rows))
    region, amount, closed = (column(found, header) for header in ("Region", "Amount", "Closed"))
    assert (region.filled, region.nulls) == (4, ())
    assert (amount.filled, amount.nulls) == (2, ("NA", "n.a."))
    assert (closed.filled, closed.nulls) == (2, ("0000-00-00", "NA"))
    assert [each.fit for each in (amount.numbers, closed.dates) if each is not None] == [2, 2]


def test_one_late_value_decides_the_order_of_day_and_month(tmp_path: Path) -> None:
    rows = [f"D-{at},03/04/2026" for at in range(5_000)]
    found = surveyed(tmp_path, lines("Id,Closed", *rows))
    dates = column(found, "Closed").dates
    assert dates is not None
    assert dates.is_open
    found = surveyed(tmp_path, lines("Id,Closed", *rows, "D-5000,13/04/2026"))
    dates = column(found, "Closed").dates
    assert dates is not None
    assert dates.order is DayOrder.DAY_FIRST


def test_a_column_that_begins_blank_is_known_by_its_later_cells(tmp_path: Path) -> None:
    rows = [f"D-{at}," for at in range(1_000)]
    found = surveyed(tmp_path, lines("Id,Closed", *rows, "D-1000,2026-10-01"))
    dates = column(found, "Closed").dates
    assert dates is not None
    assert (dates.fit, dates.formats(None)) == (1, ())


@pytest.mark.parametrize(
    ("cells", "decimal", "fit", "is_open", "signs"),
    [
        (["1200", "-3.5"], ".", 2, False, ()),
        (["$1,200.00", "$ 3.50"], ".", 2, False, ("$",)),
        (["€ 2.900,00", "1.250,50 €"], ",", 2, False, ("€",)),
        (["1.250", "12.500", "980"], ",", 3, True, ()),
        (["1,250", "12,500", "980"], ".", 3, True, ()),
        (["1.250", "0.5"], ".", 2, False, ()),
        (["$342.09K", "$1,117.10K"], ".", 2, False, ("$",)),
        (["100", "n.n.", "200"], ".", 2, False, ()),
    ],
)
def test_numbers_tell_their_decimal_sign(
    tmp_path: Path, cells: list[str], decimal: str, fit: int, is_open: bool, signs: tuple[str, ...]
) -> None:
    found = surveyed(tmp_path, lines("Id\tAmount", *(f"{at}\t{cell}" for at, cell in enumerate(cells))), "deals.tsv")
    numbers = column(found, "Amount").numbers
    assert numbers is not None
    assert (numbers.decimal, numbers.fit, numbers.is_open, numbers.signs) == (decimal, fit, is_open, signs)


def test_percentages_are_told_by_their_sign(tmp_path: Path) -> None:
    numbers = column(surveyed(tmp_path, lines("Id,Chance", "1,40%", "2,12.5 %")), "Chance").numbers
    assert numbers is not None
    assert (numbers.shares, numbers.has_percent) == (2, True)


def test_true_or_false_is_told_by_every_value(tmp_path: Path) -> None:
    found = surveyed(tmp_path, lines("Id,Won,Odd", "1,Yes,Yes", "2,no,maybe"))
    assert column(found, "Won").is_true_or_false
    assert not column(found, "Odd").is_true_or_false


def test_headers_that_stand_twice_are_not_read(tmp_path: Path) -> None:
    found = surveyed(tmp_path, lines("Id,Company,company ,Stage,", "1,a,b,Won,x"))
    assert [each.header for each in found.columns] == ["Id", "Stage"]
    assert found.repeated == ("Company", "company")


def test_long_notes_are_not_read(tmp_path: Path) -> None:
    found = surveyed(tmp_path, lines("Id,Notes", f"1,{'They asked for a demo. ' * 9}"))
    assert [each.header for each in found.columns] == ["Id"]


def test_values_that_lead_nowhere_are_counted(tmp_path: Path) -> None:
    deals = surveyed(tmp_path, lines("Id,Product", "1,GTX Pro", "2,GTXPro", "3,GTXPro", "4,"))
    products = surveyed(tmp_path, lines("Product,Price", "GTX Pro,5", "MG,3"), "products.csv")
    own, key = column(deals, "Product"), column(products, "Product")
    misses = deals.misses(own, products, key)
    assert (misses.filled, misses.rows, misses.common) == (3, 2, (("GTXPro", 2),))
    assert deals.shared(own, products, key) == 1


def test_a_file_that_can_not_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(KpiError) as caught:
        surveyed(tmp_path, 'Id,Name\n1,"open\n')
    assert caught.value.code == "open-quote"
