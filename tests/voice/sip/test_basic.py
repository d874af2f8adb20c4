"""A call in and a call out, from INVITE to BYE."""

import pytest

from parlons.voice.media.engine import Caller, NotThere, NumberTarget, UriTarget
from parlons.voice.sip.model import Incoming
from tests.voice.sip.peer import LOCAL, OURS, SDP, bench


async def test_a_call_in_rings_is_answered_and_hung_up_by_the_caller() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring()
        peer.send(peer.make("INVITE", call_id="in-1", body=SDP, extra="X-Shop: 7"))
        assert (await peer.status(100)).tag("To") == ""
        ringing = await peer.status(180)
        (incoming,) = await b.ears.expect("incoming")
        assert isinstance(incoming, Incoming)
        assert (incoming.kind, incoming.trunk_id, incoming.offer) == ("trunk", LOCAL.id, SDP)
        assert (incoming.from_number, incoming.to_number) == ("+33611223344", "0123456789")
        assert incoming.headers == {"X-Shop": "7"}
        incoming.call.accept(OURS)
        answered = await peer.status(200)
        assert answered.body == OURS
        assert answered.tag("To") == ringing.tag("To") != ""
        assert f"127.0.0.1:{b.agent.port}" in answered.header("Contact")
        peer.ack(answered)
        assert await b.ears.expect("answered") == (None,)
        peer.send(peer.make("BYE", call_id="in-1", sequence=2, to_tag=answered.tag("To")))
        await peer.status(200, method="BYE")
        assert await b.ears.expect("ended") == ("far", "hangup", 0, "")
        assert b.agent.call_of(incoming.call.leg_id) is None


async def test_we_hang_up_a_call_that_came() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", call_id="in-2", body=SDP))
        peer.ack(await peer.status(200))
        await b.ears.expect("answered")
        b.ears.calls[0].call.end("good night")
        bye = await peer.request("BYE")
        assert bye.header("To").endswith(";tag=ft")
        assert 'text="good night"' in bye.header("Reason")
        peer.reply(bye, 200)
        assert await b.ears.expect("ended") == ("us", "hangup", 0, "good night")


async def test_a_call_out_rings_is_answered_and_hung_up() -> None:
    async with bench() as b:
        peer = await b.peer()
        target = UriTarget(f"sip:bob@127.0.0.1:{peer.port}")
        call = await b.agent.dial(
            "L1", target, Caller("+33123456789", 'Ann "A"'), OURS, 5000, {"X-Task": "9", "To": "x"}
        )
        invite = await peer.request("INVITE")
        assert invite.body == OURS
        assert invite.header("X-Task") == "9"
        assert invite.header("From").startswith('"Ann \\"A\\"" <sip:+33123456789@')
        assert len(invite.headers("To")) == 1
        assert b.agent.call_of("L1") is call
        peer.reply(invite, 180)
        assert await b.ears.expect("progress") == (180, None)
        peer.reply(invite, 183, sdp=True)
        assert await b.ears.expect("progress") == (183, SDP)
        peer.reply(invite, 200, sdp=True)
        ack = await peer.request("ACK")
        assert ack.uri == f"sip:far@127.0.0.1:{peer.port}"
        assert ack.tag("To") == "pt"
        assert await b.ears.expect("answered") == (SDP,)
        call.end()
        peer.reply(await peer.request("BYE"), 200)
        assert await b.ears.expect("ended") == ("us", "hangup", 0, "")


async def test_who_was_called_hangs_up() -> None:
    async with bench() as b:
        peer = await b.peer()
        await b.agent.dial("L1", UriTarget(f"sip:bob@127.0.0.1:{peer.port}"), Caller("+331"), OURS, 5000, {})
        invite = await peer.request("INVITE")
        peer.reply(invite, 200, sdp=True)
        await b.ears.expect("answered")
        bye = peer.make("BYE", call_id=invite.header("Call-ID"), sequence=1, to_tag=invite.tag("From"))
        peer.send(bye.replace("tag=ft", "tag=pt"))
        await peer.status(200)
        assert await b.ears.expect("ended") == ("far", "hangup", 0, "")


async def test_an_unknown_trunk_and_a_name_without_address_are_not_there() -> None:
    async with bench() as b:
        with pytest.raises(NotThere):
            await b.agent.dial("L1", NumberTarget("+331", ("TKnone",)), Caller(""), OURS, 5000, {})
        with pytest.raises(NotThere):
            await b.agent.dial("L1", UriTarget("sip:a@no-such-host.invalid"), Caller(""), OURS, 5000, {})
