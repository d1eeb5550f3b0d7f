"""An explanation as text: for a terminal, as Markdown and as JSON, and the rows of an aggregate as CSV too."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("terminal", "markdown", "json")
"""Those of an explanation; the rows of an aggregate can be had as `csv` too."""
