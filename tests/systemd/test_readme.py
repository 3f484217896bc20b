"""The README's "On a server in five minutes", typed word for word by an admin on a fresh Debian.

Three things are not as in real life: the source is there already, apt is only asked whether it has heard of the
packages, and the admin's editor is a script that writes what this office has to write.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from textwrap import dedent

import pytest

from tests.servers.waiting import wait_until
from tests.systemd.fetch import PROJECT
from tests.systemd.machine import WHEELS, booted, require_machine
from tests.systemd.mail_office import CONFIG, CREDENTIAL, ETC, PASSWORD, POLICY, SOURCE, WITHIN, Installed

pytestmark = [pytest.mark.systemd, pytest.mark.timeout(300)]

SECTION = "## On a server in five minutes"
ADMIN = "admin"
FETCHED = "git clone …/responder && cd responder"  # the line of the README that only a network could carry out
MANUAL = "/usr/local/share/man/man1/responder.1"


def blocks() -> list[list[str]]:
    """The section's blocks of commands, as they stand there."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"{SECTION}\n")[2].partition("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)]


class Admin:
    """Somebody with a shell, `sudo` and an editor."""

    def __init__(self, office: Installed) -> None:
        self.office = office
        self.machine = office.machine
        self.machine.run("useradd", "--create-home", "--shell=/bin/bash", ADMIN)
        self.machine.write("/etc/sudoers.d/admin", f"{ADMIN} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
        self.machine.write("/etc/pip.conf", f"[global]\nno-index = yes\nfind-links = {WHEELS}\n")
        self.machine.write("/srv/editor", EDITOR, 0o755)

    def type(self, lines: list[str]) -> str:
        """In one shell, which stops at the first failure; everything that is said."""
        script = "\n".join(["set -e", "export EDITOR=/srv/editor", f"cd {SOURCE}", *map(self._possible_here, lines)])
        return self.machine.run("runuser", "--login", ADMIN, "--command", script, within=240)

    def _possible_here(self, line: str) -> str:
        command = line.partition("  #")[0].rstrip()
        if command == FETCHED:
            return ":"
        if command.startswith("sudo apt install "):
            return shlex.join(["dpkg", "--status", *shlex.split(command)[3:]]) + " >/dev/null"
        return line

    def will_write(self, name: str, text: str) -> None:
        """What the editor makes of that file when it is opened."""
        self.machine.write(f"/srv/written{name}", text)


# `sudoedit` hands over a copy with the name of the file in it: config.XXXXXXXX.yaml.
EDITOR = dedent("""\
    #!/bin/sh
    set -eu
    name=$(basename "$1" | sed 's/[.]\\{0,1\\}[A-Za-z0-9]\\{8\\}\\([.]yaml\\)\\{0,1\\}$/\\1/')
    written=$(find /srv/written -name "$name")
    test -n "$written" || { echo "nobody said what to write into $1" >&2; exit 1; }
    cat "$written" >"$1"
    """)


@pytest.fixture(scope="module")
def admin() -> Iterator[Admin]:
    require_machine()
    with booted() as machine:
        office = Installed(machine)
        office.begin_mail()
        office.bring_source()
        yield Admin(office)


@pytest.fixture(scope="module")
def installed(admin: Admin) -> Admin:
    """After the first block."""
    policy = (PROJECT / "policies" / "vi-office.yaml").read_text(encoding="utf-8")
    admin.will_write(f"{ETC}/config.yaml", CONFIG.replace("mode: live", "mode: observe"))
    admin.will_write(POLICY, admin.office.closed_today(policy))
    admin.will_write(CREDENTIAL, PASSWORD + "\n")
    said = admin.type(blocks()[0])
    assert "not started yet" in said
    assert "info: IMAP 127.0.0.1:143: logged in" in said
    assert "info  " in said  # in the table of watched mailboxes
    assert "all is well" in said
    return admin


def test_what_the_readme_says_ends_in_a_service_that_answers_customers(installed: Admin) -> None:
    office = installed.office
    assert office.systemctl("is-enabled", "responder").strip() == "enabled"
    office.wait_until_watching()
    office.deliver("dau@banhang.example")
    wait_until(lambda: office.count_recorded() == 1, WITHIN, "the mail is on record")

    _, looking, going_live = blocks()
    said = installed.type(looking)
    assert "dau@banhang.example" in said
    assert "withheld" in said
    assert "info: watching" in said

    installed.will_write(f"{ETC}/config.yaml", CONFIG)
    installed.type(going_live)
    wait_until(lambda: "reloaded" in office.journal(), WITHIN, "the new mode is in force")
    office.deliver("sau@banhang.example")
    assert "ngoài giờ làm việc" in office.wait_for_answer("sau@banhang.example")


def test_the_password_is_readable_for_nobody_but_root(installed: Admin) -> None:
    folder = installed.machine.run("stat", "-c", "%a %U", f"{ETC}/credentials")
    assert folder.strip() == "700 root"
    said = installed.machine.run("runuser", "--login", ADMIN, "--command", "responder check --connect || true")
    assert "is closed to this user — run the command with `sudo`" in said


@pytest.mark.parametrize("command", ["status", "ledger", "queue", "pause", "digest"])
def test_who_forgets_sudo_is_told_so(installed: Admin, command: str) -> None:
    said = installed.machine.run("runuser", "--login", ADMIN, "--command", f"responder {command} || test $? = 2")
    assert said.count("\n") == 1
    assert "closed to this user — run the command with `sudo`" in said


def test_the_man_page_is_there_and_without_fault(installed: Admin) -> None:
    assert installed.machine.run("mandoc", "-Tlint", MANUAL) == ""
    assert "responder check --connect" in installed.machine.run("mandoc", "-Tutf8", "-O", "width=200", MANUAL)


@pytest.mark.parametrize(
    ("shell", "press_tab"),
    [
        (["bash", "-ic"], "_comp_load responder 2>/dev/null || _completion_loader responder; COMP_WORDS=(responder le)"
         ' COMP_CWORD=1; _responder_completion responder; echo "${COMPREPLY[@]}"'),
        (["fish", "-c"], "complete --do-complete='responder le'"),
        (["zsh", "-c"], "autoload -Uz compinit && compinit -u && whence -v _responder && echo $_comps[responder]"),
    ],
    ids=["bash", "fish", "zsh"],
)  # fmt: skip
def test_the_shells_find_the_completion_by_themselves(installed: Admin, shell: list[str], press_tab: str) -> None:
    command = shlex.join([*shell, press_tab])
    said = installed.machine.run("runuser", "--login", ADMIN, "--command", command)
    assert "ledger" in said or "_responder\n" in said


def test_taken_off_it_leaves_neither_man_page_nor_completion(installed: Admin) -> None:
    installed.machine.run("/opt/responder/current/systemd/uninstall")
    assert installed.machine.run("find", "/usr/local", "/etc/fish", "-name", "*responder*") == ""
