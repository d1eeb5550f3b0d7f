"""The password is nowhere but on its way to the server."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from tests.deliver.conftest import Authority
from tests.deliver.letters import letters
from tests.deliver.mailbox import HASTY, SECRET, USER, Deed, Mailbox, serving, trusting

from kpicli.deliver.credentials import Command, File, Password, Variable
from kpicli.deliver.outbox import Outbox
from kpicli.deliver.post import post
from kpicli.errors import KpiError

CANARY = "c4n4ry-p4ssw0rd"


def shows(text: str, secret: str) -> bool:
    """Whether a text holds the secret, as it is or as it goes over the line."""
    whole = f"\0{USER}\0{secret}".encode()
    return any(each in text for each in (secret, b64encode(secret.encode()).decode(), b64encode(whole).decode()))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("secret", [SECRET, CANARY], ids=["right", "refused"])
@pytest.mark.parametrize("kind", ["command", "file", "variable"])
def test_nothing_shows_the_password(  # fixtures
    tmp_path: Path,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    kind: str,
    secret: str,
) -> None:
    """Neither the right one nor one that is refused, whatever else fails."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").disabled = True  # the test's own server, which tells what it hears
    said: list[str] = []
    mailbox = Mailbox(lambda address, _: Deed.NO_RECIPIENT if address.startswith("bob") else Deed.DROP_STORED)
    password = a_password(kind, secret, tmp_path, monkeypatch)
    way: dict[str, Any] = {"auth_require_tls": False, "auth_required": True}
    context, own = authority.context("localhost"), tmp_path / "outbox"
    try:
        with serving(mailbox, encrypted=context, **way) as port, Outbox.open(tmp_path / "kpis.yaml", own) as outbox:
            server = trusting(port, authority.file, user=USER, password=password)
            said.append(repr(server))
            summary = post(letters("ann", "bob"), server, outbox, limits=HASTY)
            said += [repr(summary), str(summary)]
            assert secret == SECRET
    except KpiError as error:
        assert secret == CANARY
        said += [repr(error), *traceback.format_exception(error)]
    said += [*capfd.readouterr(), caplog.text]
    said += [path.read_bytes().decode("latin-1") for path in own.rglob("*") if path.is_file()]
    if kind == "command":
        seen = json.loads((tmp_path / "seen").read_text())
        assert sys.executable in seen["own"]
        said += seen.values()
    assert [text for text in said if shows(text, secret)] == []


def a_password(kind: str, secret: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Password:
    file = folder / "password"
    file.write_text(secret, encoding="utf-8")
    file.chmod(0o600)
    if kind == "file":
        return File(file)
    if kind == "variable":
        monkeypatch.setenv("KPI_SECRET", secret)
        return Variable("KPI_SECRET")
    code = (
        "import json, os, pathlib, sys\n"
        "def line(process):\n"
        "    path = pathlib.Path(f'/proc/{process}/cmdline')\n"
        "    return path.read_text() if path.exists() else ' '.join(sys.orig_argv)\n"
        "seen = {'own': line('self'), 'caller': line(os.getppid()), 'variables': str(dict(os.environ))}\n"
        f"pathlib.Path({str(folder / 'seen')!r}).write_text(json.dumps(seen))\n"
        f"sys.stdout.buffer.write(pathlib.Path({str(file)!r}).read_bytes())\n"
    )
    return Command((sys.executable, "-c", code))
