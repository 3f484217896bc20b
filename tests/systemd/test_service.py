"""The service as an admin gets it: installed in a booted Debian, at work, in trouble, upgraded, taken off.

The tests share one machine. Each finds the service running and in order; the last ones upgrade it and take it off.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from responder.store.schema import VERSION
from tests.servers.waiting import wait_until
from tests.systemd.machine import Failed, booted, require_machine
from tests.systemd.mail_office import CREDENTIAL, ETC, OFFICE, PASSWORD, PHONE, STATE, WITHIN, Installed

pytestmark = [pytest.mark.systemd, pytest.mark.timeout(240)]

URGENT = "Mình cần gấp, xin trả lời ngay giúp."
NEW_PHONE = "0911 222 333"
LEFT_BY_ROOT = "/var/lib/responder/tokens/info.json"  # as `responder login` does
RESTART_AFTER = 5  # seconds, RestartSec= of the unit
POLL = 10  # seconds, in the config
REFUSED = "user name or password refused"


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """The first installation, before anything is configured; what the script said is in the test of it."""
    require_machine()
    with booted() as machine:
        made = Installed(machine)
        made.begin_mail()
        made.bring_source()
        yield made


@pytest.fixture(scope="module")
def office(installed: Installed) -> Installed:
    """Configured and started."""
    if not installed.machine.path(ETC).exists():
        installed.install()
    installed.configure()
    installed.systemctl("start", "responder")
    installed.wait_until_watching()
    return installed


@pytest.fixture
def service(office: Installed) -> Iterator[Installed]:
    """Running, and put in order again afterwards."""
    yield office
    office.restart()


# ---------------------------------------------------------------- installing


def test_the_first_installation_enables_the_service_writes_examples_and_starts_nothing(installed: Installed) -> None:
    said = installed.install()
    assert "program: installed into /opt/responder/releases/" in said
    assert f"config: examples written into {ETC}" in said
    assert "not started yet" in said
    assert installed.systemctl("is-enabled", "responder").strip() == "enabled"
    assert not installed.is_active
    assert "mode: observe" in installed.machine.read(f"{ETC}/config.yaml")
    installed.machine.write(LEFT_BY_ROOT, "tokens", 0o600)


def test_without_the_password_the_installation_says_which_file_is_missing_and_starts_nothing(
    installed: Installed,
) -> None:
    said = installed.install()
    assert f"there is no {CREDENTIAL}" in said
    assert not installed.is_active


def test_the_unit_is_without_fault_and_exposed_at_most_to_1_2(installed: Installed) -> None:
    assert installed.machine.run("systemd-analyze", "verify", "responder.service") == ""
    said = installed.machine.run("systemd-analyze", "security", "--no-pager", "--offline=true", "responder.service")
    exposure = re.search(r"Overall exposure level for responder.service: ([\d.]+)", said)
    assert exposure is not None, said
    assert float(exposure[1]) <= 1.2


# ---------------------------------------------------------------- at work


def test_what_root_has_laid_beside_the_state_before_the_first_start_belongs_to_the_service(service: Installed) -> None:
    [owner] = service.machine.run("stat", "-c", "%u", LEFT_BY_ROOT).split()
    assert owner == service.machine.run("stat", "-c", "%u", f"/proc/{service.pid}").strip() != "0"


def test_it_is_ready_within_seconds_even_when_the_mail_server_is_away(service: Installed) -> None:
    service.systemctl("stop", "responder", "dovecot")
    service.systemctl("start", "responder")
    began, ready = (int(service.show(f"{name}TimestampMonotonic")) / 1e6 for name in ("InactiveExit", "ActiveEnter"))
    assert service.is_active
    assert ready - began < 15
    service.systemctl("start", "dovecot")
    service.wait_until_watching()


def test_a_mail_that_comes_when_the_office_is_closed_is_answered(service: Installed) -> None:
    service.deliver("khach@banhang.example")
    assert "ngoài giờ làm việc" in service.wait_for_answer("khach@banhang.example")


def test_it_runs_as_nobody_in_particular_with_no_rights_and_a_system_call_filter(service: Installed) -> None:
    status = dict(
        line.split(":\t", 1) for line in service.machine.run("cat", f"/proc/{service.pid}/status").splitlines()
    )
    uids = {int(uid) for uid in status["Uid"].split()}
    assert all(61184 <= uid <= 65519 for uid in uids), uids  # the range of DynamicUser=
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_a_changed_password_is_taken_by_a_restart(service: Installed) -> None:
    try:
        service.set_password("changed")
        service.machine.write(CREDENTIAL, "changed\n", 0o600)
        service.systemctl("restart", "responder")
        service.wait_until_watching()
        lent = {"CREDENTIALS_DIRECTORY": f"{ETC}/credentials"}
        assert "logged in" in service.machine.run("responder", "check", "--connect", **lent)
    finally:
        service.set_password(PASSWORD)
        service.machine.write(CREDENTIAL, PASSWORD + "\n", 0o600)


# ---------------------------------------------------------------- reloading


def test_a_changed_policy_is_taken_by_a_reload(service: Installed) -> None:
    before = service.pid
    service.write_policy(PHONE, NEW_PHONE)
    service.systemctl("reload", "responder")
    wait_until(lambda: "reloaded" in service.journal(), WITHIN, "the new policy is in force")
    service.deliver("gap@banhang.example", URGENT)
    assert NEW_PHONE in service.wait_for_answer("gap@banhang.example")
    assert service.pid == before


def test_a_reload_with_a_bad_policy_fails_and_the_one_before_stays_in_force(service: Installed) -> None:
    before = service.pid
    service.write_policy(f'urgent_phone: "{PHONE}"', "urgent_phone: [")
    with pytest.raises(Failed):
        service.systemctl("reload", "responder")
    assert service.is_active
    assert "vi-office.yaml:" in service.journal()  # which line is wrong
    service.deliver("khac@banhang.example", URGENT)
    assert PHONE in service.wait_for_answer("khac@banhang.example")
    assert service.pid == before


# ---------------------------------------------------------------- stopping, and being stopped


def test_it_stops_in_order_and_is_started_again(service: Installed) -> None:
    began = time.monotonic()
    service.systemctl("stop", "responder")
    assert time.monotonic() - began < 15
    assert (service.show("Result"), service.show("ExecMainStatus")) == ("success", "0")
    assert service.machine.run("journalctl", "-u", "responder", "-o", "cat", "-n", "4", "--no-pager").count("stopped")
    with pytest.raises(Failed, match="the daemon does not run"):
        service.machine.run("responder", "status")
    service.systemctl("start", "responder")
    service.wait_until_watching()
    assert "all is well" in service.machine.run("responder", "status")


def test_after_a_kill_it_comes_back_and_goes_on_answering(service: Installed) -> None:
    before = service.pid
    service.systemctl("kill", "--signal=KILL", "responder")
    wait_until(lambda: service.started_anew(before), WITHIN, "it was started again")
    service.wait_until_watching()
    service.deliver("sau@banhang.example")
    service.wait_for_answer("sau@banhang.example")


def test_its_watchdog_leaves_it_alone_while_it_works_and_ends_it_when_it_is_frozen(service: Installed) -> None:
    service.drop_in("WatchdogSec=3s")
    service.systemctl("restart", "responder")
    before = service.pid
    time.sleep(7)  # nothing to wait for: that nothing happens is the point
    assert service.pid == before
    service.signal("STOP")
    meanwhile = customers("dongbang", 3)
    deliver_all(service, meanwhile)
    wait_until(lambda: service.started_anew(before), WITHIN, "it was started again")
    service.wait_for_one_answer_each(meanwhile)
    said = service.machine.run("journalctl", "-u", "responder", "-o", "cat", "--no-pager")
    assert "Watchdog timeout (limit 3s)!" in said
    assert "Current thread" in said or "Thread 0x" in said  # the tracebacks: where it stood


@pytest.mark.parametrize("name", ["config.yaml", "policies/vi-office.yaml"])
def test_an_unusable_file_ends_it_once_and_for_all_until_somebody_mends_it(service: Installed, name: str) -> None:
    path = f"{ETC}/{name}"
    service.machine.write(path, "nonsense: yes\n" + service.machine.read(path))
    with pytest.raises(Failed):
        service.systemctl("restart", "responder")
    time.sleep(RESTART_AFTER + 2)  # nothing to wait for: that nothing happens is the point
    assert (service.show("ActiveState"), service.show("ExecMainStatus")) == ("failed", "2")
    assert service.show("NRestarts") == "0"


# ---------------------------------------------------------------- in trouble


def customers(word: str, count: int) -> list[str]:
    """Each of a domain of its own, as one domain gets but so many answers."""
    return [f"khach@{word}{number}.example" for number in range(count)]


def deliver_all(service: Installed, senders: Sequence[str], pause: float = 0) -> None:
    for sender in senders:
        service.deliver(sender)
        time.sleep(pause)  # mail comes by and by


def test_killed_again_and_again_it_loses_nobody_and_answers_nobody_twice(service: Installed) -> None:
    service.drop_in("RestartSec=100ms")
    senders, kills = customers("giet", 24), 6
    seed = int(os.environ.get("FAULTS_SEED", time.time()))
    draw = random.Random(seed)  # noqa: S311 - other moments each time, the same again by the same seed
    print(f"FAULTS_SEED={seed}")
    with ThreadPoolExecutor(1) as post:
        coming = post.submit(deliver_all, service, senders, 0.5)
        for _ in range(kills):
            wait_until(lambda: service.pid != 0, WITHIN, "it runs")
            before = service.pid
            time.sleep(draw.uniform(0.5, 2.5))  # wherever it stands then
            service.signal("KILL")
            wait_until(lambda old=before: service.started_anew(old), WITHIN, "it was started again")
        coming.result()
    wait_until(
        lambda: set(senders) <= {*service.answered(), *service.owed("uncertain")},
        2 * WITHIN,
        f"everybody is answered, or stands in the list of what is uncertain\n{service.tail()}",
    )
    service.wait_until_nothing_is_due()
    answered, uncertain = service.answered(), set(service.owed("uncertain")) & set(senders)
    assert max(answered[sender] for sender in senders) == 1
    assert [sender for sender in senders if not answered[sender] and sender not in uncertain] == []
    assert len(uncertain) <= kills


def test_a_full_disk_is_told_with_what_to_do_and_when_there_is_room_everybody_is_answered_once(
    service: Installed,
) -> None:
    with service.small_disk():
        service.wait_until_watching()
        before, restarts = service.pid, service.show("NRestarts")
        service.deliver("truoc@day.example")
        service.wait_for_one_answer_each(["truoc@day.example"])
        service.fill_disk()
        senders = customers("day", 6)
        deliver_all(service, senders)
        wait_until(lambda: "the disk is full — free some space" in service.journal(), WITHIN, "the journal tells")
        time.sleep(POLL + 2)  # nothing to wait for: that nothing is sent unrecorded is the point
        assert not set(senders) & service.answered().keys()
        assert service.journal().count("the disk is full") < 30
        service.free_disk()
        service.wait_for_one_answer_each(["truoc@day.example", *senders])
        assert (service.pid, service.show("NRestarts")) == (before, restarts)
    service.systemctl("start", "responder")
    service.wait_for_one_answer_each(["truoc@day.example", *senders])


def test_a_storm_of_reloads_harms_no_mail(service: Installed) -> None:
    before, senders = service.pid, customers("bao", 20)
    with ThreadPoolExecutor(2) as post:
        coming = post.submit(deliver_all, service, senders)
        reloading = post.submit(lambda: [service.systemctl("reload", "responder") for _ in range(5)])
        for _ in range(50):
            service.signal("HUP")
        coming.result()
        reloading.result()
    service.wait_for_one_answer_each(senders)
    assert (service.pid, service.is_active) == (before, True)


def test_a_password_changed_at_the_server_is_told_once_and_with_the_new_one_all_mail_since_is_answered(
    service: Installed,
) -> None:
    senders = customers("doi", 3)
    try:
        service.set_password("changed")
        service.machine.run("doveadm", "kick", OFFICE)
        deliver_all(service, senders)
        wait_until(lambda: REFUSED in service.journal(), WITHIN, "the journal tells")
        time.sleep(POLL + 5)  # nothing to wait for: that the server is not asked again and again is the point
        assert service.journal().count(REFUSED) == 1
        with pytest.raises(Failed, match=REFUSED):
            service.machine.run("responder", "status")
        assert not set(senders) & service.answered().keys()

        service.machine.write(CREDENTIAL, "changed\n", 0o600)
        service.systemctl("restart", "responder")
        service.wait_for_one_answer_each(senders)
        assert "all is well" in service.machine.run("responder", "status")
    finally:
        service.set_password(PASSWORD)
        service.machine.write(CREDENTIAL, PASSWORD + "\n", 0o600)


# ---------------------------------------------------------------- upgrading, and taking off


def test_installing_the_same_version_again_changes_nothing(service: Installed) -> None:
    before = service.pid
    assert "nothing to do" in service.install()
    assert service.pid == before


def test_a_version_that_cannot_be_installed_leaves_the_one_at_work_alone(service: Installed) -> None:
    before = service.pid
    service.set_version("0.1.98")
    with pytest.raises(Failed, match="nothing was changed"):
        service.install(PIP_FIND_LINKS="/nowhere")
    assert service.pid == before


def test_a_version_that_cannot_use_the_config_leaves_the_one_at_work_alone(service: Installed) -> None:
    before = service.pid
    service.set_version("0.1.99")
    service.write_policy(f'urgent_phone: "{PHONE}"', "urgent_phone: [")
    with pytest.raises(Failed, match="the version before runs on"):
        service.install()
    assert service.pid == before


def test_an_upgrade_keeps_config_and_state_backs_the_state_up_and_has_a_way_back(service: Installed) -> None:
    first = service.machine.run("responder", "--version")
    known = service.count_recorded()
    assert known > 0
    service.set_version("0.2.0")
    said = service.install()
    backup = re.search(r"state: backup in (\S+)", said)
    assert backup is not None, said
    assert service.count_recorded(backup[1]) == known
    assert service.machine.run("stat", "-c", "%a %U", backup[1]).strip() == "600 root"
    assert service.machine.run("responder", "--version") == "responder 0.2.0\n"
    service.wait_until_watching()
    assert service.count_recorded() == known
    assert service.policy == service.machine.read(f"{ETC}/policies/vi-office.yaml")
    service.deliver("moi@banhang.example")
    service.wait_for_answer("moi@banhang.example")

    way_back = re.search(r"way back: (\S+) (--back)", said)
    assert way_back is not None, said
    service.machine.run(*way_back.groups())
    assert service.machine.run("responder", "--version") == first
    service.wait_until_watching()
    assert service.count_recorded() == known + 1


def test_a_backup_put_back_as_the_docs_say_is_taken_up_and_what_came_since_is_read_again(service: Installed) -> None:
    known = service.count_recorded()
    oldest = service.machine.run("sh", "-c", "ls -tr /var/backups/responder/*.db").split()[0]
    assert service.count_recorded(oldest) < known
    service.systemctl("stop", "responder")
    service.machine.run("cp", oldest, STATE)
    service.machine.run("rm", "-f", f"{STATE}-wal", f"{STATE}-shm")
    service.systemctl("start", "responder")
    wait_until(lambda: service.count_recorded() == known, WITHIN, "the mail since the backup is read again")


def test_a_state_of_a_newer_version_is_not_handed_to_an_older_one(service: Installed) -> None:
    before = service.machine.run("responder", "--version")
    service.set_schema("9999")
    try:
        with pytest.raises(Failed, match="written by a newer version"):
            service.machine.run("/opt/responder/current/systemd/install", "--back")
    finally:
        service.set_schema(VERSION)
    assert service.machine.run("responder", "--version") == before


READ_SCHEMA = (
    "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT * FROM alembic_version').fetchone())"
)


def test_taken_off_it_leaves_config_and_state_and_purged_it_leaves_nothing(office: Installed) -> None:
    said = office.machine.run("/opt/responder/current/systemd/uninstall")
    assert f"kept: {ETC}" in said
    assert "kept: /var/lib/responder" in said
    assert office.show("LoadState") == "not-found"
    assert not office.machine.path("/opt/responder").exists()
    assert not office.machine.path("/usr/local/bin/responder").is_symlink()
    assert office.count_recorded() > 0
    assert PASSWORD in office.machine.read(CREDENTIAL)

    said = office.install()  # back again, and at work where it had stopped
    assert "running" in said
    office.wait_until_watching()
    assert office.count_recorded() > 0

    office.machine.run("/opt/responder/current/systemd/uninstall", "--purge")
    left = office.machine.run(
        "find", "/etc", "/opt", "/usr/local", "/var", "-name", "*responder*", "-not", "-path", "*/systemd/timers/*"
    )
    assert left == ""
