"""Phones and browsers at real Kamailio and rtpengine: registered over UDP, TLS and WSS, called by a worker on their own
connection, a browser's encrypted sound both ways."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from websockets.asyncio.client import connect

from tests.voice.edge.conftest import Edge
from tests.voice.edge.test_calls import rtp
from tests.voice.edge.wire import PATIENCE, Message, Worker, request, sdp, sound_address, udp, within

WORD = (
    "authorization",
    f'Digest username="1001", realm="sip.test", nonce="1", uri="sip:sip.test", response="{"1" * 32}"',
)


@dataclass
class Phone:
    """One connection to the edge, whatever it is made of."""

    via: str
    contact: str
    send: Callable[[bytes], Awaitable[None]]
    receive: Callable[[], Awaitable[bytes]]

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            while not (data := await self.receive()).strip():
                pass
        return Message.parse(data)

    async def register(self) -> Message:
        message = request("REGISTER", "sip:sip.test", self.via, ("contact", f"<{self.contact}>"), user="1001")
        message.headers = [(name, "<sip:1001@sip.test>" if name == "to" else value) for name, value in message.headers]
        await self.send(message.render())
        assert (await self.next()).status == 401
        message.headers = [(name, "2 REGISTER" if name == "cseq" else value) for name, value in message.headers]
        again = Message(
            message.first, [(name, value + "b" if name == "via" else value) for name, value in message.headers]
        )
        again.headers[0] = ("via", message.get("via").replace("z9hG4bK", "z9hG4bKb"))
        again.headers.append(WORD)
        await self.send(again.render())
        answer = await self.next()
        assert answer.status == 200
        return answer


@contextlib.asynccontextmanager
async def by_udp(edge: Edge, _trusted: Path) -> AsyncIterator[Phone]:
    async with udp("127.0.0.33") as socket:
        place = f"{socket.address[0]}:{socket.address[1]}"

        async def send(data: bytes) -> None:
            socket.send(data, edge.outside)

        async def receive() -> bytes:
            return (await socket.next())[0]

        yield Phone(f"UDP {place}", "sip:1001@192.168.7.7:5066", send, receive)  # behind NAT: its contact leads nowhere


@contextlib.asynccontextmanager
async def by_tls(edge: Edge, trusted: Path) -> AsyncIterator[Phone]:
    context = ssl.create_default_context(cafile=str(trusted))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", edge.ports["tls"], ssl=context, server_hostname="sip.test"
    )

    async def send(data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    async def receive() -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(Message.parse(head).get("content-length") or 0)
        return head + await reader.readexactly(length)

    try:
        yield Phone("TLS 192.168.7.7:5066", "sip:1001@192.168.7.7:5066;transport=tls", send, receive)
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def by_wss(edge: Edge, trusted: Path) -> AsyncIterator[Phone]:
    context = ssl.create_default_context(cafile=str(trusted))
    url = f"wss://sip.test:{edge.ports['wss']}/"
    async with connect(
        url, ssl=context, host="127.0.0.1", server_hostname="sip.test", subprotocols=["sip"], compression=None
    ) as socket:  # type: ignore[arg-type]

        async def receive() -> bytes:
            data = await socket.recv()
            return data.encode() if isinstance(data, str) else data

        async def send(data: bytes) -> None:
            await socket.send(data.decode())

        yield Phone("WSS k7.invalid", "sip:k7@k7.invalid;transport=ws", send, receive)


async def rung(edge: Edge, phone: Phone) -> tuple[Worker, Message, Message]:
    """The worker where it registered calls it, as its registrar does: by the contact, to where it came from."""
    await phone.register()
    (worker,) = [one for one in edge.workers if one.contacts]
    contact = worker.contacts["1001"][0]
    invite = request(
        "INVITE",
        contact,
        f"UDP 127.0.0.1:{worker.socket.address[1]}",
        ("contact", f"<sip:worker@127.0.0.1:{worker.socket.address[1]}>"),
        body=sdp(worker.sound.address),
    )
    worker.socket.send(invite.render(), ("127.0.0.1", edge.ports["phones"]))
    while (heard := await phone.next()).method != "INVITE":
        pass
    return worker, invite, heard


@pytest.mark.parametrize(("way", "protocol"), [(by_udp, "RTP/AVP"), (by_tls, "RTP/SAVP")])
async def test_a_desk_phone_is_rung_on_its_own_connection(
    edge: Edge, certificate: Path, way: Callable[..., contextlib.AbstractAsyncContextManager[Phone]], protocol: str
) -> None:
    async with way(edge, certificate / "cert.pem") as phone, udp() as sound:
        worker, invite, heard = await rung(edge, phone)
        assert f" {protocol} " in heard.body
        assert ("a=crypto:" in heard.body) == (protocol == "RTP/SAVP")
        keys = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n" if protocol == "RTP/SAVP" else ""
        kind = ("content-type", "application/sdp")
        body = sdp(sound.address, protocol=protocol, more=keys)
        await phone.send(heard.answer(200, "OK", ("contact", f"<{phone.contact}>"), kind, body=body, tag="p").render())
        answer = await worker.socket.final(invite)
        assert " RTP/AVP " in answer.body
        assert "a=crypto" not in answer.body
        place = f"UDP 127.0.0.1:{worker.socket.address[1]}"
        inner = ("127.0.0.1", edge.ports["phones"])
        worker.socket.send(within("ACK", invite, answer, place).render(), inner)
        assert (await phone.next()).method == "ACK"
        hung_up = within("BYE", invite, answer, place)
        worker.socket.send(hung_up.render(), inner)
        bye = await phone.next()
        assert bye.method == "BYE"
        await phone.send(bye.answer(200, "OK").render())
        await worker.socket.final(hung_up)


async def test_a_registered_phone_calls_as_itself(edge: Edge, certificate: Path) -> None:
    async with by_udp(edge, certificate) as phone:
        await phone.register()
        invite = request("INVITE", "sip:1002@sip.test", phone.via, ("contact", f"<{phone.contact}>"), user="1001",
                         body=sdp(("127.0.0.33", 40_000)))  # fmt: skip
        invite.headers.append(("p-asserted-identity", "<sip:+33999@sip.test>"))
        await phone.send(invite.render())
        while (answer := await phone.next()).status < 200:
            pass
        assert answer.status == 200
        (worker,) = [one for one in edge.workers if one.contacts]
        (heard,) = worker.invites
        assert heard.get("x-parlons-from") == "phone 1001"
        assert not heard.get("p-asserted-identity"), "only carriers are believed"
        assert f":{edge.ports['phones']}" in heard.get("via"), "by the phones' port"


async def test_a_browser_over_wss_is_heard_and_hears(edge: Edge, certificate: Path) -> None:
    """Its sound is DTLS-SRTP with ICE on one side of rtpengine, plain RTP on the worker's."""
    async with by_wss(edge, certificate / "cert.pem") as phone:
        worker, invite, heard = await rung(edge, phone)
        assert "UDP/TLS/RTP/SAVPF" in heard.body
        browser = RTCPeerConnection()
        try:
            browser.addTrack(AudioStreamTrack())
            await browser.setRemoteDescription(RTCSessionDescription(heard.body, "offer"))
            await browser.setLocalDescription(await browser.createAnswer())
            kind = ("content-type", "application/sdp")
            contact = ("contact", f"<{phone.contact}>")
            body = browser.localDescription.sdp
            await phone.send(heard.answer(200, "OK", contact, kind, body=body, tag="b").render())
            answer = await worker.socket.final(invite)
            assert " RTP/AVP " in answer.body
            place = f"UDP 127.0.0.1:{worker.socket.address[1]}"
            worker.socket.send(within("ACK", invite, answer, place).render(), ("127.0.0.1", edge.ports["phones"]))
            worker.sound.on = None
            relay = sound_address(answer.body)
            (track,) = [one.receiver.track for one in browser.getTransceivers()]
            await heard_both_ways(worker, relay, track)
        finally:
            await browser.close()


async def heard_both_ways(worker: Worker, relay: tuple[str, int], track: object) -> None:
    """The worker gets the browser's packets, and the browser frames of a tone the worker sends."""
    loud = bytes([0x90, 0x10]) * 80  # mu-law: a square wave

    async def send() -> None:
        number = 0
        while True:
            worker.sound.send(rtp(number, loud), relay)
            number += 1
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(PATIENCE):
            packet, _ = await worker.sound.heard.get()
            assert len(packet) == 172, "20 ms of G.711"
            while abs((await track.recv()).to_ndarray()).max() < 1000:  # type: ignore[attr-defined]
                pass
    finally:
        sending.cancel()
