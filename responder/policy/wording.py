"""Templates → text: the words we send, from the policy and a few values.

A template sees only the named values of `values.py`; what it may do with them
says `templates.py`. Values that came with a mail are cleaned first.
Knows nothing of plays, mail headers or the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from responder.mail import echo
from responder.mail.language import Language
from responder.policy import phrases, templates
from responder.policy.model import Policy

ABOVE_SIGNATURE = "-- "  # with the space: by it, mail programs know a signature
MAIL_VALUE_LIMIT = 200  # characters of a value that came with a mail


class WordingError(ValueError):
    """A template could not be worded; the message names it and says why."""


def clean(value: str) -> str:
    """A value from a mail, safe in one line for our own people: no controls, line breaks or bidi tricks, not long."""
    return echo.clipped(echo.one_line(value), MAIL_VALUE_LIMIT)


def clean_lines(text: str) -> str:
    """Several lines from a mail, each as `clean` leaves it."""
    return "\n".join(clean(line) for line in text.strip().splitlines())


def language_for(policy: Policy, template: str, wanted: Language) -> Language:
    """The sender's language where the policy has the text in it, else the policy's own."""
    return wanted if wanted in policy.texts[template] else policy.language


def word(policy: Policy, template: str, language: Language, values: Mapping[str, str]) -> str:
    """The text of one template, ready to send. Raises `WordingError`."""
    source = policy.texts.get(template, {}).get(language)
    if source is None:
        raise WordingError(f"the policy has no text `{template}` ({language})")
    return _filled(source, values, f"text `{template}` ({language})")


def _filled(source: str, values: Mapping[str, str], name: str) -> str:
    try:
        return fill(source, values).strip()
    except WordingError as error:
        raise WordingError(f"{name}: {error}") from error


def _signature(policy: Policy, language: Language, values: Mapping[str, str]) -> str:
    """In the language of the text where the policy has it, else in its own, below the line of RFC 3676 4.3."""
    source = policy.signature.get(language) or policy.signature.get(policy.language, "")
    filled = _filled(source, values, f"signature ({language})")
    return f"\n\n{ABOVE_SIGNATURE}\n{filled}" if filled else ""


def fill(source: str, values: Mapping[str, str]) -> str:
    """Any template with its values in place. Raises `WordingError`."""
    try:
        return templates.filled(source, values)
    except Exception as error:  # a template can go wrong in every way Python knows
        raise WordingError(str(error)) from error


def values(
    policy: Policy, *, office_name: str, subject: str, arrived: datetime, now: datetime, language: Language
) -> dict[str, str]:
    """Everything a template may name (see `values.TEMPLATE_VALUES`), said in `language` as of `now`."""
    calendar = policy.calendar()
    opening = calendar.next_open(now)
    closure = calendar.why_closed(arrived)
    hours = policy.promise.total_seconds() / 3600 if policy.promise else 0
    return {
        "opening": phrases.moment(opening, language) if opening else "",
        "opening_day": phrases.day(opening.date(), language) if opening else "",
        "urgent_phone": policy.urgent_phone or "",
        "office_name": office_name,
        "received": phrases.received(arrived, now, calendar, language),
        "promise_hours": f"{hours:g}",
        "subject": echo.subject(subject),
        "closed_because": phrases.closed(closure, language) if closure else "",
    }


def text(
    policy: Policy,
    template: str,
    language: Language,
    *,
    office_name: str,
    subject: str,
    arrived: datetime,
    now: datetime,
    is_signed: bool = False,
) -> str:
    """One template with everything it may name, as of `now`: what a customer reads. Raises `WordingError`."""
    known = values(policy, office_name=office_name, subject=subject, arrived=arrived, now=now, language=language)
    return word(policy, template, language, known) + (_signature(policy, language, known) if is_signed else "")
