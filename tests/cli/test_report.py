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
