"""Every message about a book, whole.

A file of `mistakes/` holds cases: a line `=== ` with the fact, the book, a line `>>>`, and what is printed about it.
Run this file as a script to write down what is printed now; read the difference before it is committed.
"""

from __future__ import annotations

import ast
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpicli.book.load import load
from kpicli.errors import KpiError

HERE = Path(__file__).resolve().parent
CASES = [HERE / "mistakes" / f"{name}.txt" for name in ("mail", "presets", "references", "shapes", "syntax")]
"""The goldens of this module; others may stand beside them."""
SOURCES = HERE.parent.parent / "src" / "kpicli" / "book"
OTHERS = {"formulas.py", "targets.py"}
"""Modules whose messages are held elsewhere."""


def cases(file: Path) -> Iterator[tuple[str, str, str]]:
    """The fact, the book and the message of each case."""
    for case in re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        fact, _, rest = case.partition("\n")
        book, _, message = rest.partition(">>>\n")
        yield fact, book, message.rstrip("\n")


def printed(book: str) -> str:
    """What is printed about a book that stands here as kpis.yaml."""
    Path("kpis.yaml").write_bytes(book.encode())
    try:
        load("kpis.yaml")
    except KpiError as error:
        return str(error)
    return "nothing is wrong"


@pytest.mark.parametrize(
    ("book", "message"),
    [pytest.param(book, message, id=f"{file.stem}: {fact}") for file in CASES for fact, book, message in cases(file)],
)
def test_message(book: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert printed(book) == message


def codes_in_source() -> set[str]:
    """Every code that the book's modules give to an error."""
    codes = set()
    for file in SOURCES.glob("*.py"):
        if file.name in OTHERS:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="KpiError") | ast.Attribute(attr="fail" | "fail_key" | "add" | "_refuse")
                ):
                    match node.args:
                        case [ast.Constant(value=str(code)), *_]:
                            codes.add(code)
                        case _:
                            pass
                case _:
                    pass
    return codes


def test_every_code_has_a_case() -> None:
    """But those of files that aren't text, which test_reader.py holds."""
    held = {code for file in CASES for code in re.findall(r"error\[(.*?)\]", file.read_text(encoding="utf-8"))}
    assert codes_in_source() - held == {"no-book", "book-size", "encoding"}


def rewrite() -> None:
    """Writes what is printed now into the files of `mistakes/`."""
    for file in CASES:
        parts = []
        for fact, book, _ in cases(file):
            parts.append(f"=== {fact}\n{book}>>>\n{printed(book)}\n\n")
        file.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        rewrite()
