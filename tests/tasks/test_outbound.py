"""The one way out: only where a setting permits it, whatever a name pretends to be."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from schemas.clock import now
from schemas.errors import OutboundRefusedError, PeerUnavailableError, SettingsError
from schemas.settings import Settings, load_settings
from tasks.outbound import MOST_BYTES, outbound

INSIDE = (
    "127.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
)


class Sentinel(BaseHTTPRequestHandler):
    """Counts who comes; answers as the path says."""

    seen: list[str]

    def do_GET(self) -> None:
        Sentinel.seen.append(self.headers["Host"])
        self.send_response({"/away": 302}.get(self.path, 200))
        if self.path == "/away":
            self.send_header("Location", "/")
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(b"x" * (MOST_BYTES + 1 if self.path == "/long" else 1))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sentinel() -> Iterator[HTTPServer]:
    Sentinel.seen = []
    server = HTTPServer(("127.0.0.1", 0), Sentinel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def allowing(*hosts: str, networks: str = "") -> Settings:
    return Settings(desk=Path("nowhere"), outbound_hosts=",".join(hosts), outbound_networks=networks)


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_inside_is_reached_even_where_its_name_is_permitted(sentinel: HTTPServer, host: str) -> None:
    for scheme in ("http", "https"):
        with (
            outbound(allowing(host, host.strip("[]"))) as client,
            pytest.raises((OutboundRefusedError, PeerUnavailableError, httpx.InvalidURL)),
        ):
            client.get(f"{scheme}://{host}:{sentinel.server_port}/")
    assert Sentinel.seen == []


def test_a_host_that_no_setting_names_is_not_even_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    for url in ("https://example.org/", "https://example.com.evil.test/", "https://example.com@evil.test/"):
        with outbound(allowing("example.com")) as client, pytest.raises(OutboundRefusedError):
            client.get(url)


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"]])
def test_a_public_name_with_an_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (each, 443)) for each in addresses])
    with outbound(allowing("example.com")) as client, pytest.raises(OutboundRefusedError):
        client.get("https://example.com/")


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, sentinel: HTTPServer
) -> None:
    """A name that means another address at each look is looked up once."""
    looks: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "desk.test":
            return real(host, *rest, **more)
        looks.append(host)
        return real("127.0.0.1" if len(looks) == 1 else "192.0.2.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with outbound(allowing("desk.test", networks="127.0.0.0/8")) as client:
        assert client.get(f"http://desk.test:{sentinel.server_port}/").status_code == 200
    assert looks == ["desk.test"] and Sentinel.seen == [f"desk.test:{sentinel.server_port}"]


def test_a_certificate_of_another_host_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server with a certificate that nobody vouches for, under the right address: no request gets there."""
    certificate, key = self_signed("elsewhere.test", tmp_path)
    server = HTTPServer(("127.0.0.1", 0), Sentinel)
    Sentinel.seen = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more))
    for trusted in (None, certificate):  # vouched for by nobody, and by us but for another name
        with outbound(allowing("desk.test", networks="127.0.0.0/8")) as client:
            if trusted:
                client._transport._below = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=str(trusted)))  # type: ignore[attr-defined]
            with pytest.raises(PeerUnavailableError):
                client.get(f"https://desk.test:{server.server_port}/")
    server.shutdown()
    assert Sentinel.seen == []


def self_signed(name: str, folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    at = now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


@pytest.mark.parametrize("path", ["/away", "/long", "/packed"])
def test_no_redirect_and_no_long_answer_is_taken(sentinel: HTTPServer, path: str) -> None:
    with (
        outbound(allowing("127.0.0.1", networks="127.0.0.0/8")) as client,
        pytest.raises(OutboundRefusedError),
    ):
        client.get(f"http://127.0.0.1:{sentinel.server_port}{path}")


def test_the_open_way_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.1.2.3", 80))])
    with outbound(allowing("inside.test", networks="10.0.0.0/8")) as client, pytest.raises(OutboundRefusedError):
        client.get("http://inside.test/")


def test_a_network_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="CLEARDESK_OUTBOUND_NETWORKS"):
        load_settings(outbound_networks="10.0.0.0/8, somewhere")
