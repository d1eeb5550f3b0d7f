"""`import kpicli`: what a notebook sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
from tests.render.cards import card, narrowed, ordinary

import kpicli
from kpicli.book.load import Loaded
from kpicli.render.formats.json import to_dict
from kpicli.reporting import Request


def book(timezone: str = "UTC") -> kpicli.KpiBook:
    """A book of which only the calendar's zone matters."""
    calendar = SimpleNamespace(timezone=timezone)
    return kpicli.KpiBook(cast("Loaded", SimpleNamespace(book=SimpleNamespace(calendar=calendar))))


class Clock(datetime):
    """A clock that has stopped on the evening of 22 November, UTC."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls(2026, 11, 22, 22, 30, tzinfo=UTC).astimezone(tz)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `kpicli.reporting.report` was last asked for; it answers with the ordinary scorecard."""
    found: dict[str, Any] = {}

    def report(loaded: Loaded, request: Request, *, cache: bool) -> object:
        assert cache
        found.update(loaded=loaded, request=request)
        return ordinary()

    monkeypatch.setattr("kpicli.reporting.report", report)
    return found


def test_importing_loads_neither_polars_nor_pydantic_nor_the_engine() -> None:
    code = "import sys, kpicli; print({'polars', 'pydantic', 'rich', 'yaml', 'kpicli.engine'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_face_is_small() -> None:
    assert kpicli.__all__ == ["Explained", "KpiBook", "KpiError", "Report", "__version__", "load"]


def test_report_hands_on_what_it_is_asked(asked: dict[str, Any]) -> None:
    opened = book()
    only: Mapping[str, str | list[str]] = {"team": ["East", "West"], "owner": "Jane"}
    report = opened.report("weekly", period="2026-10", by="owner", only=only, kpis="calls", as_of="2026-11-22", trend=6)
    assert report.scorecard == ordinary()
    assert asked["loaded"] is opened.loaded
    request = asked["request"]
    assert (request.scorecard, request.period, request.by, request.kpis) == ("weekly", "2026-10", "owner", ("calls",))
    assert request.only == (("team", "East"), ("team", "West"), ("owner", "Jane"))
    assert (request.as_of, request.strict, request.trend) == (date(2026, 11, 22), False, 6)


def test_report_asks_for_nothing_by_default(asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpicli.datetime", Clock)
    book().report()
    request = asked["request"]
    assert (request.scorecard, request.period, request.by) == (None, None, None)
    assert (request.only, request.kpis, request.as_of, request.trend) == ((), (), date(2026, 11, 22), None)


@pytest.mark.parametrize(
    ("timezone", "today"), [("UTC", 22), ("America/New_York", 22), ("Asia/Tokyo", 23), ("Pacific/Kiritimati", 23)]
)
def test_today_is_a_day_of_the_calendars_zone(timezone: str, today: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpicli.datetime", Clock)
    assert book(timezone).day() == date(2026, 11, today)


def test_an_as_of_day_is_a_date_a_timestamp_or_a_text() -> None:
    for given in (date(2026, 1, 31), datetime(2026, 1, 31, 9, tzinfo=UTC), "2026-01-31"):
        assert book().day(given) == date(2026, 1, 31)


def test_a_moment_is_of_a_day_in_the_calendars_zone() -> None:
    moment = datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert (book().day(moment), book("America/New_York").day(moment)) == (date(2026, 12, 1), date(2026, 11, 30))
    assert book("America/New_York").day(moment.replace(tzinfo=None)) == date(2026, 12, 1)


@pytest.mark.parametrize("none", [[], "", None, iter(())], ids=["list", "text", "None", "iterator"])
def test_no_member_is_not_everybody(none: Any, asked: dict[str, Any]) -> None:
    """What a notebook gives whose list of sellers has come out empty."""
    with pytest.raises(kpicli.KpiError) as caught:
        book().report(only={"team": "East", "owner": none})
    assert str(caught.value) == (
        "error[usage]: `only` names no member of owner\nhelp: name one, or leave the dimension out"
    )
    assert asked == {}


def test_a_folder_stands_for_its_book(tmp_path: Path) -> None:
    text = """
        version: 1
        name: Here
        tables: {deals: {source: deals.csv, columns: {id: id}}}
        goals: {g: }
        kpis: {all: {role: lagging, goal: g, formula: count(deals)}}
    """
    (tmp_path / "kpis.yaml").write_text(dedent(text), encoding="utf-8")
    assert kpicli.load(tmp_path).loaded.book.name == "Here"


@pytest.mark.parametrize("text", ["yesterday", "31/01/2026", "2026-02-30", "20260131", ""])
def test_any_other_text_is_no_as_of_day(text: str) -> None:
    with pytest.raises(kpicli.KpiError) as caught:
        book().day(text)
    assert str(caught.value) == f"error[bad-date]: the as-of day '{text}' is no date\nhelp: write it as 2026-11-22"


@pytest.mark.parametrize("name", ["check", "check_data"])
def test_checks_read_with_the_same_day(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def check(*asked_of: object, cache: bool) -> str:
        assert cache
        asked.extend(asked_of)
        return "checked"

    monkeypatch.setattr(f"kpicli.reporting.{name}", check)
    opened = book()
    assert getattr(opened, name)(as_of="2026-01-31") == "checked"
    assert asked == [opened.loaded, date(2026, 1, 31)]


def test_to_dict_is_the_json_result() -> None:
    assert kpicli.Report(ordinary()).to_dict() == to_dict(ordinary())


def test_to_polars_has_a_row_a_figure() -> None:
    frame = kpicli.Report(ordinary()).to_polars()
    assert frame.height == 11
    assert frame.select("kpi", "by", "member", "label", "value", "value_text", "change").rows()[:4] == [
        ("calls", None, None, None, 219.0, None, 31.0),
        ("calls", "owner", "005A1", "Jane Doe", 212.0, None, 22.0),
        ("calls", "owner", "005A2", "Bob Ray", 0.0, None, None),
        ("calls", "owner", None, "(none)", 7.0, None, None),
    ]
    source = frame.filter(pl.col("kpi") == "best_source")
    assert source.select("value", "value_text", "value_label", "prior", "prior_text").row(0) == (
        None, "ls_07", "Trade show", None, "Web"
    )  # fmt: skip
    (revenue,) = frame.filter(pl.col("kpi") == "won_revenue", pl.col("by").is_null()).get_column("value")
    assert revenue == float(Decimal("1234567.89"))
    contributed = kpicli.Report(narrowed()).to_polars().select("company_target", "contribution", "contributes_to")
    assert contributed.rows()[:2] == [(3200.0, 0.0684375, "serve"), (None, None, None)]


def test_to_polars_has_the_same_columns_and_types_without_rows() -> None:
    """So that frames of several reports stack."""
    assert kpicli.Report(card()).to_polars().schema == kpicli.Report(ordinary()).to_polars().schema
