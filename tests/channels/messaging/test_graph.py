"""WhatsApp, Messenger and Instagram end to end: signed hooks become routed conversations, answers go out with their states."""

from typing import Any

import httpx
import orjson
import pytest

from parlons.channels.model import Account
from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, SIGNATURE, VERIFY_TOKEN, Graph, signature
from parlons.simulator.providers.numbers import Number, template
from parlons.simulator.providers.pages import Page
from tests.channels.messaging.house import House

KERRY, PSID = "33612345678", "6849302938475610"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 1_200_000
SECRETS = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}


async def subscribed(house: House, graph: Graph, channel: str, address: str, **settings: Any) -> Account:
    """An account whose app calls us from now on."""
    account = await house.account(channel, address, {"api_url": graph.url, **settings}, SECRETS)
    assert await graph.subscribe(house.hook(account), "guessed") is False
    assert await graph.subscribe(house.hook(account)) is True
    return account


async def test_a_number_both_ways_with_files_and_states_in_any_order(house: House, graph: Graph) -> None:
    number = Number(graph, on_time=False)
    await subscribed(house, graph, "whatsapp", number.id)
    number.says(KERRY, "Bonjour, où en est ma Vela ?", "Zoé Lefèvre")
    first = await house.said("Bonjour, où en est ma Vela ?")
    found = str(first["conversation_id"])
    await house.takes(found)
    (address,) = await house.rows("SELECT * FROM addresses")
    assert (address["kind"], address["value"]) == ("phone", "+33612345678")
    answer = await house.answers(found, "Elle arrive : 8 200 €", ("Devis été.pdf", "application/pdf", b"%PDF-1.7 x"))
    told = await house.came_to(answer, "sent")
    (heard,) = number.heard[KERRY]
    assert (heard["document"]["filename"], heard["document"]["caption"]) == ("Devis été.pdf", "Elle arrive : 8 200 €")
    number.status(heard["id"], KERRY, "read")
    assert told["state"] == "sent"
    await house.came_to(answer, "read")
    number.status(heard["id"], KERRY, "delivered")
    number.status(heard["id"], KERRY, "sent")
    number.sends(KERRY, "image", "vela.jpg", "image/jpeg", JPEG, "Ma Vela")
    photo = await house.said("Ma Vela")
    assert (await house.attachment(photo["id"]))[1] == JPEG
    assert (await house.came_to(answer, "read", "delivered", "sent"))["state"] == "read", "states only go on"
    assert photo["conversation_id"] == found


async def test_a_closed_window_is_seen_on_the_message_and_a_template_passes(house: House, graph: Graph) -> None:
    number = Number(graph, templates=[template("order_ready", "fr", "Votre {{1}} vous attend.")])
    await subscribed(house, graph, "whatsapp", number.id, business_account_id=number.business_id)
    number.says(KERRY, "Bonjour")
    found = str((await house.said("Bonjour"))["conversation_id"])
    await house.takes(found)
    number.open.clear()
    late = await house.answers(found, "Trop tard ?")
    told = await house.came_to(late, "failed")
    assert told["code"] == "window-closed"
    assert "24 hours" in told["reason"]
    chosen = {"name": "order_ready", "language": "fr", "values": ["Vela 3"]}
    sent = await house.answers(found, "Votre Vela 3 vous attend.", template=chosen)
    await house.came_to(sent, "delivered")
    (heard,) = number.heard[KERRY]
    assert heard["template"]["components"] == [{"type": "body", "parameters": [{"type": "text", "text": "Vela 3"}]}]


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
async def test_direct_messages_both_ways(house: House, graph: Graph, channel: str) -> None:
    page = Page(graph, object="page" if channel == "messenger" else "instagram")
    await subscribed(house, graph, channel, page.id)
    page.says(PSID, "Bonsoir, encore disponible ? 🚗")
    first = await house.said("Bonsoir, encore disponible ? 🚗")
    found = str(first["conversation_id"])
    await house.takes(found)
    (address,) = await house.rows("SELECT * FROM addresses")
    assert address["value"] == f"{channel}:{page.id}:{PSID}"
    answer = await house.answers(found, "Oui ! Samedi ?", buttons=[{"label": "Oui", "payload": "sat:yes"}])
    await house.came_to(answer, "delivered" if channel == "messenger" else "sent")
    (heard,) = page.heard[PSID]
    page.reads(PSID, heard["id"])
    await house.came_to(answer, "read")
    page.chooses(PSID, "Oui", "sat:yes")
    assert (await house.said("Oui"))["content"]["button"] == "sat:yes"
    page.sends(PSID, "image", "vela.jpg", "image/jpeg", JPEG)
    photo = await house.row("SELECT * FROM messages WHERE content -> 'files' IS NOT NULL")
    attachment, body = await house.attachment(photo["id"])
    assert (photo["conversation_id"], attachment["content_type"], body) == (found, "image/jpeg", JPEG)
    if channel == "messenger":
        plan = await house.answers(found, "Le plan", ("Plan é.pdf", "application/pdf", b"%PDF-1.7 y"))
        await house.came_to(plan, "delivered")
        assert [graph.files[each["file"]][0] for each in page.heard[PSID] if each["file"]] == ["Plan é.pdf"]


async def test_what_is_not_signed_is_refused_and_what_comes_again_is_known(house: House, graph: Graph) -> None:
    number = Number(graph)
    account = await subscribed(house, graph, "whatsapp", number.id)
    number.says(KERRY, "Une fois")
    await house.said("Une fois")
    body = graph.told[-1]
    unknown = orjson.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "flows"}]}]}
    )
    async with httpx.AsyncClient() as client:

        async def calls(raw: bytes, sign: str) -> int:
            answer = await client.post(house.hook(account), content=raw, headers={SIGNATURE: sign})
            return answer.status_code

        assert await calls(body, "sha256=" + "0" * 64) == 403
        assert await calls(body + b" ", signature(body)) == 403
        assert await calls(b"{", signature(b"{")) == 422
        assert await calls(unknown, signature(unknown)) == 200
        assert [await calls(body, signature(body)) for _ in range(3)] == [200] * 3
    assert [row["text"] for row in await house.rows("SELECT text FROM messages")] == ["Une fois"]


async def test_one_hook_serves_two_numbers_and_a_strange_one_is_left_out(house: House, graph: Graph) -> None:
    first, second, strange = Number(graph), Number(graph, "206540352242922"), Number(graph, "306540352242922")
    account = await subscribed(house, graph, "whatsapp", first.id)
    other = await house.account("whatsapp", second.id, {"api_url": graph.url}, SECRETS, key="second")
    strange.says(KERRY, "Pour un autre")
    first.says(KERRY, "Au premier")
    second.says("33687654321", "Au second")
    await house.said("Au second")
    rows = await house.rows(
        "SELECT m.text, c.account_id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    )
    assert {row["text"]: row["account_id"] for row in rows} == {"Au premier": account.id, "Au second": other.id}
