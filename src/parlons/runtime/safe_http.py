"""The one client for addresses that people configure: bounded in time and size, and it never reaches inside our own network.

Every address a name resolves to is checked where the connection is made, so a name that changes between check and use
(DNS rebinding) gains nothing; redirects are not followed, proxies of the environment not used. What is private may be
allowed one by one: `erp.internal`, `10.1.2.3:8443`, `10.0.0.0/8`. Source: OWASP, Server Side Request Forgery Prevention.
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpcore
import orjson

from parlons.kit.errors import Forbidden, Invalid, TooLarge, Unavailable

LARGEST = 1_000_000
"""Bytes of an answer, unless the caller expects a file."""
CONNECTING = 4.0
"""Seconds at most for one address to take the connection."""
LONGEST = 20.0
"""Seconds at most, from the look-up of the name to the last byte."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Socket = tuple[Any, ...]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(Forbidden):
    """This address lies inside a private network and is not on the list of those that may be called. The operator opens
    addresses by PARLONS_HTTP_ALLOW, a setting of the server that is read at its start."""

    code = "address-refused"


class AddressInvalid(Invalid):
    """This is no address of the web."""

    code = "address-invalid"


class AnswerTooLarge(TooLarge):
    """The other side answered more than is taken."""

    code = "answer-too-large"


class NoAnswer(Unavailable):
    """The other side did not answer in time, or not at all."""

    code = "no-answer"


class NoConnection(NoAnswer):
    """The other side cannot be reached; it heard nothing of the request."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the other side answered."""

    status: int
    headers: dict[str, str]
    """By name in small letters; of those that come twice the last."""
    content: bytes

    def json(self) -> Any:
        """The body as JSON, else as text; None when it is empty."""
        if not self.content:
            return None
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Private places that may be called."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def host(self, host: str, port: int) -> bool:
        """Whether this name, or address, is allowed as it is written."""
        return (host, port) in self.hosts or (host, None) in self.hosts

    def address(self, address: Address) -> bool:
        """Whether it lies in a network that is allowed."""
        return any(address in network for network in self.networks)


def allowed(texts: Iterable[str]) -> Allowed:
    """Reads `host`, `host:port` and networks such as `10.0.0.0/8`; raises AddressInvalid."""
    hosts: set[tuple[str, int | None]] = set()
    networks = []
    for text in filter(None, (each.strip().lower() for each in texts)):
        if "/" in text:
            try:
                networks.append(ipaddress.ip_network(text))
            except ValueError:
                raise AddressInvalid(f"{text!r} is no network; write it as 10.0.0.0/8") from None
            continue
        host, port = _host_and_port(text)
        hosts.add((host, port))
    return Allowed(frozenset(hosts), tuple(networks))


def _host_and_port(text: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{text if text.count(':') < 2 or text.startswith('[') else f'[{text}]'}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise AddressInvalid(f"{text!r} is no host; write erp.internal or erp.internal:8443")
    return host, port


def is_public(address: Address) -> bool:
    """Whether this is an address of the public internet, also behind the forms that carry another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


class SafeHttp:
    """Calls addresses. One a process; close it."""

    def __init__(self, allow: Allowed | None = None, *, at_once: int = 50) -> None:
        self._careful = _Careful(allow or Allowed())
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=at_once,
            max_keepalive_connections=10,
            keepalive_expiry=20.0,
            network_backend=self._careful,
            ssl_context=_tls(),
        )

    async def __aenter__(self) -> "SafeHttp":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every connection."""
        await self._pool.aclose()

    async def address_of(self, host: str, port: int) -> str:
        """An address of this name that may be connected to, for what is not HTTP; raises AddressRefused or NoConnection."""
        try:
            return str((await self._careful.addresses(host, port))[0])
        except httpcore.ConnectError as error:
            raise NoConnection(reason=type(error).__name__) from None

    async def socket_address(self, url: str) -> tuple[str, int]:
        """Address and port of a ws:// or wss:// URL that may be connected to. Raises AddressInvalid, AddressRefused or
        NoConnection."""
        if not url.startswith(("ws://", "wss://")):
            raise AddressInvalid
        parts = urlsplit(_checked("http" + url.removeprefix("ws")))
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return await self.address_of(parts.hostname or "", port), port

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        timeout_seconds: float = 5.0,
        idempotency_key: str | None = None,
        largest: int = LARGEST,
    ) -> Response:
        """Calls once. `body`: bytes as they are, anything else as JSON; None: no body. `idempotency_key` goes as the header
        `Idempotency-Key`, so that the other side can tell a repetition. `largest`: bytes of the answer that are taken.

        Raises AddressInvalid, AddressRefused, AnswerTooLarge, NoConnection or NoAnswer; a status of 400 and more is an answer."""
        address = _checked(url)
        content, sent = _content(body, headers, idempotency_key)
        seconds = min(timeout_seconds, LONGEST)
        patience: dict[str, Any] = {"timeout": {"connect": min(CONNECTING, seconds * 0.8)}}
        try:
            async with asyncio.timeout(seconds):
                calling = self._pool.stream(method.upper(), address, headers=sent, content=content, extensions=patience)
                async with calling as response:
                    return Response(response.status, _named(response.headers), await _read(response, largest))
        except AddressRefused:
            raise
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise NoConnection(reason=type(error).__name__) from None
        except (TimeoutError, httpcore.TimeoutException):
            raise NoAnswer(reason="timeout") from None
        except httpcore.LocalProtocolError as error:
            raise AddressInvalid(str(error)[:200]) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise NoAnswer(reason=type(error).__name__) from None


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises AddressInvalid for what would be read as another header, or not at all."""
    if any(not each.isascii() or not each.isprintable() for pair in headers.items() for each in pair):
        raise AddressInvalid("A header has signs that cannot be sent.")


async def check_address(url: str, allow: Allowed) -> None:
    """Raises AddressInvalid, or AddressRefused for a private address: for an address that is to be kept. A name that leads
    nowhere now passes; what it leads to is checked again whenever it is called."""
    parts = urlsplit(_checked(url))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with contextlib.suppress(httpcore.ConnectError):
        await _Careful(allow).addresses(parts.hostname or "", port)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(ord(each) < 33 for each in url):
        raise AddressInvalid
    return url if url.isascii() else _ascii(url)


def _ascii(url: str) -> str:
    """Umlauts of a host as IDNA, those of a path as percent signs."""
    from urllib.parse import quote

    parts = urlsplit(url)
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        raise AddressInvalid from None
    place = host if parts.port is None else f"{host}:{parts.port}"
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{place}{quote(rest, safe='/?&=%:+,;@!$()*~-._')}"


def _content(
    body: Any, headers: Mapping[str, str] | None, idempotency_key: str | None
) -> tuple[bytes | None, list[tuple[str, str]]]:
    sent = {"user-agent": "Parlons", "accept": "application/json, text/plain;q=0.5, */*;q=0.1"}
    content: bytes | None = None
    if isinstance(body, bytes):
        content = body
    elif body is not None:
        content = orjson.dumps(body)
        sent["content-type"] = "application/json"
    sent.update({name.lower(): value for name, value in (headers or {}).items()})
    if idempotency_key is not None:
        sent["idempotency-key"] = idempotency_key
    check_headers(sent)
    return content, list(sent.items())


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


async def _read(response: httpcore.Response, largest: int) -> bytes:
    parts, size = [], 0
    async for part in response.aiter_stream():
        size += len(part)
        if size > largest:
            raise AnswerTooLarge(limit=largest)
        parts.append(part)
    return b"".join(parts)


class _Careful(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked up and checked here, and to no others."""

    def __init__(self, allow: Allowed) -> None:
        self._allow = allow
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        """The first of its addresses that answers."""
        found = await self.addresses(host, port)
        failure: Exception = httpcore.ConnectError("no address")
        for address in found:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        """Between two tries."""
        await asyncio.sleep(seconds)

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Those of a name, all of which may be called; raises AddressRefused."""
        loop = asyncio.get_running_loop()
        try:
            infos: list[Socket] = list(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError:
            raise httpcore.ConnectError("the name is not known") from None
        addresses = list(dict.fromkeys(ipaddress.ip_address(info[4][0].partition("%")[0]) for info in infos))
        if self._allow.host(host.strip("[]").lower(), port):
            return addresses
        good = [each for each in addresses if is_public(each) or self._allow.address(each)]
        if not good or len(good) < len(addresses):
            raise AddressRefused
        return good


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The machine's own authorities: a company's proxy and its own names work as elsewhere on the machine."""
    return ssl.create_default_context()
