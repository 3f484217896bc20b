"""The one kind of trouble a user ever reads: where, what, and what to do.

Adapters and the store raise `Trouble` at their edge (translated once, see
`servers/faults.py`); the commands print it as one line, the daemon records it
for the digest. Knows nothing of any library.
"""

from __future__ import annotations

from enum import StrEnum


class TroubleKind(StrEnum):
    """What went wrong, as far as it decides how soon to try again."""

    LOGIN = "login"  # the server answered: wrong user or password
    NETWORK = "network"  # no answer, or the connection broke
    TLS = "tls"  # the server could not prove who it is
    SERVER = "server"  # the server answered with a refusal or nonsense
    BUSY = "busy"  # over quota, too many connections: back off for long
    MAILBOX = "mailbox"  # the folder is not there or cannot be opened
    STATE = "state"  # the state file
    CONFIG = "config"  # a file the admin wrote
    POLICY = "policy"  # a policy file that is watched: a mistake in it, or it is not there
    CREDENTIAL = "credential"  # the password could not be read
    BREAKER = "breaker"  # too many automatic replies of all mailboxes: stopped
    ACCOUNT_HELD = "account_held"  # … of one mailbox
    ALERTS_HELD = "alerts_held"  # too many alerts: stopped
    QUARANTINE = "quarantine"  # a message that broke the code
    REBASELINE = "rebaseline"  # the mailbox was renumbered: old mail is left alone
    DELIVERY = "delivery"  # one mail of ours could not be delivered
    BOUNCED = "bounced"  # mail to our own people comes back
    SEND_LIMIT = "send_limit"  # the provider lets this mailbox send no more for a while
    MARK = "mark"  # the server cannot mark mail in the way the policy asks
    CLOCK = "clock"  # it stands behind what is on record
    UNREACHABLE = "unreachable"  # a mailbox could not be read for an hour of working time
    WAKING = "waking"  # what makes a telephone ring failed
    CALENDAR = "calendar"  # what came from its web address cannot be used: the copy goes on
    METRICS = "metrics"  # nobody can ask for them
    INTERNAL = "internal"  # a defect of ours


class Trouble(Exception):  # noqa: N818 - it is no defect of ours, it is what the user reads
    """One line for the user: `where: what — remedy`."""

    def __init__(self, kind: TroubleKind, where: str, what: str, remedy: str) -> None:
        self.kind = kind
        self.where = where
        self.what = what
        self.remedy = remedy
        super().__init__(f"{where}: {what} — {remedy}")
