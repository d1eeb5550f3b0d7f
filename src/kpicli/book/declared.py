"""What all models of a book have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, model_validator


class Declared(BaseModel):
    """Whatever the book declares: immutable, without keys that aren't known.

    A key without a value is as good as absent.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # the whole book's validator is built once; those of its parts would be built for nothing
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if isinstance(data, dict) and None in data.values():
            known = {*cls.model_fields, *known_keys(cls)}
            return {key: value for key, value in data.items() if value is not None or key not in known}
        return data


def known_keys(model: type[Declared]) -> list[str]:
    """The keys that the file may write for a model."""
    return [field.alias or name for name, field in model.model_fields.items()]


def given(model: BaseModel) -> dict[str, object]:
    """What a model was made from, by the keys that the file has for it."""
    fields = type(model).model_fields
    return {fields[name].alias or name: getattr(model, name) for name in model.model_fields_set}
