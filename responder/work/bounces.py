"""What follows when a mail of ours came back: nothing automatic goes to that address for a while, and staff are told.

Which mails those are is read in `mail/bounce.py`, and held against the records in `store/bounces.py`. Knows no server.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from responder.about import about
from responder.errors import TroubleKind
from responder.mail.addresses import Address
from responder.mail.bounce import Bounce
from responder.mail.language import Language
from responder.store.batch import Batch
from responder.store.bounces import STAFF
from responder.store.store import Store
from responder.work.desk import Desk

log = logging.getLogger(__name__)

# A mailbox that is gone seldom comes back, one that is full is emptied within weeks, and who goes on writing to dead
# addresses is soon taken for a sender of junk. (It is also the shortest time that records are kept.)
STOPS = timedelta(days=60)
REFUSED = timedelta(days=2)  # … where the server found fault with us, or with the way (`bounces.OF_THE_WAY`)
BELIEVED = timedelta(days=30)  # a mail that went out longer ago does not come back any more; servers give up in days
COMES_BACK_WITHIN = timedelta(days=1)  # a mail to our own people that has not come back by then has arrived

CANCELLED = {
    Language.VI: "thư trước gửi đến địa chỉ này đã bị trả lại",
    Language.EN: "an earlier mail to this address came back",
}


def record(batch: Batch, desk: Desk, bounce: Bounce, now: datetime) -> None:
    """Record what came back, as far as it is a mail of ours; trouble if it was one to our own people."""
    for row in batch.came_back(desk.name, bounce, now - BELIEVED, CANCELLED[desk.policy.language], now):
        told = about(account=row.account, trouble=TroubleKind.BOUNCED)
        log.warning("%s: a mail came back (%s)", row.account, row.status or "no status", extra=told)
        if row.kind in STAFF:
            text = f"mail to {row.address} comes back: {row.detail or 'no reason is told'} — look at `people:`"
            batch.note_trouble(row.account, TroubleKind.BOUNCED, text, now)


def end_if_over(desk: Desk, store: Store, now: datetime) -> None:
    """The trouble ends when later mail to each of these people has not come back."""
    is_open = any(row.account == desk.name and row.kind == TroubleKind.BOUNCED for row in store.open_troubles())
    staff = {Address("", person.address).untagged for person in desk.people.values()}
    if is_open and not staff & store.unreached_staff(desk.name, now - COMES_BACK_WITHIN):
        store.end_trouble(desk.name, (TroubleKind.BOUNCED,), now)
