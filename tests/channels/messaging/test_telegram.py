"""Telegram end to end: what people write to a bot becomes routed conversations, and what agents answer arrives."""

from typing import Any

import httpx
import pytest

from parlons.channels.model import Account
from parlons.conversations import deliveries
from parlons.simulator.providers.telegram import BotApi, Person, too_many
from parlons.simulator.providers.wire import Trouble
from tests.channels.messaging.house import House

CLAIRE, HUGO = Person(4711, "Claire", "Rousseau"), Person(4712, "Hugo", language_code="en")
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 1_200_000
Bots = tuple[BotApi, str]


async def bot(house: House, bots: Bots, receive: str = "polling") -> Account:
    """A bot of the house; by webhook as soon as its service knows where to call."""
    service, url = bots
    account = await house.account(
        "telegram", "DelmasBot", {"receive": receive, "api_url": url}, {"token": service.bot()}
    )
    if receive == "webhook":
        assert (await service.called("setWebhook"))["url"] == house.hook(account)
    return account


@pytest.mark.parametrize("receive", ["polling", "webhook"])
async def test_a_conversation_with_files_and_accents_both_ways(house: House, bots: Bots, receive: str) -> None:
    service = bots[0]
    await bot(house, bots, receive)
    await service.says(CLAIRE, "Bonjour, la Solène 5 est-elle là ? 🚗")
    first = await house.said("Bonjour, la Solène 5 est-elle là ? 🚗")
    await house.takes(first["conversation_id"])
    (found,) = await house.rows("SELECT * FROM conversations")
    assert (found["channel"], found["language"]) == ("telegram", "fr")
    (address,) = await house.rows("SELECT * FROM addresses")
    assert (address["kind"], address["value"], address["verified"]) == ("external", "telegram:4711", True)
    (customer,) = await house.rows("SELECT * FROM customers")
    assert customer["name"] == "Claire Rousseau"

    answer = await house.answers(
        found["id"], "Oui ! Voici le devis : 8 200 €", ("Devis été.pdf", "application/pdf", b"%PDF-1.7 x")
    )
    (heard,) = await service.hears(CLAIRE)
    assert (heard["caption"], heard["document"]["file_name"]) == ("Oui ! Voici le devis : 8 200 €", "Devis été.pdf")
    assert (await house.came_to(answer, "sent"))["parts"] == 1

    await service.sends(CLAIRE, "photo", "vela.jpg", "image/jpeg", JPEG, caption="Ma Vela à reprendre")
    photo = await house.said("Ma Vela à reprendre")
    assert photo["conversation_id"] == found["id"], "the same matter, the same agent"
    attachment, body = await house.attachment(photo["id"])
    assert (attachment["content_type"], body) == ("image/jpeg", JPEG)
    await service.sends(CLAIRE, "voice", "voice.oga", "audio/ogg", b"OggS" + b"\x00" * 900, caption="Écoutez")
    voice, body = await house.attachment((await house.said("Écoutez"))["id"])
    assert (voice["name"], voice["content_type"], len(body)) == ("voice.ogg", "audio/ogg", 904)
    assert len(await house.rows("SELECT 1 FROM tasks")) == 1


async def test_the_same_update_twice_is_one_message_and_two_people_are_two_matters(house: House, bots: Bots) -> None:
    service = bots[0]
    await bot(house, bots, "webhook")
    message = await service.says(CLAIRE, "Une fois")
    service.again({"update_id": 731_000_001, "message": message})
    await service.says(HUGO, "Two")
    await service.caller.quiet()
    rows = await house.rows("SELECT text, conversation_id FROM messages ORDER BY text")
    assert [row["text"] for row in rows] == ["Two", "Une fois"]
    assert len({row["conversation_id"] for row in rows}) == 2


async def test_a_call_without_the_secret_is_refused_and_leaves_nothing(house: House, bots: Bots) -> None:
    account = await bot(house, bots, "webhook")
    update = {
        "update_id": 1,
        "message": {"message_id": 1, "from": CLAIRE.user, "chat": CLAIRE.chat, "date": 1, "text": "x"},
    }
    async with httpx.AsyncClient() as client:
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
            answer = await client.post(house.hook(account), json=update, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not-from-provider")
    assert await house.rows("SELECT 1 FROM messages") == []


async def test_buttons_edits_and_opening_the_chat(house: House, bots: Bots) -> None:
    service = bots[0]
    await bot(house, bots)
    await service.says(CLAIRE, "/start")
    asked = await service.says(CLAIRE, "La Vella ?")
    first = await house.said("La Vella ?")
    assert first["number"] == 1, "opening the chat is nothing yet"
    await house.takes(first["conversation_id"])
    await service.edits(CLAIRE, asked, "La Vela ?")
    edit = await house.said("La Vela ?")
    assert (edit["content"]["kind"], edit["conversation_id"]) == ("edit", first["conversation_id"])
    buttons = [{"label": "Oui", "payload": "sat:yes"}, {"label": "Non", "payload": "sat:no"}]
    await house.answers(first["conversation_id"], "Un essai samedi ?", buttons=buttons)
    (heard,) = await service.hears(CLAIRE)
    await service.presses(CLAIRE, heard, "sat:yes")
    pressed = await house.said("Oui")
    assert pressed["content"]["button"] == "sat:yes"
    await service.called("answerCallbackQuery")


async def _talking(house: House, bots: Bots) -> tuple[BotApi, str]:
    """Claire talks with Sofia; the conversation's id."""
    await bot(house, bots)
    await bots[0].says(CLAIRE, "Bonjour")
    found = str((await house.said("Bonjour"))["conversation_id"])
    await house.takes(found)
    return bots[0], found


async def test_what_the_service_refuses_for_now_is_sent_later_and_in_order(house: House, bots: Bots) -> None:
    service, conversation_id = await _talking(house, bots)
    service.troubles += [too_many(1), Trouble(503, headers={"retry-after": "1"})]
    first = await house.answers(conversation_id, "Un")
    second = await house.answers(conversation_id, "Deux")
    await house.came_to(first, "sent")
    await house.came_to(second, "sent")
    assert [each["text"] for each in service.heard(CLAIRE)] == ["Un", "Deux"]


async def test_what_may_have_left_waits_for_a_person(house: House, bots: Bots) -> None:
    service, conversation_id = await _talking(house, bots)
    service.troubles.append(Trouble(502, carried_out=True))
    doubtful = await house.answers(conversation_id, "Est-ce parti ?")
    told = await house.came_to(doubtful, "unsure")
    assert told["code"] == "provider-failed"
    assert len(service.heard(CLAIRE)) == 1, "nothing goes twice by itself"
    async with house.db.transaction(house.home.tenant_id) as tx:
        await deliveries.again(tx, conversation_id, doubtful.id)
    await house.came_to(doubtful, "sent")
    assert len(service.heard(CLAIRE)) == 2


async def test_who_blocked_the_bot_is_told_to_the_agent(house: House, bots: Bots) -> None:
    service, conversation_id = await _talking(house, bots)
    await service.blocks(CLAIRE)
    told = await house.came_to(await house.answers(conversation_id, "Toujours là ?"), "failed")
    assert (told["code"], told["reason"]) == ("blocked-by-customer", "Forbidden: bot was blocked by the user")


async def test_a_revoked_token_is_said_of_the_account_and_of_the_message(house: House, bots: Bots) -> None:
    service, conversation_id = await _talking(house, bots)
    account = (await house.post.accounts.all())[0]
    service.revoke()
    told = await house.came_to(await house.answers(conversation_id, "Perdu ?"), "failed")
    assert told["code"] == "token-refused"

    def problem(_: Any) -> bool:
        standing = house.post.owner.standing.get(account.id)
        return standing is not None and standing.problem == "token-refused"

    await house.row("SELECT 1 AS one", problem)
