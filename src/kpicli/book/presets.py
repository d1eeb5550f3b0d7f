"""What is known of the exports of each CRM: one YAML file each, read when a book or a command asks for it.

A preset says of a CRM's tables what a book says of its own, but for where the files are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from kpicli.book.declared import Declared
from kpicli.book.model import SourceFile, Table
from kpicli.book.reader import Data, Places, parse
from kpicli.book.spellings import DateFormats, OneOf, Text, Texts
from kpicli.errors import KpiError, Trouble, did_you_mean

_FOLDER: Final = files("kpicli") / "tables" / "presets"
_EVIDENCE: Final = {word: word for word in ("files", "code", "documentation")}


class PresetTable(Table):
    """One table of a CRM's exports: all that a table of a book says, but for its files."""

    source: tuple[SourceFile, ...] = ()
    needs: Texts
    """The columns whose headers a file must have to be taken for this table."""
    choices: dict[str, Texts] = Field(default_factory=dict)
    """Of each field the formulas by which it may be worked out, the best one first; that one is in `fields` too."""

    @model_validator(mode="before")
    @classmethod
    def _choose(cls, data: object) -> object:
        fields = data.get("fields") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(fields, dict):
            return data
        first = {name: each[0] if isinstance(each, list) and each else each for name, each in fields.items()}
        return {**data, "fields": first, "choices": fields}


class Preset(Declared):
    """What is known of a CRM's exports."""

    name: Text
    """How people call it."""
    about: Text
    """Which of its exports, in a few words."""
    evidence: Annotated[Literal["files", "code", "documentation"], BeforeValidator(OneOf(_EVIDENCE))]
    """Whether it was made after real files, after programs that read them, or after the CRM's documentation."""
    dates: DateFormats = ()
    """How its dates are written, where a column doesn't say otherwise; ISO where left out."""
    tables: Mapping[str, PresetTable]
    """Its tables by the names that formulas use."""


@cache
def preset_names() -> tuple[str, ...]:
    """The names of all presets."""
    found = (entry.name.partition(".") for entry in _FOLDER.iterdir())
    return tuple(sorted(name for name, _, ending in found if ending == "yaml"))


def preset_tables(name: str) -> Mapping[str, Mapping[str, Data]]:
    """The tables of a known preset as its file has them. They are the same objects each time: copy what is changed."""
    tables = _read(name)[0]["tables"]
    assert isinstance(tables, dict)
    return {table: data for table, data in tables.items() if isinstance(data, dict)}


_ALSO = {
    **dict.fromkeys(("opportunity", "deal", "deals", "potential", "potentials"), "opportunities"),
    **dict.fromkeys(("account", "company", "companies", "organization", "organizations"), "accounts"),
    **dict.fromkeys(("contact", "person", "persons", "people"), "contacts"),
    **dict.fromkeys(("activity",), "activities"),
    **dict.fromkeys(("user", "owner", "owners", "rep", "reps"), "users"),
}
"""What CRMs call a table that all presets call the same."""


def nearest_table(name: str, table: str) -> str:
    """The help for a table that a known preset hasn't."""
    known = list(preset_tables(name))
    nearest = f"did you mean '{_ALSO[table]}'?" if _ALSO.get(table) in known else did_you_mean(table, known) or ""
    if nearest.startswith("did you mean"):
        return nearest
    return "write one of " + ", ".join(f"`{name}/{each}`" for each in known)


@cache
def preset(name: str) -> Preset:
    """A preset. Raises KpiError (usage) where there is none of that name."""
    if name not in preset_names():
        help_ = did_you_mean(name, preset_names()) or "`kpi presets` lists them"
        raise KpiError("unknown-preset", f"there is no preset '{name}'", help=help_, trouble=Trouble.USAGE)
    data, places = _read(name)
    try:
        return Preset.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = places.place(first["loc"])
        raise ValueError(f"{place.file}:{place.line}: {first['msg']}: {first['loc']}") from None


@cache
def _read(name: str) -> tuple[dict[str, Data], Places]:
    file = f"{name}.yaml"
    data, places = parse(file, (_FOLDER / file).read_text(encoding="utf-8"))
    if (dates := data.get("dates")) is not None:
        for column in _columns(data["tables"]):
            if column.get("type") == "date":
                column.setdefault("format", dates)
    return data, places


def _columns(tables: Data) -> Iterator[dict[str, Data]]:
    for table in tables.values() if isinstance(tables, dict) else ():
        columns = table.get("columns") if isinstance(table, dict) else None
        yield from (each for each in columns.values() if isinstance(each, dict)) if isinstance(columns, dict) else ()
