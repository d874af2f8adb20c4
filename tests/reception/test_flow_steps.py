"""What steps ask in a chat and on a telephone, and what of it leaves the flow."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.runtime.db import Database
from tests.conftest import StillClock
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
