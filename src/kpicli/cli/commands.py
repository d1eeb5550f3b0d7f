"""The commands. Each imports what it runs, so that `kpi --help` loads neither Polars nor the engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpicli import __version__, load
from kpicli.cli import completion
from kpicli.cli.exits import ExitCode
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
    parse_count,
    parse_only,
    refuse_empty,
)
from kpicli.cli.output import check_destination, print_bytes, print_note, print_text, stdout, write_file
from kpicli.errors import KpiError, Mistakes, Trouble, did_you_mean

if TYPE_CHECKING:
    from kpicli.checked import Check
    from kpicli.formula.functions import Function
    from kpicli.scorecard import Scorecard

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Leading and lagging sales KPIs from a YAML book of formulas and the tables that a CRM exports.",
    epilog="Exit codes: 0 done; 1 data or delivery trouble, or --fail-on met; 2 usage or book error; 130 interrupted.",
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


@app.command()
def report(
    scorecard: Annotated[
        str | None,
        typer.Argument(
            metavar="SCORECARD",
            help="A scorecard of the book; without one, every active KPI.",
            callback=refuse_empty,
            autocompletion=completion.scorecards,
        ),
    ] = None,
    *,
    book: Book = None,
    as_of: AsOf = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="PERIOD",
            help="2026-10, 2026-W45, FY2026-Q3, 'last month', 2026-01-01..2026-03-31, and others.",
            callback=refuse_empty,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="DIMENSION",
            help="A figure for each member of it, too.",
            callback=refuse_empty,
            autocompletion=completion.dimensions,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="DIMENSION=MEMBER",
            help="Only this member's rows; may be repeated.",
            callback=refuse_empty,
            autocompletion=completion.narrowings,
        ),
    ] = None,
    kpi: Annotated[
        list[str] | None,
        typer.Option(
            "--kpi",
            metavar="ID",
            help="Only this KPI; may be repeated.",
            callback=refuse_empty,
            autocompletion=completion.kpis,
        ),
    ] = None,
    trend: Annotated[
        str | None,
        typer.Option(
            "--trend",
            metavar="N",
            help="The last N periods of each KPI, this one included; at most 60.",
            callback=refuse_empty,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"{', '.join(completion.formats(''))}; default what --output's name ends in, else terminal.",
            callback=refuse_empty,
            autocompletion=completion.formats,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there instead of to stdout.", callback=refuse_empty),
    ] = None,
    strict: Strict = False,
    no_cache: NoCache = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="STATUS",
            help="Exit with 1 when a KPI is `behind`, or is `at-risk` or behind.",
            callback=refuse_empty,
        ),
    ] = None,
    _debug: Debug = False,
) -> ExitCode:
    """Print a scorecard: each KPI's figure, target, pace and change."""
    destination = None if output in {None, "-"} else Path(str(output))
    if destination is None:
        stdout()
    else:
        check_destination(destination)
    chosen = _chosen_format(format_, destination)
    failing = () if fail_on is None else _FAILING[choose("--fail-on", fail_on, _FAILING)]
    members = parse_only(only or ())
    periods = None if trend is None else parse_count("--trend", trend)
    result = load(find_book(book), cache=not no_cache).report(
        scorecard, period=period, by=by, only=members, kpis=kpi or (), as_of=as_of, strict=strict, trend=periods
    )
    _deliver(result.scorecard, chosen, destination)
    met = [line.id for line in result.scorecard.lines if line.figure.status.value in failing]
    if met:
        print_note(f"--fail-on {fail_on} is met by {', '.join(met)}")
    return ExitCode.TROUBLE if met else ExitCode.DONE


_FAILING = {"behind": ("behind",), "at-risk": ("at_risk", "behind")}


def _chosen_format(given: str | None, destination: Path | None) -> str:
    from kpicli.render import of_ending

    known = completion.formats("")
    if given is not None:
        return choose("--format", given, known)
    ending = "" if destination is None else destination.suffix.removeprefix(".").lower()
    if ending in _TEXT_ENDINGS:
        return "terminal"
    if found := of_ending(ending):
        return found
    raise KpiError(
        "output",
        f"--output '{destination}': there is no format '{ending}'",
        help=f"known: {', '.join(known)}; the name's ending says which, or --format (.txt is terminal)",
        trouble=Trouble.USAGE,
    )


_TEXT_ENDINGS = ("", "txt")


def _deliver(card: Scorecard, chosen: str, destination: Path | None) -> None:
    from kpicli.render import named

    form = named(chosen)
    draw = getattr(form, "draw", None)
    if destination is None and draw is not None:
        from kpicli.render.screen import Screen

        print_text(draw(card, Screen.of(stdout(), os.environ)))
        return
    rendered = form.render(card)
    content = rendered.encode() if isinstance(rendered, str) else rendered
    if destination is None:
        print_bytes(content)
    else:
        write_file(destination, content)


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

    known = AGGREGATES | FUNCTIONS
    if name is None:
        shown = [f"{heading}\n\n{_listed(known, kinds)}" for heading, kinds in _KINDS.items()]
        print_text("\n".join(shown))
        return
    function = known.get(name.lower())
    if function is None:
        help_ = did_you_mean(name, known) or "`kpi functions` lists them"
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
