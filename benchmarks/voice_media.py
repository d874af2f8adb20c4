"""How many G.711 legs one voice process carries on one core: in two-party rooms, mixed and recorded, against a raw echo.

Far sides run in a process of their own: each sends a packet every 20 ms and notes when the engine's come, by the kernel's clock.
`late` is by how much more than 20 ms a packet came after the one before it, `gap` the longest time between two. A packet's
sound names its time, so that each one heard also tells how long it was on its way through the room: `delay`.
The baseline echoes the same legs with the RTP library's own session, in the same run.
`python -m benchmarks.voice_media [--quick] [--legs N]`; one core each, JSON lines.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing as mp
import os
import resource
import socket
import struct
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiortp
import numpy as np

from parlons.kit.clock import wall_clock
from parlons.voice.media.builtin import sdp
from parlons.voice.media.builtin.legs import Leg
from parlons.voice.media.builtin.recording import Recording
from parlons.voice.media.builtin.sip_leg import SipLeg
from parlons.voice.media.builtin.studio import Studio
from parlons.voice.media.builtin.ticker import Sockets, Ticker

LEGS = 300
SECONDS = 20
WARM = 3
FRAME = 0.02
PARTS = 4
CODES = 120


def line(name: str, value: float, unit: str, baseline: float | None = None, note: str = "") -> None:
    """Print one figure."""
    ratio = None if not baseline else round(value / baseline, 3)
    shown: dict[str, Any] = {"name": name, "value": round(value, 3), "unit": unit, "baseline": baseline, "ratio": ratio}
    if note:
        shown["note"] = note
    print(json.dumps(shown), flush=True)


# --- far sides (a process of their own) -------------------------------------------------------------------------------


def far_sides(pipe: Connection, core: int, seconds: int) -> None:
    """Sends to each port it is told every 20 ms from a socket of its own; gives what `Seen` says."""
    os.sched_setaffinity(0, {core})
    pipe.send("ready")
    ports: list[int] = pipe.recv()
    socks = [_socket(port) for port in ports]
    sent_at = np.zeros((PARTS, CODES))
    seen = _Notes(np.zeros(len(ports)))
    part = -(-len(socks) // PARTS)
    began = due = time.monotonic()
    for tick in range(int(seconds / FRAME)):
        code = tick % CODES
        payload = bytes([code] * 80 + [_check(code)] * 80)
        for at in range(PARTS):
            sent_at[at, code] = time.time()
            for index in range(at * part, min((at + 1) * part, len(socks))):
                head = struct.pack("!BBHII", 0x80, 0, tick & 0xFFFF, tick * 160, index + 1)
                with contextlib.suppress(OSError):
                    socks[index].send(head + payload)
            due += FRAME / PARTS
            time.sleep(max(0.0, due - time.monotonic()))
        measured = time.monotonic() - began > WARM
        for index, sock in enumerate(socks):
            _drain(sock, index, (index ^ 1) // part, sent_at, seen, measured)
    late, delay = np.array(seen.late) * 1000, np.array(seen.delay) * 1000
    expected = len(ports) * (seconds - WARM) / FRAME
    pipe.send(
        Seen(
            float(np.percentile(late, 99)),
            seen.gap * 1000,
            len(late) / expected,
            float(np.median(delay)),
            float(np.percentile(delay, 99)),
        )
    )


@dataclass
class Seen:
    """What far sides saw."""

    late_p99_ms: float
    gap_ms: float
    came: float
    """Part of the packets that were due."""
    delay_p50_ms: float
    delay_p99_ms: float


@dataclass
class _Notes:
    last: "np.ndarray[Any, Any]"
    late: list[float] = field(default_factory=list)
    delay: list[float] = field(default_factory=list)
    gap: float = 0.0


def _check(code: int) -> int:
    """The second half of a packet: what stands in for a lost one is softer, and does not fit."""
    return (code * 37 + 11) % CODES


def _socket(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS: when the kernel had it, not when we looked
    sock.bind(("127.0.0.1", 0))
    sock.connect(("127.0.0.1", port))
    return sock


def _drain(sock: socket.socket, index: int, part: int, sent_at: Any, seen: _Notes, measured: bool) -> None:
    while True:
        try:
            data, extra, _, _ = sock.recvmsg(2048, 64)
        except OSError:
            return
        seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
        at = seconds + nanoseconds / 1e9
        if measured and seen.last[index]:
            between = at - seen.last[index]
            seen.gap = max(seen.gap, between)
            seen.late.append(max(0.0, between - FRAME))
            if data[1] == 0 and data[12] < CODES and data[171] == _check(data[12]):
                seen.delay.append(at - sent_at[part, data[12]])
        seen.last[index] = at


# --- what is measured (a process of its own) --------------------------------------------------------------------------


def own_use() -> tuple[float, float]:
    """CPU seconds so far; resident kilobytes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, int(Path("/proc/self/statm").read_text().split()[1]) * 4.0


def waited() -> float:
    """Seconds this process was ready to run and another had its core: whether the machine was free for this at all."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def rooms_process(pipe: Connection, core: int, legs: int, seconds: int) -> None:
    """The mixer under so many legs."""
    os.sched_setaffinity(0, {core})
    asyncio.run(_rooms(pipe, legs, seconds))


async def _rooms(pipe: Connection, legs: int, seconds: int) -> None:
    studio, sockets = Studio(wall_clock), Sockets()
    studio.leg_gone = studio.leg_talks = lambda leg, **_: None  # type: ignore[assignment, misc]
    ticker = Ticker(sockets, studio.mixer.tick, lambda: True)
    before = own_use()[1]
    made: list[Leg] = []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(legs):
            leg = SipLeg(f"LG{index}", "trunk", studio, studio.mixer.slots, state="talking", since=0, host="127.0.0.1")
            leg.apply(_agreed())
            leg.open = True
            sockets.add(leg.sock.fileno(), leg.receive)
            studio.add(leg)
            made.append(leg)
        for room in range(legs // 2):
            studio.create_room(f"CF{room}")
            left, right = made[2 * room], made[2 * room + 1]
            studio.join(f"CF{room}", left)
            studio.join(f"CF{room}", right)
            more: Any = {"max_ms": 4 * 3_600_000, "silence_ms": 0, "silence_on_digit": False}
            studio.record(f"CF{room}", Recording(f"RE{room}", f"{folder}/{room}.wav", left_leg_id=left.leg_id, **more))
        ticker.wake()
        pipe.send([leg.port for leg in made if isinstance(leg, SipLeg)])
        await asyncio.sleep(WARM)
        cpu, waiting = own_use()[0], waited()
        ticker.late.clear()
        await asyncio.sleep(seconds)
        used = (own_use()[0] - cpu) / seconds
        waiting = (waited() - waiting) / seconds * 100
        late = float(np.percentile(np.array(ticker.late), 99)) * 1000
        pipe.send((used * 100, (own_use()[1] - before) / legs, late, waiting, ticker.left_out))
        ticker.stop()
        studio.close()


def _agreed() -> sdp.Agreed:
    """G.711, mu-law; the far side shows its address by sending."""
    codec = sdp.Codec(0, "PCMU", 8000)
    nowhere = ("127.0.0.1", 9)
    return sdp.Agreed(codec, sdp.Codec(101, "TELEPHONE-EVENT", 8000), nowhere, nowhere, False, True, True, False)


def echo_process(pipe: Connection, core: int, legs: int, seconds: int) -> None:
    """The RTP library's sessions, each sending back what comes."""
    os.sched_setaffinity(0, {core})
    asyncio.run(_echo(pipe, legs, seconds))


async def _echo(pipe: Connection, legs: int, seconds: int) -> None:
    before = own_use()[1]
    sessions = []
    for _ in range(legs):
        session = await aiortp.RTPSession.create(
            ("127.0.0.1", 0), ("127.0.0.1", 9), 0, symmetric_rtp=True, jitter_prefetch=0, rtcp_interval=3600
        )
        session.on_audio = lambda pcm, _stamp, session=session: session.send_audio_pcm_auto(pcm)  # type: ignore[misc]
        sessions.append(session)
    ports = [session._rtp_transport._transport.get_extra_info("sockname")[1] for session in sessions]  # type: ignore[union-attr]
    pipe.send(ports)
    await asyncio.sleep(WARM)
    cpu = own_use()[0]
    await asyncio.sleep(seconds)
    used = (own_use()[0] - cpu) / seconds
    pipe.send((used * 100, (own_use()[1] - before) / legs, 0.0, 0.0, 0))
    for session in sessions:
        await session.close()


def run(what: Any, legs: int, seconds: int) -> tuple[Seen, tuple[float, float, float, float, int]]:
    """Far sides against `what`: what they saw, and what it used."""
    cores = sorted(os.sched_getaffinity(0))
    far, to_far = _child(far_sides, cores[-1], seconds)
    to_far.recv()  # it stands ready
    process, to_process = _child(what, cores[0], legs, seconds)
    to_far.send(to_process.recv())
    used, seen = to_process.recv(), to_far.recv()
    process.join()
    far.join()
    return seen, used


def _child(what: Any, *arguments: Any) -> tuple[Any, Any]:
    """A process and our end of its pipe; reading raises EOFError once it died."""
    spawn = mp.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=what, args=(theirs, *arguments))
    process.start()
    theirs.close()
    return process, ours


def main() -> None:
    """Both in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--legs", type=int, default=LEGS)
    asked = parser.parse_args()
    seconds = 8 if asked.quick else SECONDS
    raw, raw_used = run(echo_process, asked.legs, seconds)
    seen, used = run(rooms_process, asked.legs, seconds)
    line("voice.sip_legs", asked.legs, "legs", note=f"{seen.came:.1%} of their packets came; all mixed and recorded")
    line("voice.cpu_pct_per_leg", used[0] / asked.legs, "% of a core", round(raw_used[0] / asked.legs, 3))
    line("voice.late_p99_ms", seen.late_p99_ms, "ms", round(raw.late_p99_ms, 3))
    line(
        "voice.tick_late_p99_ms",
        used[2],
        "ms",
        note=f"{used[4]} ticks left out; waited for its core {used[3]:.1f} % of the time",
    )
    line("voice.max_gap_ms", seen.gap_ms, "ms", round(raw.gap_ms, 3))
    line("voice.added_delay_ms", seen.delay_p99_ms, "ms", note=f"99th percentile; median {seen.delay_p50_ms:.1f} ms")
    line("voice.kb_per_leg", used[1], "kB", round(raw_used[1], 3))


if __name__ == "__main__":
    main()
