"""A browser's transport: ICE, DTLS and SRTP by aiortc's parts, RTP by our own hand.

aiortc's receivers and senders would give each leg a thread, a jitter buffer of four packets and a codec's object per frame;
the tick needs none of it. So datagrams that are SRTP are decrypted where they arrive, and packets of ours leave at once. What
is reached into here is named in `_Reach`; the library is pinned.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import pylibsrtp
from aiortc import (
    RTCCertificate,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceServer,
    RTCIceTransport,
    RTCSctpCapabilities,
    RTCSctpTransport,
)

from parlons.runtime.log import log
from parlons.voice.media.builtin.browser_sdp import Offer, Ours, write_answer

CREDENTIAL_SECONDS = 24 * 3600
CONNECT_SECONDS = 20.0
LOOPBACK = "127.0.0.1"

_ending: set[asyncio.Task[None]] = set()


def ice_servers(addresses: Iterable[str], now: float) -> list[RTCIceServer]:
    """`turn:host:port?user=U&secret=S` into a server with credentials that live a day (coturn's `use-auth-secret`)."""
    servers = []
    for address in addresses:
        url, _, query = address.partition("?")
        given = {name: values[0] for name, values in parse_qs(query).items()}
        if "secret" in given:
            user = f"{int(now) + CREDENTIAL_SECONDS}:{given.get('user', 'parlons')}"
            digest = hmac.new(given["secret"].encode(), user.encode(), hashlib.sha1).digest()
            servers.append(RTCIceServer(url, username=user, credential=base64.b64encode(digest).decode()))
        else:
            servers.append(RTCIceServer(url, username=given.get("user"), credential=given.get("password")))
    return servers


class Link:
    """One connection with a browser; a new offer makes a new one. Callbacks come on the event loop."""

    def __init__(self, servers: Iterable[str]) -> None:
        self._gatherer = RTCIceGatherer(ice_servers(servers, time.time()))
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._sctp: RTCSctpTransport | None = None
        self._connection: Any = self._gatherer._connection
        self._task: asyncio.Task[None] | None = None
        self.offer: Offer | None = None
        self.heard_at = time.monotonic()
        """When anything of the browser came last, sound or not: it checks every few seconds whether we are there."""
        self.on_up: Callable[[Link], None] = _nothing
        self.on_rtp: Callable[[Link, bytes], None] = _nothing
        self.on_rtcp: Callable[[Link, bytes], None] = _nothing
        self.on_text: Callable[[Link, str], None] = _nothing
        """What came on a data channel."""

    async def answer(self, offer: Offer, ssrc: int) -> str:
        """Our answer; the connection is made in the background, `on_up` tells."""
        self.offer = offer
        _with_loopback(self._connection)
        await self._gatherer.gather()
        self._hook()
        ours = Ours(
            self._gatherer.getLocalParameters(),
            tuple(self._gatherer.getLocalCandidates()),
            tuple(self._dtls.getLocalParameters().fingerprints),
            ssrc,
        )
        self._task = asyncio.create_task(self._connect(offer), name="a browser's connection")
        return write_answer(offer, ours)

    def send(self, packet: bytes) -> None:
        """Sends RTP or RTCP at once; what cannot be sent is lost, as on a net."""
        sending = self._dtls._send_rtp(packet)
        try:
            sending.send(None)
        except (StopIteration, ConnectionError, OSError, pylibsrtp.Error):
            return
        sending.close()  # it would wait: the datagram is dropped

    def close(self) -> None:
        """At once for whoever uses it; sockets close in the background, `all_closed` waits for that."""
        self.on_up = self.on_rtp = self.on_rtcp = self.on_text = _nothing
        task = asyncio.get_running_loop().create_task(self._end(), name="a browser's goodbye")
        _ending.add(task)
        task.add_done_callback(_ending.discard)

    # inside -------------------------------------------------------------------------------------------------------

    async def _connect(self, offer: Offer) -> None:
        try:
            for candidate in offer.candidates:
                with contextlib.suppress(ValueError, OSError):
                    await self._ice.addRemoteCandidate(candidate)
            await self._ice.addRemoteCandidate(None)
            await self._ice.start(offer.ice)
            if self._ice.state != "completed":
                log.info("voice.browser_unreachable")
                return
            self._dtls._set_role(offer.role)
            await self._dtls.start(RTCDtlsParameters(list(offer.fingerprints)))
            if self._dtls.state != "connected":
                log.info("voice.browser_handshake_failed")
                return
            self.heard_at = time.monotonic()
            self.on_up(self)
            if offer.sctp_port is not None:
                await self._open_channels(offer.sctp_port)
        except ConnectionError:
            log.info("voice.browser_unreachable")

    async def _open_channels(self, port: int) -> None:
        self._sctp = RTCSctpTransport(self._dtls)
        self._sctp.on("datachannel", lambda channel: channel.on("message", self._text))
        await self._sctp.start(RTCSctpCapabilities(maxMessageSize=65536), port)

    def _text(self, message: object) -> None:
        if isinstance(message, str):
            self.on_text(self, message)

    def _hook(self) -> None:
        """SRTP is taken where it arrives; what is not SRTP goes aiortc's way. A browser's checks show that it lives."""
        connection, dtls = self._connection, self._dtls
        queued, checked = connection.data_received, connection.request_received

        def data_received(data: bytes, component: int) -> None:
            if dtls._rx_srtp is None or not 127 < data[0] < 192 or len(data) < 12:
                queued(data, component)
                return
            try:
                if 192 <= data[1] <= 223:
                    self.on_rtcp(self, dtls._rx_srtp.unprotect_rtcp(data))
                else:
                    self.on_rtp(self, dtls._rx_srtp.unprotect(data))
            except pylibsrtp.Error:
                return
            self.heard_at = time.monotonic()

        def request_received(message: Any, address: Any, protocol: Any) -> None:
            self.heard_at = time.monotonic()
            checked(message, address, protocol)

        connection.data_received, connection.request_received = data_received, request_received

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for part in (self._sctp, self._dtls, self._ice):
            if part is not None:
                with contextlib.suppress(ConnectionError, OSError):
                    await part.stop()
        await self._connection.close()


async def all_closed() -> None:
    """Waits for the sockets of every link that was closed."""
    while _ending:
        await asyncio.gather(*_ending, return_exceptions=True)


def _nothing(*_: object) -> None:
    return


def _with_loopback(connection: Any) -> None:
    """A browser on this very machine is reached without any network."""
    gather = connection.get_component_candidates

    async def with_loopback(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component=component, addresses=[*addresses, LOOPBACK], timeout=timeout)

    connection.get_component_candidates = with_loopback
