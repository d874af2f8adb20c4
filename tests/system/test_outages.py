"""The ground gives way under a chat: PostgreSQL stopped and killed, kill -9 between message and task, a full disk, a clock set.

Each time the person is told plainly, and what was accepted is there once.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parlons.testing.people import Visitor
from parlons.testing.processes import data_folder
from tests.chaos.reading import connected
from tests.chaos.scene import fill, free, small_disk
from tests.system.conftest import Centre, centre_on, configured
from tests.system.test_sending import chat, shown


async def test_postgresql_stopped_with_a_chat_in_progress(alone: Centre) -> None:
    await configured(alone)
    async with alone.at_work("ada") as ada, alone.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        client_id = secrets.token_hex(12)
        with alone.postgres.held_down():
            answer = await visitor.post("Pendant la panne", client_id=client_id)
            assert answer.status_code == 503
            assert answer.json()["code"] in ("database-unavailable", "not-the-owner", "no-owner")
            assert "again" in answer.json()["detail"]
            assert answer.headers["retry-after"]
            ready = await visitor.wire.client.get(f"{alone.server.url}/health/ready")
            assert ready.status_code == 503
            assert (await visitor.wire.client.get(f"{alone.server.url}/health/live")).status_code == 200
        await visitor.write("Pendant la panne", client_id=client_id)
        await ada.answer(conversation_id, "De retour")
        await visitor.hears("De retour", kind="agent")
        assert shown(visitor, "Pendant la panne") == 1
        await ada.close_chat(conversation_id)


async def test_postgresql_killed_with_a_chat_in_progress(alone: Centre) -> None:
    await configured(alone)
    async with alone.at_work("ada") as ada, alone.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        await asyncio.to_thread(alone.postgres.kill)
        await ada.answer(conversation_id, "Toujours là")
        await visitor.hears("Toujours là", kind="agent")
        assert shown(visitor, "Toujours là") == 1
        await ada.close_chat(conversation_id)


@pytest.mark.parametrize("pause", [0.0, 0.004, 0.01, 0.02])
async def test_kill_9_between_message_and_task(centre: Centre, pause: float) -> None:
    """Whatever the moment: the message that was acknowledged has its one task, and one sent again is not doubled."""
    client_id = secrets.token_hex(12)
    async with centre.visitor() as visitor:
        sending = asyncio.create_task(visitor.post("Ne me perdez pas", client_id=client_id))
        if pause:
            await asyncio.sleep(pause)
            centre.server.kill()
        with contextlib.suppress(httpx.HTTPError):
            await sending
        if not pause:
            centre.server.kill()
        centre.server.start()
        message = await visitor.write("Ne me perdez pas", client_id=client_id)
        await visitor.hears("Ne me perdez pas")
        async with centre.at_work("ada") as ada:
            await ada.sees(
                lambda: [o for o in ada.offers() if _of(ada.screen, o) == visitor.conversation_id], why="an offer"
            )
        async with connected(centre.postgres.dsn) as connection:
            kept = await connection.fetch("SELECT id, conversation_id FROM messages WHERE client_id = $1", client_id)
            assert [row["id"] for row in kept] == [message["id"]]
            tasks = "SELECT count(*) FROM tasks WHERE conversation_id = $1"
            assert await connection.fetchval(tasks, kept[0]["conversation_id"]) == 1


def _of(screen: dict[str, dict[str, dict[str, str]]], offer: dict[str, str]) -> str:
    return screen["tasks"][offer["task_id"]]["conversation_id"]


async def test_a_clock_that_jumps(alone: Centre) -> None:
    """An hour forward and two back with a chat in progress: it goes on, timers still fire, nothing is doubled."""
    await configured(alone)
    async with alone.at_work("ada") as ada, alone.visitor() as visitor, alone.visitor("impatient") as other:
        conversation_id = await chat(ada, visitor, "Bonjour")
        for jump in (3_600_000, -7_200_000, 3_600_000):
            alone.clock.jump(jump)
            await ada.answer(conversation_id, f"Saut de {jump}")
            await visitor.hears(f"Saut de {jump}", kind="agent")
        alone.clock.jump(-3_600_000)
        await other.write("Il y a quelqu’un ?")
        await other.told("not-served")
        assert [message["number"] for message in visitor.messages.values()] == list(range(1, len(visitor.messages) + 1))
        await ada.close_chat(conversation_id)


@pytest.fixture
def on_a_small_disk() -> Iterator[tuple[Centre, Path]]:
    """A centre whose disk can be full."""
    if os.geteuid() != 0:
        pytest.skip("needs root: mounts a small tmpfs")
    with small_disk() as disk:
        if disk is None:
            pytest.skip("a tmpfs cannot be mounted here")
        with data_folder(disk) as data, centre_on(data, data.parent / "clock") as centre:
            yield centre, disk


async def test_a_full_disk(on_a_small_disk: tuple[Centre, Path]) -> None:
    """The visitor is told that nothing was stored; once there is room the same message is kept once."""
    centre, disk = on_a_small_disk
    await configured(centre)
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        fill(disk)
        try:
            refused = await _refused(visitor)
        finally:
            free(disk)
        code, detail, client_id, text = refused
        assert code in ("disk-full", "database-unavailable", "not-the-owner", "no-owner")
        assert detail
        await visitor.write(text, client_id=client_id)
        await visitor.hears(text)
        await ada.answer(conversation_id, "De la place")
        await visitor.hears("De la place", kind="agent")
        assert shown(visitor, text) == 1
        texts = [message["text"] for message in visitor.messages.values() if message["author"]["kind"] == "customer"]
        assert len(texts) == len(set(texts))
        await ada.close_chat(conversation_id)


async def _refused(visitor: Visitor) -> tuple[str, str, str, str]:
    """Writes until one message is refused: code and words of the refusal, and the message."""
    number = 0
    while True:
        number += 1
        client_id, text = secrets.token_hex(12), f"{number} " + secrets.token_hex(1900)
        answer = await visitor.post(text, client_id=client_id)
        if answer.status_code >= 500:
            return answer.json()["code"], answer.json()["detail"], client_id, text
        if answer.status_code == 429:
            await asyncio.sleep(int(answer.headers["retry-after"]))
