"""Somebody who does what a page says, block by block, and sees what comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from tests.docs.desk import AS_OF, Desk, messages
from tests.docs.pages import Block
from tests.tables.workbooks import save, typed

import kpicli

KINDS = {"sh", "console", "yaml", "kpi", "row", "wrong", "python", "csv", "text"}
NOT_RUN = re.compile(r"python3 run\.py (?:checks|dev)\b|python3 -m pip |pip |uv |options=|git |cd |alias ")
"""Commands that set things up."""

_SAVE = re.compile(r"\b[Ss]ave [^`]*?as\s+`([^`]+)`")
_BELOW = re.compile(r"\bbelow\s+the\s+line\s+`([^`]+)`")
_SHEET = re.compile(r"\bin the sheet `([^`]+)`")
_CHANGE = re.compile(r"\b[Cc]hange\s+`([^`]+)`\s+(?:back\s+)?to\s+`([^`]+)`")


@dataclass
class Reader:
    """Somebody who does what a page says, block by block."""

    desk: Desk
    capsys: pytest.CaptureFixture[str]
    evaluated: Mapping[Block, str] = field(default_factory=dict)
    """The page's blocks of formulas with their results."""
    refused: str | None = None
    """The messages of the mistake that was just shown."""

    def read(self, block: Block) -> str:
        """The block's text as it should be."""
        self._change_files(block.before)
        match block.kind:
            case "sh":
                for line in block.text.splitlines():
                    if line and not NOT_RUN.match(line):
                        self.desk.run(line, self.capsys)
            case "console":
                return self._transcript(block.text)
            case "csv":
                self._save(block)
            case "yaml":
                self._book(block)
            case "python" if not block.words:
                exec(compile(block.text, "page", "exec"), {})  # noqa: S102 -- our own page
                self.capsys.readouterr()
            case "kpi" | "row" | "wrong":
                return self.evaluated[block]
            case "text" if self.refused is not None:
                refused, self.refused = self.refused, None
                return refused
            case _:
                pass
        return block.text

    def _change_files(self, prose: str) -> None:
        for old, new in _CHANGE.findall(prose):
            text = self.desk.book.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"kpis.yaml holds {old!r} {text.count(old)} times"
            self.desk.book.write_text(text.replace(old, new), encoding="utf-8")

    def _save(self, block: Block) -> None:
        named = _SAVE.search(block.before)
        assert named is not None, f"nothing says where to save {block.text[:60]!r}"
        path = self.desk.folder / named[1]
        path.parent.mkdir(exist_ok=True)
        sheet = _SHEET.search(block.before)
        if sheet is None:
            path.write_text(block.text, encoding="utf-8")
        else:
            save(path, {"Notes": [["The pipeline of the team"]], sheet[1]: typed(block.text)})

    def _transcript(self, text: str) -> str:
        commands = [line for line in text.splitlines() if line.startswith("$ ")]
        assert commands, f"a transcript without a command: {text[:60]!r}"
        return "".join(f"{line}\n{self.desk.run(line[2:], self.capsys)}" for line in commands)

    def _book(self, block: Block) -> None:
        below = _BELOW.search(block.before)
        if below is not None:
            text = self.desk.book.read_text(encoding="utf-8")
            assert text.count(f"\n{below[1]}\n") == 1
            changed = text.replace(f"\n{below[1]}\n", f"\n{below[1]}\n{block.text}")
            self.desk.book.write_text(changed, encoding="utf-8")
            kpicli.load(self.desk.book)
            return
        whole = block.text.startswith("version:")
        text = block.text if whole else self.desk.with_pieces(block.text)
        if "mistake" in block.words:
            with pytest.raises(kpicli.KpiError) as caught:
                self.desk.load(text).check_data(as_of=AS_OF)
            self.refused = self.desk.message(caught.value) if whole else messages(caught.value)
            return
        if whole and _SAVE.search(block.before):
            self._save(block)
        self._report(self.desk.load(text), block.text)

    def _report(self, book: kpicli.KpiBook, piece: str) -> None:
        """The KPIs and scorecards that a piece names are reported, where every export is there."""
        declared = book.loaded.book
        paths = [entry.path for table in declared.tables.values() for entry in table.source]
        if not all(list(self.desk.folder.glob(path)) for path in paths):
            return
        if "tables:" in piece:
            book.check_data(as_of=AS_OF)
        kpis = [name for name in declared.kpis if re.search(rf"^  {name}:", piece, flags=re.MULTILINE)]
        for name in [name for name in declared.scorecards if re.search(rf"^  {name}:", piece, flags=re.MULTILINE)]:
            book.report(name, as_of=AS_OF)
        if kpis:
            report = book.report(period="2026-11", kpis=kpis, as_of=AS_OF)
            assert {line.id: line.figure.reason for line in report.scorecard.lines if line.figure.reason} == {}
