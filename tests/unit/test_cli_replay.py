"""`responder replay`: every kind of source, the past that each mail would have had, and what two policies differ in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from rich.cells import cell_len

from responder.cli import replay, replay_words
from responder.mail.language import Language
from responder.policy.decide import Said
from responder.replay.cause_words import BY, CAUSES, HELD
from responder.replay.differences import Cause, Effect
from responder.replay.figures import HELD_BACK
from tests.cli_office import CUSTOMER, POLICY, CliOffice, mail, make_office, responder

SATURDAY = "Sat, 21 Nov 2026 {:02}:10:00 +0700"
OFFICE = "info@congty.example"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = make_office(tmp_path, monkeypatch)
    monkeypatch.setattr(replay, "now", made.clock.now)
    made.write_config(policy=other_policy(made, "plain.yaml"))
    for hour in (9, 12, 22):
        write(tmp_path / "mails" / f"{hour:02}.eml", hour)
    return made


def came(hour: int, text: str = "Cho em hỏi bên mình còn áo thun không?", **headers: str) -> bytes:
    """A customer's mail of the Saturday, which a mail server has stamped."""
    stamp = f"Received: from a by b; {SATURDAY.format(hour)}\r\nDate: {SATURDAY.format(hour)}\r\n".encode()
    return stamp + mail(text, **{"Message_ID": f"<{hour}.{len(text)}@khach.example>", **headers})


def write(path: Path, hour: int, text: str = "Cho em hỏi bên mình còn áo thun không?", **headers: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(came(hour, text, **headers))
    return path


def replayed(office: CliOffice, *arguments: str | Path) -> list[dict[str, Any]]:
    result = office.run("replay", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def kinds(told: dict[str, Any]) -> list[str]:
    return [action["kind"] for action in told["actions"] if action["kind"] in ("reply", "follow_up")]


def test_who_writes_three_times_in_one_closed_time_has_one_reply(office: CliOffice) -> None:
    told = replayed(office, office.folder / "mails")
    assert [each["received"][11:16] for each in told] == ["09:10", "12:10", "22:10"]
    assert [kinds(each) for each in told] == [["reply", "follow_up"], ["follow_up"], ["follow_up"]]


def test_whom_a_person_has_answered_gets_no_automatic_reply(office: CliOffice) -> None:
    folder = office.folder / "answered"
    write(folder / "1.eml", 10, sender="minh@khac.example")
    answer = came(11, sender=OFFICE, To=CUSTOMER, Message_ID="<a@congty.example>", References="<x@khach.example>")
    (folder / "2.eml").write_bytes(answer)
    write(folder / "3.eml", 12, References="<a@congty.example>")
    told = replayed(office, folder)
    assert [kinds(each) for each in told] == [["reply", "follow_up"], ["follow_up"]]
    assert "văn phòng đã viết trong cuộc trao đổi này" in " ".join(told[1]["reasons"])


def maildir(folder: Path) -> Path:
    write(folder / "cur" / "1.a:2,S", 9)
    write(folder / "new" / "2.a", 12)
    write(folder / ".Archive" / "cur" / "3.a:2,", 22)
    write(folder / ".Drafts" / "cur" / "4.a:2,", 13)
    write(folder / "cur" / "5.a:2,ST", 14)  # deleted
    (folder / ".Sent" / "cur").mkdir(parents=True)
    return folder


def mbox(path: Path) -> Path:
    mails = (
        came(9),
        came(12, "Chào,\r\nFrom here on it is urgent.").replace(b"\nFrom here", b"\n>From here"),
        came(22),
    )
    path.write_bytes(b"".join(b"From a@b Sat Nov 21 09:10:00 2026\n" + each + b"\n\n" for each in mails))
    return path


@pytest.mark.parametrize("make", [maildir, mbox], ids=["maildir", "mbox"])
def test_a_maildir_with_its_folders_and_an_mbox_are_read_in_the_order_of_arrival(office: CliOffice, make: Any) -> None:
    told = replayed(office, make(office.folder / "box"))
    assert [each["received"][11:16] for each in told] == ["09:10", "12:10", "22:10"]
    assert all(each["account"] == "info" for each in told)


def test_without_a_received_line_the_date_counts_and_without_both_the_file_and_it_is_said(office: CliOffice) -> None:
    folder = office.folder / "odd"
    folder.mkdir()
    (folder / "1.eml").write_bytes(f"Date: {SATURDAY.format(8)}\r\n".encode() + mail())
    (folder / "2.eml").write_bytes(mail("Khác", "Khác"))
    os.utime(folder / "2.eml", (1_795_000_000, 1_795_000_000))
    result = office.run("replay", folder)
    assert result.exit_code == 0, result.output
    assert "1 mail without a Received line: the Date counts as the arrival" in result.stderr
    assert "1 mail without any date: the time of the file counts as the arrival" in result.stderr


def test_figures_and_the_list_are_told_in_the_policys_language(office: CliOffice) -> None:
    result = office.run("replay", office.folder / "mails", "--list", "--limit", "2")
    assert result.exit_code == 0, result.output
    assert "khách đã nhận trả lời trong cùng lần đóng cửa  2" in result.stdout
    assert "21/11/2026 09:10  lan@khach.example  Hỏi hàng" in result.stdout
    assert "→ trả lời tự động: out_of_hours; thư của ngày làm việc tiếp theo: next_workday" in result.stdout
    assert "… và 1 thư nữa" in result.stdout


def test_without_a_config_the_address_that_most_mail_goes_to_is_taken_as_ours(office: CliOffice) -> None:
    result = responder("replay", office.folder / "mails", "--policy", POLICY)
    assert "taken as yours: info@congty.example" in result.stderr
    assert "Thư đến" in result.stdout


def test_what_came_before_since_bears_on_what_comes_but_is_not_told(office: CliOffice) -> None:
    [told] = replayed(office, office.folder / "mails", "--since", "2026-11-21T20:00")
    assert kinds(told) == ["follow_up"]
    assert replayed(office, office.folder / "mails", "--until", "2026-11-21T10:00")[0]["received"][11:16] == "09:10"


# --- two policies -----------------------------------------------------------------------------------------------


def other_policy(office: CliOffice, name: str, old: str = "", new: str = "") -> Path:
    """The shipped policy without what was learnt, and one text of it replaced."""
    text = POLICY.read_text(encoding="utf-8").replace("\nlearned: yes", "\nlearned: no", 1)
    assert old in text
    path = office.folder / name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


WORD = ("cần gấp, sát giờ", "cần gấp, còn áo thun, sát giờ")


def test_a_word_that_was_added_is_named_with_the_mails_that_it_makes_urgent(office: CliOffice) -> None:
    new = other_policy(office, "new.yaml", *WORD)
    result = office.run("replay", office.folder / "mails", "--against", new)
    assert result.exit_code == 0, result.output
    assert "3 trên 3 thư sẽ được xử lý khác đi." in result.stdout
    assert "Có thêm từ “còn áo thun” (urgent): 3 thư thành cần gấp" in result.stdout
    assert "    trước  bình thường; trả lời tự động: out_of_hours\n" in result.stdout
    assert "    sau    cần gấp; trả lời tự động: urgent; đánh dấu thư: gắn cờ\n" in result.stdout
    assert "next_workday" not in result.stdout  # it is owed by both


def test_of_a_robots_mail_it_is_told_what_is_done_with_it_and_not_how_urgent_it_is_called(office: CliOffice) -> None:
    write(office.folder / "robot" / "1.eml", 9, Precedence="bulk", Auto_Submitted="auto-replied")
    new = other_policy(office, "new.yaml", *WORD)
    result = office.run("replay", office.folder / "robot", "--against", new)
    assert "Có thêm từ “còn áo thun” (urgent): 1 thư được đánh dấu: gắn cờ\n" in result.stdout
    assert "    trước  không gửi gì\n    sau    đánh dấu thư: gắn cờ\n" in result.stdout


def test_under_two_policies_each_mail_is_taken_apart_once_and_decided_as_under_each_alone(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, once = [], Said.of
    monkeypatch.setattr(Said, "of", lambda message: taken.append(message) or once(message))
    new, mails = other_policy(office, "new.yaml", *WORD), office.folder / "mails"
    both = replayed(office, mails, "--against", new)
    assert len(taken) == len(both) == 3
    assert [each["before"] for each in both] == replayed(office, mails)
    assert [each["after"] for each in both] == replayed(office, mails, "--policy", new)


def on_days(office: CliOffice, *days: str) -> Path:
    folder = office.folder / "days"
    folder.mkdir()
    for number, day in enumerate(days):
        made = came(20, Message_ID=f"<{number}@khach.example>", sender=f"a{number}@khach{number}.example")
        (folder / f"{number}.eml").write_bytes(made.replace(b"Sat, 21 Nov 2026", day.encode()))
    return folder


SATURDAY_TOO = ('  mon-fri: "08:00-17:00"', '  sat: "08:00-12:00"\n  mon-fri: "08:00-17:00"')


def test_other_hours_are_one_difference_however_many_weeks_they_bear_on(office: CliOffice) -> None:
    folder = on_days(office, "Fri, 06 Nov 2026", "Fri, 13 Nov 2026", "Fri, 20 Nov 2026", "Thu, 19 Nov 2026")
    shown = office.run("replay", folder, "--against", other_policy(office, "new.yaml", *SATURDAY_TOO)).stdout
    heading = "Văn phòng mở cửa lại vào thứ Bảy, 08:00 (3 lần): 3 thư được hẹn trả lời vào lúc khác"
    assert [line for line in shown.splitlines() if "mở cửa lại vào" in line] == [heading]
    assert "    trước  thư của ngày làm việc tiếp theo: next_workday, thứ Hai, 09/11/2026, 08:00\n" in shown
    assert "    sau    thư của ngày làm việc tiếp theo: next_workday, thứ Bảy, 07/11/2026, 08:00\n" in shown


def test_one_day_that_opens_is_told_by_its_date(office: CliOffice) -> None:
    folder = on_days(office, "Fri, 20 Nov 2026")
    shown = office.run("replay", folder, "--against", other_policy(office, "new.yaml", *SATURDAY_TOO)).stdout
    assert "Văn phòng mở cửa lại vào thứ Bảy, 21/11/2026, 08:00: 1 thư được hẹn trả lời vào lúc khác" in shown


def test_on_a_screen_no_line_is_wider_than_it(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = on_days(office, "Fri, 06 Nov 2026", "Fri, 13 Nov 2026")
    write(folder / "long.eml", 9, Subject="Nhờ anh chị báo giá giúp em lô áo thun và nón in hình " * 3)
    new = other_policy(office, "new.yaml", *SATURDAY_TOO)
    wide = [line for options in ((), ("--list",)) for line in shown_on(60, monkeypatch, office, folder, new, *options)]
    assert len(wide) > 20
    assert [line for line in wide if cell_len(line) > 60] == []


def shown_on(
    columns: int, monkeypatch: pytest.MonkeyPatch, office: CliOffice, folder: Path, new: Path, *options: str
) -> list[str]:
    monkeypatch.setattr(replay, "_width", lambda: columns)
    compared = () if options else ("--against", new)
    return office.run("replay", folder, *options, *compared).stdout.splitlines()


def test_a_day_that_becomes_open_is_named(office: CliOffice) -> None:
    new = other_policy(office, "new.yaml", "\ndays:\n", '\ndays:\n  2026-11-21: {open: "08:00-17:00", why: Làm bù}\n')
    told = replayed(office, office.folder / "mails", "--against", new)
    assert [(each["cause"], each["effect"]) for each in told] == [
        ("open_now", "reply_gone"),  # the first mail of the day had the reply
        ("open_now", "follow_up_gone"),
        ("let_go", "reply_added"),  # … so now the last one has
    ]
    shown = office.run("replay", office.folder / "mails", "--against", new).stdout
    assert "Thứ Bảy, 21/11/2026 nay là giờ làm việc: 1 thư không còn được trả lời tự động" in shown


def test_two_policies_that_say_the_same_differ_in_no_mail(office: CliOffice) -> None:
    result = office.run("replay", office.folder / "mails", "--against", office.folder / "plain.yaml")
    assert "3 thư đã xem, không thư nào bị xử lý khác đi." in result.stdout


# --- broken off -------------------------------------------------------------------------------------------------


def broken_off(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C while that mail is decided."""

    @contextmanager
    def stopped() -> Iterator[Any]:
        left = iter(range(after - 1))
        yield lambda: next(left, None) is not None

    monkeypatch.setattr(replay, "_until_stopped", stopped)


ASKED = (["--list", "--limit", "0"], ["--json"], ["--list", "--since", "2026-11-21T11:00"])


@pytest.mark.parametrize("after", [1, 2, 4])
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_one_that_was_broken_off_goes_on_to_the_byte(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch, asked: list[str], after: int
) -> None:
    folder = office.folder / "mails"
    write(folder / "a.eml", 10, sender=OFFICE, To=CUSTOMER, Message_ID="<a@congty.example>")
    write(folder / "b.eml", 11, "Máy chủ bị sập, cửa hàng không bán được hàng.", sender="minh@khac.example")
    whole = office.run("replay", folder, *asked)
    with monkeypatch.context() as patched:
        broken_off(patched, after)
        begun = office.run("replay", folder, *asked)
    assert begun.exit_code == 130
    kept = next((office.folder / "cache" / "responder").glob("replay-*.jsonl"))
    assert f"--resume {kept}" in begun.stderr
    assert kept.stat().st_mode & 0o777 == 0o600
    ended = office.run("replay", folder, *asked, "--resume", kept)
    assert ended.exit_code == 0, ended.output
    is_json = "--json" in asked
    assert (begun.stdout if is_json else "") + ended.stdout == whole.stdout
    assert not kept.exists()


def test_a_file_that_was_cut_off_in_a_line_is_gone_on_with_from_the_line_before(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, folder = office.folder / "kept", office.folder / "mails"
    whole = office.run("replay", folder).stdout
    with monkeypatch.context() as patched:
        broken_off(patched, 2)
        office.run("replay", folder, "--resume", kept)
    kept.write_bytes(kept.read_bytes()[:-20])
    assert office.run("replay", folder, "--resume", kept).stdout == whole


def test_what_was_kept_of_other_mails_or_is_no_replay_at_all_is_refused_and_left_alone(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, folder = office.folder / "kept", office.folder / "mails"
    with monkeypatch.context() as patched:
        broken_off(patched, 1)
        office.run("replay", folder, "--resume", kept)
    write(folder / "more.eml", 13)
    assert_refused(office.run("replay", folder, "--resume", kept), "belongs to another replay")
    kept.write_text("name: something else\n")
    assert_refused(office.run("replay", folder, "--resume", kept), "is no replay that was broken off")
    assert kept.read_text() == "name: something else\n"


@pytest.mark.parametrize("by", [("--policy",), ("--against",), ()])
def test_after_a_calendar_of_the_policy_has_changed_one_begins_anew(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch, by: tuple[str, ...]
) -> None:
    policy = other_policy(office, "with-calendar.yaml", "\nholidays:", "\ncalendars: [{file: off.ics}]\nholidays:")
    calendar = office.folder / "off.ics"
    calendar.write_bytes(day_off("20261124"))
    if not by:
        office.write_config(policy=policy)
    asked = ("replay", office.folder / "mails", *((*by, policy) if by else ()))
    kept = office.folder / "kept"
    with monkeypatch.context() as patched:
        broken_off(patched, 1)
        office.run(*asked, "--resume", kept)
    calendar.write_bytes(day_off("20261121"))
    assert_refused(office.run(*asked, "--resume", kept), "belongs to another replay")
    calendar.write_bytes(day_off("20261124"))
    assert office.run(*asked, "--resume", kept).exit_code == 0


def day_off(day: str) -> bytes:
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:Away\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n".encode()


def assert_refused(result: Result, because: str) -> None:
    assert result.exit_code == 2
    assert because in result.stderr


# --- broken mails, and what nobody must see ---------------------------------------------------------------------


def test_a_mail_that_breaks_the_program_or_cannot_be_read_is_named_and_the_rest_goes_on(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from responder.replay import run

    read = run.read

    def breaks(message: Any, *rest: Any, **more: Any) -> Any:
        if "12:10" in (message.first("Date") or ""):
            raise ValueError("a defect")
        return read(message, *rest, **more)

    monkeypatch.setattr(run, "read", breaks)
    (office.folder / "mails" / "gone.eml").symlink_to("nowhere.eml")
    result = office.run("replay", office.folder / "mails")
    assert result.exit_code == 0
    assert "12.eml: it broke the program (ValueError in" in result.stderr
    assert "gone.eml: cannot be read" in result.stderr
    assert "Không đọc được" in result.stdout


def test_no_source_and_one_that_is_not_there_are_told(office: CliOffice) -> None:
    assert_refused(office.run("replay"), "name a SOURCE")
    assert_refused(office.run("replay", "nowhere"), "is not there")
    (office.folder / "empty").mkdir()
    result = office.run("replay", office.folder / "empty")
    assert result.exit_code == 1
    assert "there are no mails in it" in result.stderr


def test_a_file_that_is_no_mail_is_not_tried(office: CliOffice) -> None:
    result = office.run("replay", office.folder / "plain.yaml")
    assert result.exit_code == 1
    assert "plain.yaml: is no mail: it has no From, To or Date — name a maildir" in result.stderr


def test_of_a_time_without_mail_it_is_told_when_there_was_some(office: CliOffice) -> None:
    result = office.run("replay", office.folder / "mails", "--since", "2026-11-22")
    assert result.exit_code == 1
    assert "no mail came in that time: all came between 2026-11-21 and 2026-11-21" in result.stderr


def test_an_account_may_be_named_by_its_address_and_one_that_is_not_there_is_told(office: CliOffice) -> None:
    told = replayed(office, office.folder / "mails", "--account", OFFICE.upper())
    assert [each["account"] for each in told] == ["info"] * 3
    wrong = office.run("replay", office.folder / "mails", "--account", "inof")
    assert_refused(wrong, "inof: there is no such account — the accounts are info")


def test_a_mail_to_two_accounts_is_the_firsts_that_it_names_in_a_replay_and_explained(office: CliOffice) -> None:
    config = yaml.safe_load(office.config.read_text(encoding="utf-8"))
    config["accounts"]["sales"] = {**config["accounts"]["info"], "address": "sales@congty.example"}
    office.config.write_text(json.dumps(config), encoding="utf-8")  # which is YAML, too
    path = write(office.folder / "two" / "1.eml", 20, To="sales@congty.example", Cc=OFFICE)
    [told] = replayed(office, path)
    assert told["account"] == "sales"
    shown = office.run("explain", path).stdout
    assert "sales@congty.example" in shown


def test_every_word_stands_in_both_languages() -> None:
    for words in (replay_words.LABELS, HELD, CAUSES, replay_words.EFFECTS, BY):
        assert words[Language.VI].keys() == words[Language.EN].keys()
    assert set(CAUSES[Language.VI]) == set(Cause)
    assert set(replay_words.EFFECTS[Language.VI]) == set(Effect)
    assert set(HELD[Language.VI]) == set(HELD_BACK)
