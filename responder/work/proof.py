"""Whether a policy's own examples let it be taken.

A policy that is new and whose examples fail is refused. One that is in force already goes on, and the failure is told:
it then comes of what was learnt since (`responder train`, another version of the program), and nobody has changed the
rules. Of an earlier run it is remembered which text was in force.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from responder.about import about
from responder.config import LoadedConfig
from responder.document import Problem, Unusable, in_order
from responder.errors import TroubleKind
from responder.policy.examples import failing
from responder.policy.meaning import Judging
from responder.store.store import Store

log = logging.getLogger(__name__)


def proven(
    loaded: LoadedConfig, judge: Judging | None, is_in_force: Callable[[str], bool]
) -> Mapping[str, tuple[Problem, ...]]:
    """The failing examples by account, of policies that go on all the same. Raises `Unusable` for a new one.

    `is_in_force`: whether the account's policy is the one that was in force before.
    """
    found = {name: problems for name, each in loaded.read.items() if (problems := failing(each, judge))}
    refused = [problem for name, problems in found.items() if not is_in_force(name) for problem in problems]
    if refused:
        raise Unusable(in_order(refused))
    return found


def tell(account: str, problem: Problem) -> str:
    """That a policy goes on although an example of it fails; the line for the report."""
    told = about(account=account, trouble=TroubleKind.CONFIG)
    log.error("%s: the policy stays in force, but an example of it fails now: %s", account, problem, extra=told)
    return str(problem)


def remember(store: Store, digests: Mapping[str, str]) -> None:
    """The texts in force from now on, by account."""
    for account, digest in digests.items():
        if store.setting(_key(account)) != digest:
            store.set(_key(account), digest)


def was_in_force(store: Store, account: str, digest: str) -> bool:
    """When the program last worked with this state."""
    return store.setting(_key(account)) == digest


def _key(account: str) -> str:
    return f"policy of {account}"
