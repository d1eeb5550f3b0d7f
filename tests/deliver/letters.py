"""Letters to made-up people."""

from __future__ import annotations

from hashlib import sha256

from kpicli.deliver.letter import Letter

SENDER = "kpi@example.com"


def letter(recipient: str = "ann@example.com", period: str = "2026-W47", text: str = "Your numbers") -> Letter:
    body = f"From: {SENDER}\r\nTo: {recipient}\r\nSubject: {period}\r\n\r\n{text}\r\n.\r\n..two\r\n"
    digest = sha256(f"{recipient} {text}".encode()).hexdigest()
    return Letter("reps", period, recipient, SENDER, body.encode(), digest)


def letters(*names: str, period: str = "2026-W47") -> list[Letter]:
    return [letter(f"{name}@example.com", period) for name in names]
