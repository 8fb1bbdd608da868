"""Nothing private is a target, in whatever disguise; the public internet is."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.addresses import Refused, Target, is_public, public, target

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address):
    with pytest.raises(Refused, match="not on the public internet"):
        public([address])
    with pytest.raises(Refused):
        public(["8.8.8.8", address])
    with pytest.raises(Refused):
        target(f"https://[{address.split('%')[0]}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_used(address):
    assert public([address]) == address


@given(st.ip_addresses(v=4))
def test_a_v4_address_in_v6_clothes_is_judged_alike(address):
    assert is_public(ipaddress.IPv6Address(f"::ffff:{address}")) == is_public(address)
    assert not is_public(ipaddress.IPv6Address(f"64:ff9b::{address}"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "//example.com/", "https:///x", "https://user@example.com/",
        "https://user:word@example.com/", "https://example.com/#x", "https://example.com:80/", "https://example.com:22/",
        "https://example.com:99999/", "https://localhost/", "https://a.localhost/", "https://printer.local/",
        "https://metadata.google.internal/", "https://intranet/", "https://2130706433/", "https://example.com/a b",
        "https://example.com/\r\nHost: x", "https://example.com\\@10.0.0.1/", "https://exämple.com/", "",
        "https://" + "a" * 500 + ".com/", "https://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_are_none(url):
    with pytest.raises(Refused):
        target(url)


def test_addresses_that_are_some():
    assert target("https://Hooks.Example.com/a?b=c") == Target("hooks.example.com", 443, "/a?b=c")
    assert target("https://hooks.example.com:8443").shown == "https://hooks.example.com:8443"
    assert target("http://127.0.0.1:9000/x", local=True) == Target("127.0.0.1", 9000, "/x", plain=True)
    with pytest.raises(Refused):
        public([])
