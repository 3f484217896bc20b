"""`policy edit`: what is taken, what is refused, what is asked and said; with a real program as the editor."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shlex
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from click.testing import Result

from responder.cli.draft import draft_of
from responder.errors import Trouble
from responder.store.lock import Holder, StateLock
from tests.cli_office import POLICY, SATURDAY_NIGHT, CliOffice, mail, make_office, responder

SHIPPED = POLICY.read_text(encoding="utf-8")
HOURS = ('"08:00-17:00"', '"08:00-17:30"')
NEW_HOURS = SHIPPED.replace(*HOURS, 1)
MISTAKE = ('"08:00-17:00"', '"08:00-25:00"')
EDITOR = """\
import json, pathlib, sys
plan, here = pathlib.Path(__file__).with_name("plan.json"), pathlib.Path(sys.argv[1])
steps = json.loads(plan.read_text())
plan.write_text(json.dumps(steps[1:]))
for what, *to in steps[0]:
    if what == "elsewhere":
        pathlib.Path(to[0]).write_bytes(to[1].encode())
    else:
        content = here.read_bytes()
        assert what.encode() in content, what
        here.write_bytes(content.replace(what.encode(), to[0].encode(), 1))
"""
Step = list[tuple[str, ...]]


class Desk:
    """An office with a policy of its own, and somebody who edits it by a plan: one step each time the editor opens."""

    def __init__(self, office: CliOffice) -> None:
        self.office = office
        self.file = office.folder / "policy.yaml"
        self.file.write_text(SHIPPED, encoding="utf-8")
        office.write_config(policy=self.file)
        self._tools = office.folder / "tools"
        self._tools.mkdir()
        (self._tools / "editor.py").write_text(EDITOR, encoding="utf-8")
        os.environ["EDITOR"] = f"{shlex.quote(sys.executable)} {shlex.quote(str(self._tools / 'editor.py'))}"

    def plan(self, *steps: Step) -> None:
        (self._tools / "plan.json").write_text(json.dumps(steps))

    def edit(self, *steps: Step, answers: str = "", arguments: tuple[str, ...] = ()) -> Result:
        self.plan(*steps)
        return responder("-c", self.office.config, "policy", "edit", *arguments, stdin=answers.encode())

    def text(self) -> str:
        return self.file.read_bytes().decode()

    def left_over(self) -> list[Path]:
        """What lies in the folder and was not there before."""
        return sorted(path for path in self.office.folder.iterdir() if path.name.startswith("."))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name in ("RESPONDER_CONFIG", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EDITOR", "put back afterwards")
    office = make_office(tmp_path, monkeypatch)
    for module in ("policy_edit", "policy_change"):
        monkeypatch.setattr(f"responder.cli.{module}.now", office.clock.now)
    monkeypatch.setattr("responder.cli.policy_edit._has_terminal", lambda: True)
    return Desk(office)


# ---------------------------------------------------------------- taken


def test_a_good_change_is_told_in_words_and_taken_when_the_user_agrees(desk: Desk) -> None:
    result = desk.edit([HOURS], answers="\n")
    assert result.exit_code == 0
    assert "  Thứ Hai đến thứ Sáu: nay mở cửa 08:00–17:30 (trước đây: mở cửa 08:00–17:00).\n" in result.stdout
    assert "1 line changed\n" in result.stdout
    assert result.stdout.splitlines()[-2:] == [
        f"{desk.file}: taken",
        "no daemon runs: it holds from the next start on",
    ]
    assert desk.text() == NEW_HOURS
    assert desk.left_over() == []


def test_the_mails_on_record_that_would_be_treated_differently_are_told_before_it_asks(desk: Desk) -> None:
    desk.office.triage()
    desk.office.box.deliver(mail(), desk.office.clock.now())
    desk.office.triage()
    told = desk.edit([("    words: [\n", "    words: [áo thun,\n")], answers="n\n").stdout.splitlines()
    at = told.index("  Nhóm từ ngữ “urgent”: thêm 1 mục (áo thun).")
    assert told[at + 1 : at + 4] == [
        "  1 trên 1 thư của 30 ngày qua sẽ được xử lý khác đi.",
        "    thứ Bảy, 21/11/2026, 22:10 “Hỏi hàng”",
        "      bình thường → cần gấp",
    ]
    assert told[-3:] == ["1 line changed", "take it? [Y/n/e]: n", "left as it was"]


def test_yes_takes_it_without_asking(desk: Desk) -> None:
    result = desk.edit([HOURS], arguments=("info", "--yes"))
    assert result.exit_code == 0
    assert "take it?" not in result.stdout
    assert desk.text() == NEW_HOURS


def test_no_leaves_the_file_as_it_was(desk: Desk) -> None:
    result = desk.edit([HOURS], answers="n\n")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "left as it was")
    assert desk.text() == SHIPPED
    assert desk.left_over() == []


def test_e_opens_the_editor_again_with_what_was_changed_before(desk: Desk) -> None:
    desk.edit([HOURS], [("promise: 24", "promise: 16")], answers="e\ny\n")
    assert desk.text() == NEW_HOURS.replace("promise: 24", "promise: 16")


def test_an_editor_that_changes_nothing_is_told_as_such(desk: Desk) -> None:
    before = desk.file.stat()
    result = desk.edit([("hours:", "hours:")])
    assert (result.exit_code, result.stdout) == (0, "nothing was changed\n")
    after = desk.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_change_of_notes_only_is_told_as_such(desk: Desk) -> None:
    result = desk.edit([("# Quy định trả lời thư", "# Quy định")], answers="y\n")
    assert "  Only notes and spaces; no rule changes.\n1 line changed\n" in result.stdout
    assert "# Quy định của văn phòng" in desk.text()


# ---------------------------------------------------------------- refused


def test_a_mistake_is_shown_as_check_shows_it_and_cannot_be_taken(desk: Desk) -> None:
    result = desk.edit([MISTAKE], answers="y\nx\n")
    assert result.exit_code == 1
    wrong = SHIPPED.replace(*MISTAKE, 1)
    assert desk.text() == SHIPPED
    assert desk.left_over() == []
    desk.file.write_text(wrong, encoding="utf-8")
    shown = responder("check", desk.file).stdout.splitlines()
    at = next(number for number, line in enumerate(shown) if "08:00-25:00" in line)
    assert "\n".join(shown[at : at + 3]) in result.stdout
    assert shown[at + 2].endswith("^" * len('"08:00-25:00"'))
    assert "take it?" not in result.stdout
    assert result.stdout.splitlines()[-1].endswith("left as it was")


def test_a_mistake_can_be_corrected_in_the_same_copy(desk: Desk) -> None:
    result = desk.edit([MISTAKE], [(MISTAKE[1], HOURS[1])], answers="e\ny\n")
    assert result.exit_code == 0
    assert desk.text() == NEW_HOURS


def test_a_role_that_nobody_of_the_config_fills_is_a_mistake(desk: Desk) -> None:
    result = desk.edit([("alert: on_call", "alert: boss")], answers="x\n")
    assert result.exit_code == 1
    assert f"nobody is `boss` — add `boss: {{name: …, address: …}}` under `people` in {desk.office.config}" in (
        result.stdout
    )
    assert desk.text() == SHIPPED


def test_a_file_that_somebody_else_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    theirs = SHIPPED + "# của người khác\n"
    result = desk.edit([HOURS, ("elsewhere", str(desk.file), theirs)], answers="y\n")
    assert result.exit_code == 75
    assert desk.text() == theirs
    (copy,) = desk.left_over()
    assert copy.read_text(encoding="utf-8") == NEW_HOURS
    assert result.stderr == (
        f"{desk.file}: was changed by somebody else in the meantime; nothing was overwritten"
        f" — put both together: your edited copy is kept as {copy}\n"
    )


def test_two_people_cannot_edit_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "minh")
    with draft_of(desk.file, SATURDAY_NIGHT):
        result = desk.edit([HOURS])
    assert result.exit_code == 75
    assert result.stderr.startswith(f"{desk.file}: is being edited by minh (process ")
    assert desk.edit([HOURS], answers="y\n").exit_code == 0


def test_a_lock_that_is_taken_away_while_it_is_waited_for_is_not_the_lock_of_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = desk.file.with_name(f".{desk.file.name}.lock")
    flock = fcntl.flock

    def while_the_one_before_finishes(file: IO[str], how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        lock.unlink()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", while_the_one_before_finishes)
    with draft_of(desk.file, SATURDAY_NIGHT):
        assert desk.edit([HOURS]).exit_code == 75


def test_a_lock_left_by_a_crash_holds_nobody_up(desk: Desk) -> None:
    desk.file.with_name(f".{desk.file.name}.lock").write_text("lan (process 1)")
    assert desk.edit([HOURS], answers="y\n").exit_code == 0
    assert desk.left_over() == []


def test_an_interruption_keeps_what_was_written(desk: Desk) -> None:
    result = desk.edit([HOURS])  # the input ends at the question
    assert result.exit_code == 130
    (copy,) = desk.left_over()
    assert f"{copy}: your edited copy is kept here" in result.stderr
    assert desk.text() == SHIPPED


def test_an_editor_that_cannot_be_started_is_told_and_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    result = desk.edit([])
    assert result.exit_code == 1
    assert "no-such-editor: Editing failed" in result.stderr
    assert desk.left_over() == []


def test_without_a_terminal_it_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    result = responder("-c", desk.office.config, "policy", "edit")
    assert result.exit_code == 2
    assert result.stderr.startswith("policy edit: there is no terminal to edit on — ")
    assert result.stderr.count("\n") == 1


# ---------------------------------------------------------------- the file itself


def test_mode_and_owner_stay(desk: Desk) -> None:
    desk.file.chmod(0o640)
    if os.getuid() == 0:
        os.chown(desk.file, 65534, 65534)
    before = desk.file.stat()
    desk.edit([HOURS], answers="y\n")
    after = desk.file.stat()
    assert desk.text() == NEW_HOURS
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a file of another owner")
def test_an_owner_that_cannot_be_kept_is_told_before_anything_is_edited(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(desk.file, 65534, 65534)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    result = desk.edit([HOURS])
    assert result.exit_code == 2
    assert "no copy with the same owner can be written beside it: Operation not permitted — " in result.stderr
    assert desk.left_over() == []


def test_line_ends_of_windows_stay_and_are_no_change_by_themselves(desk: Desk) -> None:
    windows = SHIPPED.replace("\n", "\r\n")
    desk.file.write_bytes(windows.encode())
    result = desk.edit([(*HOURS,), ("promise: 24 working hours", "promise: 16 working hours\n# mới")], answers="y\n")
    assert "3 lines changed" in result.stdout
    assert "\n" not in desk.text().replace("\r\n", "")
    assert (
        desk.edit([("promise: 16 working hours\r\n", "promise: 16 working hours\n")]).stdout == "nothing was changed\n"
    )


@pytest.mark.parametrize("planted", ["symbolic link", "hard link", "pipe", "folder"])
def test_whatever_was_planted_in_place_of_the_lock_is_left_alone(planted: str, desk: Desk) -> None:
    victim = desk.office.folder / "victim"
    victim.write_text("precious")
    lock = desk.file.with_name(f".{desk.file.name}.lock")
    match planted:
        case "symbolic link":
            lock.symlink_to(victim)
        case "hard link":
            lock.hardlink_to(victim)
        case "pipe":
            os.mkfifo(lock)
        case "folder":
            lock.mkdir()
    result = desk.edit([HOURS], answers="y\n")
    assert (result.exit_code, result.stderr) == (
        2, f"{lock}: is a link, or no file at all, and is not touched — find out who put it there, and remove it\n"
    )  # fmt: skip
    assert victim.read_text() == "precious"
    assert desk.text() == SHIPPED


def test_the_lock_is_nobody_elses_business(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "hoa")
    with draft_of(desk.file, SATURDAY_NIGHT):
        lock = desk.file.with_name(f".{desk.file.name}.lock")
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600
        assert lock.read_text(encoding="utf-8").startswith("hoa (process ")


def test_a_copy_that_was_replaced_by_a_link_does_not_bring_in_what_it_leads_to(desk: Desk) -> None:
    secret = desk.office.folder / "secret"
    secret.write_text("root:$6$")
    with draft_of(desk.file, SATURDAY_NIGHT) as draft:
        draft.copy.unlink()
        draft.copy.symlink_to(secret)
        with pytest.raises(Trouble, match="is a link, or no file at all"):
            draft.put_in_place()
    assert desk.text() == SHIPPED


def test_a_link_stays_a_link(desk: Desk) -> None:
    real = desk.office.folder / "real.yaml"
    desk.file.rename(real)
    desk.file.symlink_to(real)
    desk.edit([HOURS], answers="y\n")
    assert desk.file.is_symlink()
    assert real.read_text(encoding="utf-8") == NEW_HOURS


def test_a_broken_policy_can_be_edited_until_it_is_whole(desk: Desk) -> None:
    desk.file.write_text(SHIPPED.replace(*MISTAKE, 1), encoding="utf-8")
    result = desk.edit([(MISTAKE[1], HOURS[1])], answers="y\n")
    assert "The policy before could not be used; all of this one is new." in result.stdout
    assert desk.text() == NEW_HOURS


def test_the_file_is_whole_even_if_replacing_it_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = desk.edit([HOURS], answers="y\n")
    assert result.exit_code == 2
    (copy,) = desk.left_over()
    kept = f"{desk.file}: cannot be replaced: No space left on device — your edited copy is kept as {copy}\n"
    assert result.stderr == kept
    assert desk.text() == SHIPPED
    assert copy.read_text(encoding="utf-8") == NEW_HOURS


# ---------------------------------------------------------------- the daemon


def test_a_running_daemon_is_told_to_take_it(desk: Desk) -> None:
    signals: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: signals.append(number))
    lock = StateLock(desk.office.state)
    lock.acquire(SATURDAY_NIGHT, takes_reloads=True)
    try:
        result = desk.edit([HOURS], answers="y\n")
    finally:
        lock.release()
        signal.signal(signal.SIGHUP, before)
    assert signals == [signal.SIGHUP]
    assert result.stdout.splitlines()[-1] == f"the daemon (process {os.getpid()}) was told to take it"


def test_who_takes_no_reload_gets_no_signal(desk: Desk) -> None:
    signals: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: signals.append(number))
    lock = StateLock(desk.office.state)
    lock.acquire(SATURDAY_NIGHT)
    try:
        result = desk.edit([HOURS], answers="y\n")
    finally:
        lock.release()
        signal.signal(signal.SIGHUP, before)
    assert signals == []
    assert result.stdout.splitlines()[-1] == (
        f"process {os.getpid()} works on the state and takes no reload: it holds from its next start on"
    )


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        (Holder(1, "may", "2026-11-21"), "the daemon runs on may: `systemctl reload responder` does it there"),
        (None, "no daemon runs: it holds from the next start on"),
    ],
)
def test_a_daemon_elsewhere_or_none_is_told_plainly(
    holder: Holder | None, said: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StateLock, "holder", lambda _: holder)
    assert desk.edit([HOURS], answers="y\n").stdout.splitlines()[-1] == said


def test_a_daemon_of_another_user_is_told_with_the_way_to_reload_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    lock = StateLock(desk.office.state)
    lock.acquire(SATURDAY_NIGHT, takes_reloads=True)
    monkeypatch.setattr("responder.cli.policy_edit.os.kill", refuse)
    said = desk.edit([HOURS], answers="y\n").stdout.splitlines()[-1]
    lock.release()
    assert said == (f"the daemon (process {os.getpid()}) belongs to another user: `systemctl reload responder` does it")


def test_a_file_that_no_account_uses_is_edited_without_a_reload(desk: Desk) -> None:
    other = desk.office.folder / "other.yaml"
    other.write_text(SHIPPED, encoding="utf-8")
    result = desk.edit([HOURS], answers="y\n", arguments=(str(other),))
    assert result.stdout.splitlines()[-1] == "no account of the config uses this file: nothing was reloaded"
    assert other.read_text(encoding="utf-8") == NEW_HOURS


def test_a_config_with_a_mistake_elsewhere_is_told_instead_of_a_reload(desk: Desk) -> None:
    text = desk.office.config.read_text(encoding="utf-8")
    account = text[text.index("  info:") : text.index("people:")]
    broken = desk.office.folder / "broken.yaml"
    broken.write_text(SHIPPED.replace(*MISTAKE, 1), encoding="utf-8")
    other = account.replace("info", "sales").replace(str(desk.file), str(broken))
    desk.office.config.write_text(text.replace(account, account + other), encoding="utf-8")
    said = desk.edit([HOURS], answers="y\n", arguments=("info",)).stdout.splitlines()[-1]
    assert said.startswith(f"not reloaded, another file has a mistake: {broken}:14:12: ")


# ---------------------------------------------------------------- on a terminal


def test_on_a_real_terminal(desk: Desk) -> None:
    desk.plan([HOURS])
    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "responder", "-c", str(desk.office.config), "policy", "edit"]
    with subprocess.Popen(call, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        os.write(ours, b"y\n")
        said = _all_of(ours)
        assert process.wait(30) == 0, said
    assert "policy.yaml: taken" in said
    assert desk.text() == NEW_HOURS


def _all_of(terminal: int) -> str:
    """Until the other end is closed, which Linux tells as an error."""
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass
    finally:
        os.close(terminal)
    return said.decode()


def test_a_policy_whose_own_examples_fail_is_not_taken(desk: Desk) -> None:
    result = desk.edit([("báo giá gấp", "báo giá thật gấp")], answers="x\n")
    assert result.exit_code == 1
    assert f"{desk.file}:" in result.stdout
    assert "this mail should come out as `gấp, " in result.stdout
    assert "policy.yaml: 1 problem, " in result.stdout
    assert desk.text() == SHIPPED
