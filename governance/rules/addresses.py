"""Where messages may go: out of the house only, by HTTPS, never to an address that is private in any disguise."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

PORTS = (443, 8443)
LONGEST = 500
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")
# Global by their number, but they carry, translate to, or stand for something else.
_DISGUISED = tuple(
    ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "::/96")
)


class Refused(ValueError):
    """The sentence says what to change."""


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver's address in parts. `plain` is HTTP without TLS, which only a test or a demo may use."""

    host: str
    port: int
    path: str
    plain: bool = False

    @property
    def shown(self) -> str:
        """Scheme and host: what may stand on a page, since the path may hold a secret."""
        usual = 80 if self.plain else 443
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.plain else 'https'}://{host}{'' if self.port == usual else f':{self.port}'}"


def target(url: str, *, local: bool = False) -> Target:
    """The parts of an address that may be used; raises Refused. `local` also allows HTTP and any port."""
    if len(url) > LONGEST or not url.isascii() or any(mark <= " " or mark in "\\\x7f" for mark in url):
        raise Refused(f"An address has at most {LONGEST} plain characters and no blanks.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is no web address.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in (("https", "http") if local else ("https",)) or not host:
        raise Refused("The address begins with https:// and names a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("The address holds no log-in and no #.")
    plain = parts.scheme == "http"
    port = port or (80 if plain else 443)
    if not local:
        if port not in PORTS:
            raise Refused("Only the ports 443 and 8443 are used.")
        literal = _literal(host)
        if host.endswith(_LOCAL_NAMES) or (literal is not None and not is_public(literal)):
            raise Refused("This address is inside the house; messages go outside only.")
        if literal is None and "." not in host:
            raise Refused("The host needs its whole name, such as hooks.example.com.")
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), plain)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet as itself."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in net for net in _DISGUISED if net.version == address.version):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_unspecified
    )


def public(found: list[str]) -> str:
    """The one address to connect to; refuses all of them when any is not public, as a rebinding name would answer."""
    if not found:
        raise Refused("The host has no address.")
    for text in found:
        address = _literal(text)
        if address is None or not is_public(address):
            raise Refused(f"The host leads to {text.split('%')[0]}, which is not on the public internet.")
    return found[0]


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.split("%")[0])
    except ValueError:
        return None
