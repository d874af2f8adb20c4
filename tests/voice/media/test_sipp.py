"""A caller that is not ours: sipp plays recorded packets of a voice and of a key, heard and recorded by the engine."""

import asyncio
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from parlons.testing.engine_scene import scene
from parlons.testing.fake_sound import read_wav
from parlons.voice.media.events import DigitReceived, LegEnded, LegIncoming, RecordingEnded
from tests.voice.media.far import builtin
from tests.voice.sip.sipp import needs_raw_sockets

PACKETS = Path("/usr/share/sip-tester")


@pytest.mark.skipif(
    not shutil.which("sipp") or not (PACKETS / "g711a.pcap").exists(), reason="sipp is missing (Debian: sip-tester)"
)
@needs_raw_sockets
async def test_a_voice_and_a_key_from_recorded_packets(tmp_path: Path) -> None:
    scenario = await _output("sipp", "-sd", "uac_pcap")
    scenario = scenario.replace('"pcap/', f'"{PACKETS}/').replace('milliseconds="8000"', 'milliseconds="3000"')
    (tmp_path / "call.xml").write_text(re.sub(r"^.*?(?=<\?xml)", "", scenario, flags=re.DOTALL))
    async with builtin(tmp_path) as driver, scene(driver) as s:  # type: ignore[arg-type]
        arguments = ["-sf", "call.xml", f"127.0.0.1:{driver.engine.sip_port}", "-i", "127.0.0.1", "-m", "1"]
        sipp = await asyncio.create_subprocess_exec(
            "sipp", *arguments, "-s", "+33155500000", cwd=tmp_path, stdout=-3, stderr=-3
        )
        try:
            leg_id = (await s.event(LegIncoming)).leg_id
            await s.engine.answer(leg_id)
            await s.room_of(leg_id)
            await s.engine.record("RE1", "CF1", str(tmp_path / "a.wav"), left_leg_id=leg_id)
            key = await s.event(DigitReceived)
            assert (key.digit, key.how) == ("1", "rtp")
            await s.event(LegEnded)
            await s.engine.stop_recording("RE1")
            await s.event(RecordingEnded)
            assert await asyncio.wait_for(sipp.wait(), 60) == 0
        finally:
            if sipp.returncode is None:
                sipp.kill()
                await sipp.wait()
    sound = read_wav(tmp_path / "a.wav").astype(float)
    assert np.abs(sound[8_000:20_000, 0]).mean() > 300
    assert not sound[:, 1].any()


async def _output(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(*arguments, stdout=-1, stderr=-3)
    return (await process.communicate())[0].decode()
