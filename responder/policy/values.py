"""The names a template may use, and what each stands for.

The one list that the wording fills in and the loader checks against; it must not know how either is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

URGENT_PHONE = "urgent_phone"

TEMPLATE_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "opening": "when the office opens next, with the day: «thứ Hai, 23/11/2026, 08:00»",
        "opening_day": "the day on which the office opens next: «thứ Hai, 23/11/2026»",
        URGENT_PHONE: "the policy's `urgent_phone`",
        "office_name": "the account's `name` in the configuration",
        "received": "when the message came, in words: «vào tối qua», «last night»",
        "promise_hours": "the policy's `promise` as a number of working hours: «24»",
        "subject": "the subject of the customer's message",
        "closed_because": "why the office is closed, in a few words: «ngày lễ: Quốc khánh», «after office hours»",
    }
)
