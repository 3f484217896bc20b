"""The real servers themselves: do they do what the other tests rely on?"""

import contextlib
import os
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import Dovecot
from tests.servers.process import ServerProcess, StartError, answers, group_lives, require_servers, server_directory
from tests.servers.waiting import wait_until
from tests.servers.world import World, mail_world

LAN, PASSWORD = "lan@office.test", "secret"
CUSTOMER = "khach@customer.test"
USERS = [(LAN, PASSWORD), (CUSTOMER, "other")]
MESSAGE = b"From: khach@customer.test\r\nTo: lan@office.test\r\nSubject: Xin chao\r\n\r\nXin chao\r\n"

pytestmark = pytest.mark.system


@pytest.fixture
def world() -> Iterator[World]:
    require_servers(as_root=True)
    with mail_world(USERS, tls=True) as world:
        yield world


@pytest.fixture
def shifted_world() -> Iterator[World]:
    require_servers(as_root=True)
    with mail_world(USERS, shifted=True) as world:
        yield world


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    require_servers()
    with server_directory() as directory, Dovecot(directory / "dovecot", USERS) as dovecot:
        yield dovecot


def arrived(world: World, address: str, count: int) -> list[dict[bytes, Any]]:
    """What lies in an inbox once so many messages have arrived."""
    with world.mailbox(address) as client:

        def messages() -> list[int]:
            client.noop()
            found = client.search()
            return found if len(found) >= count else []

        try:
            numbers = wait_until(messages, 10, f"{count} messages for {address}")
        except AssertionError as problem:
            problem.add_note(f"{world.postfix.log_text()}\n{world.dovecot.log_text()}")
            raise
        answer = client.fetch(numbers, ["INTERNALDATE", "BODY.PEEK[]"])
        return [answer[number] for number in numbers]


def test_submitted_mail_arrives_with_its_return_path(world: World) -> None:
    world.submit(MESSAGE, CUSTOMER, LAN)
    [message] = arrived(world, LAN, 1)
    assert message[b"BODY[]"].startswith(b"Return-Path: <khach@customer.test>\r\n")
    assert message[b"BODY[]"].endswith(b"Xin chao\r\n")


def test_mail_without_an_envelope_sender_arrives(world: World) -> None:
    world.submit(MESSAGE, "", LAN)
    [message] = arrived(world, LAN, 1)
    assert message[b"BODY[]"].startswith(b"Return-Path: <>\r\n")


def test_mail_to_nobody_bounces_to_its_sender(world: World) -> None:
    world.submit(MESSAGE, LAN, "nobody@office.test")
    [bounce] = arrived(world, LAN, 1)
    assert b"multipart/report" in bounce[b"BODY[]"]
    assert b"Final-Recipient: rfc822; nobody@office.test" in bounce[b"BODY[]"]


def test_mail_to_the_world_outside_is_refused(world: World) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        world.submit(MESSAGE, LAN, "somebody@elsewhere.test")


def test_postfix_offers_what_the_daemon_may_use(world: World) -> None:
    with smtplib.SMTP(world.postfix.host, world.postfix.port, timeout=10) as smtp:
        smtp.ehlo()
        assert {"dsn", "smtputf8", "8bitmime", "starttls", "auth"} <= set(smtp.esmtp_features)
        smtp.starttls(context=ssl.create_default_context(cafile=world.dovecot.ca_file))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(LAN, "wrong")
        smtp.login(LAN, PASSWORD)


def test_mail_waits_in_the_queue_while_dovecot_is_away(world: World) -> None:
    world.dovecot.stop()
    world.submit(MESSAGE, CUSTOMER, LAN)
    wait_until(lambda: "status=deferred" in world.postfix.log_text(), 10, "Postfix cannot deliver")
    world.dovecot.start()
    assert len(arrived(world, LAN, 1)) == 1


def test_new_mail_is_announced_to_an_idling_client(world: World) -> None:
    with world.mailbox(LAN) as client:
        client.idle()
        world.submit(MESSAGE, CUSTOMER, LAN)
        assert (1, b"EXISTS") in client.idle_check(timeout=10)
        client.idle_done()


def test_arrival_follows_the_shifted_clock(shifted_world: World) -> None:
    clock = shifted_world.clock
    assert clock
    first = clock.now() + timedelta(hours=1)
    moments = [first, first + timedelta(hours=9), first + timedelta(days=400)]
    for count, moment in enumerate(moments, start=1):
        clock.set(moment)
        shifted_world.submit(MESSAGE, CUSTOMER, LAN)
        arrived(shifted_world, LAN, count)
    dates = [message[b"INTERNALDATE"] for message in arrived(shifted_world, LAN, len(moments))]
    for date, moment in zip(dates, moments, strict=True):
        assert abs(date - moment) < timedelta(seconds=5)


def test_an_idling_client_sees_mail_after_the_clock_has_jumped(shifted_world: World) -> None:
    assert shifted_world.clock
    with shifted_world.mailbox(LAN) as client:
        client.idle()
        shifted_world.clock.advance(3 * 86400)
        shifted_world.submit(MESSAGE, CUSTOMER, LAN)
        assert (1, b"EXISTS") in client.idle_check(timeout=10)
        client.idle_done()


def test_python_under_the_shifted_clock_sleeps_real_seconds(shifted_world: World) -> None:
    clock = shifted_world.clock
    assert clock
    clock.set(datetime(2030, 1, 2, 3, 4, tzinfo=UTC))
    program = "import time; start = time.monotonic(); time.sleep(0.2); print(time.time(), time.monotonic() - start)"
    environment = {**os.environ, **clock.environment()}
    answer = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
    date, slept = map(float, answer.split())
    assert abs(datetime.fromtimestamp(date, UTC) - clock.now()) < timedelta(seconds=5)
    assert 0.2 <= slept < 2


def test_tls_login_succeeds_for_those_who_trust_the_certificate(dovecot: Dovecot) -> None:
    trusting = ssl.create_default_context(cafile=dovecot.ca_file)
    with IMAPClient(dovecot.host, dovecot.imaps_port, ssl_context=trusting, timeout=10) as client:
        assert client.login(LAN, PASSWORD)
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient(dovecot.host, dovecot.imaps_port, ssl_context=ssl.create_default_context(), timeout=10)


def test_delivery_over_lmtp_needs_no_postfix(dovecot: Dovecot) -> None:
    dovecot.deliver(MESSAGE, CUSTOMER, LAN)
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(LAN, PASSWORD)
        assert client.select_folder("INBOX")[b"EXISTS"] == 1


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client, pytest.raises(LoginError):
        client.login(LAN, "wrong")


def test_special_folders_are_there_from_the_start(dovecot: Dovecot) -> None:
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(LAN, PASSWORD)
        special = {name: flags for flags, _, name in client.list_folders()}
    assert {b"\\Sent", b"\\Drafts", b"\\Trash", b"\\Junk"} <= {flag for flags in special.values() for flag in flags}


def test_several_servers_run_side_by_side_and_stop_entirely() -> None:
    require_servers()
    with server_directory() as directory:
        servers = [Dovecot(directory / str(number), USERS) for number in range(3)]
        with contextlib.ExitStack() as running:
            for server in servers:
                running.enter_context(server)
            groups = [server.group for server in servers if server.group and group_lives(server.group)]
            assert len(groups) == 3
            assert all(answers(server.imap_port, b"* OK") for server in servers)
        assert not any(map(group_lives, groups))


def test_a_failing_start_shows_the_log() -> None:
    class Failing(ServerProcess):
        def _configure(self) -> list[str]:
            return ["sh", "-c", "echo no such luck; exit 3"]

        def _is_ready(self) -> bool:
            return False

    with server_directory() as directory, pytest.raises(StartError, match=r"(?s)ended with 3.*no such luck"):
        Failing(directory / "failing").start()
