"""How many legs of browsers one voice process carries on one core, by itself and behind rtpengine.

Far sides are peer connections of aiortc in a process of their own, mu-law first as the desk asks; they send a packet every
20 ms and note when packets come. Through rtpengine (Debian's, in user space) they end there: it speaks ICE and DTLS-SRTP, and
the voice process has plain SIP legs; its CPU and the process's are counted together.
"""

import asyncio
import contextlib
import os
import re
import secrets
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.voice_far import Ringer
from benchmarks.voice_legs import Rooms
from benchmarks.voice_peers import WARM, Came, peers_process
from benchmarks.voice_stage import NUMBER, Voice, child, cores, line, receive, there, use, voice_process

LEGS = (10, 20, 30)
RTPENGINE_LEGS = 10
RTPENGINE = "/usr/bin/rtpengine"
LATE_MS, CAME = 20.0, 0.99


async def measure(quick: bool) -> None:
    """The process by itself."""
    seconds = 8.0 if quick else 20.0
    best: tuple[int, Came, float] | None = None
    tried = []
    for legs in (10,) if quick else LEGS:
        came, cpu, waited = await _carried(legs, seconds)
        tried.append(f"{legs}: {cpu:.0f} % of the core, late 99th {came.late_p99_ms:.1f} ms, {came.part:.1%} came")
        tried[-1] += f", waited for its core {waited:.0f} %"
        well = came.late_p99_ms <= LATE_MS and came.part >= CAME and cpu < 100
        if well or best is None:
            best = (legs if well else 0, came, cpu / legs)
        if not well:
            break
    assert best is not None
    line("voice.browser_legs", best[0], "legs", note="mu-law, two-party rooms, recorded; " + "; ".join(tried))
    line("voice.cpu_pct_per_leg_browser", best[2], "% of a core")


async def _carried(legs: int, seconds: float) -> tuple[Came, float, float]:
    own, other = cores()
    far, pipe = child(peers_process, other, legs, seconds)
    try:
        async with voice_process(own) as voice:
            rooms = Rooms(voice, legs)
            following = asyncio.create_task(rooms.follow())
            offers = await receive(pipe)
            pipe.send([await voice.engine.connect_browser(f"LB{n}", offer) for n, offer in enumerate(offers)])
            await asyncio.wait_for(rooms.all_there.wait(), 60)
            await receive(pipe)
            pipe.send("begin")
            await asyncio.sleep(WARM)
            began = use(voice.pid)
            came: Came = await receive(pipe)
            ended = use(voice.pid)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            span = seconds - WARM
            return came, (ended.cpu - began.cpu) / span * 100, (ended.waited - began.waited) / span * 100
    finally:
        await asyncio.to_thread(far.join, 10)
        if far.is_alive():
            far.kill()


# --- through rtpengine ------------------------------------------------------------------------------------------------


class Control(asyncio.DatagramProtocol):
    """rtpengine's NG protocol: a cookie and a bencoded dictionary."""

    def __init__(self) -> None:
        self._asked: dict[bytes, asyncio.Future[Any]] = {}
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        cookie, _, rest = data.partition(b" ")
        asked = self._asked.pop(cookie, None)
        if asked is not None and not asked.done():
            asked.set_result(_read(rest, 0)[0])

    async def ask(self, command: str, seconds: float = 3, **given: Any) -> dict[str, Any]:
        """What it answers; raises when it does not say ok or pong."""
        cookie = secrets.token_hex(4).encode()
        self._asked[cookie] = asyncio.get_running_loop().create_future()
        said = {"command": command, **{name.replace("_", "-"): value for name, value in given.items()}}
        self._transport.sendto(cookie + b" " + _written(said))
        answer: dict[str, Any] = await asyncio.wait_for(self._asked[cookie], seconds)
        assert answer["result"] in ("ok", "pong"), answer
        return answer


def _written(value: Any) -> bytes:
    if isinstance(value, dict):
        return b"d" + b"".join(_written(key) + _written(one) for key, one in sorted(value.items())) + b"e"
    if isinstance(value, list):
        return b"l" + b"".join(map(_written, value)) + b"e"
    raw = str(value).encode()
    return b"%d:%s" % (len(raw), raw)


def _read(data: bytes, at: int) -> tuple[Any, int]:
    kind = data[at : at + 1]
    if kind in (b"d", b"l"):
        items, at = [], at + 1
        while data[at : at + 1] != b"e":
            item, at = _read(data, at)
            items.append(item)
        return (dict(zip(items[::2], items[1::2], strict=True)) if kind == b"d" else items), at + 1
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1 : end].decode(), end


@contextlib.asynccontextmanager
async def rtpengine(core: int) -> AsyncIterator[tuple[Control, int]]:
    """Debian's, in user space; (its control, its process)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "rtpengine.conf"
        config.write_text(f"[rtpengine]\ntable = -1\ninterface = 127.0.0.1\nlisten-ng = 127.0.0.1:{port}\n")
        process = await asyncio.create_subprocess_exec(
            RTPENGINE, f"--config-file={config}", "--foreground", "--log-stderr", "--log-level=3",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.sched_setaffinity(process.pid, {core})
        transport, control = await asyncio.get_running_loop().create_datagram_endpoint(
            Control, remote_addr=("127.0.0.1", port)
        )
        try:
            for _ in range(100):
                with contextlib.suppress(TimeoutError):
                    await control.ask("ping", 0.2)
                    break
            yield control, process.pid
        finally:
            transport.close()
            process.terminate()
            await process.wait()


async def measure_rtpengine(quick: bool) -> None:
    """Behind rtpengine."""
    if not there(RTPENGINE):
        print(
            "voice.cpu_pct_per_leg_rtpengine is left out: no rtpengine (apt-get install rtpengine-daemon)", flush=True
        )
        return
    seconds, legs = 8.0 if quick else 20.0, RTPENGINE_LEGS
    own, other = cores()
    far, pipe = child(peers_process, other, legs, seconds)
    try:
        async with voice_process(own) as voice, rtpengine(own) as (control, pid):
            rooms = Rooms(voice, legs)
            following = asyncio.create_task(rooms.follow())
            ringer = Ringer(voice.sip_port, NUMBER)
            offers = await receive(pipe)
            pipe.send([await _through(control, ringer, number, offer) for number, offer in enumerate(offers)])
            await asyncio.wait_for(rooms.all_there.wait(), 60)
            await receive(pipe)
            pipe.send("begin")
            came, cpu = await _spent(voice, pid, pipe, seconds)
            await asyncio.to_thread(ringer.hang_up)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    finally:
        await asyncio.to_thread(far.join, 10)
        if far.is_alive():
            far.kill()
    note = f"{legs} legs: rtpengine {cpu[1] / legs:.2f} %, voice process {cpu[0] / legs:.2f} %; {came.part:.1%} of "
    note += f"packets came, late 99th {came.late_p99_ms:.1f} ms"
    line("voice.cpu_pct_per_leg_rtpengine", sum(cpu) / legs, "% of a core", note=note)


async def _spent(voice: Voice, pid: int, pipe: Any, seconds: float) -> tuple[Came, tuple[float, float]]:
    await asyncio.sleep(WARM)
    began = use(voice.pid).cpu, use(pid).cpu
    came: Came = await receive(pipe)
    span = (seconds - WARM) / 100
    return came, ((use(voice.pid).cpu - began[0]) / span, (use(pid).cpu - began[1]) / span)


async def _through(control: Control, ringer: Ringer, number: int, offer: str) -> str:
    """A browser's offer, rung as a plain call; the answer for the browser. rtpengine opens DTLS: the first message of this
    library's newer OpenSSL comes in pieces, which Debian's does not take."""
    replace = ["origin", "session-connection"]
    plain = await control.ask(
        "offer", call_id=f"bench{number}", from_tag="b", sdp=offer, transport_protocol="RTP/AVP", ICE="remove",
        rtcp_mux=["demux"], DTLS="active", replace=replace,
    )  # fmt: skip
    # What only browsers know is left out, as an edge does.
    body = re.sub(r"a=(?:extmap|ssrc|msid|group|mid)[^\r\n]*\r\n", "", plain["sdp"])
    answer = await asyncio.to_thread(ringer.ring, number, body)
    made = await control.ask(
        "answer", call_id=f"bench{number}", from_tag="b", to_tag="w", sdp=answer.body, ICE="force", DTLS="active",
        transport_protocol="UDP/TLS/RTP/SAVPF", rtcp_mux=["accept"], replace=replace,
    )  # fmt: skip
    return str(made["sdp"])
