"""Against a mail server of others: nodemailer's smtp-server, in Node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.deliver.conftest import Authority
from tests.deliver.letters import letters
from tests.deliver.mailbox import HASTY, SECRET, USER, trusting

from kpicli.deliver.credentials import Variable
from kpicli.deliver.outbox import Outbox
from kpicli.deliver.post import Again, Summary, post
from kpicli.deliver.server import Security
from kpicli.errors import KpiError

HERE = Path(__file__).parent / "independent"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server in a folder of its own, with the packages whose hashes its lock file names."""
    folder = tmp_path_factory.mktemp("independent")
    for name in ("server.js", "package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    if shutil.which("node") is None or (npm := shutil.which("npm")) is None:
        pytest.skip("there is no node or no npm on this machine")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=30000"]
    done = subprocess.run([npm, "ci", *options], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"smtp-server can't be installed: {done.stderr[-300:]}")
    return folder / "server.js"


class Independent:
    """The server while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port: int = self.heard()

    def heard(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def messages(self, count: int) -> list[tuple[str, bytes]]:
        """The next messages that it took: who gets each, and its content."""
        heard = [self.heard() for _ in range(count)]
        assert [(each["secure"], each["user"]) for each in heard] == [(True, USER)] * count
        return [(",".join(each["recipients"]), base64.b64decode(each["content"])) for each in heard]


@contextmanager
def serving(program: Path, authority: Authority, security: Security, *methods: str) -> Iterator[Independent]:
    certificate = authority.signs.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(program.parent / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(program.parent / "certificate.pem")
    asked = {
        "certificate": "certificate.pem",
        "key": "key.pem",
        "secure": security is Security.TLS,
        "methods": methods,
        "user": USER,
        "password": SECRET,
    }
    with subprocess.Popen(
        ["node", program.name, json.dumps(asked)],
        cwd=program.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Independent(process)
        finally:
            process.kill()


def send(
    folder: Path, port: int, authority: Authority, security: Security, *names: str, again: Again = Again.NOTHING
) -> Summary:
    server = trusting(port, authority.file, security, user=USER, password=Variable("KPI_SECRET"))
    with Outbox.open(folder / "kpis.yaml", folder / "outbox") as outbox:
        return post(letters(*names), server, outbox, again, limits=HASTY)


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_it_takes_letters_as_they_are(
    tmp_path: Path,
    authority: Authority,
    program: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: Security,
    method: str,
) -> None:
    monkeypatch.setenv("KPI_SECRET", SECRET)
    with serving(program, authority, security, method) as server:
        summary = send(tmp_path, server.port, authority, security, "ann", "nobody", "grey", "bob")
        assert str(summary) == "3 of 4 sent, 1 refused"
        assert summary.outcomes[1].answer == "550 Nobody of that name"
        assert send(tmp_path, server.port, authority, security, "ann", "grey", "bob").all_sent()
        expected = [(each.recipient, each.content) for each in letters("ann", "bob", "grey")]
        assert server.messages(3) == expected


def test_what_it_stores_before_it_dies_is_uncertain(
    tmp_path: Path, authority: Authority, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_SECRET", SECRET)
    security = Security.TLS
    with serving(program, authority, security, "PLAIN") as server:
        assert str(send(tmp_path, server.port, authority, security, "dies", "ann")) == "1 of 2 sent, 1 uncertain"
        assert str(send(tmp_path, server.port, authority, security, "dies", "ann")) == "1 of 2 sent, 1 uncertain"
        assert [recipient for recipient, _ in server.messages(2)] == ["dies@example.com", "ann@example.com"]
        send(tmp_path, server.port, authority, security, "dies", again=Again.UNCERTAIN)
        assert [recipient for recipient, _ in server.messages(1)] == ["dies@example.com"]


def test_it_refuses_a_wrong_password(
    tmp_path: Path, authority: Authority, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_SECRET", "another")
    with serving(program, authority, Security.STARTTLS, "PLAIN") as server, pytest.raises(KpiError) as raised:
        send(tmp_path, server.port, authority, Security.STARTTLS, "ann")
    assert raised.value.message == (
        "the mail server refuses the login of 'kpi@example.com': 535 No such user or password"
    )
