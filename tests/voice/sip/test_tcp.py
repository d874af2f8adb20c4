"""SIP over TCP: framing, answers on the connection, calls in and out."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.media.engine import Caller, NumberTarget, UriTarget
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.peer import OURS, PATIENCE, SDP, Message, bench


class Line:
    """One TCP connection to or from the agent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def message(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            found = Message(head.decode(), ("", 0))
            body = await self.reader.readexactly(int(found.header("Content-Length") or 0))
        return Message((head + body).decode(), ("", 0))

    async def final(self) -> Message:
        while True:
            message = await self.message()
            if message.status >= 200:
                return message

    def send(self, text: str) -> None:
        self.writer.write(text.encode())

    async def closed(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read(10) == b""


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


def make(
    method: str, number: int = 1, *, to: str = "", body: str = "", length: str | None = None, extra: str = ""
) -> str:
    lines = [
        f"{method} sip:0123@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bK{method}{number}",
        "Max-Forwards: 70",
        "From: <sip:+33611223344@127.0.0.1>;tag=ft",
        f"To: <sip:0123@127.0.0.1>{to}",
        f"Call-ID: tcp{'' if to or method in ('INVITE', 'ACK') else number}",
        f"CSeq: {number} {method}",
        "Contact: <sip:far@127.0.0.1:5999;transport=tcp>",
    ]
    lines += [extra] if extra else []
    lines += ["Content-Type: application/sdp"] if body else []
    lines += [f"Content-Length: {len(body)}"] if length is None else [length] if length else []
    return "\r\n".join([*lines, "", body])


async def test_split_joined_and_kept_alive() -> None:
    async with bench() as b, connected(b.agent.port) as line:
        whole = make("OPTIONS", 1)
        for part in (whole[:20], whole[20:120], whole[120:]):
            line.send(part)
            await line.writer.drain()
            await asyncio.sleep(0.02)
        assert (await line.final()).header("CSeq") == "1 OPTIONS"
        line.send(make("OPTIONS", 2) + make("OPTIONS", 3))
        assert [(await line.final()).header("CSeq") for _ in range(2)] == ["2 OPTIONS", "3 OPTIONS"]
        line.send("\r\n\r\n" + make("OPTIONS", 4, length=""))
        assert await line.reader.readexactly(2) == b"\r\n"
        assert (await line.final()).header("CSeq") == "4 OPTIONS"


@pytest.mark.parametrize("length", ["Content-Length: -5", "Content-Length: x", "Content-Length: 5\r\nl: 7"])
async def test_a_stream_whose_messages_cannot_be_told_apart_is_answered_and_closed(length: str) -> None:
    async with bench() as b, connected(b.agent.port) as line:
        line.send(make("OPTIONS", length=length))
        assert (await line.final()).status == 400
        assert await line.closed()


async def test_a_line_of_100_kb_closes_the_connection() -> None:
    async with bench() as b, connected(b.agent.port) as line:
        line.send(make("OPTIONS", extra="X: " + "a" * 100_000))
        assert await line.closed()
        async with connected(b.agent.port) as other:
            other.send(make("OPTIONS"))
            assert (await other.final()).status == 200


async def test_a_call_in_and_our_bye_on_the_same_connection() -> None:
    async with bench() as b, connected(b.agent.port) as line:
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        line.send(make("INVITE", body=SDP))
        answered = await line.final()
        assert "transport=tcp" in answered.header("Contact")
        line.send(make("ACK", to=";tag=" + answered.tag("To")))
        await b.ears.expect("answered")
        b.ears.calls[0].call.end()
        bye = await line.message()
        assert bye.first.startswith("BYE ")
        assert bye.header("Via").startswith("SIP/2.0/TCP ")
        assert await b.ears.expect("ended") == ("us", "hangup", 0, "")


async def test_a_call_out_by_tcp() -> None:
    lines: asyncio.Queue[Line] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.put_nowait(Line(reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with bench() as b:
        target = UriTarget(f"sip:bob@127.0.0.1:{port};transport=tcp")
        call = await b.agent.dial("L1", target, Caller("+331"), OURS, 5000, {})
        line = await lines.get()
        invite = await line.message()
        names = ("Via", "From", "Call-ID", "CSeq")
        copied = "\r\n".join(f"{name}: {invite.header(name)}" for name in names)
        contact = f"Contact: <sip:bob@127.0.0.1:{port};transport=tcp>"
        head = f"SIP/2.0 200 OK\r\n{copied}\r\nTo: {invite.header('To')};tag=z\r\n{contact}\r\n"
        line.send(f"{head}Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}")
        assert (await line.message()).first.startswith("ACK ")
        assert await b.ears.expect("answered") == (SDP,)
        call.end()
        assert (await line.message()).first.startswith("BYE ")
        line.writer.close()
    server.close()
    await server.wait_closed()


async def test_a_trunk_that_hangs_up_the_line_is_left_for_the_next() -> None:
    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with bench(timing=Timing(failover=600)) as b:  # no timer of its own would do it
        peer = await b.peer()
        trunks = (
            Trunk(id="T1", host="127.0.0.1", port=port, transport="tcp", options_seconds=0),
            Trunk(id="T2", host="127.0.0.1", port=peer.port, options_seconds=0),
        )
        await b.agent.configure(EngineConfig(trunks=trunks))
        await b.agent.dial("L1", NumberTarget("+33199001122", ("T1", "T2")), Caller(""), OURS, 20_000, {})
        peer.reply(await peer.request("INVITE"), 200, sdp=True)
        assert await b.ears.expect("answered") == (SDP,)
    server.close()
    await server.wait_closed()


async def test_nobody_listens_there() -> None:
    with socket.socket() as silent:  # kept, so that nobody else is given its port, but it does not listen
        silent.bind(("127.0.0.1", 0))
        target = UriTarget(f"sip:bob@127.0.0.1:{silent.getsockname()[1]};transport=tcp")
        async with bench() as b:
            await b.agent.dial("L1", target, Caller(""), OURS, 5000, {})
            assert await b.ears.expect("ended") == ("engine", "unreachable", 0, "")
