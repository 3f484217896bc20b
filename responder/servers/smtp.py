"""The way out: submit one mail over a kept connection, and say how it ended.

The outcome is one of sent · temporary · permanent · uncertain. Once the data
was on its way and no answer came, nobody can know: that is `uncertain`, and
what to do about it is not decided here. Knows nothing of the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable

import aiosmtplib

from responder.config import Security, SmtpServer
from responder.errors import Trouble, TroubleKind
from responder.ports import Outcome, OutcomeKind, SmtpStep
from responder.servers import tls
from responder.servers.credentials import Tokens
from responder.servers.faults import LOST, SMTP_ERRORS, readable, token_refused, translate

TIMEOUT = 60.0  # seconds for any one answer
LINE_END = re.compile(rb"\r\n|\r|\n")
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


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
        self.greeting = ""  # what the server said first, the last time
        self.where = f"{server.host}:{server.port}"

    async def submit(self, envelope_from: str, recipient: str, content: bytes) -> Outcome:
        """One transaction (RFC 5321 3.3). A kept connection that has gone stale is opened anew, once."""
        async with self._busy:
            kept = self._client is not None
            outcome = await self._transaction(envelope_from, recipient, content)
            if kept and outcome.kind is OutcomeKind.TEMPORARY and self._client is None:
                outcome = await self._transaction(envelope_from, recipient, content)
            return outcome

    async def check(self) -> aiosmtplib.SMTP:
        """Connect and log in. Raises `Trouble`."""
        try:
            return await self._connected()
        except SMTP_ERRORS as error:
            await self.close()
            raise translate(error, self.where) from error

    async def refuses(self, address: str) -> str:
        """Why no mail from that address is taken, to itself; empty if it is. Nothing is sent. Raises `Trouble`."""
        client = await self.check()
        try:
            await client.mail(address, encoding="utf-8")
            await client.rcpt(address, encoding="utf-8")
        except aiosmtplib.SMTPResponseException as error:
            return readable(f"{error.code} {' '.join(error.message.split())}"[:300]) if error.code >= 500 else ""
        except SMTP_ERRORS as error:
            raise translate(error, self.where) from error
        finally:
            await self._reset()
        return ""

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*SMTP_ERRORS):
                await client.quit(timeout=5)
            client.close()

    async def _transaction(self, envelope_from: str, recipient: str, content: bytes) -> Outcome:
        step, begun = SmtpStep.CONNECT, False
        try:
            client = await self._connected()
            options = _options(client, envelope_from, recipient)
            step = SmtpStep.SENDER
            await client.mail(envelope_from, options=options, encoding="utf-8")
            step = SmtpStep.RECIPIENT
            await client.rcpt(recipient, options=_recipient_options(client, envelope_from), encoding="utf-8")
            step = SmtpStep.DATA
            await _begin_data(client)
            begun = True
            response = await _send_data(client, content)
        except aiosmtplib.SMTPResponseException as error:
            if begun and error.code < 400:  # aiosmtplib's -1: an answer that is none
                return await self._broken(step, error, begun=begun)
            return await self._refused(step, error)
        except (*SMTP_ERRORS, Trouble) as error:
            return await self._broken(step, error, begun=begun)
        return Outcome(OutcomeKind.SENT, SmtpStep.DATA, readable(f"{response.code} {response.message}"[:300]))

    async def _refused(self, step: SmtpStep, error: aiosmtplib.SMTPResponseException) -> Outcome:
        """The server answered with a code: 4xx now, 5xx for good; a refused login is ours to mend, not the mail's."""
        detail = readable(f"{error.code} {' '.join(error.message.split())}"[:300])
        permanent = error.code >= 500 and step is not SmtpStep.CONNECT
        if step is SmtpStep.CONNECT or error.code == 421 or not await self._reset():
            await self.close()
        if step is SmtpStep.CONNECT:
            detail = str(translate(error, self.where))
        return Outcome(OutcomeKind.PERMANENT if permanent else OutcomeKind.TEMPORARY, step, detail)

    async def _broken(self, step: SmtpStep, error: BaseException, *, begun: bool) -> Outcome:
        """No answer: before the data that is harmless, after it nobody knows."""
        await self.close()
        trouble = translate(error, self.where)
        if isinstance(error, _Impossible):
            return Outcome(OutcomeKind.PERMANENT, step, trouble.what)
        kind = OutcomeKind.UNCERTAIN if begun else OutcomeKind.TEMPORARY
        return Outcome(kind, step, str(trouble))

    async def _reset(self) -> bool:
        if self._client is None or not self._client.is_connected:
            return False
        with contextlib.suppress(*SMTP_ERRORS):
            await self._client.rset()
            return True
        return False

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        secure = self._server.security
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=secure is Security.TLS,
            start_tls=secure is Security.STARTTLS,
            tls_context=None if secure is Security.NONE else tls.context(self._server.ca_file),
            timeout=TIMEOUT,
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


def _options(client: aiosmtplib.SMTP, envelope_from: str, recipient: str) -> list[str]:
    if envelope_from.isascii() and recipient.isascii():
        return []
    if not client.supports_extension("smtputf8"):
        raise _Impossible(
            TroubleKind.DELIVERY, recipient, "the mail server cannot write to such an address (no SMTPUTF8)", "phone"
        )
    return ["SMTPUTF8"]


async def _begin_data(client: aiosmtplib.SMTP) -> None:
    """`DATA` alone: until the server has said 354, nothing of the mail is on its way."""
    response = await client.execute_command(b"DATA")
    if response.code != aiosmtplib.SMTPStatus.start_input:
        raise aiosmtplib.SMTPDataError(response.code, response.message)


async def _send_data(client: aiosmtplib.SMTP, content: bytes) -> aiosmtplib.SMTPResponse:
    """The mail itself, its dots doubled (RFC 5321 4.5.2), and the server's last word."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected(LOST)
    lines = LINE_END.sub(b"\r\n", content)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    client.protocol.write(LEADING_DOT.sub(b"..", lines) + b".\r\n")
    response = await client.protocol.read_response(timeout=TIMEOUT)
    if 200 <= response.code < 300:
        return response
    if 400 <= response.code < 600:
        raise aiosmtplib.SMTPDataError(response.code, response.message)
    raise aiosmtplib.SMTPServerDisconnected("an answer that is none")  # it may have been taken: nobody knows


def _recipient_options(client: aiosmtplib.SMTP, envelope_from: str) -> list[str]:
    # RFC 3461: an automatic reply wants no report of its own, where the server can be told so.
    return ["NOTIFY=NEVER"] if envelope_from == "" and client.supports_extension("dsn") else []
