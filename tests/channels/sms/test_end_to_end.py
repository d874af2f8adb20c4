"""From a customer's telephone to a seller and back: a real database, router and SMPP centre."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from parlons.channels.sms import coding
from parlons.channels.webchat.visits import visitor_of_token
from parlons.channels.webchat.widgets import list_widgets, put_widget
from parlons.channels.webchat.writing import Written
from parlons.channels.webchat.writing import write as webchat_write
from parlons.conversations import queries
from parlons.reception.joining import join, make_link
from parlons.reception.points import put_entry_points
from parlons.voice.calls.vault import Vault
from tests.channels.sms.centre import Centre, centre, report, write
from tests.channels.sms.shop import NUMBER, Shop, shop


@pytest.fixture
async def open_shop(empty_database: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop(empty_database, tmp_path / "files") as made:
        yield made


def smpp(smsc: Centre, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": smsc.port, "system_id": "shop", **more}


def text_of(event: Any) -> str | None:
    return coding.decode(event.short_message, event.data_coding)


async def test_a_text_is_offered_to_a_seller_and_answered(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    assert (await write(bind, "Bonjour, la Vela 3 est-elle prête ? 😀")).is_success
    conversation_id = await open_shop.said("Bonjour, la Vela 3 est-elle prête ? 😀")
    task = await open_shop.until("SELECT * FROM tasks WHERE status = 'reserved'")
    (found,) = await open_shop.rows("SELECT * FROM conversations")
    assert (found["id"], found["channel"], found["lead_task_id"]) == (conversation_id, "sms", task["id"])
    (address,) = await open_shop.rows("SELECT * FROM addresses")
    assert (address["kind"], address["value"], address["verified"]) == ("phone", "+33612345678", True)
    answer = await open_shop.answers(conversation_id, "Oui, dès 14 h. À tout à l’heure !")
    event = await smsc.next()
    assert (event.source_addr, event.destination_addr) == (NUMBER[1:], "33612345678")
    assert text_of(event) == "Oui, dès 14 h. À tout à l’heure !", (
        "À and curly quotes: as they are, for à alone has a septet"
    )
    await open_shop.stands(answer, "sent")
    await report(bind, event, "1")
    await open_shop.stands(answer, "delivered")
    assert (await write(bind, "Merci")).is_success
    assert await open_shop.said("Merci") == conversation_id
    assert len(await open_shop.rows("SELECT 1 FROM tasks")) == 1


async def test_receipts_before_the_answer_late_and_never(smsc: Centre, open_shop: Shop) -> None:
    smsc.by_hand = True
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    await write(bind, "Bonjour")
    conversation_id = await open_shop.said("Bonjour")
    early = await open_shop.answers(conversation_id, "Un")
    event = await smsc.next()
    await report(bind, event, "e1")
    event.accept("e1")
    await open_shop.stands(early, "delivered")
    undelivered = await open_shop.answers(conversation_id, "Deux")
    event = await smsc.next()
    event.accept("e2")
    await open_shop.stands(undelivered, "sent")
    await report(bind, event, "e2", "UNDELIV")
    failed = await open_shop.stands(undelivered, "failed")
    assert (failed["code"], failed["reason"]) == ("not-delivered", "UNDELIV")
    silent = await open_shop.answers(conversation_id, "Trois")
    (await smsc.next()).accept("e3")
    await open_shop.stands(silent, "sent")


async def test_a_long_answer_is_delivered_when_every_part_is(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    await write(bind, "Bonjour")
    answer = await open_shop.answers(await open_shop.said("Bonjour"), "Voici notre adresse et nos horaires. " * 8)
    sent = await open_shop.stands(answer, "sent")
    assert sent["parts"] == 2
    first, second = await smsc.next(), await smsc.next()
    await report(bind, first, "1")
    assert (await open_shop.rows("SELECT delivery->>'state' AS s FROM messages WHERE id = :id", id=answer.id))[0][
        "s"
    ] == ("sent")
    await report(bind, second, "2")
    await open_shop.stands(answer, "delivered")


async def test_what_the_carrier_refuses_is_shown_and_may_be_sent_again(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    await write(bind, "Bonjour")
    conversation_id = await open_shop.said("Bonjour")
    smsc.statuses = [0x0B]
    refused = await open_shop.answers(conversation_id, "Oui")
    assert (await open_shop.stands(refused, "failed"))["code"] == "unknown-subscriber"
    smsc.statuses = [0x58]
    slow = await open_shop.answers(conversation_id, "Bien sûr")
    assert text_of(await smsc.next()) == "Bien sûr", "too fast: tried again by itself"
    await open_shop.stands(slow, "sent")


async def test_stop_is_obeyed_and_nobody_is_asked(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    await write(bind, "STOP", data_coding=0)
    assert "START" in str(text_of(await smsc.next()))
    assert not await open_shop.rows("SELECT 1 FROM tasks")
    (proof,) = await open_shop.rows("SELECT * FROM opt_outs")
    assert (proof["kind"], proof["word"], proof["ended_at"]) == ("phone", "stop", None)
    await write(bind, "AIDE", data_coding=0)
    assert "STOP" in str(text_of(await smsc.next()))


async def test_a_text_written_while_the_centre_is_away_leaves_when_it_is_back(open_shop: Shop) -> None:
    async with centre() as first:
        await open_shop.connected(await open_shop.account(smpp(first)))
        bind = await first.bound()
        await write(bind, "Bonjour")
        conversation_id = await open_shop.said("Bonjour")
        await bind.unbind()
    waiting = await open_shop.answers(conversation_id, "Nous revenons vers vous")
    held = await open_shop.until(
        "SELECT delivery FROM messages WHERE id = :id AND delivery->>'code' = 'provider-unreachable'", id=waiting.id
    )
    assert held["delivery"]["state"] == "queued"
    async with centre(first.port) as second:
        assert text_of(await second.next()) == "Nous revenons vers vous"
        await open_shop.stands(waiting, "sent")


async def test_two_numbers_of_one_shop(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    second = await open_shop.account(smpp(smsc), key="code", address="36180")
    await open_shop.connected(second)
    await write(bind, "Solde", to="36180")
    await open_shop.said("Solde")
    (found,) = await open_shop.rows("SELECT account_id FROM conversations")
    assert found["account_id"] == second, "handed in by the other bind, it is the short code's all the same"
    answer = await open_shop.answers(await open_shop.said("Solde"), "12 €")
    event = await smsc.next()
    assert (event.source_addr, event.source_addr_ton) == ("36180", 3)
    await open_shop.stands(answer, "sent")


async def test_a_burst_is_taken_whole_and_in_order(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()

    async def writes_all(who: int) -> None:
        for n in range(12):
            assert (await write(bind, f"{n}", source=f"336{who:08d}")).is_success

    await asyncio.gather(*(writes_all(who) for who in range(5)))
    rows = await open_shop.rows("SELECT text, conversation_id FROM messages ORDER BY conversation_id, number")
    by_conversation: dict[str, list[int]] = {}
    for row in rows:
        by_conversation.setdefault(row["conversation_id"], []).append(int(row["text"]))
    assert list(by_conversation.values()) == [list(range(12))] * 5


async def test_a_link_in_a_text_leads_into_the_chat_of_the_same_conversation(smsc: Centre, open_shop: Shop) -> None:
    await open_shop.connected(await open_shop.account(smpp(smsc)))
    bind = await smsc.bound()
    await write(bind, "Puis-je vous montrer une photo ?")
    conversation_id = await open_shop.said("Puis-je vous montrer une photo ?")
    db, home, telephone = open_shop.db, open_shop.home, NoTelephone()
    async with db.transaction(home.tenant_id) as tx:
        await put_widget(tx, workspace_id=home.workspace_id, firm_id=home.firm_id, key="shop")
        await put_entry_points(tx, [open_shop.entry_point("webchat", "shop")])
        found = await queries.conversation(tx, conversation_id)
        assert found is not None
        link = await make_link(tx, telephone.vault, found, kind="chat", call_id=None, made_by="US1")
    await open_shop.answers(conversation_id, f"Ici : https://desk.example/join/{link.token}")
    said = str(text_of(await smsc.next()))
    joined = await join(db, telephone, said.rpartition("/")[2])  # type: ignore[arg-type]
    async with db.transaction(home.tenant_id) as tx:
        (widget,) = await list_widgets(tx, firm_id=home.firm_id)
        visitor = await visitor_of_token(tx, widget, joined["visitor_token"])
        await webchat_write(tx, open_shop.post.receiver.handler, widget, visitor, Written("c1", "La voici", "fr"))
    assert await open_shop.said("La voici") == conversation_id
    legs = await open_shop.rows("SELECT channel FROM legs WHERE ended_at IS NULL ORDER BY started_at")
    assert [leg["channel"] for leg in legs] == ["sms", "webchat"]
    assert len(await open_shop.rows("SELECT 1 FROM customers")) == 1


class NoTelephone:
    """What following a link into a chat needs of the telephone: its signatures."""

    vault = Vault(b"s" * 32)
