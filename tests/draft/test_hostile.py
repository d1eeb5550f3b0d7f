"""Whatever stands in headers and cells, the book loads, says the same, and counts right."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.draft.begun import begun, values

from kpicli.book.reader import read
from kpicli.draft.yaml_text import comment, formula, quoted, scalar

NASTY = st.sampled_from(
    [
        *("# 1", "a: b", "- a", "{a}", "[a]", "!a", "&a", "*a", "%a", "@a", "`a`", "'", '"', "\\", "a\nb", "a\r\nb"),
        *("null", "~", "true", "NO", "1:30", "0x1", "01", "2026-01-01", "a #b", "a:", ": a", "?", "|", ">", "---"),
        *("\u2028", "\u200b", "\u202eabc", "\x1b[31m", "\x85", "\ufeff", "\U0001f600", "\U000e0001", "{{x}}", "\t"),
    ]
)
TEXT = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1a"), max_size=30))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=12)
@given(header=TEXT, stage=TEXT, owner=TEXT, source=TEXT)
def test_any_text_in_an_export_gives_a_book_that_loads(header: str, stage: str, owner: str, source: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["Deal ID", "Owner", f"Stage {header}", "Amount", "Close Date", "Created", "Lead Source"])
    for at in range(8):
        kind = ("Won", "Lost", "Open")[at % 3]
        said = f"{kind} {stage}" if kind != "Open" else "Talking"
        writer.writerow([f"D-{at}", f"{owner} {at % 2}", said, "100", "2026-10-09", "2026-09-01", f"x {source}"])
    with TemporaryDirectory() as name:
        folder = Path(name)
        drafted = begun(folder, {"deals.csv": out.getvalue().encode()})
        found = values(drafted, folder)
        (table,) = drafted.draft.tables
        assert table.rows == 8
        assert found["new_opportunities"] == 8
        assert found.get("won_deals", 3) == 3  # a stage that also says `not` or `lost` isn't taken for won


@given(TEXT)
def test_a_scalar_is_read_as_it_was_written(text: str) -> None:
    if text.strip():
        for written in (scalar(text), quoted(text)):
            assert parsed(f"a: {{b: {written}, c: d}}\n") == {"a": {"b": text, "c": "d"}}
        assert parsed(f"a: {formula(text)}\n") == {"a": text}


def parsed(text: str) -> object:
    with TemporaryDirectory() as name:
        path = Path(name) / "kpis.yaml"
        path.write_bytes(text.encode())
        return read(path)[0]


@given(TEXT)
def test_a_comment_stays_on_its_line(text: str) -> None:
    shown = comment(text)
    assert shown.startswith("# ")
    assert len(shown.splitlines()) == 1
