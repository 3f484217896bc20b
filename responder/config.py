"""config.yaml as types: where things are (servers, people, state), and which policy holds for which account.

`read` is pure (text in, values out); `load` is the one place that opens the files. How a password is fetched and what
a policy says is not known here; a policy is only asked which people it names.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from responder.calendars import Calendars, Copies, Web
from responder.document import (
    MAX_CHARACTERS,
    Code,
    Document,
    Duration,
    Flag,
    Node,
    Place,
    Problem,
    Scalar,
    Section,
    Table,
    Text,
    Wrong,
    did_you_mean,
    errors,
    in_order,
    not_empty,
    one_or_many,
    parse,
    read_duration,
    read_flag,
    read_text,
    scalars,
    validate,
    written,
)
from responder.mail import echo
from responder.people import Address, Person
from responder.policy.load import Loaded
from responder.policy.load import load as load_policy
from responder.policy.model import Policy
from responder.providers import AUTHORITIES, PRESETS, Authority, Flow, Preset, Provider
from responder.secret import (
    SECRET_HINT,
    FilePath,
    PasswordEnv,
    SecretSource,
    SecretUrl,
    Url,
    read_secret,
)
from responder.web_address import is_loopback

AUTO = "auto"  # folders: found by the server's own marks (RFC 6154)
OTHERS = 0o077  # permission bits of everybody but the owner
EVERYBODY = 0o006  # … of those who are neither the owner nor of the file's group, to read and to write
EVERYBODY_COMES_IN = 0o001  # … of the same, to use what is in a folder
SHORTEST_POLL = timedelta(seconds=10)
SHORTEST_HEARTBEAT = timedelta(minutes=1)
NEVER = ("never", "0")  # keep_text
LONGEST_KEPT = timedelta(days=100 * 365)
SHORTEST_RETENTION = timedelta(days=60)  # an open mail is looked after for 30 days, and its story told after that


class Mode(StrEnum):
    """Whether customers get anything automatic."""

    OBSERVE = "observe"  # nothing is sent to customers; the digest shows what would have been
    LIVE = "live"


class Security(StrEnum):
    """How the connection to a server is protected."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"  # after the greeting; refused if the server does not offer it
    NONE = "none"  # only to this very machine


class SentCopy(StrEnum):
    """Who files a copy of what we send into Sent."""

    FILE = "file"  # we do
    SERVER = "server"  # the provider does by itself (Gmail, Exchange Online)


# ---------------------------------------------------------------- single values


def _domain(value: str) -> str:
    name = value.removeprefix("*").removeprefix("@")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        raise Wrong(f"`{value}` is not a domain", "write what follows the @ of the addresses: `congty.example`")
    return name.lower()


def _host(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]+", value) or "://" in value:
        raise Wrong(f"`{value}` is not the name of a server", "write the name alone: `imap.congty.example`")
    if re.fullmatch(r"[^:]+:\d+", value):
        name, _, port = value.partition(":")
        raise Wrong(f"`{value}` names the port too", f"write `host: {name}, port: {port}`")
    return value


def _folder(value: str) -> str:
    if echo.UNSAFE.search(value):
        raise Wrong(
            f"{value!r} cannot be the name of a folder", "copy the name as `responder check --connect` shows it"
        )
    return value


def _port(value: object) -> int:
    text = written(value, "993")
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Wrong(f"`{text}` is not a port", "write a number from 1 to 65535; usual are 993 (IMAP) and 587 (SMTP)")
    return int(text)


def _poll(value: object) -> timedelta:
    pause = read_duration(value)
    if pause < SHORTEST_POLL:
        least = f"{SHORTEST_POLL.seconds}s"
        raise Wrong(f"`{value}` is too short", f"write at least {least}; most servers tell of new mail at once")
    return pause


def _keep_text(value: object, info: ValidationInfo) -> timedelta:
    """`never` is the same as no time at all."""
    try:
        kept = timedelta() if str(value).strip().lower() in NEVER else _kept(value)
    except Wrong as wrong:
        raise Wrong(wrong.what, "write it like `30 days`, or `never`") from None
    retention = info.data.get("retention")
    if retention is not None and kept > retention:
        raise Wrong("`keep_text` is longer than `retention`", "write a `retention` that is at least as long")
    return kept


def _retention(value: object) -> timedelta:
    kept = _kept(value)
    if kept < SHORTEST_RETENTION:
        raise Wrong(
            f"`{value}` is too short: who was answered must be known",
            f"write at least `{SHORTEST_RETENTION.days} days`; for the customers' words alone there is `keep_text`",
        )
    return kept


def _kept(value: object) -> timedelta:
    with contextlib.suppress(OverflowError):
        kept = read_duration(value)
        if kept <= LONGEST_KEPT:
            return kept
    raise Wrong(f"`{value}` is too long", "write at most `100 years`")


def _count(value: object) -> int:
    text = written(value, "30")
    if not re.fullmatch(r"[0-9]{1,7}", text) or not int(text):
        raise Wrong(f"`{text}` is not a number of them", "write a whole number from 1 on")
    return int(text)


def _every(value: object) -> timedelta:
    pause = read_duration(value)
    if pause < SHORTEST_HEARTBEAT:
        raise Wrong(f"`{value}` is too short", "write at least 1m")
    return pause


def _metrics_port(value: object) -> int:
    text = written(value, "9464")
    if not re.fullmatch(r"[0-9]{4,5}", text) or not 1024 <= int(text) <= 65535:
        raise Wrong(f"`{text}` cannot be the port of the metrics", "write a number from 1024 to 65535; usual is 9464")
    return int(text)


def _tenant(value: str) -> str:
    if not re.fullmatch(r"[\w.-]+", value):
        raise Wrong(f"`{value}` is not a directory", "write the Directory (tenant) ID, or the domain of the office")
    return value


Addresses = Annotated[tuple[Address, ...], BeforeValidator(one_or_many), AfterValidator(not_empty)]
Domain = Annotated[Text, AfterValidator(_domain)]
Host = Annotated[Text, AfterValidator(_host)]
Folder = Annotated[Text, AfterValidator(_folder)]
Port = Annotated[int, BeforeValidator(_port)]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 1})]


# ---------------------------------------------------------------- the parts


class Endpoints(Section):
    """Other addresses than the provider's usual ones."""

    authorize: Url | None = Field(None, description="where a person agrees")
    device: Url | None = Field(None, description="where a device code is asked for")
    token: Url | None = Field(None, description="where tokens are given out")


class OAuth(Section):
    """How access tokens are had in place of a password."""

    provider: Authority = Field(description="microsoft or google", examples=["microsoft"])
    client_id: Text = Field(description="the application's ID, as registered", examples=["1234-…"])
    client_secret: SecretSource | None = Field(
        None, description="where the application's secret comes from", examples=["{credential: oauth-secret}"]
    )
    tenant: Annotated[Text, AfterValidator(_tenant)] | None = Field(
        None, description="Microsoft's Directory (tenant) ID of the office", examples=["congty.example"]
    )
    flow: Flow | None = Field(None, description="device, client_credentials (Microsoft) or loopback (Google)")
    scope: Text | None = Field(None, description="what is asked for, instead of the usual")
    endpoints: Endpoints = Field(Endpoints(), description="other addresses than the provider's usual ones")
    tokens: FilePath | None = Field(
        None, description="the file of the tokens; usually tokens/ACCOUNT.json beside `state`"
    )

    @property
    def way(self) -> Flow:
        """The flow, chosen or usual."""
        return self.flow or next(iter(AUTHORITIES[self.provider].scopes))

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.way not in AUTHORITIES[self.provider].scopes:
            possible = " or ".join(AUTHORITIES[self.provider].scopes)
            raise Wrong(f"{self.provider} gives no mail tokens by `flow: {self.way}`", f"write `flow: {possible}`")
        if self.provider is Authority.MICROSOFT and self.tenant is None:
            raise Wrong("missing key `tenant`", "add `tenant: ID` (the Directory (tenant) ID of the office)")
        if self.client_secret is None and self.way is not Flow.DEVICE:
            raise Wrong("missing key `client_secret`", "add `client_secret: {credential: oauth-secret}`")
        return self


class Server(Section):
    """How a mail server is reached."""

    host: Host = Field(description="the server's name", examples=["imap.congty.example"])
    port: Port = Field(description="the server's port", examples=["993"])
    security: Security = Field(description="tls, starttls, or none to this very machine", examples=["tls"])
    user: Text | None = Field(None, description="the login name", examples=["info@congty.example"])
    password: SecretSource | None = Field(
        None, description="where the password comes from", examples=["{credential: info-password}"]
    )
    oauth: OAuth | None = Field(None, description="access tokens in place of a password")
    connections: Count | None = Field(None, description="how many the provider allows to one login at a time")
    ca_file: FilePath | None = Field(None, description="certificates to trust instead of the system's")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.password is not None and self.oauth is not None:
            raise Wrong("both `password` and `oauth` are there", "keep one of them")
        return self

    @model_validator(mode="after")
    def _protected(self) -> Self:
        if self.security is Security.NONE and not is_loopback(self.host):
            raise Wrong(
                f"without TLS, the password and all mail would cross the network to {self.host} for anybody to read",
                "write `security: tls` (or starttls); none is for localhost only",
            )
        return self


class ImapServer(Server):
    """The server that keeps the mailbox; it always asks for a login."""

    user: Text = Field(description="the login name", examples=["info@congty.example"])

    @model_validator(mode="after")
    def _with_a_secret(self) -> Self:
        if self.password is None and self.oauth is None:
            remedy = "add `password: {credential: info-password}` (where the password comes from)"
            raise Wrong("missing key `password`", remedy)
        return self


class SmtpServer(Server):
    """The server that takes our mail; without `user`, one that takes it from this machine without a login."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.user is None) != (self.password is None and self.oauth is None):
            raise Wrong("`user` and `password` belong together", "write both, or neither for a server without a login")
        return self


class Folders(Section):
    """The mailbox's folders by name; `auto` asks the server."""

    inbox: Folder = Field("INBOX", description="the folder that is watched")
    sent: Folder = Field(AUTO, description="where sent mail lies")
    drafts: Folder = Field(AUTO, description="where drafts are laid")


class Sends(Section):
    """How much the provider lets one mailbox send."""

    per_minute: Count | None = Field(None, description="mails within a minute", examples=["30"])
    per_day: Count | None = Field(None, description="mails within 24 hours", examples=["2000"])

    def wait(self, sent: Iterable[datetime], now: datetime) -> timedelta:
        """How long until one more may be sent; `sent` is when mails went out, of the last 24 hours at least.

        Times in the future were told by a clock that was wrong: they must not hold mail back until they have come.
        """
        past = sorted(at for at in sent if at <= now)
        waits = [timedelta(0)]
        for limit, span in ((self.per_minute, timedelta(minutes=1)), (self.per_day, timedelta(days=1))):
            if limit is not None and len(past) >= limit:
                waits.append(past[-limit] + span - now)
        return max(waits)


class Account(Section):
    """One mailbox of the office."""

    provider: Provider = Field(Provider.OWN, description="whose ways are known; see docs/providers.md")
    address: Address = Field(description="the address customers write to", examples=["info@congty.example"])
    aliases: tuple[Address, ...] = Field((), description="further addresses of the same mailbox")
    name: Text = Field(description="the name customers see as the sender", examples=["Công ty Ví Dụ"])
    policy: FilePath = Field(description="the policy's file, seen from this one", examples=["policies/vi-office.yaml"])
    watch: Flag = Field(False, description="yes: a changed policy is taken by itself, without a reload")
    user: Text | None = Field(None, description="the login name, for both servers")
    password: SecretSource | None = Field(None, description="where the password comes from, for both servers")
    oauth: OAuth | None = Field(None, description="access tokens in place of a password, for both servers")
    imap: ImapServer = Field(
        description="where mail is read",
        examples=["{host: …, port: 993, security: tls, user: …, password: {credential: …}}"],
    )
    smtp: SmtpServer = Field(
        description="where mail is sent",
        examples=["{host: …, port: 587, security: starttls, user: …, password: {credential: …}}"],
    )
    folders: Folders = Field(Folders(), description="names of folders, where the server does not tell them")
    sent_copy: SentCopy = Field(
        SentCopy.FILE, description="file: we lay a copy into Sent; server: the provider does it by itself"
    )
    authserv_ids: tuple[Text, ...] = Field(
        (), description="how our own mail server signs its Authentication-Results", examples=["[mx.congty.example]"]
    )
    sends: Sends = Field(Sends(), description="how much the provider lets this mailbox send")
    poll: Annotated[Duration, BeforeValidator(_poll)] = Field(
        timedelta(minutes=2), description="how often to look, where the server does not tell", examples=["2m"]
    )

    def addresses(self) -> tuple[str, ...]:
        """The address and its aliases."""
        return (self.address, *self.aliases)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        return _completed(value, info) if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.password is not None and self.oauth is not None:
            raise Wrong("both `password` and `oauth` are there", "keep one of them")
        if self.provider is not Provider.OWN and self.smtp.user is None:
            raise Wrong(f"{self.provider} takes no mail without a login", "write `password` or `oauth` on the account")
        return self


# ---------------------------------------------------------------- presets


def _completed(account: Mapping[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """An account with what its provider's preset knows, and with a login that was written once, in both servers.

    What is written is never changed. Mistakes are left for the model to find, each once, where it stands.
    """
    preset = _preset(account)
    login = _login(account, preset, info)
    completed = _filled(account, preset.account)
    for protocol, usual in (("imap", preset.imap), ("smtp", preset.smtp)):
        written_keys = account.get(protocol)
        if isinstance(written_keys, Mapping) or (written_keys is None and usual):
            completed[protocol] = _server(protocol, written_keys or {}, usual, login)
    return completed


def _preset(account: Mapping[str, Any]) -> Preset:
    """An unknown provider is told once: its servers shall not seem to be missing too."""
    named = account.get("provider") or Provider.OWN
    known = isinstance(named, str) and named in tuple(Provider)
    return PRESETS[Provider(named)] if known else PRESETS[Provider.GMAIL]


def _filled(written_keys: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    return {**written_keys, **{key: value for key, value in usual.items() if written_keys.get(key) is None}}


def _server(
    protocol: str, written_keys: Mapping[str, Any], usual: Mapping[str, Any], login: Mapping[str, Any]
) -> dict[str, Any]:
    """One server: its own keys, then the login of the account, then the preset's."""
    port = written_keys.get("port")
    if isinstance(port, str) and port in _USUAL[protocol]:
        usual = {**usual, "security": _USUAL[protocol][port]} if usual else usual
    has_secret = any(written_keys.get(key) is not None for key in ("password", "oauth"))
    if has_secret:
        login = {key: value for key, value in login.items() if key == "user"}
    elif protocol == "smtp" and login.keys() <= {"user"}:
        login = {}  # a server without a login, or a mistake that is told of IMAP
    return _filled(_filled(written_keys, login), usual)


def _login(account: Mapping[str, Any], preset: Preset, info: ValidationInfo) -> dict[str, Any]:
    """The login that holds for both servers; at a provider, the user is the address unless it is written."""
    login = {}
    user = account.get("user") or (account.get("address") if preset.imap else None)
    if user is not None:
        login["user"] = _or_else(lambda: read_text(user), "-")
    if account.get("oauth") is not None:
        login["oauth"] = _or_else(
            lambda: OAuth.model_validate(account["oauth"], context=info.context), _UNREADABLE_OAUTH
        )
    elif account.get("password") is not None:
        login["password"] = _or_else(lambda: read_secret(account["password"], info), PasswordEnv("-"))
    return login


_UNREADABLE_OAUTH = OAuth(provider=Authority.GOOGLE, client_id="-", client_secret=PasswordEnv("-"))


def _or_else(read: Callable[[], Any], instead: Any) -> Any:
    """What cannot be read is told where it stands, so here anything will do."""
    try:
        return read()
    except (Wrong, ValidationError):
        return instead


def _account_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", value):
        raise Wrong(f"`{value}` cannot name an account", "use small letters a-z, digits, - and _: `info`")
    return value


def _role(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", value):
        raise Wrong(f"`{value}` cannot be a role", "use small letters a-z, digits, - and _: `on_call`")
    return value


def _some_account(value: Mapping[str, Account]) -> Mapping[str, Account]:
    if not value:
        raise Wrong("there is no account", "write at least one under `accounts:`")
    return value


def _with_token_files(config: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens are kept beside the state, in a file by the account's name, unless the config says otherwise."""
    state, accounts = config.get("state"), config.get("accounts")
    if not isinstance(state, str) or not isinstance(accounts, Mapping):
        return dict(config)
    named = {name: _with_token_file(account, Path(state).parent / "tokens" / f"{name}.json")
             for name, account in accounts.items()}  # fmt: skip
    return {**config, "accounts": named}


def _with_token_file(part: Any, path: Path) -> Any:
    """An account, or one of its servers."""
    if not isinstance(part, Mapping):
        return part
    changed = {key: _with_token_file(part[key], path) for key in ("imap", "smtp") if key in part}
    if isinstance(part.get("oauth"), Mapping):
        changed["oauth"] = _filled(part["oauth"], {"tokens": str(path)})
    return {**part, **changed}


class Heartbeat(Section):
    """Who gives the alarm when we are silent."""

    url: SecretUrl = Field(
        description="what is asked for while all is well; as with passwords, it may come from elsewhere",
        examples=["https://hc-ping.com/…"],
    )
    every: Annotated[Duration, BeforeValidator(_every)] = Field(
        timedelta(minutes=5), description="how often", examples=["5m"]
    )


class Metrics(Section):
    """The page of numbers for Prometheus, on 127.0.0.1."""

    port: Annotated[int, BeforeValidator(_metrics_port)] = Field(description="its port", examples=["9464"])


class Config(Section):
    """The whole of config.yaml. Paths are complete: relative ones start from the folder of the file."""

    mode: Mode = Field(Mode.OBSERVE, description="observe: nothing is sent to customers; live: it is")
    state: FilePath = Field(description="the file in which everything is remembered",
                            examples=["/var/lib/responder/state.db"])  # fmt: skip
    accounts: Annotated[
        Mapping[Annotated[Text, AfterValidator(_account_name)], Account], AfterValidator(_some_account)
    ] = Field(description="the mailboxes", examples=["{info: {address: …, …}}"])
    people: Mapping[Annotated[Text, AfterValidator(_role)], Person] = Field(
        {}, description="who is told things, by role", examples=["{manager: {name: …, address: …}}"]
    )
    colleagues: tuple[Domain, ...] = Field(
        (), description="the office's own domains, which get nothing automatic", examples=["[congty.example]"]
    )
    heartbeat: Heartbeat | None = Field(
        None, description="a web address that is asked for while all is well", examples=["{url: https://…, every: 5m}"]
    )
    metrics: Metrics | None = Field(None, description="numbers for Prometheus", examples=["{port: 9464}"])
    learned: FilePath | None = Field(
        None, description="the office's own weights, made by `responder train`", examples=["learned.tsv.gz"]
    )
    retention: Annotated[Duration, BeforeValidator(_retention)] = Field(
        timedelta(days=3 * 365), description="how long it is kept what came and what was done", examples=["3 years"]
    )
    keep_text: Annotated[Duration, BeforeValidator(_keep_text)] = Field(
        timedelta(days=30), description="how long customers' own words are kept; or never", examples=["30 days"]
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        return _with_token_files(value) if isinstance(value, Mapping) else value


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """What became of config.yaml and of the policies it names.

    `config` is None, and there are no policies, where any problem in any of the files is an error. `policies`,
    `digests` (SHA-256 of the policy's text) and `texts` (that text) have the accounts' names as keys. Problems in the
    policies follow those of the config.
    """

    config: Config | None
    policies: Mapping[str, Policy]
    digests: Mapping[str, str]
    problems: tuple[Problem, ...]
    read: Mapping[str, Loaded] = field(default_factory=dict)  # the same policies, with the places in their files


def read(text: str, file: str, folder: Path) -> tuple[Config | None, list[Problem]]:
    """A config's text, alone: nothing is opened. `file` is its name for messages, `folder` starts relative paths."""
    return _read(parse(text, file), folder)


def _read(document: Document, folder: Path) -> tuple[Config | None, list[Problem]]:
    config, problems = validate(document, Config, {"folder": folder})
    problems += _crossed(document)
    problems += _crowded(document, config) if config is not None else ()
    problems = list(in_order(problems))
    return (None if errors(problems) else config), problems


def load(path: Path, today: date | None = None, web: Web | None = None) -> LoadedConfig:
    """Read config.yaml and every policy it names. Never raises: what is wrong, in any of them, is in `problems`.

    `today` turns on the warnings of policies about dates; `web` is for calendars of which there is no copy yet.
    """
    text = _file_text(path)
    if isinstance(text, _UnreadableError):
        problem = Problem(str(path), 0, 0, *text.args_for_problem, code=Code.FILE)
        return LoadedConfig(None, {}, {}, (problem,))
    document = parse(text, str(path))
    config, problems = _read(document, path.absolute().parent)
    problems += _open_passwords(document, path)
    problems += _open_password_files(document, path)
    calendars = Calendars(Copies.beside(config.state) if config is not None else None, web)
    loaded, more = _load_policies(document, path.parent, today, calendars)
    problems += more
    if config is None or errors(problems):
        return LoadedConfig(None, {}, {}, in_order(problems))
    policies = {name: each.policy for name, each in loaded.items() if each.policy is not None}
    digests = {name: each.digest for name, each in loaded.items()}
    return LoadedConfig(config, policies, digests, in_order(problems), loaded)


class _UnreadableError(Exception):
    """A file that could not be opened, or is no text: what, and the remedy."""

    def __init__(self, what: str, remedy: str, *, is_text: bool = True) -> None:
        self.args_for_problem = (what, remedy)
        self.is_text = is_text  # as far as is known
        super().__init__(what)


def _file_text(path: Path) -> str | _UnreadableError:
    try:
        with path.open("rb") as file:
            content = file.read(4 * MAX_CHARACTERS + 1)  # UTF-8 has at most 4 bytes to a character
        return content.decode("utf-8")
    except OSError as error:
        return _UnreadableError(
            f"cannot be read: {error.strerror or error}", "look at the path, and at who may read the file"
        )
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what, remedy = f"is not UTF-8 text (line {line})", "save the file with the encoding UTF-8"
        return _UnreadableError(what, remedy, is_text=False)


def _load_policies(
    document: Document, folder: Path, today: date | None, calendars: Calendars
) -> tuple[dict[str, Loaded], list[Problem]]:
    """The policies by account; a file that several accounts name is read once."""
    people = list(document.table("people").entries)
    by_path: dict[Path, Loaded | _UnreadableError] = {}
    loaded: dict[str, Loaded] = {}
    problems: list[Problem] = []
    for account, (_, node) in document.table("accounts").entries.items():
        named = node.get("policy") if isinstance(node, Table) else None
        if not isinstance(named, Scalar) or not named.text:
            continue
        path = folder / named.text
        if path not in by_path:
            by_path[path] = _load_policy(path, today, calendars)
        found = by_path[path]
        if isinstance(found, _UnreadableError):
            what, remedy = found.args_for_problem
            problem = document.error(named.place, f"the policy {path} {what}", remedy)
            problems.append(replace(problem, may_pass=found.is_text and _is_watched(node), code=Code.FILE))
            continue
        loaded[account] = found
        problems += [*found.problems, *_nobody(found, str(path), people, document.file)]
    return loaded, problems


def _is_watched(account: Node | None) -> bool:
    """Whether the account's policy may lie on a share, which can be away for a while."""
    watch = account.get("watch") if isinstance(account, Table) else None
    return bool(isinstance(watch, Scalar) and _or_else(lambda: read_flag(watch.text), instead=False))


def _load_policy(path: Path, today: date | None, calendars: Calendars) -> Loaded | _UnreadableError:
    text = _file_text(path)
    if isinstance(text, _UnreadableError):
        return text
    return load_policy(text, str(path), today, calendars.of(text, path.parent))


def load_one_policy(path: Path, today: date | None = None, calendars: Calendars = Calendars()) -> Loaded:  # noqa: B008 - frozen
    """A policy file by itself, for the commands that name one. Never raises, as `load`."""
    loaded = _load_policy(path, today, calendars)
    if isinstance(loaded, _UnreadableError):
        return Loaded(None, (Problem(str(path), 0, 0, *loaded.args_for_problem, code=Code.FILE),), "")
    return loaded


def staffed(loaded: Loaded, file: str, people: Iterable[str], config_file: str) -> Loaded:
    """A policy held against the config's people: a role that nobody fills makes it unusable. `file` is the policy's."""
    problems = in_order([*loaded.problems, *_nobody(loaded, file, list(people), config_file)])
    return replace(loaded, policy=None if errors(problems) else loaded.policy, problems=problems)


def _nobody(loaded: Loaded, file: str, people: list[str], config_file: str) -> Iterator[Problem]:
    """Roles that a policy names and the config does not fill, each where it is first named."""
    missing = {use.role: use for use in reversed(loaded.roles) if use.role not in people}  # the first use of each
    for use in loaded.roles:
        if missing.get(use.role) is use:
            add = f"add `{use.role}: {{name: …, address: …}}` under `people` in {config_file}"
            remedy = did_you_mean(use.role, people, add)
            place, what = use.place, f"nobody is `{use.role}`"
            yield Problem(file, place.line, place.column, what, remedy, end_column=place.end_column, code=Code.CONFLICT)


def _open_passwords(document: Document, path: Path) -> Iterator[Problem]:
    """Passwords, and addresses that may be as good as one, written in a file that others than its owner can read."""
    if not path.stat().st_mode & OTHERS:
        return
    remedy = f"`chmod 600 {path.name}`, or better {SECRET_HINT}"
    for what, place in _written_here(_secret_urls(document)):
        told = f"the address of the {what} is as good as a password, and others can read this file"
        yield document.warning(place, told, remedy)
    for what, place in _written_here(_secrets(document)):
        yield document.error(place, f"the {what} stands in a file that others can read", remedy)


def _open_password_files(document: Document, path: Path) -> Iterator[Problem]:
    """Files of passwords that everybody on this machine can read; a group may be there for that very purpose."""
    for what, node in (*_secrets(document), *_secret_urls(document)):
        named = _below(node, "file")
        if not isinstance(named, Scalar) or not named.text:
            continue
        file = path.parent / named.text
        with contextlib.suppress(OSError, ValueError):  # that it is not there is told when it is needed
            if _is_open(file):
                told = f"the {what} stands in {file}, which everybody on this machine can read or change"
                remedy = f"`chmod 600 {file}`, for the service's user, or mount it with mode 0400"
                yield document.error(named.place, told, remedy)


def _is_open(file: Path) -> bool:
    """Whether everybody may read or change it, and can come so far."""
    if not file.stat().st_mode & EVERYBODY:
        return False
    return all(folder.stat().st_mode & EVERYBODY_COMES_IN for folder in file.resolve().parents)


def _written_here(secrets: Iterable[tuple[str, Node | None]]) -> Iterator[tuple[str, Place]]:
    """Those that are a text of this file, and do not come from elsewhere."""
    for what, node in secrets:
        if isinstance(node, Scalar) and node.text is not None:
            yield what, node.place


_SECRET_HEADERS = re.compile("auth|token|key|secret|cookie", re.IGNORECASE)


def _secret_urls(document: Document) -> Iterator[tuple[str, Node | None]]:
    """Every address that a service gave to this office alone, as what it is for with the tree below."""
    for _, person in document.table("people").entries.values():
        yield "webhook", _below(person, "wake", "webhook", "url")
    yield "heartbeat", document.table("heartbeat").get("url")


def _secrets(document: Document) -> Iterator[tuple[str, Node | None]]:
    """Every password and secret, as its name with the tree below."""
    for _, person in document.table("people").entries.values():
        headers = _below(person, "wake", "webhook", "headers")
        if isinstance(headers, Table):
            yield from (
                (f"header {name}", node) for name, (_, node) in headers.entries.items() if _SECRET_HEADERS.search(name)
            )
    accounts = [account for _, account in document.table("accounts").entries.values() if isinstance(account, Table)]
    for part in (*accounts, *(server for _, server in _servers(document))):
        yield "password", part.get("password")
        oauth = part.get("oauth")
        if isinstance(oauth, Table):
            yield "secret", oauth.get("client_secret")


def _below(node: Node | None, *keys: str) -> Node | None:
    """What stands under these keys, if anything does."""
    for key in keys:
        node = node.get(key) if isinstance(node, Table) else None
    return node


# ---------------------------------------------------------------- one part about another


def _crossed(document: Document) -> Iterator[Problem]:
    if document.root is None:
        return
    yield from _shared_addresses(document)
    yield from _useless_passwords(document)
    for protocol, server in _servers(document):
        yield from _unusual_port(document, protocol, server)


def _useless_passwords(document: Document) -> Iterator[Problem]:
    """Passwords for the mailbox of a provider that takes none."""
    for _, account in document.table("accounts").entries.values():
        if not isinstance(account, Table) or PRESETS[_provider(account)].takes_passwords:
            continue
        imap = account.get("imap")
        for part in (account, imap):
            place = part.entries["password"][0].place if isinstance(part, Table) and part.get("password") else None
            if place is not None:
                what = f"{_provider(account)} takes no password for a mailbox any more"
                yield document.warning(place, what, "write `oauth: {provider: microsoft, …}`; see docs/providers.md")


def _provider(account: Table) -> Provider:
    named = account.get("provider")
    text = named.text if isinstance(named, Scalar) else None
    return Provider(text) if text in tuple(Provider) else Provider.OWN


def _crowded(document: Document, config: Config) -> Iterator[Problem]:
    """More accounts behind one login than the provider takes connections: each account holds one."""
    held: Counter[tuple[str, str, str | None]] = Counter()
    for name, account in config.accounts.items():
        for protocol, server in (("imap", account.imap), ("smtp", account.smtp)):
            login = (protocol, server.host, server.user)
            held[login] += 1
            if server.connections is not None and held[login] == server.connections + 1:
                what = f"{server.host} takes {server.connections} connections of {server.user} at a time"
                place = document.place(("accounts", name, protocol))
                yield document.warning(place, what, "each account holds one: give some of them a login of their own")


def _servers(document: Document) -> Iterator[tuple[str, Table]]:
    """Every account's servers, as "imap" or "smtp" with the tree below."""
    for _, account in document.table("accounts").entries.values():
        for protocol in ("imap", "smtp"):
            server = account.get(protocol) if isinstance(account, Table) else None
            if isinstance(server, Table):
                yield protocol, server


def _shared_addresses(document: Document) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for _, account in document.table("accounts").entries.values():
        if not isinstance(account, Table):
            continue
        for scalar in (*scalars(account.get("address")), *scalars(account.get("aliases"))):
            address = (scalar.text or "").lower()
            if address in seen:
                what = f"`{scalar.text}` is there already (line {seen[address].line})"
                yield document.error(scalar.place, what, "each address belongs to one account, once")
            seen.setdefault(address, scalar.place)


_USUAL = {"imap": {"993": "tls", "143": "starttls"}, "smtp": {"465": "tls", "587": "starttls"}}


def _unusual_port(document: Document, protocol: str, server: Table) -> Iterator[Problem]:
    port, security = server.get("port"), server.get("security")
    if not isinstance(port, Scalar) or not isinstance(security, Scalar):
        return
    usual = _USUAL[protocol].get(port.text or "")
    if usual and security.text in tuple(Security) and security.text not in (usual, Security.NONE):
        what = f"port {port.text} usually speaks {usual}"
        yield document.warning(security.place, what, f"write `security: {usual}`, unless you are sure")
