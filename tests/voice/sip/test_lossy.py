"""Two of our agents over a bad network: a twentieth lost each way, 40 ms of jitter, datagrams overtaking each other."""

import pytest

from parlons.testing.lossy import LossyRelay
from parlons.voice.media.engine import Caller, UriTarget
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.peer import OURS, SDP, bench

BRISK = Timing(t1=0.1, t2=0.4, t4=0.5)
CALLS = 40


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_forty_calls_over_a_bad_network(seed: int) -> None:
    async with bench(timing=BRISK) as far, bench(timing=BRISK) as near:
        far.ears.incoming = lambda incoming: (incoming.call.ring(), incoming.call.accept(OURS))[0]
        async with LossyRelay(("127.0.0.1", far.agent.port), loss=0.05, jitter_ms=40, seed=seed) as relay:
            target = UriTarget(f"sip:bob@127.0.0.1:{relay.port}")
            calls = [
                await near.agent.dial(f"L{n}", target, Caller("+33123456789"), SDP, 20_000, {"X-N": str(n)})
                for n in range(CALLS)
            ]
            for _ in calls:
                assert await near.ears.expect("answered") == (OURS,)
            theirs = {incoming.headers["X-N"]: incoming.call for incoming in far.ears.calls}
            for number, call in enumerate(calls):
                (call if number % 2 else theirs[str(number)]).end()
            for b in (near, far):
                while b.ears.names().count("ended") < CALLS:
                    await b.ears.expect("ended")
            assert relay.lost > 5
        assert len(far.ears.calls) == len(theirs) == CALLS
        assert not near.agent._exchange.legs
        assert not far.agent._exchange.legs
