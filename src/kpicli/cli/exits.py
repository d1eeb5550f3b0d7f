"""The one owner of exit codes."""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from kpicli.errors import Trouble


class ExitCode(IntEnum):
    """Every code with which `kpi` ends."""

    DONE = 0
    TROUBLE = 1
    """Of data or delivery, or `--fail-on` is met."""
    USAGE = 2
    """The command line or the book is wrong."""
    LOCKED = 75
    """Another run holds the lock."""
    INTERRUPTED = 130


def exit_code(trouble: Trouble) -> ExitCode:
    """The code for an error, by whose trouble it is."""
    match trouble:
        case Trouble.USAGE | Trouble.BOOK:
            return ExitCode.USAGE
        case Trouble.DATA | Trouble.DELIVERY:
            return ExitCode.TROUBLE
        case Trouble.LOCKED:
            return ExitCode.LOCKED
        case _:
            assert_never(trouble)
