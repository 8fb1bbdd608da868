"""Which port the web server takes."""

import socket

from crm_ledger.local.say import CannotStart

_TRIES = 100


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        # As the web server does: a port whose last connections are only lingering is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def next_free(wanted: int, host: str = "127.0.0.1") -> int:
    for port in range(wanted, min(wanted + _TRIES, 65_536)):
        if is_free(port, host):
            return port
    raise CannotStart(f"No port from {wanted} on is free; set PORT to one that is.")
