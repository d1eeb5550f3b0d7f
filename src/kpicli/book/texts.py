"""How the text of an export is written: keys that a table, an entry of `source` and a column have for it."""

from __future__ import annotations

import codecs
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from kpicli.book.spellings import read_text, unlike


def read_encoding(value: object) -> str:
    text = read_text(value)
    try:
        known = codecs.lookup(text)._is_text_encoding  # noqa: SLF001  # the only way to tell `latin-1` from `zlib`
    except (LookupError, ValueError):
        known = False
    if not known:
        raise unlike(value, "an encoding", "for example utf-8, latin-1 or cp1252")
    return text


_DELIMITERS = {"tab": "\t", r"\t": "\t"}


def read_delimiter(value: object) -> str:
    text = _DELIMITERS.get(value, value) if isinstance(value, str) else value
    if isinstance(text, str) and len(text) == 1 and not text.isalnum() and text not in '"\r\n ':
        return text
    help_ = 'one character such as ";" in quotes, or the word tab'
    raise unlike(value, "the character between two cells", help_)


def read_separator(value: object) -> str:
    """What stands between two values; blanks around it are those around the values."""
    if not isinstance(value, str) or not value:
        raise unlike(value, "what stands between two values", 'for example ";" in quotes')
    return value.strip() or str(value)


Encoding: TypeAlias = Annotated[str, BeforeValidator(read_encoding)]
Delimiter: TypeAlias = Annotated[str, BeforeValidator(read_delimiter)]
Separator: TypeAlias = Annotated[str, BeforeValidator(read_separator)]
