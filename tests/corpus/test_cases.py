"""Each file of the corpus gives exactly what its case says: from the program, and from the plain reader."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.cli.opened import shown
from tests.corpus.cases import Case, cases
from tests.corpus.desk import AS_OF, Outcome, by_hand, by_program, figures_of, noted, refused, write

import kpicli

BY_NAME = {case.name: case for case in cases()}
"""A case is a parameter by its name, so that tests are found by it."""
ALL = list(BY_NAME)
FORMATS = ("terminal", "markdown", "csv", "json")
HOSTILE = [name for name in ALL if name.endswith(("_controls", "_in_cells", "_formulas", "_characters", "_scripts"))]
"""Cases whose texts could do harm in an output."""
REFUSED = {case.error.partition("]")[0]: name for name, case in BY_NAME.items() if case.error is not None}
"""A case for each error: how they are told is the same in all."""
SHOWN = [name for name, case in BY_NAME.items() if case.error is None or name in REFUSED.values()]


def marked(names: list[str]) -> list[object]:
    """Cases to hold the program against; what it does wrong is known, and told once it is right."""
    wrong = {name: BY_NAME[name].wrong for name in names}
    return [
        pytest.param(name, marks=pytest.mark.xfail(reason=reason, strict=True)) if reason else name
        for name, reason in wrong.items()
    ]


def written(case: Case, folder: Path) -> Path:
    return write(folder, case.files, case.table, case.zone, list(case.figures))


@cache
def found(name: str) -> Outcome:
    """What the program makes of a case."""
    with TemporaryDirectory() as folder:
        return by_program(written(BY_NAME[name], Path(folder)))


def wanted(case: Case) -> Outcome:
    if case.error is None:
        return Outcome(
            rows=case.rows if case.rows is not None else by_hand(case.files, case.table, case.zone).rows,
            notes=case.notes,
        )
    code = case.error.partition("]")[0].removeprefix("error[")
    return Outcome(error=code, message=case.error, exit_code=case.exit_code)


def test_the_corpus_is_large() -> None:
    assert len(ALL) >= 180


@pytest.mark.parametrize("name", marked(ALL))
def test_the_program_gives_what_the_case_says(name: str, tmp_path: Path) -> None:
    """Where the rows are too many to write down, the plain reader says which they are."""
    case = BY_NAME[name]
    assert found(name) == wanted(case)
    if case.figures:
        assert figures_of(written(case, tmp_path)) == list(case.figures.values())


@pytest.mark.parametrize("name", [name for name in ALL if BY_NAME[name].exit_code != 2])
def test_the_plain_reader_gives_what_the_case_says(name: str) -> None:
    """But for the words of an error, and for mistakes in the book, of which it knows nothing."""
    case = BY_NAME[name]
    read = by_hand(case.files, case.table, case.zone)
    assert (read.error, read.notes) == (None if case.error is None else wanted(case).error, case.notes)
    assert case.rows is None or read.rows == case.rows


# ---- through the command line


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (name, form)
        for at, name in enumerate(SHOWN)
        for nth, form in enumerate(FORMATS)
        if name in HOSTILE or nth == at % len(FORMATS)
    ],
)
def test_a_report_ends_as_specified(name: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With figures, or an error and a way to mend it, and never a traceback; be the outcome right or wrong."""
    case = BY_NAME[name]
    book = written(case, tmp_path)
    outcome = found(name)
    by = ["--by", "whole_row"] if sum(map(len, outcome.rows)) < 2_000 else []
    code, out, err = shown(["report", *by, "--format", form, "-b", str(book), "--as-of", str(AS_OF)], capsys)
    assert code == outcome.exit_code
    if outcome.error is not None:
        assert (out, err.startswith(f"error[{outcome.error}]: ")) == ("", True)
        return
    assert err == ""
    assert not set(out) & set("\x00\x07\x1b\x9b\u202e\u2066")
    assert form != "json" or json.loads(out)["data"][0]["rows"] == len(outcome.rows)


@pytest.mark.parametrize("name", [name for name in ALL if BY_NAME[name].wrong is None])
def test_a_check_says_what_a_report_says(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = BY_NAME[name]
    book = written(case, tmp_path)
    code, out, err = shown(["check", "--format", "json", "-b", str(book), "--as-of", str(AS_OF)], capsys)
    assert code == case.exit_code
    message = err.replace(f"{tmp_path}{os.sep}", "").replace(str(tmp_path), "FOLDER").strip()
    assert message == (case.error or "")
    if case.error is None:
        (table,) = json.loads(out)["data"]
        assert noted(map(as_note, table["findings"])) == tuple(sorted((*case.notes, *case.checked)))
        assert case.rows is None or (table["rows"], table["used"]) == (len(case.rows), len(case.rows))


def as_note(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding of a check, as a report tells it."""
    examples = [{**each, "value": next(iter(each["values"].values()), None)} for each in finding["examples"]]
    return {**finding, "examples": examples}


NOTED = [
    name
    for name, case in BY_NAME.items()
    if case.wrong is None and any(not note.startswith("footer:") for note in case.notes)
]


@pytest.mark.parametrize("name", NOTED)
def test_strict_makes_an_error_of_each_note(name: str, tmp_path: Path) -> None:
    """But for what was left aside because it is no data."""
    book = kpicli.load(written(BY_NAME[name], tmp_path))
    with pytest.raises(kpicli.KpiError) as raised:
        book.report(by="whole_row", as_of=AS_OF, strict=True)
    assert refused(raised.value, tmp_path).exit_code == 1
