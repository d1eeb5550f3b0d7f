"""Who counts: the rows of a scope, the members that could be in it, and to which of them a row or a target belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.differential.frames import ALL, MEMBER, NONE, Env
from tests.differential.sql_rows import RowSql, quoted
from tests.differential.tree import Node
from tests.differential.world import World


def listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


class Scopes:
    """The split and the restriction of one report, as SQL; a context is the row `c`, a table's row `t`."""

    def __init__(self, world: World, rows: RowSql, by: str | None, only: Mapping[str, tuple[str, ...]]) -> None:
        self.world = world
        self.rows = rows
        self.by = by
        self.only = only

    def _scope(self, env: Env) -> tuple[Mapping[str, tuple[str, ...]], str | None]:
        return ({}, None) if env.company else (self.only, self.by)

    def rows_in(self, env: Env, table: str) -> list[str] | None:
        """The conditions that keep a row in scope; None where the table lacks a dimension of the scope."""
        only, by = self._scope(env)
        if not self.world.has(table, (*only, *(name for name, _ in env.reduced), *env.having)):
            return None
        tests = [f"t.dim_{name} in ({listed(members)})" for name, members in only.items()]
        tests += [f"t.dim_{name} = c.{column}" for name, column in env.reduced]
        if by is not None and self.world.has(table, (by,)):
            tests.append(_split(f"t.dim_{by}"))
        return tests

    def lacks(self, env: Env, table: str) -> bool:
        """Whether a table can't be split as the report is."""
        _, by = self._scope(env)
        return by is not None and not self.world.has(table, (by,))

    def reducible(self, item: Node, env: Env) -> str:
        """SQL of whether anything in a reducer has all the dimensions of the scope."""
        only, by = self._scope(env)
        scope = (*only, *(name for name, _ in env.reduced))
        having = [table for table, split in self.world.reads(item) if self.world.has(table, (*scope, *split))]
        if not having or by is None:
            return "true" if having else "false"
        return "true" if any(self.world.has(each, (by,)) for each in having) else f"c.scope = {ALL}"

    # ---- members

    def candidates(self, dimension: str) -> str:
        """A query of all that could be members: those listed, which are marked, and those of any row."""
        declared = self.world.dimensions[dimension]
        parts = [f"select distinct dim_{dimension} as m, false as listed from {each}" for each in declared.paths]
        if declared.members is not None:
            where = "true" if declared.where is None else self.rows.render(declared.where, declared.members, "t").sql
            (key,) = self.world.tables[declared.members].key
            parts.append(f"select t.{key} as m, true as listed from {declared.members} t where {where}")
        return (
            f"(select m, bool_or(listed) as listed from ({' union all '.join(parts)}) where m is not null group by m)"
        )

    def reachable(self, env: Env, dimension: str) -> list[str]:
        """The conditions that keep a member `m.m` of a dimension in the scope of that same dimension."""
        only, by = self._scope(env)
        tests = [f"m.m = c.{column}" for name, column in env.reduced if name == dimension]
        if dimension in only:
            tests.append(f"m.m in ({listed(only[dimension])})")
        if by == dimension:
            tests.append(f"(c.scope = {ALL} or (c.scope = {MEMBER} and m.m = c.member))")
        return tests

    def belongs(self, env: Env, dimension: str, member: str, untold: str) -> str:
        """SQL of whether a member is in the scope of the other dimensions, as its own row says.

        `untold` is what holds where its row doesn't say, or is blank and so are those of the scope.
        """
        only, by = self._scope(env)
        tests = []
        for other, members in only.items():
            own = self._own(dimension, other, member)
            if other != dimension:
                tests.append(f"{own} in ({listed(members)})" if own else untold)
        for other, column in env.reduced:
            own = self._own(dimension, other, member)
            if other != dimension:
                tests.append(f"{own} = c.{column}" if own else untold)
        if by is not None and by != dimension:
            own = self._own(dimension, by, member)
            tests.append(_split(own, untold) if own else f"(c.scope = {ALL} or {untold})")
        return f"coalesce({' and '.join(tests)}, false)" if tests else "true"

    def _own(self, dimension: str, other: str, member: str) -> str | None:
        """SQL of the member of another dimension to which a member belongs by its own row."""
        table = self.world.dimensions[dimension].members
        path = self.world.own_path(dimension, other)
        if table is None or path is None:
            return None
        own = self.rows.path(path, "text", table, "z").sql
        return f"(select {own} from {table} z where z.{self.world.tables[table].key[0]} = {member})"

    def single(self, env: Env, dimension: str) -> str | None:
        """SQL of the one member of a dimension to which a context is narrowed, if it can be."""
        only, by = self._scope(env)
        for name, column in env.reduced:
            if name == dimension:
                return f"c.{column}"
        members = only.get(dimension, ())
        alone = quoted(members[0]) if len(members) == 1 else None
        if by == dimension:
            return f"(case c.scope when {MEMBER} then c.member when {ALL} then {alone or 'null'} end)"
        return alone

    def unscoped(self, env: Env) -> str:
        """SQL of whether a context is the whole company's."""
        only, by = self._scope(env)
        if only or env.reduced:
            return "false"
        return "true" if by is None else f"c.scope = {ALL}"


def _split(value: str, none: str = "true") -> str:
    """SQL of whether a value is in a context's part of the split; `none`: whether a blank is in the memberless part."""
    memberless = f"(c.scope = {NONE} and {value} is null and {none})"
    return f"(c.scope = {ALL} or (c.scope = {MEMBER} and {value} = c.member) or {memberless})"
