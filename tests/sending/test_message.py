"""What a message is made of: bytes that every server takes, headers that hold one line, bodies of limited length."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import policy
from email.headerregistry import AddressHeader
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.render.cards import BIDI, CARDS, ESCAPES, LINES, MARKUP, SURROGATE, card, figure, line
from tests.sending.company import parsed

from kpicli.book.addresses import Address
from kpicli.book.mail import Attachment
from kpicli.deliver.letter import Letter
from kpicli.errors import clean
from kpicli.render.mail import Extent, Letterhead, bodies
from kpicli.scorecard import Figure, GoalLine, Group, Scorecard, Status
from kpicli.sending.message import LARGEST, Attached, Said, attachments, written

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SENDER = Address("Sales KPIs", "kpi@example.com")
GOLDENS = Path(__file__).parent / "goldens"
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]
"""All that a message has, in their order."""


def said(
    of: Scorecard, *, subject: str = "Your numbers", whose: str | None = None, kinds: tuple[Attachment, ...] = ()
) -> Said:
    files = attachments(of, kinds)
    return Said.of(
        of, sender=SENDER, reply_to=Address("", "ops@example.com"), subject=subject, whose=whose, attached=files
    )


def message(what: Said, to: str = "ann@example.com", moment: datetime = MONDAY) -> bytes:
    return written(what, Address("", to), moment, ("reps", "2026-11"))


@pytest.mark.parametrize("name", CARDS)
def test_a_message_has_the_same_bytes_as_ever(name: str, pytestconfig: pytest.Config) -> None:
    content = message(said(CARDS[name](), kinds=(Attachment.CSV,)))
    path = GOLDENS / f"{name}.eml"
    if pytestconfig.getoption("--rewrite-goldens", default=False):
        path.write_bytes(content)
    assert content == path.read_bytes()


def test_a_message_is_what_every_mail_server_takes() -> None:
    for name in CARDS:
        what = said(CARDS[name](), kinds=(Attachment.CSV,))
        Letter("reps", "2026-11", "ann@example.com", SENDER.address, message(what), what.digest)


def test_the_parts_of_a_message() -> None:
    content = parsed(message(said(CARDS["ordinary"](), subject="Zahlen für Zoë", kinds=(Attachment.CSV,))))
    assert [each.get_content_type() for each in content.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ]
    assert {name: str(value) for name, value in content.items() if not name.startswith("Content")} == {
        "From": "Sales KPIs <kpi@example.com>",
        "To": "ann@example.com",
        "Subject": "Zahlen für Zoë",
        "Date": "Mon, 23 Nov 2026 07:00:00 +0000",
        "Message-ID": content["Message-ID"],
        "Reply-To": "ops@example.com",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    assert re.fullmatch("<[0-9a-f]{40}@example.com>", content["Message-ID"])
    assert [each.get_filename() for each in content.iter_attachments()] == ["weekly-2026-11.csv"]


def test_a_message_that_is_sent_again_has_its_id_and_another_moment() -> None:
    what = said(CARDS["ordinary"]())
    first, again = message(what), message(what, moment=MONDAY.replace(hour=9))
    assert first != again
    assert first.replace(b"07:00", b"09:00") == again
    assert parsed(message(what, "bob@example.com"))["Message-ID"] != parsed(first)["Message-ID"]


def test_what_is_said_makes_the_digest() -> None:
    what = said(CARDS["ordinary"]())
    others = [
        replace(what, subject="x"),
        replace(what, sender=Address("x", SENDER.address)),
        replace(what, reply_to=None),
        replace(what, text="x"),
        replace(what, html="x"),
        replace(what, attached=(Attached("a.csv", Attachment.CSV, b"x"),)),
    ]
    assert len({each.digest for each in (what, *others)}) == 7
    assert said(CARDS["ordinary"]()).digest == what.digest


# ---- texts that are meant to be more than text


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?Bcc:=0D=0Aeve@example.com?=",
        "Ann =?utf-8?q?x=0D=0ABcc:_eve@example.com=0D=0A=0D=0Abody?= for November",
        "=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ0K?= für Zoë " + "é" * 120,
        "=?utf-8?q?a?= " * 15,
        "a=?",
    ],
)
def test_a_text_that_looks_encoded_is_shown_as_it_stands_and_makes_no_header(text: str) -> None:
    """Python's `email` decodes it as it is set, and writes the line breaks that were in it."""
    what = replace(said(CARDS["ordinary"](), subject=text), sender=Address(text.strip(), "kpi@example.com"))
    content = message(what)
    Letter("reps", "2026-11", "ann@example.com", SENDER.address, content, what.digest)
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert [each.partition(b":")[0].decode() for each in head if not each.startswith(b" ")] == HEADERS
    assert max(map(len, head)) <= 78
    assert parsed(content)["Subject"] == text
    sender = parsed(content)["From"]
    assert isinstance(sender, AddressHeader)
    assert [each.addr_spec for each in sender.addresses] == ["kpi@example.com"]


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [MARKUP, ESCAPES, BIDI, LINES, SURROGATE, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']
    ),
    st.sampled_from(
        [
            "{{ 7 * 7 }}",
            "{% raw %}",
            "<!-- ",
            "]]>",
            "&lt;b&gt;",
            "a\r\nBcc: x@example.com",
            "x" * 2_000,
            "=?utf-8?q?a?=",
        ]
    ),
)


class Tags(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            if name == "style":
                self.styles |= {each.partition(":")[0].strip() for each in (value or "").split(";") if each}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_card(text: str) -> Scorecard:
    """A card with a text wherever a book or an export may have one."""
    shown = figure(text, value_label=text, prior=text, prior_label=text, target_reason=text, prior_reason=text)
    absent = figure(None, Status.NO_DATA, reason=text)
    lines = (
        line(id=text, name=text, stage=text, goal=text, unit="text", figure=shown, groups=(Group(text, text, shown),)),
        line(id="absent", name=text, figure=absent),
    )
    goals = (GoalLine(text, text, ("absent",), "company", None, text),)
    only = ((text, (text,)),)
    return card(*lines, book=text, scorecard=text, title=text, by=text, only=only, only_labels=only, goals=goals)


@settings(max_examples=30)
@given(text=HOSTILE)
def test_a_text_stays_text_wherever_it_stands(text: str) -> None:
    plain, page = bodies(hostile_card(text), Letterhead(text), Extent(9, 9))
    found = Tags(page)
    assert found.tags <= {"html", "head", "meta", "title", "body", "div", "table", "tr", "td", "th", "span", "br"}
    assert not any(name.startswith("on") or name in {"src", "href", "background", "class"} for name in found.attributes)
    assert "url(" not in page
    assert "var(" not in page
    shown = clean(text)
    visible = shown if len(shown) <= 160 else shown[:159]
    assert " ".join(visible.split()) in " ".join(found.text.split())
    assert all(char == "\n" or char.isprintable() or char == "\u3000" for char in plain)


@settings(max_examples=30)
@given(text=HOSTILE)
def test_a_header_holds_one_line_whatever_it_is_made_of(text: str) -> None:
    subject = clean(text)[:200]
    what = said(hostile_card(text), subject=subject, whose=text, kinds=(Attachment.CSV,))
    content = message(what)
    Letter("reps", "2026-11", "ann@example.com", SENDER.address, content, what.digest)
    read = parsed(content)
    assert read.keys() == HEADERS
    assert read.defects == []
    assert all(re.fullmatch(r"[\w.-]+", each.get_filename() or "", re.ASCII) for each in read.iter_attachments())


@settings(max_examples=30)
@given(name=st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40))
def test_the_name_of_a_sender_is_read_as_it_is_written(name: str) -> None:
    what = replace(said(CARDS["ordinary"]()), sender=Address(name, "kpi@example.com"))
    header = parsed(message(what))["From"]
    assert isinstance(header, AddressHeader)
    assert [address.addr_spec for address in header.addresses] == ["kpi@example.com"]
    assert message(what).isascii()


# ---- length


def many(members: int, kpis: int, name: str = "Rep") -> Scorecard:
    def one(number: int) -> Figure:
        return figure(number, Status.ON_TRACK, target=100, attainment=0.7, expected=50, pace=1.4, prior=1, change=2)

    groups = tuple(Group(f"k{at}", f"{name} {at}", one(at)) for at in range(members))
    return card(
        *(line(id=f"kpi{at}", name=f"KPI {at}", figure=one(at), groups=groups) for at in range(kpis)), by="owner"
    )


def size(what: Said) -> int:
    return len(message(replace(what, attached=())))


def test_what_does_not_fit_is_left_out_from_the_end_and_says_so() -> None:
    what = said(many(300, 4), kinds=(Attachment.CSV,))
    assert 0.9 * LARGEST < size(what) <= LARGEST
    found = re.search(
        r"Left out, because mail programs cut long messages: all but (\d+) of up to 300 members of each KPI", what.html
    )
    assert found is not None
    count = int(found[1])
    assert count > 5
    assert f"and {300 - count} more" in what.text
    assert "The attached files have them" in " ".join(what.text.split())
    assert len(message(what)) > LARGEST  # what is attached doesn't count


def test_where_no_member_fits_kpis_are_left_out_too() -> None:
    what = said(many(3, 200))
    assert 0.9 * LARGEST < size(what) <= LARGEST
    found = re.search(r"messages: (\d+) of 200 KPIs and the members of each KPI\.", " ".join(what.html.split()))
    assert found is not None
    shown = 200 - int(found[1])
    assert f"KPI {shown - 1}:" in what.text
    assert f"KPI {shown}:" not in what.text


def test_what_fits_is_there_as_a_whole() -> None:
    what = said(many(3, 3))
    assert "Left out" not in what.text + what.html
    assert all(f"Rep {at}" in what.text and f"Rep {at}" in what.html for at in range(3))


def test_endless_names_find_an_end() -> None:
    long = "株式会社" * 1_000
    goals = tuple(GoalLine(f"g{at}", long, (), "company", None, long) for at in range(100))
    lines = tuple(line(id=f"k{at}", name=long, figure=figure(None, Status.NO_DATA, reason=long)) for at in range(50))
    of = card(*lines, book=long, scorecard=long, only=((long, (long,)),), goals=goals)
    assert size(said(of, whose=long)) <= LARGEST


def test_the_digest_leaves_out_what_a_policy_writes() -> None:
    """Date, id and boundaries: the same is said in another minute."""
    what = said(CARDS["nasty"]())
    assert what.digest not in message(what).decode()
    assert parsed(message(what)).policy == policy.default
