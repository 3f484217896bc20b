"""What a kind of trouble means for the work: whether it lasts, who ends it, how soon it is tried again.

Every set of kinds is here, so that a new kind is thought of once. What is said of each is in `digest_words.py`.
"""

from __future__ import annotations

from responder.about import place_of
from responder.errors import Trouble, TroubleKind

# They happen rather than last: told in the period in which they were seen, nobody ends them.
EVENTS = frozenset(
    {TroubleKind.BREAKER, TroubleKind.ACCOUNT_HELD, TroubleKind.ALERTS_HELD, TroubleKind.QUARANTINE,
     TroubleKind.REBASELINE}
)  # fmt: skip
# Only the daemon in which it arose can know: another one begins without it, and finds it if it is there.
OF_ONE_RUN = frozenset({TroubleKind.CLOCK, TroubleKind.INTERNAL, TroubleKind.POLICY, TroubleKind.CONFIG})
# While it is open, some mail is neither read nor answered. The others (a limit that was reached, one message that was
# set aside, a changed file with a mistake) are told, and the work goes on.
STOPS_MAIL = frozenset({
    TroubleKind.LOGIN, TroubleKind.NETWORK, TroubleKind.TLS, TroubleKind.SERVER, TroubleKind.BUSY, TroubleKind.MAILBOX,
    TroubleKind.STATE, TroubleKind.CREDENTIAL, TroubleKind.DELIVERY, TroubleKind.CLOCK, TroubleKind.INTERNAL,
})  # fmt: skip

# --- a round over a mailbox -------------------------------------------------------------------------------------------

BUSY = frozenset({TroubleKind.BUSY})  # the server asks to wait
REFUSALS = frozenset({TroubleKind.SERVER, TroubleKind.MAILBOX}) | BUSY  # of one step; the others can still go on
UNREADABLE = frozenset({TroubleKind.MAILBOX}) | BUSY  # no new mail can be had: then a pause
SLOW = frozenset({TroubleKind.LOGIN, TroubleKind.CREDENTIAL}) | BUSY  # providers lock out who hammers
ENDS_THE_ROUND = frozenset({TroubleKind.NETWORK}) | BUSY
OVER_ONE = frozenset({TroubleKind.SERVER}) | ENDS_THE_ROUND  # what one message may bring about
ENDED_BY_OTHERS = frozenset(
    {TroubleKind.DELIVERY, TroubleKind.BOUNCED, TroubleKind.UNREACHABLE, TroubleKind.WAKING, TroubleKind.POLICY,
     TroubleKind.SEND_LIMIT, TroubleKind.MARK, TroubleKind.CALENDAR}
)  # fmt: skip
ENDED_BY_A_ROUND = frozenset(TroubleKind) - EVENTS - ENDED_BY_OTHERS  # one that has come to its end shows it is right


def defect(error: Exception) -> Trouble:
    """A failure nobody foresaw, told as trouble."""
    text = f"a defect of the program ({place_of(error)})"
    return Trouble(TroubleKind.INTERNAL, "responder", text, "please report it with the journal's traceback")
