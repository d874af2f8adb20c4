"""The whole of it: `parlons serve`, its voice process, SIP and sound; a customer rings, an agent's desk phone answers."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from parlons.simulator.calling import DeskPhone
from parlons.simulator.ledger import Ledger, read
from parlons.simulator.sound import Line
from parlons.simulator.telephone import Dialog, Telephone
from parlons.testing.people import Desk, Operator
from parlons.testing.processes import Running, data_folder, free_udp_port

NUMBER = "+33155500000"
CENTRE = f"""
workspace: {{default_activity: Offline, timeout_activity: Missed}}
firms: [{{name: North, languages: [fr, en]}}]
activities: [{{name: Offline}}, {{name: Available, available: true}}, {{name: Break}}, {{name: Missed}}]
queues: [{{name: Sales, voice: {{record: always, wrap_up_seconds: 0, comfort_seconds: 0}}}}]
workflows: [{{name: Door, default_queue: Sales}}]
users:
- {{email: ada@north.example, name: Ada, phone: {{username: ada, password: {{secret: ADA_PHONE}}}}, rings: [{{kind: phone}}]}}
trunks: [{{name: Loop, host: 127.0.0.1, options_seconds: 0}}]
entry_points: [{{channel: voice, address: "{NUMBER}", firm: North, workflow: Door, task_channel: voice, language: fr}}]
"""


@pytest.fixture
def server() -> Iterator[tuple[Running, int]]:
    """A server of one's own and where it answers SIP."""
    port = free_udp_port()
    environ = {
        "PARLONS_SIP_PORT": str(port),
        "ADA_PHONE": "a long secret",
        "PARLONS_LOG": "info",
        "PARLONS_TTS": "none",
    }
    with data_folder() as data, Running(data, environ=environ) as running:
        yield running, port


@contextlib.asynccontextmanager
async def at_work(server: Running) -> AsyncIterator[Desk]:
    """Ada at her desk, with the centre configured."""
    async with Operator([server.url], server.operator_key()) as operator:
        await operator.apply(CENTRE)
        token = await operator.link("ada@north.example")
    async with Desk([server.url], token) as desk:
        await desk.become("Available")
        yield desk


async def call(phone: Telephone, line: Line) -> Dialog:
    """Rings the number until the call stands."""
    async with asyncio.timeout(60):
        dialog = phone.call(NUMBER, line.port)
        assert await asyncio.shield(dialog.answered) == 200
    return dialog


async def test_a_customer_rings_and_talks_to_a_desk_phone(server: tuple[Running, int], tmp_path: Path) -> None:
    running, port = server
    ledger = Ledger(tmp_path / "ledger")
    async with at_work(running) as desk:
        desk_phone = DeskPhone(("127.0.0.1", port), "ada", "a long secret", "fr", random.Random(1), ledger, 50)
        staying = asyncio.create_task(desk_phone.stay())
        customer, line = Telephone(("127.0.0.1", port), "+33612345678"), Line()
        try:
            await desk.sees(lambda: True)
            async with asyncio.timeout(60):
                while True:
                    if "ada" in (await desk.wire.call("GET", "/voice/status"))["phones"]:
                        break
                    await asyncio.sleep(0.1)
            await customer.open()
            await line.open()
            dialog = await call(customer, line)

            def talking() -> dict[str, Any] | None:
                return next((one for one in desk.screen["calls"].values() if one["state"] == "talking"), None)

            def recorded() -> bool:
                return any(one["recording"]["state"] == "on" for one in desk.screen["calls"].values())

            shown = await desk.sees(talking, why="the call on her screen")
            assert shown["from_number"] == "+33612345678"
            assert [one["kind"] for one in shown["parties"]] == ["customer", "agent"]
            # He is told first that he is recorded: only then it begins.
            await desk.sees(recorded, why="the recording")
            dialog.hang_up()
            await desk.sees(lambda: not desk.screen["calls"], why="the end of the call")
            await desk.sees(lambda: not desk.screen["tasks"], why="the end of the work")
            async with asyncio.timeout(60):
                while True:
                    kept = await desk.wire.call("GET", f"/recordings?call_id={shown['id']}")
                    if kept["items"] and kept["items"][0]["state"] == "stored":
                        break
                    await asyncio.sleep(0.2)
            link = await desk.wire.call("POST", f"/recordings/{kept['items'][0]['id']}/link", {})
            sound = await desk.wire.client.get(link["url"])
            assert sound.content[:4] == b"RIFF"
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
            customer.close()
            line.close()
            ledger.close()
    assert "call.taken" in [one["act"] for one in read(tmp_path / "ledger")]
