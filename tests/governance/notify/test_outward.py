"""The only way out: judged addresses, the original name, no redirect, no proxy, limits of time and size."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from governance.notify import outward
from governance.rules.addresses import Refused
from tests.receivers import WebReceiver

BODY = b"{}"


@pytest.fixture
def local(settings):
    settings.LOCAL_RECEIVERS = True


def answers(monkeypatch, *addresses):
    """A name server that gives one address after the other; returns what was asked."""
    asked = []

    def look_up(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (addresses[min(len(asked), len(addresses)) - 1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "100.64.1.1", "169.254.169.254", "10.1.1.1", "::ffff:10.0.0.1", "::1"]
)
def test_a_name_that_leads_inside_is_refused(monkeypatch, address):
    answers(monkeypatch, address)
    with pytest.raises(Refused, match="not on the public internet"):
        outward.post("https://hooks.example.com/", BODY, {})


def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch):
    """A rebinding name server: public when it is judged, inside when it is asked again. It is not asked again."""
    asked = answers(monkeypatch, "93.184.216.34", "127.0.0.1")
    called = []

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outward.NoAnswer):
        outward.post("https://hooks.example.com:8443/", BODY, {})
    assert called == [("93.184.216.34", 8443)] and asked == ["hooks.example.com"]


def test_local_receivers_need_the_switch(settings):
    with WebReceiver() as inside:
        settings.LOCAL_RECEIVERS = False
        with pytest.raises(Refused):
            outward.post(inside.url, BODY, {})
        settings.LOCAL_RECEIVERS = True
        assert outward.post(inside.url, BODY, {"X-A": "b"}).status == 200
    assert len(inside.got) == 1 and inside.got[0].headers["x-a"] == "b"


def test_redirects_are_not_followed_and_no_proxy_is_asked(local, monkeypatch):
    with WebReceiver() as elsewhere, WebReceiver() as first:
        first.answer = lambda _: (302, {"Location": elsewhere.url}, b"")
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        assert outward.post(first.url, BODY, {}).status == 302
    assert elsewhere.got == []


def test_an_answer_is_read_up_to_its_limit_only(local):
    with WebReceiver() as loud:
        loud.answer = lambda _: (200, {}, b"x" * 10_000_000)
        assert len(outward.post(loud.url, BODY, {}).text) == outward.MOST_READ


def test_too_large_a_message_is_not_sent(local):
    with WebReceiver() as receiver, pytest.raises(Refused):
        outward.post(receiver.url, b"x" * (outward.MOST_SENT + 1), {})
    assert receiver.got == []


@pytest.mark.parametrize("drip", [b"", b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_receiver_that_drips_is_cut_off_in_time(local, drip):
    """Each single read succeeds within any timeout, so the whole call has a limit of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.sendall(drip)
                while not stop.wait(0.1):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        threading.Thread(target=serve, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(outward.NoAnswer, match="No whole answer within 1 s"):
            outward.post(f"http://127.0.0.1:{server.getsockname()[1]}/", BODY, {}, seconds=1)
        assert time.monotonic() - started < 10
        stop.set()


@pytest.fixture
def certificate(tmp_path):
    """For hooks.example.com, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def secure(receiver, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return receiver.server.server_address[1]


def test_tls_is_verified_against_the_original_name(local, settings, certificate, monkeypatch):
    settings.OUTWARD_CA_FILE = str(certificate[0])
    with WebReceiver() as receiver:
        port = secure(receiver, certificate)
        answers(monkeypatch, "127.0.0.1")
        assert outward.post(f"https://hooks.example.com:{port}/in", BODY, {}).status == 200
        assert receiver.got[0].headers["host"] == f"hooks.example.com:{port}"
        with pytest.raises(outward.NoAnswer, match="TLS failed"):
            outward.post(f"https://other.example.com:{port}/in", BODY, {})
        settings.OUTWARD_CA_FILE = ""
        with pytest.raises(outward.NoAnswer, match="TLS failed"):
            outward.post(f"https://hooks.example.com:{port}/in", BODY, {})
    assert len(receiver.got) == 1
