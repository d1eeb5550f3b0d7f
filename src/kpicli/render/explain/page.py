"""What an explanation says, section by section, for every format that people read; each format makes the texts safe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from msgspec import Struct

from kpicli.explained import Aggregate, Aim, Explanation, Part, Rows, Step, Stretch, TargetPiece
from kpicli.render.cells import Cells
from kpicli.render.dates import write_days
from kpicli.render.explain.arithmetic import Symbols, Writer
from kpicli.render.explain.numbers import write_plain
from kpicli.render.explain.reasons import why_left_out
from kpicli.render.numbers import NumberStyle, write_count, write_share
from kpicli.render.screen import Signs
from kpicli.scorecard import Status

_MEMBERS: Final = 8
"""How many members of an aggregate are named."""


_SHIFTS: Final = frozenset({"prior", "trailing", "to_date", "whole", "rest"})
"""What looks at other days."""

_JUDGED: Final = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})


class Text(Struct, frozen=True):
    """A sentence, or a line of an arithmetic, so many steps in; `count` stands before it, in a column of counts."""

    text: str
    depth: int = 0
    style: str = ""
    count: str = ""


class Section(Struct, frozen=True):
    """A heading, perhaps with what it comes to, and what stands below."""

    title: str
    texts: tuple[Text, ...]
    result: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that an explanation says."""

    explained: Explanation
    signs: Signs
    writer: Writer
    style: NumberStyle = field(init=False)

    def __post_init__(self) -> None:
        line = self.explained.line
        object.__setattr__(self, "style", self._style(line.unit, line.decimals))

    def _style(self, unit: str, decimals: int | None) -> NumberStyle:
        return NumberStyle(unit, decimals, self.explained.card.currency)

    def sections(self) -> Iterator[Section]:
        """In their order."""
        yield Section("About", tuple(self._about()))
        formula = self.explained.about.formula
        words = (Text(line) for line in self.explained.words)
        yield Section("Formula", (Text(" ".join(formula.split()), style="bold"), *words))
        yield Section("Arithmetic", tuple(self._worked(self.explained.step, self.style)))
        for aggregate in self.explained.aggregates:
            yield self._aggregate(aggregate)
        for part in self.explained.parts:
            yield self._part(part)
        if self.explained.fields:
            yield Section("Fields", tuple(self._fields()))
        yield Section("Target", tuple(self._target()))
        standing = tuple(self._standing())
        if standing:
            yield Section("Standing", standing)

    # ---- the head

    def window(self) -> str:
        """The days that the KPI looks at, and how much of them has passed."""
        span = self.explained.line.window
        done, of = self.explained.workdays
        count = f"{write_count(done)} of {write_count(of)} workdays passed"
        return f"looks at {write_days(span.start, span.end)}, {count}"

    def result(self) -> str:
        """The value, its status and its target."""
        figure = self.explained.line.figure
        cells = Cells.of(figure, self.style)
        value = cells.value if cells.value is not None else f"{self.signs.absent} ({figure.reason})"
        status = figure.status.value.replace("_", " ")
        if figure.status in _JUDGED:
            status = f"{self.signs.status[figure.status]} {status}"
        told = [value, status]
        if cells.target is not None:
            told.append(f"target {cells.target}")
        if cells.pace is not None:
            told.append(f"pace {cells.pace}")
        return f" {self.signs.separator} ".join(told)

    def _about(self) -> Iterator[Text]:
        about, line = self.explained.about, self.explained.line
        if about.status != "active":
            yield Text(f"This KPI is {about.status}: reports leave it out unless it is asked for by name", style="bold")
        if about.why is not None:
            yield Text(about.why)
        kind = f"{line.role} KPI" + ("" if line.stage is None else f" of the stage {line.stage}")
        yield Text(f"{kind}; {line.better} is better")
        for depth, goal in enumerate(about.goals):
            when = "" if goal.when is None else f", {goal.when}"
            verb = "serves the goal" if depth == 0 else "which serves"
            yield Text(f"{verb}: {goal.name} ({goal.level}{when})", depth)
        dates = [
            *([f"{about.owner} answers for it"] if about.owner is not None else []),
            *([f"agreed on {about.agreed.isoformat()}"] if about.agreed is not None else []),
            *([f"to be reviewed by {about.review_by.isoformat()}"] if about.review_by is not None else []),
        ]
        if dates:
            yield Text("; ".join(dates))

    # ---- arithmetic

    def _worked(self, step: Step, style: NumberStyle) -> Iterator[Text]:
        """The formula with numbers in it, and what comes of it: exactly, and as it is shown."""
        worked = self.writer.worked(step)
        result = self.writer.value(step)
        names = {part.kpi: part.name for part in self.explained.parts}
        symbols = Symbols(self.writer.absent, self.writer.ellipsis, names).worked(step)
        told = symbols != worked and bool(step.arguments)
        if told:
            yield Text(symbols)
        yield Text(f"= {worked}" if told else worked)
        shown = result
        if isinstance(step.value, int | Fraction) and not isinstance(step.value, bool):
            shown = style.write(step.value)
        further = [*([result] if result != worked else []), *([shown] if shown not in (result, worked) else [])]
        for each in further:
            yield Text(f"= {each}", style="bold" if each is further[-1] else "")
        yield from self._shifted(step)

    def _shifted(self, step: Step) -> Iterator[Text]:
        """Which numbers are those of other days: of days within days, and of a KPI's window, those looked at."""
        if step.op in _SHIFTS and step.days is not None:
            (inner,) = step.arguments
            days = inner.days if inner.op == "kpi" and inner.days is not None else step.days
            if inner.op not in _SHIFTS:
                yield Text(f"{self.writer.value(step)} is of {self._days(days)}", 1, "dim")
        for argument in step.arguments:
            if step.op not in {"kpi", "target"}:
                yield from self._shifted(argument)

    def _days(self, days: Stretch) -> str:
        return "no day" if days.end < days.start else write_days(days.start, days.end)

    def _part(self, part: Part) -> Section:
        style = self._style(part.unit, part.decimals)
        company = ", the whole company's" if part.company else ""
        result = self.writer.value(part.step)
        if isinstance(part.step.value, int | Fraction):
            result = style.write(part.step.value)
        where = f"{self._days(part.days)}{company}"
        if part.aim is not None:
            return Section(
                f"Target of {part.name}, {where}", tuple(self._aimed(part.aim, style, company=part.company)), result
            )
        head = Text(" ".join(part.formula.split()), style="bold")
        words = (Text(line) for line in part.words)
        return Section(f"{part.name}, {where}", (head, *words, *self._worked(part.step, style)), result)

    # ---- aggregates

    def _aggregate(self, aggregate: Aggregate) -> Section:
        title = f"[{aggregate.number}] {aggregate.text}"
        result = "" if aggregate.dimensions else write_plain(aggregate.value, self.signs.absent, self.writer.ellipsis)
        return Section(title, tuple(self._told(aggregate)), result)

    def _told(self, aggregate: Aggregate) -> Iterator[Text]:
        yield Text(aggregate.words)
        yield Text(self._dated(aggregate))
        if aggregate.company:
            yield Text("of the whole company, whoever is asked for")
        if aggregate.reason is not None:
            yield Text(f"no value: {aggregate.reason}")
        if aggregate.total is not None and aggregate.count is not None:
            total = write_plain(aggregate.total, self.signs.absent, self.writer.ellipsis)
            yield Text(f"{total} in all, divided by {write_count(aggregate.count)} values")
        for month in aggregate.months:
            if month.taken != month.of:
                yield Text(f"of {month.month}, {month.taken} of {month.of} days: that share of each amount")
        if aggregate.dimensions:
            yield from self._members(aggregate)
        if aggregate.rows is not None:
            yield from self._rows(aggregate, aggregate.rows)

    def _members(self, aggregate: Aggregate) -> Iterator[Text]:
        shown = aggregate.members[:_MEMBERS]
        values = [f"{each.label} {write_plain(each.value, self.signs.absent)}" for each in shown]
        more = len(aggregate.members) - len(shown)
        listed = "; ".join(values) + (f"; and {write_count(more)} more" if more else "")
        count = write_count(len(aggregate.members))
        yield Text(f"by {' and '.join(aggregate.dimensions)}, {count} of them: {listed}" if values else "no members")

    def _dated(self, aggregate: Aggregate) -> str:
        if aggregate.days is None:
            return "all rows, whatever the days" if aggregate.date is None else "no day to look at"
        if aggregate.until is not None:
            day = aggregate.days.end.isoformat()
            return f"rows alive at the end of {day}: {aggregate.date} by then, {aggregate.until} after it or blank"
        span = aggregate.days
        if span.end < span.start:
            return f"rows by {aggregate.date}; there is no day to look at"
        days = (span.end - span.start).days + 1
        count = "1 day" if days == 1 else f"{write_count(days)} days"
        what = "rows of the months by" if aggregate.covers else "rows by"
        return f"{what} {aggregate.date}, {span.start.isoformat()} to {span.end.isoformat()} ({count})"

    def _rows(self, aggregate: Aggregate, rows: Rows) -> Iterator[Text]:
        """The rows of the files, less those that are left out, give those that count."""
        yield Text(f"{_rows_word(rows.total)} in the files of {aggregate.table}", 1, "", write_count(rows.total))
        for each in rows.left_out:
            yield Text(why_left_out(each, aggregate), 1, "dim", f"-{write_count(each.rows)}")
        counts = "row counts" if rows.counted == 1 else "rows count"
        yield Text(counts, 1, "bold", write_count(rows.counted))

    # ---- fields, target, standing

    def _fields(self) -> Iterator[Text]:
        for each in self.explained.fields:
            yield Text(f"{each.table}.{each.name}: {' '.join(each.formula.split())}")

    def _target(self) -> Iterator[Text]:
        if self.explained.aim is None:
            yield Text("The book has no target for this KPI")
            return
        yield from self._aimed(self.explained.aim, self.style)

    def _whose(self, aim: Aim, *, company: bool) -> str:
        if aim.whose is not None:
            return f"the member's own target, by {aim.whose}"
        narrowed = self.explained.card.only and not company
        if narrowed and any(_is_formula(piece) for piece in aim.pieces):
            return "by the book's formula, from the rows of those asked for"
        return "the company's target"

    def _aimed(self, aim: Aim, style: NumberStyle, *, company: bool = False) -> Iterator[Text]:
        if aim.reason is not None:
            yield Text(f"no target: {aim.reason}")
        if not aim.pieces:
            return
        yield Text(self._whose(aim, company=company))
        for piece in aim.pieces:
            yield from self._piece(piece, style)
        if aim.target is not None and len(aim.pieces) > 1:
            parts = " + ".join(self.writer.value(piece.step) for piece in aim.pieces)
            yield Text(f"{parts} = {style.write(aim.target)}", style="bold")
        if aim.expected is None:
            return
        if aim.flow:
            yield from self._expected(aim, style)
        else:
            yield Text("it is a level, so all of it is expected at any time")

    def _piece(self, piece: TargetPiece, style: NumberStyle) -> Iterator[Text]:
        since = "" if piece.since is None else f", in force from {piece.since.isoformat()}"
        yield Text(f"{' '.join(piece.text.split())}{since}, for {self._days(piece.days)}")
        if piece.step.op == "number":
            return
        worked = self.writer.worked(piece.step)
        if piece.step.unit is not None:
            one = piece.step.arguments[-1].value == 1
            worked = f"{worked} {piece.step.unit}{'' if one else 's'}"
        result = self.writer.value(piece.step)
        if isinstance(piece.step.value, int | Fraction):
            result = style.write(piece.step.value)
        yield Text(worked if worked == result else f"{worked} = {result}", 1)

    def _expected(self, aim: Aim, style: NumberStyle) -> Iterator[Text]:
        """What should be there by now: of each piece the share of its workdays."""
        assert aim.expected is not None
        shares = []
        for piece in aim.pieces:
            whole = piece.of is not None and piece.done == piece.of
            value = self.writer.value(piece.step)
            shares.append(value if whole or not piece.of else f"{value} * {piece.done} / {piece.of}")
        told = " + ".join(shares)
        days = {piece.unit for piece in aim.pieces}
        unit = "days" if days == {"day"} else "workdays"
        yield Text(f"expected by now, by the {unit} that have passed: {told} = {style.write(aim.expected)}")

    def _standing(self) -> Iterator[Text]:
        standing, figure = self.explained.standing, self.explained.line.figure
        for name, step in (("attainment", standing.attainment), ("pace", standing.pace)):
            if step is not None and isinstance(step.value, int | Fraction):
                yield Text(f"{name}: {self.writer.worked(step)} = {write_share(step.value)}")
        told = self._status()
        if told is not None:
            yield Text(told, style="bold")
        for name, step in (
            ("needed on each workday left", standing.needed_per_workday),
            ("at this rate it ends at", standing.projected),
        ):
            if step is not None and isinstance(step.value, int | Fraction):
                yield Text(f"{name}: {self.writer.worked(step)} = {self.style.write(step.value)}")
        if figure.status is Status.NO_DATA:
            yield Text(f"no value: {figure.reason}")

    def _status(self) -> str | None:
        figure, standing = self.explained.line.figure, self.explained.standing
        word = figure.status.value.replace("_", " ")
        if figure.status not in _JUDGED:
            return None
        if standing.pace is None:
            met = "what is expected by now is met" if figure.status is Status.ON_TRACK else "it isn't met"
            return f"{word}: a share says nothing here, and {met}"
        on_track, at_risk = write_share(standing.on_track), write_share(standing.at_risk)
        limits = {
            Status.ON_TRACK: f"a pace of {on_track} or more",
            Status.AT_RISK: f"a pace from {at_risk} to below {on_track}",
            Status.BEHIND: f"a pace below {at_risk}",
        }
        return f"{word}: {limits[figure.status]}"


def _is_formula(piece: TargetPiece) -> bool:
    """Whether a target is worked out, and isn't a number or so much per a unit of time."""
    return piece.step.op != "number" and (piece.step.op != "*" or piece.step.unit is None)


def _rows_word(count: int) -> str:
    return "row" if count == 1 else "rows"
