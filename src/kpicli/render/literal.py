"""Text in Markdown that stays text, whatever it holds.

What Markdown itself acts on gets a backslash before it, but only where Markdown would act on it, so that `won_revenue`
and `$2.6M` can be read in the raw text too. What chats and code forges look for in the finished text (addresses,
mentions, issue numbers, names of emoji) knows no backslash: a zero-width space goes between, which nobody sees.
"""

from __future__ import annotations

import re

from kpicli.errors import clean

APART = "\N{ZERO WIDTH SPACE}"
"""Never from a book or an export: `clean` makes theirs visible."""

_FOUND_LATER = re.compile(
    r"""
      (?: @(?=\S)                     # @mention, name@example.com
        | \#(?=\w)                    # #123, #channel
        | !(?=\d)                     # a merge request
        | \bGH-(?=\d)                 # an issue
        | www(?=\.)
        | (?:mailto|xmpp):(?=\S)
      | :(?=//)
        | :(?=[\w+-]+:)(?!\d\d:)      # :smile:, but not the minutes of 10:30:00
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SYNTAX = re.compile(
    rf"""
      [`*\[\]<~|]
    | \\(?=[!-/:-@\[-`{{-~]|$)        # before anything else it is a backslash
    | (?<![^\W_])_ | _(?![^\W_])      # inside a word it is an underscore
    | \#(?!{APART})                   # a heading, at its start and at its end
    | \$(?!\d)                        # a formula ends with it; before an amount it ends none
    | &(?=[a-z][a-z0-9]*;)            # a character by its name
    | ^>
    | ^[-+](?=[\ -]|$)                # a list, a rule
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?: |$))")
_WORD = re.compile(r"\S+")
_ADDRESS = re.compile(rf"(?:[@:]|www){APART}", re.IGNORECASE)


def literal(text: str) -> str:
    r"""The text for a heading, a paragraph, an item of a list or a cell: on one line, without blanks around it.

    A reader sees what a terminal shows: `a|b` is written as `a\|b`, and a line break as `\x0a`.
    """
    apart = _FOUND_LATER.sub(rf"\g<0>{APART}", clean(text).strip())
    escaped = _NUMBERED.sub(r"\1\\", _SYNTAX.sub(r"\\\g<0>", apart))
    return _WORD.sub(_in_pieces, escaped) if APART in escaped else escaped


def _in_pieces(word: re.Match[str]) -> str:
    """To some programs a zero-width space is a letter of the address; at a backslash before a dot they lose it."""
    return word[0].replace(".", r"\.") if _ADDRESS.search(word[0]) else word[0]
