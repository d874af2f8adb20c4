"""A caller in the hands of a voice bot, and back."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.runtime.db import Database
from parlons.voice.calls.script import Program
from tests.conftest import StillClock
from tests.reception.conftest import furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_chats import open_chat

FLOW: dict[str, Any] = {
    "name": "Voice bot",
    "start": "bot",
    "language": "fr",
    "steps": {
        "bot": {
            "do": "voice_bot", "text": "Un instant", "url": "wss://bot.example/{from_number}",
            "headers": {"authorization": {"secret": "BOT"}}, "parameters": {"caller": "{from_number}"},
            "save": "found", "next": "tell", "failed": "agent",
        },
        "tell": {"do": "say", "text": "Vous avez {found.points} points", "next": "agent"},
        "agent": {"do": "queue", "text": "Quelqu’un vient"},
    },
}  # fmt: skip


@pytest.fixture
async def phone(database: Database, clock: StillClock) -> AsyncIterator[Phone]:
    await furnish(database)
    phone = Phone(database, secrets={"BOT": "t0ken"})
    await phone.flow(FLOW)
    yield phone
    await phone.close()


async def with_the_bot(phone: Phone) -> None:
    await phone.rings()
    await phone.answers()


async def test_it_gives_the_caller_back_with_what_it_learnt(phone: Phone) -> None:
    await with_the_bot(phone)
    asked = phone.verbs.last()
    number = "+33612345678"
    wanted = Program("wss://bot.example/%2B33612345678", {"authorization": "t0ken"}, {"caller": number})
    assert (asked.verb, asked.data["program"]) == ("connect_program", wanted)
    given = {"data": {"points": 7}, "tell": {"Carte": "4711\x00"}, "verified": ["Son code"]}
    await phone.answers("streamed", why="done", given=json.dumps(given))
    assert phone.verbs.last().words == ("Vous avez 7 points",)
    await phone.answers()
    await phone.answers()
    assert await phone.notes() == ["Avant vous :\n• Carte : 4711\n• Vérifié : Son code"]


@pytest.mark.parametrize("given", ["", "null", "[1]", '{"data": null, "tell": 4, "verified": {}}'])
async def test_it_may_give_nothing_back(phone: Phone, given: str) -> None:
    await with_the_bot(phone)
    await phone.answers("streamed", why="done", given=given)
    assert phone.verbs.last().words == ("Vous avez  points",)


async def test_a_bot_that_breaks_off_leads_to_a_person(phone: Phone) -> None:
    await with_the_bot(phone)
    phone.fresh_process()
    await phone.script.returns("CA1")
    assert phone.verbs.asked[-1] == phone.verbs.asked[-2], "who takes over asks again, under the same key"
    await phone.answers("streamed", why="closed")
    assert phone.verbs.last().words == ("Quelqu’un vient",)
    await phone.answers()
    assert "bot" in (await phone.notes())[0]


async def test_a_secret_that_is_not_there_leads_to_a_person(phone: Phone) -> None:
    phone.secrets.clear()
    phone.fresh_process()
    await with_the_bot(phone)
    assert phone.verbs.last().words == ("Quelqu’un vient",)
    assert not phone.verbs.of("connect_program")


async def test_a_chat_has_no_sound(database: Database, clock: StillClock) -> None:
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(FLOW)
    await chat.writes("Bonjour")
    assert await chat.lines() == ["Bonjour", "Quelqu’un vient"]
    await chat.phone.close()
