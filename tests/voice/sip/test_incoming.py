"""Calls that come: what arrives twice, too late, or crosses something (each line once was wrong in the library below)."""

import asyncio

import pytest

from parlons.voice.media.config import EngineConfig, SipLimits
from parlons.voice.sip.model import Call, Incoming
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.peer import LOCAL, OURS, PATIENCE, SDP, Bench, Peer, bench


async def talking(b: Bench, peer: Peer, call_id: str = "c1", extra: str = "") -> tuple[Call, str]:
    """A call that came and talks; it and our tag."""
    b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
    peer.send(peer.make("INVITE", call_id=call_id, body=SDP, extra=extra))
    answered = await peer.status(200)
    peer.ack(answered)
    await b.ears.expect("answered")
    return b.ears.calls[-1].call, answered.tag("To")


async def test_an_invite_that_comes_twice_is_one_call_and_its_ringing_is_said_again() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring()
        invite = peer.make("INVITE", body=SDP)
        peer.send(invite)
        first = await peer.status(180)
        peer.send(invite)
        again = await peer.status(180)
        assert first.tag("To") == again.tag("To")
        assert len(b.ears.calls) == 1


async def test_an_invite_and_a_bye_that_come_again_after_their_answer_get_it_again() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        invite = peer.make("INVITE", call_id="c1", body=SDP)
        peer.send(invite)
        answered = await peer.status(200)
        peer.send(invite)
        assert (await peer.status(200)).tag("To") == answered.tag("To")
        peer.ack(answered)
        await b.ears.expect("answered")
        bye = peer.make("BYE", call_id="c1", sequence=2, to_tag=answered.tag("To"))
        for _ in range(2):
            peer.send(bye)
            await peer.status(200, method="BYE")
        assert b.ears.names().count("ended") == 1


@pytest.mark.parametrize("status", [480, 486, 503, 603])
async def test_a_refusal_is_repeated_until_its_ack(status: int) -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.reject(status)
        peer.send(peer.make("INVITE", branch="z9hG4bKr", body=SDP))
        refusal = await peer.status(status)
        await peer.status(status)
        peer.refused(refusal, "z9hG4bKr")
        assert (await b.ears.expect("ended"))[2] == status
        await peer.quiet(0.05)  # what was on its way
        assert not await peer.quiet(0.6)


async def test_the_200_is_repeated_until_its_ack_and_without_it_the_call_is_lost() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", body=SDP))
        for _ in range(3):
            await peer.status(200)
        await peer.request("BYE")
        assert (await b.ears.expect("ended"))[:2] == ("engine", "lost")


async def test_cancel_while_it_rings() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring()
        peer.send(peer.make("INVITE", call_id="c1", branch="z9hG4bKc", body=SDP))
        await peer.status(180)
        peer.send(peer.make("CANCEL", call_id="c1", branch="z9hG4bKc"))
        await peer.status(200, method="CANCEL")
        gone = await peer.status(487)
        peer.refused(gone, "z9hG4bKc")
        assert await b.ears.expect("ended") == ("far", "canceled", 487, "")


async def test_cancel_that_crosses_our_200_changes_nothing() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", call_id="c1", branch="z9hG4bKc", body=SDP))
        answered = await peer.status(200)
        peer.send(peer.make("CANCEL", call_id="c1", branch="z9hG4bKc"))
        await peer.status(200, method="CANCEL")
        peer.ack(answered)
        await b.ears.expect("answered")
        assert "ended" not in b.ears.names()


async def test_cancel_of_nothing_is_481() -> None:
    async with bench() as b:
        peer = await b.peer()
        peer.send(peer.make("CANCEL"))
        await peer.status(481)


async def test_bye_before_the_answer_ends_the_invite_too() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring()
        peer.send(peer.make("INVITE", call_id="c1", body=SDP))
        ringing = await peer.status(180)
        peer.send(peer.make("BYE", call_id="c1", sequence=2, to_tag=ringing.tag("To")))
        statuses = {(await peer.final()).status, (await peer.final()).status}
        assert statuses == {200, 487}
        assert (await b.ears.expect("ended"))[:2] == ("far", "canceled")


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "INFO", "REFER", "NOTIFY", "OPTIONS"])
async def test_a_request_of_an_unknown_dialog_is_481(method: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        peer.send(peer.make(method, to_tag="nobody", body=SDP if method == "INVITE" else ""))
        await peer.status(481)
        assert not b.ears.calls


async def test_a_foreign_from_tag_in_a_known_dialog_is_481() -> None:
    async with bench() as b:
        peer = await b.peer()
        _, tag = await talking(b, peer)
        peer.send(peer.make("BYE", call_id="c1", sequence=2, to_tag=tag).replace("tag=ft", "tag=thief"))
        await peer.status(481)
        assert "ended" not in b.ears.names()


async def test_a_listener_that_raises_gives_500() -> None:
    def fail(incoming: Incoming) -> None:
        raise RuntimeError("boom")

    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = fail
        peer.send(peer.make("INVITE", branch="z9hG4bKb", body=SDP))
        peer.refused(await peer.status(500), "z9hG4bKb")
        assert b.agent.call_of(b.ears.calls[0].call.leg_id) is None


async def test_the_same_invite_by_two_ways_is_482() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring()
        for _ in range(2):
            peer.send(peer.make("INVITE", call_id="c1", body=SDP))
        await peer.status(482)
        assert len(b.ears.calls) == 1


async def test_record_routes_are_echoed_and_our_bye_takes_them() -> None:
    async with bench() as b:
        peer = await b.peer()
        near, far = f"<sip:127.0.0.1:{peer.port};lr;n=1>", "<sip:far.invalid;lr;n=2>"
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", call_id="c1", body=SDP, extra=f"Record-Route: {near}, {far}"))
        answered = await peer.status(200)
        assert answered.headers("Record-Route") == [near, far]
        peer.ack(answered)
        await b.ears.expect("answered")
        b.ears.calls[0].call.end()
        bye = await peer.request("BYE")
        assert bye.headers("Route") == [near, far]
        assert bye.uri == f"sip:far@127.0.0.1:{peer.port}"


async def test_a_late_offer_gets_its_answer_in_the_ack() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE"))
        answered = await peer.status(200)
        assert b.ears.calls[0].offer is None
        assert answered.body == OURS
        peer.ack(answered, body=SDP)
        assert await b.ears.expect("late") == (SDP,)
        assert await b.ears.expect("answered") == (None,)


async def test_a_late_offer_without_answer_ends() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE"))
        peer.ack(await peer.status(200))
        await peer.request("BYE")
        assert (await b.ears.expect("ended"))[:2] == ("engine", "error")


async def test_early_media_then_the_answer() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.ring(OURS)
        peer.send(peer.make("INVITE", body=SDP))
        early = await peer.status(183)
        assert early.body == OURS
        b.ears.calls[0].call.accept(OURS)
        assert (await peer.status(200)).tag("To") == early.tag("To")


async def test_hanging_up_between_200_and_ack_waits_for_the_ack() -> None:
    def at_once(incoming: Incoming) -> None:
        incoming.call.accept(OURS)
        incoming.call.end("changed my mind")

    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = at_once
        peer.send(peer.make("INVITE", body=SDP))
        answered = await peer.status(200)
        assert (await b.ears.expect("ended"))[:2] == ("us", "hangup")
        assert peer.count("BYE") == 0
        peer.ack(answered)
        await peer.request("BYE")


async def test_ending_a_call_that_rings_is_480() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.end()
        peer.send(peer.make("INVITE", body=SDP))
        await peer.status(480)


async def test_hold_and_back_by_reinvite() -> None:
    held = SDP + "a=sendonly\r\n"
    async with bench() as b:
        peer = await b.peer()
        _, tag = await talking(b, peer)
        b.ears.reinvite = lambda call, sdp: OURS + "a=recvonly\r\n" if sdp == held else OURS
        for sequence, body in ((2, held), (3, SDP)):
            peer.send(peer.make("INVITE", call_id="c1", sequence=sequence, to_tag=tag, body=body))
            answered = await peer.status(200)
            assert ("recvonly" in answered.body) == (body == held)
            peer.ack(answered, sequence=sequence)
            assert await b.ears.expect("reinvite") == (body,)


async def test_a_reinvite_after_an_ack_that_got_lost_is_taken() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", call_id="c1", body=SDP))
        answered = await peer.status(200)
        peer.send(peer.make("INVITE", call_id="c1", sequence=2, to_tag=answered.tag("To"), body=SDP))
        again = await peer.expect(lambda m: m.header("CSeq") == "2 INVITE")
        assert again.status == 200
        peer.ack(again, sequence=2)
        assert await b.ears.expect("answered") == (None,)
        await peer.quiet(0.05)
        assert not await peer.quiet(0.3)


async def test_a_reinvite_without_offer_is_asked_for_ours() -> None:
    async with bench() as b:
        peer = await b.peer()
        _, tag = await talking(b, peer)
        peer.send(peer.make("INVITE", call_id="c1", sequence=2, to_tag=tag))
        answered = await peer.status(200)
        assert answered.body == OURS
        peer.ack(answered, sequence=2, body=SDP)
        assert await b.ears.expect("late") == (SDP,)


async def test_a_reinvite_the_engine_cannot_take_is_488_and_the_call_goes_on() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer)
        b.ears.reinvite = lambda call, sdp: None
        peer.send(peer.make("INVITE", call_id="c1", sequence=2, to_tag=tag, body=SDP))
        await peer.status(488)
        assert b.agent.call_of(call.leg_id) is call
        assert "ended" not in b.ears.names()


async def test_a_reinvite_out_of_order_is_500_and_one_during_ours_491() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer)
        peer.send(peer.make("INVITE", call_id="c1", sequence=1, to_tag=tag, body=SDP))
        await peer.status(500)
        ours = asyncio.ensure_future(call.reinvite(OURS))
        theirs = await peer.request("INVITE")
        peer.send(peer.make("INVITE", call_id="c1", sequence=5, to_tag=tag, body=SDP))
        await peer.status(491)
        peer.reply(theirs, 200, sdp=True)
        assert await ours == SDP


async def test_digits_by_info() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer)
        for sequence, kind, body in (
            (2, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"),
            (3, "application/dtmf", "#"),
            (4, "application/dtmf-relay", "Signal= 10\r\n"),
        ):
            peer.send(peer.make("INFO", call_id="c1", sequence=sequence, to_tag=tag, body=body, kind=kind))
            await peer.status(200)
        assert [what for name, what in b.ears.heard if name == "digit"] == [("5",), ("#",), ("*",)]
        ours = asyncio.ensure_future(call.info_digit("7"))
        info = await peer.request("INFO")
        assert "Signal=7" in info.body
        peer.reply(info, 200)
        assert await ours


async def test_a_call_more_than_allowed_is_503() -> None:
    async with bench(EngineConfig(trunks=(LOCAL,), limits=SipLimits(calls=1))) as b:
        peer = await b.peer()
        await talking(b, peer)
        peer.send(peer.make("INVITE", body=SDP))
        assert (await peer.status(503)).header("Retry-After")


async def test_nothing_is_left_of_calls_that_are_over() -> None:
    async with bench(timing=Timing(t1=0.01, t2=0.02, t4=0.02)) as b:
        peer = await b.peer()
        for number in range(5):
            _, tag = await talking(b, peer, f"c{number}")
            peer.send(peer.make("BYE", call_id=f"c{number}", sequence=2, to_tag=tag))
            await peer.status(200, method="BYE")
        b.ears.incoming = lambda incoming: incoming.call.reject(486)
        peer.send(peer.make("INVITE", body=SDP))
        await peer.status(486)
        exchange, layer = b.agent._exchange, b.agent._transactions
        left = (exchange.legs, exchange.dialogs, exchange.origins, layer.servers, layer.clients)
        async with asyncio.timeout(PATIENCE):
            while any(left):  # noqa: ASYNC110 (64 * T1, and what begins when that ends; nobody is told of it)
                await asyncio.sleep(0.05)


async def test_stopping_ends_every_call() -> None:
    async with bench() as b:
        peer = await b.peer()
        await talking(b, peer)
        await b.agent.stop()
        await peer.request("BYE")
        assert (await b.ears.expect("ended"))[0] == "us"
