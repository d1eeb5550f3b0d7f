"""The YAML of a book: what its scalars mean, where each part stands, and which files are refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.error import MarkedYAMLError

from kpicli.book.lines import Lines
from kpicli.book.reader import LARGEST, Data, Places, read
from kpicli.book.scalars import Plain, Written, read_share, resolve
from kpicli.book.syntax import explain
from kpicli.errors import KpiError, Mistakes, Trouble


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def book(text: str) -> tuple[dict[str, Data], Places]:
    Path("kpis.yaml").write_bytes(text.encode())
    return read("kpis.yaml")


# ---- scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("12_000", 12000),
        ("-5", -5),
        ("+5", 5),
        ("0.25", Decimal("0.25")),
        (".5", Decimal("0.5")),
        ("-1_000.50", Decimal("-1000.50")),
        ("true", True),
        ("false", False),
        ("2026-10-31", date(2026, 10, 31)),
    ],
)
def test_plain_scalar_is_what_it_looks_like(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("NO", "no", "yes", "on", "True", "FALSE", "1:30", "1e3", ".inf", ".nan", "0x10", "0o7", "010", "1__0", "_1"),
        *("1_", "5.", "1,000", "٣", "2026-02-30", "2026-1-1", "9" * 41, "30%", "Null", "NULL", "-", "1.2.3"),
    ],
)
def test_plain_scalar_that_yaml_would_turn_into_something_else_is_text(text: str) -> None:
    assert resolve(text) == text
    assert isinstance(resolve(text), str)


@pytest.mark.parametrize(
    ("text", "value"), [("30%", "0.3"), ("12.5 %", "0.125"), ("2", "2"), ("1_000%", "10"), ("%", None), ("a%", None)]
)
def test_share_is_a_number_or_a_percentage(text: str, value: str | None) -> None:
    assert read_share(text) == (None if value is None else Decimal(value))


def test_data_keeps_what_is_written_and_whether_it_has_quotes() -> None:
    data, _ = book("a: NO\nb: '010'\nc: null\nd: ~\ne:\nf: \"null\"\ng: [1, 'x']\nh: {i: 2}\n")
    assert data == {
        "a": "NO",
        "b": "010",
        "c": None,
        "d": None,
        "e": None,
        "f": "null",
        "g": ["1", "x"],
        "h": {"i": "2"},
    }
    assert isinstance(data["a"], Plain)
    assert isinstance(data["b"], Written)
    assert not isinstance(data["b"], Plain)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_count_as_one_line(ending: str) -> None:
    _, places = book(ending.join(["a: 1", "", "b: 22"]))
    place = places.place(("b",))
    assert (place.line, place.column, place.text, place.length) == (3, 4, "b: 22", 2)


# ---- files


def test_byte_order_mark_is_no_character() -> None:
    Path("kpis.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    data, places = read("kpis.yaml")
    assert data == {"a": "1"}
    assert places.place(("a",)).column == 4


def refusal(content: bytes) -> KpiError:
    Path("kpis.yaml").write_bytes(content)
    with pytest.raises(KpiError) as caught:
        read("kpis.yaml")
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be-bom"])
def test_utf_16_is_refused(encoding: str) -> None:
    content = "a: 1".encode("utf-16") if encoding == "utf-16" else b"\xfe\xff" + "a: 1".encode("utf-16-be")
    assert (
        str(refusal(content))
        == "error[encoding]: 'kpis.yaml' is UTF-16, and a book is UTF-8\nhelp: save the file as UTF-8"
    )


def test_latin_1_is_refused_with_the_place_of_its_first_byte() -> None:
    assert str(refusal("a: 1\nname: Zoë\n".encode("latin-1"))) == dedent("""\
        error[encoding]: a book is UTF-8, and byte 0xeb doesn't fit
          kpis.yaml:2:9
          2 | name: Zo\N{REPLACEMENT CHARACTER}
            |         ^
        help: save the file as UTF-8""")


def test_latin_1_after_a_byte_order_mark_has_its_place_too() -> None:
    place = refusal(b"\xef\xbb\xbfab: \xff\n").place
    assert place is not None
    assert (place.line, place.column) == (1, 5)


def test_file_of_more_than_a_mebibyte_is_refused() -> None:
    assert str(refusal(b"a: 1\n" + b"#" * LARGEST)) == dedent("""\
        error[book-size]: 'kpis.yaml' is larger than 1 MiB
        help: a book holds declarations; data belongs in the files that its tables name""")


def test_file_of_a_mebibyte_is_read() -> None:
    text = b"a: 1\n"
    Path("kpis.yaml").write_bytes(text + b"#" * (LARGEST - len(text)))
    assert read("kpis.yaml")[0] == {"a": "1"}


def test_missing_file_is_an_error_of_usage() -> None:
    with pytest.raises(KpiError) as caught:
        read("nowhere.yaml")
    assert str(caught.value) == dedent("""\
        error[no-book]: there is no file 'nowhere.yaml'
        help: `--book PATH` names it, or the folder that it is in""")
    assert caught.value.trouble is Trouble.USAGE


def test_folder_is_no_book(folder: Path) -> None:
    (folder / "books").mkdir()
    with pytest.raises(KpiError) as caught:
        read("books")
    assert str(caught.value) == "error[no-book]: 'books' can't be read: Is a directory" + CHECK


def test_path_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(KpiError) as caught:
        read("a\0b")
    assert str(caught.value) == "error[no-book]: 'a\\x00b' can't be read: embedded null byte" + CHECK


CHECK = "\nhelp: check the path and the file's permissions"


def test_character_that_yaml_refuses_is_an_error_with_its_place() -> None:
    assert str(refusal(b"a: 1\nb: x\x07\n")) == dedent("""\
        error[control-character]: a book can't hold the character U+0007
          kpis.yaml:2:5
          2 | b: x\\x07
            |     ^^^^
        help: delete it, or write it as an escape in double quotes, such as "\\t\"""")


def test_alias_bomb_is_refused_before_anything_is_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    error = refusal("\n".join(lines).encode())
    assert error.code == "anchor"


def test_reading_ends_at_the_twentieth_thing_that_is_refused() -> None:
    error = refusal(b"a: [" + b"*x, " * 30 + b"]\n")
    assert isinstance(error, Mistakes)
    assert [each.code for each in error.errors] == ["alias"] * 20


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_two_hundred_thousand_levels_are_refused_at_the_fifty_first(opening: str) -> None:
    error = refusal(f"a:\n {opening * 200_000}".encode())
    assert error.code in ("too-deep", "key")


def test_error_of_yaml_that_is_not_foreseen_is_shown_as_it_is() -> None:
    lines = Lines("kpis.yaml", "a: b\n")
    error = explain(MarkedYAMLError(problem="found a surprise"), lines, None, None)
    assert str(error) == dedent("""\
        error[yaml]: this is no YAML: found a surprise
          kpis.yaml:2:1
          2 |
            | ^
        help: put texts in quotes""")


def read_or_refused(content: bytes) -> tuple[dict[str, Data], Places] | KpiError:
    Path("kpis.yaml").write_bytes(content)
    try:
        return read("kpis.yaml")
    except KpiError as error:
        return error


PIECES = st.sampled_from(
    [
        *(
            "a",
            "b",
            "x: ",
            "y:",
            "- ",
            "? ",
            ": ",
            " ",
            "  ",
            "\n",
            "\n  ",
            "\r\n",
            "\t",
            "[",
            "]",
            "{",
            "}",
            ",",
            "#",
            " #",
        ),
        *(
            "'",
            '"',
            "''",
            "\\",
            '\\"',
            "\\x4",
            "\\U0011",
            "|",
            ">",
            "|-",
            ">2",
            "%",
            "@",
            "`",
            "!",
            "!!str ",
            "&a ",
            "*a",
        ),
        *("---", "...", "<<: ", "~", "null", "5", "\u2028", "\x85", "é", "\ufeff", "\x07"),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_text_that_looks_like_yaml_is_read_or_refused(text: str) -> None:
    found = read_or_refused(text.encode())
    if not isinstance(found, KpiError):
        data, places = found
        assert all(places.key((key,)).length >= 1 for key in data)


@given(st.binary(max_size=60))
def test_bytes_are_read_or_refused(content: bytes) -> None:
    assert str(read_or_refused(content))
