"""run.py: when an environment is made, when it is made again, and what it says when it can't be."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import IO

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "run.py"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script in a checkout of its own, where making an environment only leaves a file."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("one==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[build-system]\n[project]\nname = "x"\n[tool.y]\n', encoding="utf-8")
    spec = importlib.util.spec_from_file_location("run", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "ENVIRONMENTS", tmp_path / ".venv")
    monkeypatch.setattr(module, "makings", [], raising=False)

    def make(home: Path, kind: str, _lock: IO[str]) -> None:
        assert not (home / "made").exists()
        home.mkdir(exist_ok=True)
        module.makings.append(kind)

    monkeypatch.setattr(module, "make", make)
    return module


def test_an_environment_is_made_once(run: ModuleType) -> None:
    assert run.environment("run") == run.environment("run")
    assert run.makings == ["run"]


def test_an_environment_is_made_again_when_a_pin_changes(run: ModuleType, tmp_path: Path) -> None:
    run.environment("run")
    (tmp_path / "requirements" / "run.txt").write_text("one==2\n", encoding="utf-8")
    run.environment("run")
    assert run.makings == ["run", "run"]


def test_an_environment_depends_on_the_projects_metadata_and_not_on_its_tools(run: ModuleType, tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    before = run.digest("run")
    project.write_text(project.read_text(encoding="utf-8") + "z = 1\n", encoding="utf-8")
    assert run.digest("run") == before
    project.write_text('[build-system]\n[project]\nname = "x2"\n', encoding="utf-8")
    assert run.digest("run") != before


def test_an_environment_that_was_half_made_is_made_again(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(home: Path, _kind: str, _lock: IO[str]) -> None:
        home.mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "make", cut_short)
        assert run.main(["kpi", "report"]) == 130
    run.environment("run")
    assert run.makings == ["run"]


def test_an_environment_that_was_half_removed_is_never_taken_for_a_whole_one(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pins change, remaking is cut short, and the pins change back."""
    pinned = tmp_path / "requirements" / "run.txt"
    before = pinned.read_text(encoding="utf-8")
    run.environment("run")
    pinned.write_text("one==2\n", encoding="utf-8")

    def cut_short(_home: Path, _kind: str, _lock: IO[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "make", cut_short)
        assert run.main(["kpi"]) == 130
    pinned.write_text(before, encoding="utf-8")
    run.environment("run")
    assert run.makings == ["run", "run"]


def test_two_at_once_make_one_environment(run: ModuleType) -> None:
    both = [threading.Thread(target=run.environment, args=("run",)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert run.makings == ["run"]


def test_a_python_without_an_installer_is_told_what_to_install(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(run.Failure) as failure:
        run._installer(tmp_path / "new", None)
    assert str(failure.value) == (
        "this Python comes with neither ensurepip nor pip, so nothing can be installed with it; "
        "on Debian and Ubuntu `apt install python3-venv` adds what is missing"
    )


def test_a_python_without_ensurepip_installs_with_its_own_pip(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec("json")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found)
    home = tmp_path / "new"
    python = str(run.program(home, "python"))
    assert run._installer(home, None) == [sys.executable, "-I", "-m", "pip", "--python", python]
    assert Path(python).exists()


def test_an_installer_keeps_the_lock_where_the_script_is_killed(run: ModuleType, tmp_path: Path) -> None:
    """The next run then waits for it, and doesn't work in the same folder."""
    go = tmp_path / "go"
    installer = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)"
    killed = f"""
import importlib.util, os, subprocess, sys
spec = importlib.util.spec_from_file_location("run", {str(SCRIPT)!r})
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)
subprocess.run = lambda command, *, pass_fds, **_: subprocess.Popen(command, pass_fds=pass_fds) and os._exit(9)
with run.locked(run.Path({str(tmp_path / "lock")!r})) as lock:
    run._run([sys.executable, "-c", {installer!r}], lock)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    entered = threading.Event()

    def wait_for_the_lock() -> None:
        with run.locked(tmp_path / "lock"):
            entered.set()

    following = threading.Thread(target=wait_for_the_lock)
    following.start()
    assert not entered.wait(0.2)
    go.touch()
    following.join()
    assert entered.is_set()


def test_an_installer_that_fails_is_named(run: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-m", "nothing"]
    with (tmp_path / "lock").open("w") as lock, pytest.raises(run.Failure) as failure:
        run._run(command, lock)
    assert str(failure.value) == "nothing ended with exit code 1, and the environment is not made"


def test_an_older_python_is_told_its_age(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "OLDEST", (99, 0))
    monkeypatch.setattr(run.platform, "python_version", lambda: "3.9.18")
    assert run.main(["kpi", "report"]) == 1
    assert capsys.readouterr().err == "run.py: kpicli needs Python 3.11 or newer, and this is 3.9.18\n"


@pytest.mark.parametrize("arguments", [[], ["kpi-report"], ["dev"]])
def test_anything_else_prints_what_there_is(
    run: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"{run.__doc__}\n")


def test_every_step_runs_and_one_failure_fails_them_all(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "program", lambda _home, tool: tool)
    python = [sys.executable, "-c"]
    steps = {"lint": [*python, "raise SystemExit(3)"], "tests": [*python, "import sys; print(*sys.argv[1:])"]}
    monkeypatch.setattr(run, "STEPS", steps)
    monkeypatch.setattr(run.time, "monotonic", iter([0.0, 1.0, 2.0, 4.5]).__next__)
    assert run.check(Path("nowhere"), ["-x"]) == 1
    out = capfd.readouterr().out
    assert "\n--cov-fail-under=0 -x\n" in out  # a part of the tests covers a part of the code
    assert out.endswith("\nlint        1.0 s  failed (exit code 3)\ntests       2.5 s  ok\n")


def test_the_script_itself_names_its_commands() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--help"], capture_output=True, text=True, check=True)
    assert [line.split()[2] for line in done.stdout.splitlines() if line.startswith("    python3")] == [
        "kpi",
        "checks",
        "dev",
    ]
