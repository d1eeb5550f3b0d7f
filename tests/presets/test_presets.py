"""Each preset reads its CRM's exports right, and is as strictly declared as a book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli.opened import shown
from tests.docs.pages import blocks, page
from tests.presets.typed import AS_OF, read_csv, typed_rows

from kpicli.book.load import load
from kpicli.book.presets import Preset, PresetTable, preset, preset_names
from kpicli.book.reader import Data, parse

HERE = Path(__file__).parent
EXPECTED = sorted(HERE.glob("*/expected/*.csv"))
TABLES = [(name, table) for name in preset_names() for table in preset(name).tables]


def test_every_preset_has_fixtures_of_each_of_its_tables() -> None:
    named = {
        (path.parent.name, table)
        for path in HERE.glob("*/kpis.yaml")
        for table in re.findall(r"preset: [\w-]+/(\w+)", path.read_text(encoding="utf-8"))
    }
    assert named == set(TABLES)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_table_is_what_is_expected_of_it(path: Path) -> None:
    headers, rows = read_csv(path)
    assert typed_rows(load(path.parent.parent / "kpis.yaml"), path.stem, headers) == rows


@pytest.mark.parametrize("name", preset_names())
def test_every_table_of_a_book_has_an_expected_one(name: str) -> None:
    book = load(HERE / name / "kpis.yaml").book
    assert {path.stem for path in (HERE / name / "expected").glob("*.csv")} == set(book.tables)


@pytest.mark.parametrize("name", preset_names())
def test_a_book_needs_no_more_than_presets_and_kpis(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    book = str(HERE / name / "kpis.yaml")
    code, out, err = shown(["report", "--book", book, "--period", "2026-10", "--as-of", str(AS_OF)], capsys)
    assert (code, err) == (0, "")
    assert re.search(r"^Won revenue +(\$|€)48,000 ", out, flags=re.MULTILINE)
    assert re.search(r"^Win rate +50\.0% ", out, flags=re.MULTILINE)


@pytest.mark.parametrize("name", preset_names())
def test_a_check_reads_no_column_that_nothing_needs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = shown(["check", "--book", str(HERE / name / "kpis.yaml"), "--as-of", str(AS_OF)], capsys)
    assert (code, err) == (0, "")
    assert "kpis.yaml is valid: " in out


# ---- what a preset's file says


def test_presets_have_plain_names() -> None:
    assert preset_names() == ("dynamics", "hubspot", "pipedrive", "salesforce", "salesforce-report", "zoho")


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_the_columns_that_tell_a_table_are_its_own(name: str, table: str) -> None:
    declared = preset(name).tables[table]
    assert set(declared.needs) <= declared.columns.keys()
    assert not any(declared.columns[column].optional for column in declared.needs)


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_header_is_spelled_once(name: str, table: str) -> None:
    for column, declared in preset(name).tables[table].columns.items():
        folded = [header.casefold() for header in declared.headers]
        assert len(set(folded)) == len(folded), column


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_table_has_no_files_and_no_preset_of_its_own(name: str, table: str) -> None:
    declared = preset(name).tables[table]
    assert (declared.source, declared.preset) == ((), None)


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_names_are_the_same_in_all_presets(name: str, table: str) -> None:
    """Whatever the CRM, so that KPIs and recipes fit any."""
    declared = preset(name).tables[table]
    names = declared.columns.keys() | declared.fields.keys()
    needed = {
        "opportunities": "name owner stage amount close_date created_date source type probability won lost closed open "
        "closed_on cycle_days",
        "activities": "id owner type subject date completed status",
        "tasks": "id owner subject date status completed",
        "events": "id owner subject date completed",
        "calls": "id owner type subject date completed",
        "leads": "id owner status source created_date",
        "users": "id name email active",
        "accounts": "id name owner industry created_date",
        "contacts": "id name email owner",
    }
    assert set(needed[table].split()) - names == set()


def written(declared: PresetTable, choice: int, columns: str) -> str:
    """A table with the formulas of one choice in its own fields."""
    fields = "".join(
        f"      {field}: {quoted(formulas[min(choice, len(formulas) - 1)])}\n"
        for field, formulas in declared.choices.items()
    )
    return f"    fields:\n{fields}{columns}" if fields else columns


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("choice", range(3))
@pytest.mark.parametrize("name", preset_names())
def test_every_formula_of_a_preset_is_right(name: str, choice: int, tmp_path: Path) -> None:
    """The first of each field as the book has it by its preset, and the others that may take its place."""
    tables = "".join(
        f"  {table}:\n    source: {table}.csv\n    preset: {name}/{table}\n" + written(declared, choice, "")
        for table, declared in preset(name).tables.items()
    )
    kpis = "kpis: {k: {role: lagging, status: proposed, formula: count(opportunities)}}\n"
    (tmp_path / "kpis.yaml").write_text(f"version: 1\ncurrency: USD\ntables:\n{tables}{kpis}", encoding="utf-8")
    assert load(tmp_path / "kpis.yaml").book.tables.keys() == preset(name).tables.keys()


@pytest.mark.parametrize("name", preset_names())
def test_lookups_lead_to_tables_of_the_preset(name: str) -> None:
    tables = preset(name).tables
    for table in tables.values():
        for lookup in table.lookups.values():
            parent = tables[lookup.table]
            assert len(parent.key) == len(lookup.column)
            assert set(lookup.column) <= table.columns.keys() | table.fields.keys()


@pytest.mark.parametrize(
    "wrong", ["colour: red", "tables: {t: {needs: id, columns: {id: Id}, sauce: x}}", "evidence: hearsay"]
)
def test_a_preset_is_read_as_strictly_as_a_book(wrong: str) -> None:
    keys: dict[str, Data] = {
        "name": "N",
        "about": "A",
        "evidence": "code",
        "tables": {"t": {"needs": "i", "columns": {"i": "I"}}},
    }
    Preset.model_validate(keys, by_alias=True, by_name=False)
    with pytest.raises(ValueError, match=r"Extra inputs|takes files, code or documentation"):
        Preset.model_validate(keys | parse("p.yaml", wrong)[0], by_alias=True, by_name=False)


def test_the_preset_that_contributing_shows_is_one() -> None:
    (text,) = (block.text for block in blocks(page("CONTRIBUTING.md")) if block.words == ("acme.yaml",))
    acme = Preset.model_validate(parse("acme.yaml", text)[0], by_alias=True, by_name=False)
    assert acme.tables["opportunities"].choices["won"] == ("result = 'won'", "stage = 'Signed'")
