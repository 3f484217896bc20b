"""The people of the office: who they are, when they want to be left in peace, and what makes their telephone ring.

A part of config.yaml as types. Knows neither alarms nor how anything is called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from responder.document import Duration, Section, Text, Wrong, read_duration
from responder.policy.model import Spans
from responder.policy.wording import WordingError, fill
from responder.secret import SecretSource, SecretUrl


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", value):
        raise Wrong(f"`{value}` is not an e-mail address", "write it like `info@congty.example`")
    return value


Address = Annotated[Text, AfterValidator(_address)]

# What a webhook's texts may name, each with an example; a command gets the same as JSON on its standard input.
WAKE_FACTS: Mapping[str, str] = {
    "number": "17",  # for `responder ack`
    "times": "1",  # the how manieth call this is
    "person": "Trực ngoài giờ",
    "kind": "message",
    "office": "Công ty Ví Dụ",
    "account": "info",
    "headline": "[KHẨN CẤP] Cháy kho — Lan <lan@khach.example>",
    "text": "…",
    "urgency": "emergency",
    "sender": "Lan <lan@khach.example>",
    "subject": "Cháy kho",
    "arrived": "thứ Bảy, 21/11/2026, 22:10",
}
MINUTES_A_DAY = 24 * 60
SHORTEST_REPEAT = timedelta(minutes=1)


def _body(value: Any) -> Any:
    """A webhook's JSON: its texts are templates. Raises Wrong, also for what it could not be filled in with."""
    match value:
        case Mapping():
            return {key: _body(each) for key, each in value.items()}
        case list() | tuple():
            return tuple(_body(each) for each in value)
        case str():
            return _template(value)
    raise Wrong("nothing is written here", 'write a text, such as `"{{ headline }}"`')


def _template(text: str) -> str:
    try:
        fill(text, WAKE_FACTS)
        fill(text, dict.fromkeys(WAKE_FACTS, ""))  # an alarm that is about no mail has little to tell
    except WordingError as error:
        raise Wrong(f"this text cannot be filled in: {error}", f"known are {', '.join(WAKE_FACTS)}") from None
    return text


def _repeat(value: object) -> timedelta:
    pause = read_duration(value)
    if pause < SHORTEST_REPEAT:
        raise Wrong(f"`{value}` is too short", "write at least 1m")
    return pause


class Webhook(Section):
    """A URL that is called; what it does with that is its own business."""

    url: SecretUrl = Field(
        description="what is called, with POST; as with passwords, it may come from elsewhere",
        examples=["https://hooks.example/t/123"],
    )
    headers: Mapping[Text, SecretSource] = Field(
        {}, description="headers beside the usual ones", examples=["{Authorization: {credential: hook-token}}"]
    )
    body: Annotated[Any, BeforeValidator(_body)] = Field(
        {name: f"{{{{ {name} }}}}" for name in WAKE_FACTS},
        description="the JSON it gets; its texts are templates",
        examples=['{text: "{{ headline }}"}'],
    )


class Wake(Section):
    """What makes somebody's telephone ring."""

    command: tuple[Text, ...] = Field(
        (), description="a program and its arguments; no shell", examples=["[/usr/local/bin/ring, '+84900000000']"]
    )
    webhook: Webhook | None = Field(None, description="a URL that is called", examples=["{url: https://…}"])
    repeat: Annotated[Duration, BeforeValidator(_repeat)] = Field(
        timedelta(minutes=5), description="and again after so long, until somebody acknowledges", examples=["5m"]
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.command and self.webhook is None:
            raise Wrong("nothing rings", "write `command: [PROGRAM, …]` or `webhook: {url: …}`")
        return self


class Person(Section):
    """Somebody of the office who is told things."""

    name: Text = Field(description="as in the greeting", examples=["Quản lý"])
    address: Address = Field(description="where alerts and reports go", examples=["quanly@congty.example"])
    quiet: Spans = Field(
        (), description="hours in which only emergencies reach them; the rest waits", examples=['"21:00-07:00"']
    )
    wake: Wake | None = Field(
        None, description="what makes their telephone ring for an alert", examples=["{webhook: {url: https://…}}"]
    )

    @model_validator(mode="after")
    def _sometimes_there(self) -> Self:
        if sum(span.end - span.start for span in self.quiet) >= MINUTES_A_DAY:
            raise Wrong("the quiet hours leave no hour of the day", "write the hours of the night: `21:00-07:00`")
        return self

    def quiet_until(self, local: datetime) -> datetime | None:
        """The end of the quiet hours that a time falls into, both as the office's clock shows them; else None."""
        end, until = None, self._span_end(local)
        while until is not None:  # hours that meet are one stretch
            end, until = until, self._span_end(until)
        return end

    def _span_end(self, local: datetime) -> datetime | None:
        for day in (local.date() - timedelta(days=1), local.date()):
            midnight = datetime.combine(day, time(), local.tzinfo)
            for span in self.quiet:
                start, end = (midnight + timedelta(minutes=minutes) for minutes in (span.start, span.end))
                if start <= local < end:
                    return end
        return None
