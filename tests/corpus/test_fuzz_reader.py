"""Whatever a file holds, the program and the plain reader make the same of it, or both refuse it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from tests.corpus.desk import Outcome, by_hand, by_program, declared, write
from tests.corpus.draw_files import File, cells, damaged, large
from tests.corpus.plain_text import Refused, text_of

EXAMPLES = settings().max_examples
# The same examples on each run, but in a search for new ones: two ways are known in which both readers refuse what the
# other takes, and a random one of some thousand files shows them.
SAME = EXAMPLES <= 100


def outcomes(file: File) -> tuple[Outcome, Outcome]:
    """What the program and the plain reader make of a file."""
    assume(not is_known_to_be_wrong(file))
    with TemporaryDirectory() as folder:
        found = by_program(write(Path(folder), {"deals.csv": file.content}, file.table, file.zone))
    return found, by_hand({"deals.csv": file.content}, file.table, file.zone)


def is_known_to_be_wrong(file: File) -> bool:
    """What cases hold as wrong until it is mended, so that it doesn't hide what else there is to find."""
    try:
        return "\ufeff" in text_of(file.content, declared(file.table).get("encoding"))  # mark_before_the_first_row
    except Refused:
        return False


@settings(max_examples=max(10, EXAMPLES * 2 // 3), derandomize=SAME)
@given(cells())
def test_both_readers_make_the_same_of_cells(file: File) -> None:
    found, wanted = outcomes(file)
    assert (*found.gist, found.error) == (*wanted.gist, wanted.error), found.message


@settings(derandomize=SAME)
@given(damaged())
def test_both_readers_make_the_same_of_a_damaged_file(file: File) -> None:
    """Where both refuse it, not always for the same reason: a file may have several things wrong with it."""
    found, wanted = outcomes(file)
    assert found.gist == wanted.gist, found.message


@settings(max_examples=max(10, EXAMPLES // 10), derandomize=SAME)
@given(large())
def test_both_readers_make_the_same_of_a_large_file(file: File) -> None:
    found, wanted = outcomes(file)
    assert found.gist == wanted.gist, found.message
