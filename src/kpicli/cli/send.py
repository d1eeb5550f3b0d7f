"""`kpi send`: the deliveries of a book as messages, written to a folder or sent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from kpicli import load
from kpicli.cli import completion
from kpicli.cli.exits import ExitCode
from kpicli.cli.options import AsOf, Book, Debug, NoCache, PeriodText, choose, find_book, refuse_empty
from kpicli.cli.output import called_as, print_note, print_text, stdout, write_new
from kpicli.cli.progress import working
from kpicli.errors import KpiError, Trouble, clean

if TYPE_CHECKING:
    from kpicli import KpiBook
    from kpicli.deliver.post import Outcome
    from kpicli.sending import Mailing, Message, Stopped

FOLDER = "mail"
"""Where messages are written, where no folder is given; with a number behind it where that is taken."""


def send(
    delivery: Annotated[
        str | None,
        typer.Argument(
            metavar="DELIVERY",
            help="A delivery of the book; without one, all of them.",
            callback=refuse_empty,
            autocompletion=completion.deliveries,
        ),
    ] = None,
    *,
    book: Book = None,
    as_of: AsOf = None,
    period: PeriodText = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help="Only messages to this address.", callback=refuse_empty),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help=f"Write the messages there; default {FOLDER}, or {FOLDER}-2 and so on where that is taken.",
            callback=refuse_empty,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send the messages, instead of writing them to a folder.")] = False,
    again: Annotated[
        str | None,
        typer.Option(
            "--again",
            metavar="WHAT",
            help="Send `uncertain` messages once more, those `waiting` that were given up, or `all`.",
            callback=refuse_empty,
        ),
    ] = None,
    no_cache: NoCache = False,
    _debug: Debug = False,
) -> ExitCode:
    """Mail scorecards to whom the book says; without --yes, only write the messages to a folder."""
    stdout()
    if yes and output is not None:
        raise _usage("--output says where messages are written, and with --yes they are sent", "leave out one of them")
    if again is not None and not yes:
        raise _usage("--again is about what was sent, and without --yes nothing is", "add --yes, or leave it out")
    if again is not None:
        choose("--again", again, ("uncertain", "waiting", "all"))
    found = find_book(book)
    opened = load(found, cache=not no_cache)
    if yes:
        _refuse_without_server(opened)
    mailing = _composed(opened, delivery, as_of, period, to, cache=not no_cache)
    if yes:
        return _sent(opened, found, mailing, again or "nothing")
    folder = _folder(output)
    _write(folder, mailing.messages)
    told = [*_listed(folder, mailing.messages), *_stopped(mailing.stopped)]
    given = {"--book": book, "--as-of": as_of, "--period": period, "--to": to}
    told += ["", f"nothing is sent; to send: {_command(delivery, given)}"] if mailing.messages else []
    print_text("\n".join(told) + "\n")
    _refuse_stopped(mailing)
    return ExitCode.DONE


def _usage(message: str, help_: str) -> KpiError:
    return KpiError("usage", message, help=help_, trouble=Trouble.USAGE)


def _composed(
    opened: KpiBook, delivery: str | None, as_of: str | None, period: str | None, to: str | None, *, cache: bool
) -> Mailing:
    from kpicli.sending import Asked, compose

    known = opened.loaded.book.deliveries
    if not known:
        message = "the book has no `deliveries`, which say what goes to whom"
        help_ = "for example `deliveries: {management: {scorecard: weekly, to: vp@example.com}}`"
        raise KpiError("no-delivery", message, help=help_)
    names = tuple(known) if delivery is None else (delivery,)
    moment = datetime.now().astimezone()
    # The clock is read once: a message of the last minute of a day is of that day.
    today = moment.astimezone(ZoneInfo(opened.loaded.book.calendar.timezone))
    day = opened.day(today if as_of is None else as_of)
    with working("writing the messages"):
        mailing = compose(opened.loaded, Asked(names, day, moment, period, to), cache=cache)
    if to is not None and not mailing.messages:
        raise _usage(
            f"no message goes to '{to}'", "without --to you see to whom messages go; the book's `deliveries` say it"
        )
    return mailing


# ---- what would be sent


def _folder(given: str | None) -> Path:
    """A new folder, or an empty one: messages are somebody's own, and nothing is written over."""
    if given is None:
        names = (FOLDER, *(f"{FOLDER}-{number}" for number in range(2, 10_000)))
        folder = next(path for path in map(Path, names) if not path.exists())
    else:
        folder = Path(given)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise _usage(f"--output '{given}' isn't an empty folder", "name a new one: nothing is written over")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"can't make the folder '{folder}': {error.strerror or error}"
        raise KpiError("output", message, help="name another one with --output", trouble=Trouble.DATA) from error
    return folder


def _write(folder: Path, messages: Sequence[Message]) -> None:
    for name, message in _named(messages):
        if not write_new(folder / name, message.letter.content):
            raise _usage(f"there is a file '{folder / name}' already", "name a new folder with --output")
        (folder / name).chmod(0o600)


def _named(messages: Sequence[Message]) -> Iterator[tuple[str, Message]]:
    """Each message with the name of its file, which tells the delivery and a number, and no member.

    Numbers go on where two deliveries are called the same once their letters are plain, or on some disks in small ones.
    """
    counts: dict[str, int] = {}
    for message in messages:
        delivery = message.letter.delivery
        plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in delivery)
        counts[plain.lower()] = number = counts.get(plain.lower(), 0) + 1
        yield f"{plain}-{number:03}.eml", message


def _listed(folder: Path, messages: Sequence[Message]) -> Iterator[str]:
    """A line a message below its delivery: file, size, recipient, subject."""
    named = list(_named(messages))
    widest = max((len(message.letter.recipient) for _, message in named), default=0)
    before = None
    for name, message in named:
        letter = message.letter
        if letter.delivery != before:
            yield from ("", clean(letter.delivery)) if before is not None else (clean(letter.delivery),)
            before = letter.delivery
        size = f"{float(f'{len(letter.content) / 1000:.2g}'):,.0f} kB"  # roughly: it is about what a mailbox takes
        yield f"  {folder / name}  {size:>6}  {letter.recipient:<{widest}}  {clean(message.subject)}"


def _stopped(stopped: Sequence[Stopped]) -> Iterator[str]:
    """A line each: it is about one member, and names no other."""
    if stopped:
        yield from ("", "no message")
        yield from (clean(f"  {each.delivery} · {each.member}: {each.reason}") for each in stopped)


def _command(delivery: str | None, given: dict[str, str | None]) -> str:
    options = [f"{option} {quote(value)}" for option, value in given.items() if value is not None]
    return " ".join([f"{called_as()} send", *([quote(delivery)] if delivery else []), *options, "--yes"])


def _refuse_stopped(mailing: Mailing) -> None:
    """An error at the end where a message could not be made."""
    if mailing.stopped:
        made, count = len(mailing.messages), len(mailing.messages) + len(mailing.stopped)
        message = f"{len(mailing.stopped)} of {count} messages can't be made"
        help_ = "mend what is said of each above, in the export or where it comes from"
        help_ += "; the others are not concerned" if made else ""
        raise KpiError("no-address", message, help=help_, trouble=Trouble.DATA)


# ---- sending


def _refuse_without_server(opened: KpiBook) -> None:
    if opened.loaded.book.mail is None:
        message = "the book has no `mail`, which says how mail leaves"
        help_ = "add `mail: {server: smtp.example.com, from: kpi@example.com}`; docs/deliveries.md has all of its keys"
        raise KpiError("no-mail", message, help=help_)


def _sent(opened: KpiBook, found: Path, mailing: Mailing, again: str) -> ExitCode:
    from kpicli.deliver.outbox import Outbox
    from kpicli.deliver.post import Again, post
    from kpicli.sending import server_of

    mail = opened.loaded.book.mail
    assert mail is not None
    server = server_of(mail, opened.loaded.folder)
    subjects = {message.letter.key: message.subject for message in mailing.messages}

    def told(outcome: Outcome) -> None:
        print_text(f"{_outcome(outcome)}  {clean(subjects[outcome.letter.key])}\n")

    def pause(seconds: float, waiting: int) -> None:
        those = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
        print_note(f"{those}: trying again in {seconds:g} seconds")
        time.sleep(seconds)

    with Outbox.open(found) as outbox:
        letters = [message.letter for message in mailing.messages]
        summary = post(letters, server, outbox, Again(again), told, pause=pause)
    print_text("\n".join([*_stopped(mailing.stopped), str(summary)]) + "\n")
    for state in sorted({outcome.state.value for outcome in summary.outcomes} & _WHAT_NOW.keys()):
        print_note(f"{state}: {_WHAT_NOW[state]}")
    _refuse_stopped(mailing)
    return ExitCode.DONE if summary.all_sent() else ExitCode.TROUBLE


_WHAT_NOW: Final = {
    "waiting": "run it again later; what was given up is tried again with --again waiting",
    "refused": "mend the address, or ask who runs the server; the next run tries again",
    "uncertain": "it may have arrived: ask, and if it hasn't, send it with --again uncertain, and --to for one alone",
}
"""What to do about messages that weren't sent, by their state."""


def _outcome(outcome: Outcome) -> str:
    before = "" if outcome.tried else " before"
    answer = f": {outcome.answer}" if outcome.answer and outcome.state.value != "sent" else ""
    return clean(f"{outcome.state.value}{before}  {outcome.letter.delivery}  {outcome.letter.recipient}{answer}")
