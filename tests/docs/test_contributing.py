"""The steps in CONTRIBUTING.md, taken: a function and a format that are added as it says are there."""

from __future__ import annotations

import sys

import pytest
from tests.docs.desk import AS_OF, Desk
from tests.docs.formulas import evaluated
from tests.docs.pages import Block, blocks, hold, page

from kpicli.engine import rows
from kpicli.formula import functions
from kpicli.render import formats

NAME = "CONTRIBUTING.md"


def step(file: str) -> str:
    """The lines that a step has for a file."""
    (text,) = (block.text for block in blocks(page(NAME)) if block.words == (file,))
    return text


@pytest.fixture
def sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function of the walk, added as it says."""
    monkeypatch.setitem(functions.FUNCTIONS, "sign", functions.FUNCTIONS["abs"])  # so that it is taken out afterwards
    exec(compile(step("functions.py"), NAME, "exec"), dict(vars(functions)))  # noqa: S102 -- our own page
    operations = eval(f"{{{step('rows.py')}}}", dict(vars(rows)))  # noqa: S307 -- likewise
    for name, operation in operations.items():
        monkeypatch.setitem(rows._OPERATIONS, name, operation)


@pytest.mark.usefixtures("sign")
def test_the_function_stands_in_kpis_in_fields_and_in_the_reference(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    row = Block("row", ("opportunities", "006TF0000000563"), "sign(amount - 60_000)  → ?\nsign(0)  → ?\n", "", (0, 0))
    kpi = Block("kpi", (), "sign(won_revenue - target(won_revenue))  → ?\nsign(won_revenue)  → ?\n", "", (0, 0))
    wrong = Block("wrong", (), "sing(won_revenue)\n", "", (0, 0))
    found = evaluated([row, kpi, wrong], desk)
    assert found[row] == "sign(amount - 60_000)  → -1\nsign(0)  → 0\n"
    assert found[kpi] == "sign(won_revenue - target(won_revenue))  → -1\nsign(won_revenue)  → 1\n"
    assert found[wrong].splitlines()[-1] == "  help: did you mean 'sign'?"
    assert desk.run("kpi functions sign", capsys).splitlines()[0] == "sign(x: number) -> number"


def test_the_format_is_found_by_its_name(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, rewriting: bool
) -> None:
    (desk.folder / "formats").mkdir()
    (desk.folder / "formats" / "sentences.py").write_text(step("sentences.py"), encoding="utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(desk.folder / "formats")])
    asked = f"kpi report --kpi win_rate --kpi best_source_by_revenue --as-of {AS_OF}"
    shown = desk.run(f"{asked} --format sentences", capsys)
    desk.run(f"{asked} --output card.sentences", capsys)
    sys.modules.pop("kpicli.render.formats.sentences")
    assert (desk.folder / "card.sentences").read_text(encoding="utf-8") == shown
    text = page(NAME)
    (block,) = (block for block in blocks(text) if block.words == ("sentences",))
    start, end = block.span
    hold(NAME, text[:start] + shown + text[end:], rewriting=rewriting)
