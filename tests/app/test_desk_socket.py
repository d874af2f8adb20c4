"""The desk's socket of a running server: whose screens get what, and that they stay true."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import websockets
from websockets.exceptions import ConnectionClosed

from parlons.runtime.hub import PING
from parlons.testing.people import COOKIE, Desk
from tests.app.conftest import Centre

Json = dict[str, Any]
PARTS = ("activities", "workers", "tasks", "reservations", "conversations")
SIGNED_OUT = 4401


def shown(screen: Json) -> Json:
    """What events keep up to date; figures of queues come by themselves, once a second."""
    return {part: screen[part] for part in PARTS}


async def is_true(desk: Desk) -> None:
    """The screen, fed by events since it was opened, becomes what a screen opened now begins with. What happens after this one
    opened may reach the screen first: then it is held against a later one."""
    async with asyncio.timeout(120):
        while True:
            async with line(desk) as socket:
                fresh = await first(socket, "snapshot")
            await desk.sees(
                lambda now=fresh: shown(desk.screen) == shown(now["data"]) or desk.seqs[-1] > now["cursor"],  # type: ignore[misc]
                why="a screen like a fresh one",
            )
            if shown(desk.screen) == shown(fresh["data"]):
                return


@contextlib.asynccontextmanager
async def line(desk: Desk) -> AsyncIterator[websockets.ClientConnection]:
    """A second screen of the same person, frame by frame."""
    proof = {"Cookie": f"{COOKIE}={desk.wire.client.cookies.get(COOKIE)}"}
    if key := desk.wire.client.headers.get("Authorization"):
        proof = {"Authorization": key}
    async with websockets.connect(f"{desk.wire.socket_url}/socket", additional_headers=proof, max_size=None) as socket:
        with contextlib.suppress(ConnectionClosed):  # who may not have it is told when he reads
            await socket.send('{"type":"register"}')
        async with alive(socket):
            yield socket


@contextlib.asynccontextmanager
async def alive(socket: websockets.ClientConnection) -> AsyncIterator[None]:
    """A screen that says it is there as often as the server asks, also while the test does something else."""

    async def says_so() -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send('{"type":"pong"}')
                await asyncio.sleep(PING)

    saying = asyncio.create_task(says_so())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


async def first(socket: websockets.ClientConnection, *kinds: str) -> Json:
    """The next frame of one of these types, or event of one of these names."""
    async with asyncio.timeout(60):
        while True:
            frame: Json = json.loads(await socket.recv())
            if frame["type"] in kinds or frame.get("event") in kinds:
                return frame


async def chat(here: Centre, agent: Desk, widget: str) -> tuple[str, str]:
    """Somebody writes in and is answered; (conversation, task)."""
    async with here.visitor(widget) as visitor:
        await visitor.write("Bonjour")
        offer = await agent.offered()
        await agent.accept(offer["id"])
        conversation_id = agent.screen["tasks"][offer["task_id"]]["conversation_id"]
        await agent.mine(conversation_id)
        await agent.answer(conversation_id, "A votre service")
        await visitor.hears("A votre service")
        return conversation_id, offer["task_id"]


async def end(agent: Desk, conversation_id: str, task_id: str) -> None:
    await agent.wire.call("POST", f"/conversations/{conversation_id}/close", {})
    await agent.sees(lambda: task_id not in agent.screen["tasks"], why="the end of the work")


async def test_each_firm_has_its_own_events_and_every_screen_stays_true(here: Centre) -> None:
    async with (
        here.at_desk("nina@north.example") as nina,
        here.at_desk("sam@south.example") as sam,
        here.at_desk("root@both.example") as root,
        here.at_desk("ada@north.example", activity="Available") as ada,
        here.at_desk("cleo@south.example", activity="Available") as cleo,
    ):
        before = (await ada.wire.call("GET", "/me"))["firms"]
        assert [firm["name"] for firm in before] == ["North"]
        north, south = await chat(here, ada, "north"), await chat(here, cleo, "south")
        for desk in (nina, sam, root, ada, cleo):
            await is_true(desk)
        for desk, other, mine in ((nina, south, north), (ada, south, north), (sam, north, south), (cleo, north, south)):
            told = json.dumps(desk.events) + json.dumps(desk.screen)
            assert mine[0] in told
            assert not [one for one in other if one in told], "another firm's conversation or task"
        assert not [event for event, data in ada.events if (data.get("task") or {}).get("worker_id") == cleo.worker_id]
        assert {north[0], south[0]} <= set(root.screen["conversations"])
        await end(ada, *north)
        await end(cleo, *south)
        for desk in (nina, sam, root, ada, cleo):
            await is_true(desk)


async def asked(socket: websockets.ClientConnection, kind: str, conversation_id: str) -> None:
    """Sends a frame and returns when it has been taken in: they are taken one after the other. No snapshot may be on its way."""
    await socket.send(json.dumps({"type": kind, "conversation_id": conversation_id}))
    await socket.send('{"type":"register"}')
    await first(socket, "snapshot")


async def messages_until(socket: websockets.ClientConnection, desk: Desk, activity: str) -> list[str]:
    """Texts that were told before the person's own change of state was."""
    await desk.become(activity)
    found = []
    while True:
        frame = await first(socket, "message.added", "worker.activity.update")
        if frame["event"] == "message.added":
            found.append(frame["data"]["message"]["text"])
        elif frame["data"]["worker"]["id"] == desk.worker_id:
            return found


async def test_a_watched_conversation_is_heard_until_it_is_not_watched_any_more(here: Centre) -> None:
    async with (
        here.at_desk("ada@north.example", activity="Available") as ada,
        here.at_desk("ben@north.example") as ben,
        here.at_desk("cleo@south.example") as cleo,
        line(ben) as his,
        line(cleo) as hers,
    ):
        for socket in (his, hers):
            await first(socket, "snapshot")
        conversation_id, task_id = await chat(here, ada, "north")
        await asked(his, "watch", conversation_id)
        await asked(hers, "watch", conversation_id)
        await ada.answer(conversation_id, "Un")
        assert await messages_until(his, ben, "Break") == ["Un"]
        assert await messages_until(hers, cleo, "Break") == [], "of another firm: not there for her"
        await asked(his, "unwatch", conversation_id)
        await ada.answer(conversation_id, "Deux")
        assert await messages_until(his, ben, "Offline") == []
        await cleo.become("Offline")
        await end(ada, conversation_id, task_id)


async def test_a_session_that_ended_ends_the_screen(here: Centre) -> None:
    async with here.at_desk("sam@south.example") as sam, line(sam) as socket:
        await first(socket, "snapshot")
        cookie = sam.wire.client.cookies.get(COOKIE)
        await sam.close()
        await sam.wire.call("DELETE", "/session")
        await first(socket, "resync")
        again = {"Cookie": f"{COOKIE}={cookie}"}
        async with websockets.connect(f"{sam.wire.socket_url}/socket", additional_headers=again) as refused:
            with contextlib.suppress(websockets.ConnectionClosed):
                await refused.recv()
            assert refused.close_code == SIGNED_OUT
        async with websockets.connect(f"{sam.wire.socket_url}/socket") as nobody:
            with contextlib.suppress(websockets.ConnectionClosed):
                await nobody.recv()
            assert nobody.close_code == SIGNED_OUT
