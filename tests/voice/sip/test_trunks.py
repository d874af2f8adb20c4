"""Trunks: our registration, their health, whose call it is, numbers and identities that come in."""

import asyncio

import pytest

from parlons.voice.media.config import EngineConfig, Trunk
from tests.voice.sip.peer import SDP, Bench, Message, Peer, bench

CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="abc", qop="auth", algorithm=MD5'


async def serve(b: Bench, **more: object) -> tuple[Peer, Trunk]:
    """A carrier and its trunk, not yet configured."""
    peer = await b.peer()
    given = {"id": "T", "host": "127.0.0.1", "port": peer.port, "options_seconds": 0, **more}
    return peer, Trunk(**given)  # type: ignore[arg-type]


async def test_we_register_with_digest_refresh_and_say_goodbye() -> None:
    async with bench(EngineConfig()) as b:
        peer, trunk = await serve(b, register=True, username="me", password="pw")

        def carrier(message: Message) -> None:
            if message.method != "REGISTER" or not message.is_request:
                return
            if not message.header("Authorization"):
                peer.reply(message, 401, extra=CHALLENGE)
            else:
                peer.reply(message, 200, extra=f"Contact: {message.header('Contact')};expires=1")

        peer.answer = carrier
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        assert await b.ears.expect("trunk") == ("T", True, "")
        first = await peer.request("REGISTER")
        assert (first.uri, first.header("To")) == ("sip:127.0.0.1", "<sip:me@127.0.0.1>")
        proven = await peer.request("REGISTER")
        assert 'username="me"' in proven.header("Authorization")
        refreshed = await peer.request("REGISTER")  # granted for a second only
        assert refreshed.header("Call-ID") == first.header("Call-ID")
        await b.agent.configure(EngineConfig())
        assert (await peer.expect(lambda m: m.header("Expires") == "0")).first.startswith("REGISTER")
        assert await b.ears.expect("trunk") == ("T", False, "removed")


async def test_a_registration_refused_is_told_and_tried_again() -> None:
    async with bench(EngineConfig()) as b:
        peer, trunk = await serve(b, register=True, username="me", password="no")
        statuses = iter([403, 423, 200])

        def carrier(message: Message) -> None:
            if message.is_request:
                status = next(statuses, 200)
                peer.reply(
                    message,
                    status,
                    extra="Min-Expires: 1200" if status == 423 else f"Contact: {message.header('Contact')}",
                )

        peer.answer = carrier
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        assert await b.ears.expect("trunk") == ("T", False, "registration refused (403)")
        assert await b.ears.expect("trunk") == ("T", True, "")
        assert peer.log[-1].header("Expires") == "1200"


async def test_options_watch_its_health() -> None:
    async with bench(EngineConfig()) as b:
        peer, trunk = await serve(b, options_seconds=1)
        statuses = iter([404, 503])
        peer.answer = lambda message: message.is_request and peer.reply(message, next(statuses, 200))  # type: ignore[assignment,func-returns-value]
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        assert await b.ears.expect("trunk") == ("T", True, "")
        assert await b.ears.expect("trunk") == ("T", False, "refuses calls (503)")
        assert await b.ears.expect("trunk") == ("T", True, "")


async def test_a_trunk_that_never_answers_is_down() -> None:
    async with bench(EngineConfig()) as b:
        _, trunk = await serve(b, options_seconds=30)
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        assert await b.ears.expect("trunk") == ("T", False, "does not answer")


async def test_a_trunk_whose_name_is_not_found_is_down() -> None:
    async with bench(EngineConfig(trunks=(Trunk(id="T", host="no-such-host.invalid"),))) as b:
        assert await b.ears.expect("trunk") == ("T", False, "its name is not found")


async def test_a_network_may_call_and_of_several_trunks_the_port_tells_which() -> None:
    async with bench(EngineConfig()) as b:
        one, two = await b.peer(), await b.peer()
        trunks = (
            Trunk(id="T0", host="192.0.2.1", addresses=("127.0.0.0/8",), options_seconds=0),
            Trunk(id="T2", host="127.0.0.1", port=two.port, options_seconds=0),
        )
        await b.agent.configure(EngineConfig(trunks=trunks))
        one.send(one.make("INVITE", body=SDP))
        two.send(two.make("INVITE", body=SDP))
        await b.ears.expect("incoming")
        await b.ears.expect("incoming")
        assert {call.trunk_id for call in b.ears.calls} == {"T0", "T2"}


@pytest.mark.parametrize(
    ("from_", "extra", "expected"),
    [
        ("<sip:0612345678@x>", "", ("+33612345678", "")),
        ('"Ann" <sip:0033612345678@x>', "", ("+33612345678", "Ann")),
        ("<sip:33612345678@x>", "", ("+33612345678", "")),
        ("<tel:+1-212-555-0123>", "", ("+12125550123", "")),
        ("<sip:+33612345678;npdi@x;user=phone>", "", ("+33612345678", "")),
        ("<sip:fake@x>", 'P-Asserted-Identity: "Bob" <sip:0199001122@x>', ("+33199001122", "Bob")),
        ("<sip:0612345678@x>", "Privacy: id", ("", "")),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "", ("", "")),
        ("<sip:0612345678@x>", "P-Asserted-Identity: <sip:0199001122@x>\r\nPrivacy: id", ("", "")),
    ],
)
async def test_who_calls(from_: str, extra: str, expected: tuple[str, str]) -> None:
    async with bench(EngineConfig()) as b:
        peer, trunk = await serve(b, national_prefix="+33")
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        peer.send(peer.make("INVITE", "0199999999", body=SDP, from_=from_, extra=extra))
        await b.ears.expect("incoming")
        call = b.ears.calls[0]
        assert (call.from_number, call.from_name) == expected
        assert call.to_number == "+33199999999"


async def test_a_registered_trunk_calls_our_name_and_means_the_number_in_to() -> None:
    async with bench(EngineConfig()) as b:
        peer, trunk = await serve(b, register=True, username="me", password="x", national_prefix="+33")
        await b.agent.configure(EngineConfig(trunks=(trunk,)))
        peer.send(peer.make("INVITE", "0199999999", uri=f"sip:me@127.0.0.1:{b.agent.port}", body=SDP))
        await b.ears.expect("incoming")
        assert b.ears.calls[0].to_number == "+33199999999"


async def test_settings_change_and_calls_go_on() -> None:
    async with bench() as b:
        peer = await b.peer()
        peer.send(peer.make("INVITE", body=SDP))
        await b.ears.expect("incoming")
        await b.agent.configure(EngineConfig())
        call = b.ears.calls[0].call
        assert b.agent.call_of(call.leg_id) is call
        peer.send(peer.make("INVITE", body=SDP))
        await peer.status(403)
        await asyncio.sleep(0)
