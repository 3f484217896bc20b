"""The policy that was in force when a mail was decided, and whether today's would do otherwise.

Told beside the record, never instead of it. Reads the store and the office's files; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from responder.cli import files
from responder.cli.story_sheet import action_said
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.policy import again, load, phrases, report, wording
from responder.policy.again import Kept
from responder.policy.decide import ActionKind, text_language
from responder.policy.model import Policy
from responder.replay import recount
from responder.store.records import MessageRow
from responder.store.store import Store

if TYPE_CHECKING:
    from responder.policy.meaning import Judging

SAYS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "as_today": "Quy định khi ấy cũng là quy định hôm nay.",
        "other": "Theo quy định của lúc ấy (dùng từ {since}); từ đó quy định đã đổi.",
        "lost": "Quy định của lúc ấy không được lưu; phần trình bày theo quy định hôm nay.",
        "unreadable": "Bản chương trình này không đọc được quy định của lúc ấy; phần trình bày theo quy định hôm nay.",
        "allow": "Phần `allow:` của quy định đã đổi; sổ ghi không cho biết nay thư này có được trả lời hay không.",
        "reworded": "Quy định hôm nay cũng sẽ làm như quy định lúc ấy, nhưng với lời thư khác: {texts}.",
        "same": "Quy định hôm nay cũng sẽ làm như quy định lúc ấy.",
        "otherwise": "Với quy định hôm nay thì khác: {what}.",
        "unknown": "Lời khách không còn được lưu nên không biết quy định hôm nay sẽ làm gì.",
        "nothing": "không làm gì",
        "play": "tình huống “{play}”",
        "relearnt": "Máy đoán đã học lại từ lúc ấy.",
    },
    Language.EN: {
        "as_today": "The policy of then is still today's.",
        "other": "By the policy of that time (in force since {since}); it has changed since.",
        "lost": "The policy of that time was not kept; what is told besides the record follows today's.",
        "unreadable": "This program cannot read the policy of that time; what is told besides follows today's.",
        "allow": "`allow:` of the policy has changed; the record does not tell whether this mail is answered now.",
        "reworded": "Today's policy would do the same as the policy of then, but in other words: {texts}.",
        "same": "Today's policy would do the same as the policy of then.",
        "otherwise": "Today's policy would do otherwise: {what}.",
        "unknown": "The customer's words are not kept any more: what today's policy would do is not known.",
        "nothing": "nothing",
        "play": "the play “{play}”",
        "relearnt": "The guesses have been learnt anew since.",
    },
}


@dataclass(frozen=True, slots=True)
class Then:
    """The policy to tell a record by, what must be said of it, and the same as fields of `--json`."""

    policy: Policy
    notes: tuple[str, ...]
    fields: Mapping[str, Any]


def then(store: Store, office: files.Office, row: MessageRow) -> Then:
    """What is known of the policy a message was decided with."""
    today = office.policy_of(row.place.account)
    kept = store.policy(row.policy) if row.policy else None
    old = load.load(kept.text, "policy").policy if kept else None
    policy = old or today or files.shipped_policy()
    says = SAYS[policy.language]
    is_todays = row.policy is not None and row.policy == office.digests.get(row.place.account)
    fields: dict[str, Any] = {
        "policy": {
            "hash": row.policy,
            "since": kept.first_seen.astimezone(policy.calendar().zone).isoformat() if kept else None,
            "is_todays": is_todays,
        },
        "today": None,
    }
    if is_todays:
        return Then(policy, (says["as_today"], *_relearnt(row, policy, office)), fields)
    if kept is None or old is None:
        return Then(policy, (says["unreadable" if kept else "lost"],), fields)
    notes = [says["other"].format(since=_moment(kept.first_seen, policy))]
    if today is not None:
        comparison = _Comparison(row, old, today, office)
        notes += comparison.notes()
        notes += _relearnt(row, old, office)
        fields["today"] = comparison.fields()
    return Then(policy, tuple(notes), fields)


def _relearnt(row: MessageRow, policy: Policy, office: files.Office) -> tuple[str, ...]:
    """Said where the guesses of then came from other weights than those of today."""
    recorded = (row.decision.get("judged") or {}).get("weights")
    judge = files.judge((policy,), office.config.learned) if recorded else None
    is_other = judge is not None and judge.digest != recorded
    return (SAYS[policy.language]["relearnt"],) if is_other else ()


def _moment(at: datetime, policy: Policy) -> str:
    return phrases.moment(at.astimezone(policy.calendar().zone), policy.language)


class _Comparison:
    """One mail on record under the policy of then, and under today's; both with today's weights."""

    def __init__(self, row: MessageRow, old: Policy, today: Policy, office: files.Office) -> None:
        self._row = row
        self._old, self._today = old, today
        self._judge: Judging | None = files.judge((old, today), office.config.learned)
        settings = office.config.accounts[row.place.account]
        self._to = Address(settings.name, settings.address)
        self._is_known = row.words_gone_at is None

    def notes(self) -> Iterator[str]:
        says, language = SAYS[self._old.language], self._old.language
        if not self._is_known:
            yield says["unknown"]
            return
        if not self._differs():
            yield self._alike()
            return
        told = self.fields() or {}
        what = [says["play"].format(play=told["play"])] if told["play"] else []
        what += [action_said(action, self._today, language) for action in told["actions"]] or [says["nothing"]]
        yield says["otherwise"].format(what="; ".join(what))

    def _alike(self) -> str:
        """Both do the same; but the record may not tell all that `allow:` asks for, and the texts may have changed."""
        says = SAYS[self._old.language]
        if again.may_be_allowed(self._kept(), self._old, self._today):
            return says["allow"]
        before, after = self._texts(self._old), self._texts(self._today)
        changed = [f"“{template}”" for template, text in before.items() if after.get(template) != text]
        return says["reworded"].format(texts=", ".join(changed)) if changed else says["same"]

    def _texts(self, policy: Policy) -> dict[str, str]:
        """What the customer would read, by the texts' names."""
        decision = again.again(self._kept(), policy, self._judge)
        return {
            action.template: wording.text(
                policy,
                action.template,
                text_language(policy, action.template, decision.reading),
                office_name=self._to.name,
                subject=self._row.subject,
                arrived=self._row.arrived_at,
                now=action.due,
                is_signed=action.kind is ActionKind.FOLLOW_UP,
            )
            for action in (*decision.of(ActionKind.REPLY), *decision.of(ActionKind.FOLLOW_UP))
            if action.template
        }

    def fields(self) -> Mapping[str, Any] | None:
        """What today's policy would do; None where that is not known, or the same."""
        if not self._is_known or not self._differs():
            return None
        told = report.fields(again.again(self._kept(), self._today, self._judge), self._today, source="")
        return {key: told[key] for key in ("urgency", "play", "actions", "reasons")}

    def _differs(self) -> bool:
        kept = self._kept()
        decisions = (again.again(kept, policy, self._judge) for policy in (self._old, self._today))
        first, second = ((each.plays, again.outcome(each)) for each in decisions)  # which play it is, is told here
        return first != second

    def _kept(self) -> Kept:
        return recount.kept(self._row, self._to)
