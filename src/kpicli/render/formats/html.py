"""The scorecard as a page for a browser: one file without scripts, which fetches nothing."""

from __future__ import annotations

from kpicli.render.html.page import page
from kpicli.scorecard import Scorecard

ENDINGS = ("htm",)


def render(card: Scorecard) -> str:
    """The whole document."""
    return page(card)
