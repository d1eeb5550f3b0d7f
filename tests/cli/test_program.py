"""What only shows in a process of its own: streams, encodings, what is loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from tests.render.cards import ordinary

from kpicli import __version__
from kpicli.render import named

ROOT = Path(__file__).resolve().parents[2]


PROGRAM = """
import sys
from types import SimpleNamespace
from tests.render.cards import ordinary
import kpicli.cli.report as report
from kpicli import Report

class Opened:
    loaded = SimpleNamespace(book=SimpleNamespace(dimensions={}))
    def report(self, *arguments, **options):
        return Report(ordinary())

report.load = lambda path, cache: Opened()
from kpicli.cli import main
from kpicli.cli.exits import ExitCode
sys.exit(main())
"""


def run(arguments: Sequence[str], book: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, "--book", str(book)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_stdout_gives_readable_output(encoding: str, book: Path) -> None:
    done = run(["report"], book, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert ("✓ on track" if encoding == "utf-8" else "+ on track") in text


def test_json_is_utf_8_whatever_the_encoding_of_stdout(book: Path) -> None:
    done = run(["report", "--format", "json"], book, PYTHONIOENCODING="ascii")
    rendered = named("json").render(ordinary())
    assert isinstance(rendered, str)
    assert (done.stdout, done.stderr, done.returncode) == (rendered.encode(), b"", 0)


def test_force_color_colours_a_pipe_and_no_color_takes_it_back(book: Path) -> None:
    assert b"\x1b[31m" in run(["report"], book, FORCE_COLOR="1", TERM="xterm").stdout
    assert b"\x1b[31m" not in run(["report"], book, FORCE_COLOR="1", TERM="xterm", NO_COLOR="1").stdout
    assert b"\x1b" not in run(["report"], book, FORCE_COLOR="1", TERM="dumb").stdout


@pytest.mark.parametrize("format_", ["terminal", "json"])
def test_a_reader_that_goes_away_is_no_trouble(format_: str, book: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "report", "--format", format_, "--book", str(book)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_stdout_that_cannot_be_written_is_an_error_once(book: Path) -> None:
    """The interpreter, which flushes once more as it ends, has nothing to add."""
    with book.open("rb") as stdout:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "report", "--book", str(book)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
    assert done.stderr.decode() == (
        "error[output]: can't write stdout: Bad file descriptor\n"
        "help: make room or mend its permissions, or write elsewhere with --output\n"
    )
    assert done.returncode == 1


def test_an_interrupted_run_ends_with_130_and_without_a_word(book: Path) -> None:
    """As Ctrl-C does; a shell may have started us with the signal ignored."""
    code = (
        "import signal, sys, time\n"
        "import kpicli.cli.report as report\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "report.load = lambda path, cache: print('reading', flush=True) or time.sleep(60)\n"
        "from kpicli.cli import main\n"
        "sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "report", "--book", str(book)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as run_:
        assert run_.stdout is not None
        assert run_.stdout.readline() == b"reading\n"
        run_.send_signal(signal.SIGINT)
        _, err = run_.communicate(timeout=30)
    assert (run_.returncode, err) == (130, b"")


def test_an_interrupt_while_it_is_loaded_is_one_too() -> None:
    code = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from kpicli.__main__ import run\n"
        "run()"
    )
    done = subprocess.run([sys.executable, "-c", code, "report"], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize(("arguments", "code"), [(["report", "--fail-on", "behind"], 1), (["reprot"], 2)])
def test_a_stderr_that_takes_nothing_changes_neither_result_nor_exit_code(
    arguments: list[str], code: int, book: Path
) -> None:
    """A log on a full disk, or a program that reads the errors and has gone."""
    whole = run(arguments, book)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stderr:
        command = [sys.executable, "-c", PROGRAM, *arguments, "--book", str(book)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, check=False, cwd=ROOT)
    assert whole.stderr != b""
    assert (done.returncode, done.stdout) == (code, whole.stdout)


@pytest.mark.parametrize("command", ["report", "check", "init", "send"])
def test_a_folder_that_is_gone_is_told(command: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = f"import os, sys\nos.chdir({str(gone)!r})\nos.rmdir({str(gone)!r})\n{REAL}"
    done = subprocess.run([sys.executable, "-c", program, command], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (
        2,
        b"",
        (
            "error[no-folder]: the folder in which this was started is gone\n"
            "help: go to one that is there, and start it again\n"
        ),
    )


REAL = "from kpicli.cli import main\nsys.exit(main())"


@pytest.mark.parametrize("arguments", [["functions", "abs"], ["functions"], ["report", "--help"]])
def test_reference_is_readable_in_ascii(arguments: list[str]) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "kpicli", *arguments], capture_output=True, check=True, cwd=ROOT, env=environment
    )
    assert (b"\\u" in done.stdout, done.stderr) == (False, b"")


def test_python_m_kpicli_is_kpi() -> None:
    done = subprocess.run([sys.executable, "-m", "kpicli", "--version"], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout.decode().rstrip()) == (0, f"kpi {__version__}")


def test_the_installed_program_is_python_m_kpicli() -> None:
    (program,) = entry_points(group="console_scripts", name="kpi")
    assert program.value == "kpicli.__main__:run"


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["report", "--format", "nonsense"], 2)])
def test_the_process_ends_with_the_code_and_searches_for_no_garbage(arguments: list[str], code: int) -> None:
    """What `kpi` leaves when it ends, the system takes back."""
    program = (
        "import atexit, gc\n"
        "from kpicli.__main__ import run\n"
        "def searched(): return sum(each['collections'] for each in gc.get_stats())\n"
        "atexit.register(lambda: print(searched() - before, len(gc.get_objects())))\n"
        "before = searched()\n"
        "run()"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False, cwd=ROOT)
    searches, left = map(int, done.stdout.split()[-2:])
    assert (done.returncode, searches) == (code, 0)
    assert left < 100


def test_help_loads_neither_rich_nor_pydantic() -> None:
    """What makes `--help` quick."""
    code = (
        "import sys\nfrom kpicli.cli import main\nmain(['--help'])\n"
        "print(*sorted({'rich', 'pydantic', 'polars', 'kpicli.book'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert done.stderr == b"\n"
