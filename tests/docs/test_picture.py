"""docs/scorecard.svg, which README shows: what the program draws on a terminal with colours."""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.text import Text
from tests.docs.desk import AS_OF
from tests.docs.pages import ROOT, page

import kpicli
from kpicli.render.formats.terminal import draw
from kpicli.render.screen import Screen

PICTURE = ROOT / "docs" / "scorecard.svg"
WIDTH, HEIGHT = 100, 30
CELL = 12.2
"""How wide Rich draws a character."""
KPIS = (
    *("won_revenue", "won_revenue_year", "won_deals", "win_rate", "sales_cycle", "average_deal"),
    *("new_leads", "qualified_leads", "proposals_sent", "roi_assessments", "open_pipeline", "pipeline_coverage"),
)
"""What fits into a picture of both leading and lagging KPIs."""


def picture() -> str:
    """The top of a scorecard as SVG: no fonts from elsewhere, nothing that a reader's browser would fetch."""
    card = kpicli.load(ROOT / "kpis.yaml").report("executive", kpis=KPIS, as_of=AS_OF).scorecard
    drawn = whole_sections(draw(card, Screen(width=WIDTH, colours="truecolor")).splitlines())
    console = Console(
        file=StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor", _environ={}
    )
    for line in Text.from_ansi("\n".join(drawn)).split("\n", allow_blank=True):
        console.print(line, soft_wrap=True)
    svg = console.export_svg(title="kpi report executive", unique_id="kpi")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL).replace("Fira Code, ", "")
    svg = re.sub(r'x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>((?:&#160;)+)', without_indent, svg)
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def whole_sections(lines: list[str]) -> list[str]:
    """As many lines as the picture is high, without a section that doesn't fit."""
    if len(lines) <= HEIGHT:
        return lines
    end = max(at for at, line in enumerate(lines[: HEIGHT + 1]) if not line.strip())
    return lines[:end]


def without_indent(found: re.Match[str]) -> str:
    """A text that begins where its first letter stands: some viewers leave blanks at its start out."""
    columns = found[5].count("&#160;")
    x, length = float(found[1]) + CELL * columns, float(found[3]) - CELL * columns
    return f'x="{x:.1f}" y="{found[2]}" textLength="{length:.1f}"{found[4]}>'


def test_the_picture_is_what_the_program_draws(*, rewriting: bool) -> None:
    wanted = picture()
    if rewriting:
        PICTURE.write_text(wanted, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == wanted


def test_the_picture_fetches_nothing() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"' )]+", svg) == ["http://www.w3.org/2000/svg"]
    assert [word for word in ("@import", "url(http", "href", "<script", "<image") if word in svg] == []


def test_readme_shows_the_picture_and_says_what_is_on_it() -> None:
    assert re.search(r"!\[A scorecard: [^\]]+\]\(docs/scorecard\.svg\)", page("README.md"))
