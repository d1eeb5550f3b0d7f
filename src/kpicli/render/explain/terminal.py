"""An explanation for people at a terminal, and the rows of one aggregate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from rich.cells import cell_len

from kpicli.explained import Aggregate, Explanation, Plain, Rows
from kpicli.render import remarks
from kpicli.render.dates import write_period
from kpicli.render.explain.arithmetic import Writer
from kpicli.render.explain.numbers import write_plain
from kpicli.render.explain.page import Page, Section, Text
from kpicli.render.explain.reasons import why_left_out
from kpicli.render.explain.rows import listed, table, told
from kpicli.render.numbers import write_count
from kpicli.render.page.pieces import Line, Piece, flow, padded, right
from kpicli.render.screen import Screen

_GUTTER: Final = 2


def draw_explanation(explained: Explanation, screen: Screen) -> str:
    """All of it, or the rows that are asked for."""
    page = Page(explained, screen.signs, Writer(ellipsis="…" if screen.has("…") else "..."))
    lines = list(_heading(page, screen))
    if listed(explained) is not None:
        return screen.draw([*lines, *_rows(explained, screen)])
    for section in page.sections():
        lines += [[], *_section(section, screen)]
    return screen.draw(lines)


def _heading(page: Page, screen: Screen) -> Iterator[Line]:
    card, line = page.explained.card, page.explained.line
    between = f" {screen.signs.separator} "
    paragraphs: list[list[Piece]] = [
        [(screen.shown(line.name), "bold"), (screen.shown(f"{between}{card.book}"), "")],
        [
            (screen.shown(write_period(card.period)), "bold"),
            (screen.shown(f"{between}{remarks.progress(card)}{between}as of {card.as_of.isoformat()}"), ""),
        ],
        [(screen.shown(page.window()), "")],
        *([("Only ", "dim"), (screen.shown(narrowing), "")] for narrowing in remarks.narrowings(card)),
        [(screen.shown(page.result()), "bold")],
    ]
    for pieces in paragraphs:
        yield from flow(pieces, screen.width, hanging=2)


def _section(section: Section, screen: Screen) -> Iterator[Line]:
    title: list[Piece] = [(screen.shown(section.title), "bold")]
    if section.result:
        title.append((screen.shown(f" = {section.result}"), "bold"))
    yield from flow(title, screen.width, hanging=2)
    width = max((cell_len(text.count) for text in section.texts), default=0)
    for text in section.texts:
        yield from _text(text, width, screen)


def _text(text: Text, width: int, screen: Screen) -> Iterator[Line]:
    indent = 2 + 2 * text.depth
    shown = (screen.shown(text.text), text.style)
    if text.count:
        count = right([(screen.shown(text.count), text.style)], width)
        for at, line in enumerate(flow([shown], max(screen.width - indent - width - 1, 8))):
            before = count if at == 0 else [(" " * width, "")]
            yield [(" " * indent, ""), *before, (" ", ""), *line]
        return
    yield from flow([shown], screen.width, indent, indent + 2)


# ---- rows


def _rows(explained: Explanation, screen: Screen) -> Iterator[Line]:
    found = listed(explained)
    assert found is not None
    aggregate, rows = found
    yield []
    yield from flow([(screen.shown(f"[{aggregate.number}] {aggregate.text}"), "bold")], screen.width, hanging=2)
    yield from flow([(screen.shown(told(rows)), "")], screen.width, 2, 4)
    header, cells = table(rows)
    kinds = ["text"] * (len(header) - len(rows.columns)) + [column.kind for column in rows.columns]
    numeric = [
        name == "row" or kind in {"number", "money", "percent"} for name, kind in zip(header, kinds, strict=True)
    ]
    written = [[_written(cell, screen) for cell in row] for row in cells]
    if not written:
        return
    yield []
    shown = [screen.shown(name) for name in header]
    widths = [max(map(cell_len, column)) for column in zip(shown, *written, strict=True)]
    fits = sum(widths) + _GUTTER * (len(widths) - 1) <= screen.width
    if fits:
        yield _row(shown, widths, numeric, "dim")
    titles = _titles(aggregate, rows, screen)
    for cells_of, title in zip(written, titles, strict=True):
        yield from title
        if fits:
            yield _row(cells_of, widths, numeric, "")
        else:
            pieces = [f"{name} {cell}" for name, cell in zip(shown, cells_of, strict=True)]
            yield from flow([(f" {screen.signs.separator} ".join(pieces), "")], screen.width, 0, 2)


def _titles(aggregate: Aggregate, rows: Rows, screen: Screen) -> Iterator[Sequence[Line]]:
    """What stands above each row: of the first that is left out for a reason, how many are and why."""
    titles = {each.reason: f"{write_count(each.rows)} {why_left_out(each, aggregate)}" for each in rows.left_out}
    above = None
    for row in rows.shown or ():
        if row.reason is None or row.reason == above:
            yield ()
        else:
            yield [[], *flow([(screen.shown(titles[row.reason]), "bold")], screen.width, 0, 2)]
        above = row.reason


def _written(value: Plain | Decimal, screen: Screen) -> str:
    return screen.shown(write_plain(value, screen.signs.absent))


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool], style: str) -> Line:
    line: Line = []
    for cell, width, is_number in zip(cells, widths, numeric, strict=True):
        piece = [(cell, style)]
        line += [
            *([(" " * _GUTTER, "")] if line else []),
            *(right(piece, width) if is_number else padded(piece, width)),
        ]
    return line
