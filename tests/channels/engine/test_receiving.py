"""What comes in by a hook: proven first, taken once, put where it belongs, routed, and nothing lost or doubled."""

import asyncio
import base64
from typing import Any

import pytest

from parlons.conversations.commands import assign
from parlons.runtime.events import merge
from tests.channels.engine.desk import Desk

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()


async def test_a_message_becomes_a_conversation_with_a_task(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour, où est ma commande ?", attributes={"page": "/orders", "n": 3})
    (found,) = await desk.rows("SELECT * FROM conversations")
    assert (found["id"], found["channel"], found["account_id"]) == (conversation_id, "webhook", desk.account.id)
    assert (found["language"], found["lead_task_id"] is not None, found["status"]) == ("fr", True, "open")
    (leg,) = await desk.rows("SELECT * FROM legs")
    assert (leg["address"], leg["account_id"]) == ("claire", desk.account.id)
    (customer,) = await desk.rows("SELECT * FROM customers")
    assert customer["name"] == "Claire"
    (command,) = await desk.rows("SELECT body, private FROM commands")
    asked = merge(command["body"], command["private"] or {})
    assert asked["attributes"]["page"] == "/orders"
    assert asked["attributes"]["account"] == "shop"
    (message,) = await desk.messages(conversation_id)
    assert (message["author_name"], message["content"]["from"]) == ("Claire", "claire")


async def test_the_same_again_changes_nothing_however_often_and_at_once(desk: Desk) -> None:
    event = desk.words("Une fois")
    answers = await asyncio.gather(*(desk.comes(event) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {204}
    assert (await desk.comes(event, desk.words("Et une"), event)).status_code == 204
    texts = [row["text"] for row in await desk.rows("SELECT text FROM messages ORDER BY number")]
    assert texts == ["Une fois", "Et une"]
    assert len(await desk.rows("SELECT id FROM conversations")) == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"key": "another key"}, 403),
        ({"at": 1}, 403),
        ({"webhook-signature": "v1,AAAA"}, 403),
        ({"webhook-id": "another"}, 403),
        ({"webhook-timestamp": "soon"}, 403),
    ],
)
async def test_what_is_not_proven_is_refused_before_it_is_read(desk: Desk, more: dict[str, Any], status: int) -> None:
    answer = await desk.comes(desk.words(), **more)
    assert answer.status_code == status
    assert answer.json()["code"] == "not-from-provider"
    assert not await desk.rows("SELECT 1 FROM channel_received")


async def test_a_recorded_call_is_worth_nothing_later(desk: Desk) -> None:
    event, then = desk.words("Hier"), desk.clock()
    assert (await desk.comes(event)).status_code == 204
    desk.clock.advance(6 * 60_000)
    assert (await desk.comes(event, at=then)).status_code == 403


async def test_unknown_accounts_channels_and_unreadable_calls_are_told_so(desk: Desk) -> None:
    assert (await desk.client.post("/hooks/webhook/nobody")).status_code == 404
    assert (await desk.client.post("/hooks/carrier-pigeon/shop")).status_code == 404
    assert (await desk.client.post("/hooks/webchat/shop")).status_code == 404
    assert (await desk.client.get("/hooks/webhook/shop")).status_code == 403


async def test_a_second_message_goes_into_the_same_matter_and_asks_nobody_twice(desk: Desk) -> None:
    first = await desk.says("Bonjour")
    assert await desk.says("Vous êtes là ?") == first
    assert len(await desk.rows("SELECT 1 FROM commands")) == 1
    assert await desk.says("Hello", who="bob") != first


async def test_a_matter_closed_long_ago_begins_anew_and_a_fresh_one_goes_on(desk: Desk) -> None:
    first = await desk.says("Bonjour")
    await desk.rows("UPDATE conversations SET status = 'closed', closed_at = now() RETURNING id")
    await desk.rows(
        "UPDATE conversations SET closed_at = to_timestamp(:at) RETURNING id", at=(desk.clock() - 3_600_000) / 1000
    )
    assert await desk.says("Encore moi") == first
    await desk.rows(
        "UPDATE conversations SET status = 'closed', closed_at = to_timestamp(:at) RETURNING id",
        at=(desk.clock() - 25 * 3_600_000) / 1000,
    )
    assert await desk.says("Autre chose") != first


async def test_an_answer_to_ours_finds_its_conversation_even_late(desk: Desk) -> None:
    first = await desk.says("Bonjour", who="claire")
    sent = await desk.answers(first, "Votre numéro ?")
    assert await desk.post.sender.run_due() == 1
    await desk.rows(
        "UPDATE conversations SET status = 'closed', closed_at = to_timestamp(:at) RETURNING id",
        at=(desk.clock() - 5 * 24 * 3_600_000) / 1000,
    )
    key = (sent.delivery or {})["id"]
    assert await desk.says("42", who="claire", reply_to=[key]) == first


async def test_threads_of_the_provider_are_matters_of_their_own(desk: Desk) -> None:
    one, two = await desk.says("A", thread="t1"), await desk.says("B", thread="t2")
    assert one != two
    assert await desk.says("A encore", thread="t1") == one


async def test_files_are_kept_and_refused_ones_are_shown_as_such(desk: Desk) -> None:
    files = [
        {"name": "photo.png", "content_type": "image/png", "content": PNG},
        {"name": "page.html", "content_type": "text/html", "content": base64.b64encode(b"<script>").decode()},
    ]
    conversation_id = await desk.says("", files=files)
    (message,) = await desk.messages(conversation_id)
    assert [one["name"] for one in message["attachments"]] == ["photo.png"]
    assert message["content"]["files"] == [
        {"name": "page.html", "size": 8, "state": "refused", "code": "forbidden-attachment"}
    ]


async def test_what_nobody_knows_is_kept_and_shown_as_such(desk: Desk) -> None:
    event = {"type": "hologram", "id": "h1", "from": {"id": "claire"}}
    assert (await desk.comes(event, {"type": "weather", "id": "w1"})).status_code == 204
    (message,) = await desk.rows("SELECT * FROM messages")
    assert (message["text"], message["content"]["kind"]) == ("", "hologram")
    assert len(await desk.rows("SELECT 1 FROM commands")) == 1


async def test_an_automatic_answer_is_kept_and_asks_nobody(desk: Desk) -> None:
    conversation_id = await desk.says("Je suis absent", automatic=True)
    (found,) = await desk.rows("SELECT * FROM conversations")
    assert (found["id"], found["lead_task_id"]) == (conversation_id, None)
    assert not await desk.rows("SELECT 1 FROM deliveries")


async def test_without_an_entry_point_the_message_stands_among_those_not_served(desk: Desk) -> None:
    await desk.rows("DELETE FROM entry_points RETURNING id")
    await desk.says("Quelqu'un ?")
    (found,) = await desk.rows("SELECT * FROM conversations")
    assert (found["not_served_reason"], found["message_count"]) == ("no-entry-point", 1)


async def test_without_an_entry_point_who_has_the_conversation_keeps_it(desk: Desk) -> None:
    first = await desk.says("Bonjour")
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await assign(tx, first, user_id="US1", worker_id="WK1", name="Nadia")
    await desk.rows("DELETE FROM entry_points RETURNING id")
    assert await desk.says("Encore moi") == first
    (found,) = await desk.rows("SELECT * FROM conversations")
    assert (found["not_served_reason"], found["assigned_user_id"], found["unread_count"]) == (None, "US1", 2)


async def test_stop_is_obeyed_before_routing_and_start_takes_it_back(desk: Desk) -> None:
    conversation_id = await desk.says("Arrêt.")
    (found,) = await desk.rows("SELECT * FROM conversations")
    assert (found["lead_task_id"], found["status"]) == (None, "closed")
    assert not await desk.rows("SELECT 1 FROM commands")
    assert await desk.post.sender.run_due() == 1
    assert "START" in desk.there.texts[0]
    assert desk.there.got[0]["automatic"] is True
    (proof,) = await desk.rows("SELECT * FROM opt_outs")
    assert (proof["word"], proof["ended_at"], "claire" in proof["value"]) == ("arret", None, False)
    await desk.rows("UPDATE conversations SET status = 'open', closed_at = NULL RETURNING id")
    refused = await desk.answers(conversation_id, "Une promotion")
    await desk.post.sender.run_due()
    assert (await desk.delivery(refused.id))["code"] == "opted-out"
    await desk.says("START")
    (proof,) = await desk.rows("SELECT * FROM opt_outs")
    assert proof["ended_at"] is not None
    welcome = await desk.answers(conversation_id, "Bonjour")
    await desk.post.sender.run_due()
    assert (await desk.delivery(welcome.id))["state"] == "sent"


async def test_a_claimed_address_opens_no_known_history(desk: Desk) -> None:
    first = await desk.says("Je suis Claire", who="claire")
    event = desk.words("Moi aussi", who="claire") | {"from": {"id": "claire", "verified": False}}
    assert (await desk.comes(event)).status_code == 204
    rows = await desk.rows("SELECT DISTINCT customer_id, id FROM conversations")
    assert len({row["customer_id"] for row in rows}) == 2
    assert first in {row["id"] for row in rows}


async def test_one_event_that_is_refused_holds_up_no_other(desk: Desk) -> None:
    await desk.says("Bonjour", who="claire")
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await tx.execute("UPDATE customers SET erased_at = now()")
        await tx.execute("DELETE FROM addresses")
    answer = await desk.comes(desk.words("x" * 9000, who="claire"), desk.words("Et moi", who="bob"))
    assert answer.status_code == 204
    texts = [row["text"] for row in await desk.rows("SELECT text FROM messages ORDER BY at, number")]
    assert texts[-1] == "Et moi"
    assert any(len(text) == 8000 for text in texts)


async def test_who_was_known_by_an_address_alone_gets_the_name_his_service_vouches_for(desk: Desk) -> None:
    await desk.comes(desk.words("Allô") | {"from": {"id": "zoe"}})
    assert [row["name"] for row in await desk.rows("SELECT name FROM customers")] == [""]
    await desk.comes(desk.words("C’est Zoé") | {"from": {"id": "zoe", "name": "Zoé Lefèvre"}})
    await desk.comes(desk.words("Encore") | {"from": {"id": "zoe", "name": "Zizi"}})
    assert [row["name"] for row in await desk.rows("SELECT name FROM customers")] == ["Zoé Lefèvre"]
