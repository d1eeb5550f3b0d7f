"""What a report is asked for: each thing that can't be asked has its whole message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.desk import BOOK, Desk, opened

import kpicli
from kpicli.errors import KpiError

SCORECARDS = "scorecards:\n  weekly: {name: The week in sales, kpis: [deals], period: last week, by: owner}\n"
MEMBERS = """\
  users:
    source: users.csv
    key: id
    columns: {id: id, name: name}
dimensions:
  owner: {field: owner, members: users, label: name}
"""
AS_OF = "2026-03-31"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = opened(tmp_path)
    desk.write("users.csv", "id,name\nann,Ann Ash\nbob,Bob Birch\nbo2,Bob Birch\n")
    desk.book(
        {"deals": "count(deals)", "old": "formula: count(deals)\nname: Old figure\nstatus: retired"},
        base=BOOK.replace("dimensions:\n  owner: owner\n", MEMBERS),
        extra=SCORECARDS,
    )
    return desk


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"scorecard": "weakly"},
            "error[unknown-scorecard]: there is no scorecard 'weakly'\nhelp: did you mean 'weekly'?",
        ),
        (
            {"scorecard": "deals"},
            "error[unknown-scorecard]: there is no scorecard 'deals'\nhelp: 'deals' is a KPI: write `--kpi deals`",
        ),
        ({"kpis": ["deels"]}, "error[unknown-kpi]: there is no KPI 'deels'\nhelp: did you mean 'deals'?"),
        (
            {"scorecard": "Ash", "only": {"owner": "Ann"}},
            (
                "error[unknown-scorecard]: there is no scorecard 'Ash'\n"
                'help: quotes hold together what has blanks: write --only "owner=Ann Ash"'
            ),
        ),
        (
            {"scorecard": "weakly", "only": {"owner": "Ann Ash"}},
            "error[unknown-scorecard]: there is no scorecard 'weakly'\nhelp: did you mean 'weekly'?",
        ),
        (
            {"scorecard": "quarter", "period": "last"},
            (
                "error[unknown-scorecard]: there is no scorecard 'quarter'\n"
                'help: quotes hold together what has blanks: write --period "last quarter"'
            ),
        ),
        (
            {"kpis": ["deals,old"]},
            "error[unknown-kpi]: there is no KPI 'deals,old'\nhelp: write --kpi deals --kpi old",
        ),
        ({"kpis": ["Old figure"]}, "error[unknown-kpi]: there is no KPI 'Old figure'\nhelp: did you mean 'old'?"),
        (
            {"scorecard": "the week in sales"},
            "error[unknown-scorecard]: there is no scorecard 'the week in sales'\nhelp: did you mean 'weekly'?",
        ),
        ({"by": "region"}, "error[unknown-dimension]: there is no dimension 'region'\nhelp: known: owner"),
        (
            {"only": {"owners": "x"}},
            "error[unknown-dimension]: there is no dimension 'owners'\nhelp: did you mean 'owner'?",
        ),
        (
            {"only": {"owner": "Bob Birch"}},
            (
                "error[ambiguous-member]: 'Bob Birch' is more than one owner\n"
                "help: write the key: Bob Birch (bo2), Bob Birch (bob)"
            ),
        ),
        (
            {"only": {"owner": "Ann"}},
            "error[unknown-member]: there is no owner 'Ann'\nhelp: did you mean 'Ann Ash'?",
        ),
        (
            {"only": {"owner": "Birch"}},
            "error[unknown-member]: there is no owner 'Birch'\nhelp: did you mean 'Bob Birch'?",
        ),
        (
            {"only": {"owner": "Zed"}},
            "error[unknown-member]: there is no owner 'Zed'\nhelp: known: Ann Ash, Bob Birch",
        ),
        (
            {"trend": 61},
            (
                "error[bad-trend]: a trend of 61 periods can't be shown\n"
                "help: give a number from 0 to 60; this period counts as one"
            ),
        ),
        (
            {"trend": -1},
            (
                "error[bad-trend]: a trend of -1 periods can't be shown\n"
                "help: give a number from 0 to 60; this period counts as one"
            ),
        ),
    ],
)
def test_what_cannot_be_asked_says_so(desk: Desk, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(KpiError) as caught:
        desk.report(as_of=AS_OF, **asked)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("asked", "help_"),
    [
        ({"scorecard": "weekly"}, "declare it under `scorecards`, or leave it out for all active KPIs"),
        ({"by": "owner"}, "declare it under `dimensions`, for example `owner: owner`"),
        ({"only": {"owner": "ann"}}, "declare it under `dimensions`, for example `owner: owner`"),
    ],
)
def test_a_book_without_any_says_where_they_are_declared(tmp_path: Path, asked: dict[str, Any], help_: str) -> None:
    desk = opened(tmp_path)
    desk.book({"deals": "count(deals)"}, base=BOOK.replace("dimensions:\n  owner: owner\n", ""))
    with pytest.raises(KpiError) as caught:
        desk.report(as_of=AS_OF, **asked)
    assert caught.value.help == help_


@pytest.mark.parametrize("member", ["ann", "Ann Ash"])
def test_a_member_is_named_by_key_or_label(desk: Desk, member: str) -> None:
    assert desk.lines(period="2026-Q1", as_of=AS_OF, only={"owner": member})["deals"]["value"] == 2


def test_where_a_key_is_another_ones_label_each_is_named_by_both(desk: Desk) -> None:
    """Neither the key alone nor the label alone would tell who is meant."""
    desk.write("users.csv", "id,name\nann,Ann Ash\nbob,ann\n")
    asked: dict[str, Any] = {"period": "2026-Q1", "as_of": AS_OF}
    with pytest.raises(KpiError) as caught:
        desk.report(**asked, only={"owner": "ann"})
    assert caught.value.help == "write the key: Ann Ash (ann), ann (bob)"
    for member, key in {"Ann Ash (ann)": "ann", "ann (bob)": "bob"}.items():
        assert desk.report(**asked, only={"owner": member})["only"] == {"owner": [key]}


def test_a_label_that_stands_twice_shows_its_key_too(desk: Desk) -> None:
    groups = desk.lines(period="2026-Q1", as_of=AS_OF, by="owner")["deals"]["groups"]
    assert [group["label"] for group in groups] == ["Ann Ash", "Bob Birch (bo2)", "Bob Birch (bob)", "(none)"]


def test_without_a_scorecard_the_active_kpis_are_reported(desk: Desk) -> None:
    assert list(desk.lines(as_of=AS_OF)) == ["deals"]


def test_a_retired_kpi_is_reported_where_it_is_named(desk: Desk) -> None:
    assert list(desk.lines(as_of=AS_OF, kpis=["old", "deals", "old"])) == ["old", "deals"]


def test_options_win_over_the_scorecard(desk: Desk) -> None:
    plain = desk.report(scorecard="weekly", as_of=AS_OF)
    other = desk.report(scorecard="weekly", as_of=AS_OF, period="2026-01")
    assert (plain["period"]["label"], plain["by"]) == ("2026-W13", "owner")
    assert (other["period"]["label"], other["by"]) == ("2026-01", "owner")


def test_a_trend_may_be_asked_for(desk: Desk) -> None:
    """With or without a scorecard; it wins over the scorecard's."""

    def trend(**asked: Any) -> list[str]:
        return [point["period"] for point in desk.lines(as_of=AS_OF, **asked)["deals"]["trend"]]

    assert trend() == []
    assert trend(trend=3) == ["2026-01", "2026-02", "2026-03"]
    assert trend(scorecard="weekly", trend=2) == ["2026-W12", "2026-W13"]
    assert trend(period="all", trend=3) == []


def test_a_card_says_how_people_call_what_it_is_narrowed_to(desk: Desk) -> None:
    card = kpicli.load(desk.folder / "kpis.yaml").report(as_of=AS_OF, only={"owner": "ann"}).scorecard
    assert (card.only, card.only_labels) == ((("owner", ("ann",)),), (("owner", ("Ann Ash",)),))


def test_a_book_without_an_active_kpi_says_what_to_do(desk: Desk) -> None:
    desk.book({"old": "formula: count(deals)\nstatus: retired"})
    with pytest.raises(KpiError) as caught:
        desk.report(as_of=AS_OF)
    assert str(caught.value) == (
        "error[no-kpi]: the book has no active KPI\nhelp: give one `status: active`, or name one with --kpi"
    )


def test_strict_makes_every_data_note_an_error(desk: Desk) -> None:
    rows = "".join(f"{n},ann,Won,1,2026-01-05,2026-01-20\n" for n in range(40))
    desk.write("deals.csv", f"id,owner,stage,amount,created,close_date\n{rows}99,ann,Won,1,2026-01-05,soon\n")
    assert desk.lines(period="2026-01", as_of=AS_OF)["deals"]["value"] == 40
    with pytest.raises(KpiError) as caught:
        desk.report(period="2026-01", as_of=AS_OF, strict=True)
    assert str(caught.value) == (
        "error[invalid-date]: deals.close_date: 1 row (row 42: soon)\n"
        "help: mend the export or the declaration, or run without --strict\n\n"
        "error[no-date]: deals.close_date: 1 row (row 42)\n"
        "help: mend the export or the declaration, or run without --strict\n\n"
        "2 mistakes"
    )
