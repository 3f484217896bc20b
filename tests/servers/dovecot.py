"""Dovecot for the tests: IMAP, LMTP (with Sieve) and the checking of passwords for Postfix, all on loopback."""

import grp
import imaplib
import os
import pwd
import smtplib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers import fetch
from tests.servers.faketime import FakeTime
from tests.servers.process import LOOPBACK, ServerProcess, answers

FOLDERS = ("INBOX", "Sent", "Drafts", "Trash", "Junk")
CONFIGURATION = """\
protocols = imap lmtp
listen = {loopback}
base_dir = {directory}/run
state_dir = {directory}/state
libexec_dir = {root}/usr/lib/dovecot
mail_plugin_dir = {root}/usr/lib/dovecot/modules
default_internal_user = {internal_user}
default_internal_group = {group}
default_login_user = {login_user}
import_environment = {environment_names}
hostname = dovecot.test
log_path = {log}
auth_verbose = yes
verbose_proctitle = no
shutdown_clients = yes

passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/users
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={group} home={directory}/mail/%u
}}
{more_passdb}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login {more_mechanisms}
auth_failure_delay = 0

# Not maildir: there INTERNALDATE is a file's time, which comes from the kernel's clock and not from a shifted one.
mail_location = {mail_format}:~/{mail_format}
mail_max_userip_connections = 200
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}

ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}

service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {auth_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

SIEVE = """\
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{directory}/sieve/%u.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
  sieve_vacation_send_from_recipient = yes
}}
submission_host = {loopback}:{submission_port}
"""

EVERYBODY = """\
passdb {{
  driver = static
  args = password={password}
}}
"""

OAUTH_MECHANISMS = "xoauth2 oauthbearer"
OAUTH_PASSDB = """\
passdb {{
  driver = oauth2
  mechanisms = {mechanisms}
  args = {file}
}}
"""
OAUTH = """\
introspection_url = {url}
introspection_mode = post
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
username_format = %u
"""

CERTIFICATE = """\
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
subjectAltName = DNS:localhost, IP:127.0.0.1
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
subjectKeyIdentifier = hash
"""


class Dovecot(ServerProcess):
    """`with Dovecot(directory, [("lan@office.test", "secret")]) as dovecot:` — then `dovecot.imap_port` and so on.

    Under a `clock`, mail delivered over LMTP arrives by that clock. Only that process sees it: an IMAP session would
    take a jump for an hour of silence and hang up. So APPEND should say its date.
    With `introspection`, the address of a token server's page for that (RFC 7662), it takes access tokens too, over
    IMAP and for Postfix: it asks there whose each token is.
    With `sieve`, a script by address, mail that comes over LMTP passes through Pigeonhole; what a script sends goes to
    `submission_port`. Its `vacation` is the rudest the settings allow: no pause, and its sender can be answered.
    With `everybody`, whoever knows that password has a mailbox, be they one of the users or not.
    """

    PORTS_NEEDED = 4
    GRACE = 0.2  # its mail processes end at once; its log process would linger for a second

    def __init__(
        self,
        directory: Path,
        users: Sequence[tuple[str, str]],
        *,
        clock: FakeTime | None = None,
        mail_format: str = "sdbox",
        introspection: str | None = None,
        sieve: Mapping[str, str] | None = None,
        everybody: str | None = None,
    ) -> None:
        super().__init__(directory, clock.environment(shift_files=True, only="lmtp") if clock else None)
        self.users = list(users)
        self.ca_file = directory / "certificate.pem"  # for localhost and 127.0.0.1
        self.key_file = directory / "key.pem"
        self._mail_format = mail_format
        self._introspection = introspection
        self._sieve = dict(sieve or {})
        self._everybody = everybody
        self.submission_port: int | None = None

    @property
    def imap_port(self) -> int:
        """Plain text, with STARTTLS."""
        return self.ports[0]

    @property
    def imaps_port(self) -> int:
        """TLS from the start; trust `ca_file`."""
        return self.ports[1]

    @property
    def lmtp_port(self) -> int:
        return self.ports[2]

    @property
    def auth_port(self) -> int:
        """Where Postfix has passwords checked."""
        return self.ports[3]

    def start(self) -> None:
        """Start, and have every folder made: two connections that open a missing one at once would trip each other."""
        super().start()
        for address, password in self.users:
            self.make_folders(address, password)

    def make_folders(self, address: str, password: str) -> None:
        with imaplib.IMAP4(self.host, self.imap_port, timeout=10) as client:
            client.login(address, password)
            for folder in FOLDERS:
                client.select(folder)

    def deliver(self, message: bytes, sender: str, *recipients: str) -> None:
        """Put a message into inboxes over LMTP, as Postfix does."""
        with smtplib.LMTP(self.host, self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, recipients, message)

    def _configure(self) -> list[str]:
        self._write_users()
        self._link_modules()
        if not self.ca_file.exists():
            make_certificate(self.ca_file, self.key_file)
        oauth = self.directory / "oauth.conf"
        oauth.write_text(OAUTH.format(url=self._introspection))
        configuration = self.directory / "dovecot.conf"
        sieve = self._write_sieve()
        configuration.write_text(
            CONFIGURATION.format(
                loopback=LOOPBACK,
                directory=self.directory,
                root=fetch.ROOT,
                log=self.log,
                mail_format=self._mail_format,
                certificate=self.ca_file,
                key=self.key_file,
                environment_names=" ".join(sorted(self.environment)),
                more_mechanisms=OAUTH_MECHANISMS if self._introspection else "",
                more_passdb=self._more_passdb(oauth),
                imap_port=self.imap_port,
                imaps_port=self.imaps_port,
                lmtp_port=self.lmtp_port,
                auth_port=self.auth_port,
                **_accounts(),
            )
            + sieve
        )
        # `dovecot` alone would look for /usr/bin/doveconf to read its settings; so we call that first, as it does.
        read_settings = [f"{fetch.ROOT}/usr/bin/doveconf", "-f", "service=master", "-m", "master", "-p"]
        return [
            *read_settings,
            "-c",
            str(configuration),
            "-e",
            f"{fetch.ROOT}/usr/sbin/dovecot",
            "-F",
            "-c",
            str(configuration),
        ]

    def _more_passdb(self, oauth: Path) -> str:
        tokens = OAUTH_PASSDB.format(mechanisms=OAUTH_MECHANISMS, file=oauth) if self._introspection else ""
        return tokens + (EVERYBODY.format(password=self._everybody) if self._everybody else "")

    def _write_users(self) -> None:
        lines = [f"{address}:{{PLAIN}}{password}\n" for address, password in self.users]
        (self.directory / "users").write_text("".join(lines))
        (self.directory / "users").chmod(0o644)
        mail = self.directory / "mail"
        mail.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(mail, pwd.getpwnam(_accounts()["mail_user"]).pw_uid, -1)

    def _write_sieve(self) -> str:
        """Every script in its file; what the configuration says of them."""
        if not self._sieve:
            return ""
        scripts = self.directory / "sieve"
        scripts.mkdir(exist_ok=True)
        for address, script in self._sieve.items():
            (scripts / f"{address}.sieve").write_text(script)
        return SIEVE.format(directory=self.directory, loopback=LOOPBACK, submission_port=self.submission_port)

    def _link_modules(self) -> None:
        """Dovecot's processes run in base_dir, where our copy of libdovecot looks for its modules (see fetch.py)."""
        link = self.directory / "run" / fetch.MODULES_LINK
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(fetch.ROOT / "usr/lib/dovecot/modules")

    def _is_ready(self) -> bool:
        listening = "starting up" in self.log_since_start()
        return listening and answers(self.imap_port, b"* OK") and answers(self.lmtp_port, b"220")


def _accounts() -> dict[str, str]:
    """Existing accounts for Dovecot to switch to. Root may not own mail; without root, everything is ours."""
    if os.geteuid() == 0:
        return {"mail_user": "mail", "group": "mail", "login_user": "nobody", "internal_user": "daemon"}
    me = pwd.getpwuid(os.geteuid()).pw_name
    return {"mail_user": me, "login_user": me, "internal_user": me, "group": grp.getgrgid(os.getegid()).gr_name}


def make_certificate(certificate: Path, key: Path) -> None:
    """A self-signed certificate, valid from the year 2000 on, whatever clock a test sets."""
    template = certificate.with_suffix(".cnf")
    template.write_text(CERTIFICATE)
    [library] = fetch.ROOT.glob("usr/lib/*/faketime/libfaketime.so.1")
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": ":".join(map(str, fetch.library_directories())),
        "PATH": f"{os.environ['PATH']}:{fetch.ROOT}/usr/bin",
        "LD_PRELOAD": str(library),
        "FAKETIME": "@2000-01-01 00:00:00",
    }
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "36500",
            "-config",
            template,
            "-out",
            certificate,
            "-keyout",
            key,
        ],
        env=environment,
        check=True,
        capture_output=True,
    )
