"""Books at random: the whole book of the tests with bytes, nodes or formulas of it damaged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

WHOLE = Path(__file__).parents[1] / "book" / "whole.yaml"
TEXT = WHOLE.read_text(encoding="utf-8")
TREE: dict[str, Any] = yaml.load(TEXT, yaml.CBaseLoader)  # noqa: S506  # it makes texts of everything

# ---- bytes

PIECES = st.sampled_from(
    [
        *(b"\n", b" ", b"  ", b":", b": ", b"- ", b"#", b" #", b"'", b'"', b"{", b"}", b"[", b"]", b",", b"&a ", b"*a"),
        *(b"|", b">", b"%", b"@", b"`", b"\t", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"<<: ", b"? "),
        *(b"---\n", b"...\n", b"\\", b"1e999", b"null", b"~", b"NO", b"1:30", b"\xc2\x85", b"\x1b[2J", b"\xed\xa0\x80"),
        *(b"0" * 400, b"[" * 300, b"!!x ", b""),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Some bytes put in, taken out or doubled."""
    content = TEXT.encode()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        end = at + draw(st.sampled_from([0, 0, 1, 2, 10, 100, 1000]))
        content = content[:at] + draw(st.one_of(PIECES, st.just(content[at : at + 200]))) + content[end:]
    return content


# ---- nodes

SCALARS = st.sampled_from(
    [
        *("", " ", "x", "0", "-1", "1e9", "1_000", "30%", "true", "null", "2026-02-30", "9999-12-31", "deals", "won"),
        *(
            "a.b",
            "🙂",
            "x" * 5_000,
            "1" * 5_000,
            "sum(",
            "count(deals)",
            "'",
            '"',
            "\n",
            "\x00",
            "\u2028",
            "\ud83d",
            "*",
        ),
        *("../../x", "trailing 1 day", "trailing 99999999999 years", "per week", "5 per week", "latest by", "UTC"),
        *("Mars/Olympus", "US-XX", "%Y-%m-%d", "%", "EUR", "C:\\x", "https://example.com/x.csv", "-", "**", "[a].csv"),
    ]
)
NODES = st.recursive(
    st.one_of(SCALARS, st.none(), st.booleans(), st.integers(-5, 10**20), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(SCALARS, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def rebuilt(draw: st.DrawFn) -> bytes:
    """Nodes put in place of others, taken out, renamed or doubled."""
    tree = json.loads(json.dumps(TREE))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(_places(tree)))
        match draw(st.integers(0, 3)):
            case 0:
                holder[key] = draw(NODES)
            case 1:
                del holder[key]
            case 2 if isinstance(holder, dict):
                holder[draw(SCALARS)] = holder.pop(key)
            case _:
                other, of = draw(st.sampled_from(_places(tree)))
                holder[key] = json.loads(json.dumps(other[of]))
    return written(tree).encode("utf-8", errors="surrogatepass")


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every node below this one, as what holds it and under which key."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [(node, key) for key in keys] + [place for key in keys for place in _places(node[key])]


def written(node: Any) -> str:
    """A tree as YAML on one line. What needs no quotes has none, since some keys take no text in quotes."""
    match node:
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(value)}" for key, value in node.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, node)) + "]"
        case "":
            return ""  # an optional key may be left empty
        case str() if not re.fullmatch(r"\w(?:[\w .%/+*()-]*[\w%)])?", node, re.ASCII):
            return json.dumps(node, ensure_ascii=False)
        case _:
            return str(node)


# ---- formulas


def _formulas(tree: Any) -> list[tuple[Any, Any]]:
    texts = [(holder, key) for holder, key in _places(tree) if isinstance(holder[key], str)]
    return [(holder, key) for holder, key in texts if re.search("[=(]| per ", holder[key])]


WORDS = sorted({word for holder, key in _formulas(TREE) for word in re.findall(r"\w+|\S", holder[key])})
TOKENS = st.sampled_from(
    [
        *WORDS,
        *(
            "(",
            ")",
            "(" * 200,
            ")" * 200,
            "-" * 100,
            "not " * 100,
            "prior(",
            "trailing(",
            "share(",
            ".",
            ",",
            "''",
            "'a",
        ),
        *("1e400", "date '2026-02-30'", "date '9999-12-31'", "99999999999999999999", "0.0000000001", "%", "/ 0", "per"),
        *("by", "at", "end", "on", "case", "when", "then", "else", "in", "between", "like", "is", "null", "today", "#"),
        *("\u00a0", "\u200b", "\u0663", "ﬁ", "\n", "target(", "top(", "1_0", "0x1", "@", "`", "\\", "1 day", "=", "=="),
    ]
)


@st.composite
def reworded(draw: st.DrawFn) -> bytes:
    """Tokens put into formulas, taken out or strewn."""
    tree = json.loads(json.dumps(TREE))
    for _ in range(draw(st.integers(1, 2))):
        holder, key = draw(st.sampled_from(_formulas(tree)))
        words = re.findall(r"\w+|\s+|.", holder[key], re.DOTALL)
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 2))] = draw(st.lists(TOKENS, max_size=4))
        strewn = draw(st.lists(TOKENS, max_size=12))
        holder[key] = draw(st.sampled_from(["".join(words), "".join(words), " ".join(strewn)])) or "x"
    return written(tree).encode("utf-8", errors="surrogatepass")
