"""servers/web.py against a web server on loopback: what counts as done, what is told, and what is never shown."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from responder.errors import Trouble, TroubleKind
from responder.servers import web
from responder.web_address import host
from tests.servers.process import LOOPBACK, free_ports
from tests.servers.waiting import wait_until
from tests.servers.website import Website


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For 127.0.0.1, vouched for by nobody but itself."""
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{LOOPBACK}",
               "-out", made, "-keyout", key]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def trouble_of(url: str, timeout: float = 10.0) -> Trouble:
    with pytest.raises(Trouble) as raised:
        web.get(url, timeout=timeout)
    assert "secret" not in str(raised.value)
    return raised.value


def test_a_good_answer_is_enough() -> None:
    with Website(status=204, body=b"") as site:
        web.get(site.url)
    [asked] = site.asked
    assert (asked.method, asked.path) == ("GET", "/secret-path?token=secret")


def test_a_post_brings_body_and_headers() -> None:
    with Website(status=201) as site:
        web.post(site.url, "{“gấp”}".encode(), {"Content-Type": "application/json"})
    [asked] = site.asked
    assert (asked.method, asked.body.decode()) == ("POST", "{“gấp”}")
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "kind", "what"),
    [
        (404, TroubleKind.SERVER, "the server refused (HTTP 404)"),
        (401, TroubleKind.SERVER, "the server refused (HTTP 401)"),
        (429, TroubleKind.BUSY, "the server asks to wait (HTTP 429)"),
        (503, TroubleKind.BUSY, "the server asks to wait (HTTP 503)"),
    ],
)
def test_any_other_answer_is_trouble_that_names_the_host_alone(status: int, kind: TroubleKind, what: str) -> None:
    with Website(status=status) as site:
        trouble = trouble_of(site.url)
    assert (trouble.kind, trouble.where, trouble.what) == (kind, site.host, what)


def test_a_redirect_is_not_followed() -> None:
    with Website() as elsewhere, Website(status=302, headers={"Location": elsewhere.url}) as site:
        trouble = trouble_of(site.url)
    assert trouble.what == "the server sends elsewhere (HTTP 302)"
    assert elsewhere.asked == []


def test_a_file_is_fetched_whole_up_to_its_bound() -> None:
    with Website(body=b"x" * 100_000) as site:
        assert len(web.fetch(site.url, 100_000)) == 100_000
        with pytest.raises(Trouble) as raised:
            web.fetch(site.url, 99_999)
    assert raised.value.what.startswith("the answer is larger than")


def test_where_a_file_is_fetched_redirects_are_followed_a_few_times() -> None:
    with Website(body=b"days") as end, contextlib.ExitStack() as sites:
        url = end.url
        for _ in range(web.MOST_REDIRECTS):
            url = sites.enter_context(Website(status=302, headers={"Location": url})).url
        assert web.fetch(url, 100) == b"days"
        one_too_many = sites.enter_context(Website(status=307, headers={"Location": url}))
        with pytest.raises(Trouble, match=r"HTTP 302.*write the address where it ends"):
            web.fetch(one_too_many.url, 100)


def test_a_redirect_within_the_site_is_followed() -> None:
    with Website(body=b"days") as end, Website(status=302) as site:
        site.headers["Location"] = f"//{end.host}/secret"
        assert web.fetch(site.url, 100) == b"days"


@pytest.mark.parametrize(
    "elsewhere", ["http://elsewhere.example/secret", "https://elsewhere.example/secret", "file:///secret"]
)
def test_a_redirect_to_where_no_secret_may_go_is_not_followed(elsewhere: str) -> None:
    """Nor from one scheme to another: a web server must not reach what listens on this machine alone."""
    with Website(status=302, headers={"Location": elsewhere}) as site, pytest.raises(Trouble) as raised:
        web.fetch(site.url, 100)
    assert raised.value.what.startswith("it sends elsewhere, to an address that does not begin with http://")
    assert "secret" not in str(raised.value)


def test_a_server_that_is_away_is_a_trouble_of_the_network() -> None:
    [port] = free_ports(1)
    assert trouble_of(f"http://{LOOPBACK}:{port}/secret").kind is TroubleKind.NETWORK


def test_a_server_that_does_not_answer_is_left_in_time() -> None:
    with Website(hold=threading.Event()) as site:
        began = time.monotonic()
        trouble = trouble_of(site.url, timeout=0.2)
    assert time.monotonic() - began < 5
    assert (trouble.kind, trouble.what) == (TroubleKind.NETWORK, "the server did not answer in time")


def test_a_server_that_drips_its_answer_is_left_in_time() -> None:
    done = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not done.wait(0.05):
                connection.sendall(b"a")

    with socket.create_server((LOOPBACK, 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        trouble = trouble_of(f"http://{LOOPBACK}:{listening.getsockname()[1]}/secret", timeout=0.3)
        done.set()
        thread.join(5)
    assert trouble.what == "the server did not answer in time"


@pytest.mark.parametrize("begin", ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_for_days_keeps_no_thread_of_ours(begin: str) -> None:
    ended = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(begin.encode())
            while True:
                connection.sendall(b"a")
                time.sleep(0.05)  # the attack itself
        ended.set()

    with socket.create_server((LOOPBACK, 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        trouble_of(f"http://{LOOPBACK}:{listening.getsockname()[1]}/secret", timeout=0.3)
        assert ended.wait(5)
    wait_until(lambda: not [each for each in threading.enumerate() if each.name == "web"], 5, "its thread has ended")


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    with Website(body=b"x" * (web.ANSWER_LIMIT * 4)) as site:
        web.get(site.url)


def test_what_is_no_http_is_told_without_its_words() -> None:
    def greet(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"220 secret mail server\r\n")

    with socket.create_server((LOOPBACK, 0)) as listening:
        threading.Thread(target=greet, args=(listening,), daemon=True).start()
        trouble = trouble_of(f"http://{LOOPBACK}:{listening.getsockname()[1]}/secret")
    assert trouble.what == "no answer in HTTP (BadStatusLine)"


@pytest.mark.parametrize("path", ["/secret path", "/secret-đường"])
def test_an_address_that_cannot_be_sent_is_not_quoted(path: str) -> None:
    with Website() as site:
        assert trouble_of(f"http://{site.host}{path}").kind is TroubleKind.NETWORK


@pytest.mark.parametrize("address", ["http://hc.example/secret", "file:///etc/secret", "secret"])
def test_an_address_that_would_give_itself_away_is_not_asked(address: str) -> None:
    trouble = trouble_of(address)
    assert (trouble.kind, trouble.what) == (TroubleKind.CONFIG, "it does not begin with https://")


def test_who_answers_must_prove_who_it_is(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with Website(certificate=certificate) as site:
        assert trouble_of(site.url).kind is TroubleKind.TLS
        assert site.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        web.get(site.url)
    assert len(site.asked) == 1


def test_what_stays_on_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Website() as proxy, Website() as site:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        web.get(site.url)
    assert (len(proxy.asked), len(site.asked)) == (0, 1)


def test_user_and_password_of_an_address_are_not_shown() -> None:
    assert host("https://secret:secret@hc.example:444/secret") == "hc.example:444"
