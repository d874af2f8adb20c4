"""Contacts through a real router and back: who has a conversation, what the visitor is told, what a task's end leads to."""

from parlons.conversations import commands, queries
from parlons.conversations.commands import bring_back, close, end_contact, park
from parlons.customers.commands import erase_customer, update_customer
from parlons.dispatch.dispatch import submit
from parlons.reception import notices, outcomes
from parlons.routing import commands as c
from parlons.routing.configuration import Target
from tests.dispatch import floor
from tests.dispatch.floor import SALES, TENANT, WORKSPACE
from tests.reception.conftest import Front, reading


async def test_a_message_reaches_an_agent_and_the_visitor_is_told(front: Front) -> None:
    decision = await front.writes()
    assert decision.kind == "task"
    held = await front.accepted()
    assert (held.assigned_user_id, held.assigned_name, held.queue_id) == ("US1", "Sofia", SALES)
    assert held.lead_task_id == decision.task_id
    await front.read_to_the_end()
    assert await front.lines() == ["Bonjour", "Sofia vous répond."]
    again = await front.writes("Vous êtes là ?")
    assert (again.kind, again.task_id) == ("already", decision.task_id)


async def test_the_same_contact_again_asks_for_nobody_twice(front: Front) -> None:
    first = await front.writes(key="c1")
    again = await front.writes(key="c1")
    assert (again.kind, again.task_id) == ("already", first.task_id)
    await front.accepted()
    await front.act(close, by="agent")
    await front.task(first.task_id, "completed")
    late = await front.writes(key="c1")
    assert (late.kind, late.task_id, (await front.now()).status) == ("already", None, "closed")


async def test_a_transfer_changes_hands_and_tells_once(front: Front) -> None:
    await front.writes()
    held = await front.accepted()
    await front.dispatch.send(WORKSPACE, floor.worker(2, "sales"))
    async with front.db.system() as tx:
        mine = await tx.scalar("SELECT id FROM reservations WHERE status = 'accepted'")
    target = Target(kind="worker", id=floor.worker_id(2))
    await front.dispatch.send(WORKSPACE, c.TransferTask(held.lead_task_id or "", target, mine))
    offer = await front.offered(held.lead_task_id)
    await front.dispatch.send(WORKSPACE, c.AcceptReservation(offer["id"]))
    moved = await front.until(lambda one: one.assigned_user_id == "US2")
    await front.read_to_the_end()
    assert moved.previous_user_id == "US1"
    assert (await front.now()).assigned_user_id == "US2"
    assert await front.lines() == ["Bonjour", "Sofia vous répond.", "David vous répond."]


async def test_an_agent_lost_for_good_gives_it_back_with_a_note(front: Front) -> None:
    await front.writes()
    held = await front.accepted()
    await front.dispatch.send(WORKSPACE, c.SetReachable(floor.worker_id(1), False))
    await front.dispatch.send(WORKSPACE, c.RequeueTask(held.lead_task_id or "", "agent-lost"))
    back = await front.until(lambda one: one.assigned_worker_id is None)
    assert (back.status, back.lead_task_id, back.previous_user_id) == ("open", held.lead_task_id, "US1")
    await front.read_to_the_end()
    assert "Vous gardez votre place" in (await front.lines())[-1]
    async with front.db.transaction(TENANT) as tx:
        (note,) = (await queries.in_full(tx, back, None))["notes"]
        assert "Sofia" in note["text"]
        (told,) = await notices.unseen(tx, "US1")
        assert (told["kind"], told["data"]) == ("conversation-returned", {"conversation_id": back.id})
        await notices.mark_seen(tx, "US1", told["id"])
        assert await notices.unseen(tx, "US1") == []


async def test_a_task_nobody_took_leaves_the_conversation_not_served(front: Front) -> None:
    await front.dispatch.send(WORKSPACE, c.RemoveWorker(floor.worker_id(1)))
    await front.writes()
    task_id = (await front.now()).lead_task_id
    await front.task(task_id, "pending")
    front.clock.advance(25 * 3600 * 1000)
    await front.dispatch.send(WORKSPACE, c.Tick())
    lost = await front.until(lambda one: one.not_served_reason is not None)
    assert (lost.status, lost.lead_task_id) == ("open", None)
    assert lost.not_served_reason in ("workflow-end", "expired")
    await front.read_to_the_end()
    assert "gardé" in (await front.lines())[-1]
    again = await front.writes("Toujours là")
    assert again.kind == "task"
    assert again.task_id != task_id
    assert (await front.now()).not_served_reason is None


async def test_closing_finishes_the_work_and_a_later_message_begins_anew_with_the_same_agent(front: Front) -> None:
    first = await front.writes()
    await front.accepted()
    await front.act(end_contact, by="agent")
    await front.task(first.task_id, "wrapping")
    await front.act(close, by="agent")
    assert (await front.task(first.task_id, "completed"))["reason"] == "closed"
    second = await front.writes("Encore une chose")
    assert second.kind == "task"
    async with front.db.system() as tx:
        private = await tx.scalar(
            "SELECT private FROM commands WHERE private_key = :id UNION ALL SELECT data FROM journal_private WHERE key = :id",
            {"id": second.task_id},
        )
    assert private is None or private["attributes"]["known_worker_id"] == floor.worker_id(1)
    assert (await front.accepted()).assigned_user_id == "US1"


async def test_a_message_during_wrap_up_completes_the_old_task(front: Front) -> None:
    first = await front.writes()
    await front.accepted()
    await front.act(end_contact, by="agent")
    await front.task(first.task_id, "wrapping")
    second = await front.writes("Ah, encore")
    assert (await front.task(first.task_id, "completed"))["reason"] == "customer-wrote-again"
    assert (await front.accepted()).lead_task_id == second.task_id


async def test_closing_before_anybody_took_it_calls_the_task_off(front: Front) -> None:
    first = await front.writes()
    await front.offered(first.task_id)
    await front.act(commands.customer_left)
    assert (await front.task(first.task_id, "canceled"))["reason"] == "closed"
    await front.read_to_the_end()
    assert (await front.now()).status == "closed"
    assert (await front.now()).not_served_reason is None


async def test_an_offer_accepted_while_the_conversation_closes_is_work_over(front: Front) -> None:
    first = await front.writes()
    offer = await front.offered(first.task_id)
    async with front.db.transaction(TENANT) as tx:
        await close(tx, front.ids["V1"], by="agent")  # not committed yet: the reader meets the accepted offer meanwhile
        await front.dispatch.send(WORKSPACE, c.AcceptReservation(offer["id"]))
    assert (await front.task(first.task_id, "completed"))["reason"] == "closed"
    await front.read_to_the_end()
    assert await front.lines() == ["Bonjour"]


async def test_parking_frees_the_agent_and_fetching_back_needs_no_offer(front: Front) -> None:
    first = await front.writes()
    await front.accepted()
    await front.act(park, until=None)
    assert (await front.task(first.task_id, "completed"))["reason"] == "parked"
    await front.act(bring_back, by="agent", worker_id=floor.worker_id(1))
    again = await front.until(lambda one: one.assigned_user_id == "US1")
    assert again.lead_task_id not in (None, first.task_id)
    await front.task(again.lead_task_id, "assigned")


async def test_time_or_customer_bring_a_parked_one_back_to_the_queue(front: Front) -> None:
    await front.writes()
    await front.accepted()
    await front.act(park, until=None)
    await front.act(bring_back, by="time")
    await front.accepted()
    await front.act(park, until=None)
    assert (await front.writes("Et alors ?")).kind == "task"
    assert (await front.accepted()).status == "open"


async def test_a_task_completed_by_itself_closes_its_conversation(front: Front) -> None:
    first = await front.writes()
    await front.accepted()
    await front.dispatch.send(WORKSPACE, c.CompleteTask(first.task_id or "", "api"))
    waiting = await front.until(lambda one: one.lead_task_id not in (first.task_id, None))
    assert waiting.status == "open"  # Claire has no answer yet
    await front.accepted()
    await front.act(end_contact, by="agent")
    await front.dispatch.send(WORKSPACE, c.CompleteTask(waiting.lead_task_id or "", "api"))
    assert (await front.until(lambda one: one.status == "closed")).assigned_user_id is None


async def test_an_erased_customer_is_told_nothing_and_his_conversations_close(front: Front) -> None:
    first = await front.writes()
    await front.offered(first.task_id)
    await front.writes("Salut", visitor="V2")
    await front.act(park, until=None, visitor="V2")
    async with front.db.transaction(TENANT) as tx:
        for visitor in ("V1", "V2"):
            await erase_customer(tx, (await commands.locked(tx, front.ids[visitor])).customer_id)
        await submit(tx, WORKSPACE, c.EraseTask(first.task_id or ""), key="erase")
    for visitor in ("V1", "V2"):
        closed = await front.until(lambda one: one.status == "closed", visitor)
        assert closed.not_served_reason is None
    assert (await front.task(first.task_id, "canceled"))["reason"] == "erased"
    await front.read_to_the_end()
    assert await front.lines() == ["Bonjour"]


async def test_a_new_name_reaches_the_lists(front: Front) -> None:
    await front.writes()
    async with front.db.transaction(TENANT) as tx:
        found = await commands.locked(tx, front.ids["V1"])
        await update_customer(tx, found.customer_id, name="Claire D.")
    await front.read_to_the_end()
    async with front.db.system() as tx:
        last = await tx.scalar("SELECT data FROM journal_private WHERE data ? 'conversation' ORDER BY seq DESC LIMIT 1")
    assert last["conversation"]["customer"]["name"] == "Claire D."


async def test_reading_the_journal_again_changes_nothing(front: Front) -> None:
    """A reader that starts at the beginning, and two that run at once: each entry takes effect once."""
    await front.writes()
    await front.accepted()
    await front.act(park, until=None)
    await front.writes("Et alors ?")
    await front.accepted()
    async with reading(front.dispatch), reading(front.dispatch):
        await front.act(close, by="agent")
        await front.read_to_the_end()
    before, lines = await front.now(), await front.lines()
    async with front.db.transaction(TENANT) as tx:
        await tx.execute("UPDATE readers SET seq = 0 WHERE name = :name", {"name": outcomes.NAME})
    async with reading(front.dispatch):
        await front.read_to_the_end()
    assert await front.now() == before
    assert await front.lines() == lines
