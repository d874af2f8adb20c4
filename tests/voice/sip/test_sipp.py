"""sipp as the far side, over a network that loses a twentieth of all datagrams each way, and over TCP."""

import asyncio
from pathlib import Path

import pytest

from parlons.testing.lossy import LossyRelay
from parlons.voice.sip.model import Call, Incoming
from parlons.voice.sip.transactions import Timing
from tests.voice.sip.peer import OURS, SDP, Bench, bench
from tests.voice.sip.sipp import ack, early, hang_up, invite, needs_sipp, pause, recv, run, send

pytestmark = needs_sipp
CALLS = 40
BRISK = Timing(t1=0.1, t2=0.4, t4=0.5, keep_ringing=0.3)

BASIC = [invite(), *early, recv(200), ack(), pause(200), *hang_up()]
SCENES: dict[str, list[str]] = {
    "basic": BASIC,
    "cancel": [
        invite(),
        recv(100, optional=True),
        recv(180),
        pause(100),
        send("CANCEL", 1, tagged=False, branch="[branch-4]"),
        recv(180, optional=True),
        recv(200, optional=True),
        recv(487),
        ack(branch="[branch-8]"),
    ],
    "hold": [
        invite(),
        *early,
        recv(200),
        ack(),
        invite(SDP + "a=sendonly\r\n", 2),
        recv(200, says="a=recvonly"),
        ack(2),
        pause(600),  # a 200 repeated because its ACK was lost comes before the next INVITE, not as the answer to it
        invite(SDP + "a=sendrecv\r\n", 3),
        recv(200, says="a=sendrecv"),
        ack(3),
        *hang_up(4),
    ],
    "r486": [invite(), *early, recv(486), ack(branch="[branch-5]")],
    "late": [invite(""), *early, recv(200, says="m=audio"), ack(body=SDP), pause(1000), *hang_up()],
    "early": [invite(), recv(100, optional=True), recv(183, says="m=audio"), recv(200), ack(), *hang_up()],
}


def play(b: Bench, scene: str) -> None:
    """What our side does in a scene."""
    loop = asyncio.get_running_loop()

    def take(incoming: Incoming) -> None:
        call = incoming.call
        if scene == "r486":
            return call.reject(486)
        call.ring(OURS if scene == "early" else None)
        if scene == "early":
            # Nothing repeats a 183 that got lost (no PRACK): say it until some came through, as carriers do.
            loop.call_later(0.5, call.ring, OURS)
        if scene != "cancel":
            loop.call_later(1.0 if scene == "early" else 0.05, call.accept, OURS)

    def hold(call: Call, sdp: str | None) -> str:
        return OURS + ("a=recvonly\r\n" if sdp and "sendonly" in sdp else "a=sendrecv\r\n")

    b.ears.incoming, b.ears.reinvite = take, hold


def ends(b: Bench) -> list[object]:
    return [what[1] for name, what in b.ears.heard if name == "ended"]


@pytest.mark.parametrize("scene", ["basic", "cancel", "hold", "r486", "late"])
async def test_with_a_twentieth_lost(scene: str, tmp_path: Path) -> None:
    async with bench(timing=BRISK) as b, LossyRelay(("127.0.0.1", b.agent.port), loss=0.05, seed=11) as relay:
        play(b, scene)
        await run(tmp_path, relay.port, SCENES[scene], calls=CALLS)
        assert relay.lost > 5
        assert len(b.ears.calls) == CALLS
        expected = {"cancel": "canceled", "r486": "refused"}.get(scene, "hangup")
        assert ends(b) == [expected] * CALLS
        if scene == "late":
            assert b.ears.names().count("late") >= CALLS - 2  # an ACK may be lost several times before the BYE


@pytest.mark.parametrize("scene", ["early"])
async def test_early_media(scene: str, tmp_path: Path) -> None:
    async with bench(timing=BRISK) as b:
        play(b, scene)
        await run(tmp_path, b.agent.port, SCENES[scene], calls=10)
        assert ends(b) == ["hangup"] * 10


@pytest.mark.parametrize("mode", ["t1", "tn"])
@pytest.mark.parametrize("scene", ["basic", "cancel", "hold", "r486"])
async def test_by_tcp(mode: str, scene: str, tmp_path: Path) -> None:
    async with bench(timing=BRISK) as b:
        play(b, scene)
        await run(tmp_path, b.agent.port, SCENES[scene], calls=20, tcp=mode)
        assert len(ends(b)) == 20
