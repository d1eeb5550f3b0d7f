"""How the text of an export is written: keys that a table, an entry of `source` and a column have for it."""

from __future__ import annotations

import codecs
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from kpicli.book.declared import Declared
from kpicli.book.spellings import WholeNumber, listed, read_text, unlike, wrong


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


NO_FOOTER: Final = "none"


def read_footer(value: object) -> object:
    """Texts of rows below the data, in which `*` stands for any text; or `none`, where every row is data."""
    if value == NO_FOOTER:
        return NO_FOOTER
    texts = listed(value)
    if not isinstance(texts, list | tuple):
        raise unlike(value, "texts of rows below the data, or `none`", 'for example ["Total", "Stand: *"]')
    if not texts:
        raise wrong("is an empty list", "leave the key out; `footer: none` says that every row is data")
    return tuple(_read_pattern(text, index) for index, text in enumerate(texts))


def _read_pattern(value: object, index: int) -> str:
    text = read_text(value)
    if not text.replace("*", "").strip():
        raise wrong("holds a text that fits every row", "write more of it than `*`", at=(index,))
    return text


Encoding: TypeAlias = Annotated[str, BeforeValidator(read_encoding)]
Delimiter: TypeAlias = Annotated[str, BeforeValidator(read_delimiter)]
Separator: TypeAlias = Annotated[str, BeforeValidator(read_separator)]
Footer: TypeAlias = Annotated[tuple[str, ...] | Literal["none"], BeforeValidator(read_footer)]
HeaderRow: TypeAlias = Annotated[int, BeforeValidator(WholeNumber(1, 1_048_576))]


class CsvSpec(Declared):
    """How the text of an export is written."""

    delimiter: Delimiter | None = None
    """The character between two cells, or the word tab."""
    encoding: Encoding | None = None
    """How the characters are written; UTF-8, or what the byte order mark says, where it is left out."""


def _apart(csv: CsvSpec | None, info: ValidationInfo) -> CsvSpec | None:
    for key in CsvSpec.model_fields:
        if getattr(csv, key, None) is not None and info.data.get(key) is not None:
            raise wrong(f"holds `{key}`, which stands beside it too", "delete one of them")
    return csv


Csv: TypeAlias = Annotated[CsvSpec | None, AfterValidator(_apart)]
"""A key `csv`, which stands behind `delimiter` and `encoding`; these may stand beside it, but none of them twice."""
