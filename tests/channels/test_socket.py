"""The visitor's socket on a real server: nothing lost, nothing doubled, nothing of others, places in the queue."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from parlons.conversations.sidework import set_tags
from parlons.routing.commands import UpdateTask
from tests.channels.centre import Centre, living, page


@pytest.fixture
async def centre(empty_database: str, tmp_path: Path) -> AsyncIterator[Centre]:
    """Nobody is signed in: chats wait."""
    async with living(empty_database, tmp_path / "files") as made:
        yield made


class Browser:
    """A visitor over HTTP."""

    def __init__(self, centre: Centre) -> None:
        self.client = httpx.AsyncClient(base_url=f"{centre.url}/api/v1/webchat/delmas", headers={"Origin": centre.url})
        self.token = ""

    async def __aenter__(self) -> "Browser":
        answer = await self.client.post("/visits", json={"consent": "writing", "language": "fr"})
        self.token = answer.json()["visitor_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def writes(self, text: str, client_id: str) -> dict[str, Any]:
        answer = await self.client.post("/messages", json={"client_id": client_id, "text": text, "language": "fr"})
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["message"])


async def test_a_chat_from_first_word_to_last(centre: Centre) -> None:
    async with Browser(centre) as claire, page(centre, claire.token) as here:
        first = await here.hears("welcome")
        assert first["data"] == {"conversation": None, "messages": []}
        await claire.writes("Bonjour", "c1")
        welcome = await here.hears("welcome")
        assert [message["text"] for message in welcome["data"]["messages"]] == ["Bonjour"]
        waiting = await _place(here, welcome)
        assert waiting["position"] == 1
        await centre.takes()
        await here.hears("message.added", text="Sofia a rejoint la conversation.")
        # The state comes by another reader than the line, at times before it.
        states = [each["conversation"] for each in here.heard.get("conversation.updated", ())]
        active = next((each for each in states if each["status"] == "active"), None)
        if active is None:
            active = (await here.hears("conversation.updated", status="active"))["data"]["conversation"]
        assert active["agent"] == {"name": "Sofia", "initials": "SL"}
        await centre.reads()
        assert (await here.hears("message.read"))["data"]["number"] >= 1
        await centre.says("Bonjour Claire, oui !")
        said = await here.hears("message.added", text="Bonjour Claire, oui !")
        assert said["data"]["message"]["author"] == {"kind": "agent", "name": "Sofia"}
        await centre.closes()
        await here.hears("conversation.updated", status="closed")


async def _place(here: Any, welcome: dict[str, Any]) -> dict[str, Any]:
    """The conversation once its place is known: the task reaches the router a moment after the message is kept."""
    conversation: dict[str, Any] = welcome["data"]["conversation"]
    while conversation["position"] is None:
        conversation = (await here.hears("conversation.updated"))["data"]["conversation"]
    return conversation


async def test_a_reply_sent_while_the_line_was_down_is_there_once(centre: Centre) -> None:
    async with Browser(centre) as claire:
        async with page(centre, claire.token) as here:
            await here.hears("welcome")
            await claire.writes("Bonjour", "c1")
            await here.hears("welcome")
            await centre.says("Un instant")
            await here.hears("message.added", text="Un instant")
        await centre.says("Oui, elle est là")
        await claire.writes("Vous êtes là ?", "c2")
        again = await claire.writes("Vous êtes là ?", "c2")
        async with page(centre, claire.token) as back:
            welcome = await back.hears("welcome")
            texts = [message["text"] for message in welcome["data"]["messages"]]
            assert texts == ["Bonjour", "Un instant", "Oui, elle est là", "Vous êtes là ?"]
            assert welcome["data"]["messages"][-1]["id"] == again["id"]
            await centre.says("Toujours")
            await back.hears("message.added", text="Toujours")


async def test_places_are_exact_and_never_rise(centre: Centre) -> None:
    async with Browser(centre) as first, Browser(centre) as second, page(centre, second.token) as here:
        await here.hears("welcome")
        await first.writes("Bonjour", "a")
        ahead = await centre.conversation_id()
        await second.writes("Bonjour", "b")
        mine = await _place(here, await here.hears("welcome"))
        assert mine["position"] == 2
        task = await _task(centre, mine["id"])
        await centre.send(UpdateTask(task_id=task, priority=5))
        await here.hears("conversation.updated", position=1)
        await centre.send(UpdateTask(task_id=await _task(centre, ahead), priority=9))
        unsaid = await here.hears("conversation.updated")
        assert unsaid["data"]["conversation"]["position"] is None, "it is 2 again, and was 1"
        async with page(centre, second.token) as other_tab:
            told = (await other_tab.hears("welcome"))["data"]["conversation"]["position"]
            assert told is None, "another tab or a reload tells no more"


async def _task(centre: Centre, conversation_id: str) -> str:
    async with centre.db.transaction(centre.tenant_id) as tx:
        found = await tx.scalar("SELECT lead_task_id FROM conversations WHERE id = :id", {"id": conversation_id})
    return str(found)


async def test_a_visitor_hears_nothing_of_another(centre: Centre) -> None:
    async with Browser(centre) as claire, Browser(centre) as marc:
        await claire.writes("Bonjour", "a")
        hers = await centre.conversation_id()
        await marc.writes("Bonsoir", "b")
        async with page(centre, marc.token) as here:
            await here.hears("welcome")
            await centre.says("Pour Claire", hers)
            await centre.says("Pour Marc")
            frame = await here.hears("message.added")
            while frame["data"]["message"]["author"]["kind"] == "customer":
                frame = await here.hears("message.added")
            assert frame["data"]["message"]["text"] == "Pour Marc"


async def test_an_end_without_a_word_is_told_and_nothing_of_the_staff_with_it(centre: Centre) -> None:
    async with Browser(centre) as claire, page(centre, claire.token) as here:
        await here.hears("welcome")
        await claire.writes("Bonjour", "a")
        await here.hears("welcome")
        async with centre.db.transaction(centre.tenant_id) as tx:
            await set_tags(tx, await centre.conversation_id(), ["private-tag"])
        await centre.takes()
        await here.hears("conversation.updated", status="active")
        await centre.closes()
        await here.hears("conversation.updated", status="closed")
        if "message.added" not in here.heard:  # the line comes by another reader than the state
            await here.hears("message.added")
        assert "private-tag" not in str(here.heard)
        assert "Lenoir" not in str(here.heard)


async def test_two_tabs_hear_the_same(centre: Centre) -> None:
    async with Browser(centre) as claire, page(centre, claire.token) as one, page(centre, claire.token) as two:
        await one.hears("welcome")
        await two.hears("welcome")
        await claire.writes("Bonjour", "a")
        for tab in (one, two):
            await tab.hears("welcome")
        await centre.says("Bonjour Claire")
        for tab in (one, two):
            await tab.hears("message.added", text="Bonjour Claire")


async def test_a_visit_ended_elsewhere_ends_here(centre: Centre) -> None:
    async with Browser(centre) as claire, page(centre, claire.token) as here:
        await here.hears("welcome")
        assert (await claire.client.delete("/visits")).status_code == 204
        await here.hears("revoked")
        async with page(centre, claire.token) as later:
            await later.hears("revoked")


async def test_another_site_gets_no_socket(centre: Centre) -> None:
    async with Browser(centre) as claire:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with page(centre, claire.token, origin="https://evil.example"):
                pass
        assert refused.value.response.status_code == 403


async def test_typing_reaches_the_desk_and_not_the_other_tab(centre: Centre) -> None:
    heard: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
    hub = centre.app.state.hub
    original = hub.ephemeral

    def overheard(workspace_id: str, audience: Any, event: str, data: dict[str, Any]) -> None:
        heard.put_nowait((event, {**data, "visitor": audience.visitor}))
        original(workspace_id, audience, event, data)

    hub.ephemeral = overheard
    async with Browser(centre) as claire, page(centre, claire.token) as here:
        await here.hears("welcome")
        await claire.writes("Bonjour", "a")
        await here.hears("welcome")
        await here.says({"type": "typing"})
        await here.says({"type": "register", "cursor": 1})
        await here.says({"type": "typing"})
        told = [await heard.get()]
        await centre.says("vu")
        await here.hears("message.added", text="vu")
    while not heard.empty():
        told.append(heard.get_nowait())
    assert {event for event, _ in told} == {"typing"}
    assert told[0][1]["visitor"] is False
    assert told[0][1]["who"]["kind"] == "customer"
