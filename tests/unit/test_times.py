"""Times: what is found in a text and when that is, for mails that arrive in the morning, at night, on a Saturday …

What a table expects is told as `told` tells it: the relation, then the moment that counts or from when to when.
"""

import time
import unicodedata
from datetime import date, datetime
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.words.times import Relation, TimeExpression, find
from responder.words.tokens import tokenize

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SATURDAY, SUNDAY = 5, 6


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


TUESDAY = at(24, 10)


def closing(day: date) -> clock | None:
    """Open until five, on Saturdays until noon."""
    return None if day.weekday() == SUNDAY else clock(12) if day.weekday() == SATURDAY else clock(17)


def times(text: str, arrived: datetime = TUESDAY) -> tuple[TimeExpression, ...]:
    return find(text, tokenize(text), arrived, closing)


def told(text: str, arrived: datetime = TUESDAY) -> str:
    return "; ".join(map(_told, times(text, arrived)))


def _told(time: TimeExpression) -> str:
    begin, finish = (f"{moment:%a %d/%m %H:%M}" for moment in (time.begin, time.finish))
    match time.relation:
        case Relation.BY | Relation.UNTIL:
            when = finish
        case Relation.SPAN:
            when = str(time.finish - time.begin)
        case _:
            when = begin if begin == finish else f"{begin} - {finish}"
    return f"{time.relation} {when}{' exactly' * time.is_exact}{' working' * time.is_working}"


def places(text: str) -> list[str]:
    return [text[time.start : time.end] for time in times(text)]


CLOCKS = (
    ("11h", "at Tue 24/11 11:00 exactly"),
    ("11h30", "at Tue 24/11 11:30 exactly"),
    ("11g30", "at Tue 24/11 11:30 exactly"),
    ("11:30", "at Tue 24/11 11:30 exactly"),
    ("11 giờ", "at Tue 24/11 11:00 exactly"),
    ("11 giờ rưỡi", "at Tue 24/11 11:30 exactly"),
    ("lúc 11 rưỡi", "at Tue 24/11 11:30 exactly"),
    ("ba giờ chiều", "at Tue 24/11 15:00 exactly"),
    ("5 giờ kém 15 chiều", "at Tue 24/11 16:45 exactly"),
    ("16 giờ 45", "at Tue 24/11 16:45 exactly"),
    ("16 giờ 45 phút", "at Tue 24/11 16:45 exactly"),
    ("17h00", "at Tue 24/11 17:00 exactly"),
    ("7h tối", "at Tue 24/11 19:00 exactly"),
    ("8h sáng", "at Wed 25/11 08:00 exactly"),
    ("12h trưa", "at Tue 24/11 12:00 exactly"),
    ("1h trưa", "at Tue 24/11 13:00 exactly"),
    ("9:30 SA", "at Wed 25/11 09:30 exactly"),
    ("5pm", "at Tue 24/11 17:00 exactly"),
    ("5:30pm", "at Tue 24/11 17:30 exactly"),
    ("at 5 p.m. please", "at Tue 24/11 17:00 exactly"),
    ("5.30 pm", "at Tue 24/11 17:30 exactly"),
    ("10:45 am", "at Tue 24/11 10:45 exactly"),
    ("half past five", "at Tue 24/11 17:30 exactly"),
    ("quarter to six", "at Tue 24/11 17:45 exactly"),
    ("six o'clock", "at Tue 24/11 18:00 exactly"),
    ("noon", "at Tue 24/11 12:00 exactly"),
    ("midnight", "at Wed 25/11 00:00 exactly"),
    ("by 5 today", "by Tue 24/11 17:00 exactly"),
    ("today at 4?", "at Tue 24/11 16:00 exactly"),
    ("before four this afternoon", "by Tue 24/11 16:00 exactly"),
    ("at 9 tomorrow morning", "at Wed 25/11 09:00 exactly"),
    ("08:00 mai", "at Wed 25/11 08:00 exactly"),
)


@pytest.mark.parametrize(("text", "expected"), CLOCKS)
def test_a_time_of_day_is_the_next_such_and_in_working_hours_if_nothing_says_which_half(
    text: str, expected: str
) -> None:
    assert told(text) == expected


DAYS = (
    ("hôm nay", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("bữa nay", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("nay", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("mai", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("ngày mai", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("mốt", "at Thu 26/11 00:00 - Fri 27/11 00:00"),
    ("ngày kia", "at Thu 26/11 00:00 - Fri 27/11 00:00"),
    ("chiều mốt", "at Thu 26/11 12:00 - Thu 26/11 18:00"),
    ("hôm qua", "ago Mon 23/11 00:00 - Tue 24/11 00:00"),
    ("hôm kia", "ago Sun 22/11 00:00 - Mon 23/11 00:00"),
    ("thứ 2", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("thứ hai", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("thứ Sáu", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("Thứ tư", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("t6 này", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("T7 này", "at Sat 28/11 00:00 - Sun 29/11 00:00"),
    ("CN này", "at Sun 29/11 00:00 - Mon 30/11 00:00"),
    ("chủ nhật", "at Sun 29/11 00:00 - Mon 30/11 00:00"),
    ("thứ 6 này", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("thứ 6 tới", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("thứ 3 tới", "at Tue 01/12 00:00 - Wed 02/12 00:00"),
    ("thứ 6 sau", "at Fri 04/12 00:00 - Sat 05/12 00:00"),
    ("thứ 6 tuần sau", "at Fri 04/12 00:00 - Sat 05/12 00:00"),
    ("thứ 2 tuần trước", "ago Mon 16/11 00:00 - Tue 17/11 00:00"),
    ("hôm thứ 6", "ago Fri 20/11 00:00 - Sat 21/11 00:00"),
    ("hôm thứ ba", "ago Tue 17/11 00:00 - Wed 18/11 00:00"),
    ("10h hôm nay", "at Tue 24/11 10:00 exactly"),
    ("Monday", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("this Friday", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("next Tuesday", "at Tue 01/12 00:00 - Wed 02/12 00:00"),
    ("last Friday", "ago Fri 20/11 00:00 - Sat 21/11 00:00"),
    ("on Thursday", "at Thu 26/11 00:00 - Fri 27/11 00:00"),
    ("today", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("tomorrow", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("the day after tomorrow", "at Thu 26/11 00:00 - Fri 27/11 00:00"),
    ("yesterday", "ago Mon 23/11 00:00 - Tue 24/11 00:00"),
    ("24/11", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("24-11-2026", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("ngày 24-11", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("24/11/2026", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("24.11.2026", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("2026-11-24", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("ngày 27", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("ngày 2", "at Wed 02/12 00:00 - Thu 03/12 00:00"),
    ("mùng 5", "at Sat 05/12 00:00 - Sun 06/12 00:00"),
    ("ngày 24 tháng 12", "at Thu 24/12 00:00 - Fri 25/12 00:00"),
    ("24 tháng 12 năm 2026", "at Thu 24/12 00:00 - Fri 25/12 00:00"),
    ("ngày 5 tháng sau", "at Sat 05/12 00:00 - Sun 06/12 00:00"),
    ("30 Nov", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("Dec 1st", "at Tue 01/12 00:00 - Wed 02/12 00:00"),
    ("2nd of December, 2026", "at Wed 02/12 00:00 - Thu 03/12 00:00"),
    ("on the 27th", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("25/10", "ago Sun 25/10 00:00 - Mon 26/10 00:00"),
    ("25/9", "ago Fri 25/09 00:00 - Sat 26/09 00:00"),
    ("24/9", "at Fri 24/09 00:00 - Sat 25/09 00:00"),
    ("20/8/2026", "ago Thu 20/08 00:00 - Fri 21/08 00:00"),
)


@pytest.mark.parametrize(("text", "expected"), DAYS)
def test_days_are_counted_from_the_day_of_arrival_and_weekdays_and_dates_are_the_next(text: str, expected: str) -> None:
    assert told(text) == expected


PARTS = (
    ("sáng nay", "at Tue 24/11 06:00 - Tue 24/11 12:00"),
    ("trưa nay", "at Tue 24/11 11:00 - Tue 24/11 13:00"),
    ("chiều nay", "at Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("tối nay", "at Tue 24/11 18:00 - Wed 25/11 00:00"),
    ("đêm nay", "at Tue 24/11 21:00 - Wed 25/11 06:00"),
    ("chiều ni", "at Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("sáng mai", "at Wed 25/11 06:00 - Wed 25/11 12:00"),
    ("sáng sớm mai", "at Wed 25/11 05:00 - Wed 25/11 08:00"),
    ("sáng sớm", "ago Tue 24/11 05:00 - Tue 24/11 08:00"),
    ("sáng mai 7h", "at Wed 25/11 07:00 exactly"),
    ("mai 7h", "at Wed 25/11 07:00 exactly"),
    ("mai 7h sáng", "at Wed 25/11 07:00 exactly"),
    ("7h sáng mai", "at Wed 25/11 07:00 exactly"),
    ("tối qua", "ago Mon 23/11 18:00 - Tue 24/11 00:00"),
    ("đêm qua", "ago Mon 23/11 21:00 - Tue 24/11 06:00"),
    ("hồi sáng", "ago Tue 24/11 06:00 - Tue 24/11 10:00"),
    ("chiều thứ 6 này", "at Fri 27/11 12:00 - Fri 27/11 18:00"),
    ("chiều thứ 6 này lúc 3h", "at Fri 27/11 15:00 exactly"),
    ("15h chiều thứ 6, 27/11", "at Fri 27/11 15:00 exactly"),
    ("ngày 27/11, 14h", "at Fri 27/11 14:00 exactly"),
    ("Chiều em ghé lấy", "at Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("trong buổi chiều", "within Tue 24/11 12:00 - Tue 24/11 17:00"),
    ("2h đêm nay", "at Wed 25/11 02:00 exactly"),
    ("this afternoon", "at Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("this morning", "at Tue 24/11 06:00 - Tue 24/11 12:00"),
    ("tonight", "at Tue 24/11 18:00 - Wed 25/11 00:00"),
    ("last night", "ago Mon 23/11 21:00 - Tue 24/11 06:00"),
    ("tomorrow morning", "at Wed 25/11 06:00 - Wed 25/11 12:00"),
    ("Monday morning", "at Mon 30/11 06:00 - Mon 30/11 12:00"),
    ("first thing tomorrow", "at Wed 25/11 05:00 - Wed 25/11 08:00"),
    ("EOD", "at Tue 24/11 17:00"),
    ("by EOD Friday", "by Fri 27/11 17:00"),
    ("COB today", "at Tue 24/11 17:00"),
    ("by close of business", "by Tue 24/11 17:00"),
    ("end of day", "at Tue 24/11 17:00"),
    ("cuối giờ", "at Tue 24/11 17:00"),
    ("cuối giờ chiều mai", "at Wed 25/11 17:00"),
    ("cuối ngày", "at Tue 24/11 17:00"),
    ("hết giờ làm", "at Tue 24/11 17:00"),
    ("đầu giờ sáng mai", "at Wed 25/11 08:00 - Wed 25/11 09:00"),
    ("đầu giờ chiều nay", "at Tue 24/11 13:00 - Tue 24/11 14:00"),
)


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_a_part_of_a_day_is_a_stretch_of_it(text: str, expected: str) -> None:
    assert told(text) == expected


PERIODS = (
    ("tuần này", "at Mon 23/11 00:00 - Mon 30/11 00:00"),
    ("tuần sau", "at Mon 30/11 00:00 - Mon 07/12 00:00"),
    ("tuần trước", "ago Mon 16/11 00:00 - Mon 23/11 00:00"),
    ("next week", "at Mon 30/11 00:00 - Mon 07/12 00:00"),
    ("last week", "ago Mon 16/11 00:00 - Mon 23/11 00:00"),
    ("trong tuần", "within Tue 24/11 10:00 - Sat 28/11 12:00"),
    ("trong ngày", "within Tue 24/11 10:00 - Tue 24/11 17:00"),
    ("trong tháng", "within Tue 24/11 10:00 - Mon 30/11 17:00"),
    ("trong hôm nay", "within Tue 24/11 10:00 - Tue 24/11 17:00"),
    ("trong chiều nay", "within Tue 24/11 12:00 - Tue 24/11 17:00"),
    ("within the week", "within Tue 24/11 10:00 - Sat 28/11 12:00"),
    ("cuối tuần", "at Sat 28/11 00:00 - Mon 30/11 00:00"),
    ("cuối tuần này", "at Sat 28/11 00:00 - Mon 30/11 00:00"),
    ("this weekend", "at Sat 28/11 00:00 - Mon 30/11 00:00"),
    ("cuối tuần sau", "at Sat 05/12 00:00 - Mon 07/12 00:00"),
    ("end of the week", "at Sat 28/11 00:00 - Sun 29/11 00:00"),
    ("by the end of the week", "by Sat 28/11 12:00"),
    ("đầu tuần", "at Mon 23/11 00:00 - Wed 25/11 00:00"),
    ("đầu tuần sau", "at Mon 30/11 00:00 - Wed 02/12 00:00"),
    ("giữa tuần sau", "at Wed 02/12 00:00 - Fri 04/12 00:00"),
    ("cuối tháng", "at Thu 26/11 00:00 - Tue 01/12 00:00"),
    ("by the end of the month", "by Mon 30/11 17:00"),
    ("before the end of the month", "by Mon 30/11 17:00"),
    ("trước cuối tuần", "by Sat 28/11 00:00"),
    ("đầu tháng 12", "at Tue 01/12 00:00 - Fri 11/12 00:00"),
    ("tháng 12", "at Tue 01/12 00:00 - Fri 01/01 00:00"),
    ("tháng trước", "ago Thu 01/10 00:00 - Sun 01/11 00:00"),
    ("tháng 12 năm 2026", "at Tue 01/12 00:00 - Fri 01/01 00:00"),
    ("next month", "at Tue 01/12 00:00 - Fri 01/01 00:00"),
    ("năm sau", "at Fri 01/01 00:00 - Sat 01/01 00:00"),
)


@pytest.mark.parametrize(("text", "expected"), PERIODS)
def test_weeks_months_and_years_are_whole_or_a_piece_of_them(text: str, expected: str) -> None:
    assert told(text) == expected


RELATIONS = (
    ("trước 11h trưa nay", "by Tue 24/11 11:00 exactly"),
    ("trước trưa", "by Tue 24/11 12:00"),
    ("trc 3h chiều", "by Tue 24/11 15:00 exactly"),
    ("trước ngày 27/11", "by Fri 27/11 00:00"),
    ("trước thứ 6", "by Fri 27/11 00:00"),
    ("chậm nhất thứ 6", "by Fri 27/11 17:00"),
    ("chậm nhất là 4h chiều mai", "by Wed 25/11 16:00 exactly"),
    ("muộn nhất 15h", "by Tue 24/11 15:00 exactly"),
    ("đến hạn ngày 30", "by Mon 30/11 17:00"),
    ("kịp trong chiều nay", "by Tue 24/11 17:00"),
    ("hạn chót 24h đêm nay", "by Wed 25/11 00:00 exactly"),
    ("không trễ hơn 5h chiều", "by Tue 24/11 17:00 exactly"),
    ("trước khi hết ngày", "by Tue 24/11 17:00"),
    ("quá 17h là mất ưu đãi", "by Tue 24/11 17:00 exactly"),
    ("4h chiều là trễ nhất", "by Tue 24/11 16:00 exactly"),
    ("by Friday", "by Fri 27/11 17:00"),
    ("by noon tomorrow", "by Wed 25/11 12:00 exactly"),
    ("before lunch", "by Tue 24/11 12:00"),
    ("no later than 4pm tomorrow", "by Wed 25/11 16:00 exactly"),
    ("Friday at the latest", "by Fri 27/11 17:00"),
    ("due on 30 Nov", "by Mon 30/11 17:00"),
    ("trong 2 tiếng", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("trong vòng 2 tiếng tới", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("trong 24h", "within Tue 24/11 10:00 - Wed 25/11 10:00 exactly"),
    ("trong vòng 05 ngày làm việc", "within Tue 24/11 10:00 - Sun 29/11 10:00 working"),
    ("còn 2 tiếng nữa", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("còn 45 phút là đóng cổng", "within Tue 24/11 10:00 - Tue 24/11 10:45 exactly"),
    ("24h tới", "within Tue 24/11 10:00 - Wed 25/11 10:00 exactly"),
    ("within 2 hours", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("within the hour", "within Tue 24/11 10:00 - Tue 24/11 11:00 exactly"),
    ("in the next ten minutes", "within Tue 24/11 10:00 - Tue 24/11 10:10 exactly"),
    ("within 3 working days", "within Tue 24/11 10:00 - Fri 27/11 10:00 working"),
    ("only 20 minutes left", "within Tue 24/11 10:00 - Tue 24/11 10:20 exactly"),
    ("we have 30 minutes left", "within Tue 24/11 10:00 - Tue 24/11 10:30 exactly"),
    ("30 phút nữa", "at Tue 24/11 10:30 exactly"),
    ("2 tiếng nữa", "at Tue 24/11 12:00 exactly"),
    ("2 giờ nữa", "at Tue 24/11 12:00 exactly"),
    ("nửa tiếng nữa", "at Tue 24/11 10:30 exactly"),
    ("1 tiếng rưỡi nữa", "at Tue 24/11 11:30 exactly"),
    ("hơn tiếng nữa", "at Tue 24/11 11:00 exactly"),
    ("15p nữa", "at Tue 24/11 10:15 exactly"),
    ("in half an hour", "at Tue 24/11 10:30 exactly"),
    ("in 20 minutes", "at Tue 24/11 10:20 exactly"),
    ("two hours from now", "at Tue 24/11 12:00 exactly"),
    ("từ 13h", "from Tue 24/11 13:00 exactly"),
    ("từ ngày mai", "from Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("kể từ 1/12", "from Tue 01/12 00:00 - Wed 02/12 00:00"),
    ("từ tháng sau", "from Tue 01/12 00:00 - Fri 01/01 00:00"),
    ("sau 5h chiều", "from Tue 24/11 17:00 exactly"),
    ("starting Monday", "from Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("after 3pm", "from Tue 24/11 15:00 exactly"),
    ("8h trở đi", "from Wed 25/11 08:00 exactly"),
    ("đến 17h", "until Tue 24/11 17:00 exactly"),
    ("đến hết 30/11", "until Tue 01/12 00:00"),
    ("hết hôm nay", "until Wed 25/11 00:00"),
    ("hết tháng", "until Tue 01/12 00:00"),
    ("có giá trị đến 24/12", "until Fri 25/12 00:00"),
    ("gia hạn tới thứ 6", "until Sat 28/11 00:00"),
    ("until Friday", "until Sat 28/11 00:00"),
    ("valid until 30/11", "until Tue 01/12 00:00"),
    ("2 tiếng trước", "ago Tue 24/11 08:00 exactly"),
    ("2 phút trước", "ago Tue 24/11 09:58 exactly"),
    ("cách đây 3 ngày", "ago Sat 21/11 10:00"),
    ("2 tiếng rồi", "ago Tue 24/11 08:00 - Tue 24/11 10:00 exactly"),
    ("3 ngày nay", "ago Sat 21/11 10:00 - Tue 24/11 10:00"),
    ("đã 3 ngày", "ago Sat 21/11 10:00 - Tue 24/11 10:00"),
    ("suốt hai tháng qua", "ago Thu 24/09 10:00 - Tue 24/11 10:00"),
    ("từ sáng đến giờ", "ago Tue 24/11 06:00 - Tue 24/11 10:00"),
    ("từ hôm qua tới nay", "ago Mon 23/11 00:00 - Tue 24/11 10:00"),
    ("từ 8h", "ago Tue 24/11 08:00 - Tue 24/11 10:00 exactly"),
    ("từ thứ 2 đến nay", "ago Mon 23/11 00:00 - Tue 24/11 10:00"),
    ("mấy hôm nay", "ago Fri 20/11 10:00 - Tue 24/11 10:00"),
    ("quá hạn 20 ngày", "ago Wed 04/11 10:00 - Tue 24/11 10:00"),
    ("quá hạn từ tháng 4", "ago Wed 01/04 00:00 - Tue 24/11 10:00"),
    ("hồi nãy", "ago Tue 24/11 07:00 - Tue 24/11 10:00"),
    ("an hour ago", "ago Tue 24/11 09:00 exactly"),
    ("two days ago", "ago Sun 22/11 10:00"),
    ("since this morning", "ago Tue 24/11 06:00 - Tue 24/11 10:00"),
    ("since Monday", "ago Mon 23/11 00:00 - Tue 24/11 10:00"),
    ("for the past 3 days", "ago Sat 21/11 10:00 - Tue 24/11 10:00"),
    ("cả tiếng đồng hồ", "ago Tue 24/11 09:00 - Tue 24/11 10:00 exactly"),
    ("mất 2 ngày", "span 2 days, 0:00:00"),
    ("bảo hành 12 tháng", "span 365 days, 0:00:00"),
    ("2-3 ngày", "span 3 days, 0:00:00"),
    ("1 tiếng rưỡi", "span 1:30:00 exactly"),
    ("1 tiếng 30 phút", "span 1:30:00 exactly"),
    ("2,5 tiếng", "span 2:30:00 exactly"),
    ("3 ngày làm việc", "span 3 days, 0:00:00 working"),
    ("trong 2 giờ làm việc", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly working"),
    ("two weeks", "span 14 days, 0:00:00"),
    ("an hour and a half", "span 1:30:00 exactly"),
    ("báo trước 2 tiếng", "span 2:00:00 exactly"),
    ("2 ngày trước khi khai trương", "span 2 days, 0:00:00"),
    ("bây giờ", "at Tue 24/11 10:00 exactly"),
    ("giờ em đang kẹt", "at Tue 24/11 10:00 exactly"),
    ("ngay lúc này", "at Tue 24/11 10:00 exactly"),
    ("từ bây giờ", "at Tue 24/11 10:00 exactly"),
    ("right now", "at Tue 24/11 10:00 exactly"),
    ("at the moment", "at Tue 24/11 10:00 exactly"),
    ("8h-11h", "at Tue 24/11 08:00 - Tue 24/11 11:00 exactly"),
    ("11h – 13h30", "at Tue 24/11 11:00 - Tue 24/11 13:30 exactly"),
    ("2-4pm", "at Tue 24/11 14:00 - Tue 24/11 16:00 exactly"),
    ("2h-4h chiều", "at Tue 24/11 14:00 - Tue 24/11 16:00 exactly"),
    ("từ 2h đến 4h", "at Tue 24/11 14:00 - Tue 24/11 16:00 exactly"),
    ("từ 2h đến 4h chiều mai", "at Wed 25/11 14:00 - Wed 25/11 16:00 exactly"),
    ("from 9 to 11am tomorrow", "at Wed 25/11 09:00 - Wed 25/11 11:00 exactly"),
    ("24-26/11", "at Tue 24/11 00:00 - Fri 27/11 00:00"),
    ("từ 24/11 đến 26/11", "at Tue 24/11 00:00 - Fri 27/11 00:00"),
    ("thứ 2 - thứ 6", "at Mon 30/11 00:00 - Sat 05/12 00:00"),
    ("22h-6h", "at Tue 24/11 22:00 - Wed 25/11 06:00 exactly"),
    ("sáng mai phải có mặt trước 6h", "at Wed 25/11 06:00 - Wed 25/11 12:00; by Wed 25/11 06:00 exactly"),
    ("bốn năm rồi", "ago Thu 24/11 10:00 - Tue 24/11 10:00"),
    ("từ ngày 3 đến ngày 19", "ago Tue 03/11 00:00 - Fri 20/11 00:00"),
    ("T2-T6 8h-17h", "at Mon 30/11 00:00 - Sat 05/12 00:00; at Mon 30/11 08:00 - Mon 30/11 17:00 exactly"),
    ("hôm qua mất điện lúc 21h", "ago Mon 23/11 00:00 - Tue 24/11 00:00; ago Mon 23/11 21:00 exactly"),
    (
        "T6 tuần sau họp từ 15h00 đến 15h45",
        "at Fri 04/12 00:00 - Sat 05/12 00:00; at Fri 04/12 15:00 - Fri 04/12 15:45 exactly",
    ),
)


@pytest.mark.parametrize(("text", "expected"), RELATIONS)
def test_the_words_around_tell_how_it_relates(text: str, expected: str) -> None:
    assert told(text) == expected


BARE = (
    ("truoc 11h trua nay", "by Tue 24/11 11:00 exactly"),
    ("sang mai 7h", "at Wed 25/11 07:00 exactly"),
    ("chieu nay", "at Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("toi nay", "at Tue 24/11 18:00 - Wed 25/11 00:00"),
    ("toi qua", "ago Mon 23/11 18:00 - Tue 24/11 00:00"),
    ("sang nay", "at Tue 24/11 06:00 - Tue 24/11 12:00"),
    ("8h toi", "at Tue 24/11 20:00 exactly"),
    ("8h toi em qua", "at Tue 24/11 20:00 exactly"),
    ("chieu 5h", "at Tue 24/11 17:00 exactly"),
    ("bua nay", "at Tue 24/11 00:00 - Wed 25/11 00:00"),
    ("ngay mai", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("hom qua", "ago Mon 23/11 00:00 - Tue 24/11 00:00"),
    ("thu 6 nay", "at Fri 27/11 00:00 - Sat 28/11 00:00"),
    ("thu hai tuan sau", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("cuoi tuan nay", "at Sat 28/11 00:00 - Mon 30/11 00:00"),
    ("cham nhat thu 6", "by Fri 27/11 17:00"),
    ("trong vong 2 tieng", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("2 tieng nua", "at Tue 24/11 12:00 exactly"),
    ("30 phut nua", "at Tue 24/11 10:30 exactly"),
    ("nua tieng nua", "at Tue 24/11 10:30 exactly"),
    ("2 tieng truoc", "ago Tue 24/11 08:00 exactly"),
    ("tu sang den gio", "ago Tue 24/11 06:00 - Tue 24/11 10:00"),
    ("tu 5h toi gio", "ago Tue 24/11 05:00 - Tue 24/11 10:00"),
    ("con 2 tieng nua", "within Tue 24/11 10:00 - Tue 24/11 12:00 exactly"),
    ("den het 30/11", "until Tue 01/12 00:00"),
    ("ngay 24 thang 12", "at Thu 24/12 00:00 - Fri 25/12 00:00"),
    ("xin toi 9h sang mai", "until Wed 25/11 09:00 exactly"),
    ("doi sang mai", "at Wed 25/11 00:00 - Thu 26/11 00:00"),
    ("trong hom nay", "within Tue 24/11 10:00 - Tue 24/11 17:00"),
    ("cuoi gio", "at Tue 24/11 17:00"),
    ("bay gio", "at Tue 24/11 10:00 exactly"),
    ("luc nay", "at Tue 24/11 10:00 exactly"),
    ("gấpppp sáng maiii", "at Wed 25/11 06:00 - Wed 25/11 12:00"),
    ("TRƯỚC 11H TRƯA NAY", "by Tue 24/11 11:00 exactly"),
)


@pytest.mark.parametrize(("text", "expected"), BARE)
def test_words_without_marks_stretched_or_in_capitals_are_read_by_their_company(text: str, expected: str) -> None:
    assert told(text) == expected


EVENING = (
    ("7h", "at Wed 25/11 07:00 exactly"),
    ("trước 7h", "by Wed 25/11 07:00 exactly"),
    ("9h tối", "at Tue 24/11 21:00 exactly"),
    ("trước 15h", "by Wed 25/11 15:00 exactly"),
    ("trước 9h sáng", "by Wed 25/11 09:00 exactly"),
    ("5pm", "at Wed 25/11 17:00 exactly"),
    ("sáng nay", "ago Tue 24/11 06:00 - Tue 24/11 12:00"),
    ("chiều nay", "ago Tue 24/11 12:00 - Tue 24/11 18:00"),
    ("tối nay", "at Tue 24/11 18:00 - Wed 25/11 00:00"),
    ("đêm nay", "at Tue 24/11 21:00 - Wed 25/11 06:00"),
    ("2h đêm nay", "at Wed 25/11 02:00 exactly"),
    ("trong hôm nay", "within Tue 24/11 20:30 - Wed 25/11 00:00"),
    ("trong ngày", "within Tue 24/11 20:30 - Wed 25/11 00:00"),
    ("EOD", "at Wed 25/11 17:00"),
    ("EOD today", "at Wed 25/11 00:00"),
    ("nửa đêm", "at Wed 25/11 00:00 exactly"),
)


@pytest.mark.parametrize(("text", "expected"), EVENING)
def test_in_the_evening_the_morning_is_tomorrow(text: str, expected: str) -> None:
    assert told(text, at(24, 20, 30)) == expected


ON_SATURDAY = (
    ("thứ 7", "at Sat 28/11 00:00 - Sun 29/11 00:00"),
    ("thứ 6", "at Fri 04/12 00:00 - Sat 05/12 00:00"),
    ("thứ 6 này", "at Fri 04/12 00:00 - Sat 05/12 00:00"),
    ("thứ 2", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("thứ 2 tuần sau", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("next Monday", "at Mon 30/11 00:00 - Tue 01/12 00:00"),
    ("this Friday", "at Fri 04/12 00:00 - Sat 05/12 00:00"),
    ("cuối tuần này", "at Sat 28/11 00:00 - Mon 30/11 00:00"),
    ("đầu tuần", "at Mon 30/11 00:00 - Wed 02/12 00:00"),
    ("EOD", "at Sat 28/11 12:00"),
    ("chậm nhất hôm nay", "by Sat 28/11 12:00"),
    ("chậm nhất chủ nhật", "by Mon 30/11 00:00"),
    ("trong tuần", "within Sat 28/11 11:00 - Sat 28/11 12:00"),
)


@pytest.mark.parametrize(("text", "expected"), ON_SATURDAY)
def test_on_a_saturday_the_week_that_comes_is_next_week(text: str, expected: str) -> None:
    assert told(text, at(28, 11)) == expected


MIDNIGHT = (
    ("30 phút nữa", "at Wed 25/11 00:10 exactly"),
    ("1h sáng", "at Wed 25/11 01:00 exactly"),
    ("đêm nay", "at Tue 24/11 21:00 - Wed 25/11 06:00"),
    ("sáng mai", "at Wed 25/11 06:00 - Wed 25/11 12:00"),
    ("trước 8h", "by Wed 25/11 08:00 exactly"),
    ("trước 24h", "by Wed 25/11 00:00 exactly"),
    ("by midnight", "by Wed 25/11 00:00 exactly"),
)


@pytest.mark.parametrize(("text", "expected"), MIDNIGHT)
def test_shortly_before_midnight_the_night_goes_on(text: str, expected: str) -> None:
    assert told(text, at(24, 23, 40)) == expected


SMALL_HOURS = (
    ("đêm nay", "at Wed 25/11 00:00 - Wed 25/11 06:00"),
    ("đêm qua", "ago Tue 24/11 21:00 - Wed 25/11 02:00"),
    ("sáng nay", "at Wed 25/11 06:00 - Wed 25/11 12:00"),
    ("trước 8h", "by Wed 25/11 08:00 exactly"),
    ("2 tiếng nữa", "at Wed 25/11 04:00 exactly"),
)


@pytest.mark.parametrize(("text", "expected"), SMALL_HOURS)
def test_in_the_small_hours_last_night_is_not_over(text: str, expected: str) -> None:
    assert told(text, at(25, 2)) == expected


MONTH_END = (
    ("ngày 1", "at Tue 01/12 00:00 - Wed 02/12 00:00"),
    ("mùng 2", "at Wed 02/12 00:00 - Thu 03/12 00:00"),
    ("ngày 28", "ago Sat 28/11 00:00 - Sun 29/11 00:00"),
    ("ngày 31", "at Thu 31/12 00:00 - Fri 01/01 00:00"),
    ("cuối tháng", "at Thu 26/11 00:00 - Tue 01/12 00:00"),
    ("trước cuối tháng", "by Mon 30/11 17:00"),
    ("tháng sau", "at Tue 01/12 00:00 - Fri 01/01 00:00"),
    ("hết tháng", "until Tue 01/12 00:00"),
)


@pytest.mark.parametrize(("text", "expected"), MONTH_END)
def test_at_the_end_of_a_month_days_are_of_the_next(text: str, expected: str) -> None:
    assert told(text, at(30, 16)) == expected


YEAR_END = (
    ("mai", "at Fri 01/01 00:00 - Sat 02/01 00:00"),
    ("1/1", "at Fri 01/01 00:00 - Sat 02/01 00:00"),
    ("15/1", "at Fri 15/01 00:00 - Sat 16/01 00:00"),
    ("24/12", "ago Thu 24/12 00:00 - Fri 25/12 00:00"),
    ("20/11", "ago Fri 20/11 00:00 - Sat 21/11 00:00"),
    ("Jan 5", "at Tue 05/01 00:00 - Wed 06/01 00:00"),
    ("tuần sau", "at Mon 04/01 00:00 - Mon 11/01 00:00"),
    ("tháng 1", "at Fri 01/01 00:00 - Mon 01/02 00:00"),
    ("năm sau", "at Fri 01/01 00:00 - Sat 01/01 00:00"),
    ("cuối năm", "at Mon 02/11 00:00 - Fri 01/01 00:00"),
)


@pytest.mark.parametrize(("text", "expected"), YEAR_END)
def test_at_the_end_of_a_year_dates_are_of_the_next(text: str, expected: str) -> None:
    assert told(text, at(31, 15, month=12)) == expected


NONE = (
    "24/7",
    "1/2 cái",
    "3/4 bể nước",
    "lần thứ 2",
    "người thứ hai",
    "Thứ hai, giá quá cao",
    "thứ 2 là giá",
    "0977 000 518",
    "giá 24.000",
    "1.500.000đ",
    "36.000",
    "v2.3.11",
    "hợp đồng 12/3/HĐ",
    "số 12/5 Nguyễn Trãi",
    "8-10 cái",
    "31/11",
    "45/13",
    "gọi Mai nhé",
    "chị Mai ơi",
    "Nguyễn Thị Mai",
    "khuyến mãi lớn",
    "khuyen mai lon",
    "goi mai khong duoc",
    "mai mốt ghé",
    "tôi qua lấy hàng",
    "toi qua lay hang",
    "hai chiều",
    "chiều dài 2m",
    "tối đa",
    "2 tiếng Anh",
    "mấy giờ mở cửa",
    "Good morning",
    "CN Đà Nẵng",
    "2nd floor",
    "tầng 7",
    "may I ask",
    "lâu nay",
    "phạt 0,1%/ngày",
    "16:9",
    "1:100",
    "ca đêm",
    "đẹp quá",
    "about the night shift",
    "mai ngoi",
    "tự sáng lại",
    "mang 4g yếu",
    "em đem qua",
    "lap thang tam nay",
    "khi nào tôi qua",
    "9h30p5 abc",
    "5/10 điểm",
)


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert told(text) == ""


# --- where it stands ----------------------------------------------------------------------------------------------


def test_a_time_is_given_with_the_words_that_relate_it_and_nothing_else() -> None:
    text = "Chị ơi, chậm nhất là 4h chiều mai chị gửi em nhé. Khách ở đây từ sáng đến giờ, còn 20 phút nữa là họ về."
    assert places(text) == ["chậm nhất là 4h chiều mai", "từ sáng đến giờ", "còn 20 phút nữa là"]


def test_times_parted_by_a_sentence_are_two() -> None:
    assert places("Em cần trước 11h. Mai em nghỉ.") == ["trước 11h", "Mai"]


def test_a_time_of_day_takes_the_day_named_before_it_in_its_clause() -> None:
    assert told("Thứ sáu gửi em trước 15h").endswith("by Fri 27/11 15:00 exactly")
    assert told("Mai em bay, gửi em trước 15h").endswith("by Tue 24/11 15:00 exactly")


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_composed_and_decomposed_text_say_the_same(form: str) -> None:
    text = "trước 11h trưa mai, chậm nhất chiều thứ bảy"
    assert told(unicodedata.normalize(form, text)) == told(text)


@pytest.mark.parametrize(("older", "newer"), [("thứ bẩy", "thứ bảy"), ("cuối qúy này", "cuối quý này")])
def test_both_ways_to_write_a_word_are_read(older: str, newer: str) -> None:
    assert told(older) == told(newer) != ""


def test_an_office_that_is_closed_all_day_has_its_end_of_day_at_midnight() -> None:
    assert told("chậm nhất hôm nay", at(29, 9)) == "by Mon 30/11 00:00"


def test_the_end_of_a_working_day_on_a_day_off_is_that_of_the_next_working_day() -> None:
    assert told("EOD", at(29, 9)) == "at Mon 30/11 17:00"


def test_an_hour_from_now_is_an_hour_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    arrived = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)  # the first of the two
    (hour,) = find("in one hour", tokenize("in one hour"), arrived, closing)
    assert hour.finish.timestamp() - arrived.timestamp() == 3600


# --- anything -----------------------------------------------------------------------------------------------------

_SAMPLE = """
trước sáng mai 7h 11h30 24/11 thứ 6 này tuần sau cuối tháng trong 2 tiếng nữa từ đến chậm nhất là hôm qua nay tối by EOD
Friday within hours next half past an the 5 pm 31 2 - , . : / năm ngày giờ rưỡi kém 15 rồi hết 99999 0 00 Feb 30 29/2
giữa của vào lúc 24h 25h h p m cả hơn
"""
_WORDS = st.sampled_from(_SAMPLE.split())
_TEXTS = st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=14).map(" ".join), st.lists(_WORDS).map("".join))
_ARRIVALS = st.datetimes(datetime(1900, 1, 2), datetime(2099, 12, 30), timezones=st.just(ZONE))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(_TEXTS, _ARRIVALS)
def test_any_text_is_read_and_every_time_lies_in_it(text: str, arrived: datetime) -> None:
    tokens = tokenize(text)
    end = -1
    for found in find(text, tokens, arrived, closing):
        assert end < found.first <= found.last < len(tokens)
        assert (found.start, found.end) == (tokens[found.first].start, tokens[found.last].end)
        assert found.begin <= found.finish
        end = found.last


@settings(max_examples=50, deadline=None)
@given(_TEXTS)
def test_what_is_wholly_past_is_said_to_be_past(text: str) -> None:
    for found in times(text):
        if found.relation is Relation.AGO:
            assert found.begin <= TUESDAY
            assert found.finish <= TUESDAY


@pytest.mark.parametrize(
    "piece",
    ["trước ", "từ 1 đến ", "1 2 3 ", "1-", "24/11/", "thứ ", "mai ", "ngày ", "2 tiếng ", "a", "hơn cả gần ", "the ",
     "1.", "11:30 ", "từ sáng mai đến chiều thứ 6 tuần sau ", "\n", "còn ", "cuối đầu giữa ", "half past ",
     "cuối the the "],
)  # fmt: skip
def test_a_hundred_thousand_characters_are_read_at_once(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    tokens = tokenize(text)
    start = time.process_time()
    find(text, tokens, TUESDAY, closing)
    assert time.process_time() - start < 2  # a third of a second on an idle machine; what is not linear takes minutes


@pytest.mark.parametrize("minute", [0, 20, 59])
@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("broken since 2 at night", "ago Wed 30/09 02:00"),
        ("Máy hỏng từ 2h đêm", "from Thu 01/10 02:00"),
        ("blistered after a night in the sheets", ""),
    ],
)
def test_just_after_midnight_an_hour_of_the_night_can_be_of_the_night_before(text: str, when: str, minute: int) -> None:
    assert told(text, at(1, 0, minute, 10)).startswith(when)
