"""flows.voice_menus: how many callers may be in menus at the same time, with the telephone's own bounds of lateness.

The whole product: each caller rings by SIP, hears recorded words, presses a key every few seconds and comes to the next menu: a
turn of his flow, kept in the database, and other words. Server and voice process stand on one core; the callers, and the
database where it likes, on the others. Bounds as of voice.sip_legs: the 99th of a hundred packets 20 ms late, no gap above 60 ms,
99 % of all packets there; besides, every caller is still in a menu at the end and every key was taken.
`python -m benchmarks.flows_voice [--quick] [--callers N]`; part of `make bench-flows`.
"""

import argparse
import asyncio
import contextlib
import io
import os
import resource
import socket
import struct
import time
import wave
from array import array
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import asyncpg
import numpy as np
import yaml

from benchmarks.voice_far import FRAME, WARM, Ringer, Seen, _drain, _Notes, _socket
from benchmarks.voice_legs import GAP_MS, LATE_MS
from benchmarks.voice_product import House, configuration, product
from benchmarks.voice_stage import MENU, child, cores, line, receive, use
from parlons.simulator.sip import offer

AIM, STEP = 200, 50
SECONDS, QUICK = 33.0, 13.0
EVERY = 5.0
"""Seconds between two keys of a caller."""
WORDS = "bench-menu"
KEY_FRAMES = 8
"""Packets of one key, then three of its end (RFC 4733)."""
STEPS: dict[str, Any] = {
    "menu": {"do": "ask", "text": "For sales press 1.", "prompt": WORDS, "choices": {"1": {"next": "order"}},
             "first_seconds": 30, "failed": "sales"},
    "order": {"do": "ask", "answer": "digits", "text": "And your order.", "prompt": WORDS, "save": "order", "next": "tell",
              "first_seconds": 30, "failed": "sales"},
    "tell": {"do": "branch", "cases": [{"when": "order == '1'", "next": "menu"}], "otherwise": "sales"},
    "sales": {"do": "queue", "queue": "Sales"},
}  # fmt: skip


@dataclass
class Menus:
    """One try."""

    callers: int
    seen: Seen
    keys: int
    """Pressed."""
    taken: int
    """Answers that flows took in."""
    there: int
    """Callers in a menu at the end."""
    cpu: dict[str, float]
    """Per cent of the core, by process."""

    @property
    def well(self) -> bool:
        """Whether nobody heard a gap, was lost, or pressed in vain."""
        heard = self.seen.late_p99_ms <= LATE_MS and self.seen.gap_ms <= GAP_MS and self.seen.came > 0.99
        return heard and self.there == self.callers and self.taken >= self.keys - self.callers


def callers(pipe: Connection, core: int, seconds: float) -> None:
    """Told `(port, number, many)`; says "there" when all are answered, is told to begin, gives what was heard and the keys."""
    os.sched_setaffinity(0, {core})
    pipe.send("ready")
    port, number, many = pipe.recv()
    ringer, socks = Ringer(port, number), [_socket(None) for _ in range(many)]
    for index, sock in enumerate(socks):
        media = ringer.ring(index, offer("127.0.0.1", sock.getsockname()[1])).media()
        assert media is not None, "an answer without sound"
        sock.connect(media)
    pipe.send("there")
    pipe.recv()
    pipe.send(_press(socks, seconds, ringer))
    pipe.recv()
    ringer.hang_up()
    pipe.send("gone")


def _press(socks: list[socket.socket], seconds: float, ringer: Ringer) -> tuple[Seen, int]:
    """Silence every 20 ms, a key every `EVERY` seconds, each caller at his own time."""
    seen, own_late, keys = _Notes(np.zeros(len(socks))), array("d"), 0
    period, parts = int(EVERY / FRAME), 4
    offsets = [index * period // len(socks) for index in range(len(socks))]
    numbers = [0] * len(socks)
    nothing = np.zeros((parts, 120))
    began = due = time.monotonic()
    part = -(-len(socks) // parts)
    for tick in range(int(seconds / FRAME)):
        for at in range(parts):
            for index in range(at * part, min((at + 1) * part, len(socks))):
                since = (tick - offsets[index]) % period if tick >= offsets[index] + period else -1
                last = tick + period > int(seconds / FRAME)
                keys += since == 0 and not last
                _packets(socks[index], index, tick, -1 if last else since, numbers)
            due += FRAME / parts
            own_late.append(max(0.0, time.monotonic() - due))
            time.sleep(max(0.0, due - time.monotonic()))
        measured = time.monotonic() - began > WARM
        for index, sock in enumerate(socks):
            _drain(sock, index, 0, nothing, seen, measured)
        if tick % 50 == 0:
            ringer.attend()
    late = np.array(seen.late or [9.0]) * 1000
    came = len(seen.late) / (len(socks) * (seconds - WARM) / FRAME)
    own = float(np.percentile(np.array(own_late), 99)) * 1000
    return Seen(float(np.percentile(late, 99)), seen.gap * 1000, came, 0.0, 0.0, own), keys


def _packets(sock: socket.socket, index: int, tick: int, since: int, numbers: list[int]) -> None:
    """What this caller sends now; `since`: frames since he pressed, below 0: he does not."""
    begun = tick - since
    if 0 <= since < KEY_FRAMES:
        many = [(101, begun, struct.pack("!BBH", 1, 10, (since + 1) * 160))]
    elif since == KEY_FRAMES:
        many = [(101, begun, struct.pack("!BBH", 1, 0x80 | 10, KEY_FRAMES * 160))] * 3
    else:
        many = [(0, tick, b"\xff" * 160)]
    for kind, at, payload in many:
        numbers[index] += 1
        marker = 0x80 if since == 0 else 0
        head = struct.pack("!BBHII", 0x80, marker | kind, numbers[index] & 0xFFFF, at * 160, index + 1)
        with contextlib.suppress(OSError):
            sock.send(head + payload)


def words(seconds: float = 8.0) -> bytes:
    """A recording: a voice-like hum."""
    at = np.arange(int(seconds * 8000)) / 8000
    hum = (np.sin(2 * np.pi * 180 * at) + 0.5 * np.sin(2 * np.pi * 730 * at)) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes((hum * 6000).astype("<i2").tobytes())
    return file.getvalue()


async def menus(house: House, many: int, seconds: float) -> Menus:
    """So many callers at once."""
    own, other = cores()
    pids = {"server": house.server.pid, "voice": house.voice_pid()}
    for pid in pids.values():
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread), {own})
    far, pipe = child(callers, other, seconds)
    database = await asyncpg.connect(house.dsn)
    try:
        await receive(pipe)
        pipe.send((house.sip_port, MENU, many))
        await receive(pipe)
        pipe.send("begin")
        began = {name: use(pid).cpu for name, pid in pids.items()}
        seen, keys = await receive(pipe)
        cpu = {name: (use(pid).cpu - began[name]) / seconds * 100 for name, pid in pids.items()}
        running = "FROM flow_instances WHERE status = 'running'"
        there = await database.fetchval(f"SELECT count(*) {running} AND state->'effect'->>'kind' = 'ask'")
        taken = await database.fetchval(f"SELECT sum((state->>'n')::int - 1) {running}")
        pipe.send("hang up")
        await receive(pipe)
        return Menus(many, seen, keys, int(taken or 0), there, cpu)
    finally:
        await database.close()
        await asyncio.to_thread(far.join, 10)
        if far.is_alive():
            far.kill()


async def measure(quick: bool, aim: int = AIM) -> Menus:
    """As many as are carried well, from `aim` up; below it, one try is told as it was."""
    seconds = QUICK if quick else SECONDS
    async with product() as house:
        shape = yaml.safe_load(configuration())
        for flow in shape["flows"]:
            flow.update(start="menu", steps=STEPS)
        file = {"file": ("words.wav", words(), "audio/wav")}
        await house.call("POST", "/prompts", files=file, data={"name": WORDS})
        await house.call("POST", "/configuration", content=yaml.safe_dump(shape, sort_keys=False).encode())
        best = tried = await menus(house, aim, seconds)
        while tried.well and not quick:
            tried = await menus(house, tried.callers + STEP, seconds)
            best = tried if tried.well else best
    _say(best)
    if best is not tried:
        _say(tried)
    return best


def _say(one: Menus) -> None:
    note = (
        f"{'carried' if one.well else 'NOT carried'} of {one.callers}: late {one.seen.late_p99_ms:.1f} ms (99th), gap "
        f"{one.seen.gap_ms:.0f} ms, {one.seen.came:.1%} of packets; {one.taken} of {one.keys} keys taken, {one.there} there at "
        f"the end; CPU " + ", ".join(f"{name} {pct:.0f} %" for name, pct in one.cpu.items())
        + f"; callers themselves late by {one.seen.own_late_ms:.1f} ms"
    )  # fmt: skip
    line("flows.voice_menus", one.callers if one.well else 0, "callers", note=note)


def main() -> None:
    """As asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--callers", type=int, default=AIM)
    asked = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(measure(asked.quick, asked.callers))


if __name__ == "__main__":
    main()
