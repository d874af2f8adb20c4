"""A word is kept once: double-clicked, sent by two tabs, cut off in the middle, killed between message and task."""

import asyncio
import secrets

from tests.system.conftest import Centre


async def test_a_chat_reaches_an_agent_and_comes_back(centre: Centre) -> None:
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        await visitor.write("Bonjour, la Vela est-elle disponible ?")
        offer = await ada.offered()
        await ada.accept(offer["id"])
        conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
        await visitor.told("joined")
        await ada.answer(conversation["id"], "Bonjour ! Oui.")
        await visitor.hears("Bonjour ! Oui.", kind="agent")
        await ada.wire.call("POST", f"/conversations/{conversation['id']}/close", {})


async def test_a_double_click_sends_once(centre: Centre) -> None:
    async with centre.visitor() as visitor:
        client_id = secrets.token_hex(12)
        answers = await asyncio.gather(*(visitor.write("Une seule fois", client_id=client_id) for _ in range(4)))
        assert len({answer["id"] for answer in answers}) == 1
        await visitor.hears("Une seule fois")
        assert [m["text"] for m in visitor.messages.values()].count("Une seule fois") == 1
