"""Half an hour of the voice process at 100 legs, all mixed and recorded, while two short calls a second come and go.

`make soak-voice`, or `python -m benchmarks.voice_soak [--minutes 30]`. Memory at the end is compared with that at minute 5 (with
fewer minutes: after a sixth of the time). Recordings end and begin anew each minute, as calls do.
"""

import argparse
import asyncio
import contextlib
import os
import resource

from benchmarks.voice_far import Seen, far_sides
from benchmarks.voice_legs import Rooms
from benchmarks.voice_setup import SIPP, ring
from benchmarks.voice_stage import MENU, NUMBER, Voice, child, cores, line, receive, there, use, voice_process
from parlons.kit.errors import Refusal
from parlons.voice.media.engine import ToneSound
from parlons.voice.media.events import LegAnswered, LegIncoming, RecordingEnded

LEGS, RATE = 100, 2


class Soaked(Rooms):
    """Rooms that last, and short calls that hear a tone."""

    def __init__(self, voice: Voice, legs: int) -> None:
        super().__init__(voice, legs)
        self._short: set[str] = set()
        self.recordings = 0
        """That ended whole."""

    async def follow(self) -> None:
        """As `Rooms.follow`."""
        engine = self._voice.engine
        async for event in engine.events(0):
            with contextlib.suppress(Refusal):  # who hung up meanwhile
                if isinstance(event, LegIncoming):
                    if event.to_number == MENU:
                        self._short.add(event.leg_id)
                    await engine.answer(event.leg_id)
                elif isinstance(event, LegAnswered) and event.leg_id in self._short:
                    self._short.discard(event.leg_id)
                    await engine.play(f"P{event.leg_id}", "leg", event.leg_id, [ToneSound((440.0,), 5_000)])
                elif isinstance(event, LegAnswered):
                    await self._talks(event.leg_id)
                elif isinstance(event, RecordingEnded):
                    self.recordings += 1
                    os.unlink(event.path)

    async def renew(self, minute: int) -> None:
        """Every room's recording ends, and another begins."""
        engine = self._voice.engine
        for number in range(1, self._legs // 2 + 1):
            before = f"RE{number}" if minute == 1 else f"RE{number}.{minute - 1}"
            await engine.stop_recording(before)
            path = str(self._voice.folder / f"{number}.{minute}.wav")
            await engine.record(f"RE{number}.{minute}", f"CF{number}", path)


async def measure(minutes: float) -> None:
    """The whole time."""
    own, other = cores()
    seconds = minutes * 60
    far, pipe = child(far_sides, other, seconds)
    try:
        async with voice_process(own) as voice:
            rooms = Soaked(voice, LEGS)
            following = asyncio.create_task(rooms.follow())
            await receive(pipe)
            pipe.send(("sip", voice.sip_port, LEGS, NUMBER))
            await receive(pipe)
            await asyncio.wait_for(rooms.all_there.wait(), 60)
            pipe.send("begin")
            rung = asyncio.create_task(_short_calls(voice, seconds))
            kilobytes = [use(voice.pid).kb]
            for minute in range(1, int(minutes)):
                await asyncio.sleep(60)
                kilobytes.append(use(voice.pid).kb)
                await rooms.renew(minute)
            seen: Seen = await receive(pipe)
            kilobytes.append(use(voice.pid).kb)
            calls, failed = await rung
            pipe.send("hang up")
            await receive(pipe)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    finally:
        await asyncio.to_thread(far.join, 10)
        if far.is_alive():
            far.kill()
    early = kilobytes[min(len(kilobytes) - 2, max(1, int(minutes) // 6))]
    shown = ", ".join(f"{one / 1024:.0f}" for one in kilobytes[:: max(1, len(kilobytes) // 10)])
    note = f"{minutes:g} minutes, {LEGS} legs, {calls} short calls ({failed} failed), {rooms.recordings} recordings ended; "
    note += f"MB: {shown}; late 99th {seen.late_p99_ms:.1f} ms, longest gap {seen.gap_ms:.0f} ms"
    line("voice.soak_rss_kb", kilobytes[-1], "kB", early, note=note)


async def _short_calls(voice: Voice, seconds: float) -> tuple[int, int]:
    """Calls that come and go; (good ones, failed ones). None without sipp."""
    if not there(SIPP):
        return 0, 0
    rung = await ring(voice.sip_port, MENU, max(1, int((seconds - 10) * RATE)), RATE)
    return rung.good, rung.failed


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(measure(parser.parse_args().minutes))


if __name__ == "__main__":
    main()
