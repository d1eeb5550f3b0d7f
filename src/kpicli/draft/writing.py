"""A draft as the text of a book, with a comment wherever something was guessed or only suggested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from kpicli.book.model import Column
from kpicli.draft.columns import is_among
from kpicli.draft.dimensions import DimensionDraft
from kpicli.draft.kpis import GOALS, STAGES, KpiDraft
from kpicli.draft.model import ColumnDraft, SourceDraft, TableDraft
from kpicli.draft.yaml_text import aligned, comment, formula, mapping, quoted, scalar, sequence, wrapped


class BookDraft(Struct, frozen=True):
    """All that a book will say."""

    name: str
    tables: tuple[TableDraft, ...]
    dimensions: tuple[DimensionDraft, ...]
    kpis: tuple[KpiDraft, ...]
    currency: str | None = None
    currency_note: str | None = None
    currency_column: str | None = None
    other_currencies: tuple[str, ...] = ()
    """Those whose amounts are left out as long as there are no rates."""
    targets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """For each KPI the target that is suggested, and where it comes from."""
    next: str = "kpi report"
    """The command to run."""
    check: str = "kpi check"
    """The command that looks for what is wrong."""
    left_out: tuple[str, ...] = ()
    """Files that aren't read, each with the reason."""
    asks: tuple[str, ...] = ()
    """What only somebody who knows the company can say."""
    not_found: tuple[str, ...] = ()
    """What the exports lack, and what follows from it."""

    @property
    def amounts(self) -> list[str]:
        """The KPIs that are amounts of money."""
        return [kpi.id for kpi in self.kpis if ".amount" in kpi.formula]


def written(draft: BookDraft) -> str:
    """The text of the book."""
    parts = [
        _opening(draft),
        _tables(draft.tables),
        _dimensions(draft.dimensions),
        _pipeline(draft.kpis),
        _goals(draft.kpis),
        _kpis(draft),
        _scorecards(draft),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts if part)


def _opening(draft: BookDraft) -> list[str]:
    wide = max(36, len(draft.next), len(draft.check))
    lines = [
        comment(f"The KPI book of {draft.name}, begun by `kpi init`."),
        "#",
        f"#     {draft.next.ljust(wide)} all KPIs, this month so far",
        f"#     {draft.check.ljust(wide)} is the book right, and what is odd about the data?",
        "#",
        "# Each thing that was concluded from headers and values is marked `guess`, and each target `suggestion`:",
        "# read those lines, and mend what is wrong. The book is yours from here on; `kpi init` never writes over it.",
    ]
    for heading, entries in (("Asks you", draft.asks), ("Not found", draft.not_found), ("Left out", draft.left_out)):
        lines += ["#", f"# {heading}:"] if entries else []
        for each in entries:
            first, *others = wrapped(each, 0, 112)
            lines += [f"#   - {first[2:]}", *(f"#     {line[2:]}" for line in others)]
    lines += ["", "version: 1", f"name: {scalar(draft.name)}"]
    if draft.currency is not None:
        lines += aligned([(f"currency: {draft.currency}", draft.currency_note)])
    else:
        lines.append(f"# currency: EUR    {comment(draft.currency_note or 'no sign or code of one was found')}")
        if draft.amounts:
            added = f"with it, add `unit: money` to these KPIs, which are plain numbers now: {', '.join(draft.amounts)}"
            lines += wrapped(added, 0)
    if draft.other_currencies:
        lines += [
            f"# rates:    # what one unit is worth in {draft.currency}. With them, all money can be added:",
            f"#           # put `currency: {draft.currency_column}` under opportunities, and take the condition on",
            "#           # it out of the KPIs in one currency.",
            *(f"#   {code}: 1.00" for code in draft.other_currencies),
        ]
    return [
        *lines,
        "",
        "# calendar:                          # without it weeks start on Monday and years in January",
        "#   timezone: America/New_York       # in which a day is a day; UTC without it",
        "#   fiscal_year_starts: february",
        "#   holidays: US",
        "",
    ]


# ---- tables


def _tables(tables: Sequence[TableDraft]) -> list[str]:
    lines = [
        "# What the exports hold. On the left the names that formulas use, on the right the headers in the file.",
        "",
        "tables:",
    ]
    for table in tables:
        lines += ["", *_table(table)]
    return [*lines, ""]


def _table(table: TableDraft) -> Iterator[str]:
    yield f"  {table.name}:"
    for guess in table.guesses:
        yield from wrapped(f"guess: {guess}", 4)
    for question in table.asks:
        yield from wrapped(f"asks you: {question}", 4)
    for aside in table.asides:
        yield from wrapped(f"not found: {aside}", 4)
    if table.preset is not None:
        crm = table.preset.partition("/")[0]
        yield f"    preset: {table.preset}    # `kpi presets {crm}` shows its columns and fields"
    yield from _source(table)
    yield from _keys(table)
    if table.where is not None:
        yield from aligned([(f"    where: {formula(table.where)}", "guess: rows that were deleted don't count")])
    yield from _columns(table.columns, 4)
    yield from _unread(table)
    if table.fields:
        yield "    fields:"
        if table.open_guess is not None:
            yield from wrapped(f"guess: {table.open_guess}", 6)
        yield from aligned(
            [(f"      {each.name}: {formula(each.formula)}", _note(each.guess, each.remark)) for each in table.fields]
        )
    own = [each for each in table.lookups if not each.is_known]
    if own:
        yield "    lookups:"
        yield from aligned(
            [
                (f"      {each.name}: {mapping([('table', each.table), ('column', each.column)])}", _note(each.guess))
                for each in own
            ]
        )


def _keys(table: TableDraft) -> Iterator[str]:
    """Key, date and lifespan: all of them, or as far as they aren't those of the preset."""
    known = table.declared
    lifespan = None if known is None or known.lifespan is None else (known.lifespan.from_, known.lifespan.until)
    keys = {
        "key": (table.key, None if known is None else " ".join(known.key) or None),
        "keep": (table.keep and f"latest by {table.keep}", None if known is None else known.keep),
        "date": (table.date, None if known is None else known.date),
        "currency": (table.currency, None if known is None else known.currency),
        "lifespan": (table.lifespan and mapping(zip(("from", "until"), table.lifespan, strict=True)), None),
    }
    if lifespan is not None:
        keys["lifespan"] = (keys["lifespan"][0], mapping(zip(("from", "until"), lifespan, strict=True)))
    for key, (value, usual) in keys.items():
        if value != usual and (value or key != "lifespan"):
            note = _note(table.key_guess) if key == "key" else None
            yield from aligned([(f"    {key}: {value or 'none'}", note)])


def _note(guess: str | None, remark: str | None = None) -> str | None:
    parts = [f"guess: {guess}" if guess else None, remark]
    return "; ".join(part for part in parts if part) or None


def _source(table: TableDraft) -> Iterator[str]:
    sources = table.sources
    if len(sources) == 1 and len(sources[0].export.paths) == 1 and sources[0].preset is None:
        (source,) = sources
        yield f"    source: {scalar(source.export.paths[0])}"
        for key, value in _shape(source):
            yield f"    {key}: {value}"
        return
    yield "    source:"
    for source in sources:
        for path in source.export.paths:
            keys = [("path", scalar(path)), *_shape(source)]
            if source.preset is not None:
                keys.append(("preset", source.preset))
            if not source.columns:
                yield f"      - {mapping(keys)}" if len(keys) > 1 else f"      - {scalar(path)}"
                continue
            for number, (key, value) in enumerate(keys):
                yield f"      {'  ' if number else '- '}{key}: {value}"
            # What the table declares holds for these files too, unless their preset declares its own.
            yield from _columns(source.columns, 8, () if source.preset is not None else table.columns)


def _shape(source: SourceDraft) -> Iterator[tuple[str, str]]:
    """What the book must say so that the file is read right."""
    shape = source.export.survey.shape
    if shape.sheet is not None:
        yield "sheet", quoted(shape.sheet)
    if shape.encoding is not None:
        yield "encoding", shape.encoding
    if shape.delimiter != shape.usual:
        yield "delimiter", "tab" if shape.delimiter == "\t" else quoted(shape.delimiter)
    if not shape.is_first:
        yield "header_row", str(shape.header_row)


def _columns(columns: Sequence[ColumnDraft], indent: int, above: Sequence[ColumnDraft] = ()) -> Iterator[str]:
    """The columns that neither a preset nor the table above declares just so."""
    usual = {column.name: column for column in above}
    lines = [
        (f"{' ' * (indent + 2)}{column.name}: {written}", _note(column.guess, column.remark))
        for column in columns
        if (written := _column(column, usual.get(column.name))) is not None
    ]
    if lines:
        yield f"{' ' * indent}columns:"
        yield from aligned(lines)


def _column(column: ColumnDraft, usual: ColumnDraft | None) -> str | None:
    """What is to say of a column; nothing where a preset says it, or the table for all of its files."""
    known = column.known or _PLAIN
    above = known if usual is None else usual
    keys = [] if column.known is not None else [("header", scalar(column.profile.header))]
    if column.known is not None and not is_among(column.profile.header, column.known.headers):
        keys.append(("header", scalar(column.profile.header)))
    if column.type is not known.type:
        keys.append(("type", column.type.value))
    if column.format != above.format:
        formats = [quoted(each) for each in column.format]
        keys.append(("format", formats[0] if len(formats) == 1 else f"[{', '.join(formats)}]"))
    if column.blank != above.blank:
        keys.append(("blank", sequence(column.blank)))
    if column.decimal != above.decimal:
        keys.append(("decimal", quoted(column.decimal)))
    if not keys:
        return None
    return keys[0][1] if len(keys) == 1 and column.known is None else mapping(keys)


_PLAIN: Final = Column(headers=("header",))
"""A column of which nothing is said but its header."""


def _unread(table: TableDraft) -> Iterator[str]:
    """Headers of the files that the book doesn't name, for whoever needs one of them."""
    for source in table.sources:
        known = {column.profile.header for column in table.all_columns()} | source.export.known
        headers = dict.fromkeys(source.export.survey.headers)
        others = [header for header in headers if header and header not in known]
        if others:
            listed = ", ".join(others[:_UNREAD]) + (
                f" and {len(others) - _UNREAD} more" if len(others) > _UNREAD else ""
            )
            yield from wrapped(f"not read: {listed}", 4)


_UNREAD: Final = 40


# ---- what is asked of them


def _dimensions(dimensions: Sequence[DimensionDraft]) -> list[str]:
    if not dimensions:
        return []
    lines = ["# What `--by` and `--only` can name.", "", "dimensions:"]
    for each in dimensions:
        keys = [("field", mapping(each.paths.items()))]
        if each.members is not None:
            keys.append(("members", each.members))
        if each.label is not None:
            keys.append(("label", each.label))
        lines.append(f"  {each.name}: {mapping(keys)}")
    return [*lines, ""]


def _pipeline(kpis: Sequence[KpiDraft]) -> list[str]:
    passed: dict[str, str] = {}
    for stage, usual in STAGES.items():
        counting = [kpi.id for kpi in kpis if kpi.stage == stage]
        if counting:
            passed[stage] = usual if usual in counting else counting[0]
    lines = ["# From first contact to revenue, each stage with the KPI that counts what passes it.", "", "pipeline:"]
    return [*lines, *(f"  {stage}: {kpi}" for stage, kpi in passed.items()), ""]


def _goals(kpis: Sequence[KpiDraft]) -> list[str]:
    used = [goal for goal in GOALS if any(kpi.goal == goal for kpi in kpis)]
    lines = ["goals:"]
    for goal in used:
        lines += [f"  {goal}:    # suggestion: put your own goal here", f"    name: {GOALS[goal]}"]
        lines.append("    level: company" if goal == used[0] else f"    level: team\n    parent: {used[0]}")
    return [*lines, ""]


def _kpis(draft: BookDraft) -> list[str]:
    lines = [
        "# A leading KPI can still be acted on; a lagging one tells how it went. A target on what adds up says per",
        "# when it is (`85 per month`); one on a ratio or an average holds for any period.",
        "",
        "kpis:",
    ]
    for kpi in draft.kpis:
        lines += ["", *_kpi(kpi, draft.targets.get(kpi.id))]
    return [*lines, ""]


def _kpi(kpi: KpiDraft, target: tuple[str, str] | None) -> Iterator[str]:
    yield f"  {kpi.id}:"
    yield f"    name: {scalar(kpi.name)}"
    yield f"    role: {kpi.role}"
    yield f"    stage: {kpi.stage}"
    yield f"    goal: {kpi.goal}"
    yield f"    formula: {formula(kpi.formula)}"
    if kpi.unit != "number":
        yield f"    unit: {kpi.unit}"
    if kpi.better != "higher":
        yield f"    better: {kpi.better}"
    if target is not None:
        yield f"    target: {target[0]}    {comment('suggestion: ' + target[1])}"
    yield f"    why: {scalar(kpi.why)}"


def _scorecards(draft: BookDraft) -> list[str]:
    lines = [
        "scorecards:",
        "  overview:",
        "    name: How we do",
        f"    kpis: [{', '.join(kpi.id for kpi in draft.kpis)}]",
        "    trend: 6",
    ]
    if any(each.name == "owner" for each in draft.dimensions):
        chosen = [kpi.id for kpi in draft.kpis if kpi.id in _BY_SELLER] or [draft.kpis[0].id]
        lines += ["  sellers:", "    name: By seller", f"    kpis: [{', '.join(chosen)}]", "    by: owner"]
    return lines


_BY_SELLER: Final = (
    *("activities_completed", "new_opportunities", "won_deals", "won_revenue", "win_rate"),
    *("won_of_new", "revenue_of_new", "win_rate_of_new"),
)
