"""work/measures.py and servers/metrics.py, read over HTTP as Prometheus does: what is told, and what may fail."""

from __future__ import annotations

import http.client
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

import pytest
from prometheus_client.parser import text_string_to_metric_families

from responder.errors import Trouble, TroubleKind
from responder.ports import Measure
from responder.servers import metrics
from responder.servers.metrics import Endpoint
from responder.store import counts
from responder.store.store import Store
from responder.work.measures import Measures
from tests.cli_office import ROOT
from tests.fakes import UNREACHABLE, AtWork, letter, local
from tests.servers.process import LOOPBACK, free_ports
from tests.servers.waiting import wait_until
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]
Sample = tuple[str, tuple[str, ...]]  # a name, and its labels' values by the labels' names


def page(port: int, host: str = LOOPBACK) -> str:
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def numbers(text: str) -> dict[Sample, float]:
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@contextmanager
def served(read: Callable[[], Iterable[Measure]]) -> Iterator[int]:
    [port] = free_ports(1)
    endpoint = Endpoint(port, read)
    try:
        yield port
    finally:
        endpoint.close()


def told(here: AtWork) -> dict[Sample, float]:
    measures = Measures(here.store, here.clock, local("2026-11-20 08:00"))
    with served(lambda: measures.read([here.desk])) as port:
        return numbers(page(port))


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


# ---------------------------------------------------------------- what is told


def test_messages_are_counted_by_office_and_urgency_and_vetoes_by_their_sign(here: AtWork) -> None:
    here.come()
    here.come(letter("Kho đang bốc cháy!", "Báo cháy", sender="b@khac.example"))
    here.come(letter(Auto_Submitted="auto-replied"))
    here.work()
    found = told(here)
    assert found["responder_up", ()] == 1
    assert found["responder_messages_total", ("info", "closed", "normal")] == 2
    assert found["responder_messages_total", ("info", "closed", "emergency")] == 1
    assert found["responder_vetoes_total", ("info", "auto_submitted")] == 1


def test_a_message_that_was_set_aside_counts_as_unknown(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.work.triage.read", lambda *_, **__: 1 / 0)
    here.come()
    here.work()
    assert told(here)["responder_messages_total", ("info", "unknown", "unknown")] == 1


def test_mails_are_told_by_kind_and_state_and_what_is_overdue_with_its_age() -> None:
    here = AtWork(None, UNREACHABLE)
    here.come()
    here.work()
    here.work("2026-11-20 22:40")
    found = told(here)
    assert found["responder_mails", ("info", "reply", "sent")] == 1
    assert found["responder_mails", ("info", "follow_up", "waiting")] == 1
    assert (found["responder_due_mails", ("info",)], found["responder_oldest_due_mail_age_seconds", ("info",)]) == (
        0,
        0,
    )
    here.server.script.append(UNREACHABLE)
    here.come(letter(sender="b@khac.example"))
    here.work()
    here.clock.set(local("2026-11-20 22:50"))
    found = told(here)
    assert found["responder_due_mails", ("info",)] == 1
    assert found["responder_oldest_due_mail_age_seconds", ("info",)] == 600
    assert found["responder_open_troubles", ("info", "delivery")] == 1
    here.store.close()


def test_the_promise_is_told_by_who_still_waits_and_for_whom_it_is_over(here: AtWork) -> None:
    uid = here.come()
    here.come(letter(sender="b@khac.example"))
    here.come(letter(Auto_Submitted="auto-replied"))
    here.work()
    found = told(here)
    assert (found["responder_unhandled_messages", ("info",)], found["responder_overdue_messages", ("info",)]) == (2, 0)
    here.mailbox.answer(uid)
    here.work("2026-11-25 08:00")
    found = told(here)
    assert (found["responder_unhandled_messages", ("info",)], found["responder_overdue_messages", ("info",)]) == (1, 1)


def test_times_are_told_in_seconds_since_1970(here: AtWork) -> None:
    here.work("2026-11-21 09:30")
    found = told(here)
    assert found["responder_last_look_timestamp_seconds", ("info",)] == local("2026-11-21 09:30").timestamp()
    assert found["responder_started_timestamp_seconds", ()] == local("2026-11-20 08:00").timestamp()


def test_nothing_that_a_customer_can_choose_is_on_the_page(here: AtWork) -> None:
    here.come(letter("mật-khẩu-1", "tiêu-đề-2", sender="bi-mat-3@la.example"))
    here.work()
    measures = Measures(here.store, here.clock, here.clock.now())
    with served(lambda: measures.read([here.desk])) as port:
        text = page(port)
    assert not re.search("mật-khẩu-1|tiêu-đề-2|bi-mat-3|la.example|@", text)


def test_the_documentation_names_every_metric_and_no_other(here: AtWork) -> None:
    documented = set(
        re.findall(r"^\| `(responder_\w+)", (ROOT / "docs/metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    measures = Measures(here.store, here.clock, here.clock.now()).read([here.desk])
    names = {f"{each.name}_total" if each.kind == "counter" else each.name for each in measures}
    assert documented == names | {"responder_up"}


def test_counting_walks_over_indexes_alone() -> None:
    """So that it is quick on half a million messages; see docs/metrics.md."""
    store, now = Store.open(None), local("2026-11-20 08:00")
    with store._engine.connect() as connection:
        for query in (counts._messages(), counts._mails(), counts._open(now, now), counts._due(now)):
            text = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
            assert re.search(r"COVERING INDEX ix_\w+_counts|USING INDEX ix_message_open|ix_outbox_due", plan), plan
    store.close()


# ---------------------------------------------------------------- the page


def test_a_store_that_cannot_be_read_is_told_as_not_up() -> None:
    def read() -> tuple[Measure, ...]:
        raise Trouble(TroubleKind.STATE, "state.db", "another process holds the state file", "wait for it")

    with served(read) as port:
        found = numbers(page(port))
    assert found["responder_up", ()] == 0
    assert [name for name, _ in found if name.startswith("responder_")] == ["responder_up"]


def test_a_defect_is_an_error_of_the_page_and_the_next_reader_is_served() -> None:
    answers: list[Callable[[], tuple[Measure, ...]]] = [lambda: 1 / 0, tuple]  # type: ignore[list-item, return-value]

    with served(lambda: answers.pop(0)()) as port:
        with pytest.raises(urllib.error.HTTPError, match="500"):
            page(port)
        assert numbers(page(port))["responder_up", ()] == 1


def test_the_page_is_for_this_machine_alone() -> None:
    with served(tuple) as port:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
        page(port)


@pytest.mark.parametrize(
    ("name", "status"),
    [("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:1", 200), ("evil.example", 403), ("", 403), ("[", 403)],
)
def test_a_web_page_that_gives_this_machine_a_name_of_its_own_reads_nothing(name: str, status: int) -> None:
    """DNS rebinding: the browser believes that it asks the page's own server."""
    with served(tuple) as port, closing(http.client.HTTPConnection(LOOPBACK, port, timeout=5)) as browser:
        browser.request("GET", "/metrics", headers={"Host": name})
        assert browser.getresponse().status == status


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with served(tuple) as port, pytest.raises(Trouble, match="write another port") as raised:
        Endpoint(port, tuple)
    assert (raised.value.kind, raised.value.where) == (TroubleKind.METRICS, f"{LOOPBACK}:{port}")


# ---------------------------------------------------------------- the daemon


def kinds(store: Store) -> list[str]:
    return [trouble.kind for trouble in store.open_troubles()]


def test_a_daemon_serves_them_takes_another_port_on_reload_and_lets_it_go_at_the_end(watched: WatchedOffice) -> None:
    first, second = free_ports(2)
    with watched.running(f"metrics: {{port: {first}}}"):
        assert numbers(page(first))["responder_paused", ("info",)] == 0
        watched.reload(f"metrics: {{port: {second}}}")
        wait_until(lambda: is_served(second), WITHIN, "the page at its new port")
        assert not is_served(first)
    assert not is_served(second)


def is_served(port: int) -> bool:
    try:
        return "responder_up 1.0" in page(port)
    except urllib.error.URLError:
        return False


def test_a_daemon_whose_port_is_taken_works_all_the_same_and_says_so_until_it_is_free(watched: WatchedOffice) -> None:
    with served(tuple) as port, watched.running(f"metrics: {{port: {port}}}") as store:
        assert kinds(store) == [TroubleKind.METRICS]
    with watched.running(f"metrics: {{port: {port}}}") as store:
        assert kinds(store) == []
        assert is_served(port)


def test_without_the_library_a_daemon_works_and_check_warns(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(metrics, "find_spec", lambda _name: None)
    with watched.running("metrics: {port: 9464}") as store:
        assert kinds(store) == [TroubleKind.METRICS]
    assert "pip install 'responder[metrics]'" in caplog.text
    result = watched.office.run("check")
    assert result.exit_code == 0
    assert re.search(r"config\.yaml:\d+:1: warning: the library for `metrics` is not installed — pip", result.stdout)
