"""Data notes, and the error where too many cells don't fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tables.reading import column, read, read_table, refusal, write

from kpicli.book.model import SourceFile, Table
from kpicli.errors import KpiError
from kpicli.scorecard import Example, Note

DATE = {"date": column("Date", "date")}


def dates(*cells: str) -> str:
    return "Date,Name\n" + "".join(f'"{cell}",x\n' for cell in cells)


def test_cells_that_fit_need_no_note(tmp_path: Path) -> None:
    found = read(tmp_path, dates("2026-03-01", ""), DATE)
    assert (found.rows, found.notes) == (2, ())


def test_cells_that_do_not_fit_are_counted_and_the_first_five_shown(tmp_path: Path) -> None:
    cells = ["2026-03-01"] * 200
    for at in (150, 3, 20, 40, 60, 80, 100):
        cells[at] = f"bad {at}"
    found = read(tmp_path, dates(*cells), DATE)
    examples = tuple(Example(at + 2, f"bad {at}") for at in (3, 20, 40, 60, 80))
    assert found.notes == (Note("invalid-date", "date", 7, examples),)
    assert found["date"].count(None) == 7


def test_each_type_has_its_own_code(tmp_path: Path) -> None:
    content = "x\n?\n" + "1\n" * 99
    for kind in ("number", "money", "percent", "boolean"):
        found = read(tmp_path, content, {"x": column("x", kind)})
        assert found.notes == (Note(f"invalid-{kind}", "x", 1, (Example(2, "?"),)),)


def test_a_shown_value_is_cut_at_80_characters(tmp_path: Path) -> None:
    found = read(tmp_path, dates("x" * 100, "y" * 80, *["2026-03-01"] * 98), DATE)
    assert [example.value for example in found.notes[0].examples] == ["x" * 79 + "…", "y" * 80]


def test_the_row_of_an_example_is_what_a_spreadsheet_shows(tmp_path: Path) -> None:
    content = 'Date,Name\n\n2026-03-01,"two\nlines"\n,\nn/a,x\n' + "2026-03-01,x\n" * 98
    assert read(tmp_path, content, DATE).notes[0].examples == (Example(5, "n/a"),)


def test_examples_name_their_file_where_there_are_several(tmp_path: Path) -> None:
    good = dates(*["2026-03-01"] * 50)
    write(tmp_path, {"a.csv": good, "b.csv": good + "n/a,x\n", "c.csv": good + "?,x\n"})
    found = read_table(tmp_path, Table(source=(SourceFile(path="*.csv"),), columns=DATE))
    examples = (Example(52, "n/a", "b.csv"), Example(52, "?", "c.csv"))
    assert found.notes == (Note("invalid-date", "date", 2, examples),)


def test_five_percent_may_not_fit_and_no_more(tmp_path: Path) -> None:
    good = ["2026-03-01"] * 19
    assert read(tmp_path, dates("n/a", *good, "", ""), DATE).notes[0].rows == 1
    assert refusal(tmp_path, dates("n/a", *good[1:], "", ""), DATE) == (
        "error[invalid-date]: table deals: "
        "1 of 19 filled cells of date ('Date' in 'deals.csv') doesn't fit `type: date`: 'n/a' in row 2\n"
        "  deals.csv:2:1\n"
        '  2 | "n/a",x\n'
        "    | ^^^^^\n"
        'help: mend the cell in the export, or if it means nothing, declare `blank: ["n/a"]`; '
        "a further shape of dates is declared as a strptime pattern in `format`"
    )


def test_one_bad_cell_alone_is_more_than_five_percent(tmp_path: Path) -> None:
    assert refusal(tmp_path, dates("n/a"), DATE).startswith("error[invalid-date]: table deals: 1 of 1 filled cells")


def test_a_source_is_judged_alone(tmp_path: Path) -> None:
    """A small export with a wrong declaration must not hide behind a large one."""
    write(tmp_path, {"a.csv": dates(*["2026-03-01"] * 500), "b.csv": dates(*["01.03.2026"] * 3)})
    table = Table(source=(SourceFile(path="a.csv"), SourceFile(path="b.csv")), columns=DATE)
    with pytest.raises(KpiError) as raised:
        read_table(tmp_path, table)
    assert raised.value.message == (
        "table deals: 3 of 3 filled cells of date ('Date' in 'b.csv') don't fit `type: date`: "
        "'01.03.2026' in row 2, '01.03.2026' in row 3, '01.03.2026' in row 4"
    )


def test_several_files_are_said_to_be_several(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": dates("01.03.2026"), "b.csv": dates("02.03.2026")})
    with pytest.raises(KpiError) as raised:
        read_table(tmp_path, Table(source=(SourceFile(path="?.csv"),), columns=DATE))
    assert raised.value.message == (
        "table deals: 2 of 2 filled cells of date ('Date' in 'a.csv' and other files) don't fit `type: date`: "
        "'01.03.2026' in row 2"
    )


def test_all_columns_that_do_not_fit_are_told_at_once(tmp_path: Path) -> None:
    shown = refusal(tmp_path, "a,b\nx,y\n", {"a": column("a", "date"), "b": column("b", "money")})
    assert [line.split(":")[0] for line in shown.splitlines() if line.startswith("error")] == [
        "error[invalid-date]",
        "error[invalid-money]",
    ]


def test_the_place_of_a_misfit_is_its_cell(tmp_path: Path) -> None:
    shown = refusal(tmp_path, 'Name,Date\n"a,\nb","n/a"\n"a ""b""",?\n', DATE).splitlines()
    assert shown[1:4] == ["  deals.csv:2:1", '  2 | "a,', "    | ^^^"]
    shown = refusal(tmp_path, 'Name,Date\n"a ""b"", c",?\n', DATE).splitlines()
    assert shown[1:4] == ["  deals.csv:2:14", '  2 | "a ""b"", c",?', "    |              ^"]


@pytest.mark.parametrize(
    ("cells", "fix"),
    [
        (["15.06.2024", "16.06.2024"], 'declare `format: "%d.%m.%Y"`'),
        (["06/24/2024", "06/05/2024"], 'declare `format: "%m/%d/%Y"`'),
        (["24-06-24"], 'declare `format: "%d-%m-%y"`'),
        (["24-06-13 10:00"], 'declare `format: "%d-%m-%y %H:%M"`'),
        (["15 Apr, 2021 00:02:00"], 'declare `format: "%d %b, %Y %H:%M:%S"`'),
        (["02/24/26 02:18 AM"], 'declare `format: "%m/%d/%y %I:%M %p"`'),
        (["20260301"], 'declare `format: "%Y%m%d"`'),
        (["2026-3-1"], 'declare `format: "%Y-%m-%d"`'),
        (["2026-03-01", "2026-3-2"], 'declare `format: "%Y-%m-%d"`'),
        (["2026-03-01", "15.06.2024"], 'declare `format: ["%Y-%m-%d", "%d.%m.%Y"]`'),
        (
            ["03/04/2026"],
            'every one of them fits "%m/%d/%Y" or "%d/%m/%Y": find out which is meant and declare it as `format`',
        ),
        (
            ["45000", "45001.5"],
            "these look like Excel's day numbers: format the column as a date in the workbook and save it again",
        ),
        (["1772334000"], 'these look like seconds since 1970: declare `format: "%s"`'),
        (
            ["yesterday", "today", "tomorrow", "soon"],
            "declare the shape of the dates as a strptime pattern in `format`",
        ),
        (
            ["today", 'so ""on""'],
            (
                'if they mean nothing, declare `blank: ["so \\"on\\"", "today"]`; '
                "otherwise declare the shape of the dates as a strptime pattern in `format`"
            ),
        ),
    ],
)
def test_the_likely_fix_for_dates(tmp_path: Path, cells: list[str], fix: str) -> None:
    assert refusal(tmp_path, dates(*cells), DATE).splitlines()[-1] == f"help: {fix}"


def test_the_likely_fix_for_dates_with_a_declared_shape(tmp_path: Path) -> None:
    declared = {"date": column("Date", "date", format=("%m/%d/%Y",))}
    assert (
        refusal(tmp_path, dates("2026-03-01"), declared).splitlines()[-1]
        == "help: these are ISO dates: leave `format` out"
    )
    assert refusal(tmp_path, dates("03/01/2026", "01.03.2026"), declared).splitlines()[-1] == (
        'help: every one of them fits "%d.%m.%Y" or "%m.%d.%Y": find out which is meant and declare it as `format`'
    )
    assert refusal(tmp_path, dates("03/01/2026", "13.03.2026"), declared).splitlines()[-1] == (
        'help: declare `format: ["%m/%d/%Y", "%d.%m.%Y"]`'
    )


def test_the_other_order_of_day_and_month_is_never_suggested_beside_the_declared_one(tmp_path: Path) -> None:
    """Tried in order, both would read 11/12 as whichever comes first."""
    declared = {"date": column("Date", "date", format=("%d/%m/%Y",))}
    assert refusal(tmp_path, dates("11/12/2026", "10/21/2026"), declared).splitlines()[-1] == (
        'help: if all cells of the column are meant like these, declare `format: "%m/%d/%Y"`; a column that mixes '
        "both orders of day and month can't be told apart and must be mended"
    )


@pytest.mark.parametrize(
    ("kind", "cells", "fix"),
    [
        ("money", ["1.200,50", "3,5"], 'declare `decimal: ","`'),
        ("percent", ["3,5%"], 'declare `decimal: ","`'),
        ("number", ["40%"], "declare `type: percent`"),
        ("number", ["yes", "no"], "declare `type: boolean`"),
        ("number", ["2026-03-01"], "declare `type: date`"),
        ("money", ["n/a"], 'if it means nothing, declare `blank: ["n/a"]`; otherwise declare `type: text`'),
        ("number", ["a", "b", "c", "d"], "declare `type: text`"),
        (
            "boolean",
            ["Done", "Open"],
            (
                "true, yes, y, 1 and false, no, n, 0 are known, and what Excel writes in other languages; "
                'if they mean nothing, declare `blank: ["Done", "Open"]`; '
                "otherwise keep the column as text and compare it in a field, as in `status = 'Done'`"
            ),
        ),
    ],
)
def test_the_likely_fix_for_other_types(tmp_path: Path, kind: str, cells: list[str], fix: str) -> None:
    content = "Date,Name\n" + "".join(f'"{cell}",x\n' for cell in cells)
    assert refusal(tmp_path, content, {"date": column("Date", kind)}).splitlines()[-1] == f"help: {fix}"


def test_amounts_in_several_currencies_are_refused(tmp_path: Path) -> None:
    """Their sum would be no amount of anything."""
    content = 'x\n"$5"\n€6\n7\n€8\n£9\n'
    assert refusal(tmp_path, content, {"x": column("x", "money")}).splitlines() == [
        (
            "error[mixed-currencies]: table deals: x holds amounts of several currencies, which would be added: "
            "'$' in row 2, '€' in row 3, '£' in row 6"
        ),
        "  deals.csv:3:1",
        "  3 | €6",
        "    | ^^",
        (
            "help: declare as `currency` the column that says which one each row is in, with `rates` for them; "
            "or mend these cells in the export"
        ),
    ]
    shown = refusal(tmp_path, content, {"x": column("x", "number")})
    assert shown.splitlines()[-1].startswith("help: declare `type: money`, and as `currency` the column")


def test_amounts_in_several_currencies_are_refused_across_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x,\n$5,\n6,\n", "b.csv": "x,\n€5,\n"})
    with pytest.raises(KpiError, match=r"added: '\$' in a.csv row 2, '€' in b.csv row 2"):
        read_table(tmp_path, Table(source=(SourceFile(path="?.csv"),), columns={"x": column("x", "money")}))


def test_signs_of_one_currency_are_not_mixed(tmp_path: Path) -> None:
    assert read(tmp_path, "x\n$5\n6 USD\nUS$7\n8\n", {"x": column("x", "money")}).notes == ()
    assert read(tmp_path, "x\n$5\nn/a\n" + "6\n" * 30, {"x": column("x", "number", blank=("n/a",))}).notes == ()


def test_amounts_in_another_currency_than_the_books_are_noted(tmp_path: Path) -> None:
    """Their sum would be shown with the sign of the book's."""
    found = read(tmp_path, "x\n€5\n6\n7 EUR\n€8\n", {"x": column("x", "money")})
    assert found.notes == (Note("other-currency", "x", 3, (Example(2, "€"), Example(4, "EUR"))),)
    assert list(map(int, found["x"])) == [5, 6, 7, 8]
    both = read(tmp_path, "x\n$5\nC$6\n", {"x": column("x", "number")})
    assert both.notes == (Note("other-currency", "x", 2, (Example(2, "$"), Example(3, "C$"))),)


@pytest.mark.parametrize(
    ("kind", "cells", "fix"),
    [
        ("money", ["1", "n/a"], 'mend the cell in the export, or if it means nothing, declare `blank: ["n/a"]`'),
        (
            "number",
            ["1", "?", "-"],
            'mend these cells in the export, or if they mean nothing, declare `blank: ["-", "?"]`',
        ),
        (
            "number",
            ["1", "a", "b", "c", "d"],
            (
                "mend these cells in the export, or list those that mean nothing under `blank`; "
                "if the column holds texts, declare `type: text`"
            ),
        ),
        (
            "boolean",
            ["yes", "on"],
            (
                "true, yes, y, 1 and false, no, n, 0 are known, and what Excel writes in other languages; "
                'mend the cell in the export, or if it means nothing, declare `blank: ["on"]`'
            ),
        ),
    ],
)
def test_where_other_cells_fit_the_cells_are_mended_first(
    tmp_path: Path, kind: str, cells: list[str], fix: str
) -> None:
    """Another declaration would break what reads the column."""
    content = "Date,Name\n" + "".join(f'"{cell}",x\n' for cell in cells)
    assert refusal(tmp_path, content, {"date": column("Date", kind)}).splitlines()[-1] == f"help: {fix}"


@pytest.mark.parametrize("kind", ["number", "money"])
@pytest.mark.parametrize("cells", [["9" * 31], ["1", "-" + "1" * 40 + ".5"]])
def test_a_number_of_more_than_30_digits_is_said_to_be_too_long(tmp_path: Path, kind: str, cells: list[str]) -> None:
    content = "Date,Name\n" + "".join(f"{cell},x\n" for cell in cells)
    assert refusal(tmp_path, content, {"date": column("Date", kind)}).splitlines()[-1] == (
        "help: a number has up to 30 digits before its decimal sign; if these are ids, declare `type: text`"
    )


def test_iso_dates_beside_others_keep_the_declared_format(tmp_path: Path) -> None:
    declared = {"date": column("Date", "date", format=("%m/%d/%Y",))}
    assert refusal(tmp_path, dates("03/01/2026", "2026-03-01"), declared).splitlines()[-1] == (
        'help: declare `format: ["%m/%d/%Y", "%Y-%m-%d"]`'
    )
