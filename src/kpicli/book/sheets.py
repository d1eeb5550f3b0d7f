"""Which sheet of a workbook a book means."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from kpicli.book.scalars import Plain, resolve
from kpicli.book.spellings import read_text, unlike


def read_sheet(value: object) -> str | int:
    """A name, or without quotes a whole number: which sheet from the left, 1 being the first."""
    number = resolve(value) if isinstance(value, Plain) else value
    if isinstance(number, int) and not isinstance(number, bool):
        if number < 1:
            raise unlike(value, "the name of a sheet, or its number from 1 on", "1 is the first sheet")
        return number
    return read_text(value)


Sheet: TypeAlias = Annotated[str | int, BeforeValidator(read_sheet)]
