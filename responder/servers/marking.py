"""Marks on the messages of an inbox: what the server lets us set, and how it is set.

Flags and keywords (RFC 9051 2.3.2), Gmail's labels, and moving to a folder (RFC 6851; without it, a copy and an
EXPUNGE of just these messages, RFC 4315). Works on a connection that has the inbox selected; knows no more of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imapclient import imapclient

from responder.document import did_you_mean
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Mark, MarkKind
from responder.servers import lookup
from responder.servers.imap_client import Client

TAKE_OUT = "take it out of `mark:` in the policy, or use `flagged`"
UNSELECTABLE = frozenset({rb"\noselect", rb"\nonexistent"})

Refusal = tuple[str, str] | None  # what cannot be, and what to do


def refused(
    client: Client, inbox: str, kept: frozenset[str] | None, marks: Sequence[Mark], where: str
) -> Mapping[Mark, Trouble]:
    """The marks that cannot be set here; `kept` are the flags that last (None: it was not told, so all do)."""
    told = {mark: _refusal(client, inbox, kept, mark) for mark in marks}
    return {mark: Trouble(TroubleKind.MARK, where, *refusal) for mark, refusal in told.items() if refusal}


def _refusal(client: Client, inbox: str, kept: frozenset[str] | None, mark: Mark) -> Refusal:
    match mark.kind:
        case MarkKind.FLAGGED:
            return _flag_refusal(kept)
        case MarkKind.KEYWORD:
            return _keyword_refusal(kept, mark.name)
        case MarkKind.LABEL:
            return _label_refusal(client, mark.name)
        case MarkKind.FOLDER:
            return _folder_refusal(client, inbox, kept, mark.name)


def _flag_refusal(kept: frozenset[str] | None) -> Refusal:
    if kept is None or r"\flagged" in kept:
        return None
    what = r"marks are not kept in this mailbox (\Flagged is not permitted): urgent mail cannot be flagged"
    return what, "ask the provider for the right to write into the inbox"


def _keyword_refusal(kept: frozenset[str] | None, name: str) -> Refusal:
    if kept is None or kept & {r"\*", name.lower()}:
        return None
    return f"the server keeps no keywords: no mail can get the keyword “{name}”", TAKE_OUT


def _label_refusal(client: Client, name: str) -> Refusal:
    if client.has_capability("X-GM-EXT-1"):
        return None
    return f"the server has no labels, which only Gmail has: no mail can get the label “{name}”", TAKE_OUT


def _folder_refusal(client: Client, inbox: str, kept: frozenset[str] | None, name: str) -> Refusal:
    if name == inbox:
        return f"“{name}” is the folder that new mail comes into", "name another folder in `mark:`"
    if not client.has_capability("MOVE") and not _can_take_out(client, kept):
        return f"the server can move no mail to “{name}” (neither MOVE nor UIDPLUS)", TAKE_OUT
    if name in _folders(client, name):
        return None
    remedy = did_you_mean(name, _folders(client, "*"), "create it in a mail program, or correct its name in `mark:`")
    return f"there is no folder “{name}”: mail stays in the inbox", remedy


def _can_take_out(client: Client, kept: frozenset[str] | None) -> bool:
    """Single messages, once they are copied. Asked before: a copy that is not taken out would be made again."""
    return client.has_capability("UIDPLUS") and (kept is None or r"\deleted" in kept)


def _folders(client: Client, pattern: str) -> list[str]:
    """The names of the folders that can hold mail."""
    listed = client.list_folders("", pattern)
    return [str(name) for flags, _, name in listed if not UNSELECTABLE.intersection(flag.lower() for flag in flags)]


def mark(client: Client, inbox: str, uids: Sequence[int], mark: Mark) -> None:
    """Set one mark; UIDs that have gone are passed over by the server."""
    for batch in lookup.batches(uids):
        _mark(client, inbox, batch, mark)


def _mark(client: Client, inbox: str, uids: Sequence[int], mark: Mark) -> None:
    match mark.kind:
        case MarkKind.FLAGGED:
            client.add_flags(uids, [imapclient.FLAGGED], silent=True)
        case MarkKind.KEYWORD:
            client.add_flags(uids, [mark.name], silent=True)
        case MarkKind.LABEL:
            client.add_gmail_labels(uids, [mark.name], silent=True)
        case MarkKind.FOLDER:
            _move(client, inbox, uids, mark.name)


def _move(client: Client, inbox: str, uids: Sequence[int], folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    owed = _not_yet_copied(client, inbox, uids, folder)
    if owed:
        client.copy(owed, folder)
    client.delete_messages(uids, silent=True)
    client.uid_expunge(uids)  # never a plain EXPUNGE: that would take what staff have marked as deleted


def _not_yet_copied(client: Client, inbox: str, uids: Sequence[int], folder: str) -> list[int]:
    """The line may have broken after the copy. A mail without a Message-ID is rather copied twice than lost."""
    rows = client.fetch(uids, ["INTERNALDATE"])
    days = [row[b"INTERNALDATE"].date() for row in rows.values() if row.get(b"INTERNALDATE")]
    if not days:
        return list(rows)
    ids = lookup.message_ids(client, uids)
    there = lookup.ids_in(client, folder, inbox, lookup.since(min(days)))
    return [uid for uid in rows if ids.get(uid) not in there]
