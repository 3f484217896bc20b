"""A decision as plain fields: what `explain --json`, `replay --json` and the ledger give.

The names are stable and documented in `docs/json.md`.
"""

from __future__ import annotations

from typing import Any

from responder.mail.automatic import Veto
from responder.mail.sender import Route
from responder.policy.decide import Decision
from responder.policy.model import Policy
from responder.policy.phrases import closed


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


def fields(decision: Decision, policy: Policy, *, source: str) -> dict[str, Any]:
    """The fields of one message, times in ISO 8601 with the office's offset."""
    reading = decision.reading
    veto = reading.veto
    return {
        "source": source,
        "received": decision.arrived.isoformat(),
        "office": decision.office.value,
        "why_closed": closed(decision.closure, policy.language) if decision.closure else None,
        "next_open": decision.next_open.isoformat() if decision.next_open else None,
        "veto": _sign(veto) if veto else None,
        "also": [_sign(each) for each in reading.also],
        "excused": [_sign(each) for each in reading.excused],
        "way": _way(reading.route),
        "language": reading.language.value,
        "urgency": reading.urgency.value,
        "signals": [{"signal": hit.signal, "word": hit.word, "where": hit.where.value} for hit in reading.found.hits],
        "situations": list(reading.situations),
        "play": decision.play,
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
