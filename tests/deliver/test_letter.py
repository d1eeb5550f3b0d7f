"""What can be given to a server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.deliver.letters import letter

from kpicli.deliver.letter import is_address


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "lines that don't end in CRLF"),
        (b"a", "lines that don't end in CRLF"),
        (b"a\n", "lines that don't end in CRLF"),
        (b"a\r\nb", "lines that don't end in CRLF"),
        (b"a\r\n.\nb\r\n", "lines that don't end in CRLF"),
        (b"a\r\n.\rb\r\n", "lines that don't end in CRLF"),
        (b"a\n.\r\nMAIL FROM:<x@example.com>\r\n", "lines that don't end in CRLF"),
        (b"a\0\r\n", "aren't ASCII, or NUL"),
        ("ä\r\n".encode(), "aren't ASCII, or NUL"),
        (b"a" * 999 + b"\r\n", "more than 998 bytes"),
    ],
)
def test_content_that_servers_may_take_for_something_else_is_no_letter(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(letter(), content=content)


def test_lines_may_be_long_but_not_too_long() -> None:
    assert replace(letter(), content=b"a" * 998 + b"\r\n").content


@pytest.mark.parametrize("text", ["ann@example.com", "a.b+c@x", "o'neil@mail.example.co.uk", "a@" + "x" * 252])
def test_bare_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "ann@example.com\r\nRCPT TO:<bob@example.com>",
        "ann@example.com\n",
        "ann@example.com ",
        "ann@example.com,bob@example.com",
        "ann bob@example.com",
        "ann@@example.com",
        '"ann"@example.com',
        "ann@exämple.com",
        "änn@example.com",
        ".ann@example.com",
        "ann..b@example.com",
        "ann@-example.com",
        "ann@example..com",
        "a@" + "x" * 253,
    ],
)
def test_what_is_no_bare_address(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(ValueError, match="recipient is no bare address"):
        replace(letter(), recipient=text)


def test_a_digest_is_one() -> None:
    with pytest.raises(ValueError, match="digest"):
        replace(letter(), digest="ABC")


def test_a_letter_does_not_show_what_it_says() -> None:
    assert "Your numbers" not in repr(letter())
