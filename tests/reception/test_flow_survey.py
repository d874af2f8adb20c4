"""A survey put by a flow: its question where the contact is, its answer with the survey's others, once, and not too often."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parlons.runtime.db import Database
from parlons.surveys.loading import put_surveys
from parlons.surveys.model import Kind, Rule, Survey, Words
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import FIRM, furnish
from tests.reception.telephone import Phone
from tests.reception.test_flow_chats import Chat, open_chat
from tests.reception.test_flow_steps import note_of

ASKS: dict[str, Any] = {
    "name": "Opinion",
    "start": "survey",
    "language": "fr",
    "steps": {
        "survey": {"do": "survey", "survey": "Avis", "next": "bye"},
        "bye": {"do": "end", "text": "Au revoir"},
    },
}
QUESTION = "Content {de nous} ?"
ASKED = "Content (de nous) ?\nRépondez par un chiffre de 1 (pas du tout satisfait) à 5 (très satisfait)."


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(ASKS)
    yield chat
    await chat.phone.close()


async def survey(chat: Chat, kind: Kind = "csat", *, firm_id: str = FIRM, **rule: Any) -> None:
    """The firm's."""
    async with chat.db.transaction(TENANT) as tx:
        await put_surveys(tx, [Survey("SU1", WORKSPACE, firm_id, "Avis", kind, Words({"fr": QUESTION}), Rule(**rule))])


async def answers(chat: Chat) -> list[tuple[int | None, str, str]]:
    """What was answered, in words, and where."""
    async with chat.db.system() as tx:
        rows = await tx.fetch_all(
            "SELECT score, comment, channel FROM survey_invitations WHERE answered_at IS NOT NULL"
        )
    return [(row["score"], row["comment"], row["channel"]) for row in rows]


async def test_a_chat_is_asked_answers_and_is_thanked(chat: Chat) -> None:
    await survey(chat)
    await chat.says("Bonjour")
    assert (await chat.lines())[-1] == ASKED
    await chat.says("6")
    chat.clock.advance(3 * 86_400_000)
    await chat.says("4", key="c4")
    assert (await chat.lines())[-2:] == ["Merci pour votre réponse.", "Au revoir"]
    assert await answers(chat) == [(4, "", "webchat")]
    assert any("Avis" in note and "4 sur 5" in note for note in await note_of(chat))


async def test_who_was_asked_lately_or_is_not_in_its_share_goes_on(chat: Chat) -> None:
    await survey(chat)
    for text in ("Bonjour", "5"):
        await chat.says(text)
    await chat.says("Encore moi")
    assert (await chat.lines())[-1] == "Au revoir"
    await survey(chat, share_percent=0)
    await chat.says("Bonjour", visitor="V2")
    assert (await chat.lines("V2")) == ["Bonjour", "Au revoir"]
    await survey(chat, active=False)
    await chat.says("Bonjour", visitor="V3")
    assert (await chat.lines("V3")) == ["Bonjour", "Au revoir"]


async def test_words_are_taken_in_writing_and_left_out_on_the_telephone(chat: Chat) -> None:
    await survey(chat, "text")
    for text in ("Bonjour", "Très bien, merci"):
        await chat.says(text)
    assert await answers(chat) == [(None, "Très bien, merci", "webchat")]
    await chat.phone.flow(ASKS)
    await chat.phone.rings()
    assert chat.phone.verbs.heard() == ["Au revoir"]


async def test_a_caller_answers_by_a_key(chat: Chat) -> None:
    await survey(chat, "nps")
    phone: Phone = chat.phone
    phone.fresh_process()
    await phone.flow(ASKS)
    await phone.rings()
    assert phone.verbs.last().data["max_digits"] == 2
    await phone.answers("digits", digits="10")
    await phone.answers()
    assert phone.verbs.heard()[-2:] == ["Merci pour votre réponse.", "Au revoir"]
    assert await answers(chat) == [(10, "", "voice")]


async def test_a_survey_of_another_firm_is_not_put(chat: Chat) -> None:
    await survey(chat, firm_id="FI" + "2" * 32)
    await chat.says("Bonjour")
    assert await chat.lines() == ["Bonjour", "Au revoir"]
