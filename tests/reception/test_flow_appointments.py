"""Appointments in a flow: booked once as the contact himself, moved, cancelled; a calendar that does not answer traps nobody."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.appointments.commands import to_come
from parlons.appointments.model import Appointment, Settings
from parlons.appointments.store import settings as appointment_settings
from parlons.kit.clock import to_iso
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, furnish
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_steps import note_of
from tests.runtime.addresses import Outsider, ok, outsider

FLOW: dict[str, Any] = {
    "name": "Diary",
    "start": "what",
    "language": "fr",
    "steps": {
        "what": {
            "do": "ask",
            "text": "Oui ?",
            "choices": {"1": {"next": "book"}, "2": {"next": "move"}, "3": {"next": "cancel"}},
        },
        "book": {"do": "book", "about": "Pneus : {message}", "next": "bye", "none": "nothing", "failed": "agent"},
        "move": {"do": "book", "act": "move", "next": "bye", "none": "nothing", "failed": "agent"},
        "cancel": {"do": "book", "act": "cancel", "next": "bye", "none": "nothing", "failed": "agent"},
        "nothing": {"do": "end", "text": "Rien"},
        "agent": {"do": "queue"},
        "bye": {"do": "end", "text": "Au revoir"},
    },
}


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    found = await open_chat(database, clock)
    await found.flow(FLOW)
    yield found
    await found.phone.close()


async def takes(chat: Chat, **more: Any) -> None:
    """The firm takes appointments."""
    row = {"firm_id": FIRM, "tenant_id": TENANT, "workspace_id": WORKSPACE, "version": 1}
    async with chat.db.transaction(TENANT) as tx:
        await tx.execute(appointment_settings.insert().values(**row, settings=Settings(**more).json()))


async def says(chat: Chat, *texts: str, visitor: str = "V1") -> list[str]:
    """One after the other, each answered before the next; what was written last."""
    for text in texts:
        await chat.says(text, visitor=visitor)
        await chat.phone.jobs()
    return (await chat.lines(visitor))[-2:]


async def his(chat: Chat, visitor: str = "V1") -> list[Appointment]:
    async with chat.db.transaction(TENANT) as tx:
        rows = await tx.fetch_all("SELECT customer_id FROM conversations WHERE id = :id", {"id": chat.ids[visitor]})
        return await to_come(tx, rows[0]["customer_id"])


async def test_booked_moved_and_cancelled_as_himself(chat: Chat) -> None:
    await takes(chat)
    offered = (await says(chat, "Bonjour", "1"))[-1]
    assert offered.startswith("Quand cela vous convient-il\u00a0?\n1. ")
    assert offered.endswith("9. d’autres horaires\n0. aucun de ceux-là")
    last = await says(chat, "2")
    (booked,) = await his(chat)
    assert (booked.made_by, booked.made_by_id, booked.about) == ("flow", "FW1", "Pneus : Bonjour")
    assert last[0].startswith("Votre rendez-vous\u00a0: ")
    assert last[1] == "Au revoir"
    assert await note_of(chat) == [], "nobody takes over"
    await says(chat, "Encore", "2", "1", "9", "1")
    (moved,) = await his(chat)
    assert (moved.id, moved.state) == (booked.id, "changed")
    assert moved.starts_at > booked.starts_at
    assert (await says(chat, "Encore", "3", "1"))[0].startswith("Votre rendez-vous est annulé")
    assert await his(chat) == []
    assert (await says(chat, "Encore", "3"))[-1] == "Rien"


async def test_the_last_place_is_one_s_and_the_other_is_offered_another(chat: Chat) -> None:
    await takes(chat)
    first = (await says(chat, "Bonjour", "1", visitor="V2"))[-1]
    assert (await says(chat, "Bonjour", "1"))[-1] == first
    await says(chat, "1", visitor="V2")
    again = (await says(chat, "1"))[-1]
    assert again.startswith("Cet horaire vient d’être pris.\nQuand")
    await says(chat, "1")
    assert (await his(chat))[0].starts_at > (await his(chat, "V2"))[0].starts_at


async def test_who_has_as_many_as_one_may_is_told_and_comes_to_a_person(chat: Chat) -> None:
    await takes(chat, most_to_come=1)
    await says(chat, "Bonjour", "1", "1")
    await says(chat, "Encore", "1", "1")
    assert "Vous avez autant de rendez-vous à venir qu’il est possible." in await chat.lines()
    assert len(await chat.phone.asked()) == 1
    assert any("too-many-appointments" in note for note in await note_of(chat))


async def test_a_firm_that_takes_none_and_one_that_has_nothing_free(chat: Chat) -> None:
    assert (await says(chat, "Bonjour", "1"))[-1] == "Rien"
    await takes(chat, lead_minutes=3 * 24 * 60, horizon_days=1)
    assert (await says(chat, "Encore", "1"))[-1] == "Rien"


@pytest.fixture
async def diary() -> AsyncIterator[Outsider]:
    """The firm's own calendar."""
    async with outsider() as found:
        yield found


async def test_its_own_calendar_tells_and_trouble_with_it_leads_to_a_person(chat: Chat, diary: Outsider) -> None:
    chat.phone.allow = ("127.0.0.0/8",)
    await takes(chat, lookup_url=diary.url("/free"))
    day = chat.clock.now + 3 * 86_400_000
    diary.answer = lambda _: ok(f'{{"slots": [{{"starts_at": "{to_iso(day)}"}}]}}'.encode())
    await says(chat, "Bonjour", "1", "1")
    assert [one.starts_at for one in await his(chat)] == [day]
    assert len(diary.requests) == 2, "asked for what is free, and whether it still is"
    diary.answer = lambda _: ok(b"", status="500 No")
    await says(chat, "Encore", "1")
    assert len(await chat.phone.asked()) == 1
