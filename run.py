#!/usr/bin/env python3
"""Run kpicli from its checkout, in a private environment that this script makes. It needs Python 3.11+ and no more.

    python3 run.py kpi ARGUMENTS…           the program itself: kpi report, kpi check, …
    python3 run.py checks [PYTEST OPTIONS]  lint, format, types, import contracts, all tests with branch coverage
    python3 run.py dev PROGRAM ARGUMENTS…   one program of the development environment: pytest, ruff, mypy, …

The environments live in `.venv/` beside this file, one for each Python that runs it. They hold exactly what
`requirements/` pins, each download checked against its hash, and are remade when that, the project's metadata, the
Python or the place of the checkout changes, or when making one was cut short.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ROOT / ".venv"
OLDEST = (3, 11)
NEWEST = (3, 14)
"""The last CPython for which every pinned package has a wheel."""

STEPS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["mypy"],
    "imports": ["lint-imports", "--no-logo"],
    "tests": ["pytest", "--numprocesses=2", "--dist=worksteal", "--cov", "--cov-report=term"],
}

_SOME_TESTS = ["--cov-fail-under=0"]
"""With options, such as `-k periods`, it may be a part of the tests that runs, which covers a part of the code."""


class Failure(Exception):
    """What keeps this script from its work, as a sentence for the person who runs it."""


def main(arguments: list[str]) -> int:
    """Do what the first argument says; the exit code is that of the program that ran."""
    if sys.version_info[:2] < OLDEST:
        return _refuse(f"kpicli needs Python 3.11 or newer, and this is {platform.python_version()}")
    try:
        # No match statement: a Python too old for it must come as far as the sentence above.
        if arguments[:1] == ["kpi"]:
            # So that the program can print a command that works as this one did.
            python = "python" if os.name == "nt" else "python3"
            os.environ["KPI_CALLED_AS"] = f"{python} {shlex.quote(sys.argv[0])} kpi"
            hand_over(program(environment("run"), "kpi"), arguments[1:])
        if arguments[:1] == ["checks"]:
            return check(environment("dev"), arguments[1:])
        if arguments[:1] == ["dev"] and len(arguments) > 1:
            hand_over(program(environment("dev"), arguments[1]), arguments[2:])
    except (Failure, OSError) as failure:
        return _refuse(str(failure))
    except KeyboardInterrupt:
        return 130
    asked = arguments in (["-h"], ["--help"])
    print(__doc__, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _refuse(sentence: str) -> int:
    print(f"run.py: {sentence}", file=sys.stderr)
    return 1


# --------------------------------------------------------------------------------------------------------- environments


def environment(kind: str) -> Path:
    """The folder of the environment `kind` ("run" or "dev"), made first where it isn't there as asked for."""
    home = ENVIRONMENTS / f"{kind}-{platform.python_version()}"
    made = home / "made"
    wanted = digest(kind)
    if not holds(made, wanted):
        ENVIRONMENTS.mkdir(exist_ok=True)
        with locked(ENVIRONMENTS / "lock") as lock:
            if not holds(made, wanted):
                # First of all, so that an environment which is half removed or half made never passes for a whole one.
                made.unlink(missing_ok=True)
                make(home, kind, lock)
                made.write_text(wanted, encoding="utf-8")
    return home


def digest(kind: str) -> str:
    """Names all that an environment depends on."""
    import tomllib  # an older Python lacks it, and is told its age instead

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [
        requirements(kind).read_text(encoding="utf-8"),
        json.dumps([project["build-system"], project["project"]], sort_keys=True),
        sys.version,
        sys.base_prefix,
        str(ROOT),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def requirements(kind: str) -> Path:
    """The file that pins what environment `kind` holds."""
    return ROOT / "requirements" / f"{kind}.txt"


def holds(made: Path, wanted: str) -> bool:
    """Whether the environment that `made` stands in was finished, and for this digest."""
    try:
        return made.read_text(encoding="utf-8") == wanted
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def make(home: Path, kind: str, lock: IO[str]) -> None:
    """Fill `home` with a new environment: the pinned packages, then the project itself, editable."""
    print(f"run.py: making {home.relative_to(ROOT)} from requirements/{kind}.txt (once)", file=sys.stderr)
    if home.exists():
        shutil.rmtree(home)
    pip = [*_installer(home, lock), "install", "--quiet", "--no-input", "--no-user", "--disable-pip-version-check"]
    # The file pins all of them. Left to resolve, pip takes the newest release of a package that is asked for with an
    # extra, and then refuses it for want of a hash.
    pinned = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements(kind))]
    _run([*pip, *pinned], lock)
    _run([*pip, "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], lock)


def _installer(home: Path, lock: IO[str]) -> list[str]:
    """Make the bare environment; the command of the pip that installs into it."""
    inside = importlib.util.find_spec("ensurepip") is not None
    if not inside and importlib.util.find_spec("pip") is None:
        raise Failure(
            "this Python comes with neither ensurepip nor pip, so nothing can be installed with it; "
            "on Debian and Ubuntu `apt install python3-venv` adds what is missing"
        )
    venv.create(home, symlinks=os.name != "nt")
    python = str(program(home, "python"))
    if not inside:
        return [sys.executable, "-I", "-m", "pip", "--python", python]
    _run([python, "-I", "-m", "ensurepip"], lock)
    return [python, "-I", "-m", "pip"]


def _run(command: list[str], lock: IO[str]) -> None:
    """Run an installer. It keeps the lock even where this script is killed meanwhile."""
    kept = () if os.name == "nt" else (lock.fileno(),)
    code = subprocess.run(command, stdout=subprocess.DEVNULL, pass_fds=kept, check=False).returncode
    if code != 0:
        newer = sys.version_info[:2] > NEWEST
        reason = f"; the pinned packages have no wheels for a Python newer than 3.{NEWEST[1]}" if newer else ""
        raise Failure(f"{command[3]} ended with exit code {code}, and the environment is not made{reason}")


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold the lock on the file `path`; waits for whoever holds it. The system lets go of it when its holders end."""
    with path.open("a", encoding="utf-8") as lock:
        if sys.platform == "win32":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:  # it gives up after ten seconds
                    continue
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def program(home: Path, name: str) -> Path:
    """Where the environment keeps the program `name`."""
    return home / "Scripts" / f"{name}.exe" if os.name == "nt" else home / "bin" / name


# ------------------------------------------------------------------------------------------------------- running things


def hand_over(command: Path, arguments: Sequence[str]) -> NoReturn:
    """Become the program: its exit code, its signals and its terminal are the caller's."""
    if not command.exists():
        raise Failure(f"the environment has no program {command.stem}")
    line = [str(command), *arguments]
    if os.name != "nt":
        os.execv(command, line)  # noqa: S606 - no shell is what is wanted
    sys.exit(subprocess.run(line, check=False).returncode)


def check(home: Path, pytest_options: Sequence[str]) -> int:
    """Run every step, whatever the others say, and print what each took; 1 if any failed."""
    results = []
    for name, (tool, *arguments) in STEPS.items():
        extra = [*_SOME_TESTS, *pytest_options] if pytest_options and name == "tests" else []
        print(f"\n== {name}: {' '.join([tool, *arguments, *extra])}", flush=True)
        start = time.monotonic()
        command = [str(program(home, tool)), *arguments, *extra]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        results.append((name, time.monotonic() - start, code))
    print()
    for name, seconds, code in results:
        print(f"{name:8} {seconds:6.1f} s  {'ok' if code == 0 else f'failed (exit code {code})'}")
    return int(any(code for _, _, code in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
