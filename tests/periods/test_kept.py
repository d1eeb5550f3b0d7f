"""Holidays that are kept between runs: the same days as the library's, or worked out anew; never a wrong one."""

from __future__ import annotations

import stat
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from holidays import country_holidays

from kpicli.periods import countries, kept

YEAR = frozenset(country_holidays("US", years=2026, expand=False))
MADE_UP = frozenset({date(2026, 2, 3)})
"""What only a file can say."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which holidays are kept, and nothing is known yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    countries.holidays_in.cache_clear()
    kept._library.cache_clear()
    yield tmp_path / "cache" / "kpicli"
    countries.holidays_in.cache_clear()
    kept._library.cache_clear()


def again(entity: str, year: int) -> frozenset[date]:
    """The holidays as the next run has them."""
    countries.holidays_in.cache_clear()
    return countries.holidays_in(entity, year)


def test_what_is_kept_is_what_the_library_says(folder: Path) -> None:
    assert countries.holidays_in("US", 2026) == YEAR
    assert again("US", 2025) == frozenset(country_holidays("US", years=2025, expand=False))
    assert again("DE-BY", 2026) == frozenset(country_holidays("DE", subdiv="BY", years=2026, expand=False))
    assert countries.holidays_in("US", 1600) == frozenset()
    assert sorted(path.name for path in folder.iterdir()) == ["holidays-DE-BY.txt", "holidays-US.txt"]
    years = kept.read("US")
    assert (sorted(years), years[2026], years[1600]) == ([1600, 2025, 2026], YEAR, frozenset())


def test_what_is_kept_is_read_without_the_library() -> None:
    kept.write("US", {2026: MADE_UP})
    program = (
        "import sys; from datetime import date; from kpicli.periods import Calendar\n"
        "us = Calendar(holidays='US')\nus.check()\n"
        "print(us.is_workday(date(2026, 2, 3)), us.is_workday(date(2026, 12, 25)), 'holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False True False\n", "")


def test_the_file_is_its_owners_alone(folder: Path) -> None:
    countries.holidays_in("US", 2026)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "holidays-US.txt")]
    assert [oct(mode) for mode in modes] == ["0o700", "0o600"]


def written(body: str, entity: str = "US") -> str:
    """A file that holds `body`, with a checksum that says so."""
    return f"kpicli 1 {entity} {kept._library()} {zlib.crc32(body.encode()):08x}\n{body}"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "nonsense",
        written("2026 2026-02-03\n").replace("02-03", "02-04"),
        written("2026 2026-02-03\n", entity="CA"),
        written("2026 2026-02-03\n").replace(kept._library(), "00000000"),
        written("2026 2025-02-03\n"),
        written("2026 2026-03-02 2026-02-03\n"),
        written("2026 2026-02-03 2026-02-03\n"),
        written("2026 20260203\n"),
        written("2026 2026-02-30\n"),
        written("2026  2026-02-03\n"),
        written("MMXXVI 2026-02-03\n"),
        written("\n2026 2026-02-03\n"),
        written("2026 2026-02-03\n" * 20_000),
        "\udcff",
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_as_good_as_none(content: str, folder: Path) -> None:
    kept.write("US", {2026: MADE_UP})
    assert again("US", 2026) == MADE_UP
    (folder / "holidays-US.txt").write_text(content, encoding="utf-8", errors="surrogateescape")
    assert kept.read("US") == {}
    assert again("US", 2026) == YEAR
    assert kept.read("US") == {2026: YEAR}


def test_a_file_that_others_can_write_is_as_good_as_none(folder: Path) -> None:
    kept.write("US", {2026: MADE_UP})
    (folder / "holidays-US.txt").chmod(0o620)
    assert again("US", 2026) == YEAR
    assert kept.read("US") == {2026: YEAR}


def test_a_file_of_somebody_else_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write("US", {2026: MADE_UP})
    monkeypatch.setattr("os.geteuid", lambda: 1 << 30)
    assert again("US", 2026) == YEAR


def test_a_link_or_a_folder_in_its_place_is_as_good_as_none(folder: Path) -> None:
    kept.write("US", {2026: MADE_UP})
    file = folder / "holidays-US.txt"
    file.rename(folder / "elsewhere")
    file.symlink_to(folder / "elsewhere")
    assert again("US", 2026) == YEAR
    assert not file.is_symlink()
    file.unlink()
    file.mkdir()
    assert again("US", 2026) == YEAR
    assert sorted(path.name for path in folder.iterdir()) == ["elsewhere", "holidays-US.txt"]


def test_a_folder_that_cannot_be_made_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert countries.holidays_in("US", 2026) == YEAR
    assert again("US", 2026) == YEAR


@pytest.mark.parametrize("record", [None, ""])
def test_a_library_that_cannot_be_told_from_another_is_asked_each_time(
    record: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.distribution", lambda _name: SimpleNamespace(read_text=lambda _: record))
    assert countries.holidays_in("US", 2026) == YEAR
    assert not folder.exists()


def test_a_library_that_is_not_installed_as_a_package_is_asked_each_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.distribution", missing)
    assert countries.holidays_in("US", 2026) == YEAR
    assert not folder.exists()


@pytest.mark.parametrize("entity", ["../US", "US/CA", "us", "", "US-\0", "US-CA.txt", "A" * 300])
def test_only_a_code_becomes_a_files_name(entity: str, folder: Path) -> None:
    kept.write(entity, {2026: MADE_UP})
    assert kept.read(entity) == {}
    assert not folder.exists()


def test_very_many_years_are_not_kept(folder: Path) -> None:
    kept.write("US", dict.fromkeys(range(1, 500), frozenset()))
    assert not folder.exists()
