"""A stranger's flood: refused, then not heard, while trunks are served."""

from parlons.voice.media.config import EngineConfig, Phone, SipLimits, Trunk
from parlons.voice.sip.floods import Floods
from tests.voice.sip.peer import OURS, SDP, bench


async def test_a_strangers_flood_is_refused_then_dropped() -> None:
    config = EngineConfig(phones=(Phone("1", "x"),), limits=SipLimits(invites_per_second=5))
    async with bench(config) as b:
        b.agent._floods._clock = lambda: 0.0  # all of it within one moment, however long it takes here
        peer = await b.peer()
        for number in range(60):
            peer.send(peer.make("INVITE", call_id=f"f{number}", body=SDP))
        for _ in range(10):
            await peer.final()
        await peer.quiet(0.3)
        answered = {message.header("Call-ID"): message.status for message in peer.log}
        statuses = list(answered.values())
        assert statuses.count(401) == statuses.count(503) == 5
        assert len(answered) == 10
        assert any(message.header("Retry-After") for message in peer.log if message.status == 503)
        assert not b.ears.calls
        assert len(b.agent._transactions.servers) < 10


async def test_a_trunk_is_not_limited() -> None:
    here = Trunk(id="T", host="127.0.0.1", options_seconds=0)
    async with bench(EngineConfig(trunks=(here,), limits=SipLimits(invites_per_second=1))) as b:
        peer = await b.peer()
        b.ears.incoming = lambda incoming: incoming.call.accept(OURS)
        for _ in range(20):
            peer.send(peer.make("INVITE", body=SDP))
        for _ in range(20):
            await b.ears.expect("incoming")


def test_rates_recover_and_addresses_do_not_share() -> None:
    now = [0.0]
    floods = Floods(2, lambda: now[0])

    def judge(host: str) -> str:
        return floods.judge(b"INVITE s", host, trusted=False)

    assert [judge("a") for _ in range(6)] == ["pass", "pass", "refuse", "refuse", "drop", "drop"]
    assert judge("b") == "pass"
    assert floods.judge(b"ACK sip:", "a", trusted=False) == "pass"
    now[0] = 1.0
    assert [judge("a") for _ in range(3)] == ["pass", "pass", "refuse"]


def test_who_guesses_is_banned_for_a_minute() -> None:
    now = [0.0]
    floods = Floods(100, lambda: now[0])
    for _ in range(20):
        assert not floods.banned("a")
        floods.wrong("a")
    assert floods.banned("a")
    assert floods.judge(b"REGISTER", "a", trusted=False) == "drop"
    now[0] = 61.0
    assert floods.judge(b"REGISTER", "a", trusted=False) == "pass"
