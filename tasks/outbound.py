"""The one way out: to hosts that a setting names, at addresses that were looked at, without detours, and never for long.

After the OWASP Server-Side Request Forgery Prevention sheet: the host must be on the list, every address that it resolves to
is checked, and the connection goes to a checked address, so that a name cannot mean another one a moment later.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import httpx

from schemas.errors import OutboundRefusedError, PeerUnavailableError
from schemas.settings import Settings

SECONDS = 15.0
MOST_BYTES = 1024 * 1024
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # IPv4 addresses in disguise
Address = IPv4Address | IPv6Address


def outbound(settings: Settings) -> httpx.Client:
    """A client that reaches permitted hosts only. Its requests raise OutboundRefusedError and PeerUnavailableError."""
    return httpx.Client(
        transport=Guarded(settings),
        headers={"Accept-Encoding": "identity"},
        timeout=SECONDS,
        follow_redirects=False,
        trust_env=False,
    )


def permitted_hosts(settings: Settings) -> frozenset[str]:
    """The hosts of the addresses in the settings, and those that are named beside them."""
    named = (urlsplit(url).hostname for url in (settings.sso_issuer, settings.alert_webhook) if url)
    return frozenset(filter(None, [*named, *(host.strip().lower() for host in settings.outbound_hosts.split(","))]))


class Guarded(httpx.BaseTransport):
    """Looks at each request before it leaves, and at each answer before it is read."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = permitted_hosts(settings)
        networks = (text.strip() for text in settings.outbound_networks.split(","))
        self._networks = [ip_network(text) for text in networks if text]
        self._below = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._hosts:
            raise OutboundRefusedError(f"no setting names the host {host}")
        address = self._checked_address(host, request.url.port or {"http": 80}.get(request.url.scheme, 443))
        if request.url.scheme != "https" and not (request.url.scheme == "http" and address.is_loopback):
            raise OutboundRefusedError(f"{host}: use https")
        request.extensions = {**request.extensions, "sni_hostname": host}  # the certificate is the name's
        request.url = request.url.copy_with(host=str(address))
        try:
            response = self._below.handle_request(request)
        except httpx.HTTPError as error:
            raise PeerUnavailableError(f"{host}: {type(error).__name__}") from error
        if response.is_redirect or response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise OutboundRefusedError(
                f"{host} answers with a redirect, or packed"
            )  # packed bytes may unpack to any size
        response.stream = _Bounded(host, response)
        return response

    def _checked_address(self, host: str, port: int) -> Address:
        """The address to connect to. Raises OutboundRefusedError where one of the host's addresses is not permitted."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise PeerUnavailableError(f"{host}: no address") from error
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        if not addresses or not all(self._is_permitted(each) for each in addresses):
            raise OutboundRefusedError(f"{host} stands at an address that is not permitted")
        return addresses[0]

    def _is_permitted(self, address: Address) -> bool:
        if any(address in network for network in self._networks if network.version == address.version):
            return True
        return address.is_global and not address.is_multicast and not _is_disguised(address)

    def close(self) -> None:
        self._below.close()


def _is_disguised(address: Address) -> bool:
    """Whether an IPv6 address stands for an IPv4 one."""
    if not isinstance(address, IPv6Address):
        return False
    inside = address.ipv4_mapped or address.sixtofour or address.teredo
    return bool(inside) or any(address in network for network in TRANSLATED)


class _Bounded(httpx.SyncByteStream):
    """The same bytes; raises OutboundRefusedError where there are too many."""

    def __init__(self, host: str, response: httpx.Response) -> None:
        self._host, self._stream = host, response.stream

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        seen = 0
        try:
            for chunk in self._stream:
                seen += len(chunk)
                if seen > MOST_BYTES:
                    raise OutboundRefusedError(f"{self._host} answers with more than {MOST_BYTES} bytes")
                yield chunk
        except httpx.HTTPError as error:
            raise PeerUnavailableError(f"{self._host}: {type(error).__name__}") from error

    def close(self) -> None:
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._stream.close()
