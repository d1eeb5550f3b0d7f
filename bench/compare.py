"""The benchmark: kpicli beside DuckDB, pandas and itself, each run a whole process.

    python bench/compare.py [--size ROWS] [--runs N] [--data FOLDER] [--only NAME …]

First all contenders must give the same figures; if they don't, the exit code is 1. Then two at a time take turns,
and the ratio of each pair of neighbouring runs is taken, so that what else the machine does hits both. Prints what
each took, and each ratio beside what is to be reached. A ratio that is too high is no failure.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# Nothing heavy is imported here: the peak memory that the system tells of a process is never below that of the one
# which started it.

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "bench"
FULL = 5_000_000
AS_OF = "2026-11-22"


class Failure(Exception):
    """Why there is nothing to measure, as a sentence."""


# ---------------------------------------------------------------------------------------------------------- contenders


@dataclass(frozen=True)
class Contender:
    """A name, and the program that it is."""

    name: str
    command: tuple[str, ...]
    cache: Path | None = None
    """The cache folder in which it keeps copies of the exports, and answers."""
    without: str | None = None
    """What is deleted of the cache folder before each run: a folder in it, or all of it."""


def users_python() -> str:
    """The Python of the environment that users run kpicli in, where `run.py` has made it; else this one.

    The environment of the rivals and the tests has NumPy, which Polars loads wherever it is installed.
    """
    path = ROOT / ".venv" / f"run-{platform.python_version()}" / "bin" / "python"
    return str(path) if path.exists() else sys.executable


def kpicli(folder: Path, output: Path, book: str = "kpis.yaml", name: str = "kpicli") -> Contender:
    """The scorecard of a book over the exports in `folder`, written to `output`; nothing is kept of them."""
    return Contender(name, (*_report(folder, output, book), "--no-cache"))


def kpicli_with_cache(folder: Path, output: Path, name: str, cache: Path, without: str | None = None) -> Contender:
    """Likewise with what an earlier run has kept, as far as it isn't deleted before this one."""
    return Contender(f"kpicli, {name}", _report(folder, output, "kpis.yaml"), cache, without)


def _report(folder: Path, output: Path, book: str) -> tuple[str, ...]:
    report = ("report", "monthly", "--book", str(folder / book), "--as-of", AS_OF)
    return (users_python(), "-m", "kpicli", *report, "--format", "json", "--output", str(output))


def by_duckdb(folder: Path, output: Path) -> Contender:
    return Contender("DuckDB", (sys.executable, str(HERE / "by_duckdb.py"), str(folder), str(output)))


def by_pandas(folder: Path, output: Path) -> Contender:
    return Contender("pandas", (sys.executable, str(HERE / "by_pandas.py"), str(folder), str(output)))


def parsing(folder: Path, *copies: Path) -> Contender:
    """The least that a program takes which reads the exports with Polars, and writes copies of what it has read."""
    name = "parsing and copying" if copies else "parsing"
    return Contender(name, (users_python(), str(HERE / "by_polars.py"), str(folder), *map(str, copies)))


def example(name: str, *options: str) -> Contender:
    """The report of the example in the checkout."""
    book = str(ROOT / "kpis.yaml")
    return Contender(name, (users_python(), "-m", "kpicli", "report", "--book", book, "--as-of", AS_OF, *options))


def bare() -> Contender:
    """The least that a program of these libraries takes."""
    return Contender("bare imports", (users_python(), "-c", "import polars, pydantic, typer, rich"))


# ----------------------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Taken:
    """What one run took: seconds on the clock and of all cores, and at most so many MB of memory."""

    wall: float
    cpu: float
    memory: float


def run(contender: Contender) -> Taken:
    """Run a contender to its end."""
    if contender.cache is not None and contender.without is not None:
        shutil.rmtree(contender.cache / contender.without, ignore_errors=True)
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        # As on a user's machine, where Python keeps what it has compiled.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        if contender.cache is not None:
            environment["XDG_CACHE_HOME"] = str(contender.cache)
        process = subprocess.Popen(
            contender.command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise Failure(f"{contender.name} failed: {errors.read().decode(errors='replace')}")
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Taken(wall, usage.ru_utime + usage.ru_stime, memory / 1_000_000)


@dataclass(frozen=True)
class Goal:
    """A ratio that is to be reached; without a bound, what the least is that can be."""

    name: str
    most: float | None
    of: Callable[[Taken], float] = lambda taken: taken.wall


@dataclass(frozen=True)
class Comparison:
    """Two contenders that take turns, and what the first may take of the second."""

    first: Contender
    second: Contender
    goals: tuple[Goal, ...]
    times: int = 1
    """So many times as many runs as asked for; for what is over in a moment."""


@dataclass(frozen=True)
class Outcome:
    """The runs of a comparison; the n-th of the one came right before the n-th of the other."""

    comparison: Comparison
    first: tuple[Taken, ...]
    second: tuple[Taken, ...]

    def ratio(self, goal: Goal) -> float:
        """The median over the pairs."""
        return median(goal.of(a) / goal.of(b) for a, b in zip(self.first, self.second, strict=True))


def measure(comparison: Comparison, runs: int) -> Outcome:
    """Warm up once, then in turn."""
    contenders = (comparison.first, comparison.second)
    for contender in contenders:
        run(contender)
    pairs = []
    for number in range(runs * comparison.times):
        pair = tuple(run(contender) for contender in contenders)
        pairs.append(pair)
        shown = ", ".join(f"{c.name} {taken.wall:.2f} s" for c, taken in zip(contenders, pair, strict=True))
        print(f"  run {number + 1}: {shown}", file=sys.stderr)
    first, second = zip(*pairs, strict=True)
    return Outcome(comparison, first, second)


# ---------------------------------------------------------------------------------------------------------- the whole


def comparisons(folder: Path, tenth: Path, scratch: Path) -> dict[str, Comparison]:
    """All that can be asked for, by its name on the command line."""
    report = scratch / "report.json"
    twenty = kpicli(folder, report)
    duckdb, pandas = by_duckdb(folder, scratch / "duckdb.json"), by_pandas(folder, scratch / "pandas.json")
    first = kpicli_with_cache(folder, report, "first run", scratch / "first", without="kpicli")
    second = kpicli_with_cache(folder, report, "second run", scratch / "second")
    other = kpicli_with_cache(folder, report, "copies alone", scratch / "other", without="kpicli/answers")
    memory = Goal("ten times the rows, memory", 3, lambda taken: taken.memory)
    return {
        "duckdb": Comparison(twenty, duckdb, (Goal("kpicli / DuckDB", 0.9),)),
        "first": Comparison(first, duckdb, _with_memory("first run / DuckDB", 1)),
        "second": Comparison(second, duckdb, _with_memory("second run / DuckDB", 0.35)),
        "copies": Comparison(other, duckdb, _with_memory("copies alone / DuckDB", 0.35)),
        "pandas": Comparison(twenty, pandas, (Goal("kpicli / pandas", 1 / 7),)),
        "hundred": Comparison(
            kpicli(folder, report, "hundred.yaml", "100 KPIs"), twenty, (Goal("100 KPIs / 20 KPIs", 1.5),)
        ),
        "scale": Comparison(
            twenty, kpicli(tenth, report, name="a tenth"), (Goal("ten times the rows, time", 11), memory)
        ),
        "least": Comparison(parsing(folder), duckdb, (Goal("parsing alone / DuckDB", None),)),
        "least-copying": Comparison(
            parsing(folder, scratch), duckdb, (Goal("parsing and copying alone / DuckDB", None),)
        ),
        "least-pandas": Comparison(parsing(folder), pandas, (Goal("parsing alone / pandas", None),)),
        "start": Comparison(example("kpi report"), bare(), (Goal("kpi report / bare imports", 1.6),), times=3),
        "anew": Comparison(
            example("kpi report anew", "--no-cache"), bare(), (Goal("kpi report anew / bare imports", 1.6),), times=3
        ),
    }


def _with_memory(name: str, most: float) -> tuple[Goal, Goal]:
    return Goal(name, most), Goal(f"{name}, memory", 1.2, lambda taken: taken.memory)


def agreement(folder: Path, scratch: Path, rivals: Sequence[Contender]) -> bool:
    """Whether the rivals give kpicli's figures; what differs is printed."""
    report = scratch / "agreed.json"
    run(kpicli(folder, report))
    agreed = True
    for rival in rivals:
        run(rival)
        command = [sys.executable, "-m", "bench.agree", str(report), rival.command[-1]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"kpicli and {rival.name} {'agree' if done.returncode == 0 else 'do not agree'}", file=sys.stderr)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).splitlines()
            print("\n".join([*lines[:20], *(["…"] if len(lines) > 20 else [])]), file=sys.stderr)
            agreed = False
    return agreed


def table(outcomes: Sequence[Outcome]) -> str:
    """What each contender took, then each ratio beside what is to be reached."""
    lines = [f"{'min / median / max':24} {'seconds':>24} {'CPU seconds':>24} {'peak memory, MB':>24}"]
    for outcome in outcomes:
        for contender, taken in (
            (outcome.comparison.first, outcome.first),
            (outcome.comparison.second, outcome.second),
        ):
            cells = [[one.wall for one in taken], [one.cpu for one in taken], [one.memory for one in taken]]
            shown = [_spread(values, places) for values, places in zip(cells, (2, 2, 0), strict=True)]
            lines.append(f"{contender.name:24} " + " ".join(f"{text:>24}" for text in shown))
        lines.append("")
    lines.append(f"{'median ratio of the pairs':34} {'measured':>10} {'to reach':>10}")
    for outcome in outcomes:
        for goal in outcome.comparison.goals:
            ratio = outcome.ratio(goal)
            lines.append(f"{goal.name:34} {ratio:10.3f} {_to_reach(goal, ratio)}")
    return "\n".join(lines)


def _to_reach(goal: Goal, ratio: float) -> str:
    if goal.most is None:
        return f"{'the least':>10}"
    return f"{f'<= {goal.most:.3g}':>10}  {'reached' if ratio <= goal.most else 'not reached'}"


def _spread(values: Sequence[float], places: int) -> str:
    return " / ".join(f"{value:.{places}f}" for value in (min(values), median(values), max(values)))


def made(folder: Path, size: int) -> Path:
    """The folder with exports of this size, which a process of its own writes where they are missing."""
    command = [sys.executable, "-m", "bench.generate", str(folder), "--size", str(size)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return folder


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure kpicli beside others.")
    parser.add_argument("--size", type=positive, default=FULL, help="rows of activities (%(default)s)")
    parser.add_argument("--runs", type=positive, default=5, help="how often each is measured (%(default)s)")
    parser.add_argument("--data", type=Path, help="where the exports are kept; .bench/SIZE in the checkout if left out")
    least = ("least", "least-copying", "least-pandas")
    names = ("duckdb", "first", "second", "copies", "pandas", "hundred", "scale", *least, "start", "anew")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="what is measured (all)")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    # Makes the environment of `users_python` where it isn't there yet.
    subprocess.run([sys.executable, str(ROOT / "run.py"), "kpi", "--version"], stdout=subprocess.DEVNULL, check=True)
    folder = made((asked.data or ROOT / ".bench" / str(asked.size)).resolve(), asked.size)
    tenth = made(folder / "tenth", asked.size // 10) if "scale" in asked.only else folder
    with tempfile.TemporaryDirectory() as scratch:
        wanted = {name: each for name, each in comparisons(folder, tenth, Path(scratch)).items() if name in asked.only}
        rivals = [wanted[name].second for name in ("duckdb", "pandas") if name in wanted]
        try:
            if not agreement(folder, Path(scratch), rivals):
                return 1
            outcomes = []
            for name, comparison in wanted.items():
                print(name, file=sys.stderr)
                outcomes.append(measure(comparison, asked.runs))
        except Failure as failure:
            print(failure, file=sys.stderr)
            return 1
    print(f"{asked.size:,} activities\n\n{table(outcomes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
