"""The page that Prometheus reads, on loopback; what it says is asked for anew each time it is read.

The library comes with `pip install 'responder[metrics]'` and is loaded only here. Must not know: what is measured.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from responder.errors import Trouble, TroubleKind
from responder.ports import Measure, MeasureKind
from responder.web_address import is_loopback

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

LOOPBACK = "127.0.0.1"
Page = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]  # WSGI (PEP 3333)
MISSING = ("the library for `metrics` is not installed", "pip install 'responder[metrics]', where responder lives")


def is_installed() -> bool:
    return find_spec("prometheus_client") is not None


class Endpoint:
    """Serves from when it is made until `close`."""

    def __init__(self, port: int, read: Callable[[], Iterable[Measure]]) -> None:
        """Raises `Trouble` (METRICS). `read` is called from threads of the server; it may raise `Trouble`, too."""
        where = f"{LOOPBACK}:{port}"
        if not is_installed():
            raise Trouble(TroubleKind.METRICS, where, *MISSING)
        from prometheus_client import CollectorRegistry, make_wsgi_app, start_http_server

        registry = CollectorRegistry()
        registry.register(_Collector(read))
        try:
            self._server, _thread = start_http_server(port, LOOPBACK, registry)
            self._server.set_app(_asked_here(make_wsgi_app(registry)))
        except OSError as error:
            remedy = "write another port in `metrics: {port: …}`, or stop what listens there"
            raise Trouble(TroubleKind.METRICS, where, f"the port cannot be had ({error.strerror})", remedy) from error

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _asked_here(page: Page) -> Page:
    """Only under a name of this machine: a browser on it may be led here by a web page under a name of its own."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _is_this_machine(environ.get("HTTP_HOST", LOOPBACK)):
            return page(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"this page is read as 127.0.0.1 or localhost\n"]

    return answer


def _is_this_machine(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:  # no name at all: `[`
        return False


class _Collector:
    """Fits the library's `Collector`."""

    def __init__(self, read: Callable[[], Iterable[Measure]]) -> None:
        self._read = read
        self._one_at_a_time = threading.Lock()  # readers in a hurry shall not take the machine from the mail

    def describe(self) -> Iterable[Metric]:
        """Nothing: it would be read for that, at a time when nobody has asked."""
        return ()

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        with self._one_at_a_time:
            try:
                measures, up = tuple(self._read()), 1
            except Trouble:  # whoever reads the page learns that nothing can be told; the daemon tells why by itself
                measures, up = (), 0
        yield GaugeMetricFamily("responder_up", "1 if the records can be read, else 0 and nothing more", up)
        yield from (_family(measure) for measure in measures)


def _family(measure: Measure) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    make = CounterMetricFamily if measure.kind is MeasureKind.COUNTER else GaugeMetricFamily
    family = make(measure.name, measure.what, labels=measure.labels)
    for values, number in measure.samples:
        family.add_metric(values, number)
    return family
