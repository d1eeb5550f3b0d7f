"""Facts about the tree itself: what imports what, how long files are, what they may not hold, what start-up loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from shutil import which

import pytest
from importlinter.cli import lint_imports
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".ci", "bench", "docs", "examples", "requirements", "src", "tests")
"""What the repository holds besides the files on its top level. Anything else is somebody's own."""

LONG = {
    "src/kpicli/formula/functions.py": "every function of the language, in one place",
}
"""Files of the program with more than 400 lines, each with the reason why it is better in one piece."""

# Put together from parts, so that this file doesn't hold what it looks for.
HOSTS = ("pypi" + ".org", "python" + "hosted", "npm" + "js", "conda" + ".anaconda")
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:home|opt|root|Users|work)/\w|\b[A-Z]:\\Users\\")


def tree() -> list[Path]:
    """Every file of the repository, but not what running it leaves behind."""
    files = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith((".coverage", ".git"))]
    files += [ROOT / ".gitignore", ROOT / ".gitattributes"]
    for folder in FOLDERS:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(files)


def modules() -> list[Path]:
    """Every Python file of the repository."""
    return [path for path in tree() if path.suffix == ".py"]


def named(path: Path) -> str:
    """The path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """The file's text; an export in another encoding still shows its ASCII."""
    return path.read_bytes().decode("utf-8", errors="replace")


def imported(*arguments: str) -> set[str]:
    """The modules that Python loads when run with these arguments, which must work."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_import_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert code == 0, capsys.readouterr().out


def test_a_file_of_more_than_400_lines_has_a_reason() -> None:
    """A test file is a list of facts, and as long as there are facts."""
    program = [path for path in modules() if not named(path).startswith("tests/")]
    assert {named(path) for path in program if len(text_of(path).splitlines()) > 400} == set(LONG)


def test_every_module_says_what_it_is() -> None:
    """An `__init__.py` too."""
    assert [named(path) for path in modules() if not ast.get_docstring(ast.parse(text_of(path)))] == []


def test_no_file_names_a_package_registry() -> None:
    assert [(named(path), host) for path in tree() for host in HOSTS if host in text_of(path)] == []


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    found = [(named(path), match.group()) for path in tree() for match in MACHINE_PATH.finditer(text_of(path))]
    assert found == []


@pytest.mark.parametrize("arguments", [("-m", "kpicli", "--help"), ("-c", "import kpicli")])
def test_start_up_loads_neither_polars_nor_the_engine(arguments: tuple[str, ...]) -> None:
    names = imported(*arguments)
    assert "kpicli" in names
    assert {name for name in names if name.partition(".")[0] == "polars" or name.startswith("kpicli.engine")} == set()


def test_a_second_report_loads_no_countries() -> None:
    """Their holidays are kept since the first."""
    arguments = ("-m", "kpicli", "report", "--as-of", "2026-11-22")
    imported(*arguments)
    names = imported(*arguments, "--no-cache")
    assert "polars" in names
    assert {name for name in names if name.partition(".")[0] == "holidays"} == set()


def test_a_report_that_was_answered_before_loads_no_polars() -> None:
    arguments = ("-m", "kpicli", "report", "--as-of", "2026-11-22")
    imported(*arguments)
    names = imported(*arguments)
    assert "kpicli.engine.answers" in names
    assert {name for name in names if name.partition(".")[0] == "polars"} == set()


def test_readme_opens_with_two_commands_and_ci_runs_the_second() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", text_of(ROOT / "README.md"), flags=re.DOTALL)
    assert blocks[0].splitlines() == ["python3 run.py kpi report --as-of 2026-11-22", "python3 run.py checks"]
    commands = [line for line in text_of(ROOT / ".ci" / "run").splitlines() if "python3" in line]
    assert commands == ["exec python3 run.py checks </dev/null"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no bash here")
@pytest.mark.parametrize(
    ("user", "works", "note"),
    [
        ("0", "true", ""),
        ("0", "false", ".ci/run: no Chromium, so the tests that look at the page are skipped\n"),
        ("7", "false", ""),
    ],
)
def test_ci_installs_a_browser_where_it_may_and_goes_on_without(
    tmp_path: Path, user: str, works: str, note: str
) -> None:
    programs = {"id": f"echo {user}", "apt-get": f'echo "$@" >>{tmp_path}/asked; {works}', "python3": 'echo "$@"'}
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "sh"):
        (tmp_path / name).symlink_to(which(name) or "")
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("run.py checks\n", note, 0)
    asked = tmp_path / "asked"
    wanted = "update\ninstall -y --no-install-recommends chromium chromium-driver\n"
    assert (asked.read_text(encoding="utf-8") if asked.exists() else "") == (
        "" if user != "0" else wanted if works == "true" else "update\n"
    )


def pins(kind: str) -> dict[str, str]:
    """Package and version, as `requirements/` pins them."""
    return dict(
        re.findall(r"^([a-z0-9-]+)==([^ ]+)", text_of(ROOT / "requirements" / f"{kind}.txt"), flags=re.MULTILINE)
    )


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_every_pinned_package_has_hashes(kind: str) -> None:
    text = text_of(ROOT / "requirements" / f"{kind}.txt")
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(packages) == len(pins(kind)) > 0
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_pins_are_all_that_the_packages_need() -> None:
    """They are installed as they stand, without a resolver that would find what is missing."""
    versions, missing = pins("dev"), []
    for name in versions:
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue  # for another system or Python
        asked = [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
        missing += [str(each) for each in asked if not each.specifier.contains(versions.get(named_alike(each), ""))]
    assert missing == []


def named_alike(requirement: Requirement) -> str:
    """The package's name as `requirements/` spells it."""
    return re.sub(r"[-_.]+", "-", requirement.name).lower()


def test_checks_run_with_the_versions_that_users_run_with() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def test_what_the_project_needs_is_pinned() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    groups = project["dependency-groups"]

    def names(specifiers: list[str]) -> set[str]:
        return {re.split(r"[<>=]", specifier)[0] for specifier in specifiers}

    assert names(project["project"]["dependencies"]) | names(groups["build"]) <= set(pins("run"))
    assert names(groups["dev"]) <= set(pins("dev"))
    assert groups["build"] == project["build-system"]["requires"]
