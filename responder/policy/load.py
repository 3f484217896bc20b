"""YAML text → Policy, or every problem at once, each with its place and a remedy.

Beside what the types say, everything is checked that one part of a policy says about another (`crossed.py`,
`text_checks.py`, `expected.py`, `fed.py`), and of a policy that can be used, what is legal but surely not meant
(`doubts.py`). Must not know the clock (today is an argument) or the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from responder.document import Code, Place, Problem, Wrong, errors, in_order, parse, validate
from responder.policy import fed
from responder.policy.crossed import RoleUse, crossed, roles
from responder.policy.doubts import doubts
from responder.policy.expected import example_places, misnamed
from responder.policy.feed import Feed
from responder.policy.model import Policy
from responder.policy.text_checks import unfillable


class Unfillable(StrEnum):
    """What sort of mistake it is, beside those of any file."""

    TEXT = "text"  # it cannot be filled in


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a policy's text: the policy, or None where a problem is an error; `digest` is its SHA-256.

    The text, and with it the digest, covers the days of its calendars: `load` reads it again as it is here.
    """

    policy: Policy | None
    problems: tuple[Problem, ...]
    digest: str
    roles: tuple[RoleUse, ...] = ()
    text: str = ""  # as it was read, with the days of its calendars
    examples: tuple[Place, ...] = ()  # where each begins
    file: str = ""


def load(text: str, file: str, today: date | None = None, feeds: Mapping[str, Feed | Wrong] | None = None) -> Loaded:
    """Read a policy. `file` is its name for messages; `today` (in any zone) turns on the warnings.

    `feeds`: what the calendars say that the policy names (see `fed.named_calendars`), or what is wrong with them;
    None: what the text itself says of them.

    Never raises: whatever is wrong is in `problems`, in the order of the file.
    """
    written, said = fed.parted(text) if feeds is None else (text, feeds)
    feeds, text = said, fed.joined(written, said)
    document = parse(written, file)
    rules = {name: feed.rules for name, feed in feeds.items() if isinstance(feed, Feed)}
    policy, problems = validate(document, Policy, {"feeds": rules})
    problems += _sorted_as(Code.CONFLICT, (*crossed(document), *misnamed(document)))
    problems += _sorted_as(Unfillable.TEXT, unfillable(document))
    problems += fed.unusable(document, feeds)
    usable = None if errors(problems) else policy
    if today is not None:
        problems += (*doubts(document, usable, today), *fed.doubtful(document, feeds, today))
    return Loaded(
        usable,
        in_order(problems),
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        roles=tuple(roles(document)),
        text=text,
        examples=example_places(document),
        file=file,
    )


def _sorted_as(code: StrEnum, problems: Iterable[Problem]) -> Iterator[Problem]:
    return (replace(problem, code=code) for problem in problems)
