"""A world as a user would have it on disk: exports with the blemishes that exports have, and a kpis.yaml."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.differential.days import MONTH_NAMES, WEEKDAYS
from tests.differential.text import Writer, spelled
from tests.differential.tree import Cell, Node
from tests.differential.world import Aim, Column, Dimension, Kpi, Rate, Row, Table, World

FORMATS = {"iso": None, "us": "%m/%d/%Y", "dotted": "%d.%m.%Y"}


def write_world(world: World, folder: Path) -> Path:
    """Write the exports and the book; returns the book's path. The same world is written the same way each time."""
    dice = Random(world.seed + 17)
    declared = {name: _write_table(table, folder, dice) for name, table in world.tables.items()}
    book = {
        "version": 1,
        "name": f"World {world.seed}",
        "currency": "USD",
        "calendar": _calendar(world),
        "constants": {name: f"{value:f}" for name, value in world.constants.items()},
        "tables": declared,
        "dimensions": {name: _dimension(each, dice) for name, each in world.dimensions.items()},
        "goals": {"grow": {"name": "Grow"}},
        "status": {"on_track": f"{world.thresholds[0]:.0%}", "at_risk": f"{world.thresholds[1]:.0%}"},
        "kpis": {name: _kpi(each, dice) for name, each in world.kpis.items()},
        "scorecards": {
            "plain": {"kpis": list(world.kpis)},
            "trend": {"kpis": list(world.kpis), "trend": 4},
        },
    }
    path = folder / "kpis.yaml"
    path.write_text(as_yaml(book), encoding="utf-8")
    return path


def as_yaml(value: Mapping[str, object], indent: int = 0) -> str:
    """Block mappings and double-quoted scalars: YAML that nobody can misread."""
    lines = []
    for key, each in value.items():
        if isinstance(each, Mapping):
            if each:
                lines += [f"{' ' * indent}{key}:", as_yaml(each, indent + 2).rstrip("\n")]
        else:
            lines.append(f"{' ' * indent}{key}: {_flow(each)}")
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case date():
            return value.isoformat()
        case Sequence():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case _:
            return str(value)


def _calendar(world: World) -> dict[str, object]:
    almanac = world.almanac
    return {
        "week_starts": WEEKDAYS[almanac.week_starts],
        "fiscal_year_starts": MONTH_NAMES[almanac.fiscal_starts - 1],
        "workdays": [WEEKDAYS[each] for each in sorted(almanac.workdays)],
        **({"holidays": sorted(almanac.holidays)} if almanac.holidays else {}),
    }


def _write_table(table: Table, folder: Path, dice: Random) -> dict[str, object]:
    styles = {name: dice.choice(["iso", "us", "dotted"]) for name, each in table.columns.items() if each.type == "date"}
    headers = {name: dice.choice([name, name.replace("_", " ").title(), f"{name.upper()} #"]) for name in table.columns}
    several = len(table.rows) > 8 and dice.random() < 0.3
    parts = [table.rows[::2], table.rows[1::2]] if several else [table.rows]
    for number, rows in enumerate(parts):
        _write_csv(folder / f"{table.name}{number}.csv", table, headers, rows, styles, dice)
    declared: dict[str, object] = {"source": f"{table.name}*.csv" if several else f"{table.name}0.csv"}
    if table.key:
        declared["key"] = table.key[0] if len(table.key) == 1 else list(table.key)
    if table.date is not None:
        declared["date"] = table.date
    if table.covers:
        declared["covers"] = "month"
    declared["columns"] = {
        name: _column(column, headers[name], FORMATS[styles[name]] if name in styles else None)
        for name, column in table.columns.items()
    }
    if table.where is not None:
        declared["where"] = Writer(dice).write(table.where)
    declared["fields"] = {name: Writer(dice).write(each) for name, each in table.fields.items()}
    declared["lookups"] = {
        name: {"table": each.table, "column": each.column[0] if len(each.column) == 1 else list(each.column)}
        for name, each in table.lookups.items()
    }
    if table.lifespan is not None:
        declared["lifespan"] = {"from": table.lifespan[0], "until": table.lifespan[1]}
    return declared


def _column(column: Column, header: str, format_: str | None) -> dict[str, object]:
    declared: dict[str, object] = {"header": header, "type": column.type}
    if format_ is not None:
        declared["format"] = format_
    if column.type == "boolean" and column.empty != "false":
        declared["empty"] = column.empty
    return declared


def _write_csv(
    path: Path, table: Table, headers: Mapping[str, str], rows: list[Row], styles: Mapping[str, str], dice: Random
) -> None:
    with path.open("w", encoding="utf-8-sig" if dice.random() < 0.2 else "utf-8", newline="") as file:
        writer = csv.writer(file, quoting=dice.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), lineterminator="\n")
        order = list(table.columns)
        dice.shuffle(order)
        writer.writerow([headers[name] for name in order])
        for row in rows:
            writer.writerow([_cell(row[name], table.columns[name], styles.get(name), dice) for name in order])


def _cell(value: Cell, column: Column, style: str | None, dice: Random) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = "" if not value and column.empty == "false" and dice.random() < 0.3 else _flag(value, dice)
        case date():
            format_ = FORMATS[style or "iso"]
            text = value.isoformat() if format_ is None else value.strftime(format_)
        case Decimal():
            text = _number(value, column.type, dice)
        case _:
            text = str(value)
    return f"{' ' * dice.choice([0, 0, 0, 1, 2])}{text}{' ' * dice.choice([0, 0, 0, 1])}"


def _flag(value: bool, dice: Random) -> str:
    return dice.choice(["true", "TRUE", "1", "Yes", "y"] if value else ["false", "False", "0", "no", "N"])


def _number(value: Decimal, type_: str, dice: Random) -> str:
    if type_ == "percent":
        return f"{(value * 100).normalize():f}{dice.choice(['', '%'])}"
    style = dice.random()
    if type_ == "money" and style < 0.15:
        return f"(${-value:,f})" if value < 0 else f"${value:,f}"
    if style < 0.3:
        return f"{value:,f}"
    return f"{value:f}"


def _dimension(each: Dimension, dice: Random) -> dict[str, object]:
    if each.bare:
        (path,) = set(each.paths.values())
        declared: dict[str, object] = {"field": ".".join(path)}
    else:
        declared = {"field": {table: ".".join(path) for table, path in each.paths.items()}}
    if each.members is not None:
        declared["members"] = each.members
    if each.where is not None:
        declared["where"] = Writer(dice).write(each.where)
    if each.label is not None:
        declared["label"] = each.label
    return declared


def _kpi(kpi: Kpi, dice: Random) -> dict[str, object]:
    declared: dict[str, object] = {
        "role": dice.choice(["leading", "lagging"]),
        "goal": "grow",
        "formula": formula_text(kpi),
        "unit": kpi.unit,
    }
    if kpi.lower:
        declared["better"] = "lower"
    if kpi.trailing is not None:
        declared["window"] = f"trailing {spelled(kpi.trailing)}"
    if kpi.to_date is not None:
        declared["window"] = f"to date in {kpi.to_date}"
    if kpi.aim is not None:
        declared["target"] = _aim(kpi.aim)
    return declared


def formula_text(kpi: Kpi) -> str:
    """The formula as the book spells it; always the same for one KPI."""
    return Writer(Random(kpi.name)).write(kpi.formula)


def _aim(aim: Aim) -> object:
    members = {name: _entries(each) for name, each in aim.members.items()}
    if not members:
        return _entries(aim.total)
    return ({"total": _entries(aim.total)} if aim.total else {}) | members


def _entries(entries: tuple[tuple[date | None, Rate | Node], ...]) -> object:
    if len(entries) == 1 and entries[0][0] is None:
        return _rate(entries[0][1])
    return [{"from": since, "value": _rate(value)} for since, value in entries]


def _rate(value: Rate | Node) -> str:
    if isinstance(value, Node):
        return Writer(Random(1)).write(value)
    text = value.constant or f"{value.amount:f}"
    return f"{text}{'%' if value.percent else ''}{'' if value.unit is None else f' per {value.unit}'}"
