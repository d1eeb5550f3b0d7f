"""The example's exports as workbooks give the figures of its CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tables.workbooks import save, typed

import kpicli

ROOT = Path(__file__).resolve().parents[2]


def report(folder: Path) -> dict[str, Any]:
    return kpicli.load(folder / "kpis.yaml").report(as_of="2026-11-22", by="owner", trend=3).to_dict()


def test_the_same_exports_as_workbooks_give_the_same_figures(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    for file in (ROOT / "examples").glob("*.csv"):
        rows = typed(file.read_text(encoding="utf-8"))
        save(tmp_path / "examples" / f"{file.stem}.xlsx", {"Export": rows})
    book = (ROOT / "kpis.yaml").read_text(encoding="utf-8")
    (tmp_path / "kpis.yaml").write_text(book.replace(".csv", ".xlsx"), encoding="utf-8")
    ours, theirs = report(tmp_path), report(ROOT)
    files = [table.pop("files") for table in ours["data"]]
    assert {Path(name).suffix for names in files for name in names} == {".xlsx"}
    for table in theirs["data"]:
        del table["files"]
        for note in table["notes"]:
            for example in note["examples"]:
                if "file" in example:
                    example["file"] = example["file"].replace(".csv", ".xlsx")
    assert ours == theirs
