"""An answer by message: what counts, what does not, and that nobody is asked for because of it."""

import json

import pytest

from parlons.runtime.events import merge
from parlons.surveys import rules
from parlons.surveys.model import Words
from tests.surveys.conftest import AGENT, QUEUE, Room

HOUR = 3_600_000
CHOICE = Words({"fr": "Comment nous avez-vous trouvés ?"}, choices=({"fr": "Par un ami"}, {"fr": "Sur le site"}))


async def test_a_number_answers_and_wakes_nobody(room: Room) -> None:
    await room.survey()
    one = await room.asked()
    tasks = len(await room.desk.rows("SELECT 1 FROM commands"))
    assert await room.desk.says("4") == one.conversation_id
    kept = await room.answer(one)
    assert (kept["score"], kept["user_id"], kept["queue_id"]) == (4, AGENT, QUEUE)
    assert len(await room.desk.rows("SELECT 1 FROM commands")) == tasks
    (row,) = await room.desk.rows("SELECT status, lead_task_id, unread_count FROM conversations")
    assert (row["status"], row["lead_task_id"], row["unread_count"]) == ("closed", None, 0)
    assert (await room.desk.messages(one.conversation_id))[-1]["text"] == "Merci pour votre réponse."
    (note,) = await room.desk.rows("SELECT text FROM notes")
    assert note["text"] == "Enquête «\u00a0After\u00a0»\u00a0: 4 sur 5."
    (told,) = await room.desk.rows("SELECT data, private FROM outbox WHERE type = 'survey.answered'")
    data = merge(told["data"], told["private"] or {})
    assert (data["score"], data["conversation_id"], data["changed"]) == (4, one.conversation_id, False)


@pytest.mark.parametrize("text", ["6", "0", "44", "merci", "4 voitures", "rappelez-moi au 4", ""])
async def test_what_is_no_answer_goes_to_the_agents(room: Room, text: str) -> None:
    await room.survey()
    one = await room.asked()
    await room.desk.says(text or "?", **({"files": []} if not text else {}))
    assert (await room.answer(one))["answered_at"] is None
    (row,) = await room.desk.rows("SELECT status, lead_task_id FROM conversations")
    assert (row["status"], row["lead_task_id"] is not None) == ("open", True)


async def test_a_number_said_after_something_else_is_for_the_agents(room: Room) -> None:
    await room.survey()
    one = await room.asked()
    await room.desk.says("J’en veux d’autres")
    await room.desk.says("4")
    assert (await room.answer(one))["answered_at"] is None


async def test_it_may_be_changed_within_an_hour_and_not_after(room: Room) -> None:
    await room.survey()
    one = await room.asked()
    await room.desk.says("2/5")
    room.desk.clock.advance(HOUR - 60_000)
    await room.desk.says("5 !")
    kept = await room.answer(one)
    assert (kept["score"], kept["changed_at"] is not None) == (5, True)
    room.desk.clock.advance(2 * 60_000)
    await room.desk.says("1")
    assert (await room.answer(one))["score"] == 5
    (row,) = await room.desk.rows("SELECT lead_task_id FROM conversations")
    assert row["lead_task_id"] is not None
    thanks = await room.desk.rows("SELECT 1 FROM messages WHERE notice->>'code' = 'survey-thanks'")
    assert len(thanks) == 1


async def test_an_answer_days_later_begins_no_new_matter(room: Room) -> None:
    await room.survey()
    one = await room.asked()
    room.desk.clock.advance(3 * rules.DAY_MS)
    other = await room.desk.says("5")
    assert other != one.conversation_id
    assert (await room.answer(one))["score"] == 5
    (row,) = await room.desk.rows("SELECT status, lead_task_id FROM conversations WHERE id = :id", id=other)
    assert (row["status"], row["lead_task_id"]) == ("closed", None)


async def test_after_its_time_a_number_is_a_number(room: Room) -> None:
    await room.survey(valid_days=1)
    one = await room.asked()
    room.desk.clock.advance(rules.DAY_MS)
    await room.desk.says("5")
    assert (await room.answer(one))["answered_at"] is None


async def test_a_button_answers_its_own_question_whoever_is_at_work(room: Room) -> None:
    await room.survey("choice", CHOICE)
    room.buttons(10)
    one = await room.asked()
    await room.desk.says("J’ai une autre question")
    await room.desk.says("Sur le site", button=rules.payload(one.id, 2))
    assert (await room.answer(one))["score"] == 2
    (row,) = await room.desk.rows("SELECT status, lead_task_id FROM conversations")
    assert (row["status"], row["lead_task_id"] is not None) == ("open", True)
    (note,) = await room.desk.rows("SELECT text FROM notes")
    assert "Sur le site" in note["text"]


async def test_nobody_answers_the_question_of_another(room: Room) -> None:
    await room.survey()
    one = await room.asked()
    await room.desk.says("5", who="bob", button=rules.payload(one.id, 5))
    assert (await room.answer(one))["answered_at"] is None


async def test_the_outcome_of_the_conversation_survives_the_answer(room: Room) -> None:
    await room.survey()
    home, item = room.desk.home, {"id": "DI" + "1" * 32, "name": {"fr": "Vendu"}}
    await room.desk.rows(
        "INSERT INTO disposition_sets (tenant_id, queue_id, required, items) "
        "VALUES (:tenant, :queue, true, CAST(:items AS jsonb)) RETURNING queue_id",
        tenant=home.tenant_id, queue=QUEUE, items=json.dumps([item]),
    )  # fmt: skip
    conversation_id = await room.served()
    await room.desk.rows("UPDATE conversations SET disposition_id = :id RETURNING id", id=item["id"])
    await room.ask(conversation_id)
    await room.desk.says("3")
    (row,) = await room.desk.rows("SELECT status, disposition_id FROM conversations")
    assert (row["status"], row["disposition_id"]) == ("closed", item["id"])
