"""One bounded request to a web address: the heartbeat, webhooks, the token servers of OAuth, calendars.

Who answers is verified, a redirect is not followed but where a file is fetched, and of an address only the host is ever
shown: its path and query are secrets. The transport is the standard library's. Must not know: what is asked, or why.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from responder.errors import Trouble, TroubleKind
from responder.servers import tls
from responder.servers.faults import translate
from responder.web_address import host, is_protected

ANSWER_LIMIT = 64 * 1024  # bytes
MOST_REDIRECTS = 3  # where a file is fetched
SLOW_DOWN = 429  # RFC 6585 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 15.4


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; of a long text, the beginning."""

    status: int
    content: bytes
    elsewhere: str | None = None  # where it sends us

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def asks_to_wait(self) -> bool:
        return self.status == SLOW_DOWN or self.status >= 500


def get(url: str, *, timeout: float = 10.0) -> None:
    """Raises `Trouble` unless the answer is good (2xx)."""
    _require_good(ask(url, None, {}, timeout), url)


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 20.0) -> None:
    """Raises `Trouble` unless the answer is good (2xx)."""
    _require_good(ask(url, body, headers, timeout), url)


def fetch(url: str, limit: int, *, timeout: float = 15.0) -> bytes:
    """A file of at most so many bytes; redirects are followed where secrets may go. Raises `Trouble`."""
    asked = url
    for _ in range(MOST_REDIRECTS + 1):
        answer = ask(asked, None, {}, timeout, limit + 1)
        if answer.elsewhere is None:
            break
        asked = _followed(asked, answer.elsewhere)
    _require_good(answer, asked)
    if len(answer.content) > limit:
        what = f"the answer is larger than {limit // 1_000_000} MB"
        raise Trouble(TroubleKind.SERVER, host(asked), what, "is it the right address?")
    return answer.content


def _followed(url: str, elsewhere: str) -> str:
    """Never from a protected address to one that is not. Raises `Trouble`."""
    target = urljoin(url, elsewhere)
    if not is_protected(target) or urlsplit(target).scheme != urlsplit(url).scheme:
        what = f"it sends elsewhere, to an address that does not begin with {urlsplit(url).scheme}://"
        raise Trouble(TroubleKind.SERVER, host(url), what, "write the address where it ends")
    return target


def ask(url: str, body: bytes | None, headers: Mapping[str, str], timeout: float, limit: int = ANSWER_LIMIT) -> Answer:
    """The answer, whatever its status; a body makes it a POST. Raises `Trouble` where none comes in so many seconds."""
    if not is_protected(url):
        remedy = "look at the address in the config, or where it comes from"
        raise Trouble(TroubleKind.CONFIG, "a web address", "it does not begin with https://", remedy)
    try:
        request = urllib.request.Request(url, body, dict(headers))  # noqa: S310 - see above
        return _within(timeout, lambda line: _ask(request, timeout, line, limit))
    except urllib.error.URLError as error:
        raise translate(error.reason if isinstance(error.reason, BaseException) else error, host(url)) from error
    except OSError as error:
        raise translate(error, host(url)) from error
    except (http.client.HTTPException, ValueError) as error:  # their words may quote the address
        what = f"no answer in HTTP ({type(error).__name__})"
        raise Trouble(TroubleKind.NETWORK, host(url), what, "check the address, and what answers there") from None


def _require_good(answer: Answer, url: str) -> None:
    status = f"(HTTP {answer.status})"
    if answer.asks_to_wait:
        raise Trouble(TroubleKind.BUSY, host(url), f"the server asks to wait {status}", "it is tried again later")
    if 300 <= answer.status < 400:
        remedy = "redirects are not followed: write the address where it ends"
        raise Trouble(TroubleKind.SERVER, host(url), f"the server sends elsewhere {status}", remedy)
    if not answer.is_good:
        remedy = "look at the address in the config: is it whole, and still good?"
        raise Trouble(TroubleKind.SERVER, host(url), f"the server refused {status}", remedy)


class _Line:
    """The connection of one request, which can be cut: a server that drips shall not keep our thread for days."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        line = self

        class Plain(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line._socket = self.sock

        class Secure(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line._socket = self.sock

        self.plain, self.secure = Plain, Secure

    def cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._line.plain, request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._line.secure, request, context=tls.context(None))


def _ask(request: urllib.request.Request, timeout: float, line: _Line, limit: int) -> Answer:
    with _opener(line).open(request, timeout=timeout) as answer:
        elsewhere = answer.headers["Location"] if answer.status in _REDIRECTS else None
        return Answer(answer.status, answer.read(limit), elsewhere)


def _opener(line: _Line) -> urllib.request.OpenerDirector:
    """Made for each request, so that a certificate authority taken up or thrown out meanwhile counts."""
    opener = urllib.request.OpenerDirector()  # bare: any answer is an answer, and no redirect is followed
    opener.addheaders = [("User-Agent", "responder")]
    proxies = urllib.request.getproxies()
    for handler in (
        urllib.request.ProxyHandler({"https": proxies["https"]} if "https" in proxies else {}),  # http stays here
        _Http(line),
        _Https(line),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _within(seconds: float, call: Callable[[_Line], Answer]) -> Answer:
    """Holds the whole to a bound: the library's own is for each read alone, and looking up a name has none."""
    answer: Future[Answer] = Future()
    line = _Line()

    def run() -> None:
        try:
            answer.set_result(call(line))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
            answer.set_exception(error)

    threading.Thread(target=run, name="web", daemon=True).start()
    try:
        return answer.result(seconds)
    finally:
        line.cut()
