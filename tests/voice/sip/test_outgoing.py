"""Calls we make: what gets lost, forks, credentials, CANCEL and its races, failover."""

import asyncio
import hashlib
import re
from dataclasses import replace

import pytest

from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.media.engine import Caller, NumberTarget, UriTarget
from parlons.voice.sip.talk import SipCall
from tests.voice.sip.peer import OURS, QUICK, SDP, Bench, Message, Peer, bench

ANN = Caller("+33123456789", "Ann")
PATIENT = replace(QUICK, failover=600)
"""Not the time that passes here leads on to the next trunk."""


async def dial(b: Bench, peer: Peer, timeout_ms: int = 8000) -> SipCall:
    return await b.agent.dial("L1", UriTarget(f"sip:bob@127.0.0.1:{peer.port}"), ANN, OURS, timeout_ms, {})


def trunk(trunk_id: str, peer: Peer, **more: object) -> Trunk:
    return Trunk(**{"id": trunk_id, "host": "127.0.0.1", "port": peer.port, "options_seconds": 0, **more})  # type: ignore[arg-type]


async def test_the_first_invite_and_the_first_bye_lost() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        await peer.request("INVITE")
        peer.reply(await peer.request("INVITE"), 200, sdp=True)
        await b.ears.expect("answered")
        call.end()
        await peer.request("BYE")
        peer.reply(await peer.request("BYE"), 200)
        await peer.quiet(0.05)
        assert not await peer.quiet(0.5)


@pytest.mark.parametrize(
    ("status", "cause"),
    [(486, "busy"), (480, "no-answer"), (503, "unreachable"), (404, "not-found"), (603, "declined"), (403, "refused")],
)
async def test_a_refusal_is_acked_also_when_it_comes_again(status: int, cause: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer)
        invite = await peer.request("INVITE")
        peer.reply(invite, status)
        ack = await peer.request("ACK")
        assert ack.header("Via") == invite.header("Via")
        assert ack.tag("To") == "pt"
        assert await b.ears.expect("ended") == ("far", cause, status, "Said")
        peer.reply(invite, status)
        await peer.request("ACK")
        assert b.ears.names().count("ended") == 1


async def test_forks_the_tag_contact_and_routes_of_the_200_win() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        invite = await peer.request("INVITE")
        routes = [f"<sip:127.0.0.1:{peer.port};lr;n={n}>" for n in (1, 2)]
        extra = f"Contact: <sip:ct@127.0.0.1:{peer.port};x=1>\r\n" + "\r\n".join(f"Record-Route: {r}" for r in routes)
        peer.reply(invite, 180, tag="A", extra="Contact: <sip:a@127.0.0.1:1>")
        peer.reply(invite, 183, tag="B", sdp=True)
        peer.reply(invite, 200, tag="B", sdp=True, extra=extra)
        ack = await peer.request("ACK")
        call.end()
        bye = await peer.request("BYE")
        for message in (ack, bye):
            assert message.uri == f"sip:ct@127.0.0.1:{peer.port};x=1"
            assert message.tag("To") == "B"
            assert message.headers("Route") == routes[::-1]


async def test_answered_twice_the_second_fork_is_acked_and_hung_up() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer)
        invite = await peer.request("INVITE")
        peer.reply(invite, 200, tag="A", sdp=True)
        peer.reply(invite, 200, tag="B", sdp=True)
        acks = {(await peer.request("ACK")).tag("To"), (await peer.request("ACK")).tag("To")}
        assert acks == {"A", "B"}
        assert (await peer.request("BYE")).tag("To") == "B"
        assert b.ears.names().count("answered") == 1
        assert "ended" not in b.ears.names()


async def test_a_200_that_comes_again_is_acked_again() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer)
        invite = await peer.request("INVITE")
        peer.reply(invite, 200, sdp=True)
        first = await peer.request("ACK")
        peer.reply(invite, 200, sdp=True)
        assert (await peer.request("ACK")).text == first.text
        assert b.ears.names().count("answered") == 1


async def test_cancel_waits_for_a_provisional_answer_and_its_487_is_acked() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        invite = await peer.request("INVITE")
        call.end("never mind")
        assert await b.ears.expect("ended") == ("us", "canceled", 0, "never mind")
        assert peer.count("CANCEL") == 0
        peer.reply(invite, 180)
        cancel = await peer.request("CANCEL")
        assert cancel.header("Via") == invite.header("Via")
        peer.reply(cancel, 200)
        peer.reply(invite, 487)
        await peer.request("ACK")


async def test_cancel_that_crosses_a_200_is_acked_and_hung_up() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        invite = await peer.request("INVITE")
        peer.reply(invite, 180)
        await b.ears.expect("progress")
        call.end()
        cancel = await peer.request("CANCEL")
        peer.reply(invite, 200, sdp=True)
        peer.reply(cancel, 481)
        await peer.request("ACK")
        peer.reply(await peer.request("BYE"), 200)
        assert "answered" not in b.ears.names()


async def test_nobody_answers_in_time() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer, timeout_ms=200)
        peer.reply(await peer.request("INVITE"), 180)
        await peer.request("CANCEL")
        assert await b.ears.expect("ended") == ("engine", "no-answer", 0, "")


async def test_a_silent_peer_is_unreachable() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer, timeout_ms=20_000)
        assert await b.ears.expect("ended") == ("engine", "unreachable", 0, "")
        assert peer.count("INVITE") >= 5


async def test_an_answer_without_sdp_takes_that_of_the_early_media() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer)
        invite = await peer.request("INVITE")
        peer.reply(invite, 183, sdp=True)
        peer.reply(invite, 200)
        assert await b.ears.expect("answered") == (SDP,)


async def test_our_hold_is_answered_or_refused_and_the_call_lives() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        peer.reply(await peer.request("INVITE"), 200, sdp=True)
        await b.ears.expect("answered")
        for status, wanted in ((488, None), (200, SDP)):
            asking = asyncio.ensure_future(call.reinvite(OURS))
            again = await peer.request("INVITE")
            assert again.tag("To") == "pt"
            peer.reply(again, status, sdp=status == 200)
            await peer.request("ACK")
            assert await asking == wanted
        assert "ended" not in b.ears.names()


async def test_glare_is_tried_again_and_481_ends_the_call() -> None:
    async with bench() as b:
        peer = await b.peer()
        call = await dial(b, peer)
        peer.reply(await peer.request("INVITE"), 200, sdp=True)
        await b.ears.expect("answered")
        asking = asyncio.ensure_future(call.reinvite(OURS))
        peer.reply(await peer.request("INVITE"), 491)
        peer.reply(await peer.request("INVITE"), 481)
        assert await asking is None
        assert await b.ears.expect("ended") == ("far", "lost", 481, "")


def right(invite: Message, header: str, password: str, name: str = "md5") -> bool:
    """Whether the digest in it is right."""
    value = invite.header(header)

    def get(key: str) -> str:
        found = re.search(rf'\b{key}="?([^",]+)', value)
        return found[1] if found else ""

    def h(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    secret, asked = h(f"me:r:{password}"), h(f"INVITE:{get('uri')}")
    return get("response") == h(f"{secret}:{get('nonce')}:{get('nc')}:{get('cnonce')}:auth:{asked}")


@pytest.mark.parametrize(
    ("status", "theirs", "ours", "algorithm"),
    [
        (407, "Proxy-Authenticate", "Proxy-Authorization", "MD5"),
        (401, "WWW-Authenticate", "Authorization", "SHA-256"),
    ],
)
async def test_a_trunk_asks_for_credentials(status: int, theirs: str, ours: str, algorithm: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        await b.agent.configure(EngineConfig(trunks=(trunk("T", peer, username="me", password="pw"),)))
        await b.agent.dial("L1", NumberTarget("+33199001122", ("T",)), ANN, OURS, 5000, {})
        first = await peer.request("INVITE")
        extra = f'{theirs}: Digest realm="r", nonce="a", algorithm=X\r\n'
        extra += f'{theirs}: Digest Realm="r", nonce="abc", qop="auth,auth-int", algorithm={algorithm}'
        peer.reply(first, status, extra=extra)
        await peer.request("ACK")
        again = await peer.request("INVITE")
        assert right(again, ours, "pw", algorithm.replace("-", "").lower())
        assert again.header("CSeq") == "2 INVITE"
        assert again.tag("From") == first.tag("From")
        assert again.header("Call-ID") == first.header("Call-ID")
        peer.reply(again, status, extra=extra)
        assert (await b.ears.expect("ended"))[:2] == ("far", "refused")


async def test_a_session_too_short_for_them_is_offered_longer() -> None:
    async with bench() as b:
        peer = await b.peer()
        await dial(b, peer)
        peer.reply(await peer.request("INVITE"), 422, extra="Min-SE: 3600")
        again = await peer.request("INVITE")
        assert (again.header("Session-Expires"), again.header("Min-SE")) == ("3600", "3600")


@pytest.mark.parametrize("first_says", [503, 500, 408, None])
async def test_failover_to_the_next_trunk(first_says: int | None) -> None:
    async with bench() as b:
        one, two = await b.peer(), await b.peer()
        await b.agent.configure(EngineConfig(trunks=(trunk("T1", one), trunk("T2", two))))
        await b.agent.dial("L1", NumberTarget("+33199001122", ("T1", "T2")), ANN, OURS, 5000, {})
        invite = await one.request("INVITE")
        if first_says:
            one.reply(invite, first_says)
        second = await two.request("INVITE")
        two.reply(second, 200, sdp=True)
        assert await b.ears.expect("answered") == (SDP,)
        if first_says is None:  # it wakes up late: cleared away
            one.reply(invite, 200, sdp=True)
            await one.request("ACK")
            await one.request("BYE")
        assert "ended" not in b.ears.names()


@pytest.mark.parametrize("status", [486, 404, 603])
async def test_what_the_called_side_says_is_not_failed_over(status: int) -> None:
    async with bench(timing=PATIENT) as b:
        one, two = await b.peer(), await b.peer()
        await b.agent.configure(EngineConfig(trunks=(trunk("T1", one), trunk("T2", two))))
        await b.agent.dial("L1", NumberTarget("+33199001122", ("T1", "T2")), ANN, OURS, 5000, {})
        one.reply(await one.request("INVITE"), status)
        await b.ears.expect("ended")
        assert not two.log


async def test_every_trunk_refuses() -> None:
    async with bench(timing=PATIENT) as b:
        one, two = await b.peer(), await b.peer()
        await b.agent.configure(EngineConfig(trunks=(trunk("T1", one), trunk("T2", two))))
        await b.agent.dial("L1", NumberTarget("+33199001122", ("T1", "T2")), ANN, OURS, 5000, {})
        one.reply(await one.request("INVITE"), 503)
        two.reply(await two.request("INVITE"), 503)
        assert await b.ears.expect("ended") == ("far", "unreachable", 503, "Said")


async def test_who_calls_as_the_trunk_allows() -> None:
    async with bench() as b:
        peer = await b.peer()
        rules = trunk("T", peer, caller_numbers=("+33199000000",), national_prefix="+33", send_national=True)
        await b.agent.configure(EngineConfig(trunks=(rules,)))
        await b.agent.dial("L1", NumberTarget("+33612345678", ("T",)), ANN, OURS, 5000, {})
        shown = await peer.request("INVITE")
        assert shown.uri.startswith("sip:0612345678@")
        assert '"Ann" <sip:0199000000@' in shown.header("From")
        assert "<sip:0199000000@" in shown.header("P-Asserted-Identity")
        await b.agent.dial("L2", NumberTarget("+4930123456", ("T",)), Caller(""), OURS, 5000, {})
        hidden = await peer.expect(lambda m: m.first.startswith("INVITE sip:+4930123456@"))
        assert "anonymous@anonymous.invalid" in hidden.header("From")
        assert hidden.header("Privacy") == "id"
        assert "<sip:0199000000@" in hidden.header("P-Asserted-Identity")
