"""Calls through real Kamailio and rtpengine: spread over workers, a worker that dies, carriers by weight, sound both ways."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

from tests.voice.edge.conftest import CARRIER, Edge, flags
from tests.voice.edge.wire import PATIENCE, Message, Socket, request, sdp, sound_address, udp, within


@contextlib.asynccontextmanager
async def call(edge: Edge, socket: Socket, sound: Socket) -> AsyncIterator[Message]:
    """A carrier's call, answered; hung up at the end."""
    via = f"UDP {socket.address[0]}:{socket.address[1]}"
    contact = ("contact", f"<sip:carrier@{socket.address[0]}:{socket.address[1]}>")
    invite = request("INVITE", "sip:+33199000000@sip.test", via, contact, body=sdp(sound.address))
    socket.send(invite.render(), edge.outside)
    answer = await socket.final(invite)
    socket.send(within("ACK", invite, answer, via).render(), edge.outside)
    yield answer
    bye = within("BYE", invite, answer, via)
    socket.send(bye.render(), edge.outside)
    await socket.final(bye)


def rtp(number: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number, number * 160, 7) + payload


async def test_calls_are_spread_and_heard(edge: Edge) -> None:
    async with udp(CARRIER) as socket, udp() as sound:
        for number in range(8):
            async with call(edge, socket, sound) as answer:
                relay = sound_address(answer.body)
                assert relay[1] not in {one.sound.address[1] for one in edge.workers}, "sound goes through rtpengine"
                said = rtp(number, bytes([number]) * 160)
                async with asyncio.timeout(PATIENCE):
                    while True:  # the first packets may come before the relay knows us
                        sound.send(said, relay)
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(0.2):
                                heard, _ = await sound.heard.get()
                                if heard[-160:] == said[-160:]:
                                    break
    assert [len(one.calls) for one in edge.workers] == [4, 4]
    (told,) = {one.get("x-parlons-from") for each in edge.workers for one in each.invites}
    assert told == "trunk carrier-a"


async def test_when_a_worker_dies_new_calls_go_on(edge: Edge) -> None:
    async with udp(CARRIER) as socket, udp() as sound:
        dead, alive = edge.workers
        await edge.worker_ends[0].aclose()
        for _ in range(4):
            async with call(edge, socket, sound):
                pass
        assert len(alive.calls) == 4
        assert not dead.invites
        states = flags(edge.kamcmd("dispatcher.list"))
        assert sorted(states[-4:]).count("AP") >= 1


async def test_calls_out_go_by_weight_and_to_the_next_when_one_is_down(edge: Edge) -> None:
    """The carriers are sockets here, so what each got is counted; a third refuses."""
    got: dict[int, list[Message]] = {port: [] for port in edge.carrier_ports}
    refuse: set[int] = set()

    def carrier(port: int, socket: Socket) -> None:
        def take(data: bytes, peer: tuple[str, int]) -> None:
            message = Message.parse(data)
            if message.method == "INVITE":
                got[port].append(message)
                contact = ("contact", f"<sip:c@127.0.0.1:{port}>")
                if port in refuse:
                    answer = message.answer(503, "Full", tag="c")
                else:
                    kind = ("content-type", "application/sdp")
                    answer = message.answer(200, "OK", contact, kind, body=sdp(("127.0.0.1", 40000)), tag="c")
            elif message.method == "ACK":
                return
            else:
                answer = message.answer(200, "OK", tag="c")
            socket.send(answer.render(), peer)

        socket.on = take

    async with contextlib.AsyncExitStack() as stack:
        for port in edge.carrier_ports:
            carrier(port, await stack.enter_async_context(udp(port=port)))
        one, inner = edge.workers[0], ("127.0.0.1", edge.ports["inner"])
        via = f"UDP 127.0.0.1:{one.socket.address[1]}"

        async def out() -> Message:
            invite = request("INVITE", f"sip:+33600000001@127.0.0.1:{inner[1]}", via, ("contact", "<sip:w@127.0.0.1>"),
                             body=sdp(one.sound.address))  # fmt: skip
            one.socket.send(invite.render(), inner)
            answer = await one.socket.final(invite)
            one.socket.send(within("ACK", invite, answer, via).render(), inner)
            return answer

        await health(edge, one.socket, via, inner, 200)
        for _ in range(40):
            answer = await out()
            assert sound_address(answer.body)[1] != 40000
        shares = [len(got[port]) for port in edge.carrier_ports]
        assert sum(shares) == 40
        assert shares[0] > shares[1] > 0, shares
        assert all(one.first.startswith("INVITE sip:+33600000001@127.0.0.1:") for one in got[edge.carrier_ports[0]])
        refuse.add(edge.carrier_ports[0])
        before = len(got[edge.carrier_ports[1]])
        for _ in range(4):
            await out()
        assert len(got[edge.carrier_ports[1]]) == before + 4


async def health(edge: Edge, socket: Socket, via: str, inner: tuple[str, int], wanted: int) -> None:
    """A worker asks how its trunk is, until the edge knows its carriers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            socket.send(request("OPTIONS", f"sip:127.0.0.1:{inner[1]}", via).render(), inner)
            found = await socket.message()
            if found.status == wanted:
                return
            await asyncio.sleep(0.1)
