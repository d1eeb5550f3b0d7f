"""Files and declarations at random, of what hurts, for the program and the plain reader to be compared on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

# ---- cells, by type

TEXTS = st.sampled_from(
    [
        *("a", "Zoë", "Łódź", "won", " a ", "a b", "\u00a0", "\u200b", "'", "-", "=1+1", "\\", "~", "null", "x" * 99),
        *("\u202ea", "😀", "\x85", "\x1f", "\u2028", "a\tb", "00123", "١٢", "ﬁ", "#", "n/a", "0", "a;b", "a; a", ";"),
        *("000000000000000AAA", "0" * 15, "0065g00000AbCdEAAX", "0065g00000AbCdE", "0065g00000AbCdEaax", "zcrm_7"),
    ]
)
PARTS_OF_NUMBERS = st.sampled_from(
    [
        *("0", "1", "5", "12", "123", "000", "1234", "9" * 29, "9" * 30, "007", ",", ".", " ", "'", "-", "+", "(", ")"),
        *("$", "€", "R$", "USD", "K", "M", "B", "e", "E+", "%", "\u00a0", "\u202f", "\u2212", "k", "m", "٣", "_", "£"),
    ]
)
AMOUNTS = st.one_of(
    st.lists(PARTS_OF_NUMBERS, min_size=1, max_size=6).map("".join),
    st.decimals(-(10**9), 10**9, places=8).map(str),
    st.decimals(-(10**6), 10**6, places=2).map("{:,}".format),
    st.sampled_from(
        [
            "$1,200.00",
            "(1,200.00)",
            "€ 2.900,00",
            "8.20K",
            "1e5",
            "1.5e-7",
            "NaN",
            "inf",
            "n/a",
            "40%",
            "€5",
            "$5",
            "5 EUR",
            "£7",
        ]
    ),
)
BOOLEANS = st.sampled_from(
    [
        "true",
        "TRUE",
        "Yes",
        "y",
        "1",
        "1.0",
        "0",
        "0.0",
        "no",
        "N",
        "False",
        "on",
        "t",
        "2",
        "WAHR",
        "Sí",
        "nee",
        "sì",
        "VRAI",
        "ﬀ",
    ]
)
YEARS = st.sampled_from(["2026", "1999", "0026", "26", "9999", "1000", "0000", "2011", "02026"])
PARTS = st.sampled_from(["01", "1", " 1", "12", "13", "30", "31", "29", "28", "00", "0", "2"])
TIMES = st.sampled_from(
    [
        *("", " 00:00", "T23:59:59", " 02:30:00", "T01:30", " 24:00", " 10:60", "T10:00:00.123456789", " 10", "T1:00"),
        *(" 23:59:60", "T10:00:00.", " 10:00 "),
    ]
)
OFFSETS = st.sampled_from(["", "", "Z", "+00:00", "+0530", "-08", " UTC", "+14:00", "-12:00", "+15:00", "z", " +01:00"])
ISO_DATES = st.builds("{}-{}-{}{}{}".format, YEARS, PARTS, PARTS, TIMES, OFFSETS)
FORMATS = (
    *(
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%Y%m%d",
        "%d-%b-%y",
        "%m/%d/%y %I:%M %p",
        "%d %B %Y",
        "%Y-%m-%dT%H:%M:%S%z",
        "%-m/%-d/%y",
    ),
)
SHAPED_DATES = st.one_of(
    st.builds("{}/{}/{}".format, PARTS, PARTS, YEARS),
    st.builds("{}.{}.{}".format, PARTS, PARTS, YEARS),
    st.builds("{}{}{}".format, YEARS, PARTS, PARTS),
    st.builds("{}-{}-{}".format, PARTS, st.sampled_from(["Jan", "feb", "MAR", "Dec", "june", "Xyz"]), YEARS),
    st.builds("{}/{}/{} {}:{} {}".format, PARTS, PARTS, YEARS, PARTS, PARTS, st.sampled_from(["AM", "pm", "XM"])),
    st.builds("{} {} {}".format, PARTS, st.sampled_from(["January", "MAY", "Sept", "december"]), YEARS),
    st.builds("{}-{}-{}T{}:{}:{}{}".format, YEARS, PARTS, PARTS, PARTS, PARTS, PARTS, OFFSETS),
    ISO_DATES,
)
ZONES = ("UTC", "America/New_York", "Europe/London", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe")

CELLS = {
    "text": (TEXTS, "a"),
    "number": (AMOUNTS, "1"),
    "money": (AMOUNTS, "1"),
    "percent": (AMOUNTS, "1"),
    "boolean": (BOOLEANS, "1"),
    "date": (ISO_DATES, "2026-03-01"),
}
"""Cells of a type, of which many don't fit; and one that does."""


@dataclass(frozen=True, slots=True)
class File:
    """A declaration, the bytes that it is about, and the calendar's zone."""

    table: str
    content: bytes
    zone: str = "UTC"


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, str, st.SearchStrategy[str]]:
    """What a column declares besides its header, a cell that surely fits, and a strategy for others."""
    kind = draw(st.sampled_from(sorted(CELLS)))
    cells, good = CELLS[kind]
    written = [f"type: {kind}"]
    more = {
        "text": ("id: salesforce", "id: zoho", 'separator: ";"'),
        "boolean": ("empty: true", "empty: unknown"),
        "date": tuple(f"timezone: {zone}" for zone in ZONES),
    }.get(kind, ('decimal: ","',))
    written += draw(st.lists(st.sampled_from(more), max_size=1))
    if kind == "date" and draw(st.booleans()):
        formats = draw(st.lists(st.sampled_from(FORMATS), min_size=1, max_size=2, unique=True))
        written.append("format: [" + ", ".join(f'"{each}"' for each in formats) + "]")
        cells, good = SHAPED_DATES, ""
    if draw(st.integers(0, 3)) == 0:
        written.append('blank: [n/a, "0", "-"]')
    return ", ".join(written), good, cells


@st.composite
def cells(draw: st.DrawFn) -> File:
    """A whole file whose cells fit their types badly."""
    kinds = draw(st.lists(columns(), min_size=1, max_size=3))
    rows = [["n", *(f"c{at}" for at in range(len(kinds)))]]
    rows += [
        [str(at), *(draw(st.one_of(odd, st.just(""))) for _, _, odd in kinds)] for at in range(draw(st.integers(0, 4)))
    ]
    # Misfits are notes up to one cell in twenty: without cells that fit, hardly a file would have one.
    rows += [["g", *(good for _, good, _ in kinds)]] * draw(st.sampled_from([0, 0, 20, 80]))
    text = "".join(",".join(map(where_needed, row)) + "\n" for row in rows)
    named = ", ".join(f"c{at}: {{{written}}}" for at, (written, _, _) in enumerate(kinds))
    return File(f"source: deals.csv\ncolumns: {{n: n, {named}}}\n", text.encode(), draw(st.sampled_from(ZONES)))


# ---- records


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def where_needed(cell: str) -> str:
    return quoted(cell) if set(cell) & set('",;|\t\r\n') else cell


def where_a_person_would(cell: str) -> str:
    """A quote at the beginning, or within, is forgotten."""
    return quoted(cell) if set(cell) & set(",;|\t\r\n") else cell


QUOTING: tuple[Callable[[str], str], ...] = (where_needed, where_a_person_would, quoted, str)
FRAGMENTS = st.sampled_from(
    [
        *("a", "1", "", "", " ", "é", "Smith, Al", '5" pipe', "a\nb", "a\r\nb", "x;y", "x|y", "x\ty", "Id", "\u2028"),
        *("\ufeff", "\x0c", "\x1c", "😀", "#", "\\", "sep=;", "'", '"', "\u00a0a", "x" * 300, "Ω", "Total", "7"),
    ]
)
DAMAGE = st.sampled_from(
    [
        *('"', '"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "\n\n", "\0", "\x1a", "\ufeff", "\ud800", " ", ",,,,"),
        *('\n"', '\\"', "\nTotal\n", "\n,\n"),
    ]
)
HEADERS = (("Id",), ("Id", "Name"), ("Id", "Name"), ("Name", "Other", "Id"), ("id ", "NAME", "", ""))
FOOTERS = st.sampled_from(
    [
        *(("Total",), ("Total", "", "5"), ("Total", "5"), ("Total", ""), ("Grand Totals (5 records)",), ("Acme",)),
        *(
            ("Acme", "", ""),
            ("Copyright (c) 2026 Acme",),
            ("Copyright (c) 2026 Acme", ""),
            ("",),
            ("", ""),
            ("", "Total"),
        ),
        *(("Stand: 1.3.",), ("Gesamt", "1.200,50"), ("Total", "2026-01-01"), ("Total", "007"), ("1", "a"), ("7", "")),
    ]
)
DELIMITERS = {",": '","', ";": '";"', "\t": "tab", "|": '"|"'}
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-32")


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    delimiter: str


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """A table's text, with a footer perhaps, and with one or two things wrong with it."""
    delimiter = draw(st.sampled_from([",", *DELIMITERS]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    headers = draw(st.sampled_from(HEADERS))
    rows = draw(st.lists(st.tuples(*[FRAGMENTS] * len(headers)), max_size=5))
    rows += draw(st.one_of(st.just([]), st.lists(FOOTERS, max_size=4)))
    write = draw(st.sampled_from(QUOTING))
    text = end.join(delimiter.join(map(write, row)) for row in [headers, *rows]) + draw(st.sampled_from(["", end]))
    for damage in draw(st.lists(DAMAGE, max_size=2)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + damage + text[at:]
    return Text(text, delimiter)


@st.composite
def damaged(draw: st.DrawFn) -> File:
    """A file that is cut off, written otherwise than declared, or has wrong bytes in it."""
    drawn = draw(texts())
    encoding = draw(st.sampled_from(ENCODINGS))
    content = drawn.text.encode(encoding, errors="replace")
    match draw(st.integers(0, 9)):
        case 0:
            content = content[: -draw(st.integers(1, 9))]
        case 1:
            at = draw(st.integers(0, len(content)))
            content = content[:at] + draw(st.binary(min_size=1, max_size=3)) + content[at:]
        case 2:
            content = gzip.compress(content, mtime=0)[: draw(st.sampled_from([None, None, -1, -9, 10]))]
        case _:
            pass
    return File(_declared(draw, encoding, drawn.delimiter), content)


def _declared(draw: st.DrawFn, encoding: str, delimiter: str) -> str:
    """What the book says of a file; mostly what is so."""
    lines = ["source: deals.csv", draw(st.sampled_from(["columns: {id: Id, name: Name}", "columns: {id: Id}"]))]
    if draw(st.integers(0, 9)) == 0:
        encoding = draw(st.sampled_from(["utf-8", "latin-1", "cp1252", "utf-16-le", "utf-16"]))
    if encoding != "utf-8":
        lines.append(f"encoding: {encoding}")
    if delimiter != "," and draw(st.integers(0, 9)):
        lines.append(f"delimiter: {DELIMITERS[delimiter]}")
    lines += draw(st.sampled_from([[], [], [], ["footer: none"], ['footer: ["Stand: *", Gesamt]']]))
    lines += draw(st.sampled_from([[], [], [], [], ["header_row: 1"], ["header_row: 2"]]))
    return "\n".join(lines) + "\n"


FILLER = "Id,Name\n" + ("1," + "a" * 200 + "\n") * 1_500
"""More than a first glance at a file sees."""


@st.composite
def large(draw: st.DrawFn) -> File:
    """A file in which what is wrong comes late."""
    drawn = draw(texts())
    content = FILLER + drawn.text.replace(drawn.delimiter, ",")
    return File("source: deals.csv\ncolumns: {id: Id, name: Name}\n", content.encode(errors="replace"))
