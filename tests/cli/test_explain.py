"""`kpi explain` at the command line: formats, files, and what can't be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.opened import shown
from tests.desk import opened

AS_OF = ("--period", "2026-02", "--as-of", "2026-02-28")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    opened(tmp_path).book({"wins": "sum(deals.amount where won)", "rate": "count(deals where won) / count(deals)"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_figure_is_explained_on_the_terminal(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.is_dir()
    code, out, err = shown(["explain", "wins", *AS_OF], capsys)
    assert (code, err) == (0, "")
    assert out == (
        "wins · Desk\n"
        "February 2026 · complete · as of 2026-02-28\n"
        "looks at 1 Feb to 28 Feb 2026, 20 of 20 workdays passed\n"
        "230 · no target\n"
        "\n"
        "About\n"
        "  lagging KPI; higher is better\n"
        "  serves the goal: Growth (company)\n"
        "\n"
        "Formula\n"
        "  sum(deals.amount where won)\n"
        "  the sum of the amount of deals where won, by close date\n"
        "\n"
        "Arithmetic\n"
        "  230\n"
        "\n"
        "[1] sum(deals.amount where won) = 230\n"
        "  the sum of the amount of deals where won, by close date\n"
        "  rows by close_date, 2026-02-01 to 2026-02-28 (28 days)\n"
        "     5 rows in the files of deals\n"
        "    -1 before these days\n"
        "    -1 after these days\n"
        "    -1 not where won\n"
        "     2 rows count\n"
        "\n"
        "Fields\n"
        "  deals.won: stage = 'Won'\n"
        "\n"
        "Target\n"
        "  The book has no target for this KPI\n"
    )


def test_only_narrows_it_to_a_member(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.is_dir()
    _, out, _ = shown(["explain", "wins", "--only", "owner=bob", *AS_OF], capsys)
    assert "Only owner: bob\n200 · no target\n" in out
    assert "    -3 of others, by owner\n" in out


def test_rows_are_listed_and_exported(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown(["explain", "wins", "--rows", "1", *AS_OF], capsys)
    assert (code, err) == (0, "")
    assert out.endswith(
        "[1] sum(deals.amount where won)\n"
        "  2 of 5 rows count\n"
        "\n"
        "row  id  close_date  won   amount\n"
        "  4  3   2026-02-10  true     200\n"
        "  6  5   2026-02-28  true      30\n"
    )
    csv = "row,id,close_date,won,amount\r\n4,3,2026-02-10,true,200\r\n6,5,2026-02-28,true,30\r\n"
    assert shown(["explain", "wins", "--rows", "1", "--format", "csv", *AS_OF], capsys) == (0, csv, "")
    for text in ("sum(deals.amount where won)", " SUM( deals.amount  WHERE (won) ) "):
        assert shown(["explain", "wins", "--rows", text, "--format", "csv", *AS_OF], capsys) == (0, csv, "")
    assert shown(["explain", "wins", "--rows", "1", "-o", "rows.csv", *AS_OF], capsys) == (0, "", "")
    assert (desk / "rows.csv").read_bytes().decode() == csv


def test_a_file_has_all_rows_and_a_screen_the_first_twenty(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{at},ann,Won,1,2026-01-01,2026-02-{at % 28 + 1:02}" for at in range(50)]
    (desk / "deals.csv").write_text("\n".join(["id,owner,stage,amount,created,close_date", *rows]), encoding="utf-8")
    _, out, _ = shown(["explain", "wins", "--rows", "1", *AS_OF], capsys)
    assert "50 of 50 rows count; these are the first 20, and a file has them all: --output rows.csv" in out
    assert out.count("true") == 20
    for ending in ("csv", "txt", "md", "json"):
        shown(["explain", "wins", "--rows", "1", "-o", f"rows.{ending}", *AS_OF], capsys)
        written = (desk / f"rows.{ending}").read_text(encoding="utf-8")
        assert (written.count("true"), "these are the first" in written) == (50, False)
    _, out, _ = shown(["explain", "wins", "--rows", "1", "--format", "json", *AS_OF], capsys)
    assert len(json.loads(out)["aggregates"][0]["rows"]["shown"]) == 50


def test_rows_that_are_left_out_are_listed_and_exported(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = ["explain", "wins", "--rows", "1", "--left-out", *AS_OF]
    code, out, err = shown(left, capsys)
    assert (code, err) == (0, "")
    assert out.endswith(
        "[1] sum(deals.amount where won)\n"
        "  3 of 5 rows are left out\n"
        "\n"
        "row  id  close_date  won    amount  stage\n"
        "\n"
        "1 before these days\n"
        "  2  1   2026-01-20  true      100  Won\n"
        "\n"
        "1 after these days\n"
        "  5  4   2026-03-15  false     400  Open\n"
        "\n"
        "1 not where won\n"
        "  3  2   2026-02-03  false      50  Lost\n"
    )
    _, out, _ = shown([*left, "--format", "csv"], capsys)
    assert out.split("\r\n")[:2] == [
        "row,left_out,id,close_date,won,amount,stage",
        "2,before these days,1,2026-01-20,true,100,Won",
    ]
    rows = [f"{at},ann,Won,1,2026-01-01,2026-01-{at % 28 + 1:02}" for at in range(50)]
    (desk / "deals.csv").write_text("\n".join(["id,owner,stage,amount,created,close_date", *rows]), encoding="utf-8")
    _, out, _ = shown(left, capsys)
    assert "50 of 50 rows are left out; these are the first of each reason, and a file has them all" in out
    assert out.count("true") == 5
    assert shown([*left, "-o", "rows.csv"], capsys)[0] == 0
    assert (desk / "rows.csv").read_text(encoding="utf-8").count("true") == 50


def test_left_out_asks_for_an_aggregate(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.is_dir()
    message = "error[usage]: --left-out: of which aggregate isn't said\n"
    help_ = "help: name it too, for example `--rows 1 --left-out`\n"
    assert shown(["explain", "wins", "--left-out", *AS_OF], capsys) == (2, "", message + help_)


@pytest.mark.parametrize(("ending", "starts"), [("md", "## wins · Desk"), ("json", "{"), ("txt", "wins · Desk")])
def test_the_ending_of_a_file_says_its_format(
    desk: Path, ending: str, starts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["explain", "wins", "-o", f"why.{ending}", *AS_OF], capsys) == (0, "", "")
    assert (desk / f"why.{ending}").read_text(encoding="utf-8").startswith(starts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["winz"], "error[unknown-kpi]: there is no KPI 'winz'\nhelp: did you mean 'wins'?\n"),
        (
            ["rate", "--rows", "count(deals wher won)"],
            (
                "error[unknown-aggregate]: --rows count(deals wher won): there is no such aggregate\n"
                "help: write one of these numbers: 1 `count(deals where won)` from 2026-02-01 to 2026-02-28;"
                " 2 `count(deals)` from 2026-02-01 to 2026-02-28\n"
            ),
        ),
        (
            ["wins", "--format", "csv"],
            (
                "error[output]: csv has the rows of one aggregate, not an explanation\n"
                "help: name the aggregate, for example `--rows 1`, or write .md, .json or .txt\n"
            ),
        ),
        (
            ["wins", "-o", "why.csv"],
            (
                "error[output]: csv has the rows of one aggregate, not an explanation\n"
                "help: name the aggregate, for example `--rows 1`, or write .md, .json or .txt\n"
            ),
        ),
        (
            ["wins", "-o", "why.xlsx"],
            (
                "error[output]: --output 'why.xlsx': there is no format 'xlsx'\n"
                "help: known: terminal, markdown, json; the name's ending says which, or --format (.txt is terminal)\n"
            ),
        ),
        (
            ["wins", "--format", "jsn"],
            "error[usage]: --format doesn't know 'jsn'\nhelp: did you mean 'json'?\n",
        ),
        (
            ["wins", "--rows", " "],
            (
                "error[usage]: the value of --rows is empty\n"
                "help: give one, or leave --rows out; in a script, a variable may be unset\n"
            ),
        ),
        ([], "error[usage]: missing argument 'KPI'\nhelp: `kpi explain --help` shows what it takes\n"),
        (
            ["wins", "--only", "owner=zoe"],
            "error[unknown-member]: there is no owner 'zoe'\nhelp: known: ann, bob\n",
        ),
    ],
)
def test_what_cannot_be_asked_says_what_can(
    desk: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["explain", *arguments, *AS_OF], capsys) == (2, "", message)
    assert sorted(path.name for path in desk.iterdir()) == ["deals.csv", "kpis.yaml"]


def test_strict_makes_a_data_note_an_error(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (desk / "deals.csv").read_text(encoding="utf-8").replace("2026-02-10", "")
    (desk / "deals.csv").write_text(text, encoding="utf-8")
    assert shown(["explain", "wins", *AS_OF], capsys)[0] == 0
    code, out, err = shown(["explain", "wins", "--strict", *AS_OF], capsys)
    assert (code, out) == (1, "")
    assert "error[no-date]: deals.close_date: 1 row" in err
