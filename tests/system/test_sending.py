"""A word is kept once: double-clicked, cut off in the middle, answered while the page was away."""

import asyncio
import json
import secrets
from urllib.parse import urlsplit

import httpx
import pytest

from parlons.simulator.wire import Refused
from parlons.testing.people import Desk, Visitor
from tests.system.conftest import Centre


async def chat(ada: Desk, visitor: Visitor, text: str) -> str:
    """A conversation between the two; its id."""
    await visitor.write(text)
    offer = await ada.offered()
    await ada.accept(offer["id"])
    conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
    await visitor.told("joined")
    return str(conversation["id"])


def shown(visitor: Visitor, text: str) -> int:
    return [message["text"] for message in visitor.messages.values()].count(text)


async def test_a_chat_reaches_an_agent_and_comes_back(centre: Centre) -> None:
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour, la Vela est-elle disponible ?")
        await ada.answer(conversation_id, "Bonjour ! Oui.")
        await visitor.hears("Bonjour ! Oui.", kind="agent")
        await ada.close_chat(conversation_id)


async def test_a_double_click_sends_once(centre: Centre) -> None:
    async with centre.visitor() as visitor:
        client_id = secrets.token_hex(12)
        answers = await asyncio.gather(*(visitor.write("Une seule fois", client_id=client_id) for _ in range(4)))
        assert len({answer["id"] for answer in answers}) == 1
        await visitor.hears("Une seule fois")
        assert shown(visitor, "Une seule fois") == 1


async def test_an_agents_double_click_sends_once(centre: Centre) -> None:
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        client_id = secrets.token_hex(12)
        await asyncio.gather(*(ada.answer(conversation_id, "Tout de suite", client_id=client_id) for _ in range(4)))
        await ada.answer(conversation_id, "Voilà")
        await visitor.hears("Voilà")
        assert shown(visitor, "Tout de suite") == 1
        await ada.close_chat(conversation_id)


async def test_a_connection_cut_in_the_middle_of_a_reply(centre: Centre) -> None:
    """Half a request is nothing. A request whose answer was lost is sent again by the page and kept once."""
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        half, whole = secrets.token_hex(12), secrets.token_hex(12)
        await cut_off(ada, conversation_id, "Coupé au milieu", half, share=0.6)
        await cut_off(ada, conversation_id, "Réponse perdue", whole, share=1)
        await ada.answer(conversation_id, "Réponse perdue", client_id=whole)
        await ada.answer(conversation_id, "Et voilà")
        await visitor.hears("Et voilà")
        assert (shown(visitor, "Coupé au milieu"), shown(visitor, "Réponse perdue")) == (0, 1)
        await ada.close_chat(conversation_id)


async def cut_off(desk: Desk, conversation_id: str, text: str, client_id: str, *, share: float) -> None:
    """Posts a message and hangs up before the answer, after this share of the request."""
    message = {"text": text, "attachment_ids": [], "client_id": client_id}
    # Byte for byte what the page sends again: another body under the same key would be another wish.
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    where = urlsplit(f"{desk.wire.url}/conversations/{conversation_id}/messages")
    cookie = "; ".join(f"{one.name}={one.value}" for one in desk.wire.client.cookies.jar)
    head = (
        f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\nX-Parlons: 1\r\n"
        f"Idempotency-Key: {client_id}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    whole = head + body
    writer.write(whole[: int(len(head) + len(body) * share)])
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_a_page_that_lost_its_socket_misses_nothing(centre: Centre) -> None:
    """The socket drops while the agent writes: what was said meanwhile is there once when the page is back."""
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        conversation_id = await chat(ada, visitor, "Bonjour")
        await visitor.drop()
        await ada.answer(conversation_id, "Pendant votre absence")
        await visitor.come_back()
        await visitor.hears("Pendant votre absence", kind="agent")
        assert shown(visitor, "Pendant votre absence") == 1
        await ada.close_chat(conversation_id)


async def test_an_over_long_message_is_refused_with_its_limit(centre: Centre) -> None:
    async with centre.visitor() as visitor:
        answer = await visitor.post("x" * 20_000)
        assert answer.status_code in (413, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["details"]["limit"] < 20_000
        assert "too long" in answer.json()["detail"]
        await visitor.write("court")
        await visitor.hears("court")


async def test_a_forbidden_file_is_refused(centre: Centre) -> None:
    async with centre.visitor() as visitor, httpx.AsyncClient() as client:
        files = {"file": ("photo.png", b"MZ\x90\x00 not a picture", "image/png")}
        answer = await client.post(f"{visitor.wire.url}/files", files=files, headers=visitor.wire.client.headers)
        assert answer.status_code in (415, 422)
        assert answer.json()["detail"]


async def test_a_word_of_nobody_is_refused(centre: Centre) -> None:
    async with centre.visitor() as visitor:
        visitor.wire.client.headers["Authorization"] = "Bearer nobody"
        with pytest.raises(Refused) as refused:
            await visitor.write("Bonjour")
        assert refused.value.status == 401
