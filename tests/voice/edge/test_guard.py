"""Who is kept out by real Kamailio: floods, scanners, guessers, strangers, malformed messages; carriers and workers are not."""

import pytest

from tests.voice.edge.conftest import CARRIER, STRANGER, Edge
from tests.voice.edge.wire import Message, Socket, request, udp

KNOWN = (("user-agent", "phone 1.0"), ("contact", "<sip:1001@127.0.0.66>"))


def via(socket: Socket) -> str:
    return f"UDP {socket.address[0]}:{socket.address[1]}"


async def asks(edge: Edge, socket: Socket, message: Message) -> Message:
    """The answer."""
    socket.send(message.render(), edge.outside)
    return await socket.message()


async def ignored(edge: Edge, socket: Socket, message: Message) -> bool:
    """Whether nothing comes back, although what others asked afterwards is answered; late answers to what was asked before do
    not count."""
    await settled(edge)
    socket.send(message.render(), edge.outside)
    await settled(edge)
    heard = [Message.parse(socket.heard.get_nowait()[0]) for _ in range(socket.heard.qsize())]
    return message.get("call-id") not in {one.get("call-id") for one in heard}


async def settled(edge: Edge) -> None:
    """Every process of the edge has had a turn."""
    async with udp(CARRIER) as other:
        for _ in range(20):
            message = request("OPTIONS", "sip:sip.test", via(other))
            other.send(message.render(), edge.outside)
            await other.final(message)


async def test_a_flood_is_banned_and_others_are_heard(edge: Edge) -> None:
    async with udp(STRANGER) as stranger, udp("127.0.0.67") as neighbour:
        message = request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN)
        assert (await asks(edge, stranger, message)).status == 200
        for _ in range(200):
            stranger.send(request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN).render(), edge.outside)
        assert await ignored(edge, stranger, request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN))
        assert (await asks(edge, neighbour, request("OPTIONS", "sip:sip.test", via(neighbour), *KNOWN))).status == 200
        assert STRANGER in edge.kamcmd("htable.dump", "banned")
    assert all(not one.invites for one in edge.workers)


async def test_what_is_not_sip_2_is_dropped(edge: Edge) -> None:
    async with udp(STRANGER) as stranger:
        message = request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN)
        message.first = "OPTIONS sip:sip.test SIP/7.0"
        assert await ignored(edge, stranger, message)


async def test_a_scanner_hears_nothing(edge: Edge) -> None:
    async with udp(STRANGER) as stranger:
        scan = request("REGISTER", "sip:sip.test", via(stranger), ("user-agent", "friendly-scanner"))
        assert await ignored(edge, stranger, scan)
        assert await ignored(edge, stranger, request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN))


async def test_strangers_do_not_reach_a_worker(edge: Edge) -> None:
    async with udp(STRANGER) as stranger:
        invite = request(
            "INVITE",
            "sip:+33600000000@sip.test",
            via(stranger),
            *KNOWN,
            ("x-parlons-from", "trunk carrier-a"),
            user="1001",
        )
        assert (await asks(edge, stranger, invite)).status == 403
        inner = ("127.0.0.1", edge.ports["inner"])
        stranger.send(request("INVITE", "sip:+33600000000@127.0.0.1", via(stranger), *KNOWN).render(), inner)
        assert (await stranger.message()).status == 403
    assert all(not one.invites for one in edge.workers)


async def test_who_guesses_passwords_is_banned(edge: Edge) -> None:
    for one in edge.workers:
        one.password_ok = False
    async with udp(STRANGER) as stranger:
        contact = ("contact", f"<sip:1001@{STRANGER}:{stranger.address[1]}>")
        guess = (
            "authorization",
            f'Digest username="1001", realm="sip.test", nonce="1", uri="sip:sip.test", response="{"0" * 32}"',
        )

        def attempt(*more: tuple[str, str]) -> Message:
            return request("REGISTER", "sip:sip.test", via(stranger), contact, *more, user="1001")

        for _ in range(5):  # an honest first attempt has no password yet
            assert (await asks(edge, stranger, attempt())).status == 401
        for _ in range(3):
            assert (await asks(edge, stranger, attempt(guess))).status == 401
        assert await ignored(edge, stranger, attempt(guess))


@pytest.mark.parametrize(
    ("first", "changed", "status"),
    [
        ("OPTIONS nobodyknows:1 SIP/2.0", {}, 416),
        ("OPTIONS sip:sip.test SIP/2.0", {"proxy-require": "nothing-known"}, 420),
        ("OPTIONS sip:sip.test SIP/2.0", {"cseq": "9 INVITE"}, 400),
        ("OPTIONS sip:sip.test SIP/2.0", {"max-forwards": "0"}, 483),
        ("BREW sip:sip.test SIP/2.0", {"cseq": "1 BREW"}, 405),
    ],
)
async def test_malformed_messages_are_answered(edge: Edge, first: str, changed: dict[str, str], status: int) -> None:
    async with udp(STRANGER) as stranger:
        message = request("OPTIONS", "sip:sip.test", via(stranger), *KNOWN)
        message.first = first
        message.headers = [(name, value) for name, value in message.headers if name not in changed] + list(
            changed.items()
        )
        assert (await asks(edge, stranger, message)).status == status
