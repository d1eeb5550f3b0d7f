"""Which KPIs tell of more than a member's own rows, though a report is narrowed to them.

`share` compares with the company. And a row may hold values of rows that are somebody else's: of a parent that a lookup
leads to, or rolled up from children. Conditions may look at such rows, and targets that the book states are no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kpicli.book.formulas import Formulas
from kpicli.book.model import Book
from kpicli.book.targets import TARGET_OF, references, target_figures
from kpicli.formula import typed
from kpicli.formula.typed import Field, Figure, Row


def beyond(book: Book, formulas: Formulas, dimension: str) -> frozenset[str]:
    """The KPIs whose value or target tells of rows that aren't of one member of the dimension alone."""
    work = _Walk(book, formulas, dimension)
    return frozenset(name for name in formulas.kpis if work.tells(name) or work.tells(f"{TARGET_OF}{name}"))


@dataclass(slots=True)
class _Walk:
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
            case typed.TopMember(dimension=named) if any(self._paths(named)):
                return True
            case _:
                return any(map(self._figure, typed.parts(figure)))

    def _paths(self, named: str) -> Iterator[bool]:
        """For each table whether it takes the name of a dimension's member from a row of somebody else."""
        yield from (self._row(table, path) for table, path in self.formulas.dimensions[named].fields.items())

    def _row(self, table: str, row: Row) -> bool:
        """Whether a value of a row of somebody's own is made from rows that may be another's."""
        match row:
            case Field(path=(name,)):
                formula = self.formulas.tables[table].fields.get(name)
                return formula is not None and self._row(table, formula)
            case Field(path=(name, *rest)):
                lookup = self.book.tables[table].lookups[name]
                others = self._is_split(lookup.table) and not self._is_own(table, lookup.column, lookup.table)
                return others or self._row(lookup.table, Field(tuple(rest), row.type))
            case typed.Rollup(table=child, via=via, column=column):
                lookup = self.book.tables[child].lookups[via]
                others = self._is_split(child) and not self._is_own(child, lookup.column, table)
                return others or (column is not None and self._row(child, column))
            case typed.RowOperation(arguments=arguments):
                return any(self._row(table, argument) for argument in arguments)
            case _:
                return False

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
