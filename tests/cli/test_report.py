"""What `kpi report` asks for, and `--fail-on`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cli.opened import Opened, opens, shown
from tests.render.cards import card, figure, line

from kpicli.render import named
from kpicli.scorecard import Status


def test_report_asks_for_what_the_options_say(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--period", "2026-10", "--by", "owner", "--as-of", "2026-11-22", "--strict", "--trend", "12"]
    narrowed = ["--only", "team=East", "--only", "owner = Jane = Doe ", "--only", "team=West"]
    code, _, err = shown(
        ["report", "weekly", *options, *narrowed, "--kpi", "calls", "--kpi", "win_rate", "--format", "json"], capsys
    )
    assert (code, err) == (0, "")
    assert opened.asked == {
        "scorecard": "weekly",
        "period": "2026-10",
        "by": "owner",
        "only": {"team": ["East", "West"], "owner": ["Jane = Doe"]},
        "kpis": ["calls", "win_rate"],
        "as_of": "2026-11-22",
        "strict": True,
        "trend": 12,
    }


def test_report_without_options_leaves_everything_to_the_book(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["report"], capsys)[0] == 0
    assert opened.asked == {
        "scorecard": None, "period": None, "by": None, "only": {}, "kpis": (), "as_of": None, "strict": False,
        "trend": None,
    }  # fmt: skip


def test_excel_begins_a_csv_file_with_a_mark(opened: Opened, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, options in (("plain.csv", ()), ("marked.csv", ("--excel",))):
        assert shown(["report", "--output", name, *options], capsys) == (0, "", "")
    plain, marked = (book.with_name(name).read_bytes() for name in ("plain.csv", "marked.csv"))
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain == str(named("csv").render(opened.answer())).encode()


@pytest.mark.parametrize(
    ("options", "format_"),
    [((), "terminal"), (("--format", "json"), "json"), (("--output", "a.xlsx"), "xlsx")],
)
def test_excel_is_for_csv(
    options: Sequence[str], format_: str, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(["report", "--excel", *options], capsys) == (
        2,
        "",
        f"error[usage]: --excel is for csv, and this is {format_}\n" + _ADD_CSV,
    )
    assert opened.asked == {}


_ADD_CSV = "help: add --format csv; --format xlsx writes a workbook, and needs no --excel\n"


def test_a_workbook_is_not_written_to_a_terminal(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert opened.asked == {}
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, err = shown(["report", "--format", "xlsx"], capsys)
    assert (code, out) == (2, "")
    assert err == (
        "error[output]: xlsx is no text that a terminal could show\nhelp: write it to a file: --output scorecard.xlsx\n"
    )


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "\u0663", "1" * 20])
def test_a_trend_is_a_whole_number(given: str, opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(["report", "--trend", given], capsys) == (
        2,
        "",
        f"error[usage]: --trend takes a whole number, not '{given}'\nhelp: write for instance --trend 12\n",
    )
    assert opened.asked == {}


@pytest.mark.parametrize(
    ("fail_on", "statuses", "code"),
    [
        ("behind", (Status.AT_RISK, Status.ON_TRACK, Status.NO_DATA, Status.NO_TARGET), 0),
        ("behind", (Status.ON_TRACK, Status.BEHIND), 1),
        ("at-risk", (Status.ON_TRACK, Status.AT_RISK), 1),
        ("at-risk", (Status.BEHIND,), 1),
        ("at-risk", (Status.ON_TRACK, Status.NO_DATA, Status.NO_TARGET), 0),
    ],
)
def test_fail_on_looks_at_the_headlines(
    fail_on: str,
    statuses: Sequence[Status],
    code: int,
    book: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert book.is_file()
    result = card(*(line(id=f"kpi_{n}", figure=figure(1, status)) for n, status in enumerate(statuses)))
    opens(monkeypatch, Opened(lambda: result))
    found, out, err = shown(["report", "--fail-on", fail_on], capsys)
    assert (found, out) == (code, named("terminal").render(result))
    met = f"kpi_{len(statuses) - 1}"
    assert err == (f"--fail-on {fail_on} is met by {met}\n" if code else "")
