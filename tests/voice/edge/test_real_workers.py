"""Two real voice processes behind real Kamailio and rtpengine: calls are spread and heard; one is killed, new calls go on."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from parlons.testing.processes import free_udp_port
from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.media.engine import NotThere, ToneSound
from parlons.voice.media.events import LegAnswered, LegIncoming
from parlons.voice.media.remote import RemoteEngine
from parlons.voice.process.life import socket_path
from tests.voice.edge.conftest import CARRIER, Edge, edge_before, flags, skip_without_programs
from tests.voice.edge.test_calls import call, rtp
from tests.voice.edge.wire import PATIENCE, Socket, sound_address, udp


@dataclass
class Process:
    """A voice process, and somebody who answers every call with a tone."""

    pid: int
    engine: RemoteEngine
    heard: list[LegIncoming] = field(default_factory=list)

    async def serve(self) -> None:
        async for event in self.engine.events(0):
            if isinstance(event, LegIncoming):
                self.heard.append(event)
                await self.engine.answer(event.leg_id)
            elif isinstance(event, LegAnswered):
                tone = ToneSound((440.0,), 60_000)
                with contextlib.suppress(NotThere):  # he may have hung up meanwhile
                    await self.engine.play(f"P{event.leg_id}", "leg", event.leg_id, [tone])


@contextlib.asynccontextmanager
async def voice_process(data: Path, port: int) -> AsyncIterator[Process]:
    (data / "run").mkdir(parents=True)
    environ = {**os.environ, "PARLONS_SIP_PORT": str(port), "PARLONS_SIP_HOST": "127.0.0.1", "PARLONS_LOG": "warning"}
    line = [sys.executable, "-m", "parlons.voice.process", "--data", str(data)]
    running = await asyncio.create_subprocess_exec(*line, env=environ, stdin=subprocess.DEVNULL)
    try:
        async with RemoteEngine(socket_path(data)) as engine:
            await engine.connected(60)
            found = Process(running.pid, engine)
            serving = asyncio.create_task(found.serve())
            try:
                yield found
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
        await running.wait()


async def hears_the_tone(socket: Socket, relay: tuple[str, int]) -> None:
    """Packets that come back through the relay are loud; it learns from ours where we are."""
    while not socket.heard.empty():  # of the call before
        socket.heard.get_nowait()
    async with asyncio.timeout(PATIENCE):
        number = 0
        while True:
            socket.send(rtp(number, bytes([0xFF]) * 160), relay)
            number += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    packet, _ = await socket.heard.get()
                    if sum((~sample & 0x70) >= 0x50 for sample in packet[12:]) > 40:  # mu-law's upper segments
                        return


async def both_up(edge: Edge) -> None:
    """Both answer the edge's pings."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if flags(edge.kamcmd("dispatcher.list")).count("AP") >= 2:
                return
            await asyncio.sleep(0.1)


async def test_calls_are_spread_and_go_on_when_one_is_killed(certificate: Path, tmp_path: Path) -> None:
    skip_without_programs()
    ports = [free_udp_port(), free_udp_port()]
    async with (
        voice_process(tmp_path / "one", ports[0]) as one,
        voice_process(tmp_path / "two", ports[1]) as two,
        edge_before(ports, certificate) as edge,
        udp(CARRIER) as socket,
        udp() as sound,
    ):
        trunk = Trunk(id="TK1", host="127.0.0.1", port=edge.ports["inner"], options_seconds=0)
        for each in (one, two):
            await each.engine.configure(EngineConfig(trunks=(trunk,)))
        await both_up(edge)
        for _ in range(4):
            async with call(edge, socket, sound) as answer:
                await hears_the_tone(sound, sound_address(answer.body))
        assert (len(one.heard), len(two.heard)) == (2, 2)
        assert {event.trunk_id for event in one.heard} == {"TK1"}
        assert {event.to_number for event in one.heard} == {"+33199000000"}
        os.kill(one.pid, signal.SIGKILL)
        for _ in range(3):
            async with call(edge, socket, sound) as answer:
                await hears_the_tone(sound, sound_address(answer.body))
        assert len(two.heard) == 5
