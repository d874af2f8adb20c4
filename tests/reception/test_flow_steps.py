"""What steps ask in a chat and on a telephone, and what of it leaves the flow."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.conversations import commands, queries
from parlons.conversations.hiding import HIDDEN
from parlons.customers.commands import find_or_create_by_address, record_touch, update_customer
from parlons.flows.code import Coded, Contact
from parlons.flows.state import Told
from parlons.reception.flow_steps_note import note_of as note_of_told
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, furnish
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
    told = (Told("answered", "a\nb", "x\ny {label}"), Told("tried", "order", "no-answer"), Told("verified", "Identity"))
    assert (
        note_of_told(told, "en") == "Before you:\n• a b: x y {label}\n• Tried: order (no answer)\n• Verified: Identity"
    )
    assert note_of_told((), "fr") == ""


async def test_a_secret_answer_is_neither_kept_nor_told(chat: Chat) -> None:
    ask = {"do": "ask", "answer": "text", "text": "Mot de passe", "secret": True, "save": "word", "next": "agent"}
    await chat.flow({"name": "Secret", "start": "a", "steps": {"a": ask, "agent": {"do": "queue"}}})
    await chat.says("Bonjour")
    assert (await chat.says("sesame-42", key="c2")).kind == "task"
    assert (await chat.says("sesame-42", key="c2")).kind == "already"
    assert await chat.lines() == ["Bonjour", "Mot de passe", HIDDEN]
    async with chat.db.system() as tx:
        for table in ("outbox", "messages", "conversations", "notes", "commands"):
            rows = await tx.fetch_all(f"SELECT * FROM {table}")
            assert rows, table
            assert "sesame" not in str([dict(row) for row in rows]), table


async def test_a_look_up_brings_the_last_touches_along(chat: Chat) -> None:
    steps = {
        "who": {"do": "lookup_customer", "journey": 2, "next": "tell", "not_found": "tell"},
        "tell": {
            "do": "end",
            "text": "{customer.name} {customer.journey.0.kind} {customer.journey.1.kind}",
            "close": False,
        },
    }
    await chat.flow({"name": "Who", "start": "who", "steps": steps})
    async with chat.db.transaction(TENANT) as tx:
        found = await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V1", verified=True
        )
        await update_customer(tx, found.id, name="Claire Dubois")
        for number in range(3):
            await record_touch(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=found.id, kind="visited", data={"n": number}
            )
    chat.clock.advance(60_000)
    await chat.says("Bonjour")
    assert (await chat.lines())[-1] == "Claire Dubois conversation visited"


@pytest.mark.parametrize("moment", ["before-commit", "after-commit"])
async def test_a_process_killed_between_question_and_answer_asks_and_takes_it_once(
    chat: Chat, empty_database: str, moment: str
) -> None:
    steps = {"day": {**BOOKING["steps"]["day"], "next": "agent"}, "agent": {"do": "queue"}}
    await chat.flow({"name": "Day", "start": "day", "language": "fr", "steps": steps})
    await chat.says("Bonjour", key="c1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.reception.crash_flow", empty_database, moment, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(200):
        _, errors = await process.communicate()
    assert process.returncode == -9, errors.decode()
    again = await chat.says("5/11/2026", key="c2")  # the page had no answer and sends again
    assert again.kind == ("task" if moment == "before-commit" else "already")
    assert await chat.lines() == ["Bonjour", "Quel jour ?", "5/11/2026"]
    (task,) = await chat.phone.asked()
    assert task["attributes"]["day"] == "2026-11-05"
    assert await note_of(chat) == ["Avant vous :\n• day : 2026-11-05"]
