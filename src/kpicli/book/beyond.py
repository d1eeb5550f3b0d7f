"""Which KPIs tell of more than a member's own rows, though a report is narrowed to them.

`share` compares with the company. And a row may hold values of rows that are somebody else's: of a parent that a lookup
leads to, or rolled up from children. Conditions may look at such rows, and targets that the book states are no figure.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.book.targets import TARGET_OF, references, target_figures
from kpicli.formula import typed
from kpicli.formula.typed import Field, Figure, Row


def beyond(book: Book, formulas: Formulas, dimension: str) -> frozenset[str]:
    """The KPIs whose value or target tells of rows that aren't of one member of the dimension alone."""
    work = _Walk(book, formulas, dimension)
    return frozenset(name for name in formulas.kpis if work.tells(name) or work.tells(f"{TARGET_OF}{name}"))


class _Walk(Struct):
    book: Book
    formulas: Formulas
    dimension: str
    _known: dict[str, bool] = field(default_factory=dict)

    def tells(self, node: str) -> bool:
        """Whether a KPI, or the target of one, or anything that it is made from tells of other rows."""
        if node not in self._known:
            kpi = self.formulas.kpis[node.removeprefix(TARGET_OF)]
            figures = [*target_figures(kpi.aims)] if node.startswith(TARGET_OF) else [kpi.figure]
            self._known[node] = any(self._figure(each) for each in figures) or any(
                self.tells(each) for figure in figures for each in references(figure)
            )
        return self._known[node]

    def _figure(self, figure: Figure) -> bool:
        match figure:
            case typed.Share():
                return True
            case typed.Measure(table=table, column=Field() as column) if self._row(table, column):
                return True
            case typed.TopMember(dimension=named) if any(self._paths(named)) or self._is_labelled_by_others(named):
                return True
            case _:
                return any(map(self._figure, typed.parts(figure)))

    def _paths(self, named: str) -> Iterator[bool]:
        """For each table whether it takes the name of a dimension's member from a row of somebody else."""
        yield from (self._row(table, path) for table, path in self.formulas.dimensions[named].fields.items())

    def _is_labelled_by_others(self, named: str) -> bool:
        """Whether the names of a dimension's members are read from rows that list members of the one that counts."""
        listed, own = self.formulas.dimensions[named], self.formulas.dimensions[self.dimension].fields
        if listed.members is None or not self._is_split(listed.members.table):
            return False
        return any(own.get(table) != path for table, path in listed.fields.items())

    def _row(self, table: str, row: Row, *, own: bool = True) -> bool:
        """Whether a value of a row is made from rows that may be another's, or names a member by another's key.

        `own`: the row is somebody's own; else it is nobody's, such as a product, and may be seen beside any member's.
        """
        match row:
            case Field(path=(name,)):
                formula = self.formulas.tables[table].fields.get(name)
                if formula is None:
                    return not own and self._is_key_of_member(table, name)
                return self._row(table, formula, own=own)
            case Field(path=(name, *rest)):
                lookup = self.book.tables[table].lookups[name]
                rows_own = own and self._is_own(table, lookup.column, lookup.table)
                others = self._is_split(lookup.table) and not rows_own
                return others or self._row(lookup.table, Field(tuple(rest), row.type), own=rows_own)
            case typed.Rollup(table=child, via=via, column=column):
                others = self._are_others(child, via, table, own=own)
                return others or (column is not None and self._row(child, column, own=own))
            case typed.RowOperation(arguments=arguments):
                return any(self._row(table, argument, own=own) for argument in arguments)
            case _:
                return False

    def _are_others(self, child: str, via: str, parent: str, *, own: bool) -> bool:
        """Whether some of the children of a row may be another's: of an account the items of somebody else's deal."""
        lookups = self.book.tables[child].lookups
        if self._is_split(child):
            return not (own and self._is_own(child, lookups[via].column, parent))
        # What belongs to a row of one's own is one's own, be it of a product that somebody keeps.
        leads = self._is_split if own else self._leads_to_member
        return any(leads(each.table) for name, each in lookups.items() if name != via)

    def _leads_to_member(self, table: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether each row of a table is a member's, or belongs to one that is."""
        if table in seen:
            return False
        parents = {lookup.table for lookup in self.book.tables[table].lookups.values()}
        return self._is_split(table) or any(self._leads_to_member(each, seen | {table}) for each in parents)

    def _is_key_of_member(self, table: str, column: str) -> bool:
        """Whether a column holds the key by which a lookup finds a row of a member."""
        lookups = self.book.tables[table].lookups.values()
        return any(column in lookup.column and self._is_split(lookup.table) for lookup in lookups)

    def _is_split(self, table: str) -> bool:
        """Whether each row of a table is a member's."""
        return table in self.formulas.dimensions[self.dimension].fields

    def _is_own(self, child: str, link: tuple[str, ...], parent: str) -> bool:
        """Whether a lookup leads from a member's row to the member's own in the table that lists the members."""
        dimension = self.formulas.dimensions[self.dimension]
        own = dimension.fields.get(child)
        return (
            dimension.members is not None and dimension.members.table == parent and own is not None and own.path == link
        )
