"""Transfers by REFER, blind and attended, asked of us and by us; a call that takes another's place."""

import pytest

from parlons.voice.sip.model import Call
from tests.voice.sip.peer import OURS, SDP, Bench, Peer, bench


async def talking(b: Bench, peer: Peer, call_id: str) -> tuple[Call, str]:
    b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
    peer.send(peer.make("INVITE", call_id=call_id, body=SDP))
    answered = await peer.status(200, method="INVITE")
    peer.ack(answered)
    await b.ears.expect("answered")
    return b.ears.calls[-1].call, answered.tag("To")


def refer(peer: Peer, call_id: str, tag: str, to: str, extra: str = "", sequence: int = 2) -> None:
    extra = f"Refer-To: {to}" + (f"\r\n{extra}" if extra else "")
    peer.send(peer.make("REFER", call_id=call_id, sequence=sequence, to_tag=tag, extra=extra))


@pytest.mark.parametrize(
    ("to", "dialled"),
    [
        ("<sip:0199@127.0.0.1>", "0199"),
        ("<sip:sales@127.0.0.1>", "sales"),
        ("<tel:+33199001122>", "+33199001122"),
        ("<sip:bob@elsewhere.example>", "sip:bob@elsewhere.example"),
    ],
)
async def test_they_ask_for_a_blind_transfer_and_hear_how_it_goes(to: str, dialled: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer, "c1")
        refer(peer, "c1", tag, to)
        await peer.status(202)
        assert await b.ears.expect("referred") == (call, dialled, None)
        for status, state in ((100, "active"), (180, "active"), (200, "terminated")):
            if status > 100:
                call.refer_result(status)
            notify = await peer.request("NOTIFY")
            assert notify.header("Event") == "refer"
            assert notify.header("Subscription-State").startswith(state)
            assert notify.header("Content-Type").startswith("message/sipfrag")
            assert notify.body.startswith(f"SIP/2.0 {status} ")
            peer.reply(notify, 200)


async def test_hanging_up_after_their_refer_says_that_it_went_well() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer, "c1")
        refer(peer, "c1", tag, "<sip:0199@127.0.0.1>")
        await b.ears.expect("referred")
        call.end()
        await peer.expect(lambda m: m.body.startswith("SIP/2.0 200"))
        await peer.request("BYE")


async def test_without_subscription_nothing_is_told() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer, "c1")
        refer(peer, "c1", tag, "<sip:0199@127.0.0.1>", "Refer-Sub: false")
        assert (await peer.status(202)).header("Refer-Sub") == "false"
        await b.ears.expect("referred")
        call.refer_result(200)
        assert not await peer.quiet(0.2)


async def test_they_ask_for_an_attended_transfer() -> None:
    async with bench() as b:
        peer = await b.peer()
        first, tag = await talking(b, peer, "c1")
        second, other = await talking(b, peer, "c2@x")
        replaces = f"c2%40x%3Bto-tag%3D{other}%3Bfrom-tag%3Dft"
        refer(peer, "c1", tag, f"<sip:0199@127.0.0.1?Replaces={replaces}>")
        await peer.status(202)
        assert await b.ears.expect("referred") == (first, "0199", second)


@pytest.mark.parametrize("to", ["", "<mailto:a@b>", "<sip:a@b", "<sip:a@b>\r\nRefer-To: <sip:c@d>"])
async def test_a_malformed_refer_is_400(to: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        _, tag = await talking(b, peer, "c1")
        extra = f"Refer-To: {to}" if to else "X-Y: 1"
        peer.send(peer.make("REFER", call_id="c1", sequence=2, to_tag=tag, extra=extra))
        await peer.status(400)
        assert "referred" not in b.ears.names()


@pytest.mark.parametrize("final", [200, 486])
async def test_we_ask_for_a_blind_transfer(final: int) -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer, "c1")
        await call.refer("+33199001122")
        asked = await peer.request("REFER")
        assert asked.header("Refer-To").startswith("<sip:+33199001122@")
        assert asked.header("Referred-By")
        peer.reply(asked, 202, tag="")
        for sequence, status in ((2, 100), (3, final)):
            state = "active" if status < 200 else "terminated"
            extra = f"Event: refer\r\nSubscription-State: {state}"
            text = peer.make(
                "NOTIFY",
                call_id="c1",
                sequence=sequence,
                to_tag=tag,
                extra=extra,
                kind="message/sipfrag",
                body=f"SIP/2.0 {status} X",
            )
            peer.send(text)
            await peer.status(200, method="NOTIFY")
        assert await b.ears.expect("refer-result") == (final,)
        assert b.ears.names().count("refer-result") == 1


async def test_our_refer_is_refused_or_answered_by_hanging_up() -> None:
    async with bench() as b:
        peer = await b.peer()
        call, tag = await talking(b, peer, "c1")
        await call.refer("0199")
        peer.reply(await peer.request("REFER"), 603, tag="")
        assert await b.ears.expect("refer-result") == (603,)
        await call.refer("0199")
        peer.reply(await peer.request("REFER"), 202, tag="")
        peer.send(peer.make("BYE", call_id="c1", sequence=2, to_tag=tag))
        await peer.status(200, method="BYE")
        assert await b.ears.expect("refer-result") == (202,)
        await b.ears.expect("ended")


async def test_our_attended_transfer_names_the_other_call() -> None:
    async with bench() as b:
        peer = await b.peer()
        first, _ = await talking(b, peer, "c1")
        second, other = await talking(b, peer, "c2@x")
        await first.refer("ignored", second)
        asked = await peer.request("REFER")
        expected = f"<sip:far@127.0.0.1:{peer.port}?Replaces=c2%40x%3Bto-tag%3Dft%3Bfrom-tag%3D{other}>"
        assert asked.header("Refer-To") == expected


async def test_a_call_that_replaces_another() -> None:
    async with bench() as b:
        peer = await b.peer()
        first, tag = await talking(b, peer, "c1")
        peer.send(peer.make("INVITE", body=SDP, extra=f"Replaces: c1;to-tag={tag};from-tag=ft\r\nRequire: replaces"))
        await b.ears.expect("incoming")
        assert b.ears.calls[-1].replaces is first
        peer.send(peer.make("INVITE", body=SDP, extra="Replaces: c1;to-tag=x;from-tag=ft"))
        await peer.status(481)
