"""One mailbox over IMAP (RFC 9051): watch, fetch, mark, look into Sent, put a draft.

A blocking imapclient connection for one thread. Reads with BODY.PEEK only,
never sets \\Seen; moves a message only where `marking` does. Knows nothing of what is decided or stored.
"""

from __future__ import annotations

import contextlib
import email.utils
import logging
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from imapclient import SocketTimeout, imapclient
from imapclient.exceptions import LoginError, ProtocolError

from responder.about import place_of
from responder.config import ImapServer, Security
from responder.errors import Trouble, TroubleKind
from responder.mail.addresses import Address
from responder.mail.automatic import Filed
from responder.mail.compose import ID_HEADER, LOOP_HEADER
from responder.mail.header import MAX_HEADER_BLOCK
from responder.mail.message import Message, assemble, parse
from responder.mail.mime import MAX_RETURNED, FetchedPart, Part, returned_parts, text_parts
from responder.policy.model import Mark
from responder.ports import Arrival, Fetched, Flags, FolderState, Glimpse, PersonsMail, Special, Unreadable
from responder.servers import lookup, marking, tls
from responder.servers.credentials import Tokens
from responder.servers.faults import (
    IMAP_ERRORS,
    cannot_open,
    challenge_status,
    is_missing,
    missing,
    no_starttls,
    nonsense,
    token_refused,
    translate,
)
from responder.servers.imap_client import SLIPS, Client, ReadOnlyClient

logging.getLogger("imapclient").setLevel(logging.INFO)  # at DEBUG it would tell every mail whole

CONNECT_TIMEOUT = 20.0  # seconds
READ_TIMEOUT = 60.0
IDLE_SLICE = 0.5  # how long one look at an idling connection blocks
LONGEST_IDLE = 300.0  # seconds: then the server is asked, for a line may be dead without a sign
WHOLE_LIMIT = 128 * 1024  # bytes: smaller messages are fetched whole, larger ones by their text parts
TEXT_LIMIT = 256 * 1024  # bytes of one text part
RETURN_LIMIT = MAX_RETURNED + 4096  # bytes of one part of a delivery report, before its line ends are made one
START_LIMIT = 32 * 1024  # bytes of a large message that are looked at first
HEADER_LIMIT = 2 * MAX_HEADER_BLOCK + 4  # bytes; a line end of two makes one: what is over the bound shows
MIME_LIMIT = 16 * 1024  # bytes of the header of one part
SEARCHED = 20  # mails that are looked for one by one: of more, what lies in the folder is looked through
FIELDS_LIMIT = 64 * 1024  # bytes of the fields asked for of one message
TEXT_PARTS = 20  # text parts fetched of one message: a command line has its limit too
# What imapclient raises over a structure it cannot read.
NO_STRUCTURE = (TypeError, LookupError, RecursionError, ProtocolError)
NEWEST_UIDS = 1000  # how far back the newest mails are looked for
ADDRESSED = f"BODY.PEEK[HEADER.FIELDS (TO CC DELIVERED-TO X-ORIGINAL-TO)]<0.{FIELDS_LIMIT}>"

WRITTEN_BY = f"BODY.PEEK[HEADER.FIELDS (FROM DATE)]<0.{FIELDS_LIMIT}>"
GLIMPSED = f"BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)]<0.{FIELDS_LIMIT}>"

P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate["ImapMailbox", P], R]


def _told(method: Method[P, R]) -> Method[P, R]:
    """Whatever the library raises leaves as `Trouble`."""

    def told(self: ImapMailbox, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except IMAP_ERRORS as error:
            raise translate(error, self.where) from error
        except SLIPS as error:  # of the library, over nonsense
            raise nonsense(place_of(error), self.where) from error

    return told


class ImapMailbox:
    """Fits `ports.Mailbox`."""

    made_of: type[Client] = Client

    def __init__(
        self,
        server: ImapServer,
        password: Callable[[], str],
        inbox: str,
        folders: dict[Special, str],
        tokens: Tokens | None = None,
    ) -> None:
        """`folders` names Sent and Drafts where the admin did; else they are found by their special use."""
        self._server = server
        self._password = password
        self._tokens = tokens
        self._inbox = inbox
        self._named = folders
        self._found: dict[Special, str | None] = {}
        self._client: Client | None = None
        self._filed = Filed.ORDINARY
        self._can_idle = False
        self._looked_at = FolderState(0, 0, 0)  # the inbox, when it was last looked into
        self._told_early: FolderState | None = None  # the inbox, if the last IDLE was agreed to with news before it
        self._kept: frozenset[str] | None = None  # the flags that last in the inbox, as far as it was told
        self.where = f"{server.host}:{server.port}"

    @property
    def _imap(self) -> Client:
        if self._client is None:
            raise Trouble(TroubleKind.NETWORK, self.where, "not connected", "nothing to do; it is tried again")
        return self._client

    @_told
    def connect(self) -> None:
        self.close()
        secure = self._server.security
        context = None if secure is Security.NONE else tls.context(self._server.ca_file)
        client = self.made_of(
            self._server.host,
            self._server.port,
            is_tls=secure is Security.TLS,
            context=context,
            timeout=SocketTimeout(CONNECT_TIMEOUT, READ_TIMEOUT),
        )
        self._client = client
        if secure is Security.STARTTLS:
            _start_tls(client, context, self.where)
        self._log_in(client)
        self._found = {}
        self._filed = Filed.JUNK if self._watches_junk() else Filed.ORDINARY
        self._can_idle = client.has_capability("IDLE")

    def _watches_junk(self) -> bool:
        """Is the folder that is watched the server's folder for junk (RFC 6154 2)?"""
        if self._inbox.upper() == "INBOX":
            return False
        return bool(self._imap.find_special_folder(imapclient.JUNK) == self._inbox)

    @property
    def filed(self) -> Filed:
        """As what every mail of the watched folder counts, by the folder alone; known once connected."""
        return self._filed

    def _log_in(self, client: Client) -> None:
        if self._tokens is None:
            _login(client, self._server.user, self._password(), self.where)
            return
        token = self._tokens.access()
        try:
            _show(client, self._server.user, token)
        except LoginError:
            try:
                _show(client, self._server.user, self._tokens.renewed(token))
            except LoginError as error:
                raise token_refused(error, self.where, self._tokens.account) from error

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*IMAP_ERRORS, *SLIPS):
                client.end()

    @_told
    def inbox(self) -> FolderState:
        told = self._selected()
        state = _state(told, self.where)
        self._looked_at = state
        self._kept = _kept(told)
        return state

    def _selected(self) -> dict[bytes, Any]:
        """What SELECT told, and STATUS of what that left out (RFC 9051 6.3.2 lets it)."""
        try:
            told: dict[bytes, Any] = self._imap.select_folder(self._inbox)
        except IMAP_ERRORS as error:
            trouble = translate(error, self.where)
            raise cannot_open(error, self.where) if trouble.kind is TroubleKind.SERVER else trouble from error
        if b"UIDNEXT" not in told:
            told |= self._imap.folder_status(self._inbox, ["UIDNEXT"])
        return told

    @_told
    def uids_after(self, last_uid: int) -> tuple[int, ...]:
        spans = lookup.spans(last_uid + 1, self._looked_at.uidnext, self._looked_at.messages)
        found = (uid for span in spans for uid in self._imap.search(["UID", span]))
        return tuple(sorted(uid for uid in found if uid > last_uid))  # `n:*` also names the last old one

    @_told
    def fetch(self, uids: Sequence[int]) -> tuple[Fetched | Unreadable, ...]:
        sizes = self._imap.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        small = [uid for uid, row in sizes.items() if row.get(b"RFC822.SIZE", 0) <= WHOLE_LIMIT]
        bodies = self._imap.fetch(small, ["BODY.PEEK[]"]) if small else {}
        messages = {uid: parse(row[b"BODY[]"]) for uid, row in bodies.items() if row.get(b"BODY[]") is not None}
        for uid in sizes.keys() - set(small):
            large = self._fetch_large(uid)
            if large is not None:
                messages[uid] = large
        withheld = self._withheld([uid for uid in uids if uid not in messages])
        found = (_fetched(uid, sizes[uid], messages[uid], self._filed) for uid in messages)
        return tuple(sorted((*found, *withheld), key=lambda one: one.uid))

    @_told
    def envelopes(self) -> tuple[Arrival, ...]:
        """When each message of the inbox came, and who wrote it."""
        found = []
        for batch in lookup.batches(self.uids_after(0)):
            for uid, row in sorted(self._imap.fetch(batch, ["INTERNALDATE", WRITTEN_BY]).items()):
                header = parse(_item(row, b"BODY[HEADER.FIELDS"))
                writers = tuple(address.key for address in header.from_)
                found.append(Arrival(uid, _aware(row.get(b"INTERNALDATE")) or header.date, writers))
        return tuple(found)

    def _withheld(self, uids: Sequence[int]) -> Iterator[Unreadable]:
        """Of messages without a body, those that nobody has taken away meanwhile."""
        for uid in self._still_there(uids):
            text = "the server lists a message and does not hand it out"
            yield Unreadable(uid, Trouble(TroubleKind.SERVER, self.where, text, "open it in the inbox"))

    def _still_there(self, uids: Sequence[int]) -> list[int]:
        """Which of these a server still lists that told nothing of them: only what SEARCH leaves out has gone."""
        if not uids:
            return []
        self._imap.noop()  # only now does the server tell of what has gone (RFC 9051 7.5.1)
        found = self._imap.search(["UID", ",".join(map(str, uids))])
        return sorted(frozenset(uids) & frozenset(found))

    @_told
    def glimpse(self, uid: int) -> Glimpse:
        """Its arrival is of the server's index; over its header the server, or the line, may break again."""
        arrived = _aware(self._imap.fetch([uid], ["INTERNALDATE"]).get(uid, {}).get(b"INTERNALDATE"))
        try:
            fields = _item(self._imap.fetch([uid], [GLIMPSED]).get(uid, {}), b"BODY[HEADER.FIELDS")
        except IMAP_ERRORS:
            return Glimpse(arrived)
        return Glimpse(arrived, parse(fields) if fields.strip() else None)

    def _fetch_large(self, uid: int) -> Message | None:
        """A large message without its attachments.

        What its beginning shows to be over a bound is asked nothing more: of a mail of a hundred thousand parts the
        structure alone is megabytes.
        """
        row = self._imap.fetch([uid], [f"BODY.PEEK[]<0.{START_LIMIT}>"]).get(uid)
        if row is None or not _is_told(row, b"BODY[]"):
            return None
        start = parse(_item(row, b"BODY[]"))
        return start if start.set_aside else self._fetch_text(uid)

    def _fetch_text(self, uid: int) -> Message | None:
        """The header, the text parts and those of a report, up to a bound."""
        header_item = f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>"
        try:
            row = self._imap.fetch([uid], [header_item, "BODYSTRUCTURE"]).get(uid)
        except NO_STRUCTURE:
            row = self._imap.fetch([uid], [header_item]).get(uid)  # one odd mail must not stop the mailbox
        if row is None or not _is_told(row, b"BODY[HEADER]"):
            return None
        numbered = tuple(_structure(row.get(b"BODYSTRUCTURE")))
        structure = tuple(part for part, _number in numbered)
        texts = [numbered[index][1] for index in text_parts(structure)[:TEXT_PARTS]]
        returned = [numbered[index][1] for index in returned_parts(structure)]
        limits = {**dict.fromkeys(returned, RETURN_LIMIT), **dict.fromkeys(texts, TEXT_LIMIT)}
        items = [item for number, limit in limits.items() for item in _asked(number, limit)]
        bodies = self._imap.fetch([uid], items).get(uid, {}) if items else {}
        parts = {number: _part(bodies, number, limit) for number, limit in limits.items()}
        return assemble(
            _item(row, b"BODY[HEADER]"), structure, [parts[each] for each in texts], [parts[each] for each in returned]
        )

    @_told
    def flags(self, uids: Sequence[int]) -> dict[int, Flags]:
        found = lookup.flags(self._imap, uids) if len(uids) > lookup.BATCH else {}
        for batch in lookup.batches([uid for uid in uids if uid not in found]):  # what a search overlooks is not gone
            rows = self._imap.fetch(batch, ["FLAGS"])
            told = {uid: row[b"FLAGS"] for uid, row in rows.items() if row.get(b"FLAGS") is not None}
            if self._still_there([uid for uid in batch if uid not in told]):
                text = "the server lists a message and does not tell its flags"
                raise Trouble(TroubleKind.SERVER, self.where, text, "see `check --connect`")
            for uid, flags in told.items():
                found[uid] = Flags(answered=imapclient.ANSWERED in flags, flagged=imapclient.FLAGGED in flags)
        return found

    @_told
    def answered_in(self, folder: str, since: datetime) -> frozenset[str]:
        return lookup.ids_in(self._imap, folder, self._inbox, ("ANSWERED", *lookup.since(since.date())))

    @_told
    def held_in(self, folder: str, since: datetime) -> frozenset[str]:
        return lookup.ids_in(self._imap, folder, self._inbox, lookup.since(since.date()))

    @_told
    def refused(self, marks: Sequence[Mark]) -> Mapping[Mark, Trouble]:
        return marking.refused(self._imap, self._inbox, self._kept, marks, self.where)

    @_told
    def mark(self, uids: Sequence[int], mark: Mark) -> None:
        marking.mark(self._imap, self._inbox, uids, mark)

    def correspondents(self, since: datetime) -> Iterator[frozenset[str] | Trouble]:
        """Read-only, a few hundred messages at a time, headers only; between any two it can be broken off."""
        for folder, field in ((None, "FROM"), (Special.SENT, "TO")):
            if folder is None or self.folder(folder) is not None:
                with self._tolerant() as refused:
                    for span in self._spans(folder):
                        for batch in lookup.batches(self._came(span, since)):
                            yield from self._shown(batch, field)
                yield from refused
        self.inbox()

    def _shown(self, uids: Sequence[int], field: str) -> Iterator[frozenset[str] | Trouble]:
        with self._tolerant() as refused:
            yield self._addresses(uids, field)
        yield from refused

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[list[Trouble]]:
        """What the server refuses is gathered, and the rest goes on."""
        refused: list[Trouble] = []
        try:
            yield refused
        except Trouble as trouble:
            if trouble.kind not in (TroubleKind.SERVER, TroubleKind.MAILBOX):
                raise
            refused.append(trouble)

    @_told
    def _spans(self, folder: Special | None) -> Sequence[str]:
        name = self._inbox if folder is None else self._folder(folder)
        with self._meant(folder):
            state = _state(self._imap.select_folder(name, readonly=True), self.where)
        return tuple(lookup.spans(1, state.uidnext, state.messages))

    @_told
    def _came(self, span: str, since: datetime) -> Sequence[int]:
        return self._imap.search(["UID", span, "SINCE", since.date()])

    @_told
    def _addresses(self, uids: Sequence[int], field: str) -> frozenset[str]:
        item = f"BODY.PEEK[HEADER.FIELDS ({field})]<0.{FIELDS_LIMIT}>"
        headers = (parse(_item(row, b"BODY[HEADER.FIELDS")) for row in self._imap.fetch(uids, [item]).values())
        return frozenset(address.key for header in headers for address in (*header.from_, *header.to))

    @_told
    def sent_state(self) -> FolderState | None:
        folder = self._folder(Special.SENT)
        if folder is None:
            return None
        with self._meant(Special.SENT):
            return _state(self._imap.folder_status(folder, ["UIDVALIDITY", "UIDNEXT", "MESSAGES"]), self.where)

    @_told
    def persons_mail(self, after_uid: int, last_uid: int | None = None) -> tuple[PersonsMail, ...]:
        folder = self._folder(Special.SENT)
        if folder is None:
            return ()
        with self._looking_into(Special.SENT, folder):
            found = self._imap.search(["UID", f"{after_uid + 1}:{last_uid or '*'}"])
            uids = [uid for uid in found if uid > after_uid]  # `n:*` also names the last old one
            return tuple(self._persons_mail(uids))

    def _persons_mail(self, uids: Sequence[int]) -> Iterator[PersonsMail]:
        names = f"MESSAGE-ID TO CC BCC IN-REPLY-TO REFERENCES AUTO-SUBMITTED {LOOP_HEADER}"
        fields = f"BODY.PEEK[HEADER.FIELDS ({names})]<0.{FIELDS_LIMIT}>"
        for batch in lookup.batches(uids):
            rows = self._imap.fetch(batch, [fields, "INTERNALDATE"])
            for uid, row in sorted(rows.items()):
                at = _aware(row.get(b"INTERNALDATE"))
                header = parse(_item(row, b"BODY[HEADER.FIELDS"))
                found = PersonsMail.of(header, at, f"<uid-{uid}>") if at is not None else None
                if found is not None:
                    yield found

    @_told
    def own_mail(self, since: datetime) -> frozenset[str]:
        folder = self._folder(Special.SENT)
        if folder is None:
            return frozenset()
        with self._looking_into(Special.SENT, folder):
            return frozenset(self._own_mail(self._imap.search(list(lookup.since(since.date()))), since))

    def _own_mail(self, uids: Sequence[int], since: datetime) -> Iterator[str]:
        fields = f"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID {ID_HEADER} {LOOP_HEADER})]<0.{FIELDS_LIMIT}>"
        for batch in lookup.batches(uids):
            for row in self._imap.fetch(batch, [fields, "INTERNALDATE"]).values():
                header, at = parse(_item(row, b"BODY[HEADER.FIELDS")), _aware(row.get(b"INTERNALDATE"))
                message_id = header.first(ID_HEADER) or header.message_id
                is_ours = header.first(LOOP_HEADER) is not None
                if is_ours and message_id and at is not None and at > since:
                    yield message_id.strip()

    @contextlib.contextmanager
    def _looking_into(self, folder: Special, name: str) -> Iterator[None]:
        with lookup.and_back(self._imap, self._inbox):
            with self._meant(folder):
                self._imap.select_folder(name, readonly=True)
            yield

    @_told
    def append(self, folder: Special, content: bytes, at: datetime) -> None:
        name = self._folder(folder)
        if name is None:
            raise Trouble(
                TroubleKind.MAILBOX,
                self.where,
                f"no folder for {folder.value} was found",
                f"name it in the account: `folders: {{{folder.value}: NAME}}`",
            )
        flag = imapclient.SEEN if folder is Special.SENT else imapclient.DRAFT
        with self._meant(folder):
            self._imap.append(name, content, flags=[flag], msg_time=at)

    @_told
    def holds(self, folder: Special, message_id: str) -> bool:
        name = self._folder(folder)
        if name is None:
            return False
        with self._looking_into(folder, name):
            named = ["HEADER", "Message-ID", message_id]
            return bool(self._imap.search(["OR", *named, "HEADER", ID_HEADER, message_id]))

    @_told
    def held(self, folder: Special, message_ids: Collection[str], since: datetime) -> frozenset[str]:
        """A few are searched for; of many, all that came to the folder since then is looked through, once."""
        name = self._folder(folder)
        if name is None or len(message_ids) <= SEARCHED:
            return frozenset(each for each in message_ids if self.holds(folder, each))
        with self._looking_into(folder, name):
            found = self._imap.search(list(lookup.since(since.date())))
            return frozenset(message_ids) & frozenset(self._ids(found))

    def _ids(self, uids: Sequence[int]) -> Iterator[str]:
        fields = f"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID {ID_HEADER})]<0.{FIELDS_LIMIT}>"
        for batch in lookup.batches(uids):
            for row in self._imap.fetch(batch, [fields]).values():
                header = parse(_item(row, b"BODY[HEADER.FIELDS"))
                yield from (each.strip() for each in (header.message_id, header.first(ID_HEADER)) if each)

    @_told
    def wait(self, seconds: float, wake: threading.Event) -> None:
        before, now = self._looked_at, self.inbox()
        if now.uidnext > before.uidnext:
            return  # it came while other things were done, and IDLE tells only what is new to the connection
        if not self._can_idle:
            wake.wait(seconds)
            return
        try:
            has_news = self._imap.idle()
        except self._imap.Error as error:
            if isinstance(error, self._imap.AbortError):
                raise
            self._can_idle = False  # it says that it can, and refuses
            wake.wait(seconds)
            return
        is_known = now == self._told_early  # a server may say the same at every IDLE
        self._told_early = now if has_news else None
        try:
            if not has_news or is_known:
                self._watch(time.monotonic() + min(seconds, LONGEST_IDLE), wake)
        finally:
            self._imap.idle_done()

    def _watch(self, until: float, wake: threading.Event) -> None:
        """Until the server tells of a change, or goes; that it is still there is no news."""
        while not wake.is_set() and (left := until - time.monotonic()) > 0:
            if self._imap.has_news(min(left, IDLE_SLICE)):
                return

    @_told
    def offers(self) -> frozenset[str]:
        """What the server says it can do, after the login, in capitals; for `check --connect`."""
        return frozenset(name.decode("ascii", "replace").upper() for name in self._imap.capabilities())

    @_told
    def folder_names(self) -> tuple[str, ...]:
        """The names of all folders; for `check --connect`."""
        return tuple(str(name) for _flags, _separator, name in self._imap.list_folders())

    @_told
    def newest(self, count: int) -> tuple[Envelope, ...]:
        """To whom the last mails of the inbox are addressed, and when they came; for `check --connect`."""
        uidnext = _state(self._selected(), self.where).uidnext
        found = self._imap.search(["UID", f"{max(uidnext - NEWEST_UIDS, 1)}:*"])
        uids = sorted(found)[-count:]
        rows = self._imap.fetch(uids, [ADDRESSED, "INTERNALDATE"]) if uids else {}
        return tuple(_envelope(row) for _uid, row in sorted(rows.items()))

    @_told
    def folder(self, special: Special) -> str | None:
        """The name of a special folder; None where there is none."""
        return self._folder(special)

    def _folder(self, special: Special) -> str | None:
        """The name of a special folder: configured, or by RFC 6154, or by its usual names."""
        if special in self._named:
            return self._named[special]
        if special not in self._found:
            use = imapclient.SENT if special is Special.SENT else imapclient.DRAFTS
            self._found[special] = self._imap.find_special_folder(use)
        return self._found[special]

    @contextlib.contextmanager
    def _meant(self, folder: Special | None) -> Iterator[None]:
        """If it is not there, the admin is told what to write for that folder; None: the inbox."""
        try:
            yield
        except IMAP_ERRORS as error:
            if folder is None or not is_missing(error):
                raise
            raise missing(error, self.where, folder.value) from error


class ReadOnlyMailbox(ImapMailbox):
    """A mailbox that is only looked at, whatever is asked of it; fits `replay.source.Looked`."""

    made_of = ReadOnlyClient


def _start_tls(client: Client, context: ssl.SSLContext | None, where: str) -> None:
    """Nothing that was said in clear counts afterwards: whoever stands between could have said it (RFC 9051 11.1)."""
    if not client.has_capability("STARTTLS") or client.welcome.upper().startswith(b"* PREAUTH"):
        raise no_starttls(where)
    client.starttls(context)
    client._imap.untagged_responses.clear()


def _login(client: Client, user: str, password: str, where: str) -> None:
    try:
        client.login(user, password)
    except UnicodeError:  # its text holds the password
        raise Trouble(
            TroubleKind.LOGIN,
            where,
            "the user name or password has letters that this login cannot carry",
            "choose a password of plain ASCII letters, digits and signs",
        ) from None


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a mail is addressed (`Address.key`), and when it came."""

    to: frozenset[str]
    arrived: datetime | None


def _envelope(row: dict[bytes, Any]) -> Envelope:
    header = parse(_item(row, b"BODY[HEADER.FIELDS"))
    delivered = [value for name in ("Delivered-To", "X-Original-To") for value in header.values(name)]
    further = (Address("", address).key for _name, address in email.utils.getaddresses(delivered) if address)
    named = (address.key for address in (*header.to, *header.cc))
    return Envelope(frozenset((*named, *further)), _aware(row.get(b"INTERNALDATE")))


def _show(client: Client, user: str, token: str) -> None:
    """XOAUTH2: a server that does not take the token says why in a challenge, which wants an empty answer."""
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> str:
        challenges.append(challenge)
        return f"user={user}\1auth=Bearer {token}\1\1" if len(challenges) == 1 else ""

    try:
        client.sasl_login("XOAUTH2", answer)
    except LoginError as error:
        raise LoginError(f"{error} {challenge_status(challenges[1:])}".strip()) from error


def _state(told: dict[bytes, Any], where: str) -> FolderState:
    if b"UIDVALIDITY" not in told or b"UIDNEXT" not in told:
        raise Trouble(
            TroubleKind.MAILBOX, where, "the server gives messages no lasting numbers", "ask the provider about UIDNEXT"
        )
    messages = told.get(b"EXISTS", told.get(b"MESSAGES", 0))
    return FolderState(int(told[b"UIDVALIDITY"]), int(told[b"UIDNEXT"]), int(messages))


def _kept(told: dict[bytes, Any]) -> frozenset[str] | None:
    """PERMANENTFLAGS (RFC 9051 7.1) in lower case, `\\*` for any keyword; None where it is not told: all of them."""
    flags = told.get(b"PERMANENTFLAGS")
    if flags is None and b"READ-ONLY" in told:
        return frozenset()
    return None if flags is None else frozenset(flag.decode("ascii", "replace").lower() for flag in flags)


def _fetched(uid: int, row: dict[bytes, Any], message: Message, folder: Filed) -> Fetched:
    flags = row.get(b"FLAGS", ())
    filed = Filed.JUNK if _is_junk(flags) else folder
    return Fetched(uid, _aware(row.get(b"INTERNALDATE")), message, imapclient.ANSWERED in flags, filed)


def _is_junk(flags: Iterable[bytes]) -> bool:
    """By the registered keyword (RFC 9051 2.3.2) or those before it. With the opposite beside it, neither counts."""
    said = {flag.lower().lstrip(b"$\\") for flag in flags}
    return b"junk" in said and not said & {b"notjunk", b"nonjunk"}


def _aware(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is None:
        return None
    try:
        return at.astimezone(UTC)
    except (ValueError, OverflowError):  # a zone of more than a day, or at the very end of time
        return None


def _item(row: dict[bytes, Any], name: bytes) -> bytes:
    """The value of a body item: servers name it back in their own spelling."""
    return next((value or b"" for key, value in row.items() if key.startswith(name)), b"")


def _is_told(row: dict[bytes, Any], name: bytes) -> bool:
    """Is a body item there, be it empty? NIL is not."""
    return any(value is not None for key, value in row.items() if key.startswith(name))


def _asked(number: str, limit: int) -> tuple[str, str]:
    return f"BODY.PEEK[{number}.MIME]<0.{MIME_LIMIT}>", f"BODY.PEEK[{number}]<0.{limit}>"


def _part(bodies: dict[bytes, Any], number: str, limit: int) -> FetchedPart:
    body = _item(bodies, f"BODY[{number}]".encode())
    return FetchedPart(
        mime_header=_item(bodies, f"BODY[{number}.MIME]".encode()), body=body, truncated=len(body) >= limit
    )


def _structure(body: Any, number: str = "", depth: int = 0) -> Iterator[tuple[Part, str]]:
    """BODYSTRUCTURE → every part, depth first, with its section number (RFC 9051 7.5.2)."""
    if body is None or len(body) < 2:
        return
    if body.is_multipart:
        yield Part(f"multipart/{_text(body[1])}", _pairs(_field(body, 2)), depth=depth), ""
        for index, child in enumerate(body[0], start=1):
            yield from _structure(child, f"{number}.{index}" if number else str(index), depth + 1)
        return
    parameters = _pairs(_field(body, 2))
    disposition, of_disposition = _disposition(body)
    filename = dict(of_disposition).get("filename") or dict(parameters).get("name")
    kind = f"{_text(body[0])}/{_text(body[1])}"
    yield Part(kind, parameters, filename, disposition, _size(_field(body, 6)), depth), number or "1"


def _field(body: Any, index: int) -> Any:
    """Servers may leave out the fields at the end."""
    return body[index] if len(body) > index else None


def _size(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _disposition(body: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    for field in body[7:]:
        if isinstance(field, tuple) and len(field) == 2 and _text(field[0]) in ("attachment", "inline"):
            return _text(field[0]), _pairs(field[1])
    return "", ()


def _pairs(flat: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(flat, tuple):
        return ()
    words = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in flat]
    return tuple((name.lower(), value) for name, value in zip(words[::2], words[1::2], strict=False))


def _text(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""
