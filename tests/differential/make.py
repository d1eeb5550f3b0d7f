"""Draws whole worlds: a sales organisation whose tables have every awkward row that the facts tell of."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.differential.days import Almanac, moved
from tests.differential.draw_rows import RowDraw
from tests.differential.tree import Agg, Between, Bin, Call, Case, Cell, Col, In, IsNull, Lit, Node, walk
from tests.differential.world import Column, Dimension, Lookup, Row, Table, World

AS_OF = (
    date(2028, 2, 29),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 1, 3),
    date(2026, 11, 22),
    date(2026, 3, 31),
    date(2027, 2, 28),
    date(2026, 8, 1),
    date(2026, 6, 15),
)
SIZES = (0, 1, 4, 12, 25, 40, 40)
TEAMS = ("East", "east", "West", "Süd", "")
STAGES = ("Won", "won", "Lost", "Open", "Open", "Closed: won / lost")
SOURCES = ("Web", "web", "Event", "x'y", "50%", "a_b", "Ünder", "Call, cold")
INDUSTRIES = ("Retail", "retail", "Health", "Öl & Gas")


def draw_world(seed: int, size: int | None = None) -> World:
    """A world without KPIs; `size` bounds the rows of its tables."""
    dice = Random(seed)
    world = World(seed, _almanac(dice), dice.choice(AS_OF) + timedelta(days=dice.choice([0, 0, 0, 3])), {})
    for table in _tables(dice, dice.random() < 0.3):
        world.tables[table.name] = table
        table.kinds = {name: column.kind for name, column in table.columns.items()}
    Rows(dice, world, size).fill()
    _first_fields(dice, world)
    _draw_fields(dice, world)
    _dimensions(dice, world)
    world.thresholds = dice.choice([world.thresholds, (Decimal("0.8"), Decimal("0.5")), (Decimal("1.1"), Decimal(1))])
    world.constants = {"market_size": Decimal(12000), "half": Decimal("0.5"), "quota_base": Decimal("1250.75")}
    return world


def _almanac(dice: Random) -> Almanac:
    if dice.random() < 0.3:
        return Almanac()
    work = dice.choice(
        [frozenset(range(5)), frozenset(range(5)), frozenset({6, 0, 1, 2, 3}), frozenset(range(7)), frozenset({2})]
    )
    off = [
        date(2025, 12, 25),
        date(2026, 1, 1),
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2028, 2, 29),
        date(2026, 11, 26),
    ]
    holidays = frozenset(off) if dice.random() < 0.5 else frozenset[date]()
    return Almanac(dice.randrange(7), dice.choice([1, 2, 4, 7, 10, 11]), work, holidays)


def _tables(dice: Random, wild: bool) -> list[Table]:
    text, flag, day = Column("text"), Column("boolean"), Column("date")
    unsure = Column("boolean", empty=dice.choice(["unknown", "unknown", "false"]))
    money, number = Column("money", wide=11 if wild else 6), Column("number", wide=4)
    return [
        Table(
            "users",
            {
                "id": text,
                "name": text,
                "team": text,
                "boss": text,
                "active": unsure,
                "level": number,
                "hired": day,
                "gone": day,
            },
            ("id",),
            date=dice.choice([None, "hired"]),
            lookups={"manager": Lookup("users", ("boss",))},
            lifespan=("hired", "gone"),
        ),
        Table(
            "accounts",
            {"region": text, "number": text, "industry": text, "size": number, "since": day, "owner": text},
            ("region", "number"),
            date=dice.choice([None, "since", "since"]),
            lookups={"rep": Lookup("users", ("owner",))},
        ),
        Table(
            "opportunities",
            {"id": text, "stage": text, "source": text, "amount": money, "chance": Column("percent", wide=1)}
            | {"is_won": flag, "is_closed": flag, "deleted": flag, "owner": text, "region": text, "number": text}
            | {"close_date": day, "created_date": day},
            ("id",),
            date="close_date",
            where=Bin("=", Col(("deleted",), "bool"), Lit(False, "bool"), "bool") if dice.random() < 0.5 else None,
            lookups={"rep": Lookup("users", ("owner",)), "account": Lookup("accounts", ("region", "number"))},
            lifespan=("created_date", "closed_on"),
        ),
        Table(
            "activities",
            {"id": text, "type": text, "due": day, "completed": unsure, "owner": text, "opp": text, "origin": text}
            | {"minutes": number},
            ("id",),
            date="due",
            lookups={
                "rep": Lookup("users", ("owner",)),
                "opportunity": Lookup("opportunities", ("opp",)),
                "root": Lookup("opportunities", ("origin",)),
            },
        ),
        Table(
            "leads",
            {"id": text, "origin": text, "created": day, "converted": day, "score": number, "owner": text},
            ("id",),
            date="created",
            lookups={"rep": Lookup("users", ("owner",))},
        ),
        Table(
            "quotas",
            {"owner": text, "month": day, "amount": money},
            ("owner", "month"),
            date="month",
            covers=True,
            lookups={"rep": Lookup("users", ("owner",))},
        ),
        Table("plans", {"region": text, "kind": text, "budget": money, "note": text}),
    ]


class Rows:
    """Fills the tables of a world."""

    def __init__(self, dice: Random, world: World, size: int | None) -> None:
        self.dice = dice
        self.world = world
        self.size = size
        self.users = [f"u{n}" for n in range(1, 8)]

    def fill(self) -> None:
        for table in self.world.tables.values():
            size = self.dice.choice(SIZES)
            if self.size is not None:
                size = min(size, self.size)
            keys: set[tuple[Cell, ...]] = set()
            for number in range(7 if table.name == "users" and size else size):
                row = self._row(table, number)
                key = tuple(row[name] for name in table.key)
                if not table.key or (None not in key and key not in keys):
                    keys.add(key)
                    table.rows.append(row)

    def _row(self, table: Table, number: int) -> Row:
        return {name: self._cell(table.name, name, column, number) for name, column in table.columns.items()}

    def _cell(self, table: str, name: str, column: Column, number: int) -> Cell:
        dice = self.dice
        prefixes = {"users": "u", "opportunities": "o", "activities": "t", "leads": "l"}
        if name == "id":
            return f"{prefixes[table]}{number + 1}"
        if table == "accounts" and name in {"region", "number"}:
            return dice.choice(["N", "S", "n"]) if name == "region" else str(dice.randrange(1, 9))
        if table == "quotas" and name in {"owner", "month"}:
            day = moved(self.world.as_of.replace(day=1), dice.randrange(-14, 4))
            return dice.choice(self.users[:5]) if name == "owner" else day + timedelta(days=dice.choice([0, 0, 9, 27]))
        if dice.random() < (0.12 if column.kind != "bool" else 0.0):
            return None
        match column.kind:
            case "num":
                return self._number(column)
            case "bool":
                return None if column.empty == "unknown" and dice.random() < 0.2 else dice.random() < 0.5
            case "date":
                return self._day(name)
            case _:
                return self._text(table, name)

    def _text(self, table: str, name: str) -> str | None:
        dice = self.dice
        pools: dict[str, tuple[str, ...]] = {
            "name": ("Ann", "ann", "Bo", "Ann", "Çem", "Dee O'Hara"),
            "team": TEAMS,
            "boss": ("u1", "u2", "u3", "u9"),
            "owner": (*self.users, "u1", "u2", "u99", "U2"),
            "industry": INDUSTRIES,
            "region": ("N", "S", "n", "X"),
            "number": tuple("123456789"),
            "stage": STAGES,
            "source": SOURCES,
            "origin": SOURCES if table == "leads" else tuple(f"o{n}" for n in range(1, 42)),
            "opp": tuple(f"o{n}" for n in range(1, 30)),
            "type": ("Call", "call", "Email", "Meeting"),
            "kind": ("cost", "Cost", "hire"),
            "note": ("a", "A b", "ü", "50% off"),
        }
        return dice.choice(pools[name]) or None

    def _number(self, column: Column) -> Decimal:
        dice = self.dice
        if column.type == "percent":
            return dice.choice([Decimal(0), Decimal("0.1"), Decimal("0.25"), Decimal("0.999"), Decimal(1)])
        if column.wide > 6 and dice.random() < 0.4:
            return Decimal(dice.choice(["99999999999.999999", "0.000001", "-0.000001", "12345678901.5", "-3.141593"]))
        if column.type == "number":
            return Decimal(dice.choice([0, 1, 2, 3, 5, 10, 30, 45, 60, 60, -4])) / dice.choice([1, 1, 1, 4])
        cents = dice.choice([0, 100, 100, 99999, 5000, 1999, dice.randrange(-5000, 200000), dice.randrange(10**7)])
        return Decimal(cents) / 100

    def _day(self, name: str) -> date:
        dice = self.dice
        near = self.world.as_of
        special = [
            near,
            near + timedelta(days=1),
            near.replace(day=1),
            near.replace(day=1) - timedelta(days=1),
            date(2028, 2, 29),
        ]
        if dice.random() < 0.2:
            return dice.choice([*special, date(2026, 12, 31), date(2027, 1, 1), date(2024, 2, 29)])
        earliest = -700 if name in {"hired", "created_date", "since"} else -400
        return near + timedelta(days=int(earliest * dice.random() ** 2) + dice.choice([0, 0, 0, 20, 60]))


def _first_fields(dice: Random, world: World) -> None:
    """The fields that lifespans and lookups stand on, before any other."""
    opportunities = world.tables["opportunities"]
    closed = Case(((Col(("is_closed",), "bool"), Col(("close_date",), "date")),), None, "date")
    _add(world, "opportunities", "closed_on", closed, "date")
    if dice.random() < 0.4:
        _add(world, "opportunities", "seller", Call("lower", (Col(("owner",), "text"),), "text"), "text")
        opportunities.lookups["rep"] = Lookup("users", ("seller",))


def _draw_fields(dice: Random, world: World) -> None:
    for number in range(dice.randrange(9, 15)):
        name = dice.choice(
            ["opportunities", "opportunities", "activities", "accounts", "leads", "users", "plans", "quotas"]
        )
        draw = RowDraw(dice, world, name)
        draw.rows.wide = _widths(world)
        node: Node | None = None
        if dice.random() < 0.4:
            node = draw.fitting(lambda draw=draw: draw.roll_up() or Lit(Decimal(1), "num"))  # type: ignore[misc]  # mypy gives a lambda's default no type
            if isinstance(node, Lit):
                node = None
            elif isinstance(node, Agg) and node.kind == "num" and node.name in {"count", "sum"} and dice.random() < 0.3:
                other = draw.fitting(lambda draw=draw: draw.settled(1))  # type: ignore[misc]  # mypy gives a lambda's default no type
                wider = Bin(dice.choice("+*-/"), node, other, "num")
                node = draw.fitting(lambda wider=wider, node=node: wider if dice.random() < 0.9 else node)  # type: ignore[misc]  # mypy gives a lambda's default no type
        if node is None:
            kind = dice.choice(["num", "num", "num", "bool", "bool", "bool", "text", "date"])
            node = draw.fitting(lambda draw=draw, kind=kind: draw.any(kind, dice.choice([1, 2, 2, 3])))  # type: ignore[misc]  # mypy gives a lambda's default no type
        if any(isinstance(each, Col | Agg) for each in walk(node)):
            _add(world, name, f"f{number}", node, _kind(node))


def _kind(node: Node) -> str:
    from tests.differential.tree import kind_of

    return kind_of(node)


def _widths(world: World) -> dict[tuple[str, str], int]:
    """How wide the numbers of each column and field are."""
    from tests.differential.sql_rows import RowSql

    rows = RowSql(world)
    for table, name in world.steps:
        rows.wide[table, name] = rows.field(table, world.tables[table].fields[name]).wide
    return rows.wide


def _add(world: World, table: str, name: str, node: Node, kind: str) -> None:
    world.tables[table].fields[name] = node
    world.tables[table].kinds[name] = kind
    world.steps.append((table, name))


def _dimensions(dice: Random, world: World) -> None:
    with_rep = ("accounts", "opportunities", "activities", "leads", "quotas")
    owner = dict.fromkeys(with_rep, ("owner",))
    where = dice.choice(
        [None, Col(("active",), "bool"), Bin(">", Col(("level",), "num"), Lit(Decimal(2), "num"), "bool")]
    )
    members = dice.choice(["users", "users", None])
    owners = Dimension("owner", owner, members=members)
    if members is not None:
        owners = Dimension("owner", owner, members=members, where=where, label=dice.choice([None, "name", "name"]))
    team = dict.fromkeys(with_rep, ("rep", "team"))
    bare = dice.random() < 0.5
    boss = {"opportunities": ("rep", "manager", "team"), "activities": ("opportunity", "rep", "team")}
    world.dimensions = {
        each.name: each
        for each in (
            owners,
            Dimension("team", team if bare else team | {"users": ("team",)}, bare=bare),
            Dimension("source", {"opportunities": ("source",), "leads": ("origin",)}),
            Dimension(
                "industry", {"opportunities": ("account", "industry"), "activities": ("root", "account", "industry")}
            ),
            Dimension("head", boss),
        )
    }


_ = (Between, In, IsNull)
