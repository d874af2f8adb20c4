"""The steps of a conversation on a real database: who has it, what is told to whom, what is refused, what an erasure leaves."""

from typing import Any

import pytest

from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.conversations import commands, parking, queries, rules, sidework
from parlons.conversations.erasing import erase_conversations
from parlons.conversations.model import CLOSED, OPEN, PARKED, Conversation, Disposition, DispositionSet
from parlons.conversations.rights import NotYours, Reader, UnknownConversation, check
from parlons.customers.commands import erase_customer
from parlons.customers.queries import cards
from parlons.runtime.db import Database
from parlons.runtime.events import merge
from parlons.runtime.jobs import Worker
from tests.conftest import StillClock
from tests.conversations.conftest import FIRM, QUEUE, TENANT, WORKSPACE, Chat

SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia")
DAVID = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US2", worker_id="WK2", name="David")
HEAD = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US9", name="Head")
STRANGER = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US8", firm_ids=frozenset({"FI2"}))


async def test_assigning_is_repeatable_and_bound_to_the_lead_task(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        mine = await chat.given_to_sofia(tx)
        again = await commands.assign(tx, chat.id, user_id="US1", worker_id="WK1", name="Sofia", task_id="WT1")
        late = await commands.assign(tx, chat.id, user_id="US2", worker_id="WK2", name="David", task_id="WT0")
        assert again.version == late.version == mine.version
        moved = await commands.assign(tx, chat.id, user_id="US2", worker_id="WK2", name="David", task_id="WT1")
    assert (moved.assigned_user_id, moved.previous_user_id) == ("US2", "US1")


async def test_a_step_decided_on_an_old_state_is_refused(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        version = (await chat.now(tx)).version
        await chat.says(tx, "Bonjour")
        for step in (
            commands.park(tx, chat.id, until=None, version=version),
            commands.close(tx, chat.id, by="agent", version=version),
            commands.end_contact(tx, chat.id, by="agent", version=version),
            commands.bring_back(tx, chat.id, by="agent", version=version),
            sidework.set_tags(tx, chat.id, ["x"], version=version),
        ):
            with pytest.raises(rules.ConversationChanged):
                await step


async def test_a_required_disposition_is_asked_for(chat: Chat) -> None:
    sold = DispositionSet(QUEUE, True, (Disposition("sold", {"en": "Sold", "fr": "Vendu"}),))
    async with chat.db.transaction(TENANT) as tx:
        await sidework.put_dispositions(tx, sold, firm_id=FIRM)
        await chat.given_to_sofia(tx)
        with pytest.raises(rules.DispositionRequired):
            await commands.close(tx, chat.id, by="agent")
        with pytest.raises(rules.UnknownDisposition):
            await commands.close(tx, chat.id, by="agent", disposition_id="bought")
        assert (await queries.in_full(tx, await chat.now(tx), "US1"))["dispositions"]["required"]
        closed = await commands.close(tx, chat.id, by="agent", disposition_id="sold", note=" a red one ")
        assert (closed.status, closed.disposition_id, closed.disposition_note) == (CLOSED, "sold", "a red one")
        assert await sidework.all_dispositions(tx) == [sold]
        with pytest.raises(sidework.InvalidDispositions):
            await sidework.put_dispositions(tx, DispositionSet(QUEUE, True, ()), firm_id=FIRM)
    event = next(row for row in await chat.told() if row["type"] == "conversation.closed")
    assert (event["data"]["task_id"], event["data"]["worker_id"]) == ("WT1", "WK1")


async def test_a_customer_who_leaves_needs_no_disposition(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await sidework.put_dispositions(tx, DispositionSet(QUEUE, True, (Disposition("a", {"en": "A"}),)), firm_id=FIRM)
        await commands.set_lead_task(tx, chat.id, "WT1", queue_id=QUEUE)
        assert (await commands.customer_left(tx, chat.id)).status == CLOSED
        assert (await commands.customer_left(tx, chat.id)).status == CLOSED


async def test_a_customer_who_leaves_his_agent_leaves_the_wrap_up(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        left = await commands.customer_left(tx, chat.id)
    assert (left.status, left.wrapup_since, left.assigned_user_id) == (OPEN, left.wrapup_since, "US1")
    assert left.wrapup_since is not None


async def test_parking(chat: Chat, clock: StillClock) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        with pytest.raises(rules.ParkInThePast):
            await commands.park(tx, chat.id, until=clock())
        parked = await commands.park(tx, chat.id, until=clock() + 1000)  # type: ignore[arg-type]
        assert (parked.status, parked.lead_task_id, parked.holders) == (PARKED, None, ("US1",))
        back = await commands.bring_back(tx, chat.id, by="agent", worker_id="WK2")
        assert (back.status, back.resumed_by_worker_id, back.parked_until) == (OPEN, "WK2", None)
        await commands.set_lead_task(tx, chat.id, "WT2")
        given = await commands.assign(tx, chat.id, user_id="US2", worker_id="WK2", name="David", task_id="WT2")
        assert given.resumed_by_worker_id is None


async def test_not_served_is_kept_until_somebody_cares(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await commands.set_lead_task(tx, chat.id, "WT1")
        assert (await commands.set_not_served(tx, chat.id, "expired", task_id="WT0")).not_served_reason is None
        await commands.set_not_served(tx, chat.id, "expired", task_id="WT1")
        found = await queries.listing(tx, Reader(HEAD), view="not_served")
        assert [item["not_served_reason"] for item in found.items] == ["expired"]
        assert (await commands.set_lead_task(tx, chat.id, "WT2")).not_served_reason is None


async def test_notes_tags_and_drafts(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        note = await sidework.add_note(tx, chat.id, author_user_id="US1", author_name="Sofia", text="vip")
        await sidework.add_note(tx, chat.id, author_user_id="US1", author_name="S", text="vip", note_id=note.id)
        with pytest.raises(rules.NoteTooLong):
            await sidework.add_note(tx, chat.id, author_user_id=None, author_name="", text="x" * 8001)
        assert (await sidework.set_tags(tx, chat.id, ["a", " a ", "", "b c"])).tags == ("a", "b c")
        with pytest.raises(rules.InvalidTags):
            await sidework.set_tags(tx, chat.id, ["x" * 41])
        await sidework.save_draft(tx, chat.id, user_id="US1", channel="webchat", text="Bon")
        await sidework.save_draft(tx, chat.id, user_id="US1", channel="webchat", text="Bonjour")
        await sidework.save_draft(tx, chat.id, user_id="US2", channel="webchat", text="other")
        full = await queries.in_full(tx, await chat.now(tx), "US1")
        assert [n["text"] for n in full["notes"]] == ["vip"]
        assert [d["text"] for d in full["drafts"]] == ["Bonjour"]
        await chat.answers(tx, "Bonjour Claire")
        assert (await queries.in_full(tx, await chat.now(tx), "US1"))["drafts"] == []
        assert len((await queries.in_full(tx, await chat.now(tx), "US2"))["drafts"]) == 1
    told = [row for row in await chat.told() if row["type"] == "draft.saved"]
    assert {tuple(row["audience"][1]) for row in told} <= {("US1",), ("US2",)}


@pytest.mark.parametrize(
    ("who", "queues", "act", "allowed"),
    [
        (SOFIA, frozenset[str](), "write", True),
        (DAVID, frozenset({QUEUE}), "read", True),
        (DAVID, frozenset({QUEUE}), "write", False),
        (DAVID, frozenset({QUEUE}), "fetch", False),
        (DAVID, frozenset({"WQ2"}), "read", False),
        (DAVID, None, "read", True),
        (HEAD, frozenset[str](), "write", True),
        (STRANGER, None, "read", False),
    ],
)
def test_rights(who: Principal, queues: frozenset[str] | None, act: Any, allowed: bool) -> None:
    held = Conversation(
        "CH1", WORKSPACE, FIRM, "CU1", "webchat", OPEN, 0,  # type: ignore[arg-type]
        queue_id=QUEUE, assigned_user_id="US1", assigned_worker_id="WK1",
    )  # fmt: skip
    if allowed:
        assert check(Reader(who, queues), act, held) is held
    else:
        with pytest.raises((NotYours, UnknownConversation)):
            check(Reader(who, queues), act, held)


def test_who_is_offered_a_colleagues_work_may_read_it() -> None:
    held = Conversation(
        "CH1", WORKSPACE, FIRM, "CU1", "webchat", OPEN, 0,  # type: ignore[arg-type]
        queue_id=QUEUE, assigned_user_id="US1", assigned_worker_id="WK1",
    )  # fmt: skip
    offered = Reader(DAVID, frozenset({"WQ2"}), offered=frozenset({"CH1"}))
    assert check(offered, "read", held) is held
    with pytest.raises(NotYours):
        check(offered, "write", held)


async def test_lists_show_what_their_reader_may_see(chat: Chat, database: Database, clock: StillClock) -> None:
    async with database.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        await chat.says(tx, "une Clio rouge")
        others = []
        for _ in range(3):
            clock.advance(1000)
            opened = await commands.open_conversation(
                tx, workspace_id=WORKSPACE, firm_id="FI2", customer_id=chat.customer_id, channel="webchat"
            )
            others.append(opened.id)
    async with database.transaction(TENANT) as tx:
        mine = await queries.listing(tx, Reader(SOFIA), view="mine")
        assert [item["id"] for item in mine.items] == [chat.id]
        assert mine.items[0]["last_message"]["text"] == "une Clio rouge"
        assert mine.items[0]["customer"]["name"] == "Claire Dubois"
        assert len((await queries.listing(tx, Reader(STRANGER), view="open")).items) == 3
        assert len((await queries.listing(tx, Reader(HEAD), view="open", text="clio")).items) == 1
        assert len((await queries.listing(tx, Reader(HEAD), view="open", text="dubois")).items) == 4
        assert len((await queries.listing(tx, Reader(DAVID, frozenset({"WQ2"})), view="open")).items) == 3
        assert len((await queries.listing(tx, Reader(HEAD), view=f"customer:{chat.customer_id}")).items) == 4
        first = await queries.listing(tx, Reader(HEAD), view="open", limit=3)
        rest = await queries.listing(tx, Reader(HEAD), view="open", limit=3, cursor=first.next)
        assert rest.next is None
        assert {item["id"] for item in first.items + rest.items} == {chat.id, *others}
        assert len(first.items + rest.items) == 4
        for wrong in ("nobody", "queue:"):
            with pytest.raises(queries.UnknownView):
                await queries.listing(tx, Reader(HEAD), view=wrong)


async def test_a_page_nobody_left_is_not_shown_for_ever(chat: Chat, clock: StillClock) -> None:
    async def look(url: str) -> None:
        async with chat.db.transaction(TENANT) as tx:
            await commands.page_seen(
                tx,
                workspace_id=WORKSPACE,
                firm_id=FIRM,
                customer_id=chat.customer_id,
                visitor_id="V1",
                url=url,
                title="",
            )

    async def looks_at() -> str | None:
        async with chat.db.transaction(TENANT) as tx:
            card = (await cards(tx, [chat.customer_id]))[chat.customer_id]
        return card.lives_on["url"] if card.lives_on else None

    worker = Worker(chat.db, parking.handlers())
    await look("/a")
    await look("/b")
    clock.advance(2 * commands.STALE_AFTER - 1000)
    await look("/c")
    clock.advance(2000)
    assert await worker.run_due() == 1
    assert await looks_at() == "/c"
    clock.advance(2 * commands.STALE_AFTER)
    assert await worker.run_due() == 1
    assert await looks_at() is None


async def test_another_tenant_sees_and_changes_nothing(chat: Chat) -> None:
    async with chat.db.transaction("AC2") as tx:
        assert await queries.conversation(tx, chat.id) is None
        with pytest.raises(UnknownConversation):
            await chat.says(tx, "hello")


async def test_events_fold_to_what_a_fresh_screen_shows(chat: Chat, clock: StillClock) -> None:
    """Each step by step: a supervisor's and an agent's screen, fed by events, equal a snapshot taken afterwards."""
    seen, screens = 0, {"head": {"conversations": {}}, "sofia": {"conversations": {}}}

    async def same() -> None:
        nonlocal seen
        rows = await chat.told()
        for row in rows[seen:]:
            event = {"event": row["type"], "data": merge(row["data"], row["private"] or {})}
            audience = dict(zip(("firm", "users", "conversation", "supervisors"), row["audience"], strict=False))
            if audience["supervisors"]:
                screens["head"] = fold(screens["head"], event)
            if "US1" in audience["users"]:
                screens["sofia"] = fold(screens["sofia"], event)
        seen = len(rows)
        async with chat.db.transaction(TENANT) as tx:
            assert screens["head"]["conversations"] == await queries.snapshot(tx, Reader(HEAD))
            assert screens["sofia"]["conversations"] == await queries.snapshot(tx, Reader(SOFIA))

    async def step(act: Any, **values: Any) -> None:
        clock.advance(1000)
        async with chat.db.transaction(TENANT) as tx:
            await act(tx, chat.id, **values)
        await same()

    await same()
    await step(lambda tx, _: chat.says(tx, "Bonjour"))
    await step(lambda tx, _: chat.given_to_sofia(tx))
    await step(lambda tx, _: commands.page_seen(
        tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=chat.customer_id, visitor_id="V1", url="/a", title="A",
    ))  # fmt: skip
    await step(lambda tx, _: commands.left_site(tx, customer_id=chat.customer_id, visitor_id="V1"))
    await step(lambda tx, _: chat.answers(tx, "Bonjour !"))
    await step(sidework.set_tags, tags=["sale"])
    await step(commands.set_queue, queue_id="WQ2")
    await step(commands.assign, user_id="US2", worker_id="WK2", name="David", task_id="WT1")
    await step(commands.assign, user_id="US1", worker_id="WK1", name="Sofia", task_id="WT1")
    await step(commands.park, until=None)
    await step(commands.bring_back, by="agent", worker_id="WK1")
    await step(lambda tx, _: chat.given_to_sofia(tx, "WT2"))
    await step(commands.unassign)
    await step(commands.set_not_served, reason="expired", task_id="WT2")
    await step(lambda tx, _: chat.given_to_sofia(tx, "WT3"))
    await step(commands.end_contact, by="agent")
    await step(commands.close, by="agent")
    await step(lambda tx, _: chat.says(tx, "encore"))
    await step(commands.customer_left)


async def test_erasing_empties_texts_and_keeps_figures(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
        await chat.says(tx, "je m'appelle Claire Dubois")
        await chat.answers(tx, "Merci Claire Dubois")
        await sidework.add_note(tx, chat.id, author_user_id="US1", author_name="Sofia", text="Claire Dubois, vip")
        await sidework.save_draft(tx, chat.id, user_id="US1", channel="webchat", text="Chère Claire Dubois")
        await sidework.set_tags(tx, chat.id, ["Dubois"])
        await commands.close(tx, chat.id, by="agent", note="Dubois")
    for _ in range(2):
        async with chat.db.transaction(TENANT) as tx:
            assert await erase_conversations(tx, chat.customer_id) == [chat.id]
            await erase_customer(tx, chat.customer_id)
    async with chat.db.transaction(TENANT) as tx:
        left = await queries.in_full(tx, await chat.now(tx), "US1")
        assert len(left["messages"]) == 2
        assert "Dubois" not in str(left)
        for table in ("customers", "addresses", "touches", "conversations", "legs", "messages", "notes", "drafts"):
            rows = await tx.fetch_all(f"SELECT * FROM {table}")
            assert "Dubois" not in str(rows), table
    async with chat.db.system() as tx:
        assert not await tx.scalar("SELECT count(*) FROM outbox WHERE data::text LIKE '%Dubois%'")
