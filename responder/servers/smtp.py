"""The way out: submit one mail over a kept connection, and say how it ended.

The outcome is one of sent · temporary · permanent · uncertain. Once the data
was on its way and no answer came, nobody can know: that is `uncertain`, and
what to do about it is not decided here. Knows nothing of the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiosmtplib

from responder.config import Security, SmtpServer
from responder.errors import Trouble, TroubleKind
from responder.ports import Outcome, OutcomeKind, SmtpStep
from responder.servers import tls
from responder.servers.credentials import Tokens
from responder.servers.faults import LOST, SMTP_ERRORS, no_answer, not_this_mail, readable, token_refused, translate

LINE_END = re.compile(rb"\r\n|\r|\n")
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
OUT_OF_STEP = "more answers than questions"
SHUTTING_DOWN = 421  # RFC 5321 3.8: in answer to any command


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a server is waited for: what RFC 5321 4.5.3.2 asks for, and a bound over it."""

    answer: float = 300.0  # to connecting, a greeting, a command
    data: float = 120.0  # to DATA
    end: float = 600.0  # to the mail itself: what is given up here may have been taken, and is never sent again
    begin: float = 900.0  # from connecting to DATA, whatever each of the answers took


PATIENCE = Patience()
LONGEST = 2 * PATIENCE.begin + PATIENCE.end  # seconds for one mail; twice up to DATA, if a kept connection was stale
CHECK_WITHIN = 60.0  # seconds: somebody sits before the screen
PART_WITHIN = 5.0  # seconds for RSET and QUIT: without their answer, the connection is just ended
KEPT_FOR = 60.0  # seconds without mail; what lies idle for long is forgotten by routers, and then nobody answers


class SmtpSubmission:
    """Fits `ports.Submission`."""

    def __init__(
        self, server: SmtpServer, password: Callable[[], str], helo: str, tokens: Tokens | None = None
    ) -> None:
        self._server = server
        self._password = password
        self._tokens = tokens
        self._helo = helo
        self._client: aiosmtplib.SMTP | None = None
        self._busy = asyncio.Lock()  # one transaction at a time: two would mix their recipients
        self._limit: asyncio.Timeout | None = None  # of what comes before the mail itself, while that is under way
        self._idle: asyncio.TimerHandle | None = None  # ends a kept connection
        self._is_abandoned = False
        self._is_stale = False  # the last transaction came to nothing before the mail, perhaps by the connection only
        self.greeting = ""  # what the server said first, the last time
        self.where = f"{server.host}:{server.port}"

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """One transaction (RFC 5321 3.3). A kept connection that has gone stale is opened anew, once.

        It has if the server does not answer on it, or says 421, before it has asked for the mail.
        """
        async with self._busy:
            kept = self._client is not None and self._client.is_connected
            outcome = await self._transaction(envelope_from, recipient, content, may_go)
            if kept and self._is_stale and may_go():
                outcome = await self._transaction(envelope_from, recipient, content, may_go)
            return outcome

    async def reach(self) -> None:
        """Connect and log in, and no more. Raises `Trouble`."""
        async with self._busy:
            try:
                async with self._in_time():
                    await self._connected()
                self._keep()
            except (*SMTP_ERRORS, Trouble) as error:
                self._abort()  # also one that is connected and not logged in
                raise translate(error, self.where) from error

    async def check(self) -> aiosmtplib.SMTP:
        """Connect and log in. Raises `Trouble`."""
        try:
            async with asyncio.timeout(CHECK_WITHIN):
                return await self._connected()
        except SMTP_ERRORS as error:
            await self.close()
            raise translate(error, self.where) from error

    async def refuses(self, address: str) -> str:
        """Why no mail from that address is taken, to itself; empty if it is. Nothing is sent. Raises `Trouble`."""
        client = await self.check()
        try:
            async with asyncio.timeout(CHECK_WITHIN):
                await client.mail(address, encoding="utf-8")
                await client.rcpt(address, encoding="utf-8")
        except aiosmtplib.SMTPResponseException as error:
            return _answer(error) if error.code >= 500 else ""
        except SMTP_ERRORS as error:
            raise translate(error, self.where) from error
        finally:
            await self._reset()
        return ""

    def abandon(self) -> None:
        """What is not on its way yet shall not go any more; a mail whose text is on its way is waited for."""
        self._is_abandoned = True
        if self._limit is not None:
            with contextlib.suppress(RuntimeError):  # it runs out at this very moment
                self._limit.reschedule(0)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*SMTP_ERRORS):
                async with asyncio.timeout(PART_WITHIN):
                    await client.quit()
            client.close()

    async def _transaction(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool]
    ) -> Outcome:
        step, begun, self._is_stale = SmtpStep.CONNECT, False, False
        try:
            async with self._in_time():
                client = await self._connected()
                options = _options(client, envelope_from, recipient, content)
                step = SmtpStep.SENDER
                _in_step(client)
                await client.mail(envelope_from, options=options, encoding="utf-8")
                step = SmtpStep.RECIPIENT
                _in_step(client)
                await client.rcpt(recipient, options=_recipient_options(client, envelope_from), encoding="utf-8")
                step = SmtpStep.DATA
                _in_step(client)
                await _begin_data(client)
                _in_step(client)
            if not may_go():  # after 354 there is no way back but to hang up
                self._abort()
                return Outcome(OutcomeKind.TEMPORARY, step, "held back at the last moment")
            begun = True
            response = await _send_data(client, content)
        except aiosmtplib.SMTPResponseException as error:
            if 400 <= error.code < 600:
                self._is_stale = error.code == SHUTTING_DOWN and not begun
                return await self._refused(step, error, envelope_from)
            return self._broken(step, no_answer(error, self.where), begun=begun)
        except (*SMTP_ERRORS, Trouble) as error:
            self._is_stale = not begun and not isinstance(error, Trouble)
            return self._broken(step, error, begun=begun)
        except asyncio.CancelledError:
            self._abort()
            raise
        self._keep()
        return Outcome(OutcomeKind.SENT, SmtpStep.DATA, readable(f"{response.code} {response.message}"[:300]))

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """All that comes before the mail itself. It can be given up at any time without harm."""
        async with asyncio.timeout(0 if self._is_abandoned else PATIENCE.begin) as limit:
            self._limit = limit
            try:
                yield
            finally:
                self._limit = None

    async def _refused(self, step: SmtpStep, error: aiosmtplib.SMTPResponseException, envelope_from: str) -> Outcome:
        """The server answered with a code: 4xx now, 5xx for good; what is about us or the server is no mail's fault."""
        if step is SmtpStep.CONNECT:
            trouble = translate(error, self.where)
            await self.close()
            return Outcome(OutcomeKind.TEMPORARY, step, str(trouble), trouble)
        detail = _answer(error)
        blamed = not_this_mail(error.code, detail, self.where, step, envelope_from)
        if blamed is not None or not await self._reset():
            await self.close()
        is_for_good = error.code >= 500 and blamed is None
        return Outcome(OutcomeKind.PERMANENT if is_for_good else OutcomeKind.TEMPORARY, step, detail, blamed)

    def _broken(self, step: SmtpStep, error: BaseException, *, begun: bool) -> Outcome:
        """No answer: before the data that is harmless, after it nobody knows."""
        trouble = translate(error, self.where)
        if isinstance(error, _Impossible):
            self._keep()
            return Outcome(OutcomeKind.PERMANENT, step, trouble.what)
        self._abort()  # an answer that comes after all must not be taken for that to the next command
        if self._is_abandoned and not begun:  # by us: that says nothing of the server or the mail
            return Outcome(OutcomeKind.TEMPORARY, SmtpStep.CONNECT, "stopped before it was on its way")
        kind = OutcomeKind.UNCERTAIN if begun else OutcomeKind.TEMPORARY
        return Outcome(kind, step, str(trouble), trouble)

    async def _reset(self) -> bool:
        if self._client is None or not self._client.is_connected:
            return False
        with contextlib.suppress(*SMTP_ERRORS):
            async with asyncio.timeout(PART_WITHIN):
                await self._client.rset()
            self._keep()
            return True
        return False

    def _abort(self) -> None:
        """End the connection at once; nothing that still waits to be written keeps it."""
        client, self._client = self._client, None
        if client is not None:
            if isinstance(client.transport, asyncio.WriteTransport):
                client.transport.abort()
            client.close()

    def _keep(self) -> None:
        """For the next mail, but not for long."""
        self._stop_keeping()
        self._idle = asyncio.get_running_loop().call_later(KEPT_FOR, self._let_go)

    def _stop_keeping(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _let_go(self) -> None:
        """QUIT; nobody waits for the answer."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*SMTP_ERRORS):
                if client.protocol is not None:
                    client.protocol.write(b"QUIT\r\n")
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        self._stop_keeping()
        if self._client is not None and self._client.is_connected:
            return self._client
        secure = self._server.security
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=secure is Security.TLS,
            start_tls=secure is Security.STARTTLS,
            tls_context=None if secure is Security.NONE else tls.context(self._server.ca_file),
            timeout=PATIENCE.answer,
            local_hostname=self._helo,
        )
        self.greeting = (await client.connect()).message
        self._client = client
        if self._server.user:
            await self._log_in(client, self._server.user)
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()  # what the server offers must be known before the first mail
        return client

    async def _log_in(self, client: aiosmtplib.SMTP, user: str) -> None:
        if self._tokens is None:
            await client.login(user, await asyncio.to_thread(self._password))
            return
        token = await asyncio.to_thread(self._tokens.access)
        try:
            await client.auth_xoauth2(user, token)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code < 500:
                raise  # it asks to come back later; the token may be good
            await self._log_in_anew(client, user, await asyncio.to_thread(self._tokens.renewed, token))

    async def _log_in_anew(self, client: aiosmtplib.SMTP, user: str, token: str) -> None:
        account = self._tokens.account if self._tokens is not None else ""
        try:
            await client.auth_xoauth2(user, token)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise token_refused(error, self.where, account) from error


class _Impossible(Trouble):
    """This server cannot carry this mail, today or tomorrow."""


def _options(client: aiosmtplib.SMTP, envelope_from: str, recipient: str, content: bytes) -> list[str]:
    """What MAIL is told beside the sender: the size (RFC 1870), and that an address is not ASCII (RFC 6531)."""
    options = []
    if client.supports_extension("size"):
        limit = client.esmtp_extensions["size"].strip()
        if limit.isdecimal() and 0 < int(limit) < len(content):
            what = f"the mail ({len(content)} octets) is larger than the mail server takes ({limit})"
            raise _Impossible(TroubleKind.DELIVERY, recipient, what, "ask the mail provider")
        options.append(f"SIZE={len(content)}")
    if not (envelope_from.isascii() and recipient.isascii()):
        if not client.supports_extension("smtputf8"):
            what = "the mail server cannot write to such an address (no SMTPUTF8)"
            raise _Impossible(TroubleKind.DELIVERY, recipient, what, "phone")
        options.append("SMTPUTF8")
    return options


def _answer(error: aiosmtplib.SMTPResponseException) -> str:
    return readable(f"{error.code} {' '.join(error.message.split())}"[:300])


def _in_step(client: aiosmtplib.SMTP) -> None:
    """More answers than questions: aiosmtplib would take the next one for that to another command."""
    if client.protocol is not None and client.protocol._buffer:
        raise aiosmtplib.SMTPResponseException(aiosmtplib.SMTPStatus.invalid_response, OUT_OF_STEP)


async def _begin_data(client: aiosmtplib.SMTP) -> None:
    """`DATA` alone: until the server has said 354, nothing of the mail is on its way."""
    response = await client.execute_command(b"DATA", timeout=PATIENCE.data)
    if response.code != aiosmtplib.SMTPStatus.start_input:
        raise aiosmtplib.SMTPDataError(response.code, response.message)


async def _send_data(client: aiosmtplib.SMTP, content: bytes) -> aiosmtplib.SMTPResponse:
    """The mail itself, its dots doubled (RFC 5321 4.5.2), and the server's last word."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected(LOST)
    lines = LINE_END.sub(b"\r\n", content)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    client.protocol.write(LEADING_DOT.sub(b"..", lines) + b".\r\n")
    response = await client.protocol.read_response(timeout=PATIENCE.end)
    if not 200 <= response.code < 300:
        _in_step(client)  # of two answers, one may say that it was taken
        raise aiosmtplib.SMTPDataError(response.code, response.message)
    return response


def _recipient_options(client: aiosmtplib.SMTP, envelope_from: str) -> list[str]:
    # RFC 3461: an automatic reply wants no report of its own, where the server can be told so.
    return ["NOTIFY=NEVER"] if envelope_from == "" and client.supports_extension("dsn") else []
