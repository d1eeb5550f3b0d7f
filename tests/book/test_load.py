"""A book is loaded whole, or refused with everything that is wrong in it."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.book.books import WHOLE, paths, plain

from kpicli.book.load import load
from kpicli.book.model import Book
from kpicli.book.reader import Places, read
from kpicli.book.scalars import Plain
from kpicli.errors import KpiError, Mistakes


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mistakes(text: str) -> list[str]:
    """Line and message of each mistake of a book."""
    Path("kpis.yaml").write_text(dedent(text), encoding="utf-8")
    with pytest.raises(Mistakes) as caught:
        load("kpis.yaml")
    return [f"{error.place.line if error.place else 0}: {error.message}" for error in caught.value.errors]


def test_loaded_has_the_book_its_folder_its_places_and_its_formulas(folder: Path) -> None:
    shutil.copy(WHOLE, folder / "kpis.yaml")
    loaded = load("kpis.yaml")
    assert loaded.folder == folder
    assert loaded.book.name == "Harbor Tools"
    assert loaded.places.source(("kpis", "touches_done", "formula")).text == "count(touches where done)"
    assert set(loaded.formulas.kpis) == set(loaded.book.kpis)


@pytest.mark.parametrize("path", ["books/kpis.yaml", Path("books") / "kpis.yaml", "books/../books/kpis.yaml"])
def test_book_without_a_name_is_named_for_its_folder(folder: Path, path: str | Path) -> None:
    (folder / "books").mkdir()
    text = WHOLE.read_text(encoding="utf-8").replace("name: Harbor Tools\n", "")
    (folder / "books" / "kpis.yaml").write_text(text, encoding="utf-8")
    loaded = load(path)
    assert loaded.book.name == "books"
    assert loaded.folder.samefile(folder / "books")


def test_mistake_in_one_place_hides_none_in_another() -> None:
    assert mistakes(
        """\
        version: 1
        tables:
          deals:
            source: deals.csv
            columns: {id: Id, amount: {header: Amount, type: euro}, stage: Stage}
            fields: {won: stag = 'Won'}
          calls: {columns: {id: Id}}
        kpis:
          revenue: {formula: sum(deals.amount where won), role: lagging, goal: grow}
          deals: {formula: count(deal), role: laging, goal: grow}
          calls: {formula: count(calls), role: leading, goal: gro}
          rate: {formula: wons / deals, role: leading, goal: grow, decimals: many}
        goals: {grow: {levle: team}}
        """
    ) == [
        "5: `type` takes text, number, money, percent, boolean or date, not 'euro'",
        "6: deals has no column or field 'stag'",
        "7: 'calls' needs `source`",
        "10: there is no table 'deal'",
        "10: `role` takes leading or lagging, not 'laging'",
        "11: there is no goal 'gro'",
        "12: there is no KPI or constant 'wons'",
        "12: `decimals` takes a whole number from 0 to 10, not 'many'",
        "13: a goal has no key 'levle'",
    ]


HEAD = "version: 1\nkpis: {k: {formula: count(t), role: lagging, status: proposed}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "tables: {t: {source: t.csv, key: id, columns: {id: {heder: Id}}, date: id}}\n",
            ["3: a column has no key 'heder'"],
            id="a column is named by the key and the date",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {i: }, lookups: {up: {table: u, column: i}}}, u: {columns: {i: }}}\n",
            ["3: 'u' needs `source`"],
            id="a table is named by a lookup",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {i: }, fields: {x: up.y}, lookups: {up: {table: u, column: i}}}}\n",
            ["3: there is no table 'u'"],
            id="a lookup is used by a field",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, kye: id, columns: {id: Id}, lookups: {up: {table: t, column: id}}}}\n"
            "dimensions: {d: {field: id, members: t}}\n",
            ["3: a table has no key 'kye'"],
            id="a key is needed by a lookup and by members",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {id: Id}, dat: id, covers: month}}\n",
            ["3: a table has no key 'dat'"],
            id="a date is needed by months",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {id: Id}, keys: id, keep: latest by changed}}\n",
            ["3: a table has no key 'keys'", "3: t has no column 'changed'"],
            id="a key is needed by versions",
        ),
        pytest.param(
            "tables: {t: {source: {path: t.csv, columns: {x: {typ: date}}}, key: x, columns: {i: }, fields: {y: x}}}\n",
            ["3: a column has no key 'typ'"],
            id="a column of a file is used by key and field",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {id: Id}}}\ndimensions: {d: }\nscorecards: {s: {kpis: k, by: d}}\n",
            ["4: `d` is empty"],
            id="a dimension is named by a scorecard",
        ),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {id: Id}}}\nconstants: {c: many}\n"
            "goals: {g: 5, h: {level: team, parent: g}}\n",
            ["4: `c` takes a number such as 12_000, 0.5 or 30%, not 'many'", "5: `g` takes a mapping, not '5'"],
            id="a goal is named by another",
        ),
        pytest.param("tables: [t]\n", ["3: `tables` takes a mapping, not a list"], id="all tables are missing"),
        pytest.param(
            "tables: {t: {source: t.csv, columns: {id: Id}}}\ndimensions: {d: {field: id, member: t, label: id}}\n",
            ["4: a dimension has no key 'member'"],
            id="members are needed by a label",
        ),
    ],
)
def test_what_follows_from_a_mistake_is_none(text: str, expected: list[str]) -> None:
    assert mistakes(HEAD + text) == expected


def test_kpis_that_are_missing_are_no_mistake_of_who_names_them() -> None:
    text = "version: 1\ntables: {t: {source: t.csv, columns: {id: Id}}}\nkpis: [a]\nscorecards: {s: {kpis: [a]}}\n"
    assert mistakes(text) == ["3: `kpis` takes a mapping, not a list"]


def test_active_kpi_with_a_misspelled_goal_is_one_mistake() -> None:
    text = (
        "version: 1\ntables: {t: {source: t.csv, columns: {id: Id}}}\ngoals: {g: }\n"
        "kpis:\n  a: {formula: count(t), role: leading, gaol: g}\n"
        "  b: {formula: count(t), role: leading, statsu: retired}\n"
    )
    assert mistakes(text) == ["5: a KPI has no key 'gaol'", "6: a KPI has no key 'statsu'"]


def loaded_or_refused() -> bool:
    try:
        return isinstance(load("kpis.yaml").book, Book)
    except KpiError as error:
        return bool(error.message) and str(error).startswith("error[")


def replaced(data: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    whole: Any = copy.deepcopy(data)
    owner = whole
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    return dict(whole)


WORDS = [
    "id",
    "t",
    "won",
    "deals",
    "count(deals)",
    "5",
    "90%",
    "2026-01-01",
    "true",
    "where",
    "a b",
    "é",
    "'",
    "deals.won",
]
VALUES = st.recursive(
    st.none() | st.sampled_from(WORDS).map(Plain) | st.text("ab:% '#{", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*WORDS, "from", "value"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=150)
@given(data=st.data())
def test_book_with_things_replaced_is_loaded_or_refused(data: st.DataObject) -> None:
    """Whatever stands where: never another exception, and never an empty message."""
    whole: Any = read(WHOLE)[0]
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(paths(whole), key=str)))
        whole = replaced(whole, path, data.draw(VALUES))
    Path("kpis.yaml").write_text(plain(whole), encoding="utf-8")
    assert loaded_or_refused()


@settings(max_examples=100)
@given(data=st.data())
def test_book_with_lines_lost_or_moved_is_loaded_or_refused(data: st.DataObject) -> None:
    lines = WHOLE.read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        line = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "indent", "outdent", "cut"])):
            case "lose":
                lines[line] = ""
            case "double":
                lines.insert(line, lines[line])
            case "indent":
                lines[line] = "  " + lines[line]
            case "outdent":
                lines[line] = lines[line][2:]
            case _:
                lines[line] = lines[line][: len(lines[line]) // 2]
    Path("kpis.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert loaded_or_refused()


def characters(places: Places, path: tuple[str | int, ...]) -> list[str]:
    """What stands in the file where each character of a value is said to be."""
    source = places.source(path)
    found = []
    for at in range(len(source.text)):
        place = source.locate(at, at + 1)
        assert place is not None
        found.append(place.text[place.column - 1 : place.column - 1 + place.length])
    return found


@settings(max_examples=60)
@given(data=st.data())
def test_places_of_a_book_point_at_its_characters(data: st.DataObject) -> None:
    """A text in double quotes shows its escapes, and any other text itself."""
    text = st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"), min_size=1
    )
    keys = st.lists(text.map(lambda key: key.strip() or "k"), min_size=1, max_size=4, unique=True)
    values = {key: data.draw(text | st.lists(text, max_size=2)) for key in data.draw(keys)}
    Path("kpis.yaml").write_text(plain(values), encoding="utf-8")
    read_back, places = read("kpis.yaml")
    assert read_back == values
    for path in paths(values):
        if isinstance(places.path(path)[-1], int) or isinstance(values[str(path[0])], str):
            escaped = [char if char not in '"\\' else "\\" + char for char in places.source(path).text]
            visible = len(places.source(path).text.rstrip())
            assert characters(places, path)[:visible] == escaped[:visible]
