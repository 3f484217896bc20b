"""Facing other responders: Pigeonhole's vacation, ourselves, and a robot that knows no manners.

What is counted is counted at the receivers, once everything is quiet: nothing is queued at Postfix, and a mail that was
written after all the others has had its reply.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from textwrap import dedent, indent

import pytest

from tests.servers.waiting import wait_until
from tests.servers.world import World
from tests.system.office import MANAGER, OFFICE, ON_CALL, WITHIN, Office, furnished, office_of, shipped
from tests.system.robot import DOMAIN, Robot

pytestmark = pytest.mark.system

NIGHT = "2026-03-25 22:05"
VACATIONER = "khach@customer.test"
PARTNER = "lienhe@doitac.example"
PROBES = [f"hoi{number}@tham.example" for number in range(4)]  # they ask when the others have finished
USERS = [(address, "secret") for address in (OFFICE, MANAGER, ON_CALL, VACATIONER, PARTNER, *PROBES)]
VACATION = """\
require ["vacation", "vacation-seconds"];
vacation :seconds 0 :addresses ["khach@customer.test"] "Tôi đi vắng đến hết tuần.";
"""
SEND = {"follow_up: {as: draft}": "follow_up: {as: send, after: 60m}"}


def account(world: World, name: str, address: str) -> str:
    imap = f"host: 127.0.0.1, port: {world.dovecot.imap_port}, security: none, user: {address}, password: secret"
    text = f"""\
        {name}:
          address: {address}
          name: Công ty {name}
          policy: policy.yaml
          imap: {{{imap}}}
          smtp: {{host: 127.0.0.1, port: {world.postfix.port}, security: none}}
          poll: 10s
        """
    return indent(dedent(text), "  ")


def config(world: World, **accounts: str) -> str:
    """An office of these accounts, which knows nobody else."""
    each = "".join(account(world, name, address) for name, address in accounts.items())
    people = dedent(f"""\
        people:
          manager: {{name: Quản lý, address: {MANAGER}}}
          on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}
        """)
    return f"mode: live\nstate: state.db\naccounts:\n{each}{people}"


def policies(changes: dict[str, str] | None = None) -> dict[str, str]:
    return {"policy.yaml": shipped("vi-office.yaml", changes or {})}


@contextlib.contextmanager
def one_office(
    *, changes: dict[str, str] | None = None, sieve: dict[str, str] | None = None, robot: Robot | None = None
) -> Iterator[Office]:
    """One account, at night; around it the vacationers with their scripts, or the robot."""
    options = robot.options if robot else None
    made = office_of(
        USERS, policies(changes), lambda world: config(world, info=OFFICE), NIGHT, sieve=sieve, options=options
    )
    with made as here:
        watch(here, "info")
        yield here


def watch(here: Office, *accounts: str) -> None:
    """Start, and wait until all its mailboxes are watched: mail from before that is left alone."""
    here.start()
    wait_until(
        lambda: all(f"{name}: watching" in here.log.read_text() for name in accounts), WITHIN, f"watching {here.tail()}"
    )


def wait_until_quiet(here: Office, probe: str, to: str = OFFICE) -> None:
    """Until all is delivered, and who writes only now has had a reply: by then all the others have had theirs."""
    wait_until_delivered(here)
    here.write("Cho mình hỏi giờ mở cửa với.", sender=probe, to=to)
    here.wait_for_mails(probe, 1)
    wait_until(lambda: not here.leaving(), WITHIN, f"nothing left to send\n{here.tail()}")
    wait_until_delivered(here)


def wait_until_delivered(here: Office) -> None:
    postfix = here.world.postfix
    wait_until(lambda: not postfix.queued(), WITHIN, f"an empty queue\n{postfix.log_text()[-2000:]}")


def count(here: Office, address: str, writer: str) -> int:
    """The mails of `writer` in somebody's inbox."""
    return sum(writer in mail["From"] for mail in here.mails(address))


# --- Pigeonhole ------------------------------------------------------------------------------------------------------


def test_vacation_does_not_answer_our_reply_nor_the_follow_up_that_is_sent() -> None:
    with one_office(changes=SEND, sieve={VACATIONER: VACATION}) as here:
        here.write("Cho mình hỏi đơn hàng 123 đã giao chưa?", sender=VACATIONER)
        here.wait_for_mails(VACATIONER, 1)
        wait_until_quiet(here, PROBES[0])
        assert (count(here, VACATIONER, OFFICE), count(here, OFFICE, VACATIONER)) == (1, 1)
        here.at("2026-03-26 09:05")  # an hour after the opening: the follow-up, whose envelope sender is a real one
        _, follow_up = here.wait_for_mails(VACATIONER, 2)
        assert follow_up["Return-Path"] == f"<{OFFICE}>"
        here.at("2026-03-26 20:00")
        wait_until_quiet(here, PROBES[1])
        assert (count(here, VACATIONER, OFFICE), count(here, OFFICE, VACATIONER)) == (2, 1)


def test_we_do_not_answer_the_vacation_that_answers_a_person_of_ours() -> None:
    with one_office(sieve={VACATIONER: VACATION}) as here:
        for subject in ("Báo giá", "Hợp đồng"):
            here.write("Em gửi anh ạ.", subject, sender=OFFICE, to=VACATIONER)
        answers = here.wait_for_mails(OFFICE, 2)
        assert all(mail["Return-Path"] == f"<{VACATIONER}>" for mail in answers)  # it could be answered
        wait_until_quiet(here, PROBES[0])
        assert (count(here, VACATIONER, OFFICE), count(here, OFFICE, VACATIONER)) == (2, 2)


# --- ourselves -------------------------------------------------------------------------------------------------------


def test_two_accounts_of_one_office_do_not_answer_each_other() -> None:
    with office_of(USERS, policies(), lambda world: config(world, info=OFFICE, partner=PARTNER), NIGHT) as here:
        watch(here, "info", "partner")
        here.write("Bên mình còn hàng không?", sender=OFFICE, to=PARTNER)
        here.write("Bên mình còn hàng không?", sender=PARTNER, to=OFFICE)
        wait_until_quiet(here, PROBES[0])
        wait_until_quiet(here, PROBES[1], PARTNER)
        assert (count(here, OFFICE, PARTNER), count(here, PARTNER, OFFICE)) == (1, 1)


def test_two_offices_that_know_nothing_of_each_other_exchange_one_reply() -> None:
    with (
        one_office() as here,
        furnished(here.world, "partner", policies(), config(here.world, partner=PARTNER)) as there,
    ):
        watch(there, "partner")
        here.write("Bên mình còn hàng không?", sender=OFFICE, to=PARTNER)  # a person of ours works late
        here.wait_for_mails(OFFICE, 1)
        wait_until_quiet(here, PROBES[0])
        wait_until_quiet(there, PROBES[1], PARTNER)
        assert (count(here, OFFICE, PARTNER), count(here, PARTNER, OFFICE)) == (1, 1)
        here.write("Bên mình cần báo giá.", sender=PARTNER, to=OFFICE)  # and one of theirs
        here.wait_for_mails(PARTNER, 2)
        wait_until_quiet(there, PROBES[2], PARTNER)
        wait_until_quiet(here, PROBES[3])
        assert (count(here, OFFICE, PARTNER), count(here, PARTNER, OFFICE)) == (2, 2)


# --- a robot without manners -----------------------------------------------------------------------------------------


def exhausted(here: Office, robot: Robot) -> int:
    """Let the robot begin, until it is not answered any more; how many replies it has had."""
    robot.begin(OFFICE, here.world.postfix.port)
    wait_until(lambda: is_silenced(here, robot), WITHIN, f"silence\n{here.tail()}")
    had = len(robot.received)
    wait_until_quiet(here, PROBES[0])  # an ordinary customer of another domain still gets their reply
    assert (len(robot.received), robot.sent) == (had, had + 1)
    return had


def is_silenced(here: Office, robot: Robot) -> bool:
    """All it has written is read, what it is owed has been delivered, and it has not written since."""
    sent = robot.sent
    return here.recorded() == sent and not here.leaving() and not here.world.postfix.queued() and robot.sent == sent


def test_a_robot_that_is_a_new_person_each_time_is_stopped_by_the_shipped_limit() -> None:
    with Robot(lambda number: f"ticket{number}@{DOMAIN}") as robot, one_office(robot=robot) as here:
        assert exhausted(here, robot) == 20


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(lambda number: f"ticket{number}@{DOMAIN}", id="new-local-part"),
        pytest.param(lambda number: f"ticket+{number}@{DOMAIN}", id="new-tag"),
        pytest.param(lambda number: f"ticket@a{number}.{DOMAIN}", id="new-subdomain"),
    ],
)
def test_a_robot_cannot_change_its_address_often_enough(address: Callable[[int], str]) -> None:
    few = {"per_domain: 20 per hour": "per_domain: 3 per hour"}
    with Robot(address) as robot, one_office(changes=few, robot=robot) as here:
        assert 1 <= exhausted(here, robot) <= 3
