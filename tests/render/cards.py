"""Scorecards made by hand: an ordinary one, and one with everything that a renderer can trip over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from kpicli.scorecard import (
    Example,
    Figure,
    GoalLine,
    Group,
    LeftOut,
    Line,
    Note,
    ReportPeriod,
    Scorecard,
    Span,
    Status,
    TableData,
    TrendPoint,
    Value,
)

NOVEMBER = ReportPeriod(
    label="2026-11",
    grain="month",
    start=date(2026, 11, 1),
    end=date(2026, 11, 30),
    running=True,
    elapsed=0.7368421052631579,
)
WINDOW = Span(date(2026, 11, 1), date(2026, 11, 30), 0.7368421052631579)


def figure(value: Value = None, status: Status = Status.NO_TARGET, **others: object) -> Figure:
    """A figure with nothing but a value, and what the test says."""
    empty: dict[str, Any] = dict.fromkeys(
        ("reason", "target", "attainment", "expected", "pace", "projected", "needed_per_workday", "prior", "change")
    )
    return Figure(value=value, status=status, **(empty | dict(others)))


def line(**others: object) -> Line:
    """A leading count without anything."""
    plain: dict[str, Any] = {
        "id": "calls",
        "name": "Calls",
        "role": "leading",
        "stage": "prospect",
        "goal": "new_arr",
        "unit": "number",
        "decimals": None,
        "better": "higher",
        "window": WINDOW,
        "figure": figure(400),
    }
    return Line(**(plain | dict(others)))


def card(*lines: Line, **others: object) -> Scorecard:
    """A card of these lines."""
    plain: dict[str, Any] = {
        "book": "Northwind Software",
        "currency": "USD",
        "scorecard": "weekly",
        "as_of": date(2026, 11, 22),
        "period": NOVEMBER,
        "by": None,
        "only": (),
        "goals": (),
        "data": (),
    }
    return Scorecard(lines=lines, **(plain | dict(others)))


def _calls() -> Line:
    jane = figure(
        212,
        Status.ON_TRACK,
        target=200.0,
        attainment=1.06,
        expected=147.36842105263156,
        pace=1.4385714285714286,
        projected=287.7142857142857,
        prior=190,
        change=22,
    )
    bob = figure(0, Status.BEHIND, target=200.0, attainment=0.0, expected=147.4, pace=0.0, prior=None, change=None)
    unassigned = figure(7, target_reason="a target for 'owner' has no '(none)'", prior_reason="new")
    return line(
        figure=figure(
            219,
            Status.AT_RISK,
            target=Decimal(400),
            attainment=0.5475,
            expected=294.7368421052631,
            pace=0.7430357142857143,
            projected=297.2142857142857,
            needed_per_workday=36.2,
            prior=188,
            change=31,
        ),
        trend=(TrendPoint("2026-09", 240), TrendPoint("2026-10", None, "no rows"), TrendPoint("2026-11", 219)),
        groups=(Group("005A1", "Jane Doe", jane), Group("005A2", "Bob Ray", bob), Group(None, "(none)", unassigned)),
    )


def _win_rate() -> Line:
    return line(
        id="win_rate",
        name="Win rate",
        role="lagging",
        stage="close",
        unit="percent",
        decimals=1,
        window=Span(date(2026, 8, 25), date(2026, 11, 22), 1.0),
        figure=figure(
            0.3125,
            Status.ON_TRACK,
            target=Decimal("0.30"),
            attainment=1.0416666666666667,
            expected=Decimal("0.30"),
            pace=1.0416666666666667,
            prior=0.3125,
            change=0.0,
        ),
        groups=(
            Group("005A1", "Jane Doe", figure(0.4, Status.ON_TRACK, target=Decimal("0.30"), attainment=1.3333)),
            Group("005A2", "Bob Ray", figure(None, Status.NO_DATA, reason="no closed opportunities")),
            Group(None, "(none)", figure(None, Status.NO_DATA, reason="no closed opportunities")),
        ),
    )


def _revenue() -> Line:
    return line(
        id="won_revenue",
        name="Won revenue",
        role="lagging",
        stage="revenue",
        unit="money",
        figure=figure(
            Decimal("1234567.890000"),
            Status.BEHIND,
            target=Decimal("3000000.000000"),
            attainment=0.41152263,
            expected=Decimal("2210526.32"),
            pace=0.5584937,
            prior=Decimal(1300000),
            change=Decimal("-65432.11"),
        ),
        groups=(Group("005A1", "Jane Doe", figure(Decimal("1234567.89"), prior_reason="new")),),
    )


def _best_source() -> Line:
    return line(
        id="best_source",
        name="Best source",
        role="lagging",
        stage=None,
        goal=None,
        unit="text",
        figure=figure("ls_07", value_label="Trade show", prior="Web"),
    )


def ordinary() -> Scorecard:
    """What the README would show."""
    notes = (Note("invalid-date", "close_date", 3, (Example(14, "n/a"), Example(1014, "31.02.2026"))),)
    left_out = (LeftOut("older-version", 9), LeftOut("where", 8, "not deleted"))
    opportunities = ("exports/opportunities.csv",)
    return card(
        _calls(),
        _win_rate(),
        _revenue(),
        _best_source(),
        by="owner",
        only=(("team", ("East", "West")),),
        goals=(GoalLine("new_arr", "Reach $3M new ARR", ("win_rate", "won_revenue")),),
        data=(
            TableData("activities", ("exports/tasks.csv", "exports/events.csv"), 12044, 12044, date(2026, 11, 22)),
            TableData("opportunities", opportunities, 1204, 1187, date(2026, 11, 21), notes, left_out=left_out),
            TableData("users", ("exports/users.csv",), 3, 3, None),
        ),
    )


MARKUP = "[/] [bold]bold[/bold] [link=http://example.com]x[/link] :smile: \\[emea]"
ESCAPES = "\x1b[31mred\x1b[0m \x1b]8;;http://example.com\x07link\x1b]8;;\x07 \x1b]52;c;eA==\x07 \x9b2J \x7f"
BIDI = "left \u202eright\u202c \u2066isolated\u2069 \u200bzero\u200d \ufeffmark"
WIDE = "株式会社サンプル 東京営業部 👩\u200d💻"
COMBINING = "Ame\u0301lie Z\u0336\u0321a\u0334l\u0335go"
LINES = 'He said "yes",\r\nthen\n\tleft\u2028again\u0085end'
LONG = "An extraordinarily long key performance indicator name that no column can hold " + "x" * 90
SURROGATE = "half \ud800 pair"


def _labelled(*labels: str) -> tuple[Group, ...]:
    return tuple(Group(label, label, figure(index)) for index, label in enumerate(labels))


def _trend(*values: Value) -> tuple[TrendPoint, ...]:
    return tuple(TrendPoint(f"2026-{month:02d}", value) for month, value in enumerate(values, start=1))


def _nasty_texts() -> tuple[Line, ...]:
    """Names, labels and values that act on a terminal, a spreadsheet or a mark-up."""
    labels = (
        MARKUP,
        ESCAPES,
        BIDI,
        WIDE,
        COMBINING,
        LINES,
        LONG,
        SURROGATE,
        "=1+1",
        "+SUM(A1)",
        "-2+3",
        "@cmd",
        "\t=1",
    )
    fullwidth = "\uff1d1"
    return (
        line(
            id="markup",
            name=MARKUP,
            stage=ESCAPES,
            goal=WIDE,
            figure=figure(-0.0, Status.BEHIND, target=1e-7, pace=-0.0004, prior=-0.004, change=-1e-12),
            groups=_labelled(*labels, fullwidth, "", "'"),
        ),
        line(id="text", name=LINES, unit="text", figure=figure(MARKUP, value_label=ESCAPES, prior="=1+1")),
        line(
            id="absent",
            name="=cmd|' /C calc'!A0",
            role="lagging",
            unit="days",
            figure=figure(
                None, Status.NO_DATA, reason=f"no rows where name = '{ESCAPES}'", target_reason=BIDI, prior_reason=LINES
            ),
        ),
        line(
            id="nothing",
            name="",
            role="lagging",
            stage=WIDE,
            unit="text",
            better="lower",
            figure=figure(None, Status.NO_DATA, reason=""),
        ),
    )


def _nasty_numbers() -> tuple[Line, ...]:
    """Numbers that are huge, tiny, negative, absent or 0 where one would divide by them."""
    huge = Decimal("99999999999999999999999999999999.123456")
    gaps = _trend(5, None, 7, 7, None, 0, -3, None, None, 12, Decimal("1e9"), 4)
    none = Group(None, "(none)", figure(None, Status.NO_DATA, reason="no rows", target_reason="no target for it"))
    twice = figure(Decimal("-1.5"), Status.AT_RISK, target=0, prior_reason="new"), figure(0, prior=0, change=0)
    return (
        line(id="huge", name=LONG, unit="money", figure=figure(huge, target=-huge, prior=Decimal(0), change=huge)),
        line(id="float", name=COMBINING, figure=figure(1.7976931348623157e308, prior=5e-324, change=1e16)),
        line(id="half", name=WIDE, decimals=0, figure=figure(Decimal("-0.5"), target=2.5, prior=1.005, change=0.5)),
        line(
            id="cost",
            name="Cost",
            role="lagging",
            stage="close",
            unit="money",
            better="lower",
            window=Span(date(2025, 11, 23), date(2026, 11, 22), 1.0),
            trend=gaps,
            figure=figure(
                Decimal("1234.5675"),
                Status.ON_TRACK,
                target=Decimal(2000),
                attainment=1.62,
                expected=Decimal(2000),
                pace=1.62,
                prior=Decimal("-5.25"),
                change=Decimal("1239.8175"),
            ),
            groups=(Group("k2", "Ann", twice[1]), none, Group("k1", "Ann", twice[0])),
        ),
        line(
            id="flow",
            name="Flow of all that is signed",
            stage="close",
            goal="inner",
            trend=_trend(*[3] * 12),
            figure=figure(
                Decimal("0.5"),
                Status.BEHIND,
                target=Decimal(400),
                attainment=0.00125,
                expected=294.7368421052631,
                pace=0.0016964,
                projected=0.6785714285714286,
                needed_per_workday=79.9,
                prior=Decimal("0.5"),
                change=0,
            ),
            company_target=Decimal("99999999999999999999999999999999.123456"),
            contribution=5e-33,
            contributes_to="all",
        ),
        line(
            id="zero",
            name="Target of nothing",
            unit="percent",
            stage="prospect",
            trend=_trend(*[None] * 12),
            window=Span(date(2026, 11, 22), date(2026, 11, 22), 1.0),
            figure=figure(-12.5, Status.BEHIND, target=0, expected=0, prior=-12.5, change=-0.00001),
        ),
        line(
            id="slow",
            name="Days to nowhere",
            role="lagging",
            unit="days",
            better="lower",
            figure=figure(51.75, Status.AT_RISK, target=45, attainment=0.8696, expected=45, pace=0.8696, change=-1.0),
        ),
    )


def nasty() -> Scorecard:
    """Names, labels, values and notes that a renderer must survive."""
    texts, numbers = _nasty_texts(), _nasty_numbers()
    return card(
        texts[0],
        *numbers[:3],
        *texts[1:],
        *numbers[3:],
        book=f"Book {MARKUP} {ESCAPES}",
        scorecard=BIDI,
        currency="BHD",
        by=WIDE,
        only=((MARKUP, (ESCAPES, LINES)), (COMBINING, (SURROGATE,))),
        goals=(
            GoalLine("g", LINES, ()),
            GoalLine("inner", ESCAPES, ("flow", "gone", "half"), "individual", "outer", BIDI),
            GoalLine("outer", LONG, ("cost",), "team", "elsewhere", "Q4"),
            GoalLine("all", MARKUP, ()),
            GoalLine("ring", "One that serves itself", ("slow",), "team", "ring"),
        ),
        data=(
            TableData(
                ESCAPES,
                (BIDI, "=1"),
                1_000_000,
                0,
                None,
                (
                    Note("invalid-number", MARKUP, 1, (Example(2, ESCAPES, file=BIDI), Example(3, LONG))),
                    Note("short-rows", None, 2, (Example(7, None),)),
                    Note("missing-parent", WIDE, 1_234, (Example(9, LINES), Example(12, "=1+1"))),
                ),
                left_out=(LeftOut("equal-copy", 1), LeftOut("where", 999_999, ESCAPES)),
            ),
            TableData(WIDE, ("w.csv",), 1, 1, date(2026, 10, 31)),
        ),
        stages=("prospect", WIDE, "close"),
    )


def team() -> Scorecard:
    """Five KPIs by owner: a matrix."""
    seen = (("005A1", "Jane Doe"), ("005A2", "Bob Ray"), ("005A3", "Bob Ray"), (None, "(none)"))

    absent = figure(None, Status.NO_DATA, reason="no closed opportunities")

    def split(*values: Value) -> tuple[Group, ...]:
        statuses = (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND, Status.NO_TARGET)
        return tuple(
            Group(member, label, figure(value, status) if value is not None else absent)
            for (member, label), value, status in zip(seen, values, statuses, strict=False)
        )

    return card(
        line(id="calls", name="Calls", figure=figure(219, Status.AT_RISK), groups=split(104, 88, 20, 7)),
        line(
            id="cycle",
            name="Sales cycle of all deals that are won",
            role="lagging",
            unit="days",
            better="lower",
            figure=figure(51.75, Status.BEHIND),
            groups=split(48.0, 120.5, None),
        ),
        line(
            id="rate",
            name="Win rate",
            role="lagging",
            unit="percent",
            figure=figure(0.3, Status.ON_TRACK),
            groups=split(0.4, 0.05, 1.0, 0.0),
        ),
        line(
            id="fee",
            name="Monthly fee",
            role="lagging",
            unit="money",
            figure=figure(Decimal("2150.50"), Status.ON_TRACK),
            groups=split(Decimal(1900), Decimal("3401.25")),
        ),
        line(
            id="best",
            name="Best source",
            role="lagging",
            unit="text",
            figure=figure("ls_01", value_label="Web"),
            groups=(Group("005A1", "Jane Doe", figure("ls_07", value_label="Trade show")),),
        ),
        by="owner",
    )


def narrowed() -> Scorecard:
    """One seller's own scorecard."""
    calls, win_rate, revenue, _ = (replace(line, groups=()) for line in ordinary().lines)
    of_all = figure(130_000, Status.ON_TRACK, target=120_000, attainment=1.0833, expected=88_000, pace=1.4773)
    return card(
        replace(calls, company_target=3200.0, contribution=0.0684375, contributes_to="serve"),
        win_rate,
        replace(revenue, company_target=Decimal(26_000_000), contribution=0.0474833804, contributes_to="new_arr"),
        line(
            id="upsell",
            name="Upsell to customers",
            stage=None,
            goal="serve",
            unit="money",
            figure=of_all,
            company_target=2_600_000,
            contribution=0.05,
            contributes_to="serve",
        ),
        only=(("owner", ("005A1",)),),
        only_labels=(("owner", ("Jane Doe",)),),
        goals=(
            GoalLine("new_arr", "Reach $26M new ARR", ()),
            GoalLine("mine", "Carry my quota", ("win_rate", "won_revenue"), "individual", "new_arr", "Every month"),
            GoalLine("serve", "Keep the customers that we have", ("upsell", "calls")),
        ),
        stages=("prospect", "close", "revenue"),
    )


CARDS = {"ordinary": ordinary, "nasty": nasty, "team": team, "narrowed": narrowed}
