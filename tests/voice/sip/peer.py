"""A SIP peer made of a raw socket: says what a test tells it, byte by byte, and keeps what it hears.

async with phone_at(agent) as peer:
    call = peer.invite("0123")
    ringing = await peer.status(180)
"""

import asyncio
import contextlib
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import cast

from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.sip.agent import SipAgent
from parlons.voice.sip.model import Call, Incoming
from parlons.voice.sip.transactions import Timing

SDP = (
    "v=0\r\no=u 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
OURS = SDP.replace("6000", "7000")
PATIENCE = 30.0
"""Seconds for what must come; a machine under load is slow."""
QUICK = Timing(t1=0.05, t2=0.2, t4=0.2, failover=0.3, register_retry=0.1)


@dataclass
class Message:
    """What the peer heard."""

    text: str
    sender: tuple[str, int]

    @property
    def first(self) -> str:
        return self.text.split("\r\n", 1)[0]

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/") else 0

    @property
    def method(self) -> str:
        return self.header("CSeq").split()[-1]

    @property
    def is_request(self) -> bool:
        return not self.first.startswith("SIP/")

    @property
    def uri(self) -> str:
        return self.first.split()[1]

    @property
    def body(self) -> str:
        return self.text.partition("\r\n\r\n")[2]

    def headers(self, name: str) -> list[str]:
        head = self.text.partition("\r\n\r\n")[0]
        return re.findall(rf"^{re.escape(name)}: ?(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)

    def header(self, name: str) -> str:
        return (self.headers(name) or [""])[0]

    def tag(self, name: str) -> str:
        found = re.search(r";tag=([^;\s]+)", self.header(name))
        return found[1] if found else ""


class Peer(asyncio.DatagramProtocol):
    """One UDP socket. `answer` may react to each message at once; everything is also kept for `expect`."""

    def __init__(self, agent_port: int) -> None:
        self.target = ("127.0.0.1", agent_port)
        self.log: list[Message] = []
        self._fresh: deque[Message] = deque()
        self._woken = asyncio.Event()
        self.answer: Callable[[Message], None] = lambda message: None
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # not one by isinstance on Python 3.11
        self.port = self._transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = Message(data.decode(), addr)
        self.log.append(message)
        self._fresh.append(message)
        self._woken.set()
        self.answer(message)

    def close(self) -> None:
        self._transport.close()

    def send(self, text: str | bytes, to: tuple[str, int] | None = None) -> None:
        self._transport.sendto(text if isinstance(text, bytes) else text.encode(), to or self.target)

    # --- hearing

    async def expect(self, fits: Callable[[Message], bool]) -> Message:
        """The next message not yet taken that fits; those before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._fresh:
                    message = self._fresh.popleft()
                    if fits(message):
                        return message
                self._woken.clear()
                await self._woken.wait()

    async def status(self, *statuses: int, method: str = "") -> Message:
        """The next response with one of these statuses."""
        return await self.expect(lambda m: m.status in statuses and (not method or m.method == method))

    async def request(self, method: str) -> Message:
        """The next request of this method."""
        return await self.expect(lambda m: m.is_request and m.first.startswith(method + " "))

    async def final(self) -> Message:
        """The next final response."""
        return await self.expect(lambda m: m.status >= 200)

    async def quiet(self, seconds: float) -> list[Message]:
        """What came within that time: to show that nothing more comes."""
        before = len(self.log)
        await asyncio.sleep(seconds)
        return self.log[before:]

    def count(self, start: str) -> int:
        return sum(1 for message in self.log if message.first.startswith(start))

    # --- speaking

    def make(
        self,
        method: str,
        user: str = "0123456789",
        *,
        call_id: str = "",
        branch: str = "",
        sequence: int = 1,
        to_tag: str = "",
        body: str = "",
        extra: str = "",
        from_: str = "",
        uri: str = "",
        kind: str = "application/sdp",
    ) -> str:
        port = self.port
        lines = [
            f"{method} {uri or f'sip:{user}@127.0.0.1:{self.target[1]}'} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch={branch or 'z9hG4bK' + secrets.token_hex(8)};rport",
            "Max-Forwards: 70",
            f"From: {from_ or f'<sip:+33611223344@127.0.0.1:{port}>'};tag=ft",
            f"To: <sip:{user}@127.0.0.1>{';tag=' + to_tag if to_tag else ''}",
            f"Call-ID: {call_id or secrets.token_hex(10)}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:far@127.0.0.1:{port}>",
        ]
        if extra:
            lines += extra.strip().split("\r\n")
        if body:
            lines.append(f"Content-Type: {kind}")
        return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])

    def reply(
        self,
        message: Message,
        status: int,
        *,
        tag: str = "pt",
        sdp: bool = False,
        extra: str = "",
        reason: str = "Said",
    ) -> str:
        """Answers a request which this peer heard; returns what was sent."""
        lines = [f"SIP/2.0 {status} {reason}"]
        lines += [f"Via: {value}" for value in message.headers("Via")]
        lines += [f"{name}: {message.header(name)}" for name in ("From", "Call-ID", "CSeq")]
        to = message.header("To")
        lines.append(f"To: {to}" if ";tag=" in to or not tag else f"To: {to};tag={tag}")
        if extra:
            lines += extra.strip().split("\r\n")
        elif 200 <= status < 300 or sdp:
            lines.append(f"Contact: <sip:far@127.0.0.1:{self.port}>")
        body = SDP if sdp else ""
        if body:
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self.send(text, message.sender)
        return text

    def ack(self, answer: Message, *, sequence: int = 1, body: str = "") -> None:
        """The ACK to a 200."""
        self.send(
            self.make("ACK", call_id=answer.header("Call-ID"), sequence=sequence, to_tag=answer.tag("To"), body=body)
        )

    def refused(self, answer: Message, branch: str, user: str = "0123456789") -> None:
        """The ACK to a refusal: same branch."""
        self.send(self.make("ACK", user, call_id=answer.header("Call-ID"), branch=branch, to_tag=answer.tag("To")))


@dataclass
class Ears:
    """A listener that keeps what it hears; `incoming` and `reinvite` may be replaced."""

    heard: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    calls: list[Incoming] = field(default_factory=list)
    incoming: Callable[[Incoming], None] = lambda incoming: None
    reinvite: Callable[[Call, str | None], str | None] = lambda call, sdp: OURS

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self._taken = 0

    def _note(self, name: str, *what: object) -> None:
        self.heard.append((name, what))
        self._woken.set()

    async def expect(self, name: str) -> tuple[object, ...]:
        """What came with the next event of this name."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for at in range(self._taken, len(self.heard)):
                    if self.heard[at][0] == name:
                        self._taken = at + 1
                        return self.heard[at][1]
                self._woken.clear()
                await self._woken.wait()

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def on_incoming(self, incoming: Incoming) -> None:
        self.calls.append(incoming)
        self._note("incoming", incoming)
        self.incoming(incoming)

    def on_progress(self, call: Call, status: int, sdp: str | None) -> None:
        self._note("progress", status, sdp)

    def on_answered(self, call: Call, sdp: str | None) -> None:
        self._note("answered", sdp)

    def on_late_answer(self, call: Call, sdp: str) -> None:
        self._note("late", sdp)

    def on_reinvite(self, call: Call, sdp: str | None) -> str | None:
        self._note("reinvite", sdp)
        return self.reinvite(call, sdp)

    def on_ended(self, call: Call, *, by: str, cause: str, status: int, text: str) -> None:
        self._note("ended", by, cause, status, text)

    def on_referred(self, call: Call, to: str, replaces: Call | None) -> None:
        self._note("referred", call, to, replaces)

    def on_refer_result(self, call: Call, status: int) -> None:
        self._note("refer-result", status)

    def on_info_digit(self, call: Call, digit: str) -> None:
        self._note("digit", digit)

    def on_phone(self, username: str, registered: bool) -> None:
        self._note("phone", username, registered)

    def on_trunk(self, trunk_id: str, up: bool, text: str) -> None:
        self._note("trunk", trunk_id, up, text)


class Bench:
    """An agent, its ears, and peers."""

    def __init__(self, agent: SipAgent, ears: Ears) -> None:
        self.agent, self.ears = agent, ears
        self.peers: list[Peer] = []

    async def peer(self) -> Peer:
        loop = asyncio.get_running_loop()
        _, peer = await loop.create_datagram_endpoint(lambda: Peer(self.agent.port), local_addr=("127.0.0.1", 0))
        self.peers.append(peer)
        return peer


LOCAL = Trunk(id="TKlocal", host="127.0.0.1", options_seconds=0)
"""This machine is a trunk: whatever comes from it may call."""


@contextlib.asynccontextmanager
async def bench(config: EngineConfig | None = None, timing: Timing = QUICK) -> AsyncIterator[Bench]:
    """A running agent; by default this machine is its trunk."""
    ears = Ears()
    agent = SipAgent(config or EngineConfig(trunks=(LOCAL,)), ears, timing=timing)
    await agent.start()
    made = Bench(agent, ears)
    try:
        yield made
    finally:
        await agent.stop()
        for peer in made.peers:
            peer.close()
        await asyncio.sleep(0)  # lets the transports see that they are closed
