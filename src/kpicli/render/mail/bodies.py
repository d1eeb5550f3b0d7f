"""The two bodies: lines of text, and the same as HTML out of a template of tables and inline styles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from textwrap import wrap
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kpicli.errors import clean
from kpicli.render.mail.view import Extent, Kpi, Letter, Letterhead, Shown, letter, names
from kpicli.scorecard import Scorecard

_WIDTH: Final = 76
_INK: Final = {
    "on_track": ("#0b6b3a", "#e3f4ea", "#1f9d5b"),
    "at_risk": ("#7a4b00", "#fdf0d5", "#d99a1c"),
    "behind": ("#a3201b", "#fbe6e4", "#d1453d"),
    "none": ("#4b5563", "#eef0f3", "#8b94a3"),
}
"""Of each tone: text that is read on white and on its ground, the ground, and the bar."""


def bodies(card: Scorecard, head: Letterhead, extent: Extent) -> tuple[str, str]:
    """Plain text, in lines of at most 76 characters where no word is longer, and HTML.

    Whatever a text of a book or an export holds, it stays text.
    """
    said = letter(card, head, extent)
    return "\n".join(_lines(said)) + "\n", _template().render(letter=said, ink=_INK, joined=names)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("kpicli.render", "mail"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    return environment.get_template("body.html")


def _visible(value: object) -> object:
    """Control, format and bidirectional characters as escapes that are seen; the view has done it for most."""
    return clean(value) if type(value) is str else value


def _lines(said: Letter) -> Iterator[str]:
    if said.whose is not None:
        yield from _wrapped(said.whose)
    yield from _wrapped(said.title)
    yield from _wrapped(names([said.book, said.period, said.progress]))
    yield from (line for each in said.narrowed for line in _wrapped(f"Only {each}"))
    yield from _wrapped(names([f"! {each}" if warns else each for each, warns in said.fresh]))
    if said.tally:
        yield ""
        yield "   ".join(f"{sign} {words}" for sign, words, _ in said.tally)
    for section in said.sections:
        yield from ("", section.title.upper(), "")
        for kpi in section.kpis:
            yield from _kpi(kpi)
    if said.left_out is not None:
        yield from ("", *_wrapped(said.left_out))
    if said.goals:
        yield from ("", "GOALS", "")
        for goal in said.goals:
            yield from _wrapped(f"{goal.name} ({goal.about})", "  " * goal.depth)
    for title, sentences in said.remarks:
        yield from ("", title.upper(), "")
        yield from (line for sentence in sentences for line in _wrapped(sentence))
    if said.attached is not None:
        yield from ("", *_wrapped(said.attached))


def _kpi(kpi: Kpi) -> Iterator[str]:
    yield from _wrapped(_figure(kpi.shown))
    told = (*([kpi.shown.wanted] if kpi.shown.wanted is not None else ()), *kpi.shown.about)
    yield from (line for about in told for line in _wrapped(about, "    "))
    if kpi.members:
        yield f"    by {kpi.by}:"
        for member in kpi.members:
            yield from _wrapped(_figure(member), "      ")
        if kpi.more is not None:
            yield f"      {kpi.more}"
    yield ""


def _figure(shown: Shown) -> str:
    aimed = "" if shown.target is None else f", target {shown.target}"
    share = "" if shown.attained is None else f", {shown.attained} of it"
    status = f", {shown.status}" if shown.tone != "none" else ""
    return f"{shown.sign} {shown.name}: {shown.value}{aimed}{share}{status}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    hanging = f"{indent}  "
    return wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
