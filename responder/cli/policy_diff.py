"""`responder policy diff`: another policy against the one in force, before anybody takes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from responder.cli import files, show
from responder.cli.app import DONE, PROBLEMS
from responder.cli.check import Form, summary
from responder.cli.policy_change import checked, effect, sentences, tell
from responder.policy.model import Policy

if TYPE_CHECKING:
    from responder.replay.differences import Difference
    from responder.replay.entry import Entry
    from responder.replay.recount import Recount


def diff(old: str | None, new: Path, *, as_json: bool) -> int:
    """Tell it; the exit code. Raises `Trouble`, `Unusable`."""
    file = files.policy_file(old)
    before = files.load_policy(file.path)
    files.require_file(new)
    loaded = checked(file, new, new)
    if loaded.policy is None:
        summary(new, loaded.problems, Form.JSON if as_json else Form.FULL)
        return PROBLEMS
    after = loaded.policy
    said = sentences(before, after)
    found = effect(file, before, after)
    if as_json:
        mails = _mails(found, after) if found is not None else None
        show.one_json({"old": str(file.path), "new": str(new), "changes": list(said), "mails": mails})
    else:
        tell(said, found, after)
    return DONE


def _mails(found: Recount, policy: Policy) -> dict[str, Any]:
    from responder.replay.recount import DAYS

    return {
        "days": DAYS,
        "compared": found.compared,
        "different": found.differing,
        "words_gone": found.forgotten,
        "cut": found.is_cut,
        "examples": [_example(each, policy) for each in found.examples],
    }


def _example(found: Difference, policy: Policy) -> dict[str, Any]:
    from responder.replay.cause_words import cause_said

    after = found.after
    return {
        "id": int(after.source),
        "account": after.account,
        "received": show.iso(after.arrived, after.arrived.tzinfo),
        "from": after.sender,
        "subject": after.subject,
        "before": _outcome(found.before),
        "after": _outcome(after),
        "cause": found.group.cause.value,
        "why": cause_said(found.group, policy.language),
    }


def _outcome(entry: Entry) -> dict[str, Any]:
    zone = entry.arrived.tzinfo
    actions = [
        {"kind": deed.kind.value, "template": deed.template, "to": deed.to, "due": show.iso(deed.due, zone)}
        for deed in entry.deeds
    ]
    return {"urgency": entry.urgency, "play": entry.play, "actions": actions}
