"""The one way to call an address that a person has named: out of the house only, in limits of time and size.

The name is resolved once; when any of its addresses is not public, nothing is called. The connection goes to the
address that was judged, with the original name for TLS and Host. No redirect is followed, no proxy is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from governance.rules.addresses import Refused, Target, public, target

SECONDS = 10.0
MOST_SENT = 256 * 1024
MOST_READ = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    retry_after: str


class NoAnswer(OSError):
    """The receiver could not be reached, or took too long. The sentence says which."""


def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS) -> Answer:
    """Raises Refused for an address that may not be called, NoAnswer when nobody answers in time."""
    if len(body) > MOST_SENT:
        raise Refused(f"A message has at most {MOST_SENT // 1024} KiB.")
    local = settings.LOCAL_RECEIVERS
    place = target(url, local=local)
    address = _resolve(place, local=local)
    call = _Call(place, address, seconds)
    # A receiver that drips its answer byte by byte never makes a single read time out: the whole call is ended here.
    watch = threading.Timer(seconds, call.cut)
    watch.daemon = True
    watch.start()
    try:
        return call.run(body, headers)
    except ssl.SSLError as fault:
        raise NoAnswer(
            f"TLS failed: {getattr(fault, 'verify_message', '') or fault.reason or 'no reason given'}"
        ) from None
    except (OSError, http.client.HTTPException) as fault:
        if call.late or isinstance(fault, TimeoutError):
            raise NoAnswer(f"No whole answer within {seconds:.0f} s.") from None
        raise NoAnswer(f"No connection: {getattr(fault, 'strerror', None) or type(fault).__name__}.") from None
    finally:
        watch.cancel()
        call.close()


def _resolve(place: Target, *, local: bool) -> str:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswer(f"The name {place.host} leads nowhere.") from None
    addresses = [str(one[4][0]) for one in found]
    return addresses[0] if local else public(addresses)


class _Call:
    """One request on one connection to a judged address."""

    def __init__(self, place: Target, address: str, seconds: float) -> None:
        self.place, self.address, self.seconds = place, address, seconds
        self.late = False
        self._socket: socket.socket | None = None

    def run(self, body: bytes, headers: dict[str, str]) -> Answer:
        usual = 80 if self.place.plain else 443
        name = f"[{self.place.host}]" if ":" in self.place.host else self.place.host
        connection = http.client.HTTPConnection(self.place.host, self.place.port, timeout=self.seconds)
        connection.sock = self._connect()
        connection.putrequest("POST", self.place.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", name if self.place.port == usual else f"{name}:{self.place.port}")
        connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Connection", "close")
        for key, value in headers.items():
            connection.putheader(key, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read(MOST_READ).decode("utf-8", "replace").replace("\x00", "")
        if self.late:
            raise TimeoutError
        return Answer(answer.status, text, answer.getheader("Retry-After", ""))

    def _connect(self) -> socket.socket:
        plain = socket.create_connection((self.address, self.place.port), timeout=self.seconds)
        self._socket = plain
        if self.place.plain:
            return plain
        context = ssl.create_default_context(cafile=settings.OUTWARD_CA_FILE or None)
        self._socket = context.wrap_socket(plain, server_hostname=self.place.host)
        return self._socket

    def cut(self) -> None:
        self.late = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
