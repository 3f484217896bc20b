"""The daily digest: when it comes, what a manager reads in it, and what a stranger's mail cannot do to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from responder.config import Account, Folders, ImapServer, Mode, Security, SmtpServer
from responder.errors import TroubleKind
from responder.mail.automatic import Sign, set_aside_fact
from responder.mail.defects import Defect
from responder.mail.language import Language
from responder.mail.ours import Ours
from responder.people import Person
from responder.policy.calendar import Calendar, DayKind, DayRule, Span
from responder.policy.meaning import Urgency
from responder.policy.model import DAY, HOUR, Policy, Rate
from responder.policy.phrases import Reason, Speaker
from responder.secret import PasswordLiteral
from responder.store.records import (
    AlarmKind,
    DigestRow,
    Event,
    EventKind,
    FolderPosition,
    MessageState,
    NewAlarm,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Place,
    Transport,
)
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.digest import COLUMNS, FIRST_START, Digests, due_at
from responder.work.digest_words import EN, VI, Count, Words
from responder.work.notices import Notice
from responder.work.pauses import Pause
from responder.work.steps import Step

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime(2026, 11, 20, 7, 0, tzinfo=HANOI)
FRIDAY_NIGHT = datetime(2026, 11, 20, 22, 10, tzinfo=HANOI)
SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=HANOI)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=HANOI)
TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=HANOI)  # a holiday in `policy`
WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=HANOI)


def policy(language: str = "vi", **changes: Any) -> Policy:
    raw = {
        "language": language,
        "timezone": "Asia/Ho_Chi_Minh",
        "hours": {"mon-fri": "08:00-17:00"},
        "holidays": {"2026-11-24": "Ngày Văn hóa Việt Nam"},
        "promise": "24 working hours",
        "texts": {"out_of_hours": {"vi": "Cảm ơn.", "en": "Thanks."}},
        **changes,
    }
    return Policy.model_validate(raw)


PAUSE = Pause("dời văn phòng", FRIDAY_NIGHT)


def desk(rules: Policy | None = None, *, mode: Mode = Mode.LIVE, paused: Pause | None = None) -> Desk:
    password = PasswordLiteral(SecretStr("x"))
    server = {"host": "localhost", "security": Security.NONE, "user": "u", "password": password}
    settings = Account(
        address="info@congty.example",
        name="Công ty Ví Dụ",
        policy=Path("policies/vi-office.yaml"),
        imap=ImapServer(port=143, **server),
        smtp=SmtpServer(port=25, **server),
        folders=Folders(),
    )
    people = {
        "manager": Person(name="Quản lý", address="quanly@congty.example"),
        "director": Person(name="Giám đốc", address="giamdoc@congty.example"),
        "owner": Person(name="Quản lý", address="quanly@congty.example"),
    }
    return Desk("info", settings, rules or policy(), Ours(), people, mode, "secret", paused)


class Office:
    """A store with what a test puts into it, a clock the test moves, and the digests of one account."""

    def __init__(self, of: Desk | None = None, *, since: datetime | None = FRIDAY) -> None:
        self.desk = of or desk()
        self.store = Store.open(None)
        self.at = MONDAY
        self.steps: list[Step] = []
        self._uids = count(1)
        if since is not None:
            self.store.set_once(FIRST_START, since.isoformat())
            self.store.baseline(FolderPosition("info", "INBOX", 1, 0, since, since))

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def run(self, at: datetime | None = None) -> bool:
        if at is not None:
            self.at = at
            self.read(at)
        return Digests(self.desk, self.store, self, self.steps.append).run()

    def preview(self, at: datetime | None = None) -> Notice:
        at = at or self.at
        self.read(at)
        return Digests(self.desk, self.store, self).preview(at)

    def read(self, at: datetime) -> None:
        """The mailbox was looked at."""
        self.store.checked("info", "INBOX", at)

    def digests(self) -> tuple[OutboxRow, ...]:
        return tuple(row for row in self.store.mails() if row.kind is OutboxKind.DIGEST)

    def message(
        self,
        subject: str = "Hỏi báo giá",
        *mails: NewMail,
        sender: str = "lan@khach.example",
        name: str = "Nguyễn Thị Lan",
        at: datetime = FRIDAY_NIGHT,
        urgency: Urgency = Urgency.NORMAL,
        promise: datetime | None = None,
        state: MessageState = MessageState.DECIDED,
        veto: Sign | None = None,
        decision: Mapping[str, Any] | None = None,
        decided: datetime | None = None,
        marks: tuple[str, ...] = (),
        error: str | None = None,
    ) -> int:
        uid = next(self._uids)
        is_open = self.desk.policy.calendar().is_open(at)
        calendar = self.desk.policy.calendar()
        message = NewMessage(
            place=Place("info", "INBOX", 1, uid),
            state=state,
            message_id=f"<{uid}@khach.example>",
            references=(),
            arrived_at=at,
            sender=sender,
            sender_name=name,
            subject=subject,
            office="open" if is_open else "closed",
            urgency=urgency,
            veto=veto,
            decision=decision or {"actions": [{"kind": "reply"}], "reasons": []},
            own_words="",
            marks=marks,
            promise_at=None if veto else promise or calendar.add_working(at, timedelta(hours=9)),
            error=error,
        )
        with self.store.batch() as batch:
            return batch.add(message, mails, decided or at)

    def unanswered(self, why: Reason, subject: str = "Hỏi giờ mở cửa", **values: object) -> int:
        speaker = Speaker(self.desk.policy.language, self.desk.policy.calendar())
        reasons = [speaker.because(Reason.PLAY, play="x"), speaker.because(why, **values)]
        reasons.append(speaker.because(Reason.PROMISE, at=MONDAY))
        return self.message(subject, decision={"actions": [{"kind": "promise"}], "reasons": reasons})

    def vetoed(self, sign: Sign, subject: str, detail: str = "as seen") -> int:
        decision = {"actions": [], "reasons": ["…"], "veto": {"signal": sign, "detail": detail}}
        return self.message(subject, veto=sign, decision=decision)

    @property
    def words(self) -> Words:
        return VI if self.desk.policy.language == "vi" else EN

    def settle(self, row: int, state: OutboxState, at: datetime = MONDAY, reason: str = "") -> None:
        self.store.settle(row, state, at, reason=reason)


_numbers = count(1)


def mail(kind: OutboxKind = OutboxKind.REPLY, state: OutboxState = OutboxState.SENT, **changes: Any) -> NewMail:
    raw = NewMail(
        kind=kind,
        transport=Transport.DRAFT if state is OutboxState.DRAFTED else Transport.SMTP,
        state=state,
        account="info",
        recipient="lan@khach.example",
        template="out_of_hours" if kind is OutboxKind.REPLY else "next_workday",
        language="vi",
        envelope_from="",
        message_id=f"<m{next(_numbers)}@congty.example>",
        content=b"",
        text="",
        due_at=FRIDAY_NIGHT,
    )
    return replace(raw, **changes)


def follow_up(state: OutboxState, **changes: Any) -> NewMail:
    return mail(OutboxKind.FOLLOW_UP, state, **changes)


def body(notice: Notice) -> str:
    """The plain text with its lines joined, to look for sentences in."""
    return " ".join(notice.text.split())


class Tags(HTMLParser):
    """The tags and attributes of a page, and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(notice: Notice) -> str:
    return " ".join(Tags(notice.html or "").text.split())


# --- when it comes --------------------------------------------------------------------------------------------------


def test_it_comes_when_the_office_opens_and_not_before() -> None:
    office = Office()
    assert not office.run(MONDAY - timedelta(seconds=1))
    assert office.run(MONDAY)
    assert [row.recipient for row in office.digests()] == ["quanly@congty.example"]
    assert office.steps == [Step.DIGESTED]


def test_it_comes_at_the_time_of_day_the_policy_names() -> None:
    office = Office(desk(policy(digest={"to": "manager", "at": "09:30"})))
    assert not office.run(MONDAY.replace(hour=9, minute=29))
    assert office.run(MONDAY.replace(hour=9, minute=30))


def test_it_comes_once_a_day_however_often_it_is_asked() -> None:
    office = Office()
    assert [office.run(MONDAY + timedelta(minutes=n)) for n in range(0, 600, 7)].count(True) == 1
    assert len(office.digests()) == 1


def test_a_late_start_of_the_machine_brings_it_late_on_the_same_day() -> None:
    assert Office().run(MONDAY.replace(hour=23, minute=50))


@pytest.mark.parametrize("at", [SATURDAY, SATURDAY + timedelta(days=1), TUESDAY + timedelta(hours=3)])
def test_it_does_not_come_on_a_weekend_or_a_holiday(at: datetime) -> None:
    assert not Office().run(at)


def test_it_comes_on_a_worked_saturday() -> None:
    worked = policy(days={"2026-11-21": {"open": "09:00-12:00", "why": "Tổng kết"}})
    office = Office(desk(worked))
    assert not office.run(SATURDAY - timedelta(minutes=1))
    assert office.run(SATURDAY)


def test_it_does_not_come_before_the_first_contact_with_the_mailbox() -> None:
    assert not Office(since=None).run(MONDAY)


def test_it_does_not_come_on_the_day_of_installation_when_its_time_was_over() -> None:
    office = Office(since=MONDAY + timedelta(hours=2))
    assert not office.run(MONDAY + timedelta(hours=3))
    assert not office.run(TUESDAY + timedelta(hours=1))  # a holiday
    assert office.run(WEDNESDAY)


def test_each_role_gets_one_and_a_person_with_two_roles_only_one() -> None:
    office = Office(desk(policy(digest={"to": ["manager", "director", "owner"], "at": "opening"})))
    assert office.run(MONDAY)
    assert [row.recipient for row in office.digests()] == ["quanly@congty.example", "giamdoc@congty.example"]
    assert len({row.message_id for row in office.digests()}) == 2
    assert {row.state for row in office.digests()} == {OutboxState.DUE}


# --- waiting for the drafts -----------------------------------------------------------------------------------------


def test_it_waits_for_the_drafts_of_the_morning() -> None:
    office = Office()
    message = office.message("Hỏi giá", follow_up(OutboxState.WAITING, due_at=MONDAY))
    assert not office.run(MONDAY)
    row = office.store.waiting("info", MONDAY)[0].id
    office.settle(row, OutboxState.DRAFTED, MONDAY + timedelta(seconds=20))
    assert office.run(MONDAY + timedelta(seconds=30))
    assert "1 thư nháp đã soạn sẵn" in office.digests()[0].text
    assert message


def test_it_waits_no_longer_than_ten_minutes() -> None:
    office = Office()
    office.message("Hỏi giá", follow_up(OutboxState.WAITING, due_at=MONDAY))
    assert not office.run(MONDAY + timedelta(minutes=9, seconds=59))
    assert office.run(MONDAY + timedelta(minutes=10))
    assert "thư nháp" not in office.digests()[0].text


def test_a_follow_up_due_later_in_the_day_does_not_hold_it_back() -> None:
    office = Office()
    office.message("Hỏi giá", follow_up(OutboxState.WAITING, due_at=MONDAY + timedelta(hours=1)))
    assert office.run(MONDAY)


def test_it_does_not_wait_into_the_next_day() -> None:
    office = Office(desk(policy(digest={"to": "manager", "at": "23:55"})))
    late = MONDAY.replace(hour=23, minute=55)
    office.message("Hỏi giá", follow_up(OutboxState.WAITING, due_at=MONDAY))
    assert not office.run(late)
    assert office.run(late + timedelta(minutes=4))


# --- where a mail is to be found -------------------------------------------------------------------------------------


def test_a_mail_to_answer_says_into_which_folder_it_was_moved() -> None:
    office = Office()
    office.message("Cần gấp", promise=MONDAY, marks=("flagged", "label:Gấp", "folder:Việc gấp"))
    assert "Trong hộp thư: nhãn “Gấp”, chuyển vào thư mục “Việc gấp”" in body(office.preview(MONDAY))


def test_of_a_flag_alone_nothing_is_said() -> None:
    office = Office()
    office.message("Cần gấp", promise=MONDAY, marks=("flagged",))
    assert "Trong hộp thư" not in body(office.preview(MONDAY))


# --- clocks ---------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_over_midnight_brings_no_second_digest_and_skips_none() -> None:
    office = Office(desk(policy(digest={"to": "manager", "at": "00:01"})))
    midnight = datetime(2026, 11, 26, 0, 0, tzinfo=HANOI)  # Thursday
    assert office.run(midnight - timedelta(hours=12))
    assert office.run(midnight + timedelta(minutes=2))
    for minutes in (-5, -1, 1, 2, 3, 600):
        assert not office.run(midnight + timedelta(minutes=minutes))
    assert office.run(midnight + timedelta(days=1, minutes=1))
    assert len(office.digests()) == 3


def test_what_comes_while_the_clock_stands_behind_the_last_digest_is_in_the_next() -> None:
    office = Office()
    assert office.run(WEDNESDAY)  # the clock was two days ahead
    assert not office.run(MONDAY + timedelta(hours=1))  # and was put right
    office.message("Lúc đồng hồ sai", state=MessageState.QUARANTINED, decided=MONDAY + timedelta(hours=2))
    assert not office.run(WEDNESDAY + timedelta(hours=1))
    assert office.run(WEDNESDAY + timedelta(days=1))
    assert "Lúc đồng hồ sai" in office.digests()[-1].text
    office.run(WEDNESDAY + timedelta(days=2))
    assert "Lúc đồng hồ sai" not in office.digests()[-1].text


def test_a_clock_that_was_years_ahead_does_not_silence_the_digest() -> None:
    office = Office()
    assert office.run(MONDAY.replace(year=2029, day=19))
    days = [MONDAY, WEDNESDAY, WEDNESDAY + timedelta(days=1)]
    assert [office.run(day - timedelta(hours=1)) for day in days[:1]] == [False]
    assert [office.run(day) for day in days] == [True, True, True]
    assert not office.run(days[-1] + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [
        ("2026-03-29", time(2, 30), "2026-03-29T01:30+00:00"),  # skipped: an hour later by the clock
        ("2026-10-25", time(2, 30), "2026-10-25T00:30+00:00"),  # comes twice: the first counts
        ("2026-10-26", time(2, 30), "2026-10-26T01:30+00:00"),
    ],
)
def test_the_time_of_day_is_one_instant_also_when_summer_time_begins_and_ends(day: str, at: time, due: str) -> None:
    calendar = Calendar(ZoneInfo("Europe/Berlin"), {n: (Span(480, 1020),) for n in range(7)}, ())
    assert due_at(datetime.fromisoformat(day).date(), at, calendar) == datetime.fromisoformat(due)


def test_the_end_of_the_night_shift_is_no_opening() -> None:
    calendar = Calendar(HANOI, dict.fromkeys(range(7), (Span(22 * 60, 30 * 60),)), ())
    assert due_at(MONDAY.date(), "opening", calendar) == MONDAY.replace(hour=22)


def test_an_office_that_never_closes_has_its_digest_at_midnight() -> None:
    calendar = Calendar(HANOI, dict.fromkeys(range(7), (Span(0, 1440),)), ())
    assert due_at(MONDAY.date(), "opening", calendar) == MONDAY.replace(hour=0)


def test_the_opening_of_a_short_day_counts() -> None:
    short = DayRule(MONDAY.date(), MONDAY.date(), (Span(600, 720),), "Tất niên", DayKind.OVERRIDE)
    calendar = Calendar(HANOI, {0: (Span(480, 1020),)}, [short])
    assert due_at(MONDAY.date(), "opening", calendar) == MONDAY.replace(hour=10)


# --- what it covers -------------------------------------------------------------------------------------------------


def test_the_first_one_covers_from_first_contact_and_says_so() -> None:
    office = Office()
    assert office.run(MONDAY)
    last = office.store.last_digest("info")
    assert last == DigestRow("info", "2026-11-23", FRIDAY.astimezone(UTC), MONDAY.astimezone(UTC))
    assert "Đây là báo cáo đầu tiên" in office.digests()[0].text


def test_each_covers_what_came_since_the_last() -> None:
    office = Office()
    office.message("Trước", mail(), decided=FRIDAY_NIGHT)
    office.run(MONDAY)
    office.message("Sau", mail(), at=TUESDAY, decided=TUESDAY)
    office.run(WEDNESDAY)
    first, second = (row.text.partition("Đã gửi tự động")[2] for row in office.digests())
    assert "Trước" in first
    assert "Sau" not in first
    assert "Sau" in second
    assert "Trước" not in second


def test_after_downtime_it_covers_everything_since_the_last_one_and_says_so() -> None:
    office = Office()
    office.run(MONDAY)
    office.message("Trong lúc máy tắt", mail(), at=TUESDAY, decided=WEDNESDAY + timedelta(days=1))
    assert office.run(WEDNESDAY + timedelta(days=1))  # Thursday: Wednesday had none
    text = " ".join(office.digests()[-1].text.split())
    assert "Báo cáo trước được lập thứ Hai, 23/11/2026, 08:00; báo cáo này gộp tất cả từ lúc đó." in text
    assert "Trong lúc máy tắt" in text


def test_a_weekend_and_a_holiday_are_no_downtime() -> None:
    office = Office()
    office.run(FRIDAY + timedelta(hours=1))
    office.run(MONDAY)
    office.run(WEDNESDAY)
    assert len(office.digests()) == 3
    assert all("Báo cáo trước" not in row.text for row in office.digests())


def test_it_says_when_the_mailbox_could_not_be_read_for_long() -> None:
    office = Office(since=FRIDAY)
    office.at = MONDAY
    notice = Digests(office.desk, office.store, office).preview(MONDAY)
    assert "Hộp thư được đọc lần cuối thứ Sáu, 20/11/2026, 07:00." in body(notice)


def test_a_preview_records_nothing() -> None:
    office = Office()
    office.message("Hỏi giá")
    assert "Hỏi giá" in office.preview(MONDAY - timedelta(hours=1)).text
    assert office.store.mails() == ()
    assert office.store.last_digest("info") is None
    assert office.run(MONDAY)


def test_a_preview_before_the_first_contact_says_that_nothing_was_read() -> None:
    office = Office(since=None)
    assert "Hộp thư chưa được đọc lần nào." in office.preview().text


# --- what the manager reads -----------------------------------------------------------------------------------------


def test_the_subject_says_what_matters_first() -> None:
    office = Office()
    office.message("Sự cố", urgency=Urgency.EMERGENCY)
    office.message("Cần gấp", urgency=Urgency.URGENT)
    office.message("Thường")
    subject = office.preview().subject
    assert subject == "3 thư cần trả lời (2 thư gấp) – Báo cáo hộp thư Công ty Ví Dụ, thứ Hai, 23/11/2026"


def test_urgent_messages_come_first_and_then_the_oldest() -> None:
    office = Office()
    office.message("Thường mới", at=SATURDAY)
    office.message("Thường cũ", at=FRIDAY_NIGHT)
    office.message("Gấp", at=SATURDAY, urgency=Urgency.URGENT)
    office.message("Khẩn", at=SATURDAY + timedelta(hours=1), urgency=Urgency.EMERGENCY)
    text = office.preview().text
    assert re.findall(r"^\d\. (.*)$", text, re.MULTILINE) == [
        "[KHẨN CẤP] Khẩn", "[GẤP] Gấp", "Thường cũ", "Thường mới",
    ]  # fmt: skip


def test_each_message_has_its_sender_its_time_and_what_is_left_of_the_promise() -> None:
    office = Office()
    office.message("Hỏi giá", promise=MONDAY + timedelta(hours=5, minutes=20))
    text = body(office.preview())
    assert "Nguyễn Thị Lan <lan@khach.example>" in text
    assert "Đến: thứ Sáu, 20/11/2026, 22:10" in text
    assert "Hạn trả lời: thứ Hai, 23/11/2026, 13:20 Còn 5 giờ 20 phút làm việc" in text


def test_what_is_overdue_says_by_how_much_in_working_time() -> None:
    office = Office()
    office.message("Hỏi giá", at=FRIDAY, promise=FRIDAY.replace(hour=15))
    notice = office.preview(MONDAY)
    assert "Quá hạn 2 giờ làm việc" in body(notice)
    assert re.search(r"font-weight:bold;color:#a40e26;\">Quá hạn 2 giờ", notice.html or "")


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        (FRIDAY.replace(hour=17), "Vừa quá hạn"),
        (MONDAY, "Đến hạn ngay bây giờ"),
        (MONDAY + timedelta(hours=9), "Còn 9 giờ làm việc"),
    ],
)
def test_a_deadline_at_the_edge_of_the_day_reads_well(promise: datetime, said: str) -> None:
    office = Office()
    office.message("Hỏi giá", at=FRIDAY, promise=promise)
    assert said in body(office.preview(MONDAY))


def test_a_handled_message_is_no_longer_on_the_list_and_neither_is_its_draft() -> None:
    office = Office()
    message = office.message("Hỏi giá", follow_up(OutboxState.DRAFTED))
    office.store.handled([message], "đã trả lời", MONDAY - timedelta(minutes=1))
    text = office.preview().text
    assert "Thư cần trả lời" not in text
    assert "thư nháp" not in text.lower()


def test_a_draft_of_an_earlier_day_is_still_named_while_it_waits() -> None:
    office = Office()
    office.message("Hỏi giá", follow_up(OutboxState.DRAFTED), at=FRIDAY, decided=FRIDAY)
    office.run(MONDAY)
    text = office.preview(WEDNESDAY).text
    assert "Thư nháp đã soạn sẵn (1)" in text


def test_replies_and_follow_ups_that_went_out_are_listed() -> None:
    office = Office()
    office.message("Hỏi giá", mail(), follow_up(OutboxState.SENT))
    text = body(office.preview())
    assert "Đã gửi tự động (2) " in text
    assert "Trả lời tự động (mẫu out_of_hours), gửi thứ Sáu, 20/11/2026, 22:10" in text
    assert "Thư trả lời của ngày làm việc tiếp theo (mẫu next_workday), gửi" in text


def test_in_observe_mode_it_shows_what_would_have_gone_out_and_how_to_go_live() -> None:
    office = Office(desk(mode=Mode.OBSERVE))
    office.message("Hỏi giá", mail(state=OutboxState.WITHHELD), follow_up(OutboxState.WITHHELD))
    text = body(office.preview())
    assert "Đang chạy thử: không có thư tự động nào được gửi cho khách." in text
    assert "Thư lẽ ra đã được gửi (1)" in text
    assert "đổi mode: observe thành mode: live" in text
    assert "Trả lời tự động (out_of_hours); Thư trả lời của ngày làm việc tiếp theo (next_workday)" in text
    assert "Đã gửi tự động" not in text


def test_when_paused_it_says_how_to_resume() -> None:
    office = Office(desk(paused=PAUSE))
    office.message("Hỏi giá", mail(state=OutboxState.WITHHELD))
    assert body(office.preview()).count("responder resume") == 2
    assert "đang tạm ngừng (lý do: dời văn phòng)" in body(office.preview())
    assert "mode: live" not in office.preview().text


def test_a_pause_with_an_end_says_when_it_is_over() -> None:
    office = Office(desk(paused=replace(PAUSE, until=datetime(2026, 11, 23, 8, 0, tzinfo=HANOI))))
    assert "đang tạm ngừng đến thứ Hai, 23/11/2026, 08:00 (lý do: dời văn phòng)" in body(office.preview())


def test_it_names_every_alarm_with_who_knew_of_it_and_when() -> None:
    office = Office()
    for what in ("[KHẨN CẤP] Cháy kho — Lan", "[KHẨN CẤP] Server sập — Hà"):
        office.store.raise_alarm(NewAlarm("info", AlarmKind.MESSAGE, what, ()), FRIDAY_NIGHT)
    office.store.end_alarm(1, "truc@congty.example", FRIDAY_NIGHT + timedelta(minutes=4))
    text = office.preview().text
    assert "Tin báo khẩn (2)" in text
    assert "Xác nhận: truc@congty.example, thứ Sáu, 20/11/2026, 22:14" in body(office.preview())
    assert "Server sập — Hà Báo lúc thứ Sáu, 20/11/2026, 22:10 Chưa ai xác nhận đã biết." in body(office.preview())


def test_an_alarm_whose_cause_went_away_is_over_and_nobody_is_named() -> None:
    office = Office()
    office.store.raise_alarm(NewAlarm("info", AlarmKind.UNREACHABLE, "Không đọc được", ()), FRIDAY_NIGHT)
    office.store.end_trouble("info", [TroubleKind.UNREACHABLE], FRIDAY_NIGHT + timedelta(hours=1))
    assert "Sự việc đã qua, thứ Sáu, 20/11/2026, 23:10" in body(office.preview())


def test_it_tells_what_people_did_a_changed_policy_with_each_sentence_in_a_line_of_its_own() -> None:
    office = Office()
    changed = "Các ngày thứ Bảy mở cửa 08:00–12:00.\nurgent: thêm 2 từ (hỏa tốc, cực gấp)."
    office.store.add_event(Event(FRIDAY_NIGHT, EventKind.POLICY, changed, account="info"))
    office.store.add_event(Event(FRIDAY_NIGHT, EventKind.PAUSED, "dời văn phòng", by="minh"))
    lines = [line.strip() for line in office.preview().text.splitlines()]
    at = lines.index("- Quy định đã thay đổi: Các ngày thứ Bảy mở cửa 08:00–12:00.")
    assert lines[at + 1 : at + 3] == ["urgent: thêm 2 từ (hỏa tốc, cực gấp).", "thứ Sáu, 20/11/2026, 22:10"]
    assert "Tạm ngừng gửi thư tự động cho khách: dời văn phòng" in body(office.preview())
    assert "người làm: minh" in body(office.preview())


def test_a_pause_without_a_reason_is_told_without_one() -> None:
    office = Office(desk(paused=replace(PAUSE, reason="")))
    for kind in (EventKind.PAUSED, EventKind.RESUMED):
        office.store.add_event(Event(FRIDAY_NIGHT, kind, "", by="minh"))
    text = body(office.preview())
    assert "Thư tự động gửi khách đang tạm ngừng. Để gửi lại" in text
    assert "- Tạm ngừng gửi thư tự động cho khách thứ Sáu, 20/11/2026, 22:10" in text
    assert "- Đã gửi lại thư tự động cho khách thứ Sáu, 20/11/2026, 22:10" in text


@pytest.mark.parametrize(("mode", "said"), [(Mode.LIVE, "gửi thật"), (Mode.OBSERVE, "chạy thử")])
def test_a_changed_mode_is_told_in_the_offices_own_language(mode: Mode, said: str) -> None:
    office = Office()
    office.store.add_event(Event(FRIDAY_NIGHT, EventKind.MODE, mode.value, account="info"))
    assert f"Đã chuyển sang chế độ {said}" in body(office.preview())


def test_it_says_whom_we_did_not_answer_and_why_customers_before_machines() -> None:
    office = Office()
    office.vetoed(Sign.LIST_HEADER, "Bản tin tháng 11", "List-Id: ban-tin")
    office.vetoed(Sign.UNTRUSTED_SENDER, "Đơn hàng", "Return-Path is of another domain")
    office.unanswered(Reason.OPENING_SOON, within=timedelta(hours=2))
    office.unanswered(Reason.HAD_REPLY, "Nhắn thêm", at=FRIDAY_NIGHT)
    office.unanswered(Reason.HAD_REPLY, "Nhắn thêm nữa", at=FRIDAY_NIGHT)
    text = body(office.preview()).partition("Thư ngoài giờ không có trả lời tự động")[2]
    expected = [
        f"{VI.reasons[Reason.OPENING_SOON]} (1)",
        f"{VI.reasons[Reason.HAD_REPLY]} (2)",
        f"{VI.vetoes[Sign.UNTRUSTED_SENDER]} (1)",
        f"{VI.vetoes[Sign.LIST_HEADER]} (1)",
    ]
    places = [text.index(heading) for heading in expected]
    assert places == sorted(places)
    assert "Return-Path is of another domain" in text
    assert "List-Id: ban-tin" not in text


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "không gửi {} thư trả lời tự động"), ("en", "{} automatic replies not sent")]
)
@pytest.mark.parametrize("why", [Reason.DOMAIN_CAP, Reason.THREAD_CAP])
def test_of_a_robot_it_says_how_many_replies_were_held_back_in_one_line(why: Reason, language: str, said: str) -> None:
    office = Office(desk(policy(language)))
    speaker = Speaker(office.desk.policy.language, office.desk.policy.calendar())
    reasons = [speaker.because(why, limit=Rate(20, HOUR))]
    for number in range(32):
        sender = f"bot{number}@h{number}.robot.example" if number < 30 else "x@other.example"
        office.message(f"S{number}", sender=sender, decision={"actions": [], "reasons": reasons})
    text = body(office.preview()).partition(office.words.unanswered)[2]
    assert f"{office.words.reasons[why]} (32)" in text
    assert f"robot.example: {said.format(30)}" in text
    assert f"other.example: {said.format(2)}" in text
    assert "S7" not in text


def test_at_a_public_provider_people_are_told_by_their_addresses() -> None:
    """Three people in one thread are not "gmail.com"."""
    office = Office()
    speaker = Speaker(office.desk.policy.language, office.desk.policy.calendar())
    capped = {"actions": [], "reasons": [speaker.because(Reason.THREAD_CAP, limit=Rate(3, DAY))]}
    for sender in ("lan@gmail.com", "lan@gmail.com", "nam@yahoo.com.vn", "a@x.robot.example", "b@y.robot.example"):
        office.message("Hẹn họp", sender=sender, decision=capped)
    text = body(office.preview()).partition(VI.unanswered)[2]
    assert "lan@gmail.com: không gửi 2 thư trả lời tự động" in text
    assert "nam@yahoo.com.vn: không gửi 1 thư" in text
    assert "robot.example: không gửi 2 thư" in text
    assert "- gmail.com" not in text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", [TroubleKind.BREAKER, TroubleKind.ACCOUNT_HELD])
def test_replies_that_stopped_at_a_limit_show_with_what_to_do_until_it_is_over(
    kind: TroubleKind, language: str
) -> None:
    office = Office(desk(policy(language)))
    advice = office.words.kinds_of_trouble[kind]
    office.store.note_trouble("info", kind, "the limit of 3 per hour is reached", SATURDAY)
    assert advice.what in body(office.preview())
    assert advice.remedy in body(office.preview())
    office.store.end_trouble("info", [kind], SATURDAY + timedelta(hours=1))
    assert advice.what in body(office.preview()), "it was in the period"
    assert advice.remedy not in body(office.preview()), "nothing is to be done any more"


@pytest.mark.parametrize("at", [FRIDAY_NIGHT, FRIDAY_NIGHT - timedelta(hours=8)])
def test_a_mail_that_a_bound_set_aside_is_named_with_the_bound_in_words_at_any_hour(at: datetime) -> None:
    office = Office()
    detail = set_aside_fact(Defect.TOO_MANY_PARTS)
    veto = {"actions": [], "reasons": ["…"], "veto": {"signal": Sign.UNREADABLE, "detail": detail}}
    office.message("Năm mươi nghìn phần", veto=Sign.UNREADABLE, decision=veto, at=at)
    text = body(office.preview())
    assert "Năm mươi nghìn phần" in text
    assert "quá nhiều phần hoặc tệp đính kèm" in text
    assert "too many" not in text


def test_a_long_list_is_cut_and_the_rest_counted() -> None:
    office = Office()
    for number in range(32):
        office.vetoed(Sign.LIST_HEADER, f"Bản tin {number}")
    text = office.preview().text
    assert "và 12 mục nữa" in text
    assert len(re.findall("Bản tin \\d+", text)) == 20


def test_mail_in_hours_without_a_reply_needs_no_reason() -> None:
    office = Office()
    office.message("Trong giờ", at=FRIDAY.replace(hour=10), decision={"actions": [], "reasons": []})
    assert "không có trả lời tự động" not in office.preview().text


@pytest.mark.parametrize("why", list(VI.reasons))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_reason_for_no_reply_is_recognised_on_record(why: Reason, language: str) -> None:
    office = Office(desk(policy(language)))
    office.unanswered(why, at=FRIDAY_NIGHT, within=timedelta(hours=2), limit=Rate(20, HOUR), play="p{1}")
    assert f"{(VI if language == 'vi' else EN).reasons[why]} (1)" in body(office.preview())


# What is said beside the reason for no reply, before or after it, and why there is one. FOLLOW_UP_CAP comes after it,
# a veto is told by its sign.
NO_REASON_AGAINST_A_REPLY = {
    Reason.OPEN, Reason.CLOSED, Reason.VETO, Reason.GROUP, Reason.FORM, Reason.EXCUSED, Reason.UNUSED_REPLY_TO,
    Reason.SIGNAL, Reason.SIGNAL_REFUSED, Reason.DEADLINE, Reason.DEADLINE_BEFORE_OPENING, Reason.SIGNAL_BY_DEADLINE,
    Reason.LEARNED, Reason.DOUBTFUL, Reason.PLAY, Reason.PHONE_MATTERS,
    Reason.EMERGENCY_AFTER_GENERAL,
    Reason.FOLLOW_UP_CAP, Reason.ALERT_CAP, Reason.REPLY, Reason.FOLLOW_UP, Reason.ALERT, Reason.PROMISE,
}  # fmt: skip


def test_every_reason_that_withholds_a_reply_has_its_words() -> None:
    assert set(VI.reasons) == set(Reason) - NO_REASON_AGAINST_A_REPLY


# --- trouble --------------------------------------------------------------------------------------------------------


def test_a_quarantined_message_always_shows_with_what_to_do() -> None:
    office = Office()
    office.message("Thư lạ", state=MessageState.QUARANTINED)
    notice = office.preview()
    assert notice.subject.startswith("1 việc cần kiểm tra – ")
    assert "Chương trình không xử lý được thư này" in body(notice)
    assert "Thư lạ" in body(notice)
    assert "mở thư trong hộp thư đến" in body(notice)
    assert "tìm thư theo giờ đến" not in body(notice)


def test_a_quarantined_message_that_nothing_is_known_of_is_found_by_its_time_and_says_why() -> None:
    office = Office()
    error = "Traceback:\n  line 1\nthe server did not hand it out: imap.example:993: refused"
    office.message("", state=MessageState.QUARANTINED, sender="", name="", error=error, at=FRIDAY_NIGHT)
    text = body(office.preview())
    assert "xin tìm thư theo giờ đến này" in text
    assert "the server did not hand it out: imap.example:993: refused" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("state", [OutboxState.UNCERTAIN, OutboxState.FAILED, OutboxState.BOUNCED])
def test_uncertain_and_failed_mail_all_show_by_name(state: OutboxState) -> None:
    office = Office()
    for number in range(25):
        message = office.message(f"Việc {number}", mail(state=state, reason="451 4.3.0 broken"))
        office.store.handled([message], "x", MONDAY)
    notice = office.preview()
    assert notice.subject.startswith("25 việc cần kiểm tra – ")
    assert len(set(re.findall("Việc \\d+", notice.text))) == 25
    assert "451 4.3.0 broken" in body(notice)
    assert VI.mails[state].remedy in body(notice)


def test_mail_to_staff_that_failed_points_at_the_address_book() -> None:
    office = Office()
    office.store.add_mail(mail(OutboxKind.ALERT, OutboxState.FAILED, recipient="truc@congty.example"), FRIDAY_NIGHT)
    text = body(office.preview())
    assert "Không gửi được thư cho nhân viên" in text
    assert "truc@congty.example" in text


def test_a_reply_dropped_as_too_late_is_told_but_raises_no_alarm() -> None:
    office = Office()
    message = office.message("Hỏi giá", mail(state=OutboxState.DROPPED, reason="it came too late to be true"))
    office.store.handled([message], "x", MONDAY)
    notice = office.preview()
    assert notice.subject.startswith("Không có thư nào đang chờ trả lời – ")
    assert "Đã bỏ, không gửi" in body(notice)


def test_many_replies_that_were_dropped_are_one_entry_that_names_the_first_and_counts_the_rest() -> None:
    office = Office()
    for number in range(230):
        dropped = mail(state=OutboxState.DROPPED, recipient=f"khach{number}@khach.example")
        office.message("Hỏi giá", dropped)
    notice = office.preview()
    text = body(notice)
    assert text.count("Đã bỏ, không gửi") == 1
    assert "(230)" in text
    assert "khach0@khach.example" in text
    assert "khach199@khach.example" in text
    assert "khach200@khach.example" not in text.partition("(230)")[2].partition("và 30")[0]
    assert len(notice.html or "") + len(notice.text) < 200_000


def test_open_and_ended_trouble_is_told_with_its_time() -> None:
    office = Office()
    office.store.note_trouble("info", TroubleKind.LOGIN, "imap.congty.example: refused — check", SATURDAY)
    office.store.note_trouble("info", TroubleKind.NETWORK, "imap.congty.example: no answer", FRIDAY_NIGHT)
    office.store.note_trouble("info", TroubleKind.NETWORK, "imap.congty.example: no answer", SATURDAY)
    office.store.end_trouble("info", [TroubleKind.NETWORK], SATURDAY)
    notice = office.preview()
    text = body(notice)
    assert "Từ thứ Bảy, 21/11/2026, 09:00, đến nay chưa hết." in text
    assert "đến thứ Bảy, 21/11/2026, 09:00, nay đã hết. Lặp lại 2 lần." in text
    assert "imap.congty.example: refused — check" in text
    assert notice.subject.startswith("1 việc cần kiểm tra")


def test_a_renumbered_mailbox_is_told_once_not_every_day() -> None:
    office = Office()
    office.store.note_trouble("info", TroubleKind.REBASELINE, "renumbered", SATURDAY)
    office.run(MONDAY)
    office.run(WEDNESDAY)
    assert ["đánh số lại" in row.text for row in office.digests()] == [True, False]


def test_trouble_of_the_state_file_concerns_every_account_and_another_accounts_does_not() -> None:
    office = Office()
    office.store.note_trouble("", TroubleKind.STATE, "the clock stands behind", SATURDAY)
    office.store.note_trouble("sales", TroubleKind.LOGIN, "not ours", SATURDAY)
    text = office.preview().text
    assert "the clock stands behind" in text
    assert "not ours" not in text


# --- a quiet day, figures -------------------------------------------------------------------------------------------


def test_a_quiet_day_says_so_in_one_sentence_and_has_no_empty_sections() -> None:
    office = Office()
    office.run(MONDAY)
    notice = office.preview(WEDNESDAY)
    assert notice.subject.startswith("Không có thư nào đang chờ trả lời – ")
    assert "Không có thư nào đang chờ trả lời." in notice.text
    for heading in (VI.needs, VI.trouble, VI.drafts, VI.sent, VI.withheld, VI.unanswered):
        assert heading not in notice.text
    assert len(notice.text.splitlines()) < 16


def test_the_figures_of_the_period() -> None:
    office = Office()
    office.message("A", mail(), urgency=Urgency.URGENT)
    handled = office.message("B", at=FRIDAY.replace(hour=10), decided=FRIDAY.replace(hour=10))
    office.store.handled([handled], "x", FRIDAY.replace(hour=12, minute=10))
    figures = office.preview().text.partition("Số liệu trong kỳ")[2]
    for line in (
        "- Thư nhận được: 2", "- Trong đó ngoài giờ: 1", "- Trong đó gấp: 1", "- Trả lời tự động đã gửi: 1",
        "- Đã có người xử lý: 1", "- Thời gian xử lý trung bình: 2 giờ 10 phút làm việc",
    ):  # fmt: skip
        assert line in figures


def test_a_policy_without_a_promise_does_not_claim_that_nothing_waits() -> None:
    office = Office(desk(policy(promise=None)))
    assert "không theo dõi được thư nào còn chờ" in body(office.preview())


def test_an_english_office_reads_english() -> None:
    office = Office(desk(policy("en")))
    office.message("A question", urgency=Urgency.URGENT, promise=MONDAY + timedelta(hours=2))
    notice = office.preview()
    assert notice.subject == (
        "1 message to answer (1 urgent) – Mailbox report for Công ty Ví Dụ, Monday, 23 November 2026"
    )
    assert "[URGENT] A question" in notice.text
    assert "2 h of working time left" in body(notice)
    assert '<html lang="en">' in (notice.html or "")


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    return list(value) if isinstance(value, tuple) else [str(value)]


def test_both_languages_have_a_word_for_everything_with_the_same_slots() -> None:
    for field in fields(Words):
        vi, en = getattr(VI, field.name), getattr(EN, field.name)
        if isinstance(vi, Mapping):
            assert vi.keys() == en.keys(), field.name
        for one, other in zip(_texts(vi), _texts(en), strict=True):
            if not isinstance(vi, Count):
                assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other)), field.name
    assert set(VI.vetoes) == set(Sign)
    assert set(VI.kinds_of_trouble) == set(TroubleKind)
    assert set(VI.kinds) == set(OutboxKind)


# --- what a stranger's mail cannot do -------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script><img src=http://boese.example/x> \u202egnp.exe\u2066\x07\r\nSubject: x {{ 7*7 }}"


@pytest.fixture
def hostile() -> Notice:
    office = Office()
    office.message(HOSTILE, mail(), follow_up(OutboxState.DRAFTED), name=HOSTILE, urgency=Urgency.URGENT)
    office.message(HOSTILE, mail(state=OutboxState.FAILED, reason=HOSTILE), name=HOSTILE)
    office.message(HOSTILE, state=MessageState.QUARANTINED, name=HOSTILE)
    office.vetoed(Sign.UNTRUSTED_SENDER, HOSTILE, HOSTILE)
    office.store.note_trouble("info", TroubleKind.SERVER, HOSTILE, SATURDAY)
    return office.preview()


def test_html_from_a_mail_is_shown_as_text(hostile: Notice) -> None:
    page = Tags(hostile.html or "")
    assert "<script>alert(1)</script>" in page.text
    assert not {"script", "img", "a", "style", "link", "iframe"} & set(page.tags)
    assert not {"src", "href", "onload", "onclick"} & {name for name, _value in page.attributes}
    assert "{{ 7*7 }}" in page.text


def test_controls_line_breaks_and_bidi_tricks_are_taken_out(hostile: Notice) -> None:
    for text in (hostile.subject, hostile.text, hostile.html or ""):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", text)
    assert "gnp.exe Subject: x" in body(hostile)


def test_nothing_is_fetched_and_nothing_runs(hostile: Notice) -> None:
    html = hostile.html or ""
    assert "url(" not in html
    assert not [value for name, value in Tags(html).attributes if value and "http" in value]


# --- the mail -------------------------------------------------------------------------------------------------------


def test_the_mail_has_both_forms_and_says_that_it_is_automatic() -> None:
    office = Office()
    office.message("Hỏi giá", urgency=Urgency.URGENT)
    office.run(MONDAY)
    sent = message_from_bytes(office.digests()[0].content or b"", policy=default)
    assert sent.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Subject"].startswith("1 thư cần trả lời (1 thư gấp)")
    html = sent.get_body(("html",))
    assert html is not None
    assert "Hỏi giá" in html.get_content()


def test_lines_of_the_text_are_short_enough_for_any_mail_program(hostile: Notice) -> None:
    office = Office(desk(mode=Mode.OBSERVE))
    office.message("Đề nghị báo giá " * 20, mail(state=OutboxState.WITHHELD), name="Nguyễn Thị Phương Lan " * 5)
    for text in (office.preview().text, hostile.text):
        assert max(map(len, text.splitlines())) <= COLUMNS


def test_both_forms_say_the_same() -> None:
    office = Office()
    office.message("Hỏi giá", mail(), follow_up(OutboxState.DRAFTED), urgency=Urgency.EMERGENCY)
    office.vetoed(Sign.LIST_HEADER, "Bản tin")
    notice = office.preview()
    for said in ("Công ty Ví Dụ", "KHẨN CẤP", "Hỏi giá", "Thư nháp đã soạn sẵn (1)", "Bản tin", "làm việc"):
        assert said in body(notice)
        assert said in seen(notice)


def test_the_language_of_the_page_is_told() -> None:
    assert (Office().preview().html or "").count(f'lang="{Language.VI.value}"') == 2
