"""How many G.711 legs one voice process carries on one core: real calls by SIP in two-party rooms, all mixed and recorded.

The baseline echoes as many legs with the RTP library's own sessions on the same core, in the same run. The number is raised,
or lowered, in steps until the largest one that keeps both bounds is known.
"""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import aiortp

from benchmarks.voice_far import WARM, Seen, far_sides
from benchmarks.voice_stage import NUMBER, Use, Voice, child, cores, line, receive, use, voice_process
from parlons.voice.media.events import LegAnswered, LegIncoming

AIM = 300
STEP = 50
LATE_MS, GAP_MS = 20.0, 60.0


@dataclass
class Carried:
    """One try."""

    legs: int
    seen: Seen
    cpu_pct: float
    waited_pct: float
    """Part of the time the process was ready and another had its core."""
    kb_per_leg: float

    @property
    def well(self) -> bool:
        """Whether nobody heard a gap."""
        return self.seen.late_p99_ms <= LATE_MS and self.seen.gap_ms <= GAP_MS and self.seen.came > 0.99


class Rooms:
    """Answers calls and puts two and two into a recorded room, as they come."""

    def __init__(self, voice: Voice, legs: int) -> None:
        self._voice, self._legs = voice, legs
        self.all_there = asyncio.Event()
        self._talking: list[str] = []

    async def follow(self) -> None:
        """For ever."""
        engine = self._voice.engine
        async for event in engine.events(0):
            if isinstance(event, LegIncoming):
                await engine.answer(event.leg_id)
            elif isinstance(event, LegAnswered):
                await self._talks(event.leg_id)

    async def _talks(self, leg_id: str) -> None:
        self._talking.append(leg_id)
        if len(self._talking) % 2 == 0:
            await self._room(len(self._talking) // 2, *self._talking[-2:])
        if len(self._talking) == self._legs:
            self.all_there.set()

    async def _room(self, number: int, left: str, right: str) -> None:
        engine, room = self._voice.engine, f"CF{number}"
        await engine.create_room(room)
        await engine.join(room, left)
        await engine.join(room, right)
        path = str(self._voice.folder / f"{number}.wav")
        await engine.record(f"RE{number}", room, path, left_leg_id=left)


async def carried(legs: int, seconds: float) -> Carried:
    """`legs` calls through a fresh voice process for `seconds`."""
    own, other = cores()
    far, pipe = child(far_sides, other, seconds)
    try:
        async with voice_process(own) as voice:
            rooms = Rooms(voice, legs)
            following = asyncio.create_task(rooms.follow())
            await receive(pipe)
            before = use(voice.pid)
            pipe.send(("sip", voice.sip_port, legs, NUMBER))
            await receive(pipe)
            await asyncio.wait_for(rooms.all_there.wait(), 30)
            pipe.send("begin")
            await asyncio.sleep(WARM)
            began = use(voice.pid)
            seen: Seen = await receive(pipe)
            ended = use(voice.pid)
            pipe.send("hang up")
            await receive(pipe)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            return _summed(legs, seen, seconds - WARM, before, began, ended)
    finally:
        await asyncio.to_thread(far.join, 10)
        if far.is_alive():
            far.kill()


def _summed(legs: int, seen: Seen, seconds: float, before: Use, began: Use, ended: Use) -> Carried:
    cpu, waited = (ended.cpu - began.cpu) / seconds * 100, (ended.waited - began.waited) / seconds * 100
    return Carried(legs, seen, cpu, waited, (ended.kb - before.kb) / legs)


def echo_process(pipe: Connection, core: int, legs: int) -> None:
    """The RTP library's sessions, each sending back what comes, until it is told to end."""
    os.sched_setaffinity(0, {core})
    asyncio.run(_echo(pipe, legs))


async def _echo(pipe: Connection, legs: int) -> None:
    sessions = []
    before = use(os.getpid()).kb
    for _ in range(legs):
        session = await aiortp.RTPSession.create(
            ("127.0.0.1", 0), ("127.0.0.1", 9), 0, symmetric_rtp=True, jitter_prefetch=0, rtcp_interval=3600
        )
        session.on_audio = lambda pcm, _stamp, session=session: session.send_audio_pcm_auto(pcm)
        sessions.append(session)
    pipe.send([_port(one) for one in sessions])
    pipe.send(before)
    await receive(pipe)
    for session in sessions:
        await session.close()


def _port(session: aiortp.RTPSession) -> int:
    inner: Any = session._rtp_transport
    return int(inner._transport.get_extra_info("sockname")[1])


async def echoed(legs: int, seconds: float) -> Carried:
    """The baseline."""
    own, other = cores()
    far, pipe = child(far_sides, other, seconds)
    process, to_process = child(echo_process, own, legs)
    try:
        await receive(pipe)
        pipe.send(("echo", await receive(to_process)))
        before = Use(0.0, 0.0, await receive(to_process))
        await receive(pipe)
        pipe.send("begin")
        await asyncio.sleep(WARM)
        began = use(process.pid)
        seen: Seen = await receive(pipe)
        return _summed(legs, seen, seconds - WARM, before, began, use(process.pid))
    finally:
        with contextlib.suppress(OSError):
            to_process.send("end")
        for one in (process, far):
            await asyncio.to_thread(one.join, 10)
            if one.is_alive():
                one.kill()


async def largest(aimed: Carried, seconds: float, quick: bool) -> Carried:
    """The largest number of legs that is carried well, from `aimed` on; where none is, the aim."""
    found = aimed
    if quick:
        return aimed
    if aimed.well:
        while (more := await carried(found.legs + STEP, seconds)).well:
            found = more
        return found
    for legs in range(AIM - STEP, 0, -STEP):
        fewer = await carried(legs, seconds)
        if fewer.well:
            return fewer
    return aimed


async def measure(quick: bool) -> None:
    """Baseline, the number aimed at, then the largest; delays and memory are those at the number aimed at."""
    seconds = 11.0 if quick else 23.0
    raw = await echoed(AIM, seconds)
    aimed = await carried(AIM, seconds)
    _say_largest(await largest(aimed, seconds, quick))
    seen, note = aimed.seen, f"at {AIM} legs"
    line("voice.cpu_pct_per_leg", aimed.cpu_pct / AIM, "% of a core", raw.cpu_pct / AIM, note=note)
    line("voice.late_p99_ms", seen.late_p99_ms, "ms", raw.seen.late_p99_ms, note=note)
    line("voice.max_gap_ms", seen.gap_ms, "ms", raw.seen.gap_ms, note=note)
    median = f"{note}; 99th of a hundred; median {seen.delay_p50_ms:.1f} ms"
    line("voice.added_delay_ms", seen.delay_p99_ms, "ms", raw.seen.delay_p99_ms, note=median)
    line("voice.kb_per_leg", aimed.kb_per_leg, "kB", raw.kb_per_leg, note=note)


def _say_largest(got: Carried) -> None:
    seen = got.seen
    kept = "kept both bounds" if got.well else "DID NOT keep the bounds"
    note = (
        f"{kept}; {seen.came:.1%} of packets came; the process used {got.cpu_pct:.0f} % of its core and waited for it "
        f"{got.waited_pct:.1f} %; late 99th {seen.late_p99_ms:.1f} ms, gap {seen.gap_ms:.0f} ms, through the room 99th "
        f"{seen.delay_p99_ms:.0f} ms; far sides themselves late by {seen.own_late_ms:.1f} ms"
    )
    line("voice.sip_legs", got.legs if got.well else 0, "legs", note=note + ("" if got.well else f"; {got.legs} tried"))
