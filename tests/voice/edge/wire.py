"""SIP spoken by hand over real sockets, for both sides of the edge: enough for a call, a registration, OPTIONS, and sound."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

PATIENCE = 30
"""Seconds for what is waited for: a machine under load is slow."""
Address = tuple[str, int]


@dataclass(slots=True)
class Message:
    """A request or response, its headers as they came."""

    first: str
    headers: list[tuple[str, str]]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        return cls(
            first,
            [(name.strip().lower(), value.strip()) for name, _, value in (one.partition(":") for one in lines)],
            body,
        )

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]

    def get(self, name: str) -> str:
        found = self.all(name)
        return found[0] if found else ""

    @property
    def method(self) -> str:
        return self.first.split()[0]

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    def render(self) -> bytes:
        lines = [self.first, *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join([*lines, f"Content-Length: {len(self.body)}"]) + "\r\n\r\n" + self.body).encode()

    def answer(self, status: int, text: str, *more: tuple[str, str], body: str = "", tag: str = "") -> "Message":
        kept = [
            (name, value) for name, value in self.headers if name in ("via", "from", "call-id", "cseq", "record-route")
        ]
        to = self.get("to") + (f";tag={tag}" if tag and "tag=" not in self.get("to") else "")
        return Message(f"SIP/2.0 {status} {text}", [*kept, ("to", to), *more], body)


def sdp(address: Address, *, protocol: str = "RTP/AVP", more: str = "") -> str:
    host, port = address
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} {protocol} 0\r\n"
        f"a=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n{more}"
    )


def sound_address(body: str) -> Address:
    host, port = re.search(r"^c=IN IP4 (\S+)", body, re.M), re.search(r"^m=audio (\d+)", body, re.M)
    assert host is not None
    assert port is not None
    return host.group(1), int(port.group(1))


class Socket(asyncio.DatagramProtocol):
    """A UDP socket whose datagrams can be awaited."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport | None = None
        self.on: Callable[[bytes, Address], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport) or hasattr(transport, "sendto")
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.on:
            self.on(data, addr)
        else:
            self.heard.put_nowait((data, addr))

    def send(self, data: bytes, to: Address) -> None:
        assert self.transport is not None
        self.transport.sendto(data, to)

    @property
    def address(self) -> Address:
        assert self.transport is not None
        host, port = self.transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def next(self) -> tuple[bytes, Address]:
        async with asyncio.timeout(PATIENCE):
            return await self.heard.get()

    async def message(self) -> Message:
        """The next message."""
        return Message.parse((await self.next())[0])

    async def final(self, asked: Message, status: int = 200) -> Message:
        """The final answer to `asked`, which must have that status; answers to others, come late or twice, are passed over."""
        while True:
            found = await self.message()
            if found.status >= 200 and all(found.get(name) == asked.get(name) for name in ("call-id", "cseq")):
                assert found.status == status, found
                return found


@contextlib.asynccontextmanager
async def udp(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Socket]:
    loop = asyncio.get_running_loop()
    transport, socket = await loop.create_datagram_endpoint(Socket, local_addr=(host, port))
    try:
        yield socket
    finally:
        transport.close()


@dataclass
class Worker:
    """A voice worker's wire: answers every call at once with its own sound port, and says sound back."""

    socket: Socket
    sound: Socket
    invites: list[Message] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    pinged: asyncio.Event = field(default_factory=asyncio.Event)
    password_ok: bool = True
    contacts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By user: contact and path of his registration."""

    @property
    def calls(self) -> set[str]:
        return {one.get("call-id") for one in self.invites}

    def take(self, data: bytes, peer: Address) -> None:
        message = Message.parse(data)
        if message.status:
            self.socket.heard.put_nowait((data, peer))
            return
        match message.method:
            case "OPTIONS":
                self.pinged.set()
                answer = message.answer(200, "OK", tag="w")
            case "INVITE":
                self.invites.append(message)
                self.seen.set()
                contact = ("contact", f"<sip:worker@{self.socket.address[0]}:{self.socket.address[1]}>")
                kind = ("content-type", "application/sdp")
                answer = message.answer(200, "OK", contact, kind, body=sdp(self.sound.address), tag="w")
            case "REGISTER":
                answer = self.registered(message)
            case "ACK":
                return
            case _:
                answer = message.answer(200, "OK", tag="w")
        self.socket.send(answer.render(), peer)

    def registered(self, message: Message) -> Message:
        challenge = ("www-authenticate", 'Digest realm="sip.test", nonce="1"')
        if not message.get("authorization") or not self.password_ok:
            return message.answer(401, "Unauthorized", challenge, tag="w")
        contact = message.get("contact")
        user = message.get("to").partition("sip:")[2].partition("@")[0]
        self.contacts[user] = (contact.strip("<>").partition(">")[0], message.get("path"))
        return message.answer(200, "OK", ("contact", f"{contact};expires=60"), ("path", message.get("path")), tag="w")


@contextlib.asynccontextmanager
async def worker(port: int) -> AsyncIterator[Worker]:
    async with udp(port=port) as socket, udp() as sound:
        found = Worker(socket, sound)
        socket.on = found.take
        sound.on = sound.send
        yield found


def request(
    method: str, uri: str, via: str, *more: tuple[str, str], user: str = "+33123456789", body: str = ""
) -> Message:
    branch, tag, call = (secrets.token_hex(6) for _ in range(3))
    headers = [
        ("via", f"SIP/2.0/{via};branch=z9hG4bK{branch};rport"),
        ("from", f"<sip:{user}@sip.test>;tag={tag}"),
        ("to", f"<{uri}>"),
        ("call-id", call),
        ("cseq", f"1 {method}"),
        ("max-forwards", "70"),
        *more,
    ]
    return Message(f"{method} {uri} SIP/2.0", headers + ([("content-type", "application/sdp")] if body else []), body)


def within(method: str, invite: Message, answer: Message, via: str) -> Message:
    """ACK or BYE of a call: by the answer's Contact and Record-Routes (RFC 3261 section 12.2.1.1)."""
    contact = answer.get("contact").strip("<>").partition(">")[0]
    routes = [("route", value) for value in reversed(answer.all("record-route"))]
    number = "1" if method == "ACK" else "2"
    headers = [
        ("via", f"SIP/2.0/{via};branch=z9hG4bK{secrets.token_hex(6)};rport"),
        *routes,
        ("from", invite.get("from")),
        ("to", answer.get("to")),
        ("call-id", invite.get("call-id")),
        ("cseq", f"{number} {method}"),
        ("max-forwards", "70"),
    ]
    return Message(f"{method} {contact} SIP/2.0", headers)
