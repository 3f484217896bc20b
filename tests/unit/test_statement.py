"""policy/statement.py and `policy show`: what customers are told of the policy."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from responder.mail.language import Language
from responder.policy.model import Policy
from responder.policy.statement import as_html, as_text, statement
from tests.cli_office import POLICY, CliOffice, make_office, responder
from tests.fakes import policy

OWN_PHONE = ('urgent_phone: "0900 000 000"', 'urgent_phone: "0912 345 678"')
SATURDAY_MORNING = ('  # sat: "08:00-12:00"', '  sat: "08:00-12:00"')
NOVEMBER = date(2026, 11, 21)
IN_VIETNAMESE = """\
Giờ làm việc của Công ty Ví Dụ

Cảm ơn quý khách đã tin tưởng và liên hệ với chúng tôi. Dưới đây là giờ làm việc và cách thức phản hồi của chúng tôi, để quý khách tiện sắp xếp.

Giờ làm việc
  Thứ Hai đến thứ Sáu: 08:00–17:00
  Thứ Bảy: 08:00–12:00
  Chủ nhật: nghỉ

Ngày nghỉ và giờ làm việc đặc biệt sắp tới
  Thứ Ba, 24/11/2026: nghỉ (Ngày Văn hóa Việt Nam, dự kiến)
  Thứ Năm, 31/12/2026: mở cửa 08:00–12:00 (Tất niên)
  Thứ Sáu, 01/01/2027: nghỉ (Tết Dương lịch)
  Thứ Năm, 04/02/2027 đến thứ Tư, 10/02/2027: nghỉ (Tết Nguyên Đán, dự kiến)

Thời gian trả lời
  Chúng tôi cố gắng trả lời mọi thư và cuộc gọi trong vòng 24 giờ làm việc.

Ngoài giờ làm việc
  Thư gửi ngoài giờ vẫn được tiếp nhận đầy đủ, và thường có ngay một thư trả lời tự động. Chúng tôi cố gắng trả lời quý khách vào ngày làm việc tiếp theo.

Việc gấp
  Nếu có việc gấp không thể chờ đến giờ làm việc, xin quý khách vui lòng gọi số 0912 345 678.

Giờ làm việc rõ ràng giúp chúng tôi có thời gian chuẩn bị kỹ, để mỗi yêu cầu của quý khách đều được xem xét cẩn thận.
"""  # noqa: E501


def told(rules: Policy, language: Language = Language.VI, today: date = NOVEMBER, office: str = "Công ty Ví Dụ") -> str:
    return as_text(statement(rules, office, today, language))


def test_the_whole_in_vietnamese() -> None:
    party = ("  # 2026-12-31: {open", "  2026-12-31: {open")
    assert told(policy(OWN_PHONE, SATURDAY_MORNING, party)) == IN_VIETNAMESE


def test_the_english_promises_no_more_than_the_vietnamese() -> None:
    text = told(policy(OWN_PHONE), Language.EN)
    assert "We do our best to answer every mail and call within 24 working hours." in text
    assert "Saturday and Sunday: closed" in text
    assert "All times are Vietnam time." in text
    assert "please call 0912 345 678." in text


def test_the_number_of_the_example_is_never_told() -> None:
    text = told(policy())
    assert "0900" not in text
    assert "Việc gấp" not in text


def test_a_day_off_that_is_over_or_more_than_ninety_days_ahead_is_not_told() -> None:
    assert "Văn hóa" not in told(policy(), today=date(2026, 11, 25))
    assert "16/04/2027" not in told(policy(), today=date(2027, 1, 15))
    assert "16/04/2027" in told(policy(), today=date(2027, 1, 16))


def test_of_a_holiday_under_way_the_rest_is_told() -> None:
    assert "Thứ Tư, 18/02/2026 đến thứ Sáu, 20/02/2026: nghỉ (Tết Nguyên Đán)" in told(
        policy(), today=date(2026, 2, 18)
    )


def test_without_days_off_and_promise_there_are_no_empty_headings() -> None:
    text = told(policy(("promise: 24 working hours", "#")), today=date(2026, 5, 10))
    assert "Thời gian trả lời" not in text
    assert "sắp tới" not in text


def test_without_a_reply_out_of_hours_none_is_spoken_of() -> None:
    bare = Policy.model_validate({"language": "vi", "timezone": "Europe/Berlin", "hours": {"mon": "22:00-06:00"}})
    text = told(bare, Language.EN)
    assert "automatic" not in text
    assert "Monday: 22:00–06:00" in text
    assert "All times are in the time zone Europe/Berlin." in text


class Page(HTMLParser):
    """The text of a page, its tags, and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str | None] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.said += data.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("language", Language)
def test_the_page_says_what_the_text_says_fetches_nothing_and_the_phone_can_be_tapped(language: Language) -> None:
    rules = policy(OWN_PHONE)
    page = Page(as_html(statement(rules, "Ví Dụ", NOVEMBER, language)))
    missing = set(told(rules, language, office="Ví Dụ").split()) - set(page.said) - {"678."}
    assert missing == set()
    assert page.links == ["tel:0912345678"]
    assert "script" not in page.tags


def test_a_name_is_no_html() -> None:
    page = as_html(statement(policy(), "<script>alert(1)</script> & Co", NOVEMBER, Language.EN))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in page


# ---------------------------------------------------------------- the command


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    office = make_office(tmp_path, monkeypatch)
    monkeypatch.setattr("responder.cli.policy_show.now", office.clock.now)
    return office


def test_show_tells_the_policy_of_the_only_account_in_its_name(office: CliOffice) -> None:
    result = office.run("policy", "show")
    assert result.exit_code == 0
    assert result.stdout.startswith("Giờ làm việc của Công ty Ví Dụ\n")
    assert "24/11/2026" in result.stdout
    assert "urgent_phone is still the example's number: it is left out" in result.stderr


def test_show_says_when_customers_get_no_automatic_reply_yet(office: CliOffice) -> None:
    office.write_config(mode="observe")
    assert "the config says `mode: observe`" in office.run("policy", "show", "info").stderr


def test_show_writes_a_page_in_the_language_asked_for(office: CliOffice) -> None:
    result = office.run("policy", "show", "--language", "en", "--html", "hours.html")
    assert result.stdout == "wrote hours.html\n"
    assert "Working hours of Công ty Ví Dụ" in Path("hours.html").read_text(encoding="utf-8")


def test_show_of_a_file_needs_no_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("responder.cli.files.PLACES", ())
    result = responder("policy", "show", POLICY)
    assert result.exit_code == 0
    assert result.stdout.startswith("Giờ làm việc của văn phòng\n")


def test_show_of_an_unknown_name_names_the_nearest_account(office: CliOffice) -> None:
    result = office.run("policy", "show", "inof")
    assert result.exit_code == 2
    assert result.stderr == "inof: there is no account and no file of that name — did you mean `info`?\n"


def test_show_among_several_policies_wants_a_name(office: CliOffice, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    text = office.config.read_text(encoding="utf-8")
    account = text[text.index("  info:") : text.index("people:")]
    other = account.replace("info", "sales").replace(str(POLICY), "other.yaml")
    office.config.write_text(text.replace(account, account + other), encoding="utf-8")
    result = office.run("policy", "show")
    assert result.exit_code == 2
    assert result.stderr == "policy: several accounts have one: info, sales — name the account, for example `info`\n"
    assert office.run("policy", "show", "sales").exit_code == 0
