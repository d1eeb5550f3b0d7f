"""Holds an explanation against the report, and its rows against its numbers."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from tests.explain.recompute import Again, Tree, percentile, read, sum_of

import kpicli
from kpicli.render.formats.json import write

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "explain.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def hold(book: kpicli.KpiBook, kpi: str, card: Tree, **asked: Any) -> Tree:
    """The explanation of a KPI, which must say what the report says, add up, and be what its arithmetic comes to."""
    explained = book.explain(kpi, **asked).to_dict()
    (line,) = [line for line in card["kpis"] if line["id"] == kpi]
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(write(explained)))] == []
    figure = explained["figure"]
    assert figure == {key: line[key] for key in figure}
    again = Again(explained)
    same(again.value(explained["arithmetic"]), figure["value"])
    for part in explained["parts"]:
        again.value(part["arithmetic"])
        if part["target"] is not None:
            _target(again, part["target"])
    if explained["target"] is not None:
        same(_target(again, explained["target"]), figure["target"])
        expected = explained["target"]["expected"]
        same(None if expected is None else Fraction(expected), figure["expected"])
    _standing(again, explained)
    for aggregate in explained["aggregates"]:
        adds_up(aggregate)
    return explained


def same(exact: Any, shown: Any) -> None:
    """A figure is the exact number, or the float nearest to it."""
    if isinstance(exact, Fraction):
        assert shown is not None
        assert float(exact) == shown if isinstance(shown, float) else exact == Fraction(shown), (exact, shown)
    else:
        assert exact == shown


def _target(again: Again, target: Tree) -> Any:
    values: list[Any] = [again.value(piece["arithmetic"]) for piece in target["pieces"]]
    total = sum_of(values) if values else None
    assert total == (None if target["value"] is None else Fraction(target["value"]))
    assert (total is None) is (target["reason"] is not None)
    if total is not None:
        elapsed = [piece["elapsed"] for piece in target["pieces"]]
        shares = [1 if each is None or not each["of"] else Fraction(each["passed"], each["of"]) for each in elapsed]
        due = sum((value * share for value, share in zip(values, shares, strict=True)), start=Fraction(0))
        assert due == Fraction(target["expected"])
    return total


def _standing(again: Again, explained: Tree) -> None:
    standing, figure = explained["standing"], explained["figure"]
    for name in ("attainment", "pace", "needed_per_workday", "projected"):
        step = standing[name]
        same(None if step is None else again.value(step), figure[name])
    if standing["pace"] is not None:
        pace = read(standing["pace"])
        assert isinstance(pace, Fraction)
        on_track, at_risk = Fraction(standing["on_track"]), Fraction(standing["at_risk"])
        status = "on_track" if pace >= on_track else "at_risk" if pace >= at_risk else "behind"
        assert figure["status"] == status


def adds_up(aggregate: Tree) -> None:
    """Every row of the files is told once; what is counted is what counts."""
    rows = aggregate["rows"]
    if rows is None:
        assert aggregate["reason"] is not None or aggregate["value"] is None
        return
    assert rows["total"] == rows["counted"] + sum(each["rows"] for each in rows["left_out"])
    assert max(Counter(each["reason"] for each in rows["left_out"]).values(), default=1) == 1
    counting = aggregate["function"] in {"count", "count_distinct"}
    if counting and not aggregate["dimensions"]:
        assert Fraction(aggregate["value"]) == rows["counted"]
    if counting and aggregate["dimensions"]:
        assert sum(Fraction(each["value"]) for each in aggregate["members"]) == rows["counted"]


def lists(book: kpicli.KpiBook, kpi: str, explained: Tree, **asked: Any) -> int:
    """The rows of every aggregate are as many as count, and make its number; how many aggregates were looked at."""
    looked = 0
    for aggregate in explained["aggregates"]:
        if aggregate["rows"] is None:
            continue
        again = book.explain(kpi, rows=str(aggregate["number"]), **asked).to_dict()
        (listed,) = [each for each in again["aggregates"] if each["number"] == aggregate["number"]]
        shown = listed["rows"].pop("shown")
        columns = [column["name"] for column in listed["rows"].pop("columns")]
        assert listed == aggregate
        assert len(shown) == aggregate["rows"]["counted"]
        assert shown == sorted(shown, key=lambda row: (_day(aggregate, columns, row), row["file"] or "", row["row"]))
        if not aggregate["dimensions"]:
            assert made_of(aggregate, columns, shown) == aggregate["value"]
        _lists_the_others(book, kpi, aggregate, shown, **asked)
        looked += 1
    return looked


def _lists_the_others(book: kpicli.KpiBook, kpi: str, aggregate: Tree, counted: list[Tree], **asked: Any) -> None:
    """The rows that are left out are all others, so many for each reason, in the order of the reasons."""
    again = book.explain(kpi, rows=str(aggregate["number"]), left_out=True, **asked).to_dict()
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(write(again)))] == []
    (listed,) = [each for each in again["aggregates"] if each["number"] == aggregate["number"]]
    shown = listed["rows"].pop("shown")
    width = len(listed["rows"].pop("columns"))
    assert listed == aggregate
    assert {len(row["cells"]) for row in shown} <= {width}
    told = [{"reason": reason, "rows": len(list(those))} for reason, those in groupby(row["reason"] for row in shown)]
    assert told == [{key: each[key] for key in ("reason", "rows")} for each in aggregate["rows"]["left_out"]]
    places = {(row["file"], row["row"]) for row in (*counted, *shown)}
    assert len(places) == len(counted) + len(shown) == aggregate["rows"]["total"]


def _day(aggregate: Tree, columns: list[str], row: Tree) -> str:
    return "" if aggregate["date"] is None else row["cells"][columns.index(aggregate["date"])]


def made_of(aggregate: Tree, columns: list[str], shown: list[Tree]) -> str | None:
    """What an aggregate's rows come to, by the cells that they show."""
    rows = [dict(zip(columns, row["cells"], strict=True)) for row in shown]
    function = aggregate["function"]
    if function in {"count", "count_distinct"}:
        return str(len(rows))
    column = aggregate["text"].split("(", 1)[1].split(" ")[0].split(",")[0].rstrip(")").split(".", 1)[1]
    column = aggregate["date"] if column == "date" else column
    values = sorted(row[column] for row in rows)
    if function == "sum":
        shares = [Fraction(row.get("days_counted", 1)) / Fraction(row.get("days_of_month", 1)) for row in rows]
        total = sum((Fraction(row[column]) * share for row, share in zip(rows, shares, strict=True)), start=Fraction(0))
        return written(total)
    if not values:
        return None
    match function:
        case "avg":
            return written(sum(map(Fraction, values), start=Fraction(0)) / len(values))
        case "median":
            return written(percentile(list(map(Fraction, values)), Fraction(50)))
        case "percentile":
            percent = aggregate["text"].rsplit(",", 1)[1].rstrip(")")
            return written(percentile(list(map(Fraction, values)), Fraction(percent.strip())))
        case _:
            found = values[0] if function == "min" else values[-1]
            return written(Fraction(found)) if isinstance(found, int | Decimal) else str(found)


def written(number: Fraction) -> str:
    """As the JSON writes exact numbers."""
    places = next((places for places in range(40) if 10**places % number.denominator == 0), None)
    if places is None:
        return f"{number.numerator}/{number.denominator}"
    return f"{Decimal(number.numerator * 10**places // number.denominator).scaleb(-places):f}"
