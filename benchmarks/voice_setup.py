"""How many calls a second reach a menu that answers, and how many of 6,000 fail: sipp rings, the menu speaks, sipp hangs up.

Once against the voice process with the least script there is (answer, play, gather), once through the whole product: the
number's flow, the caller's conversation and the call's row in the database.
"""

import asyncio
import contextlib
import csv
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.voice_product import product
from benchmarks.voice_stage import MENU, NUMBER, Voice, cores, line, there, use, voice_process
from parlons.kit.errors import Refusal
from parlons.voice.media.engine import ToneSound
from parlons.voice.media.events import LegAnswered, LegIncoming

CALLS, RATE = 6_000, 120
SIPP = "/usr/bin/sipp"
SCENARIO = Path(__file__).with_name("voice_call.xml")


@dataclass
class Rung:
    """What sipp says of its calls."""

    good: int
    failed: int
    seconds: float
    answer_ms: float
    """From INVITE to 200, on the average."""
    again: int
    """Messages it had to send again."""


async def ring(port: int, number: str, calls: int, rate: int, core: int | None = None) -> Rung:
    """Rings so often, so many a second."""
    with tempfile.TemporaryDirectory() as folder:
        stat = Path(folder) / "stat.csv"
        command = [SIPP, f"127.0.0.1:{port}", "-sf", str(SCENARIO), "-s", number, "-i", "127.0.0.1", "-m", str(calls)]
        command += ["-r", str(rate), "-l", "1500", "-nostdin", "-trace_stat", "-stf", str(stat), "-fd", "1"]
        command += ["-timeout", str(calls // rate + 60), "-recv_timeout", "20000"]
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        await process.wait()
        seconds = time.monotonic() - began
        rows = list(csv.DictReader(stat.read_text().splitlines(), delimiter=";"))
    last = rows[-1]
    hours, minutes, rest, micro = (int(part) for part in last["ResponseTime1(C)"].split(":"))
    answer = ((hours * 60 + minutes) * 60 + rest) * 1000 + micro / 1000
    good = int(last["SuccessfulCall(C)"])
    return Rung(good, calls - good, seconds, answer, int(last["Retransmissions(C)"]))


@contextlib.asynccontextmanager
async def answering(voice: Voice) -> AsyncIterator[None]:
    """The least menu: answers, speaks, waits for a key."""
    doing: set[asyncio.Task[None]] = set()

    async def lead(leg_id: str, answered: bool) -> None:
        with contextlib.suppress(Refusal):
            if not answered:
                await voice.engine.answer(leg_id)
                return
            await voice.engine.play(f"P{leg_id}", "leg", leg_id, [ToneSound((440.0,), 5_000)])
            await voice.engine.gather(f"G{leg_id}", leg_id, max_digits=1)

    async def follow() -> None:
        async for event in voice.engine.events(0):
            if isinstance(event, LegIncoming | LegAnswered):
                task = asyncio.create_task(lead(event.leg_id, isinstance(event, LegAnswered)))
                doing.add(task)
                task.add_done_callback(doing.discard)

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, *doing, return_exceptions=True)


async def measure(quick: bool) -> None:
    """The process alone, then the product."""
    if not there(SIPP):
        print("voice.setup_per_s is left out: no sipp (apt-get install sip-tester)", flush=True)
        return
    calls = 600 if quick else CALLS
    own, other = cores()
    async with voice_process(own) as voice, answering(voice):
        before, began = use(voice.pid), time.monotonic()
        rung = await ring(voice.sip_port, NUMBER, calls, RATE, other)
        after, seconds = use(voice.pid), time.monotonic() - began
    note = (
        _note(rung, calls) + f"; {(after.cpu - before.cpu) / calls * 1000:.2f} ms of CPU a call with a second of sound"
    )
    note += f"; waited for its core {(after.waited - before.waited) / seconds * 100:.1f} %"
    line("voice.setup_per_s", rung.good / rung.seconds, "1/s", note="voice process and least script; " + note)
    line("voice.setup_failed", rung.failed, "calls", note=f"of {calls:,}")
    async with product() as house:
        rate = RATE if quick else 40
        pids = {"server": house.server.pid, "voice": house.voice_pid()}
        spent = {name: use(pid).cpu for name, pid in pids.items()}
        rung = await ring(house.sip_port, MENU, calls // 3, rate)
        note = _note(rung, calls // 3, rate) + "; CPU a call: "
        note += ", ".join(
            f"{name} {(use(pid).cpu - spent[name]) / (calls // 3) * 1000:.1f} ms" for name, pid in pids.items()
        )
        line("voice.setup_product_per_s", rung.good / rung.seconds, "1/s", note=note)
        line("voice.setup_product_failed", rung.failed, "calls", note=f"of {calls // 3:,}")


def _note(rung: Rung, calls: int, rate: int = RATE) -> str:
    again = f"{rung.again} messages sent again" if rung.again else "nothing sent again"
    return f"{calls:,} calls offered at {rate}/s, answered after {rung.answer_ms:.0f} ms on the average, {again}"
