"""Answers that are remembered: they change no figure, and whatever an answer depends on makes another one."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from tests.killed import run

import kpicli
from kpicli import cache
from kpicli.asking import Request
from kpicli.cache import State
from kpicli.cli import main
from kpicli.contexts import AliveOn, Days, Ever, Reach
from kpicli.engine import answers as module
from kpicli.engine.answers import Answers, users_answers
from kpicli.engine.polars import PolarsEngine
from kpicli.errors import KpiError
from kpicli.formula.typed import Literal, Type
from kpicli.plan.nodes import Aggregation, Answer, Ask, Cell, Cells, Plan, Undated
from kpicli.reporting import report as reported

ROOT = Path(__file__).resolve().parents[2]
BOOK = """\
version: 1
currency: EUR
rates: {USD: 0.90}
tables:
  deals:
    source: deals*.csv
    date: closed_on
    columns:
      id: Id
      owner: Owner
      amount: {header: Amount, type: money, currency: currency}
      currency: Currency
      won: {header: Won, type: boolean}
      closed_on: {header: Closed, type: date}
    fields:
      waited: "days_between(start_of(closed_on, quarter), start_of(closed_on, week)) + days_between(closed_on, today)"
  unread: {source: unread.csv, columns: {id: Id}}
dimensions: {owner: owner}
goals: {sell: {}}
kpis:
  won: {role: lagging, goal: sell, formula: sum(deals.amount where won), unit: money, target: 1000 per month}
  median: {role: lagging, goal: sell, formula: median(deals.amount), unit: money}
  last: {role: lagging, goal: sell, formula: max(deals.waited), unit: number}
  rep: {role: lagging, goal: sell, formula: top(owner by won), unit: text}
"""
DEALS = """\
Id,Owner,Amount,Currency,Won,Closed
1,Ada,100.50,EUR,true,2026-10-01
2,Bo,200,USD,true,2026-10-31
3,,7.25,EUR,true,2026-10-15
4,Bo,20,EUR,false,2026-09-30
"""


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers over files that were only just written, in a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_UNSETTLED", -1.0)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "unread.csv").write_text("Id\n1\n", encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path / "kpis.yaml"


def report(book: Path, *, cache: bool = True, **asked: Any) -> dict[str, Any]:
    asked = {"as_of": "2026-11-22", "period": "2026-10", "by": "owner"} | asked
    return kpicli.load(book, cache=cache).report(**asked).to_dict()


def won(book: Path) -> object:
    return report(book)["kpis"][0]["value"]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plan]]:
    """The plans that were run, and not answered from what is remembered."""
    plans: list[Plan] = []
    run = PolarsEngine.run

    def watched(engine: PolarsEngine, plan: Plan) -> Answer:
        plans.append(plan)
        return run(engine, plan)

    monkeypatch.setattr(PolarsEngine, "run", watched)
    return iter([plans])


# ---- what they are for


def test_the_same_report_over_the_same_files_runs_nothing(book: Path, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    plain = report(book, cache=False)
    assert users_answers().number() == 0
    assert report(book) == plain
    assert len(plans) == 2
    assert report(book) == plain == report(book)
    assert len(plans) == 2
    assert report(book, period="2026-09") != plain
    assert len(plans) == 3


def test_a_file_that_the_report_does_not_read_may_change(book: Path, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    plain = report(book)
    (book.parent / "unread.csv").write_text("Id\n2\n", encoding="utf-8")
    assert report(book) == plain
    assert len(plans) == 1


def test_notes_about_the_data_are_remembered(book: Path) -> None:
    (book.parent / "deals.csv").write_text(DEALS + "5,Ada,much,EUR,true,2026-10-02\n" + "6,Ada,1,EUR,true,\n" * 30)
    plain = report(book, cache=False)
    assert {note["code"] for note in plain["data"][0]["notes"]} == {"invalid-money", "no-date"}
    assert report(book) == plain == report(book)


@pytest.mark.parametrize("scorecard", ["executive", "manager", "salesperson", "development"])
def test_every_scorecard_of_the_example_is_remembered(scorecard: str, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    loaded = kpicli.load(ROOT / "kpis.yaml").loaded
    request = Request(date(2026, 11, 22), scorecard, by="owner", trend=6)
    plain = reported(loaded, request, cache=False)
    assert reported(loaded, request) == plain
    before = len(plans)
    assert reported(loaded, request) == plain
    assert len(plans) == before


# ---- what they depend on


def in_book(old: str, new: str) -> Callable[[Path], object]:
    def change(book: Path) -> None:
        text = book.read_text(encoding="utf-8")
        assert old in text
        book.write_text(text.replace(old, new), encoding="utf-8")

    return change


def in_deals(old: str, new: str) -> Callable[[Path], object]:
    """A change after which the file is as long, and as old, as it was."""

    def change(book: Path) -> None:
        file = book.parent / "deals.csv"
        times = file.stat()
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    return change


def more_deals(book: Path) -> None:
    (book.parent / "deals-2.csv").write_text(DEALS.replace("\n1,", "\n11,"), encoding="utf-8")


def another_file(book: Path) -> None:
    beside = book.parent / "beside"
    beside.write_text(DEALS.replace("100.50", "200.50"), encoding="utf-8")
    beside.replace(book.parent / "deals.csv")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a cell": in_deals("100.50", "200.50"),
    "another file in its place": another_file,
    "a file more": more_deals,
    "a condition of the table": in_book("    date: closed_on\n", "    date: closed_on\n    where: owner is not null\n"),
    "a column's declaration": in_book("owner: Owner\n", "owner: {header: Owner, blank: Bo}\n"),
    "a column's header": in_book("owner: Owner\n", "owner: Currency\n"),
    "a rate": in_book("USD: 0.90", "USD: 0.80"),
    "the book's currency": in_book("currency: EUR\nrates: {USD: 0.90}", "currency: USD\nrates: {EUR: 1.10}"),
    "a formula": in_book("sum(deals.amount where won)", "sum(deals.amount)"),
    "a field": in_book("+ days_between(closed_on, today)", "- days_between(closed_on, today)"),
    "the first day of the week": in_book("currency: EUR\n", "currency: EUR\ncalendar: {week_starts: sunday}\n"),
    "the fiscal year": in_book("currency: EUR\n", "currency: EUR\ncalendar: {fiscal_year_starts: february}\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_a_figure_depends_on_makes_another_answer(book: Path, change: Callable[[Path], object]) -> None:
    before = report(book)
    assert report(book) == before
    change(book)
    assert report(book) == report(book, cache=False)
    assert report(book)["kpis"] != before["kpis"]


def test_each_day_has_its_own_answer(book: Path) -> None:
    assert report(book, as_of="2026-11-22")["kpis"][2] != report(book, as_of="2026-11-24")["kpis"][2]


def test_a_book_in_another_folder_has_its_own_answer(book: Path, tmp_path: Path) -> None:
    value = won(book)
    other = tmp_path / "other"
    other.mkdir()
    (other / "deals.csv").write_text(DEALS.replace("100.50", "200.50"), encoding="utf-8")
    (other / "kpis.yaml").write_text(BOOK, encoding="utf-8")
    assert won(other / "kpis.yaml") != value
    assert won(book) == value


def test_another_version_of_the_code_has_its_own_answer(
    book: Path, monkeypatch: pytest.MonkeyPatch, ran: Iterator[list[Plan]]
) -> None:
    plans = next(ran)
    report(book)
    monkeypatch.setattr(cache, "installed", lambda: "another")
    report(book)
    assert len(plans) == 2


def test_the_name_of_an_answer_is_the_same_in_each_process(book: Path) -> None:
    """Whatever order the members of a set have there."""
    for seed in ("1", "2", "3"):
        run(
            book, 0, "--only", "owner=Ada", "--only", "owner=Bo", env=os.environ | {"PYTHONHASHSEED": seed}
        ).communicate()
    names = sorted(path.name for path in users_answers().folder.iterdir())
    assert len(names) == 2, "one to ask who the members are, and one for the figures"


# ---- what isn't kept


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is known by its times, as large ones are."""
    monkeypatch.setattr(module, "_SMALL", -1)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_a_figure_of_large_files_depends_on_makes_another_answer(
    book: Path, change: Callable[[Path], object]
) -> None:
    test_whatever_a_figure_depends_on_makes_another_answer(book, change)


@pytest.mark.usefixtures("large")
def test_a_large_file_that_may_still_change_is_not_kept(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_UNSETTLED", 60.0)
    report(book)
    assert users_answers().number() == 0


@pytest.mark.usefixtures("large")
def test_whether_a_file_may_still_change_is_asked_before_it_is_read(
    book: Path, monkeypatch: pytest.MonkeyPatch, ran: Iterator[list[Plan]]
) -> None:
    plans = next(ran)
    monkeypatch.setattr(State, "settled", lambda _: bool(plans))
    report(book)
    assert users_answers().number() == 0


@pytest.mark.parametrize("smallest", [-1, 1 << 20], ids=["large", "small"])
def test_a_file_that_changes_while_it_is_read_is_not_kept(
    book: Path, smallest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SMALL", smallest)
    run = PolarsEngine.run

    def slowly(engine: PolarsEngine, plan: Plan) -> Answer:
        answer = run(engine, plan)
        in_deals("100.50", "200.50")(book)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(PolarsEngine, "run", slowly)
        assert won(book) == Decimal("287.75")
    assert users_answers().number() == 0
    assert won(book) == Decimal("387.75")


def test_a_small_file_is_known_by_its_content(book: Path, ran: Iterator[list[Plan]]) -> None:
    """So that no file system's idea of time matters, and an export that is the same again is known."""
    plans = next(ran)
    report(book)
    file = book.parent / "deals.csv"
    file.write_bytes(file.read_bytes())
    os.utime(file, (1, 1))
    report(book)
    assert len(plans) == 1


def test_code_that_changes_while_it_runs_keeps_nothing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that was begun before an upgrade still runs what was there before."""
    for began, number in ((0.0, 0), (time.time(), 1)):
        cache.installed.cache_clear()
        monkeypatch.setattr(cache, "_LOADED", began)
        report(book)
        assert users_answers().number() == number
    cache.installed.cache_clear()


def test_an_error_is_not_kept(book: Path) -> None:
    report(book)
    (book.parent / "deals.csv").unlink()
    for _ in range(2):
        with pytest.raises(KpiError, match="no file matches"):
            report(book)


def test_an_explanation_reads_the_rows(book: Path) -> None:
    asked: dict[str, Any] = {"as_of": "2026-11-22", "period": "2026-10"}
    kpicli.load(book).explain("won", **asked)
    assert users_answers().number() == 0


# ---- what is kept of somebody's is his, and is right


def broken(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: broken(content, 0),
        lambda content: broken(content, 40),
    ],
    ids=["empty", "short", "long", "checksum", "content"],
)
def test_a_broken_answer_is_none(book: Path, spoil: Callable[[bytes], bytes]) -> None:
    plain = report(book)
    (path,) = users_answers().folder.iterdir()
    path.write_bytes(spoil(path.read_bytes()))
    assert report(book) == plain


def test_an_answer_that_somebody_else_could_have_written_is_none(book: Path, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    report(book)
    (path,) = users_answers().folder.iterdir()
    path.chmod(0o666)
    report(book)
    assert len(plans) == 2
    target = path.with_name("elsewhere")
    path.rename(target)
    path.symlink_to(target)
    report(book)
    assert len(plans) == 3


@pytest.mark.parametrize(
    "cells",
    [
        [[[[9, [0], "int", [1], [1]]]]],
        [[[[-1, [0], "int", [1], [1]]]]],
        [[[[0, [9], "int", [1], [1]]]]],
        [[[[0, [-1], "int", [1], [1]]]]],
        [[[[0, [1], "int", [1], [1]]]]],
        [[[[0, [0], "int", ["1"], [1]]]]],
        [[[[0, [0], "int", [1, 2], [1]]]]],
        [[[[0, [0], "complex", ["1"], [1]]]]],
        [[[[0, [0], "decimal", ["x"], [1]]]]],
        [[[[0, [0], "fraction", ["1/0"], [1]]]]],
        [[[[0, [0], "date", ["2026-02-30"], [1]]]]],
        [[[]], [[]]],
        [[]],
        "",
    ],
)
def test_what_is_no_answer_to_the_plan_is_none(tmp_path: Path, cells: object) -> None:
    ask = Ask("min", None, None, None, (Ever(),))
    plan = Plan(
        date(2026, 11, 22), (), (), (Aggregation("deals", Undated(), (Literal("a", Type.TEXT),), None, (ask,)),)
    )
    for content in ([[["a"], []], cells, []], [[["a"]], cells, [["deals", [], 0, 0, None]]]):
        packed = msgpack.encode(content)
        path = tmp_path / "one.answer"
        path.write_bytes(module._check("one.answer", packed) + packed)
        path.chmod(0o600)
        assert Answers(tmp_path).find("one.answer", plan) is None


def test_an_answer_in_the_place_of_another_is_none(book: Path, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    plain = report(book)
    report(book, period="2026-09")
    one, other = sorted(users_answers().folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    other.replace(one)
    assert report(book) == plain
    assert len(plans) == 3


def test_answers_in_a_folder_that_others_may_write_to_are_none(book: Path, ran: Iterator[list[Plan]]) -> None:
    plans = next(ran)
    report(book)
    users_answers().folder.chmod(0o777)
    report(book)
    assert len(plans) == 2


def test_answers_are_for_their_owners_eyes(book: Path) -> None:
    report(book)
    (path,) = users_answers().folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert users_answers().folder.stat().st_mode & 0o777 == 0o700


def test_where_none_can_be_kept_the_report_is_as_ever(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = report(book, cache=False)

    def refuse(*_: object) -> None:
        raise PermissionError

    for name in ("make_folder", "put"):
        with monkeypatch.context() as patch:
            patch.setattr(cache, name, refuse)
            assert report(book) == plain
    assert users_answers().number() == 0


def test_a_file_in_the_place_of_the_folder(book: Path) -> None:
    plain = report(book, cache=False)
    (book.parent / "cache").write_text("")
    assert report(book) == plain


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    kept = Answers(tmp_path / "answers")
    plan = Plan(date(2026, 11, 22), (), (), ())
    for at in range(5):
        kept.keep(f"{at}.answer", plan, Answer((), ()))
        os.utime(kept.folder / f"{at}.answer", ns=(at, at))
    assert sorted(path.name for path in kept.folder.iterdir()) == ["2.answer", "3.answer", "4.answer"]


def test_large_ones_make_room_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Answers(tmp_path / "answers")
    plan = Plan(date(2026, 11, 22), (), (), ())
    kept.keep("0.answer", plan, Answer((), ()))
    monkeypatch.setattr(module, "_MOST_BYTES_OF_ALL", kept.size())
    kept.keep("1.answer", plan, Answer((), ()))
    assert [path.name for path in kept.folder.iterdir()] == ["1.answer"]


def test_what_was_left_unfinished_is_cleared_away(tmp_path: Path) -> None:
    kept = Answers(tmp_path / "answers")
    plan = Plan(date(2026, 11, 22), (), (), ())
    kept.keep("0.answer", plan, Answer((), ()))
    for name in (".new.part", ".old.part"):
        (kept.folder / name).touch()
    os.utime(kept.folder / ".old.part", (1, 1))
    (kept.folder / "gone.answer").symlink_to("nowhere")
    kept.keep("1.answer", plan, Answer((), ()))
    assert {path.name for path in kept.folder.iterdir()} == {".new.part", "0.answer", "1.answer", "gone.answer"}
    kept.clear()
    assert list(kept.folder.iterdir()) == []


def test_without_a_home_folder_nothing_is_kept(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = report(book, cache=False)

    def nowhere(*_: object, **__: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("platformdirs.user_cache_path", nowhere)
    assert report(book) == plain
    assert main(["cache"]) == 1
    assert capsys.readouterr().err.startswith("error[cache]: what is kept can't be read: there is no home folder\n")


# ---- an answer as bytes

REACHES: tuple[Reach, ...] = (Ever(), AliveOn(date(2026, 1, 1)), Days(date(2026, 1, 1), date(2026, 2, 1)))
VALUES: list[st.SearchStrategy[Any]] = [
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.dates(),
    st.text(),
]


_BY = (Literal("a", Type.TEXT), Literal("b", Type.TEXT))


@st.composite
def answers(draw: st.DrawFn) -> tuple[Plan, Answer]:
    """A plan of one aggregation, and an answer to it."""
    asks: list[Ask] = []
    asked: list[Cells] = []
    for _ in range(draw(st.integers(0, 3))):
        reaches = tuple(draw(st.lists(st.sampled_from(REACHES), unique=True)))
        asks.append(Ask("min", None, None, None, reaches))
        members = st.tuples(st.none() | st.text(), st.none() | st.text())
        cells = st.builds(Cell, st.none() | draw(st.sampled_from(VALUES)), st.integers(0, 10**9))
        groups: st.SearchStrategy[Any] = st.dictionaries(members, cells, max_size=4)
        asked.append({reach: draw(groups) for reach in reaches if draw(st.booleans())})
    plan = Plan(date(2026, 11, 22), (), (), (Aggregation("deals", Undated(), _BY, None, tuple(asks)),))
    return plan, Answer((tuple(asked),), ())


@given(answers())
def test_an_answer_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, both: tuple[Plan, Answer]) -> None:
    plan, answer = both
    kept = Answers(tmp_path_factory.mktemp("answers"))
    kept.keep("one.answer", plan, answer)
    found = kept.find("one.answer", plan)
    assert found == answer
    assert repr(found) == repr(answer), "the same types, places and order too"


def test_a_value_of_another_kind_is_not_kept(tmp_path: Path) -> None:
    plan = Plan(
        date(2026, 11, 22), (), (), (Aggregation("t", Undated(), (), None, (Ask("max", None, None, None, REACHES),)),)
    )
    for value in (True, 1.5, b"x", 2**64):
        answer = Answer((({Ever(): {(): Cell(value, 1)}},),), ())
        Answers(tmp_path).keep("one.answer", plan, answer)
        assert Answers(tmp_path).find("one.answer", plan) is None
    mixed = Answer((({Ever(): {("a",): Cell(1, 1), ("b",): Cell(Fraction(1, 2), 1)}},),), ())
    Answers(tmp_path).keep("one.answer", plan, mixed)
    assert Answers(tmp_path).find("one.answer", plan) is None


# ---- the process


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_at_any_step(book: Path) -> None:
    expected = json.dumps(report(book, cache=False, by=None), default=float)
    for step in range(1, 100):
        process = run(book, step)
        process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        assert json.dumps(report(book, by=None), default=float) == expected, f"killed at step {step}"
        users_answers().clear()
    assert step > 5


def test_several_runs_at_once(book: Path) -> None:
    expected, _ = run(book, 0, "--no-cache").communicate()
    processes = [run(book, 0) for _ in range(4)]
    assert [process.communicate() for process in processes] == [(expected, b"")] * 4
    assert users_answers().number() == 1
    assert run(book, 0).communicate() == (expected, b"")


def test_the_command_counts_and_clears_them(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(book)
    size = users_answers().size()
    assert main(["cache"]) == 0
    assert capsys.readouterr().out.endswith(f"0 copies, 0.0 kB; 1 answer, {size / 1e3:.1f} kB\n")
    assert main(["cache", "--clear"]) == 0
    assert users_answers().number() == 0
