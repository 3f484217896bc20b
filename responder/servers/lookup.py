"""Messages asked for by their numbers, many at a time; and found again in another folder by their Message-ID.

Works on a connection that has the inbox selected, and leaves it so. Knows nothing of marks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from responder.mail.message import parse
from responder.ports import Flags
from responder.servers.imap_client import LINE_LIMIT, Client

BATCH = 500  # messages in one command: its line has a limit
SPAN = LINE_LIMIT // 12  # UIDs that fit into the answer to one search, which is a line: of at most ten digits each
CLOSE = 100  # UIDs: what lies between two as near as that may be told with them
RANGES = 250  # in one command
MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.2000>"  # who writes a longer one is not found again
A_DAY = timedelta(days=1)


def batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[start : start + BATCH] for start in range(0, len(uids), BATCH))


def spans(first: int, uidnext: int, messages: int) -> Iterator[str]:
    """Ranges of UIDs for a search in a folder, each with an answer of a line that is taken."""
    if messages <= SPAN:
        yield f"{first}:*"
        return
    for start in range(first, uidnext, SPAN):
        yield f"{start}:{min(start + SPAN, uidnext) - 1}"


def flags(client: Client, uids: Sequence[int]) -> dict[int, Flags]:
    """Of those that the server finds; its answers are numbers, where FETCH would tell a line for each of thousands."""
    present, answered, flagged = (set(_found(client, uids, *more)) for more in ((), ("ANSWERED",), ("FLAGGED",)))
    return {uid: Flags(uid in answered, uid in flagged) for uid in uids if uid in present}


def _found(client: Client, uids: Sequence[int], *criteria: str) -> Iterator[int]:
    ranges = tuple(_ranges(sorted(uids)))
    for start in range(0, len(ranges), RANGES):
        yield from client.search(["UID", ",".join(ranges[start : start + RANGES]), *criteria])


def _ranges(uids: Sequence[int]) -> Iterator[str]:
    """Few, and yet wide only where there are such UIDs: a server may number its messages by the clock."""
    first = last = uids[0]
    for uid in uids:
        if uid - last > CLOSE:
            yield f"{first}:{last}"
            first = uid
        last = uid
    yield f"{first}:{last}"


def message_ids(client: Client, uids: Sequence[int]) -> dict[int, str]:
    """Of the folder that is selected; without those that have none."""
    found: dict[int, str] = {}
    for batch in batches(uids):
        for uid, row in client.fetch(batch, [MESSAGE_ID]).items():
            header = next((value for name, value in row.items() if name.startswith(b"BODY[HEADER")), None)
            message_id = parse(header or b"").message_id
            if message_id:
                found[uid] = message_id
    return found


def ids_in(client: Client, folder: str, inbox: str, criteria: Iterable[object]) -> frozenset[str]:
    """The Message-IDs of what fits in another folder; none where that has gone, or may only be put into."""
    with and_back(client, inbox):
        if not _select(client, folder):
            return frozenset()
        return frozenset(message_ids(client, client.search(list(criteria))).values())


@contextlib.contextmanager
def and_back(client: Client, inbox: str) -> Iterator[None]:
    """Another folder may be selected within, and be refused: after a refusal none is selected (RFC 9051 6.3.2)."""
    try:
        yield
    finally:
        client.select_folder(inbox)


def _select(client: Client, folder: str) -> bool:
    try:
        client.select_folder(folder, readonly=True)
    except client.AbortError:
        raise
    except client.Error:
        return False
    return True


def since(day: date) -> tuple[object, ...]:
    """SEARCH compares dates, whatever their time zone (RFC 9051 6.4.4): a day more is asked for."""
    return ("SINCE", day - A_DAY)
