"""The mixer alone under many G.711 legs, no SIP and no process of its own around it: what of `voice_legs` is the sound's.

Legs are made by hand in two-party rooms, all mixed and recorded; far sides and baseline are those of `voice_legs`.
`python -m benchmarks.voice_media [--quick] [--legs N]`; one core each, JSON lines.
"""

import argparse
import asyncio
import os
import tempfile
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmarks.voice_far import WARM, Seen, far_sides
from benchmarks.voice_legs import AIM, echoed
from benchmarks.voice_stage import child, cores, line, receive, use
from parlons.kit.clock import wall_clock
from parlons.voice.media.builtin import sdp
from parlons.voice.media.builtin.recording import Recording
from parlons.voice.media.builtin.sip_leg import SipLeg
from parlons.voice.media.builtin.studio import Studio
from parlons.voice.media.builtin.ticker import Sockets, Ticker


def rooms_process(pipe: Connection, core: int, legs: int) -> None:
    """The mixer under so many legs, until it is told to end."""
    os.sched_setaffinity(0, {core})
    asyncio.run(_rooms(pipe, legs))


async def _rooms(pipe: Connection, legs: int) -> None:
    studio, sockets = Studio(wall_clock), Sockets()
    studio.leg_gone = studio.leg_talks = lambda leg, **_: None  # type: ignore[assignment]
    ticker = Ticker(sockets, studio.mixer.tick, lambda: True)
    with tempfile.TemporaryDirectory() as folder:
        made = [_leg(studio, sockets, index) for index in range(legs)]
        for room in range(legs // 2):
            studio.create_room(f"CF{room}")
            left, right = made[2 * room], made[2 * room + 1]
            studio.join(f"CF{room}", left)
            studio.join(f"CF{room}", right)
            more: Any = {"max_ms": 4 * 3_600_000, "silence_ms": 0, "silence_on_digit": False}
            studio.record(f"CF{room}", Recording(f"RE{room}", f"{folder}/{room}.wav", left_leg_id=left.leg_id, **more))
        ticker.wake()
        pipe.send([leg.port for leg in made])
        await receive(pipe)
        ticker.late.clear()
        await receive(pipe)
        pipe.send((float(np.percentile(np.array(ticker.late), 99)) * 1000, ticker.left_out))
        ticker.stop()
        studio.close()


def _leg(studio: Studio, sockets: Sockets, index: int) -> SipLeg:
    """G.711, mu-law; the far side shows its address by sending."""
    leg = SipLeg(f"LG{index}", "trunk", studio, studio.mixer.slots, state="talking", since=0, host="127.0.0.1")
    codec, nowhere = sdp.Codec(0, "PCMU", 8000), ("127.0.0.1", 9)
    leg.apply(sdp.Agreed(codec, sdp.Codec(101, "TELEPHONE-EVENT", 8000), nowhere, nowhere, False, True, True, False))
    leg.open = True
    sockets.add(leg.sock.fileno(), leg.receive)
    studio.add(leg)
    return leg


async def measure(legs: int, seconds: float) -> None:
    """Baseline, then the mixer."""
    raw = await echoed(legs, seconds)
    own, other = cores()
    far, pipe = child(far_sides, other, seconds)
    process, to_process = child(rooms_process, own, legs)
    await receive(pipe)
    pipe.send(("echo", await receive(to_process)))
    await receive(pipe)
    pipe.send("begin")
    await asyncio.sleep(WARM)
    to_process.send("measure")
    began = use(process.pid)
    seen: Seen = await receive(pipe)
    ended = use(process.pid)
    to_process.send("end")
    late, left_out = await receive(to_process)
    for one in (process, far):
        await asyncio.to_thread(one.join, 10)
    cpu, waited = (
        (ended.cpu - began.cpu) * 100 / (seconds - WARM),
        (ended.waited - began.waited) * 100 / (seconds - WARM),
    )
    line("voice.mixer_cpu_pct_per_leg", cpu / legs, "% of a core", raw.cpu_pct / legs)
    line("voice.mixer_late_p99_ms", seen.late_p99_ms, "ms", raw.seen.late_p99_ms, f"{seen.came:.1%} of packets came")
    note = f"{left_out} ticks left out; waited for its core {waited:.1f} % of the time"
    line("voice.mixer_tick_late_p99_ms", late, "ms", note=note)
    line("voice.mixer_delay_ms", seen.delay_p99_ms, "ms", note=f"99th percentile; median {seen.delay_p50_ms:.1f} ms")


def main() -> None:
    """Both in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--legs", type=int, default=AIM)
    asked = parser.parse_args()
    asyncio.run(measure(asked.legs, 8.0 if asked.quick else 23.0))


if __name__ == "__main__":
    main()
