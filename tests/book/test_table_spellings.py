"""Every spelling of a table ends in the same shape of the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.book.books import book

from kpicli.book.model import (
    Column,
    ColumnType,
    IdKind,
    Lifespan,
    Lookup,
    SourceFile,
    Table,
)
from kpicli.book.texts import CsvSpec


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(text: str) -> Table:
    """The table that lines of YAML declare."""
    return book("tables:\n  t:\n" + "".join(f"    {line}\n" for line in text.splitlines())).tables["t"]


@pytest.mark.parametrize("column", ["Id", "{header: Id}", "{header: Id, type: text}", "{header: Id, format: }"])
def test_column_is_a_header_or_a_mapping(column: str) -> None:
    (declared,) = table(f"source: t.csv\ncolumns: {{id: {column}}}").columns.values()
    assert declared == Column(headers=("Id",))


@pytest.mark.parametrize("column", ["", "{}", "{type: text}"])
def test_header_is_the_name_where_it_is_left_out(column: str) -> None:
    assert table(f"source: t.csv\ncolumns: {{id: {column}}}").columns == {"id": Column(headers=("id",))}


def test_column_holds_what_is_declared() -> None:
    columns = table(
        "source: t.csv\n"
        "columns:\n"
        '  closed: {header: Close Date, type: date, format: "%m/%d/%y", timezone: America/New_York}\n'
        '  created: {header: Created, type: date, format: ["%d.%m.%Y", "%F"], blank: [N/A, 0, 2026-01-01, ""]}\n'
        '  won: {header: Won, type: boolean, empty: unknown, blank: "-"}\n'
        "  lost: {header: Lost, type: boolean, empty: true}\n"
        "  amount: {header: Amount, type: money, decimal: ','}\n"
        "  account: {header: AccountId, id: salesforce}\n"
        "  deals: {id: zoho, separator: ' ; '}\n"
        '  lines: {separator: "\\n"}\n'
    ).columns
    date_type, flag = ColumnType.DATE, ColumnType.BOOLEAN
    blanks = ("N/A", "0", "2026-01-01", "")
    assert columns == {
        "closed": Column(headers=("Close Date",), type=date_type, format=("%m/%d/%y",), timezone="America/New_York"),
        "created": Column(headers=("Created",), type=date_type, format=("%d.%m.%Y", "%F"), blank=blanks),
        "won": Column(headers=("Won",), type=flag, empty=None, blank=("-",)),
        "lost": Column(headers=("Lost",), type=flag, empty=True),
        "amount": Column(headers=("Amount",), type=ColumnType.MONEY, decimal=","),
        "account": Column(headers=("AccountId",), id=IdKind.SALESFORCE),
        "deals": Column(headers=("deals",), id=IdKind.ZOHO, separator=";"),
        "lines": Column(headers=("lines",), separator="\n"),
    }


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("a.csv", (SourceFile(path="a.csv"),)),
        ("[a.csv]", (SourceFile(path="a.csv"),)),
        ("{path: a.csv}", (SourceFile(path="a.csv"),)),
        ("[a.csv, {path: b.csv}]", (SourceFile(path="a.csv"), SourceFile(path="b.csv"))),
        ("[2026, C:\\x.csv]", (SourceFile(path="2026"), SourceFile(path="C:\\x.csv"))),
        (
            '{path: a.csv, encoding: latin-1, delimiter: ";"}',
            (SourceFile(path="a.csv", encoding="latin-1", delimiter=";"),),
        ),
        ("{path: a.csv, columns: {id: Key}}", (SourceFile(path="a.csv", columns={"id": Column(headers=("Key",))}),)),
    ],
)
def test_source_is_a_path_a_mapping_or_a_list_of_both(source: str, files: tuple[SourceFile, ...]) -> None:
    assert table(f"source: {source}\ncolumns: {{id: Id}}").source == files


def test_column_of_a_file_inherits_what_it_leaves_out_from_the_table() -> None:
    declared = table(
        "source:\n"
        "  - a.csv\n"
        "  - {path: b.csv, columns: {amount: Betrag, day: {format: '%d.%m.%Y'}, extra: }}\n"
        "columns:\n"
        "  amount: {header: Amount, type: money, decimal: ','}\n"
        "  day: {header: Day, type: date}\n"
    )
    assert declared.source[0].columns == {}
    assert declared.source[1].columns == {
        "amount": Column(headers=("Betrag",), type=ColumnType.MONEY, decimal=","),
        "day": Column(headers=("Day",), type=ColumnType.DATE, format=("%d.%m.%Y",)),
        "extra": Column(headers=("extra",)),
    }
    assert declared.column_types() == {
        "amount": ColumnType.MONEY,
        "day": ColumnType.DATE,
        "extra": ColumnType.TEXT,
    }


@pytest.mark.parametrize(
    ("delimiter", "character"), [("';'", ";"), ("tab", "\t"), (r"\t", "\t"), (r'"\t"', "\t"), ("'|'", "|")]
)
def test_delimiter_is_one_character(delimiter: str, character: str) -> None:
    assert table(f"source: t.csv\ncolumns: {{id: Id}}\ndelimiter: {delimiter}").delimiter == character


def test_delimiter_and_encoding_may_stand_in_one_mapping() -> None:
    declared = table(
        "source:\n"
        "  - {path: a.csv, csv: {delimiter: tab}, encoding: latin-1}\n"
        "columns: {id: Id}\n"
        "csv: {delimiter: ';', encoding: utf-16}\n"
    )
    assert declared.csv == CsvSpec(delimiter=";", encoding="utf-16")
    assert declared.source == (SourceFile(path="a.csv", csv=CsvSpec(delimiter="\t"), encoding="latin-1"),)


@pytest.mark.parametrize(
    ("footer", "texts"),
    [
        ("Total", ("Total",)),
        ("[Total, 'Stand: *', 2026]", ("Total", "Stand: *", "2026")),
        ("none", "none"),
        ("[none]", ("none",)),
        ("", None),
    ],
)
def test_footer_is_a_text_a_list_or_none(footer: str, texts: object) -> None:
    assert table(f"source: t.csv\ncolumns: {{id: Id}}\nfooter: {footer}").footer == texts


@pytest.mark.parametrize(("key", "columns"), [("id", ("id",)), ("[id]", ("id",)), ("[id, month]", ("id", "month"))])
def test_key_is_a_column_or_a_list(key: str, columns: tuple[str, ...]) -> None:
    declared = table(
        f"source: t.csv\ncolumns: {{id: , month: }}\nkey: {key}\nlookups: {{up: {{table: t, column: {key}}}}}"
    )
    assert declared.key == columns
    assert declared.lookups == {"up": Lookup(table="t", column=columns)}


def test_rest_of_a_table() -> None:
    declared = table(
        "source: t.csv\n"
        "columns: {id: Id, day: {header: Day, type: date}}\n"
        "key: id\n"
        "keep: latest  by day\n"
        "date: day\n"
        "covers: month\n"
        "where: not deleted\n"
        "fields: {one: 1, always: true}\n"
        "lifespan: {from: day, until: closed}\n"
        "encoding: cp1252\n"
    )
    assert declared == Table(
        source=(SourceFile(path="t.csv"),),
        columns={"id": Column(headers=("Id",)), "day": Column(headers=("Day",), type=ColumnType.DATE)},
        key=("id",),
        keep="day",
        date="day",
        covers="month",
        where="not deleted",
        fields={"one": "1", "always": "true"},
        lifespan=Lifespan(from_="day", until="closed"),
        encoding="cp1252",
    )
