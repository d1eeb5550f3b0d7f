"""A finished scorecard as text or bytes: one file a format under `kpicli.render.formats`, found by its name."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Protocol, cast

from kpicli.render import formats
from kpicli.scorecard import Scorecard


class Format(Protocol):
    """A module under `kpicli.render.formats`.

    A format whose shape depends on where it is shown also has `draw(card, screen) -> str`. One whose files end
    otherwise than in its name says how, without the dot: `ENDINGS = ("md",)`.
    """

    def render(self, card: Scorecard) -> str | bytes:
        """The whole scorecard; text is meant to be written as UTF-8."""


def names() -> tuple[str, ...]:
    """The formats that there are, in order; none is imported for it."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(formats.__path__)))


def named(name: str) -> Format:
    """The format with one of `names()`, imported now."""
    return cast("Format", import_module(f"{formats.__name__}.{name}"))


def of_ending(ending: str) -> str | None:
    """The format whose files end so (`md`, without the dot): its name, or what a module says; None if there is none."""
    if ending in names():
        return ending
    return next((name for name in names() if ending in getattr(named(name), "ENDINGS", ())), None)
