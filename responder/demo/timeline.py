"""What happens on the demo's days, told on the terminal: when, who, what; colours only on a terminal.

Prints, and nothing else: what is told was read from the mailboxes and the ledger by others.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date, datetime, time
from email.message import EmailMessage

from rich.console import Console
from rich.text import Text

from responder.demo.days import ZONE
from responder.demo.letters import Letter
from responder.demo.servers import Delivered
from responder.mail.automatic import Sign
from responder.mail.language import Language
from responder.policy.calendar import Calendar
from responder.policy.phrases import SENTENCES, Reason, closed
from responder.store.records import MessageRow, OutboxKind, OutboxRow, OutboxState
from responder.work.digest_words import WORDS

NARROWEST, WIDEST = 40, 100  # columns
INDENT = 10  # columns before the mark of a line
ENGLISH = WORDS[Language.EN]


class Timeline:
    """Tells one thing after the other; headings come by themselves when the day changes."""

    def __init__(self, console: Console, calendar: Calendar) -> None:
        self._console = console
        self._calendar = calendar
        self._width = max(NARROWEST, min(console.width, WIDEST)) if console.is_terminal else WIDEST
        self._day: date | None = None
        self._time = ""
        self._told: set[str] = set()

    # --- the clock ---------------------------------------------------------------------------------------------

    def at(self, when: datetime) -> None:
        """The next line belongs to this time."""
        if when.date() != self._day:
            self._day = when.date()
            self._console.print()
            self._rule(f"{when:%A} {when.day} {when:%B %Y}", self._hours(when.date()))
        self._console.print()
        self._time = f"{when:%H:%M}"

    def _hours(self, day: date) -> str:
        spans = ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in self._calendar.spans_on(day))
        if spans:
            rule = self._calendar.rule_on(day)
            return f"open {spans}{', worked for another day' if rule else ''}"
        closure = self._calendar.why_closed(datetime.combine(day, time(12), ZONE))
        return f"closed: {closed(closure, Language.EN)}" if closure else ""

    def _rule(self, day: str, hours: str) -> None:
        title = Text.assemble(("━━ ", "dim"), (day, "bold"), (f"  {hours}" if hours else "", "dim"), " ")
        title.append("━" * max(0, self._width - title.cell_len), "dim")
        self._console.print(title, soft_wrap=True)

    # --- what happens ------------------------------------------------------------------------------------------

    def letter(self, letter: Letter) -> None:
        self._line("✉", "bold cyan", f"{letter.name} <{letter.address}> writes: {letter.subject}")
        self._body(letter.text)

    def staff(self, who: str, letter: Letter, text: str) -> None:
        self._line("✉", "bold blue", f"{who}, of the office, answers {letter.name} from her own mail program")
        self._body(text)

    def opening(self) -> None:
        self._line("○", "bold", "the office opens")

    def delivered(self, one: Delivered) -> None:
        """What the daemon has sent, told from the mail itself."""
        mail = one.mail
        if mail["Auto-Submitted"] == "auto-replied":
            self._line("↩", "bold green", f"automatic reply to {one.recipient}: {mail['Subject']}")
            self._text(mail)
        elif mail.get_content_type() == "multipart/alternative":
            self._line("▤", "bold magenta", f"daily digest to {one.recipient}: {mail['Subject']}")
        else:
            self._line("☎", "bold red", f"alert to {one.recipient}: {mail['Subject']}")

    def draft(self, mail: EmailMessage) -> None:
        self._line("✎", "bold yellow", f"draft for {mail['To']}: {mail['Subject']}")
        self._text(mail)

    def decided(self, row: MessageRow, mails: Sequence[OutboxRow]) -> None:
        """What the ledger says of a mail, beside what has been sent."""
        if not any(mail.kind is OutboxKind.REPLY for mail in mails):
            self._line("✗", "bold", f"no automatic reply: {why_silent(row)}")
        if row.marks:
            self._line("⚑", "bold red", f"{', '.join(row.marks)} in the mailbox")
        for mail in mails:
            if mail.kind is OutboxKind.FOLLOW_UP and mail.state is OutboxState.WAITING:
                due = mail.due_at.astimezone(ZONE)
                self._line("…", "dim", f"an answer is owed when the office opens: {due:%a} {due.day} {due:%b %H:%M}")

    def cancelled(self, letter: Letter) -> None:
        self._line("✓", "bold green", f"the draft owed to {letter.name} is cancelled: a person was quicker")

    # --- the end -----------------------------------------------------------------------------------------------

    def heading(self, text: str) -> None:
        self._console.print()
        self._rule(text, "")
        self._console.print()

    def promise(self, text: str, *, kept: bool) -> None:
        mark, style = ("✓", "bold green") if kept else ("✗ NOT SO:", "bold red")
        self._print("  ", mark, style, text)

    def remark(self, text: str) -> None:
        for line in textwrap.wrap(text, self._width, break_on_hyphens=False, break_long_words=False) or [""]:
            self._console.print(Text(line), soft_wrap=True)

    # --- lines -------------------------------------------------------------------------------------------------

    def _line(self, mark: str, style: str, text: str) -> None:
        self._print(f"  {self._time:<{INDENT - 2}}", mark, style, text)
        self._time = ""

    def _print(self, before: str, mark: str, style: str, text: str) -> None:
        first, *more = textwrap.wrap(text, self._width - len(before) - 3, break_on_hyphens=False) or [""]
        self._console.print(Text.assemble((before, "dim"), (mark, style), f" {first}"), soft_wrap=True)
        for line in more:
            self._console.print(Text(f"{' ' * len(before)}  {line}"), soft_wrap=True)

    def _text(self, mail: EmailMessage) -> None:
        """The words of a mail of ours; in full when they are read for the first time."""
        body = mail.get_body(("plain",))
        text = body.get_content().strip() if body is not None else ""
        if text in self._told:
            self._body("(the same words as above)")
            return
        self._told.add(text)
        self._body(text, style="")

    def _body(self, text: str, style: str = "dim") -> None:
        for paragraph in text.splitlines():
            for line in textwrap.wrap(paragraph, self._width - INDENT - 4, break_on_hyphens=False) or [""]:
                edge = Text(f"{' ' * INDENT}  │ " if line else f"{' ' * INDENT}  │", "dim")
                self._console.print(edge.append(line, style), soft_wrap=True)


def why_silent(row: MessageRow) -> str:
    """Why a mail got no automatic reply, in the digest's English words."""
    if row.veto is not None:
        return f"{_small(ENGLISH.vetoes[Sign(row.veto)])} — {row.decision['veto']['detail']}"
    if row.office == "open":
        return "the office is open, a person answers"
    said = next((reason for reason in ENGLISH.reasons if _is_said(reason, row)), None)
    return _small(ENGLISH.reasons[said]) if said is not None else _small(ENGLISH.other_reason)


def _is_said(reason: Reason, row: MessageRow) -> bool:
    """Whether the ledger names this reason; there it stands worded, in the policy's language."""
    beginning = SENTENCES[Language.VI][reason].partition("{")[0]
    return any(str(sentence).startswith(beginning) for sentence in row.decision["reasons"])


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
