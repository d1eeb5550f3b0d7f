"""The commands. Each imports what it runs, so that `kpi --help` loads neither Polars nor the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from kpicli import __version__, load
from kpicli.cli import completion
from kpicli.cli.exits import ExitCode
from kpicli.cli.explain import explain
from kpicli.cli.init import init
from kpicli.cli.options import (
    AsOf,
    Book,
    Debug,
    NoCache,
    Strict,
    UnusedAsOf,
    UnusedBook,
    choose,
    find_book,
    refuse_empty,
)
from kpicli.cli.output import print_bytes, print_note, print_text, stdout
from kpicli.cli.progress import READING, working
from kpicli.cli.report import report
from kpicli.cli.send import send
from kpicli.errors import KpiError, Mistakes, Trouble, did_you_mean

if TYPE_CHECKING:
    from kpicli.checked import Check
    from kpicli.formula.functions import Function

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Leading and lagging sales KPIs from a YAML book of formulas and the tables that a CRM exports.",
    epilog="Exit codes: 0 done; 1 data or delivery trouble, or --fail-on met; 2 usage or book error; "
    "75 another run is sending; 130 interrupted.",
)


def _print_version(asked: bool) -> None:
    if asked:
        print_text(f"kpi {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _kpi(
    ctx: typer.Context,
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> ExitCode | None:
    if ctx.invoked_subcommand is not None:
        return None
    print_note(ctx.get_help())
    return ExitCode.USAGE


app.command()(init)
app.command()(report)
app.command()(explain)


@app.command()
def check(
    *,
    book: Book = None,
    as_of: AsOf = None,
    strict: Strict = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="CODE",
            help="Pass over findings of this name, such as overdue; may be repeated.",
            callback=refuse_empty,
        ),
    ] = None,
    no_cache: NoCache = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="terminal or json.", callback=refuse_empty)
    ] = "terminal",
    _debug: Debug = False,
) -> ExitCode:
    """Validate the book, read all of its data, and say what is odd about it."""
    stdout()
    choose("--format", format_, ("terminal", "json"))
    found = find_book(book)
    opened = load(found, cache=not no_cache)
    with working(READING):
        checked = opened.check(as_of=as_of).without(frozenset(ignore or ()))
    if format_ == "json":
        from kpicli.render.checks import check_dict
        from kpicli.render.formats.json import write

        print_bytes(write(check_dict(checked)).encode())
    else:
        from kpicli.render.findings import draw_check
        from kpicli.render.screen import Screen

        declared = opened.loaded.book
        counts = {
            "tables": len(declared.tables),
            "KPIs": len(declared.kpis),
            "goals": len(declared.goals),
            "scorecards": len(declared.scorecards),
        }
        print_text(draw_check(str(found), counts, checked, Screen.of(stdout(), os.environ)))
    if checked.errors:
        raise Mistakes.of(checked.errors)
    if strict:
        _refuse_findings(checked)
    return ExitCode.DONE


def _refuse_findings(checked: Check) -> None:
    codes = dict.fromkeys(each.code for table in checked.tables for each in table.findings if each.matters)
    if codes:
        raise KpiError(
            "findings",
            f"the data has {', '.join(codes)}, and --strict allows none of them",
            help="do what each of them says, or pass over one with --ignore and its name",
            trouble=Trouble.DATA,
        )


app.command()(send)


@app.command()
def functions(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="One function; without it, all of them.",
            callback=refuse_empty,
            autocompletion=completion.functions,
        ),
    ] = None,
    *,
    _book: UnusedBook = None,
    _as_of: UnusedAsOf = None,
    _debug: Debug = False,
) -> None:
    """List the functions of the formula language, or explain one."""
    from kpicli.formula.functions import AGGREGATES, FUNCTIONS
    from kpicli.formula.misses import elsewhere

    known = AGGREGATES | FUNCTIONS
    if name is None:
        shown = [f"{heading}\n\n{_listed(known, kinds)}" for heading, kinds in _KINDS.items()]
        print_text("\n".join(shown))
        return
    function = known.get(name.lower())
    if function is None:
        help_ = elsewhere(name.lower()) or did_you_mean(name, known) or "`kpi functions` lists them"
        raise KpiError("unknown-function", f"there is no function '{name}'", help=help_, trouble=Trouble.USAGE)
    where = next(heading for heading, kinds in _KINDS.items() if kinds == function.kinds)
    print_text(f"{function.signature}\n\n{function.doc}\n\n{where}.\n")


_KINDS = {
    "In row formulas and in KPI formulas": frozenset({"row", "kpi"}),
    "In row formulas": frozenset({"row"}),
    "In KPI formulas": frozenset({"kpi"}),
}


def _listed(known: dict[str, Function], kinds: frozenset[str]) -> str:
    chosen = [function for _, function in sorted(known.items()) if function.kinds == kinds]
    return "".join(f"  {function.signature}\n      {function.doc.splitlines()[0]}\n" for function in chosen)


@app.command()
def presets(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="One preset, or one table of it as `preset:` names it; without it, all presets.",
            callback=refuse_empty,
            autocompletion=completion.presets,
        ),
    ] = None,
    *,
    _book: UnusedBook = None,
    _as_of: UnusedAsOf = None,
    _debug: Debug = False,
) -> None:
    """List the CRMs whose exports are known, or show one of them."""
    from kpicli.cli.presets import draw_all, draw_one

    print_text(draw_all() if name is None else draw_one(name))


@app.command()
def schema(*, _book: UnusedBook = None, _as_of: UnusedAsOf = None, _debug: Debug = False) -> None:
    """Print the JSON Schema of kpis.yaml, for editors."""
    from kpicli.book.schema import book_schema
    from kpicli.render.formats.json import write

    print_bytes(write(book_schema()).encode())
