"""What steps ask in a chat and on a telephone, and what of it leaves the flow."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.conversations import commands, queries
from parlons.flows.code import Coded, Contact
from parlons.flows.state import Told
from parlons.reception.flow_steps_note import note_of as note_of_told
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import DAY, Chat, open_chat

BOOKING: dict[str, Any] = {
    "name": "Booking",
    "start": "pin",
    "language": "fr",
    "steps": {
        "pin": {"do": "ask", "answer": "digits", "text": "Votre PIN", "min_digits": 4, "max_digits": 4, "secret": True,
                "save": "pin", "next": "day", "failed": "agent"},
        "day": {"do": "ask", "answer": "date", "text": "Quel jour ?", "save": "day", "next": "sure", "failed": "agent"},
        "sure": {"do": "ask", "answer": "yes_no", "text": "C’est juste ?", "yes": "agent", "no": "day", "failed": "agent"},
        "agent": {"do": "queue"},
    },
}  # fmt: skip


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """No router: what was asked for stays on the road."""
    await furnish(database)
    found = await open_chat(database, clock)
    yield found
    await found.phone.close()


async def test_answers_three_days_later_lead_to_an_agent_without_what_is_secret(chat: Chat) -> None:
    await chat.flow(BOOKING)
    await chat.says("Bonjour")
    await chat.says("4711")
    chat.clock.advance(3 * DAY)
    await chat.says("le 5 novembre 2026")
    assert (await chat.lines())[-1] == "C’est juste ?\n1. Oui\n2. Non"
    chat.clock.advance(3 * DAY)
    assert (await chat.says("oui, c’est ça")).kind == "task"
    (task,) = await chat.phone.asked()
    assert task["attributes"]["day"] == "2026-11-05"
    assert "pin" not in task["attributes"]
    assert "4711" not in str(task)


async def test_a_day_that_does_not_exist_is_asked_for_again(chat: Chat) -> None:
    await chat.flow(BOOKING)
    for text in ("Bonjour", "4711", "31/02/2026"):
        await chat.says(text)
    assert "l’année en quatre chiffres" in (await chat.lines())[-1]


async def note_of(chat: Chat) -> list[str]:
    """What colleagues read beside the chat."""
    async with chat.db.transaction(TENANT) as tx:
        found = await queries.in_full(tx, await commands.locked(tx, chat.ids["V1"]), None)
    return [note["text"] for note in found["notes"]]


async def test_who_takes_over_reads_what_was_asked_and_nothing_that_is_secret(chat: Chat) -> None:
    await chat.flow(BOOKING)
    for text in ("Bonjour", "4711", "5/11/2026", "non", "6/11/2026", "oui"):
        await chat.says(text)
    assert await note_of(chat) == ["Avant vous :\n• pin : donné (masqué)\n• day : 2026-11-06\n• sure : Oui"]
    assert not any("Avant vous" in line for line in await chat.lines())
    assert "4711" not in str(await note_of(chat))


async def test_nothing_is_noted_where_nothing_was_asked(chat: Chat) -> None:
    await chat.flow({"name": "Straight", "start": "agent", "steps": {"agent": {"do": "queue"}}})
    assert (await chat.says("Bonjour")).kind == "task"
    assert await note_of(chat) == []


async def test_a_second_way_to_a_person_tells_only_what_is_new(chat: Chat) -> None:
    steps = {
        "what": {"do": "ask", "text": "Ventes 1", "choices": {"1": {"label": "Ventes"}}, "note": {"fr": "Demande"},
                 "next": "agent", "failed": "agent"},
        "agent": {"do": "queue", "keys": {"2": "again"}},
        "again": {"do": "queue"},
    }  # fmt: skip
    await chat.flow({"name": "Twice", "start": "what", "language": "fr", "steps": steps})
    for text in ("Bonjour", "1", "2"):
        chat.clock.advance(1_000)
        await chat.says(text)
    first, second = await note_of(chat)
    assert first == "Avant vous :\n• Demande : Ventes"
    assert second == "Avant vous :\n• Demande : Ventes\n• Essayé : agent (a quitté la file)"


async def test_a_python_flow_hands_over_too(chat: Chat) -> None:
    async def claims(contact: Contact) -> None:
        await contact.ask_number({"fr": "Combien ?"}, note="Montant")
        await contact.queue()

    chat.phone.codes = {"claims": Coded("claims", claims, "fr")}
    await chat.flow({"name": "Claims", "python": "claims"})
    for text in ("Bonjour", "12,5"):
        await chat.says(text)
    assert await note_of(chat) == ["Avant vous :\n• Montant : 12.5"]


def test_a_note_is_short_and_keeps_its_lines() -> None:
    told = (
        Told("answered", "a\nb", "x\ny {label}"),
        Told("tried", "order", "no-answer"),
        Told("verified", "+33•••78", "sms"),
    )
    assert (
        note_of_told(told, "en")
        == "Before you:\n• a b: x y {label}\n• Tried: order (no answer)\n• Verified: +33•••78 (code by SMS)"
    )
    assert note_of_told((), "fr") == ""
