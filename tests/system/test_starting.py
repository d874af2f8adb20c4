"""Starting and ending: a taken port, a first and a second server, SIGTERM, kill -9, a second start on the same folder."""

import httpx

from parlons.testing.people import Desk
from parlons.testing.processes import READY, Running
from tests.system.conftest import Centre, configured


def test_a_taken_port_is_said_with_the_remedy(alone: Centre) -> None:
    second = Running(alone.data, port=alone.server.port)
    second.begin()
    line = second.wait_for("cannot start")
    assert second.wait() == 1
    assert f"Port {alone.server.port}" in line
    assert "--port" in line
    assert httpx.get(f"{alone.server.url}/health/ready").status_code == 200


async def test_sigterm_puts_the_work_away(alone: Centre) -> None:
    """A screen is told, what was accepted is there after the next start, and the database has stopped with the last server."""
    await configured(alone)
    async with alone.visitor() as visitor:
        kept = await visitor.write("Gardez ceci")
        assert alone.server.end() == 0
        assert any("put away" in line for line in alone.server.said)
        assert alone.postgres.pid is None
        alone.server.start()
        await visitor.hears("Gardez ceci")
        assert list(visitor.messages) == [kept["id"]]
        async with alone.at_work("ada") as ada:
            await ada.offered()


async def test_a_second_server_stands_by_and_takes_over(alone: Centre) -> None:
    """kill -9 of the first: screens move to the second, the chat goes on where it was."""
    await configured(alone)
    with Running(alone.data) as second:
        urls = [alone.server.url, second.url]
        async with Desk(urls, await alone.token("ada")) as ada, alone.visitor(urls=urls) as visitor:
            await ada.become("Available")
            await visitor.write("Bonjour")
            offer = await ada.offered()
            await ada.accept(offer["id"])
            conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
            alone.server.kill()
            await visitor.write("Vous êtes là ?")
            await ada.answer(conversation["id"], "Toujours là")
            await visitor.hears("Toujours là", kind="agent")
            await visitor.write("Merci")
            await visitor.hears("Merci")
            await ada.close_chat(conversation["id"])
            assert [
                message["text"] for message in visitor.messages.values() if message["author"]["kind"] == "customer"
            ] == [
                "Bonjour",
                "Vous êtes là ?",
                "Merci",
            ]


async def test_after_kill_9_the_next_start_goes_on(alone: Centre) -> None:
    await configured(alone)
    async with alone.visitor() as visitor:
        await visitor.write("Avant")
        alone.server.kill()
        alone.server.start()
        await visitor.write("Après")
        await visitor.hears("Après")
        async with alone.at_work("ada") as ada:
            offer = await ada.offered()
            task = ada.screen["tasks"][offer["task_id"]]
            full = await ada.wire.call("GET", f"/tasks/{task['id']}")
            assert full["status"] == "reserved"
        assert [message["text"] for message in visitor.messages.values()] == ["Avant", "Après"]
    assert any(READY in line for line in alone.server.said)
