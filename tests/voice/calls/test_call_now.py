""" "Call me now" in a chat: the same conversation, the same agent, his capacity right, written up once."""

import asyncio

from parlons.conversations import commands as conversations
from parlons.conversations import queries as conversation_queries
from parlons.conversations.model import Conversation
from parlons.conversations.rows import read_legs
from parlons.customers.commands import find_or_create_by_address
from parlons.dispatch.dispatch import submit
from parlons.kit.ids import TASK
from parlons.routing import commands as c
from parlons.routing.configuration import Target
from parlons.runtime.journal import Entry
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.model import Call
from parlons.voice.calls.settings import QueueVoice
from parlons.voice.calls.voice import WebCaller
from tests.dispatch import floor as routed
from tests.dispatch.floor import SALES, TENANT, WORKSPACE
from tests.voice.calls.conftest import FIRM, PATIENCE, Centre, user_id

ONE = routed.worker_id(1)


async def chat(centre: Centre) -> Conversation:
    """Claire writes; her chat waits for an agent."""
    async with centre.db.transaction(TENANT) as tx:
        customer = await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V1", verified=True, name="Claire Dubois"
        )
        opened = await conversations.open_conversation(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=customer.id, channel="webchat", address="V1",
            language="fr",
        )  # fmt: skip
        task_id = tx.new_id(TASK)
        command = c.CreateTask(
            task_id, {"topic": "sales", "language": "fr"}, routed.WORKFLOW, channel="chat", firm_id=FIRM,
            conversation_id=opened.id,
        )  # fmt: skip
        await submit(tx, WORKSPACE, command, key=f"chat {opened.id}")
        return await conversations.set_lead_task(tx, opened.id, task_id)


async def now(centre: Centre, known: Conversation) -> Conversation:
    async with centre.db.transaction(TENANT) as tx:
        found = await conversation_queries.conversation(tx, known.id)
    assert found is not None
    return found


async def chats(centre: Centre) -> Conversation:
    """Claire and the first agent write."""
    known = await chat(centre)
    await centre.takes()
    async with asyncio.timeout(PATIENCE):
        while (await now(centre, known)).assigned_worker_id != ONE:  # noqa: ASYNC110  (a durable reader)
            await asyncio.sleep(0.01)
    return known


async def calls(centre: Centre, known: Conversation) -> Call:
    begun = await centre.telephone.web_call("shop", "v=0 offer", WebCaller("", None, known.id))
    return centre.controller.floor.calls[begun["call_id"]]


async def carried(centre: Centre, entry: Entry) -> None:
    """Reception has taken it in."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with centre.db.system() as tx:
                at = await tx.scalar("SELECT seq FROM readers WHERE name = 'reception'")
            if at is not None and at >= entry.seq:
                return
            await asyncio.sleep(0.01)


def load(centre: Centre, channel: str) -> int:
    found: int = centre.dispatch.state(WORKSPACE).workers[ONE].channels[channel].load
    return found


def status(centre: Centre, task_id: str | None) -> str | None:
    task = centre.dispatch.state(WORKSPACE).tasks.get(task_id or "")
    return None if task is None else str(task.status)


async def test_the_agent_of_the_chat_has_the_call_at_once(centre: Centre) -> None:
    await centre.phone()
    known = await chats(centre)
    call = await calls(centre, known)
    await centre.call("talking", call.leg_id)
    assert (call.conversation_id, call.customer_id, call.worker_id) == (known.id, known.customer_id, ONE)
    assert (call.customer_name, call.language) == ("Claire Dubois", "fr")
    assert centre.script.told == [], "no menu between"
    assert centre.engine.who_hears(call.leg_id) == {browser_leg(user_id(1))}
    assert (load(centre, "chat"), load(centre, "voice")) == (1, 1)
    assert status(centre, call.task_id) == "assigned"
    other = await centre.rings_in("+33611111111")
    await centre.known_to_router((await centre.call("waiting", other)).task_id)
    assert len(centre.dispatch.state(WORKSPACE).workers[ONE].held) == 2, "no second call is offered meanwhile"
    async with centre.db.transaction(TENANT) as tx:
        legs = await read_legs(tx, known.id)
    assert sorted((leg.channel, leg.ended_at is None) for leg in legs) == [("voice", True), ("webchat", True)]


async def test_the_end_of_the_call_leaves_the_chat_open(centre: Centre) -> None:
    await centre.phone()
    known = await chats(centre)
    call = await calls(centre, known)
    await centre.call("talking", call.leg_id)
    task_id = call.task_id
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: status(centre, task_id) is None)
    await centre.idle()
    found = await now(centre, known)
    assert (found.live, found.assigned_worker_id) == (True, ONE)
    assert status(centre, found.lead_task_id) == "assigned"
    assert (load(centre, "chat"), load(centre, "voice")) == (1, 0)
    async with centre.db.transaction(TENANT) as tx:
        legs = await read_legs(tx, known.id)
    assert [leg.channel for leg in legs if leg.ended_at is None] == ["webchat"]


async def test_it_is_written_up_once_when_the_last_of_both_ends(centre: Centre) -> None:
    await centre.phone()
    known = await chats(centre)
    call = await calls(centre, known)
    await centre.call("talking", call.leg_id)
    lead, task_id = known.lead_task_id, call.task_id
    told: list[Entry] = []
    centre.dispatch.watch(lambda _workspace, entries, _batch, _base: told.extend(entries))
    async with centre.db.transaction(TENANT) as tx:
        await conversations.end_contact(tx, known.id, by="customer")
    ended = await centre.until(lambda: [one for one in told if one.type == "conversation.wrapup"])
    await carried(centre, ended[0])
    assert status(centre, lead) == "assigned", "the call goes on"
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.until(lambda: status(centre, lead) == "wrapping")
    assert status(centre, task_id) is None
    assert (load(centre, "chat"), load(centre, "voice")) == (1, 0)


async def test_an_agent_on_the_phone_is_waited_for_and_the_caller_hears_so(centre: Centre) -> None:
    known = await chats(centre)
    await centre.configured(queue=QueueVoice(wrap_up_seconds=0))
    first = await centre.talks()
    call = await calls(centre, known)
    await centre.until(lambda: call.captions)
    assert call.state == "waiting"
    assert "déjà en ligne" in call.captions[-1]
    task = centre.dispatch.state(WORKSPACE).tasks[call.task_id or ""]
    assert task.extra is not None
    assert (task.status, task.extra.companion_of) == ("pending", known.lead_task_id)
    assert task.extra.target == Target("worker", ONE)
    centre.engine.far_hangs_up(first.leg_id)
    await centre.takes()
    await centre.call("talking", call.leg_id)
    assert call.worker_id == ONE


async def test_a_chat_that_waits_is_waited_for_with_it(centre: Centre) -> None:
    await centre.phone()
    known = await chat(centre)
    await centre.offered()
    call = await calls(centre, known)
    await centre.until(lambda: call.captions)
    assert (call.state, call.task_id) == ("waiting", None)
    await centre.takes()
    await centre.call("talking", call.leg_id)
    assert (call.worker_id, call.conversation_id) == (ONE, known.id)
    assert (load(centre, "chat"), load(centre, "voice")) == (1, 1)


async def test_who_hangs_up_while_waiting_with_his_chat_leaves_it_alone(centre: Centre) -> None:
    known = await chat(centre)
    await centre.offered()
    call = await calls(centre, known)
    await centre.call("waiting", call.leg_id)
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    await centre.takes()
    await centre.until(lambda: status(centre, known.lead_task_id) == "assigned")
    assert load(centre, "voice") == 0


async def test_without_an_agent_in_the_chat_the_line_leads_the_call(centre: Centre) -> None:
    known = await chat(centre)
    async with centre.db.transaction(TENANT) as tx:
        await conversations.close(tx, known.id, by="customer")
    call = await calls(centre, known)
    await centre.until(lambda: centre.script.told)
    assert centre.script.told[0][1].conversation_id == known.id
    assert call.companion_of is None
    assert (await centre.call("waiting", call.leg_id)).queue_id == SALES
