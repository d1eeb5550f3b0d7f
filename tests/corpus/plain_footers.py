"""A slow, plain reader, part three: which rows at the end of a file are a footer, as docs/exports.md tells it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.corpus.plain_cells import number, percent
from tests.corpus.plain_text import BLANKS, Record

_WORDS = (
    *("grand total", "grand totals", "total", "totals", "sum", "subtotal", "subtotals", "sub-total", "sub-totals"),
    *("summe", "gesamt", "insgesamt", "gesamtsumme", "zwischensumme", "somme", "total général", "total general"),
    *("suma", "totale", "totales", "totaal", "subtotaal"),
)
_LABELS = re.compile(rf"({'|'.join(_WORDS)})( \([0-9.,]+( records?)?\))?:?", re.IGNORECASE)
_COPYRIGHT = re.compile(r"copyright (\(c\)|©).*", re.IGNORECASE)
_NOTICES = re.compile(
    r"grand totals?( \([0-9.,]+ records?\))?:?|confidential information - do not distribute", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Footers:
    """What makes a row a footer in one file."""

    width: int
    never: frozenset[int]
    """The columns in which a total holds nothing: those of dates, and of the key behind the first cell."""
    own: tuple[re.Pattern[str], ...]

    def is_text(self, row: Record) -> bool:
        """Nothing but a first cell, on one line."""
        return bool(row.cells[0].strip(BLANKS)) and len(row.filled) == 1 and not re.search("[\r\n]", row.cells[0])

    def is_notice(self, row: Record) -> bool:
        """A known text; that of a copyright may hold the delimiter, and is then in several cells."""
        first = _spaced(row.cells[0])
        if _COPYRIGHT.fullmatch(first) and not re.search("[\r\n]", "".join(row.cells)):
            return not any(cell.strip(BLANKS) for at, cell in enumerate(row.cells) if at in self.never)
        return self.is_text(row) and any(known.fullmatch(first) for known in (_NOTICES, *self.own))

    def is_total(self, row: Record) -> bool:
        """A label, perhaps behind blank cells, and beside it numbers or nothing."""
        cells = [_spaced(cell) for cell in row.cells]
        at_label = next((at for at, cell in enumerate(cells) if cell), 0)
        first, others = cells[at_label], cells[at_label + 1 :]
        if at_label and not any(others):
            return False
        if any(re.search("[\r\n]", cell) for cell in row.cells):
            return False
        if not any(known.fullmatch(first) for known in (_LABELS, *self.own)):
            return False
        return all(
            cell in ("", "-") or (at not in self.never and _is_count(cell))
            for at, cell in enumerate(others, at_label + 1)
        )

    def of(self, rows: Sequence[Record]) -> Sequence[Record]:
        """The footer at the end of these rows, looked for from below; none where nothing in it is known for one."""
        start, texts, under_notice = len(rows), 0, False
        for at in range(len(rows) - 1, -1, -1):
            row = rows[at]
            sure = self.is_notice(row) or (self.is_total(row) and not (self._may_be_a_name(row) and texts))
            if row.blank:
                continue
            if sure:
                start, texts = at, 0
                under_notice = self.is_notice(row) or (under_notice and self._may_be_a_name(row))
            elif not self.is_text(row) or self.width == 1:
                break
            elif under_notice and not texts and self._leads_in(rows, at):
                start = at
            elif (texts := texts + 1) > 10:
                break
        return rows[start:]

    def _leads_in(self, rows: Sequence[Record], at: int) -> bool:
        """Whether a text above the notices is the name of the report: in few cells, or between blank and notice."""
        if len(rows[at].cells) < self.width:
            return True
        return at > 0 and rows[at - 1].blank and self.is_notice(rows[at + 1])

    def _may_be_a_name(self, row: Record) -> bool:
        """A company may be called Total: a bare one, as wide as the header, says nothing of the texts below it."""
        return self.width > 1 and self.is_text(row) and len(row.cells) >= self.width and not self.is_notice(row)


def _is_count(cell: str) -> bool:
    """Whether a cell is a number that a total may show; ids have more digits, or begin with a zero."""
    digits = re.sub(r"\D", "", cell)
    if len(digits) > 15 or re.match(r"\D*0[0-9]", cell):
        return False
    return any(number(cell, decimal) or percent(cell, decimal) is not None for decimal in ".,")


def _spaced(text: str) -> str:
    return re.sub(f"[{BLANKS}]+", " ", text).strip(" ")


def pattern(text: str) -> re.Pattern[str]:
    """A text that the book lists, in which `*` stands for any."""
    return re.compile(".*".join(map(re.escape, _spaced(text).split("*"))), re.IGNORECASE)
