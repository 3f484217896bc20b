"""A decision as plain fields: what `explain --json`, `replay --json` and the ledger give.

The names are stable and documented in `docs/json.md`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from responder.mail.automatic import Veto
from responder.mail.language import Language
from responder.mail.sender import Route
from responder.policy import judged, trials
from responder.policy.deadlines import Deadline
from responder.policy.decide import Decision
from responder.policy.meaning import Evidence, Urgency
from responder.policy.model import Policy
from responder.policy.phrases import closed
from responder.policy.trials import Trial
from responder.policy.usage import Usage
from responder.words.signals import Hit


def _sign(veto: Veto) -> dict[str, str]:
    return {"signal": veto.signal.value, "detail": veto.detail}


def _way(route: Route) -> dict[str, str | None] | None:
    """By which way it came that the policy allows by name, and who wrote."""
    if route.is_direct:
        return None
    return {
        "group": route.group or None,
        "form": route.form.address if route.form else None,
        "writer": route.writer.address if route.writer else None,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    """The policy's word, and what the mail says for it."""
    return {"signal": hit.signal, "word": hit.word, "text": hit.text, "where": hit.where.value, "start": hit.start}


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return {
        "at": deadline.at.isoformat(),
        "text": deadline.text,
        "where": deadline.where.value,
        "start": deadline.start,
        "plain": deadline.is_plain,
    }


def _judged(evidence: Evidence, language: Language) -> dict[str, Any] | None:
    """What the learnt judge thinks, whether it counted or not."""
    judgement = evidence.judgement
    if judgement is None:
        return None
    return {
        "weights": judgement.weights or None,
        "urgency": judgement.urgency.value if judgement.urgency else Urgency.NORMAL.value,
        "labels": [
            {
                "label": label.value,
                "certainty": round(judgement.probabilities[label], 3),
                "certain": label in judgement.certain,
                "reasons": list(judged.reasons(judgement, label, evidence.heard, language)),
                "spoke": [_clause(each) for each in judged.spoke(judgement, label, evidence.heard)],
            }
            for label in judgement.labels
        ],
    }


def _clause(spoken: judged.Spoken) -> dict[str, Any]:
    return {"where": spoken.where.value, "start": spoken.start, "end": spoken.end}


def _play(trial: Trial, language: Language) -> dict[str, Any]:
    failed = trial.failed
    return {
        "name": trial.play,
        "fits": trial.fits,
        "certain": trial.is_sure,
        "conditions": [{"need": each.need.value, "met": each.is_met} for each in trial.conditions],
        "failed": trials.said(failed, language) if failed else None,
    }


def _limit(usage: Usage) -> dict[str, Any]:
    return {"limit": usage.limit.value, "used": usage.used, "most": usage.most, "per": usage.per.value}


def _open_hours(arrived: datetime, policy: Policy) -> list[dict[str, str]]:
    """When the office is open on the day of arrival; what goes on after midnight ends with the day."""
    day = arrived.astimezone(policy.calendar().zone).date()
    spans = policy.calendar().spans_on(day)
    return [{"from": f"{start:%H:%M}", "to": f"{end:%H:%M}" if end.date() == day else "24:00"} for start, end in spans]


def fields(decision: Decision, policy: Policy, *, source: str) -> dict[str, Any]:
    """The fields of one message, times in ISO 8601 with the office's offset."""
    reading = decision.reading
    meaning = reading.meaning
    veto = reading.veto
    return {
        "source": source,
        "received": decision.arrived.isoformat(),
        "office": decision.office.value,
        "why_closed": closed(decision.closure, policy.language) if decision.closure else None,
        "next_open": decision.next_open.isoformat() if decision.next_open else None,
        "open_hours": _open_hours(decision.arrived, policy),
        "veto": _sign(veto) if veto else None,
        "also": [_sign(each) for each in reading.also],
        "excused": [_sign(each) for each in reading.excused],
        "way": _way(reading.route),
        "language": reading.language.value,
        "urgency": reading.urgency.value,
        "signals": [_hit(hit) for hit in meaning.evidence.found.hits],
        "refused": [{**_hit(miss.hit), "why": miss.why.value, "by": miss.by} for miss in meaning.evidence.found.misses],
        "situations": list(meaning.situations),
        "shown_by": {name: by.value for name, by in meaning.shown.items()},
        "deadline": _deadline(meaning.deadline) if meaning.deadline else None,
        "judged": _judged(meaning.evidence, policy.language),
        "play": decision.play,
        "plays": [_play(trial, policy.language) for trial in decision.trials],
        "limits": [_limit(usage) for usage in decision.usage],
        "actions": [
            {
                "kind": action.kind.value,
                "template": action.template,
                "to": action.to,
                "due": action.due.astimezone(decision.arrived.tzinfo).isoformat(),
            }
            for action in decision.actions
        ],
        "reasons": list(decision.reasons),
    }


def discreet_fields(decision: Decision, policy: Policy, *, source: str) -> dict[str, Any]:
    """The same fields without anything that the customer wrote."""
    told = fields(decision, policy, source=source)
    for quoting in filter(None, (*told["signals"], *told["refused"], told["deadline"])):
        quoting["text"] = ""
    for refused in told["refused"]:
        refused["by"] = ""
    for label in told["judged"]["labels"] if told["judged"] else ():
        label["reasons"] = []
    return {**told, "reasons": list(decision.discreet_reasons)}
