"""Session timers (RFC 4028): agreed, refreshed by either side, and a call nobody refreshes ends."""

import pytest

from parlons.voice.media.engine import Caller, UriTarget
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.peer import OURS, SDP, bench

SHORT = Timing(t1=0.05, t2=0.2, t4=0.2, session=2, min_session=1)


@pytest.mark.parametrize(
    ("extra", "expected", "required"),
    [
        ("Supported: timer\r\nSession-Expires: 600;refresher=uac", "600;refresher=uac", "timer"),
        ("Supported: timer\r\nx: 600;refresher=uas", "600;refresher=uas", ""),
        ("Supported: timer\r\nSession-Expires: 600", "600;refresher=uac", "timer"),
        ("Supported: timer", "1800;refresher=uas", ""),
        ("Supported: timer\r\nMin-SE: 2000", "2000;refresher=uas", ""),
        ("Session-Expires: 600", "600;refresher=uas", ""),
        ("Supported: replaces", "", ""),
    ],
)
async def test_what_is_agreed_when_we_are_called(extra: str, expected: str, required: str) -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", body=SDP, extra=extra))
        answered = await peer.status(200)
        assert (answered.header("Session-Expires"), answered.header("Require")) == (expected, required)


async def test_too_short_a_session_is_422() -> None:
    async with bench() as b:
        peer = await b.peer()
        peer.send(peer.make("INVITE", body=SDP, extra="Supported: timer\r\nSession-Expires: 30"))
        assert (await peer.status(422)).header("Min-SE") == "90"
        assert not b.ears.calls


@pytest.mark.parametrize("allow", ["", "Allow: INVITE, ACK, BYE, CANCEL"])
async def test_we_refresh_by_update_or_where_they_do_not_take_it_by_invite(allow: str) -> None:
    async with bench(timing=SHORT) as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        extra = "Supported: timer\r\nSession-Expires: 4;refresher=uas" + (f"\r\n{allow}" if allow else "")
        peer.send(peer.make("INVITE", body=SDP, extra=extra))
        peer.ack(await peer.status(200))
        for _ in range(2):
            refresh = await peer.request("INVITE" if allow else "UPDATE")
            assert refresh.header("Session-Expires").startswith("4")
            assert refresh.body == (OURS if allow else "")
            peer.reply(
                refresh,
                200,
                sdp=bool(allow),
                extra=f"Contact: <sip:far@127.0.0.1:{peer.port}>\r\nSession-Expires: 4;refresher=uac",
            )
        assert "ended" not in b.ears.names()


async def test_their_update_refreshes_and_without_it_the_call_is_lost() -> None:
    async with bench(timing=SHORT) as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(
            peer.make("INVITE", call_id="c1", body=SDP, extra="Supported: timer\r\nSession-Expires: 3;refresher=uac")
        )
        answered = await peer.status(200)
        peer.ack(answered)
        await b.ears.expect("answered")
        for sequence in (2, 3):
            await peer.quiet(1.2)  # twice that is longer than a call lives which nobody refreshes: 2 s
            extra = "Supported: timer\r\nSession-Expires: 3;refresher=uac"
            peer.send(peer.make("UPDATE", call_id="c1", sequence=sequence, to_tag=answered.tag("To"), extra=extra))
            assert (await peer.status(200, method="UPDATE")).header("Session-Expires") == "3;refresher=uac"
            assert "ended" not in b.ears.names()
        await peer.request("BYE")
        assert (await b.ears.expect("ended"))[:2] == ("engine", "lost")


async def test_a_call_we_made_refreshes_and_481_to_it_ends_the_call() -> None:
    async with bench(timing=SHORT) as b:
        peer = await b.peer()
        await b.agent.dial("L1", UriTarget(f"sip:bob@127.0.0.1:{peer.port}"), Caller("+331"), OURS, 5000, {})
        invite = await peer.request("INVITE")
        assert invite.header("Session-Expires") == "2"
        contact = f"Contact: <sip:far@127.0.0.1:{peer.port}>"
        peer.reply(invite, 200, sdp=True, extra=f"{contact}\r\nRequire: timer\r\nSession-Expires: 4;refresher=uac")
        peer.reply(await peer.request("UPDATE"), 481)
        assert await b.ears.expect("ended") == ("far", "lost", 481, "")


async def test_an_update_with_an_offer_is_a_reinvite_without_ack() -> None:
    async with bench() as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        peer.send(peer.make("INVITE", call_id="c1", body=SDP))
        answered = await peer.status(200)
        peer.ack(answered)
        await b.ears.expect("answered")
        peer.send(peer.make("UPDATE", call_id="c1", sequence=2, to_tag=answered.tag("To"), body=SDP))
        assert (await peer.status(200, method="UPDATE")).body == OURS
        assert await b.ears.expect("reinvite") == (SDP,)
