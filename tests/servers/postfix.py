"""Postfix for the tests: takes mail on a loopback port and hands that of the test's domains to Dovecot's LMTP port.

Nothing ever leaves the machine: any other domain is refused at once, with a 5xx to RCPT.
Runs as root only, because it switches users.
"""

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from tests.servers import fetch
from tests.servers.dovecot import Dovecot
from tests.servers.faketime import FakeTime
from tests.servers.process import LOOPBACK, ServerProcess, answers

OWNER = "mail"  # existing accounts for Postfix to switch to; it wants a group of its own beside the owner's
POSTDROP_GROUP = "daemon"
QUEUES = (
    "incoming",
    "active",
    "deferred",
    "defer",
    "bounce",
    "corrupt",
    "hold",
    "maildrop",
    "flush",
    "trace",
    "saved",
    "private",
    "public",
)

MAIN = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {directory}/config
mail_owner = {owner}
setgid_group = {group}
import_environment = MAIL_CONFIG {environment_names}
maillog_file = {log}
maillog_file_prefixes = {directory}

myhostname = mail.test
myorigin = mail.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {loopback}
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
notify_classes =
smtputf8_enable = yes
message_size_limit = 52428800
smtpd_peername_lookup = no
lmtp_host_lookup = native
disable_dns_lookups = yes

virtual_mailbox_domains = {domains}
virtual_transport = lmtp:inet:{loopback}:{lmtp_port}
default_transport = error:5.4.4 no mail leaves the test machine
relay_transport = $default_transport
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{loopback}:{auth_port}
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_security_level = {tls}
smtpd_tls_chain_files = {key}, {certificate}

smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
{more}
"""

MASTER = """\
{loopback}:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
tlsmgr unix - - n 1000? 1 tlsmgr
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(ServerProcess):
    """`with Postfix(directory, ["office.test"], dovecot) as postfix:` — then `postfix.port`.

    Anybody may send without a password. AUTH is offered with Dovecot's users, STARTTLS (`tls`) with its certificate.
    `options` are further main.cf settings, such as {"smtpd_client_restrictions": "permit_sasl_authenticated, reject"}.
    """

    def __init__(
        self,
        directory: Path,
        domains: Sequence[str],
        dovecot: Dovecot,
        *,
        tls: bool = False,
        clock: FakeTime | None = None,
        options: dict[str, str] | None = None,
    ) -> None:
        super().__init__(directory, clock.environment(shift_files=True) if clock else None)
        self.domains = list(domains)
        self._dovecot = dovecot
        self._tls = tls
        self._options = dict(options or {})

    @property
    def port(self) -> int:
        return self.ports[0]

    def queued(self) -> int:
        """Mails that are still to be delivered; in the order in which they move on, so that none is overlooked."""
        waiting = (self.directory / "queue" / name for name in ("maildrop", "incoming", "active", "deferred"))
        return sum(path.is_file() for queue in waiting for path in queue.rglob("*"))

    def _configure(self) -> list[str]:
        for name in ("config", "queue", "queue/pid", "data", *(f"queue/{name}" for name in QUEUES)):
            (self.directory / name).mkdir(exist_ok=True)
        owner = pwd.getpwnam(OWNER).pw_uid
        for name in ("data", *(f"queue/{name}" for name in QUEUES)):
            os.chown(self.directory / name, owner, -1)
        config = self.directory / "config"
        (config / "main.cf").write_text(
            MAIN.format(
                directory=self.directory,
                root=fetch.ROOT,
                log=self.log,
                loopback=LOOPBACK,
                owner=OWNER,
                group=POSTDROP_GROUP,
                environment_names=" ".join(sorted(self.environment)),
                domains=", ".join(self.domains),
                lmtp_port=self._dovecot.lmtp_port,
                auth_port=self._dovecot.auth_port,
                tls="may" if self._tls else "none",
                certificate=self._dovecot.ca_file,
                key=self._dovecot.key_file,
                more="\n".join(f"{name} = {value}" for name, value in self._options.items()),
            )
        )
        (config / "master.cf").write_text(MASTER.format(loopback=LOOPBACK, port=self.port))
        for name in ("main.cf", "master.cf"):
            os.utime(config / name, (0, 0))  # Postfix waits two seconds for the editing of a brand-new file to end
        return [str(fetch.ROOT / "usr/lib/postfix/sbin/master"), "-s", "-c", str(config)]

    def _is_ready(self) -> bool:
        return "daemon started" in self.log_since_start() and answers(self.port, b"220")
