"""The way to the server: it is encrypted, the server is who it says, and only then does anybody log in."""

from __future__ import annotations

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.deliver.conftest import LONG_AGO, Authority
from tests.deliver.letters import letters
from tests.deliver.mailbox import HASTY, SECRET, USER, Mailbox, local, serving, trusting

from kpicli.deliver.credentials import Variable
from kpicli.deliver.outbox import Outbox
from kpicli.deliver.post import Summary, post
from kpicli.deliver.server import Limits, Security, Server, is_local, is_loopback
from kpicli.errors import KpiError, Trouble

LOGIN: dict[str, Any] = {"user": USER, "password": Variable("KPI_TEST_PASSWORD")}
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
BOTH = pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_TEST_PASSWORD", SECRET)


def send(folder: Path, server: Server, *names: str, limits: Limits = HASTY) -> Summary:
    with Outbox.open(folder / "kpis.yaml", folder / "outbox") as outbox:
        return post(letters(*names or ("ann",)), server, outbox, limits=limits)


def refusal(folder: Path, server: Server) -> KpiError:
    """Why nothing was sent."""
    with pytest.raises(KpiError) as raised:
        send(folder, server)
    assert SECRET not in str(raised.value)
    return raised.value


def options(security: Security, context: ssl.SSLContext) -> dict[str, Any]:
    """How a server is told to encrypt."""
    if security is Security.TLS:
        return {"encrypted": context, "auth_require_tls": False}  # of what surrounds it aiosmtpd knows nothing
    return {"tls_context": context, "require_starttls": True}


@BOTH
def test_letters_go_out_encrypted_and_logged_in(tmp_path: Path, authority: Authority, security: Security) -> None:
    mailbox = Mailbox()
    with serving(mailbox, **options(security, authority.context("localhost")), auth_required=True) as port:
        assert send(tmp_path, trusting(port, authority.file, security, **LOGIN), "ann", "bob").all_sent()
    assert mailbox.recipients() == ["ann@example.com", "bob@example.com"]
    assert mailbox.logins == ["PLAIN"]


@BOTH
def test_a_server_that_has_only_the_older_login_gets_that(
    tmp_path: Path, authority: Authority, security: Security
) -> None:
    mailbox = Mailbox()
    way = options(security, authority.context("localhost"))
    with serving(mailbox, **way, auth_required=True, auth_exclude_mechanism=["PLAIN"]) as port:
        assert send(tmp_path, trusting(port, authority.file, security, **LOGIN)).all_sent()
    assert mailbox.logins == ["LOGIN"]


@BOTH
def test_an_address_may_be_the_servers_name(tmp_path: Path, authority: Authority, security: Security) -> None:
    with serving(Mailbox(), **options(security, authority.context("127.0.0.1"))) as port:
        assert send(tmp_path, trusting(port, authority.file, security, host="127.0.0.1")).all_sent()


@BOTH
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("unknown", "unable to get local issuer certificate"),
        ("stranger", "unable to get local issuer certificate"),
        ("name", "Hostname mismatch, certificate is not valid for 'localhost'"),
        ("expired", "certificate has expired"),
    ],
)
def test_a_certificate_that_is_wrong_stops_the_run(
    tmp_path: Path, authority: Authority, stranger: Authority, security: Security, kind: str, reason: str
) -> None:
    mailbox = Mailbox()
    contexts = {
        "name": lambda: authority.context("mail.example.org"),
        "expired": lambda: authority.context("localhost", until=LONG_AGO),
    }
    context = contexts.get(kind, lambda: authority.context("localhost"))()
    ca = {"unknown": None, "stranger": stranger.file}.get(kind, authority.file)
    with serving(mailbox, **options(security, context), auth_required=True) as port:
        error = refusal(tmp_path, replace(trusting(port, authority.file, security, **LOGIN), ca=ca))
    assert (error.code, error.trouble) == ("certificate", Trouble.DELIVERY)
    assert error.message == f"the certificate of localhost:{port} can't be trusted: {reason}"
    assert (mailbox.stored, mailbox.logins) == ([], [])


def test_a_server_that_does_not_offer_starttls_is_told_nothing(tmp_path: Path, authority: Authority) -> None:
    mailbox = Mailbox()
    with serving(mailbox, auth_require_tls=False) as port:
        error = refusal(tmp_path, trusting(port, authority.file, Security.STARTTLS, **LOGIN))
    assert str(error) == (
        f"error[starttls]: the mail server localhost:{port} doesn't offer STARTTLS: nothing was said to it\n"
        "help: see to the port; servers that encrypt from the first byte (port 465) have security: tls"
    )
    assert (mailbox.stored, mailbox.logins) == ([], [])


def test_a_port_without_tls_is_told_as_that(tmp_path: Path, authority: Authority) -> None:
    with serving(Mailbox()) as port:
        error = refusal(tmp_path, trusting(port, authority.file))
    assert str(error) == (
        f"error[tls]: localhost:{port} and kpi can't agree on TLS: wrong version number\n"
        "help: see to port and security: 465 has tls, 587 starttls; TLS 1.2 is the oldest that is spoken"
    )


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_an_old_tls_is_not_spoken(tmp_path: Path, authority: Authority) -> None:
    context = authority.context("localhost")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    def answer(connection: socket.socket) -> None:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    port, thread = scripted(answer)
    error = refusal(tmp_path, trusting(port, authority.file))
    thread.join()
    assert error.message == f"localhost:{port} and kpi can't agree on TLS: tlsv1 alert protocol version"


@BOTH
def test_a_wrong_password_stops_the_run(
    tmp_path: Path, authority: Authority, security: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_TEST_PASSWORD", "Tr0ub4dor")
    mailbox = Mailbox()
    with serving(mailbox, **options(security, authority.context("localhost")), auth_required=True) as port:
        error = refusal(tmp_path, trusting(port, authority.file, security, **LOGIN))
    assert str(error) == (
        "error[login]: the mail server refuses the login of 'kpi@example.com': "
        "535 5.7.8 Authentication credentials invalid\n"
        "help: see to the user and the password; many providers want a password made for programs (app password)"
    )
    assert mailbox.stored == []


def test_a_server_that_wants_a_login_says_so(tmp_path: Path, authority: Authority) -> None:
    mailbox = Mailbox()
    with serving(mailbox, encrypted=authority.context("localhost"), auth_required=True) as port:
        error = refusal(tmp_path, trusting(port, authority.file))
    assert error.message == "the mail server takes no message like this: 530 5.7.0 Authentication required"
    assert error.help == "the book's mail needs a user and a password, or another security"


def test_a_server_that_knows_no_login_by_password_says_so(tmp_path: Path, authority: Authority) -> None:
    way = {**options(Security.TLS, authority.context("localhost")), "auth_exclude_mechanism": ["PLAIN", "LOGIN"]}
    with serving(Mailbox(), **way) as port:
        assert refusal(tmp_path, trusting(port, authority.file, **LOGIN)).message.startswith(
            "the mail server offers no login by name and password"
        )


def test_a_password_that_is_not_there_stops_the_run_before_the_server_hears_of_it(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KPI_TEST_PASSWORD")
    mailbox = Mailbox()
    with serving(mailbox, encrypted=authority.context("localhost")) as port:
        assert refusal(tmp_path, trusting(port, authority.file, **LOGIN)).code == "password"
    assert mailbox.connections == 0


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_an_authority_that_is_none_says_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(content)
    assert refusal(tmp_path, trusting(1, file)).message == (
        f"the certificate authority '{file}' can't be used: it holds no certificate"
    )
    gone = tmp_path / "gone.pem"
    assert refusal(tmp_path, trusting(1, gone)).message.endswith("can't be used: No such file or directory")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", "mail..example"])
def test_a_server_that_nobody_knows_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    real = socket.getaddrinfo

    def unknown(name: Any, *arguments: Any, **options: Any) -> Any:
        if name == "no-such-host.invalid":  # a machine without a network can't know that
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal(tmp_path, Server(host, 465)).message == f"there is no mail server '{host}'"


def test_a_machine_without_a_network_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    assert str(send(tmp_path, Server("mail.example.com", 465))) == "0 of 1 sent, 1 waiting"


# --------------------------------------------------------------------------------------------------------- plaintext


@pytest.mark.parametrize("host", ["mail.example.com", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"])
def test_nothing_goes_to_another_machine_in_the_open(tmp_path: Path, host: str) -> None:
    error = refusal(tmp_path, Server(host, 25, Security.NONE))
    assert str(error) == (
        f"error[plaintext]: security: none would send to '{host}' in the open\n"
        "help: use tls or starttls; none is for a server on this machine (localhost, 127.0.0.1, ::1)"
    )


def test_a_localhost_that_is_elsewhere_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at where the connection leads, not what a name should mean."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("192.0.2.1", port))
        assert refusal(tmp_path, Server("localhost", port, Security.NONE)).code == "plaintext"
    assert mailbox.stored == []


def test_a_login_in_the_open_is_for_this_machine(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with serving(mailbox, auth_require_tls=False) as port:
        assert send(tmp_path, replace(local(port), **LOGIN)).all_sent()
    assert mailbox.logins == ["PLAIN"]


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  # no server listens here
        ("localhost.", False),
        ("", False),
    ],
)
def test_what_is_this_machine(host: str, is_it: bool) -> None:
    assert is_local(host) is is_it
    assert is_loopback(host) is (is_it and host.lower() != "localhost")


# ------------------------------------------------------------------------------------------ servers that misbehave


def scripted(answer: Callable[[socket.socket], None]) -> tuple[int, threading.Thread]:
    """A server for one connection that does what a function does: its port, and its thread, which ends by itself."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        # Whoever hangs up on it while it speaks may do so.
        with suppress(ConnectionError), listening, listening.accept()[0] as connection:
            connection.settimeout(10)
            answer(connection)

    thread = threading.Thread(target=run)
    thread.start()
    return listening.getsockname()[1], thread


def test_what_is_said_before_encryption_is_not_believed_after(tmp_path: Path, authority: Authority) -> None:
    """An answer that somebody on the way puts behind the server's own, so that it is read once all is encrypted."""
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 mail\r\n")
        connection.recv(1000)
        connection.sendall(b"250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 welcome\r\n")
        with authority.context("localhost").wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(1000))
            secured.sendall(b"250 mail\r\n")  # it knows no login
            heard.append(secured.recv(1000))

    port, thread = scripted(answer)
    error = refusal(tmp_path, trusting(port, authority.file, Security.STARTTLS, **LOGIN))
    thread.join()
    assert error.message == "the mail server offers no login by name and password"
    assert heard == [b"ehlo [127.0.0.1]\r\n", b""]


def test_a_server_that_repeats_the_password_is_not_quoted(tmp_path: Path) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 mail\r\n")
        connection.recv(1000)
        connection.sendall(b"250-mail\r\n250 AUTH LOGIN\r\n")
        connection.recv(1000)
        connection.sendall(b"334 VXNlcg==\r\n")
        connection.recv(1000)
        connection.sendall(b"334 UGFzcw==\r\n")
        given = connection.recv(1000).strip()
        connection.sendall(b"535 not " + given + b" which is " + SECRET.encode() + b"\r\n")

    port, thread = scripted(answer)
    error = refusal(tmp_path, replace(local(port), **LOGIN))
    thread.join()
    assert error.message == "the mail server refuses the login of 'kpi@example.com': 535 not … which is …"


@pytest.mark.parametrize("greeting", [b"", b"220 mail\r\n", b"220-"])
def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path, greeting: bytes) -> None:
    done = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(greeting)
        done.wait(10)

    port, thread = scripted(answer)
    summary = send(tmp_path, local(port), "ann", "bob", limits=Limits(answer=0.2, verdict=0.2, pauses=()))
    done.set()
    thread.join()
    assert [each.answer for each in summary.outcomes] == [f"127.0.0.1:{port}: no answer in time"] * 2


@pytest.mark.parametrize(
    ("greeting", "code"), [(b"554 5.7.1 You are on a list\r\n", "server"), (b"421 4.3.2 Come back later\r\n", None)]
)
def test_a_server_that_turns_away_is_quoted(tmp_path: Path, greeting: bytes, code: str | None) -> None:
    port, thread = scripted(lambda connection: connection.sendall(greeting))
    if code is None:
        summary = send(tmp_path, local(port), limits=Limits(answer=20, verdict=20, pauses=()))
        assert summary.outcomes[0].answer == f"127.0.0.1:{port}: 421 4.3.2 Come back later"
    else:
        assert refusal(tmp_path, local(port)).message == (
            f"the mail server 127.0.0.1:{port} turns kpi away: 554 5.7.1 You are on a list"
        )
    thread.join()


def test_a_server_that_is_one_answer_ahead_is_given_no_message(tmp_path: Path) -> None:
    """Its 250 to RCPT would be taken for that to the message."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 mail\r\n")
        connection.recv(1000)
        connection.sendall(b"250 mail\r\n250 and one more\r\n")
        while connection.recv(1000):
            connection.sendall(b"250 OK\r\n")

    port, thread = scripted(answer)
    summary = send(tmp_path, local(port), limits=Limits(answer=20, verdict=20, pauses=()))
    thread.join()
    assert str(summary) == "0 of 1 sent, 1 waiting"


def logins(connection: socket.socket, offered: bytes, *answers: bytes) -> list[bytes]:
    """A server that greets, and answers in this order: what it heard."""
    heard = []
    connection.sendall(b"220 mail\r\n")
    for answer in (b"250-mail\r\n250 AUTH " + offered + b"\r\n", *answers):
        heard.append(connection.recv(1000))
        connection.sendall(answer)
    return heard


def test_a_login_that_is_put_off_waits(tmp_path: Path) -> None:
    heard: list[bytes] = []
    port, thread = scripted(lambda connection: heard.extend(logins(connection, b"PLAIN", b"454 4.7.0 Busy\r\n")))
    summary = send(tmp_path, replace(local(port), **LOGIN), limits=Limits(answer=20, verdict=20, pauses=()))
    thread.join()
    assert [each.answer for each in summary.outcomes] == ["the login was put off: 454 4.7.0 Busy"]


def test_a_server_may_ask_for_the_login_once_more(tmp_path: Path) -> None:
    heard: list[bytes] = []
    port, thread = scripted(
        lambda connection: heard.extend(logins(connection, b"LOGIN PLAIN", b"334 \r\n", b"535 5.7.8 No\r\n"))
    )
    error = refusal(tmp_path, replace(local(port), **LOGIN))
    thread.join()
    assert error.message == "the mail server refuses the login of 'kpi@example.com': 535 5.7.8 No"
    secret = b64encode(f"\0{USER}\0{SECRET}".encode())
    assert heard[1:] == [b"AUTH PLAIN " + secret + b"\r\n", secret + b"\r\n"]


@pytest.mark.parametrize(
    ("answer", "said"), [(b"454 4.7.0 Not now\r\n", "waiting"), (b"501 5.5.4 No\r\n", "turns kpi away: 501 5.5.4 No")]
)
def test_encryption_that_the_server_does_not_begin_after_all(tmp_path: Path, answer: bytes, said: str) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(b"220 mail\r\n")
        connection.recv(1000)
        connection.sendall(b"250-mail\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(answer)
        assert connection.recv(1000) == b""

    port, thread = scripted(speak)
    server = Server("localhost", port, Security.STARTTLS, **LOGIN)
    if said == "waiting":
        assert str(send(tmp_path, server, limits=Limits(answer=20, verdict=20, pauses=()))) == "0 of 1 sent, 1 waiting"
    else:
        assert refusal(tmp_path, server).message.endswith(said)
    thread.join()
