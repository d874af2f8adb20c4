"""A caller by SIP, the whole server, and an unmodified framework's bot behind a flow's step: what he says comes back, a file is
said to him, he interrupts it, and the flow goes on with what the bot gave back. When it is gone, a task for a person stands."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from parlons.simulator.sound import speech
from parlons.testing.fake_sound import Samples, hears_tone, tone, write_wav
from parlons.testing.people import Operator
from parlons.testing.processes import Running, data_folder, free_udp_port
from parlons.voice.media.builtin.g711 import DECODED
from tests.voice.framework.framework import bot
from tests.voice.media.far import FarSide, FarSips

NUMBER = "+33155500000"
CENTRE = f"""
workspace: {{default_activity: Offline, timeout_activity: Missed}}
firms: [{{name: North, languages: [en]}}]
activities: [{{name: Offline}}, {{name: Available, available: true}}, {{name: Break}}, {{name: Missed}}]
queues: [{{name: Sales}}]
workflows: [{{name: Door, default_queue: Sales}}]
users: [{{email: ada@north.example, name: Ada}}]
trunks: [{{name: Loop, host: 127.0.0.1, options_seconds: 0}}]
entry_points: [{{channel: voice, address: "{NUMBER}", firm: North, workflow: Door, task_channel: voice, language: en, flow: Bot}}]
flows:
- name: Bot
  start: bot
  steps:
    bot: {{do: voice_bot, url: URL, parameters: {{plan: gold}}, save: given, next: sure, failed: person}}
    sure: {{do: branch, cases: [{{when: given.plan == 'gold', next: bye}}], otherwise: person}}
    bye: {{do: end}}
    person: {{do: queue, queue: Sales}}
"""
CALLER, FILE = 500, 900
"""Hz of what the caller says, and of a tone behind the words of the file, by which they are known again."""


@pytest.fixture
async def spoken(tmp_path: Path) -> Path:
    """Words, a minute long."""
    words = DECODED.take(np.frombuffer(await speech("Your balance is forty-two euros. " * 25, "en"), np.uint8))
    write_wav(tmp_path / "spoken.wav", (words // 2 + tone((FILE,), 60_000)[: len(words)] // 2).astype(np.int16))
    return tmp_path / "spoken.wav"


@pytest.fixture
def server() -> Iterator[tuple[Running, int]]:
    """A server, and where it answers SIP."""
    port = free_udp_port()
    environ = {"PARLONS_SIP_PORT": str(port), "PARLONS_TTS": "none", "PARLONS_HTTP_ALLOW": "127.0.0.1"}
    with data_folder() as data, Running(data, environ=environ) as running:
        yield running, port


async def hears(far: FarSide, what: Callable[[Samples], bool]) -> None:
    """The caller listens until it is so."""
    async with asyncio.timeout(60):
        while not what(await far.hears(200)):
            pass


async def calls(sips: FarSips, port: int) -> FarSide:
    """A caller who was answered; the engine hears of the trunk a moment after it was configured, and refuses him until then."""
    while True:
        far = await sips.calls(port, to_number=NUMBER)
        await until(lambda far=far: far.view.talking or far.view.ended is not None)
        if far.view.talking:
            return far


async def until(holds: Callable[[], object]) -> None:
    """Waits for the caller's side."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 (the far side's agent has no event)
            await asyncio.sleep(0.02)


async def test_a_bot_of_a_public_framework_answers_a_call(server: tuple[Running, int], spoken: Path) -> None:
    running, port = server
    sips = FarSips()
    await sips.agent.start()
    try:
        async with Operator([running.url], running.operator_key()) as operator:
            with bot(spoken) as url:
                await operator.apply(CENTRE.replace("URL", url))
                far = await calls(sips, port)
                await far.says(CALLER)
                await hears(far, lambda heard: hears_tone(heard, CALLER))
                await far.says(None)
                await hears(far, lambda heard: not heard.any())
                await far.presses("1")
                await hears(far, lambda heard: hears_tone(heard, FILE))
                await far.says(CALLER)
                await hears(far, lambda heard: not heard.any())
                await far.presses("2")
                await until(lambda: far.view.ended == 0)
                assert (await operator.get("/tasks"))["items"] == []
            far = await calls(sips, port)
            async with asyncio.timeout(60):
                while not (tasks := (await operator.get("/tasks"))["items"]):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.1)
            assert len(tasks) == 1
            await far.hangs_up()
    finally:
        await sips.stop()
