"""The ways in which a book may write a value, each read into the one shape that the models hold.

What can't be read is a `PydanticCustomError` whose message goes on after the name of the key: "takes a text, not a
list". `kpicli.book.mistakes` puts the name before it and finds the place.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeAlias

from msgspec import Struct
from pydantic import AfterValidator, BaseModel, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from kpicli.book.currencies import ISO_4217, nearest_code
from kpicli.book.date_formats import from_excel, wrong_in
from kpicli.book.declared import given
from kpicli.book.scalars import Plain, Written, read_date, read_share, resolve
from kpicli.book.words import in_words, nearest
from kpicli.errors import KpiError, Mistakes
from kpicli.periods import Duration, Grain


def wrong(message: str, help_: str, at: tuple[int, ...] = ()) -> PydanticCustomError:
    """An error for a validator to raise; `at` leads to what is wrong within the value."""
    return PydanticCustomError("kpi-value", "{message}", {"message": message, "help": help_, "at": at})


def unlike(value: object, wanted: str, help_: str) -> PydanticCustomError:
    """An error about a value that isn't what its key takes."""
    return _empty() if value is None else wrong(f"takes {wanted}, not {shown(value)}", help_)


def _empty() -> PydanticCustomError:
    return wrong("is empty", "write a value, or delete it")


def wrong_as(error: KpiError) -> PydanticCustomError:
    """An error from elsewhere for a validator to raise; its message stands without the name of the key."""
    if isinstance(error, Mistakes):
        error = error.errors[0]
    context = {"code": error.code, "message": error.message, "help": error.help}
    return PydanticCustomError("kpi-error", "{message}", context)


def shown(value: object) -> str:
    """A value as a message names it."""
    match value:
        case str() if not value.strip():
            return "an empty text"
        case str():
            return f"'{value}'" if len(value) <= 60 else f"'{value[:59]}…'"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case None:
            return "nothing"
        case _:
            return str(value)


# ---- texts


def read_text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return str(value)
    if isinstance(value, str):
        raise _empty()
    bracket = "{" if isinstance(value, dict) else "["
    raise unlike(value, "a text", f"write one text; put one that starts with `{bracket}` in quotes")


def _read_any_text(value: object) -> str:
    return str(value) if isinstance(value, str) else read_text(value)


def listed(value: object) -> object:
    """A text as a list of one."""
    return [value] if isinstance(value, str) else value


def _not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise wrong("is an empty list", "name at least one")
    return value


Text: TypeAlias = Annotated[str, BeforeValidator(read_text)]
Texts: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(listed), AfterValidator(_not_empty)]
BlankTexts: TypeAlias = Annotated[tuple[Annotated[str, BeforeValidator(_read_any_text)], ...], BeforeValidator(listed)]


def read_path(value: object) -> str:
    """A path or glob; what looks like an address on a network is none."""
    text = read_text(value)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise unlike(value, "a path", "nothing is fetched: export the file and name its path")
    if "**" in text:
        help_ = '`*` stays in one folder: list a path for each depth, such as `["*.csv", "*/*.csv"]`'
        raise wrong("holds `**`, and the wildcards are `*` and `?`", help_)
    return text


def read_date_format(value: object) -> str:
    text = read_text(value)
    if re.search(r"%-?[A-Za-z]", text) is None:
        pattern = from_excel(text)
        help_ = 'for example "%m/%d/%Y" for 02/24/2026' if pattern is None else f'write "{pattern}"'
        raise unlike(value, "a strptime pattern", help_)
    directives = {each[-1] for each in _DIRECTIVE.findall(text)}
    if any(directives.isdisjoint(part) for part in _PARTS_OF_A_DATE):
        help_ = "a date needs a year, a month and a day, for example %m/%d/%Y"
        raise unlike(value, "a pattern for a whole date", help_)
    if (what_to_do := wrong_in(text)) is not None:
        raise unlike(value, "a strptime pattern", what_to_do)
    return text


_DIRECTIVE = re.compile(r"%(?:%|[-_0:.#]?[0-9]?[A-Za-z+])")
_WHOLE = "DFxcs+v"
"""Directives that are a date by themselves."""
_PARTS_OF_A_DATE = (f"yYGgC{_WHOLE}", f"mbBhjUWV{_WHOLE}", f"dejuwaA{_WHOLE}")
"""Directives that tell a year, a month or week, and a day."""


def read_variable(value: object) -> str:
    text = read_text(value)
    if re.fullmatch(VARIABLE, text) is None:
        plain = text.strip("${}% ")
        help_ = f"write {plain}" if re.fullmatch(VARIABLE, plain) else "letters, digits and `_`, such as KPI_OWNER"
        raise unlike(value, "the name of an environment variable", help_)
    return text


VARIABLE = "[A-Za-z_][A-Za-z0-9_]*"

Variable: TypeAlias = Annotated[str, BeforeValidator(read_variable)]
Path: TypeAlias = Annotated[str, BeforeValidator(read_path)]
DateFormats: TypeAlias = Annotated[
    tuple[Annotated[str, BeforeValidator(read_date_format)], ...], BeforeValidator(listed), AfterValidator(_not_empty)
]


def read_currency(value: object) -> str:
    text = read_text(value)
    if re.fullmatch("[A-Z]{3}", text) is None:
        upper = text.strip().upper()
        help_ = f"write {upper}" if upper in ISO_4217 else "for example USD or EUR"
        raise unlike(value, "the three letters of an ISO 4217 code", help_)
    if text not in ISO_4217:
        raise unlike(value, "an ISO 4217 code", nearest_code(text))
    return text


Currency: TypeAlias = Annotated[str, BeforeValidator(read_currency)]


# ---- one of a few words


class OneOf(Struct, frozen=True):
    """Reads a word that stands for a value."""

    values: Mapping[str, Any]

    @classmethod
    def enum(cls, kind: type[Enum]) -> BeforeValidator:
        return BeforeValidator(cls({member.value: member for member in kind}))

    def __call__(self, value: object) -> Any:  # noqa: ANN401  # as a validator's signature has it
        if isinstance(value, str) and value in self.values:
            return self.values[value]
        if not isinstance(value, str | dict | list) and value in self.values.values():
            return value
        raise unlike(value, in_words(self.values), nearest(value, self.values))


def read_empty(value: object) -> bool | None:
    """What an empty boolean cell is: true, false or unknown (None)."""
    if value is None or isinstance(value, bool):
        return value
    words = {"true": True, "false": False, "unknown": None}
    known = isinstance(value, str) and value in words
    if known and (isinstance(value, Plain) or value == "unknown"):
        return words[str(value)]
    raise unlike(value, in_words(words), "write it without quotes" if known else nearest(value, words))


EmptyCell: TypeAlias = Annotated[bool | None, BeforeValidator(read_empty)]


# ---- numbers and days


class WholeNumber(Struct, frozen=True):
    """Reads a whole number from `low` to `high`."""

    low: int
    high: int

    def __call__(self, value: object) -> int:
        number = resolve(value) if isinstance(value, Plain) else value
        if isinstance(number, int) and not isinstance(number, bool) and self.low <= number <= self.high:
            return number
        unquoted = isinstance(value, str) and not isinstance(value, Plain) and isinstance(resolve(value), int)
        help_ = "write it without quotes" if unquoted else f"for example {min(2, self.high)}"
        raise unlike(value, f"a whole number from {self.low} to {self.high}", help_)


def read_version(value: object) -> int:
    if value in ("1", 1) and not isinstance(value, bool):
        return 1
    raise wrong(f"is {shown(value)}, and this kpicli reads version 1", "write `version: 1`")


def read_constant(value: object) -> Decimal:
    """A number, or a percentage as a fraction."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return Decimal(value)
    number = read_share(value) if isinstance(value, str) else None
    if number is None:
        raise unlike(value, "a number such as 12_000, 0.5 or 30%", ungrouped(value))
    return number


def ungrouped(value: object) -> str:
    """The help for what is no number in digits alone."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", value):
        return f"write {value.replace(',', '_')}"
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?[eE][-+]?[0-9]{1,2}", value):
        return f"write {Decimal(value):f}"
    return "write one number, in digits alone"


def read_threshold(value: object) -> Decimal:
    """A share of the expected pace, as a fraction."""
    number = value if isinstance(value, Decimal) else read_share(value) if isinstance(value, str) else None
    if number is None:
        raise unlike(value, "a percentage such as 90%", "write a percentage of the pace that is needed")
    if not 0 < number <= 2:
        help_ = f"write {number}%" if 2 < number <= 200 else "for example 90%"
        raise unlike(value, "a percentage above 0% and up to 200%", help_)
    return number


Constant: TypeAlias = Annotated[Decimal, BeforeValidator(read_constant)]
Threshold: TypeAlias = Annotated[Decimal, BeforeValidator(read_threshold)]


def read_day(value: object) -> date:
    day = read_date(value) if isinstance(value, str) else value
    if not isinstance(day, date):
        raise unlike(value, "a day of the calendar", _month_length(value) or "write it as 2026-01-31")
    return day


def _month_length(value: object) -> str | None:
    """How long the month is, for a day that it doesn't have."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])-[0-9]{2}", value) if isinstance(value, str) else None
    if found is None or found[1] == "0000":
        return None
    return f"{found[1]}-{found[2]} has {monthrange(int(found[1]), int(found[2]))[1]} days"


Day: TypeAlias = Annotated[date, BeforeValidator(read_day)]


def read_duration(value: object) -> Duration:
    if isinstance(value, Duration):
        return value
    try:
        return Duration.parse(read_text(value))
    except KpiError as error:
        raise wrong_as(error) from None


def read_window(value: object) -> Duration | Grain:
    """The span of a trailing window, or the grain of one that runs to date."""
    words = value.split() if isinstance(value, str) else []
    match words:
        case ["trailing", *span] if span:
            return read_duration(" ".join(span))
        case ["to", "date", "in", ("week" | "month" | "quarter" | "year") as grain]:
            return Grain(grain)
        case ["to", "date", "in", _]:
            help_ = "the grain is week, month, quarter or year"
        case _:
            help_ = "leave the key out for the report's own period"
    raise unlike(value, "`trailing 90 days` or `to date in year`", help_)


def read_keep(value: object) -> str:
    """The column of `latest by <column>`."""
    found = re.fullmatch(r"\s*latest\s+by\s+(\S+)\s*", value) if isinstance(value, str) else None
    if found is not None:
        return found[1]
    if isinstance(value, str) and not isinstance(value, Written):  # code hands over the column itself
        return value
    raise unlike(value, "`latest by` and a column", "for example `latest by modified_date`")


def read_pipeline(value: object) -> object:
    """A list of stages as a mapping, in which no stage has a KPI."""
    if not isinstance(value, list):
        return value
    stages: dict[str, None] = {}
    for index, stage in enumerate(value):
        if not isinstance(stage, str):
            help_ = "a list holds names of stages; with KPIs, write `prospect: new_leads` lines without dashes"
            raise wrong(f"takes names of stages in a list, not {shown(stage)}", help_, at=(index,))
        name = read_text(stage)
        if name in stages:
            raise wrong(f"names the stage '{name}' twice", "delete one of them", at=(index,))
        stages[name] = None
    return stages


# ---- columns and files


def spell_columns(value: object, own: Mapping[str, BaseModel]) -> object:
    """Columns as mappings: a bare header becomes one, and what is left out is as the table's `own` columns have it."""
    if not isinstance(value, dict):
        return value
    return {name: _spell_column(name, column, own.get(name)) for name, column in value.items()}


def _spell_column(name: str, column: object, own: BaseModel | None) -> object:
    match column:
        case None:
            column = {}
        case str():
            column = {"header": column}
        case dict():
            pass
        case _:
            return column
    known = {} if own is None else given(own)
    return {"header": name, **known, **{key: value for key, value in column.items() if value is not None}}


def spell_source(value: object, own: Mapping[str, BaseModel]) -> object:
    """The files of a table as a tuple of mappings; their columns inherit from the table's `own`."""
    entries = value if isinstance(value, list | tuple) else (value,)
    if not entries:
        raise wrong("is an empty list", "name at least one path")
    return tuple(_spell_entry(entry, own) for entry in entries)


def _spell_entry(entry: object, own: Mapping[str, BaseModel]) -> object:
    if isinstance(entry, str):
        return {"path": entry}
    if isinstance(entry, dict) and "columns" in entry:
        return {**entry, "columns": spell_columns(entry["columns"], own)}
    return entry


# ---- a text or something larger


class TextOr(Struct, frozen=True):
    """A field that takes a text, which `read` makes a value of, or else what `other` takes."""

    read: Callable[[str], Any]
    other: Any

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object, validate_other: core_schema.ValidatorFunctionWrapHandler) -> object:
            return self.read(value) if isinstance(value, str) else validate_other(value)

        return core_schema.no_info_wrap_validator_function(validate, handler.generate_schema(self.other))


class MadeFrom(Struct, frozen=True):
    """A field that the file writes as the model `declared`, from which `make` makes its value."""

    declared: Any
    make: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object, validate_declared: core_schema.ValidatorFunctionWrapHandler) -> object:
            return value if isinstance(value, source) else self.make(validate_declared(value))

        return core_schema.no_info_wrap_validator_function(validate, handler.generate_schema(self.declared))
