"""An explanation as Markdown, to paste into a chat or an issue: every text of a book or an export stays text."""

from __future__ import annotations

from collections.abc import Iterator

from kpicli.explained import Explanation
from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.explain.arithmetic import Writer
from kpicli.render.explain.numbers import write_plain
from kpicli.render.explain.page import Page, Section
from kpicli.render.explain.rows import listed, table_with_why, told
from kpicli.render.literal import literal
from kpicli.render.screen import Screen

_SIGNS = Screen().signs


def explain_markdown(explained: Explanation) -> str:
    """A heading of the second level, and sections of lists below it; or a table of the rows that are asked for."""
    page = Page(explained, _SIGNS, Writer())
    parts = list(_heading(page))
    if (found := listed(explained)) is None:
        parts += [_section(section) for section in page.sections()]
    else:
        aggregate, rows = found
        header, cells = table_with_why(aggregate, rows)
        parts += [f"### {literal(f'[{aggregate.number}] {aggregate.text}')}", literal(told(rows))]
        written = [[literal(write_plain(cell, _SIGNS.absent)) for cell in row] for row in cells]
        if written:
            lines = [list(map(literal, header)), ["---"] * len(header), *written]
            parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def _heading(page: Page) -> Iterator[str]:
    card, line = page.explained.card, page.explained.line
    between = f" {_SIGNS.separator} "
    yield f"## {literal(f'{line.name}{between}{card.book}')}"
    yield literal(
        f"{write_period(card.period)}{between}{remarks.progress(card)}{between}as of {card.as_of.isoformat()}"
        f"{between}{page.window()}"
    )
    yield from (literal(f"Only {narrowing}") for narrowing in remarks.narrowings(card))
    yield f"**{literal(page.result())}**"


def _section(section: Section) -> str:
    result = f" = {section.result}" if section.result else ""
    items = [f"{'  ' * text.depth}- {literal(f'{text.count} {text.text}'.strip())}" for text in section.texts]
    return "\n\n".join([f"### {literal(section.title + result)}", *(["\n".join(items)] if items else [])])
