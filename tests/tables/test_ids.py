"""Ids that are written in several ways, and cells that hold several values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tables.reading import column, read, read_table

from kpicli.book.model import IdKind, SourceFile, Table
from kpicli.scorecard import Example, Note
from kpicli.tables.ids import first_value, has_several, short_id, short_text


def ids(folder: Path, cells: list[str | None], kind: str, **declared: Any) -> list[str | None]:
    content = "Id,\n" + "".join(f"{cell or ''},\n" for cell in cells)
    return read(folder, content, {"id": column("Id", id=IdKind(kind), **declared)})["id"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0065g00000AbCdE", "0065g00000AbCdE"),
        ("0065g00000AbCdEAAX", "0065g00000AbCdE"),
        (" 0065g00000AbCdEAAX\u00a0", "0065g00000AbCdE"),
        ("0065g00000abcdeAAA", "0065g00000abcde"),
        ("000000000000000AAA", None),
        ("000000000000000", None),
        ("", None),
        ("0065g00000AbCdEAA", "0065g00000AbCdEAA"),
        ("0065g00000AbCdEAAXQ", "0065g00000AbCdEAAXQ"),
        ("ACCOUNT-0000000001", "ACCOUNT-0000000001"),
        ("0065g00000AbCdEaax", "0065g00000AbCdEaax"),
        ("0065g00000AbCdé12", "0065g00000AbCdé12"),
        ("0", "0"),
    ],
)
def test_ids_of_salesforce(tmp_path: Path, cell: str, value: str | None) -> None:
    assert ids(tmp_path, [cell], "salesforce") == ([] if cell == "" else [value])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("zcrm_5000000000262376123", "5000000000262376123"),
        ("5000000000262376123", "5000000000262376123"),
        (" zcrm_1 ", "1"),
        ("ZCRM_1", "ZCRM_1"),
        ("0", None),
        ("zcrm_0", None),
        ("00", "00"),
    ],
)
def test_ids_of_zoho(tmp_path: Path, cell: str, value: str | None) -> None:
    assert ids(tmp_path, [cell], "zoho") == [value]


def test_what_is_blank_may_be_listed_in_either_form(tmp_path: Path) -> None:
    long, short = "0065g00000AbCdEAAX", "0065g00000AbCdE"
    assert ids(tmp_path, [long, short, "-"], "salesforce", blank=(long, " - ")) == [None, None, None]
    assert ids(tmp_path, [long, short, "x"], "salesforce", blank=(short,)) == [None, None, "x"]
    assert ids(tmp_path, ["zcrm_7", "7", "8"], "zoho", blank=("zcrm_7",)) == [None, None, "8"]


def test_a_text_without_a_declared_kind_stays_as_it_is(tmp_path: Path) -> None:
    cells = ["0065g00000AbCdEAAX", "zcrm_1", "000000000000000AAA", "0", "a;b"]
    assert read(tmp_path, "Id\n" + "\n".join(cells) + "\n", {"id": column("Id")})["id"] == cells


@given(st.lists(st.text("0Aaz5é_zcrm", max_size=20)), st.sampled_from(IdKind))
def test_one_text_and_a_column_of_them_are_read_alike(cells: list[str], kind: IdKind) -> None:
    frame = pl.DataFrame({"cell": cells}, schema={"cell": pl.String})
    found = frame.select(short_id(pl.col("cell"), kind)).to_series().to_list()
    assert found == [short_text(cell, kind) for cell in cells]


SEVERAL = {"deal": column("Deals", separator=";")}


@pytest.mark.parametrize(
    ("cell", "value", "is_noted"),
    [
        ("1", "1", False),
        ("1;2", "1", True),
        (" 1 ; 2 ;3", "1", True),
        ("1;", "1", False),
        (";1", "1", False),
        (" ; ;1; ", "1", False),
        ("1;1", "1", False),
        ("1; 1;2", "1", True),
        (";", None, False),
        (" ;; ", None, False),
        ("a\nb;c", "a\nb", True),
    ],
)
def test_the_first_of_several_values_counts(tmp_path: Path, cell: str, value: str | None, is_noted: object) -> None:
    found = read(tmp_path, f'Id,Deals\n1,"{cell}"\n', SEVERAL)
    assert (found["deal"], [note.code for note in found.notes]) == ([value], ["several-values"] * bool(is_noted))


def test_rows_with_several_values_are_noted_however_many_they_are(tmp_path: Path) -> None:
    """They are no mistake of the declaration."""
    found = read(tmp_path, "Id,Deals\n1,a;b\n2,c;d\n3,e\n4,\n", SEVERAL)
    assert found["deal"] == ["a", "c", "e", None]
    assert found.notes == (Note("several-values", "deal", 2, (Example(2, "a;b"), Example(3, "c;d"))),)


@pytest.mark.parametrize(
    ("separator", "cell"), [("|", "a|b"), (".", "a.b"), ("::", "a :: b"), ("\n", "a\nb"), (" ", "a b"), ("\\", "a\\b")]
)
def test_any_text_can_separate_values(tmp_path: Path, separator: str, cell: str) -> None:
    found = read(tmp_path, f'Id,Deals\n1,"{cell}"\n', {"deal": column("Deals", separator=separator)})
    assert (found["deal"], found.notes[0].rows) == (["a"], 1)


def test_the_first_value_is_an_id_in_its_short_form(tmp_path: Path) -> None:
    declared = {"deal": column("Deals", separator=";", id=IdKind.ZOHO, blank=("none",))}
    found = read(tmp_path, "Id,Deals\n1,zcrm_7; zcrm_8\n2,zcrm_9\n3,0\n4,0;5\n5,none\n6, none\n", declared)
    assert found["deal"] == ["7", "9", None, None, None, None]
    assert [(note.code, note.rows) for note in found.notes] == [("several-values", 2)]


@given(st.text("a; b", max_size=8))
def test_the_first_value_is_what_plain_python_takes(cell: str) -> None:
    values = [value.strip() for value in cell.split(";") if value.strip()]
    frame = pl.DataFrame({"cell": [cell.strip()]})
    first, several = frame.select(
        first_value(pl.col("cell"), ";").alias("first"), several=has_several(pl.col("cell"), ";")
    ).row(0)
    assert (first, several) == (values[0] if values else "", len(set(values)) > 1)


def test_ids_and_several_values_are_read_from_parquet_too(tmp_path: Path) -> None:
    pl.DataFrame({"Id": ["0065g00000AbCdEAAX"], "Deals": ["1; 2"], "No": [0]}).write_parquet(tmp_path / "a.parquet")
    columns = {
        "id": column("Id", id=IdKind.SALESFORCE),
        "deal": column("Deals", separator=";"),
        "no": column("No", id=IdKind.ZOHO),
    }
    found = read_table(tmp_path, Table(source=(SourceFile(path="a.parquet"),), columns=columns))
    assert (found["id"], found["deal"], found["no"]) == (["0065g00000AbCdE"], ["1"], [None])
    assert [note.code for note in found.notes] == ["several-values"]
