"""The JSON Schema takes every book that can be loaded, and what it refuses can't be."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.book.books import WHOLE, paths, plain

from kpicli.book.calendar import CalendarSpec
from kpicli.book.dated import RateEntry, TargetEntry
from kpicli.book.declared import Declared, known_keys
from kpicli.book.goals import Goal
from kpicli.book.load import load
from kpicli.book.mail import Delivery, Each, Mail, PasswordSpec
from kpicli.book.model import (
    Book,
    Column,
    Dimension,
    Drives,
    Kpi,
    Lifespan,
    Lookup,
    ScorecardSpec,
    SourceFile,
    Table,
    Thresholds,
)
from kpicli.book.reader import Data, read
from kpicli.book.scalars import Plain, resolve
from kpicli.book.schema import book_schema
from kpicli.book.texts import CsvSpec
from kpicli.errors import KpiError

DEFINED: dict[str, type[Declared]] = {
    "calendar": CalendarSpec,
    "column": Column,
    "csv": CsvSpec,
    "delivery": Delivery,
    "dimension": Dimension,
    "drives": Drives,
    "each": Each,
    "goal": Goal,
    "kpi": Kpi,
    "lifespan": Lifespan,
    "lookup": Lookup,
    "mail": Mail,
    "password": PasswordSpec,
    "rateentry": RateEntry,
    "scorecard": ScorecardSpec,
    "sourcefile": SourceFile,
    "table": Table,
    "targetentry": TargetEntry,
    "thresholds": Thresholds,
}
MODELS: list[type[Declared]] = [Book, *DEFINED.values()]


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(book_schema())


def as_editors_see(data: Data) -> object:
    """The data as JSON, as an editor reads the YAML before it holds it against the schema."""
    match data:
        case dict():
            return {key: as_editors_see(value) for key, value in data.items()}
        case list():
            return [as_editors_see(item) for item in data]
        case Plain():
            value = resolve(data)
            return (
                value.isoformat() if isinstance(value, date) else float(value) if isinstance(value, Decimal) else value
            )
        case _:
            return data


def refusals(text: str) -> list[str]:
    Path("kpis.yaml").write_text(text, encoding="utf-8")
    return [error.message for error in validator().iter_errors(as_editors_see(read("kpis.yaml")[0]))]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(book_schema())


@pytest.mark.parametrize(("name", "declared"), DEFINED.items())
def test_definition_has_the_keys_of_its_model_with_descriptions(name: str, declared: type[Declared]) -> None:
    definition = book_schema()["$defs"][name]
    assert list(definition["properties"]) == known_keys(declared)
    assert [key for key, shape in definition["properties"].items() if not shape.get("description")] == []
    assert definition["description"]
    assert definition["additionalProperties"] is False


def test_book_has_the_keys_of_its_model_with_descriptions() -> None:
    schema = book_schema()
    assert list(schema["properties"]) == known_keys(Book)
    assert [key for key, shape in schema["properties"].items() if not shape.get("description")] == []
    assert schema["required"] == ["version", "tables", "kpis"]


def test_every_definition_is_used() -> None:
    schema = book_schema()
    used = set(re.findall(r"'#/\$defs/(\w+)'", str(schema)))
    assert used == set(schema["$defs"])


def test_whole_book_fits_and_loads() -> None:
    text = WHOLE.read_text(encoding="utf-8")
    assert refusals(text) == []
    assert load("kpis.yaml").book.name == "Harbor Tools"


def keys_in(data: object) -> Iterator[str]:
    match data:
        case dict():
            yield from data
            for value in data.values():
                yield from keys_in(value)
        case list():
            for item in data:
                yield from keys_in(item)
        case _:
            pass


def test_whole_book_uses_every_key() -> None:
    used = set(keys_in(read(WHOLE)[0]))
    assert {key for declared in MODELS for key in known_keys(declared)} - used == set()


HEAD = "version: 1\ntables: {t: {source: t.csv, columns: {id: Id, day: {header: Day, type: date}}, date: day}}\n"
KPIS = "kpis: {k: {formula: count(t), role: lagging, status: proposed}}\n"


def kpi(text: str) -> str:
    return HEAD + f"kpis: {{k: {{formula: count(t), role: lagging, status: proposed, {text}}}}}\n"


def table(text: str) -> str:
    return (
        "version: 1\n"
        + KPIS
        + "tables: {t: {source: t.csv, columns: {id: Id, n: {header: N, type: number}}, "
        + text
        + "}}\n"
    )


MAIL = "scorecards: {s: {kpis: k}}\ndimensions: {o: {field: id, members: t}}\n"

ACCEPTED = [
    HEAD + KPIS,
    'version: "1"\n' + HEAD.partition("\n")[2] + KPIS,
    HEAD + KPIS + "name: 2026\n",
    HEAD + KPIS + "name: NO\ncurrency: USD\ngoals:\nscorecards: ~\n",
    HEAD + KPIS + "currency: USD\nrates: {USD: 1, EUR: 1.08, GBP: [{rate: '1_0.5'}, {from: 2026-01-01, rate: .5}]}\n",
    HEAD + KPIS + "currency: USD\nrates:\n",
    HEAD.replace("id: Id", "id: Id, x: {type: money, currency: EUR}") + KPIS + "currency: USD\nrates: {EUR: 2}\n",
    table("currency: id").replace("type: number", "type: money") + "currency: USD\n",
    HEAD + KPIS + "pipeline: [a, b]\n",
    HEAD + KPIS + "pipeline: {a: k, b: }\n",
    HEAD + KPIS + "goals: {g: , h: {level: team, parent: null, who: 7}}\n",
    HEAD + KPIS + "constants: {a: 12_000, b: 0.5, c: 30%, d: '1_0.5', e: .5, f: -3, g: '+3%'}\n",
    HEAD + KPIS + "status: {on_track: 100%, at_risk: 0.5}\n",
    HEAD + KPIS + "status: {on_track: 2, at_risk: .9}\n",
    HEAD + KPIS + "dimensions: {a: id, b: {field: id}, c: {field: {t: id}}}\n",
    HEAD + KPIS + "calendar: {holidays: US-CA, workdays: monday, fiscal_year_starts: july, week_starts: sunday}\n",
    HEAD + KPIS + "calendar: {holidays: NO, workdays: [], timezone: UTC}\n",
    HEAD + KPIS + "calendar: {holidays: [2026-01-01, '2026-12-25']}\n",
    HEAD + KPIS + "scorecards: {s: {kpis: k, period: 2026, trend: 0}, t: {kpis: [k], period: all, by: }}\n",
    kpi("target: 5 per week"),
    kpi("target: [{value: 5 per week}, {from: 2026-01-01, value: 6 per week}]"),
    kpi("target: {total: 5 per week}"),
    kpi("target: count(t)"),
    kpi("target: {total: }"),
    kpi("window: trailing 90 days, decimals: 0"),
    kpi("window: to date in  quarter, decimals: 10"),
    kpi("agreed: 2026-01-01, review_by: '2026-06-01'"),
    kpi("drives: []"),
    kpi("stage: , goal: null, why: true"),
    table("key: id"),
    table("key: [id, n], where: id = '1'"),
    table("key: id, keep: latest by n"),
    table("delimiter: tab, encoding: UTF-16"),
    table("csv: {delimiter: tab, encoding: UTF-16}, header_row: 3, footer: none"),
    table("csv: {delimiter: '|'}, encoding: cp1252, footer: [Total, 'Stand: *']"),
    table("csv: , header_row: , footer: "),
    table("delimiter: '|', covers: , date: , lifespan: "),
    table("fields: {one: 1, two: n * 2}, lookups: "),
    HEAD.replace("t.csv", "[t.csv, {path: u.csv, columns: {id: }}]") + KPIS,
    HEAD.replace("t.csv", "{path: u.csv, columns: {id: Key, extra: {type: boolean, empty: unknown}}}") + KPIS,
    HEAD.replace("id: Id", "id: {blank: [0, n/a, ''], format: }") + KPIS,
    HEAD.replace("id: Id", "id: 7, ok: {type: boolean, empty: true}, x: {type: money, decimal: ','}") + KPIS,
    HEAD.replace("type: date", "type: date, format: ['%F'], timezone: UTC") + KPIS,
    HEAD.replace("id: Id", "id: {separator: 5}") + KPIS,
    HEAD.replace("id: Id", "id: {id: zoho, separator: ';'}, x: {id: salesforce, separator: ' '}") + KPIS,
    HEAD + KPIS + "mail: {server: localhost, security: none, port: 2525}\n",
    HEAD + KPIS + "mail: {server: mail.example.com, user: u, password: {variable: SECRET}, from: A <a@example.com>}\n",
    HEAD + KPIS + "mail: {server: '::1', user: u, password: {file: ~/secret, command: }, ca: }\ndeliveries: {}\n",
    table("key: id") + MAIL + "deliveries: {d: {scorecard: s, to: a@b.de, from: a@b.de, attach: [csv, html]}}\n",
    table("key: id")
    + MAIL
    + "deliveries: {d: {scorecard: s, to: [a@b.de, c@d.de], only: {o: [1, 2]}, from: a@b.de}}\n",
    table("key: id")
    + MAIL
    + "deliveries: {d: {scorecard: s, to: {each: o, address: t.id}, from: a@b.de, share: true, attach: xlsx}}\n",
    HEAD + KPIS + "dimensions: {o: {field: id, variable: true}}\n",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_loads_fits(text: str) -> None:
    assert refusals(text) == []
    load("kpis.yaml")


REFUSED = [
    KPIS,
    "version: 1\n" + KPIS,
    HEAD,
    HEAD + "kpis: {}\n",
    HEAD.replace("version: 1", "version: 2") + KPIS,
    HEAD + KPIS + "colour: red\n",
    HEAD + KPIS + "name: []\n",
    HEAD + KPIS + "name: ''\n",
    HEAD + KPIS + "currency: usd\n",
    HEAD + KPIS + "currency: USX\n",
    HEAD + KPIS + "currency: USD\nrates: [EUR]\n",
    HEAD + KPIS + "currency: USD\nrates: {EUX: 1}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: 0}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: '1,08'}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: }\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: []}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: {rate: 1}}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: [{from: 2026-01-01}]}\n",
    HEAD + KPIS + "currency: USD\nrates: {EUR: [{from: soon, rate: 1}]}\n",
    HEAD + KPIS + "constants: {a: many}\n",
    HEAD + KPIS + "constants: {a: '12,000'}\n",
    HEAD + KPIS + "constants: {a b: 1}\n",
    HEAD + KPIS + "constants: {a: }\n",
    HEAD + KPIS + "status: {on_track: 90}\n",
    HEAD + KPIS + "status: {on_track: soon}\n",
    HEAD + KPIS + "calendar: {week_starts: 1}\n",
    HEAD + KPIS + "calendar: {fiscal_year_starts: 2}\n",
    HEAD + KPIS + "calendar: {holidays: [soon]}\n",
    HEAD + KPIS + "calendar: {workdays: [mon]}\n",
    HEAD + KPIS + "pipeline: [{a: k}]\n",
    HEAD + KPIS + "goals: {g: {level: division}}\n",
    HEAD + KPIS + "scorecards: {s: {kpis: []}}\n",
    HEAD + KPIS + "scorecards: {s: }\n",
    HEAD + KPIS + "scorecards: {s: {kpis: k, trend: 61}}\n",
    HEAD + KPIS + "dimensions: {a: {}}\n",
    HEAD + KPIS + "dimensions: {a: {field: {}}}\n",
    kpi("unit: euros"),
    kpi("better: more"),
    kpi("decimals: 11"),
    kpi("decimals: '1'"),
    kpi("window: 90 days"),
    kpi("window: {trailing: 90 days}"),
    kpi("target: []"),
    kpi("target: {}"),
    kpi("target: {from: 2026-01-01, value: 1}"),
    kpi("target: [5 per week]"),
    kpi("target: [{from: 2026-01-01}]"),
    kpi("target: [{from: soon, value: 5 per week}]"),
    kpi("drives: {lag: 1 week}"),
    kpi("drives: {kpi: k, lag: soon}"),
    kpi("agreed: soon"),
    HEAD + "kpis: {k: {role: lagging}}\n",
    HEAD + "kpis: {k: {formula: count(t)}}\n",
    HEAD + "kpis: {k: {formula: count(t), role: lag}}\n",
    HEAD + "kpis: {k l: {formula: count(t), role: lagging}}\n",
    table("keep: n"),
    table("covers: quarter"),
    table("lifespan: {from: n}"),
    table("lookups: {up: {table: t}}"),
    table("fields: {a: }"),
    table("delimiter: semicolon"),
    table("csv: {delimiter: semicolon}"),
    table("csv: ';'"),
    table("csv: {sep: ';'}"),
    table("header_row: 0"),
    table("header_row: last"),
    table("footer: []"),
    table("footer: {a: b}"),
    HEAD.replace("t.csv", "[]") + KPIS,
    HEAD.replace("t.csv", "[[t.csv]]") + KPIS,
    HEAD.replace("t.csv", "{columns: {id: Id}}") + KPIS,
    HEAD.replace("id: Id", "id: [Id]") + KPIS,
    HEAD.replace("id: Id", "id: {type: Text}") + KPIS,
    HEAD.replace("id: Id", "id: {empty: 'true', type: boolean}") + KPIS,
    HEAD.replace("id: Id", "id: {decimal: ';', type: number}") + KPIS,
    HEAD.replace("id: Id", "a b: Id") + KPIS,
    HEAD.replace("id: Id", "id: {id: hubspot}") + KPIS,
    HEAD.replace("id: Id", "id: {separator: ''}") + KPIS,
    HEAD + KPIS + "mail: {security: none}\n",
    HEAD + KPIS + "mail: {server: localhost, port: 0}\n",
    HEAD + KPIS + "mail: {server: localhost, security: ssl}\n",
    HEAD + KPIS + "mail: {server: localhost, user: u, password: secret}\n",
    HEAD + KPIS + "mail: {server: localhost, user: u, password: {}}\n",
    HEAD + KPIS + "mail: {server: localhost, from: nobody}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {scorecard: s}}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {to: a@b.de}}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {scorecard: s, to: []}}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {scorecard: s, to: {each: o}}}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {scorecard: s, to: a@b.de, attach: pdf}}\n",
    HEAD + KPIS + MAIL + "deliveries: {d: {scorecard: s, to: a@b.de, only: o}}\n",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_fit_does_not_load(text: str) -> None:
    assert refusals(text) != []
    with pytest.raises(KpiError):
        load("kpis.yaml")


VALUES = st.sampled_from([None, "", "x", "5", "90%", "2026-01-01", "true", [], ["x"], {}, {"x": "y"}, [["x"]], [None]])


@settings(max_examples=60)
@given(data=st.data())
def test_book_with_one_thing_replaced_is_refused_by_both_or_not_by_the_schema(data: st.DataObject) -> None:
    whole: Any = copy.deepcopy(read(WHOLE)[0])
    path = data.draw(st.sampled_from(sorted(paths(whole), key=str)))
    owner = whole
    for step in path[:-1]:
        owner = owner[step]
    value = data.draw(VALUES)
    owner[path[-1]] = Plain(value) if isinstance(value, str) and value else value
    if refusals(plain(whole)):
        with pytest.raises(KpiError) as caught:
            load("kpis.yaml")
        assert str(caught.value)
