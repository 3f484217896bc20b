"""One question to a port before anything else is said to it: does it speak TLS from the first byte?

For `check --connect`, where a wrong `security` would else be told as silence after a long wait. Sends no secret.
"""

from __future__ import annotations

import select
import socket
import ssl

WITHIN = 3.0  # seconds for a greeting, and for a handshake


def expects_tls(host: str, port: int, within: float = WITHIN) -> bool:
    """Whether the server says nothing until it is spoken to in TLS. False where nothing can be told."""
    hello = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    hello.check_hostname = False
    hello.verify_mode = ssl.CERT_NONE  # nothing is sent: who it is does not matter yet
    try:
        with socket.create_connection((host, port), timeout=within) as connection:
            poll = select.poll()
            poll.register(connection, select.POLLIN)
            if poll.poll(within * 1000):
                return False  # it greets, or is gone
            with hello.wrap_socket(connection):
                return True
    except (OSError, ValueError):
        return False
