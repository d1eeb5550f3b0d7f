"""The goals of a book: what its KPIs serve."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import model_validator

from kpicli.book.declared import Declared
from kpicli.book.spellings import OneOf, Text


class Level(Enum):
    COMPANY = "company"
    TEAM = "team"
    INDIVIDUAL = "individual"


class Goal(Declared):
    """What KPIs serve: a goal of the company, of a team or of one person."""

    name: Text | None = None
    """How people call it."""
    level: Annotated[Level, OneOf.enum(Level)] = Level.COMPANY
    """company, team or individual."""
    parent: Text | None = None
    """The goal of a higher level that this one serves."""
    who: Text | None = None
    """Who works for it."""
    what: Text | None = None
    """What is to be reached."""
    where: Text | None = None
    """In which market or region."""
    when: Text | None = None
    """By when."""
    why: Text | None = None
    """What it is good for."""
    how: Text | None = None
    """By what means."""

    @model_validator(mode="before")
    @classmethod
    def _spell(cls, data: object) -> object:
        return {} if data is None else data
