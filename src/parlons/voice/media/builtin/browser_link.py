"""A browser's transport: ICE, DTLS and SRTP by aiortc's parts, RTP by our own hand.

aiortc's receivers and senders would give each leg a thread, a jitter buffer of four packets and a codec's object per frame;
the tick needs none of it. So datagrams that are SRTP are decrypted where they arrive, and packets of ours leave at once. What
is reached into beyond the public names stands in this file alone; the library is pinned.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, cast
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

from parlons.kit.clock import Millis
from parlons.runtime.log import log
from parlons.voice.edge.turn import credentials
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
            who = given.get("user", "parlons")
            user, password = credentials(given["secret"], who, Millis(int(now * 1000)), CREDENTIAL_SECONDS)
            servers.append(RTCIceServer(url, username=user, credential=password))
        else:
            servers.append(RTCIceServer(url, username=given.get("user"), credential=given.get("password")))
    return servers


class Road:
    """What DTLS takes for its ICE transport: the ICE connection in use now, which an ICE restart exchanges beneath it.

    Names and manners are those `RTCDtlsTransport` and `RTCSctpTransport` use."""

    role = "controlled"

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.connection: Any = None

    async def _recv(self) -> bytes:
        data = await self.queue.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        await self.connection.send(data)


class Link:
    """One page's connection: DTLS, SRTP and data channels over ICE. Callbacks come on the event loop."""

    def __init__(self, servers: Iterable[str]) -> None:
        self._servers = tuple(servers)
        self._road = Road()
        self._dtls = RTCDtlsTransport(cast(Any, self._road), [RTCCertificate.generateCertificate()])
        self._sctp: RTCSctpTransport | None = None
        self._ice: RTCIceTransport | None = None
        """In use."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.offer: Offer | None = None
        self.heard_at = time.monotonic()
        """When anything of the browser came last, sound or not: it checks every few seconds whether we are there."""
        self.on_up: Callable[[Link], None] = _nothing
        self.on_rtp: Callable[[Link, bytes], None] = _nothing
        self.on_rtcp: Callable[[Link, bytes], None] = _nothing
        self.on_text: Callable[[Link, str], None] = _nothing
        """What came on a data channel."""

    @property
    def is_up(self) -> bool:
        """Whether sound can pass, as far as is known."""
        return self._dtls.state == "connected"

    def goes_on_with(self, offer: Offer) -> bool:
        """Whether the offer is an ICE restart of this connection: the same page, by its certificate."""
        return self.is_up and self.offer is not None and self.offer.fingerprints == offer.fingerprints

    async def answer(self, offer: Offer, ssrc: int) -> str:
        """Our answer to a first offer or an ICE restart; it is carried out in the background, `on_up` tells of the first."""
        gatherer = RTCIceGatherer(ice_servers(self._servers, time.time()))
        _with_loopback(gatherer._connection)
        await gatherer.gather()
        ice = RTCIceTransport(gatherer)
        self._hook(ice._connection)
        if self.offer is not None:
            offer = replace(offer, role=self.offer.role)
        self.offer = offer
        ours = Ours(
            gatherer.getLocalParameters(),
            tuple(gatherer.getLocalCandidates()),
            tuple(self._dtls.getLocalParameters().fingerprints),
            ssrc,
        )
        self._spawn(self._connect(ice, offer), "a browser's connection")
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
        _later(self._end())

    # inside -------------------------------------------------------------------------------------------------------

    async def _connect(self, ice: RTCIceTransport, offer: Offer) -> None:
        try:
            for candidate in offer.candidates:
                with contextlib.suppress(ValueError, OSError):
                    await ice.addRemoteCandidate(candidate)
            # Their end is not told: an offer may hold none, or none we can use, and the browser then reaches us first.
            async with asyncio.timeout(CONNECT_SECONDS):
                await ice.start(offer.ice)
            if ice.state != "completed":
                raise ConnectionError
            before, self._ice = self._ice, ice
            self._road.connection = ice._connection
            if before is None:
                await self._shake_hands(offer)
            else:
                _later(_stopped(before))
        except (ConnectionError, TimeoutError):
            log.info("voice.browser_unreachable")
        finally:
            if self._ice is not ice:
                _later(_stopped(ice))

    async def _shake_hands(self, offer: Offer) -> None:
        self._dtls._set_role(offer.role)
        await self._dtls.start(RTCDtlsParameters(list(offer.fingerprints)))
        if not self.is_up:
            raise ConnectionError
        self.heard_at = time.monotonic()
        self.on_up(self)
        if offer.sctp_port is not None:
            self._sctp = RTCSctpTransport(self._dtls)
            self._sctp.on("datachannel", lambda channel: channel.on("message", self._text))
            await self._sctp.start(RTCSctpCapabilities(maxMessageSize=65536), offer.sctp_port)

    def _text(self, message: object) -> None:
        if isinstance(message, str):
            self.on_text(self, message)

    def _hook(self, connection: Any) -> None:
        """SRTP is taken where it arrives; what is not SRTP goes aiortc's way. A browser's checks show that it lives."""
        dtls, queue = self._dtls, self._road.queue
        checked = connection.request_received

        def data_received(data: bytes, _component: int) -> None:
            if dtls._rx_srtp is None or not 127 < data[0] < 192 or len(data) < 12:
                queue.put_nowait(data)
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

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for part in (self._sctp, self._dtls):
            if part is not None:
                with contextlib.suppress(ConnectionError, OSError):
                    await part.stop()
        if self._ice is not None:
            await _stopped(self._ice)


async def _stopped(ice: RTCIceTransport) -> None:
    with contextlib.suppress(ConnectionError, OSError):
        await ice.stop()


def _later(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(work, name="a browser's goodbye")
    _ending.add(task)
    task.add_done_callback(_ending.discard)


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
