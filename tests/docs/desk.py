"""A desk on which the examples of the documentation run: a copy of the example company, and a stopped clock."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest
from tests.docs.merging import merged
from tests.docs.pages import ROOT

import kpicli
from kpicli.cli import main

AS_OF = "2026-11-22"


class Clock(datetime):
    """A clock that has stopped on the evening of the example's last day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls(2026, 11, 22, 22, 30, tzinfo=UTC).astimezone(tz)


@dataclass
class Desk:
    """A folder with the example's book and exports, and the ways in which a page uses them."""

    folder: Path
    capsys: pytest.CaptureFixture[str] | None = None
    _loaded: list[Path] = field(default_factory=list)

    @property
    def book(self) -> Path:
        return self.folder / "kpis.yaml"

    def load(self, text: str) -> kpicli.KpiBook:
        """A book as it would stand in place of the example's."""
        path = self.folder / f"book-{len(self._loaded)}" / "kpis.yaml"
        path.parent.mkdir()
        self._loaded.append(path)
        path.write_text(text, encoding="utf-8")
        for name in ("examples", "exports"):
            (path.parent / name).symlink_to(self.folder / name)
        return kpicli.load(path)

    def with_pieces(self, fragment: str) -> str:
        """The example's book with the keys of a fragment at their places."""
        return merged(self.book.read_text(encoding="utf-8"), fragment)

    def message(self, error: kpicli.KpiError) -> str:
        """The whole message about the book that was loaded last, as if it lay in the current folder."""
        return str(error).replace(f"{self._loaded[-1].parent}/", "") + "\n"

    def run(self, line: str, capsys: pytest.CaptureFixture[str]) -> str:
        """What a line of a shell prints: `kpi …`, or `python3 run.py kpi …`, perhaps `> FILE` or `| head -n N`."""
        words = shlex.split(line, comments=True)
        cut = target = None
        if words[-4:-1] == ["|", "head", "-n"]:
            words, cut = words[:-4], int(words[-1])
        if words[-2:-1] == [">"]:
            words, target = words[:-2], self.folder / words[-1]
        if words[:3] == ["python3", "run.py", "kpi"]:
            words = words[2:]
        assert words[0] == "kpi", f"a page runs kpi, not {line!r}"
        capsys.readouterr()
        code = main(words[1:])
        out, err = capsys.readouterr()
        assert (code == 0) is ("error[" not in err), err
        if target is not None:
            target.write_text(out, encoding="utf-8")
            out = ""
        shown = (out + err).replace("\r\n", "\n")
        return shown if cut is None else "".join(shown.splitlines(keepends=True)[:cut])


def example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk in this folder."""
    monkeypatch.setattr("kpicli.datetime", Clock)
    shutil.copy(ROOT / "kpis.yaml", folder)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "exports").mkdir()
    return Desk(folder)


def messages(error: kpicli.KpiError) -> str:
    """What is wrong and how to mend it, without the places: a fragment has none that a reader could look up."""
    kept = [line for line in str(error).splitlines() if re.match(r"error\[|help: ", line)]
    return "\n".join(kept).replace("\nerror[", "\n\nerror[") + "\n"
