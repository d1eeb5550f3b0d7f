"""The command line: every error ends here, as a message and an exit code; commands stand in `kpicli.cli.commands`."""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence
from copy import copy
from pathlib import Path

import typer

from kpicli.cli import cache  # noqa: F401 -- a command of its own file
from kpicli.cli.commands import app
from kpicli.cli.exits import ExitCode, exit_code
from kpicli.cli.output import print_note
from kpicli.errors import KpiError, Trouble


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `kpi` with the process's arguments, or the given ones; the code to exit with."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        outcome = typer.main.get_command(_needed(given[:1])).main(given, prog_name="kpi", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.DONE
    except Exception as error:  # noqa: BLE001 -- a traceback is never the answer, unless it is asked for
        shown = _as_kpi_error(error, given)
        if "--debug" in given and shown.trouble is not Trouble.USAGE:
            print_note("".join(traceback.format_exception(error)).rstrip())
        print_note(str(shown))
        return exit_code(shown.trouble)
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _needed(begin: Sequence[str]) -> typer.Typer:
    """As much of the program as arguments that begin with these need: the command that they name, or else all of it.

    It takes Typer 2 ms to make a command of a function.
    """
    named = [each for each in app.registered_commands if each.callback is not None and each.callback.__name__ in begin]
    needed = copy(app)
    needed.registered_commands = named or app.registered_commands
    return needed


def _as_kpi_error(error: Exception, given: Sequence[str]) -> KpiError:
    if isinstance(error, KpiError):
        return error
    if isinstance(error, typer.TyperException) and error.exit_code == ExitCode.USAGE:
        return _usage_error(error, given)
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        message, help_ = "the folder in which this was started is gone", "go to one that is there, and start it again"
        return KpiError("no-folder", message, help=help_, trouble=Trouble.USAGE)
    return KpiError(
        "internal",
        f"{type(error).__name__}: {str(error).partition(chr(10))[0][:300]}",
        help="run it again with --debug and report what it prints",
        trouble=Trouble.DATA,
    )


def _is_nowhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _usage_error(error: typer.TyperException, given: Sequence[str]) -> KpiError:
    """Typer's error in our form: its suggestion, or where to read on, becomes the help line."""
    commands = [each.callback.__name__ for each in app.registered_commands if each.callback is not None]
    named = next((word for word in given if word in commands), None)
    if takers := _behind(error):
        option = getattr(error, "option_name", "")
        command = named if named in takers else takers[0]
        message, help_ = f"{option} stands before the command", f"write it behind: `kpi {command} {option} ...`"
        return KpiError("usage", message, help=help_, trouble=Trouble.USAGE)
    options = getattr(error, "possibilities", None)
    message, _, suggestion = error.message.partition(" Did you mean ")
    if options:
        suggestion = " or ".join(options) + "?"
    elif not suggestion:
        message = error.format_message()
    known = f"`{'kpi' if named is None else f'kpi {named}'} --help` shows what it takes"
    return KpiError(
        "usage",
        message[:1].lower() + message[1:].removesuffix("."),
        help=f"did you mean {suggestion}" if suggestion else known,
        trouble=Trouble.USAGE,
    )


def _behind(error: typer.TyperException) -> list[str]:
    """The commands that take an option which `kpi` itself was given, and doesn't; the usual one first."""
    ctx: typer.Context | None = getattr(error, "ctx", None)
    if ctx is None or not isinstance(ctx.command, typer.core.TyperGroup):
        return []
    option = getattr(error, "option_name", None)
    takers = [
        name for name, command in ctx.command.commands.items() if any(option in each.opts for each in command.params)
    ]
    return sorted(takers, key=lambda name: name != "report")
